#include "watch.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/clock.h"
#include "doc/json.h"
#include "list_options.h"
#include "request.h"
#include "table.h"

enum {
    CHUNK = 64 * 1024,       /* frames are made while less than this waits to be sent */
    BOOKMARK_MS = 60 * 1000, /* real servers: about a minute */
    BOOKMARK_BEFORE_END_MS = 2000,
    MIN_TIMEOUT_S = 1800, /* --min-request-timeout: 30 to 60 minutes by chance */
};

struct sim_watch {
    const struct sim_request *request; /* outlives the watch */
    struct sim *sim;
    const struct sim_resource *storage;
    struct sim_list_options options;
    int64_t position; /* changes up to this version were looked at */
    int64_t told;     /* the version the client knows of */
    struct sim_object **initial;
    size_t initial_count;
    size_t initial_at;
    bool initial_end; /* a mark is owed when the initial objects are told */
    bool expired;     /* the one frame is an ERROR */
    bool silent;      /* a version in the future: nothing is ever told */
    bool over;
    bool first_frame;
    struct loop_timer *end;
    struct loop_timer *bookmark;
    bool bookmark_due;
    void (*on_news)(void *);
    void *context;
};

static void wake(struct sim_watch *watch)
{
    if (watch->on_news != NULL) {
        watch->on_news(watch->context);
    }
}

static void on_change(void *context, enum sim_change change, struct sim_object *object,
                      struct sim_object *previous)
{
    (void)change;
    (void)object;
    (void)previous;
    wake(context);
}

static void on_end(void *context)
{
    struct sim_watch *watch = context;
    watch->end = NULL;
    watch->over = true;
    wake(watch);
}

static void on_bookmark(void *context)
{
    struct sim_watch *watch = context;
    watch->bookmark = loop_after(watch->sim->loop, BOOKMARK_MS, on_bookmark, watch);
    watch->bookmark_due = true;
    wake(watch);
}

void sim_watch_free(struct sim_watch *watch)
{
    if (watch == NULL) {
        return;
    }
    sim_store_unsubscribe(watch->sim->store, on_change, watch);
    loop_cancel_timer(watch->sim->loop, watch->end);
    loop_cancel_timer(watch->sim->loop, watch->bookmark);
    for (size_t i = 0; i < watch->initial_count; i++) {
        sim_object_release(watch->initial[i]);
    }
    free(watch->initial);
    sim_list_options_clear(&watch->options);
    free(watch);
}

void sim_watch_on_news(struct sim_watch *watch, void (*callback)(void *), void *context)
{
    watch->on_news = callback;
    watch->context = context;
}

/* --- Frames --------------------------------------------------------------------------------------
 */

static void write_frame(struct buffer *out, const char *type, const cJSON *object)
{
    buffer_printf(out, "{\"type\":\"%s\",\"object\":", type);
    json_write(out, object);
    buffer_append_string(out, "}\n");
}

static cJSON *table_of(struct sim_watch *watch, const cJSON *body, const cJSON *metadata)
{
    cJSON *table = cJSON_CreateObject();
    const cJSON *own = body != NULL ? json_member(body, "metadata") : metadata;
    cJSON_AddStringToObject(table, "kind", "Table");
    cJSON_AddStringToObject(table, "apiVersion", watch->request->format.table_version);
    cJSON_AddStringToObject(cJSON_AddObjectToObject(table, "metadata"), "resourceVersion",
                            json_string_or(own, "resourceVersion", ""));
    cJSON_AddItemToObject(table, "columnDefinitions",
                          watch->first_frame ? sim_table_columns(watch->request)
                                             : cJSON_CreateNull());
    cJSON_AddItemToArray(cJSON_AddArrayToObject(table, "rows"),
                         sim_table_row(watch->request, body, metadata));
    return table;
}

/* body as the watch was asked to show it; version replaces its own (a deletion's, for objects that
 * left the selector), 0: none. */
static void frame_object(struct sim_watch *watch, struct buffer *out, const char *type,
                         const cJSON *body, int64_t version)
{
    cJSON *copy = sim_view_of(watch->request->target.resource, body);
    if (version != 0) {
        char text[24];
        copy = copy != NULL ? copy : cJSON_Duplicate(body, true);
        snprintf(text, sizeof(text), "%lld", (long long)version);
        json_set_string(json_member(copy, "metadata"), "resourceVersion", text);
    }
    const cJSON *shown = copy != NULL ? copy : body;
    cJSON *shaped = NULL;
    if (watch->request->format.shape == SIM_SHAPE_TABLE) {
        shaped = table_of(watch, shown, NULL);
    } else if (watch->request->format.shape == SIM_SHAPE_PARTIAL) {
        shaped = sim_partial_metadata(shown, watch->request->format.table_version);
    }
    write_frame(out, type, shaped != NULL ? shaped : shown);
    watch->first_frame = false;
    cJSON_Delete(shaped);
    cJSON_Delete(copy);
}

/* What a zero value of the kind looks like in JSON, besides metadata. */
static void add_zero_fields(const struct sim_resource *resource, cJSON *object, bool old)
{
    static const struct {
        const char *kind;
        const char *json;
    } zeros[] = {
        {"Pod", "{\"spec\":{\"containers\":null},\"status\":{}}"},
        {"Node", "{\"spec\":{},\"status\":{\"daemonEndpoints\":{\"kubeletEndpoint\":{\"Port\":0}},"
                 "\"nodeInfo\":{}}}"},
        {"Namespace", "{\"spec\":{},\"status\":{}}"},
        {"DaemonSet",
         "{\"spec\":{\"selector\":null,\"template\":{\"metadata\":{},\"spec\":{\"containers\":null}"
         "}"
         ",\"updateStrategy\":{}},\"status\":{\"currentNumberScheduled\":0,\"numberMisscheduled\":0"
         ",\"desiredNumberScheduled\":0,\"numberReady\":0}}"},
        {"Deployment", "{\"spec\":{\"selector\":null,\"template\":{\"metadata\":{},\"spec\":{"
                       "\"containers\":null}}"
                       ",\"strategy\":{}},\"status\":{}}"},
        {"StatefulSet",
         "{\"spec\":{\"selector\":null,\"template\":{\"metadata\":{},\"spec\":{\"containers\":null}"
         "}"
         ",\"serviceName\":\"\",\"updateStrategy\":{}},\"status\":{\"replicas\":0}}"},
        {"Event",
         "{\"involvedObject\":{},\"source\":{},\"firstTimestamp\":null,\"lastTimestamp\":"
         "null,\"eventTime\":null,\"reportingComponent\":\"\",\"reportingInstance\":\"\"}"},
        {"CSIDriver", "{\"spec\":{}}"},
        {"CSINode", "{\"spec\":{\"drivers\":null}}"},
    };
    cJSON *metadata = json_member(object, "metadata");
    if (strcmp(resource->kind, "DaemonSet") == 0) {
        json_set_string(json_need_object(metadata, "annotations"),
                        "deprecated.daemonset.template.generation", "0");
    }
    for (size_t i = 0; i < ARRAY_LENGTH(zeros); i++) {
        if (strcmp(zeros[i].kind, resource->kind) != 0) {
            continue;
        }
        cJSON *zero = cJSON_Parse(zeros[i].json);
        while (zero->child != NULL) {
            cJSON *member = cJSON_DetachItemViaPointer(zero, zero->child);
            cJSON_AddItemToObject(object, member->string, member);
        }
        cJSON_Delete(zero);
    }
    cJSON *template = json_at(object, "spec", "template", "metadata", NULL);
    if (old && template != NULL) {
        cJSON_AddNullToObject(template, "creationTimestamp");
    }
}

static void frame_bookmark(struct sim_watch *watch, struct buffer *out, int64_t version, bool ends)
{
    const struct sim_request *request = watch->request;
    const struct sim_resource *resource = request->target.resource;
    bool old = watch->sim->minor < 30;
    char text[64];
    cJSON *object = cJSON_CreateObject();
    sim_resource_api_version(resource, text);
    bool partial = request->format.shape == SIM_SHAPE_PARTIAL;
    cJSON_AddStringToObject(object, "kind", partial ? "PartialObjectMetadata" : resource->kind);
    cJSON_AddStringToObject(object, "apiVersion", partial ? request->format.table_version : text);
    cJSON *metadata = cJSON_AddObjectToObject(object, "metadata");
    snprintf(text, sizeof(text), "%lld", (long long)version);
    cJSON_AddStringToObject(metadata, "resourceVersion", text);
    if (old) {
        cJSON_AddNullToObject(metadata, "creationTimestamp");
    }
    if (ends) {
        cJSON_AddStringToObject(cJSON_AddObjectToObject(metadata, "annotations"),
                                "k8s.io/initial-events-end", "true");
    }
    if (request->format.shape == SIM_SHAPE_TABLE) {
        cJSON *table = table_of(watch, NULL, metadata);
        write_frame(out, "BOOKMARK", table);
        cJSON_Delete(table);
    } else {
        if (!partial) {
            add_zero_fields(resource, object, old);
        }
        write_frame(out, "BOOKMARK", object);
    }
    watch->first_frame = false;
    watch->told = version;
    cJSON_Delete(object);
}

static void frame_expired(struct sim_watch *watch, struct buffer *out)
{
    struct sim_status status = SIM_STATUS_INIT;
    if (watch->storage->cached) {
        sim_status_set(&status, 410, "Expired", "too old resource version: %lld (%lld)",
                       (long long)watch->options.version,
                       (long long)sim_store_oldest(watch->sim->store, watch->storage));
    } else {
        sim_status_set(&status, 410, "Expired",
                       "The resourceVersion for the provided watch is too old.");
    }
    cJSON *object = sim_status_object(&status);
    write_frame(out, "ERROR", object);
    cJSON_Delete(object);
    sim_status_clear(&status);
}

/* --- Reading the log
 * ------------------------------------------------------------------------------ */

static bool in_namespace(const struct sim_watch *watch, const struct sim_object *object)
{
    const char *ns = watch->request->target.ns;
    return ns[0] == '\0' || strcmp(ns, object->ns) == 0;
}

static void frame_change(struct sim_watch *watch, struct buffer *out,
                         const struct sim_log_entry *entry)
{
    if (!in_namespace(watch, entry->object)) {
        return;
    }
    bool matches = sim_selector_matches(watch->options.selector, entry->object->body);
    bool matched = entry->previous != NULL &&
                   sim_selector_matches(watch->options.selector, entry->previous->body);
    if (entry->change == SIM_DELETED) {
        if (matched) {
            frame_object(watch, out, "DELETED", entry->object->body, 0);
        }
    } else if (matches) {
        frame_object(watch, out, matched ? "MODIFIED" : "ADDED", entry->object->body, 0);
    } else if (matched) {
        /* It left the selector: the old body with the new version. */
        frame_object(watch, out, "DELETED", entry->previous->body, entry->version);
    } else {
        return;
    }
    watch->told = entry->version;
}

static bool read_initial(struct sim_watch *watch, struct buffer *out)
{
    while (watch->initial_at < watch->initial_count) {
        if (out->length >= CHUNK) {
            return false;
        }
        struct sim_object *object = watch->initial[watch->initial_at++];
        if (sim_selector_matches(watch->options.selector, object->body)) {
            frame_object(watch, out, "ADDED", object->body, 0);
        }
    }
    if (watch->initial_end) {
        watch->initial_end = false;
        frame_bookmark(watch, out, watch->position, true);
    }
    return true;
}

static bool read_log(struct sim_watch *watch, struct buffer *out)
{
    struct sim_store *store = watch->sim->store;
    while (out->length < CHUNK) {
        if (!sim_store_reaches(store, watch->storage, watch->position)) {
            return false; /* too slow: cut without a word, as real servers do */
        }
        const struct sim_log_entry *entry = sim_store_after(store, watch->storage, watch->position);
        if (entry == NULL) {
            return true;
        }
        watch->position = entry->version;
        frame_change(watch, out, entry);
    }
    return true;
}

bool sim_watch_read(struct sim_watch *watch, struct buffer *out)
{
    if (watch->expired) {
        bool first = !watch->over;
        if (first) {
            frame_expired(watch, out);
            watch->over = true;
        }
        return first;
    }
    if (watch->silent) {
        return !watch->over;
    }
    if (!read_initial(watch, out)) {
        return true;
    }
    if (!read_log(watch, out)) {
        return false;
    }
    if (watch->bookmark_due) {
        watch->bookmark_due = false;
        if (watch->position > watch->told) {
            frame_bookmark(watch, out, watch->position, false);
        }
    }
    return !watch->over || out->length > 0;
}

/* --- The start
 * ------------------------------------------------------------------------------------ */

static void keep_initial(struct sim_watch *watch)
{
    size_t count;
    const char *ns = watch->request->target.ns;
    struct sim_object *const *objects =
        sim_store_list(watch->sim->store, watch->storage, ns[0] != '\0' ? ns : NULL, &count);
    watch->initial = xcalloc(count + 1, sizeof(*watch->initial));
    for (size_t i = 0; i < count; i++) {
        watch->initial[i] = sim_object_retain(objects[i]);
    }
    watch->initial_count = count;
    if (watch->sim->minor < 30) { /* old servers tell them in a map's order, which is random */
        for (size_t i = count; i > 1; i--) {
            size_t other = (size_t)(sim_random(watch->sim) % i);
            struct sim_object *swap = watch->initial[i - 1];
            watch->initial[i - 1] = watch->initial[other];
            watch->initial[other] = swap;
        }
    }
}

static void set_timers(struct sim_watch *watch)
{
    int64_t seconds = watch->options.timeout_seconds;
    if (seconds <= 0) {
        seconds = MIN_TIMEOUT_S + (int64_t)(sim_random(watch->sim) % MIN_TIMEOUT_S);
    }
    watch->end = loop_after(watch->sim->loop, seconds * 1000, on_end, watch);
    if (watch->options.bookmarks && watch->storage->cached) {
        int64_t first = seconds * 1000 - BOOKMARK_BEFORE_END_MS;
        watch->bookmark = loop_after(watch->sim->loop,
                                     first < BOOKMARK_MS ? (first > 0 ? first : 0) : BOOKMARK_MS,
                                     on_bookmark, watch);
    }
}

static void choose_start(struct sim_watch *watch)
{
    struct sim_store *store = watch->sim->store;
    int64_t version = watch->options.version;
    int64_t newest = sim_store_version(store);
    bool streams = watch->options.send_initial && watch->sim->minor >= 27;
    watch->position = version > 0 ? version : newest;
    if (version > newest) {
        watch->silent = true;
    } else if (streams || version <= 0) {
        bool wanted = streams || !watch->options.has_initial || watch->sim->minor < 27;
        if (wanted) {
            keep_initial(watch);
        }
        watch->position = newest;
        watch->initial_end = streams && watch->options.bookmarks;
    } else if (!sim_store_reaches(store, watch->storage, version) ||
               (!watch->storage->cached && version < watch->sim->compacted)) {
        watch->expired = true;
    }
    watch->expired = watch->expired || watch->request->expire_watch;
    watch->told = watch->position;
}

void sim_watch_start(struct sim_request *request)
{
    struct sim_status status = SIM_STATUS_INIT;
    struct sim_list_options options = {0};
    if ((request->format.shape == SIM_SHAPE_TABLE && !sim_table_check(request, &status)) ||
        !sim_list_options_read(request, true, &options, &status)) {
        sim_answer_status(request, &status);
        sim_list_options_clear(&options);
        return;
    }
    struct sim_watch *watch = xcalloc(1, sizeof(*watch));
    watch->request = request;
    watch->sim = request->sim;
    watch->storage = sim_storage_of(request->target.resource);
    watch->options = options;
    watch->first_frame = true;
    choose_start(watch);
    set_timers(watch);
    sim_store_subscribe(watch->sim->store, watch->storage, on_change, watch);
    request->watch = watch;
    request->code = 200;
    request->content_type = "application/json";
}
