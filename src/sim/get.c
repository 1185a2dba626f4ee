#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "doc/json.h"
#include "list_options.h"
#include "request.h"
#include "table.h"

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
