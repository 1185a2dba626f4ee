#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "doc/json.h"
#include "kinds.h"
#include "names.h"
#include "request.h"

enum { ANNOTATIONS_LIMIT = 256 * 1024 };

/* Which rule the names of a kind follow. */
static const char *check_name(const struct sim_resource *resource, const char *name)
{
    if (sim_word_in("Namespace", resource->kind)) {
        return sim_name_label(name);
    }
    if (strcmp(resource->group, "rbac.authorization.k8s.io") == 0) {
        return sim_name_path_segment(name);
    }
    return sim_name_subdomain(name);
}

static void check_labels(struct sim_causes *causes, const cJSON *labels, const char *field)
{
    const cJSON *label;
    cJSON_ArrayForEach(label, labels)
    {
        const char *why = sim_name_label_key(label->string);
        if (why != NULL) {
            sim_causes_add(causes, "FieldValueInvalid", field, "Invalid value: \"%s\": %s",
                           label->string, why);
        }
        const char *value = cJSON_IsString(label) ? label->valuestring : "";
        why = sim_name_label_value(value);
        if (why != NULL) {
            sim_causes_add(causes, "FieldValueInvalid", field, "Invalid value: \"%s\": %s", value,
                           why);
        }
    }
}

static void check_annotations(struct sim_causes *causes, const cJSON *annotations)
{
    size_t total = 0;
    const cJSON *one;
    cJSON_ArrayForEach(one, annotations)
    {
        char *lower = xstrdup(one->string);
        for (char *at = lower; *at != '\0'; at++) {
            *at = (char)(*at >= 'A' && *at <= 'Z' ? *at - 'A' + 'a' : *at);
        }
        const char *why = sim_name_label_key(lower);
        if (why != NULL) {
            sim_causes_add(causes, "FieldValueInvalid", "metadata.annotations",
                           "Invalid value: \"%s\": %s", one->string, why);
        }
        free(lower);
        total += strlen(one->string) + (cJSON_IsString(one) ? strlen(one->valuestring) : 0);
    }
    if (total > ANNOTATIONS_LIMIT) {
        sim_causes_add(causes, "FieldValueTooLong", "metadata.annotations",
                       "Too long: may not be more than %d bytes", ANNOTATIONS_LIMIT);
    }
}

static void check_metadata(struct sim_check *check, const cJSON *metadata)
{
    struct sim_causes *causes = &check->causes;
    const char *name = json_string_or(metadata, "name", "");
    const char *why = name[0] == '\0' ? NULL : check_name(check->resource, name);
    if (name[0] == '\0') {
        sim_causes_add(causes, "FieldValueRequired", "metadata.name",
                       "Required value: name or generateName is required");
    } else if (why != NULL) {
        sim_causes_add(causes, "FieldValueInvalid", "metadata.name", "Invalid value: \"%s\": %s",
                       name, why);
    }
    check_labels(causes, json_object(metadata, "labels"), "metadata.labels");
    check_annotations(causes, json_object(metadata, "annotations"));
}

static const char *typed(const cJSON *value)
{
    return cJSON_IsNumber(value)  ? "number"
           : cJSON_IsBool(value)  ? "bool"
           : cJSON_IsArray(value) ? "array"
                                  : "object";
}

/* Labels and annotations are maps of strings; anything else does not decode. */
static bool check_strings(struct sim_check *check, const cJSON *metadata, const char *name,
                          struct sim_status *status)
{
    const cJSON *one;
    cJSON_ArrayForEach(one, json_object(metadata, name))
    {
        if (!cJSON_IsString(one) && !cJSON_IsNull(one)) {
            return sim_status_bad_request(
                status,
                "%s in version \"%s\" cannot be handled as a %s: json: cannot unmarshal %s into Go "
                "struct field ObjectMeta.metadata.%s of type string",
                check->resource->kind, check->resource->version, check->resource->kind, typed(one),
                name);
        }
    }
    return true;
}

static void validate_account(struct sim_check *check, const cJSON *body)
{
    (void)check;
    (void)body;
}

static void validate_kind(struct sim_check *check, const cJSON *live, const cJSON *body)
{
    const struct sim_resource *resource = sim_storage_of(check->resource);
    if (resource == sim_secrets()) {
        sim_validate_secret(check, live, body);
    } else if (strcmp(resource->kind, "ConfigMap") == 0) {
        sim_validate_config_map(check, live, body);
    } else if (resource == sim_pods()) {
        sim_validate_pod(check, live, body);
    } else if (resource == sim_events() && check->resource == resource) {
        sim_validate_event(check, live, body);
    } else if (resource == sim_service_accounts()) {
        validate_account(check, body);
    } else if (json_at(body, "spec", "template", NULL) != NULL ||
               sim_word_in("DaemonSet Deployment StatefulSet ReplicaSet", resource->kind)) {
        sim_validate_workload(check, live, body);
    }
}

bool sim_kind_validate(struct sim_check *check, const cJSON *live, const cJSON *body,
                       struct sim_status *status)
{
    const cJSON *metadata = json_member(body, "metadata");
    const char *name = json_string_or(metadata, "name", "");
    if (!check_strings(check, metadata, "labels", status) ||
        !check_strings(check, metadata, "annotations", status) ||
        (check->resource == sim_secrets() && !sim_check_secret_types(check, body, status))) {
        sim_causes_clear(&check->causes);
        return false;
    }
    check_metadata(check, metadata);
    validate_kind(check, live, body);
    return sim_causes_finish(&check->causes, check->resource, name, status);
}
