#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "doc/json.h"
#include "sim/patch_types.h"

/* RFC 6902 with the habits of the library that API servers use: replace of an absent member adds
 * it, a test for null passes on an absent one, indexes may count from the end. */

enum { MAX_TOKENS = 128 };

struct pointer {
    char *tokens[MAX_TOKENS];
    size_t count;
};

static void pointer_clear(struct pointer *pointer)
{
    for (size_t i = 0; i < pointer->count; i++) {
        free(pointer->tokens[i]);
    }
    pointer->count = 0;
}

/* ~1 is a slash, ~0 a tilde. */
static char *unescape(const char *text, size_t length)
{
    char *out = xmalloc(length + 1);
    size_t used = 0;
    for (size_t i = 0; i < length; i++) {
        if (text[i] == '~' && i + 1 < length && (text[i + 1] == '0' || text[i + 1] == '1')) {
            out[used++] = text[i + 1] == '1' ? '/' : '~';
            i++;
        } else {
            out[used++] = text[i];
        }
    }
    out[used] = '\0';
    return out;
}

static bool pointer_parse(const char *text, struct pointer *out)
{
    out->count = 0;
    if (text == NULL || text[0] != '/') {
        return false;
    }
    while (*text == '/') {
        text++;
        size_t length = strcspn(text, "/");
        if (out->count == MAX_TOKENS) {
            pointer_clear(out);
            return false;
        }
        out->tokens[out->count++] = unescape(text, length);
        text += length;
    }
    return true;
}

/* An index into a list of that length: "-" (length itself), 0…, or -1 for the last one. */
static bool parse_index(const char *token, int length, bool for_add, int *out)
{
    if (strcmp(token, "-") == 0) {
        *out = length;
        return for_add;
    }
    char *end = NULL;
    long value = strtol(token, &end, 10);
    if (end == token || *end != '\0') {
        return false;
    }
    long limit = for_add ? length : length - 1;
    if (value < 0) {
        value += for_add ? length + 1 : length;
    }
    if (value < 0 || value > limit) {
        return false;
    }
    *out = (int)value;
    return true;
}

static cJSON *child_of(cJSON *container, const char *token)
{
    if (cJSON_IsArray(container)) {
        int index = 0;
        return parse_index(token, cJSON_GetArraySize(container), false, &index)
                   ? cJSON_GetArrayItem(container, index)
                   : NULL;
    }
    return json_member(container, token);
}

/* The object or list that holds the last token; NULL if the way there is missing. */
static cJSON *find_container(cJSON *document, const struct pointer *pointer)
{
    cJSON *at = document;
    for (size_t i = 0; at != NULL && i + 1 < pointer->count; i++) {
        at = child_of(at, pointer->tokens[i]);
    }
    return cJSON_IsArray(at) || cJSON_IsObject(at) ? at : NULL;
}

static const char *last_token(const struct pointer *pointer)
{
    return pointer->tokens[pointer->count - 1];
}

/* cJSON_InsertItemInArray() loses items put between two others up to 1.7.15: those behind the place
 * are taken out and come back after the new one. */
static void insert_value(cJSON *list, int index, cJSON *value)
{
    cJSON *behind = cJSON_CreateArray();
    while (cJSON_GetArraySize(list) > index) {
        cJSON_AddItemToArray(behind, cJSON_DetachItemFromArray(list, index));
    }
    cJSON_AddItemToArray(list, value);
    while (behind->child != NULL) {
        cJSON_AddItemToArray(list, cJSON_DetachItemFromArray(behind, 0));
    }
    cJSON_Delete(behind);
}

/* Takes over value. */
static bool add_value(cJSON *document, const struct pointer *pointer, cJSON *value)
{
    cJSON *container = find_container(document, pointer);
    int index = 0;
    if (cJSON_IsObject(container)) {
        json_set(container, last_token(pointer), value);
        return true;
    }
    if (cJSON_IsArray(container) &&
        parse_index(last_token(pointer), cJSON_GetArraySize(container), true, &index)) {
        insert_value(container, index, value);
        return true;
    }
    cJSON_Delete(value);
    return false;
}

/* Takes over value. */
static bool replace_value(cJSON *document, const struct pointer *pointer, cJSON *value)
{
    cJSON *container = find_container(document, pointer);
    int index = 0;
    if (cJSON_IsObject(container)) {
        json_set(container, last_token(pointer), value);
        return true;
    }
    if (cJSON_IsArray(container) &&
        parse_index(last_token(pointer), cJSON_GetArraySize(container), false, &index)) {
        cJSON_ReplaceItemInArray(container, index, value);
        return true;
    }
    cJSON_Delete(value);
    return false;
}

static cJSON *detach_value(cJSON *document, const struct pointer *pointer)
{
    cJSON *container = find_container(document, pointer);
    cJSON *target = container == NULL ? NULL : child_of(container, last_token(pointer));
    return target == NULL ? NULL : cJSON_DetachItemViaPointer(container, target);
}

static bool test_value(cJSON *document, const struct pointer *pointer, const cJSON *expected)
{
    cJSON *container = find_container(document, pointer);
    if (container == NULL) {
        return false;
    }
    const cJSON *actual = child_of(container, last_token(pointer));
    if (actual == NULL || cJSON_IsNull(actual)) {
        return (actual != NULL || !cJSON_IsArray(container)) &&
               (expected == NULL || cJSON_IsNull(expected));
    }
    return expected != NULL && json_equal(actual, expected);
}

static cJSON *copy_value(cJSON *document, const struct pointer *from)
{
    cJSON *container = find_container(document, from);
    const cJSON *source = container == NULL ? NULL : child_of(container, last_token(from));
    return source == NULL ? NULL : cJSON_Duplicate(source, true);
}

static bool run_two_pointers(cJSON *document, const char *op, const struct pointer *path,
                             const cJSON *operation)
{
    struct pointer from;
    if (!pointer_parse(json_string(operation, "from"), &from)) {
        return false;
    }
    cJSON *value =
        strcmp(op, "move") == 0 ? detach_value(document, &from) : copy_value(document, &from);
    pointer_clear(&from);
    return value != NULL && add_value(document, path, value);
}

static bool run_operation(cJSON *document, const cJSON *operation)
{
    struct pointer path;
    const char *op = json_string(operation, "op");
    if (op == NULL || !pointer_parse(json_string(operation, "path"), &path)) {
        return false;
    }
    const cJSON *value = json_member(operation, "value");
    bool done = false;
    if (strcmp(op, "test") == 0) {
        done = test_value(document, &path, value);
    } else if (strcmp(op, "add") == 0 && value != NULL) {
        done = add_value(document, &path, cJSON_Duplicate(value, true));
    } else if (strcmp(op, "replace") == 0 && value != NULL) {
        done = replace_value(document, &path, cJSON_Duplicate(value, true));
    } else if (strcmp(op, "remove") == 0) {
        cJSON *gone = detach_value(document, &path);
        done = gone != NULL;
        cJSON_Delete(gone);
    } else if (strcmp(op, "move") == 0 || strcmp(op, "copy") == 0) {
        done = run_two_pointers(document, op, &path, operation);
    }
    pointer_clear(&path);
    return done;
}

bool sim_patch_json(cJSON *document, const cJSON *patch, int minor, struct sim_status *status)
{
    if (!cJSON_IsArray(patch)) {
        return sim_status_bad_request(
            status, "%sjson: cannot unmarshal %s into Go value of type %s",
            minor < 28 ? "" : "error decoding patch: ", sim_patch_type_word(patch),
            minor < 28 ? "jsonpatch.Patch" : "[]handlers.jsonPatchOp");
    }
    const cJSON *operation = NULL;
    cJSON_ArrayForEach(operation, patch)
    {
        if (!run_operation(document, operation)) {
            return sim_status_unprocessable(status);
        }
    }
    return true;
}
