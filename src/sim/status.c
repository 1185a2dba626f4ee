#include "sim/status.h"

#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/buffer.h"
#include "doc/json.h"

enum { MESSAGE_LIMIT = 4 * 1024 * 1024 };

void sim_status_clear(struct sim_status *status)
{
    free(status->message);
    free(status->next);
    cJSON_Delete(status->details);
    *status = (struct sim_status)SIM_STATUS_INIT;
}

static bool fill(struct sim_status *status, int code, const char *reason, char *message,
                 cJSON *details)
{
    sim_status_clear(status);
    status->code = code;
    status->reason = reason;
    status->message = message;
    status->details = details;
    return false;
}

bool sim_status_set(struct sim_status *status, int code, const char *reason, const char *format,
                    ...)
{
    va_list args;
    va_start(args, format);
    char *message = xvasprintf(format, args);
    va_end(args);
    return fill(status, code, reason, message, NULL);
}

bool sim_status_bad_request(struct sim_status *status, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    char *message = xvasprintf(format, args);
    va_end(args);
    return fill(status, 400, "BadRequest", message, NULL);
}

bool sim_status_internal(struct sim_status *status, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    char *message = xvasprintf(format, args);
    va_end(args);
    return fill(status, 500, "", message, NULL);
}

/* details as real servers fill them: name, group (not the core one's), kind. */
static cJSON *details_of(const struct sim_resource *resource, const char *name, const char *kind)
{
    cJSON *details = cJSON_CreateObject();
    if (name[0] != '\0') {
        cJSON_AddStringToObject(details, "name", name);
    }
    if (resource->group[0] != '\0') {
        cJSON_AddStringToObject(details, "group", resource->group);
    }
    if (kind[0] != '\0') {
        cJSON_AddStringToObject(details, "kind", kind);
    }
    return details;
}

/* "daemonsets.apps", "secrets". */
static char *qualified(const struct sim_resource *resource, const char *name)
{
    return resource->group[0] == '\0' ? xstrdup(name) : xasprintf("%s.%s", name, resource->group);
}

static bool about_object(struct sim_status *status, int code, const char *reason,
                         const struct sim_resource *resource, const char *name, const char *before,
                         const char *after)
{
    char *full = qualified(resource, resource->plural);
    char *message = xasprintf("%s%s \"%s\"%s", before, full, name, after);
    free(full);
    return fill(status, code, reason, message, details_of(resource, name, resource->plural));
}

bool sim_status_not_found(struct sim_status *status, const struct sim_resource *resource,
                          const char *name)
{
    return about_object(status, 404, "NotFound", resource, name, "", " not found");
}

bool sim_status_forbidden(struct sim_status *status, const struct sim_resource *resource,
                          const cJSON *body, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    char *why = xvasprintf(format, args);
    va_end(args);
    char *after = xasprintf(" is forbidden: %s", why);
    const cJSON *name = json_at(body, "metadata", "name", NULL);
    about_object(status, 403, "Forbidden", resource, cJSON_IsString(name) ? name->valuestring : "",
                 "", after);
    free(why);
    free(after);
    return false;
}

bool sim_status_exists(struct sim_status *status, const struct sim_resource *resource,
                       const char *name)
{
    return about_object(status, 409, "AlreadyExists", resource, name, "", " already exists");
}

bool sim_status_conflict(struct sim_status *status, const struct sim_resource *resource,
                         const char *name, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    char *why = xvasprintf(format, args);
    va_end(args);
    char *after = xasprintf(": %s", why);
    about_object(status, 409, "Conflict", resource, name, "Operation cannot be fulfilled on ",
                 after);
    free(why);
    free(after);
    return false;
}

bool sim_status_stale(struct sim_status *status, const struct sim_resource *resource,
                      const char *name)
{
    return sim_status_conflict(status, resource, name,
                               "the object has been modified; please apply your changes to the "
                               "latest version and try again");
}

bool sim_status_unprocessable(struct sim_status *status)
{
    return fill(status, 422, "Invalid",
                xstrdup("the server rejected our request due to an error in our request"),
                cJSON_CreateObject());
}

void sim_causes_add(struct sim_causes *causes, const char *reason, const char *field,
                    const char *format, ...)
{
    va_list args;
    va_start(args, format);
    char *message = xvasprintf(format, args);
    va_end(args);
    if (causes->list == NULL) {
        causes->list = cJSON_CreateArray();
    }
    cJSON *cause = cJSON_CreateObject();
    cJSON_AddStringToObject(cause, "reason", reason);
    cJSON_AddStringToObject(cause, "message", message);
    cJSON_AddStringToObject(cause, "field", field);
    cJSON_AddItemToArray(causes->list, cause);
    free(message);
}

void sim_causes_clear(struct sim_causes *causes)
{
    cJSON_Delete(causes->list);
    causes->list = NULL;
}

static bool is_repeated(const cJSON *list, const cJSON *cause)
{
    for (const cJSON *one = list->child; one != cause; one = one->next) {
        if (json_equal(one, cause)) {
            return true;
        }
    }
    return false;
}

bool sim_causes_finish(struct sim_causes *causes, const struct sim_resource *resource,
                       const char *name, struct sim_status *status)
{
    if (causes->list == NULL) {
        return true;
    }
    struct buffer text;
    buffer_init(&text, MESSAGE_LIMIT);
    char *full = qualified(resource, resource->kind);
    bool several = false;
    for (const cJSON *one = causes->list->child->next; one != NULL; one = one->next) {
        several = several || !is_repeated(causes->list, one);
    }
    buffer_printf(&text, "%s \"%s\" is invalid: %s", full, name, several ? "[" : "");
    const cJSON *cause;
    cJSON_ArrayForEach(cause, causes->list)
    {
        if (is_repeated(causes->list, cause)) {
            continue; /* the message says it once, details.causes as often as it was found */
        }
        buffer_printf(&text, "%s%s: %s", cause == causes->list->child ? "" : ", ",
                      json_string_or(cause, "field", ""), json_string_or(cause, "message", ""));
    }
    buffer_append_string(&text, several ? "]" : "");
    free(full);
    cJSON *details = details_of(resource, name, resource->kind);
    cJSON_AddItemToObject(details, "causes", causes->list);
    causes->list = NULL;
    return fill(status, 422, "Invalid", buffer_take(&text), details);
}

cJSON *sim_status_object(const struct sim_status *status)
{
    cJSON *object = cJSON_CreateObject();
    cJSON_AddStringToObject(object, "kind", "Status");
    cJSON_AddStringToObject(object, "apiVersion", "v1");
    cJSON *metadata = cJSON_AddObjectToObject(object, "metadata");
    if (status->next != NULL) {
        cJSON_AddStringToObject(metadata, "continue", status->next);
    }
    cJSON_AddStringToObject(object, "status", "Failure");
    cJSON_AddStringToObject(object, "message", status->message != NULL ? status->message : "");
    if (status->reason[0] != '\0') {
        cJSON_AddStringToObject(object, "reason", status->reason);
    }
    if (status->details != NULL) {
        cJSON_AddItemToObject(object, "details", cJSON_Duplicate(status->details, true));
    }
    cJSON_AddNumberToObject(object, "code", status->code);
    return object;
}
