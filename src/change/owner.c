#include "change/owner.h"

#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/language.h"
#include "base/text.h"
#include "change/last_applied.h"
#include "doc/json.h"

/* One sign of a manager: a label or annotation, and what its value is called. */
struct sign {
    const char *key;
    const char *wanted;   /* the value it must have; NULL: any */
    const char *word;     /* as it is confirmed */
    const char *name;     /* the manager */
    const char *instance; /* what the value names; NULL: nothing worth saying */
    const char *consequence;
};

#define REVERTS_SOON                                                                               \
    N_("will set this back within minutes: change its source in Git instead, or there too")

/* Strongest first: who sets back by itself before who does so at the next run. */
static const struct sign signs[] = {
    {"argocd.argoproj.io/tracking-id", NULL, "argocd", "Argo CD", "application", REVERTS_SOON},
    {"argocd.argoproj.io/instance", NULL, "argocd", "Argo CD", "application", REVERTS_SOON},
    {"kustomize.toolkit.fluxcd.io/name", NULL, "flux", "Flux", "Kustomization", REVERTS_SOON},
    {"helm.toolkit.fluxcd.io/name", NULL, "flux", "Flux", "HelmRelease",
     N_("will set this back at its next upgrade or drift check: change the values of its "
        "HelmRelease "
        "instead")},
    {"objectset.rio.cattle.io/id", NULL, "fleet", "Rancher Fleet or k3s", NULL,
     N_("may set this back at its next reconciliation: change its source instead")},
    {"kapp.k14s.io/app", NULL, "kapp", "kapp", NULL,
     N_("sets this back at its next deploy: change its source too")},
    {"olm.owner", NULL, "olm", N_("the Operator Lifecycle Manager"), "ClusterServiceVersion",
     N_("will set this back: change the operator's own configuration instead")},
    {"addonmanager.kubernetes.io/mode", "Reconcile", "addon-manager",
     N_("the cluster's add-on manager"), NULL,
     N_("will set this back within a minute: change the add-on's manifest on the control plane "
        "instead")},
    {"reconcile.external-secrets.io/managed", "true", "external-secrets", "External Secrets", NULL,
     N_("will write this Secret again at its next refresh: change the ExternalSecret or its source "
        "instead")},
    {"reflector.v1.k8s.emberstack.com/reflects", NULL, "reflector", "Reflector", "source",
     N_("will copy the source over this Secret again: change the source instead")},
    {"sealedsecrets.bitnami.com/managed", "true", "sealed-secrets", "Sealed Secrets", NULL,
     N_("will write this Secret again: seal the new value into its SealedSecret instead")},
};

static const struct {
    const char *manager;
    const char *source;
} sources[] = {
    {"External Secrets", N_("change the ExternalSecret, or what it reads from")},
    {"Reflector", N_("change the Secret that it reflects")},
    {"Sealed Secrets", N_("seal the new value into its SealedSecret")},
    {"Vault Secrets Operator", N_("change the value in Vault")},
    {"Helm", N_("change the chart's values too")},
    {"Argo CD", N_("change its source in Git")},
    {"Flux", N_("change its source in Git")},
    {"the addon manager", N_("change the add-on's manifest on the control plane")},
};

const char *change_owner_source(const char *manager)
{
    for (size_t i = 0; i < ARRAY_LENGTH(sources); i++) {
        if (strcmp(sources[i].manager, manager) == 0) {
            return sources[i].source;
        }
    }
    return NULL;
}

static const char *sign_value(const cJSON *live, const struct sign *sign)
{
    const cJSON *metadata = json_object(live, "metadata");
    const char *value = json_string(json_object(metadata, "labels"), sign->key);
    if (value == NULL) {
        value = json_string(json_object(metadata, "annotations"), sign->key);
    }
    if (value == NULL || (sign->wanted != NULL && strcmp(value, sign->wanted) != 0)) {
        return NULL;
    }
    return value;
}

static bool find_owner_reference(const cJSON *live, struct change_owner *out)
{
    const cJSON *reference = NULL;
    cJSON_ArrayForEach(reference, json_list(json_object(live, "metadata"), "ownerReferences"))
    {
        if (json_bool(reference, "controller", false)) {
            out->name = xasprintf("%s/%s", json_string_or(reference, "kind", "?"),
                                  json_string_or(reference, "name", "?"));
            out->consequence = xasprintf(
                _("%s owns this object and its controller will set the change back: change "
                  "%s instead."),
                out->name, out->name);
            out->confirm = true;
            out->word = "operator";
            return true;
        }
    }
    return false;
}

static bool find_sign(const cJSON *live, struct change_owner *out)
{
    for (size_t i = 0; i < ARRAY_LENGTH(signs); i++) {
        const struct sign *sign = &signs[i];
        const char *value = sign_value(live, sign);
        if (value == NULL) {
            continue;
        }
        if (sign->instance != NULL) {
            /* A tracking id is "application:group/kind:namespace/name". */
            int length = (int)strcspn(value, ":");
            out->name = xasprintf("%s %s %.*s", _(sign->name), sign->instance, length, value);
        } else {
            out->name = xstrdup(_(sign->name));
        }
        /* TRANSLATORS: who, and what it will do. */
        out->consequence = xasprintf(_("%s %s."), out->name, _(sign->consequence));
        out->confirm = true;
        out->word = sign->word;
        return true;
    }
    return false;
}

static bool find_helm(const cJSON *live, struct change_owner *out)
{
    const cJSON *metadata = json_object(live, "metadata");
    const char *release =
        json_string(json_object(metadata, "annotations"), "meta.helm.sh/release-name");
    const char *by =
        json_string_or(json_object(metadata, "labels"), "app.kubernetes.io/managed-by", "");
    if (release == NULL && strcmp(by, "Helm") != 0) {
        return false;
    }
    out->name = release == NULL ? xstrdup("Helm") : xasprintf(_("Helm release %s"), release);
    out->consequence = xasprintf(
        _("The next upgrade of %s sets this back: put the change into the chart's values too."),
        out->name);
    out->confirm = true;
    out->word = "helm";
    return true;
}

/* Someone else's entry in managedFields that is not about the status. Apply entries win. */
static const cJSON *find_manager(const cJSON *live, const char *operation)
{
    const cJSON *found = NULL;
    const cJSON *entry = NULL;
    cJSON_ArrayForEach(entry, json_list(json_object(live, "metadata"), "managedFields"))
    {
        const char *manager = json_string_or(entry, "manager", "");
        if (strcmp(json_string_or(entry, "operation", ""), operation) != 0 ||
            json_string_or(entry, "subresource", "")[0] != '\0' ||
            strcmp(manager, "pullmend") == 0 || strcmp(manager, "kube-controller-manager") == 0 ||
            strcmp(manager, "before-first-apply") == 0) {
            continue;
        }
        if (json_at(entry, "fieldsV1", "f:spec", NULL) != NULL || found == NULL) {
            found = entry;
        }
    }
    return found;
}

static void find_client_side_apply(const char *kubespray, struct change_owner *out)
{
    out->name = xstrdup("kubectl-client-side-apply");
    if (kubespray != NULL) {
        out->consequence =
            xasprintf(_("If Kubespray applied it, its next run of the role %s applies its own "
                        "manifest again: change it there too (pullmend kubespray fix)."),
                      kubespray);
    } else {
        out->consequence = xstrdup(_("Its manifest was applied with kubectl: change the manifest "
                                     "too, or the next kubectl apply of it sets this back."));
    }
}

void change_owner_find(const cJSON *live, const char *kubespray, struct change_owner *out)
{
    *out = (struct change_owner){NULL, NULL, false, NULL};
    if (find_owner_reference(live, out) || find_sign(live, out) || find_helm(live, out)) {
        return;
    }
    const cJSON *entry = find_manager(live, "Apply");
    if (entry != NULL) {
        out->name = xasprintf(_("%s (server-side apply)"), json_string_or(entry, "manager", "?"));
        out->consequence = xasprintf(_("The next server-side apply of %s sets the fields back that "
                                       "it owns: change its manifest too."),
                                     json_string_or(entry, "manager", "?"));
        return;
    }
    if (json_string(json_at(live, "metadata", "annotations", NULL), CHANGE_LAST_APPLIED) != NULL) {
        find_client_side_apply(kubespray, out);
        return;
    }
    entry = find_manager(live, "Update");
    out->name = xstrdup(json_string_or(entry, "manager", ""));
}

void change_owner_free(struct change_owner *owner)
{
    free(owner->name);
    free(owner->consequence);
    *owner = (struct change_owner){NULL, NULL, false, NULL};
}
