#include "table_cells.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/text.h"
#include "doc/json.h"

enum { TEXT_LIMIT = 1024 * 1024 };

void sim_cell_text(struct sim_row *row, const char *text)
{
    cJSON_AddItemToArray(row->cells, cJSON_CreateString(text));
}

void sim_cell_number(struct sim_row *row, int64_t number)
{
    cJSON_AddItemToArray(row->cells, cJSON_CreateNumber((double)number));
}

static void age_cell(struct sim_row *row, const char *time)
{
    int64_t when;
    char age[32] = "<unknown>";
    if (clock_parse_rfc3339(time, &when)) {
        clock_format_age(row->now_ms > when ? row->now_ms - when : 0, age);
    }
    sim_cell_text(row, age);
}

void sim_cell_name(struct sim_row *row)
{
    sim_cell_text(row, json_string_or(json_object(row->body, "metadata"), "name", ""));
}

void sim_cell_created(struct sim_row *row)
{
    age_cell(row, json_string_or(json_object(row->body, "metadata"), "creationTimestamp", ""));
}

static void cell_buffer(struct sim_row *row, struct buffer *text, const char *if_empty)
{
    sim_cell_text(row, text->length > 0 ? text->data : if_empty);
    buffer_free(text);
}

static int64_t number_at(const struct sim_row *row, const char *part, const char *name)
{
    return json_int(json_object(row->body, part), name, 0);
}

/* Names or images of a template's containers. */
static void containers(struct sim_row *row, const char *member)
{
    struct buffer text;
    buffer_init(&text, TEXT_LIMIT);
    const cJSON *one;
    cJSON_ArrayForEach(
        one, json_list(json_at(row->body, "spec", "template", "spec", NULL), "containers"))
    {
        buffer_printf(&text, "%s%s", text.length > 0 ? "," : "", json_string_or(one, member, ""));
    }
    cell_buffer(row, &text, "");
}

static void labels(struct sim_row *row, const cJSON *map, const char *if_empty)
{
    struct buffer text;
    buffer_init(&text, TEXT_LIMIT);
    const cJSON *one;
    cJSON_ArrayForEach(one, map)
    {
        buffer_printf(&text, "%s%s=%s", text.length > 0 ? "," : "", one->string,
                      cJSON_IsString(one) ? one->valuestring : "");
    }
    cell_buffer(row, &text, if_empty);
}

static void selector(struct sim_row *row)
{
    labels(row, json_at(row->body, "spec", "selector", "matchLabels", NULL), "<none>");
}

static void daemonset(struct sim_row *row)
{
    sim_cell_name(row);
    sim_cell_number(row, number_at(row, "status", "desiredNumberScheduled"));
    sim_cell_number(row, number_at(row, "status", "currentNumberScheduled"));
    sim_cell_number(row, number_at(row, "status", "numberReady"));
    sim_cell_number(row, number_at(row, "status", "updatedNumberScheduled"));
    sim_cell_number(row, number_at(row, "status", "numberAvailable"));
    labels(row, json_at(row->body, "spec", "template", "spec", "nodeSelector", NULL), "<none>");
    sim_cell_created(row);
    containers(row, "name");
    containers(row, "image");
    selector(row);
}

static void ready_of(struct sim_row *row)
{
    char text[64];
    snprintf(text, sizeof(text), "%lld/%lld", (long long)number_at(row, "status", "readyReplicas"),
             (long long)number_at(row, "spec", "replicas"));
    sim_cell_text(row, text);
}

static void statefulset(struct sim_row *row)
{
    sim_cell_name(row);
    ready_of(row);
    sim_cell_created(row);
    containers(row, "name");
    containers(row, "image");
}

static void deployment(struct sim_row *row)
{
    sim_cell_name(row);
    ready_of(row);
    sim_cell_number(row, number_at(row, "status", "updatedReplicas"));
    sim_cell_number(row, number_at(row, "status", "availableReplicas"));
    sim_cell_created(row);
    containers(row, "name");
    containers(row, "image");
    selector(row);
}

static void replicaset(struct sim_row *row)
{
    sim_cell_name(row);
    sim_cell_number(row, number_at(row, "spec", "replicas"));
    sim_cell_number(row, number_at(row, "status", "replicas"));
    sim_cell_number(row, number_at(row, "status", "readyReplicas"));
    sim_cell_created(row);
    containers(row, "name");
    containers(row, "image");
    selector(row);
}

static void secret(struct sim_row *row)
{
    sim_cell_name(row);
    sim_cell_text(row, json_string_or(row->body, "type", ""));
    sim_cell_number(row, cJSON_GetArraySize(json_object(row->body, "data")));
    sim_cell_created(row);
}

static void config_map(struct sim_row *row)
{
    sim_cell_name(row);
    sim_cell_number(row, cJSON_GetArraySize(json_object(row->body, "data")) +
                             cJSON_GetArraySize(json_object(row->body, "binaryData")));
    sim_cell_created(row);
}

static void service_account(struct sim_row *row)
{
    sim_cell_name(row);
    if (row->sim->minor < 34) {
        sim_cell_number(row, cJSON_GetArraySize(json_list(row->body, "secrets")));
    }
    sim_cell_created(row);
}

static void event(struct sim_row *row)
{
    const cJSON *about = json_object(row->body, "involvedObject");
    const cJSON *source = json_object(row->body, "source");
    const cJSON *series = json_object(row->body, "series");
    about = about != NULL ? about : json_object(row->body, "regarding");
    source = source != NULL ? source : json_object(row->body, "deprecatedSource");
    const char *when = json_string_or(row->body, "eventTime", "");
    const char *first = json_string_or(row->body, "firstTimestamp",
                                       json_string_or(row->body, "deprecatedFirstTimestamp", when));
    const char *last = json_string_or(row->body, "lastTimestamp",
                                      json_string_or(row->body, "deprecatedLastTimestamp", first));
    last = json_string_or(series, "lastObservedTime", last);
    char text[600];
    age_cell(row, last);
    sim_cell_text(row, json_string_or(row->body, "type", ""));
    sim_cell_text(row, json_string_or(row->body, "reason", ""));
    const char *kind = json_string_or(about, "kind", "");
    snprintf(text, sizeof(text), "%s/%s", kind, json_string_or(about, "name", ""));
    for (char *at = text; *at != '\0' && *at != '/'; at++) {
        *at = (char)(*at >= 'A' && *at <= 'Z' ? *at - 'A' + 'a' : *at);
    }
    sim_cell_text(row, text);
    sim_cell_text(row, json_string_or(about, "fieldPath", ""));
    const char *component = json_string_or(source, "component", "");
    if (component[0] == '\0') {
        component = json_string_or(row->body, "reportingComponent",
                                   json_string_or(row->body, "reportingController", ""));
    }
    const char *host = json_string_or(source, "host", "");
    if (json_string_or(source, "component", "")[0] == '\0') {
        host = json_string_or(row->body, "reportingInstance", "");
    }
    snprintf(text, sizeof(text), "%s%s%s", component, host[0] != '\0' ? ", " : "", host);
    sim_cell_text(row, text);
    sim_cell_text(row, json_string_or(row->body, "message", json_string_or(row->body, "note", "")));
    age_cell(row, first);
    int64_t count = json_int(row->body, "count", json_int(row->body, "deprecatedCount", 0));
    if (series != NULL) { /* old servers counted the first one besides */
        count = json_int(series, "count", count) + (row->sim->minor < 22 ? 1 : 0);
    }
    sim_cell_number(row, count > 0 ? count : 1);
    sim_cell_name(row);
}

static void namespace(struct sim_row *row)
{
    sim_cell_name(row);
    bool going = json_at(row->body, "metadata", "deletionTimestamp", NULL) != NULL;
    sim_cell_text(row, going ? "Terminating"
                             : json_string_or(json_object(row->body, "status"), "phase", ""));
    sim_cell_created(row);
}

static void node_roles(struct sim_row *row)
{
    static const char prefix[] = "node-role.kubernetes.io/";
    struct buffer text;
    buffer_init(&text, TEXT_LIMIT);
    const cJSON *one;
    cJSON_ArrayForEach(one, json_at(row->body, "metadata", "labels", NULL))
    {
        if (text_starts_with(one->string, prefix)) {
            buffer_printf(&text, "%s%s", text.length > 0 ? "," : "", one->string + strlen(prefix));
        }
    }
    cell_buffer(row, &text, "<none>");
}

static const char *address(const struct sim_row *row, const char *type)
{
    const cJSON *one;
    cJSON_ArrayForEach(one, json_list(json_object(row->body, "status"), "addresses"))
    {
        if (strcmp(json_string_or(one, "type", ""), type) == 0) {
            return json_string_or(one, "address", "<none>");
        }
    }
    return "<none>";
}

static void node(struct sim_row *row)
{
    const char *state = "Unknown";
    const cJSON *one;
    cJSON_ArrayForEach(one, json_list(json_object(row->body, "status"), "conditions"))
    {
        if (strcmp(json_string_or(one, "type", ""), "Ready") == 0) {
            state = strcmp(json_string_or(one, "status", ""), "True") == 0 ? "Ready" : "NotReady";
        }
    }
    char text[64];
    bool cordoned = json_bool(json_object(row->body, "spec"), "unschedulable", false);
    snprintf(text, sizeof(text), "%s%s", state, cordoned ? ",SchedulingDisabled" : "");
    const cJSON *info = json_at(row->body, "status", "nodeInfo", NULL);
    sim_cell_name(row);
    sim_cell_text(row, text);
    node_roles(row);
    sim_cell_created(row);
    sim_cell_text(row, json_string_or(info, "kubeletVersion", ""));
    sim_cell_text(row, address(row, "InternalIP"));
    sim_cell_text(row, address(row, "ExternalIP"));
    sim_cell_text(row, json_string_or(info, "osImage", "<unknown>"));
    sim_cell_text(row, json_string_or(info, "kernelVersion", "<unknown>"));
    sim_cell_text(row, json_string_or(info, "containerRuntimeVersion", "<unknown>"));
}

static void service(struct sim_row *row)
{
    const cJSON *spec = json_object(row->body, "spec");
    struct buffer text;
    buffer_init(&text, TEXT_LIMIT);
    const cJSON *port;
    cJSON_ArrayForEach(port, json_list(spec, "ports"))
    {
        buffer_printf(&text, "%s%lld/%s", text.length > 0 ? "," : "",
                      (long long)json_int(port, "port", 0),
                      json_string_or(port, "protocol", "TCP"));
    }
    sim_cell_name(row);
    sim_cell_text(row, json_string_or(spec, "type", ""));
    sim_cell_text(row, json_string_or(spec, "clusterIP", "<none>"));
    sim_cell_text(row, "<none>");
    cell_buffer(row, &text, "<none>");
    sim_cell_created(row);
    labels(row, json_object(spec, "selector"), "<none>");
}

static void controller_revision(struct sim_row *row)
{
    const cJSON *owner =
        cJSON_GetArrayItem(json_at(row->body, "metadata", "ownerReferences", NULL), 0);
    char text[512] = "<none>";
    if (owner != NULL) {
        const char *version = json_string_or(owner, "apiVersion", "");
        const char *slash = strchr(version, '/');
        snprintf(text, sizeof(text), "%s%s%.*s/%s", json_string_or(owner, "kind", ""),
                 slash != NULL ? "." : "", slash != NULL ? (int)(slash - version) : 0, version,
                 json_string_or(owner, "name", ""));
        for (char *at = text; *at != '\0' && *at != '/'; at++) {
            *at = (char)(*at >= 'A' && *at <= 'Z' ? *at - 'A' + 'a' : *at);
        }
    }
    sim_cell_name(row);
    sim_cell_text(row, text);
    sim_cell_number(row, json_int(row->body, "revision", 0));
    sim_cell_created(row);
}

static void flag(struct sim_row *row, const cJSON *spec, const char *name)
{
    cJSON_AddItemToArray(row->cells, cJSON_CreateBool(json_bool(spec, name, false)));
}

static void csi_driver(struct sim_row *row)
{
    const cJSON *spec = json_object(row->body, "spec");
    struct buffer modes;
    buffer_init(&modes, TEXT_LIMIT);
    const cJSON *one;
    cJSON_ArrayForEach(one, json_list(spec, "volumeLifecycleModes"))
    {
        buffer_printf(&modes, "%s%s", modes.length > 0 ? "," : "",
                      cJSON_IsString(one) ? one->valuestring : "");
    }
    sim_cell_name(row);
    flag(row, spec, "attachRequired");
    flag(row, spec, "podInfoOnMount");
    flag(row, spec, "storageCapacity");
    sim_cell_text(row, "<unset>");
    flag(row, spec, "requiresRepublish");
    cell_buffer(row, &modes, "<none>");
    sim_cell_created(row);
}

static void csi_node(struct sim_row *row)
{
    sim_cell_name(row);
    sim_cell_number(row, cJSON_GetArraySize(json_list(json_object(row->body, "spec"), "drivers")));
    sim_cell_created(row);
}

static void storage_class(struct sim_row *row)
{
    const cJSON *annotations = json_at(row->body, "metadata", "annotations", NULL);
    const char *standard =
        json_string_or(annotations, "storageclass.kubernetes.io/is-default-class", "");
    char text[300];
    snprintf(text, sizeof(text), "%s%s",
             json_string_or(json_object(row->body, "metadata"), "name", ""),
             strcmp(standard, "true") == 0 ? " (default)" : "");
    sim_cell_text(row, text);
    sim_cell_text(row, json_string_or(row->body, "provisioner", ""));
    sim_cell_text(row, json_string_or(row->body, "reclaimPolicy", "Delete"));
    sim_cell_text(row, json_string_or(row->body, "volumeBindingMode", "<unset>"));
    flag(row, row->body, "allowVolumeExpansion");
    sim_cell_created(row);
}

static void amount(struct sim_row *row, const char *name)
{
    const cJSON *value = json_at(row->body, "spec", name, NULL);
    char text[64] = "N/A";
    if (cJSON_IsNumber(value)) {
        snprintf(text, sizeof(text), "%.0f", value->valuedouble);
    } else if (cJSON_IsString(value)) {
        snprintf(text, sizeof(text), "%s", value->valuestring);
    }
    sim_cell_text(row, text);
}

static void disruption_budget(struct sim_row *row)
{
    sim_cell_name(row);
    amount(row, "minAvailable");
    amount(row, "maxUnavailable");
    sim_cell_number(row, number_at(row, "status", "disruptionsAllowed"));
    sim_cell_created(row);
}

static void lease(struct sim_row *row)
{
    sim_cell_name(row);
    sim_cell_text(row, json_string_or(json_object(row->body, "spec"), "holderIdentity", ""));
    sim_cell_created(row);
}

static void subjects(struct sim_row *row, const char *kind)
{
    struct buffer text;
    buffer_init(&text, TEXT_LIMIT);
    const cJSON *one;
    cJSON_ArrayForEach(one, json_list(row->body, "subjects"))
    {
        if (strcmp(json_string_or(one, "kind", ""), kind) == 0) {
            const char *ns = json_string_or(one, "namespace", "");
            buffer_printf(&text, "%s%s%s%s", text.length > 0 ? ", " : "", ns,
                          ns[0] != '\0' ? "/" : "", json_string_or(one, "name", ""));
        }
    }
    cell_buffer(row, &text, "");
}

static void binding(struct sim_row *row)
{
    const cJSON *role = json_object(row->body, "roleRef");
    char text[400];
    snprintf(text, sizeof(text), "%s/%s", json_string_or(role, "kind", ""),
             json_string_or(role, "name", ""));
    sim_cell_name(row);
    sim_cell_text(row, text);
    sim_cell_created(row);
    subjects(row, "User");
    subjects(row, "Group");
    subjects(row, "ServiceAccount");
}

sim_cells sim_cells_of(const struct sim_resource *resource)
{
    static const struct {
        const char *kind;
        sim_cells cells;
    } kinds[] = {{"Pod", sim_cells_pod},
                 {"DaemonSet", daemonset},
                 {"StatefulSet", statefulset},
                 {"Deployment", deployment},
                 {"ReplicaSet", replicaset},
                 {"Secret", secret},
                 {"ConfigMap", config_map},
                 {"ServiceAccount", service_account},
                 {"Event", event},
                 {"Namespace", namespace},
                 {"Node", node},
                 {"Service", service},
                 {"ControllerRevision", controller_revision},
                 {"CSIDriver", csi_driver},
                 {"CSINode", csi_node},
                 {"StorageClass", storage_class},
                 {"PodDisruptionBudget", disruption_budget},
                 {"Lease", lease},
                 {"RoleBinding", binding},
                 {"ClusterRoleBinding", binding}};
    for (size_t i = 0; i < ARRAY_LENGTH(kinds); i++) {
        if (strcmp(kinds[i].kind, resource->kind) == 0) {
            return kinds[i].cells;
        }
    }
    return NULL;
}
