#include "sim/scenario_nodes.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/clock.h"
#include "doc/json.h"
#include "sim/life.h"
#include "sim/scenario_parts.h"

/* One entry of the setting "nodes". */
struct group {
    const char *name; /* with %d for the number; without, the number is added */
    const char *roles;
    const cJSON *labels;
    const cJSON *taints;
    const cJSON *drivers; /* names of CSI drivers that registered */
    const cJSON *earlier; /* how the spec of its DaemonSet pods differs: they were made before */
    int count;
};

static void add_quantities(cJSON *status, const char *member)
{
    cJSON *amounts = cJSON_AddObjectToObject(status, member);
    cJSON_AddStringToObject(amounts, "cpu", "4");
    cJSON_AddStringToObject(amounts, "ephemeral-storage", "81106868Ki");
    cJSON_AddStringToObject(amounts, "memory", "8138708Ki");
    cJSON_AddStringToObject(amounts, "pods", "110");
}

static void add_condition(cJSON *conditions, const char *type, const char *status,
                          const char *reason, const char *message, const char *at)
{
    cJSON *condition = cJSON_CreateObject();
    cJSON_AddStringToObject(condition, "type", type);
    cJSON_AddStringToObject(condition, "status", status);
    cJSON_AddStringToObject(condition, "lastHeartbeatTime", at);
    cJSON_AddStringToObject(condition, "lastTransitionTime", at);
    cJSON_AddStringToObject(condition, "reason", reason);
    cJSON_AddStringToObject(condition, "message", message);
    cJSON_AddItemToArray(conditions, condition);
}

static void add_address(cJSON *addresses, const char *type, const char *address)
{
    cJSON *entry = cJSON_CreateObject();
    cJSON_AddStringToObject(entry, "type", type);
    cJSON_AddStringToObject(entry, "address", address);
    cJSON_AddItemToArray(addresses, entry);
}

static void add_node_info(const struct sim *sim, cJSON *status)
{
    char version[32];
    snprintf(version, sizeof(version), "v1.%d.2", sim_scenario_kubelet_minor(sim));
    cJSON *info = cJSON_AddObjectToObject(status, "nodeInfo");
    cJSON_AddStringToObject(info, "architecture", "amd64");
    cJSON_AddStringToObject(info, "containerRuntimeVersion", "containerd://1.7.21");
    cJSON_AddStringToObject(info, "kernelVersion", "6.8.0-45-generic");
    cJSON_AddStringToObject(info, "kubeProxyVersion", version);
    cJSON_AddStringToObject(info, "kubeletVersion", version);
    cJSON_AddStringToObject(info, "operatingSystem", "linux");
    cJSON_AddStringToObject(info, "osImage", "Ubuntu 24.04.1 LTS");
}

static cJSON *node_status(const struct sim *sim, const char *name, int number, int64_t created_ms)
{
    char address[32];
    char at[32];
    snprintf(address, sizeof(address), "10.0.%d.%d", number / 250, 4 + number % 250);
    clock_format_rfc3339(created_ms, at);
    cJSON *status = cJSON_CreateObject();
    cJSON *addresses = cJSON_AddArrayToObject(status, "addresses");
    add_address(addresses, "InternalIP", address);
    add_address(addresses, "Hostname", name);
    add_quantities(status, "allocatable");
    add_quantities(status, "capacity");
    cJSON *conditions = cJSON_AddArrayToObject(status, "conditions");
    add_condition(conditions, "MemoryPressure", "False", "KubeletHasSufficientMemory",
                  "kubelet has sufficient memory available", at);
    add_condition(conditions, "DiskPressure", "False", "KubeletHasNoDiskPressure",
                  "kubelet has no disk pressure", at);
    add_condition(conditions, "PIDPressure", "False", "KubeletHasSufficientPID",
                  "kubelet has sufficient PID available", at);
    add_condition(conditions, "Ready", "True", "KubeletReady", "kubelet is posting ready status",
                  at);
    add_node_info(sim, status);
    return status;
}

static cJSON *node_body(const struct group *group, const char *name)
{
    cJSON *body = cJSON_CreateObject();
    cJSON_AddStringToObject(body, "apiVersion", "v1");
    cJSON_AddStringToObject(body, "kind", "Node");
    cJSON *metadata = cJSON_AddObjectToObject(body, "metadata");
    cJSON_AddStringToObject(metadata, "name", name);
    cJSON *labels = cJSON_AddObjectToObject(metadata, "labels");
    cJSON_AddStringToObject(labels, "kubernetes.io/arch", "amd64");
    cJSON_AddStringToObject(labels, "kubernetes.io/hostname", name);
    cJSON_AddStringToObject(labels, "kubernetes.io/os", "linux");
    if (group->roles != NULL) {
        char *role = xasprintf("node-role.kubernetes.io/%s", group->roles);
        cJSON_AddStringToObject(labels, role, "");
        free(role);
    }
    const cJSON *label = NULL;
    cJSON_ArrayForEach(label, group->labels)
    {
        json_set(labels, label->string, cJSON_Duplicate(label, true));
    }
    cJSON *spec = cJSON_AddObjectToObject(body, "spec");
    if (cJSON_GetArraySize(group->taints) > 0) {
        cJSON_AddItemToObject(spec, "taints", cJSON_Duplicate(group->taints, true));
    }
    return body;
}

static cJSON *csi_node_body(const struct group *group, const char *name)
{
    cJSON *body = cJSON_CreateObject();
    cJSON_AddStringToObject(body, "apiVersion", "storage.k8s.io/v1");
    cJSON_AddStringToObject(body, "kind", "CSINode");
    cJSON_AddStringToObject(cJSON_AddObjectToObject(body, "metadata"), "name", name);
    cJSON *drivers = cJSON_AddArrayToObject(cJSON_AddObjectToObject(body, "spec"), "drivers");
    const cJSON *driver = NULL;
    cJSON_ArrayForEach(driver, group->drivers)
    {
        cJSON *entry = cJSON_CreateObject();
        cJSON_AddStringToObject(entry, "name", cJSON_IsString(driver) ? driver->valuestring : "");
        cJSON_AddStringToObject(entry, "nodeID", name);
        cJSON_AddNullToObject(entry, "topologyKeys");
        cJSON_AddItemToArray(drivers, entry);
    }
    return body;
}

static char *node_name(const char *pattern, int number, int count)
{
    const char *mark = strstr(pattern, "%d");
    if (mark != NULL) {
        return xasprintf("%.*s%d%s", (int)(mark - pattern), pattern, number, mark + 2);
    }
    return count == 1 ? xstrdup(pattern) : xasprintf("%s-%d", pattern, number);
}

static bool put_node(struct sim *sim, const struct group *group, int number, int serial,
                     int64_t created_ms, struct sim_status *failure)
{
    char *name = node_name(group->name, number, group->count);
    bool done = sim_scenario_put(sim, "kubelet", created_ms, node_body(group, name), failure) &&
                sim_scenario_put(sim, "kubelet", created_ms, csi_node_body(group, name), failure);
    struct sim_object *node = done ? sim_store_get(sim->store, sim_nodes(), "", name) : NULL;
    if (done && group->earlier != NULL) {
        sim_scenario_note_earlier(sim, name, group->earlier);
    }
    if (node != NULL) {
        sim_object_retain(node);
        sim_life_set_status(sim, &node, node_status(sim, name, serial, created_ms), "kubelet");
        sim_object_release(node);
    }
    free(name);
    return done;
}

bool sim_scenario_nodes(struct sim *sim, const struct doc_node *groups, const char *source,
                        int64_t created_ms, struct error *err)
{
    int serial = 0;
    for (size_t i = 0; groups != NULL && i < groups->count; i++) {
        const struct doc_node *node = groups->items[i];
        cJSON *settings = doc_to_json(node, source, err);
        if (settings == NULL) {
            return false;
        }
        struct group group = {
            .name = json_string_or(settings, "name", "worker-%d"),
            .roles = json_string(settings, "role"),
            .labels = json_object(settings, "labels"),
            .taints = json_list(settings, "taints"),
            .drivers = json_list(settings, "drivers"),
            .earlier = json_object(settings, "earlier"),
            .count = (int)json_int(settings, "count", 1),
        };
        if (sim->nodes > 0 && json_bool(settings, "scales", false)) {
            group.count = sim->nodes;
        }
        struct sim_status failure = SIM_STATUS_INIT;
        bool done = true;
        for (int number = 1; done && number <= group.count; number++) {
            done = put_node(sim, &group, number, ++serial, created_ms, &failure);
        }
        if (!done) {
            error_set(err, ERROR_CONFIG, "%s:%d:%d: the cluster refuses a node: %s", source,
                      node->line, node->column, failure.message == NULL ? "" : failure.message);
        }
        sim_status_clear(&failure);
        cJSON_Delete(settings);
        if (!done) {
            return false;
        }
    }
    return true;
}
