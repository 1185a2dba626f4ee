#include "daemon.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

static void schedule(struct sim_daemon *daemon);

static void run(struct sim_daemon *daemon)
{
    MHD_run(daemon->mhd);
    schedule(daemon);
}

static void on_ready(void *context, int events)
{
    (void)events;
    run(context);
}

static void on_timer(void *context)
{
    struct sim_daemon *daemon = context;
    daemon->timer = NULL;
    run(daemon);
}

/* The daemon's own next deadline, if it has one. */
static void schedule(struct sim_daemon *daemon)
{
    MHD_UNSIGNED_LONG_LONG wait;
    loop_cancel_timer(daemon->loop, daemon->timer);
    daemon->timer = NULL;
    if (MHD_get_timeout(daemon->mhd, &wait) == MHD_YES) {
        daemon->timer = loop_after(daemon->loop, (int64_t)wait, on_timer, daemon);
    }
}

void sim_daemon_poke(struct sim_daemon *daemon)
{
    loop_cancel_timer(daemon->loop, daemon->timer);
    daemon->timer = loop_after(daemon->loop, 0, on_timer, daemon);
}

int sim_listen(int port, const char *flag, int *bound, struct error *err)
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
        error_set(err, ERROR_UNAVAILABLE, "cannot listen on 127.0.0.1:%d: %s; choose another %s",
                  port, strerror(errno), flag);
        close(fd);
        return -1;
    }
    *bound = ntohs(address.sin_port);
    return fd;
}

bool sim_daemon_run(struct sim_daemon *daemon, struct loop *loop, struct MHD_Daemon *mhd,
                    struct error *err)
{
    *daemon = (struct sim_daemon){.loop = loop, .mhd = mhd};
    const union MHD_DaemonInfo *info = MHD_get_daemon_info(mhd, MHD_DAEMON_INFO_EPOLL_FD);
    if (info == NULL || info->epoll_fd < 0) {
        sim_daemon_stop(daemon);
        return error_set(err, ERROR_INTERNAL, "libmicrohttpd gives no epoll descriptor");
    }
    daemon->watch = loop_watch_fd(loop, info->epoll_fd, LOOP_READ, on_ready, daemon);
    schedule(daemon);
    return true;
}

void sim_daemon_stop(struct sim_daemon *daemon)
{
    if (daemon->mhd == NULL) {
        return;
    }
    loop_unwatch_fd(daemon->loop, daemon->watch);
    loop_cancel_timer(daemon->loop, daemon->timer);
    MHD_stop_daemon(daemon->mhd);
    *daemon = (struct sim_daemon){NULL, NULL, NULL, NULL};
}
