#ifndef TESTS_CHANGE_CLUSTER_H
#define TESTS_CHANGE_CLUSTER_H

#include "change/journal.h"
#include "change/session.h"
#include "sim/api.h"
#include "sim/sim.h"
#include "sim/store.h"

/* A simulated cluster, a client and a census, all on one loop inside the test: Kubespray's UpCloud
 * driver, whose six pods name a Secret that does not exist. */
struct cluster {
    char folder[64];
    struct loop *loop;
    struct sim *sim;
    struct kube_config *config;
    struct kube_client *client;
    struct csi_follow *follow;
};

/* context: "demo" (all rights) or "viewer". XDG_STATE_HOME is inside its folder. */
void cluster_open(struct cluster *cluster, const char *context, bool read_only);
void cluster_close(struct cluster *cluster);

/* Runs the loop until done says so; fails the test after a minute. */
void cluster_run(struct cluster *cluster, bool (*done)(void *context), void *context);

/* Sessions. Each runs until it is previewed (or over). */
struct change_session *cluster_preview(struct cluster *cluster, struct change_intent *intent);
struct change_session *cluster_preview_journal(struct cluster *cluster, const char *id,
                                               bool forward);
/* Applies, as one who confirms all that is asked, and runs until it is over. */
void cluster_apply(struct cluster *cluster, struct change_session *session);
void cluster_await_end(struct cluster *cluster, struct change_session *session);

/* The stored object; NULL if there is none. */
const cJSON *cluster_get(struct cluster *cluster, const struct sim_resource *resource,
                         const char *name);
/* Somebody else's merge patch. */
void cluster_patch(struct cluster *cluster, const struct sim_resource *resource, const char *name,
                   const char *patch);
void cluster_delete(struct cluster *cluster, const struct sim_resource *resource, const char *name);
/* A fault as sim/faults.h describes it. */
void cluster_fault(struct cluster *cluster, const char *fault);

/* spec and last-applied of both workloads as one text. free() it. */
char *cluster_specs(struct cluster *cluster);
/* uids of all pods of the driver. free() it. */
char *cluster_pod_uids(struct cluster *cluster);

#endif
