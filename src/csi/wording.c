#include <stdio.h>
#include <string.h>

#include "base/intern.h"
#include "base/language.h"
#include "base/text.h"
#include "diagnosis.h"
#include "registry/keyring.h"
#include "registry/reference.h"
#include "registry/secret_state.h"

unsigned long who_count(const struct group *group)
{
    return group->count == 0 ? 1 : group->count;
}

const char *who(const struct group *group)
{
    static char texts[2][512];
    static int next;
    char *out = texts[next++ % 2];
    if (group->count == 0) {
        snprintf(out, sizeof(texts[0]), _("%s %.200s (which has no pods)"), group->workload->kind,
                 group->workload->name);
    } else {
        snprintf(out, sizeof(texts[0]), language_plural("%zu pod", "%zu pods", group->count),
                 group->count);
    }
    return out;
}

bool group_served_otherwise(const struct group *group)
{
    for (size_t i = 0; i < group->count; i++) {
        bool served = false;
        for (size_t j = 0; j < group->pods[i]->reference_count; j++) {
            served = served || group->pods[i]->references[j].state == CSI_SECRET_OK;
        }
        if (!served) {
            return false;
        }
    }
    return group->count > 0;
}

const char *consequence_now(const struct group *group)
{
    if (group->count == 0) {
        return _("There is no pod yet that it could hurt.");
    }
    if (group->failing > 0) {
        return _("Pods cannot pull their images now: they stay down until this is mended.");
    }
    if (group_served_otherwise(group)) {
        return _("Another pull secret of these pods is sound: pulls go on with that one.");
    }
    if (group->guarded > 0) {
        return _(
            "No pull fails now: the images came without this Secret. As long as they are public, "
            "the warnings are harmless noise. (Kubelets from 1.35 on ask for a credential again "
            "even for an image that is on the node, if it was once pulled with one.)");
    }
    return _("No pull fails now: the images came without this Secret. As long as they are public, "
             "the warnings are harmless noise; a private image would fail at its next pull.");
}

bool key_serves_image(const char *key, const char *image)
{
    struct image_reference reference;
    if (!image_reference_parse(&reference, image, NULL)) {
        return false;
    }
    bool serves = keyring_key_matches(key, reference.name);
    image_reference_free(&reference);
    return serves;
}

const char *host_of_image(const char *image)
{
    struct image_reference reference;
    if (!image_reference_parse(&reference, image, NULL)) {
        return NULL;
    }
    const char *host = intern(reference.host);
    image_reference_free(&reference);
    return host;
}

bool is_registry_secret(const struct csi_secret *secret)
{
    return registry_secret_data_key(secret->type) != NULL;
}

const struct csi_secret *secret_elsewhere(const struct csi_census *census, const char *ns,
                                          const char *name)
{
    size_t count;
    const struct csi_secret *const *secrets = csi_census_secrets(census, &count);
    for (size_t i = 0; i < count; i++) {
        if (strcmp(secrets[i]->name, name) == 0 && strcmp(secrets[i]->ns, ns) != 0 &&
            is_registry_secret(secrets[i])) {
            return secrets[i];
        }
    }
    return NULL;
}
