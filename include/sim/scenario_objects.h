#ifndef SIM_SCENARIO_OBJECTS_H
#define SIM_SCENARIO_OBJECTS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"
#include "doc/yaml.h"
#include "sim/sim.h"

/* One file: the scenario itself (the first), or one it is based on. */
struct sim_scenario_layer {
    struct doc_node *root;
    const char *source;
};

/* Puts into the store what every cluster has (namespaces, their default accounts), the scenario's
 * nodes (of the first layer that has some) and the objects of all layers, the deepest base first,
 * as they would have been applied. Errors: ERROR_CONFIG with file:line:column. */
bool sim_scenario_build(struct sim *sim, const struct sim_scenario_layer *layers, size_t count,
                        struct error *err);

/* Starts the registry that the scenario wants served, if any, and puts its address into all layers.
 * Errors: ERROR_CONFIG with file:line:column, and those of sim_registry_start(). */
bool sim_scenario_serve(struct sim *sim, struct sim_scenario_layer *layers, size_t count,
                        struct error *err);

/* Reads a duration setting; NULL leaves *ms as it is. */
bool sim_scenario_duration(const char *source, const struct doc_node *node, int64_t *ms,
                           struct error *err);

#endif
