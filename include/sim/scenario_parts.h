#ifndef SIM_SCENARIO_PARTS_H
#define SIM_SCENARIO_PARTS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <cjson/cJSON.h>

#include "sim/registries.h"
#include "sim/sim.h"

/* What the running cluster asks of its scenario; each also answers when none was loaded. */

/* How long the cluster has been running before the start, in milliseconds; 0: it starts empty. */
int64_t sim_scenario_past_ms(const struct sim *sim);
/* How long one image takes to pull, in milliseconds of the cluster's clock. */
int64_t sim_scenario_pull_ms(const struct sim *sim);
/* How long a container takes to end, the same. */
int64_t sim_scenario_stop_ms(const struct sim *sim);
/* Events a second (of the cluster's clock) that have nothing to do with pull Secrets. */
double sim_scenario_churn(const struct sim *sim);
/* True if the kubeconfig's user may only read (the setting "rights: viewer"). */
bool sim_scenario_viewer_only(const struct sim *sim);
/* The minor version of the nodes' kubelets. */
int sim_scenario_kubelet_minor(const struct sim *sim);
/* A merge patch for the spec of the DaemonSet pods that a node had at the start, if they are of an
 * earlier template; else NULL. The scenario's. */
const cJSON *sim_scenario_earlier(const struct sim *sim, const char *node);
/* For the reader of nodes: patch is copied. */
void sim_scenario_note_earlier(struct sim *sim, const char *node, const cJSON *patch);
const struct sim_registry_rule *sim_scenario_registries(const struct sim *sim, size_t *count);

/* A pod that is shown as the scenario has it: no kubelet takes it up while it is not deleted. */
void sim_scenario_keep_as_is(struct sim *sim, const char *ns, const char *name);
bool sim_scenario_is_as_is(const struct sim *sim, const char *ns, const char *name);

#endif
