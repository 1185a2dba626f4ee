#ifndef SIM_KUBELET_H
#define SIM_KUBELET_H

#include <stdbool.h>
#include <stdint.h>

#include "sim/sim.h"
#include "sim/store.h"

/*
 * All nodes' kubelets. Each bound pod has its own life: images pulled, containers started, a sync
 * every 60 to 90 s (11 to 15 s while it fails) that warns of pull Secrets that are not there, and a
 * graceful end.
 */
struct sim_kubelet;

struct sim_kubelet *sim_kubelet_new(struct sim *sim);
void sim_kubelet_free(struct sim_kubelet *kubelet);
/* Hears of every change in the store. */
void sim_kubelet_on_change(struct sim *sim, enum sim_change change, struct sim_object *object);
/* The made-up past is over: books the warnings of that time and starts the clocks. */
void sim_kubelet_end_past(struct sim *sim);

/* How one container stands; strings owned. */
enum sim_container_state { SIM_CONTAINER_CREATING, SIM_CONTAINER_WAITING, SIM_CONTAINER_RUNNING };

struct sim_container {
    enum sim_container_state state;
    char *name;
    char *image;
    char *reason;  /* waiting: "ErrImagePull"... */
    char *message; /* waiting */
    int64_t started_ms;
    int64_t backoff_ms;  /* the present one; 0: no failure yet */
    int64_t retry_at_ms; /* cluster's clock */
    char *shown_reason;  /* what the status says: one sync behind */
    char *shown_message;
    char *
        last_failure; /* of a pull, as the words that follow "Back-off pulling image": NULL: none */
};

/* The status that a kubelet writes for a pod; the caller's. created_ms: when it was bound. */
cJSON *sim_kubelet_status(const struct sim *sim, const struct sim_object *pod,
                          const struct sim_container *containers, size_t count, int64_t created_ms);

#endif
