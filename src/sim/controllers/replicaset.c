#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "doc/json.h"
#include "sim/life.h"
#include "sim/pods.h"

/* The ReplicaSet controller: as many pods as spec.replicas says. */

static const char component[] = "replicaset-controller";

struct replicas {
    struct sim *sim;
    struct sim_object *set;
    struct sim_object **active;
    size_t count;
    int terminating;
    int wanted;
    int64_t min_ready_seconds;
    int64_t wait_ms;
};

static bool is_available(struct replicas *replicas, const struct sim_object *pod)
{
    int64_t wait_ms = 0;
    bool available =
        sim_pod_is_available(replicas->sim, pod->body, replicas->min_ready_seconds, &wait_ms);
    if (wait_ms > 0 && (replicas->wait_ms == 0 || wait_ms < replicas->wait_ms)) {
        replicas->wait_ms = wait_ms;
    }
    return available;
}

/* Pods that are not ready go before those that are, young ones before old ones. */
static void shrink(struct replicas *replicas)
{
    int spare = (int)replicas->count - replicas->wanted;
    for (int ready = 0; ready <= 1; ready++) {
        for (size_t i = replicas->count; i > 0 && spare > 0; i--) {
            const struct sim_object *pod = replicas->active[i - 1];
            if (sim_pod_is_ready(pod->body) == (ready == 1)) {
                sim_pod_delete(replicas->sim, replicas->set, pod, component);
                spare--;
            }
        }
    }
}

static void grow(struct replicas *replicas)
{
    for (int i = (int)replicas->count; i < replicas->wanted; i++) {
        sim_pod_create(replicas->sim, replicas->set,
                       sim_pod_from_template(
                           replicas->set, json_at(replicas->set->body, "spec", "template", NULL)),
                       component);
    }
}

static void add_unless_zero(cJSON *status, const char *name, int value)
{
    if (value != 0) {
        cJSON_AddNumberToObject(status, name, value);
    }
}

static cJSON *make_status(struct replicas *replicas)
{
    int ready = 0;
    int available = 0;
    for (size_t i = 0; i < replicas->count; i++) {
        ready += sim_pod_is_ready(replicas->active[i]->body);
        available += is_available(replicas, replicas->active[i]);
    }
    cJSON *status = cJSON_CreateObject();
    cJSON_AddNumberToObject(status, "replicas", (double)replicas->count);
    add_unless_zero(status, "fullyLabeledReplicas", (int)replicas->count);
    add_unless_zero(status, "readyReplicas", ready);
    add_unless_zero(status, "availableReplicas", available);
    cJSON_AddNumberToObject(status, "terminatingReplicas", replicas->terminating);
    cJSON_AddNumberToObject(
        status, "observedGeneration",
        (double)json_int(json_member(replicas->set->body, "metadata"), "generation", 1));
    return status;
}

void sim_replicaset_reconcile(struct sim *sim, struct sim_object *object)
{
    if (json_string(json_member(object->body, "metadata"), "deletionTimestamp") != NULL) {
        return;
    }
    const cJSON *spec = json_member(object->body, "spec");
    struct replicas replicas = {.sim = sim,
                                .set = sim_object_retain(object),
                                .wanted = (int)json_int(spec, "replicas", 1),
                                .min_ready_seconds = json_int(spec, "minReadySeconds", 0)};
    size_t count = 0;
    struct sim_object **pods = sim_life_owned(sim, sim_pods(), object->ns, object->uid, &count);
    replicas.active = xcalloc(count + 1, sizeof(struct sim_object *));
    for (size_t i = 0; i < count; i++) {
        if (sim_pod_is_active(pods[i]->body)) {
            replicas.active[replicas.count++] = pods[i];
        } else {
            replicas.terminating += sim_pod_is_terminating(pods[i]->body);
        }
    }
    if ((int)replicas.count > replicas.wanted) {
        shrink(&replicas);
    } else {
        grow(&replicas);
    }
    sim_life_set_status(sim, &replicas.set, make_status(&replicas), "kube-controller-manager");
    if (replicas.wait_ms > 0) {
        sim_queue_add_later(sim, object->resource, object->ns, object->name, replicas.wait_ms);
    }
    free(replicas.active);
    sim_life_free_objects(pods, count);
    sim_object_release(replicas.set);
}
