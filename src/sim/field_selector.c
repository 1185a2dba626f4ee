#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "doc/json.h"
#include "selectors_inside.h"

struct sim_selector {
    struct sim_requirements labels;
    struct sim_requirements fields; /* key: the field's name in the request */
};

/* What can be selected besides metadata.name and metadata.namespace. path: members in the stored
 * object, "a.b"; "#" takes the first element of a list. */
struct field {
    const char *kind;
    const char *group;
    const char *name;
    const char *path;
    const char *fallback; /* where the member is absent */
    int minor;            /* since that minor version */
};

static const struct field fields[] = {
    {"Pod", "", "spec.nodeName", "spec.nodeName", "", 0},
    {"Pod", "", "spec.host", "spec.nodeName", "", 0},
    {"Pod", "", "spec.restartPolicy", "spec.restartPolicy", "", 0},
    {"Pod", "", "spec.schedulerName", "spec.schedulerName", "", 0},
    {"Pod", "", "spec.serviceAccountName", "spec.serviceAccountName", "", 0},
    {"Pod", "", "spec.hostNetwork", "spec.hostNetwork", "false", 28},
    {"Pod", "", "status.phase", "status.phase", "", 0},
    {"Pod", "", "status.podIP", "status.podIPs.#.ip", "", 0},
    {"Pod", "", "status.podIPs", "status.podIPs.none", "", 0},
    {"Pod", "", "status.nominatedNodeName", "status.nominatedNodeName", "", 0},
    {"Secret", "", "type", "type", "", 0},
    {"Node", "", "spec.unschedulable", "spec.unschedulable", "false", 0},
    {"Namespace", "", "status.phase", "status.phase", "", 0},
    {"ReplicaSet", "apps", "status.replicas", "status.replicas", "0", 0},
    {"Event", "", "involvedObject.kind", "involvedObject.kind", "", 0},
    {"Event", "", "involvedObject.namespace", "involvedObject.namespace", "", 0},
    {"Event", "", "involvedObject.name", "involvedObject.name", "", 0},
    {"Event", "", "involvedObject.uid", "involvedObject.uid", "", 0},
    {"Event", "", "involvedObject.apiVersion", "involvedObject.apiVersion", "", 0},
    {"Event", "", "involvedObject.resourceVersion", "involvedObject.resourceVersion", "", 0},
    {"Event", "", "involvedObject.fieldPath", "involvedObject.fieldPath", "", 0},
    {"Event", "", "reason", "reason", "", 0},
    {"Event", "", "reportingComponent", "reportingComponent", "", 0},
    {"Event", "", "source", "source.component", "", 0},
    {"Event", "", "type", "type", "", 0},
    {"Event", "events.k8s.io", "regarding.kind", "involvedObject.kind", "", 0},
    {"Event", "events.k8s.io", "regarding.namespace", "involvedObject.namespace", "", 0},
    {"Event", "events.k8s.io", "regarding.name", "involvedObject.name", "", 0},
    {"Event", "events.k8s.io", "regarding.uid", "involvedObject.uid", "", 0},
    {"Event", "events.k8s.io", "regarding.apiVersion", "involvedObject.apiVersion", "", 0},
    {"Event", "events.k8s.io", "regarding.resourceVersion", "involvedObject.resourceVersion", "",
     0},
    {"Event", "events.k8s.io", "regarding.fieldPath", "involvedObject.fieldPath", "", 0},
    {"Event", "events.k8s.io", "reason", "reason", "", 0},
    {"Event", "events.k8s.io", "reportingController", "reportingComponent", "", 0},
    {"Event", "events.k8s.io", "type", "type", "", 0},
};

static const struct field *find_field(const struct sim_resource *resource, int minor,
                                      const char *name, bool *own)
{
    static const struct field metadata[] = {
        {"", "", "metadata.name", "metadata.name", "", 0},
        {"", "", "metadata.namespace", "metadata.namespace", "", 0}};
    *own = false;
    for (size_t i = 0; i < ARRAY_LENGTH(metadata); i++) {
        if (strcmp(metadata[i].name, name) == 0) {
            return &metadata[i];
        }
    }
    for (size_t i = 0; i < ARRAY_LENGTH(fields); i++) {
        const struct field *one = &fields[i];
        if (strcmp(one->kind, resource->kind) != 0 || strcmp(one->group, resource->group) != 0) {
            continue;
        }
        *own = true;
        if (strcmp(one->name, name) == 0 && minor >= one->minor) {
            return one;
        }
    }
    return NULL;
}

static const cJSON *walk(const cJSON *value, const char *path)
{
    while (value != NULL && path[0] != '\0') {
        size_t length = strcspn(path, ".");
        char name[64];
        snprintf(name, sizeof(name), "%.*s", (int)length, path);
        value = name[0] == '#' ? cJSON_GetArrayItem(value, 0) : json_member(value, name);
        path += length + (path[length] == '.' ? 1 : 0);
    }
    return value;
}

static bool add_term(const struct sim_resource *resource, int minor, const char *term,
                     const char *whole, struct sim_requirements *out, struct sim_status *status)
{
    size_t length = strcspn(term, "=!");
    const char *op = term + length;
    bool differs = op[0] == '!' && op[1] == '=';
    if (op[0] == '\0' || (op[0] == '!' && !differs)) {
        return sim_status_bad_request(status, "invalid selector: '%s'; can't understand '%s'",
                                      whole, term);
    }
    char name[256];
    snprintf(name, sizeof(name), "%.*s", (int)length, term);
    bool own;
    const struct field *field = find_field(resource, minor, name, &own);
    if (field == NULL && own) {
        return sim_status_bad_request(status, "field label not supported: %s", name);
    }
    if (field == NULL) {
        return sim_status_bad_request(status,
                                      "\"%s\" is not a known field selector: only "
                                      "\"metadata.name\", \"metadata.namespace\"",
                                      name);
    }
    const char *value = op + (differs || op[1] == '=' ? 2 : 1);
    struct sim_requirement *one =
        sim_requirements_add(out, field->path, differs ? SIM_NOT_IN : SIM_IN);
    sim_requirement_add_value(one, value);
    sim_requirement_add_value(one, field->fallback);
    return true;
}

/* Terms are separated by commas; a backslash keeps what follows. */
static bool parse_fields(const struct sim_resource *resource, int minor, const char *text,
                         struct sim_requirements *out, struct sim_status *status)
{
    char *term = xmalloc(strlen(text) + 1);
    bool ok = true;
    for (const char *at = text; ok && *at != '\0';) {
        size_t length = 0;
        while (*at != '\0' && *at != ',') {
            at += at[0] == '\\' && at[1] != '\0' ? 1 : 0;
            term[length++] = *at++;
        }
        term[length] = '\0';
        at += *at == ',' ? 1 : 0;
        ok = length == 0 || add_term(resource, minor, term, text, out, status);
    }
    free(term);
    return ok;
}

bool sim_selector_parse(const struct sim_resource *resource, int minor, const char *labels,
                        const char *fields_text, struct sim_selector **out,
                        struct sim_status *status)
{
    struct sim_selector *selector = xcalloc(1, sizeof(*selector));
    if ((labels != NULL &&
         !sim_label_selector_parse(labels, minor < 30, &selector->labels, status)) ||
        (fields_text != NULL &&
         !parse_fields(resource, minor, fields_text, &selector->fields, status))) {
        sim_selector_free(selector);
        *out = NULL;
        return false;
    }
    *out = selector;
    return true;
}

void sim_selector_free(struct sim_selector *selector)
{
    if (selector != NULL) {
        sim_requirements_free(&selector->labels);
        sim_requirements_free(&selector->fields);
        free(selector);
    }
}

/* An event's source is its reporter where no component is named (registry/core/event/strategy.go).
 */
static const cJSON *value_of(const cJSON *body, const char *path)
{
    const cJSON *value = walk(body, path);
    bool empty = value == NULL || (cJSON_IsString(value) && value->valuestring[0] == '\0');
    if (empty && strcmp(path, "source.component") == 0) {
        return json_member(body, "reportingComponent");
    }
    return value;
}

static bool field_holds(const struct sim_requirement *one, const cJSON *body)
{
    const cJSON *value = value_of(body, one->key);
    const char *text = one->values[1];
    char number[32];
    if (cJSON_IsString(value)) {
        text = value->valuestring;
    } else if (cJSON_IsBool(value)) {
        text = cJSON_IsTrue(value) ? "true" : "false";
    } else if (cJSON_IsNumber(value)) {
        snprintf(number, sizeof(number), "%.0f", value->valuedouble);
        text = number;
    }
    bool equal = strcmp(text, one->values[0]) == 0;
    return one->op == SIM_IN ? equal : !equal;
}

bool sim_selector_matches(const struct sim_selector *selector, const cJSON *body)
{
    if (selector == NULL) {
        return true;
    }
    const cJSON *labels = json_at(body, "metadata", "labels", NULL);
    for (size_t i = 0; i < selector->labels.count; i++) {
        const struct sim_requirement *one = &selector->labels.list[i];
        if (!sim_requirement_holds(one, json_string(labels, one->key))) {
            return false;
        }
    }
    for (size_t i = 0; i < selector->fields.count; i++) {
        if (!field_holds(&selector->fields.list[i], body)) {
            return false;
        }
    }
    return true;
}

bool sim_selector_is_empty(const struct sim_selector *selector)
{
    return selector == NULL || (selector->labels.count == 0 && selector->fields.count == 0);
}

const char *sim_selector_name(const struct sim_selector *selector)
{
    const char *name = NULL;
    for (size_t i = 0; selector != NULL && i < selector->fields.count; i++) {
        const struct sim_requirement *one = &selector->fields.list[i];
        if (one->op == SIM_IN && strcmp(one->key, "metadata.name") == 0) {
            name = name == NULL ? one->values[0] : name;
        }
    }
    return name;
}
