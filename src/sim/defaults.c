#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "doc/json.h"
#include "kinds.h"

static void set_default(cJSON *object, const char *name, const char *json)
{
    if (json_member(object, name) == NULL || cJSON_IsNull(json_member(object, name))) {
        json_set(object, name, cJSON_Parse(json));
    }
}

static void default_template(int minor, cJSON *body)
{
    cJSON *template = json_at(body, "spec", "template", NULL);
    if (!cJSON_IsObject(template)) {
        return;
    }
    cJSON *metadata = json_need_object(template, "metadata");
    if (minor < 34) {
        set_default(metadata, "creationTimestamp", "null");
    } else {
        json_remove(metadata, "creationTimestamp");
    }
    sim_default_pod_spec(minor, json_need_object(template, "spec"));
}

static void default_rolling(cJSON *spec, const char *member, const char *json)
{
    cJSON *strategy = json_need_object(spec, member);
    set_default(strategy, "type", "\"RollingUpdate\"");
    if (strcmp(json_string_or(strategy, "type", ""), "RollingUpdate") != 0) {
        return;
    }
    cJSON *rolling = json_need_object(strategy, "rollingUpdate");
    cJSON *values = cJSON_Parse(json);
    while (values->child != NULL) {
        cJSON *one = cJSON_DetachItemViaPointer(values, values->child);
        if (json_member(rolling, one->string) == NULL) {
            cJSON_AddItemToObject(rolling, one->string, one);
        } else {
            cJSON_Delete(one);
        }
    }
    cJSON_Delete(values);
}

static void default_daemonset(int minor, cJSON *spec)
{
    default_rolling(spec, "updateStrategy",
                    minor < 22 ? "{\"maxUnavailable\":1}"
                               : "{\"maxUnavailable\":1,\"maxSurge\":0}");
    set_default(spec, "revisionHistoryLimit", "10");
}

static void default_statefulset(int minor, cJSON *spec)
{
    set_default(spec, "replicas", "1");
    set_default(spec, "podManagementPolicy", "\"OrderedReady\"");
    default_rolling(spec, "updateStrategy", "{\"partition\":0}");
    set_default(spec, "revisionHistoryLimit", "10");
    if (minor >= 27) {
        set_default(spec, "persistentVolumeClaimRetentionPolicy",
                    "{\"whenDeleted\":\"Retain\",\"whenScaled\":\"Retain\"}");
    }
}

static void default_deployment(cJSON *spec)
{
    set_default(spec, "replicas", "1");
    default_rolling(spec, "strategy", "{\"maxUnavailable\":\"25%\",\"maxSurge\":\"25%\"}");
    set_default(spec, "revisionHistoryLimit", "10");
    set_default(spec, "progressDeadlineSeconds", "600");
}

static void default_csi_driver(int minor, cJSON *spec)
{
    set_default(spec, "attachRequired", "true");
    set_default(spec, "podInfoOnMount", "false");
    set_default(spec, "volumeLifecycleModes", "[\"Persistent\"]");
    if (minor >= 23) {
        set_default(spec, "storageCapacity", "false");
        set_default(spec, "fsGroupPolicy", "\"ReadWriteOnceWithFSType\"");
        set_default(spec, "requiresRepublish", "false");
    }
    if (minor >= 27) {
        set_default(spec, "seLinuxMount", "false");
    }
}

static void default_service(struct sim *sim, cJSON *spec)
{
    set_default(spec, "type", "\"ClusterIP\"");
    set_default(spec, "sessionAffinity", "\"None\"");
    set_default(spec, "internalTrafficPolicy", "\"Cluster\"");
    set_default(spec, "ipFamilyPolicy", "\"SingleStack\"");
    set_default(spec, "ipFamilies", "[\"IPv4\"]");
    if (json_string_or(spec, "clusterIP", "")[0] == '\0') {
        char address[32];
        uint64_t random = sim_random(sim);
        snprintf(address, sizeof(address), "10.233.%u.%u", (unsigned)(random % 64),
                 (unsigned)(random / 64 % 250) + 2);
        json_set_string(spec, "clusterIP", address);
    }
    if (json_list(spec, "clusterIPs") == NULL) {
        cJSON_AddItemToArray(json_need_list(spec, "clusterIPs"),
                             cJSON_CreateString(json_string_or(spec, "clusterIP", "")));
    }
    cJSON *port;
    cJSON_ArrayForEach(port, json_list(spec, "ports"))
    {
        set_default(port, "protocol", "\"TCP\"");
        if (json_member(port, "targetPort") == NULL) {
            json_set(port, "targetPort", cJSON_CreateNumber((double)json_int(port, "port", 0)));
        }
    }
}

static void default_binding(cJSON *body)
{
    static const char group[] = "\"rbac.authorization.k8s.io\"";
    cJSON *role = json_object(body, "roleRef");
    cJSON *subject;
    if (role != NULL) {
        set_default(role, "apiGroup", group);
    }
    cJSON_ArrayForEach(subject, json_list(body, "subjects"))
    {
        if (strcmp(json_string_or(subject, "kind", ""), "ServiceAccount") != 0) {
            set_default(subject, "apiGroup", group);
        }
    }
}

static void default_event(cJSON *body)
{
    set_default(body, "source", "{}");
    set_default(body, "firstTimestamp", "null");
    set_default(body, "lastTimestamp", "null");
    set_default(body, "eventTime", "null");
    set_default(body, "reportingComponent", "\"\"");
    set_default(body, "reportingInstance", "\"\"");
}

static void default_namespace(cJSON *body)
{
    cJSON *metadata = json_member(body, "metadata");
    json_set_string(json_need_object(metadata, "labels"), "kubernetes.io/metadata.name",
                    json_string_or(metadata, "name", ""));
    set_default(json_need_object(body, "spec"), "finalizers", "[\"kubernetes\"]");
    set_default(json_need_object(body, "status"), "phase", "\"Active\"");
}

static void default_pod(struct sim *sim, cJSON *body)
{
    cJSON *spec = json_need_object(body, "spec");
    sim_default_pod_spec(sim->minor, spec);
    set_default(spec, "enableServiceLinks", "true");
}

void sim_kind_default(struct sim *sim, const struct sim_resource *resource, cJSON *body)
{
    const char *kind = resource->kind;
    if (resource == sim_pods()) {
        default_pod(sim, body);
    } else if (resource == sim_events()) {
        default_event(body);
    } else if (resource == sim_namespaces()) {
        default_namespace(body);
    } else if (resource == sim_secrets()) {
        set_default(body, "type", "\"Opaque\"");
    } else if (resource == sim_daemonsets()) {
        default_template(sim->minor, body);
        default_daemonset(sim->minor, json_need_object(body, "spec"));
    } else if (resource == sim_statefulsets()) {
        default_template(sim->minor, body);
        default_statefulset(sim->minor, json_need_object(body, "spec"));
    } else if (resource == sim_deployments()) {
        default_template(sim->minor, body);
        default_deployment(json_need_object(body, "spec"));
    } else if (resource == sim_replicasets()) {
        default_template(sim->minor, body);
        set_default(json_need_object(body, "spec"), "replicas", "1");
    } else if (strcmp(kind, "CSIDriver") == 0) {
        default_csi_driver(sim->minor, json_need_object(body, "spec"));
    } else if (strcmp(kind, "StorageClass") == 0) {
        set_default(body, "reclaimPolicy", "\"Delete\"");
        set_default(body, "volumeBindingMode", "\"Immediate\"");
    } else if (strcmp(kind, "Service") == 0) {
        default_service(sim, json_need_object(body, "spec"));
        set_default(body, "status", "{\"loadBalancer\":{}}");
    } else if (strcmp(kind, "RoleBinding") == 0 || strcmp(kind, "ClusterRoleBinding") == 0) {
        default_binding(body);
    }
}
