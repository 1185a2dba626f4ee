#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "doc/json.h"
#include "kubelet_inside.h"
#include "sim/life.h"
#include "sim/pods.h"
#include "sim/recorder.h"

/* What a cluster that has run for hours has behind it when the clocks start. */

static void book_past(struct pod_life *life, const struct sim_object *pod, const char *container,
                      const char *type, const char *reason, const char *message, int64_t count,
                      int64_t past_ms, int64_t last_ms)
{
    char *path = container == NULL ? xstrdup("") : xasprintf("spec.containers{%s}", container);
    int64_t begun = sim_now_ms(life->sim) - past_ms;
    struct sim_event event = {"kubelet", sim_pod_node(pod->body), type, reason, message, path};
    sim_event_record_past(life->sim, pod, &event, count, begun, begun + last_ms);
    free(path);
}

/* Two warnings in the first second, then one a sync, of which the spam filter let 25 through and
 * then one in five minutes. */
static void remember_warnings(struct pod_life *life, const struct sim_object *pod, int64_t past_ms,
                              bool healthy)
{
    char *message = sim_life_missing_message(life->sim, pod);
    if (message == NULL) {
        return;
    }
    int64_t count = 2;
    int64_t booked = 2;
    int64_t last = 0;
    int64_t at = 0;
    while (at < past_ms) {
        if (at > 0) {
            count++;
        }
        if (at > 0 && (count <= 25 || at - last >= BACKOFF_LIMIT_MS)) {
            booked = count;
            last = at;
        }
        at += healthy ? sim_kubelet_jitter(life->sim, RESYNC_MS, RESYNC_JITTER_MS)
                      : sim_kubelet_jitter(life->sim, RETRY_MS, RETRY_JITTER_MS);
    }
    book_past(life, pod, NULL, "Warning", "FailedToRetrieveImagePullSecret", message, booked,
              past_ms, last);
    free(message);
}

/* A container that could not be pulled all the time: the back-off has grown to its limit. */
static void remember_failures(struct pod_life *life, const struct sim_object *pod,
                              struct sim_container *container, int64_t past_ms)
{
    if (container->reason == NULL || strcmp(container->reason, "ErrImagePull") != 0) {
        return;
    }
    int64_t attempts = 5 + past_ms / BACKOFF_LIMIT_MS;
    int64_t syncs = past_ms / (RETRY_MS + RETRY_JITTER_MS / 2);
    char *failed =
        xasprintf("Failed to pull image \"%s\": %s", container->image, container->message);
    char *waits = xasprintf("Back-off pulling image \"%s\"", container->image);
    book_past(life, pod, container->name, "Warning", "Failed", failed, attempts, past_ms, past_ms);
    book_past(life, pod, container->name, "Warning", "Failed", "Error: ErrImagePull", attempts,
              past_ms, past_ms);
    book_past(life, pod, container->name, "Warning", "Failed", "Error: ImagePullBackOff",
              syncs - attempts > 0 ? syncs - attempts : 1, past_ms, past_ms);
    book_past(life, pod, container->name, "Normal", "BackOff", waits,
              syncs - attempts > 0 ? syncs - attempts : 1, past_ms, past_ms);
    free(failed);
    free(waits);
    container->backoff_ms = past_ms > BACKOFF_LIMIT_MS ? BACKOFF_LIMIT_MS : container->backoff_ms;
    container->retry_at_ms =
        sim_cluster_ms(life->sim) + sim_kubelet_jitter(life->sim, 0, container->backoff_ms);
}

static void remember(struct pod_life *life, const struct sim_object *pod, int64_t past_ms)
{
    bool healthy = sim_life_all_running(life);
    remember_warnings(life, pod, past_ms, healthy);
    for (size_t i = 0; i < life->count; i++) {
        remember_failures(life, pod, &life->containers[i], past_ms);
    }
}

void sim_kubelet_end_past(struct sim *sim)
{
    int64_t past_ms = sim->controllers->past_ms;
    size_t position = 0;
    void *value = NULL;
    while (map_next(sim->controllers->kubelet->lives, &position, NULL, &value)) {
        struct pod_life *life = value;
        struct sim_object *pod = sim_life_pod(life);
        if (pod == NULL) {
            continue;
        }
        remember(life, pod, past_ms);
        int64_t first = sim_life_all_running(life) ? RESYNC_MS : RETRY_MS;
        sim_life_resume(life, sim_kubelet_jitter(sim, 0, first));
        sim_object_release(pod);
    }
}
