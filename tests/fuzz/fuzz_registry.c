/* libFuzzer target: bytes as a Secret's content, as an image, as a key and as a challenge. What is
 * read must survive a merge. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "../../src/registry/challenge.h"
#include "base/alloc.h"
#include "registry/keyring.h"
#include "registry/reference.h"
#include "registry/secret_state.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

enum { LARGEST = 1 << 24 };

static void check_merge(const char *bytes, size_t size, enum docker_config_form form)
{
    struct docker_config config;
    if (!docker_config_parse(&config, bytes, size, form, true, NULL)) {
        return;
    }
    struct registry_credential added;
    registry_credential_set(&added, "reg.example.com", "user", "pass", 4, NULL, NULL);
    struct buffer merged;
    buffer_init_secret(&merged, LARGEST);
    struct docker_config again;
    if (!docker_config_merge(&merged, bytes, size, form, &added, 1, NULL) ||
        !docker_config_parse(&again, merged.data, merged.length, form, false, NULL)) {
        abort();
    }
    if (again.count == 0 || again.count > config.count + 1) {
        abort();
    }
    docker_config_free(&again);
    docker_config_free(&config);
    buffer_free(&merged);
    registry_credential_free(&added);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    static const char *const images[] = {"nginx", "reg.example.com:5000/team/app"};
    const char *data = (const char *)bytes;
    struct registry_secret secret;
    registry_secret_read(&secret, "kubernetes.io/dockerconfigjson", data, size, true);
    registry_secret_state(&secret, images, 2);
    registry_secret_free(&secret);
    check_merge(data, size, DOCKER_CONFIG_JSON);
    check_merge(data, size, DOCKER_CONFIG_LEGACY);

    char *text = xstrndup(data, size);
    struct image_reference reference;
    if (image_reference_parse(&reference, text, NULL)) {
        keyring_key_matches("*.*", reference.name);
        image_reference_free(&reference);
    }
    keyring_key_matches(text, "reg.example.com/team/app");
    registry_check_server(text, NULL, NULL);
    struct challenge challenge = {CHALLENGE_NONE, NULL, NULL, NULL};
    challenge_parse(&challenge, text);
    challenge_free(&challenge);
    int64_t expiry = 0;
    registry_password_expiry(data, size, &expiry);
    free(text);
    return 0;
}
