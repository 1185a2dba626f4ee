/* Which Secrets are listed, in which order, and what they are good for. */
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "cli/secret_list.h"
#include "registry/keyring.h"
#include "registry/reference.h"
#include "registry/secret_state.h"

enum rank { RANK_REGISTRY, RANK_NAMED, RANK_ELSEWHERE, RANK_NOT_LISTED };

static bool is_near(const struct cli_secret_picture *picture, const char *ns)
{
    for (size_t i = 0; picture->namespaces[i] != NULL; i++) {
        if (strcmp(picture->namespaces[i], ns) == 0) {
            return true;
        }
    }
    return false;
}

static bool is_named_for_pulls(const struct cli_secret_picture *picture,
                               const struct csi_secret *secret)
{
    size_t count;
    bool named = false;
    const struct change_secret_use **uses =
        change_secret_uses_of(picture->uses, secret->ns, secret->name, &count);
    for (size_t i = 0; i < count; i++) {
        named = named || uses[i]->way == CHANGE_USE_PULL;
    }
    free(uses);
    return named;
}

static enum rank rank_of(const struct cli_secret_picture *picture, const struct csi_secret *secret)
{
    bool registry = registry_secret_data_key(secret->type) != NULL;
    if (is_near(picture, secret->ns)) {
        return registry                              ? RANK_REGISTRY
               : is_named_for_pulls(picture, secret) ? RANK_NAMED
                                                     : RANK_NOT_LISTED;
    }
    return registry && picture->elsewhere ? RANK_ELSEWHERE : RANK_NOT_LISTED;
}

const struct csi_secret **cli_secret_list_rows(const struct cli_secret_picture *picture,
                                               size_t *count)
{
    size_t known;
    const struct csi_secret *const *secrets = csi_census_secrets(picture->census, &known);
    const struct csi_secret **rows = xcalloc(known + 1, sizeof(*rows));
    *count = 0;
    for (enum rank rank = RANK_REGISTRY; rank < RANK_NOT_LISTED; rank++) {
        for (size_t i = 0; i < known; i++) {
            if (rank_of(picture, secrets[i]) == rank) {
                rows[(*count)++] = secrets[i];
            }
        }
    }
    return rows;
}

static int compare_texts(const void *a, const void *b)
{
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

const char **cli_driver_images(const struct csi_census *census, size_t *count)
{
    size_t drivers;
    size_t capacity = 0;
    const char **images = NULL;
    struct csi_driver *const *rows = csi_census_drivers(census, &drivers);
    size_t all = 0;
    for (size_t i = 0; i < drivers; i++) {
        for (size_t j = 0; j < rows[i]->workload_count; j++) {
            const struct csi_workload *workload = rows[i]->workloads[j];
            for (size_t k = 0; k < workload->image_count; k++) {
                images = xgrow(images, all, &capacity, sizeof(*images));
                images[all++] = workload->images[k];
            }
        }
    }
    if (all > 1) {
        qsort(images, all, sizeof(*images), compare_texts);
    }
    *count = 0;
    for (size_t i = 0; i < all; i++) {
        if (*count == 0 || strcmp(images[*count - 1], images[i]) != 0) {
            images[(*count)++] = images[i];
        }
    }
    images = xreallocarray(images, *count + 1, sizeof(*images));
    images[*count] = NULL;
    return images;
}

bool cli_secret_serves(const struct csi_secret *secret, const char *image)
{
    struct image_reference reference = {0};
    bool serves = false;
    if (image_reference_parse(&reference, image, NULL)) {
        for (size_t i = 0; i < secret->registry_count && !serves; i++) {
            serves = keyring_key_matches(secret->registries[i], reference.name);
        }
        image_reference_free(&reference);
    }
    return serves;
}
