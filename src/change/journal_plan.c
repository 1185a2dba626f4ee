#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/clock.h"
#include "base/intern.h"
#include "base/language.h"
#include "base/text.h"
#include "change/journal.h"
#include "change/owner.h"
#include "change/rollout.h"
#include "change/title.h"
#include "doc/json.h"
#include "doc/pointer.h"
#include "fields.h"
#include "plan_parts.h"

/* The resource that an entry names. Custom kinds are kept for the life of the program, since
 * targets and plans point to them. */
static const struct kube_resource *resource_of(const struct change_journal_object *object)
{
    const struct kube_resource *known = kube_resource_by_kind(object->kind);
    if (known != NULL && strcmp(known->group, object->group) == 0 &&
        strcmp(known->version, object->version) == 0) {
        return known;
    }
    static struct kube_resource **others = NULL;
    static size_t count = 0;
    for (size_t i = 0; i < count; i++) {
        if (strcmp(others[i]->group, object->group) == 0 &&
            strcmp(others[i]->version, object->version) == 0 &&
            strcmp(others[i]->plural, object->plural) == 0) {
            return others[i];
        }
    }
    struct kube_resource *resource = xcalloc(1, sizeof(*resource));
    *resource =
        (struct kube_resource){intern(object->group), intern(object->version),
                               intern(object->plural), intern(object->kind), object->namespaced};
    others = xreallocarray(others, count + 1, sizeof(struct kube_resource *));
    others[count++] = resource;
    return resource;
}

void change_journal_targets(const struct change_journal_entry *entry, struct change_target **out,
                            size_t *count)
{
    *out = xcalloc(entry->count + 1, sizeof(**out));
    *count = entry->count;
    for (size_t i = 0; i < entry->count; i++) {
        const struct change_journal_object *object = &entry->objects[i];
        (*out)[i] = (struct change_target){resource_of(object), xstrdup_or_null(object->ns),
                                           xstrdup(object->name)};
    }
}

/* --- Refusals --------------------------------------------------------------------------------- */

static char *where_of(const struct change_journal_object *object)
{
    return object->ns == NULL ? xasprintf("%s %s", object->kind, object->name)
                              : xasprintf("%s %s/%s", object->kind, object->ns, object->name);
}

/* A value in at most 200 bytes. free() it. */
static char *short_value(const cJSON *value)
{
    if (value == NULL) {
        return xstrdup(_("nothing"));
    }
    struct buffer text;
    buffer_init(&text, (size_t)32 << 20);
    json_write_sorted(&text, value);
    if (text.length > 200) {
        buffer_truncate(&text, 197);
        buffer_append_string(&text, "...");
    }
    return buffer_take(&text);
}

static bool refuse_field(const struct change_journal_object *object,
                         const struct change_journal_field *field, const cJSON *expected,
                         const cJSON *found, struct error *err)
{
    char *where = where_of(object);
    char *wanted = short_value(expected);
    char *is = short_value(found);
    error_set(err, ERROR_CONFLICT,
              "%s: somebody changed %s since: expected %s, found %s; nothing was changed", where,
              field->path, wanted, is);
    free(where);
    free(wanted);
    free(is);
    return false;
}

static bool refuse(const struct change_journal_object *object, enum error_kind kind,
                   const char *why, struct error *err)
{
    char *where = where_of(object);
    error_set(err, kind, "%s: %s; nothing was changed", where, _(why));
    free(where);
    return false;
}

/* --- One object ------------------------------------------------------------------------------- */

/* Puts the field's other value (forward: the later one) in where it is not there already. */
static bool move_field(const struct change_journal_object *object,
                       const struct change_journal_field *field, const cJSON *live, bool forward,
                       cJSON *desired, struct error *err)
{
    const cJSON *from = forward ? field->before : field->after;
    const cJSON *to = forward ? field->after : field->before;
    const cJSON *is = pointer_get(live, field->path);
    return json_equal(is, to) || (json_equal(is, from) && fields_put(desired, field->path, to)) ||
           refuse_field(object, field, from, is, err);
}

static bool template_changes(const struct change_object *object)
{
    return !json_equal(json_at(object->live, "spec", "template", NULL),
                       json_at(object->desired, "spec", "template", NULL));
}

/* Its template stays as it is, and yet pods restart: those that were kept from it. */
static void add_release_cost(const struct change_journal_object *object,
                             struct change_object *planned, struct change_plan *plan)
{
    if (object->hold == NULL || planned->action != CHANGE_PATCH || template_changes(planned)) {
        return;
    }
    struct change_rollout_status status;
    change_rollout_judge(planned->live, &status);
    planned->restarts = status.desired > status.updated ? status.desired - status.updated : 0;
    plan_add_cost(plan, xasprintf(_("%s %s goes on with its rollout: %d of %d pods have the new "
                                    "template."),
                                  object->kind, object->name, status.updated, status.desired));
    change_rollout_status_free(&status);
}

static bool plan_patch(const struct change_journal_object *object, const cJSON *live, bool forward,
                       struct change_plan *out, struct error *err)
{
    const char *uid = json_string_or(json_object(live, "metadata"), "uid", "");
    if (live == NULL) {
        return refuse(object, ERROR_NOT_FOUND, N_("it does not exist any more"), err);
    }
    if (object->uid != NULL && strcmp(uid, object->uid) != 0) {
        return refuse(object, ERROR_CONFLICT, N_("it was deleted and made anew since"), err);
    }
    if (object->hidden) {
        return refuse(
            object, ERROR_INVALID,
            N_("a Secret's values are never written to disk, so they cannot be brought back"), err);
    }
    struct change_object *planned =
        plan_add_object(out, resource_of(object), object->ns, object->name);
    planned->live = cJSON_Duplicate(live, true);
    planned->desired = cJSON_Duplicate(live, true);
    for (size_t i = 0; i < object->field_count; i++) {
        const struct change_journal_field *field = &object->fields[i];
        /* What only holds the rollout goes, whichever way. */
        bool holds = object->hold != NULL && strcmp(object->hold->path, field->path) == 0;
        if (!move_field(object, field, live, forward && !holds, planned->desired, err)) {
            return false;
        }
    }
    plan_finish_patch(planned);
    if (forward) {
        add_release_cost(object, planned, out);
    }
    return true;
}

/* What was made and is held is let go on. */
static bool plan_release(const struct change_journal_object *object, const cJSON *live,
                         struct change_plan *out, struct error *err)
{
    struct change_object *planned =
        plan_add_object(out, resource_of(object), object->ns, object->name);
    planned->live = cJSON_Duplicate(live, true);
    planned->desired = cJSON_Duplicate(live, true);
    bool good = move_field(object, object->hold, live, false, planned->desired, err);
    plan_finish_patch(planned);
    add_release_cost(object, planned, out);
    return good;
}

/* A clock may differ from the server's by this much. */
#define SKEW_MS ((int64_t)5 * 60 * 1000)

/* The program ended before the answer came: an object that this program's field manager made after
 * the change began is the one. */
static bool made_by_change(const struct change_journal_entry *entry, const cJSON *metadata)
{
    int64_t created_ms = 0;
    const char *created = json_string(metadata, "creationTimestamp");
    const cJSON *item = NULL;
    if (created == NULL || !clock_parse_rfc3339(created, &created_ms) ||
        created_ms < entry->started_ms - SKEW_MS) {
        return false;
    }
    cJSON_ArrayForEach(item, json_list(metadata, "managedFields"))
    {
        if (strcmp(json_string_or(item, "manager", ""), "pullmend") != 0) {
            return false; /* somebody wrote it besides */
        }
    }
    return json_list(metadata, "managedFields") != NULL;
}

static bool changed_since(const struct change_journal_object *object, const cJSON *metadata)
{
    int64_t generation = json_int(metadata, "generation", 0);
    if (generation != 0) {
        return generation != object->generation;
    }
    return strcmp(json_string_or(metadata, "resourceVersion", ""),
                  object->resource_version == NULL ? "" : object->resource_version) != 0;
}

/* What was made is deleted again if it is still the same object in the same state. */
static bool plan_delete(const struct change_journal_entry *entry,
                        const struct change_journal_object *object, const cJSON *live,
                        struct change_plan *out, struct error *err)
{
    const cJSON *metadata = json_object(live, "metadata");
    if (live == NULL) {
        return true;
    }
    if (object->uid == NULL && !made_by_change(entry, metadata)) {
        return refuse(object, ERROR_CONFLICT, N_("somebody else made or changed it"), err);
    }
    if (object->uid != NULL && strcmp(object->uid, json_string_or(metadata, "uid", "")) != 0) {
        return refuse(object, ERROR_CONFLICT, N_("somebody made another one of this name since"),
                      err);
    }
    if (object->uid != NULL && changed_since(object, metadata)) {
        return refuse(object, ERROR_CONFLICT, N_("somebody changed it since it was made"), err);
    }
    struct change_object *planned =
        plan_add_object(out, resource_of(object), object->ns, object->name);
    planned->action = CHANGE_DELETE;
    planned->live = cJSON_Duplicate(live, true);
    planned->uid = xstrdup_or_null(json_string(metadata, "uid"));
    planned->resource_version = xstrdup_or_null(json_string(metadata, "resourceVersion"));
    return true;
}

/* What was to be made, if it was not; a Secret's content is not written down. */
static bool plan_create(const struct change_journal_object *object, const cJSON *live,
                        struct change_plan *out, struct error *err)
{
    if (live != NULL) {
        return object->hold == NULL || plan_release(object, live, out, err);
    }
    if (object->field_count != 1 || object->fields[0].after == NULL) {
        return refuse(object, ERROR_INVALID,
                      N_("what it was to hold is never written to disk, so it cannot be made from "
                         "here: take back what was done (undo), or start the change again"),
                      err);
    }
    struct change_object *planned =
        plan_add_object(out, resource_of(object), object->ns, object->name);
    planned->action = CHANGE_CREATE;
    planned->desired = cJSON_Duplicate(object->fields[0].after, true);
    return true;
}

static bool plan_object(const struct change_journal_entry *entry, size_t i, const cJSON *live,
                        bool forward, struct change_plan *out, struct error *err)
{
    const struct change_journal_object *object = &entry->objects[i];
    if (object->action == CHANGE_PATCH) {
        return plan_patch(object, live, forward, out, err);
    }
    if ((object->action == CHANGE_CREATE) == forward) {
        return forward ? plan_create(object, live, out, err)
               : live == NULL
                   ? refuse(object, ERROR_INVALID,
                            N_("it was deleted, and what it held is not written down"), err)
                   : true;
    }
    return plan_delete(entry, object, live, out, err);
}

/* --- The plan --------------------------------------------------------------------------------- */

static void add_costs(struct change_plan *plan)
{
    for (size_t i = 0; i < plan->count; i++) {
        struct change_strategy strategy;
        plan->restarts += plan->objects[i].restarts;
        if (plan->objects[i].restarts == 0 || !template_changes(&plan->objects[i]) ||
            !change_strategy_read(plan->objects[i].desired, &strategy)) {
            continue;
        }
        plan->rollout_ms =
            strategy.length_ms > plan->rollout_ms ? strategy.length_ms : plan->rollout_ms;
        plan_add_cost(plan, xasprintf("%s %s: %s", plan->objects[i].resource->kind,
                                      plan->objects[i].name, strategy.sentence));
        change_strategy_free(&strategy);
    }
    if (plan->restarts == 0) {
        plan_add_cost(plan, xstrdup(_("No pod restarts.")));
    }
}

bool change_journal_plan(const struct change_journal_entry *entry, cJSON *const *live, bool forward,
                         struct change_plan *out, struct error *err)
{
    memset(out, 0, sizeof(*out));
    for (size_t n = 0; n < entry->count; n++) {
        size_t i = forward ? n : entry->count - 1 - n;
        if (!plan_object(entry, i, live[i], forward, out, err)) {
            change_plan_free(out);
            return false;
        }
    }
    for (size_t i = 0; i < out->count; i++) {
        struct change_owner owner;
        change_owner_find(out->objects[i].live, NULL, &owner);
        out->objects[i].owner = owner.name;
        out->objects[i].owner_consequence = owner.consequence;
        out->objects[i].owner_confirm = owner.confirm;
        out->objects[i].owner_word = owner.word;
    }
    add_costs(out);
    out->title_parts = change_title_new(!forward      ? N_("Undo: %s")
                                        : entry->held ? N_("Let it go on: %s")
                                                      : N_("Finish: %s"));
    if (entry->title_parts != NULL) {
        change_title_add_title(out->title_parts, cJSON_Duplicate(entry->title_parts, true));
    } else {
        change_title_add(out->title_parts, entry->title);
    }
    out->title = change_title_text(out->title_parts);
    return true;
}
