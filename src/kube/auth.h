#ifndef KUBE_AUTH_H
#define KUBE_AUTH_H

#include "base/loop.h"
#include "config_internal.h"

/*
 * Who one is, at the moment of a request: static credentials, a token file that is read anew every
 * minute, or a plugin's answer until it expires. Several requests that wait for one run of a
 * plugin share it.
 */
struct auth;
struct auth_wait;

struct auth *auth_new(struct loop *loop, const struct kube_config *config);
void auth_free(struct auth *auth);

/* Valid until the next call of a function of this file. */
struct credential {
    const char *authorization; /* "Bearer ..." or "Basic ..."; NULL: none */
    const char *certificate;
    const char *key;
    unsigned serial; /* which credential, for auth_rejected() */
};

typedef void (*auth_callback)(void *context, const struct credential *credential,
                              const struct error *err);

/* Calls back at once and returns NULL if the credential is at hand; else later. */
struct auth_wait *auth_get(struct auth *auth, auth_callback callback, void *context);
void auth_cancel(struct auth *auth, struct auth_wait *wait);
/* The server said 401 to that credential. True if asking again gives another one. */
bool auth_rejected(struct auth *auth, unsigned serial);

#endif
