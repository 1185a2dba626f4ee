#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/buffer.h"
#include "base/text.h"
#include "doc/json.h"
#include "sim/go_print.h"
#include "sim/patch_types.h"
#include "sim/schema.h"
#include "strategic_list.h"

/* Strategic merge: objects are merged, lists by the merge keys of the schema, with directives. */

enum { MESSAGE_LIMIT = 256 * 1024 };

static const char order_prefix[] = "$setElementOrder/";
static const char primitive_prefix[] = "$deleteFromPrimitiveList/";

bool sim_strategic_fail(struct sim_status *status, const char *before, const cJSON *value,
                        const char *after)
{
    struct buffer text;
    buffer_init(&text, MESSAGE_LIMIT);
    sim_go_print(&text, value);
    sim_status_internal(status, "%s%s%s", before, text.data, after);
    buffer_free(&text);
    return false;
}

/* A value that has nothing to be merged with: without nulls and directives. */
static cJSON *without_directives(const cJSON *value)
{
    if (!cJSON_IsObject(value) && !cJSON_IsArray(value)) {
        return cJSON_Duplicate(value, true);
    }
    cJSON *copy = cJSON_IsArray(value) ? cJSON_CreateArray() : cJSON_CreateObject();
    for (const cJSON *child = value->child; child != NULL; child = child->next) {
        if (cJSON_IsArray(value)) {
            if (json_member(child, "$patch") == NULL) {
                cJSON_AddItemToArray(copy, without_directives(child));
            }
        } else if (child->string[0] != '$' && !cJSON_IsNull(child)) {
            cJSON_AddItemToObject(copy, child->string, without_directives(child));
        }
    }
    return copy;
}

/* $retainKeys: what it does not name goes. */
static void retain_keys(cJSON *target, const cJSON *keys)
{
    cJSON *member = target->child;
    while (member != NULL) {
        cJSON *next = member->next;
        bool kept = false;
        const cJSON *key = NULL;
        cJSON_ArrayForEach(key, keys)
        {
            kept = kept || (cJSON_IsString(key) && strcmp(key->valuestring, member->string) == 0);
        }
        if (!kept) {
            cJSON_Delete(cJSON_DetachItemViaPointer(target, member));
        }
        member = next;
    }
}

static void delete_primitives(cJSON *list, const cJSON *values)
{
    const cJSON *value = NULL;
    cJSON_ArrayForEach(value, values)
    {
        cJSON *item = list == NULL ? NULL : list->child;
        while (item != NULL) {
            cJSON *next = item->next;
            if (json_equal(item, value)) {
                cJSON_Delete(cJSON_DetachItemViaPointer(list, item));
            }
            item = next;
        }
    }
}

static bool merge_member(cJSON *target, const cJSON *patch, const cJSON *change,
                         const struct sim_schema *field, struct sim_status *status)
{
    cJSON *present = json_member(target, change->string);
    if (cJSON_IsNull(change)) {
        json_remove(target, change->string);
        return true;
    }
    if (present == NULL || cJSON_IsNull(present)) {
        bool merges = field != NULL && field->merges;
        bool plain = cJSON_IsArray(change) && !merges;
        json_set(target, change->string,
                 plain ? cJSON_Duplicate(change, true) : without_directives(change));
        return true;
    }
    if (cJSON_IsObject(change) && cJSON_IsObject(present)) {
        return sim_strategic_object(present, change, field, status);
    }
    if (cJSON_IsArray(change) && cJSON_IsArray(present) && field != NULL && field->merges) {
        char *name = xasprintf("%s%s", order_prefix, change->string);
        const cJSON *order = json_list(patch, name);
        free(name);
        return sim_strategic_list(present, change, order, field, status);
    }
    json_set(target, change->string, cJSON_Duplicate(change, true));
    return true;
}

/* $setElementOrder for a list that the patch does not change otherwise, and primitive deletes. */
static bool run_directive(cJSON *target, const cJSON *patch, const cJSON *change,
                          const struct sim_schema *schema, struct sim_status *status)
{
    if (text_starts_with(change->string, primitive_prefix)) {
        const char *name = change->string + strlen(primitive_prefix);
        delete_primitives(json_list(target, name), change);
        return true;
    }
    if (text_starts_with(change->string, order_prefix)) {
        const char *name = change->string + strlen(order_prefix);
        const struct sim_schema *field = sim_schema_field(schema, name);
        cJSON *present = json_list(target, name);
        if (json_member(patch, name) == NULL && present != NULL && field != NULL && field->merges) {
            return sim_strategic_list(present, NULL, change, field, status);
        }
    }
    return true;
}

bool sim_strategic_object(cJSON *target, const cJSON *patch, const struct sim_schema *schema,
                          struct sim_status *status)
{
    const cJSON *directive = json_member(patch, "$patch");
    if (directive != NULL) {
        const char *word = cJSON_IsString(directive) ? directive->valuestring : "";
        bool replace = strcmp(word, "replace") == 0;
        if (!replace && strcmp(word, "delete") != 0 && strcmp(word, "merge") != 0) {
            char *before = xasprintf("unknown patch type: %s in map: ", word);
            sim_strategic_fail(status, before, patch, "");
            free(before);
            return false;
        }
        if (strcmp(word, "merge") != 0) {
            while (target->child != NULL) {
                cJSON_Delete(cJSON_DetachItemViaPointer(target, target->child));
            }
            if (!replace) {
                return true;
            }
        }
    }
    const cJSON *retained = json_list(patch, "$retainKeys");
    if (retained != NULL) {
        retain_keys(target, retained);
    }
    const cJSON *change = NULL;
    cJSON_ArrayForEach(change, patch)
    {
        bool done = change->string[0] == '$'
                        ? run_directive(target, patch, change, schema, status)
                        : merge_member(target, patch, change,
                                       sim_schema_field(schema, change->string), status);
        if (!done) {
            return false;
        }
    }
    return true;
}

/* The first value whose shape cannot be the field's, in the words of the API's converter. */
static const char *find_misfit(const cJSON *patch, const struct sim_schema *schema)
{
    const cJSON *member = NULL;
    if (!cJSON_IsObject(patch)) {
        return NULL;
    }
    cJSON_ArrayForEach(member, patch)
    {
        const struct sim_schema *field = sim_schema_field(schema, member->string);
        if (field == NULL || cJSON_IsNull(member)) {
            continue;
        }
        bool scalar = !cJSON_IsObject(member) && !cJSON_IsArray(member);
        if (field->kind == SIM_SCHEMA_LIST && !cJSON_IsArray(member)) {
            return scalar ? "cannot restore slice from string" : "cannot restore slice from map";
        }
        if (field->kind == SIM_SCHEMA_TYPE && !cJSON_IsObject(member)) {
            return scalar ? "cannot restore struct from: string"
                          : "cannot restore struct from: slice";
        }
        const char *inside = field->kind == SIM_SCHEMA_TYPE ? find_misfit(member, field) : NULL;
        if (inside != NULL) {
            return inside;
        }
    }
    return NULL;
}

static bool refuse_misfit(struct sim_status *status, const cJSON *patch, const char *why)
{
    struct buffer text;
    buffer_init(&text, MESSAGE_LIMIT);
    sim_go_print(&text, patch);
    char *message = xasprintf("Invalid value: \"%s\": %s", text.data, why);
    buffer_free(&text);
    sim_patch_invalid(status, message);
    free(message);
    return false;
}

bool sim_patch_strategic(cJSON *document, const cJSON *patch, const char *kind,
                         struct sim_status *status)
{
    if (!cJSON_IsObject(patch)) {
        return sim_status_bad_request(status,
                                      "json: cannot unmarshal %s into Go value of type "
                                      "map[string]interface {}",
                                      sim_patch_type_word(patch));
    }
    const struct sim_schema *schema = sim_schema_of_kind(kind);
    const char *misfit = find_misfit(patch, schema);
    if (misfit != NULL) {
        return refuse_misfit(status, patch, misfit);
    }
    return sim_strategic_object(document, patch, schema, status);
}
