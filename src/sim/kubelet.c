#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "doc/json.h"
#include "kubelet_inside.h"
#include "sim/life.h"
#include "sim/pods.h"
#include "sim/recorder.h"
#include "sim/scenario_parts.h"

static void clear_container(struct sim_container *container)
{
    free(container->name);
    free(container->image);
    free(container->reason);
    free(container->message);
    free(container->shown_reason);
    free(container->shown_message);
    free(container->last_failure);
}

static void free_life(void *value)
{
    struct pod_life *life = value;
    loop_cancel_timer(life->sim->loop, life->timer);
    for (size_t i = 0; i < life->count; i++) {
        clear_container(&life->containers[i]);
    }
    free(life->containers);
    free(life->uid);
    free(life->ns);
    free(life->name);
    free(life);
}

struct sim_kubelet *sim_kubelet_new(struct sim *sim)
{
    (void)sim;
    struct sim_kubelet *kubelet = xcalloc(1, sizeof(*kubelet));
    kubelet->lives = map_new(free_life);
    kubelet->images = map_new(free);
    return kubelet;
}

void sim_kubelet_free(struct sim_kubelet *kubelet)
{
    if (kubelet != NULL) {
        map_free(kubelet->lives);
        map_free(kubelet->images);
        free(kubelet);
    }
}

int64_t sim_kubelet_jitter(struct sim *sim, int64_t base, int64_t spread)
{
    return base + (int64_t)(sim_random(sim) % (uint64_t)(spread + 1));
}

struct sim_object *sim_life_pod(const struct pod_life *life)
{
    struct sim_object *pod = sim_store_get(life->sim->store, sim_pods(), life->ns, life->name);
    return pod == NULL || strcmp(pod->uid, life->uid) != 0 ? NULL : sim_object_retain(pod);
}

static void warn_of_missing(struct pod_life *life, const struct sim_object *pod)
{
    char *message = sim_life_missing_message(life->sim, pod);
    if (message != NULL) {
        sim_life_book(life, pod, NULL, "Warning", "FailedToRetrieveImagePullSecret", message);
    }
    free(message);
}

static void sync_pod(void *context);
static void step(void *context);

bool sim_life_all_running(const struct pod_life *life)
{
    for (size_t i = 0; i < life->count; i++) {
        if (life->containers[i].state != SIM_CONTAINER_RUNNING) {
            return false;
        }
    }
    return true;
}

static void write_status(struct pod_life *life, struct sim_object **pod)
{
    cJSON *status =
        sim_kubelet_status(life->sim, *pod, life->containers, life->count, life->created_ms);
    sim_life_set_status(life->sim, pod, status, "kubelet");
}

static void schedule_sync(struct pod_life *life)
{
    struct sim *sim = life->sim;
    int64_t delay = life->fresh ? SECOND_SYNC_MS
                    : sim_life_all_running(life)
                        ? sim_kubelet_jitter(sim, RESYNC_MS, RESYNC_JITTER_MS)
                        : sim_kubelet_jitter(sim, RETRY_MS, RETRY_JITTER_MS);
    life->timer = sim_after(sim, delay, sync_pod, life);
}

static void step(void *context)
{
    struct pod_life *life = context;
    life->timer = NULL;
    struct sim_object *pod = sim_life_pod(life);
    if (pod == NULL) {
        return;
    }
    struct buffer missing;
    struct sim_keyring keyring = {NULL, 0, 0, NULL};
    buffer_init(&missing, NAMES_LIMIT);
    sim_life_gather(life->sim, pod, &keyring, &missing);
    buffer_free(&missing);
    bool waits = false;
    while (!waits && life->next < life->count) {
        waits = !sim_life_work_on(life, pod, &life->containers[life->next], &keyring);
        life->next += !waits;
    }
    sim_keyring_clear(&keyring);
    if (waits) {
        life->timer = sim_after(life->sim, life->pull_ms, step, life);
    } else {
        write_status(life, &pod);
        if (life->sim->controllers->past_ms == 0) {
            schedule_sync(life);
        }
    }
    sim_object_release(pod);
}

static void sync_pod(void *context)
{
    struct pod_life *life = context;
    life->timer = NULL;
    struct sim_object *pod = sim_life_pod(life);
    if (pod == NULL) {
        return;
    }
    warn_of_missing(life, pod);
    life->next = 0;
    life->fresh = false;
    sim_object_release(pod);
    step(life);
}

static void begin(struct pod_life *life)
{
    life->timer = NULL;
    struct sim_object *pod = sim_life_pod(life);
    if (pod == NULL) {
        return;
    }
    write_status(life, &pod);
    sim_object_release(pod);
    life->timer = sim_after(life->sim, FIRST_SYNC_MS, sync_pod, life);
}

static void begin_later(void *context)
{
    begin(context);
}

static void finish_end(void *context)
{
    struct pod_life *life = context;
    struct sim *sim = life->sim;
    life->timer = NULL;
    struct sim_store_options options = {.require_uid = life->uid, .grace_seconds = 0};
    struct sim_status status = SIM_STATUS_INIT;
    struct sim_object *last = NULL;
    sim_store_delete(sim->store, sim_pods(), life->ns, life->name, &options, &last, NULL, &status);
    sim_object_release(last);
    sim_status_clear(&status);
}

static void begin_end(struct pod_life *life, const struct sim_object *pod)
{
    life->ending = true;
    loop_cancel_timer(life->sim->loop, life->timer);
    for (size_t i = 0; i < life->count; i++) {
        if (life->containers[i].state == SIM_CONTAINER_RUNNING) {
            char *message = xasprintf("Stopping container %s", life->containers[i].name);
            sim_life_book(life, pod, life->containers[i].name, "Normal", "Killing", message);
            free(message);
        }
    }
    life->timer = sim_after(life->sim, sim_scenario_stop_ms(life->sim), finish_end, life);
}

static struct pod_life *adopt(struct sim *sim, const struct sim_object *pod)
{
    struct pod_life *life = xcalloc(1, sizeof(*life));
    life->sim = sim;
    life->uid = xstrdup(pod->uid);
    life->ns = xstrdup(pod->ns);
    life->name = xstrdup(pod->name);
    life->created_ms = sim_life_ms(sim);
    const cJSON *list = json_at(pod->body, "spec", "containers", NULL);
    life->containers = xcalloc((size_t)cJSON_GetArraySize(list) + 1, sizeof(struct sim_container));
    const cJSON *container = NULL;
    cJSON_ArrayForEach(container, list)
    {
        struct sim_container *slot = &life->containers[life->count++];
        slot->name = xstrdup(json_string_or(container, "name", ""));
        slot->image = xstrdup(json_string_or(container, "image", ""));
    }
    map_set(sim->controllers->kubelet->lives, pod->uid, life);
    return life;
}

void sim_kubelet_on_change(struct sim *sim, enum sim_change change, struct sim_object *object)
{
    if (object->resource != sim_pods()) {
        return;
    }
    struct sim_kubelet *kubelet = sim->controllers->kubelet;
    if (change == SIM_DELETED) {
        map_remove(kubelet->lives, object->uid);
        return;
    }
    struct pod_life *life = map_get(kubelet->lives, object->uid);
    const char *node = sim_pod_node(object->body);
    if (node[0] == '\0' || sim_store_get(sim->store, sim_nodes(), "", node) == NULL) {
        return; /* nobody runs it */
    }
    bool terminating = sim_pod_is_terminating(object->body);
    if (life == NULL && !terminating && sim_scenario_is_as_is(sim, object->ns, object->name)) {
        return;
    }
    if (life == NULL) {
        life = adopt(sim, object);
        if (sim->controllers->past_ms > 0) {
            step(life);
        } else if (!terminating) {
            life->timer = sim_after(sim, 0, begin_later, life);
        }
    }
    if (terminating && !life->ending) {
        begin_end(life, object);
    }
}

void sim_life_resume(struct pod_life *life, int64_t delay_ms)
{
    life->fresh = false;
    life->timer = sim_after(life->sim, delay_ms, sync_pod, life);
}
