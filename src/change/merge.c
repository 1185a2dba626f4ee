#include "change/merge.h"

#include <string.h>

#include "base/alloc.h"
#include "change/last_applied.h"
#include "doc/json.h"

/* One merge under way. */
struct merge {
    bool poisoned;
};

static cJSON *merge_maps(struct merge *merge, const struct merge_schema *schema, bool retain_keys,
                         const cJSON *last, const cJSON *wanted, const cJSON *live);

/* A copy without members that are null: null in a manifest means "not there". */
static cJSON *copy_without_nulls(const cJSON *value)
{
    if (!cJSON_IsObject(value)) {
        return cJSON_Duplicate(value, true);
    }
    cJSON *copy = cJSON_CreateObject();
    const cJSON *item = NULL;
    cJSON_ArrayForEach(item, value)
    {
        if (!cJSON_IsNull(item)) {
            cJSON_AddItemToObject(copy, item->string, copy_without_nulls(item));
        }
    }
    return copy;
}

/* --- Lists ------------------------------------------------------------------------------------ */

/* What tells one element from another: its merge key, or the scalar itself (key NULL). */
static const cJSON *identity(const cJSON *element, const char *key)
{
    return key == NULL ? element : json_member(element, key);
}

static const cJSON *find_element(const cJSON *list, const cJSON *wanted, const char *key)
{
    const cJSON *id = identity(wanted, key);
    const cJSON *element = NULL;
    cJSON_ArrayForEach(element, list)
    {
        if (json_equal(identity(element, key), id)) {
            return element;
        }
    }
    return NULL;
}

static int index_of(const cJSON *list, const cJSON *wanted, const char *key)
{
    const cJSON *id = identity(wanted, key);
    const cJSON *element = NULL;
    int i = 0;
    cJSON_ArrayForEach(element, list)
    {
        if (json_equal(identity(element, key), id)) {
            return i;
        }
        i++;
    }
    return -1;
}

/* Doubled, missing or empty keys: an element cannot be found by its key. */
static bool is_poisoned(const cJSON *list, const char *key)
{
    const cJSON *element = NULL;
    cJSON_ArrayForEach(element, list)
    {
        const cJSON *id = identity(element, key);
        if (id == NULL || cJSON_IsNull(id) ||
            (key != NULL && cJSON_IsString(id) && id->valuestring[0] == '\0') ||
            find_element(list, element, key) != element) {
            return true;
        }
    }
    return false;
}

/* The elements of the manifest, each merged with its live one, in the manifest's order. */
static cJSON *merge_wanted(struct merge *merge, const struct merge_field *field, const cJSON *last,
                           const cJSON *wanted, const cJSON *live)
{
    cJSON *out = cJSON_CreateArray();
    const cJSON *element = NULL;
    cJSON_ArrayForEach(element, wanted)
    {
        const cJSON *old = find_element(live, element, field->key);
        if (old == NULL || !cJSON_IsObject(element)) {
            cJSON_AddItemToArray(out, copy_without_nulls(element));
            continue;
        }
        const cJSON *before = find_element(last, element, field->key);
        cJSON_AddItemToArray(
            out, merge_maps(merge, field->below, field->retain_keys, before, element, old));
    }
    return out;
}

/*
 * The order that elements count as having on the server: the live list's; elements that go make
 * room for as many new ones behind those that stay, and the rest of the new ones have no place.
 * (In strategicpatch, the shortened slice of maps and the caller's share memory; scalars are
 * removed elsewhere.)
 */
static cJSON *server_order(const struct merge_field *field, const cJSON *last, const cJSON *wanted,
                           const cJSON *live)
{
    cJSON *order = cJSON_CreateArray();
    const cJSON *element = NULL;
    int room = 0;
    cJSON_ArrayForEach(element, live)
    {
        if (find_element(wanted, element, field->key) == NULL &&
            find_element(last, element, field->key) != NULL) {
            room += field->list == MERGE_LIST_KEYED;
        } else {
            cJSON_AddItemToArray(order, cJSON_Duplicate(element, true));
        }
    }
    cJSON_ArrayForEach(element, wanted)
    {
        if (room > 0 && find_element(live, element, field->key) == NULL) {
            cJSON_AddItemToArray(order, cJSON_Duplicate(element, true));
            room--;
        }
    }
    return order;
}

/*
 * The order that the server gives (strategicpatch, mergeSortedSlice): the manifest's elements in
 * its order; between them, by their place, those that only the live list has.
 */
static cJSON *interleave(cJSON *wanted, cJSON *others, const cJSON *order, const char *key)
{
    cJSON *out = cJSON_CreateArray();
    while (wanted->child != NULL || others->child != NULL) {
        cJSON *from = wanted;
        if (wanted->child == NULL) {
            from = others;
        } else if (others->child != NULL) {
            int mine = index_of(order, wanted->child, key);
            int theirs = index_of(order, others->child, key);
            from = mine >= 0 && theirs >= 0 && theirs < mine ? others : wanted;
        }
        cJSON_AddItemToArray(out, cJSON_DetachItemFromArray(from, 0));
    }
    cJSON_Delete(wanted);
    cJSON_Delete(others);
    return out;
}

static cJSON *merge_lists(struct merge *merge, const struct merge_field *field, const cJSON *last,
                          const cJSON *wanted, const cJSON *live)
{
    if (field == NULL || field->list == MERGE_LIST_ATOMIC || live->child == NULL) {
        return cJSON_Duplicate(wanted, true);
    }
    if (is_poisoned(live, field->key) || is_poisoned(wanted, field->key)) {
        merge->poisoned = true;
        return cJSON_Duplicate(wanted, true);
    }
    cJSON *others = cJSON_CreateArray();
    const cJSON *element = NULL;
    cJSON_ArrayForEach(element, live)
    {
        if (find_element(wanted, element, field->key) == NULL &&
            find_element(last, element, field->key) == NULL) {
            cJSON_AddItemToArray(others, cJSON_Duplicate(element, true));
        }
    }
    cJSON *order = server_order(field, last, wanted, live);
    cJSON *out =
        interleave(merge_wanted(merge, field, last, wanted, live), others, order, field->key);
    cJSON_Delete(order);
    return out;
}

/* --- Maps ------------------------------------------------------------------------------------- */

static cJSON *merge_member(struct merge *merge, const struct merge_field *field, const cJSON *last,
                           const cJSON *wanted, const cJSON *live)
{
    if (cJSON_IsObject(wanted) && cJSON_IsObject(live)) {
        return merge_maps(merge, field == NULL ? NULL : field->below,
                          field != NULL && field->retain_keys, cJSON_IsObject(last) ? last : NULL,
                          wanted, live);
    }
    if (cJSON_IsArray(wanted) && cJSON_IsArray(live)) {
        return merge_lists(merge, field, cJSON_IsArray(last) ? last : NULL, wanted, live);
    }
    return copy_without_nulls(wanted);
}

static cJSON *merge_maps(struct merge *merge, const struct merge_schema *schema, bool retain_keys,
                         const cJSON *last, const cJSON *wanted, const cJSON *live)
{
    cJSON *out = cJSON_CreateObject();
    const cJSON *item = NULL;
    cJSON_ArrayForEach(item, live)
    {
        const cJSON *now = json_member(wanted, item->string);
        if (now == NULL) {
            if (!retain_keys && json_member(last, item->string) == NULL) {
                cJSON_AddItemToObject(out, item->string, cJSON_Duplicate(item, true));
            }
        } else if (!cJSON_IsNull(now)) {
            cJSON_AddItemToObject(out, item->string,
                                  merge_member(merge, merge_schema_field(schema, item->string),
                                               json_member(last, item->string), now, item));
        }
    }
    cJSON_ArrayForEach(item, wanted)
    {
        if (json_member(live, item->string) == NULL && !cJSON_IsNull(item)) {
            cJSON_AddItemToObject(out, item->string, copy_without_nulls(item));
        }
    }
    return out;
}

cJSON *change_merge(const cJSON *last_applied, const cJSON *manifest, const cJSON *live,
                    bool *poisoned)
{
    struct merge merge = {false};
    const struct merge_schema *schema = merge_schema_of(json_string_or(manifest, "apiVersion", ""),
                                                        json_string_or(manifest, "kind", ""));
    cJSON *wanted = cJSON_Duplicate(manifest, true);
    change_last_applied_write(wanted, manifest);
    /* A manifest's status is for the status subresource: the server drops it. */
    json_remove(wanted, "status");
    cJSON *last = last_applied == NULL ? NULL : cJSON_Duplicate(last_applied, true);
    json_remove(last, "status");
    cJSON *out = merge_maps(&merge, schema, false, last, wanted, live);
    json_delete_secret(wanted);
    json_delete_secret(last);
    if (poisoned != NULL) {
        *poisoned = merge.poisoned;
    }
    return out;
}
