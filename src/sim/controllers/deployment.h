#ifndef SIM_CONTROLLERS_DEPLOYMENT_H
#define SIM_CONTROLLERS_DEPLOYMENT_H

#include <stdbool.h>
#include <stdint.h>

#include "sim/sim.h"
#include "sim/store.h"

/* What one reconcile of a Deployment knows. */
struct deployment {
    struct sim *sim;
    struct sim_object *object;
    struct sim_object *fresh; /* the ReplicaSet of the present template; NULL while there is none */
    struct sim_object **old;
    size_t old_count;
    int replicas;
    int max_surge;
    int max_unavailable;
    bool recreate;
    bool paused;
};

/* Sums over ReplicaSets. */
int sim_deployment_number(const struct sim_object *set, const char *part, const char *name);
int sim_deployment_total(const struct deployment *deployment, const char *part, const char *name,
                         bool with_fresh);
/* The status with its conditions; the caller's. *wait_ms: until the deadline may strike, or 0. */
cJSON *sim_deployment_status(const struct deployment *deployment, int64_t *wait_ms);

#endif
