#ifndef CHANGE_SECRET_H
#define CHANGE_SECRET_H

#include <cjson/cJSON.h>
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

#endif
