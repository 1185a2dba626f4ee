#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "decode.h"
#include "doc/json.h"
#include "go_json.h"
#include "list_options.h"
#include "request.h"
#include "sim/writes.h"

/* Creates, updates, patches and deletes of clients. */

static bool check_manager(const char *manager, const char *options, struct sim_status *status,
                          int minor)
{
    if (manager == NULL || strlen(manager) <= 128) {
        return true;
    }
    struct sim_resource about = {.group = "meta.k8s.io", .plural = "", .kind = options};
    struct sim_causes causes = {NULL};
    sim_causes_add(&causes, "FieldValueTooLong", "fieldManager",
                   minor < 30 ? "Too long: must have at most 128 bytes"
                              : "Too long: may not be more than 128 bytes");
    return sim_causes_finish(&causes, &about, "", status);
}

/* The field manager of a request that names none: the User-Agent up to its first slash. */
static void default_manager(const struct sim_request *request, char out[129])
{
    const char *agent = sim_request_header(request, "user-agent");
    agent = agent == NULL || agent[0] == '\0' ? "unknown" : agent;
    snprintf(out, 129, "%.*s", (int)strcspn(agent, "/"), agent);
}

static bool prepare(struct sim_request *request, const char *options, char manager[129],
                    struct sim_write *write, struct sim_status *status)
{
    const char *given = sim_request_query(request, "fieldManager");
    *write = (struct sim_write){.subresource = request->target.subresource,
                                .warnings = request->warnings};
    if (given != NULL && given[0] != '\0') {
        snprintf(manager, 129, "%s", given);
    } else {
        default_manager(request, manager);
    }
    write->manager = manager;
    const char *validation = sim_request_query(request, "fieldValidation");
    bool knows = request->sim->minor >= 25 && validation != NULL;
    write->strict = knows && strcmp(validation, "Strict") == 0;
    write->ignore_unknown =
        request->sim->minor < 25 || (knows && strcmp(validation, "Ignore") == 0);
    return check_manager(given, options, status, request->sim->minor) &&
           sim_request_dry_run(request, options, &write->dry_run, status);
}

static void create(struct sim_request *request)
{
    struct sim_status status = SIM_STATUS_INIT;
    const struct sim_target *target = &request->target;
    struct sim_object *object = NULL;
    struct sim_write write;
    char manager[129];
    cJSON *body = NULL;
    bool ok = sim_decode_object(request, target->resource, &body, &status) &&
              prepare(request, "CreateOptions", manager, &write, &status);
    if (!ok) {
        cJSON_Delete(body);
    } else {
        ok = sim_write_create(request->sim, target->resource, target->ns, body, &write, &object,
                              &status);
    }
    if (ok) {
        sim_answer_object(request, 201, object);
    } else {
        sim_answer_status(request, &status);
    }
    sim_object_release(object);
}

static void update(struct sim_request *request)
{
    struct sim_status status = SIM_STATUS_INIT;
    const struct sim_target *target = &request->target;
    struct sim_object *object = NULL;
    struct sim_write write;
    char manager[129];
    cJSON *body = NULL;
    bool ok = sim_decode_object(request, target->resource, &body, &status) &&
              prepare(request, "UpdateOptions", manager, &write, &status);
    if (!ok) {
        cJSON_Delete(body);
    } else {
        ok = sim_write_update(request->sim, target->resource, target->ns, target->name, body,
                              &write, &object, &status);
    }
    if (ok) {
        sim_answer_object(request, 200, object);
    } else {
        sim_answer_status(request, &status);
    }
    sim_object_release(object);
}

/* --- Patches -------------------------------------------------------------------------------------
 */

static bool patch_type(const struct sim_request *request, enum sim_patch_type *type,
                       struct sim_status *status)
{
    static const char *const types[] = {
        [SIM_PATCH_JSON] = "application/json-patch+json",
        [SIM_PATCH_MERGE] = "application/merge-patch+json",
        [SIM_PATCH_STRATEGIC] = "application/strategic-merge-patch+json",
        [SIM_PATCH_APPLY] = "application/apply-patch+yaml",
    };
    char given[128];
    sim_content_type(request, given);
    for (size_t i = 0; i < ARRAY_LENGTH(types); i++) {
        if (strcmp(given, types[i]) == 0) {
            *type = (enum sim_patch_type)i;
            return true;
        }
    }
    sim_status_set(status, 415, "UnsupportedMediaType", "415: Unsupported Media Type");
    status->details = cJSON_CreateObject();
    return false;
}

static bool check_patch_options(const struct sim_request *request, enum sim_patch_type type,
                                bool *force, struct sim_status *status)
{
    const char *manager = sim_request_query(request, "fieldManager");
    const char *given = sim_request_query(request, "force");
    struct sim_resource about = {.group = "meta.k8s.io", .plural = "", .kind = "PatchOptions"};
    struct sim_causes causes = {NULL};
    if (!sim_request_bool(request, "force", false, force, status)) {
        return false;
    }
    if (type == SIM_PATCH_APPLY && (manager == NULL || manager[0] == '\0')) {
        sim_causes_add(&causes, "FieldValueRequired", "fieldManager",
                       "Required value: is required for apply patch");
    } else if (type != SIM_PATCH_APPLY && given != NULL) {
        sim_causes_add(&causes, "FieldValueForbidden", "force",
                       "Forbidden: may not be specified for non-apply patch");
    }
    return sim_causes_finish(&causes, &about, "", status);
}

static const char *word_of(const cJSON *value)
{
    return cJSON_IsArray(value)    ? "array"
           : cJSON_IsString(value) ? "string"
           : cJSON_IsNumber(value) ? "number"
           : cJSON_IsBool(value)   ? "bool"
           : cJSON_IsNull(value)   ? "null"
                                   : "object";
}

/* What each kind of patch says to a body that is no JSON or not of its type. */
static bool undecodable(const struct sim_request *request, enum sim_patch_type type,
                        const char *why, const cJSON *value, struct sim_status *status)
{
    bool old = request->sim->minor < 30;
    if (type == SIM_PATCH_JSON) {
        const char *before = old ? "" : "error decoding patch: ";
        return value == NULL
                   ? sim_status_bad_request(status, "%s%s", before, why)
                   : sim_status_bad_request(
                         status, "%sjson: cannot unmarshal %s into Go value of type %s", before,
                         word_of(value), old ? "jsonpatch.Patch" : "[]handlers.jsonPatchOp");
    }
    if (type == SIM_PATCH_MERGE && old) {
        return value == NULL ? sim_status_internal(status, "Invalid JSON Patch")
                             : sim_status_unprocessable(status);
    }
    if (type == SIM_PATCH_STRATEGIC && value == NULL) {
        return sim_status_bad_request(status, "%s", old ? "unexpected EOF" : why);
    }
    return value == NULL
               ? sim_status_bad_request(status, "error decoding patch: %s", why)
               : sim_status_bad_request(status,
                                        "error decoding patch: json: cannot unmarshal %s into Go "
                                        "value of type map[string]interface {}",
                                        word_of(value));
}

static bool decode_patch(struct sim_request *request, enum sim_patch_type type, cJSON **out,
                         struct sim_status *status)
{
    if (type == SIM_PATCH_APPLY) {
        struct sim_status reason = SIM_STATUS_INIT;
        if (request->body_too_large || request->body_length == 0) {
            return sim_decode_plain(request, out, status) &&
                   sim_status_bad_request(status, "error decoding YAML: the body is empty");
        }
        if (!sim_decode_plain(request, out, &reason)) {
            sim_status_bad_request(status, "error decoding YAML: %s", reason.message);
            sim_status_clear(&reason);
            return false;
        }
        return true;
    }
    char why[SIM_GO_JSON_SIZE];
    if (request->body_too_large) {
        return sim_decode_plain(request, out, status);
    }
    if (!sim_go_json_check(request->body, request->body_length, why)) {
        return undecodable(request, type, why, NULL, status);
    }
    *out = json_parse(request->body, request->body_length, "patch", NULL);
    bool fits = type == SIM_PATCH_JSON ? cJSON_IsArray(*out) : cJSON_IsObject(*out);
    if (!fits) {
        undecodable(request, type, "", *out, status);
        cJSON_Delete(*out);
        *out = NULL;
    }
    return fits;
}

/* Apply of an object that is not there needs the right to create. */
static bool may_create(struct sim_request *request, enum sim_patch_type type,
                       struct sim_status *status)
{
    const struct sim_target *target = &request->target;
    if (type != SIM_PATCH_APPLY ||
        sim_store_get(request->sim->store, sim_storage_of(target->resource), target->ns,
                      target->name) != NULL) {
        return true;
    }
    if (sim_authorize_verb(request, "create", status)) {
        return true;
    }
    if (request->sim->minor < 30) { /* old servers lose the reason on the way */
        char *end = strstr(status->message, " is forbidden: ");
        if (end != NULL) {
            end[strlen(" is forbidden: ")] = '\0';
        }
    }
    return false;
}

static void patch(struct sim_request *request)
{
    struct sim_status status = SIM_STATUS_INIT;
    const struct sim_target *target = &request->target;
    enum sim_patch_type type = SIM_PATCH_JSON;
    struct sim_object *object = NULL;
    struct sim_write write;
    char manager[129];
    cJSON *body = NULL;
    bool created = false;
    bool force = false;
    bool ok = patch_type(request, &type, &status) &&
              prepare(request, "PatchOptions", manager, &write, &status) &&
              check_patch_options(request, type, &force, &status) &&
              decode_patch(request, type, &body, &status) && may_create(request, type, &status);
    bool falls = type == SIM_PATCH_STRATEGIC && target->resource == sim_service_accounts() &&
                 json_member(body, "$setElementOrder/imagePullSecrets") != NULL;
    if (falls) { /* a list without a merge key cannot be ordered: real servers drop the line */
        request->cut = true;
        cJSON_Delete(body);
        sim_status_clear(&status);
        return;
    }
    if (ok) {
        write.forced = force;
        ok = sim_write_patch(request->sim, target->resource, target->ns, target->name, type, body,
                             &write, &object, &created, &status);
    }
    cJSON_Delete(body);
    if (ok) {
        sim_answer_object(request, created ? 201 : 200, object);
    } else {
        sim_answer_status(request, &status);
    }
    sim_object_release(object);
}

void sim_change(struct sim_request *request)
{
    if (strcmp(request->target.verb, "create") == 0) {
        create(request);
    } else if (strcmp(request->target.verb, "update") == 0) {
        update(request);
    } else {
        patch(request);
    }
}
