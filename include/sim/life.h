#ifndef SIM_LIFE_H
#define SIM_LIFE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/map.h"
#include "sim/sim.h"
#include "sim/store.h"

/* What the controllers share: the work queue, time, and writing in a controller's name. */
struct sim_recorder;
struct sim_kubelet;

struct sim_controllers {
    struct sim *sim;
    struct map *queue;   /* "plural ns/name" to the resource, in order of arrival */
    struct map *wakeups; /* the same key to its timer */
    struct loop_timer *drain;
    struct loop_timer *sweep; /* event TTL */
    struct loop_timer *churn; /* other events */
    struct map *progress; /* a Deployment's uid to the cluster's time it last got on (int64_t) */
    struct map *event_writes; /* uid to the events' time of an event's last write (int64_t) */
    struct sim_recorder *recorder;
    struct sim_kubelet *kubelet;
    int64_t past_ms; /* while the past is made up: how far back it lies */
};

/* Asks for one reconcile of an object; several requests before it runs are one. */
void sim_queue_add(struct sim *sim, const struct sim_resource *resource, const char *ns,
                   const char *name);
/* The same after a time of the cluster's clock; a later request replaces an earlier one. */
void sim_queue_add_later(struct sim *sim, const struct sim_resource *resource, const char *ns,
                         const char *name, int64_t cluster_ms);

/* Wall-clock milliseconds for what is written now: the present, or the past being made up. */
int64_t sim_life_ms(const struct sim *sim);
void sim_life_text(const struct sim *sim, char out[32]);
/* How long ago a timestamp was, in seconds of the cluster's clock. */
int64_t sim_life_seconds_since(const struct sim *sim, const char *timestamp);

/* Notes that a Deployment got on, and how many milliseconds of the cluster's time ago that was (0:
 * never noted). Timestamps in objects have whole real seconds only. */
void sim_life_note_progress(struct sim *sim, const char *uid);
int64_t sim_life_since_progress(const struct sim *sim, const char *uid);

/* Replaces the status (takes it over) in the name of manager; no write if nothing changes.
 * *object is exchanged for the new state, retained. */
bool sim_life_set_status(struct sim *sim, struct sim_object **object, cJSON *status,
                         const char *manager);
/* Stores body (taken over) as the new state of *object, which is exchanged for it. */
bool sim_life_update(struct sim *sim, struct sim_object **object, cJSON *body, const char *manager);

/* Objects of one kind in a namespace whose controller has this uid, oldest first; each retained.
 * Free with sim_life_free_objects(). */
struct sim_object **sim_life_owned(struct sim *sim, const struct sim_resource *resource,
                                   const char *ns, const char *owner_uid, size_t *count);
void sim_life_free_objects(struct sim_object **objects, size_t count);

/* The controller reference that dependents of this object carry; the caller's. */
cJSON *sim_life_owner_reference(const struct sim_object *owner);

/* True if a label selector (matchLabels and matchExpressions) matches; an empty one matches all. */
bool sim_life_selects(const cJSON *selector, const cJSON *labels);
/* An integer, or a percentage of total rounded up or down; fallback if value is absent. */
int sim_life_scaled(const cJSON *value, int total, bool round_up, int fallback);

/* One reconcile each; object is the present state and stays the caller's. */
void sim_daemonset_reconcile(struct sim *sim, struct sim_object *object);
void sim_statefulset_reconcile(struct sim *sim, struct sim_object *object);
void sim_deployment_reconcile(struct sim *sim, struct sim_object *object);
void sim_replicaset_reconcile(struct sim *sim, struct sim_object *object);

void sim_namespace_reconcile(struct sim *sim, struct sim_object *object);

/* Default accounts for new namespaces; those being deleted look again when something in them goes.
 */
void sim_namespace_changed(struct sim *sim, enum sim_change change,
                           const struct sim_object *object);
/* Token Secrets of ServiceAccounts, in clusters that are old enough to have them: as accounts come
 * and go, and for those that are there at the start. */
void sim_account_changed(struct sim *sim, enum sim_change change, struct sim_object *account);
void sim_accounts_start(struct sim *sim);
/* Counts anew what the namespace's ResourceQuotas have used. */
void sim_quota_changed(struct sim *sim, const struct sim_object *object);
/* Begins to book the scenario's other events. */
void sim_start_churn(struct sim *sim);

/* Background deletion: removes what object owned alone. */
void sim_collect_dependents(struct sim *sim, const struct sim_object *gone);
/* Goes on with an object whose deletion waits for its dependents: orphans them, or deletes them and
 * lets the object go when none is left. */
void sim_collect_pending(struct sim *sim, struct sim_object *object);
/* Notes a write of an event (or its end). */
void sim_note_event(struct sim *sim, enum sim_change change, const struct sim_object *event);
/* Removes events that were not written for their time to live, 1 h of the events' clock. */
void sim_sweep_events(struct sim *sim);

#endif
