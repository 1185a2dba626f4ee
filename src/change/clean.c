#include "change/clean.h"

#include <stdlib.h>

#include "base/alloc.h"
#include "change/last_applied.h"
#include "doc/json.h"
#include "doc/mask.h"
#include "doc/yaml.h"

#define YAML_LIMIT ((size_t)32 << 20)

/* Written by controllers at every rollout. */
static const char *const counters[] = {"deprecated.daemonset.template.generation",
                                       "deployment.kubernetes.io/revision"};

static void remove_counters(cJSON *object)
{
    cJSON *metadata = json_object(object, "metadata");
    json_remove(object, "status");
    json_remove(metadata, "resourceVersion");
    json_remove(metadata, "generation");
    json_remove(metadata, "managedFields");
    json_remove(metadata, "selfLink");
    cJSON *annotations = json_object(metadata, "annotations");
    for (size_t i = 0; i < ARRAY_LENGTH(counters); i++) {
        json_remove(annotations, counters[i]);
    }
}

static void remove_if_empty(cJSON *object, const char *name)
{
    const cJSON *member = json_object(object, name);
    if (member != NULL && member->child == NULL) {
        json_remove(object, name);
    }
}

/* Old servers write "creationTimestamp": null where there is none. */
static void remove_null_times(cJSON *object)
{
    cJSON *item = NULL;
    if (cJSON_IsNull(json_member(object, "creationTimestamp"))) {
        json_remove(object, "creationTimestamp");
    }
    cJSON_ArrayForEach(item, object)
    {
        if (cJSON_IsObject(item) || cJSON_IsArray(item)) {
            remove_null_times(item);
        }
    }
}

void change_clean(cJSON *object)
{
    remove_counters(object);
    remove_null_times(object);
    cJSON *metadata = json_object(object, "metadata");
    json_remove(metadata, "uid");
    json_remove(metadata, "creationTimestamp");
    json_remove(json_object(metadata, "annotations"), CHANGE_LAST_APPLIED);
    remove_if_empty(metadata, "annotations");
    mask_secrets(object);
}

char *change_clean_yaml(const cJSON *object)
{
    if (object == NULL) {
        return xstrdup("");
    }
    cJSON *copy = cJSON_Duplicate(object, true);
    change_clean(copy);
    struct buffer out;
    buffer_init(&out, YAML_LIMIT);
    doc_write_yaml(&out, copy, false);
    json_delete_secret(copy);
    return buffer_take(&out);
}

bool change_same_intent(const cJSON *a, const cJSON *b)
{
    cJSON *left = cJSON_Duplicate(a, true);
    cJSON *right = cJSON_Duplicate(b, true);
    remove_counters(left);
    remove_counters(right);
    remove_null_times(left);
    remove_null_times(right);
    bool same = json_equal(left, right);
    json_delete_secret(left);
    json_delete_secret(right);
    return same;
}
