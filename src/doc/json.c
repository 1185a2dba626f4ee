#include "doc/json.h"

#include <math.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/secret.h"

/* cJSON allocates by the house's rule too: a tree is never cut short for want of memory. */
__attribute__((constructor)) static void use_house_allocator(void)
{
    cJSON_Hooks hooks = {xmalloc, free};
    cJSON_InitHooks(&hooks);
}

cJSON *json_member(const cJSON *object, const char *name)
{
    return cJSON_IsObject(object) ? cJSON_GetObjectItemCaseSensitive(object, name) : NULL;
}

cJSON *json_at(const cJSON *root, ...)
{
    va_list names;
    va_start(names, root);
    const cJSON *at = root;
    const char *name;
    while (at != NULL && (name = va_arg(names, const char *)) != NULL) {
        at = json_member(at, name);
    }
    va_end(names);
    return (cJSON *)at;
}

const char *json_string(const cJSON *object, const char *name)
{
    const cJSON *member = json_member(object, name);
    return cJSON_IsString(member) ? member->valuestring : NULL;
}

const char *json_string_or(const cJSON *object, const char *name, const char *fallback)
{
    const char *text = json_string(object, name);
    return text == NULL ? fallback : text;
}

int64_t json_int(const cJSON *object, const char *name, int64_t fallback)
{
    const cJSON *member = json_member(object, name);
    if (!cJSON_IsNumber(member) || isnan(member->valuedouble)) {
        return fallback;
    }
    /* 2^63 is the first double that does not fit. */
    if (member->valuedouble >= 9223372036854775808.0) {
        return INT64_MAX;
    }
    if (member->valuedouble < -9223372036854775808.0) {
        return INT64_MIN;
    }
    return (int64_t)member->valuedouble;
}

bool json_bool(const cJSON *object, const char *name, bool fallback)
{
    const cJSON *member = json_member(object, name);
    return cJSON_IsBool(member) ? cJSON_IsTrue(member) : fallback;
}

cJSON *json_list(const cJSON *object, const char *name)
{
    cJSON *member = json_member(object, name);
    return cJSON_IsArray(member) ? member : NULL;
}

cJSON *json_object(const cJSON *object, const char *name)
{
    cJSON *member = json_member(object, name);
    return cJSON_IsObject(member) ? member : NULL;
}

void json_set(cJSON *object, const char *name, cJSON *value)
{
    if (!cJSON_IsObject(object) || value == NULL) {
        cJSON_Delete(value);
        return;
    }
    if (json_member(object, name) != NULL) {
        cJSON_ReplaceItemInObjectCaseSensitive(object, name, value);
    } else {
        cJSON_AddItemToObject(object, name, value);
    }
}

void json_set_string(cJSON *object, const char *name, const char *value)
{
    json_set(object, name, cJSON_CreateString(value));
}

void json_remove(cJSON *object, const char *name)
{
    while (json_member(object, name) != NULL) {
        cJSON_DeleteItemFromObjectCaseSensitive(object, name);
    }
}

cJSON *json_need_object(cJSON *object, const char *name)
{
    const cJSON *member = json_member(object, name);
    if (member == NULL || cJSON_IsNull(member)) {
        json_set(object, name, cJSON_CreateObject());
    }
    return json_object(object, name);
}

cJSON *json_need_list(cJSON *object, const char *name)
{
    const cJSON *member = json_member(object, name);
    if (member == NULL || cJSON_IsNull(member)) {
        json_set(object, name, cJSON_CreateArray());
    }
    return json_list(object, name);
}

static bool lists_equal(const cJSON *a, const cJSON *b)
{
    const cJSON *left = a->child;
    const cJSON *right = b->child;
    while (left != NULL && right != NULL && json_equal(left, right)) {
        left = left->next;
        right = right->next;
    }
    return left == NULL && right == NULL;
}

static bool objects_equal(const cJSON *a, const cJSON *b)
{
    if (cJSON_GetArraySize(a) != cJSON_GetArraySize(b)) {
        return false;
    }
    const cJSON *right = b->child; /* the orders mostly agree, which saves the search */
    for (const cJSON *left = a->child; left != NULL; left = left->next) {
        const cJSON *other =
            strcmp(left->string, right->string) == 0 ? right : json_member(b, left->string);
        if (other == NULL || !json_equal(left, other)) {
            return false;
        }
        right = right->next;
    }
    return true;
}

bool json_equal(const cJSON *a, const cJSON *b)
{
    if (a == NULL || b == NULL) {
        return a == b;
    }
    if ((a->type & 0xFF) != (b->type & 0xFF)) {
        return false;
    }
    switch (a->type & 0xFF) {
    case cJSON_Number:
        return a->valuedouble == b->valuedouble;
    case cJSON_String:
    case cJSON_Raw:
        return strcmp(a->valuestring, b->valuestring) == 0;
    case cJSON_Array:
        return lists_equal(a, b);
    case cJSON_Object:
        return objects_equal(a, b);
    default:
        return true;
    }
}

static void wipe_strings(cJSON *value)
{
    for (; value != NULL; value = value->next) {
        bool owned = (value->type & cJSON_IsReference) == 0;
        if (owned && value->valuestring != NULL) {
            secret_wipe(value->valuestring, strlen(value->valuestring));
        }
        if (value->string != NULL && (value->type & cJSON_StringIsConst) == 0) {
            secret_wipe(value->string, strlen(value->string));
        }
        if (owned) {
            wipe_strings(value->child);
        }
    }
}

void json_delete_secret(cJSON *value)
{
    if (value != NULL) {
        wipe_strings(value->child);
        if (value->valuestring != NULL && (value->type & cJSON_IsReference) == 0) {
            secret_wipe(value->valuestring, strlen(value->valuestring));
        }
    }
    cJSON_Delete(value);
}
