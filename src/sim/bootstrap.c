#include "bootstrap.h"

#include <string.h>

#include "doc/json.h"
#include "sim/writes.h"

enum { SELF_REVIEW_SINCE = 28 };

/* Before they knew SelfSubjectReview. */
static void make_older(cJSON *body)
{
    const cJSON *name = json_at(body, "metadata", "name", NULL);
    if (cJSON_IsString(name) && strcmp(name->valuestring, "system:basic-user") == 0 &&
        json_list(body, "rules") != NULL) {
        cJSON_DeleteItemFromArray(json_list(body, "rules"), 0);
    }
}

/* As plugin/pkg/auth/authorizer/rbac/bootstrappolicy has them, cut to what is served here. */
static const char *const objects[] = {
    "{\"apiVersion\":\"rbac.authorization.k8s.io/v1\",\"kind\":\"ClusterRole\",\"metadata\":{"
    "\"name\":\"cluster-admin\"},\"rules\":[{\"verbs\":[\"*\"],\"apiGroups\":[\"*\"],"
    "\"resources\":[\"*\"]},{\"verbs\":[\"*\"],\"nonResourceURLs\":[\"*\"]}]}",
    "{\"apiVersion\":\"rbac.authorization.k8s.io/v1\",\"kind\":\"ClusterRole\",\"metadata\":{"
    "\"name\":\"system:basic-user\"},\"rules\":[{\"verbs\":[\"create\"],\"apiGroups\":["
    "\"authentication.k8s.io\"],\"resources\":[\"selfsubjectreviews\"]},{\"verbs\":["
    "\"create\"],\"apiGroups\":[\"authorization.k8s.io\"],\"resources\":["
    "\"selfsubjectaccessreviews\",\"selfsubjectrulesreviews\"]}]}",
    "{\"apiVersion\":\"rbac.authorization.k8s.io/v1\",\"kind\":\"ClusterRole\",\"metadata\":{"
    "\"name\":\"system:discovery\"},\"rules\":[{\"verbs\":[\"get\"],\"nonResourceURLs\":["
    "\"/api\",\"/api/*\",\"/apis\",\"/apis/*\",\"/healthz\",\"/livez\",\"/openapi\","
    "\"/openapi/*\",\"/readyz\",\"/version\",\"/version/\"]}]}",
    "{\"apiVersion\":\"rbac.authorization.k8s.io/v1\",\"kind\":\"ClusterRole\",\"metadata\":{"
    "\"name\":\"system:public-info-viewer\"},\"rules\":[{\"verbs\":[\"get\"],"
    "\"nonResourceURLs\":[\"/healthz\",\"/livez\",\"/readyz\",\"/version\",\"/version/\"]}]}",
    "{\"apiVersion\":\"rbac.authorization.k8s.io/v1\",\"kind\":\"ClusterRole\",\"metadata\":{"
    "\"name\":\"view\"},\"rules\":[{\"verbs\":[\"get\",\"list\",\"watch\"],\"apiGroups\":[\"\"],"
    "\"resources\":[\"configmaps\",\"endpoints\",\"events\",\"limitranges\",\"namespaces\","
    "\"nodes\",\"persistentvolumeclaims\",\"persistentvolumes\",\"pods\",\"pods/log\","
    "\"pods/status\",\"resourcequotas\",\"serviceaccounts\",\"services\"]},{\"verbs\":[\"get\","
    "\"list\",\"watch\"],\"apiGroups\":[\"apps\",\"coordination.k8s.io\",\"events.k8s.io\","
    "\"policy\",\"storage.k8s.io\"],\"resources\":[\"*\"]}]}",
    "{\"apiVersion\":\"rbac.authorization.k8s.io/v1\",\"kind\":\"ClusterRoleBinding\","
    "\"metadata\":{\"name\":\"cluster-admin\"},\"roleRef\":{\"kind\":\"ClusterRole\",\"name\":"
    "\"cluster-admin\"},\"subjects\":[{\"kind\":\"Group\",\"name\":\"system:masters\"}]}",
    "{\"apiVersion\":\"rbac.authorization.k8s.io/v1\",\"kind\":\"ClusterRoleBinding\","
    "\"metadata\":{\"name\":\"system:basic-user\"},\"roleRef\":{\"kind\":\"ClusterRole\","
    "\"name\":\"system:basic-user\"},\"subjects\":[{\"kind\":\"Group\",\"name\":"
    "\"system:authenticated\"}]}",
    "{\"apiVersion\":\"rbac.authorization.k8s.io/v1\",\"kind\":\"ClusterRoleBinding\","
    "\"metadata\":{\"name\":\"system:discovery\"},\"roleRef\":{\"kind\":\"ClusterRole\","
    "\"name\":\"system:discovery\"},\"subjects\":[{\"kind\":\"Group\",\"name\":"
    "\"system:authenticated\"}]}",
    "{\"apiVersion\":\"rbac.authorization.k8s.io/v1\",\"kind\":\"ClusterRoleBinding\","
    "\"metadata\":{\"name\":\"system:public-info-viewer\"},\"roleRef\":{\"kind\":\"ClusterRole\","
    "\"name\":\"system:public-info-viewer\"},\"subjects\":[{\"kind\":\"Group\",\"name\":"
    "\"system:authenticated\"},{\"kind\":\"Group\",\"name\":\"system:unauthenticated\"}]}",
    "{\"apiVersion\":\"rbac.authorization.k8s.io/v1\",\"kind\":\"ClusterRoleBinding\","
    "\"metadata\":{\"name\":\"viewer\"},\"roleRef\":{\"kind\":\"ClusterRole\",\"name\":\"view\"},"
    "\"subjects\":[{\"kind\":\"User\",\"name\":\"viewer\"}]}",
};

void sim_bootstrap(struct sim *sim)
{
    for (size_t i = 0; i < ARRAY_LENGTH(objects); i++) {
        struct sim_status status = SIM_STATUS_INIT;
        cJSON *body = cJSON_Parse(objects[i]);
        if (sim->minor < SELF_REVIEW_SINCE) {
            make_older(body);
        }
        const struct sim_resource *resource = sim_resource_by_kind(
            json_string_or(body, "apiVersion", ""), json_string_or(body, "kind", ""));
        sim_write_create(sim, resource, "", body, NULL, NULL, &status);
        sim_status_clear(&status);
    }
}
