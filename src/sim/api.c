#include "sim/api.h"

#include <stdio.h>
#include <string.h>

#include "base/attributes.h"

enum kind_index {
    PODS,
    NODES,
    NAMESPACES,
    SECRETS,
    SERVICE_ACCOUNTS,
    EVENTS,
    DAEMONSETS,
    DEPLOYMENTS,
    STATEFULSETS,
    REPLICASETS,
    CONTROLLER_REVISIONS,
};

#define CORE    "", "v1"
#define APPS    "apps", "v1"
#define STORAGE "storage.k8s.io", "v1"
#define RBAC    "rbac.authorization.k8s.io", "v1"
#define REVIEW  "authorization.k8s.io", "v1"
#define ALL     SIM_ALL_VERBS

/* group, version, plural, singular, kind, short names, categories, namespaced, verbs,
 * subresources, cached, storage hash, view of */
static const struct sim_resource resources[] = {
    [PODS] = {CORE, "pods", "pod", "Pod", "po", "all", true, ALL, "status eviction log", true,
              "xPOwRZ+Yhw8=", ""},
    [NODES] = {CORE, "nodes", "node", "Node", "no", "", false, ALL, "status", true,
               "XwShjMxG9Fs=", ""},
    [NAMESPACES] = {CORE, "namespaces", "namespace", "Namespace", "ns", "", false,
                    ALL & ~(unsigned)SIM_DELETE_COLLECTION, "status", true, "Q3oi5N2YM8M=", ""},
    [SECRETS] = {CORE, "secrets", "secret", "Secret", "", "", true, ALL, "", true,
                 "S6u1pOWzb84=", ""},
    [SERVICE_ACCOUNTS] = {CORE, "serviceaccounts", "serviceaccount", "ServiceAccount", "sa", "",
                          true, ALL, "token", true, "pbx9ZvyFpBE=", ""},
    [EVENTS] = {CORE, "events", "event", "Event", "ev", "", true, ALL, "", false,
                "r2yiGXH7wu8=", ""},
    [DAEMONSETS] = {APPS, "daemonsets", "daemonset", "DaemonSet", "ds", "all", true, ALL, "status",
                    true, "dd7pWHUlMKQ=", ""},
    [DEPLOYMENTS] = {APPS, "deployments", "deployment", "Deployment", "deploy", "all", true, ALL,
                     "scale status", true, "8aSe+NMegvE=", ""},
    [STATEFULSETS] = {APPS, "statefulsets", "statefulset", "StatefulSet", "sts", "all", true, ALL,
                      "scale status", true, "H+vl74LkKdo=", ""},
    [REPLICASETS] = {APPS, "replicasets", "replicaset", "ReplicaSet", "rs", "all", true, ALL,
                     "scale status", true, "P1RzHs8/mWQ=", ""},
    [CONTROLLER_REVISIONS] = {APPS, "controllerrevisions", "controllerrevision",
                              "ControllerRevision", "", "", true, ALL, "", true,
                              "85nkx63pcBU=", ""},
    {CORE, "configmaps", "configmap", "ConfigMap", "cm", "", true, ALL, "", true,
     "qFsyl6wFWjQ=", ""},
    {CORE, "endpoints", "endpoints", "Endpoints", "ep", "", true, ALL, "", true,
     "fWeeMqaN/OA=", ""},
    {CORE, "persistentvolumeclaims", "persistentvolumeclaim", "PersistentVolumeClaim", "pvc", "",
     true, ALL, "status", true, "QWTyNDq0dC4=", ""},
    {CORE, "persistentvolumes", "persistentvolume", "PersistentVolume", "pv", "", false, ALL,
     "status", true, "HN/zwEC+JgM=", ""},
    {CORE, "resourcequotas", "resourcequota", "ResourceQuota", "quota", "", true, ALL, "status",
     true, "8uhSgffRX6w=", ""},
    {CORE, "limitranges", "limitrange", "LimitRange", "limits", "", true, ALL, "", true,
     "EBKMFVe6cwo=", ""},
    {CORE, "services", "service", "Service", "svc", "all", true, ALL, "status", true,
     "0/CO1lhkEBI=", ""},
    {"events.k8s.io", "v1", "events", "event", "Event", "ev", "", true, ALL, "", false,
     "r2yiGXH7wu8=", "events"},
    {STORAGE, "csidrivers", "csidriver", "CSIDriver", "", "", false, ALL, "", true,
     "hL6j/rwBV5w=", ""},
    {STORAGE, "csinodes", "csinode", "CSINode", "", "", false, ALL, "", true, "Pe62DkZtjuo=", ""},
    {STORAGE, "storageclasses", "storageclass", "StorageClass", "sc", "", false, ALL, "", true,
     "K+m6uJwbjGY=", ""},
    {STORAGE, "volumeattachments", "volumeattachment", "VolumeAttachment", "", "", false, ALL,
     "status", true, "tJx/ezt6UDU=", ""},
    {"policy", "v1", "poddisruptionbudgets", "poddisruptionbudget", "PodDisruptionBudget", "pdb",
     "", true, ALL, "status", true, "EVWiDmWqyJw=", ""},
    {"coordination.k8s.io", "v1", "leases", "lease", "Lease", "", "", true, ALL, "", true,
     "/sY7hl8ol1U=", ""},
    {RBAC, "roles", "role", "Role", "", "", true, ALL, "", true, "7FuwZcIIItM=", ""},
    {RBAC, "rolebindings", "rolebinding", "RoleBinding", "", "", true, ALL, "", true,
     "eGsCzGH6b1g=", ""},
    {RBAC, "clusterroles", "clusterrole", "ClusterRole", "", "", false, ALL, "", true,
     "bYE5ZWDrJ44=", ""},
    {RBAC, "clusterrolebindings", "clusterrolebinding", "ClusterRoleBinding", "", "", false, ALL,
     "", true, "48tpQ8gZHFc=", ""},
    {REVIEW, "selfsubjectaccessreviews", "selfsubjectaccessreview", "SelfSubjectAccessReview", "",
     "", false, SIM_CREATE, "", false, "", ""},
    {REVIEW, "selfsubjectrulesreviews", "selfsubjectrulesreview", "SelfSubjectRulesReview", "", "",
     false, SIM_CREATE, "", false, "", ""},
    {REVIEW, "subjectaccessreviews", "subjectaccessreview", "SubjectAccessReview", "", "", false,
     SIM_CREATE, "", false, "", ""},
    {REVIEW, "localsubjectaccessreviews", "localsubjectaccessreview", "LocalSubjectAccessReview",
     "", "", true, SIM_CREATE, "", false, "", ""},
    {"authentication.k8s.io", "v1", "selfsubjectreviews", "selfsubjectreview", "SelfSubjectReview",
     "", "", false, SIM_CREATE, "", false, "", ""},
    {"authentication.k8s.io", "v1", "tokenreviews", "tokenreview", "TokenReview", "", "", false,
     SIM_CREATE, "", false, "", ""},
};

size_t sim_resource_count(void)
{
    return ARRAY_LENGTH(resources);
}

const struct sim_resource *sim_resource_at(size_t i)
{
    return &resources[i];
}

const struct sim_resource *sim_resource_find(const char *group, const char *version,
                                             const char *plural)
{
    for (size_t i = 0; i < ARRAY_LENGTH(resources); i++) {
        if (strcmp(resources[i].plural, plural) == 0 && strcmp(resources[i].group, group) == 0 &&
            strcmp(resources[i].version, version) == 0) {
            return &resources[i];
        }
    }
    return NULL;
}

const struct sim_resource *sim_resource_by_kind(const char *api_version, const char *kind)
{
    char own[64];
    for (size_t i = 0; i < ARRAY_LENGTH(resources); i++) {
        sim_resource_api_version(&resources[i], own);
        if (strcmp(resources[i].kind, kind) == 0 && strcmp(own, api_version) == 0) {
            return &resources[i];
        }
    }
    return NULL;
}

void sim_resource_api_version(const struct sim_resource *resource, char out[64])
{
    snprintf(out, 64, "%s%s%s", resource->group, resource->group[0] != '\0' ? "/" : "",
             resource->version);
}

bool sim_word_in(const char *words, const char *word)
{
    size_t length = strlen(word);
    if (length == 0) {
        return false;
    }
    for (const char *at = words; (at = strstr(at, word)) != NULL; at += length) {
        if ((at == words || at[-1] == ' ') && (at[length] == ' ' || at[length] == '\0')) {
            return true;
        }
    }
    return false;
}

const struct sim_resource *sim_pods(void)
{
    return &resources[PODS];
}

const struct sim_resource *sim_nodes(void)
{
    return &resources[NODES];
}

const struct sim_resource *sim_namespaces(void)
{
    return &resources[NAMESPACES];
}

const struct sim_resource *sim_secrets(void)
{
    return &resources[SECRETS];
}

const struct sim_resource *sim_service_accounts(void)
{
    return &resources[SERVICE_ACCOUNTS];
}

const struct sim_resource *sim_events(void)
{
    return &resources[EVENTS];
}

const struct sim_resource *sim_daemonsets(void)
{
    return &resources[DAEMONSETS];
}

const struct sim_resource *sim_deployments(void)
{
    return &resources[DEPLOYMENTS];
}

const struct sim_resource *sim_statefulsets(void)
{
    return &resources[STATEFULSETS];
}

const struct sim_resource *sim_replicasets(void)
{
    return &resources[REPLICASETS];
}

const struct sim_resource *sim_controller_revisions(void)
{
    return &resources[CONTROLLER_REVISIONS];
}
