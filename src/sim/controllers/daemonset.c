#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/map.h"
#include "doc/json.h"
#include "sim/controllers.h"
#include "sim/life.h"
#include "sim/patch_types.h"
#include "sim/pods.h"
#include "sim/revisions.h"
#include "sim/scenario_parts.h"

/* The DaemonSet controller: one pod a node, rolling update by maxUnavailable or maxSurge. */

static const char component[] = "daemonset-controller";

/* What one reconcile knows of a node. */
struct place {
    const char *node;
    bool wanted;
    struct sim_object **pods; /* oldest first; into rollout's array */
    size_t count;
    size_t capacity;
    struct sim_object *fresh; /* the pod of the present template, not being deleted */
    struct sim_object *old;   /* that of another one, not being deleted */
};

struct rollout {
    struct sim *sim;
    struct sim_object *set;
    const char *hash;
    int64_t min_ready_seconds;
    int64_t wait_ms; /* until a pod may become available; 0: none waits */
    struct place *places;
    size_t count;
    size_t capacity;
    struct map *by_node;
};

static bool is_available(struct rollout *rollout, const struct sim_object *pod)
{
    int64_t wait_ms = 0;
    bool available =
        sim_pod_is_available(rollout->sim, pod->body, rollout->min_ready_seconds, &wait_ms);
    if (wait_ms > 0 && (rollout->wait_ms == 0 || wait_ms < rollout->wait_ms)) {
        rollout->wait_ms = wait_ms;
    }
    return available;
}

static bool is_fresh(const struct rollout *rollout, const struct sim_object *pod)
{
    return strcmp(sim_pod_label(pod->body, "controller-revision-hash"), rollout->hash) == 0;
}

/* The tolerations that every pod of a DaemonSet gets. */
static void add_tolerations(cJSON *pod)
{
    static const struct {
        const char *key;
        const char *effect;
    } own[] = {
        {"node.kubernetes.io/not-ready", "NoExecute"},
        {"node.kubernetes.io/unreachable", "NoExecute"},
        {"node.kubernetes.io/disk-pressure", "NoSchedule"},
        {"node.kubernetes.io/memory-pressure", "NoSchedule"},
        {"node.kubernetes.io/pid-pressure", "NoSchedule"},
        {"node.kubernetes.io/unschedulable", "NoSchedule"},
        {"node.kubernetes.io/network-unavailable", "NoSchedule"},
    };
    cJSON *spec = json_member(pod, "spec");
    size_t count = ARRAY_LENGTH(own) - (json_bool(spec, "hostNetwork", false) ? 0 : 1);
    cJSON *tolerations = json_need_list(spec, "tolerations");
    for (size_t i = 0; i < count; i++) {
        cJSON *toleration = cJSON_CreateObject();
        cJSON_AddStringToObject(toleration, "key", own[i].key);
        cJSON_AddStringToObject(toleration, "operator", "Exists");
        cJSON_AddStringToObject(toleration, "effect", own[i].effect);
        cJSON_AddItemToArray(tolerations, toleration);
    }
}

static cJSON *make_pod(const struct rollout *rollout)
{
    cJSON *pod =
        sim_pod_from_template(rollout->set, json_at(rollout->set->body, "spec", "template", NULL));
    cJSON *labels = json_need_object(json_member(pod, "metadata"), "labels");
    json_set_string(labels, "controller-revision-hash", rollout->hash);
    const char *generation =
        json_string(json_at(rollout->set->body, "metadata", "annotations", NULL),
                    "deprecated.daemonset.template.generation");
    if (generation != NULL) {
        json_set_string(labels, "pod-template-generation", generation);
    }
    add_tolerations(pod);
    return pod;
}

static void collect_places(struct rollout *rollout)
{
    cJSON *sample = make_pod(rollout);
    const cJSON *spec = json_member(sample, "spec");
    size_t count = 0;
    struct sim_object *const *nodes =
        sim_store_list(rollout->sim->store, sim_nodes(), NULL, &count);
    rollout->by_node = map_new(NULL);
    rollout->places = count == 0 ? NULL : xcalloc(count, sizeof(struct place));
    rollout->count = count;
    for (size_t i = 0; i < count; i++) {
        rollout->places[i].node = xstrdup(nodes[i]->name);
        rollout->places[i].wanted = sim_node_admits(nodes[i]->body, spec);
        map_set(rollout->by_node, nodes[i]->name, &rollout->places[i]);
    }
    cJSON_Delete(sample);
}

static void collect_pods(struct rollout *rollout, struct sim_object **pods, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        struct place *place = map_get(rollout->by_node, sim_pod_node(pods[i]->body));
        if (place == NULL) {
            continue;
        }
        place->pods =
            xgrow(place->pods, place->count, &place->capacity, sizeof(struct sim_object *));
        place->pods[place->count++] = pods[i];
        if (sim_pod_is_terminating(pods[i]->body)) {
            continue;
        }
        struct sim_object **slot = is_fresh(rollout, pods[i]) ? &place->fresh : &place->old;
        *slot = *slot == NULL ? pods[i] : *slot;
    }
}

/* A node that a scenario left behind an earlier template: its pod is of that one. */
static void make_earlier(const struct rollout *rollout, cJSON *pod, const cJSON *patch)
{
    struct sim_status status = SIM_STATUS_INIT;
    cJSON *spec = json_member(pod, "spec");
    char hash[16];
    if (sim_patch_merge(spec, patch, rollout->sim->minor, &status)) {
        sim_template_hash(spec, hash);
        cJSON *labels = json_at(pod, "metadata", "labels", NULL);
        json_set_string(labels, "controller-revision-hash", hash);
        json_set_string(labels, "pod-template-generation", "0");
    }
    sim_status_clear(&status);
}

static void create_on(struct rollout *rollout, const char *node)
{
    cJSON *pod = make_pod(rollout);
    const cJSON *earlier =
        rollout->sim->controllers->past_ms > 0 ? sim_scenario_earlier(rollout->sim, node) : NULL;
    if (earlier != NULL) {
        make_earlier(rollout, pod, earlier);
    }
    sim_pod_pin(pod, node);
    sim_pod_create(rollout->sim, rollout->set, pod, component);
}

static void delete_pod(struct rollout *rollout, const struct sim_object *pod)
{
    sim_pod_delete(rollout->sim, rollout->set, pod, component);
}

/* One live pod on each wanted node, none elsewhere. Returns how many it made or removed. */
static int manage(struct rollout *rollout, bool surge)
{
    int changes = 0;
    for (size_t i = 0; i < rollout->count; i++) {
        struct place *place = &rollout->places[i];
        size_t live = 0;
        bool failed = false;
        for (size_t j = 0; j < place->count; j++) {
            const struct sim_object *pod = place->pods[j];
            if (sim_pod_is_failed(pod->body) && !sim_pod_is_terminating(pod->body)) {
                delete_pod(rollout, pod);
                failed = true;
                changes++;
            } else if (!sim_pod_is_terminating(pod->body)) {
                live++;
                bool spare = !place->wanted || (live > 1 && (!surge || live > 2));
                if (spare) {
                    delete_pod(rollout, pod);
                    changes++;
                }
            }
        }
        if (place->wanted && place->count == 0 && !failed) {
            create_on(rollout, place->node);
            changes++;
        }
    }
    return changes;
}

static int percent_of(const struct rollout *rollout, const char *name, int fallback, int desired)
{
    const cJSON *value =
        json_at(rollout->set->body, "spec", "updateStrategy", "rollingUpdate", name, NULL);
    return sim_life_scaled(value, desired, true, fallback);
}

static int count_wanted(const struct rollout *rollout)
{
    int wanted = 0;
    for (size_t i = 0; i < rollout->count; i++) {
        wanted += rollout->places[i].wanted;
    }
    return wanted;
}

/* maxSurge 0: old pods that are not available go at once, the others within maxUnavailable. */
static void replace_in_place(struct rollout *rollout, int max_unavailable)
{
    int unavailable = 0;
    for (size_t i = 0; i < rollout->count; i++) {
        struct place *place = &rollout->places[i];
        const struct sim_object *pod = place->fresh != NULL ? place->fresh : place->old;
        if (!place->wanted) {
            continue;
        }
        if (pod == NULL || !is_available(rollout, pod)) {
            unavailable++;
            if (pod != NULL && pod == place->old) {
                delete_pod(rollout, pod);
            }
        }
    }
    for (size_t i = 0; i < rollout->count && unavailable < max_unavailable; i++) {
        struct place *place = &rollout->places[i];
        if (place->wanted && place->fresh == NULL && place->old != NULL &&
            is_available(rollout, place->old)) {
            delete_pod(rollout, place->old);
            unavailable++;
        }
    }
}

/* maxSurge over 0: a fresh pod beside the old one; the old goes when the fresh is available. */
static void replace_by_surge(struct rollout *rollout, int max_surge)
{
    int surging = 0;
    for (size_t i = 0; i < rollout->count; i++) {
        struct place *place = &rollout->places[i];
        if (!place->wanted || place->fresh == NULL || place->old == NULL) {
            continue;
        }
        if (is_available(rollout, place->fresh)) {
            delete_pod(rollout, place->old);
        } else {
            surging++;
        }
    }
    for (size_t i = 0; i < rollout->count; i++) {
        struct place *place = &rollout->places[i];
        if (!place->wanted || place->fresh != NULL || place->old == NULL) {
            continue;
        }
        if (!is_available(rollout, place->old)) {
            create_on(rollout, place->node);
        } else if (surging < max_surge) {
            create_on(rollout, place->node);
            surging++;
        }
    }
}

static void roll(struct rollout *rollout)
{
    const cJSON *strategy = json_at(rollout->set->body, "spec", "updateStrategy", NULL);
    if (strcmp(json_string_or(strategy, "type", "RollingUpdate"), "RollingUpdate") != 0) {
        return;
    }
    int desired = count_wanted(rollout);
    int max_surge = percent_of(rollout, "maxSurge", 0, desired);
    if (max_surge > 0) {
        replace_by_surge(rollout, max_surge);
    } else {
        replace_in_place(rollout, percent_of(rollout, "maxUnavailable", 1, desired));
    }
}

static void add_unless_zero(cJSON *status, const char *name, int value)
{
    if (value != 0) {
        cJSON_AddNumberToObject(status, name, value);
    }
}

/* The first four counters are always there, the others only when they are not 0. */
static cJSON *make_status(struct rollout *rollout)
{
    int current = 0;
    int misplaced = 0;
    int ready = 0;
    int updated = 0;
    int available = 0;
    for (size_t i = 0; i < rollout->count; i++) {
        const struct place *place = &rollout->places[i];
        if (!place->wanted) {
            misplaced += place->count > 0;
            continue;
        }
        if (place->count > 0) {
            const struct sim_object *oldest = place->pods[0];
            current++;
            ready += sim_pod_is_ready(oldest->body);
            available += is_available(rollout, oldest);
            updated += is_fresh(rollout, oldest);
        }
    }
    int desired = count_wanted(rollout);
    cJSON *status = cJSON_CreateObject();
    cJSON_AddNumberToObject(status, "currentNumberScheduled", current);
    cJSON_AddNumberToObject(status, "numberMisscheduled", misplaced);
    cJSON_AddNumberToObject(status, "desiredNumberScheduled", desired);
    cJSON_AddNumberToObject(status, "numberReady", ready);
    cJSON_AddNumberToObject(
        status, "observedGeneration",
        (double)json_int(json_member(rollout->set->body, "metadata"), "generation", 1));
    add_unless_zero(status, "updatedNumberScheduled", updated);
    add_unless_zero(status, "numberAvailable", available);
    add_unless_zero(status, "numberUnavailable", desired - available);
    return status;
}

static void forget_places(struct rollout *rollout)
{
    for (size_t i = 0; i < rollout->count; i++) {
        free(rollout->places[i].pods);
        free((char *)(uintptr_t)rollout->places[i].node);
    }
    free(rollout->places);
    map_free(rollout->by_node);
}

void sim_daemonset_reconcile(struct sim *sim, struct sim_object *object)
{
    if (json_string(json_member(object->body, "metadata"), "deletionTimestamp") != NULL) {
        return;
    }
    struct sim_object *revision = sim_revision_current(sim, object);
    if (revision == NULL) {
        return;
    }
    struct rollout rollout = {
        .sim = sim,
        .set = sim_object_retain(object),
        .hash = sim_revision_hash(revision),
        .min_ready_seconds = json_int(json_member(object->body, "spec"), "minReadySeconds", 0)};
    size_t count = 0;
    struct sim_object **pods = sim_life_owned(sim, sim_pods(), object->ns, object->uid, &count);
    collect_places(&rollout);
    collect_pods(&rollout, pods, count);
    bool surge = percent_of(&rollout, "maxSurge", 0, count_wanted(&rollout)) > 0;
    if (manage(&rollout, surge) == 0) {
        roll(&rollout);
    }
    sim_life_set_status(sim, &rollout.set, make_status(&rollout), "kube-controller-manager");
    const char *keep[] = {revision->name, NULL};
    sim_revisions_trim(sim, object, keep);
    if (rollout.wait_ms > 0) {
        sim_queue_add_later(sim, object->resource, object->ns, object->name, rollout.wait_ms);
    }
    forget_places(&rollout);
    sim_life_free_objects(pods, count);
    sim_object_release(rollout.set);
    sim_object_release(revision);
}
