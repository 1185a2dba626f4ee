#include "decode.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "doc/json.h"
#include "doc/yaml.h"
#include "fields.h"
#include "go_json.h"
#include "old_decode.h"
#include "protobuf.h"
#include "sim/schema.h"
#include "types.h"

enum { SUMMARY = 30, OLD_DECODER_BEFORE = 23 };

void sim_warn(cJSON *warnings, const char *format, ...)
{
    if (warnings == NULL) {
        return;
    }
    va_list args;
    va_start(args, format);
    char *text = xvasprintf(format, args);
    va_end(args);
    cJSON_AddItemToArray(warnings, cJSON_CreateString(text));
    free(text);
}

void sim_content_type(const struct sim_request *request, char out[128])
{
    const char *type = sim_request_header(request, "content-type");
    type = type == NULL ? "" : type;
    snprintf(out, 128, "%.*s", (int)strcspn(type, "; \t"), type);
}

static bool too_large(struct sim_status *status)
{
    return sim_status_set(status, 413, "RequestEntityTooLarge",
                          "Request entity too large: limit is %d", SIM_BODY_LIMIT);
}

/* As transformDecodeError() of apiserver's endpoints/handlers sums up a body. */
static char *summary(const struct sim_request *request)
{
    size_t shown = request->body_length > SUMMARY ? SUMMARY : request->body_length;
    const char *more = request->body_length > SUMMARY ? " ..." : "";
    if (request->body_length == 0) {
        return xstrdup("<empty>");
    }
    if (request->body[0] == '{') {
        return xasprintf("%.*s%s", (int)shown, request->body, more);
    }
    char hex[SUMMARY * 2 + 1];
    for (size_t i = 0; i < shown; i++) {
        snprintf(hex + i * 2, 3, "%02x", (unsigned char)request->body[i]);
    }
    return xasprintf("%s%s", hex, more);
}

static bool parse_json(struct sim_request *request, const char *kind, cJSON **out,
                       struct sim_status *status)
{
    char why[SIM_GO_JSON_SIZE];
    if (sim_go_json_check(request->body, request->body_length, why)) {
        struct error err = ERROR_INIT;
        *out = json_parse(request->body, request->body_length, "body", &err);
        return *out != NULL || sim_status_bad_request(status, "%s", err.message);
    }
    char *text = summary(request);
    sim_status_bad_request(status,
                           "the object provided is unrecognized (must be of type %s): couldn't get "
                           "version/kind; json parse error: %s (%s)",
                           kind, why, text);
    free(text);
    return false;
}

static bool parse_yaml(struct sim_request *request, cJSON **out, struct sim_status *status)
{
    struct error err = ERROR_INIT;
    struct doc_options options = {.schema = DOC_SCHEMA_KUBERNETES, .source = "body"};
    struct doc_stream stream;
    if (!doc_parse_yaml(request->body, request->body_length, &options, &stream, &err)) {
        return sim_status_bad_request(status, "error converting YAML to JSON: %s", err.message);
    }
    *out = stream.count > 0 ? doc_to_json(stream.documents[0], "body", &err) : cJSON_CreateNull();
    doc_stream_free(&stream);
    return *out != NULL ||
           sim_status_bad_request(status, "error converting YAML to JSON: %s", err.message);
}

bool sim_decode_plain(struct sim_request *request, cJSON **out, struct sim_status *status)
{
    *out = NULL;
    if (request->body_too_large) {
        return too_large(status);
    }
    if (request->body_length == 0) {
        return true;
    }
    char type[128];
    sim_content_type(request, type);
    if (strcmp(type, "application/vnd.kubernetes.protobuf") == 0) {
        *out = sim_protobuf_decode(request->body, request->body_length);
        return *out != NULL || sim_status_bad_request(status, "the body cannot be decoded");
    }
    return strstr(type, "yaml") != NULL ? parse_yaml(request, out, status)
                                        : parse_json(request, "DeleteOptions", out, status);
}

static const char *go_type(const cJSON *value)
{
    return cJSON_IsString(value)   ? "string"
           : cJSON_IsNumber(value) ? "number"
           : cJSON_IsBool(value)   ? "bool"
           : cJSON_IsArray(value)  ? "array"
                                   : "object";
}

static bool cannot(struct sim_status *status, const char *kind, const char *version,
                   const struct sim_resource *resource, const char *why)
{
    const char *slash = strrchr(version, '/');
    return sim_status_bad_request(status, "%s in version \"%s\" cannot be handled as a %s: %s",
                                  kind, slash != NULL ? slash + 1 : version, resource->kind, why);
}

static bool check_kind(const cJSON *body, const struct sim_resource *resource,
                       struct sim_status *status)
{
    char expected[64];
    char why[256];
    sim_resource_api_version(resource, expected);
    const char *version = json_string_or(body, "apiVersion", "");
    const char *kind = json_string_or(body, "kind", "");
    version = version[0] == '\0' ? expected : version;
    kind = kind[0] == '\0' ? resource->kind : kind;
    if (strcmp(kind, resource->kind) == 0 && strcmp(version, expected) == 0) {
        return true;
    }
    if (strcmp(kind, resource->kind) == 0) {
        return sim_status_bad_request(status,
                                      "the API version in the data (%s) does not match the "
                                      "expected API version (%s)",
                                      version, expected);
    }
    if (sim_resource_by_kind(version, kind) == NULL) {
        snprintf(why, sizeof(why),
                 "no kind \"%s\" is registered for version \"%s\" in scheme "
                 "\"k8s.io/kubernetes/pkg/api/legacyscheme/scheme.go:30\"",
                 kind, version);
    } else {
        const char *group = resource->group[0] == '\0' ? "core" : resource->group;
        snprintf(why, sizeof(why), "converting (v1.%s) to (%s.%s): unknown conversion", kind, group,
                 resource->kind);
    }
    return cannot(status, kind, version, resource, why);
}

static bool check_types(const cJSON *body, const struct sim_resource *resource,
                        struct sim_status *status)
{
    char expected[64];
    char why[SIM_TYPES_WHY];
    sim_resource_api_version(resource, expected);
    if (resource == sim_secrets() && cJSON_IsObject(json_member(body, "data"))) {
        return true; /* what is wrong there is said in its own words */
    }
    return sim_types_fit(resource, body, why) ||
           cannot(status, resource->kind, expected, resource, why);
}

static void note_unknown(void *context, const char *path)
{
    if (context != NULL) {
        char *text = xasprintf("unknown field \"%s\"", path);
        cJSON_AddItemToArray(context, cJSON_CreateString(text));
        free(text);
    }
}

static bool check_fields(struct sim_request *request, cJSON *body, bool is_json,
                         const struct sim_resource *resource, struct sim_status *status)
{
    const char *validation = sim_request_query(request, "fieldValidation");
    validation = validation == NULL || validation[0] == '\0' ? "Warn" : validation;
    if (request->sim->minor < 25 || strcmp(validation, "Ignore") == 0) {
        /* silently dropped */
        sim_schema_unknown(sim_schema_of_kind(resource->kind), body, true, note_unknown, NULL);
        return true;
    }
    cJSON *found = cJSON_CreateArray();
    sim_schema_unknown(sim_schema_of_kind(resource->kind), body, true, note_unknown, found);
    if (is_json) {
        sim_fields_duplicate(request->body, request->body_length, found);
    }
    bool ok = true;
    char expected[64];
    sim_resource_api_version(resource, expected);
    if (found->child != NULL && strcmp(validation, "Strict") == 0) {
        struct buffer text;
        buffer_init(&text, SIM_BODY_LIMIT);
        buffer_append_string(&text, "strict decoding error: ");
        for (const cJSON *one = found->child; one != NULL; one = one->next) {
            buffer_printf(&text, "%s%s", one == found->child ? "" : ", ", one->valuestring);
        }
        ok = cannot(status, resource->kind, expected, resource, text.data);
        buffer_free(&text);
    } else {
        for (const cJSON *one = found->child; one != NULL; one = one->next) {
            sim_warn(request->warnings, "%s", one->valuestring);
        }
    }
    cJSON_Delete(found);
    return ok;
}

bool sim_decode_object(struct sim_request *request, const struct sim_resource *resource,
                       cJSON **out, struct sim_status *status)
{
    char type[128];
    sim_content_type(request, type);
    *out = NULL;
    bool yaml = strcmp(type, "application/yaml") == 0;
    bool binary = strcmp(type, "application/vnd.kubernetes.protobuf") == 0;
    cJSON *body = binary && !request->body_too_large
                      ? sim_protobuf_decode(request->body, request->body_length)
                      : NULL;
    if (!yaml && body == NULL && type[0] != '\0' && strcmp(type, "application/json") != 0) {
        return sim_status_set(status, 415, "UnsupportedMediaType",
                              "the body of the request was in an unknown format - accepted media "
                              "types include: application/json, application/yaml, "
                              "application/vnd.kubernetes.protobuf");
    }
    if (request->body_too_large) {
        return too_large(status);
    }
    if (body == NULL && !(yaml ? parse_yaml(request, &body, status)
                               : parse_json(request, resource->kind, &body, status))) {
        return false;
    }
    if (!cJSON_IsObject(body)) {
        sim_status_bad_request(status,
                               "the object provided is unrecognized (must be of type %s): couldn't "
                               "get version/kind; json parse error: json: cannot unmarshal %s into "
                               "Go value of type struct { APIVersion string "
                               "\"json:\\\"apiVersion,omitempty\\\"\"; Kind string "
                               "\"json:\\\"kind,omitempty\\\"\" }",
                               resource->kind, go_type(body));
        cJSON_Delete(body);
        return false;
    }
    bool old = request->sim->minor < OLD_DECODER_BEFORE && !yaml && !binary;
    if (!check_kind(body, resource, status) ||
        (old && !sim_old_decode_fits(request, resource, status)) ||
        !check_types(body, resource, status) ||
        !check_fields(request, body, !yaml && !binary, resource, status)) {
        cJSON_Delete(body);
        return false;
    }
    *out = body;
    return true;
}
