#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "doc/json.h"
#include "sim/life.h"
#include "sim/pods.h"
#include "sim/revisions.h"

/* The StatefulSet controller: ordinals, OrderedReady and Parallel, rolling update with a partition.
 * As the real one does, OrderedReady waits for a pod that is not ready before it looks at updates:
 * a pod stuck on a bad template has to be deleted by hand even after the template was mended. */

static const char component[] = "statefulset-controller";

struct stateful {
    struct sim *sim;
    struct sim_object *set;
    struct sim_object *update;  /* the revision of the present template */
    struct sim_object *current; /* the one before, while a rollout is under way; or the same */
    struct sim_object **pods;   /* by ordinal; NULL where there is none */
    size_t count;               /* slots in pods */
    int replicas;
    int partition;
    bool ordered;
    int64_t min_ready_seconds;
    int64_t wait_ms;
};

static bool is_available(struct stateful *state, const struct sim_object *pod)
{
    int64_t wait_ms = 0;
    bool available =
        sim_pod_is_available(state->sim, pod->body, state->min_ready_seconds, &wait_ms);
    if (wait_ms > 0 && (state->wait_ms == 0 || wait_ms < state->wait_ms)) {
        state->wait_ms = wait_ms;
    }
    return available;
}

/* NAME-3 of set NAME is 3; -1 if it is not one of its names. */
static int ordinal_of(const char *set, const char *pod)
{
    size_t length = strlen(set);
    if (strncmp(pod, set, length) != 0 || pod[length] != '-') {
        return -1;
    }
    char *end = NULL;
    long ordinal = strtol(pod + length + 1, &end, 10);
    return *end != '\0' || end == pod + length + 1 || ordinal < 0 || ordinal > 100000
               ? -1
               : (int)ordinal;
}

static void collect(struct stateful *state)
{
    size_t count = 0;
    struct sim_object **owned =
        sim_life_owned(state->sim, sim_pods(), state->set->ns, state->set->uid, &count);
    int highest = state->replicas - 1;
    for (size_t i = 0; i < count; i++) {
        int ordinal = ordinal_of(state->set->name, owned[i]->name);
        highest = ordinal > highest ? ordinal : highest;
    }
    state->count = (size_t)(highest + 1);
    state->pods = state->count == 0 ? NULL : xcalloc(state->count, sizeof(struct sim_object *));
    for (size_t i = 0; i < count; i++) {
        int ordinal = ordinal_of(state->set->name, owned[i]->name);
        if (ordinal >= 0 && state->pods[ordinal] == NULL) {
            state->pods[ordinal] = sim_object_retain(owned[i]);
        }
    }
    sim_life_free_objects(owned, count);
}

static bool is_of(const struct sim_object *pod, const struct sim_object *revision)
{
    return strcmp(sim_pod_label(pod->body, "controller-revision-hash"), revision->name) == 0;
}

static void create_pod(struct stateful *state, int ordinal)
{
    bool rolling = strcmp(json_string_or(json_at(state->set->body, "spec", "updateStrategy", NULL),
                                         "type", "RollingUpdate"),
                          "RollingUpdate") == 0;
    struct sim_object *revision =
        rolling && ordinal < state->partition ? state->current : state->update;
    cJSON *pod = sim_pod_from_template(state->set, sim_revision_template(revision));
    cJSON *metadata = json_member(pod, "metadata");
    cJSON *spec = json_member(pod, "spec");
    char *name = xasprintf("%s-%d", state->set->name, ordinal);
    char index[16];
    snprintf(index, sizeof(index), "%d", ordinal);
    json_set_string(metadata, "name", name);
    cJSON *labels = json_need_object(metadata, "labels");
    json_set_string(labels, "apps.kubernetes.io/pod-index", index);
    json_set_string(labels, "controller-revision-hash", revision->name);
    json_set_string(labels, "statefulset.kubernetes.io/pod-name", name);
    json_set_string(spec, "hostname", name);
    const char *service = json_string_or(json_member(state->set->body, "spec"), "serviceName", "");
    if (service[0] != '\0') {
        json_set_string(spec, "subdomain", service);
    }
    free(name);
    sim_pod_create(state->sim, state->set, pod, component);
}

static void delete_pod(struct stateful *state, const struct sim_object *pod)
{
    sim_pod_delete(state->sim, state->set, pod, component);
}

/* Every ordinal below replicas has a pod. False: wait for what was begun. */
static bool fill(struct stateful *state)
{
    for (int i = 0; i < state->replicas; i++) {
        const struct sim_object *pod = state->pods[i];
        if (pod == NULL) {
            create_pod(state, i);
        } else if (sim_pod_is_failed(pod->body) && !sim_pod_is_terminating(pod->body)) {
            delete_pod(state, pod);
        } else if (!sim_pod_is_terminating(pod->body) && is_available(state, pod)) {
            continue;
        }
        if (state->ordered) {
            return false;
        }
    }
    return true;
}

/* Pods above replicas go, the highest first. */
static bool shrink(struct stateful *state)
{
    for (int i = (int)state->count - 1; i >= state->replicas; i--) {
        if (state->pods[i] == NULL) {
            continue;
        }
        if (!sim_pod_is_terminating(state->pods[i]->body)) {
            delete_pod(state, state->pods[i]);
        }
        if (state->ordered) {
            return false;
        }
    }
    return true;
}

static void roll(struct stateful *state)
{
    const cJSON *strategy = json_at(state->set->body, "spec", "updateStrategy", NULL);
    if (strcmp(json_string_or(strategy, "type", "RollingUpdate"), "RollingUpdate") != 0) {
        return;
    }
    for (int i = state->replicas - 1; i >= state->partition; i--) {
        const struct sim_object *pod = state->pods[i];
        if (pod == NULL) {
            return;
        }
        if (!is_of(pod, state->update) && !sim_pod_is_terminating(pod->body)) {
            delete_pod(state, pod);
            return;
        }
        if (sim_pod_is_terminating(pod->body) || !is_available(state, pod)) {
            return;
        }
    }
}

struct counters {
    int replicas;
    int ready;
    int available;
    int current;
    int updated;
};

static void count_pods(struct stateful *state, struct counters *counters)
{
    for (size_t i = 0; i < state->count; i++) {
        const struct sim_object *pod = state->pods[i];
        if (pod == NULL) {
            continue;
        }
        counters->replicas++;
        counters->ready += sim_pod_is_ready(pod->body);
        counters->available += is_available(state, pod);
        if (!sim_pod_is_terminating(pod->body)) {
            counters->current += is_of(pod, state->current);
            counters->updated += is_of(pod, state->update);
        }
    }
}

static void add_unless_zero(cJSON *status, const char *name, int value)
{
    if (value != 0) {
        cJSON_AddNumberToObject(status, name, value);
    }
}

static cJSON *make_status(struct stateful *state)
{
    struct counters counters = {0};
    count_pods(state, &counters);
    const char *current = state->current->name;
    if (counters.updated == state->replicas && counters.ready == state->replicas &&
        counters.replicas == state->replicas) {
        counters.current = counters.updated;
        current = state->update->name;
    }
    cJSON *status = cJSON_CreateObject();
    cJSON_AddNumberToObject(
        status, "observedGeneration",
        (double)json_int(json_member(state->set->body, "metadata"), "generation", 1));
    cJSON_AddNumberToObject(status, "replicas", counters.replicas);
    add_unless_zero(status, "readyReplicas", counters.ready);
    add_unless_zero(status, "currentReplicas", counters.current);
    add_unless_zero(status, "updatedReplicas", counters.updated);
    cJSON_AddStringToObject(status, "currentRevision", current);
    cJSON_AddStringToObject(status, "updateRevision", state->update->name);
    cJSON_AddNumberToObject(status, "collisionCount", 0);
    cJSON_AddNumberToObject(status, "availableReplicas", counters.available);
    return status;
}

static void read_spec(struct stateful *state)
{
    const cJSON *spec = json_member(state->set->body, "spec");
    state->replicas = (int)json_int(spec, "replicas", 1);
    state->partition =
        (int)json_int(json_at(spec, "updateStrategy", "rollingUpdate", NULL), "partition", 0);
    state->ordered =
        strcmp(json_string_or(spec, "podManagementPolicy", "OrderedReady"), "Parallel") != 0;
    state->min_ready_seconds = json_int(spec, "minReadySeconds", 0);
}

static void forget(struct stateful *state)
{
    for (size_t i = 0; i < state->count; i++) {
        sim_object_release(state->pods[i]);
    }
    free(state->pods);
    sim_object_release(state->update);
    sim_object_release(state->current);
    sim_object_release(state->set);
}

void sim_statefulset_reconcile(struct sim *sim, struct sim_object *object)
{
    if (json_string(json_member(object->body, "metadata"), "deletionTimestamp") != NULL) {
        return;
    }
    struct stateful state = {.sim = sim, .set = sim_object_retain(object)};
    state.update = sim_revision_current(sim, object);
    if (state.update == NULL) {
        sim_object_release(state.set);
        return;
    }
    const char *name = json_string_or(json_member(object->body, "status"), "currentRevision", "");
    state.current = sim_revision_named(sim, object, name);
    if (state.current == NULL) {
        state.current = sim_object_retain(state.update);
    }
    read_spec(&state);
    collect(&state);
    if (fill(&state) && shrink(&state)) {
        roll(&state);
    }
    sim_life_set_status(sim, &state.set, make_status(&state), "kube-controller-manager");
    const char *keep[] = {state.current->name, state.update->name, NULL};
    sim_revisions_trim(sim, object, keep);
    if (state.wait_ms > 0) {
        sim_queue_add_later(sim, object->resource, object->ns, object->name, state.wait_ms);
    }
    forget(&state);
}
