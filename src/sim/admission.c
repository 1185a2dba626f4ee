#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "doc/json.h"
#include "kinds.h"

/* What admission plugins do to a new pod: ServiceAccount, DefaultTolerationSeconds, Priority. */

static const char token_path[] = "/var/run/secrets/kubernetes.io/serviceaccount";

static bool mounts_token(const cJSON *account, const cJSON *spec)
{
    const cJSON *own = json_member(spec, "automountServiceAccountToken");
    if (cJSON_IsBool(own)) {
        return cJSON_IsTrue(own);
    }
    return json_bool(account, "automountServiceAccountToken", true);
}

static bool has_mount(const cJSON *container)
{
    const cJSON *mount;
    cJSON_ArrayForEach(mount, json_list(container, "volumeMounts"))
    {
        if (strcmp(json_string_or(mount, "mountPath", ""), token_path) == 0) {
            return true;
        }
    }
    return false;
}

static bool add_mounts(cJSON *containers, const char *volume)
{
    bool any = false;
    cJSON *container;
    cJSON_ArrayForEach(container, containers)
    {
        if (has_mount(container)) {
            continue;
        }
        any = true;
        cJSON *mount = cJSON_CreateObject();
        cJSON_AddStringToObject(mount, "name", volume);
        cJSON_AddTrueToObject(mount, "readOnly");
        cJSON_AddStringToObject(mount, "mountPath", token_path);
        cJSON_AddItemToArray(json_need_list(container, "volumeMounts"), mount);
    }
    return any;
}

static cJSON *token_volume(struct sim *sim, const char *name)
{
    static const char projected[] =
        "{\"sources\":[{\"serviceAccountToken\":{\"expirationSeconds\":3607,\"path\":\"token\"}},"
        "{\"configMap\":{\"name\":\"kube-root-ca.crt\",\"items\":[{\"key\":\"ca.crt\",\"path\":"
        "\"ca.crt\"}]}},{\"downwardAPI\":{\"items\":[{\"path\":\"namespace\",\"fieldRef\":{"
        "\"apiVersion\":\"v1\",\"fieldPath\":\"metadata.namespace\"}}]}}],\"defaultMode\":420}";
    cJSON *volume = cJSON_CreateObject();
    cJSON_AddStringToObject(volume, "name", name);
    if (sim->minor >= 21) {
        cJSON_AddItemToObject(volume, "projected", cJSON_Parse(projected));
    } else {
        cJSON *secret = cJSON_AddObjectToObject(volume, "secret");
        cJSON_AddStringToObject(secret, "secretName", name);
        cJSON_AddNumberToObject(secret, "defaultMode", 420);
    }
    return volume;
}

static void mount_token(struct sim *sim, const cJSON *account, cJSON *spec)
{
    char name[300];
    if (!mounts_token(account, spec)) {
        return;
    }
    if (sim->minor >= 21) {
        char suffix[6];
        sim_store_new_suffix(sim->store, suffix);
        snprintf(name, sizeof(name), "kube-api-access-%s", suffix);
    } else {
        const cJSON *first = cJSON_GetArrayItem(json_list(account, "secrets"), 0);
        if (first == NULL) {
            return;
        }
        snprintf(name, sizeof(name), "%s", json_string_or(first, "name", ""));
    }
    bool any = add_mounts(json_list(spec, "containers"), name);
    any = add_mounts(json_list(spec, "initContainers"), name) || any;
    if (any) {
        cJSON_AddItemToArray(json_need_list(spec, "volumes"), token_volume(sim, name));
    }
}

static bool admit_account(struct sim *sim, cJSON *body, struct sim_status *status)
{
    const cJSON *metadata = json_member(body, "metadata");
    cJSON *spec = json_need_object(body, "spec");
    const char *ns = json_string_or(metadata, "namespace", "");
    if (json_at(metadata, "annotations", "kubernetes.io/config.mirror", NULL) != NULL) {
        return true; /* static pods have no account */
    }
    const char *old = json_string_or(spec, "serviceAccount", "");
    const char *name = json_string_or(spec, "serviceAccountName", old);
    name = name[0] == '\0' ? "default" : name;
    const struct sim_object *account = sim_store_get(sim->store, sim_service_accounts(), ns, name);
    if (account == NULL) {
        return sim_status_forbidden(status, sim_pods(), body,
                                    "error looking up service account %s/%s: serviceaccount "
                                    "\"%s\" not found",
                                    ns, name, name);
    }
    json_set_string(spec, "serviceAccountName", account->name);
    const cJSON *own = json_list(spec, "imagePullSecrets");
    const cJSON *lent = json_list(account->body, "imagePullSecrets");
    if ((own == NULL || own->child == NULL) && lent != NULL && lent->child != NULL) {
        json_set(spec, "imagePullSecrets", cJSON_Duplicate(lent, true));
    }
    mount_token(sim, account->body, spec);
    return true;
}

static bool tolerates(const cJSON *spec, const char *key)
{
    const cJSON *one;
    cJSON_ArrayForEach(one, json_list(spec, "tolerations"))
    {
        const char *own = json_string_or(one, "key", "");
        const char *effect = json_string_or(one, "effect", "");
        if ((own[0] == '\0' || strcmp(own, key) == 0) &&
            (effect[0] == '\0' || strcmp(effect, "NoExecute") == 0)) {
            return true;
        }
    }
    return false;
}

static void admit_tolerations(cJSON *spec)
{
    static const char *const keys[] = {"node.kubernetes.io/not-ready",
                                       "node.kubernetes.io/unreachable"};
    for (size_t i = 0; i < ARRAY_LENGTH(keys); i++) {
        if (tolerates(spec, keys[i])) {
            continue;
        }
        cJSON *one = cJSON_CreateObject();
        cJSON_AddStringToObject(one, "key", keys[i]);
        cJSON_AddStringToObject(one, "operator", "Exists");
        cJSON_AddStringToObject(one, "effect", "NoExecute");
        cJSON_AddNumberToObject(one, "tolerationSeconds", 300);
        cJSON_AddItemToArray(json_need_list(spec, "tolerations"), one);
    }
}

static void admit_priority(cJSON *spec)
{
    const char *class = json_string_or(spec, "priorityClassName", "");
    double priority = strcmp(class, "system-node-critical") == 0      ? 2000001000
                      : strcmp(class, "system-cluster-critical") == 0 ? 2000000000
                                                                      : 0;
    json_set(spec, "priority", cJSON_CreateNumber(priority));
    if (json_member(spec, "preemptionPolicy") == NULL) {
        json_set_string(spec, "preemptionPolicy", "PreemptLowerPriority");
    }
}

bool sim_kind_admit(struct sim *sim, const struct sim_resource *resource, cJSON *body,
                    struct sim_status *status)
{
    if (resource == sim_pods() && !admit_account(sim, body, status)) {
        return false;
    }
    if (!sim_quota_admits(sim, resource, body, status)) {
        return false;
    }
    if (resource != sim_pods()) {
        return true;
    }
    cJSON *spec = json_member(body, "spec");
    admit_tolerations(spec);
    admit_priority(spec);
    return true;
}
