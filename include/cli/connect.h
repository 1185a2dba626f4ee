#ifndef CLI_CONNECT_H
#define CLI_CONNECT_H

#include "base/loop.h"
#include "cli/options.h"
#include "csi/follow.h"
#include "kube/client.h"
#include "kube/recording.h"

/* What every command that talks to a cluster stands on: loop, configuration, client. */
struct cli_connection {
    struct loop *loop;
    struct kube_config *config;
    struct kube_client *client;
    struct csi_follow *follow;
    struct cli_demo *demo;
    struct kube_recording *recording; /* --record */
    struct kube_replay *replay;       /* --replay */
    bool complete;                    /* the census is whole */
    bool interrupted;                 /* ^C or SIGTERM */
    struct error failure;             /* why there is no census */
    void (*on_change)(void *context); /* more than one picture is wanted; NULL */
    void *context;
};

/* --read-only, or --replay, which has nothing to write to. */
bool cli_only_reads(const struct cli_values *values);
/* Starts the demo's cluster if it is asked for, reads the configuration, makes the client. */
bool cli_connect(struct cli_connection *connection, const struct cli_values *values, bool read_only,
                 struct error *err);
/* A second client, for another context of the same configuration; both are the caller's. */
bool cli_connect_context(const struct cli_connection *connection, const struct cli_values *values,
                         const char *context, bool read_only, struct kube_config **config,
                         struct kube_client **client, struct error *err);
/* Follows the cluster and runs the loop until the census is complete. False with the reason. */
bool cli_take_census(struct cli_connection *connection, const struct cli_values *values,
                     bool keep_watching, bool secret_content, struct error *err);
/* Stops everything, the demo's cluster too. An empty one (all zero) is allowed. */
void cli_disconnect(struct cli_connection *connection);

/* --- The demo's cluster: started, used, stopped -------------------------------------------------
 */
struct cli_demo;

/* Starts pullmend-sim (beside this program, else from PATH) and waits until it serves, or until
 * *interrupted. scenario "": the default one. ERROR_USAGE where this build has none. */
struct cli_demo *cli_demo_start(struct loop *loop, const char *scenario, const bool *interrupted,
                                struct error *err);
/* The kubeconfig it wrote. */
const char *cli_demo_kubeconfig(const struct cli_demo *demo);
/* How many times as fast as the clock its events come; 1 without a demo (NULL). */
double cli_demo_event_speed(const struct cli_demo *demo);
/* Ends it and removes its files. NULL is allowed. */
void cli_demo_stop(struct cli_demo *demo);

#endif
