#include "change/plan.h"

#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "change/json_patch.h"
#include "change/owner.h"
#include "change/rollout.h"
#include "doc/json.h"
#include "plan_parts.h"

/* --- Ownership -------------------------------------------------------------------------------- */

static void free_object(struct change_object *object)
{
    free(object->ns);
    free(object->name);
    json_delete_secret(object->live);
    json_delete_secret(object->desired);
    json_delete_secret(object->patch);
    json_delete_secret(object->left_out);
    free(object->uid);
    free(object->resource_version);
    free(object->owner);
    free(object->owner_consequence);
    free(object->note);
    change_conflicts_free(object->conflicts, object->conflict_count);
}

void change_plan_free(struct change_plan *plan)
{
    for (size_t i = 0; i < plan->count; i++) {
        free_object(&plan->objects[i]);
    }
    free(plan->objects);
    free(plan->title);
    cJSON_Delete(plan->title_parts);
    for (char **cost = plan->costs; cost != NULL && *cost != NULL; cost++) {
        free(*cost);
    }
    free(plan->costs);
    memset(plan, 0, sizeof(*plan));
}

void change_targets_free(struct change_target *targets, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        free(targets[i].ns);
        free(targets[i].name);
    }
    free(targets);
}

/* --- Growing ---------------------------------------------------------------------------------- */

static bool same_text(const char *a, const char *b)
{
    return strcmp(a == NULL ? "" : a, b == NULL ? "" : b) == 0;
}

void plan_targets_add(struct plan_targets *targets, const struct kube_resource *resource,
                      const char *ns, const char *name)
{
    for (size_t i = 0; i < targets->count; i++) {
        const struct change_target *other = &targets->items[i];
        if (other->resource == resource && same_text(other->ns, ns) &&
            same_text(other->name, name)) {
            return;
        }
    }
    targets->items =
        xgrow(targets->items, targets->count, &targets->capacity, sizeof(*targets->items));
    targets->items[targets->count++] =
        (struct change_target){resource, xstrdup_or_null(ns), xstrdup(name)};
}

struct change_object *plan_add_object(struct change_plan *plan,
                                      const struct kube_resource *resource, const char *ns,
                                      const char *name)
{
    plan->objects = xreallocarray(plan->objects, plan->count + 1, sizeof(*plan->objects));
    struct change_object *object = &plan->objects[plan->count++];
    memset(object, 0, sizeof(*object));
    object->resource = resource;
    object->ns = xstrdup_or_null(ns);
    object->name = xstrdup(name);
    return object;
}

void plan_add_cost(struct change_plan *plan, char *sentence)
{
    size_t count = 0;
    while (plan->costs != NULL && plan->costs[count] != NULL) {
        count++;
    }
    plan->costs = xreallocarray(plan->costs, count + 2, sizeof(*plan->costs));
    plan->costs[count] = sentence;
    plan->costs[count + 1] = NULL;
}

void plan_add_note(struct change_object *object, char *sentence)
{
    if (object->note == NULL) {
        object->note = sentence;
        return;
    }
    char *both = xasprintf("%s %s", object->note, sentence);
    free(object->note);
    free(sentence);
    object->note = both;
}

static void read_versions(struct change_object *object)
{
    const cJSON *metadata = json_object(object->live, "metadata");
    object->uid = xstrdup_or_null(json_string(metadata, "uid"));
    object->resource_version = xstrdup_or_null(json_string(metadata, "resourceVersion"));
}

void plan_finish_patch(struct change_object *object)
{
    read_versions(object);
    object->patch = change_json_patch(object->live, object->desired);
    object->action = change_json_patch_writes(object->patch) ? CHANGE_PATCH : CHANGE_NOTHING;
    change_json_patch_guard(object->patch, object->uid, object->resource_version);
    struct change_strategy strategy;
    if (object->action == CHANGE_PATCH && change_strategy_read(object->desired, &strategy)) {
        if (!json_equal(json_at(object->live, "spec", "template", NULL),
                        json_at(object->desired, "spec", "template", NULL))) {
            object->restarts = strategy.restarts;
        }
        change_strategy_free(&strategy);
    }
}

/* --- The plan --------------------------------------------------------------------------------- */

bool change_plan_targets(const struct change_intent *intent, const struct csi_census *census,
                         struct change_target **out, size_t *count, struct error *err)
{
    struct plan_targets targets = {NULL, 0, 0};
    bool good = true;
    if (intent->kind == CHANGE_APPLY) {
        good = plan_apply_targets(intent, &targets, err);
    } else {
        /* In the order of sending: Secrets, ServiceAccounts, workloads. */
        if (intent->secret_object != NULL) {
            good = plan_secret_targets(intent, census, &targets, err);
        }
        if (good) {
            plan_reference_targets(intent, census, &targets);
        }
    }
    if (!good) {
        change_targets_free(targets.items, targets.count);
        targets = (struct plan_targets){NULL, 0, 0};
    }
    *out = targets.items;
    *count = targets.count;
    return good;
}

static void find_owners(const struct plan_input *input, struct change_plan *plan)
{
    for (size_t i = 0; i < plan->count; i++) {
        struct change_object *object = &plan->objects[i];
        if (object->live == NULL || object->action == CHANGE_NOTHING) {
            continue;
        }
        const struct csi_workload *workload =
            csi_census_workload(input->census, object->resource->kind,
                                object->ns == NULL ? "" : object->ns, object->name);
        struct change_owner owner;
        change_owner_find(
            object->live,
            workload == NULL || workload->driver == NULL ? NULL : workload->driver->kubespray,
            &owner);
        object->owner = owner.name;
        /* What is applied from a manifest is already changed at its source. */
        bool applied = input->intent->kind == CHANGE_APPLY && !owner.confirm;
        if (applied) {
            free(owner.consequence);
            owner.consequence = NULL;
        }
        object->owner_consequence = owner.consequence;
        object->owner_confirm = owner.confirm;
        object->owner_word = owner.word;
        object->conflicts =
            change_conflicts_find(object->live, object->desired, &object->conflict_count);
    }
}

static bool make_objects(const struct plan_input *input, struct change_plan *out, struct error *err)
{
    if (input->intent->kind == CHANGE_APPLY) {
        return plan_make_apply(input, out, err);
    }
    for (size_t i = 0; i < input->count; i++) {
        bool secret = strcmp(input->targets[i].resource->kind, "Secret") == 0;
        if (!(secret ? plan_make_secret(input, i, out, err)
                     : plan_make_reference(input, i, out, err))) {
            return false;
        }
    }
    return true;
}

bool change_plan_make(const struct change_intent *intent, const struct csi_census *census,
                      const struct change_target *targets, cJSON *const *live, size_t count,
                      struct change_plan *out, struct error *err)
{
    struct plan_input input = {intent, census, targets, live, count};
    memset(out, 0, sizeof(*out));
    if (!make_objects(&input, out, err)) {
        change_plan_free(out);
        return false;
    }
    find_owners(&input, out);
    plan_add_costs(&input, out);
    return true;
}
