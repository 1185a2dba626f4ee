#ifndef SIM_KUBELET_INSIDE_H
#define SIM_KUBELET_INSIDE_H

#include "base/buffer.h"
#include "base/map.h"
#include "sim/kubelet.h"
#include "sim/registries.h"

/* Times of the cluster's clock, as measured on real nodes. */
enum {
    FIRST_SYNC_MS = 300,
    SECOND_SYNC_MS = 400,
    RESYNC_MS = 60000,
    RESYNC_JITTER_MS = 30000,
    RETRY_MS = 11000,
    RETRY_JITTER_MS = 4000,
    BACKOFF_MS = 10000,
    BACKOFF_LIMIT_MS = 300000,
    EVENT_SINCE_MINOR = 28,  /* FailedToRetrieveImagePullSecret */
    REASON_SINCE_MINOR = 32, /* ImagePullBackOff tells why the last pull failed */
    VERIFY_SINCE_MINOR = 35, /* KubeletEnsureSecretPulledImages */
    NAMES_LIMIT = 64 * 1024,
};

struct pod_life {
    struct sim *sim;
    char *uid;
    char *ns;
    char *name;
    struct sim_container *containers;
    size_t count;
    size_t next;     /* the container the present sync works on */
    bool pulling;    /* its pull is under way */
    int64_t pull_ms; /* how long that takes */
    bool fresh;      /* something started or failed for the first time in this sync */
    bool ending;
    int64_t created_ms;
    struct loop_timer *timer;
};

struct sim_kubelet {
    struct map *lives;  /* by uid */
    struct map *images; /* "NODE IMAGE" to how it was pulled: "" by nobody, else a digest */
};

/* kubelet.c */
bool sim_life_all_running(const struct pod_life *life);
/* base to base + spread, by the cluster's sequence. */
int64_t sim_kubelet_jitter(struct sim *sim, int64_t base, int64_t spread);
/* The pod as it is now, retained; NULL if it is gone. */
struct sim_object *sim_life_pod(const struct pod_life *life);
/* Starts the pod's syncs after a delay. */
void sim_life_resume(struct pod_life *life, int64_t delay_ms);

/* kubelet_pull.c: the credentials the pod brings; missing gets the names that lead nowhere. */
void sim_life_gather(struct sim *sim, const struct sim_object *pod, struct sim_keyring *keyring,
                     struct buffer *missing);
/* The warning's text, to be freed; NULL if nothing is missing or the kubelet is too old for it. */
char *sim_life_missing_message(struct sim *sim, const struct sim_object *pod);
/* Books an event; container NULL: of the pod. */
void sim_life_book(struct pod_life *life, const struct sim_object *pod, const char *container,
                   const char *type, const char *reason, const char *message);
/* Works on one container. False: its pull takes time, come back. */
bool sim_life_work_on(struct pod_life *life, const struct sim_object *pod,
                      struct sim_container *container, const struct sim_keyring *keyring);

#endif
