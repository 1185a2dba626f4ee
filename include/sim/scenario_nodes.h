#ifndef SIM_SCENARIO_NODES_H
#define SIM_SCENARIO_NODES_H

#include <stdbool.h>
#include <stdint.h>

#include "base/error.h"
#include "doc/yaml.h"
#include "sim/sim.h"

/* Nodes, leases aside, as kubelets register them, with a CSINode each. groups: the setting
 * "nodes", NULL for one worker. Errors: ERROR_CONFIG with file:line:column. */
bool sim_scenario_nodes(struct sim *sim, const struct doc_node *groups, const char *source,
                        int64_t created_ms, struct error *err);

/* Creates any object in that manager's name with an age. Takes over body. */
bool sim_scenario_put(struct sim *sim, const char *manager, int64_t created_ms, cJSON *body,
                      struct sim_status *status);
/* What controllers put into a new namespace: the account "default" and the CA's ConfigMap. */
void sim_scenario_fill_namespace(struct sim *sim, const char *ns, int64_t created_ms);

#endif
