#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "doc/json.h"
#include "sim/patch_types.h"

const char *sim_patch_type_word(const cJSON *value)
{
    if (cJSON_IsObject(value)) {
        return "object";
    }
    if (cJSON_IsArray(value)) {
        return "array";
    }
    if (cJSON_IsString(value)) {
        return "string";
    }
    if (cJSON_IsNumber(value)) {
        return "number";
    }
    return cJSON_IsBool(value) ? "bool" : "null";
}

static void strip_nulls(cJSON *object)
{
    cJSON *member = object->child;
    while (member != NULL) {
        cJSON *next = member->next;
        if (cJSON_IsNull(member)) {
            cJSON_Delete(cJSON_DetachItemViaPointer(object, member));
        } else if (cJSON_IsObject(member)) {
            strip_nulls(member);
        }
        member = next;
    }
}

static void merge_object(cJSON *target, const cJSON *patch)
{
    const cJSON *change = NULL;
    cJSON_ArrayForEach(change, patch)
    {
        cJSON *present = json_member(target, change->string);
        if (cJSON_IsNull(change)) {
            json_remove(target, change->string);
        } else if (cJSON_IsObject(change) && cJSON_IsObject(present)) {
            merge_object(present, change);
        } else {
            cJSON *value = cJSON_Duplicate(change, true);
            if (cJSON_IsObject(value)) {
                strip_nulls(value);
            }
            json_set(target, change->string, value);
        }
    }
}

bool sim_patch_invalid(struct sim_status *status, const char *message)
{
    sim_status_set(status, 422, "Invalid", " \"\" is invalid: patch: %s", message);
    cJSON *cause = cJSON_CreateObject();
    cJSON_AddStringToObject(cause, "reason", "FieldValueInvalid");
    cJSON_AddStringToObject(cause, "message", message);
    cJSON_AddStringToObject(cause, "field", "patch");
    status->details = cJSON_CreateObject();
    cJSON_AddItemToArray(cJSON_AddArrayToObject(status->details, "causes"), cause);
    return false;
}

static bool refuse_old(const cJSON *patch, struct sim_status *status)
{
    char *text = cJSON_PrintUnformatted(patch);
    char *message = xasprintf(
        "Invalid value: \"%s\": couldn't get version/kind; json parse error: json: cannot "
        "unmarshal "
        "%s into Go value of type struct { APIVersion string \"json:\\\"apiVersion,omitempty\\\"\""
        "; Kind string \"json:\\\"kind,omitempty\\\"\" }",
        text, sim_patch_type_word(patch));
    cJSON_free(text);
    sim_patch_invalid(status, message);
    free(message);
    return false;
}

bool sim_patch_merge(cJSON *document, const cJSON *patch, int minor, struct sim_status *status)
{
    if (!cJSON_IsObject(patch) && minor < 28) {
        return refuse_old(patch, status);
    }
    if (!cJSON_IsObject(patch)) {
        return sim_status_bad_request(status,
                                      "error decoding patch: json: cannot unmarshal %s into Go "
                                      "value of type map[string]interface {}",
                                      sim_patch_type_word(patch));
    }
    merge_object(document, patch);
    return true;
}
