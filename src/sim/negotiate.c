#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/alloc.h"
#include "base/text.h"
#include "request.h"

enum { TEXT_SIZE = 96 };

/* One alternative of an Accept header. */
struct alternative {
    char type[TEXT_SIZE];
    char as[TEXT_SIZE];
    char version[TEXT_SIZE];
    char group[TEXT_SIZE];
    bool stream;
};

static void trim(const char **start, const char **end)
{
    while (*start < *end && (**start == ' ' || **start == '\t')) {
        (*start)++;
    }
    while (*end > *start && ((*end)[-1] == ' ' || (*end)[-1] == '\t')) {
        (*end)--;
    }
}

static void copy(char out[TEXT_SIZE], const char *start, const char *end)
{
    snprintf(out, TEXT_SIZE, "%.*s", (int)(end - start), start);
}

static void read_parameter(struct alternative *one, const char *start, const char *end)
{
    const char *equals = memchr(start, '=', (size_t)(end - start));
    if (equals == NULL) {
        return;
    }
    char name[TEXT_SIZE];
    copy(name, start, equals);
    if (strcmp(name, "as") == 0) {
        copy(one->as, equals + 1, end);
    } else if (strcmp(name, "v") == 0) {
        copy(one->version, equals + 1, end);
    } else if (strcmp(name, "g") == 0) {
        copy(one->group, equals + 1, end);
    } else if (strcmp(name, "stream") == 0) {
        one->stream = true;
    }
}

/* Reads up to the comma; returns what follows, NULL at the end. */
static const char *read_alternative(const char *text, struct alternative *one)
{
    memset(one, 0, sizeof(*one));
    const char *end = text + strcspn(text, ",");
    bool first = true;
    for (const char *at = text; at <= end;) {
        const char *stop = at + strcspn(at, ";,");
        const char *from = at;
        const char *to = stop;
        trim(&from, &to);
        if (first) {
            copy(one->type, from, to);
            first = false;
        } else {
            read_parameter(one, from, to);
        }
        at = stop + 1;
        if (*stop != ';') {
            break;
        }
    }
    return *end == ',' ? end + 1 : NULL;
}

static bool fits_media(struct sim_format *format, const struct alternative *one)
{
    static const char json[] = "application/json */* application/*";
    format->yaml = strcmp(one->type, "application/yaml") == 0;
    return format->yaml || sim_word_in(json, one->type);
}

static bool fits_shape(struct sim_request *request, const struct alternative *one)
{
    struct sim_format *format = &request->format;
    format->shape = SIM_SHAPE_OBJECT;
    if (one->as[0] == '\0') {
        return true;
    }
    bool known = strcmp(one->version, "v1") == 0 || strcmp(one->version, "v1beta1") == 0;
    format->table_version =
        strcmp(one->version, "v1beta1") == 0 ? "meta.k8s.io/v1beta1" : "meta.k8s.io/v1";
    if (strcmp(one->group, "meta.k8s.io") == 0 && known && request->target.is_resource) {
        if (strcmp(one->as, "Table") == 0) {
            format->shape = SIM_SHAPE_TABLE;
            return true;
        }
        if (text_starts_with(one->as, "PartialObjectMetadata")) {
            format->shape = SIM_SHAPE_PARTIAL;
            format->partial_list = text_ends_with(one->as, "List");
            return true;
        }
    }
    if (strcmp(one->as, "APIGroupDiscoveryList") == 0 && !request->target.is_resource) {
        /* Old servers ignore the parameters and answer with a plain list. */
        bool wanted = request->sim->minor >= 30 && strcmp(one->version, "v2") == 0;
        format->shape = wanted ? SIM_SHAPE_DISCOVERY : SIM_SHAPE_OBJECT;
        return wanted || request->sim->minor < 30;
    }
    return false;
}

static bool is_true(const char *text)
{
    return !sim_word_in("0 f F false False FALSE", text);
}

static void choose_indent(struct sim_request *request)
{
    const char *pretty = sim_request_query(request, "pretty");
    const char *agent = sim_request_header(request, "user-agent");
    if (pretty != NULL && pretty[0] != '\0') {
        request->format.pretty = is_true(pretty);
    } else if (agent != NULL) {
        request->format.pretty = text_starts_with(agent, "curl") ||
                                 text_starts_with(agent, "Wget") ||
                                 text_starts_with(agent, "Mozilla/5.0");
    }
}

static bool refuse(struct sim_request *request, bool only_shapes, struct sim_status *status)
{
    request->format = (struct sim_format){.include = "Metadata", .pretty = request->format.pretty};
    if (only_shapes) {
        return sim_status_set(status, 406, "NotAcceptable",
                              "only the following media types are accepted: application/json, "
                              "application/yaml, application/vnd.kubernetes.protobuf");
    }
    sim_status_set(status, 406, "NotAcceptable", "406: Not Acceptable%s",
                   request->sim->minor < 30
                       ? ""
                       : "\n\nAvailable representations: application/json, application/yaml, "
                         "application/vnd.kubernetes.protobuf, application/json;stream=watch, "
                         "application/vnd.kubernetes.protobuf;stream=watch");
    status->details = cJSON_CreateObject();
    return false;
}

bool sim_negotiate(struct sim_request *request, struct sim_status *status)
{
    choose_indent(request);
    const char *include = sim_request_query(request, "includeObject");
    if (include != NULL && include[0] != '\0') {
        request->format.include = include;
    }
    const char *accept = sim_request_header(request, "accept");
    if (accept == NULL || accept[0] == '\0') {
        return true;
    }
    bool media = false;
    for (const char *at = accept; at != NULL;) {
        struct alternative one;
        at = read_alternative(at, &one);
        if (fits_media(&request->format, &one)) {
            media = true;
            if (fits_shape(request, &one)) {
                return true;
            }
        }
    }
    return refuse(request, media, status);
}
