#ifndef SIM_DAEMON_H
#define SIM_DAEMON_H

#include <microhttpd.h>

#include "base/error.h"
#include "base/loop.h"

/* An HTTP daemon of libmicrohttpd that runs on the event loop. */
struct sim_daemon {
    struct loop *loop;
    struct MHD_Daemon *mhd;
    struct loop_fd *watch;
    struct loop_timer *timer;
};

/* A listening socket on 127.0.0.1, made here and not by the daemon: to be on loopback only, and to
 * know the port that was given (port 0: a free one) in *bound. -1 on failure; flag is the option to
 * choose another port with. Errors: ERROR_INTERNAL, ERROR_UNAVAILABLE (port taken). */
int sim_listen(int port, const char *flag, int *bound, struct error *err);

/* Takes over mhd (started with MHD_USE_EPOLL and without a thread). Errors: ERROR_INTERNAL. */
bool sim_daemon_run(struct sim_daemon *daemon, struct loop *loop, struct MHD_Daemon *mhd,
                    struct error *err);
/* Has the daemon look at its connections soon: after a resume. */
void sim_daemon_poke(struct sim_daemon *daemon);
/* Ends it; one that never ran is allowed. No connection may be suspended. */
void sim_daemon_stop(struct sim_daemon *daemon);

#endif
