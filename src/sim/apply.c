#include <stdlib.h>
#include <string.h>

#include "apply_check.h"
#include "base/alloc.h"
#include "base/buffer.h"
#include "doc/json.h"
#include "sim/fieldset.h"
#include "sim/ownership.h"
#include "sim/patch_types.h"

/* Server-side apply, after structured-merge-diff: merge what is applied into what is there, prune
 * what this manager applied before and nobody else owns, refuse what others own. */

enum { TEXT_LIMIT = 1024 * 1024, STATUS_APART_SINCE_MINOR = 22 };

static const char last_applied[] = "kubectl.kubernetes.io/last-applied-configuration";

static void merge_value(cJSON *parent, const char *name, const struct sim_schema *schema,
                        const cJSON *config);

/* The item of that name. Doubles of it go: what is applied stands once. */
static cJSON *find_item(const struct sim_schema *list, cJSON *target, const cJSON *wanted)
{
    char *name = sim_fields_item_name(list, wanted);
    cJSON *found = NULL;
    cJSON *item = target->child;
    while (item != NULL) {
        cJSON *next = item->next;
        char *own = sim_fields_item_name(list, item);
        if (strcmp(own, name) == 0) {
            if (found == NULL) {
                found = item;
            } else {
                cJSON_Delete(cJSON_DetachItemViaPointer(target, item));
            }
        }
        free(own);
        item = next;
    }
    free(name);
    return found;
}

static void merge_object(cJSON *target, const struct sim_schema *schema, const cJSON *config)
{
    const cJSON *member = NULL;
    cJSON_ArrayForEach(member, config)
    {
        merge_value(target, member->string, sim_schema_field(schema, member->string), member);
    }
}

static void merge_list(cJSON *target, const struct sim_schema *schema, const cJSON *config)
{
    const cJSON *item = NULL;
    cJSON_ArrayForEach(item, config)
    {
        cJSON *present = find_item(schema, target, item);
        if (present == NULL) {
            cJSON_AddItemToArray(target, cJSON_Duplicate(item, true));
        } else if (cJSON_IsObject(present) && !schema->element->atomic) {
            merge_object(present, schema->element, item);
        } else if (cJSON_IsObject(present)) {
            cJSON_ReplaceItemViaPointer(target, present, cJSON_Duplicate(item, true));
        }
    }
}

static void merge_value(cJSON *parent, const char *name, const struct sim_schema *schema,
                        const cJSON *config)
{
    cJSON *present = json_member(parent, name);
    bool whole = schema == NULL || schema->atomic || present == NULL || cJSON_IsNull(present);
    if (cJSON_IsNull(config)) {
        json_remove(parent, name);
    } else if (!whole && cJSON_IsObject(present) && cJSON_IsObject(config) &&
               schema->kind != SIM_SCHEMA_ANY) {
        merge_object(present, schema, config);
    } else if (!whole && cJSON_IsArray(present) && cJSON_IsArray(config) &&
               schema->kind == SIM_SCHEMA_LIST) {
        merge_list(present, schema, config);
    } else {
        json_set(parent, name, cJSON_Duplicate(config, true));
    }
}

static void prune_object(cJSON *object, const struct sim_schema *schema,
                         const struct sim_fields *last, const struct sim_fields *owned);

static const struct sim_schema *element_of(const struct sim_schema *schema)
{
    return schema == NULL || schema->kind != SIM_SCHEMA_LIST ? NULL : schema->element;
}

static void prune_list(cJSON *list, const struct sim_schema *schema, const struct sim_fields *last,
                       const struct sim_fields *owned)
{
    cJSON *item = list->child;
    while (item != NULL) {
        cJSON *next = item->next;
        char *name = sim_fields_item_name(schema, item);
        const struct sim_fields *before = sim_fields_child(last, name);
        const struct sim_fields *still = sim_fields_child(owned, name);
        free(name);
        if (before != NULL && before->member && sim_fields_is_empty(still)) {
            cJSON_Delete(cJSON_DetachItemViaPointer(list, item));
        } else if (before != NULL && cJSON_IsObject(item)) {
            prune_object(item, element_of(schema), before, still);
        }
        item = next;
    }
}

static void prune_object(cJSON *object, const struct sim_schema *schema,
                         const struct sim_fields *last, const struct sim_fields *owned)
{
    cJSON *member = object->child;
    while (member != NULL) {
        cJSON *next = member->next;
        const struct sim_schema *field = sim_schema_field(schema, member->string);
        char *name = xasprintf("f:%s", member->string);
        const struct sim_fields *before = sim_fields_child(last, name);
        const struct sim_fields *still = sim_fields_child(owned, name);
        free(name);
        bool named = schema != NULL && schema->kind == SIM_SCHEMA_TYPE;
        bool had_some = member->child != NULL;
        if (before != NULL && (before->member || named) && sim_fields_is_empty(still)) {
            cJSON_Delete(cJSON_DetachItemViaPointer(object, member));
        } else if (before != NULL && field != NULL && !field->atomic && had_some) {
            if (cJSON_IsObject(member)) {
                prune_object(member, field, before, still);
            } else if (cJSON_IsArray(member) && field->kind == SIM_SCHEMA_LIST) {
                prune_list(member, field, before, still);
            }
            if (member->child == NULL) {
                cJSON_Delete(cJSON_DetachItemViaPointer(object, member));
            }
        }
        member = next;
    }
}

/* .spec.containers[name="a"].image out of a set's own names. */
static void append_step(struct buffer *path, const char *name)
{
    if (name[0] == 'f') {
        buffer_printf(path, ".%s", name + 2);
        return;
    }
    if (name[0] == 'v') {
        buffer_printf(path, "[=%s]", name + 2);
        return;
    }
    cJSON *keys = cJSON_Parse(name + 2);
    const cJSON *key = NULL;
    buffer_append_char(path, '[');
    cJSON_ArrayForEach(key, keys)
    {
        buffer_printf(path, "%s%s=", key == keys->child ? "" : ",", key->string);
        json_write(path, key);
    }
    buffer_append_char(path, ']');
    cJSON_Delete(keys);
}

struct conflicts {
    cJSON *causes;
    struct buffer message; /* all but the head */
    struct buffer path;
    const struct sim_owner *owner;
    int count;
};

static void add_conflict(struct conflicts *conflicts)
{
    char *text = xasprintf("conflict with \"%s\" using %s", conflicts->owner->manager,
                           conflicts->owner->api_version);
    cJSON *cause = cJSON_CreateObject();
    cJSON_AddStringToObject(cause, "reason", "FieldManagerConflict");
    cJSON_AddStringToObject(cause, "message", text);
    cJSON_AddStringToObject(cause, "field", conflicts->path.data);
    cJSON_AddItemToArray(conflicts->causes, cause);
    buffer_printf(&conflicts->message, "\n- %s", conflicts->path.data);
    conflicts->count++;
    free(text);
}

/* Members of a level first, then what lies deeper, as real servers list them. */
static void add_conflicts(struct conflicts *conflicts, const struct sim_fields *fields)
{
    size_t length = conflicts->path.length;
    for (size_t i = 0; i < fields->count; i++) {
        if (fields->children[i]->member) {
            append_step(&conflicts->path, fields->children[i]->name);
            add_conflict(conflicts);
            buffer_truncate(&conflicts->path, length);
        }
    }
    for (size_t i = 0; i < fields->count; i++) {
        append_step(&conflicts->path, fields->children[i]->name);
        add_conflicts(conflicts, fields->children[i]);
        buffer_truncate(&conflicts->path, length);
    }
}

static bool report_conflicts(struct conflicts *conflicts, struct sim_status *status)
{
    if (conflicts->count == 1) {
        const cJSON *cause = conflicts->causes->child;
        sim_status_set(status, 409, "Conflict", "Apply failed with 1 conflict: %s: %s",
                       json_string_or(cause, "message", ""), json_string_or(cause, "field", ""));
    } else {
        sim_status_set(status, 409, "Conflict", "Apply failed with %d conflicts: %s",
                       conflicts->count, conflicts->message.data);
    }
    status->details = cJSON_CreateObject();
    cJSON_AddItemToObject(status->details, "causes", conflicts->causes);
    conflicts->causes = NULL;
    return false;
}

/* What the client-side annotation holds: manager "kubectl" may take that over without asking. */
static struct sim_fields *last_applied_fields(const cJSON *live, const struct sim_schema *schema)
{
    const char *text = json_string(json_at(live, "metadata", "annotations", NULL), last_applied);
    cJSON *manifest = text == NULL ? NULL : cJSON_Parse(text);
    struct sim_fields *fields = manifest == NULL ? NULL : sim_fields_of(schema, manifest);
    cJSON_Delete(manifest);
    return fields;
}

struct apply {
    const struct sim_patch_context *context;
    const struct sim_schema *schema;
    const cJSON *live;
    struct sim_owners owners;
    struct sim_field_changes changes;
    char api_version[64];
};

static bool check_conflicts(struct apply *apply, const struct sim_owner *self,
                            struct sim_status *status)
{
    struct sim_fields *forgiven = strcmp(apply->context->manager, "kubectl") == 0
                                      ? last_applied_fields(apply->live, apply->schema)
                                      : NULL;
    struct conflicts conflicts = {.causes = cJSON_CreateArray()};
    buffer_init(&conflicts.message, TEXT_LIMIT);
    buffer_init(&conflicts.path, TEXT_LIMIT);
    for (size_t i = 0; i < apply->owners.count; i++) {
        const struct sim_owner *owner = &apply->owners.entries[i];
        if (owner == self) {
            continue;
        }
        struct sim_fields *mine = sim_fields_copy(apply->changes.added);
        sim_fields_add(mine, apply->changes.modified);
        sim_fields_intersect(mine, owner->fields);
        if (forgiven != NULL) {
            sim_fields_subtract(mine, forgiven);
        }
        if (!sim_fields_is_empty(mine)) {
            conflicts.owner = owner;
            buffer_printf(&conflicts.message,
                          "%sconflicts with \"%s\" using %s:", conflicts.count == 0 ? "" : "\n",
                          owner->manager, owner->api_version);
            add_conflicts(&conflicts, mine);
        }
        sim_fields_free(mine);
    }
    sim_fields_free(forgiven);
    bool free_of_conflicts = conflicts.count == 0 || report_conflicts(&conflicts, status);
    cJSON_Delete(conflicts.causes);
    buffer_free(&conflicts.message);
    buffer_free(&conflicts.path);
    return free_of_conflicts;
}

static struct sim_fields *all_owned(const struct sim_owners *owners)
{
    struct sim_fields *all = sim_fields_new();
    for (size_t i = 0; i < owners->count; i++) {
        sim_fields_add(all, owners->entries[i].fields);
    }
    return all;
}

/* An object nobody is booked for belongs to "before-first-apply". */
static void book_unowned(struct apply *apply)
{
    struct sim_field_changes whole;
    sim_fields_compare(apply->schema, NULL, apply->live, &whole);
    struct sim_owner *owner =
        sim_owners_find(&apply->owners, "before-first-apply", apply->api_version, "", false, true);
    sim_fields_add(owner->fields, whole.added);
    sim_fields_add(owner->fields, whole.modified);
    if (apply->context->minor >= STATUS_APART_SINCE_MINOR) {
        sim_fields_restrict(owner->fields, apply->context->resource, "");
    }
    sim_fields_strip(owner->fields);
    sim_owner_touch(owner, apply->context->now_ms);
    sim_field_changes_free(&whole);
}

static void follow_last_applied(const struct apply *apply, const cJSON *config, cJSON *object)
{
    cJSON *annotations = json_at(object, "metadata", "annotations", NULL);
    if (strcmp(apply->context->manager, "kubectl") != 0 ||
        json_member(annotations, last_applied) == NULL) {
        return;
    }
    cJSON *plain = cJSON_Duplicate(config, true);
    cJSON *own = json_at(plain, "metadata", "annotations", NULL);
    if (own != NULL) {
        json_remove(own, last_applied);
    }
    struct buffer text;
    buffer_init(&text, TEXT_LIMIT);
    json_write_sorted(&text, plain);
    buffer_append_char(&text, '\n');
    json_set_string(annotations, last_applied, text.data);
    buffer_free(&text);
    cJSON_Delete(plain);
}

/* Merges, prunes and books. NULL: conflicts, status says which. */
static cJSON *run(struct apply *apply, const cJSON *config, struct sim_status *status)
{
    const struct sim_patch_context *context = apply->context;
    cJSON *object = cJSON_Duplicate(apply->live, true);
    json_remove(json_member(object, "metadata"), "managedFields");
    merge_object(object, apply->schema, config);
    struct sim_owner *self = sim_owners_find(&apply->owners, context->manager, apply->api_version,
                                             context->subresource, true, true);
    struct sim_fields *last = self->fields;
    self->fields = sim_fields_of(apply->schema, config);
    sim_fields_restrict(self->fields, context->resource, context->subresource);
    struct sim_fields *owned = all_owned(&apply->owners);
    prune_object(object, apply->schema, last, owned);
    sim_fields_free(owned);
    sim_fields_free(last);
    sim_fields_compare(apply->schema, apply->live, object, &apply->changes);
    sim_fields_restrict(apply->changes.added, context->resource, context->subresource);
    sim_fields_restrict(apply->changes.modified, context->resource, context->subresource);
    sim_fields_restrict(apply->changes.removed, context->resource, context->subresource);
    if (!context->force && !check_conflicts(apply, self, status)) {
        cJSON_Delete(object);
        return NULL;
    }
    bool changed = !sim_fields_is_empty(apply->changes.added) ||
                   !sim_fields_is_empty(apply->changes.modified) ||
                   !sim_fields_is_empty(apply->changes.removed);
    sim_owners_yield(&apply->owners, &apply->changes, self);
    if (changed) {
        sim_owner_touch(self, context->now_ms);
        follow_last_applied(apply, config, object);
    } else if (context->minor < STATUS_APART_SINCE_MINOR && self->time[0] == '\0') {
        sim_owner_touch(self,
                        context->now_ms); /* newer ones leave a first time without effect out */
    }
    sim_owners_write(&apply->owners, object);
    return object;
}

static cJSON *create(const struct sim_patch_context *context, const cJSON *config)
{
    struct sim_owners owners = {NULL, 0, 0};
    char api_version[64];
    sim_resource_api_version(context->resource, api_version);
    cJSON *object = cJSON_Duplicate(config, true);
    cJSON *metadata = json_need_object(object, "metadata");
    json_set_string(metadata, "name", context->name);
    if (context->ns[0] != '\0') {
        json_set_string(metadata, "namespace", context->ns);
    }
    struct sim_owner *self =
        sim_owners_find(&owners, context->manager, api_version, context->subresource, true, true);
    sim_fields_free(self->fields);
    self->fields =
        sim_fields_of(sim_schema_of_version(context->resource->kind, context->minor), config);
    sim_fields_restrict(self->fields, context->resource, context->subresource);
    sim_owner_touch(self, context->now_ms);
    sim_owners_write(&owners, object);
    sim_owners_clear(&owners);
    return object;
}

cJSON *sim_patch_server_side(const cJSON *live, const cJSON *patch,
                             const struct sim_patch_context *context, struct sim_status *status)
{
    if (!sim_apply_check(live, patch, context, status)) {
        return NULL;
    }
    if (live == NULL) {
        return create(context, patch);
    }
    struct apply apply = {.context = context,
                          .schema = sim_schema_of_version(context->resource->kind, context->minor),
                          .live = live};
    sim_resource_api_version(context->resource, apply.api_version);
    sim_owners_read(json_at(live, "metadata", "managedFields", NULL), &apply.owners);
    if (apply.owners.count == 0) {
        book_unowned(&apply);
    }
    cJSON *object = run(&apply, patch, status);
    if (apply.changes.added != NULL) {
        sim_field_changes_free(&apply.changes);
    }
    sim_owners_clear(&apply.owners);
    return object;
}
