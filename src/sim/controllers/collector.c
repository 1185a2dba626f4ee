#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/map.h"
#include "doc/json.h"
#include "sim/life.h"
#include "sim/recorder.h"

/* Garbage collection by owner references, and the events' time to live. */

enum { EVENT_TTL_MS = 3600000 };

static const char finalizer_orphan[] = "orphan";
static const char finalizer_foreground[] = "foregroundDeletion";

/* References that stay when those to uid are taken away; NULL if there was none to it. */
static cJSON *without_owner(const cJSON *references, const char *uid)
{
    cJSON *rest = cJSON_CreateArray();
    bool found = false;
    const cJSON *reference = NULL;
    cJSON_ArrayForEach(reference, references)
    {
        if (strcmp(json_string_or(reference, "uid", ""), uid) == 0) {
            found = true;
        } else {
            cJSON_AddItemToArray(rest, cJSON_Duplicate(reference, true));
        }
    }
    if (!found) {
        cJSON_Delete(rest);
        return NULL;
    }
    return rest;
}

static void remove_object(struct sim *sim, const struct sim_object *object, bool foreground)
{
    struct sim_store_options options = {
        .require_uid = object->uid, .grace_seconds = -1, .foreground = foreground};
    struct sim_status status = SIM_STATUS_INIT;
    struct sim_object *last = NULL;
    sim_store_delete(sim->store, object->resource, object->ns, object->name, &options, &last, NULL,
                     &status);
    sim_object_release(last);
    sim_status_clear(&status);
}

static void release_dependent(struct sim *sim, struct sim_object *object,
                              const struct sim_object *gone, bool orphan)
{
    cJSON *rest =
        without_owner(json_at(object->body, "metadata", "ownerReferences", NULL), gone->uid);
    if (rest == NULL) {
        return;
    }
    if (!orphan && cJSON_GetArraySize(rest) == 0) {
        cJSON_Delete(rest);
        remove_object(sim, object, false);
        return;
    }
    cJSON *body = cJSON_Duplicate(object->body, true);
    cJSON *metadata = json_member(body, "metadata");
    if (cJSON_GetArraySize(rest) == 0) {
        json_remove(metadata, "ownerReferences");
        cJSON_Delete(rest);
    } else {
        json_set(metadata, "ownerReferences", rest);
    }
    struct sim_object *kept = sim_object_retain(object);
    sim_life_update(sim, &kept, body, "kube-controller-manager");
    sim_object_release(kept);
}

static bool has_finalizer(const struct sim_object *object, const char *name)
{
    const cJSON *finalizer = NULL;
    cJSON_ArrayForEach(finalizer, json_at(object->body, "metadata", "finalizers", NULL))
    {
        if (cJSON_IsString(finalizer) && strcmp(finalizer->valuestring, name) == 0) {
            return true;
        }
    }
    return false;
}

/* Only these kinds own others here. */
static bool can_own(const struct sim_resource *resource)
{
    return resource == sim_daemonsets() || resource == sim_statefulsets() ||
           resource == sim_deployments() || resource == sim_replicasets();
}

/* Calls back for each dependent, which is retained meanwhile. Returns how many there were. */
static size_t each_dependent(struct sim *sim, const struct sim_object *owner,
                             void (*visit)(struct sim *sim, struct sim_object *dependent,
                                           const struct sim_object *owner))
{
    const struct sim_resource *const kinds[] = {sim_replicasets(), sim_controller_revisions(),
                                                sim_pods()};
    size_t total = 0;
    for (size_t i = 0; can_own(owner->resource) && i < ARRAY_LENGTH(kinds); i++) {
        size_t count = 0;
        struct sim_object **owned = sim_life_owned(sim, kinds[i], owner->ns, owner->uid, &count);
        for (size_t j = 0; j < count; j++) {
            visit(sim, owned[j], owner);
        }
        total += count;
        sim_life_free_objects(owned, count);
    }
    return total;
}

static void drop_dependent(struct sim *sim, struct sim_object *dependent,
                           const struct sim_object *owner)
{
    release_dependent(sim, dependent, owner, false);
}

static void orphan_dependent(struct sim *sim, struct sim_object *dependent,
                             const struct sim_object *owner)
{
    release_dependent(sim, dependent, owner, true);
}

static void delete_dependent(struct sim *sim, struct sim_object *dependent,
                             const struct sim_object *owner)
{
    (void)owner;
    if (json_string(json_member(dependent->body, "metadata"), "deletionTimestamp") == NULL) {
        remove_object(sim, dependent, can_own(dependent->resource));
    }
}

void sim_collect_dependents(struct sim *sim, const struct sim_object *gone)
{
    each_dependent(sim, gone, drop_dependent);
}

static void remove_finalizer(struct sim *sim, struct sim_object *object, const char *name)
{
    cJSON *body = cJSON_Duplicate(object->body, true);
    cJSON *list = json_at(body, "metadata", "finalizers", NULL);
    cJSON *finalizer = list == NULL ? NULL : list->child;
    while (finalizer != NULL) {
        cJSON *next = finalizer->next;
        if (cJSON_IsString(finalizer) && strcmp(finalizer->valuestring, name) == 0) {
            cJSON_Delete(cJSON_DetachItemViaPointer(list, finalizer));
        }
        finalizer = next;
    }
    if (list != NULL && list->child == NULL) {
        json_remove(json_member(body, "metadata"), "finalizers");
    }
    struct sim_object *kept = sim_object_retain(object);
    sim_life_update(sim, &kept, body, "kube-controller-manager");
    sim_object_release(kept);
}

void sim_collect_pending(struct sim *sim, struct sim_object *object)
{
    if (json_string(json_member(object->body, "metadata"), "deletionTimestamp") == NULL) {
        return;
    }
    if (has_finalizer(object, finalizer_orphan)) {
        each_dependent(sim, object, orphan_dependent);
        remove_finalizer(sim, object, finalizer_orphan);
    } else if (has_finalizer(object, finalizer_foreground) &&
               each_dependent(sim, object, delete_dependent) == 0) {
        remove_finalizer(sim, object, finalizer_foreground);
    }
}

void sim_note_event(struct sim *sim, enum sim_change change, const struct sim_object *event)
{
    struct map *writes = sim->controllers->event_writes;
    if (change == SIM_DELETED) {
        map_remove(writes, event->uid);
        return;
    }
    int64_t *at = map_get(writes, event->uid);
    if (at == NULL) {
        at = xmalloc(sizeof(*at));
        map_set(writes, event->uid, at);
    }
    *at = sim_event_ms(sim);
}

static bool is_over(const struct sim *sim, const struct sim_object *event)
{
    const int64_t *at = map_get(sim->controllers->event_writes, event->uid);
    return at != NULL && sim_event_ms(sim) - *at >= EVENT_TTL_MS;
}

void sim_sweep_events(struct sim *sim)
{
    size_t count = 0;
    struct sim_object *const *events = sim_store_list(sim->store, sim_events(), NULL, &count);
    struct sim_object **over = NULL;
    size_t over_count = 0;
    size_t capacity = 0;
    for (size_t i = 0; i < count; i++) {
        if (is_over(sim, events[i])) {
            over = xgrow(over, over_count, &capacity, sizeof(struct sim_object *));
            over[over_count++] = sim_object_retain(events[i]);
        }
    }
    for (size_t i = 0; i < over_count; i++) {
        remove_object(sim, over[i], false);
    }
    sim_life_free_objects(over, over_count);
    sim_recorder_forget(sim);
}
