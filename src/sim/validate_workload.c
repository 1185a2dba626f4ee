#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "decode.h"
#include "doc/json.h"
#include "kinds.h"
#include "names.h"

enum { TEXT_LIMIT = 1024 * 1024 };

/* A value as the server quotes it in 422 texts: JSON since 1.3x, Go syntax before. */
static char *quoted_labels(int minor, const cJSON *labels)
{
    struct buffer text;
    buffer_init(&text, TEXT_LIMIT);
    if (labels == NULL || labels->child == NULL) {
        buffer_append_string(&text, minor < 30 ? "map[string]string(nil)" : "null");
    } else if (minor < 30) {
        buffer_append_string(&text, "map[string]string");
        json_write_sorted(&text, labels);
    } else {
        json_write_sorted(&text, labels);
    }
    return buffer_take(&text);
}

static bool expression_holds(const cJSON *expression, const cJSON *labels)
{
    const char *op = json_string_or(expression, "operator", "");
    const char *value = json_string(labels, json_string_or(expression, "key", ""));
    bool among = false;
    const cJSON *one;
    cJSON_ArrayForEach(one, json_list(expression, "values"))
    {
        among =
            among || (value != NULL && cJSON_IsString(one) && strcmp(one->valuestring, value) == 0);
    }
    if (strcmp(op, "In") == 0) {
        return among;
    }
    if (strcmp(op, "NotIn") == 0) {
        return !among;
    }
    return strcmp(op, "Exists") == 0 ? value != NULL : value == NULL;
}

/* An absent or empty selector selects nothing here: it must match the template. */
static bool selects(const cJSON *selector, const cJSON *labels)
{
    const cJSON *one;
    const cJSON *wanted = json_object(selector, "matchLabels");
    const cJSON *expressions = json_list(selector, "matchExpressions");
    if ((wanted == NULL || wanted->child == NULL) &&
        (expressions == NULL || expressions->child == NULL)) {
        return false;
    }
    cJSON_ArrayForEach(one, wanted)
    {
        const char *value = json_string(labels, one->string);
        if (value == NULL || !cJSON_IsString(one) || strcmp(value, one->valuestring) != 0) {
            return false;
        }
    }
    cJSON_ArrayForEach(one, expressions)
    {
        if (!expression_holds(one, labels)) {
            return false;
        }
    }
    return true;
}

static void check_mounts(struct sim_check *check, const cJSON *spec, const cJSON *container,
                         const char *path)
{
    const cJSON *mount;
    int index = 0;
    cJSON_ArrayForEach(mount, json_list(container, "volumeMounts"))
    {
        const char *name = json_string_or(mount, "name", "");
        bool found = false;
        const cJSON *volume;
        cJSON_ArrayForEach(volume, json_list(spec, "volumes"))
        {
            found = found || strcmp(json_string_or(volume, "name", ""), name) == 0;
        }
        char *field = xasprintf("%s.volumeMounts[%d].name", path, index++);
        if (name[0] == '\0') {
            sim_causes_add(&check->causes, "FieldValueRequired", field, "Required value");
        } else if (!found) {
            sim_causes_add(&check->causes, "FieldValueNotFound", field, "Not found: \"%s\"", name);
        }
        free(field);
    }
}

static void check_container(struct sim_check *check, const cJSON *spec, const cJSON *container,
                            const char *path, const cJSON *earlier)
{
    const char *name = json_string_or(container, "name", "");
    const char *image = json_string_or(container, "image", "");
    char *field = xasprintf("%s.name", path);
    const char *why = name[0] == '\0' ? NULL : sim_name_label(name);
    if (name[0] == '\0') {
        sim_causes_add(&check->causes, "FieldValueRequired", field, "Required value");
    } else if (why != NULL) {
        sim_causes_add(&check->causes, "FieldValueInvalid", field, "Invalid value: \"%s\": %s",
                       name, why);
    }
    for (const cJSON *other = earlier; other != container && name[0] != '\0'; other = other->next) {
        if (strcmp(json_string_or(other, "name", ""), name) == 0) {
            sim_causes_add(&check->causes, "FieldValueDuplicate", field, "Duplicate value: \"%s\"",
                           name);
            break;
        }
    }
    free(field);
    if (image[0] == '\0') {
        field = xasprintf("%s.image", path);
        sim_causes_add(&check->causes, "FieldValueRequired", field, "Required value");
        free(field);
    }
    check_mounts(check, spec, container, path);
}

static void check_containers(struct sim_check *check, const cJSON *spec, const char *prefix,
                             const char *name, bool required)
{
    const cJSON *list = json_list(spec, name);
    if (list == NULL || list->child == NULL) {
        if (required) {
            char *field = xasprintf("%s.%s", prefix, name);
            sim_causes_add(&check->causes, "FieldValueRequired", field, "Required value");
            free(field);
        }
        return;
    }
    int index = 0;
    const cJSON *container;
    cJSON_ArrayForEach(container, list)
    {
        char *path = xasprintf("%s.%s[%d]", prefix, name, index++);
        check_container(check, spec, container, path, list->child);
        free(path);
    }
}

static void check_volumes(struct sim_check *check, const cJSON *spec, const char *prefix)
{
    const cJSON *list = json_list(spec, "volumes");
    int index = 0;
    const cJSON *volume;
    cJSON_ArrayForEach(volume, list)
    {
        char *field = xasprintf("%s.volumes[%d].name", prefix, index++);
        const char *name = json_string_or(volume, "name", "");
        const char *why = name[0] == '\0' ? NULL : sim_name_label(name);
        if (name[0] == '\0') {
            sim_causes_add(&check->causes, "FieldValueRequired", field, "Required value");
        } else if (why != NULL) {
            sim_causes_add(&check->causes, "FieldValueInvalid", field, "Invalid value: \"%s\": %s",
                           name, why);
        }
        for (const cJSON *other = list->child; other != volume; other = other->next) {
            if (strcmp(json_string_or(other, "name", ""), name) == 0) {
                sim_causes_add(&check->causes, "FieldValueDuplicate", field,
                               "Duplicate value: \"%s\"", name);
                break;
            }
        }
        free(field);
    }
}

/* Newer servers warn of entries that mean nothing (pkg/api/pod/warnings.go). */
static void warn_pull_secrets(struct sim_check *check, const cJSON *spec, const char *prefix)
{
    if (check->sim->minor < 25) {
        return;
    }
    const cJSON *list = json_list(spec, "imagePullSecrets");
    int index = 0;
    const cJSON *one;
    cJSON_ArrayForEach(one, list)
    {
        const char *name = json_string_or(one, "name", "");
        if (name[0] == '\0') {
            sim_warn(check->warnings, "%s.imagePullSecrets[%d].name: invalid empty name \"\"",
                     prefix, index);
        }
        for (const cJSON *other = list->child; other != one && name[0] != '\0';
             other = other->next) {
            if (strcmp(json_string_or(other, "name", ""), name) == 0) {
                sim_warn(check->warnings, "%s.imagePullSecrets[%d].name: duplicate name \"%s\"",
                         prefix, index, name);
                break;
            }
        }
        index++;
    }
}

static void check_pod_spec(struct sim_check *check, const cJSON *spec, const char *prefix)
{
    check_volumes(check, spec, prefix);
    check_containers(check, spec, prefix, "containers", true);
    check_containers(check, spec, prefix, "initContainers", false);
    warn_pull_secrets(check, spec, prefix);
}

static void check_template(struct sim_check *check, const cJSON *spec)
{
    const cJSON *template = json_object(spec, "template");
    const cJSON *labels = json_at(template, "metadata", "labels", NULL);
    const cJSON *pod = json_object(template, "spec");
    if (!selects(json_object(spec, "selector"), labels)) {
        char *text = quoted_labels(check->sim->minor, labels);
        sim_causes_add(&check->causes, "FieldValueInvalid", "spec.template.metadata.labels",
                       "Invalid value: %s: `selector` does not match template `labels`", text);
        free(text);
    }
    check_pod_spec(check, pod, "spec.template.spec");
    const char *policy = json_string_or(pod, "restartPolicy", "Always");
    if (strcmp(policy, "Always") != 0) {
        sim_causes_add(&check->causes, "FieldValueNotSupported", "spec.template.spec.restartPolicy",
                       "Unsupported value: \"%s\": supported values: \"Always\"", policy);
    }
}

static char *quoted_selector(int minor, const cJSON *selector)
{
    struct buffer text;
    buffer_init(&text, TEXT_LIMIT);
    const cJSON *labels = json_object(selector, "matchLabels");
    if (selector == NULL || (minor < 30 && labels == NULL)) {
        buffer_append_string(&text, minor < 30 ? "\"null\"" : "null");
    } else if (minor < 30) {
        char *map = quoted_labels(minor, labels);
        buffer_printf(&text,
                      "v1.LabelSelector{MatchLabels:%s, "
                      "MatchExpressions:[]v1.LabelSelectorRequirement(nil)}",
                      map);
        free(map);
    } else {
        json_write_sorted(&text, selector);
    }
    return buffer_take(&text);
}

static void check_selector(struct sim_check *check, const cJSON *live, const cJSON *body)
{
    const cJSON *selector = json_at(body, "spec", "selector", NULL);
    if (!json_equal(selector, json_at(live, "spec", "selector", NULL))) {
        char *text = quoted_selector(check->sim->minor, selector);
        sim_causes_add(&check->causes, "FieldValueInvalid", "spec.selector",
                       "Invalid value: %s: field is immutable", text);
        free(text);
    }
}

static void check_statefulset(struct sim_check *check, const cJSON *live, const cJSON *body)
{
    static const char mutable_fields[] =
        "replicas ordinals template updateStrategy revisionHistoryLimit minReadySeconds "
        "persistentVolumeClaimRetentionPolicy";
    static const char old_mutable[] = "replicas template updateStrategy";
    bool old = check->sim->minor < 30;
    const cJSON *was = json_object(live, "spec");
    const cJSON *now = json_object(body, "spec");
    bool differs = false;
    const cJSON *one;
    cJSON_ArrayForEach(one, now)
    {
        differs = differs || (!sim_word_in(old ? old_mutable : mutable_fields, one->string) &&
                              !json_equal(one, json_member(was, one->string)));
    }
    cJSON_ArrayForEach(one, was)
    {
        differs = differs || (!sim_word_in(old ? old_mutable : mutable_fields, one->string) &&
                              json_member(now, one->string) == NULL);
    }
    if (differs) {
        sim_causes_add(&check->causes, "FieldValueForbidden", "spec",
                       "Forbidden: updates to statefulset spec for fields other than %s are "
                       "forbidden",
                       old ? "'replicas', 'template', and 'updateStrategy'"
                           : "'replicas', 'ordinals', 'template', 'updateStrategy', "
                             "'revisionHistoryLimit', 'persistentVolumeClaimRetentionPolicy' and "
                             "'minReadySeconds'");
    }
}

void sim_validate_workload(struct sim_check *check, const cJSON *live, const cJSON *body)
{
    const cJSON *spec = json_object(body, "spec");
    bool set = check->resource == sim_statefulsets();
    bool first = check->sim->minor >= 30; /* old servers list what is immutable last */
    if (live != NULL && !set && first) {
        check_selector(check, live, body);
    }
    check_template(check, spec);
    if (live != NULL && !first) { /* old servers validate an update twice */
        check_template(check, spec);
    }
    if (live != NULL && set) {
        check_statefulset(check, live, body);
    } else if (live != NULL && !first) {
        check_selector(check, live, body);
    }
}

/* --- Pods
 * ----------------------------------------------------------------------------------------- */

/* The spec without what may change. */
static cJSON *frozen_part(const cJSON *spec)
{
    cJSON *part = cJSON_Duplicate(spec, true);
    static const char *const lists[] = {"containers", "initContainers"};
    for (size_t i = 0; i < ARRAY_LENGTH(lists); i++) {
        cJSON *container;
        cJSON_ArrayForEach(container, json_list(part, lists[i]))
        {
            json_remove(container, "image");
            json_remove(container, "resources");
        }
    }
    json_remove(part, "activeDeadlineSeconds");
    json_remove(part, "tolerations");
    json_remove(part, "terminationGracePeriodSeconds");
    return part;
}

void sim_validate_pod(struct sim_check *check, const cJSON *live, const cJSON *body)
{
    const cJSON *spec = json_object(body, "spec");
    check_pod_spec(check, spec, "spec");
    if (live == NULL) {
        return;
    }
    cJSON *was = frozen_part(json_object(live, "spec"));
    cJSON *now = frozen_part(spec);
    /* The scheduler binds a pod that has no node. */
    if (json_string_or(was, "nodeName", "")[0] == '\0') {
        json_remove(was, "nodeName");
        json_remove(now, "nodeName");
    }
    if (!json_equal(was, now)) {
        sim_causes_add(
            &check->causes, "FieldValueForbidden", "spec",
            check->sim->minor < 30
                ? "Forbidden: pod updates may not change fields other than "
                  "`spec.containers[*].image`, `spec.initContainers[*].image`, "
                  "`spec.activeDeadlineSeconds` or `spec.tolerations` (only additions to existing "
                  "tolerations)"
                : "Forbidden: pod updates may not change fields other than "
                  "`spec.containers[*].image`,`spec.initContainers[*].image`,"
                  "`spec.activeDeadlineSeconds`,`spec.tolerations` (only additions to existing "
                  "tolerations),`spec.terminationGracePeriodSeconds` (allow it to be set to 1 if "
                  "it "
                  "was previously negative)");
    }
    cJSON_Delete(was);
    cJSON_Delete(now);
}
