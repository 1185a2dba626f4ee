#include "sim/life.h"

#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/clock.h"
#include "base/text.h"
#include "doc/json.h"
#include "sim/writes.h"

int64_t sim_life_ms(const struct sim *sim)
{
    return sim_now_ms(sim) - (sim->controllers == NULL ? 0 : sim->controllers->past_ms);
}

void sim_life_text(const struct sim *sim, char out[32])
{
    clock_format_rfc3339(sim_life_ms(sim), out);
}

int64_t sim_life_seconds_since(const struct sim *sim, const char *timestamp)
{
    int64_t then = 0;
    if (timestamp == NULL || !clock_parse_rfc3339(timestamp, &then)) {
        return 0;
    }
    double real = (double)(sim_now_ms(sim) - then) / 1000.0;
    return (int64_t)(real * sim->speed);
}

void sim_life_note_progress(struct sim *sim, const char *uid)
{
    int64_t *at = map_get(sim->controllers->progress, uid);
    if (at == NULL) {
        at = xmalloc(sizeof(*at));
        map_set(sim->controllers->progress, uid, at);
    }
    *at = sim_cluster_ms(sim);
}

int64_t sim_life_since_progress(const struct sim *sim, const char *uid)
{
    const int64_t *at = map_get(sim->controllers->progress, uid);
    return at == NULL ? 0 : sim_cluster_ms(sim) - *at;
}

static bool finish_write(struct sim_object **object, struct sim_object *written, bool done,
                         struct sim_status *status)
{
    sim_status_clear(status);
    if (done && written != NULL) {
        sim_object_release(*object);
        *object = written;
    }
    return done;
}

bool sim_life_set_status(struct sim *sim, struct sim_object **object, cJSON *status,
                         const char *manager)
{
    cJSON *body = cJSON_Duplicate((*object)->body, true);
    json_set(body, "status", status);
    json_remove(json_member(body, "metadata"), "resourceVersion");
    struct sim_write write = {.manager = manager, .subresource = "status"};
    struct sim_status failure = SIM_STATUS_INIT;
    struct sim_object *written = NULL;
    bool done = sim_write_update(sim, (*object)->resource, (*object)->ns, (*object)->name, body,
                                 &write, &written, &failure);
    return finish_write(object, written, done, &failure);
}

bool sim_life_update(struct sim *sim, struct sim_object **object, cJSON *body, const char *manager)
{
    json_remove(json_member(body, "metadata"), "resourceVersion");
    struct sim_write write = {.manager = manager};
    struct sim_status failure = SIM_STATUS_INIT;
    struct sim_object *written = NULL;
    bool done = sim_write_update(sim, (*object)->resource, (*object)->ns, (*object)->name, body,
                                 &write, &written, &failure);
    return finish_write(object, written, done, &failure);
}

static const char *controller_uid(const cJSON *body)
{
    const cJSON *reference = NULL;
    cJSON_ArrayForEach(reference, json_at(body, "metadata", "ownerReferences", NULL))
    {
        if (json_bool(reference, "controller", false)) {
            return json_string(reference, "uid");
        }
    }
    return NULL;
}

cJSON *sim_life_owner_reference(const struct sim_object *owner)
{
    char api_version[64];
    sim_resource_api_version(owner->resource, api_version);
    cJSON *reference = cJSON_CreateObject();
    cJSON_AddStringToObject(reference, "apiVersion", api_version);
    cJSON_AddStringToObject(reference, "kind", owner->resource->kind);
    cJSON_AddStringToObject(reference, "name", owner->name);
    cJSON_AddStringToObject(reference, "uid", owner->uid);
    cJSON_AddTrueToObject(reference, "controller");
    cJSON_AddTrueToObject(reference, "blockOwnerDeletion");
    return reference;
}

static int compare_age(const void *a, const void *b)
{
    const struct sim_object *left = *(struct sim_object *const *)a;
    const struct sim_object *right = *(struct sim_object *const *)b;
    const char *left_time =
        json_string_or(json_member(left->body, "metadata"), "creationTimestamp", "");
    const char *right_time =
        json_string_or(json_member(right->body, "metadata"), "creationTimestamp", "");
    int order = strcmp(left_time, right_time);
    return order != 0 ? order : strcmp(left->name, right->name);
}

struct sim_object **sim_life_owned(struct sim *sim, const struct sim_resource *resource,
                                   const char *ns, const char *owner_uid, size_t *count)
{
    size_t all_count = 0;
    struct sim_object *const *all = sim_store_list(sim->store, resource, ns, &all_count);
    struct sim_object **owned = NULL;
    size_t capacity = 0;
    *count = 0;
    for (size_t i = 0; i < all_count; i++) {
        const char *uid = controller_uid(all[i]->body);
        if (uid != NULL && strcmp(uid, owner_uid) == 0) {
            owned = xgrow(owned, *count, &capacity, sizeof(struct sim_object *));
            owned[(*count)++] = sim_object_retain(all[i]);
        }
    }
    if (*count > 1) {
        qsort(owned, *count, sizeof(struct sim_object *), compare_age);
    }
    return owned;
}

void sim_life_free_objects(struct sim_object **objects, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        sim_object_release(objects[i]);
    }
    free(objects);
}

static bool in_list(const cJSON *values, const char *text)
{
    const cJSON *value = NULL;
    cJSON_ArrayForEach(value, values)
    {
        if (cJSON_IsString(value) && text != NULL && strcmp(value->valuestring, text) == 0) {
            return true;
        }
    }
    return false;
}

static bool expression_matches(const cJSON *expression, const cJSON *labels)
{
    const char *operator= json_string_or(expression, "operator", "");
    const char *value = json_string(labels, json_string_or(expression, "key", ""));
    const cJSON *values = json_list(expression, "values");
    if (strcmp(operator, "In") == 0) {
        return in_list(values, value);
    }
    if (strcmp(operator, "NotIn") == 0) {
        return !in_list(values, value);
    }
    if (strcmp(operator, "Exists") == 0) {
        return value != NULL;
    }
    return strcmp(operator, "DoesNotExist") == 0 && value == NULL;
}

bool sim_life_selects(const cJSON *selector, const cJSON *labels)
{
    const cJSON *entry = NULL;
    cJSON_ArrayForEach(entry, json_object(selector, "matchLabels"))
    {
        const char *value = json_string(labels, entry->string);
        if (value == NULL || !cJSON_IsString(entry) || strcmp(value, entry->valuestring) != 0) {
            return false;
        }
    }
    cJSON_ArrayForEach(entry, json_list(selector, "matchExpressions"))
    {
        if (!expression_matches(entry, labels)) {
            return false;
        }
    }
    return true;
}

int sim_life_scaled(const cJSON *value, int total, bool round_up, int fallback)
{
    if (cJSON_IsNumber(value)) {
        return value->valueint;
    }
    if (!cJSON_IsString(value) || !text_ends_with(value->valuestring, "%")) {
        return fallback;
    }
    long percent = strtol(value->valuestring, NULL, 10);
    long scaled = percent * total;
    return (int)(round_up ? (scaled + 99) / 100 : scaled / 100);
}
