#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "decode.h"
#include "doc/json.h"
#include "list_options.h"
#include "request.h"

struct removal {
    struct sim_store_options options;
    char uid[128];
    char policy[32];
};

/* Kinds whose deletion answers with the object instead of a Status. */
static bool returns_object(const struct sim_resource *resource)
{
    static const char kinds[] = "Pod ServiceAccount PersistentVolumeClaim PersistentVolume Service "
                                "ResourceQuota StorageClass CSIDriver CSINode VolumeAttachment";
    return sim_word_in(kinds, resource->kind);
}

static const struct sim_resource delete_options = {
    .group = "meta.k8s.io", .version = "v1", .plural = "", .kind = "DeleteOptions"};

static bool read_policy(struct removal *removal, const char *policy, struct sim_status *status)
{
    struct sim_causes causes = {NULL};
    snprintf(removal->policy, sizeof(removal->policy), "%s", policy);
    if (policy[0] != '\0' && !sim_word_in("Foreground Background Orphan", policy)) {
        sim_causes_add(&causes, "FieldValueNotSupported", "propagationPolicy",
                       "Unsupported value: \"%s\": supported values: \"Foreground\", "
                       "\"Background\", \"Orphan\", \"nil\"",
                       policy);
    }
    removal->options.orphan = strcmp(policy, "Orphan") == 0;
    removal->options.foreground = strcmp(policy, "Foreground") == 0;
    return sim_causes_finish(&causes, &delete_options, "", status);
}

static bool read_removal(struct sim_request *request, struct removal *removal,
                         struct sim_status *status)
{
    cJSON *body = NULL;
    memset(removal, 0, sizeof(*removal));
    struct sim_store_options *options = &removal->options;
    if (!sim_decode_plain(request, &body, status)) {
        return false;
    }
    int64_t grace;
    bool ok = sim_request_int(request, "gracePeriodSeconds", -1, &grace, status) &&
              sim_request_dry_run(request, "DeleteOptions", &options->dry_run, status);
    const char *policy = sim_request_query(request, "propagationPolicy");
    if (body != NULL) { /* a body counts more than the query */
        const cJSON *runs = json_list(body, "dryRun");
        const cJSON *guard = json_object(body, "preconditions");
        grace = json_int(body, "gracePeriodSeconds", grace);
        options->dry_run = options->dry_run || (runs != NULL && runs->child != NULL);
        policy = json_string_or(body, "propagationPolicy", policy == NULL ? "" : policy);
        if (json_bool(body, "orphanDependents", false)) {
            policy = "Orphan";
        }
        snprintf(removal->uid, sizeof(removal->uid), "%s", json_string_or(guard, "uid", ""));
        options->require_version = strtoll(json_string_or(guard, "resourceVersion", "0"), NULL, 10);
        options->require_uid = removal->uid[0] != '\0' ? removal->uid : NULL;
    }
    options->grace_seconds = grace;
    ok = ok && read_policy(removal, policy == NULL ? "" : policy, status);
    cJSON_Delete(body);
    return ok;
}

static cJSON *success(const struct sim_request *request, const struct sim_object *object)
{
    const struct sim_resource *resource = request->target.resource;
    cJSON *answer = cJSON_CreateObject();
    cJSON_AddStringToObject(answer, "kind", "Status");
    cJSON_AddStringToObject(answer, "apiVersion", "v1");
    cJSON_AddObjectToObject(answer, "metadata");
    cJSON_AddStringToObject(answer, "status", "Success");
    cJSON *details = cJSON_AddObjectToObject(answer, "details");
    cJSON_AddStringToObject(details, "name", object->name);
    if (resource->group[0] != '\0') {
        cJSON_AddStringToObject(details, "group", resource->group);
    }
    cJSON_AddStringToObject(details, "kind", resource->plural);
    cJSON_AddStringToObject(details, "uid", object->uid);
    return answer;
}

static void remove_named(struct sim_request *request)
{
    struct sim_status status = SIM_STATUS_INIT;
    const struct sim_target *target = &request->target;
    struct removal removal;
    struct sim_object *object = NULL;
    bool gone = false;
    if (!read_removal(request, &removal, &status) ||
        !sim_store_delete(request->sim->store, sim_storage_of(target->resource), target->ns,
                          target->name, &removal.options, &object, &gone, &status)) {
        sim_answer_status(request, &status);
    } else if (gone && !returns_object(target->resource)) {
        sim_answer_json(request, 200, success(request, object));
    } else {
        sim_answer_object(request, 200, object);
    }
    sim_object_release(object);
}

static void remove_collection(struct sim_request *request)
{
    struct sim_status status = SIM_STATUS_INIT;
    const struct sim_target *target = &request->target;
    const struct sim_resource *storage = sim_storage_of(target->resource);
    struct sim_list_options options = {0};
    struct removal removal;
    if (!read_removal(request, &removal, &status) ||
        !sim_list_options_read(request, false, &options, &status)) {
        sim_answer_status(request, &status);
        sim_list_options_clear(&options);
        return;
    }
    /* The answer is the list of what goes, as it was. */
    request->target.verb = "list";
    sim_list(request);
    size_t count;
    struct sim_object *const *objects = sim_store_list(
        request->sim->store, storage, target->ns[0] != '\0' ? target->ns : NULL, &count);
    struct sim_object **chosen = xcalloc(count + 1, sizeof(*chosen));
    size_t chosen_count = 0;
    for (size_t i = 0; i < count; i++) {
        if (sim_selector_matches(options.selector, objects[i]->body)) {
            chosen[chosen_count++] = sim_object_retain(objects[i]);
        }
    }
    for (size_t i = 0; i < chosen_count; i++) {
        struct sim_object *object = NULL;
        sim_store_delete(request->sim->store, storage, chosen[i]->ns, chosen[i]->name,
                         &removal.options, &object, NULL, &status);
        sim_status_clear(&status);
        sim_object_release(object);
        sim_object_release(chosen[i]);
    }
    free(chosen);
    sim_list_options_clear(&options);
}

void sim_remove(struct sim_request *request)
{
    if (request->target.name[0] != '\0') {
        remove_named(request);
    } else {
        remove_collection(request);
    }
}
