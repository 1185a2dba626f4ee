#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "doc/json.h"
#include "doc/yaml.h"
#include "list_options.h"
#include "request.h"
#include "table.h"

enum { TEXT_LIMIT = 1024 * 1024 * 1024 };

/* --- One object ----------------------------------------------------------------------------------
 */

static bool refuse_list_shape(struct sim_request *request, struct sim_status *status)
{
    return sim_status_set(status, 406, "NotAcceptable",
                          "you requested PartialObjectMetadataList, but the requested object is "
                          "not a list (*core.%s)",
                          request->target.resource->kind);
}

static cJSON *one_row_table(const struct sim_request *request, const cJSON *body)
{
    cJSON *table = cJSON_CreateObject();
    cJSON_AddStringToObject(table, "kind", "Table");
    cJSON_AddStringToObject(table, "apiVersion", request->format.table_version);
    cJSON *metadata = cJSON_AddObjectToObject(table, "metadata");
    cJSON_AddStringToObject(metadata, "resourceVersion",
                            json_string_or(json_member(body, "metadata"), "resourceVersion", ""));
    cJSON_AddItemToObject(table, "columnDefinitions", sim_table_columns(request));
    cJSON_AddItemToArray(cJSON_AddArrayToObject(table, "rows"), sim_table_row(request, body, NULL));
    return table;
}

void sim_answer_object(struct sim_request *request, int code, struct sim_object *object)
{
    struct sim_status status = SIM_STATUS_INIT;
    cJSON *view = sim_view_of(request->target.resource, object->body);
    const cJSON *body = view != NULL ? view : object->body;
    request->code = code;
    buffer_clear(&request->answer);
    if (request->format.shape == SIM_SHAPE_TABLE) {
        if (!sim_table_check(request, &status)) {
            sim_answer_status(request, &status);
        } else {
            sim_answer_json(request, code, one_row_table(request, body));
        }
    } else if (request->format.shape == SIM_SHAPE_PARTIAL && request->format.partial_list) {
        refuse_list_shape(request, &status);
        sim_answer_status(request, &status);
    } else if (request->format.shape == SIM_SHAPE_PARTIAL) {
        sim_answer_json(request, code, sim_partial_metadata(body, request->format.table_version));
    } else {
        sim_encode(request, &request->answer, body);
    }
    cJSON_Delete(view);
}

/* A fault can make reads answer from an older state. */
static struct sim_object *stale_get(struct sim_request *request)
{
    struct sim_store *store = request->sim->store;
    const struct sim_target *target = &request->target;
    const struct sim_resource *storage = sim_storage_of(target->resource);
    int64_t version = sim_store_version(store) - request->stale_versions;
    int64_t oldest = sim_store_oldest(store, storage);
    struct sim_object **objects;
    size_t count;
    struct sim_object *found = NULL;
    sim_store_list_at(store, storage, target->ns, version > oldest ? version : oldest, &objects,
                      &count);
    for (size_t i = 0; i < count; i++) {
        if (strcmp(objects[i]->name, target->name) == 0) {
            found = sim_object_retain(objects[i]);
        }
        sim_object_release(objects[i]);
    }
    free(objects);
    return found;
}

void sim_get(struct sim_request *request)
{
    struct sim_status status = SIM_STATUS_INIT;
    const struct sim_target *target = &request->target;
    int64_t version = 0;
    const struct sim_resource *storage = sim_storage_of(target->resource);
    if (!sim_request_int(request, "resourceVersion", 0, &version, &status) ||
        (version > sim_store_version(request->sim->store) &&
         !sim_version_too_large(request, version, &status))) {
        sim_answer_status(request, &status);
        return;
    }
    struct sim_object *object =
        request->stale_versions > 0
            ? stale_get(request)
            : sim_store_get(request->sim->store, storage, target->ns, target->name);
    if (object == NULL) {
        sim_status_not_found(&status, target->resource, target->name);
        sim_answer_status(request, &status);
        return;
    }
    sim_answer_object(request, 200, object);
    if (request->stale_versions > 0) {
        sim_object_release(object);
    }
}

/* --- A list -------------------------------------------------------------------------------------
 */

struct listing {
    struct sim_request *request;
    struct sim_list_options options;
    struct sim_object *const *objects;
    struct sim_object **snapshot; /* owned copy behind objects, or NULL */
    size_t count;
    int64_t version; /* of the answer */
    size_t given;
    size_t matching; /* seen that match, given or not */
    const struct sim_object *last;
};

static bool expired_token(struct listing *listing, struct sim_status *status)
{
    struct sim_request *request = listing->request;
    /* The caller may go on at the newest state with the token in the answer. */
    sim_status_set(status, 410, "Expired",
                   "The provided continue parameter is too old to display a consistent list "
                   "result. You can start a new list without the continue parameter, or use the "
                   "continue token in this response to retrieve the remainder of the results. "
                   "Continuing with the provided token results in an inconsistent list - objects "
                   "that were created, modified, or deleted between the time the first chunk was "
                   "returned and now may show up in the list.");
    /* start is a whole key already; it is put back as it came */
    status->next = sim_continue_token(request, -1, "", listing->options.start);
    return false;
}

static bool take_snapshot(struct listing *listing, int64_t version, struct sim_status *status)
{
    struct sim_request *request = listing->request;
    const struct sim_resource *storage = sim_storage_of(request->target.resource);
    const char *ns = request->target.ns[0] != '\0' ? request->target.ns : NULL;
    bool cached = storage->cached && request->sim->minor >= 34;
    bool gone = !cached && version < request->sim->compacted;
    if (gone || !sim_store_list_at(request->sim->store, storage, ns, version, &listing->snapshot,
                                   &listing->count)) {
        return listing->options.continues
                   ? expired_token(listing, status)
                   : sim_status_set(status, 410, "Expired",
                                    "The resourceVersion for the provided list is too old.");
    }
    listing->objects = listing->snapshot;
    listing->version = version;
    return true;
}

static bool choose_state(struct listing *listing, struct sim_status *status)
{
    struct sim_request *request = listing->request;
    struct sim_store *store = request->sim->store;
    const struct sim_list_options *options = &listing->options;
    const struct sim_resource *storage = sim_storage_of(request->target.resource);
    int64_t newest = sim_store_version(store);
    if (options->version > newest) {
        return sim_version_too_large(request, options->version, status);
    }
    if (options->continues && options->continue_version >= 0 &&
        options->continue_version != newest) {
        return take_snapshot(listing, options->continue_version, status);
    }
    if (options->exact && options->version != newest) {
        return take_snapshot(listing, options->version, status);
    }
    if (request->stale_versions > 0) {
        int64_t oldest = sim_store_oldest(store, storage);
        int64_t wanted = newest - request->stale_versions;
        return take_snapshot(listing, wanted > oldest ? wanted : oldest, status);
    }
    listing->version = newest;
    listing->objects = sim_store_list(
        store, storage, request->target.ns[0] != '\0' ? request->target.ns : NULL, &listing->count);
    return true;
}

/* True if the object's key sorts behind the token's last one. */
static bool is_behind(const struct listing *listing, const struct sim_object *object)
{
    const char *start = listing->options.start;
    const char *slash = strchr(start, '/');
    bool whole = listing->request->target.ns[0] == '\0' && object->ns[0] != '\0' && slash != NULL;
    if (!whole) {
        return strcmp(object->name, start) > 0;
    }
    char *key = xasprintf("%s/%s", object->ns, object->name);
    bool behind = strcmp(key, start) > 0;
    free(key);
    return behind;
}

static void write_item(struct listing *listing, struct buffer *out, struct sim_object *object)
{
    struct sim_request *request = listing->request;
    if (listing->given++ > 0) {
        buffer_append_char(out, ',');
    }
    listing->last = object;
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

static void write_items(struct listing *listing, struct buffer *out)
{
    const struct sim_list_options *options = &listing->options;
    const struct sim_resource *storage = sim_storage_of(listing->request->target.resource);
    /* A cached read at "any version" comes whole (limit is ignored). */
    bool limited = options->limit > 0 && !(options->version == 0 && storage->cached);
    for (size_t i = 0; i < listing->count; i++) {
        struct sim_object *object = listing->objects[i];
        if ((options->continues && !is_behind(listing, object)) ||
            !sim_selector_matches(options->selector, object->body)) {
            continue;
        }
        listing->matching++;
        if (!limited || listing->given < (size_t)options->limit) {
            write_item(listing, out, object);
        }
    }
}

static void write_metadata(struct listing *listing, struct buffer *out)
{
    struct sim_request *request = listing->request;
    buffer_printf(out, "\"metadata\":{\"resourceVersion\":\"%lld\"", (long long)listing->version);
    if (listing->matching > listing->given && listing->last != NULL) {
        char *token =
            sim_continue_token(request, listing->version, listing->last->ns, listing->last->name);
        buffer_printf(out, ",\"continue\":\"%s\"", token);
        free(token);
        bool partial = request->format.shape == SIM_SHAPE_PARTIAL && request->sim->minor < 30;
        if (sim_selector_is_empty(listing->options.selector) && !partial) {
            buffer_printf(out, ",\"remainingItemCount\":%zu", listing->matching - listing->given);
        }
    }
    buffer_append_string(out, "},");
}

static void write_list(struct listing *listing, struct buffer *out)
{
    struct sim_request *request = listing->request;
    struct buffer items;
    buffer_init(&items, TEXT_LIMIT);
    write_items(listing, &items);
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
    write_metadata(listing, out);
    if (request->format.shape == SIM_SHAPE_TABLE) {
        cJSON *columns = sim_table_columns(request);
        buffer_append_string(out, "\"columnDefinitions\":");
        json_write(out, columns);
        cJSON_Delete(columns);
        buffer_append_string(out, ",\"rows\":");
    } else {
        buffer_append_string(out, "\"items\":");
    }
    if (listing->given == 0 && request->format.shape == SIM_SHAPE_PARTIAL) {
        buffer_append_string(out, "null}");
    } else {
        buffer_append_char(out, '[');
        buffer_append(out, items.data, items.length);
        buffer_append_string(out, "]}");
    }
    buffer_free(&items);
}

static void answer_list(struct listing *listing)
{
    struct sim_request *request = listing->request;
    request->code = 200;
    buffer_clear(&request->answer);
    if (!request->format.yaml && !request->format.pretty) {
        write_list(listing, &request->answer);
        buffer_append_char(&request->answer, '\n');
        return;
    }
    struct buffer text;
    buffer_init(&text, TEXT_LIMIT);
    write_list(listing, &text);
    cJSON *tree = json_parse(text.data, text.length, "list", NULL);
    buffer_free(&text);
    sim_encode(request, &request->answer, tree);
    cJSON_Delete(tree);
}

void sim_list(struct sim_request *request)
{
    struct sim_status status = SIM_STATUS_INIT;
    struct listing listing = {.request = request};
    bool ok = (request->format.shape != SIM_SHAPE_TABLE || sim_table_check(request, &status)) &&
              sim_list_options_read(request, false, &listing.options, &status) &&
              choose_state(&listing, &status);
    if (ok) {
        answer_list(&listing);
    } else {
        sim_answer_status(request, &status);
    }
    for (size_t i = 0; listing.snapshot != NULL && i < listing.count; i++) {
        sim_object_release(listing.snapshot[i]);
    }
    free(listing.snapshot);
    sim_list_options_clear(&listing.options);
}
