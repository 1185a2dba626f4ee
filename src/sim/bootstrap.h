#ifndef SIM_BOOTSTRAP_H
#define SIM_BOOTSTRAP_H

#include "sim/sim.h"

/* What a new cluster has before anyone writes: the roles of everybody and of the user `viewer`. */
void sim_bootstrap(struct sim *sim);

#endif
