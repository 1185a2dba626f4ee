#include "kube/watch.h"

#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/clock.h"
#include "base/log.h"
#include "doc/json.h"
#include "watch_internal.h"

/*
 * The reflector of client-go (tools/cache/reflector.go), with its rules:
 * list, then watch from the list's version; the end of a watch is no event, it goes on from the
 * last version seen; 410 (as HTTP status or as ERROR frame) means list anew; a watch that dies
 * within a second without an event is a failure. Servers that can stream a list inside the watch
 * (WatchList) are asked to.
 */
enum {
    TIMEOUT_MIN_S = 300,
    TIMEOUT_SPREAD_S = 300,
    TIMEOUT_GRACE_MS = 30000,
    HEALTHY_MS = 5000,
    SHORT_LIFE_MS = 1000,
    REFUSED_RETRY_MS = 60000,
    RETRY_AFTER_LIMIT_MS = 300000, /* whatever a server or proxy asks for */
    EVENTS_PAGE = 500,
    PATH_LIMIT = 256 * 1024,
};

static void attempt(void *context);

static void stop_requests(struct kube_watch *watch)
{
    kube_call_cancel(watch->list);
    request_cancel(watch->request);
    request_cancel(watch->probe);
    watch->list = NULL;
    watch->request = NULL;
    watch->probe = NULL;
}

static void stop_timer(struct kube_watch *watch, struct loop_timer **timer)
{
    if (*timer != NULL) {
        loop_cancel_timer(watch->client->loop, *timer);
        *timer = NULL;
    }
}

static void release(struct kube_watch *watch)
{
    stream_free(&watch->stream);
    json_pick_free(watch->pick);
    query_free(&watch->query);
    free(watch->version);
    free(watch->label);
    free(watch);
}

void watch_enter(struct kube_watch *watch)
{
    watch->busy++;
}

/* False if the owner stopped the watch meanwhile and it is gone. */
bool watch_leave(struct kube_watch *watch)
{
    watch->busy--;
    if (!watch->doomed) {
        return true;
    }
    if (watch->busy == 0) {
        release(watch);
    }
    return false;
}

void kube_watch_stop(struct kube_watch *watch)
{
    if (watch == NULL || watch->doomed) {
        return;
    }
    struct kube_watch **link = &watch->client->watches;
    while (*link != NULL && *link != watch) {
        link = &(*link)->next;
    }
    if (*link == watch) {
        *link = watch->next;
    }
    stop_requests(watch);
    stop_timer(watch, &watch->retry);
    stop_timer(watch, &watch->check);
    watch->doomed = true;
    if (watch->busy == 0) {
        release(watch);
    }
}

void watch_free_all(struct kube_client *client)
{
    while (client->watches != NULL) {
        kube_watch_stop(client->watches);
    }
}

void watch_set_link(struct kube_watch *watch, enum kube_link link, int64_t retry_in_ms,
                    const struct error *err)
{
    int64_t now = clock_monotonic_ms();
    bool same = watch->state.link == link;
    if (same && link == KUBE_LIVE) {
        return;
    }
    if (!same) {
        watch->state.link = link;
        watch->state.since_ms = now;
    }
    watch->state.retry_at_ms = retry_in_ms > 0 ? now + retry_in_ms : 0;
    error_clear(&watch->state.error);
    if (err != NULL) {
        watch->state.error = *err;
        log_message(LOG_INFO, "%s; next attempt in %lld ms", err->message, (long long)retry_in_ms);
    }
    if (watch->handler.on_link != NULL && !watch->doomed) {
        watch->handler.on_link(watch->context, &watch->state);
    }
}

static void attempt_in(struct kube_watch *watch, int64_t wait_ms)
{
    if (!watch->doomed && watch->retry == NULL) {
        watch->retry = loop_after(watch->client->loop, wait_ms, attempt, watch);
    }
}

/* Something failed: says so and tries again later. */
static void fail(struct kube_watch *watch, int status, const struct error *err,
                 int64_t retry_after_ms)
{
    bool refused = status == 401 || status == 403 || status == 404 || err->kind == ERROR_AUTH ||
                   err->kind == ERROR_CONFIG;
    int64_t wait = refused ? REFUSED_RETRY_MS + (int64_t)backoff_random(&watch->backoff, 5000)
                           : backoff_next(&watch->backoff);
    if (retry_after_ms > wait) {
        wait = retry_after_ms < RETRY_AFTER_LIMIT_MS ? retry_after_ms : RETRY_AFTER_LIMIT_MS;
    }
    watch_set_link(watch,
                   refused         ? KUBE_REFUSED
                   : watch->synced ? KUBE_RECONNECTING
                                   : KUBE_CONNECTING,
                   wait, err);
    attempt_in(watch, wait);
}

static void begin_picture(struct kube_watch *watch)
{
    if (watch->handler.on_relist != NULL && !watch->doomed) {
        watch->handler.on_relist(watch->context);
    }
}

/* --- The list ----------------------------------------------------------------------------------
 */

static bool on_listed(void *context, const cJSON *item)
{
    struct kube_watch *watch = context;
    watch_enter(watch);
    /* A Table's head is no item. */
    if (json_member(item, "columnDefinitions") == NULL || json_member(item, "cells") != NULL) {
        watch_deliver(watch, KUBE_LISTED, item);
    }
    return watch_leave(watch);
}

static void on_list_end(void *context, const struct error *err, int status,
                        const char *resource_version)
{
    struct kube_watch *watch = context;
    watch->list = NULL;
    watch_enter(watch);
    if (err == NULL) {
        watch_keep_version(watch, resource_version);
        watch_end_picture(watch);
        watch_set_link(watch, KUBE_LIVE, 0, NULL);
        attempt_in(watch, 0);
    } else if (status == 410 || status == 504 || status == 400 || status == 500) {
        /* The version asked for is gone, not there yet, or no version at all. */
        bool again = watch->version != NULL && !watch->list_newest;
        bool unpaged = status == 410 && !watch->list_unpaged;
        watch->list_newest = true;
        watch->list_unpaged = watch->list_unpaged || status == 410;
        if (again || unpaged) {
            attempt_in(watch, 0);
        } else {
            fail(watch, status, err, watch->client->retry_after_ms);
        }
    } else {
        fail(watch, status, err, watch->client->retry_after_ms);
    }
    watch_leave(watch);
}

static void start_list(struct kube_watch *watch)
{
    bool events = strcmp(watch->query.resource->plural, "events") == 0;
    int limit = watch->query.limit > 0 ? watch->query.limit : events ? EVENTS_PAGE : 0;
    struct kube_query query = {
        .resource = watch->query.resource,
        .ns = watch->query.ns,
        .label_selector = watch->query.label_selector,
        .field_selector = watch->query.field_selector,
        .table = watch->query.table,
        .cells_only = watch->query.cells_only,
        .metadata_only = watch->query.metadata_only,
        .limit = watch->list_unpaged ? 0 : limit,
        .fields = watch->query.fields,
    };
    begin_picture(watch);
    if (watch->doomed) {
        return;
    }
    watch->list = list_start(watch->client, &query, watch->list_newest ? NULL : watch->version,
                             true, on_listed, on_list_end, watch);
}

/* --- The watch ---------------------------------------------------------------------------------
 */

static bool on_chunk(void *context, const char *bytes, size_t length)
{
    struct kube_watch *watch = context;
    watch->heard_ms = clock_monotonic_ms();
    watch_enter(watch);
    bool go_on = stream_feed(&watch->stream, bytes, length, &watch->stream_error);
    return watch_leave(watch) && go_on;
}

static void on_head(void *context, const struct http_response *response)
{
    struct kube_watch *watch = context;
    watch->heard_ms = clock_monotonic_ms();
    watch->head = true;
    if (watch->buffered && watch->heard_ms - watch->opened_ms < WATCH_BUFFERED_S * 1000 / 2) {
        watch->buffered = false; /* what held answers back is gone */
    }
    if (response->status != 200 || watch->initial) {
        return;
    }
    watch_enter(watch);
    watch_set_link(watch, KUBE_LIVE, 0, NULL);
    watch_leave(watch);
}

/* The list that was to come inside the watch did not: the old way, and for good. */
void watch_without_list(struct kube_watch *watch, bool for_all)
{
    watch->initial = false;
    watch->client->no_watch_list = watch->client->no_watch_list || for_all;
    watch->no_watch_list = true;
    watch->list_next = true;
    attempt_in(watch, 0);
}

/* A watch that lived and came to its end goes on at once; one that did not gets a pause. */
static void go_on(struct kube_watch *watch, const struct error *err)
{
    int64_t age = clock_monotonic_ms() - watch->opened_ms;
    if (age >= HEALTHY_MS) {
        backoff_reset(&watch->backoff);
    }
    if (err == NULL && (watch->frames > 0 || age >= SHORT_LIFE_MS)) {
        attempt_in(watch, 0);
        return;
    }
    struct error short_life = ERROR_INIT;
    error_set(&short_life, ERROR_UNAVAILABLE, "%s: the watch ended at once without an event",
              watch->label);
    fail(watch, 0, err == NULL ? &short_life : err, -1);
}

static void list_anew(struct kube_watch *watch)
{
    int64_t age = clock_monotonic_ms() - watch->opened_ms;
    watch->list_next = true;
    /* At once, for the list is what is needed; but a server that says "expired" again and again is
     * given time. The ERROR itself is a frame. */
    if (watch->frames > 1 || age >= SHORT_LIFE_MS) {
        watch->relists = 0;
    }
    attempt_in(watch, watch->relists++ == 0 ? 0 : backoff_next(&watch->backoff));
}

static void on_watch_end(void *context, struct request_result *result)
{
    struct kube_watch *watch = context;
    struct error err = ERROR_INIT;
    watch->request = NULL;
    watch_enter(watch);
    if (result->err != NULL) {
        err = *result->err;
    }
    if (watch->stream_error.kind != ERROR_NONE) {
        /* The reason why it was stopped: an ERROR frame, or one that cannot be read. What it would
         * have said must come from a list. */
        err = watch->stream_error;
        watch->list_next = true;
    }
    if (err.kind != ERROR_NONE) {
        error_wrap(&err, "%s", watch->label);
    }
    int status = result->status;
    if (watch->expired || status == 410) {
        list_anew(watch);
    } else if (watch->initial && (err.kind == ERROR_NONE || (status >= 400 && status < 500 &&
                                                             status != 401 && status != 429))) {
        watch_without_list(watch, status == 400 || status == 422);
    } else if (status == 504 || status == 400) {
        watch->list_next = true;
        watch->list_newest = true;
        fail(watch, status, &err, result->retry_after_ms);
    } else if (status != 0 && status != 200) {
        /* Who may list but not watch still gets a picture now and then. */
        watch->list_next = watch->list_next || status == 403;
        fail(watch, status, &err, result->retry_after_ms);
    } else {
        go_on(watch, err.kind == ERROR_NONE ? NULL : &err);
    }
    watch_leave(watch);
}

static void start_watch(struct kube_watch *watch)
{
    static const struct request_handler handler = {
        .on_head = on_head, .on_chunk = on_chunk, .on_end = on_watch_end};
    int timeout = watch->buffered
                      ? WATCH_BUFFERED_S
                      : TIMEOUT_MIN_S + (int)backoff_random(&watch->backoff, TIMEOUT_SPREAD_S);
    struct query_page page = {
        .watch = true,
        .timeout_s = timeout,
        .resource_version = watch->initial ? NULL : watch->version,
        .version_match = watch->initial ? "NotOlderThan" : NULL,
        .initial_events = watch->initial,
    };
    struct buffer path;
    buffer_init(&path, PATH_LIMIT);
    query_write(&path, &watch->query, &page);
    stream_reset(&watch->stream);
    error_clear(&watch->stream_error);
    watch->expired = false;
    watch->head = false;
    watch->frames = 0;
    watch->opened_ms = watch->heard_ms = clock_monotonic_ms();
    struct request_spec spec = {
        .method = HTTP_GET,
        .path = path.data,
        .accept = query_accept(&watch->query, true),
        .timeout_ms = (int64_t)timeout * 1000 + TIMEOUT_GRACE_MS,
        .idle_timeout_ms = -1,
        .no_retry = true,
    };
    watch->request = request_start(watch->client, &spec, &handler, watch);
    buffer_free(&path);
}

/* Streaming spares a request and the server's memory, but is not compressed before 1.37: what is
 * large (pods, events) comes faster as a list. */
static bool wants_watch_list(const struct kube_watch *watch)
{
    const char *plural = watch->query.resource->plural;
    return !watch->no_watch_list && !watch->client->no_watch_list && !watch->buffered &&
           watch->query.limit == 0 && strcmp(plural, "pods") != 0 && strcmp(plural, "events") != 0;
}

static void attempt(void *context)
{
    struct kube_watch *watch = context;
    watch->retry = NULL;
    watch_enter(watch);
    watch->initial = false;
    if (!watch->list_next) {
        start_watch(watch);
    } else if (wants_watch_list(watch)) {
        watch->initial = true;
        begin_picture(watch);
        if (!watch->doomed) {
            start_watch(watch);
        }
    } else {
        start_list(watch);
    }
    watch_leave(watch);
}

void watch_reopen(struct kube_watch *watch)
{
    request_cancel(watch->request);
    watch->request = NULL;
    attempt_in(watch, 0);
}

void watch_lose(struct kube_watch *watch, const struct error *err)
{
    watch_enter(watch);
    request_cancel(watch->request);
    watch->request = NULL;
    fail(watch, 0, err, -1);
    watch_leave(watch);
}

struct kube_watch *kube_watch_start(struct kube_client *client, const struct kube_query *query,
                                    const struct kube_watch_handler *handler, void *context)
{
    struct kube_watch *watch = xcalloc(1, sizeof(*watch));
    watch->client = client;
    query_copy(&watch->query, query);
    watch->handler = *handler;
    watch->context = context;
    watch->label = call_label("watch", query->resource, query->ns, NULL);
    watch->secret = strcmp(query->resource->plural, "secrets") == 0;
    watch->state.link = KUBE_CONNECTING;
    watch->state.since_ms = clock_monotonic_ms();
    watch->list_next = true;
    watch->pick = json_pick_new(watch->secret);
    watch_want_frames(watch);
    stream_init(&watch->stream, STREAM_FRAMES, KUBE_ITEM_LIMIT, watch->secret, watch_on_frame,
                watch);
    watch->next = client->watches;
    client->watches = watch;
    watch->retry = loop_after(client->loop, 0, attempt, watch);
    watch->check = loop_after(client->loop, client->pace.check_ms, watch_on_check, watch);
    return watch;
}
