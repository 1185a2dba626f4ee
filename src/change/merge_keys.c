#include <stddef.h>
#include <string.h>

#include "base/attributes.h"
#include "base/text.h"
#include "change/merge.h"

#define KEYED(name, key, below)                                                                    \
    {                                                                                              \
        name, MERGE_LIST_KEYED, key, false, below                                                  \
    }
#define RETAINED(name, key, below)                                                                 \
    {                                                                                              \
        name, MERGE_LIST_KEYED, key, true, below                                                   \
    }
#define BELOW(name, below)                                                                         \
    {                                                                                              \
        name, MERGE_LIST_ATOMIC, NULL, false, below                                                \
    }
#define END                                                                                        \
    {                                                                                              \
        NULL, MERGE_LIST_ATOMIC, NULL, false, NULL                                                 \
    }
#define SCHEMA(name, ...)                                                                          \
    static const struct merge_field name##_fields[] = {__VA_ARGS__, END};                          \
    static const struct merge_schema name = {name##_fields}

SCHEMA(object_meta, KEYED("ownerReferences", "uid", NULL),
       {"finalizers", MERGE_LIST_SCALARS, NULL, false, NULL});

SCHEMA(container, KEYED("ports", "containerPort", NULL), KEYED("env", "name", NULL),
       KEYED("volumeMounts", "mountPath", NULL), KEYED("volumeDevices", "devicePath", NULL));

SCHEMA(pod_spec, RETAINED("volumes", "name", NULL), KEYED("containers", "name", &container),
       KEYED("initContainers", "name", &container),
       KEYED("ephemeralContainers", "name", &container), KEYED("imagePullSecrets", "name", NULL),
       KEYED("hostAliases", "ip", NULL), KEYED("topologySpreadConstraints", "topologyKey", NULL),
       KEYED("schedulingGates", "name", NULL), RETAINED("resourceClaims", "name", NULL));

SCHEMA(pod_template, BELOW("metadata", &object_meta), BELOW("spec", &pod_spec));

SCHEMA(workload_spec, BELOW("template", &pod_template));
SCHEMA(deployment_spec, BELOW("template", &pod_template),
       {"strategy", MERGE_LIST_ATOMIC, NULL, true, NULL});
SCHEMA(job_template, BELOW("metadata", &object_meta), BELOW("spec", &workload_spec));
SCHEMA(cron_job_spec, BELOW("jobTemplate", &job_template));
SCHEMA(service_spec, KEYED("ports", "port", NULL));

SCHEMA(plain_kind, BELOW("metadata", &object_meta));
SCHEMA(pod_kind, BELOW("metadata", &object_meta), BELOW("spec", &pod_spec));
SCHEMA(pod_template_kind, BELOW("metadata", &object_meta), BELOW("template", &pod_template));
SCHEMA(workload_kind, BELOW("metadata", &object_meta), BELOW("spec", &workload_spec));
SCHEMA(deployment_kind, BELOW("metadata", &object_meta), BELOW("spec", &deployment_spec));
SCHEMA(cron_job_kind, BELOW("metadata", &object_meta), BELOW("spec", &cron_job_spec));
SCHEMA(service_kind, BELOW("metadata", &object_meta), BELOW("spec", &service_spec));
/* imagePullSecrets of a ServiceAccount has no merge key. */
SCHEMA(service_account_kind, BELOW("metadata", &object_meta), KEYED("secrets", "name", NULL));
SCHEMA(webhook_kind, BELOW("metadata", &object_meta), KEYED("webhooks", "name", NULL));

static const struct {
    const char *kind;
    const struct merge_schema *schema;
} kinds[] = {
    {"Pod", &pod_kind},
    {"PodTemplate", &pod_template_kind},
    {"Deployment", &deployment_kind},
    {"DaemonSet", &workload_kind},
    {"StatefulSet", &workload_kind},
    {"ReplicaSet", &workload_kind},
    {"ReplicationController", &workload_kind},
    {"Job", &workload_kind},
    {"CronJob", &cron_job_kind},
    {"Service", &service_kind},
    {"ServiceAccount", &service_account_kind},
    {"ValidatingWebhookConfiguration", &webhook_kind},
    {"MutatingWebhookConfiguration", &webhook_kind},
};

/* The groups whose types are compiled into kubectl; everything else is merged as JSON. */
static const char *const groups[] = {
    "admissionregistration.k8s.io",
    "apps",
    "authentication.k8s.io",
    "authorization.k8s.io",
    "autoscaling",
    "batch",
    "certificates.k8s.io",
    "coordination.k8s.io",
    "discovery.k8s.io",
    "events.k8s.io",
    "extensions",
    "flowcontrol.apiserver.k8s.io",
    "internal.apiserver.k8s.io",
    "networking.k8s.io",
    "node.k8s.io",
    "policy",
    "rbac.authorization.k8s.io",
    "resource.k8s.io",
    "scheduling.k8s.io",
    "storage.k8s.io",
};

static bool is_built_in(const char *api_version)
{
    size_t length = strcspn(api_version, "/");
    if (api_version[length] == '\0') {
        return true; /* the core group: "v1" */
    }
    for (size_t i = 0; i < ARRAY_LENGTH(groups); i++) {
        if (strlen(groups[i]) == length && strncmp(groups[i], api_version, length) == 0) {
            return true;
        }
    }
    return false;
}

const struct merge_schema *merge_schema_of(const char *api_version, const char *kind)
{
    if (!is_built_in(api_version)) {
        return NULL;
    }
    for (size_t i = 0; i < ARRAY_LENGTH(kinds); i++) {
        if (strcmp(kinds[i].kind, kind) == 0) {
            return kinds[i].schema;
        }
    }
    return &plain_kind;
}

const struct merge_field *merge_schema_field(const struct merge_schema *schema, const char *name)
{
    if (schema == NULL) {
        return NULL;
    }
    for (const struct merge_field *field = schema->fields; field->name != NULL; field++) {
        if (strcmp(field->name, name) == 0) {
            return field;
        }
    }
    return NULL;
}
