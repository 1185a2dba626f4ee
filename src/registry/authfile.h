#ifndef REGISTRY_AUTHFILE_H
#define REGISTRY_AUTHFILE_H

#include "base/map.h"
#include "registry/dockerconfig.h"

/* What docker's config.json, podman's auth.json or the old ~/.dockercfg say about credentials. */
struct authfile {
    char *path;
    struct docker_config config;
    struct map *helpers; /* credHelpers: server to the helper's name, owned by the map */
    char *store;         /* credsStore; NULL if there is none */
};

/* "$NAME" is the text of that environment variable. Errors: ERROR_NOT_FOUND (no such file),
 * ERROR_CONFIG "PATH:LINE:COLUMN: what". Free with authfile_free(). */
bool authfile_read(struct authfile *file, const char *path, struct error *err);
void authfile_free(struct authfile *file);

/* Where the credential of one server is to be had. */
struct authfile_place {
    const char *server;             /* the key it stands under in the file, or as asked */
    const char *helper;             /* to be asked first; NULL: none */
    const struct docker_auth *auth; /* what the file itself holds; NULL: nothing */
};

/* For a registry's host or server: docker's order (credHelpers, credsStore, auths) with podman's
 * rule that the longest path that ends at a slash wins. False if the file knows nothing of it. */
bool authfile_find(const struct authfile *file, const char *registry, struct authfile_place *place);
/* Every server of the file, from position 0 on; false at the end. */
bool authfile_next(const struct authfile *file, size_t *position, struct authfile_place *place);

#endif
