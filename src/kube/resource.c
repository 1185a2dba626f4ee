#include "kube/resource.h"

#include <string.h>

#include "base/attributes.h"

/* v1 of each group stands in every version from 1.20 to 1.36. */
#define RESOURCE(variable, group_, version_, plural_, kind_, namespaced_)                          \
    const struct kube_resource variable = {                                                        \
        .group = (group_),                                                                         \
        .version = (version_),                                                                     \
        .plural = (plural_),                                                                       \
        .kind = (kind_),                                                                           \
        .namespaced = (namespaced_),                                                               \
    }

RESOURCE(kube_pods, "", "v1", "pods", "Pod", true);
RESOURCE(kube_nodes, "", "v1", "nodes", "Node", false);
RESOURCE(kube_namespaces, "", "v1", "namespaces", "Namespace", false);
RESOURCE(kube_secrets, "", "v1", "secrets", "Secret", true);
RESOURCE(kube_service_accounts, "", "v1", "serviceaccounts", "ServiceAccount", true);
RESOURCE(kube_config_maps, "", "v1", "configmaps", "ConfigMap", true);
RESOURCE(kube_events, "", "v1", "events", "Event", true);
RESOURCE(kube_daemon_sets, "apps", "v1", "daemonsets", "DaemonSet", true);
RESOURCE(kube_deployments, "apps", "v1", "deployments", "Deployment", true);
RESOURCE(kube_stateful_sets, "apps", "v1", "statefulsets", "StatefulSet", true);
RESOURCE(kube_replica_sets, "apps", "v1", "replicasets", "ReplicaSet", true);
RESOURCE(kube_controller_revisions, "apps", "v1", "controllerrevisions", "ControllerRevision",
         true);
RESOURCE(kube_csi_drivers, "storage.k8s.io", "v1", "csidrivers", "CSIDriver", false);
RESOURCE(kube_csi_nodes, "storage.k8s.io", "v1", "csinodes", "CSINode", false);
/* policy/v1 came with 1.21; kube_discover() finds v1beta1 on 1.20. */
RESOURCE(kube_pod_disruption_budgets, "policy", "v1", "poddisruptionbudgets", "PodDisruptionBudget",
         true);

static const struct kube_resource *const known[] = {
    &kube_pods,
    &kube_nodes,
    &kube_namespaces,
    &kube_secrets,
    &kube_service_accounts,
    &kube_config_maps,
    &kube_events,
    &kube_daemon_sets,
    &kube_deployments,
    &kube_stateful_sets,
    &kube_replica_sets,
    &kube_controller_revisions,
    &kube_csi_drivers,
    &kube_csi_nodes,
    &kube_pod_disruption_budgets,
};

const struct kube_resource *kube_resource_by_kind(const char *kind)
{
    for (size_t i = 0; i < ARRAY_LENGTH(known); i++) {
        if (kind != NULL && strcmp(known[i]->kind, kind) == 0) {
            return known[i];
        }
    }
    return NULL;
}

/* Path segments: everything but RFC 3986's unreserved characters is encoded. */
static void append_segment(struct buffer *out, const char *text)
{
    static const char digits[] = "0123456789ABCDEF";
    buffer_append_char(out, '/');
    for (const unsigned char *c = (const unsigned char *)text; *c != '\0'; c++) {
        if ((*c >= 'a' && *c <= 'z') || (*c >= 'A' && *c <= 'Z') || (*c >= '0' && *c <= '9') ||
            strchr("-._~", *c) != NULL) {
            buffer_append_char(out, (char)*c);
        } else {
            buffer_append_char(out, '%');
            buffer_append_char(out, digits[*c >> 4]);
            buffer_append_char(out, digits[*c & 15]);
        }
    }
}

void kube_resource_append_path(struct buffer *out, const struct kube_resource *resource,
                               const char *ns, const char *name)
{
    buffer_append_string(out, resource->group[0] == '\0' ? "/api" : "/apis");
    if (resource->group[0] != '\0') {
        append_segment(out, resource->group);
    }
    append_segment(out, resource->version);
    if (resource->namespaced && ns != NULL && *ns != '\0') {
        buffer_append_string(out, "/namespaces");
        append_segment(out, ns);
    }
    append_segment(out, resource->plural);
    if (name != NULL && *name != '\0') {
        append_segment(out, name);
    }
}

void kube_resource_append_api_version(struct buffer *out, const struct kube_resource *resource)
{
    if (resource->group[0] != '\0') {
        buffer_append_string(out, resource->group);
        buffer_append_char(out, '/');
    }
    buffer_append_string(out, resource->version);
}
