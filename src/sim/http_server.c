#include <openssl/rand.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/clock.h"
#include "base/secret.h"
#include "server_inside.h"

enum { CONNECTION_LIMIT = 500, SWEEP_MS = 1000, MEMORY_PER_CONNECTION = 64 * 1024 };

static void on_sweep(void *context)
{
    struct sim_server *server = context;
    server->sweep = loop_after(server->sim->loop, SWEEP_MS, on_sweep, server);
    sim_exchange_sweep(server);
}

static enum MHD_Result on_accept(void *context, const struct sockaddr *address, socklen_t length)
{
    const struct sim_server *server = context;
    (void)address;
    (void)length;
    return clock_monotonic_ms() < server->down_until ? MHD_NO : MHD_YES;
}

static void on_connection(void *context, struct MHD_Connection *connection, void **state,
                          enum MHD_ConnectionNotificationCode code)
{
    struct sim_server *server = context;
    if (code == MHD_CONNECTION_NOTIFY_STARTED) {
        const union MHD_ConnectionInfo *info =
            MHD_get_connection_info(connection, MHD_CONNECTION_INFO_CONNECTION_FD);
        struct sim_socket *one = xcalloc(1, sizeof(*one));
        one->fd = info != NULL ? info->connect_fd : -1;
        one->next = server->sockets;
        server->sockets = one;
        *state = one;
        return;
    }
    for (struct sim_socket **link = &server->sockets; *link != NULL; link = &(*link)->next) {
        if (*link == *state) {
            struct sim_socket *gone = *link;
            *link = gone->next;
            free(gone);
            break;
        }
    }
}

void sim_server_cut_all(struct sim_server *server, int64_t down_ms)
{
    server->down_until = clock_monotonic_ms() + down_ms;
    sim_exchange_wake_all(server, true);
    for (struct sim_socket *one = server->sockets; one != NULL; one = one->next) {
        shutdown(one->fd, SHUT_RDWR);
    }
    sim_daemon_poke(&server->daemon);
}

/* --- Tokens
 * ------------------------------------------------------------------------------------------- */

static void free_user(void *value)
{
    struct sim_user *user = value;
    free(user->name);
    for (size_t i = 0; i < user->group_count; i++) {
        free(user->groups[i]);
    }
    free(user);
}

void sim_server_add_token(struct sim_server *server, const char *token, const char *name,
                          const char *const *groups, size_t group_count)
{
    struct sim_user *user = xcalloc(1, sizeof(*user));
    user->name = xstrdup(name);
    for (size_t i = 0; i < group_count && i + 1 < SIM_GROUP_LIMIT; i++) {
        user->groups[user->group_count++] = xstrdup(groups[i]);
    }
    user->groups[user->group_count++] = xstrdup("system:authenticated");
    map_set(server->tokens, token, user);
}

const struct sim_user *sim_server_user(const struct sim_server *server, const char *token)
{
    return map_get(server->tokens, token);
}

void sim_server_remove_token(struct sim_server *server, const char *token)
{
    map_remove(server->tokens, token);
}

static bool new_token(char out[65])
{
    unsigned char bytes[32];
    if (RAND_bytes(bytes, sizeof(bytes)) != 1) {
        return false;
    }
    for (size_t i = 0; i < sizeof(bytes); i++) {
        snprintf(out + i * 2, 3, "%02x", bytes[i]);
    }
    secret_wipe(bytes, sizeof(bytes));
    return true;
}

static bool make_tokens(struct sim_server *server, struct error *err)
{
    static const char *const masters[] = {"system:masters"};
    server->tokens = map_new(free_user);
    if (!new_token(server->admin_token) || !new_token(server->viewer_token)) {
        return error_set(err, ERROR_INTERNAL, "cannot get random bytes for the access tokens");
    }
    sim_server_add_token(server, server->admin_token, "admin", masters, 1);
    sim_server_add_token(server, server->viewer_token, "viewer", NULL, 0);
    return true;
}

/* --- Start and end
 * ------------------------------------------------------------------------------------ */

static bool start_daemon(struct sim_server *server, int fd, struct error *err)
{
    struct MHD_Daemon *mhd = MHD_start_daemon(
        MHD_USE_TLS | MHD_USE_EPOLL | MHD_ALLOW_SUSPEND_RESUME, 0, on_accept, server,
        sim_exchange_access, server, MHD_OPTION_LISTEN_SOCKET, fd, MHD_OPTION_HTTPS_MEM_KEY,
        server->certificates.key, MHD_OPTION_HTTPS_MEM_CERT, server->certificates.certificate,
        MHD_OPTION_HTTPS_MEM_TRUST, server->certificates.ca, MHD_OPTION_NOTIFY_COMPLETED,
        sim_exchange_completed, server, MHD_OPTION_NOTIFY_CONNECTION, on_connection, server,
        MHD_OPTION_CONNECTION_LIMIT, (unsigned)CONNECTION_LIMIT, MHD_OPTION_CONNECTION_MEMORY_LIMIT,
        (size_t)MEMORY_PER_CONNECTION, MHD_OPTION_END);
    if (mhd == NULL) {
        close(fd);
        return error_set(err, ERROR_INTERNAL, "cannot start the HTTPS server (libmicrohttpd)");
    }
    return sim_daemon_run(&server->daemon, server->sim->loop, mhd, err);
}

bool sim_server_start(struct sim *sim, const struct sim_server_options *options, struct error *err)
{
    struct sim_server *server = xcalloc(1, sizeof(*server));
    server->sim = sim;
    server->login = options->login;
    sim->server = server;
    int fd = -1;
    bool ok =
        make_tokens(server, err) && sim_certificates_make(options, &server->certificates, err);
    if (ok) {
        fd = sim_listen(options->port, "--port", &server->port, err);
    }
    ok = ok && fd >= 0 && start_daemon(server, fd, err);
    if (!ok) {
        sim_server_stop(sim);
        return false;
    }
    server->sweep = loop_after(sim->loop, SWEEP_MS, on_sweep, server);
    return true;
}

void sim_server_stop(struct sim *sim)
{
    struct sim_server *server = sim->server;
    if (server == NULL) {
        return;
    }
    loop_cancel_timer(sim->loop, server->sweep);
    if (server->daemon.mhd != NULL) {
        sim_exchange_wake_all(server, true);
        MHD_run(server->daemon.mhd);
        sim_daemon_stop(&server->daemon);
    }
    while (server->sockets != NULL) {
        struct sim_socket *next = server->sockets->next;
        free(server->sockets);
        server->sockets = next;
    }
    map_free(server->tokens);
    sim_certificates_free(&server->certificates);
    secret_wipe(server->admin_token, sizeof(server->admin_token));
    secret_wipe(server->viewer_token, sizeof(server->viewer_token));
    free(server);
    sim->server = NULL;
}

int sim_server_port(const struct sim *sim)
{
    return sim->server->port;
}
