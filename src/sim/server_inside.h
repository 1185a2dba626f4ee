#ifndef SIM_SERVER_INSIDE_H
#define SIM_SERVER_INSIDE_H

#include <microhttpd.h>

#include "base/map.h"
#include "daemon.h"
#include "request.h"
#include "sim/faults.h"
#include "sim/server.h"
#include "tls.h"

/* Shared by http_server.c (the daemon on the loop) and exchange.c (one request and its answer). */

struct sim_exchange;

struct sim_socket {
    struct sim_socket *next;
    int fd;
};

struct sim_server {
    struct sim *sim;
    struct sim_daemon daemon;
    struct loop_timer *sweep;
    struct sim_certificates certificates;
    enum sim_user_login login; /* of the kubeconfig's users */
    char admin_token[65];
    char viewer_token[65];
    struct map *tokens; /* token to struct sim_user * */
    struct sim_exchange *exchanges;
    struct sim_socket *sockets;
    int64_t down_until; /* monotonic ms; connections are refused until then */
    int port;
};

/* exchange.c, for the daemon */
enum MHD_Result sim_exchange_access(void *context, struct MHD_Connection *connection,
                                    const char *url, const char *method, const char *version,
                                    const char *upload, size_t *upload_length, void **state);
void sim_exchange_completed(void *context, struct MHD_Connection *connection, void **state,
                            enum MHD_RequestTerminationCode why);
/* Resumes every waiting exchange; those are cut if cut is set. */
void sim_exchange_wake_all(struct sim_server *server, bool cut);
/* Resumes waiting ones whose client is gone, so that they end. */
void sim_exchange_sweep(struct sim_server *server);

/* A user that a token stands for. Takes no ownership of the texts. */
void sim_server_add_token(struct sim_server *server, const char *token, const char *name,
                          const char *const *groups, size_t group_count);
/* NULL if it is not known. */
const struct sim_user *sim_server_user(const struct sim_server *server, const char *token);
void sim_server_remove_token(struct sim_server *server, const char *token);
/* Cuts every connection and refuses new ones for a while. */
void sim_server_cut_all(struct sim_server *server, int64_t down_ms);

#endif
