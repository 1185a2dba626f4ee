#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/text.h"
#include "doc/json.h"
#include "request.h"
#include "selectors.h"

/* RBAC as stored in the cluster (plugin/pkg/auth/authorizer/rbac). */

#define RBAC_GROUP "rbac.authorization.k8s.io", "v1"

static bool list_has(const cJSON *list, const char *text)
{
    const cJSON *one;
    cJSON_ArrayForEach(one, list)
    {
        if (cJSON_IsString(one) &&
            (strcmp(one->valuestring, "*") == 0 || strcmp(one->valuestring, text) == 0)) {
            return true;
        }
    }
    return false;
}

/* Also "*" + "/" + subresource. */
static bool resource_fits(const cJSON *list, const char *resource)
{
    const char *slash = strchr(resource, '/');
    const cJSON *one;
    if (list_has(list, resource)) {
        return true;
    }
    cJSON_ArrayForEach(one, list)
    {
        if (slash != NULL && cJSON_IsString(one) && one->valuestring[0] == '*' &&
            strcmp(one->valuestring + 1, slash) == 0) {
            return true;
        }
    }
    return false;
}

static bool path_fits(const cJSON *list, const char *path)
{
    const cJSON *one;
    cJSON_ArrayForEach(one, list)
    {
        const char *pattern = cJSON_IsString(one) ? one->valuestring : "";
        size_t length = strlen(pattern);
        if (strcmp(pattern, path) == 0 ||
            (length > 0 && pattern[length - 1] == '*' && strncmp(pattern, path, length - 1) == 0)) {
            return true;
        }
    }
    return false;
}

static bool rule_allows(const cJSON *rule, const struct sim_access *access)
{
    if (!list_has(json_list(rule, "verbs"), access->verb)) {
        return false;
    }
    if (access->path != NULL) {
        return path_fits(json_list(rule, "nonResourceURLs"), access->path);
    }
    const cJSON *names = json_list(rule, "resourceNames");
    return list_has(json_list(rule, "apiGroups"), access->group) &&
           resource_fits(json_list(rule, "resources"), access->resource) &&
           (names == NULL || names->child == NULL ||
            (access->name[0] != '\0' && list_has(names, access->name)));
}

static bool is_subject(const cJSON *subject, const struct sim_user *user)
{
    const char *kind = json_string_or(subject, "kind", "");
    const char *name = json_string_or(subject, "name", "");
    if (strcmp(kind, "User") == 0) {
        return strcmp(name, user->name) == 0;
    }
    if (strcmp(kind, "Group") == 0) {
        for (size_t i = 0; i < user->group_count; i++) {
            if (strcmp(user->groups[i], name) == 0) {
                return true;
            }
        }
        return false;
    }
    char *account =
        xasprintf("system:serviceaccount:%s:%s", json_string_or(subject, "namespace", ""), name);
    bool same = strcmp(account, user->name) == 0;
    free(account);
    return same;
}

static bool binds(const cJSON *binding, const struct sim_user *user)
{
    const cJSON *subject;
    cJSON_ArrayForEach(subject, json_list(binding, "subjects"))
    {
        if (is_subject(subject, user)) {
            return true;
        }
    }
    return false;
}

static const cJSON *rules_of(struct sim *sim, const struct sim_object *binding)
{
    const cJSON *reference = json_object(binding->body, "roleRef");
    const char *kind = json_string_or(reference, "kind", "");
    const char *name = json_string_or(reference, "name", "");
    bool cluster = strcmp(kind, "ClusterRole") == 0;
    const struct sim_object *role =
        sim_store_get(sim->store, sim_resource_find(RBAC_GROUP, cluster ? "clusterroles" : "roles"),
                      cluster ? "" : binding->ns, name);
    return role == NULL ? NULL : json_list(role->body, "rules");
}

/* Walks the rules that hold for user in ns until visit says true; *by gets the binding then. */
static bool visit_rules(struct sim *sim, const struct sim_user *user, const char *ns,
                        bool (*visit)(void *context, const cJSON *rule), void *context,
                        const struct sim_object **by)
{
    static const char *const kinds[] = {"clusterrolebindings", "rolebindings"};
    for (size_t i = 0; i < ARRAY_LENGTH(kinds); i++) {
        size_t count;
        if (i == 1 && ns[0] == '\0') {
            break;
        }
        struct sim_object *const *bindings = sim_store_list(
            sim->store, sim_resource_find(RBAC_GROUP, kinds[i]), i == 0 ? NULL : ns, &count);
        for (size_t j = 0; j < count; j++) {
            const cJSON *rule;
            if (!binds(bindings[j]->body, user)) {
                continue;
            }
            cJSON_ArrayForEach(rule, rules_of(sim, bindings[j]))
            {
                if (visit(context, rule)) {
                    *by = bindings[j];
                    return true;
                }
            }
        }
    }
    return false;
}

static bool visit_access(void *context, const cJSON *rule)
{
    return rule_allows(rule, context);
}

static bool is_master(const struct sim_user *user)
{
    for (size_t i = 0; i < user->group_count; i++) {
        if (strcmp(user->groups[i], "system:masters") == 0) {
            return true;
        }
    }
    return false;
}

/* RBAC: allowed by RoleBinding "reader/rec" of Role "reader" to User "viewer" */
static char *explain(const struct sim_object *binding, const struct sim_user *user)
{
    const cJSON *subject;
    const cJSON *role = json_object(binding->body, "roleRef");
    cJSON_ArrayForEach(subject, json_list(binding->body, "subjects"))
    {
        if (is_subject(subject, user)) {
            break;
        }
    }
    return xasprintf("RBAC: allowed by %s \"%s%s%s\" of %s \"%s\" to %s \"%s\"",
                     binding->resource->kind, binding->name, binding->ns[0] != '\0' ? "/" : "",
                     binding->ns, json_string_or(role, "kind", ""),
                     json_string_or(role, "name", ""), json_string_or(subject, "kind", ""),
                     json_string_or(subject, "name", ""));
}

bool sim_authorized(struct sim *sim, const struct sim_user *user, const struct sim_access *access,
                    char **why)
{
    struct sim_access copy = *access;
    const struct sim_object *by = NULL;
    bool allowed = is_master(user) || visit_rules(sim, user, access->ns == NULL ? "" : access->ns,
                                                  visit_access, &copy, &by);
    if (why != NULL) {
        *why = by != NULL ? explain(by, user) : NULL;
    }
    return allowed;
}

static bool visit_copy(void *context, const cJSON *rule)
{
    cJSON *status = context;
    bool paths = json_list(rule, "nonResourceURLs") != NULL;
    cJSON_AddItemToArray(json_member(status, paths ? "nonResourceRules" : "resourceRules"),
                         cJSON_Duplicate(rule, true));
    return false;
}

void sim_rules_for(struct sim *sim, const struct sim_user *user, const char *ns, cJSON *status)
{
    static const char all[] = "[{\"verbs\":[\"*\"],\"apiGroups\":[\"*\"],\"resources\":[\"*\"]}]";
    static const char all_paths[] = "[{\"verbs\":[\"*\"],\"nonResourceURLs\":[\"*\"]}]";
    if (is_master(user)) {
        cJSON_AddItemToObject(status, "resourceRules", cJSON_Parse(all));
        cJSON_AddItemToObject(status, "nonResourceRules", cJSON_Parse(all_paths));
    } else {
        cJSON_AddArrayToObject(status, "resourceRules");
        cJSON_AddArrayToObject(status, "nonResourceRules");
        const struct sim_object *by = NULL;
        visit_rules(sim, user, ns, visit_copy, status, &by);
    }
    cJSON_AddFalseToObject(status, "incomplete");
}

static bool forbid_path(const struct sim_request *request, const char *verb,
                        struct sim_status *status)
{
    sim_status_set(status, 403, "Forbidden", "forbidden: User \"%s\" cannot %s path \"%s\"",
                   request->user.name, verb, request->path);
    status->details = cJSON_CreateObject();
    return false;
}

static bool forbid(const struct sim_request *request, const struct sim_access *access,
                   struct sim_status *status)
{
    const struct sim_target *target = &request->target;
    char where[300];
    if (target->ns[0] != '\0') {
        snprintf(where, sizeof(where), "in the namespace \"%s\"", target->ns);
    } else {
        snprintf(where, sizeof(where), "at the cluster scope");
    }
    bool named = access->name[0] != '\0';
    sim_status_set(status, 403, "Forbidden",
                   "%s%s%s%s%s%s is forbidden: User \"%s\" cannot %s resource \"%s\" in API group "
                   "\"%s\" %s",
                   target->plural, target->group[0] != '\0' ? "." : "", target->group,
                   named ? " \"" : "", access->name, named ? "\"" : "", request->user.name,
                   access->verb, access->resource, target->group, where);
    status->details = cJSON_CreateObject();
    if (named) {
        cJSON_AddStringToObject(status->details, "name", access->name);
    }
    if (target->group[0] != '\0') {
        cJSON_AddStringToObject(status->details, "group", target->group);
    }
    cJSON_AddStringToObject(status->details, "kind", target->plural);
    return false;
}

bool sim_authorize_verb(struct sim_request *request, const char *verb, struct sim_status *status)
{
    const struct sim_target *target = &request->target;
    struct sim_access access = {
        .verb = verb, .group = target->group, .ns = target->ns, .name = target->name};
    if (!target->is_resource) {
        access.path = request->path;
        return sim_authorized(request->sim, &request->user, &access, NULL) ||
               forbid_path(request, verb, status);
    }
    char resource[260];
    snprintf(resource, sizeof(resource), "%s%s%s", target->plural,
             target->subresource[0] != '\0' ? "/" : "", target->subresource);
    access.resource = resource;
    /* A list of one name is judged as that name. */
    struct sim_selector *selector = NULL;
    const char *fields = sim_request_query(request, "fieldSelector");
    if (target->name[0] == '\0' && fields != NULL && target->resource != NULL &&
        (strcmp(verb, "list") == 0 || strcmp(verb, "watch") == 0 ||
         strcmp(verb, "deletecollection") == 0)) {
        struct sim_status unused = SIM_STATUS_INIT;
        sim_selector_parse(target->resource, request->sim->minor, NULL, fields, &selector, &unused);
        sim_status_clear(&unused);
        const char *name = sim_selector_name(selector);
        access.name = name != NULL ? name : "";
    }
    bool ok = sim_authorized(request->sim, &request->user, &access, NULL) ||
              forbid(request, &access, status);
    sim_selector_free(selector);
    return ok;
}

bool sim_authorize_request(struct sim_request *request, struct sim_status *status)
{
    return sim_authorize_verb(request, request->target.verb, status);
}
