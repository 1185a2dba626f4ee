#include <string.h>

#include "base/attributes.h"
#include "base/clock.h"
#include "base/intern.h"
#include "doc/json.h"
#include "rows.h"

/* A label or annotation that gives a manager away; value NULL: any. */
static const struct {
    const char *where;
    const char *key;
    const char *value;
    const char *manager;
} marks[] = {
    {"annotations", "meta.helm.sh/release-name", NULL, "Helm"},
    {"labels", "app.kubernetes.io/managed-by", "Helm", "Helm"},
    {"annotations", "argocd.argoproj.io/tracking-id", NULL, "Argo CD"},
    {"labels", "argocd.argoproj.io/instance", NULL, "Argo CD"},
    {"labels", "helm.toolkit.fluxcd.io/name", NULL, "Flux"},
    {"labels", "kustomize.toolkit.fluxcd.io/name", NULL, "Flux"},
    {"labels", "reconcile.external-secrets.io/managed", "true", "External Secrets"},
    {"labels", "reconcile.external-secrets.io/created-by", NULL, "External Secrets"},
    {"annotations", "reflector.v1.k8s.emberstack.com/reflects", NULL, "Reflector"},
    {"annotations", "sealedsecrets.bitnami.com/managed", NULL, "Sealed Secrets"},
    {"labels", "addonmanager.kubernetes.io/mode", NULL, "the addon manager"},
};

static const struct {
    const char *kind;
    const char *manager;
} owners[] = {
    {"ExternalSecret", "External Secrets"},
    {"ClusterExternalSecret", "External Secrets"},
    {"SealedSecret", "Sealed Secrets"},
    {"VaultStaticSecret", "Vault Secrets Operator"},
};

/* Field managers that stand for a product which applies its source again and again. */
static const struct {
    const char *field_manager;
    const char *manager;
} products[] = {
    {"argocd-controller", "Argo CD"},
    {"argocd-application-controller", "Argo CD"},
    {"kustomize-controller", "Flux"},
    {"helm-controller", "Flux"},
    {"helm", "Helm"},
    {"external-secrets", "External Secrets"},
};

static const char *product_of(const char *field_manager)
{
    for (size_t i = 0; i < ARRAY_LENGTH(products); i++) {
        if (strcmp(field_manager, products[i].field_manager) == 0) {
            return products[i].manager;
        }
    }
    return field_manager;
}

static const char *manager_of_owner(const cJSON *metadata)
{
    const cJSON *owner;
    cJSON_ArrayForEach(owner, json_list(metadata, "ownerReferences"))
    {
        for (size_t i = 0; i < ARRAY_LENGTH(owners); i++) {
            if (strcmp(json_string_or(owner, "kind", ""), owners[i].kind) == 0) {
                return owners[i].manager;
            }
        }
    }
    return NULL;
}

/* The newest writer of the object itself (not of its status). */
static const char *newest_field_manager(const cJSON *metadata)
{
    const char *newest = NULL;
    int64_t newest_ms = -1;
    const cJSON *entry;
    cJSON_ArrayForEach(entry, json_list(metadata, "managedFields"))
    {
        const char *manager = json_string(entry, "manager");
        int64_t ms = 0;
        if (manager == NULL || json_string(entry, "subresource") != NULL ||
            strcmp(manager, "kube-controller-manager") == 0) {
            continue;
        }
        const char *time = json_string(entry, "time");
        if (time != NULL) {
            clock_parse_rfc3339(time, &ms);
        }
        if (ms > newest_ms) {
            newest_ms = ms;
            newest = manager;
        }
    }
    return newest;
}

const char *manager_of(const cJSON *metadata)
{
    const char *owner = manager_of_owner(metadata);
    if (owner != NULL) {
        return intern(owner);
    }
    for (size_t i = 0; i < ARRAY_LENGTH(marks); i++) {
        const char *value = json_string(json_object(metadata, marks[i].where), marks[i].key);
        if (value != NULL && (marks[i].value == NULL || strcmp(value, marks[i].value) == 0)) {
            return intern(marks[i].manager);
        }
    }
    if (json_string(json_object(metadata, "annotations"),
                    "kubectl.kubernetes.io/last-applied-configuration") != NULL) {
        return intern("kubectl-client-side-apply");
    }
    const char *manager = newest_field_manager(metadata);
    unsigned ignored = 0;
    return manager == NULL ? intern("") : odd_intern(product_of(manager), NAME_LIMIT, &ignored);
}

int64_t updated_of(const cJSON *metadata, int64_t created_ms)
{
    int64_t newest = created_ms;
    const cJSON *entry;
    cJSON_ArrayForEach(entry, json_list(metadata, "managedFields"))
    {
        int64_t ms;
        const char *time = json_string(entry, "time");
        if (time != NULL && clock_parse_rfc3339(time, &ms) && ms > newest) {
            newest = ms;
        }
    }
    return newest;
}
