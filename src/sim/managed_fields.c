#include "sim/managed_fields.h"

#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/clock.h"
#include "doc/json.h"
#include "sim/ownership.h"

enum { DOUBLES_SINCE_MINOR = 28, SUBRESOURCE_SINCE_MINOR = 22 };

static void clear_owner(struct sim_owner *owner)
{
    free(owner->manager);
    free(owner->api_version);
    free(owner->subresource);
    free(owner->time);
    sim_fields_free(owner->fields);
}

void sim_owners_clear(struct sim_owners *owners)
{
    for (size_t i = 0; i < owners->count; i++) {
        clear_owner(&owners->entries[i]);
    }
    free(owners->entries);
    *owners = (struct sim_owners){NULL, 0, 0};
}

static struct sim_owner *append(struct sim_owners *owners, const char *manager,
                                const char *api_version, const char *subresource, bool applies)
{
    owners->entries =
        xgrow(owners->entries, owners->count, &owners->capacity, sizeof(struct sim_owner));
    struct sim_owner *owner = &owners->entries[owners->count++];
    *owner = (struct sim_owner){.manager = xstrdup(manager),
                                .api_version = xstrdup(api_version),
                                .subresource = xstrdup(subresource),
                                .time = xstrdup(""),
                                .applies = applies,
                                .fields = NULL};
    return owner;
}

bool sim_owners_read(const cJSON *managed_fields, struct sim_owners *out)
{
    *out = (struct sim_owners){NULL, 0, 0};
    const cJSON *entry = NULL;
    cJSON_ArrayForEach(entry, managed_fields)
    {
        const char *operation = json_string_or(entry, "operation", "");
        const char *api_version = json_string_or(entry, "apiVersion", "");
        bool applies = strcmp(operation, "Apply") == 0;
        if ((!applies && strcmp(operation, "Update") != 0) || api_version[0] == '\0' ||
            strcmp(json_string_or(entry, "fieldsType", "FieldsV1"), "FieldsV1") != 0) {
            sim_owners_clear(out);
            return false;
        }
        struct sim_owner *owner = append(out, json_string_or(entry, "manager", ""), api_version,
                                         json_string_or(entry, "subresource", ""), applies);
        free(owner->time);
        owner->time = xstrdup(json_string_or(entry, "time", ""));
        owner->fields = sim_fields_from_json(json_object(entry, "fieldsV1"));
    }
    return true;
}

static int compare_owners(const void *a, const void *b)
{
    const struct sim_owner *left = a;
    const struct sim_owner *right = b;
    if (left->applies != right->applies) {
        return left->applies ? -1 : 1;
    }
    int order = strcmp(left->time, right->time);
    order = order != 0 ? order : strcmp(left->manager, right->manager);
    return order != 0 ? order : strcmp(left->subresource, right->subresource);
}

void sim_owners_write(struct sim_owners *owners, cJSON *object)
{
    cJSON *metadata = json_need_object(object, "metadata");
    cJSON *list = cJSON_CreateArray();
    if (owners->count > 1) {
        qsort(owners->entries, owners->count, sizeof(struct sim_owner), compare_owners);
    }
    for (size_t i = 0; i < owners->count; i++) {
        const struct sim_owner *owner = &owners->entries[i];
        if (sim_fields_is_empty(owner->fields)) {
            continue;
        }
        cJSON *entry = cJSON_CreateObject();
        cJSON_AddStringToObject(entry, "manager", owner->manager);
        cJSON_AddStringToObject(entry, "operation", owner->applies ? "Apply" : "Update");
        cJSON_AddStringToObject(entry, "apiVersion", owner->api_version);
        if (owner->time[0] != '\0') {
            cJSON_AddStringToObject(entry, "time", owner->time);
        }
        cJSON_AddStringToObject(entry, "fieldsType", "FieldsV1");
        cJSON_AddItemToObject(entry, "fieldsV1", sim_fields_to_json(owner->fields));
        if (owner->subresource[0] != '\0') {
            cJSON_AddStringToObject(entry, "subresource", owner->subresource);
        }
        cJSON_AddItemToArray(list, entry);
    }
    if (list->child == NULL) {
        cJSON_Delete(list);
        json_remove(metadata, "managedFields");
    } else {
        json_set(metadata, "managedFields", list);
    }
}

struct sim_owner *sim_owners_find(struct sim_owners *owners, const char *manager,
                                  const char *api_version, const char *subresource, bool applies,
                                  bool make)
{
    for (size_t i = 0; i < owners->count; i++) {
        struct sim_owner *owner = &owners->entries[i];
        if (owner->applies == applies && strcmp(owner->manager, manager) == 0 &&
            strcmp(owner->api_version, api_version) == 0 &&
            strcmp(owner->subresource, subresource) == 0) {
            return owner;
        }
    }
    if (!make) {
        return NULL;
    }
    struct sim_owner *owner = append(owners, manager, api_version, subresource, applies);
    owner->fields = sim_fields_new();
    return owner;
}

void sim_owner_touch(struct sim_owner *owner, int64_t now_ms)
{
    char now[32];
    clock_format_rfc3339(now_ms, now);
    free(owner->time);
    owner->time = xstrdup(now);
}

void sim_owners_yield(struct sim_owners *owners, const struct sim_field_changes *changes,
                      const struct sim_owner *except)
{
    for (size_t i = 0; i < owners->count; i++) {
        struct sim_owner *owner = &owners->entries[i];
        if (owner != except) {
            sim_fields_subtract(owner->fields, changes->added);
            sim_fields_subtract(owner->fields, changes->modified);
        }
        sim_fields_subtract(owner->fields, changes->removed);
    }
}

void sim_fields_restrict(struct sim_fields *fields, const struct sim_resource *resource,
                         const char *subresource)
{
    if (strcmp(subresource, "status") == 0) {
        for (size_t i = fields->count; i > 0; i--) {
            if (strcmp(fields->children[i - 1]->name, "f:status") != 0) {
                sim_fields_remove(fields, fields->children[i - 1]->name);
            }
        }
    } else if (sim_word_in(resource->subresources, "status")) {
        sim_fields_remove(fields, "f:status");
    }
    sim_fields_strip(fields);
}

/* An empty list, or one empty entry, asks for all ownership to be dropped. */
static bool is_reset(const cJSON *managed_fields)
{
    return cJSON_IsArray(managed_fields) &&
           (managed_fields->child == NULL ||
            (managed_fields->child->next == NULL && managed_fields->child->child == NULL));
}

/* The entries that a write starts from: the client's own if it sent valid ones, else the live. */
static void read_base(const cJSON *live, const cJSON *object, struct sim_owners *out)
{
    const cJSON *sent = json_at(object, "metadata", "managedFields", NULL);
    if (is_reset(sent)) {
        *out = (struct sim_owners){NULL, 0, 0};
    } else if (!cJSON_IsArray(sent) || !sim_owners_read(sent, out)) {
        sim_owners_read(json_at(live, "metadata", "managedFields", NULL), out);
    }
}

/* Servers before 1.28 cannot book an object in whose keyed lists a key stands twice. */
static bool cannot_be_booked(const struct sim_schema *schema, int minor, const cJSON *object)
{
    char *path = NULL;
    char *key = NULL;
    bool doubled = minor < DOUBLES_SINCE_MINOR && sim_schema_double(schema, object, &path, &key);
    free(path);
    free(key);
    return doubled;
}

void sim_managed_fields_update(const struct sim_manager *manager, const cJSON *live, cJSON *object)
{
    const struct sim_schema *schema =
        sim_schema_of_version(manager->resource->kind, manager->minor);
    if (cannot_be_booked(schema, manager->minor, object)) {
        json_remove(json_member(object, "metadata"), "managedFields");
        return;
    }
    struct sim_owners owners;
    read_base(live, object, &owners);
    if (owners.count == 0 && live != NULL) {
        json_remove(json_member(object, "metadata"), "managedFields");
        return;
    }
    char api_version[64];
    sim_resource_api_version(manager->resource, api_version);
    const char *subresource = manager->subresource == NULL ? "" : manager->subresource;
    struct sim_field_changes changes;
    sim_fields_compare(schema, live, object, &changes);
    sim_fields_restrict(changes.added, manager->resource, subresource);
    sim_fields_restrict(changes.modified, manager->resource, subresource);
    sim_fields_restrict(changes.removed, manager->resource, subresource);
    sim_owners_yield(&owners, &changes, NULL);
    if (!sim_fields_is_empty(changes.added) || !sim_fields_is_empty(changes.modified)) {
        struct sim_owner *self = sim_owners_find(
            &owners, manager->name, api_version,
            manager->minor >= SUBRESOURCE_SINCE_MINOR ? subresource : "", false, true);
        sim_fields_add(self->fields, changes.added);
        sim_fields_add(self->fields, changes.modified);
        sim_owner_touch(self, manager->now_ms);
    }
    sim_field_changes_free(&changes);
    sim_owners_write(&owners, object);
    sim_owners_clear(&owners);
}
