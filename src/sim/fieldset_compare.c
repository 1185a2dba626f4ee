#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/buffer.h"
#include "base/map.h"
#include "doc/json.h"
#include "sim/fieldset.h"

/* The walks over objects that make field sets, by the rules of structured-merge-diff: what is one
 * value, what is walked into, and when a container itself counts as added or removed. */

enum { NAME_LIMIT = 64 * 1024, MAX_DEPTH = 64 };

static const struct sim_schema free_value = {.kind = SIM_SCHEMA_ANY, .keys = "", .merge_key = ""};

struct path {
    const char *names[MAX_DEPTH];
    size_t depth;
};

static void insert(struct sim_fields *set, const struct path *path)
{
    for (size_t i = 0; i < path->depth; i++) {
        set = sim_fields_need(set, path->names[i]);
    }
    set->member = path->depth > 0;
}

static void append_key(struct buffer *out, const char *key, const cJSON *value)
{
    buffer_printf(out, "\"%s\":", key);
    if (value != NULL) {
        json_write_sorted(out, value);
    } else {
        buffer_append_string(out, strcmp(key, "protocol") == 0 ? "\"TCP\"" : "\"\"");
    }
}

char *sim_fields_item_name(const struct sim_schema *list, const cJSON *item)
{
    struct buffer name;
    buffer_init(&name, NAME_LIMIT);
    if (list->is_set) {
        buffer_append_string(&name, "v:");
        json_write_sorted(&name, item);
    } else {
        const char *keys = list->keys;
        buffer_append_string(&name, "k:{");
        while (*keys != '\0') {
            size_t length = strcspn(keys, ",");
            char *key = xstrndup(keys, length);
            append_key(&name, key, json_member(item, key));
            free(key);
            keys += length + (keys[length] == ',');
            buffer_append_string(&name, *keys == '\0' ? "" : ",");
        }
        buffer_append_char(&name, '}');
    }
    return buffer_take(&name);
}

static bool walks_into(const struct sim_schema *schema)
{
    return !schema->atomic && (schema->kind == SIM_SCHEMA_TYPE || schema->kind == SIM_SCHEMA_MAP ||
                               schema->kind == SIM_SCHEMA_LIST);
}

static bool is_hollow(const cJSON *value)
{
    return value == NULL || value->child == NULL;
}

static bool has_shape(const struct sim_schema *schema, const cJSON *value)
{
    return value == NULL || cJSON_IsNull(value) ||
           (schema->kind == SIM_SCHEMA_LIST ? cJSON_IsArray(value) : cJSON_IsObject(value));
}

/* An element of a list, or a group of equal-named ones, which is compared as a whole. */
struct item {
    cJSON *one;
    cJSON *group; /* references; NULL while the name is single */
};

static void free_item(void *value)
{
    struct item *item = value;
    cJSON_Delete(item->group);
    free(item);
}

static struct map *items_of(const struct sim_schema *list, const cJSON *value)
{
    struct map *items = map_new(free_item);
    cJSON *element = NULL;
    cJSON_ArrayForEach(element, value)
    {
        char *name = sim_fields_item_name(list, element);
        struct item *item = map_get(items, name);
        if (item == NULL) {
            item = xcalloc(1, sizeof(*item));
            item->one = element;
            map_set(items, name, item);
        } else {
            if (item->group == NULL) {
                item->group = cJSON_CreateArray();
                cJSON_AddItemReferenceToArray(item->group, item->one);
            }
            cJSON_AddItemReferenceToArray(item->group, element);
        }
        free(name);
    }
    return items;
}

struct comparison {
    struct sim_field_changes *out;
    struct path path;
};

/* One side's value; "there" tells an absent one from one that the server would write as null. */
struct side {
    const cJSON *value;
    bool there;
};

static void compare(struct comparison *walk, const struct sim_schema *schema, struct side before,
                    struct side after);

/* Null, or the empty object or list that a server would write in its place. */
static bool is_nothing(const struct side *side)
{
    const cJSON *value = side->value;
    return value == NULL || cJSON_IsNull(value) ||
           ((cJSON_IsObject(value) || cJSON_IsArray(value)) && value->child == NULL);
}

static void compare_leaf(struct comparison *walk, struct side before, struct side after)
{
    if (!before.there) {
        insert(walk->out->added, &walk->path);
    } else if (!after.there) {
        insert(walk->out->removed, &walk->path);
    } else {
        if (!(is_nothing(&before) && is_nothing(&after)) &&
            !json_equal(before.value, after.value)) {
            insert(walk->out->modified, &walk->path);
        }
    }
}

static struct side side_of(const struct side *parent, const cJSON *value,
                           const struct sim_schema *schema)
{
    return (struct side){value, value != NULL || (parent->there && schema->always_there)};
}

static void compare_member(struct comparison *walk, const struct sim_schema *schema,
                           const char *name, const struct side *before, const struct side *after)
{
    const struct sim_schema *field = sim_schema_field(schema, name);
    field = field == NULL ? &free_value : field;
    if (walk->path.depth == MAX_DEPTH) {
        return;
    }
    char *step = xasprintf("f:%s", name);
    walk->path.names[walk->path.depth++] = step;
    compare(walk, field, side_of(before, json_member(before->value, name), field),
            side_of(after, json_member(after->value, name), field));
    walk->path.depth--;
    free(step);
}

static void compare_members(struct comparison *walk, const struct sim_schema *schema,
                            const struct side *before, const struct side *after)
{
    const cJSON *member = NULL;
    cJSON_ArrayForEach(member, before->value)
    {
        compare_member(walk, schema, member->string, before, after);
    }
    cJSON_ArrayForEach(member, after->value)
    {
        if (json_member(before->value, member->string) == NULL) {
            compare_member(walk, schema, member->string, before, after);
        }
    }
}

static void compare_item(struct comparison *walk, const struct sim_schema *list, const char *name,
                         const struct item *before, const struct item *after)
{
    if (walk->path.depth == MAX_DEPTH) {
        return;
    }
    walk->path.names[walk->path.depth++] = name;
    bool grouped =
        (before != NULL && before->group != NULL) || (after != NULL && after->group != NULL);
    struct side left = {before == NULL          ? NULL
                        : before->group != NULL ? before->group
                                                : before->one,
                        before != NULL};
    struct side right = {after == NULL          ? NULL
                         : after->group != NULL ? after->group
                                                : after->one,
                         after != NULL};
    if (grouped) {
        compare_leaf(walk, left, right);
    } else {
        compare(walk, list->element, left, right);
    }
    walk->path.depth--;
}

static void compare_items(struct comparison *walk, const struct sim_schema *list,
                          const cJSON *before, const cJSON *after)
{
    struct map *left = items_of(list, before);
    struct map *right = items_of(list, after);
    size_t position = 0;
    const char *name = NULL;
    void *item = NULL;
    while (map_next(left, &position, &name, &item)) {
        compare_item(walk, list, name, item, map_get(right, name));
    }
    position = 0;
    while (map_next(right, &position, &name, &item)) {
        if (map_get(left, name) == NULL) {
            compare_item(walk, list, name, NULL, item);
        }
    }
    map_free(left);
    map_free(right);
}

static void compare(struct comparison *walk, const struct sim_schema *schema, struct side before,
                    struct side after)
{
    if (!before.there && !after.there) {
        return;
    }
    bool hollow = is_hollow(before.value) && is_hollow(after.value) && walk->path.depth > 0;
    if (!walks_into(schema) || hollow || !has_shape(schema, before.value) ||
        !has_shape(schema, after.value)) {
        compare_leaf(walk, before, after);
        return;
    }
    if (schema->kind == SIM_SCHEMA_LIST) {
        compare_items(walk, schema, before.value, after.value);
    } else {
        compare_members(walk, schema, &before, &after);
    }
    if (!before.there) {
        insert(walk->out->added, &walk->path);
    } else if (!after.there) {
        insert(walk->out->removed, &walk->path);
    }
}

void sim_fields_compare(const struct sim_schema *schema, const cJSON *old_value,
                        const cJSON *new_value, struct sim_field_changes *out)
{
    out->added = sim_fields_new();
    out->modified = sim_fields_new();
    out->removed = sim_fields_new();
    struct comparison walk = {.out = out};
    compare(&walk, schema, (struct side){old_value, true}, (struct side){new_value, true});
}

void sim_field_changes_free(struct sim_field_changes *changes)
{
    sim_fields_free(changes->added);
    sim_fields_free(changes->modified);
    sim_fields_free(changes->removed);
}

static void collect(struct sim_fields *set, const struct sim_schema *schema, const cJSON *value,
                    struct path *path);

static void collect_members(struct sim_fields *set, const struct sim_schema *schema,
                            const cJSON *value, struct path *path)
{
    const cJSON *member = NULL;
    cJSON_ArrayForEach(member, value)
    {
        const struct sim_schema *field = sim_schema_field(schema, member->string);
        field = field == NULL ? &free_value : field;
        char *step = xasprintf("f:%s", member->string);
        path->names[path->depth++] = step;
        collect(set, field, member, path);
        if (schema->kind == SIM_SCHEMA_MAP || cJSON_IsNull(member)) {
            insert(set, path);
        }
        path->depth--;
        free(step);
    }
}

static void collect(struct sim_fields *set, const struct sim_schema *schema, const cJSON *value,
                    struct path *path)
{
    if (path->depth + 1 >= MAX_DEPTH) {
        return;
    }
    if (!walks_into(schema) || !has_shape(schema, value)) {
        insert(set, path);
        return;
    }
    if (schema->kind == SIM_SCHEMA_LIST) {
        const cJSON *item = NULL;
        cJSON_ArrayForEach(item, value)
        {
            char *name = sim_fields_item_name(schema, item);
            path->names[path->depth++] = name;
            collect(set, schema->element, item, path);
            insert(set, path);
            path->depth--;
            free(name);
        }
        return;
    }
    if (is_hollow(value)) {
        insert(set, path);
        return;
    }
    collect_members(set, schema, value, path);
}

struct sim_fields *sim_fields_of(const struct sim_schema *schema, const cJSON *value)
{
    struct sim_fields *set = sim_fields_new();
    struct path path = {.depth = 0};
    collect(set, schema, value, &path);
    return set;
}
