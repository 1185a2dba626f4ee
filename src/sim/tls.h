#ifndef SIM_TLS_H
#define SIM_TLS_H

#include "base/error.h"
#include "sim/server.h"

/* Somebody's certificate and private key. */
struct sim_identity {
    char *certificate;
    char *key;
};

/* A CA and certificates of it (P-256), as PEM in memory. */
struct sim_certificates {
    char *ca;                  /* what the kubeconfig trusts, and the server of its clients */
    char *certificate;         /* the server's, with its CA behind it */
    char *key;                 /* the server's private key */
    struct sim_identity admin; /* O=system:masters */
    struct sim_identity viewer;
};

/* What is wrong with the server's and the clients' certificates, if anything, is in options.
 * Errors: ERROR_INTERNAL. */
bool sim_certificates_make(const struct sim_server_options *options, struct sim_certificates *out,
                           struct error *err);
/* Wipes the keys. */
void sim_certificates_free(struct sim_certificates *certificates);

#endif
