#include "sim/pods.h"

#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "doc/json.h"
#include "sim/life.h"
#include "sim/recorder.h"
#include "sim/writes.h"

bool sim_pod_is_terminating(const cJSON *pod)
{
    return json_string(json_member(pod, "metadata"), "deletionTimestamp") != NULL;
}

static bool has_phase(const cJSON *pod, const char *phase)
{
    return strcmp(json_string_or(json_member(pod, "status"), "phase", ""), phase) == 0;
}

bool sim_pod_is_failed(const cJSON *pod)
{
    return has_phase(pod, "Failed");
}

bool sim_pod_is_active(const cJSON *pod)
{
    return !sim_pod_is_terminating(pod) && !has_phase(pod, "Failed") &&
           !has_phase(pod, "Succeeded");
}

static const cJSON *ready_condition(const cJSON *pod)
{
    const cJSON *condition = NULL;
    cJSON_ArrayForEach(condition, json_at(pod, "status", "conditions", NULL))
    {
        if (strcmp(json_string_or(condition, "type", ""), "Ready") == 0) {
            return condition;
        }
    }
    return NULL;
}

bool sim_pod_is_ready(const cJSON *pod)
{
    return strcmp(json_string_or(ready_condition(pod), "status", ""), "True") == 0;
}

bool sim_pod_is_available(const struct sim *sim, const cJSON *pod, int64_t min_ready_seconds,
                          int64_t *wait_ms)
{
    if (!sim_pod_is_ready(pod)) {
        return false;
    }
    if (min_ready_seconds <= 0) {
        return true;
    }
    const char *since = json_string(ready_condition(pod), "lastTransitionTime");
    int64_t missing = min_ready_seconds - sim_life_seconds_since(sim, since);
    if (missing > 0 && wait_ms != NULL) {
        *wait_ms = missing * 1000;
    }
    return missing <= 0;
}

const char *sim_pod_label(const cJSON *pod, const char *label)
{
    return json_string_or(json_at(pod, "metadata", "labels", NULL), label, "");
}

const char *sim_pod_node(const cJSON *pod)
{
    return json_string_or(json_member(pod, "spec"), "nodeName", "");
}

static void copy_member(cJSON *to, const cJSON *from, const char *name)
{
    const cJSON *value = json_member(from, name);
    if (value != NULL) {
        json_set(to, name, cJSON_Duplicate(value, true));
    }
}

cJSON *sim_pod_from_template(const struct sim_object *owner, const cJSON *template)
{
    cJSON *pod = cJSON_CreateObject();
    cJSON_AddStringToObject(pod, "apiVersion", "v1");
    cJSON_AddStringToObject(pod, "kind", "Pod");
    cJSON *metadata = cJSON_AddObjectToObject(pod, "metadata");
    char *prefix = xasprintf("%s-", owner->name);
    cJSON_AddStringToObject(metadata, "generateName", prefix);
    free(prefix);
    cJSON_AddStringToObject(metadata, "namespace", owner->ns);
    const cJSON *template_metadata = json_member(template, "metadata");
    copy_member(metadata, template_metadata, "labels");
    copy_member(metadata, template_metadata, "annotations");
    copy_member(metadata, template_metadata, "finalizers");
    cJSON_AddItemToArray(json_need_list(metadata, "ownerReferences"),
                         sim_life_owner_reference(owner));
    copy_member(pod, template, "spec");
    return pod;
}

void sim_pod_pin(cJSON *pod, const char *node)
{
    cJSON *affinity = json_need_object(json_member(pod, "spec"), "affinity");
    cJSON *required = json_need_object(json_need_object(affinity, "nodeAffinity"),
                                       "requiredDuringSchedulingIgnoredDuringExecution");
    cJSON *field = cJSON_CreateObject();
    cJSON_AddStringToObject(field, "key", "metadata.name");
    cJSON_AddStringToObject(field, "operator", "In");
    cJSON_AddItemToArray(json_need_list(field, "values"), cJSON_CreateString(node));
    cJSON *term = cJSON_CreateObject();
    cJSON_AddItemToArray(json_need_list(term, "matchFields"), field);
    cJSON *terms = cJSON_CreateArray();
    cJSON_AddItemToArray(terms, term);
    json_set(required, "nodeSelectorTerms", terms);
}

static void note(struct sim *sim, const struct sim_object *owner, const char *component,
                 const char *type, const char *reason, const char *verb, const char *name)
{
    char *message = xasprintf("%s: %s", verb, name);
    struct sim_event event = {component, "", type, reason, message, ""};
    sim_event_record(sim, owner, &event);
    free(message);
}

bool sim_pod_create(struct sim *sim, const struct sim_object *owner, cJSON *body,
                    const char *component)
{
    struct sim_write write = {.manager = "kube-controller-manager",
                              .creation_ms = sim_life_ms(sim)};
    struct sim_status status = SIM_STATUS_INIT;
    struct sim_object *made = NULL;
    bool bound = sim_pod_node(body)[0] != '\0' || sim_pod_place(sim, body);
    bool done = sim_write_create(sim, sim_pods(), owner->ns, body, &write, &made, &status);
    if (done) {
        note(sim, owner, component, "Normal", "SuccessfulCreate",
             strcmp(component, "statefulset-controller") == 0 ? "create Pod" : "Created pod",
             made->name);
        if (bound) {
            sim_event_scheduled(sim, made, sim_pod_node(made->body));
        }
        sim_object_release(made);
    } else {
        note(sim, owner, component, "Warning", "FailedCreate", "Error creating",
             status.message == NULL ? "" : status.message);
    }
    sim_status_clear(&status);
    return done;
}

void sim_pod_delete(struct sim *sim, const struct sim_object *owner, const struct sim_object *pod,
                    const char *component)
{
    struct sim_store_options options = {.require_uid = pod->uid, .grace_seconds = -1};
    struct sim_status status = SIM_STATUS_INIT;
    struct sim_object *last = NULL;
    if (sim_store_delete(sim->store, sim_pods(), pod->ns, pod->name, &options, &last, NULL,
                         &status)) {
        note(sim, owner, component, "Normal", "SuccessfulDelete",
             strcmp(component, "statefulset-controller") == 0 ? "delete Pod" : "Deleted pod",
             pod->name);
    }
    sim_object_release(last);
    sim_status_clear(&status);
}
