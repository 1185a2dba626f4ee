#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "doc/json.h"
#include "list_options.h"
#include "list_stream.h"
#include "request.h"
#include "table.h"

enum { TEXT_LIMIT = 1024 * 1024 * 1024, PIECE = 64 * 1024 };

/* A list's answer: first what it shows is chosen, then it is written. */
struct sim_list_stream {
    struct sim_request *request; /* outlives it */
    struct sim_list_options options;
    struct sim_object **chosen; /* retained */
    size_t count;
    size_t capacity;
    size_t given;
    size_t matching; /* chosen or not, for want of room */
    int64_t version; /* of the answer */
    bool begun;
};

void sim_list_stream_free(struct sim_list_stream *stream)
{
    if (stream == NULL) {
        return;
    }
    for (size_t i = 0; i < stream->count; i++) {
        sim_object_release(stream->chosen[i]);
    }
    free(stream->chosen);
    sim_list_options_clear(&stream->options);
    free(stream);
}

/* --- What it shows -------------------------------------------------------------------------------
 */

/* The objects as they stood at some version. */
struct state {
    struct sim_object *const *objects;
    struct sim_object **snapshot; /* owned copy behind objects, or NULL */
    size_t count;
};

static void free_state(struct state *state)
{
    for (size_t i = 0; state->snapshot != NULL && i < state->count; i++) {
        sim_object_release(state->snapshot[i]);
    }
    free(state->snapshot);
}

static bool expired_token(const struct sim_list_stream *list, struct sim_status *status)
{
    /* The caller may go on at the newest state with the token in the answer. */
    sim_status_set(status, 410, "Expired",
                   "The provided continue parameter is too old to display a consistent list "
                   "result. You can start a new list without the continue parameter, or use the "
                   "continue token in this response to retrieve the remainder of the results. "
                   "Continuing with the provided token results in an inconsistent list - objects "
                   "that were created, modified, or deleted between the time the first chunk was "
                   "returned and now may show up in the list.");
    /* start is a whole key already; it is put back as it came */
    status->next = sim_continue_token(list->request, -1, "", list->options.start);
    return false;
}

static const char *namespace_of(const struct sim_request *request)
{
    return request->target.ns[0] != '\0' ? request->target.ns : NULL;
}

static bool take_snapshot(struct sim_list_stream *list, struct state *state, int64_t version,
                          struct sim_status *status)
{
    const struct sim_request *request = list->request;
    const struct sim_resource *storage = sim_storage_of(request->target.resource);
    bool cached = storage->cached && request->sim->minor >= 34;
    bool gone = !cached && version < request->sim->compacted;
    if (gone || !sim_store_list_at(request->sim->store, storage, namespace_of(request), version,
                                   &state->snapshot, &state->count)) {
        return list->options.continues
                   ? expired_token(list, status)
                   : sim_status_set(status, 410, "Expired",
                                    "The resourceVersion for the provided list is too old.");
    }
    state->objects = state->snapshot;
    list->version = version;
    return true;
}

static bool choose_state(struct sim_list_stream *list, struct state *state,
                         struct sim_status *status)
{
    struct sim_request *request = list->request;
    struct sim_store *store = request->sim->store;
    const struct sim_list_options *options = &list->options;
    const struct sim_resource *storage = sim_storage_of(request->target.resource);
    int64_t newest = sim_store_version(store);
    if (options->version > newest) {
        return sim_version_too_large(request, options->version, status);
    }
    if (options->continues && options->continue_version >= 0 &&
        options->continue_version != newest) {
        return take_snapshot(list, state, options->continue_version, status);
    }
    if (options->exact && options->version != newest) {
        return take_snapshot(list, state, options->version, status);
    }
    if (request->stale_versions > 0) {
        int64_t oldest = sim_store_oldest(store, storage);
        int64_t wanted = newest - request->stale_versions;
        return take_snapshot(list, state, wanted > oldest ? wanted : oldest, status);
    }
    list->version = newest;
    state->objects = sim_store_list(store, storage, namespace_of(request), &state->count);
    return true;
}

/* True if the object's key sorts behind the token's last one. */
static bool is_behind(const struct sim_list_stream *list, const struct sim_object *object)
{
    const char *start = list->options.start;
    const char *slash = strchr(start, '/');
    bool whole = list->request->target.ns[0] == '\0' && object->ns[0] != '\0' && slash != NULL;
    if (!whole) {
        return strcmp(object->name, start) > 0;
    }
    /* Keys are compared as a whole, as the storage does: NAMESPACE/NAME. */
    size_t length = strlen(object->ns);
    int order = strncmp(object->ns, start, length);
    if (order == 0) {
        order = '/' - (unsigned char)start[length];
    }
    return order != 0 ? order > 0 : strcmp(object->name, start + length + 1) > 0;
}

static void choose(struct sim_list_stream *list, const struct state *state)
{
    const struct sim_list_options *options = &list->options;
    const struct sim_resource *storage = sim_storage_of(list->request->target.resource);
    /* A cached read at "any version" comes whole (limit is ignored). */
    bool limited = options->limit > 0 && !(options->version == 0 && storage->cached);
    for (size_t i = 0; i < state->count; i++) {
        struct sim_object *object = state->objects[i];
        if ((options->continues && !is_behind(list, object)) ||
            !sim_selector_matches(options->selector, object->body)) {
            continue;
        }
        list->matching++;
        if (!limited || list->count < (size_t)options->limit) {
            list->chosen = xgrow(list->chosen, list->count, &list->capacity, sizeof(*list->chosen));
            list->chosen[list->count++] = sim_object_retain(object);
        }
    }
}

/* --- The text ------------------------------------------------------------------------------------
 */

static void write_metadata(const struct sim_list_stream *list, struct buffer *out)
{
    const struct sim_request *request = list->request;
    buffer_printf(out, "\"metadata\":{\"resourceVersion\":\"%lld\"", (long long)list->version);
    if (list->matching > list->count && list->count > 0) {
        const struct sim_object *last = list->chosen[list->count - 1];
        char *token = sim_continue_token(request, list->version, last->ns, last->name);
        buffer_printf(out, ",\"continue\":\"%s\"", token);
        free(token);
        bool partial = request->format.shape == SIM_SHAPE_PARTIAL && request->sim->minor < 30;
        if (sim_selector_is_empty(list->options.selector) && !partial) {
            buffer_printf(out, ",\"remainingItemCount\":%zu", list->matching - list->count);
        }
    }
    buffer_append_string(out, "},");
}

static void write_head(const struct sim_list_stream *list, struct buffer *out)
{
    const struct sim_request *request = list->request;
    char version[64];
    sim_resource_api_version(request->target.resource, version);
    if (request->format.shape == SIM_SHAPE_TABLE) {
        buffer_printf(out, "{\"kind\":\"Table\",\"apiVersion\":\"%s\",",
                      request->format.table_version);
    } else if (request->format.shape == SIM_SHAPE_PARTIAL) {
        buffer_printf(out, "{\"kind\":\"PartialObjectMetadataList\",\"apiVersion\":\"%s\",",
                      request->format.table_version);
    } else {
        buffer_printf(out, "{\"kind\":\"%sList\",\"apiVersion\":\"%s\",",
                      request->target.resource->kind, version);
    }
    write_metadata(list, out);
    if (request->format.shape == SIM_SHAPE_TABLE) {
        cJSON *columns = sim_table_columns(request);
        buffer_append_string(out, "\"columnDefinitions\":");
        json_write(out, columns);
        cJSON_Delete(columns);
        buffer_append_string(out, ",\"rows\":[");
    } else if (list->count == 0 && request->format.shape == SIM_SHAPE_PARTIAL) {
        buffer_append_string(out, "\"items\":null");
    } else {
        buffer_append_string(out, "\"items\":[");
    }
}

static void write_item(const struct sim_request *request, struct buffer *out,
                       const struct sim_object *object)
{
    cJSON *view = sim_view_of(request->target.resource, object->body);
    const cJSON *body = view != NULL ? view : object->body;
    cJSON *shaped = NULL;
    if (request->format.shape == SIM_SHAPE_TABLE) {
        shaped = sim_table_row(request, body, NULL);
    } else if (request->format.shape == SIM_SHAPE_PARTIAL) {
        shaped = sim_partial_metadata(body, request->format.table_version);
    }
    if (shaped != NULL) {
        json_write(out, shaped);
    } else {
        cJSON item = *body; /* kind and apiVersion, the first two, are the list's */
        item.child = body->child->next->next;
        json_write(out, &item);
    }
    cJSON_Delete(shaped);
    cJSON_Delete(view);
}

bool sim_list_stream_read(struct sim_list_stream *list, struct buffer *out)
{
    size_t enough = out->length + PIECE;
    if (!list->begun) {
        list->begun = true;
        write_head(list, out);
    }
    while (list->given < list->count && out->length < enough) {
        if (list->given > 0) {
            buffer_append_char(out, ',');
        }
        write_item(list->request, out, list->chosen[list->given++]);
    }
    if (list->given < list->count) {
        return true;
    }
    bool null = list->count == 0 && list->request->format.shape == SIM_SHAPE_PARTIAL;
    buffer_append_string(out, null ? "}\n" : "]}\n");
    return false;
}

/* Indented JSON and YAML are made of the whole. */
static void answer_whole(struct sim_request *request, struct sim_list_stream *list)
{
    struct buffer text;
    buffer_init(&text, TEXT_LIMIT);
    while (sim_list_stream_read(list, &text)) {
    }
    cJSON *tree = json_parse(text.data, text.length, "list", NULL);
    buffer_free(&text);
    sim_encode(request, &request->answer, tree);
    cJSON_Delete(tree);
}

void sim_list(struct sim_request *request)
{
    struct sim_status status = SIM_STATUS_INIT;
    struct state state = {NULL, NULL, 0};
    struct sim_list_stream *list = xcalloc(1, sizeof(*list));
    list->request = request;
    bool ok = (request->format.shape != SIM_SHAPE_TABLE || sim_table_check(request, &status)) &&
              sim_list_options_read(request, false, &list->options, &status) &&
              choose_state(list, &state, &status);
    if (!ok) {
        sim_answer_status(request, &status);
        sim_list_stream_free(list);
        free_state(&state);
        return;
    }
    choose(list, &state);
    free_state(&state);
    request->code = 200;
    buffer_clear(&request->answer);
    if (request->format.yaml || request->format.pretty) {
        answer_whole(request, list);
        sim_list_stream_free(list);
    } else {
        request->list = list;
    }
}
