#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "deployment.h"
#include "doc/json.h"
#include "sim/life.h"

/* A Deployment's counters and its conditions Available and Progressing. */

static const cJSON *find_condition(const cJSON *status, const char *type)
{
    const cJSON *condition = NULL;
    cJSON_ArrayForEach(condition, json_list(status, "conditions"))
    {
        if (strcmp(json_string_or(condition, "type", ""), type) == 0) {
            return condition;
        }
    }
    return NULL;
}

static void add_condition(const struct deployment *deployment, cJSON *conditions, const char *type,
                          const char *status, const char *reason, const char *message,
                          bool progressed)
{
    const cJSON *old = find_condition(json_member(deployment->object->body, "status"), type);
    char now[32];
    sim_life_text(deployment->sim, now);
    bool same_status = strcmp(json_string_or(old, "status", ""), status) == 0;
    bool same_reason = same_status && strcmp(json_string_or(old, "reason", ""), reason) == 0;
    cJSON *condition = cJSON_CreateObject();
    cJSON_AddStringToObject(condition, "type", type);
    cJSON_AddStringToObject(condition, "status", status);
    cJSON_AddStringToObject(condition, "lastUpdateTime",
                            same_reason && !progressed ? json_string_or(old, "lastUpdateTime", now)
                                                       : now);
    cJSON_AddStringToObject(condition, "lastTransitionTime",
                            same_status ? json_string_or(old, "lastTransitionTime", now) : now);
    cJSON_AddStringToObject(condition, "reason", reason);
    cJSON_AddStringToObject(condition, "message", message);
    cJSON_AddItemToArray(conditions, condition);
}

static void add_unless_zero(cJSON *status, const char *name, int value)
{
    if (value != 0) {
        cJSON_AddNumberToObject(status, name, value);
    }
}

static void add_available(const struct deployment *deployment, cJSON *conditions, int available)
{
    bool enough = available >= deployment->replicas - deployment->max_unavailable;
    add_condition(deployment, conditions, "Available", enough ? "True" : "False",
                  enough ? "MinimumReplicasAvailable" : "MinimumReplicasUnavailable",
                  enough ? "Deployment has minimum availability."
                         : "Deployment does not have minimum availability.",
                  false);
}

/* True if the counters came nearer to the goal since the last status. */
static bool has_progressed(const struct deployment *deployment, const cJSON *status)
{
    const cJSON *old = json_member(deployment->object->body, "status");
    int64_t updated = json_int(status, "updatedReplicas", 0);
    int64_t old_pods = json_int(status, "replicas", 0) - updated;
    return updated > json_int(old, "updatedReplicas", 0) ||
           old_pods < json_int(old, "replicas", 0) - json_int(old, "updatedReplicas", 0) ||
           json_int(status, "readyReplicas", 0) > json_int(old, "readyReplicas", 0) ||
           json_int(status, "availableReplicas", 0) > json_int(old, "availableReplicas", 0);
}

static bool is_complete(const struct deployment *deployment, const cJSON *status)
{
    int64_t replicas = deployment->replicas;
    return deployment->fresh != NULL && json_int(status, "updatedReplicas", 0) == replicas &&
           json_int(status, "replicas", 0) == replicas &&
           json_int(status, "availableReplicas", 0) == replicas;
}

/* Milliseconds of the cluster's clock that are left before the deadline; below 0: it has struck. */
static int64_t time_left(const struct deployment *deployment)
{
    int64_t deadline =
        json_int(json_member(deployment->object->body, "spec"), "progressDeadlineSeconds", 600);
    return deadline * 1000 - sim_life_since_progress(deployment->sim, deployment->object->uid);
}

static void add_progressing(const struct deployment *deployment, cJSON *conditions,
                            const cJSON *status, int64_t *wait_ms)
{
    const char *name = deployment->fresh == NULL ? "" : deployment->fresh->name;
    const cJSON *old =
        find_condition(json_member(deployment->object->body, "status"), "Progressing");
    const char *reason = json_string_or(old, "reason", "");
    bool complete = is_complete(deployment, status);
    bool progressed = has_progressed(deployment, status);
    bool was_complete = strcmp(reason, "NewReplicaSetAvailable") == 0;
    char *message = NULL;
    if (deployment->paused) {
        add_condition(deployment, conditions, "Progressing", "Unknown", "DeploymentPaused",
                      "Deployment is paused", false);
        return;
    }
    if (complete) {
        message = xasprintf("ReplicaSet \"%s\" has successfully progressed.", name);
        add_condition(deployment, conditions, "Progressing", "True", "NewReplicaSetAvailable",
                      message, false);
    } else if (old == NULL || progressed || was_complete ||
               strcmp(reason, "DeploymentPaused") == 0) {
        message = xasprintf("ReplicaSet \"%s\" is progressing.", name);
        add_condition(deployment, conditions, "Progressing", "True", "ReplicaSetUpdated", message,
                      true);
        sim_life_note_progress(deployment->sim, deployment->object->uid);
        *wait_ms = 1000 + time_left(deployment);
    } else if (strcmp(reason, "ProgressDeadlineExceeded") == 0 || time_left(deployment) < 0) {
        message = xasprintf("ReplicaSet \"%s\" has timed out progressing.", name);
        add_condition(deployment, conditions, "Progressing", "False", "ProgressDeadlineExceeded",
                      message, false);
    } else {
        message = xstrdup(json_string_or(old, "message", ""));
        add_condition(deployment, conditions, "Progressing", "True", reason, message, false);
        *wait_ms = 1000 + time_left(deployment);
    }
    free(message);
}

cJSON *sim_deployment_status(const struct deployment *deployment, int64_t *wait_ms)
{
    int all = sim_deployment_total(deployment, "status", "replicas", true);
    int available = sim_deployment_total(deployment, "status", "availableReplicas", true);
    cJSON *status = cJSON_CreateObject();
    cJSON_AddNumberToObject(
        status, "observedGeneration",
        (double)json_int(json_member(deployment->object->body, "metadata"), "generation", 1));
    add_unless_zero(status, "replicas", all);
    add_unless_zero(status, "updatedReplicas",
                    sim_deployment_number(deployment->fresh, "status", "replicas"));
    add_unless_zero(status, "readyReplicas",
                    sim_deployment_total(deployment, "status", "readyReplicas", true));
    add_unless_zero(status, "availableReplicas", available);
    int wanted = deployment->replicas > all ? deployment->replicas : all;
    add_unless_zero(status, "unavailableReplicas", wanted - available);
    cJSON_AddNumberToObject(
        status, "terminatingReplicas",
        sim_deployment_total(deployment, "status", "terminatingReplicas", true));
    cJSON *conditions = cJSON_AddArrayToObject(status, "conditions");
    add_available(deployment, conditions, available);
    add_progressing(deployment, conditions, status, wait_ms);
    return status;
}
