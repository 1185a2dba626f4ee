#include <string.h>

#include "doc/json.h"
#include "kinds.h"

/* core/v1: only the namespace of the object is looked at (pkg/apis/core/validation/events.go). */
void sim_validate_event(struct sim_check *check, const cJSON *live, const cJSON *body)
{
    const char *ns = json_string_or(json_member(body, "metadata"), "namespace", "");
    const char *about = json_string_or(json_object(body, "involvedObject"), "namespace", "");
    bool fits = about[0] == '\0' ? strcmp(ns, "default") == 0 : strcmp(about, ns) == 0;
    if (live == NULL && !fits) {
        sim_causes_add(&check->causes, "FieldValueInvalid", "involvedObject.namespace",
                       "Invalid value: \"%s\": does not match event.namespace", about);
    }
}

static void check_new_event(struct sim_check *check, const cJSON *body)
{
    struct sim_causes *causes = &check->causes;
    const char *type = json_string_or(body, "type", "");
    const cJSON *series = json_object(body, "series");
    static const char *const wanted[] = {"reportingController", "reportingInstance", "action",
                                         "reason"};
    bool timed = json_string_or(body, "eventTime", "")[0] != '\0';
    if (!timed) { /* and the rest is judged by the rules of old events */
        sim_causes_add(causes, "FieldValueRequired", "eventTime", "Required value");
    }
    for (size_t i = 0; timed && i < ARRAY_LENGTH(wanted); i++) {
        if (json_string_or(body, wanted[i], "")[0] == '\0') {
            sim_causes_add(causes, "FieldValueRequired", wanted[i], "Required value");
        }
    }
    if (strcmp(type, "Normal") != 0 && strcmp(type, "Warning") != 0) {
        sim_causes_add(causes, "FieldValueInvalid", "type",
                       "Invalid value: \"\": has invalid value: %s", type);
    }
    if (series != NULL && json_int(series, "count", 0) < 2) {
        sim_causes_add(causes, "FieldValueInvalid", "series.count",
                       "Invalid value: \"\": should be at least 2");
    }
    if (json_int(body, "deprecatedCount", 0) != 0) {
        sim_causes_add(causes, "FieldValueInvalid", "count",
                       "Invalid value: \"\": needs to be unset");
    }
}

/* events.k8s.io/v1: new events are complete, old ones keep what they say. */
static void check_changed_event(struct sim_check *check, const cJSON *live, const cJSON *body)
{
    static const struct {
        const char *view;
        const char *core;
        const char *field;
    } fixed[] = {{"note", "message", "message"},
                 {"reason", "reason", "reason"},
                 {"action", "action", "action"},
                 {"type", "type", "type"},
                 {"reportingInstance", "reportingInstance", "reportingInstance"},
                 {"reportingController", "reportingComponent", "reportingController"}};
    for (size_t i = 0; i < ARRAY_LENGTH(fixed) && check->sim->minor >= 21; i++) {
        const char *was = json_string_or(live, fixed[i].core, "");
        const char *now = json_string_or(body, fixed[i].view, "");
        if (strcmp(was, now) != 0) {
            sim_causes_add(&check->causes, "FieldValueInvalid", fixed[i].field,
                           "Invalid value: \"%s\": field is immutable", now);
        }
    }
}

bool sim_kind_check_view(struct sim_check *check, const cJSON *live, const cJSON *body,
                         struct sim_status *status)
{
    if (check->resource->view_of[0] == '\0') {
        return true;
    }
    if (live == NULL) {
        check_new_event(check, body);
    } else {
        check_changed_event(check, live, body);
    }
    const char *name = json_string_or(json_object(body, "metadata"), "name", "");
    /* The messages name the kind without its group. */
    return sim_causes_finish(&check->causes, sim_events(), name, status);
}
