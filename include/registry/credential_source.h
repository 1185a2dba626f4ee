#ifndef REGISTRY_CREDENTIAL_SOURCE_H
#define REGISTRY_CREDENTIAL_SOURCE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"
#include "base/loop.h"
#include "registry/credential.h"

/*
 * Credentials that this user already has: docker's config.json, podman's auth.json and the helper
 * programs that they name (docker-credential-NAME get: the server on its standard input, JSON on
 * its standard output). Helpers run as argv arrays with limits of time and output.
 */
struct credential_source_options {
    const char *path;     /* NULL: the first of credential_source_default_paths() that is there */
    const char *registry; /* a registry's host or server: only that one; NULL: all of the file */
    const char *helper;   /* this program (docker-credential-HELPER) instead of any file; wants a
                             registry; NULL: none */
    int64_t helper_timeout_ms; /* 0: 30 seconds */
};

struct credential_source;

/*
 * credentials are handed over (registry_credentials_free()); err is ERROR_NONE on success. Errors:
 * ERROR_NOT_FOUND (no file, or nothing for that registry), ERROR_CONFIG (file:line:column: what),
 * ERROR_AUTH (the helper failed; identity token, which the kubelet cannot use), ERROR_TIMEOUT.
 * Without a registry, entries that cannot be used are left out and named in *skipped (one sentence,
 * NULL if none; valid during the call).
 */
typedef void (*credential_source_done)(void *context, struct registry_credential *credentials,
                                       size_t count, const char *skipped, const struct error *err);

/* Always calls back, never from inside this call. */
struct credential_source *credential_source_start(struct loop *loop,
                                                  const struct credential_source_options *options,
                                                  credential_source_done done, void *context);
/* Kills what still runs; done is not called. NULL is allowed; invalid after done was called. */
void credential_source_cancel(struct credential_source *source);

/* Where docker and podman look, in order: $REGISTRY_AUTH_FILE, the text of $DOCKER_AUTH_CONFIG (as
 * that name with its dollar), $DOCKER_CONFIG/config.json, $XDG_RUNTIME_DIR/containers/auth.json,
 * $XDG_CONFIG_HOME/containers/auth.json, ~/.docker/config.json, ~/.dockercfg. A NULL-terminated
 * array; free each and the array. */
char **credential_source_default_paths(void);

#endif
