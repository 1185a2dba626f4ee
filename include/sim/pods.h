#ifndef SIM_PODS_H
#define SIM_PODS_H

#include <stdbool.h>
#include <stdint.h>

#include "sim/sim.h"
#include "sim/store.h"

/* Pods as workload controllers see and make them. */

bool sim_pod_is_terminating(const cJSON *pod);
/* Neither ended nor being deleted. */
bool sim_pod_is_active(const cJSON *pod);
bool sim_pod_is_failed(const cJSON *pod);
bool sim_pod_is_ready(const cJSON *pod);
/* Ready for min_ready_seconds; *wait_ms (may be NULL) gets what is missing of the cluster's time,
 * if only that is missing. */
bool sim_pod_is_available(const struct sim *sim, const cJSON *pod, int64_t min_ready_seconds,
                          int64_t *wait_ms);
const char *sim_pod_label(const cJSON *pod, const char *label);
/* "" while it is not bound. */
const char *sim_pod_node(const cJSON *pod);

/* A new pod out of a pod template with the owner's reference; name it before creating. */
cJSON *sim_pod_from_template(const struct sim_object *owner, const cJSON *template);
/* Makes spec.affinity ask for exactly this node, as the DaemonSet controller does. */
void sim_pod_pin(cJSON *pod, const char *node);
/* Creates it (takes over body) and books SuccessfulCreate or FailedCreate on the owner. */
bool sim_pod_create(struct sim *sim, const struct sim_object *owner, cJSON *body,
                    const char *component);
/* Graceful deletion, with SuccessfulDelete on the owner. */
void sim_pod_delete(struct sim *sim, const struct sim_object *owner, const struct sim_object *pod,
                    const char *component);

/* The node that a DaemonSet's pod of this template may run on: selector, required affinity,
 * taints. tolerations: those of the pod with the DaemonSet's own added. */
bool sim_node_admits(const cJSON *node, const cJSON *pod_spec);
/* Binds a pod that has no node to one that admits it; false if there is none. body is changed. */
bool sim_pod_place(struct sim *sim, cJSON *body);

/* Subscribes the scheduler part: pods that others create without a node are bound. */
void sim_schedule_pod(struct sim *sim, struct sim_object *pod);

#endif
