#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/clock.h"
#include "doc/json.h"
#include "sim/store.h"
#include "store_inside.h"

enum { UID_SIZE = 37 };

static const struct sim_store_options no_options = {.grace_seconds = -1};

/* kind and apiVersion come first, as real servers write them; list items leave the two out. */
static void normalise(const struct sim_resource *resource, cJSON *body)
{
    char version[64];
    sim_resource_api_version(resource, version);
    cJSON_DeleteItemFromObjectCaseSensitive(body, "kind");
    cJSON_DeleteItemFromObjectCaseSensitive(body, "apiVersion");
    cJSON *rest = cJSON_DetachItemFromObjectCaseSensitive(body, "metadata");
    cJSON *first = body->child;
    body->child = NULL;
    cJSON_AddStringToObject(body, "kind", resource->kind);
    cJSON_AddStringToObject(body, "apiVersion", version);
    cJSON_AddItemToObject(body, "metadata", rest != NULL ? rest : cJSON_CreateObject());
    if (first != NULL) { /* chain the other members on again; the last is the head's prev */
        cJSON *tail = body->child->prev;
        cJSON *last = first->prev;
        tail->next = first;
        first->prev = tail;
        body->child->prev = last;
    }
}

static void set_generation(cJSON *metadata, int64_t generation)
{
    json_set(metadata, "generation", cJSON_CreateNumber((double)generation));
}

static void copy_member(cJSON *to, const cJSON *from, const char *name)
{
    const cJSON *value = json_member(from, name);
    if (value != NULL) {
        json_set(to, name, cJSON_Duplicate(value, true));
    } else {
        json_remove(to, name);
    }
}

static void drop_if_null(cJSON *object, const char *name)
{
    if (cJSON_IsNull(json_member(object, name))) {
        json_remove(object, name);
    }
}

/* creationTimestamp null, empty maps and the like are left out of metadata. */
static void tidy_metadata(cJSON *metadata)
{
    static const char *const names[] = {"labels",          "annotations",   "finalizers",
                                        "ownerReferences", "managedFields", "creationTimestamp"};
    for (size_t i = 0; i < ARRAY_LENGTH(names); i++) {
        const cJSON *member = json_member(metadata, names[i]);
        if (member != NULL && !cJSON_IsString(member) && member->child == NULL) {
            json_remove(metadata, names[i]);
        }
    }
    drop_if_null(metadata, "resourceVersion");
    drop_if_null(metadata, "uid");
    json_remove(metadata, "selfLink");
    json_remove(metadata, "clusterName");
}

static bool finish(struct sim_object *object, struct sim_object **out)
{
    if (out != NULL) {
        *out = object;
    } else {
        sim_object_release(object);
    }
    return true;
}

static void name_new(struct sim_store *store, cJSON *metadata)
{
    const char *prefix = json_string_or(metadata, "generateName", "");
    if (json_string_or(metadata, "name", "")[0] != '\0' || prefix[0] == '\0') {
        return;
    }
    char suffix[6];
    sim_store_new_suffix(store, suffix);
    char *name = xasprintf("%.58s%s", prefix, suffix);
    json_set_string(metadata, "name", name);
    free(name);
}

bool sim_store_create(struct sim_store *store, const struct sim_resource *resource, cJSON *body,
                      const struct sim_store_options *options, struct sim_object **out,
                      struct sim_status *status)
{
    options = options != NULL ? options : &no_options;
    normalise(resource, body);
    cJSON *metadata = json_member(body, "metadata");
    name_new(store, metadata);
    const char *name = json_string_or(metadata, "name", "");
    if (sim_store_get(store, resource, json_string_or(metadata, "namespace", ""), name) != NULL) {
        sim_status_exists(status, resource, name);
        cJSON_Delete(body);
        return false;
    }
    char uid[UID_SIZE];
    char created[32];
    sim_store_new_uid(store, uid);
    clock_format_rfc3339(options->creation_ms != 0 ? options->creation_ms : sim_store_now(store),
                         created);
    json_remove(metadata, "resourceVersion");
    json_remove(metadata, "deletionTimestamp");
    json_remove(metadata, "deletionGracePeriodSeconds");
    json_remove(metadata, "generation");
    json_set_string(metadata, "uid", uid);
    if (sim_store_has_generation(store, resource)) {
        set_generation(metadata, 1);
    }
    json_set_string(metadata, "creationTimestamp", created);
    tidy_metadata(metadata);
    struct sim_object *object = sim_object_new(resource, body);
    if (!options->dry_run) {
        sim_store_number(store, object);
        sim_store_put(store, object);
        finish(sim_object_retain(object), out);
        sim_object_release(object);
        sim_store_tell(store);
        return true;
    }
    return finish(object, out);
}

/* The guards of an update or delete. Deletes name the kind where other conflicts name the resource
 * (registry/generic/registry/store.go). */
static bool guarded(const struct sim_object *live, const struct sim_store_options *options,
                    struct sim_status *status)
{
    struct sim_resource named = *live->resource;
    named.plural = live->resource->kind;
    if (options->require_uid != NULL && strcmp(options->require_uid, live->uid) != 0) {
        return sim_status_conflict(status, &named, live->name,
                                   "the UID in the precondition (%s) does not match the UID in "
                                   "record (%s). The object might have been deleted and then "
                                   "recreated",
                                   options->require_uid, live->uid);
    }
    if (options->require_version != 0 && options->require_version != live->version) {
        return sim_status_conflict(status, &named, live->name,
                                   "the ResourceVersion in the precondition (%lld) does not match "
                                   "the ResourceVersion in record (%lld). The object might have "
                                   "been modified",
                                   (long long)options->require_version, (long long)live->version);
    }
    return true;
}

/* True if anything that counts for generation differs. */
static bool wants_other(const struct sim_object *live, const cJSON *body)
{
    const cJSON *member;
    cJSON_ArrayForEach(member, body)
    {
        if (strcmp(member->string, "metadata") != 0 && strcmp(member->string, "status") != 0 &&
            !json_equal(member, json_member(live->body, member->string))) {
            return true;
        }
    }
    cJSON_ArrayForEach(member, live->body)
    {
        if (strcmp(member->string, "metadata") != 0 && strcmp(member->string, "status") != 0 &&
            json_member(body, member->string) == NULL) {
            return true;
        }
    }
    /* Deployments count their annotations too (registry/apps/deployment/strategy.go). */
    return strcmp(live->resource->kind, "Deployment") == 0 &&
           !json_equal(json_at(live->body, "metadata", "annotations", NULL),
                       json_at(body, "metadata", "annotations", NULL));
}

/* The body as it is to be stored, but for version and generation. */
static cJSON *settle(const struct sim_object *live, cJSON *body)
{
    static const char *const kept[] = {
        "uid",        "creationTimestamp", "deletionTimestamp", "deletionGracePeriodSeconds",
        "generation", "resourceVersion"};
    normalise(live->resource, body);
    cJSON *metadata = json_member(body, "metadata");
    const cJSON *old = json_member(live->body, "metadata");
    for (size_t i = 0; i < ARRAY_LENGTH(kept); i++) {
        copy_member(metadata, old, kept[i]);
    }
    tidy_metadata(metadata);
    return body;
}

/* Something has to be done before the object may go: for a namespace, that it is emptied. */
static bool is_held(const cJSON *body)
{
    const cJSON *own = json_at(body, "spec", "finalizers", NULL);
    return json_at(body, "metadata", "finalizers", NULL) != NULL ||
           (cJSON_IsArray(own) && own->child != NULL);
}

static void store_deleted(struct sim_store *store, struct sim_object *state)
{
    struct sim_object *last = sim_object_new(state->resource, cJSON_Duplicate(state->body, true));
    sim_store_number(store, last);
    sim_store_take(store, last);
    sim_object_release(last);
}

bool sim_store_update(struct sim_store *store, const struct sim_resource *resource, cJSON *body,
                      const struct sim_store_options *options, struct sim_object **out,
                      struct sim_status *status)
{
    options = options != NULL ? options : &no_options;
    const cJSON *metadata = json_object(body, "metadata");
    const char *name = json_string_or(metadata, "name", "");
    struct sim_object *live =
        sim_store_get(store, resource, json_string_or(metadata, "namespace", ""), name);
    const char *version = json_string_or(metadata, "resourceVersion", "");
    bool ok = true;
    if (live == NULL) {
        ok = sim_status_not_found(status, resource, name);
    } else if (version[0] != '\0' && strcmp(version, "0") != 0 &&
               strtoll(version, NULL, 10) != live->version) {
        ok = sim_status_stale(status, resource, name);
    } else {
        ok = guarded(live, options, status);
    }
    if (!ok) {
        cJSON_Delete(body);
        return false;
    }
    struct sim_object *next = sim_object_new(resource, settle(live, body));
    if (json_equal(next->body, live->body)) {
        sim_object_release(next);
        return finish(sim_object_retain(live), out);
    }
    cJSON *own = json_member(next->body, "metadata");
    if (sim_store_has_generation(store, resource) && !options->status_only &&
        wants_other(live, next->body)) {
        set_generation(own, json_int(own, "generation", 0) + 1);
    }
    bool ends = json_string(own, "deletionTimestamp") != NULL && !is_held(next->body) &&
                json_int(own, "deletionGracePeriodSeconds", 0) == 0;
    if (!options->dry_run) {
        if (ends) {
            store_deleted(store, next);
        } else {
            sim_store_number(store, next);
            sim_store_put(store, next);
        }
    }
    finish(sim_object_retain(next), out);
    sim_object_release(next);
    sim_store_tell(store);
    return true;
}

/* Seconds that a delete leaves the object: only pods on a node that still run get any. */
static int64_t grace_of(const struct sim_object *live, const struct sim_store_options *options)
{
    const char *node = json_string_or(json_object(live->body, "spec"), "nodeName", "");
    const char *phase = json_string_or(json_object(live->body, "status"), "phase", "Pending");
    if (live->resource != sim_pods() || node[0] == '\0' || strcmp(phase, "Failed") == 0 ||
        strcmp(phase, "Succeeded") == 0) {
        return 0;
    }
    return options->grace_seconds >= 0
               ? options->grace_seconds
               : json_int(json_object(live->body, "spec"), "terminationGracePeriodSeconds", 30);
}

static void add_finalizer(cJSON *metadata, const char *name)
{
    cJSON_AddItemToArray(json_need_list(metadata, "finalizers"), cJSON_CreateString(name));
}

/* The state of an object that is being deleted; NULL if nothing is to be written. */
static struct sim_object *mark(struct sim_store *store, struct sim_object *live, int64_t grace,
                               const struct sim_store_options *options)
{
    const cJSON *old = json_member(live->body, "metadata");
    bool already = json_string(old, "deletionTimestamp") != NULL;
    if (already && live->resource == sim_namespaces()) {
        return NULL;
    }
    if (already && json_int(old, "deletionGracePeriodSeconds", 0) <= grace) {
        return NULL;
    }
    cJSON *body = cJSON_Duplicate(live->body, true);
    cJSON *metadata = json_member(body, "metadata");
    if (!already) {
        char when[32];
        clock_format_rfc3339(sim_store_now(store) + grace * 1000, when);
        json_set_string(metadata, "deletionTimestamp", when);
        int64_t generation = json_int(metadata, "generation", 0);
        if (generation > 0) {
            set_generation(metadata, generation + 1);
        }
        if (options->orphan || options->foreground) {
            add_finalizer(metadata, options->orphan ? "orphan" : "foregroundDeletion");
        }
    }
    if (live->resource == sim_namespaces()) {
        json_set_string(json_need_object(body, "status"), "phase", "Terminating");
    } else {
        json_set(metadata, "deletionGracePeriodSeconds", cJSON_CreateNumber((double)grace));
    }
    return sim_object_new(live->resource, body);
}

bool sim_store_delete(struct sim_store *store, const struct sim_resource *resource, const char *ns,
                      const char *name, const struct sim_store_options *options,
                      struct sim_object **out, bool *gone, struct sim_status *status)
{
    options = options != NULL ? options : &no_options;
    struct sim_object *live = sim_store_get(store, resource, ns, name);
    if (live == NULL) {
        return sim_status_not_found(status, resource, name);
    }
    if (!guarded(live, options, status)) {
        return false;
    }
    int64_t grace = grace_of(live, options);
    bool held = is_held(live->body) || options->orphan || options->foreground;
    bool marked = json_at(live->body, "metadata", "deletionTimestamp", NULL) != NULL;
    sim_object_retain(live);
    struct sim_object *next =
        grace > 0 || held || marked ? mark(store, live, grace, options) : NULL;
    struct sim_object *state = next != NULL ? next : live;
    if (!options->dry_run && next != NULL) {
        sim_store_number(store, next);
        sim_store_put(store, next);
    }
    bool ends = grace == 0 && !held;
    if (!options->dry_run && ends) {
        store_deleted(store, state);
    }
    finish(sim_object_retain(state), out);
    if (gone != NULL) {
        *gone = ends;
    }
    sim_object_release(next);
    sim_object_release(live);
    sim_store_tell(store);
    return true;
}
