#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "doc/json.h"
#include "sim/controllers.h"
#include "sim/kubelet.h"
#include "sim/life.h"
#include "sim/pods.h"
#include "sim/recorder.h"
#include "sim/scenario_parts.h"

/* The work queue: changes in the store ask for reconciles, which run one after the other on the
 * loop. */

enum { SWEEP_MS = 30000, MAX_SETTLING_ROUNDS = 2000000 };

typedef void (*reconciler)(struct sim *sim, struct sim_object *object);

static reconciler reconciler_of(const struct sim_resource *resource)
{
    if (resource == sim_daemonsets()) {
        return sim_daemonset_reconcile;
    }
    if (resource == sim_statefulsets()) {
        return sim_statefulset_reconcile;
    }
    if (resource == sim_deployments()) {
        return sim_deployment_reconcile;
    }
    if (resource == sim_replicasets()) {
        return sim_replicaset_reconcile;
    }
    if (resource == sim_namespaces()) {
        return sim_namespace_reconcile;
    }
    return resource == sim_pods() ? sim_schedule_pod : NULL;
}

static void reconcile_key(struct sim *sim, const char *key, const struct sim_resource *resource)
{
    const char *ns = strchr(key, ' ') + 1;
    const char *slash = strchr(ns, '/');
    char *ns_text = xstrndup(ns, (size_t)(slash - ns));
    struct sim_object *object = sim_store_get(sim->store, resource, ns_text, slash + 1);
    free(ns_text);
    if (object != NULL) {
        sim_object_retain(object);
        sim_collect_pending(sim, object);
        reconciler_of(resource)(sim, object);
        sim_object_release(object);
    }
}

/* Runs the oldest request; false if there is none. */
static bool run_one(struct sim *sim)
{
    size_t position = 0;
    const char *key = NULL;
    void *resource = NULL;
    if (!map_next(sim->controllers->queue, &position, &key, &resource)) {
        return false;
    }
    char *copy = xstrdup(key);
    map_remove(sim->controllers->queue, copy);
    reconcile_key(sim, copy, resource);
    free(copy);
    return true;
}

static void drain(void *context)
{
    struct sim *sim = context;
    sim->controllers->drain = NULL;
    if (run_one(sim) && map_count(sim->controllers->queue) > 0 && sim->controllers->drain == NULL) {
        sim->controllers->drain = loop_after(sim->loop, 0, drain, sim);
    }
}

static char *key_of(const struct sim_resource *resource, const char *ns, const char *name)
{
    return xasprintf("%s %s/%s", resource->plural, ns, name);
}

void sim_queue_add(struct sim *sim, const struct sim_resource *resource, const char *ns,
                   const char *name)
{
    struct sim_controllers *controllers = sim->controllers;
    char *key = key_of(resource, ns, name);
    map_set(controllers->queue, key, (void *)(uintptr_t)resource);
    free(key);
    if (controllers->drain == NULL && controllers->past_ms == 0) {
        controllers->drain = loop_after(sim->loop, 0, drain, sim);
    }
}

struct wakeup {
    struct sim *sim;
    const struct sim_resource *resource;
    struct loop_timer *timer;
    char *key;
    char *ns;
    char *name;
};

static void free_wakeup(void *value)
{
    struct wakeup *wakeup = value;
    loop_cancel_timer(wakeup->sim->loop, wakeup->timer);
    free(wakeup->key);
    free(wakeup->ns);
    free(wakeup->name);
    free(wakeup);
}

static void wake(void *context)
{
    struct wakeup *wakeup = context;
    struct sim *sim = wakeup->sim;
    wakeup->timer = NULL;
    sim_queue_add(sim, wakeup->resource, wakeup->ns, wakeup->name);
    char *key = xstrdup(wakeup->key);
    map_remove(sim->controllers->wakeups, key);
    free(key);
}

void sim_queue_add_later(struct sim *sim, const struct sim_resource *resource, const char *ns,
                         const char *name, int64_t cluster_ms)
{
    struct wakeup *wakeup = xcalloc(1, sizeof(*wakeup));
    wakeup->sim = sim;
    wakeup->resource = resource;
    wakeup->key = key_of(resource, ns, name);
    wakeup->ns = xstrdup(ns);
    wakeup->name = xstrdup(name);
    wakeup->timer = sim_after(sim, cluster_ms, wake, wakeup);
    map_set(sim->controllers->wakeups, wakeup->key, wakeup);
}

/* Asks the workload that controls this object to look again. */
static void queue_owner(struct sim *sim, const struct sim_object *object)
{
    const cJSON *reference = NULL;
    cJSON_ArrayForEach(reference, json_at(object->body, "metadata", "ownerReferences", NULL))
    {
        const struct sim_resource *resource = sim_resource_by_kind(
            json_string_or(reference, "apiVersion", ""), json_string_or(reference, "kind", ""));
        if (resource != NULL && reconciler_of(resource) != NULL &&
            json_bool(reference, "controller", false)) {
            sim_queue_add(sim, resource, object->ns, json_string_or(reference, "name", ""));
        }
    }
}

static void queue_daemonsets(struct sim *sim)
{
    size_t count = 0;
    struct sim_object *const *sets = sim_store_list(sim->store, sim_daemonsets(), NULL, &count);
    for (size_t i = 0; i < count; i++) {
        sim_queue_add(sim, sim_daemonsets(), sets[i]->ns, sets[i]->name);
    }
}

/* A node's heartbeat concerns no DaemonSet; labels, taints and its coming and going do. */
static bool node_matters(const struct sim_object *object, const struct sim_object *previous)
{
    return previous == NULL ||
           !json_equal(json_at(object->body, "metadata", "labels", NULL),
                       json_at(previous->body, "metadata", "labels", NULL)) ||
           !json_equal(json_member(object->body, "spec"), json_member(previous->body, "spec"));
}

static void on_change(void *context, enum sim_change change, struct sim_object *object,
                      struct sim_object *previous)
{
    struct sim *sim = context;
    const struct sim_resource *resource = object->resource;
    if (resource == sim_events()) {
        sim_note_event(sim, change, object);
        if (change == SIM_DELETED) {
            sim_namespace_changed(sim, change, object);
        }
        return;
    }
    if (resource == sim_service_accounts()) {
        sim_account_changed(sim, change, object);
    }
    sim_namespace_changed(sim, change, object);
    sim_quota_changed(sim, object);
    if (change == SIM_DELETED) {
        map_remove(sim->controllers->progress, object->uid);
        sim_collect_dependents(sim, object);
    } else if (reconciler_of(resource) != NULL &&
               (resource != sim_pods() || sim_pod_node(object->body)[0] == '\0')) {
        sim_queue_add(sim, resource, object->ns, object->name);
    }
    if (change == SIM_MODIFIED && reconciler_of(resource) == NULL) {
        sim_collect_pending(sim, object);
    }
    queue_owner(sim, object);
    if (resource == sim_nodes() && (change == SIM_DELETED || node_matters(object, previous))) {
        queue_daemonsets(sim);
    }
    sim_kubelet_on_change(sim, change, object);
}

static void sweep_later(struct sim *sim);

static void sweep(void *context)
{
    sim_sweep_events(context);
    sweep_later(context);
}

static void sweep_later(struct sim *sim)
{
    sim->controllers->sweep =
        loop_after(sim->loop, (int64_t)(SWEEP_MS / sim->event_speed), sweep, sim);
}

/* What is in the store from the scenario is told as if it had just come. */
static void queue_all(struct sim *sim)
{
    for (size_t i = 0; i < sim_resource_count(); i++) {
        const struct sim_resource *resource = sim_resource_at(i);
        if (reconciler_of(resource) == NULL || resource->view_of[0] != '\0') {
            continue;
        }
        size_t count = 0;
        struct sim_object *const *objects = sim_store_list(sim->store, resource, NULL, &count);
        for (size_t j = 0; j < count; j++) {
            sim_queue_add(sim, resource, objects[j]->ns, objects[j]->name);
        }
    }
}

/* The scenario's own pods, static ones for instance, get their kubelets as well. */
static void run_pods(struct sim *sim)
{
    size_t count = 0;
    struct sim_object *const *listed = sim_store_list(sim->store, sim_pods(), NULL, &count);
    struct sim_object **pods = xcalloc(count + 1, sizeof(*pods));
    for (size_t i = 0; i < count; i++) {
        pods[i] = sim_object_retain(listed[i]);
    }
    for (size_t i = 0; i < count; i++) {
        sim_kubelet_on_change(sim, SIM_ADDED, pods[i]);
    }
    sim_life_free_objects(pods, count);
}

/* Makes up the past: workloads have rolled out and warned for as long as the scenario says. */
static void settle(struct sim *sim)
{
    sim->controllers->past_ms = sim_scenario_past_ms(sim);
    queue_all(sim);
    run_pods(sim);
    if (sim->controllers->past_ms == 0) {
        return;
    }
    for (int round = 0; round < MAX_SETTLING_ROUNDS && run_one(sim); round++) {
    }
    sim_kubelet_end_past(sim);
    sim->controllers->past_ms = 0;
}

bool sim_controllers_start(struct sim *sim, struct error *err)
{
    (void)err;
    struct sim_controllers *controllers = xcalloc(1, sizeof(*controllers));
    sim->controllers = controllers;
    controllers->sim = sim;
    controllers->queue = map_new(NULL);
    controllers->wakeups = map_new(free_wakeup);
    controllers->event_writes = map_new(free);
    controllers->progress = map_new(free);
    controllers->recorder = sim_recorder_new(sim);
    controllers->kubelet = sim_kubelet_new(sim);
    sim_store_subscribe(sim->store, NULL, on_change, sim);
    sim_accounts_start(sim);
    settle(sim);
    sweep_later(sim);
    sim_start_churn(sim);
    return true;
}

void sim_controllers_stop(struct sim *sim)
{
    struct sim_controllers *controllers = sim->controllers;
    if (controllers == NULL) {
        return;
    }
    sim_store_unsubscribe(sim->store, on_change, sim);
    loop_cancel_timer(sim->loop, controllers->drain);
    loop_cancel_timer(sim->loop, controllers->sweep);
    loop_cancel_timer(sim->loop, controllers->churn);
    sim_kubelet_free(controllers->kubelet);
    sim_recorder_free(controllers->recorder);
    map_free(controllers->wakeups);
    map_free(controllers->queue);
    map_free(controllers->event_writes);
    map_free(controllers->progress);
    sim->controllers = NULL;
    free(controllers);
}
