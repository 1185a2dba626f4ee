#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/clock.h"
#include "decode.h"
#include "doc/json.h"
#include "server_inside.h"

/* The reviews: nothing is stored, the answer is the object with its status. */

static bool invalid(const struct sim_request *request, struct sim_status *status)
{
    struct sim_resource about = *request->target.resource;
    struct sim_causes causes = {NULL};
    about.kind = "";
    sim_causes_add(&causes, "FieldValueInvalid", "spec.resourceAttributes",
                   request->sim->minor < 30
                       ? "Invalid value: \"null\": exactly one of nonResourceAttributes or "
                         "resourceAttributes must be specified"
                       : "Invalid value: null: exactly one of nonResourceAttributes or "
                         "resourceAttributes must be specified");
    return sim_causes_finish(&causes, &about, "", status);
}

static bool read_access(const cJSON *spec, struct sim_access *access, char resource[512])
{
    const cJSON *attributes = json_object(spec, "resourceAttributes");
    const cJSON *paths = json_object(spec, "nonResourceAttributes");
    if ((attributes == NULL) == (paths == NULL)) {
        return false;
    }
    if (paths != NULL) {
        access->path = json_string_or(paths, "path", "");
        access->verb = json_string_or(paths, "verb", "");
        return true;
    }
    const char *sub = json_string_or(attributes, "subresource", "");
    snprintf(resource, 512, "%s%s%s", json_string_or(attributes, "resource", ""),
             sub[0] != '\0' ? "/" : "", sub);
    access->verb = json_string_or(attributes, "verb", "");
    access->group = json_string_or(attributes, "group", "");
    access->ns = json_string_or(attributes, "namespace", "");
    access->name = json_string_or(attributes, "name", "");
    access->resource = resource;
    return true;
}

static void answer_access(struct sim_request *request, cJSON *body, bool self)
{
    struct sim_status status = SIM_STATUS_INIT;
    struct sim_access access = {.verb = "", .group = "", .ns = "", .name = ""};
    char resource[512];
    const cJSON *spec = json_object(body, "spec");
    if (!read_access(spec, &access, resource)) {
        invalid(request, &status);
        sim_answer_status(request, &status);
        cJSON_Delete(body);
        return;
    }
    struct sim_user other = {.name = NULL};
    if (!self) {
        const cJSON *group;
        other.name = xstrdup(json_string_or(spec, "user", ""));
        cJSON_ArrayForEach(group, json_list(spec, "groups"))
        {
            if (cJSON_IsString(group) && other.group_count < SIM_GROUP_LIMIT) {
                other.groups[other.group_count++] = xstrdup(group->valuestring);
            }
        }
    }
    char *why = NULL;
    bool allowed = sim_authorized(request->sim, self ? &request->user : &other, &access, &why);
    cJSON *answer = cJSON_CreateObject();
    cJSON_AddBoolToObject(answer, "allowed", allowed);
    if (why != NULL) {
        cJSON_AddStringToObject(answer, "reason", why);
    }
    json_set(body, "status", answer);
    free(why);
    free(other.name);
    for (size_t i = 0; i < other.group_count; i++) {
        free(other.groups[i]);
    }
    sim_answer_json(request, 201, body);
}

static void answer_rules(struct sim_request *request, cJSON *body)
{
    const char *ns = json_string_or(json_object(body, "spec"), "namespace", "");
    if (ns[0] == '\0') {
        struct sim_status status = SIM_STATUS_INIT;
        sim_status_bad_request(&status, "no namespace on request");
        sim_answer_status(request, &status);
        cJSON_Delete(body);
        return;
    }
    cJSON *rules = cJSON_CreateObject();
    sim_rules_for(request->sim, &request->user, ns, rules);
    json_set(body, "spec", cJSON_CreateObject());
    json_set(body, "status", rules);
    sim_answer_json(request, 201, body);
}

static void add_user(cJSON *status, const char *member, const struct sim_user *user)
{
    cJSON *info = cJSON_AddObjectToObject(status, member);
    cJSON_AddStringToObject(info, "username", user->name);
    cJSON *groups = cJSON_AddArrayToObject(info, "groups");
    for (size_t i = 0; i < user->group_count; i++) {
        cJSON_AddItemToArray(groups, cJSON_CreateString(user->groups[i]));
    }
}

static void answer_self(struct sim_request *request, cJSON *body)
{
    char when[32];
    clock_format_rfc3339(sim_now_ms(request->sim), when);
    json_set_string(json_need_object(body, "metadata"), "creationTimestamp", when);
    cJSON *status = cJSON_CreateObject();
    add_user(status, "userInfo", &request->user);
    json_set(body, "status", status);
    sim_answer_json(request, 201, body);
}

/* Whose token it is. */
static void answer_token(struct sim_request *request, cJSON *body)
{
    const char *token = json_string_or(json_object(body, "spec"), "token", "");
    const struct sim_user *user =
        request->sim->server == NULL ? NULL : sim_server_user(request->sim->server, token);
    cJSON *status = cJSON_CreateObject();
    if (user != NULL) {
        cJSON_AddTrueToObject(status, "authenticated");
        add_user(status, "user", user);
    } else {
        cJSON_AddObjectToObject(status, "user");
        cJSON_AddStringToObject(status, "error", "[invalid bearer token]");
    }
    json_set(body, "status", status);
    sim_answer_json(request, 201, body);
}

bool sim_reviews(struct sim_request *request)
{
    static const char groups[] = "authorization.k8s.io authentication.k8s.io";
    const struct sim_resource *resource = request->target.resource;
    if (!sim_word_in(groups, resource->group)) {
        return false;
    }
    struct sim_status status = SIM_STATUS_INIT;
    bool dry_run;
    cJSON *body = NULL;
    if (!sim_decode_object(request, resource, &body, &status) ||
        !sim_request_dry_run(request, "CreateOptions", &dry_run, &status)) {
        cJSON_Delete(body);
        sim_answer_status(request, &status);
        return true;
    }
    char version[64];
    sim_resource_api_version(resource, version);
    json_set_string(body, "kind", resource->kind);
    json_set_string(body, "apiVersion", version);
    cJSON *metadata = json_need_object(body, "metadata");
    if (request->sim->minor < 30) {
        json_set(metadata, "creationTimestamp", cJSON_CreateNull());
    }
    request->format.shape = SIM_SHAPE_OBJECT;
    if (strcmp(resource->kind, "SelfSubjectAccessReview") == 0) {
        answer_access(request, body, true);
    } else if (strcmp(resource->kind, "SelfSubjectRulesReview") == 0) {
        answer_rules(request, body);
    } else if (strcmp(resource->kind, "SelfSubjectReview") == 0) {
        answer_self(request, body);
    } else if (strcmp(resource->kind, "TokenReview") == 0) {
        answer_token(request, body);
    } else {
        answer_access(request, body, false);
    }
    return true;
}
