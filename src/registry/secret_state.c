#include "registry/secret_state.h"

#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/language.h"
#include "registry/keyring.h"

const char *registry_secret_data_key(const char *type)
{
    if (strcmp(type, "kubernetes.io/dockerconfigjson") == 0) {
        return ".dockerconfigjson";
    }
    return strcmp(type, "kubernetes.io/dockercfg") == 0 ? ".dockercfg" : NULL;
}

void registry_secret_read(struct registry_secret *secret, const char *type, const char *bytes,
                          size_t length, bool keep_passwords)
{
    memset(secret, 0, sizeof(*secret));
    const char *key = registry_secret_data_key(type);
    if (key == NULL) {
        secret->state = REGISTRY_SECRET_WRONG_TYPE;
        secret->reason =
            xasprintf(_("its type is \"%s\"; the kubelet uses "
                        "kubernetes.io/dockerconfigjson and kubernetes.io/dockercfg only "
                        "and skips others without a word"),
                      type);
        return;
    }
    if (bytes == NULL || length == 0) {
        secret->state = REGISTRY_SECRET_MALFORMED;
        secret->reason =
            xasprintf(_("%s \"%s\", so the kubelet skips it without a word"),
                      bytes == NULL ? _("it has no key") : _("nothing stands under its key"), key);
        return;
    }
    enum docker_config_form form =
        strcmp(key, ".dockercfg") == 0 ? DOCKER_CONFIG_LEGACY : DOCKER_CONFIG_JSON;
    struct error err = ERROR_INIT;
    if (!docker_config_parse(&secret->config, bytes, length, form, keep_passwords, &err)) {
        secret->state = REGISTRY_SECRET_MALFORMED;
        secret->spoils_all = true;
        secret->unusable = docker_config_unusable_entry(bytes, length, form);
        secret->reason =
            xasprintf(_("%s: %s; every pull of a pod that names it fails"), key, err.message);
        return;
    }
    secret->state = secret->config.count == 0 ? REGISTRY_SECRET_EMPTY : REGISTRY_SECRET_OK;
}

void registry_secret_free(struct registry_secret *secret)
{
    docker_config_free(&secret->config);
    free(secret->reason);
    free(secret->unusable);
    memset(secret, 0, sizeof(*secret));
}

static bool serves_any(const struct registry_secret *secret, const char *const *images,
                       size_t image_count)
{
    struct keyring *keyring = keyring_new();
    keyring_add(keyring, &secret->config, 0);
    bool served = image_count == 0;
    for (size_t i = 0; i < image_count && !served; i++) {
        struct keyring_candidate *candidates = NULL;
        size_t count = 0;
        keyring_lookup_image(keyring, images[i], &candidates, &count, NULL);
        served = count > 0;
        free(candidates);
    }
    keyring_free(keyring);
    return served;
}

enum registry_secret_state registry_secret_state(const struct registry_secret *secret,
                                                 const char *const *images, size_t image_count)
{
    if (secret->state != REGISTRY_SECRET_OK || serves_any(secret, images, image_count)) {
        return secret->state;
    }
    return REGISTRY_SECRET_NO_MATCH;
}
