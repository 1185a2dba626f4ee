#include "sim/writes.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "doc/json.h"
#include "kinds.h"
#include "request.h"
#include "sim/managed_fields.h"
#include "sim/schema.h"
#include "types.h"

enum { QUOTE_LIMIT = 16 * 1024 * 1024 };

static const struct sim_write plain_write = {.subresource = ""};

static const char *subresource_of(const struct sim_write *write)
{
    return write->subresource != NULL ? write->subresource : "";
}

static bool has_status(const struct sim_resource *resource)
{
    return sim_word_in(resource->subresources, "status");
}

/* --- What holds for every write
 * -------------------------------------------------------------------- */

static bool place(const struct sim_resource *resource, const char *ns, cJSON *body,
                  struct sim_status *status)
{
    cJSON *metadata = json_need_object(body, "metadata");
    if (!resource->namespaced) {
        json_remove(metadata, "namespace");
        return true;
    }
    const char *own = json_string_or(metadata, "namespace", "");
    if (own[0] != '\0' && strcmp(own, ns) != 0) {
        return sim_status_bad_request(status, "the namespace of the provided object does not match "
                                              "the namespace sent on the request");
    }
    json_set_string(metadata, "namespace", ns);
    return true;
}

static bool check_namespace(struct sim *sim, const struct sim_resource *resource, const char *ns,
                            const cJSON *body, struct sim_status *status)
{
    if (!resource->namespaced) {
        return true;
    }
    const struct sim_object *one = sim_store_get(sim->store, sim_namespaces(), "", ns);
    if (one == NULL) {
        return sim_status_not_found(status, sim_namespaces(), ns);
    }
    if (json_at(one->body, "metadata", "deletionTimestamp", NULL) == NULL) {
        return true;
    }
    sim_status_forbidden(status, resource, body,
                         "unable to create new content in namespace %s because it is being "
                         "terminated",
                         ns);
    cJSON *cause = cJSON_CreateObject();
    cJSON_AddStringToObject(cause, "reason", "NamespaceTerminating");
    char *why = xasprintf("namespace %s is being terminated", ns);
    cJSON_AddStringToObject(cause, "message", why);
    free(why);
    cJSON_AddStringToObject(cause, "field", "metadata.namespace");
    cJSON_AddItemToArray(cJSON_AddArrayToObject(status->details, "causes"), cause);
    return false;
}

/* Views (events.k8s.io) are written to the objects they show. */
static cJSON *to_storage(const struct sim_resource *resource, cJSON *body)
{
    if (resource->view_of[0] == '\0') {
        return body;
    }
    cJSON *stored = sim_view_back(resource, body);
    cJSON_Delete(body);
    return stored;
}

static void book(struct sim *sim, const struct sim_resource *resource,
                 const struct sim_write *write, const cJSON *live, cJSON *body)
{
    /* An object whose fields nobody tracks stays so until its first apply. */
    bool untracked = live != NULL && json_at(live, "metadata", "managedFields", NULL) == NULL &&
                     json_at(body, "metadata", "managedFields", NULL) == NULL;
    if (write->manager == NULL || write->keep_managed_fields || untracked) {
        return;
    }
    struct sim_manager manager = {
        .resource = resource,
        .name = write->manager,
        .subresource = subresource_of(write),
        .minor = sim->minor,
        .now_ms = live == NULL && write->creation_ms != 0 ? write->creation_ms : sim_now_ms(sim)};
    sim_managed_fields_update(&manager, live, body);
}

/* --- Create
 * ----------------------------------------------------------------------------------------- */

/* Defaults belong to whoever writes; but for the empty fields of events, which are only shown. */
static void default_booked(struct sim *sim, const struct sim_resource *storage, cJSON *body)
{
    if (storage != sim_events()) {
        sim_kind_default(sim, storage, body);
    }
}

static void generate_name(struct sim *sim, cJSON *metadata)
{
    const char *prefix = json_string_or(metadata, "generateName", "");
    if (json_string_or(metadata, "name", "")[0] == '\0' && prefix[0] != '\0') {
        char suffix[6];
        sim_store_new_suffix(sim->store, suffix);
        char *name = xasprintf("%.58s%s", prefix, suffix);
        json_set_string(metadata, "name", name);
        free(name);
    }
}

static bool check_new(struct sim *sim, const struct sim_resource *resource, const char *ns,
                      const cJSON *body, struct sim_status *status)
{
    const cJSON *metadata = json_member(body, "metadata");
    if (!check_namespace(sim, resource, ns, body, status)) {
        return false;
    }
    if (json_string_or(metadata, "resourceVersion", "")[0] != '\0') {
        return sim_status_internal(status,
                                   "resourceVersion should not be set on objects to be created");
    }
    return true;
}

bool sim_write_create(struct sim *sim, const struct sim_resource *resource, const char *ns,
                      cJSON *body, const struct sim_write *write, struct sim_object **out,
                      struct sim_status *status)
{
    write = write != NULL ? write : &plain_write;
    const struct sim_resource *storage = sim_storage_of(resource);
    /* Pods count their generation in newer servers only. */
    sim_store_set_generations(sim->store, sim->minor < 33
                                              ? "DaemonSet Deployment StatefulSet ReplicaSet "
                                                "PodDisruptionBudget"
                                              : "DaemonSet Deployment StatefulSet ReplicaSet "
                                                "PodDisruptionBudget Pod");
    if (!place(resource, ns, body, status) || !check_new(sim, resource, ns, body, status)) {
        cJSON_Delete(body);
        return false;
    }
    generate_name(sim, json_member(body, "metadata"));
    struct sim_check check = {.sim = sim, .resource = resource, .warnings = write->warnings};
    if (!sim_kind_check_view(&check, NULL, body, status)) {
        cJSON_Delete(body);
        return false;
    }
    if (storage != resource) { /* fields are booked by the names that the client used */
        book(sim, resource, write, NULL, body);
    }
    body = to_storage(resource, body);
    cJSON *status_given = write->keep_status ? cJSON_DetachItemFromObject(body, "status") : NULL;
    sim_kind_prepare(sim, storage, NULL, body);
    if (status_given != NULL) {
        json_set(body, "status", status_given);
    }
    default_booked(sim, storage, body);
    /* What admission adds is nobody's in managedFields. */
    if (storage == resource) {
        book(sim, resource, write, NULL, body);
    }
    bool admitted = sim_kind_admit(sim, resource, body, status);
    sim_kind_default(sim, storage, body);
    if (!admitted || !sim_kind_validate(&check, NULL, body, status)) {
        cJSON_Delete(body);
        return false;
    }
    struct sim_store_options options = {
        .dry_run = write->dry_run, .creation_ms = write->creation_ms, .grace_seconds = -1};
    struct sim_object *made = NULL;
    bool ok = sim_store_create(sim->store, storage, body, &options, &made, status);
    if (ok && out != NULL) {
        *out = made;
    } else {
        sim_object_release(made);
    }
    return ok;
}

/* --- Update
 * ----------------------------------------------------------------------------------------- */

static bool check_identity(const char *name, const struct sim_object *live, cJSON *body,
                           bool patched, struct sim_causes *causes, struct sim_status *status)
{
    cJSON *metadata = json_need_object(body, "metadata");
    const char *own = json_string_or(metadata, "name", "");
    const char *version = json_string_or(metadata, "resourceVersion", "");
    const char *uid = json_string_or(metadata, "uid", "");
    if (own[0] == '\0') {
        json_set_string(metadata, "name", name);
    } else if (strcmp(own, name) != 0) {
        return sim_status_bad_request(
            status, "the name of the object (%s) does not match the name on the URL (%s)", own,
            name);
    }
    if (version[strspn(version, "0123456789")] != '\0') {
        return sim_status_internal(status, "strconv.ParseUint: parsing \"%s\": invalid syntax",
                                   version);
    }
    if (uid[0] == '\0' || strcmp(uid, live->uid) == 0) {
        return true;
    }
    if (patched) {
        for (int twice = 0; twice < 2; twice++) { /* two validations find it */
            sim_causes_add(causes, "FieldValueInvalid", "metadata.uid",
                           "Invalid value: \"%s\": field is immutable", uid);
        }
        return true;
    }
    const char *group = live->resource->group;
    return sim_status_conflict(
        status, live->resource, live->name,
        "StorageError: invalid object, Code: 4, Key: /registry/%s%s%s%s%s/%s,"
        " ResourceVersion: 0, AdditionalErrorMsg: Precondition failed: UID "
        "in precondition: %s, UID in object meta: %s",
        group, group[0] != '\0' ? "/" : "", live->resource->plural, live->ns[0] != '\0' ? "/" : "",
        live->ns, live->name, uid, live->uid);
}

static bool is_stale(const struct sim_object *live, const cJSON *body)
{
    const char *version = json_string_or(json_member(body, "metadata"), "resourceVersion", "");
    return version[0] != '\0' && strcmp(version, "0") != 0 &&
           strtoll(version, NULL, 10) != live->version;
}

/* What lies outside the written subresource is the stored object's. */
static cJSON *keep_outside(const struct sim_object *live, cJSON *body, bool of_status)
{
    if (!of_status) {
        if (has_status(live->resource)) {
            const cJSON *old = json_member(live->body, "status");
            if (old != NULL) {
                json_set(body, "status", cJSON_Duplicate(old, true));
            } else {
                json_remove(body, "status");
            }
        }
        return body;
    }
    cJSON *merged = cJSON_Duplicate(live->body, true);
    const cJSON *given = json_member(body, "status");
    if (given != NULL) {
        json_set(merged, "status", cJSON_Duplicate(given, true));
    } else {
        json_remove(merged, "status");
    }
    static const char *const own[] = {"resourceVersion", "managedFields"};
    for (size_t i = 0; i < ARRAY_LENGTH(own); i++) {
        const cJSON *value = json_at(body, "metadata", own[i], NULL);
        if (value != NULL) {
            json_set(json_member(merged, "metadata"), own[i], cJSON_Duplicate(value, true));
        }
    }
    /* Labels and annotations can be written through status too, of Nodes and Pods at least. */
    static const char *const shared[] = {"labels", "annotations"};
    for (size_t i = 0; i < ARRAY_LENGTH(shared); i++) {
        const cJSON *value = json_at(body, "metadata", shared[i], NULL);
        if (value != NULL) {
            json_set(json_member(merged, "metadata"), shared[i], cJSON_Duplicate(value, true));
        }
    }
    cJSON_Delete(body);
    return merged;
}

/* Fields of metadata that only the server sets. */
static void keep_server_fields(const struct sim_object *live, cJSON *body)
{
    static const char *const names[] = {"uid", "creationTimestamp", "generation",
                                        "deletionTimestamp", "deletionGracePeriodSeconds"};
    cJSON *metadata = json_member(body, "metadata");
    for (size_t i = 0; i < ARRAY_LENGTH(names); i++) {
        const cJSON *value = json_at(live->body, "metadata", names[i], NULL);
        if (value != NULL) {
            json_set(metadata, names[i], cJSON_Duplicate(value, true));
        } else {
            json_remove(metadata, names[i]);
        }
    }
}

static bool replace(struct sim *sim, const struct sim_resource *resource, const char *ns,
                    const char *name, cJSON *body, const struct sim_write *write, bool patched,
                    struct sim_object **out, struct sim_status *status)
{
    const struct sim_resource *storage = sim_storage_of(resource);
    struct sim_object *live = sim_store_get(sim->store, storage, ns, name);
    struct sim_check check = {.sim = sim, .resource = resource, .warnings = write->warnings};
    bool of_status = strcmp(subresource_of(write), "status") == 0;
    bool ok = place(resource, ns, body, status);
    if (ok && live == NULL) {
        ok = sim_status_not_found(status, resource, name);
    }
    ok = ok && check_identity(name, live, body, patched, &check.causes, status);
    if (ok && is_stale(live, body)) {
        ok = sim_status_stale(status, resource, name);
    }
    ok = ok && sim_kind_check_view(&check, live->body, body, status);
    if (!ok) {
        sim_causes_clear(&check.causes);
        cJSON_Delete(body);
        return false;
    }
    body = keep_outside(live, to_storage(resource, body), of_status);
    keep_server_fields(live, body);
    sim_kind_prepare(sim, storage, live->body, body);
    default_booked(sim, storage, body);
    if (!sim_kind_validate(&check, live->body, body, status)) {
        cJSON_Delete(body);
        return false;
    }
    book(sim, resource, write, live->body, body);
    sim_kind_default(sim, storage, body);
    sim_kind_count(storage, live->body, body);
    struct sim_store_options options = {
        .dry_run = write->dry_run, .status_only = of_status, .grace_seconds = -1};
    struct sim_object *made = NULL;
    ok = sim_store_update(sim->store, storage, body, &options, &made, status);
    if (ok && out != NULL) {
        *out = made;
    } else {
        sim_object_release(made);
    }
    return ok;
}

bool sim_write_update(struct sim *sim, const struct sim_resource *resource, const char *ns,
                      const char *name, cJSON *body, const struct sim_write *write,
                      struct sim_object **out, struct sim_status *status)
{
    write = write != NULL ? write : &plain_write;
    return replace(sim, resource, ns, name, body, write, false, out, status);
}

/* --- Patch
 * ------------------------------------------------------------------------------------------ */

static void note_unknown(void *context, const char *path)
{
    char *text = xasprintf("unknown field \"%s\"", path);
    cJSON_AddItemToArray(context, cJSON_CreateString(text));
    free(text);
}

/* 422 that quotes the whole patched object: it could not be decoded. */
static bool refuse_patched(const cJSON *body, const char *before, const char *why,
                           struct sim_status *status)
{
    struct sim_causes causes = {NULL};
    struct sim_resource about = {.group = "", .plural = "", .kind = ""};
    struct buffer whole;
    struct buffer quoted;
    buffer_init_secret(&whole, QUOTE_LIMIT);
    buffer_init_secret(&quoted, QUOTE_LIMIT);
    json_write_sorted(&whole, body);
    cJSON text = {.type = cJSON_String, .valuestring = whole.data};
    json_write(&quoted, &text);
    sim_causes_add(&causes, "FieldValueInvalid", "patch", "Invalid value: %s: %s%s", quoted.data,
                   before, why);
    buffer_free(&quoted);
    buffer_free(&whole);
    return sim_causes_finish(&causes, &about, "", status);
}

/* What the kind does not know is taken out of a patched object: with a warning, in silence, or not
 * at all but as an error. */
static bool decode_patched(const struct sim_resource *resource, cJSON *body,
                           const struct sim_write *write, struct sim_status *status)
{
    char why[SIM_TYPES_WHY];
    if (!sim_types_fit(resource, body, why)) {
        return refuse_patched(body, "", why, status);
    }
    cJSON *found = cJSON_CreateArray();
    sim_schema_unknown(sim_schema_of_kind(resource->kind), body, !write->strict, note_unknown,
                       found);
    bool ok = true;
    if (found->child != NULL && write->strict) {
        ok = refuse_patched(body, "strict decoding error: ", found->child->valuestring, status);
    } else if (write->warnings != NULL && !write->ignore_unknown) {
        while (found->child != NULL) {
            cJSON_AddItemToArray(write->warnings, cJSON_DetachItemViaPointer(found, found->child));
        }
    }
    cJSON_Delete(found);
    return ok;
}

bool sim_write_patch(struct sim *sim, const struct sim_resource *resource, const char *ns,
                     const char *name, enum sim_patch_type type, const cJSON *patch,
                     const struct sim_write *write, struct sim_object **out, bool *created,
                     struct sim_status *status)
{
    write = write != NULL ? write : &plain_write;
    struct sim_object *live = sim_store_get(sim->store, sim_storage_of(resource), ns, name);
    if (live == NULL && type != SIM_PATCH_APPLY) {
        return sim_status_not_found(status, resource, name);
    }
    struct sim_patch_context context = {.resource = resource,
                                        .name = name,
                                        .ns = ns,
                                        .subresource = subresource_of(write),
                                        .manager = write->manager,
                                        .force = write->forced,
                                        .minor = sim->minor,
                                        .now_ms = sim_now_ms(sim),
                                        .warnings = write->warnings};
    cJSON *view = live != NULL ? sim_view_of(resource, live->body) : NULL;
    const cJSON *base = view != NULL ? view : live != NULL ? live->body : NULL;
    cJSON *body = NULL;
    bool ok = sim_patch_apply(type, base, patch, &context, &body, status);
    cJSON_Delete(view);
    if (!ok) {
        return false;
    }
    if (type != SIM_PATCH_APPLY && !decode_patched(resource, body, write, status)) {
        cJSON_Delete(body);
        return false;
    }
    struct sim_write next = *write;
    next.keep_managed_fields = write->keep_managed_fields || type == SIM_PATCH_APPLY;
    if (created != NULL) {
        *created = live == NULL;
    }
    if (live == NULL) { /* an apply that creates takes no notice of a version */
        json_remove(json_need_object(body, "metadata"), "resourceVersion");
    }
    return live == NULL ? sim_write_create(sim, resource, ns, body, &next, out, status)
                        : replace(sim, resource, ns, name, body, &next, true, out, status);
}
