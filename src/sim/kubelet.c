#include "sim/kubelet.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/buffer.h"
#include "base/map.h"
#include "base/secret.h"
#include "doc/digest.h"
#include "doc/json.h"
#include "sim/life.h"
#include "sim/pods.h"
#include "sim/recorder.h"
#include "sim/registries.h"
#include "sim/scenario_parts.h"

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
    size_t next;  /* the container the present sync works on */
    bool pulling; /* its pull is under way */
    bool fresh;   /* something started or failed for the first time in this sync */
    bool ending;
    int64_t created_ms;
    struct loop_timer *timer;
};

struct sim_kubelet {
    struct map *lives;  /* by uid */
    struct map *images; /* "NODE IMAGE" to how it was pulled: "" by nobody, else a digest */
};

static void clear_container(struct sim_container *container)
{
    free(container->name);
    free(container->image);
    free(container->reason);
    free(container->message);
    free(container->shown_reason);
    free(container->shown_message);
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

static int64_t jitter(struct sim *sim, int64_t base, int64_t spread)
{
    return base + (int64_t)(sim_random(sim) % (uint64_t)(spread + 1));
}

static struct sim_object *pod_of(const struct pod_life *life)
{
    struct sim_object *pod = sim_store_get(life->sim->store, sim_pods(), life->ns, life->name);
    return pod == NULL || strcmp(pod->uid, life->uid) != 0 ? NULL : sim_object_retain(pod);
}

static void book(struct pod_life *life, const struct sim_object *pod, const char *container,
                 const char *type, const char *reason, const char *message)
{
    char *path = container == NULL ? NULL : xasprintf("spec.containers{%s}", container);
    struct sim_event event = {"kubelet", sim_pod_node(pod->body), type, reason,
                              message,   path == NULL ? "" : path};
    sim_event_record(life->sim, pod, &event);
    free(path);
}

/* The credentials the pod brings; missing gets the names that lead nowhere, in their order. */
static void gather(struct sim *sim, const struct sim_object *pod, struct sim_keyring *keyring,
                   struct buffer *missing)
{
    const cJSON *reference = NULL;
    cJSON_ArrayForEach(reference, json_at(pod->body, "spec", "imagePullSecrets", NULL))
    {
        const char *name = json_string_or(reference, "name", "");
        if (name[0] == '\0') {
            continue;
        }
        struct sim_object *secret = sim_store_get(sim->store, sim_secrets(), pod->ns, name);
        if (secret != NULL) {
            sim_keyring_add(keyring, secret->body);
        } else {
            buffer_printf(missing, "%s%s", missing->length == 0 ? "" : ", ", name);
        }
    }
}

static char *missing_message(struct sim *sim, const struct sim_object *pod)
{
    struct buffer missing;
    struct sim_keyring keyring = {NULL, 0, 0, NULL};
    buffer_init(&missing, NAMES_LIMIT);
    gather(sim, pod, &keyring, &missing);
    sim_keyring_clear(&keyring);
    char *message = NULL;
    if (missing.length > 0 && sim_scenario_kubelet_minor(sim) >= EVENT_SINCE_MINOR) {
        message = xasprintf("Unable to retrieve some image pull secrets (%s); attempting to pull "
                            "the image may not succeed.",
                            missing.data);
    }
    buffer_free(&missing);
    return message;
}

static void warn_of_missing(struct pod_life *life, const struct sim_object *pod)
{
    char *message = missing_message(life->sim, pod);
    if (message != NULL) {
        book(life, pod, NULL, "Warning", "FailedToRetrieveImagePullSecret", message);
    }
    free(message);
}

static void set_text(char **slot, char *text)
{
    free(*slot);
    *slot = text;
}

/* The status shows what the sync before came to; only the first result shows at once. */
static void set_waiting(struct sim_container *container, const char *reason, char *message)
{
    if (container->reason != NULL) {
        set_text(&container->shown_reason, container->reason);
        set_text(&container->shown_message, container->message);
    } else {
        set_text(&container->shown_reason, xstrdup(reason));
        set_text(&container->shown_message, xstrdup(message));
    }
    container->state = SIM_CONTAINER_WAITING;
    container->reason = xstrdup(reason);
    container->message = message;
}

static void start_container(struct pod_life *life, const struct sim_object *pod,
                            struct sim_container *container)
{
    bool old = sim_scenario_kubelet_minor(life->sim) < VERIFY_SINCE_MINOR;
    char *created =
        old ? xasprintf("Created container %s", container->name) : xstrdup("Container created");
    char *started =
        old ? xasprintf("Started container %s", container->name) : xstrdup("Container started");
    book(life, pod, container->name, "Normal", "Created", created);
    book(life, pod, container->name, "Normal", "Started", started);
    free(created);
    free(started);
    container->state = SIM_CONTAINER_RUNNING;
    container->started_ms = sim_life_ms(life->sim);
    container->backoff_ms = 0;
    life->fresh = true;
}

static char *image_key(const struct sim_object *pod, const char *image)
{
    return xasprintf("%s %s", sim_pod_node(pod->body), image);
}

static void credential_digest(const struct sim_credential *credential, char out[129])
{
    struct buffer text;
    buffer_init_secret(&text, NAMES_LIMIT);
    buffer_printf(&text, "%s\n%s", credential->username, credential->password);
    digest_hex("sha256", text.data, text.length, out);
    buffer_free(&text);
}

/* How the credential that a pull of this image would use is remembered: "" for nobody's. */
static char *pulled_as(const struct sim_keyring *keyring, const char *text)
{
    struct sim_image image;
    sim_image_parse(text, &image);
    const struct sim_credential *credential = sim_keyring_find(keyring, &image);
    char digest[129] = "";
    if (credential != NULL) {
        credential_digest(credential, digest);
    }
    sim_image_clear(&image);
    return xstrdup(digest);
}

/* An image on the node may be used as it is, from 1.35 on only by who could have pulled it. */
static bool may_use_present(struct pod_life *life, const struct sim_object *pod,
                            const struct sim_container *container,
                            const struct sim_keyring *keyring)
{
    const cJSON *spec = NULL;
    cJSON_ArrayForEach(spec, json_at(pod->body, "spec", "containers", NULL))
    {
        if (strcmp(json_string_or(spec, "name", ""), container->name) == 0) {
            break;
        }
    }
    if (strcmp(json_string_or(spec, "imagePullPolicy", "IfNotPresent"), "Always") == 0) {
        return false;
    }
    char *key = image_key(pod, container->image);
    const char *record = map_get(life->sim->controllers->kubelet->images, key);
    free(key);
    if (record == NULL || record[0] == '\0' ||
        sim_scenario_kubelet_minor(life->sim) < VERIFY_SINCE_MINOR) {
        return record != NULL;
    }
    char *own = pulled_as(keyring, container->image);
    bool same = strcmp(own, record) == 0;
    free(own);
    return same;
}

static void note_pulled(struct pod_life *life, const struct sim_object *pod,
                        const struct sim_container *container, const struct sim_keyring *keyring,
                        bool anonymous)
{
    char *key = image_key(pod, container->image);
    map_set(life->sim->controllers->kubelet->images, key,
            anonymous ? xstrdup("") : pulled_as(keyring, container->image));
    free(key);
}

static void book_quoted(struct pod_life *life, const struct sim_object *pod,
                        const struct sim_container *container, const char *type, const char *reason,
                        const char *before, const char *after)
{
    char *message = xasprintf("%s\"%s\"%s", before, container->image, after);
    book(life, pod, container->name, type, reason, message);
    free(message);
}

static void fail_pull(struct pod_life *life, const struct sim_object *pod,
                      struct sim_container *container, const char *why)
{
    char *tail = xasprintf(": %s", why);
    book_quoted(life, pod, container, "Warning", "Failed", "Failed to pull image ", tail);
    free(tail);
    book(life, pod, container->name, "Warning", "Failed", "Error: ErrImagePull");
    life->fresh = life->fresh || container->backoff_ms == 0;
    container->backoff_ms = container->backoff_ms == 0 ? BACKOFF_MS : container->backoff_ms * 2;
    if (container->backoff_ms > BACKOFF_LIMIT_MS) {
        container->backoff_ms = BACKOFF_LIMIT_MS;
    }
    container->retry_at_ms = sim_cluster_ms(life->sim) + container->backoff_ms;
    set_waiting(container, "ErrImagePull", xstrdup(why));
}

static void wait_longer(struct pod_life *life, const struct sim_object *pod,
                        struct sim_container *container)
{
    const char *error = strcmp(container->reason, "ErrImagePull") == 0
                            ? container->message
                            : strstr(container->message, ": ErrImagePull: ");
    if (error != NULL && error != container->message) {
        error += strlen(": ErrImagePull: ");
    }
    char *message = xasprintf("Back-off pulling image \"%s\": ErrImagePull: %s", container->image,
                              error == NULL ? "" : error);
    book_quoted(life, pod, container, "Normal", "BackOff", "Back-off pulling image ", "");
    book(life, pod, container->name, "Warning", "Failed", "Error: ImagePullBackOff");
    set_waiting(container, "ImagePullBackOff", message);
}

static void finish_pull(struct pod_life *life, const struct sim_object *pod,
                        struct sim_container *container, const struct sim_keyring *keyring)
{
    struct sim_pull pull;
    sim_registry_pull(life->sim, container->image, keyring, &pull);
    if (!pull.done) {
        fail_pull(life, pod, container, pull.message);
    } else {
        int64_t took = sim_scenario_pull_ms(life->sim);
        char *tail =
            xasprintf(" in %d.%03ds (%d.%03ds including waiting). Image size: %d bytes.",
                      (int)(took / 1000), (int)(took % 1000), (int)(took / 1000),
                      (int)(took % 1000), (int)(8000000 + strlen(container->image) * 98317));
        book_quoted(life, pod, container, "Normal", "Pulled", "Successfully pulled image ", tail);
        free(tail);
        note_pulled(life, pod, container, keyring, pull.anonymous);
        start_container(life, pod, container);
    }
    free(pull.message);
}

static void refuse_config(struct pod_life *life, const struct sim_object *pod,
                          struct sim_container *container, const char *why)
{
    char *message = xasprintf("Error: %s", why);
    book(life, pod, container->name, "Warning", "Failed", message);
    free(message);
    life->fresh = life->fresh || container->reason == NULL;
    set_waiting(container, why, xstrdup(why));
}

/* Works on one container. False: its pull takes time, come back. */
static bool work_on(struct pod_life *life, const struct sim_object *pod,
                    struct sim_container *container, const struct sim_keyring *keyring)
{
    bool past = life->sim->controllers->past_ms > 0;
    if (life->pulling) {
        life->pulling = false;
        finish_pull(life, pod, container, keyring);
    } else if (container->state == SIM_CONTAINER_RUNNING) {
        return true;
    } else if (container->backoff_ms > 0 && sim_cluster_ms(life->sim) < container->retry_at_ms) {
        wait_longer(life, pod, container);
    } else if (may_use_present(life, pod, container, keyring)) {
        book_quoted(life, pod, container, "Normal", "Pulled", "Container image ",
                    sim_scenario_kubelet_minor(life->sim) < VERIFY_SINCE_MINOR
                        ? " already present on machine"
                        : " already present on machine and can be accessed by the pod");
        start_container(life, pod, container);
    } else if (keyring->error != NULL) {
        refuse_config(life, pod, container, keyring->error);
    } else if (past) {
        finish_pull(life, pod, container, keyring);
    } else {
        book_quoted(life, pod, container, "Normal", "Pulling", "Pulling image ", "");
        life->pulling = true;
        return false;
    }
    return true;
}

static void sync_pod(void *context);
static void step(void *context);

static bool all_running(const struct pod_life *life)
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
    int64_t delay = life->fresh         ? SECOND_SYNC_MS
                    : all_running(life) ? jitter(sim, RESYNC_MS, RESYNC_JITTER_MS)
                                        : jitter(sim, RETRY_MS, RETRY_JITTER_MS);
    life->timer = sim_after(sim, delay, sync_pod, life);
}

static void step(void *context)
{
    struct pod_life *life = context;
    life->timer = NULL;
    struct sim_object *pod = pod_of(life);
    if (pod == NULL) {
        return;
    }
    struct buffer missing;
    struct sim_keyring keyring = {NULL, 0, 0, NULL};
    buffer_init(&missing, NAMES_LIMIT);
    gather(life->sim, pod, &keyring, &missing);
    buffer_free(&missing);
    bool waits = false;
    while (!waits && life->next < life->count) {
        waits = !work_on(life, pod, &life->containers[life->next], &keyring);
        life->next += !waits;
    }
    sim_keyring_clear(&keyring);
    if (waits) {
        int64_t pull_ms = sim_scenario_pull_ms(life->sim);
        life->timer = sim_after(life->sim, jitter(life->sim, pull_ms, pull_ms / 4), step, life);
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
    struct sim_object *pod = pod_of(life);
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
    struct sim_object *pod = pod_of(life);
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
            book(life, pod, life->containers[i].name, "Normal", "Killing", message);
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
    if (sim_pod_node(object->body)[0] == '\0') {
        return;
    }
    bool terminating = sim_pod_is_terminating(object->body);
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

/* The warnings of a pod's past: two in its first second, then one a sync, of which the spam filter
 * let 25 through and then one in five minutes. */
static void remember_warnings(struct pod_life *life, const struct sim_object *pod, int64_t past_ms)
{
    char *message = missing_message(life->sim, pod);
    if (message == NULL) {
        return;
    }
    bool healthy = all_running(life);
    int64_t count = 2;
    int64_t booked = 2;
    int64_t at = 0;
    int64_t last = 0;
    while (true) {
        at += healthy ? jitter(life->sim, RESYNC_MS, RESYNC_JITTER_MS)
                      : jitter(life->sim, RETRY_MS, RETRY_JITTER_MS);
        if (at >= past_ms) {
            break;
        }
        count++;
        if (count <= 25 || at - last >= BACKOFF_LIMIT_MS) {
            booked = count;
            last = at;
        }
    }
    int64_t now = sim_now_ms(life->sim);
    struct sim_event event = {"kubelet", sim_pod_node(pod->body),
                              "Warning", "FailedToRetrieveImagePullSecret",
                              message,   ""};
    sim_event_record_past(life->sim, pod, &event, booked, now - past_ms, now - past_ms + last);
    free(message);
}

void sim_kubelet_end_past(struct sim *sim)
{
    int64_t past_ms = sim->controllers->past_ms;
    size_t position = 0;
    void *value = NULL;
    while (map_next(sim->controllers->kubelet->lives, &position, NULL, &value)) {
        struct pod_life *life = value;
        struct sim_object *pod = pod_of(life);
        if (pod == NULL) {
            continue;
        }
        remember_warnings(life, pod, past_ms);
        int64_t first = all_running(life) ? RESYNC_MS : RETRY_MS;
        life->fresh = false;
        life->timer = sim_after(sim, jitter(sim, 0, first), sync_pod, life);
        sim_object_release(pod);
    }
}
