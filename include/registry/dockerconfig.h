#ifndef REGISTRY_DOCKERCONFIG_H
#define REGISTRY_DOCKERCONFIG_H

#include <stdbool.h>
#include <stddef.h>

#include "base/buffer.h"
#include "base/error.h"
#include "registry/credential.h"

/* The two forms that a Secret may hold. */
enum docker_config_form {
    DOCKER_CONFIG_JSON,  /* {"auths": {KEY: ENTRY}}, data key .dockerconfigjson */
    DOCKER_CONFIG_LEGACY /* {KEY: ENTRY}, data key .dockercfg */
};

/* One entry as the kubelet reads it. */
struct docker_auth {
    char *key; /* as written: "https://index.docker.io/v1/", "reg.example.com" */
    char *username;
    size_t username_length; /* an auth field can carry NUL bytes */
    char *password;         /* NULL where only names are kept */
    size_t password_length;
    char *email;         /* NULL if absent */
    bool empty;          /* neither user nor password: it still counts as a credential */
    bool identity_token; /* has an identitytoken, which the kubelet does not read */
};

/* Entries in the order of the file, each key once (the last wins, as in Go). */
struct docker_config {
    struct docker_auth *auths;
    size_t count;
};

/*
 * Parses by the kubelet's rules (credentialprovider/config.go, Go's encoding/json): field names in
 * any case, `auth` overrides username and password, padded or raw standard base64, split at the
 * first colon; null is an empty configuration; one entry that does not parse makes the whole
 * configuration unusable. keep_passwords false: hosts, user names and e-mail only, the rest is
 * wiped at once.
 * Errors: ERROR_INVALID with the place and the kubelet's reason, never with a value; config is
 * empty then. Free with docker_config_free().
 */
bool docker_config_parse(struct docker_config *config, const char *bytes, size_t length,
                         enum docker_config_form form, bool keep_passwords, struct error *err);
/* The key of the entry that makes such a configuration unusable, the caller's; NULL if it is usable
 * or the fault is not in an entry. */
char *docker_config_unusable_entry(const char *bytes, size_t length, enum docker_config_form form);
/* Wipes every password and frees all; an empty one (all zero) is allowed. */
void docker_config_free(struct docker_config *config);
/* Wipes the passwords and keeps hosts and names. */
void docker_config_forget_passwords(struct docker_config *config);

/*
 * Appends what `kubectl create secret docker-registry` stores under .dockerconfigjson, byte for
 * byte: members in Go's order, keys sorted, Go's escapes, bytes that are not UTF-8 replaced (the
 * auth field has them as they are). No credential gives {"auths":{}}, which ends the kubelet's
 * warnings and leaves pulls anonymous. A key that comes twice: the last wins. out should be a
 * secret buffer; false if its limit is passed.
 */
bool docker_config_write(struct buffer *out, const struct registry_credential *credentials,
                         size_t count);

/*
 * Appends the existing configuration with credentials put in. Entries whose key means the same to
 * the kubelet ("https://host", "host/") are replaced; all other entries and members stay as they
 * were, to the byte. Errors: ERROR_INVALID if the result would still be unusable to the kubelet
 * (says which entry), or if out's limit is passed.
 */
bool docker_config_merge(struct buffer *out, const char *bytes, size_t length,
                         enum docker_config_form form,
                         const struct registry_credential *credentials, size_t count,
                         struct error *err);

#endif
