#ifndef SIM_REGISTRY_SERVER_H
#define SIM_REGISTRY_SERVER_H

#include "base/buffer.h"
#include "base/error.h"
#include "sim/registries.h"

/*
 * The scenario's registry as the operator's machine meets it: the distribution API's answers to
 * "may I pull this?" over plain HTTP on loopback. It follows the same rules as the nodes' pulls
 * (registries.c), so that a credential that passes here also heals the pods.
 */
struct sim_registry_server;

/* Binds and serves; the address is told by sim_registry_address(). Errors: as sim_listen(). */
bool sim_registry_start(struct sim *sim, int port, struct error *err);
void sim_registry_stop(struct sim *sim);
/* "127.0.0.1:PORT"; NULL if this cluster serves no registry. */
const char *sim_registry_address(const struct sim *sim);

/* One request without a wire. authorization and scope may be NULL. */
struct sim_registry_ask {
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

/* Tokens that were handed out: for whom and for which repository ("" for none). */
void sim_registry_grant(struct sim *sim, const char *repository, bool known, char token[33]);
/* NULL, or the repository a token is for; *known tells whether a user stands behind it. */
const char *sim_registry_granted(const struct sim *sim, const char *token, bool *known);

#endif
