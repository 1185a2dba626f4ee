#ifndef SIM_CONTROLLERS_H
#define SIM_CONTROLLERS_H

#include <stdbool.h>

#include "base/error.h"
#include "sim/sim.h"

/*
 * What lives in the cluster besides its API: workload controllers, scheduler, kubelets, garbage
 * collector, event TTL. They watch the store, act by timers in the cluster's own time
 * (sim_after()) and write through sim/writes.h.
 */
bool sim_controllers_start(struct sim *sim, struct error *err);
/* Cancels their timers and subscriptions, frees sim->controllers. */
void sim_controllers_stop(struct sim *sim);

#endif
