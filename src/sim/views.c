#include <stdlib.h>
#include <string.h>

#include "doc/json.h"
#include "kinds.h"
#include "request.h"

/* events.k8s.io/v1 shows the events of core/v1 under other names
 * (pkg/apis/events/v1/conversion.go). */
static const struct {
    const char *core;
    const char *view;
} names[] = {
    {"involvedObject", "regarding"},
    {"message", "note"},
    {"source", "deprecatedSource"},
    {"firstTimestamp", "deprecatedFirstTimestamp"},
    {"lastTimestamp", "deprecatedLastTimestamp"},
    {"count", "deprecatedCount"},
    {"reportingComponent", "reportingController"},
};

static const char *renamed(const char *name, bool to_view)
{
    for (size_t i = 0; i < ARRAY_LENGTH(names); i++) {
        if (strcmp(to_view ? names[i].core : names[i].view, name) == 0) {
            return to_view ? names[i].view : names[i].core;
        }
    }
    return name;
}

static cJSON *turn(const cJSON *body, const char *api_version, bool to_view)
{
    cJSON *turned = cJSON_CreateObject();
    const cJSON *member;
    cJSON_ArrayForEach(member, body)
    {
        if (strcmp(member->string, "apiVersion") == 0) {
            cJSON_AddStringToObject(turned, "apiVersion", api_version);
        } else {
            cJSON_AddItemToObject(turned, renamed(member->string, to_view),
                                  cJSON_Duplicate(member, true));
        }
    }
    return turned;
}

const struct sim_resource *sim_storage_of(const struct sim_resource *resource)
{
    return resource->view_of[0] == '\0' ? resource : sim_events();
}

cJSON *sim_view_of(const struct sim_resource *resource, const cJSON *body)
{
    if (resource->view_of[0] == '\0') {
        return NULL;
    }
    cJSON *view = turn(body, "events.k8s.io/v1", true);
    static const char *const left_out[] = {"reportingController", "reportingInstance", "action"};
    for (size_t i = 0; i < ARRAY_LENGTH(left_out); i++) {
        if (json_string_or(view, left_out[i], "")[0] == '\0') {
            json_remove(view, left_out[i]);
        }
    }
    return view;
}

cJSON *sim_view_back(const struct sim_resource *resource, const cJSON *body)
{
    (void)resource;
    return turn(body, "v1", false);
}
