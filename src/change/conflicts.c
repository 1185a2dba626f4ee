#include "change/conflicts.h"

#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/buffer.h"
#include "doc/json.h"

#define PATH_LIMIT ((size_t)1 << 20)

struct search {
    struct change_conflict *found;
    size_t count, capacity;
    const char *manager;
    struct buffer path;
};

/* --- One step of a path -------------------------------------------------------------------------
 */

static bool has_keys(const cJSON *element, const cJSON *keys)
{
    const cJSON *key = NULL;
    cJSON_ArrayForEach(key, keys)
    {
        if (!json_equal(json_member(element, key->string), key)) {
            return false;
        }
    }
    return cJSON_IsObject(element);
}

/* wanted: the keys of an element (by_keys), or the element itself. */
static const cJSON *find_element(const cJSON *list, const cJSON *wanted, bool by_keys)
{
    const cJSON *element = NULL;
    cJSON_ArrayForEach(element, list)
    {
        if (by_keys ? has_keys(element, wanted) : json_equal(element, wanted)) {
            return element;
        }
    }
    return NULL;
}

static void append_keys(struct buffer *path, const cJSON *keys)
{
    const cJSON *key = NULL;
    buffer_append_char(path, '[');
    cJSON_ArrayForEach(key, keys)
    {
        buffer_printf(path, "%s%s=", key == keys->child ? "" : ",", key->string);
        json_write(path, key);
    }
    buffer_append_char(path, ']');
}

/* Goes from live and desired to what the step names in them, and adds it to the path. False: it is
 * no step into a value. */
static bool take_step(struct search *search, const char *step, const cJSON **live,
                      const cJSON **desired)
{
    if (strncmp(step, "f:", 2) == 0) {
        buffer_printf(&search->path, ".%s", step + 2);
        *live = json_member(*live, step + 2);
        *desired = json_member(*desired, step + 2);
        return true;
    }
    bool by_keys = strncmp(step, "k:", 2) == 0;
    if (!by_keys && strncmp(step, "v:", 2) != 0) {
        return false; /* ".": the value itself; "i:": lists of that kind are owned whole */
    }
    cJSON *wanted = json_parse(step + 2, strlen(step + 2), "managedFields", NULL);
    if (wanted == NULL) {
        return false;
    }
    if (by_keys) {
        append_keys(&search->path, wanted);
    } else {
        buffer_append_string(&search->path, "[=");
        json_write(&search->path, wanted);
        buffer_append_char(&search->path, ']');
    }
    *live = find_element(*live, wanted, by_keys);
    *desired = find_element(*desired, wanted, by_keys);
    cJSON_Delete(wanted);
    return true;
}

/* --- The walk ----------------------------------------------------------------------------------
 */

static void add(struct search *search)
{
    search->found = xgrow(search->found, search->count, &search->capacity, sizeof(*search->found));
    search->found[search->count++] =
        (struct change_conflict){xstrdup(search->path.data), xstrdup(search->manager)};
}

static void walk(struct search *search, const cJSON *owned, const cJSON *live, const cJSON *desired)
{
    size_t length = search->path.length;
    const cJSON *item = NULL;
    cJSON_ArrayForEach(item, owned)
    {
        const cJSON *is = live;
        const cJSON *will_be = desired;
        bool differs = take_step(search, item->string, &is, &will_be) && is != NULL &&
                       !json_equal(is, will_be);
        bool whole = item->child == NULL || (will_be == NULL && json_member(item, ".") != NULL);
        if (differs && whole) {
            add(search);
        } else if (differs) {
            walk(search, item, is, will_be);
        }
        buffer_truncate(&search->path, length);
    }
}

/* kubectl keeps its own record under a manager of its own ("kubectl-last-applied"): whoever applies
 * renews it, and nobody minds. */
static bool is_ours(const char *manager)
{
    return strcmp(manager, "pullmend") == 0 || strcmp(manager, "kubectl-last-applied") == 0;
}

struct change_conflict *change_conflicts_find(const cJSON *live, const cJSON *desired,
                                              size_t *count)
{
    struct search search = {.found = NULL};
    const cJSON *entry = NULL;
    buffer_init(&search.path, PATH_LIMIT);
    cJSON_ArrayForEach(entry, json_list(json_object(live, "metadata"), "managedFields"))
    {
        search.manager = json_string_or(entry, "manager", "?");
        if (strcmp(json_string_or(entry, "operation", ""), "Apply") == 0 &&
            json_string_or(entry, "subresource", "")[0] == '\0' && !is_ours(search.manager)) {
            walk(&search, json_object(entry, "fieldsV1"), live, desired);
        }
    }
    buffer_free(&search.path);
    *count = search.count;
    return search.found;
}

void change_conflicts_free(struct change_conflict *conflicts, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        free(conflicts[i].field);
        free(conflicts[i].manager);
    }
    free(conflicts);
}
