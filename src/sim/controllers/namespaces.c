#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "sim/life.h"
#include "sim/scenario_nodes.h"

/* What controllers do about namespaces: a new one gets its default account, the contents of one
 * that goes, go. */

static bool has_contents(const struct sim_resource *resource)
{
    return resource->namespaced && resource->view_of[0] == '\0' &&
           (resource->verbs & SIM_DELETE) != 0;
}

static void empty_kind(struct sim *sim, const struct sim_resource *resource, const char *ns)
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
        struct sim_object *last = NULL;
        sim_store_delete(sim->store, resource, ns, objects[i]->name, &options, &last, NULL,
                         &status);
        sim_object_release(last);
        sim_status_clear(&status);
    }
    sim_life_free_objects(objects, count);
}

void sim_namespace_changed(struct sim *sim, enum sim_change change, const struct sim_object *object)
{
    char *name = xstrdup(object->name);
    if (change == SIM_ADDED) {
        sim_scenario_fill_namespace(sim, name, 0);
    } else if (change == SIM_DELETED) {
        for (size_t i = 0; i < sim_resource_count(); i++) {
            if (has_contents(sim_resource_at(i))) {
                empty_kind(sim, sim_resource_at(i), name);
            }
        }
    }
    free(name);
}
