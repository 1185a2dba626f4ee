#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
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

static void schedule(struct sim_server *server);

static void run(struct sim_server *server)
{
    MHD_run(server->daemon);
    schedule(server);
}

static void on_ready(void *context, int events)
{
    (void)events;
    run(context);
}

static void on_timer(void *context)
{
    struct sim_server *server = context;
    server->timer = NULL;
    run(server);
}

/* The daemon's own next deadline, if it has one. */
static void schedule(struct sim_server *server)
{
    MHD_UNSIGNED_LONG_LONG wait;
    loop_cancel_timer(server->sim->loop, server->timer);
    server->timer = NULL;
    if (MHD_get_timeout(server->daemon, &wait) == MHD_YES) {
        server->timer = loop_after(server->sim->loop, (int64_t)wait, on_timer, server);
    }
}

void sim_server_poke(struct sim_server *server)
{
    loop_cancel_timer(server->sim->loop, server->timer);
    server->timer = loop_after(server->sim->loop, 0, on_timer, server);
}

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
    sim_server_poke(server);
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

/* Bound here and not by the daemon: to loopback only, and to know the port that was given. */
static int bind_socket(int port, int *bound, struct error *err)
{
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons((uint16_t)port)};
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t length = sizeof(address);
    int yes = 1;
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (fd < 0) {
        error_set(err, ERROR_INTERNAL, "cannot make a socket: %s", strerror(errno));
        return -1;
    }
    setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof(yes));
    if (bind(fd, (struct sockaddr *)&address, sizeof(address)) != 0 || listen(fd, 128) != 0 ||
        getsockname(fd, (struct sockaddr *)&address, &length) != 0) {
        error_set(err, ERROR_UNAVAILABLE,
                  "cannot listen on 127.0.0.1:%d: %s; choose another --port", port,
                  strerror(errno));
        close(fd);
        return -1;
    }
    *bound = ntohs(address.sin_port);
    return fd;
}

static bool start_daemon(struct sim_server *server, int fd, struct error *err)
{
    server->daemon = MHD_start_daemon(
        MHD_USE_TLS | MHD_USE_EPOLL | MHD_ALLOW_SUSPEND_RESUME, 0, on_accept, server,
        sim_exchange_access, server, MHD_OPTION_LISTEN_SOCKET, fd, MHD_OPTION_HTTPS_MEM_KEY,
        server->certificates.key, MHD_OPTION_HTTPS_MEM_CERT, server->certificates.certificate,
        MHD_OPTION_NOTIFY_COMPLETED, sim_exchange_completed, server, MHD_OPTION_NOTIFY_CONNECTION,
        on_connection, server, MHD_OPTION_CONNECTION_LIMIT, (unsigned)CONNECTION_LIMIT,
        MHD_OPTION_CONNECTION_MEMORY_LIMIT, (size_t)MEMORY_PER_CONNECTION, MHD_OPTION_END);
    if (server->daemon == NULL) {
        close(fd);
        return error_set(err, ERROR_INTERNAL, "cannot start the HTTPS server (libmicrohttpd)");
    }
    const union MHD_DaemonInfo *info =
        MHD_get_daemon_info(server->daemon, MHD_DAEMON_INFO_EPOLL_FD);
    if (info == NULL || info->epoll_fd < 0) {
        return error_set(err, ERROR_INTERNAL, "libmicrohttpd gives no epoll descriptor");
    }
    server->watch = loop_watch_fd(server->sim->loop, info->epoll_fd, LOOP_READ, on_ready, server);
    return true;
}

bool sim_server_start(struct sim *sim, const struct sim_server_options *options, struct error *err)
{
    struct sim_server *server = xcalloc(1, sizeof(*server));
    server->sim = sim;
    sim->server = server;
    int fd = -1;
    bool ok = make_tokens(server, err) &&
              sim_certificates_make(options->certificate, &server->certificates, err);
    if (ok) {
        fd = bind_socket(options->port, &server->port, err);
    }
    ok = ok && fd >= 0 && start_daemon(server, fd, err);
    if (!ok) {
        sim_server_stop(sim);
        return false;
    }
    server->sweep = loop_after(sim->loop, SWEEP_MS, on_sweep, server);
    schedule(server);
    return true;
}

void sim_server_stop(struct sim *sim)
{
    struct sim_server *server = sim->server;
    if (server == NULL) {
        return;
    }
    loop_cancel_timer(sim->loop, server->sweep);
    loop_unwatch_fd(sim->loop, server->watch);
    if (server->daemon != NULL) {
        sim_exchange_wake_all(server, true);
        MHD_run(server->daemon);
        MHD_stop_daemon(server->daemon);
    }
    loop_cancel_timer(sim->loop, server->timer);
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
