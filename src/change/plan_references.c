#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/clock.h"
#include "base/language.h"
#include "change/last_applied.h"
#include "doc/json.h"
#include "plan_parts.h"

#define LIST         "imagePullSecrets"
#define RESTARTED_AT "kubectl.kubernetes.io/restartedAt"

/* What an intent does to one list of references. */
struct edit {
    const struct change_intent *intent;
    const struct csi_census *census;
    const struct csi_workload *workload; /* whose template it is; NULL: a ServiceAccount's list */
    const struct change_target *target;
    const char *replacement; /* NULL: dropped */
    bool add;                /* the replacement comes in even where nothing is replaced */
    bool mended;             /* doubles went */
};

/* --- Targets ---------------------------------------------------------------------------------- */

struct collection {
    const struct change_intent *intent;
    struct plan_targets *out;
    bool accounts; /* first the ServiceAccounts, then the workloads */
};

static const char *account_of(const struct csi_workload *workload)
{
    const char *name = workload->service_account;
    return name == NULL || name[0] == '\0' ? "default" : name;
}

/* A pod that cannot pull and names no Secret at all: pointing to one means adding it. */
static bool lacks_reference(const struct csi_workload *workload)
{
    if (workload->reference_count > 0) {
        return false;
    }
    for (size_t i = 0; i < workload->pod_count; i++) {
        if (workload->pods[i]->pulling == CSI_PULLING_FAILING &&
            workload->pods[i]->reference_count == 0) {
            return true;
        }
    }
    return false;
}

static bool points(const struct change_intent *intent)
{
    return intent->kind == CHANGE_USE_SECRET || intent->use_secret;
}

static bool template_changes(const struct change_intent *intent,
                             const struct csi_workload *workload)
{
    for (size_t i = 0; i < workload->reference_count; i++) {
        if (plan_means_reference(intent, &workload->references[i])) {
            return true;
        }
    }
    return points(intent) && lacks_reference(workload);
}

static void collect(void *context, struct csi_workload *workload)
{
    struct collection *collection = context;
    const struct kube_resource *resource = plan_workload_resource(workload);
    if (resource == NULL) {
        return;
    }
    bool inherits = plan_workload_inherits(collection->intent, workload);
    bool attach =
        plan_attaches(collection->intent) &&
        (workload->reference_count == 0 || template_changes(collection->intent, workload));
    if (collection->accounts) {
        if (inherits || attach) {
            plan_targets_add(collection->out, &kube_service_accounts, workload->ns,
                             account_of(workload));
        }
    } else if (inherits || attach || template_changes(collection->intent, workload)) {
        plan_targets_add(collection->out, resource, workload->ns, workload->name);
    }
}

void plan_reference_targets(const struct change_intent *intent, const struct csi_census *census,
                            struct plan_targets *out)
{
    bool edits = points(intent) || intent->kind == CHANGE_DROP_REFERENCE || plan_attaches(intent);
    if (!edits) {
        return;
    }
    struct collection collection = {intent, out, true};
    plan_each_workload(intent, census, collect, &collection);
    collection.accounts = false;
    plan_each_workload(intent, census, collect, &collection);
}

/* --- The list --------------------------------------------------------------------------------- */

struct account_search {
    const struct edit *edit;
    const char *name;
    bool found;
};

/* Whether a pod that took its list from this ServiceAccount has that name in a state to change. */
static void search_account(void *context, struct csi_workload *workload)
{
    struct account_search *search = context;
    const struct change_target *target = search->edit->target;
    if (strcmp(workload->ns, target->ns) != 0 || strcmp(account_of(workload), target->name) != 0) {
        return;
    }
    for (size_t i = 0; i < workload->pod_count; i++) {
        const struct csi_pod *pod = workload->pods[i];
        for (size_t j = 0; j < pod->reference_count; j++) {
            const struct csi_reference *reference = &pod->references[j];
            if (reference->source == CSI_SOURCE_SERVICE_ACCOUNT &&
                strcmp(reference->name, search->name) == 0 &&
                plan_means_reference(search->edit->intent, reference)) {
                search->found = true;
            }
        }
    }
}

static bool means_name(const struct edit *edit, const char *name)
{
    if (edit->workload == NULL) {
        struct account_search search = {edit, name, false};
        plan_each_workload(edit->intent, edit->census, search_account, &search);
        return search.found;
    }
    for (size_t i = 0; i < edit->workload->reference_count; i++) {
        const struct csi_reference *reference = &edit->workload->references[i];
        if (strcmp(reference->name, name) == 0 && plan_means_reference(edit->intent, reference)) {
            return true;
        }
    }
    return false;
}

static bool list_has(const cJSON *list, const char *name)
{
    const cJSON *entry = NULL;
    cJSON_ArrayForEach(entry, list)
    {
        if (strcmp(json_string_or(entry, "name", ""), name) == 0) {
            return true;
        }
    }
    return false;
}

static void add_name(cJSON *list, const char *name)
{
    cJSON *entry = cJSON_CreateObject();
    cJSON_AddStringToObject(entry, "name", name);
    cJSON_AddItemToArray(list, entry);
}

/* Edits holder's list: what is meant is replaced or goes, doubles go, an emptied list disappears.
 * Returns true if something was replaced or dropped. */
static bool edit_list(struct edit *edit, cJSON *holder, bool add)
{
    const cJSON *list = json_list(holder, LIST);
    cJSON *out = cJSON_CreateArray();
    bool changed = false;
    const cJSON *entry = NULL;
    cJSON_ArrayForEach(entry, list)
    {
        const char *name = json_string_or(entry, "name", "");
        bool meant = means_name(edit, name);
        changed |= meant;
        const char *kept = meant ? edit->replacement : name;
        if (kept == NULL) {
            continue;
        }
        if (list_has(out, kept)) {
            edit->mended |= !meant;
        } else if (meant) {
            add_name(out, kept);
        } else {
            cJSON_AddItemToArray(out, cJSON_Duplicate(entry, true));
        }
    }
    if (add && edit->replacement != NULL && !list_has(out, edit->replacement)) {
        add_name(out, edit->replacement);
        changed = true;
    }
    if (json_equal(out, list) || (!changed && !edit->mended)) {
        cJSON_Delete(out);
        return false;
    }
    if (out->child == NULL) {
        cJSON_Delete(out);
        json_remove(holder, LIST);
    } else {
        json_set(holder, LIST, out);
    }
    return true;
}

static cJSON *holder_of(cJSON *object, const struct edit *edit)
{
    return edit->workload == NULL ? object : json_at(object, "spec", "template", "spec", NULL);
}

/* The same edit in last-applied, so that the edited manifest, applied again, changes nothing. An
 * entry that last-applied never had is not put in: the manifest may stay as it is then. */
static void edit_last_applied(struct edit *edit, cJSON *desired)
{
    cJSON *last = change_last_applied_read(desired);
    cJSON *holder = holder_of(last, edit);
    if (json_list(holder, LIST) != NULL && edit_list(edit, holder, false)) {
        change_last_applied_write(desired, last);
    }
    cJSON_Delete(last);
}

/* --- One object ------------------------------------------------------------------------------- */

static void restart(struct change_object *object)
{
    char now[32];
    clock_format_rfc3339(clock_wall_ms(), now);
    cJSON *template = json_need_object(json_object(object->desired, "spec"), "template");
    cJSON *metadata = json_need_object(template, "metadata");
    json_set_string(json_need_object(metadata, "annotations"), RESTARTED_AT, now);
    plan_add_note(object, xstrdup(_("Pods take a ServiceAccount's list only when they are created: "
                                    "they are restarted as kubectl rollout restart does it.")));
}

static void edit_workload(struct edit *edit, struct change_object *object)
{
    cJSON *pod_spec = json_at(object->desired, "spec", "template", "spec", NULL);
    if (plan_attaches(edit->intent)) {
        edit->replacement = NULL; /* a list of its own would hide the account's */
    }
    bool changed =
        edit_list(edit, pod_spec, points(edit->intent) && lacks_reference(edit->workload));
    if (changed) {
        edit_last_applied(edit, object->desired);
    }
    if (plan_attaches(edit->intent) && json_list(pod_spec, LIST) != NULL) {
        plan_add_note(object, xstrdup(_("Its template keeps other pull secrets: a list of its own "
                                        "hides the one of the ServiceAccount.")));
    }
    bool inherits = plan_workload_inherits(edit->intent, edit->workload);
    if (!changed && (inherits || plan_attaches(edit->intent))) {
        restart(object);
    }
}

static void edit_account(struct edit *edit, struct change_object *object)
{
    edit_list(edit, object->desired, plan_attaches(edit->intent));
    edit_last_applied(edit, object->desired);
    plan_add_note(object,
                  xstrdup(_("Every pod that is created with this ServiceAccount from now on "
                            "and has no list of its own gets its pull secrets.")));
}

bool plan_make_reference(const struct plan_input *input, size_t i, struct change_plan *out,
                         struct error *err)
{
    const struct change_target *target = &input->targets[i];
    const char *kind = target->resource->kind;
    if (input->live[i] == NULL) {
        return error_set(err, ERROR_NOT_FOUND,
                         "%s %s/%s does not exist any more; look at the state again", kind,
                         target->ns, target->name);
    }
    struct edit edit = {input->intent, input->census, NULL, target, NULL, false, false};
    if (strcmp(kind, "ServiceAccount") != 0) {
        edit.workload = csi_census_workload(input->census, kind, target->ns, target->name);
        if (edit.workload == NULL) {
            return error_set(err, ERROR_NOT_FOUND, "%s %s/%s is gone; look at the state again",
                             kind, target->ns, target->name);
        }
    }
    if (input->intent->kind != CHANGE_DROP_REFERENCE) {
        edit.replacement = input->intent->secret;
    }
    struct change_object *object = plan_add_object(out, target->resource, target->ns, target->name);
    object->live = cJSON_Duplicate(input->live[i], true);
    object->desired = cJSON_Duplicate(input->live[i], true);
    if (edit.workload == NULL) {
        edit_account(&edit, object);
    } else {
        edit_workload(&edit, object);
    }
    if (edit.mended) {
        plan_add_note(object, xstrdup(_("The same name stood in the list twice: it is replaced "
                                        "whole, once each.")));
    }
    plan_finish_patch(object);
    return true;
}
