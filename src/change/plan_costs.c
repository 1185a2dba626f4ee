#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/clock.h"
#include "base/language.h"
#include "change/rollout.h"
#include "change/title.h"
#include "doc/json.h"
#include "plan_parts.h"

/* --- Sentences -------------------------------------------------------------------------------- */

static void add_workload_cost(struct change_plan *plan, const struct change_object *object)
{
    struct change_strategy strategy;
    bool template_changes = object->live != NULL && object->action == CHANGE_PATCH &&
                            !json_equal(json_at(object->live, "spec", "template", NULL),
                                        json_at(object->desired, "spec", "template", NULL));
    if (!template_changes || !change_strategy_read(object->desired, &strategy)) {
        return;
    }
    if (strategy.length_ms > plan->rollout_ms) {
        plan->rollout_ms = strategy.length_ms; /* workloads roll side by side */
    }
    char length[32];
    clock_format_age(strategy.length_ms, length);
    plan_add_cost(
        plan, strategy.length_ms == 0
                  ? xasprintf("%s %s: %s", object->resource->kind, object->name, strategy.sentence)
                  : xasprintf(_("%s %s: %s About %s at 20 s a pod."), object->resource->kind,
                              object->name, strategy.sentence, length));
    change_strategy_free(&strategy);
}

static void add_role_costs(const struct plan_input *input, struct change_plan *plan)
{
    bool node = false;
    bool controller = false;
    for (size_t i = 0; i < plan->count; i++) {
        const struct change_object *object = &plan->objects[i];
        const struct csi_workload *workload =
            csi_census_workload(input->census, object->resource->kind,
                                object->ns == NULL ? "" : object->ns, object->name);
        if (workload != NULL && object->restarts > 0) {
            node |= workload->role == CSI_ROLE_NODE;
            controller |= workload->role == CSI_ROLE_CONTROLLER;
        }
    }
    if (node) {
        plan_add_cost(
            plan, xstrdup(_("While a node plugin restarts, mounted volumes stay mounted and pods "
                            "keep using them; new mounts and unmounts on that node wait. Only "
                            "drivers that serve the data from the plugin's own process (FUSE) "
                            "lose their mounts.")));
    }
    if (controller) {
        plan_add_cost(plan, xstrdup(_("While the controller restarts, volumes are not created, "
                                      "attached, resized or deleted; these requests wait and are "
                                      "taken up again.")));
    }
}

static void visit_rest(void *context, struct csi_workload *workload)
{
    struct change_plan *plan = context;
    if (plan_workload_resource(workload) != NULL || workload->state == CSI_SECRET_NONE ||
        !csi_secret_state_is_broken(workload->state)) {
        return;
    }
    plan_add_cost(plan, xasprintf(_("%s %s/%s stays as it is: its pull secrets cannot be changed "
                                    "while it exists."),
                                  workload->kind, workload->ns, workload->name));
}

/* Attaching reaches no pod that has a list of its own: said, since it looks as if it did. */
static void visit_own_lists(void *context, struct csi_workload *workload)
{
    struct change_plan *plan = context;
    if (plan_workload_resource(workload) == NULL || workload->reference_count == 0) {
        return;
    }
    for (size_t i = 0; i < plan->count; i++) {
        const struct change_object *object = &plan->objects[i];
        if (strcmp(object->resource->kind, workload->kind) == 0 && object->ns != NULL &&
            strcmp(object->ns, workload->ns) == 0 && strcmp(object->name, workload->name) == 0) {
            return; /* its own list changes: the object says how */
        }
    }
    plan_add_cost(plan, xasprintf(_("%s %s/%s is left alone: its pods have a list of their own, "
                                    "which hides the one of their ServiceAccount, and every "
                                    "Secret in it is sound."),
                                  workload->kind, workload->ns, workload->name));
}

/* A pointer to what is not there mends nothing. Where Secrets may not be read nothing is said. */
static void add_secret_cost(const struct plan_input *input, struct change_plan *plan,
                            const char *ns)
{
    const struct change_intent *intent = input->intent;
    const struct csi_secret *secret = csi_census_secret(input->census, ns, intent->secret);
    if (secret == NULL) {
        plan_add_cost(plan, xasprintf(_("Secret %s/%s does not exist: until it is created, the new "
                                        "reference is as broken as the old one."),
                                      ns, intent->secret));
    } else if (strcmp(secret->type, "kubernetes.io/dockerconfigjson") != 0 &&
               strcmp(secret->type, "kubernetes.io/dockercfg") != 0) {
        plan_add_cost(plan, xasprintf(_("Secret %s/%s is of type %s, which the kubelet passes over "
                                        "without a word: it is no pull secret."),
                                      ns, intent->secret, secret->type));
    }
}

static bool secrets_are_known(const struct csi_workload *workload)
{
    for (size_t i = 0; i < workload->reference_count; i++) {
        if (workload->references[i].state == CSI_SECRET_UNKNOWN) {
            return false;
        }
    }
    return workload->state != CSI_SECRET_UNKNOWN;
}

static void add_secret_costs(const struct plan_input *input, struct change_plan *plan)
{
    const struct change_intent *intent = input->intent;
    bool points =
        intent->kind == CHANGE_USE_SECRET || intent->kind == CHANGE_ATTACH_TO_SERVICE_ACCOUNT;
    const char *last = NULL;
    for (size_t i = 0; points && intent->secret != NULL && i < plan->count; i++) {
        const struct change_object *object = &plan->objects[i];
        const struct csi_workload *workload =
            object->ns == NULL ? NULL
                               : csi_census_workload(input->census, object->resource->kind,
                                                     object->ns, object->name);
        if (workload != NULL && secrets_are_known(workload) &&
            (last == NULL || strcmp(last, object->ns) != 0)) {
            last = object->ns;
            add_secret_cost(input, plan, object->ns);
        }
    }
}

/* --- A long rollout -----------------------------------------------------------------------------
 */

/* From here on it is worth to be told what would restart nothing. */
#define LONG_MS ((int64_t)10 * 60 * 1000)

struct missing {
    const struct change_intent *intent;
    const char *ns, *name; /* the first that is found; NULL: none */
    bool failing;          /* a pod with it cannot pull */
};

static void find_missing(void *context, struct csi_workload *workload)
{
    struct missing *missing = context;
    for (size_t i = 0; i < workload->reference_count; i++) {
        const struct csi_reference *reference = &workload->references[i];
        if (missing->name == NULL && reference->state == CSI_SECRET_MISSING &&
            plan_means_reference(missing->intent, reference)) {
            missing->ns = workload->ns;
            missing->name = reference->name;
        }
    }
    for (size_t i = 0; i < workload->pod_count; i++) {
        missing->failing |= workload->pods[i]->pulling == CSI_PULLING_FAILING;
    }
}

/* In front of all costs: five thousand pods one by one take more than a day, and a Secret under the
 * name that they already use ends the warnings without a restart. */
static void add_shortcut(const struct plan_input *input, struct change_plan *plan)
{
    enum change_kind kind = input->intent->kind;
    struct missing missing = {input->intent, NULL, NULL, false};
    if (plan->rollout_ms < LONG_MS || (kind != CHANGE_DROP_REFERENCE && kind != CHANGE_USE_SECRET &&
                                       kind != CHANGE_ATTACH_TO_SERVICE_ACCOUNT)) {
        return;
    }
    plan_each_workload(input->intent, input->census, find_missing, &missing);
    if (missing.name == NULL) {
        return;
    }
    char length[32];
    clock_format_age(plan->rollout_ms, length);
    plan_add_cost(plan, NULL);
    size_t count = 0;
    while (plan->costs[count] != NULL) {
        count++;
    }
    memmove(&plan->costs[1], &plan->costs[0], count * sizeof(*plan->costs));
    plan->costs[0] = xasprintf(
        missing.failing
            ? _("This rollout takes about %s. Without any restart: create the missing Secret %s/%s "
                "with a credential (pullmend apply --create-secret %s).")
            : _("This rollout takes about %s. Without any restart: create the missing Secret "
                "%s/%s, "
                "without entries if the images are public (pullmend apply --create-secret %s "
                "--empty)."),
        length, missing.ns, missing.name, missing.name);
}

/* --- Title -------------------------------------------------------------------------------------
 */

struct titles {
    const char *driver; /* the only one; NULL: none or several */
    bool several;
};

static void note_driver(struct titles *titles, const char *name)
{
    if (titles->driver != NULL && strcmp(titles->driver, name) != 0) {
        titles->several = true;
    }
    titles->driver = name;
}

/* NULL: in no workload. */
static cJSON *where_title(const struct plan_input *input, const struct change_plan *plan)
{
    struct titles titles = {NULL, false};
    int workloads = 0;
    for (size_t i = 0; i < plan->count; i++) {
        const struct change_object *object = &plan->objects[i];
        const struct csi_workload *workload =
            csi_census_workload(input->census, object->resource->kind,
                                object->ns == NULL ? "" : object->ns, object->name);
        if (workload != NULL && workload->driver != NULL && object->action == CHANGE_PATCH) {
            workloads++;
            note_driver(&titles, workload->driver->name);
        }
    }
    if (workloads == 0) {
        return NULL;
    }
    cJSON *where = titles.several
                       ? change_title_new(N_(" in %d workloads of several drivers"))
                       : change_title_new_plural(" in %d workload of %s", " in %d workloads of %s",
                                                 (unsigned long)workloads);
    change_title_add_number(where, workloads);
    if (!titles.several) {
        change_title_add(where, titles.driver);
    }
    return where;
}

static char *secret_text(const struct plan_input *input)
{
    for (size_t i = 0; i < input->count; i++) {
        if (input->targets[i].resource == &kube_secrets) {
            return xasprintf("%s/%s", input->targets[i].ns, input->targets[i].name);
        }
    }
    return xstrdup(input->intent->secret == NULL ? "" : input->intent->secret);
}

/* Of a Secret and where it is used. */
static cJSON *secret_title(const char *format, const char *secret, const cJSON *where)
{
    cJSON *title = change_title_new(format);
    change_title_add(title, secret);
    change_title_add_title(title, cJSON_Duplicate(where, true));
    return title;
}

static cJSON *drop_title(const struct change_intent *intent, const cJSON *where)
{
    if (intent->only != NULL) {
        return secret_title(N_("Drop the reference to %s%s"), intent->only, where);
    }
    cJSON *title = change_title_new(N_("Drop broken references%s"));
    change_title_add_title(title, cJSON_Duplicate(where, true));
    return title;
}

static cJSON *apply_title(const struct change_intent *intent)
{
    cJSON *title;
    if (intent->pull_secrets_only) {
        title =
            change_title_new(intent->origin == NULL ? N_("Set the pull secrets as the manifests do")
                                                    : N_("Set the pull secrets as %s does"));
    } else if (intent->origin == NULL) {
        title = change_title_new_plural("Apply %zu object", "Apply %zu objects",
                                        intent->manifest_count);
    } else {
        title = change_title_new_plural("Apply %zu object from %s", "Apply %zu objects from %s",
                                        intent->manifest_count);
    }
    if (!intent->pull_secrets_only) {
        change_title_add_number(title, (long)intent->manifest_count);
    }
    change_title_add(title, intent->origin);
    return title;
}

static cJSON *title_of(const struct change_intent *intent, const char *secret, const cJSON *where)
{
    switch (intent->kind) {
    case CHANGE_USE_SECRET:
        return secret_title(N_("Use Secret %s%s"), secret, where);
    case CHANGE_DROP_REFERENCE:
        return drop_title(intent, where);
    case CHANGE_CREATE_SECRET:
        return secret_title(intent->attach && where != NULL
                                ? N_("Create Secret %s and attach it to the ServiceAccounts%s")
                            : intent->use_secret && where != NULL
                                ? N_("Create Secret %s and use it%s")
                                : N_("Create Secret %s%s"),
                            secret, where);
    case CHANGE_APPLY:
        return apply_title(intent);
    case CHANGE_ATTACH_TO_SERVICE_ACCOUNT:
        return secret_title(N_("Attach Secret %s to the ServiceAccounts%s"), secret, where);
    case CHANGE_ROTATE_SECRET:
        return secret_title(N_("Rotate Secret %s"), secret, NULL);
    case CHANGE_COPY_SECRET:
        return secret_title(N_("Copy Secret %s%s"), secret, where);
    }
    return cJSON_CreateString("");
}

static void set_title(const struct plan_input *input, struct change_plan *plan)
{
    cJSON *where = where_title(input, plan);
    char *secret = secret_text(input);
    plan->title_parts = title_of(input->intent, secret, where);
    plan->title = change_title_text(plan->title_parts);
    cJSON_Delete(where);
    free(secret);
}

void plan_add_costs(const struct plan_input *input, struct change_plan *plan)
{
    bool writes = false;
    for (size_t i = 0; i < plan->count; i++) {
        plan->restarts += plan->objects[i].restarts;
        writes |= plan->objects[i].action != CHANGE_NOTHING;
    }
    if (writes && plan->restarts == 0) {
        plan_add_cost(plan, xstrdup(_("No pod restarts.")));
    }
    for (size_t i = 0; i < plan->count; i++) {
        add_workload_cost(plan, &plan->objects[i]);
    }
    add_role_costs(input, plan);
    add_secret_costs(input, plan);
    bool moves = input->intent->use_secret || input->intent->kind == CHANGE_DROP_REFERENCE ||
                 input->intent->kind == CHANGE_USE_SECRET;
    if (moves) { /* what only fills a Secret changes no list */
        plan_each_workload(input->intent, input->census, visit_rest, plan);
    }
    if (plan_attaches(input->intent)) {
        plan_each_workload(input->intent, input->census, visit_own_lists, plan);
    }
    add_shortcut(input, plan);
    set_title(input, plan);
}

/* --- PodDisruptionBudgets ----------------------------------------------------------------------
 */

static bool selects(const cJSON *selector, const cJSON *labels)
{
    const cJSON *wanted = NULL;
    cJSON_ArrayForEach(wanted, json_object(selector, "matchLabels"))
    {
        const char *label = json_string(labels, wanted->string);
        if (label == NULL || !cJSON_IsString(wanted) || strcmp(label, wanted->valuestring) != 0) {
            return false;
        }
    }
    return json_object(selector, "matchLabels") != NULL;
}

void change_plan_add_budget(struct change_plan *plan, const cJSON *budget)
{
    const cJSON *metadata = json_object(budget, "metadata");
    const char *ns = json_string_or(metadata, "namespace", "");
    for (size_t i = 0; i < plan->count; i++) {
        const struct change_object *object = &plan->objects[i];
        const cJSON *labels =
            json_at(object->desired, "spec", "template", "metadata", "labels", NULL);
        if (object->restarts == 0 || object->ns == NULL || strcmp(object->ns, ns) != 0 ||
            !selects(json_at(budget, "spec", "selector", NULL), labels)) {
            continue;
        }
        plan_add_cost(
            plan, xasprintf(_("PodDisruptionBudget %s covers pods of %s, but a rolling update does "
                              "not ask it: only the strategy above limits how many are missing "
                              "(it allows %d now)."),
                            json_string_or(metadata, "name", "?"), object->name,
                            (int)json_int(json_object(budget, "status"), "disruptionsAllowed", 0)));
    }
}
