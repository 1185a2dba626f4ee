#ifndef SIM_SCENARIO_H
#define SIM_SCENARIO_H

#include <stdbool.h>
#include <stddef.h>

#include "base/buffer.h"
#include "base/error.h"
#include "sim/sim.h"

/*
 * Fills an empty cluster from a scenario: the name of one that the program brings, or the path of a
 * YAML file (with a slash or ending in .yaml). Sets sim->scenario, and speed and version where the
 * scenario states them and no flag did. Errors: ERROR_USAGE for an unknown name (with the known
 * ones), ERROR_CONFIG with file:line:column.
 */
bool sim_scenario_load(struct sim *sim, const char *name_or_path, struct error *err);
/* Frees sim->scenario. */
void sim_scenario_free(struct sim *sim);
/* The names that the program brings, one a line. */
void sim_scenario_names(struct buffer *out);

#endif
