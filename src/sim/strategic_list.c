#include "strategic_list.h"

#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/buffer.h"
#include "doc/json.h"
#include "sim/go_print.h"

/* Lists with a merge key (or of primitives): elements are found by key, new ones go in front of
 * what only the server has, unless $setElementOrder says otherwise. */

enum { MESSAGE_LIMIT = 64 * 1024 };

/* What tells elements apart: the key's value, or a primitive itself. */
static const cJSON *identity(const cJSON *element, const char *key)
{
    return key[0] == '\0' || !cJSON_IsObject(element) ? element : json_member(element, key);
}

static int index_of(const cJSON *list, const cJSON *element, const char *key)
{
    const cJSON *wanted = identity(element, key);
    int index = 0;
    for (const cJSON *item = list == NULL ? NULL : list->child; item != NULL; item = item->next) {
        const cJSON *own = identity(item, key);
        if (own != NULL && wanted != NULL && json_equal(own, wanted)) {
            return index;
        }
        index++;
    }
    return -1;
}

static bool is_delete(const cJSON *element)
{
    return strcmp(json_string_or(element, "$patch", ""), "delete") == 0;
}

static bool check_keys(const cJSON *list, const char *key, struct sim_status *status)
{
    const cJSON *item = NULL;
    cJSON_ArrayForEach(item, list)
    {
        bool replaces = strcmp(json_string_or(item, "$patch", ""), "replace") == 0;
        if (key[0] != '\0' && !replaces && identity(item, key) == NULL) {
            char *after = xasprintf(" does not contain declared merge key: %s", key);
            sim_strategic_fail(status, "map: ", item, after);
            free(after);
            return false;
        }
    }
    return true;
}

static bool check_directives(const cJSON *patch, struct sim_status *status)
{
    const cJSON *item = NULL;
    cJSON_ArrayForEach(item, patch)
    {
        const char *word = json_string(item, "$patch");
        if (word != NULL && strcmp(word, "delete") != 0 && strcmp(word, "replace") != 0 &&
            strcmp(word, "merge") != 0) {
            char *before = xasprintf("unknown patch type: %s in map: ", word);
            sim_strategic_fail(status, before, item, "");
            free(before);
            return false;
        }
    }
    return true;
}

/* The patch's elements must stand in the order list, in the same order. */
static bool check_order(const cJSON *patch, const cJSON *order, const char *key,
                        struct sim_status *status)
{
    cJSON *kept = cJSON_CreateArray();
    int last = -1;
    bool fits = true;
    const cJSON *item = NULL;
    cJSON_ArrayForEach(item, patch)
    {
        if (!is_delete(item)) {
            int index = index_of(order, item, key);
            fits = fits && index > last;
            last = index;
            cJSON_AddItemToArray(kept, cJSON_Duplicate(item, true));
        }
    }
    if (!fits) {
        struct buffer text;
        buffer_init(&text, MESSAGE_LIMIT);
        buffer_append_string(&text, "The order in patch list:\n");
        sim_go_print(&text, kept);
        buffer_append_string(&text, "\n doesn't match $setElementOrder list:\n");
        sim_go_print(&text, order);
        sim_status_internal(status, "%s\n", text.data);
        buffer_free(&text);
    }
    cJSON_Delete(kept);
    return fits;
}

static void remove_all(cJSON *list, const cJSON *element, const char *key)
{
    int index = index_of(list, element, key);
    while (index >= 0) {
        cJSON_DeleteItemFromArray(list, index);
        index = index_of(list, element, key);
    }
}

static bool merge_element(cJSON *target, const cJSON *change, const struct sim_schema *schema,
                          struct sim_status *status)
{
    int index = index_of(target, change, schema->merge_key);
    if (index < 0) {
        cJSON *copy = cJSON_Duplicate(change, true);
        if (cJSON_IsObject(copy)) {
            json_remove(copy, "$patch");
        }
        cJSON_AddItemToArray(target, copy);
        return true;
    }
    cJSON *present = cJSON_GetArrayItem(target, index);
    return !cJSON_IsObject(present) ||
           sim_strategic_object(present, change, schema->element, status);
}

/* Elements of list that stand in names (or do not), in the order of by; doubles stay together. */
static cJSON *sorted_part(const cJSON *list, const cJSON *names, bool inside, const cJSON *by,
                          const char *key)
{
    cJSON *part = cJSON_CreateArray();
    int last = cJSON_GetArraySize(by);
    for (int rank = 0; rank <= last; rank++) {
        const cJSON *item = NULL;
        cJSON_ArrayForEach(item, list)
        {
            int own = index_of(by, item, key);
            own = own < 0 ? last : own;
            if (own == rank && (index_of(names, item, key) >= 0) == inside) {
                cJSON_AddItemToArray(part, cJSON_Duplicate(item, true));
            }
        }
    }
    return part;
}

/* True if the server's order has both, a before b. */
static bool stands_before(const cJSON *server, const cJSON *a, const cJSON *b, const char *key)
{
    int left = index_of(server, a, key);
    int right = index_of(server, b, key);
    return left >= 0 && right >= 0 && left < right;
}

/* Both parts keep their own order; where the server knows no other, the patch's elements go first.
 * Takes over the parts. */
static void interleave(cJSON *target, cJSON *server_only, cJSON *patched, const cJSON *server,
                       const char *key)
{
    while (target->child != NULL) {
        cJSON_DeleteItemFromArray(target, 0);
    }
    while (server_only->child != NULL || patched->child != NULL) {
        bool from_server = patched->child == NULL ||
                           (server_only->child != NULL &&
                            stands_before(server, server_only->child, patched->child, key));
        cJSON_AddItemToArray(target,
                             cJSON_DetachItemFromArray(from_server ? server_only : patched, 0));
    }
    cJSON_Delete(server_only);
    cJSON_Delete(patched);
}

static bool has_replace(const cJSON *patch)
{
    const cJSON *item = NULL;
    cJSON_ArrayForEach(item, patch)
    {
        if (strcmp(json_string_or(item, "$patch", ""), "replace") == 0) {
            return true;
        }
    }
    return false;
}

static void replace_all(cJSON *target, const cJSON *patch)
{
    while (target->child != NULL) {
        cJSON_DeleteItemFromArray(target, 0);
    }
    const cJSON *item = NULL;
    cJSON_ArrayForEach(item, patch)
    {
        if (json_member(item, "$patch") == NULL) {
            cJSON_AddItemToArray(target, cJSON_Duplicate(item, true));
        }
    }
}

bool sim_strategic_list(cJSON *target, const cJSON *patch, const cJSON *order,
                        const struct sim_schema *schema, struct sim_status *status)
{
    const char *key = schema->merge_key;
    if (!check_directives(patch, status) || !check_keys(patch, key, status) ||
        !check_keys(target, key, status) ||
        (order != NULL && !check_order(patch, order, key, status))) {
        return false;
    }
    if (has_replace(patch)) {
        replace_all(target, patch);
        return true;
    }
    cJSON *server = cJSON_Duplicate(target, true);
    cJSON *changed = cJSON_CreateArray();
    bool done = true;
    const cJSON *item = NULL;
    cJSON_ArrayForEach(item, patch)
    {
        if (is_delete(item)) {
            remove_all(target, item, key);
        } else {
            done = done && merge_element(target, item, schema, status);
            cJSON_AddItemToArray(changed, cJSON_Duplicate(item, true));
        }
    }
    if (done) {
        const cJSON *names = order != NULL ? order : changed;
        cJSON *patched = sorted_part(target, names, true, names, key);
        interleave(target, sorted_part(target, names, false, server, key), patched, server, key);
    }
    cJSON_Delete(changed);
    cJSON_Delete(server);
    return done;
}
