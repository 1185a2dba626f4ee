#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/clock.h"
#include "base/map.h"
#include "doc/digest.h"
#include "doc/json.h"
#include "sim/kubelet.h"
#include "sim/life.h"
#include "sim/pods.h"

/* The status of a pod as its kubelet reports it. */

static cJSON *state_of(const struct sim_container *container)
{
    cJSON *state = cJSON_CreateObject();
    if (container->state == SIM_CONTAINER_RUNNING) {
        char started[32];
        clock_format_rfc3339(container->started_ms, started);
        cJSON_AddStringToObject(cJSON_AddObjectToObject(state, "running"), "startedAt", started);
        return state;
    }
    cJSON *waiting = cJSON_AddObjectToObject(state, "waiting");
    cJSON_AddStringToObject(waiting, "reason",
                            container->shown_reason == NULL ? "ContainerCreating"
                                                            : container->shown_reason);
    if (container->shown_message != NULL) {
        cJSON_AddStringToObject(waiting, "message", container->shown_message);
    }
    return state;
}

static cJSON *container_status(const struct sim_object *pod, const struct sim_container *container)
{
    bool running = container->state == SIM_CONTAINER_RUNNING;
    cJSON *status = cJSON_CreateObject();
    cJSON_AddStringToObject(status, "name", container->name);
    cJSON_AddItemToObject(status, "state", state_of(container));
    cJSON_AddObjectToObject(status, "lastState");
    cJSON_AddBoolToObject(status, "ready", running);
    cJSON_AddNumberToObject(status, "restartCount", 0);
    cJSON_AddStringToObject(status, "image", container->image);
    if (running) {
        char digest[129];
        char *seed = xasprintf("%s %s", pod->uid, container->name);
        digest_hex("sha256", container->image, strlen(container->image), digest);
        size_t repository = strcspn(container->image, "@");
        const char *slash = strrchr(container->image, '/');
        const char *colon = strchr(slash == NULL ? container->image : slash, ':');
        if (colon != NULL && (size_t)(colon - container->image) < repository) {
            repository = (size_t)(colon - container->image);
        }
        char *image_id = xasprintf("%.*s@sha256:%s", (int)repository, container->image, digest);
        cJSON_AddStringToObject(status, "imageID", image_id);
        digest_hex("sha256", seed, strlen(seed), digest);
        char *container_id = xasprintf("containerd://%s", digest);
        cJSON_AddStringToObject(status, "containerID", container_id);
        free(container_id);
        free(image_id);
        free(seed);
    } else {
        cJSON_AddStringToObject(status, "imageID", "");
    }
    cJSON_AddBoolToObject(status, "started", running);
    return status;
}

static const cJSON *find_condition(const struct sim_object *pod, const char *type)
{
    const cJSON *condition = NULL;
    cJSON_ArrayForEach(condition, json_at(pod->body, "status", "conditions", NULL))
    {
        if (strcmp(json_string_or(condition, "type", ""), type) == 0) {
            return condition;
        }
    }
    return NULL;
}

/* A condition keeps its transition time as long as its status stays. */
static void add_condition(const struct sim_object *pod, cJSON *conditions, const char *type,
                          bool holds, int64_t at_ms, const char *message)
{
    const cJSON *old = find_condition(pod, type);
    const char *word = holds ? "True" : "False";
    char now[32];
    clock_format_rfc3339(at_ms, now);
    const char *since = old != NULL && strcmp(json_string_or(old, "status", ""), word) == 0
                            ? json_string_or(old, "lastTransitionTime", now)
                            : now;
    cJSON *condition = cJSON_CreateObject();
    cJSON_AddStringToObject(condition, "type", type);
    cJSON_AddNumberToObject(condition, "observedGeneration",
                            (double)json_int(json_member(pod->body, "metadata"), "generation", 1));
    cJSON_AddStringToObject(condition, "status", word);
    cJSON_AddNullToObject(condition, "lastProbeTime");
    cJSON_AddStringToObject(condition, "lastTransitionTime", since);
    if (!holds && message != NULL) {
        cJSON_AddStringToObject(condition, "reason", "ContainersNotReady");
        cJSON_AddStringToObject(condition, "message", message);
    }
    cJSON_AddItemToArray(conditions, condition);
}

/* "containers with unready status: [a b]"; NULL if all are ready. */
static char *unready(const struct sim_container *containers, size_t count)
{
    char *names = NULL;
    for (size_t i = 0; i < count; i++) {
        if (containers[i].state != SIM_CONTAINER_RUNNING) {
            char *longer = xasprintf("%s%s%s", names == NULL ? "" : names, names == NULL ? "" : " ",
                                     containers[i].name);
            free(names);
            names = longer;
        }
    }
    if (names == NULL) {
        return NULL;
    }
    char *message = xasprintf("containers with unready status: [%s]", names);
    free(names);
    return message;
}

static const char *node_address(const struct sim *sim, const char *node)
{
    struct sim_object *object = sim_store_get(sim->store, sim_nodes(), "", node);
    if (object == NULL) {
        return NULL;
    }
    const cJSON *address = NULL;
    cJSON_ArrayForEach(address, json_at(object->body, "status", "addresses", NULL))
    {
        if (strcmp(json_string_or(address, "type", ""), "InternalIP") == 0) {
            return json_string(address, "address");
        }
    }
    return NULL;
}

static void add_address(cJSON *status, const char *one, const char *list, const char *address)
{
    cJSON_AddStringToObject(status, one, address);
    cJSON *entry = cJSON_CreateObject();
    cJSON_AddStringToObject(entry, "ip", address);
    cJSON_AddItemToArray(json_need_list(status, list), entry);
}

static void add_addresses(const struct sim *sim, const struct sim_object *pod, cJSON *status,
                          bool started)
{
    const char *host = node_address(sim, sim_pod_node(pod->body));
    if (host == NULL) {
        return;
    }
    add_address(status, "hostIP", "hostIPs", host);
    if (json_bool(json_member(pod->body, "spec"), "hostNetwork", false)) {
        add_address(status, "podIP", "podIPs", host);
    } else if (started) {
        char digest[129];
        char address[32];
        digest_hex("md5", pod->uid, strlen(pod->uid), digest);
        unsigned long bits =
            strtoul((char[]){digest[0], digest[1], digest[2], digest[3], '\0'}, NULL, 16);
        snprintf(address, sizeof(address), "10.233.%lu.%lu", 64 + (bits >> 8) % 64,
                 2 + (bits & 0xff) % 250);
        add_address(status, "podIP", "podIPs", address);
    }
}

static const char *quality(const cJSON *pod)
{
    const char *found = "BestEffort";
    const cJSON *container = NULL;
    cJSON_ArrayForEach(container, json_at(pod, "spec", "containers", NULL))
    {
        const cJSON *limits = json_at(container, "resources", "limits", NULL);
        const cJSON *requests = json_at(container, "resources", "requests", NULL);
        if (limits != NULL || requests != NULL) {
            found = "Burstable";
        }
    }
    return found;
}

static void add_init_statuses(const struct sim_object *pod, cJSON *status, int64_t at_ms)
{
    const cJSON *list = json_at(pod->body, "spec", "initContainers", NULL);
    const cJSON *container = NULL;
    char when[32];
    clock_format_rfc3339(at_ms, when);
    cJSON_ArrayForEach(container, list)
    {
        cJSON *entry = cJSON_CreateObject();
        cJSON_AddStringToObject(entry, "name", json_string_or(container, "name", ""));
        cJSON *ended =
            cJSON_AddObjectToObject(cJSON_AddObjectToObject(entry, "state"), "terminated");
        cJSON_AddNumberToObject(ended, "exitCode", 0);
        cJSON_AddStringToObject(ended, "reason", "Completed");
        cJSON_AddStringToObject(ended, "startedAt", when);
        cJSON_AddStringToObject(ended, "finishedAt", when);
        cJSON_AddObjectToObject(entry, "lastState");
        cJSON_AddTrueToObject(entry, "ready");
        cJSON_AddNumberToObject(entry, "restartCount", 0);
        cJSON_AddStringToObject(entry, "image", json_string_or(container, "image", ""));
        cJSON_AddStringToObject(entry, "imageID", "");
        cJSON_AddFalseToObject(entry, "started");
        cJSON_AddItemToArray(json_need_list(status, "initContainerStatuses"), entry);
    }
}

cJSON *sim_kubelet_status(const struct sim *sim, const struct sim_object *pod,
                          const struct sim_container *containers, size_t count, int64_t created_ms)
{
    bool started = false;
    int64_t ready_ms = created_ms;
    for (size_t i = 0; i < count; i++) {
        started = started || containers[i].state == SIM_CONTAINER_RUNNING;
        ready_ms = containers[i].started_ms > ready_ms ? containers[i].started_ms : ready_ms;
    }
    char *message = unready(containers, count);
    bool ready = message == NULL;
    char begun[32];
    clock_format_rfc3339(created_ms, begun);
    cJSON *status = cJSON_CreateObject();
    cJSON_AddNumberToObject(status, "observedGeneration",
                            (double)json_int(json_member(pod->body, "metadata"), "generation", 1));
    cJSON_AddStringToObject(status, "phase", ready ? "Running" : "Pending");
    cJSON *conditions = cJSON_AddArrayToObject(status, "conditions");
    add_condition(pod, conditions, "PodReadyToStartContainers", true, created_ms, NULL);
    add_condition(pod, conditions, "Initialized", true, created_ms, NULL);
    add_condition(pod, conditions, "Ready", ready, ready_ms, message);
    add_condition(pod, conditions, "ContainersReady", ready, ready_ms, message);
    add_condition(pod, conditions, "PodScheduled", true, created_ms, NULL);
    add_addresses(sim, pod, status, started);
    cJSON_AddStringToObject(status, "startTime", begun);
    add_init_statuses(pod, status, created_ms);
    cJSON *list = cJSON_AddArrayToObject(status, "containerStatuses");
    for (size_t i = 0; i < count; i++) {
        cJSON_AddItemToArray(list, container_status(pod, &containers[i]));
    }
    cJSON_AddStringToObject(status, "qosClass", quality(pod->body));
    free(message);
    return status;
}
