#include "csi/follow.h"

#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/attributes.h"
#include "base/clock.h"
#include "base/log.h"
#include "base/loop.h"
#include "doc/json.h"
#include "follow_internal.h"

enum {
    FRAME_MS = 16,
    CALM_FRAME_MS = 100, /* once the picture is complete: what watches bring is not an answer to a
                            key, and a busy cluster's warnings would settle it 60 times a second */
    REFRESH_MS = 30000,
    NODES_EVERY = 20, /* refreshes between two looks at the kubelets' versions */
    RETRIES = 3,      /* of a list that is read once */
    RETRY_MS = 500,
};

struct source_kind {
    const char *kind;
    const struct kube_resource *resource;
    const char *field_selector;
    bool table;
    bool once; /* never watched: changes seldom, and its heartbeats would be a load */
    const char *const *fields;
};

/* The small and telling first: a server answers in about this order. */
static const struct source_kind source_kinds[FOLLOW_KINDS] = {
    {"DaemonSet", &kube_daemon_sets, NULL, false, false, follow_workload_fields},
    {"StatefulSet", &kube_stateful_sets, NULL, false, false, follow_workload_fields},
    {"Deployment", &kube_deployments, NULL, false, false, follow_workload_fields},
    {"CSIDriver", &kube_csi_drivers, NULL, false, false, follow_name_fields},
    {"Secret", &kube_secrets, NULL, true, false, follow_secret_fields},
    {"ServiceAccount", &kube_service_accounts, NULL, false, false, follow_account_fields},
    {"Pod", &kube_pods, NULL, false, false, follow_pod_fields},
    {"Event", &kube_events, "type=Warning,reason=FailedToRetrieveImagePullSecret", false, false,
     follow_event_fields},
    {"Node", &kube_nodes, NULL, true, true, NULL},
};

/* --- Frames: the handler hears of news at most once in 16 ms -----------------------------------
 */

static bool lists_done(const struct csi_follow *follow)
{
    for (size_t i = 0; i < FOLLOW_SOURCES; i++) {
        if (!follow->sources[i].done) {
            return false;
        }
    }
    return follow->version_done;
}

/* Live unless something is not; a kind that may not be read does not spoil the rest, unless it is
 * the credential that is refused. */
static void update_link(struct csi_follow *follow)
{
    const struct source *worst = NULL;
    bool all_refused = true;
    for (size_t i = 0; i < FOLLOW_SOURCES; i++) {
        const struct source *source = &follow->sources[i];
        bool by_right = source->refused && source->link.error.kind != ERROR_AUTH;
        all_refused = all_refused && (source->refused || source->idle);
        if (by_right || (source->link.link == KUBE_LIVE)) {
            continue;
        }
        if (worst == NULL || source->link.link > worst->link.link) {
            worst = source;
        }
    }
    if (worst != NULL) {
        follow->state.link = worst->link;
    } else if (all_refused) {
        follow->state.link = follow->sources[0].link;
    } else if (follow->state.link.link != KUBE_LIVE) {
        follow->state.link =
            (struct kube_link_state){.link = KUBE_LIVE, .since_ms = clock_monotonic_ms()};
    }
}

/* The handler may stop the follow in each of its functions: *gone is looked at before anything
 * else. */
static void tell_all(struct csi_follow *follow, const bool *gone)
{
    const struct csi_follow_handler handler = follow->handler;
    void *context = follow->context;
    if (follow->failure.kind != ERROR_NONE && !follow->failure_told) {
        follow->failure_told = true;
        const struct error failure = follow->failure;
        if (handler.on_failure != NULL) {
            handler.on_failure(context, &failure);
        }
    }
    if (!*gone && handler.on_change != NULL) {
        handler.on_change(context);
    }
    if (!*gone && follow->state.complete && !follow->complete_told) {
        follow->complete_told = true;
        if (handler.on_complete != NULL) {
            handler.on_complete(context);
        }
    }
}

static void on_frame(void *context)
{
    struct csi_follow *follow = context;
    bool gone = false;
    follow->frame = NULL;
    follow->gone = &gone;
    int64_t started = clock_monotonic_ms();
    bool done = lists_done(follow);
    update_link(follow);
    if (follow->handler.on_change != NULL || done) {
        csi_census_settle(follow->census, clock_wall_ms());
        follow_pods_plan(follow);
        follow_secrets_pump(follow);
        done = lists_done(follow);
    }
    follow->state.complete = follow->state.complete || (done && follow_secrets_idle(follow));
    tell_all(follow, &gone);
    if (!gone) {
        follow->gone = NULL;
        follow->frame_ended_ms = clock_monotonic_ms();
        follow->frame_took_ms = follow->frame_ended_ms - started;
    }
}

void follow_changed(struct csi_follow *follow)
{
    follow->state.updated_ms = clock_monotonic_ms();
    follow_redraw(follow);
}

void follow_redraw(struct csi_follow *follow)
{
    if (follow->frame != NULL) {
        return;
    }
    /* Large clusters take longer to settle: leave most of the time to keys and transfers. */
    int64_t pause = follow->frame_took_ms * 4;
    int64_t least = follow->state.complete ? CALM_FRAME_MS : FRAME_MS;
    int64_t due = follow->frame_ended_ms + (pause > least ? pause : least);
    int64_t now = clock_monotonic_ms();
    follow->frame =
        loop_after(kube_client_loop(follow->client), due > now ? due - now : 0, on_frame, follow);
}

/* --- Items --------------------------------------------------------------------------------------
 */

static void remove_item(struct csi_census *census, const struct source *source, const cJSON *item)
{
    const struct source_kind *kind = source->kind;
    const cJSON *object = kind->table ? json_object(item, "object") : item;
    const cJSON *metadata = json_object(object, "metadata");
    const char *name = json_string(metadata, "name");
    if (name != NULL && kind->resource == &kube_pods) {
        csi_census_remove_part_pod(census, source->part, json_string_or(metadata, "namespace", ""),
                                   name);
    } else if (name != NULL) {
        csi_census_remove(census, kind->kind, json_string(metadata, "namespace"), name);
    }
}

static void put_item(struct csi_census *census, const struct source *source, const cJSON *item,
                     bool listed)
{
    const struct source_kind *kind = source->kind;
    if (kind->resource == &kube_pods) {
        csi_census_put_part_pod(census, source->part, item);
    } else if (kind->resource == &kube_events) {
        csi_census_put_event(census, item, listed, clock_wall_ms());
    } else if (kind->resource == &kube_secrets) {
        csi_census_put_secret_row(census, item);
    } else if (kind->resource == &kube_service_accounts) {
        csi_census_put_service_account(census, item);
    } else if (kind->resource == &kube_csi_drivers) {
        csi_census_put_csi_driver(census, item);
    } else if (kind->resource == &kube_nodes) {
        csi_census_put_node_row(census, item);
    } else {
        csi_census_put_workload(census, kind->kind, item);
    }
}

static void begin_relist(struct source *source)
{
    if (source->kind->resource == &kube_pods) {
        csi_census_begin_relist_part(source->follow->census, source->part);
    } else {
        csi_census_begin_relist(source->follow->census, source->kind->kind);
    }
}

/* --- The end of a list --------------------------------------------------------------------------
 */

static void note_refused(struct csi_follow *follow)
{
    size_t count = 0;
    bool readable = false;
    for (size_t i = 0; i < FOLLOW_SOURCES; i++) {
        const struct source *source = &follow->sources[i];
        const char *plural = source->kind->resource->plural;
        if (source->refused && (i < FOLLOW_KINDS || !follow->sources[FOLLOW_PODS].refused)) {
            follow->refused[count++] = plural;
        } else if (source->refused || source->idle) {
            continue;
        } else if (i < 3 || source->kind->resource == &kube_pods) {
            readable = true;
        }
    }
    follow->refused[count] = NULL;
    /* Neither a workload nor a pod may be read: there is nothing to show. */
    if (!readable && follow->failure.kind == ERROR_NONE) {
        follow->failure = follow->sources[0].link.error;
    }
}

/* False if something else is asked for instead. */
static bool source_refused(struct source *source, const struct error *err)
{
    struct csi_follow *follow = source->follow;
    if (!follow_pods_give_up(follow, source, err)) {
        return false;
    }
    source->refused = true;
    source->done = true;
    source->link.link = KUBE_REFUSED;
    source->link.error = *err;
    if (source->kind->resource == &kube_secrets) {
        csi_census_secrets_unreadable(follow->census, follow->ns);
    } else if (source->kind->resource == &kube_events) {
        csi_census_events_unreadable(follow->census);
    }
    note_refused(follow);
    follow_pods_plan(follow);
    follow_secrets_pump(follow);
    return true;
}

static void source_synced(struct source *source)
{
    struct csi_follow *follow = source->follow;
    csi_census_set_now(follow->census, clock_wall_ms());
    if (source->kind->resource == &kube_pods) {
        csi_census_end_relist_part(follow->census, source->part);
    } else {
        csi_census_end_relist(follow->census, source->kind->kind);
    }
    source->done = true;
    source->refused = false;
    note_refused(follow);
    follow_pods_plan(follow);
    follow_secrets_pump(follow);
    follow_changed(follow);
}

bool follow_has_news(const struct csi_follow *follow)
{
    for (size_t i = 0; i < FOLLOW_SOURCES; i++) {
        const struct source *source = &follow->sources[i];
        if (source->done && !source->refused && !source->idle) {
            return true;
        }
    }
    return false;
}

/* --- Read once ----------------------------------------------------------------------------------
 */

static void list_start(void *context);

static bool on_list_item(void *context, const cJSON *item)
{
    struct source *source = context;
    put_item(source->follow->census, source, item, true);
    if (source->follow->handler.on_change != NULL) {
        follow_changed(source->follow);
    }
    return true;
}

static bool may_work_later(enum error_kind kind)
{
    return kind == ERROR_UNAVAILABLE || kind == ERROR_TIMEOUT || kind == ERROR_PROTOCOL;
}

/* A server that no answer came from at all is not worth waiting for; kubectl does not either. */
static bool is_worth_a_retry(const struct source *source, const struct error *err, int status)
{
    return may_work_later(err->kind) && source->attempts + 1 < RETRIES &&
           (status != 0 || follow_has_news(source->follow));
}

static void on_list_end(void *context, const struct error *err, int status,
                        const char *resource_version)
{
    (void)resource_version;
    struct source *source = context;
    struct csi_follow *follow = source->follow;
    source->call = NULL;
    if (err == NULL) {
        source->link =
            (struct kube_link_state){.link = KUBE_LIVE, .since_ms = clock_monotonic_ms()};
        source_synced(source);
        return;
    }
    source->link.error = *err;
    if (err->kind == ERROR_FORBIDDEN || err->kind == ERROR_NOT_FOUND || source->kind->once) {
        log_message(LOG_INFO, "%s cannot be listed: %s", source->kind->resource->plural,
                    err->message);
        source_refused(source, err);
    } else if (is_worth_a_retry(source, err, status)) {
        source->attempts++;
        source->retry = loop_after(kube_client_loop(follow->client),
                                   (int64_t)RETRY_MS << source->attempts, list_start, source);
        return;
    } else if (follow_pods_give_up(follow, source, err)) {
        source->done = true;
        source->link.link = KUBE_RECONNECTING;
        if (follow->failure.kind == ERROR_NONE) {
            follow->failure = *err;
        }
    }
    follow_redraw(follow);
}

static struct kube_query query_of(const struct source *source)
{
    const struct csi_follow *follow = source->follow;
    const struct source_kind *kind = source->kind;
    return (struct kube_query){
        .resource = kind->resource,
        .ns = kind->resource->namespaced ? follow->ns : NULL,
        .label_selector = source->selector,
        .field_selector = kind->field_selector,
        .table = kind->table,
        .fields = kind->fields,
        .cells_only = kind->once, /* a node's name and version are cells */
    };
}

static void list_start(void *context)
{
    struct source *source = context;
    struct kube_query query = query_of(source);
    source->retry = NULL;
    begin_relist(source);
    source->call = kube_list(source->follow->client, &query, on_list_item, on_list_end, source);
}

/* --- Watched ------------------------------------------------------------------------------------
 */

static void on_relist(void *context)
{
    begin_relist(context);
}

static void on_item(void *context, enum kube_event event, const cJSON *item)
{
    struct source *source = context;
    struct csi_follow *follow = source->follow;
    if (event == KUBE_DELETED) {
        csi_census_set_now(follow->census, clock_wall_ms());
        remove_item(follow->census, source, item);
    } else {
        put_item(follow->census, source, item, event == KUBE_LISTED);
    }
    follow_changed(follow);
}

static void on_synced(void *context)
{
    source_synced(context);
}

static void on_link(void *context, const struct kube_link_state *state)
{
    struct source *source = context;
    struct csi_follow *follow = source->follow;
    source->link = *state;
    source->attempts += state->error.kind != ERROR_NONE;
    if (state->link == KUBE_REFUSED && !source_refused(source, &state->error)) {
        return;
    }
    bool lost = state->error.kind == ERROR_AUTH || may_work_later(state->error.kind) ||
                state->error.kind == ERROR_CONFIG;
    if (lost && state->link != KUBE_LIVE && !follow_has_news(follow) &&
        follow->failure.kind == ERROR_NONE) {
        follow->failure = state->error;
    }
    follow_pods_plan(follow);
    if (state->link == KUBE_LIVE) {
        follow_changed(follow); /* the server was heard: the picture is of now */
    } else {
        follow_redraw(follow);
    }
}

static void watch_start(struct source *source)
{
    static const struct kube_watch_handler handler = {
        .on_relist = on_relist,
        .on_item = on_item,
        .on_synced = on_synced,
        .on_link = on_link,
    };
    struct kube_query query = query_of(source);
    source->watch = kube_watch_start(source->follow->client, &query, &handler, source);
}

void follow_source_start(struct source *source)
{
    follow_source_stop(source);
    source->idle = false;
    if (source->follow->keep_watching && !source->kind->once) {
        watch_start(source);
    } else {
        list_start(source);
    }
}

void follow_source_stop(struct source *source)
{
    loop_cancel_timer(kube_client_loop(source->follow->client), source->retry);
    kube_call_cancel(source->call);
    kube_watch_stop(source->watch);
    source->retry = NULL;
    source->call = NULL;
    source->watch = NULL;
}

/* --- The rest -----------------------------------------------------------------------------------
 */

static void on_version(void *context, struct kube_response *response)
{
    struct csi_follow *follow = context;
    const char *version = json_string(response->object, "gitVersion");
    follow->version_call = NULL;
    follow->version_done = true;
    if (response->err == NULL && version != NULL && strlen(version) < 64) {
        free(follow->version);
        follow->version = xstrdup(version);
        follow->state.server_version = follow->version;
        csi_census_set_server_version(follow->census, version);
    }
    follow_changed(follow);
}

static struct source *source_of(struct csi_follow *follow, const struct kube_resource *resource)
{
    size_t i = 0;
    while (follow->sources[i].kind->resource != resource) {
        i++;
    }
    return &follow->sources[i];
}

static void on_refresh(void *context)
{
    struct csi_follow *follow = context;
    struct source *nodes = source_of(follow, &kube_nodes);
    follow->refresh = loop_after(kube_client_loop(follow->client), REFRESH_MS, on_refresh, follow);
    if (source_of(follow, &kube_secrets)->refused) {
        follow_secrets_refresh(follow);
    }
    if (nodes->call == NULL && ++nodes->attempts % NODES_EVERY == 0) {
        list_start(nodes);
    }
    follow_pods_refresh(follow);
    follow_redraw(follow); /* rates change by time alone */
}

struct csi_follow *csi_follow_start(struct kube_client *client,
                                    const struct csi_follow_options *options,
                                    const struct csi_follow_handler *handler, void *context)
{
    struct csi_follow *follow = xcalloc(1, sizeof(*follow));
    follow->client = client;
    follow->handler = *handler;
    follow->context = context;
    follow->census = csi_census_new();
    follow->ns = xstrdup_or_null(options->ns);
    follow->label_selector = xstrdup_or_null(options->label_selector);
    follow->secret_content = options->secret_content;
    follow->keep_watching = options->keep_watching;
    follow->failed = map_new(NULL);
    follow->asked = map_new(NULL);
    follow->extra = map_new(NULL);
    follow->version = xstrdup("");
    follow->state.server_version = follow->version;
    follow->state.refused = follow->refused;
    follow->state.updated_ms = clock_monotonic_ms();
    csi_census_only_drivers(follow->census, options->drivers);
    csi_census_set_event_speed(follow->census, options->event_speed);
    if (options->label_selector != NULL) {
        csi_census_only_with_pods(follow->census);
    }
    for (size_t i = 0; i < FOLLOW_SOURCES; i++) {
        struct source *source = &follow->sources[i];
        source->follow = follow;
        source->kind = &source_kinds[i < FOLLOW_KINDS ? i : FOLLOW_PODS];
        source->idle = source->done = i >= FOLLOW_KINDS;
        source->link.link = source->idle ? KUBE_LIVE : KUBE_CONNECTING;
        source->part = i < FOLLOW_KINDS ? 0 : (unsigned)(i - FOLLOW_KINDS + 1);
        source->link.since_ms = clock_monotonic_ms();
    }
    follow->version_call = kube_get_path(client, "/version", on_version, follow);
    follow_pods_start(follow);
    for (size_t i = 0; i < FOLLOW_KINDS; i++) {
        follow_source_start(&follow->sources[i]);
    }
    if (follow->keep_watching) {
        follow->refresh = loop_after(kube_client_loop(client), REFRESH_MS, on_refresh, follow);
    }
    return follow;
}

void csi_follow_stop(struct csi_follow *follow)
{
    if (follow == NULL) {
        return;
    }
    struct loop *loop = kube_client_loop(follow->client);
    if (follow->gone != NULL) {
        *follow->gone = true;
    }
    loop_cancel_timer(loop, follow->frame);
    loop_cancel_timer(loop, follow->refresh);
    kube_call_cancel(follow->version_call);
    follow_secrets_stop(follow);
    for (size_t i = 0; i < FOLLOW_SOURCES; i++) {
        follow_source_stop(&follow->sources[i]);
    }
    pod_selectors_free(follow->selectors);
    csi_census_free(follow->census);
    map_free(follow->failed);
    map_free(follow->asked);
    map_free(follow->extra);
    free(follow->ns);
    free(follow->label_selector);
    free(follow->version);
    free(follow);
}

struct csi_census *csi_follow_census(const struct csi_follow *follow)
{
    return follow->census;
}

const struct csi_follow_state *csi_follow_state(const struct csi_follow *follow)
{
    return &follow->state;
}
