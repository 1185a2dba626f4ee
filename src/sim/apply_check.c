#include "apply_check.h"

#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/buffer.h"
#include "doc/json.h"
#include "sim/fieldset.h"
#include "sim/go_print.h"
#include "sim/schema.h"

enum { TEXT_LIMIT = 256 * 1024, DOUBLES_SINCE_MINOR = 28, NAMED_SINCE_MINOR = 28 };

/* The first fault of a configuration against the schema: the text behind "failed to create typed
 * patch object (...): ". */
struct fault {
    struct buffer path;
    struct buffer text;
    bool old;
};

static bool check_value(struct fault *fault, const struct sim_schema *schema, const cJSON *value);

static bool expected(struct fault *fault, const char *what, const cJSON *value)
{
    buffer_printf(&fault->text, "%s: expected %s, got &{", fault->path.data, what);
    sim_go_print(&fault->text, value);
    buffer_append_char(&fault->text, '}');
    return false;
}

static bool check_object(struct fault *fault, const struct sim_schema *schema, const cJSON *value)
{
    if (!cJSON_IsObject(value)) {
        return expected(fault, "map", value);
    }
    size_t length = fault->path.length;
    for (const cJSON *member = value->child; member != NULL; member = member->next) {
        const struct sim_schema *field = sim_schema_field(schema, member->string);
        buffer_printf(&fault->path, ".%s", member->string);
        if (field == NULL) {
            buffer_printf(&fault->text, "%s: field not declared in schema", fault->path.data);
            return false;
        }
        if (!check_value(fault, field, member)) {
            return false;
        }
        buffer_truncate(&fault->path, length);
    }
    return true;
}

static bool is_double(const struct sim_schema *list, const cJSON *value, const cJSON *item)
{
    char *name = sim_fields_item_name(list, item);
    bool found = false;
    for (const cJSON *other = value->child; !found && other != item; other = other->next) {
        char *other_name = sim_fields_item_name(list, other);
        found = strcmp(name, other_name) == 0;
        free(other_name);
    }
    free(name);
    return found;
}

/* Before 1.28 an item had to bring its keys. */
static bool has_keys(struct fault *fault, const struct sim_schema *list, const cJSON *item,
                     size_t index)
{
    const char *keys = list->keys;
    while (*keys != '\0') {
        size_t length = strcspn(keys, ",");
        char *key = xstrndup(keys, length);
        bool there = json_member(item, key) != NULL || strcmp(key, "protocol") == 0;
        if (!there) {
            buffer_printf(&fault->text,
                          "%s: element %zu: associative list with keys has an element that omits "
                          "key field \"%s\" (and doesn't have default value)",
                          fault->path.data, index, key);
        }
        free(key);
        if (!there) {
            return false;
        }
        keys += length + (keys[length] == ',');
    }
    return true;
}

static bool check_list(struct fault *fault, const struct sim_schema *schema, const cJSON *value)
{
    if (!cJSON_IsArray(value)) {
        return expected(fault, "list", value);
    }
    size_t length = fault->path.length;
    size_t index = 0;
    for (const cJSON *item = value->child; item != NULL; item = item->next) {
        if (fault->old && !has_keys(fault, schema, item, index)) {
            return false;
        }
        if (schema->keys[0] != '\0' && is_double(schema, value, item)) {
            char *keys = sim_schema_item_text(schema, item);
            buffer_printf(&fault->text, "%s: duplicate entries for key %s", fault->path.data, keys);
            free(keys);
            return false;
        }
        if (schema->keys[0] != '\0') {
            char *keys = sim_schema_item_text(schema, item);
            buffer_append_string(&fault->path, keys);
            free(keys);
        } else {
            buffer_printf(&fault->path, "[%zu]", index);
        }
        index++;
        if (!check_value(fault, schema->element, item)) {
            return false;
        }
        buffer_truncate(&fault->path, length);
    }
    return true;
}

static bool check_value(struct fault *fault, const struct sim_schema *schema, const cJSON *value)
{
    if (cJSON_IsNull(value)) {
        return true;
    }
    switch (schema->kind) {
    case SIM_SCHEMA_TYPE:
    case SIM_SCHEMA_MAP:
        return check_object(fault, schema, value);
    case SIM_SCHEMA_LIST:
        return check_list(fault, schema, value);
    case SIM_SCHEMA_SCALAR:
        if (schema->scalar == 's' && !cJSON_IsString(value)) {
            return expected(fault, "string", value);
        }
        if (schema->scalar == 'i' && !cJSON_IsNumber(value)) {
            return expected(fault, "numeric (int or float)", value);
        }
        if (schema->scalar == 'b' && !cJSON_IsBool(value)) {
            return expected(fault, "boolean", value);
        }
        return true;
    case SIM_SCHEMA_ANY:
        return true;
    }
    return true;
}

static bool check_schema(const cJSON *config, const struct sim_patch_context *context,
                         struct sim_status *status)
{
    struct fault fault;
    char api_version[64];
    buffer_init(&fault.path, TEXT_LIMIT);
    buffer_init(&fault.text, TEXT_LIMIT);
    fault.old = context->minor < DOUBLES_SINCE_MINOR;
    bool fits =
        check_value(&fault, sim_schema_of_version(context->resource->kind, context->minor), config);
    if (!fits) {
        sim_resource_api_version(context->resource, api_version);
        bool named = context->minor >= NAMED_SINCE_MINOR;
        sim_status_internal(status, "failed to create typed patch object%s%s%s%s%s%s%s%s%s: %s",
                            named ? " (" : "", named ? context->ns : "",
                            named && context->ns[0] != '\0' ? "/" : "", named ? context->name : "",
                            named ? "; " : "", named ? api_version : "", named ? ", Kind=" : "",
                            named ? context->resource->kind : "", named ? ")" : "",
                            fault.text.data);
    }
    buffer_free(&fault.path);
    buffer_free(&fault.text);
    return fits;
}

/* "apps/v1" is group and version, "v1" has a slash in front. */
static bool refuse_type(const struct sim_patch_context *context, const char *api_version,
                        const char *kind, struct sim_status *status)
{
    char expected_version[64];
    sim_resource_api_version(context->resource, expected_version);
    if (context->minor < NAMED_SINCE_MINOR) {
        return sim_status_bad_request(status,
                                      "Incorrect version specified in apply patch. Specified patch "
                                      "version: %s, expected: %s",
                                      api_version, expected_version);
    }
    return sim_status_bad_request(status, "invalid object type: %s%s, Kind=%s",
                                  strchr(api_version, '/') == NULL ? "/" : "", api_version, kind);
}

/* Servers before 1.28 cannot apply onto an object that has a key twice. */
static bool check_live(const cJSON *live, const struct sim_patch_context *context,
                       struct sim_status *status)
{
    char *path = NULL;
    char *key = NULL;
    char api_version[64];
    if (live == NULL || context->minor >= DOUBLES_SINCE_MINOR ||
        !sim_schema_double(sim_schema_of_version(context->resource->kind, context->minor), live,
                           &path, &key)) {
        return true;
    }
    sim_resource_api_version(context->resource, api_version);
    sim_status_internal(status,
                        "failed to create manager for existing fields: failed to convert new "
                        "object (%s, Kind=%s) to smd typed: %s: duplicate entries for key %s",
                        api_version, context->resource->kind, path, key);
    free(path);
    free(key);
    return false;
}

bool sim_apply_check(const cJSON *live, const cJSON *config,
                     const struct sim_patch_context *context, struct sim_status *status)
{
    char expected_version[64];
    const char *api_version = json_string_or(config, "apiVersion", "");
    const char *kind = json_string_or(config, "kind", "");
    sim_resource_api_version(context->resource, expected_version);
    if (strcmp(api_version, expected_version) != 0 || strcmp(kind, context->resource->kind) != 0) {
        return refuse_type(context, api_version, kind, status);
    }
    const cJSON *metadata = json_member(config, "metadata");
    if (json_member(metadata, "managedFields") != NULL) {
        return sim_status_bad_request(status, "metadata.managedFields must be nil");
    }
    const char *name = json_string_or(metadata, "name", context->name);
    if (strcmp(name, context->name) != 0) {
        return sim_status_bad_request(status,
                                      "the name of the object (%s) does not match the name on the "
                                      "URL (%s)",
                                      name, context->name);
    }
    const char *uid = json_string(metadata, "uid");
    if (live == NULL && uid != NULL) {
        return sim_status_conflict(status, context->resource, context->name,
                                   "uid mismatch: the provided object specified uid %s, and no "
                                   "existing object was found",
                                   uid);
    }
    return check_schema(config, context, status) && check_live(live, context, status);
}
