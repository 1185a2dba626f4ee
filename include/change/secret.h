#ifndef CHANGE_SECRET_H
#define CHANGE_SECRET_H

#include <cjson/cJSON.h>
#include <stdbool.h>
#include <stddef.h>

#include "base/error.h"
#include "registry/credential.h"

/*
 * A registry Secret with these credentials (none: {"auths":{}}, which ends the warnings and leaves
 * pulls anonymous), labelled as pullmend's. Its .dockerconfigjson equals what
 * `kubectl create secret docker-registry` writes. Wipe it with json_delete_secret(). NULL if the
 * content is over the 1 MiB that the API server takes (ERROR_USAGE).
 */
cJSON *change_secret_object(const char *ns, const char *name,
                            const struct registry_credential *credentials, size_t count,
                            struct error *err);

/*
 * What a rotation of the live registry Secret writes: its own content with these credentials put
 * in; all its other entries stay as they are, to the byte. Content that is no JSON object at all
 * has no entries to keep and is replaced whole: *replaced (may be NULL) tells. Wipe the result with
 * json_delete_secret(). Errors: ERROR_CONFLICT (its type holds no registry credentials, and a type
 * cannot change), ERROR_INVALID (another entry is unusable to the kubelet: says which; over 1 MiB).
 */
cJSON *change_secret_merged(const cJSON *live, const struct registry_credential *credentials,
                            size_t count, bool *replaced, struct error *err);

/*
 * A copy of a registry Secret for another place: its type and registry content, nothing of its
 * labels, annotations and owners, which are the source's. Errors as above; ERROR_INVALID where it
 * has no content.
 */
cJSON *change_secret_copied(const cJSON *live, const char *ns, const char *name, struct error *err);

#endif
