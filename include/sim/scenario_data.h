#ifndef SIM_SCENARIO_DATA_H
#define SIM_SCENARIO_DATA_H

/* The scenarios that are compiled in, in the order of their files; the last has no name. The array
 * is generated from src/sim/scenarios/. */
struct sim_scenario_data {
    const char *name;
    const char *const *lines; /* NULL-terminated */
};

extern const struct sim_scenario_data sim_scenario_data[];

#endif
