#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "doc/json.h"
#include "kubelet_inside.h"
#include "sim/life.h"
#include "sim/pods.h"
#include "sim/recorder.h"

/* What a cluster that has run for hours has behind it when the clocks start. The syncs of all that
 * time are gone through with the recorder's own rules, so that the counts go on as they came. */

/* One event of a pod through the past. */
struct line {
    struct sim_container *container; /* NULL: of the pod */
    const char *type;
    const char *reason;
    char *message;
    int64_t count;
    int64_t booked;
    int64_t last_ms; /* of the last write; since the beginning, as all times here */
};

/* The events of one container that cannot be pulled. */
enum { FAILED_WHY, FAILED_PULL, FAILED_BACKOFF, BACKOFF, PER_CONTAINER };

struct past {
    struct line *lines; /* the first one is the warning of missing Secrets */
    size_t count;
    double warnings; /* tokens of the spam filter, by type */
    double normals;
    int64_t warned_ms; /* when they were last counted */
    int64_t told_ms;
};

static struct sim_event event_of(const struct sim_object *pod, const struct line *line,
                                 const char *path)
{
    return (struct sim_event){"kubelet",    sim_pod_node(pod->body), line->type,
                              line->reason, line->message,           path};
}

static void happen(struct past *past, struct line *line, int64_t at)
{
    bool warning = strcmp(line->type, "Warning") == 0;
    int64_t *before = warning ? &past->warned_ms : &past->told_ms;
    if (line->message == NULL) {
        return;
    }
    line->count++;
    if (sim_event_spend(warning ? &past->warnings : &past->normals, at - *before)) {
        line->booked = line->count;
        line->last_ms = at;
    }
    *before = at;
}

static bool cannot_be_pulled(const struct sim_container *container)
{
    return container->state == SIM_CONTAINER_WAITING && container->last_failure != NULL;
}

static void name_lines(struct line *lines, struct sim_container *container)
{
    static const char *const reasons[] = {"Failed", "Failed", "Failed", "BackOff"};
    for (size_t i = 0; i < PER_CONTAINER; i++) {
        lines[i] = (struct line){.container = container,
                                 .type = i == BACKOFF ? "Normal" : "Warning",
                                 .reason = reasons[i]};
    }
    lines[FAILED_WHY].message =
        xasprintf("Failed to pull image \"%s\": %s", container->image, container->message);
    lines[FAILED_PULL].message = xasprintf("Error: %s", container->reason);
    lines[FAILED_BACKOFF].message = xstrdup("Error: ImagePullBackOff");
    lines[BACKOFF].message = xasprintf("Back-off pulling image \"%s\"", container->image);
}

/* One sync: the warning, then what each container comes to. */
static void sync(struct past *past, int64_t at, int64_t *retry_ms, int64_t *backoff_ms)
{
    bool attempt = at >= *retry_ms;
    happen(past, &past->lines[0], at);
    for (size_t i = 1; i < past->count; i += PER_CONTAINER) {
        struct line *lines = &past->lines[i];
        if (attempt) {
            happen(past, &lines[FAILED_WHY], at);
            happen(past, &lines[FAILED_PULL], at);
        } else {
            happen(past, &lines[BACKOFF], at);
            happen(past, &lines[FAILED_BACKOFF], at);
        }
    }
    if (attempt) {
        *backoff_ms = *backoff_ms * 2 > BACKOFF_LIMIT_MS ? BACKOFF_LIMIT_MS : *backoff_ms * 2;
        *retry_ms = at + *backoff_ms;
    }
}

static void live_through(struct sim *sim, struct past *past, int64_t past_ms)
{
    bool healthy = past->count == 1;
    int64_t retry = 0;
    int64_t backoff = BACKOFF_MS / 2;
    sync(past, 0, &retry, &backoff);
    for (int64_t at = SECOND_SYNC_MS; at < past_ms;) {
        sync(past, at, &retry, &backoff);
        at += healthy ? sim_kubelet_jitter(sim, RESYNC_MS, RESYNC_JITTER_MS)
                      : sim_kubelet_jitter(sim, RETRY_MS, RETRY_JITTER_MS);
    }
    for (size_t i = 1; i < past->count; i += PER_CONTAINER) {
        struct sim_container *container = past->lines[i].container;
        container->backoff_ms = backoff;
        container->retry_at_ms =
            sim_cluster_ms(sim) + (retry > past_ms ? retry - past_ms : RETRY_MS);
    }
}

static void book(struct sim *sim, const struct sim_object *pod, const struct line *line,
                 const struct past *past, int64_t past_ms)
{
    if (line->booked == 0) {
        return;
    }
    char *path = line->container == NULL ? xstrdup("")
                                         : xasprintf("spec.containers{%s}", line->container->name);
    int64_t begun = sim_now_ms(sim) - past_ms;
    const struct sim_event event = event_of(pod, line, path);
    const struct sim_event_past was = {line->count, line->booked, begun, begun + line->last_ms};
    bool warning = strcmp(line->type, "Warning") == 0;
    sim_event_record_past(sim, pod, &event, &was);
    sim_event_tokens_past(sim, pod, &event, warning ? past->warnings : past->normals,
                          past_ms - (warning ? past->warned_ms : past->told_ms));
    free(path);
}

static void remember(struct pod_life *life, const struct sim_object *pod, int64_t past_ms)
{
    struct line *lines = xcalloc(1 + PER_CONTAINER * life->count, sizeof(*lines));
    struct past past = {
        .lines = lines, .count = 1, .warnings = SIM_EVENT_BURST, .normals = SIM_EVENT_BURST};
    lines[0] = (struct line){.type = "Warning",
                             .reason = "FailedToRetrieveImagePullSecret",
                             .message = sim_life_missing_message(life->sim, pod)};
    for (size_t i = 0; i < life->count; i++) {
        if (cannot_be_pulled(&life->containers[i])) {
            name_lines(&lines[past.count], &life->containers[i]);
            past.count += PER_CONTAINER;
        }
    }
    live_through(life->sim, &past, past_ms);
    for (size_t i = 0; i < past.count; i++) {
        book(life->sim, pod, &lines[i], &past, past_ms);
        free(lines[i].message);
    }
    free(lines);
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
