#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/language.h"
#include "change/json_patch.h"
#include "change/last_applied.h"
#include "change/merge.h"
#include "doc/json.h"
#include "plan_parts.h"
#include "registry/secret_state.h"

/* What must stand before what: a namespace before what lies in it, a Secret and a ServiceAccount
 * before the pods that use them. */
static int rank_of(const char *kind)
{
    static const char *const order[] = {"Namespace", "CustomResourceDefinition", "Secret",
                                        "ServiceAccount"};
    for (size_t i = 0; i < ARRAY_LENGTH(order); i++) {
        if (strcmp(order[i], kind) == 0) {
            return (int)i;
        }
    }
    return (int)ARRAY_LENGTH(order);
}

/* Numbers of the manifests in the order of sending; otherwise they keep their order. */
static size_t *sending_order(const struct change_intent *intent)
{
    size_t *order = xcalloc(intent->manifest_count + 1, sizeof(*order));
    size_t filled = 0;
    for (int rank = 0; filled < intent->manifest_count; rank++) {
        for (size_t i = 0; i < intent->manifest_count; i++) {
            if (rank_of(json_string_or(intent->manifests[i], "kind", "")) == rank) {
                order[filled++] = i;
            }
        }
    }
    return order;
}

static const struct kube_resource *resource_of(const struct change_intent *intent, size_t i)
{
    if (intent->manifest_resources != NULL && intent->manifest_resources[i] != NULL) {
        return intent->manifest_resources[i];
    }
    return kube_resource_by_kind(json_string_or(intent->manifests[i], "kind", ""));
}

static const char *namespace_of(const struct change_intent *intent, const cJSON *manifest)
{
    const char *ns = json_string(json_object(manifest, "metadata"), "namespace");
    if (ns != NULL && ns[0] != '\0') {
        return ns;
    }
    return intent->ns != NULL           ? intent->ns
           : intent->default_ns != NULL ? intent->default_ns
                                        : "default";
}

static bool add_target(const struct change_intent *intent, size_t i, struct plan_targets *out,
                       struct error *err)
{
    const cJSON *manifest = intent->manifests[i];
    const char *kind = json_string_or(manifest, "kind", "");
    const char *name = json_string_or(json_object(manifest, "metadata"), "name", "");
    const struct kube_resource *resource = resource_of(intent, i);
    const char *from = intent->origin == NULL ? _("the manifests") : intent->origin;
    if (kind[0] == '\0' || json_string_or(manifest, "apiVersion", "")[0] == '\0') {
        return error_set(err, ERROR_CONFIG, "%s: document %zu has no apiVersion or no kind", from,
                         i + 1);
    }
    if (name[0] == '\0') {
        return error_set(err, ERROR_CONFIG, "%s: document %zu (%s) has no metadata.name", from,
                         i + 1, kind);
    }
    if (resource == NULL) {
        return error_set(err, ERROR_INVALID, "%s: the server knows no kind %s in %s", from, kind,
                         json_string_or(manifest, "apiVersion", ""));
    }
    const char *ns = resource->namespaced ? namespace_of(intent, manifest) : NULL;
    if (ns != NULL && intent->ns != NULL && strcmp(ns, intent->ns) != 0) {
        return error_set(err, ERROR_USAGE,
                         "%s: %s %s is of namespace %s, but only %s was asked for with -n", from,
                         kind, name, ns, intent->ns);
    }
    size_t before = out->count;
    plan_targets_add(out, resource, ns, name);
    if (out->count == before) {
        return error_set(err, ERROR_CONFIG, "%s: %s %s is there twice", from, kind, name);
    }
    return true;
}

bool plan_apply_targets(const struct change_intent *intent, struct plan_targets *out,
                        struct error *err)
{
    size_t *order = sending_order(intent);
    bool good = true;
    for (size_t i = 0; good && i < intent->manifest_count; i++) {
        good = add_target(intent, order[i], out, err);
    }
    free(order);
    return good;
}

static void create_object(struct change_object *object, const cJSON *manifest, bool secret)
{
    object->action = CHANGE_CREATE;
    object->desired = cJSON_Duplicate(manifest, true);
    if (secret) {
        plan_add_note(object, xstrdup(_("Its values are not copied into a last-applied annotation, "
                                        "where anyone who may read annotations would see them.")));
    } else {
        change_last_applied_write(object->desired, manifest);
    }
}

static void merge_object(struct change_object *object, const cJSON *manifest, const cJSON *live,
                         bool secret)
{
    bool poisoned = false;
    cJSON *last = change_last_applied_read(live);
    object->live = cJSON_Duplicate(live, true);
    object->desired = change_merge(last, manifest, live, &poisoned);
    if (last == NULL && secret) {
        json_remove(json_at(object->desired, "metadata", "annotations", NULL), CHANGE_LAST_APPLIED);
    }
    if (last == NULL && !secret) {
        plan_add_note(object,
                      xstrdup(_("It was not made with kubectl apply: what the manifest does "
                                "not name stays as it is.")));
    }
    if (poisoned) {
        plan_add_note(object, xstrdup(_("A list with doubled or empty names, which kubectl cannot "
                                        "patch, is replaced whole.")));
    }
    json_delete_secret(last);
    plan_finish_patch(object);
}

/* --- Only the pull secrets ----------------------------------------------------------------------
 */

/* What holds the list: a workload's pod spec, or the ServiceAccount itself; NULL for other kinds.
 */
static cJSON *list_holder(const cJSON *object)
{
    if (strcmp(json_string_or(object, "kind", ""), "ServiceAccount") == 0) {
        return (cJSON *)(uintptr_t)object;
    }
    return json_at(object, "spec", "template", "spec", NULL);
}

static void copy_list(cJSON *to, const cJSON *from)
{
    const cJSON *list = json_list(from, "imagePullSecrets");
    if (to != NULL && list != NULL) {
        json_set(to, "imagePullSecrets", cJSON_Duplicate(list, true));
    } else if (to != NULL) {
        json_remove(to, "imagePullSecrets");
    }
}

/* The server keeps stringData as data. */
static void fold_string_data(cJSON *object)
{
    cJSON *texts = cJSON_DetachItemFromObject(object, "stringData");
    const cJSON *text;
    cJSON_ArrayForEach(text, texts)
    {
        struct buffer encoded;
        const char *value = cJSON_IsString(text) ? text->valuestring : "";
        buffer_init_secret(&encoded, 2 * strlen(value) + 8);
        base64_encode(&encoded, value, strlen(value));
        json_set_string(json_need_object(object, "data"), text->string, encoded.data);
        buffer_free(&encoded);
    }
    json_delete_secret(texts);
}

static bool is_zero(const cJSON *value)
{
    return cJSON_IsNull(value) || cJSON_IsFalse(value) ||
           (cJSON_IsNumber(value) && value->valuedouble == 0) ||
           (cJSON_IsString(value) && value->valuestring[0] == '\0') ||
           ((cJSON_IsObject(value) || cJSON_IsArray(value)) && value->child == NULL);
}

/* The server leaves out what is false, 0 or empty, and puts in an empty map where it needs one: for
 * the question whether anything differs, both are the same. */
static void drop_zero_values(cJSON *value)
{
    cJSON *next;
    for (cJSON *item = value->child; item != NULL; item = next) {
        next = item->next;
        drop_zero_values(item);
        if (cJSON_IsObject(value) && is_zero(item)) {
            json_delete_secret(cJSON_DetachItemViaPointer(value, item));
        }
    }
}

static void narrow_object(struct change_object *object, const cJSON *manifest, const cJSON *live)
{
    const cJSON *wanted = list_holder(manifest);
    bool poisoned = false;
    cJSON *last = change_last_applied_read(live);
    cJSON *whole = change_merge(last, manifest, live, &poisoned);
    object->live = cJSON_Duplicate(live, true);
    object->desired = cJSON_Duplicate(live, true);
    if (wanted != NULL) {
        copy_list(list_holder(object->desired), wanted);
        if (last != NULL) {
            copy_list(list_holder(last), wanted);
            change_last_applied_write(object->desired, last);
        }
    }
    fold_string_data(whole);
    cJSON *rest = cJSON_Duplicate(whole, true);
    change_last_applied_write(rest, manifest);
    cJSON *narrow = cJSON_Duplicate(object->desired, true);
    change_last_applied_write(narrow, manifest);
    drop_zero_values(rest);
    drop_zero_values(narrow);
    if (!json_equal(rest, narrow)) {
        plan_add_note(object, xstrdup(_("It differs in other ways too, which are left alone "
                                        "(--all-changes sends them as well).")));
        object->left_out = whole;
        whole = NULL;
    }
    json_delete_secret(rest);
    json_delete_secret(narrow);
    json_delete_secret(whole);
    json_delete_secret(last);
    plan_finish_patch(object);
}

static void leave_out(struct change_object *object)
{
    object->action = CHANGE_NOTHING;
    plan_add_note(object, xstrdup(_("It is not in the cluster and has nothing to do with pull "
                                    "secrets (--all-changes makes it).")));
}

static bool is_registry_secret(const cJSON *manifest)
{
    return registry_secret_data_key(json_string_or(manifest, "type", "")) != NULL;
}

bool plan_make_apply(const struct plan_input *input, struct change_plan *out, struct error *err)
{
    if (input->count != input->intent->manifest_count) {
        return error_set(err, ERROR_INTERNAL, "%zu manifests but %zu targets",
                         input->intent->manifest_count, input->count);
    }
    size_t *order = sending_order(input->intent);
    for (size_t i = 0; i < input->count; i++) {
        const struct change_target *target = &input->targets[i];
        bool secret = target->resource == &kube_secrets;
        cJSON *manifest = cJSON_Duplicate(input->intent->manifests[order[i]], true);
        cJSON *metadata = json_need_object(manifest, "metadata");
        if (target->ns != NULL) {
            json_set_string(metadata, "namespace", target->ns);
        } else {
            json_remove(metadata, "namespace"); /* as the server does, without a word */
        }
        struct change_object *object =
            plan_add_object(out, target->resource, target->ns, target->name);
        bool narrow = input->intent->pull_secrets_only && !is_registry_secret(manifest);
        if (narrow && input->live[i] == NULL) {
            leave_out(object);
        } else if (narrow) {
            narrow_object(object, manifest, input->live[i]);
        } else if (input->live[i] == NULL) {
            create_object(object, manifest, secret);
        } else {
            merge_object(object, manifest, input->live[i], secret);
        }
        json_delete_secret(manifest);
    }
    free(order);
    return true;
}
