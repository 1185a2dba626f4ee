#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/text.h"
#include "server_inside.h"

static void set_user(struct sim_user *user, const char *name)
{
    free(user->name);
    user->name = xstrdup(name);
    for (size_t i = 0; i < user->group_count; i++) {
        free(user->groups[i]);
    }
    user->group_count = 0;
}

static void add_group(struct sim_user *user, const char *name, size_t length)
{
    if (user->group_count < SIM_GROUP_LIMIT) {
        user->groups[user->group_count++] = xstrndup(name, length);
    }
}

static bool has_group(const struct sim_user *user, const char *name)
{
    for (size_t i = 0; i < user->group_count; i++) {
        if (strcmp(user->groups[i], name) == 0) {
            return true;
        }
    }
    return false;
}

/* A bound token of a ServiceAccount that this server handed out says whose it is. */
static bool from_token(struct sim_request *request, const char *token)
{
    const struct sim_user *known = sim_server_user(request->sim->server, token);
    if (known == NULL) {
        return false;
    }
    set_user(&request->user, known->name);
    for (size_t i = 0; i < known->group_count; i++) {
        add_group(&request->user, known->groups[i], strlen(known->groups[i]));
    }
    return true;
}

static bool refuse_group_only(const struct sim_request *request, const char *groups,
                              struct sim_status *status)
{
    struct buffer list;
    buffer_init(&list, 4096);
    for (const char *at = groups; at != NULL;) {
        size_t length = strcspn(at, "\n");
        buffer_printf(&list, "%s\"%.*s\"", list.length > 0 ? ", " : "", (int)length, at);
        at = at[length] == '\n' ? at + length + 1 : NULL;
    }
    if (request->sim->minor < 30) {
        sim_status_set(status, 500, "",
                       "Internal Server Error: \"%s\": requested [{Group  %s    }] without "
                       "impersonating a user\n",
                       request->path, groups);
        status->plain = true;
    } else {
        sim_status_bad_request(status,
                               "requested &user.DefaultInfo{Name:\"\", UID:\"\", "
                               "Groups:[]string{%s}, Extra:map[string][]string(nil)} without "
                               "impersonating a user name",
                               list.data);
    }
    buffer_free(&list);
    return false;
}

/* Who may act as another: only those with the verb impersonate on users, groups and accounts. */
static bool may_impersonate(struct sim_request *request, const char *name,
                            struct sim_status *status)
{
    bool account = text_starts_with(name, "system:serviceaccount:");
    char ns[256] = "";
    if (account && request->sim->minor < 30) { /* old servers ask for the account by its own name */
        const char *place = name + strlen("system:serviceaccount:");
        const char *colon = strchr(place, ':');
        snprintf(ns, sizeof(ns), "%.*s", colon == NULL ? 0 : (int)(colon - place), place);
        name = colon == NULL ? place : colon + 1;
    }
    struct sim_access access = {.verb = "impersonate",
                                .group = "",
                                .resource = account ? "serviceaccounts" : "users",
                                .ns = ns,
                                .name = name};
    if (sim_authorized(request->sim, &request->user, &access, NULL)) {
        return true;
    }
    if (request->sim->minor < 30) {
        char where[300] = "at the cluster scope";
        if (ns[0] != '\0') {
            snprintf(where, sizeof(where), "in the namespace \"%s\"", ns);
        }
        sim_status_set(status, 403, "Forbidden",
                       "%s \"%s\" is forbidden: User \"%s\" cannot impersonate resource \"%s\" in "
                       "API group \"\" %s",
                       access.resource, name, request->user.name, access.resource, where);
        status->details = cJSON_CreateObject();
        cJSON_AddStringToObject(status->details, "name", name);
        cJSON_AddStringToObject(status->details, "kind", access.resource);
        return false;
    }
    char verb[64];
    snprintf(verb, sizeof(verb), "impersonate-on:%s:%s", account ? "serviceaccount" : "user-info",
             request->target.verb);
    return sim_authorize_verb(request, verb, status);
}

static bool impersonate(struct sim_request *request, struct sim_status *status)
{
    const char *name = sim_request_header(request, "impersonate-user");
    const char *groups = sim_request_header(request, "impersonate-group");
    if (name == NULL || name[0] == '\0') {
        return groups == NULL || refuse_group_only(request, groups, status);
    }
    if (!may_impersonate(request, name, status)) {
        return false;
    }
    char *copy = xstrdup(name);
    set_user(&request->user, copy);
    for (const char *at = groups; at != NULL;) {
        size_t length = strcspn(at, "\n");
        add_group(&request->user, at, length);
        at = at[length] == '\n' ? at + length + 1 : NULL;
    }
    if (text_starts_with(copy, "system:serviceaccount:")) {
        add_group(&request->user, "system:serviceaccounts", strlen("system:serviceaccounts"));
    }
    if (!has_group(&request->user, "system:authenticated")) {
        add_group(&request->user, "system:authenticated", strlen("system:authenticated"));
    }
    free(copy);
    return true;
}

static void from_certificate(struct sim_request *request)
{
    const struct sim_peer *peer = request->peer;
    set_user(&request->user, peer->name);
    for (size_t i = 0; i < peer->organization_count; i++) {
        add_group(&request->user, peer->organizations[i], strlen(peer->organizations[i]));
    }
    add_group(&request->user, "system:authenticated", strlen("system:authenticated"));
}

/* A certificate counts more than a token; one that is not trusted counts as wrong. */
bool sim_authenticate(struct sim_request *request, struct sim_status *status)
{
    const char *header = sim_request_header(request, "authorization");
    if (request->peer != NULL && request->peer->trusted) {
        from_certificate(request);
        return impersonate(request, status);
    }
    if (request->peer != NULL && (header == NULL || header[0] == '\0')) {
        return sim_status_set(status, 401, "Unauthorized", "Unauthorized");
    }
    if (header == NULL || header[0] == '\0') {
        set_user(&request->user, "system:anonymous");
        add_group(&request->user, "system:unauthenticated", strlen("system:unauthenticated"));
    } else if (!text_starts_with(header, "Bearer ") ||
               !from_token(request, header + strlen("Bearer "))) {
        return sim_status_set(status, 401, "Unauthorized", "Unauthorized");
    }
    return impersonate(request, status);
}
