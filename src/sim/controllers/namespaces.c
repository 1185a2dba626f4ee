#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "doc/json.h"
#include "sim/life.h"
#include "sim/scenario_nodes.h"

/* What controllers do about namespaces: a new one gets its default account; one that is being
 * deleted is emptied, and goes when nothing is left in it. */

static bool has_contents(const struct sim_resource *resource)
{
    return resource->namespaced && resource->view_of[0] == '\0' &&
           (resource->verbs & SIM_DELETE) != 0;
}

/* Deletes what is there of a kind; how much is left then: pods take their time, finalizers hold. */
static size_t empty_kind(struct sim *sim, const struct sim_resource *resource, const char *ns)
{
    size_t count = 0;
    struct sim_object *const *listed = sim_store_list(sim->store, resource, ns, &count);
    struct sim_object **objects = xcalloc(count + 1, sizeof(struct sim_object *));
    for (size_t i = 0; i < count; i++) {
        objects[i] = sim_object_retain(listed[i]);
    }
    for (size_t i = 0; i < count; i++) {
        struct sim_store_options options = {.require_uid = objects[i]->uid, .grace_seconds = -1};
        struct sim_status status = SIM_STATUS_INIT;
        if (json_at(objects[i]->body, "metadata", "deletionTimestamp", NULL) == NULL) {
            sim_store_delete(sim->store, resource, ns, objects[i]->name, &options, NULL, NULL,
                             &status);
        }
        sim_status_clear(&status);
    }
    sim_life_free_objects(objects, count);
    sim_store_list(sim->store, resource, ns, &count);
    return count;
}

/* The last step is the namespace's own: without its finalizer it goes. */
static void finalize(struct sim *sim, struct sim_object *object)
{
    cJSON *body = cJSON_Duplicate(object->body, true);
    json_set(json_need_object(body, "spec"), "finalizers", cJSON_CreateArray());
    json_remove(json_member(body, "metadata"), "resourceVersion");
    struct sim_status status = SIM_STATUS_INIT;
    sim_store_update(sim->store, sim_namespaces(), body, NULL, NULL, &status);
    sim_status_clear(&status);
}

void sim_namespace_reconcile(struct sim *sim, struct sim_object *object)
{
    if (json_at(object->body, "metadata", "deletionTimestamp", NULL) == NULL) {
        return;
    }
    size_t left = 0;
    for (size_t i = 0; i < sim_resource_count(); i++) {
        if (has_contents(sim_resource_at(i))) {
            left += empty_kind(sim, sim_resource_at(i), object->name);
        }
    }
    if (left == 0) {
        finalize(sim, object);
    }
}

void sim_namespace_changed(struct sim *sim, enum sim_change change, const struct sim_object *object)
{
    if (object->resource == sim_namespaces() && change == SIM_ADDED) {
        char *name = xstrdup(object->name);
        sim_scenario_fill_namespace(sim, name, 0);
        free(name);
        return;
    }
    /* Whatever goes may be the last that a namespace has waited for. */
    const struct sim_object *ns = object->ns[0] != '\0' && change == SIM_DELETED
                                      ? sim_store_get(sim->store, sim_namespaces(), "", object->ns)
                                      : NULL;
    if (ns != NULL && json_at(ns->body, "metadata", "deletionTimestamp", NULL) != NULL) {
        sim_queue_add(sim, sim_namespaces(), "", object->ns);
    }
}
