#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/language.h"
#include "client_internal.h"
#include "doc/json.h"
#include "status.h"
#include "stream.h"

/*
 * Lists, page by page. A list is whole only if every page was complete to its last brace; what was
 * handed over before must be dropped otherwise. Where a continue token has expired (410), the
 * server offers one that goes on from the newest state: good enough for who only reads, but not for
 * a watch, which needs the picture of one moment; there the 410 ends the list.
 */
enum { PATH_LIMIT = 256 * 1024 };

struct list_call {
    struct kube_call call;
    struct request *request;
    struct query_copy query;
    char *label;
    char *version; /* asked for on the first page */
    char *token;   /* continue */
    bool snapshot; /* for a watch */
    bool stopped;  /* the owner wants no more */
    bool feeding;  /* the scanner is on the stack */
    bool doomed;   /* cancelled meanwhile */
    bool columns_given;
    struct json_pick *pick;
    struct stream stream;
    struct error stream_error;
    kube_item_callback on_item;
    kube_list_end on_end;
    void *context;
};

static void free_list(struct kube_call *call)
{
    struct list_call *list = (struct list_call *)call;
    request_cancel(list->request);
    list->request = NULL;
    if (list->feeding) {
        list->doomed = true;
        return;
    }
    stream_free(&list->stream);
    json_pick_free(list->pick);
    query_free(&list->query);
    free(list->label);
    free(list->version);
    free(list->token);
    free(list);
}

static void finish(struct list_call *list, const struct error *err, int status)
{
    kube_list_end on_end = list->on_end;
    void *context = list->context;
    char *version = xstrdup_or_null(list->stream.resource_version);
    struct error wrapped = ERROR_INIT;
    if (err != NULL) {
        wrapped = *err;
        error_wrap(&wrapped, "%s", list->label);
    }
    call_unlink(&list->call);
    free_list(&list->call);
    on_end(context, err == NULL ? NULL : &wrapped, status, version);
    free(version);
}

/* What the tree is made of goes away after the call. */
static bool give(struct list_call *list, const cJSON *item)
{
    return item != NULL && list->on_item(list->context, item) && !list->doomed;
}

static bool give_columns(struct list_call *list, const char *bytes, size_t length)
{
    if (list->columns_given) {
        return true; /* every page repeats them */
    }
    cJSON *value = json_parse(bytes, length, "the columns of the Table", &list->stream_error);
    if (value == NULL) {
        return false;
    }
    list->columns_given = true;
    cJSON *columns = cJSON_CreateObject();
    cJSON_AddItemToObject(columns, "columnDefinitions", value);
    bool go_on = give(list, columns);
    cJSON_Delete(columns);
    return go_on;
}

static bool on_part(void *context, enum stream_part part, const char *bytes, size_t length)
{
    struct list_call *list = context;
    bool go_on;
    if (part == STREAM_COLUMNS) {
        go_on = give_columns(list, bytes, length);
    } else {
        go_on = give(list, json_pick_read(list->pick, bytes, length, "an item of the list",
                                          &list->stream_error));
        json_pick_forget(list->pick);
    }
    list->stopped = !go_on && list->stream_error.kind == ERROR_NONE;
    return go_on;
}

static bool on_chunk(void *context, const char *bytes, size_t length)
{
    struct list_call *list = context;
    list->feeding = true;
    bool go_on = stream_feed(&list->stream, bytes, length, &list->stream_error);
    list->feeding = false;
    if (list->doomed) {
        free_list(&list->call);
        return false;
    }
    return go_on;
}

static void send_page(struct list_call *list);

static bool is_list_kind(const char *kind)
{
    size_t length = kind == NULL ? 0 : strlen(kind);
    return kind != NULL &&
           (strcmp(kind, "Table") == 0 || (length > 4 && strcmp(kind + length - 4, "List") == 0));
}

/* A page came to its end. */
static void on_end(void *context, struct request_result *result)
{
    struct list_call *list = context;
    struct error err = ERROR_INIT;
    list->request = NULL;
    if (list->stopped) {
        finish(list, NULL, result->status);
        return;
    }
    if (list->stream_error.kind != ERROR_NONE) {
        finish(list, &list->stream_error, result->status);
        return;
    }
    const char *token = json_string(json_object(result->object, "metadata"), "continue");
    if (result->status == 410 && list->token != NULL && !list->snapshot && token != NULL) {
        free(list->token);
        list->token = xstrdup(token);
        send_page(list);
        return;
    }
    if (result->err != NULL) {
        finish(list, result->err, result->status);
        return;
    }
    if (!stream_finish(&list->stream, &err)) {
        finish(list, &err, result->status);
        return;
    }
    if (!is_list_kind(list->stream.list_kind)) {
        error_set(&err, ERROR_PROTOCOL, "the answer is a %s where a list should be",
                  list->stream.list_kind == NULL ? _("JSON object") : list->stream.list_kind);
        finish(list, &err, result->status);
        return;
    }
    if (list->stream.continue_token == NULL) {
        finish(list, NULL, result->status);
        return;
    }
    free(list->token);
    list->token = xstrdup(list->stream.continue_token);
    send_page(list);
}

static void send_page(struct list_call *list)
{
    static const struct request_handler handler = {.on_chunk = on_chunk, .on_end = on_end};
    struct buffer path;
    buffer_init(&path, PATH_LIMIT);
    /* A version must not stand beside a continue token (400). */
    struct query_page page = {
        .resource_version = list->token == NULL ? list->version : NULL,
        .continue_token = list->token,
        .limit = list->query.limit,
    };
    if (page.resource_version != NULL && page.limit > 0 &&
        strcmp(page.resource_version, "0") != 0) {
        /* Without it, a version with a limit means exactly that version. */
        page.version_match = "NotOlderThan";
    }
    query_write(&path, &list->query, &page);
    stream_reset(&list->stream);
    struct request_spec spec = {
        .method = HTTP_GET,
        .path = path.data,
        .accept = query_accept(&list->query, false),
        .no_retry = list->snapshot,
    };
    list->request = request_start(list->call.client, &spec, &handler, list);
    buffer_free(&path);
}

struct kube_call *list_start(struct kube_client *client, const struct kube_query *query,
                             const char *resource_version, bool snapshot,
                             kube_item_callback on_item, kube_list_end on_list_end, void *context)
{
    struct list_call *list = xcalloc(1, sizeof(*list));
    query_copy(&list->query, query);
    list->label = call_label("list", query->resource, query->ns, NULL);
    list->version = xstrdup_or_null(resource_version);
    list->snapshot = snapshot;
    list->on_item = on_item;
    list->on_end = on_list_end;
    list->context = context;
    bool secret = strcmp(query->resource->plural, "secrets") == 0;
    list->pick = json_pick_new(secret);
    query_want(list->pick, &list->query, "");
    stream_init(&list->stream, STREAM_LIST, KUBE_ITEM_LIMIT, secret, on_part, list);
    call_link(client, &list->call, free_list);
    send_page(list);
    return &list->call;
}

struct kube_call *kube_list(struct kube_client *client, const struct kube_query *query,
                            kube_item_callback on_item, kube_list_end on_end_, void *context)
{
    return list_start(client, query, NULL, false, on_item, on_end_, context);
}
