#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "doc/json.h"
#include "sim/life.h"
#include "sim/pods.h"
#include "sim/recorder.h"
#include "sim/writes.h"

/* Which node a pod may run on: as much of kube-scheduler as a cluster without load needs. */

static bool is(const char *a, const char *b)
{
    return a != NULL && b != NULL && strcmp(a, b) == 0;
}

static bool tolerates(const cJSON *toleration, const cJSON *taint)
{
    const char *key = json_string_or(toleration, "key", "");
    const char *effect = json_string_or(toleration, "effect", "");
    if (key[0] != '\0' && !is(key, json_string(taint, "key"))) {
        return false;
    }
    if (effect[0] != '\0' && !is(effect, json_string(taint, "effect"))) {
        return false;
    }
    if (is(json_string(toleration, "operator"), "Exists")) {
        return true;
    }
    return key[0] != '\0' &&
           is(json_string_or(toleration, "value", ""), json_string_or(taint, "value", ""));
}

static bool taints_are_tolerated(const cJSON *node, const cJSON *pod_spec)
{
    const cJSON *taint = NULL;
    cJSON_ArrayForEach(taint, json_at(node, "spec", "taints", NULL))
    {
        if (is(json_string(taint, "effect"), "PreferNoSchedule")) {
            continue;
        }
        bool tolerated = false;
        const cJSON *toleration = NULL;
        cJSON_ArrayForEach(toleration, json_list(pod_spec, "tolerations"))
        {
            tolerated = tolerated || tolerates(toleration, taint);
        }
        if (!tolerated) {
            return false;
        }
    }
    return true;
}

static bool term_matches(const cJSON *term, const cJSON *node)
{
    const cJSON *metadata = json_member(node, "metadata");
    const cJSON *field = NULL;
    cJSON_ArrayForEach(field, json_list(term, "matchFields"))
    {
        const cJSON *value = json_list(field, "values");
        if (!is(json_string(field, "key"), "metadata.name") || value == NULL ||
            !cJSON_IsString(value->child) ||
            is(value->child->valuestring, json_string(metadata, "name")) !=
                is(json_string(field, "operator"), "In")) {
            return false;
        }
    }
    const cJSON *expressions = json_list(term, "matchExpressions");
    if (expressions == NULL) {
        return json_list(term, "matchFields") != NULL;
    }
    cJSON *copy = cJSON_CreateObject();
    cJSON_AddItemReferenceToObject(copy, "matchExpressions", (cJSON *)(uintptr_t)expressions);
    bool matches = sim_life_selects(copy, json_object(metadata, "labels"));
    cJSON_Delete(copy);
    return matches;
}

static bool affinity_matches(const cJSON *node, const cJSON *pod_spec)
{
    const cJSON *terms =
        json_at(pod_spec, "affinity", "nodeAffinity",
                "requiredDuringSchedulingIgnoredDuringExecution", "nodeSelectorTerms", NULL);
    if (terms == NULL) {
        return true;
    }
    const cJSON *term = NULL;
    cJSON_ArrayForEach(term, terms)
    {
        if (term_matches(term, node)) {
            return true;
        }
    }
    return false;
}

bool sim_node_admits(const cJSON *node, const cJSON *pod_spec)
{
    const cJSON *wanted = NULL;
    const cJSON *labels = json_at(node, "metadata", "labels", NULL);
    cJSON_ArrayForEach(wanted, json_object(pod_spec, "nodeSelector"))
    {
        if (!is(json_string(labels, wanted->string), wanted->valuestring)) {
            return false;
        }
    }
    const char *name = json_string(pod_spec, "nodeName");
    if (name != NULL && name[0] != '\0' &&
        !is(name, json_string(json_member(node, "metadata"), "name"))) {
        return false;
    }
    return affinity_matches(node, pod_spec) && taints_are_tolerated(node, pod_spec);
}

/* The name a DaemonSet's controller pinned the pod to, so that not every node need be asked. */
static const char *pinned_node(const cJSON *pod_spec)
{
    const cJSON *terms =
        json_at(pod_spec, "affinity", "nodeAffinity",
                "requiredDuringSchedulingIgnoredDuringExecution", "nodeSelectorTerms", NULL);
    const cJSON *fields = json_list(terms == NULL ? NULL : terms->child, "matchFields");
    const cJSON *values = json_list(fields == NULL ? NULL : fields->child, "values");
    return values == NULL || cJSON_GetArraySize(terms) != 1 ? NULL
                                                            : cJSON_GetStringValue(values->child);
}

bool sim_pod_place(struct sim *sim, cJSON *body)
{
    cJSON *spec = json_member(body, "spec");
    const char *pinned = pinned_node(spec);
    if (pinned != NULL) {
        struct sim_object *node = sim_store_get(sim->store, sim_nodes(), "", pinned);
        if (node == NULL || !sim_node_admits(node->body, spec)) {
            return false;
        }
        json_set_string(spec, "nodeName", node->name);
        return true;
    }
    size_t count = 0;
    struct sim_object *const *nodes = sim_store_list(sim->store, sim_nodes(), NULL, &count);
    size_t start = count == 0 ? 0 : (size_t)(sim_random(sim) % count);
    for (size_t i = 0; i < count; i++) {
        const struct sim_object *node = nodes[(start + i) % count];
        if (!json_bool(json_member(node->body, "spec"), "unschedulable", false) &&
            sim_node_admits(node->body, spec)) {
            json_set_string(spec, "nodeName", node->name);
            return true;
        }
    }
    return false;
}

void sim_schedule_pod(struct sim *sim, struct sim_object *pod)
{
    if (sim_pod_node(pod->body)[0] != '\0' || !sim_pod_is_active(pod->body)) {
        return;
    }
    cJSON *body = cJSON_Duplicate(pod->body, true);
    if (!sim_pod_place(sim, body)) {
        cJSON_Delete(body);
        return;
    }
    struct sim_object *bound = sim_object_retain(pod);
    if (sim_life_update(sim, &bound, body, NULL)) {
        sim_event_scheduled(sim, bound, sim_pod_node(bound->body));
    }
    sim_object_release(bound);
}
