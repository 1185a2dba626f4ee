#include <string.h>

#include "base/alloc.h"
#include "base/language.h"
#include "doc/json.h"
#include "plan_parts.h"

static const char *wanted_name(const struct change_intent *intent)
{
    return intent->secret != NULL
               ? intent->secret
               : json_string(json_object(intent->secret_object, "metadata"), "name");
}

/* --- Where it is to be -------------------------------------------------------------------------
 */

struct search {
    const struct change_intent *intent;
    struct plan_targets *out;
    bool everywhere; /* not only where a pod needs the name */
};

static bool names_secret(const struct csi_workload *workload, const char *name)
{
    for (size_t i = 0; i < workload->reference_count; i++) {
        if (strcmp(workload->references[i].name, name) == 0) {
            return true;
        }
    }
    for (size_t i = 0; i < workload->pod_count; i++) {
        for (size_t j = 0; j < workload->pods[i]->reference_count; j++) {
            if (strcmp(workload->pods[i]->references[j].name, name) == 0) {
                return true;
            }
        }
    }
    return false;
}

/* Its template or what its pods inherit will be pointed to the Secret. */
static bool will_name_secret(const struct change_intent *intent,
                             const struct csi_workload *workload)
{
    if (!intent->use_secret) {
        return false;
    }
    for (size_t i = 0; i < workload->reference_count; i++) {
        if (plan_means_reference(intent, &workload->references[i])) {
            return true;
        }
    }
    return plan_workload_inherits(intent, workload);
}

static void collect(void *context, struct csi_workload *workload)
{
    const struct search *search = context;
    const char *name = wanted_name(search->intent);
    if (search->everywhere || names_secret(workload, name) ||
        will_name_secret(search->intent, workload)) {
        plan_targets_add(search->out, &kube_secrets, workload->ns, name);
    }
}

bool plan_secret_targets(const struct change_intent *intent, const struct csi_census *census,
                         struct plan_targets *out, struct error *err)
{
    const char *name = wanted_name(intent);
    if (name == NULL) {
        return error_set(err, ERROR_USAGE, "the Secret has no name");
    }
    const char *ns = intent->ns != NULL
                         ? intent->ns
                         : json_string(json_object(intent->secret_object, "metadata"), "namespace");
    if (ns != NULL) {
        plan_targets_add(out, &kube_secrets, ns, name);
        return true;
    }
    struct search search = {intent, out, false};
    plan_each_workload(intent, census, collect, &search);
    if (out->count == 0 && intent->kind != CHANGE_ROTATE_SECRET) {
        search.everywhere = true;
        plan_each_workload(intent, census, collect, &search);
    }
    if (out->count == 0) {
        return error_set(err, ERROR_USAGE,
                         "no namespace for Secret %s: no pod of a CSI driver names it; give one "
                         "with -n",
                         name);
    }
    return true;
}

/* --- What is sent ------------------------------------------------------------------------------
 */

static bool same_content(const cJSON *live, const cJSON *wanted)
{
    return strcmp(json_string_or(live, "type", "Opaque"),
                  json_string_or(wanted, "type", "Opaque")) == 0 &&
           json_member(wanted, "stringData") == NULL &&
           json_equal(json_member(live, "data"), json_member(wanted, "data"));
}

static cJSON *secret_for(const struct change_intent *intent, const struct change_target *target)
{
    cJSON *secret = cJSON_Duplicate(intent->secret_object, true);
    json_set_string(secret, "apiVersion", "v1");
    json_set_string(secret, "kind", "Secret");
    cJSON *metadata = json_need_object(secret, "metadata");
    json_set_string(metadata, "name", target->name);
    json_set_string(metadata, "namespace", target->ns);
    return secret;
}

static bool make_new(const struct plan_input *input, size_t i, struct change_plan *out,
                     struct error *err)
{
    const struct change_target *target = &input->targets[i];
    const cJSON *live = input->live[i];
    if (live != NULL && !same_content(live, input->intent->secret_object)) {
        return error_set(err, ERROR_CONFLICT,
                         "Secret %s/%s exists already, of type %s and with other content; rotate "
                         "it to replace the content, or choose another name",
                         target->ns, target->name, json_string_or(live, "type", "Opaque"));
    }
    struct change_object *object = plan_add_object(out, target->resource, target->ns, target->name);
    if (live != NULL) {
        object->live = cJSON_Duplicate(live, true);
        object->desired = cJSON_Duplicate(live, true);
        plan_finish_patch(object);
        return true;
    }
    object->action = CHANGE_CREATE;
    object->desired = secret_for(input->intent, target);
    return true;
}

static void copy_members(cJSON *to, const cJSON *from)
{
    const cJSON *item = NULL;
    cJSON_ArrayForEach(item, from)
    {
        json_set(to, item->string, cJSON_Duplicate(item, true));
    }
}

static bool may_rotate(const struct change_target *target, const cJSON *live, const cJSON *wanted,
                       struct error *err)
{
    if (live == NULL) {
        return error_set(err, ERROR_NOT_FOUND,
                         "Secret %s/%s does not exist, so it cannot be rotated; create it",
                         target->ns, target->name);
    }
    if (json_bool(live, "immutable", false)) {
        return error_set(err, ERROR_INVALID,
                         "Secret %s/%s is immutable; create one under another name and use that",
                         target->ns, target->name);
    }
    const char *is = json_string_or(live, "type", "Opaque");
    const char *wants = json_string_or(wanted, "type", is);
    if (strcmp(is, wants) != 0) {
        return error_set(err, ERROR_INVALID,
                         "Secret %s/%s is of type %s, which cannot change to %s; create one under "
                         "another name and use that",
                         target->ns, target->name, is, wants);
    }
    return true;
}

static bool make_rotation(const struct plan_input *input, size_t i, struct change_plan *out,
                          struct error *err)
{
    const struct change_target *target = &input->targets[i];
    const cJSON *wanted = input->intent->secret_object;
    const cJSON *live = input->live[i];
    if (!may_rotate(target, live, wanted, err)) {
        return false;
    }
    struct change_object *object = plan_add_object(out, target->resource, target->ns, target->name);
    object->live = cJSON_Duplicate(live, true);
    object->desired = cJSON_Duplicate(live, true);
    copy_members(json_need_object(object->desired, "data"), json_object(wanted, "data"));
    if (json_object(wanted, "stringData") != NULL) {
        copy_members(json_need_object(object->desired, "stringData"),
                     json_object(wanted, "stringData"));
    }
    plan_finish_patch(object);
    plan_add_note(object,
                  xstrdup(_("The earlier content is kept in this program's memory only: once "
                            "it ends, it cannot be brought back.")));
    return true;
}

bool plan_make_secret(const struct plan_input *input, size_t i, struct change_plan *out,
                      struct error *err)
{
    return input->intent->kind == CHANGE_ROTATE_SECRET ? make_rotation(input, i, out, err)
                                                       : make_new(input, i, out, err);
}
