#include "change/json_patch.h"

#include <string.h>

#include "base/text.h"
#include "doc/json.h"
#include "doc/pointer.h"

#define POINTER_LIMIT ((size_t)64 << 20) /* longer than an object can be */

static void add_operation(cJSON *patch, const char *op, const char *path, const cJSON *value)
{
    cJSON *operation = cJSON_CreateObject();
    cJSON_AddStringToObject(operation, "op", op);
    cJSON_AddStringToObject(operation, "path", path);
    if (value != NULL) {
        cJSON_AddItemToObject(operation, "value", cJSON_Duplicate(value, true));
    }
    cJSON_AddItemToArray(patch, operation);
}

static void diff_values(cJSON *patch, struct buffer *path, const cJSON *before, const cJSON *after);

static bool is_guarded_list(const char *path)
{
    return text_ends_with(path, "/imagePullSecrets");
}

static void replace_value(cJSON *patch, const char *path, const cJSON *before, const cJSON *after)
{
    if (is_guarded_list(path)) {
        add_operation(patch, "test", path, before);
    }
    add_operation(patch, after == NULL ? "remove" : "replace", path, after);
}

static void diff_members(cJSON *patch, struct buffer *path, const cJSON *before, const cJSON *after)
{
    const cJSON *item = NULL;
    size_t length = path->length;
    cJSON_ArrayForEach(item, before)
    {
        const cJSON *now = json_member(after, item->string);
        pointer_append(path, item->string);
        if (now == NULL) {
            replace_value(patch, path->data, item, NULL);
        } else {
            diff_values(patch, path, item, now);
        }
        buffer_truncate(path, length);
    }
    cJSON_ArrayForEach(item, after)
    {
        if (json_member(before, item->string) == NULL) {
            pointer_append(path, item->string);
            add_operation(patch, "add", path->data, item);
            buffer_truncate(path, length);
        }
    }
}

/* Elements that both share in front and at the end stay; those between are compared by place. */
static void diff_elements(cJSON *patch, struct buffer *path, const cJSON *before,
                          const cJSON *after)
{
    int old_count = cJSON_GetArraySize(before);
    int new_count = cJSON_GetArraySize(after);
    int least = old_count < new_count ? old_count : new_count;
    int front = 0;
    while (front < least &&
           json_equal(cJSON_GetArrayItem(before, front), cJSON_GetArrayItem(after, front))) {
        front++;
    }
    int back = 0;
    while (back < least - front && json_equal(cJSON_GetArrayItem(before, old_count - 1 - back),
                                              cJSON_GetArrayItem(after, new_count - 1 - back))) {
        back++;
    }
    size_t length = path->length;
    int both = least - front - back;
    for (int i = front; i < front + both; i++) {
        pointer_append_index(path, (size_t)i);
        diff_values(patch, path, cJSON_GetArrayItem(before, i), cJSON_GetArrayItem(after, i));
        buffer_truncate(path, length);
    }
    /* From the end, so that the places in front keep their numbers. */
    for (int i = old_count - back - 1; i >= front + both; i--) {
        pointer_append_index(path, (size_t)i);
        add_operation(patch, "remove", path->data, NULL);
        buffer_truncate(path, length);
    }
    for (int i = front + both; i < new_count - back; i++) {
        pointer_append_index(path, (size_t)i);
        add_operation(patch, "add", path->data, cJSON_GetArrayItem(after, i));
        buffer_truncate(path, length);
    }
}

static void diff_values(cJSON *patch, struct buffer *path, const cJSON *before, const cJSON *after)
{
    if (json_equal(before, after)) {
        return;
    }
    if (cJSON_IsObject(before) && cJSON_IsObject(after)) {
        diff_members(patch, path, before, after);
    } else if (cJSON_IsArray(before) && cJSON_IsArray(after) && !is_guarded_list(path->data)) {
        diff_elements(patch, path, before, after);
    } else {
        replace_value(patch, path->data, before, after);
    }
}

cJSON *change_json_patch(const cJSON *before, const cJSON *after)
{
    cJSON *patch = cJSON_CreateArray();
    struct buffer path;
    buffer_init(&path, POINTER_LIMIT);
    diff_values(patch, &path, before, after);
    buffer_free(&path);
    return patch;
}

static void put_test_in_front(cJSON *patch, const char *path, const char *value)
{
    if (value == NULL) {
        return;
    }
    cJSON *operation = cJSON_CreateObject();
    cJSON_AddStringToObject(operation, "op", "test");
    cJSON_AddStringToObject(operation, "path", path);
    cJSON_AddStringToObject(operation, "value", value);
    cJSON_InsertItemInArray(patch, 0, operation);
}

void change_json_patch_guard(cJSON *patch, const char *uid, const char *resource_version)
{
    put_test_in_front(patch, "/metadata/resourceVersion", resource_version);
    put_test_in_front(patch, "/metadata/uid", uid);
}

bool change_json_patch_writes(const cJSON *patch)
{
    const cJSON *operation = NULL;
    cJSON_ArrayForEach(operation, patch)
    {
        if (strcmp(json_string_or(operation, "op", ""), "test") != 0) {
            return true;
        }
    }
    return false;
}
