#include "sim/recorder.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/clock.h"
#include "base/map.h"
#include "doc/json.h"
#include "sim/life.h"
#include "sim/writes.h"

/* client-go's defaults (tools/record/events_cache.go). */
enum {
    SPAM_PERIOD_MS = 300000,
    AGGREGATE_MESSAGES = 10,
    AGGREGATE_WINDOW_MS = 600000,
    FORGET_MS = 7200000,
};

/* One event that was seen before. */
struct seen {
    char *name; /* of the Event object */
    int64_t count;
    double due;       /* repeats that are not counted yet, see share_of_repeats() */
    int64_t first_ms; /* wall clock */
    int64_t used_ms;  /* events' clock */
};

struct bucket {
    double tokens;
    int64_t used_ms;
};

/* Different messages of one source, object, type and reason. */
struct similar {
    struct map *messages;
    int64_t used_ms;
};

struct sim_recorder {
    struct map *seen;
    struct map *buckets;
    struct map *similar;
};

static void free_seen(void *value)
{
    struct seen *seen = value;
    free(seen->name);
    free(seen);
}

static void free_similar(void *value)
{
    struct similar *similar = value;
    map_free(similar->messages);
    free(similar);
}

struct sim_recorder *sim_recorder_new(struct sim *sim)
{
    (void)sim;
    struct sim_recorder *recorder = xcalloc(1, sizeof(*recorder));
    recorder->seen = map_new(free_seen);
    recorder->buckets = map_new(free);
    recorder->similar = map_new(free_similar);
    return recorder;
}

void sim_recorder_free(struct sim_recorder *recorder)
{
    if (recorder == NULL) {
        return;
    }
    map_free(recorder->seen);
    map_free(recorder->buckets);
    map_free(recorder->similar);
    free(recorder);
}

static char *source_key(const struct sim_object *about, const struct sim_event *event)
{
    return xasprintf("%s\n%s\n%s\n%s\n%s\n%s", event->component, event->host, about->resource->kind,
                     about->ns, about->name, about->uid);
}

static struct bucket *bucket_of(struct sim *sim, const char *source, const char *type)
{
    char *key = xasprintf("%s\n%s", source, type);
    struct bucket *bucket = map_get(sim->controllers->recorder->buckets, key);
    if (bucket == NULL) {
        bucket = xcalloc(1, sizeof(*bucket));
        bucket->tokens = SIM_EVENT_BURST;
        bucket->used_ms = sim_event_ms(sim);
        map_set(sim->controllers->recorder->buckets, key, bucket);
    }
    free(key);
    return bucket;
}

/* True if a write may pass: 25 at once, then one in five minutes. */
static bool take_token(struct sim *sim, const char *source, const char *type)
{
    struct bucket *bucket = bucket_of(sim, source, type);
    int64_t now = sim_event_ms(sim);
    int64_t passed = now - bucket->used_ms;
    bucket->used_ms = now;
    return sim_event_spend(&bucket->tokens, passed);
}

/* The message that is booked: the tenth different one in a row stands for all that follow. */
static char *aggregate(struct sim *sim, const char *source, const struct sim_event *event,
                       bool *combined)
{
    char *key = xasprintf("%s\n%s\n%s", source, event->type, event->reason);
    struct similar *similar = map_get(sim->controllers->recorder->similar, key);
    int64_t now = sim_event_ms(sim);
    if (similar == NULL || now - similar->used_ms > AGGREGATE_WINDOW_MS) {
        similar = xcalloc(1, sizeof(*similar));
        similar->messages = map_new(NULL);
        map_set(sim->controllers->recorder->similar, key, similar);
    }
    free(key);
    similar->used_ms = now;
    *combined = false;
    if (map_count(similar->messages) < AGGREGATE_MESSAGES) {
        map_set(similar->messages, event->message, similar);
        *combined = map_count(similar->messages) >= AGGREGATE_MESSAGES;
    } else {
        *combined = true;
    }
    return *combined ? xasprintf("(combined from similar events): %s", event->message)
                     : xstrdup(event->message);
}

static cJSON *involved_object(const struct sim_object *about, const char *field_path)
{
    char api_version[64];
    char version[32];
    sim_resource_api_version(about->resource, api_version);
    snprintf(version, sizeof(version), "%" PRId64, about->version);
    cJSON *involved = cJSON_CreateObject();
    cJSON_AddStringToObject(involved, "kind", about->resource->kind);
    if (about->ns[0] != '\0') {
        cJSON_AddStringToObject(involved, "namespace", about->ns);
    }
    cJSON_AddStringToObject(involved, "name", about->name);
    cJSON_AddStringToObject(involved, "uid", about->uid);
    cJSON_AddStringToObject(involved, "apiVersion", api_version);
    cJSON_AddStringToObject(involved, "resourceVersion", version);
    if (field_path[0] != '\0') {
        cJSON_AddStringToObject(involved, "fieldPath", field_path);
    }
    return involved;
}

/* NAME.HEX: the object's name and nanoseconds since 1970. */
static char *event_name(struct sim *sim, const struct sim_object *about, int64_t at_ms)
{
    uint64_t nanoseconds = (uint64_t)at_ms * 1000000U + sim_random(sim) % 1000000U;
    return xasprintf("%s.%" PRIx64, about->name, nanoseconds);
}

static const char *event_namespace(const struct sim_object *about)
{
    return about->ns[0] == '\0' ? "default" : about->ns;
}

static cJSON *event_head(const struct sim_object *about, const char *name)
{
    cJSON *body = cJSON_CreateObject();
    cJSON_AddStringToObject(body, "apiVersion", "v1");
    cJSON_AddStringToObject(body, "kind", "Event");
    cJSON *metadata = cJSON_AddObjectToObject(body, "metadata");
    cJSON_AddStringToObject(metadata, "name", name);
    cJSON_AddStringToObject(metadata, "namespace", event_namespace(about));
    return body;
}

static void write_event(struct sim *sim, const struct sim_object *about, cJSON *body,
                        const char *manager, int64_t creation_ms)
{
    struct sim_write write = {.manager = manager, .creation_ms = creation_ms};
    struct sim_status status = SIM_STATUS_INIT;
    sim_write_create(sim, sim_events(), event_namespace(about), body, &write, NULL, &status);
    sim_status_clear(&status);
}

static const char *manager_of(const struct sim_event *event)
{
    return strcmp(event->component, "kubelet") == 0 ? "kubelet" : "kube-controller-manager";
}

static void create_event(struct sim *sim, const struct sim_object *about,
                         const struct sim_event *event, const struct seen *seen,
                         const char *message, int64_t last_ms)
{
    char first[32];
    char last[32];
    clock_format_rfc3339(seen->first_ms, first);
    clock_format_rfc3339(last_ms, last);
    cJSON *body = event_head(about, seen->name);
    cJSON_AddItemToObject(body, "involvedObject", involved_object(about, event->field_path));
    cJSON_AddStringToObject(body, "reason", event->reason);
    cJSON_AddStringToObject(body, "message", message);
    cJSON *source = cJSON_AddObjectToObject(body, "source");
    cJSON_AddStringToObject(source, "component", event->component);
    if (event->host[0] != '\0') {
        cJSON_AddStringToObject(source, "host", event->host);
    }
    cJSON_AddStringToObject(body, "firstTimestamp", first);
    cJSON_AddStringToObject(body, "lastTimestamp", last);
    cJSON_AddNumberToObject(body, "count", (double)seen->count);
    cJSON_AddStringToObject(body, "type", event->type);
    cJSON_AddNullToObject(body, "eventTime");
    cJSON_AddStringToObject(body, "reportingComponent", event->component);
    cJSON_AddStringToObject(body, "reportingInstance", event->host);
    write_event(sim, about, body, manager_of(event), seen->first_ms);
}

/* What the recorder's patch changes; one that is gone (time to live) is made again under its old
 * name, with its count going on. */
static void write_again(struct sim *sim, const struct sim_object *about,
                        const struct sim_event *event, const struct seen *seen, const char *message)
{
    struct sim_object *present =
        sim_store_get(sim->store, sim_events(), event_namespace(about), seen->name);
    if (present == NULL) {
        create_event(sim, about, event, seen, message, sim_life_ms(sim));
        return;
    }
    sim_object_retain(present);
    cJSON *body = cJSON_Duplicate(present->body, true);
    char last[32];
    sim_life_text(sim, last);
    json_set(body, "count", cJSON_CreateNumber((double)seen->count));
    json_set_string(body, "lastTimestamp", last);
    json_set_string(body, "message", message);
    sim_life_update(sim, &present, body, manager_of(event));
    sim_object_release(present);
}

static char *seen_key(const char *source, const struct sim_event *event, const char *message)
{
    return xasprintf("%s\n%s\n%s\n%s\n%s", source, event->field_path, event->type, event->reason,
                     message);
}

static struct seen *make_seen(struct sim *sim, const struct sim_object *about, const char *key,
                              int64_t first_ms)
{
    struct seen *seen = xcalloc(1, sizeof(*seen));
    seen->first_ms = first_ms;
    seen->name = event_name(sim, about, first_ms);
    map_set(sim->controllers->recorder->seen, key, seen);
    return seen;
}

/* In a cluster that runs faster than its events' clock only so many repeats count. */
static double share_of_repeats(const struct sim *sim)
{
    return sim->event_speed < sim->speed ? sim->event_speed / sim->speed : 1;
}

static bool counts(const struct sim *sim, struct seen *seen)
{
    seen->due += share_of_repeats(sim);
    if (seen->due < 1) {
        return false;
    }
    seen->due -= 1;
    return true;
}

void sim_event_record(struct sim *sim, const struct sim_object *about,
                      const struct sim_event *event)
{
    if (sim->controllers->past_ms > 0) {
        return; /* its time to live is over long ago */
    }
    bool combined = false;
    char *source = source_key(about, event);
    char *message = aggregate(sim, source, event, &combined);
    char *key = seen_key(source, event, combined ? "" : message);
    struct seen *seen = map_get(sim->controllers->recorder->seen, key);
    bool known = seen != NULL;
    if (!known) {
        seen = make_seen(sim, about, key, sim_life_ms(sim));
    }
    seen->used_ms = sim_event_ms(sim);
    if (!known || counts(sim, seen)) {
        seen->count++;
        if (take_token(sim, source, event->type)) {
            write_again(sim, about, event, seen, message);
        }
    }
    free(source);
    free(message);
    free(key);
}

void sim_event_record_past(struct sim *sim, const struct sim_object *about,
                           const struct sim_event *event, const struct sim_event_past *past)
{
    char *source = source_key(about, event);
    char *key = seen_key(source, event, event->message);
    struct seen *seen = make_seen(sim, about, key, past->first_ms);
    seen->used_ms = sim_event_ms(sim);
    seen->count = past->booked;
    create_event(sim, about, event, seen, event->message, past->last_ms);
    seen->count = past->count;
    free(source);
    free(key);
}

void sim_event_tokens_past(struct sim *sim, const struct sim_object *about,
                           const struct sim_event *event, double tokens, int64_t idle_ms)
{
    char *source = source_key(about, event);
    struct bucket *bucket = bucket_of(sim, source, event->type);
    bucket->tokens = tokens;
    bucket->used_ms = sim_event_ms(sim) - idle_ms;
    free(source);
}

bool sim_event_spend(double *tokens, int64_t passed_ms)
{
    *tokens += (double)passed_ms / SPAM_PERIOD_MS;
    *tokens = *tokens > SIM_EVENT_BURST ? SIM_EVENT_BURST : *tokens;
    if (*tokens < 1) {
        return false;
    }
    *tokens -= 1;
    return true;
}

void sim_event_scheduled(struct sim *sim, const struct sim_object *pod, const char *node)
{
    if (sim->controllers->past_ms > 0) {
        return;
    }
    int64_t at_ms = sim_life_ms(sim);
    char *name = event_name(sim, pod, at_ms);
    char seconds[32];
    char micro[48];
    clock_format_rfc3339(at_ms, seconds);
    snprintf(micro, sizeof(micro), "%.19s.%03d%03dZ", seconds, (int)(at_ms % 1000),
             (int)(sim_random(sim) % 1000));
    char *message = xasprintf("Successfully assigned %s/%s to %s", pod->ns, pod->name, node);
    cJSON *body = event_head(pod, name);
    cJSON_AddItemToObject(body, "involvedObject", involved_object(pod, ""));
    cJSON_AddStringToObject(body, "reason", "Scheduled");
    cJSON_AddStringToObject(body, "message", message);
    cJSON_AddObjectToObject(body, "source");
    cJSON_AddNullToObject(body, "firstTimestamp");
    cJSON_AddNullToObject(body, "lastTimestamp");
    cJSON_AddStringToObject(body, "type", "Normal");
    cJSON_AddStringToObject(body, "eventTime", micro);
    cJSON_AddStringToObject(body, "action", "Binding");
    cJSON_AddStringToObject(body, "reportingComponent", "default-scheduler");
    cJSON_AddStringToObject(body, "reportingInstance", "default-scheduler-control-plane-1");
    write_event(sim, pod, body, "kube-scheduler", at_ms);
    free(message);
    free(name);
}

static void forget_old(struct map *map, int64_t (*used)(const void *value), int64_t before)
{
    size_t position = 0;
    const char *key = NULL;
    void *value = NULL;
    while (map_next(map, &position, &key, &value)) {
        if (used(value) < before) {
            char *copy = xstrdup(key);
            map_remove(map, copy);
            free(copy);
        }
    }
}

static int64_t seen_used(const void *value)
{
    return ((const struct seen *)value)->used_ms;
}

static int64_t bucket_used(const void *value)
{
    return ((const struct bucket *)value)->used_ms;
}

static int64_t similar_used(const void *value)
{
    return ((const struct similar *)value)->used_ms;
}

void sim_recorder_forget(struct sim *sim)
{
    struct sim_recorder *recorder = sim->controllers->recorder;
    int64_t before = sim_event_ms(sim) - FORGET_MS;
    forget_old(recorder->seen, seen_used, before);
    forget_old(recorder->buckets, bucket_used, before);
    forget_old(recorder->similar, similar_used, before);
}
