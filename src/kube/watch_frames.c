#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/attributes.h"
#include "doc/json.h"
#include "status.h"
#include "watch_internal.h"

/* What the events of a watch say: objects, rows of Tables, bookmarks, errors. */

void watch_want_frames(struct kube_watch *watch)
{
    static const char *const always[] = {"type", "object kind", "object metadata resourceVersion"};
    for (size_t i = 0; i < ARRAY_LENGTH(always); i++) {
        json_pick_want(watch->pick, "", always[i]);
    }
    query_want(watch->pick, &watch->query, watch->query.table ? "object rows" : "object");
}

void watch_keep_version(struct kube_watch *watch, const char *version)
{
    if (version != NULL && *version != '\0') {
        free(watch->version);
        watch->version = xstrdup(version);
    }
}

void watch_deliver(struct kube_watch *watch, enum kube_event event, const cJSON *object)
{
    if (!watch->doomed) {
        watch->handler.on_item(watch->context, event, object);
    }
}

void watch_end_picture(struct kube_watch *watch)
{
    watch->synced = true;
    watch->list_next = false;
    watch->list_newest = false;
    watch->list_unpaged = false;
    if (watch->handler.on_synced != NULL && !watch->doomed) {
        watch->handler.on_synced(watch->context);
    }
}

static void on_error_frame(struct kube_watch *watch, const cJSON *status)
{
    if (json_int(status, "code", 0) == 410) {
        watch->expired = true;
        return;
    }
    status_explain_object(&watch->stream_error, status);
}

static void on_bookmark(struct kube_watch *watch, const cJSON *object)
{
    const cJSON *metadata = json_object(object, "metadata");
    const cJSON *marked = metadata;
    if (json_list(object, "rows") != NULL) {
        /* A Table's bookmark has its marks in its only row. */
        const cJSON *row = cJSON_GetArrayItem(json_list(object, "rows"), 0);
        marked = json_at(row, "object", "metadata", NULL);
    }
    const char *end = json_string(json_object(marked, "annotations"), "k8s.io/initial-events-end");
    watch->had_bookmark = true;
    watch_keep_version(watch, json_string(metadata, "resourceVersion"));
    if (watch->initial && end != NULL && strcmp(end, "true") == 0) {
        watch->initial = false;
        watch_end_picture(watch);
        watch_set_link(watch, KUBE_LIVE, 0, NULL);
    }
}

/* A frame of a Table watch carries rows in place of the object. */
static void deliver_rows(struct kube_watch *watch, enum kube_event event, const cJSON *table)
{
    const cJSON *row;
    cJSON_ArrayForEach(row, json_list(table, "rows"))
    {
        const char *version =
            json_string(json_at(row, "object", "metadata", NULL), "resourceVersion");
        if (version == NULL) {
            version = json_string(json_object(table, "metadata"), "resourceVersion");
        }
        if (!watch->initial) {
            watch_keep_version(watch, version);
        }
        watch_deliver(watch, event, row);
    }
}

static void on_change(struct kube_watch *watch, enum kube_event event, const cJSON *object)
{
    const char *kind = json_string(object, "kind");
    enum kube_event given = watch->initial && event == KUBE_ADDED ? KUBE_LISTED : event;
    if (kind != NULL && strcmp(kind, "Table") == 0) {
        deliver_rows(watch, given, object);
        return;
    }
    if (!watch->initial) {
        /* Initial events are in no order; their end mark has the version. */
        watch_keep_version(watch, json_string(json_object(object, "metadata"), "resourceVersion"));
    }
    watch_deliver(watch, given, object);
}

/* Bookmarks and errors are few and read whole. Types of the future are passed over. */
static bool on_mark(struct kube_watch *watch, const char *type, const char *bytes, size_t length)
{
    cJSON *frame = json_parse(bytes, length, "a watch event", &watch->stream_error);
    if (frame == NULL) {
        return false;
    }
    if (strcmp(type, "BOOKMARK") == 0) {
        on_bookmark(watch, json_object(frame, "object"));
    } else if (strcmp(type, "ERROR") == 0) {
        on_error_frame(watch, json_object(frame, "object"));
    }
    json_delete_secret(frame);
    return true;
}

static bool on_frame(struct kube_watch *watch, const char *bytes, size_t length)
{
    const cJSON *frame =
        json_pick_read(watch->pick, bytes, length, "a watch event", &watch->stream_error);
    const char *type = json_string(frame, "type");
    const cJSON *object = json_object(frame, "object");
    if (frame == NULL) {
        return false;
    }
    if (type == NULL || object == NULL) {
        return error_set(&watch->stream_error, ERROR_PROTOCOL,
                         "a watch event has no type or no object");
    }
    watch->frames++;
    if (strcmp(type, "ADDED") == 0) {
        on_change(watch, KUBE_ADDED, object);
    } else if (strcmp(type, "MODIFIED") == 0) {
        on_change(watch, KUBE_MODIFIED, object);
    } else if (strcmp(type, "DELETED") == 0) {
        on_change(watch, KUBE_DELETED, object);
    } else if (!on_mark(watch, type, bytes, length)) {
        return false;
    }
    return !watch->doomed && !watch->expired && watch->stream_error.kind == ERROR_NONE;
}

bool watch_on_frame(void *context, enum stream_part part, const char *bytes, size_t length)
{
    struct kube_watch *watch = context;
    (void)part;
    bool go_on = on_frame(watch, bytes, length);
    json_pick_forget(watch->pick);
    return go_on;
}
