#ifndef REGISTRY_CREDENTIAL_H
#define REGISTRY_CREDENTIAL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"

/* A user's credential for one registry. Whoever filled it frees it. */
struct registry_credential {
    char *server; /* the key it is stored under: "reg.example.com", "https://index.docker.io/v1/" */
    char *username;
    char *password; /* any bytes; wiped by registry_credential_free() */
    size_t password_length;
    char *email;  /* NULL: none */
    char *source; /* where it came from, for people: "/home/me/.docker/config.json"; NULL: typed */
};

/* Copies; email and source may be NULL. */
void registry_credential_set(struct registry_credential *credential, const char *server,
                             const char *username, const char *password, size_t password_length,
                             const char *email, const char *source);
/* Wipes the password; an empty one (all zero) is allowed. */
void registry_credential_free(struct registry_credential *credential);
/* The array and what it holds; NULL is allowed. */
void registry_credentials_free(struct registry_credential *credentials, size_t count);

/* --- Checks for forms and flags; each error says what to write instead (ERROR_USAGE) ------------
 */

/* A Secret's name: DNS-1123 subdomain of at most 253 bytes. */
bool registry_check_secret_name(const char *name, struct error *err);
/*
 * A server to file a credential under. Refuses what the kubelet can never match (no slash behind
 * index.docker.io/v1, registry-1.docker.io, blanks, user@, ?query, bad ports). *note (may be NULL)
 * gets a sentence where it works but not as one might think (a path is a raw prefix, :443 matches
 * images with :443 only, "http://" does not choose plain HTTP); free() it; NULL if there is none.
 */
bool registry_check_server(const char *server, char **note, struct error *err);
/* Refuses empty names and those with a colon, which the auth field cannot carry, and control
 * characters. */
bool registry_check_username(const char *username, size_t length, struct error *err);
/* Refuses empty passwords and those over 64 KiB. *note as above: blanks or a line break at the end,
 * bytes that are not UTF-8, NUL. */
bool registry_check_password(const char *password, size_t length, char **note, struct error *err);

/* --- Expiry -------------------------------------------------------------------------------------
 */

/* True if the password is a JSON web token with an `exp`; *wall_ms gets that instant. The signature
 * is not checked: it is the registry's business. */
bool registry_password_expiry(const char *password, size_t length, int64_t *wall_ms);

#endif
