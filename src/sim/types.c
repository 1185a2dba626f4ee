#include "types.h"

#include <stdio.h>
#include <string.h>

#include "base/buffer.h"
#include "base/text.h"
#include "sim/schema.h"

enum { PATH_LIMIT = 4096 };

struct check {
    const struct sim_resource *resource;
    struct buffer path;
    char *why;
};

static const char *json_type(const cJSON *value)
{
    return cJSON_IsString(value)   ? "string"
           : cJSON_IsNumber(value) ? "number"
           : cJSON_IsBool(value)   ? "bool"
           : cJSON_IsArray(value)  ? "array"
                                   : "object";
}

/* Go's name for what a field wanted; types that messages meet most by their own names. */
static void go_type(const struct sim_schema *schema, const char *field, char out[96])
{
    static const char *const names[][2] = {
        {"imagePullSecrets", "[]v1.LocalObjectReference"},
        {"containers", "[]v1.Container"},
        {"initContainers", "[]v1.Container"},
        {"volumes", "[]v1.Volume"},
        {"metadata", "v1.ObjectMeta"},
        {"labels", "map[string]string"},
        {"annotations", "map[string]string"},
        {"matchLabels", "map[string]string"},
        {"selector", "v1.LabelSelector"},
        {"template", "v1.PodTemplateSpec"},
    };
    for (size_t i = 0; i < ARRAY_LENGTH(names); i++) {
        if (strcmp(names[i][0], field) == 0) {
            snprintf(out, 96, "%s", names[i][1]);
            return;
        }
    }
    if (schema->kind == SIM_SCHEMA_SCALAR) {
        snprintf(out, 96, "%s",
                 schema->scalar == 'i'   ? "int32"
                 : schema->scalar == 'b' ? "bool"
                                         : "string");
        return;
    }
    char name[64];
    snprintf(name, sizeof(name), "%s", field);
    name[0] = (char)(name[0] >= 'a' && name[0] <= 'z' ? name[0] - 'a' + 'A' : name[0]);
    const char *before = schema->kind == SIM_SCHEMA_LIST  ? "[]v1."
                         : schema->kind == SIM_SCHEMA_MAP ? "map[string]"
                                                          : "v1.";
    snprintf(out, 96, "%s%s", before, schema->kind == SIM_SCHEMA_MAP ? "string" : name);
}

/* The struct that the field belongs to. */
static const char *parent(const struct check *check)
{
    if (strstr(check->path.data, "containers") != NULL) {
        return "Container";
    }
    if (strstr(check->path.data, "template.spec.") != NULL ||
        (check->resource == sim_pods() && text_starts_with(check->path.data, "spec."))) {
        return "PodSpec";
    }
    if (strstr(check->path.data, "metadata.") != NULL) {
        return "ObjectMeta";
    }
    return check->resource->kind;
}

static bool refuse(struct check *check, const struct sim_schema *schema, const cJSON *value)
{
    char type[96];
    const char *dot = strrchr(check->path.data, '.');
    go_type(schema, dot != NULL ? dot + 1 : check->path.data, type);
    snprintf(check->why, SIM_TYPES_WHY,
             "json: cannot unmarshal %s into Go struct field %s.%s of type %s", json_type(value),
             parent(check), check->path.data, type);
    return false;
}

static bool scalar_fits(const struct sim_schema *schema, const cJSON *value)
{
    switch (schema->scalar) {
    case 's':
        return cJSON_IsString(value);
    case 'i':
        return cJSON_IsNumber(value);
    case 'b':
        return cJSON_IsBool(value);
    default:
        return cJSON_IsString(value) || cJSON_IsNumber(value);
    }
}

static bool fits(struct check *check, const struct sim_schema *schema, const cJSON *value);

static bool members_fit(struct check *check, const struct sim_schema *schema, const cJSON *value)
{
    size_t length = check->path.length;
    const cJSON *member;
    cJSON_ArrayForEach(member, value)
    {
        const struct sim_schema *own = schema->kind == SIM_SCHEMA_TYPE
                                           ? sim_schema_field(schema, member->string)
                                           : schema->element;
        if (own == NULL) {
            continue;
        }
        if (schema->kind == SIM_SCHEMA_TYPE) {
            buffer_printf(&check->path, "%s%s", length > 0 ? "." : "", member->string);
        }
        bool ok = fits(check, own, member);
        if (!ok) {
            return false;
        }
        buffer_truncate(&check->path, length);
    }
    return true;
}

static bool fits(struct check *check, const struct sim_schema *schema, const cJSON *value)
{
    if (cJSON_IsNull(value)) {
        return true;
    }
    switch (schema->kind) {
    case SIM_SCHEMA_SCALAR:
        return scalar_fits(schema, value) || refuse(check, schema, value);
    case SIM_SCHEMA_TYPE:
    case SIM_SCHEMA_MAP:
        return cJSON_IsObject(value) ? members_fit(check, schema, value)
                                     : refuse(check, schema, value);
    case SIM_SCHEMA_LIST:
        return cJSON_IsArray(value) ? members_fit(check, schema, value)
                                    : refuse(check, schema, value);
    case SIM_SCHEMA_ANY:
        break;
    }
    return true;
}

bool sim_types_fit(const struct sim_resource *resource, const cJSON *body, char why[SIM_TYPES_WHY])
{
    struct check check = {.resource = resource, .why = why};
    buffer_init(&check.path, PATH_LIMIT);
    buffer_append_string(&check.path, "");
    why[0] = '\0';
    bool ok = fits(&check, sim_schema_of_kind(resource->kind), body);
    buffer_free(&check.path);
    return ok;
}
