#include "table.h"

#include <string.h>

#include "doc/json.h"
#include "table_cells.h"

/* A column of some kinds ("*": of all but events). */
struct column {
    const char *kinds;
    const char *name;
    const char *type;
    int wide; /* priority */
    const char *description;
};

#define AGE         "How long ago the object was made."
#define CONTAINERS  "Names of the template's containers."
#define IMAGES      "Images of the template's containers."
#define SELECTOR    "Labels of the pods that belong to it."
#define WORKLOADS   "DaemonSet StatefulSet Deployment ReplicaSet"
#define WITH_LABELS "DaemonSet Deployment ReplicaSet"

/* In the order of the cells in table_cells.c. */
static const struct column columns[] = {
    {"Event", "Last Seen", "string", 0, "Time since it happened last."},
    {"Event", "Type", "string", 0, "Normal or Warning."},
    {"Event", "Reason", "string", 0, "A word for programs."},
    {"Event", "Object", "string", 0, "What it is about."},
    {"Event", "Subobject", "string", 1, "Which part of the object."},
    {"Event", "Source", "string", 1, "Who reports it."},
    {"Event", "Message", "string", 0, "A sentence for people."},
    {"Event", "First Seen", "string", 1, "Time since it happened first."},
    {"Event", "Count", "string", 1, "How often it happened."},
    {"*", "Name", "string", 0, "The object's name."},
    {"Pod", "Ready", "string", 0, "Ready containers of all."},
    {"Pod", "Status", "string", 0, "What its containers are doing."},
    {"Pod", "Restarts", "string", 0, "How often containers were started anew, and when last."},
    {"DaemonSet", "Desired", "integer", 0, "Nodes that should run it."},
    {"DaemonSet", "Current", "integer", 0, "Nodes that run it and should."},
    {"DaemonSet", "Ready", "integer", 0, "Nodes with a ready pod of it."},
    {"DaemonSet", "Up-to-date", "integer", 0, "Nodes with a pod of the newest template."},
    {"DaemonSet", "Available", "integer", 0, "Nodes with a pod that has been ready long enough."},
    {"DaemonSet", "Node Selector", "string", 0, "Labels of the nodes that should run it."},
    {"StatefulSet Deployment", "Ready", "string", 0, "Ready pods of those wanted."},
    {"Deployment", "Up-to-date", "string", 0, "Pods of the newest template."},
    {"Deployment", "Available", "string", 0, "Pods that have been ready long enough."},
    {"ReplicaSet", "Desired", "integer", 0, "Pods wanted."},
    {"ReplicaSet", "Current", "integer", 0, "Pods there are."},
    {"ReplicaSet", "Ready", "integer", 0, "Pods that are ready."},
    {"Secret", "Type", "string", 0, "What the data is for."},
    {"Secret ConfigMap", "Data", "string", 0, "How many keys it has."},
    {"ServiceAccount", "Secrets", "string", 0, "How many secrets it names."},
    {"Namespace", "Status", "string", 0, "Active or Terminating."},
    {"Node", "Status", "string", 0, "Whether pods can run there."},
    {"Node", "Roles", "string", 0, "The roles its labels give it."},
    {"Service", "Type", "string", 0, "How it is reached."},
    {"Service", "Cluster-IP", "string", 0, "Its address in the cluster."},
    {"Service", "External-IP", "string", 0, "Its address outside."},
    {"Service", "Port(s)", "string", 0, "Its ports."},
    {"ControllerRevision", "Controller", "string", 0, "Whose template it keeps."},
    {"ControllerRevision", "Revision", "string", 0, "Its number."},
    {"CSIDriver", "AttachRequired", "boolean", 0, "Whether volumes are attached first."},
    {"CSIDriver", "PodInfoOnMount", "boolean", 0, "Whether it is told about the pod."},
    {"CSIDriver", "StorageCapacity", "boolean", 0, "Whether it reports capacity."},
    {"CSIDriver", "TokenRequests", "string", 0, "Audiences of the tokens it gets."},
    {"CSIDriver", "RequiresRepublish", "boolean", 0, "Whether volumes are published again."},
    {"CSIDriver", "Modes", "string", 0, "Lifecycles of its volumes."},
    {"CSINode", "Drivers", "integer", 0, "How many drivers registered there."},
    {"StorageClass", "Provisioner", "string", 0, "The driver that makes volumes."},
    {"StorageClass", "ReclaimPolicy", "string", 0, "What becomes of released volumes."},
    {"StorageClass", "VolumeBindingMode", "string", 0, "When volumes are made."},
    {"StorageClass", "AllowVolumeExpansion", "string", 0, "Whether volumes can grow."},
    {"PodDisruptionBudget", "Min Available", "string", 0, "Pods that must stay."},
    {"PodDisruptionBudget", "Max Unavailable", "string", 0, "Pods that may be missing."},
    {"PodDisruptionBudget", "Allowed Disruptions", "integer", 0, "Evictions possible now."},
    {"Lease", "Holder", "string", 0, "Who holds it."},
    {"RoleBinding ClusterRoleBinding", "Role", "string", 0, "The role it gives."},
    {"*", "Age", "string", 0, AGE},
    {"Pod", "IP", "string", 1, "Its address in the cluster."},
    {"Pod", "Node", "string", 1, "The node it runs on."},
    {"Pod", "Nominated Node", "string", 1, "The node it may come to by preemption."},
    {"Pod", "Readiness Gates", "string", 1, "Further conditions of readiness."},
    {WORKLOADS, "Containers", "string", 1, CONTAINERS},
    {WORKLOADS, "Images", "string", 1, IMAGES},
    {WITH_LABELS, "Selector", "string", 1, SELECTOR},
    {"Node", "Version", "string", 0, "The kubelet's version."},
    {"Node", "Internal-IP", "string", 1, "Its address in the cluster."},
    {"Node", "External-IP", "string", 1, "Its address outside."},
    {"Node", "OS-Image", "string", 1, "Its operating system."},
    {"Node", "Kernel-Version", "string", 1, "Its kernel."},
    {"Node", "Container-Runtime", "string", 1, "What runs its containers."},
    {"Service", "Selector", "string", 1, SELECTOR},
    {"RoleBinding ClusterRoleBinding", "Users", "string", 1, "Users that have it."},
    {"RoleBinding ClusterRoleBinding", "Groups", "string", 1, "Groups that have it."},
    {"RoleBinding ClusterRoleBinding", "ServiceAccounts", "string", 1, "Accounts that have it."},
};

static bool has_column(const struct sim_request *request, const struct column *column)
{
    const char *kind = request->target.resource->kind;
    if (strcmp(column->kinds, "*") == 0) {
        return strcmp(kind, "Event") != 0;
    }
    if (strcmp(column->kinds, "ServiceAccount") == 0 && request->sim->minor >= 34) {
        return false;
    }
    return sim_word_in(column->kinds, kind);
}

static void add_column(cJSON *list, const struct column *column, const char *name, const char *type,
                       int wide)
{
    cJSON *one = cJSON_CreateObject();
    cJSON_AddStringToObject(one, "name", name);
    cJSON_AddStringToObject(one, "type", type);
    cJSON_AddStringToObject(one, "format", strcmp(name, "Name") == 0 ? "name" : "");
    cJSON_AddStringToObject(one, "description", column->description);
    cJSON_AddNumberToObject(one, "priority", wide);
    cJSON_AddItemToArray(list, one);
}

cJSON *sim_table_columns(const struct sim_request *request)
{
    static const struct column created = {"", "Created At", "date", 0, "When it was made."};
    static const struct column event_name = {"", "Name", "string", 1, "The event's name."};
    cJSON *list = cJSON_CreateArray();
    bool own = sim_cells_of(request->target.resource) != NULL;
    for (size_t i = 0; i < ARRAY_LENGTH(columns); i++) {
        const struct column *column = &columns[i];
        if (!has_column(request, column)) {
            continue;
        }
        if (!own && strcmp(column->name, "Age") == 0) {
            add_column(list, &created, created.name, created.type, 0);
            continue;
        }
        bool counted = strcmp(column->name, "Restarts") == 0 && request->sim->minor < 23;
        add_column(list, column, column->name, counted ? "integer" : column->type, column->wide);
    }
    if (strcmp(request->target.resource->kind, "Event") == 0) {
        add_column(list, &event_name, event_name.name, event_name.type, event_name.wide);
    }
    return list;
}

bool sim_table_check(const struct sim_request *request, struct sim_status *status)
{
    if (sim_word_in("Metadata Object None", request->format.include)) {
        return true;
    }
    return sim_status_bad_request(status,
                                  "Unable to convert to Table as requested: includeObject: Invalid "
                                  "value: \"%s\": must be 'Metadata', 'Object', 'None', or empty",
                                  request->format.include);
}

static cJSON *shown_object(const struct sim_request *request, const cJSON *body,
                           const cJSON *metadata)
{
    if (strcmp(request->format.include, "None") == 0) {
        return cJSON_CreateNull();
    }
    if (body == NULL) {
        cJSON *partial = cJSON_CreateObject();
        cJSON_AddStringToObject(partial, "kind", "PartialObjectMetadata");
        cJSON_AddStringToObject(partial, "apiVersion", request->format.table_version);
        cJSON_AddItemToObject(partial, "metadata", cJSON_Duplicate(metadata, true));
        return partial;
    }
    return strcmp(request->format.include, "Object") == 0
               ? cJSON_Duplicate(body, true)
               : sim_partial_metadata(body, request->format.table_version);
}

cJSON *sim_table_row(const struct sim_request *request, const cJSON *body, const cJSON *metadata)
{
    cJSON empty = {.type = cJSON_Object};
    cJSON *out = cJSON_CreateObject();
    struct sim_row row = {.sim = request->sim,
                          .body = body != NULL ? body : &empty,
                          .now_ms = sim_now_ms(request->sim),
                          .cells = cJSON_AddArrayToObject(out, "cells")};
    sim_cells cells = sim_cells_of(request->target.resource);
    if (cells != NULL) {
        cells(&row);
    } else {
        sim_cell_name(&row);
        sim_cell_text(&row,
                      json_string_or(json_object(row.body, "metadata"), "creationTimestamp", ""));
    }
    cJSON_AddItemToObject(out, "object", shown_object(request, body, metadata));
    return out;
}
