#ifndef SIM_SERVER_H
#define SIM_SERVER_H

#include <stdbool.h>

#include "base/error.h"
#include "sim/sim.h"

enum sim_certificate {
    SIM_CERTIFICATE_GOOD,
    SIM_CERTIFICATE_EXPIRED,
    SIM_CERTIFICATE_FOREIGN, /* signed by another CA than the kubeconfig's */
    SIM_CERTIFICATE_OTHER_NAME,
};

/* How the kubeconfig's users log in. Both ways are always open. */
enum sim_user_login {
    SIM_USER_TOKEN,
    SIM_USER_CERTIFICATE,
    SIM_USER_EXPIRED_CERTIFICATE,
};

struct sim_server_options {
    int port; /* 0: a free one */
    enum sim_certificate certificate;
    enum sim_user_login login;
};

/* Serves on 127.0.0.1 with TLS: CA, certificate and tokens are made here and live in memory.
 * Errors: ERROR_INTERNAL, ERROR_UNAVAILABLE (port taken). */
bool sim_server_start(struct sim *sim, const struct sim_server_options *options, struct error *err);
void sim_server_stop(struct sim *sim);
int sim_server_port(const struct sim *sim);
/* Writes a kubeconfig (0600, atomically) with contexts "demo" (all rights) and "viewer" (reads
 * everything but Secrets, as ClusterRole view does). Errors as file_write_atomic(). */
bool sim_server_write_kubeconfig(const struct sim *sim, const char *path, struct error *err);

#endif
