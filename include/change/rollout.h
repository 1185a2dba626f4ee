#ifndef CHANGE_ROLLOUT_H
#define CHANGE_ROLLOUT_H

#include <cjson/cJSON.h>
#include <stdbool.h>
#include <stdint.h>

/*
 * How a workload rolls: what its strategy does to pods, and how far it has come, by the rules of
 * kubectl rollout status (k8s.io/kubectl/pkg/polymorphichelpers/rollout_status.go). Pure.
 */
struct change_strategy {
    int pods;          /* that exist or are wanted */
    int restarts;      /* pods that a change of the template replaces by itself */
    int at_once;       /* how many may be missing at a time; 0: as many as like (Recreate) */
    bool on_delete;    /* nothing restarts until someone deletes the pods */
    bool paused;       /* a paused Deployment: nothing restarts until it is resumed */
    bool surge;        /* the new pod comes before the old one goes */
    int partition;     /* StatefulSet: ordinals below stay as they are */
    char *sentence;    /* "5 pods restart, one at a time (maxUnavailable 1)." */
    int64_t length_ms; /* an estimate, 20 s a pod; 0: nothing restarts */
};

/* False if object is none of DaemonSet, Deployment and StatefulSet. */
bool change_strategy_read(const cJSON *object, struct change_strategy *out);
void change_strategy_free(struct change_strategy *strategy);

struct change_rollout_status {
    int desired, updated, ready, available;
    bool done;
    bool failed;   /* it will not end by itself: the progress deadline has passed */
    char *message; /* one sentence, as kubectl says it */
};

void change_rollout_judge(const cJSON *object, struct change_rollout_status *out);
void change_rollout_status_free(struct change_rollout_status *status);

#endif
