#ifndef SIM_SCENARIO_OBJECTS_H
#define SIM_SCENARIO_OBJECTS_H

#include <stdbool.h>
#include <stdint.h>

#include "base/error.h"
#include "doc/yaml.h"
#include "sim/sim.h"

/* Puts into the store what every cluster has (namespaces, their default accounts), the scenario's
 * nodes and its objects as they would have been applied. Errors: ERROR_CONFIG with
 * file:line:column. */
bool sim_scenario_build(struct sim *sim, const struct doc_node *root, const char *source,
                        struct error *err);

/* Reads a duration setting; NULL leaves *ms as it is. */
bool sim_scenario_duration(const char *source, const struct doc_node *node, int64_t *ms,
                           struct error *err);

#endif
