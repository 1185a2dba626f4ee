#include <string.h>

#include "openapi.h"
#include "request.h"
#include "subresources.h"

/* The order of a real server: who, may he, what is there, in which form. */

static bool not_found(struct sim_status *status)
{
    sim_status_set(status, 404, "NotFound", "the server could not find the requested resource");
    status->details = cJSON_CreateObject();
    return false;
}

static bool not_allowed(struct sim_status *status)
{
    sim_status_set(status, 405, "MethodNotAllowed",
                   "the server does not allow this method on the requested resource");
    status->details = cJSON_CreateObject();
    return false;
}

static bool group_exists(const struct sim_target *target)
{
    for (size_t i = 0; i < sim_resource_count(); i++) {
        if (strcmp(sim_resource_at(i)->group, target->group) == 0) {
            return true;
        }
    }
    return false;
}

static bool is_plain_404(struct sim_request *request)
{
    const struct sim_target *target = &request->target;
    if (target->is_resource && group_exists(target)) {
        return false;
    }
    sim_answer_text(request, 404, "text/plain; charset=utf-8", "404 page not found\n");
    return true;
}

static unsigned bit_of(const char *verb)
{
    static const struct {
        const char *name;
        unsigned bit;
    } verbs[] = {{"get", SIM_GET},       {"list", SIM_LIST},
                 {"watch", SIM_WATCH},   {"create", SIM_CREATE},
                 {"update", SIM_UPDATE}, {"patch", SIM_PATCH},
                 {"delete", SIM_DELETE}, {"deletecollection", SIM_DELETE_COLLECTION}};
    for (size_t i = 0; i < ARRAY_LENGTH(verbs); i++) {
        if (strcmp(verbs[i].name, verb) == 0) {
            return verbs[i].bit;
        }
    }
    return 0;
}

/* Whether resource, subresource, scope and method go together. */
static bool check_route(const struct sim_request *request, struct sim_status *status)
{
    const struct sim_target *target = &request->target;
    const struct sim_resource *resource = target->resource;
    const char *verb = target->verb;
    bool reads = bit_of(verb) <= SIM_WATCH;
    if (resource == NULL ||
        (request->sim->minor < 28 && strcmp(resource->plural, "selfsubjectreviews") == 0)) {
        return not_found(status);
    }
    bool scoped = target->ns[0] != '\0' && resource != sim_namespaces();
    if (scoped && !resource->namespaced) {
        return not_found(status);
    }
    if (target->subresource[0] != '\0') {
        return sim_word_in(resource->subresources, target->subresource) || not_found(status);
    }
    if (resource->namespaced && !scoped && (!reads || target->name[0] != '\0')) {
        return target->name[0] != '\0' ? not_found(status) : not_allowed(status);
    }
    if ((strcmp(verb, "create") == 0) == (target->name[0] != '\0') && !reads &&
        strcmp(verb, "deletecollection") != 0) {
        return not_allowed(status);
    }
    return (resource->verbs & bit_of(verb)) != 0 || not_allowed(status);
}

static void dispatch(struct sim_request *request)
{
    const struct sim_target *target = &request->target;
    const char *verb = target->verb;
    if (target->subresource[0] != '\0' && strcmp(target->subresource, "status") != 0) {
        sim_subresource(request);
    } else if (strcmp(verb, "get") == 0) {
        sim_get(request);
    } else if (strcmp(verb, "list") == 0) {
        sim_list(request);
    } else if (strcmp(verb, "watch") == 0) {
        sim_watch_start(request);
    } else if (strcmp(verb, "delete") == 0 || strcmp(verb, "deletecollection") == 0) {
        sim_remove(request);
    } else {
        sim_change(request);
    }
}

void sim_api_handle(struct sim_request *request)
{
    struct sim_status status = SIM_STATUS_INIT;
    request->warnings = cJSON_CreateArray();
    sim_target_parse(&request->target, request->method, request->path, request);
    struct sim_target *target = &request->target;
    if (target->resource == sim_namespaces() && target->name[0] != '\0') {
        target->ns[0] = '\0'; /* for authorization it is its own namespace; stored it has none */
    }
    struct sim_status refused = SIM_STATUS_INIT;
    bool known = sim_authenticate(request, &refused) && sim_authorize_request(request, &refused);
    bool shaped = sim_negotiate(request, &status);
    if (!known) {
        struct sim_format plain = {
            .include = "Metadata", .pretty = request->format.pretty, .yaml = request->format.yaml};
        request->format = plain;
        sim_status_clear(&status);
        sim_answer_status(request, &refused);
        return;
    }
    if (sim_control(request) || sim_discovery(request) || sim_openapi(request) ||
        is_plain_404(request)) {
        sim_status_clear(&status);
        return;
    }
    if (!check_route(request, &refused)) {
        sim_status_clear(&status);
        sim_answer_status(request, &refused);
    } else if (!shaped) {
        sim_answer_status(request, &status);
    } else if (!sim_reviews(request)) {
        dispatch(request);
    }
    sim_status_clear(&status);
    sim_status_clear(&refused);
}
