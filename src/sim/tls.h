#ifndef SIM_TLS_H
#define SIM_TLS_H

#include "base/error.h"
#include "sim/server.h"

/* A CA and a server certificate of it (P-256), as PEM in memory. */
struct sim_certificates {
    char *ca;          /* what the kubeconfig trusts */
    char *certificate; /* the server's, with its CA behind it */
    char *key;         /* the server's private key */
};

/* kind: what is wrong with the server's certificate, if anything. Errors: ERROR_INTERNAL. */
bool sim_certificates_make(enum sim_certificate kind, struct sim_certificates *out,
                           struct error *err);
/* Wipes the key. */
void sim_certificates_free(struct sim_certificates *certificates);

#endif
