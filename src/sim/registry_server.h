#ifndef SIM_REGISTRY_SERVER_H
#define SIM_REGISTRY_SERVER_H

#include "base/buffer.h"
#include "base/error.h"
#include "sim/registries.h"

/*
 * The scenario's registries as the operator's machine meets them: the distribution API's answers to
 * "may I pull this?" over plain HTTP on loopback, each host on a port of its own. It follows the
 * same rules as the nodes' pulls (registries.c), so that a credential that passes here also heals
 * the pods.
 */
struct sim_registry_server;

/* Binds one more host and serves it; sim_registry_address_at() tells where. Errors: as
 * sim_listen(). */
bool sim_registry_start(struct sim *sim, int port, struct error *err);
/* Ends all of them. */
void sim_registry_stop(struct sim *sim);
/* "127.0.0.1:PORT" of the host that was started as number `index`; NULL if there is none. */
const char *sim_registry_address_at(const struct sim *sim, size_t index);
/* Of the first. */
const char *sim_registry_address(const struct sim *sim);

/* One request without a wire. authorization and scope may be NULL. */
struct sim_registry_ask {
    const char *address; /* of the host that is asked */
    const char *method;
    const char *path;
    const char *authorization;
    const char *scope;
};

struct sim_registry_answer {
    int code;
    const char *type;   /* of body */
    struct buffer body; /* initialised by the answerer, the caller's to free */
    char *challenge;    /* WWW-Authenticate, owned; NULL: none */
    char *digest;       /* Docker-Content-Digest, owned; NULL: none */
};

void sim_registry_answer(struct sim *sim, const struct sim_registry_ask *ask,
                         struct sim_registry_answer *answer);
void sim_registry_answer_clear(struct sim_registry_answer *answer);

/* Tokens that a host handed out: for whom and for which repository ("" for none). */
void sim_registry_grant(struct sim *sim, const char *address, const char *repository, bool known,
                        char token[33]);
/* NULL, or the repository a token of that host is for; *known tells whether a user stands behind
 * it. */
const char *sim_registry_granted(const struct sim *sim, const char *address, const char *token,
                                 bool *known);

#endif
