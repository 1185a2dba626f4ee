#include "list_options.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "doc/json.h"
#include "go_json.h"

enum { TOKEN_LIMIT = 8192, CACHE_WAIT_MS = 3000 };

static const struct sim_resource list_options_kind = {
    .group = "meta.k8s.io", .version = "v1", .plural = "", .kind = "ListOptions"};

static bool read_version(const struct sim_request *request, bool watch, int64_t *version,
                         struct sim_status *status)
{
    const char *text = sim_request_query(request, "resourceVersion");
    *version = -1;
    if (text == NULL || text[0] == '\0') {
        return true;
    }
    if (text[strspn(text, "0123456789")] != '\0') {
        static const char words[] = "resourceVersion: Invalid value: \"%s\": strconv.ParseUint: "
                                    "parsing \"%s\": invalid syntax";
        if (watch || request->sim->minor < 30) {
            return sim_status_internal(status, words, text, text);
        }
        return sim_status_bad_request(status,
                                      "invalid resource version: resourceVersion: Invalid value: "
                                      "\"%s\": strconv.ParseUint: parsing \"%s\": invalid syntax",
                                      text, text);
    }
    *version = strtoll(text, NULL, 10);
    return true;
}

/* ValidateListOptions of apimachinery's internalversion/validation. */
static void check_match(const struct sim_request *request, struct sim_list_options *options,
                        const char *match, struct sim_causes *causes)
{
    static const char forbidden[] = "FieldValueForbidden";
    static const char field[] = "resourceVersionMatch";
    bool old = request->sim->minor < 27;
    if (options->watch && options->has_initial && !old) {
        if (strcmp(match, "NotOlderThan") != 0) {
            sim_causes_add(causes, forbidden, field,
                           "Forbidden: sendInitialEvents requires setting resourceVersionMatch to "
                           "NotOlderThan");
        }
        if (match[0] != '\0' && strcmp(match, "NotOlderThan") != 0) {
            sim_causes_add(causes, "FieldValueNotSupported", field,
                           "Unsupported value: \"%s\": supported values: \"NotOlderThan\"", match);
        }
        return;
    }
    if (options->has_initial && !old) {
        sim_causes_add(causes, forbidden, "sendInitialEvents",
                       "Forbidden: sendInitialEvents is forbidden for list");
    }
    if (match[0] == '\0') {
        return;
    }
    if (options->watch) {
        sim_causes_add(causes, forbidden, field,
                       "Forbidden: resourceVersionMatch is forbidden for "
                       "watch%s",
                       old ? "" : " unless sendInitialEvents is provided");
    }
    if (options->version < 0) {
        sim_causes_add(causes, forbidden, field,
                       "Forbidden: resourceVersionMatch is forbidden unless resourceVersion is "
                       "provided");
    }
    if (options->continues) {
        sim_causes_add(causes, forbidden, field,
                       "Forbidden: resourceVersionMatch is forbidden when continue is provided");
    }
    if (strcmp(match, "Exact") != 0 && strcmp(match, "NotOlderThan") != 0) {
        sim_causes_add(causes, "FieldValueNotSupported", field,
                       "Unsupported value: \"%s\": supported values: \"Exact\", \"NotOlderThan\", "
                       "\"\"",
                       match);
    }
    if (strcmp(match, "Exact") == 0 && options->version == 0) {
        sim_causes_add(causes, forbidden, field,
                       "Forbidden: resourceVersionMatch \"exact\" is forbidden for resourceVersion "
                       "\"0\"");
    }
}

static bool bad_token(struct sim_status *status, const char *why)
{
    return sim_status_bad_request(status, "invalid continue token: continue key is not valid: %s",
                                  why);
}

/* {"v":"meta.k8s.io/v1","rv":N,"start":"KEY\u0000"}; read by hand for the sake of the NUL. */
static bool read_key(struct sim_list_options *options, const char *json, bool old,
                     struct sim_status *status)
{
    const char *version = strstr(json, "\"v\":\"");
    const char *number = strstr(json, "\"rv\":");
    const char *start = strstr(json, "\"start\":\"");
    if (version == NULL || strncmp(version + 5, "meta.k8s.io/v1\"", 15) != 0) {
        const char *name = version == NULL ? "" : version + 5;
        char why[256];
        const char *quote = old ? "\"" : "";
        snprintf(why, sizeof(why), "server does not recognize this encoded version %s%.*s%s", quote,
                 (int)strcspn(name, "\""), name, quote);
        return bad_token(status, why);
    }
    if (number == NULL || start == NULL) {
        return bad_token(status, "incorrect encoded start resourceVersion (version "
                                 "meta.k8s.io/v1)");
    }
    options->continue_version = strtoll(number + 5, NULL, 10);
    start += strlen("\"start\":\"");
    start += *start == '/' ? 1 : 0;
    size_t length = strcspn(start, "\"\\");
    snprintf(options->start, sizeof(options->start), "%.*s", (int)length, start);
    return true;
}

static bool read_token(struct sim_list_options *options, const char *token, bool old,
                       struct sim_status *status)
{
    struct buffer standard;
    struct buffer json;
    buffer_init(&standard, TOKEN_LIMIT);
    buffer_init(&json, TOKEN_LIMIT);
    for (const char *at = token; *at != '\0'; at++) {
        buffer_append_char(&standard, *at == '-' ? '+' : *at == '_' ? '/' : *at);
    }
    bool ok;
    char why[SIM_GO_JSON_SIZE];
    if (!base64_decode(&json, standard.data, standard.length, true)) {
        ok = bad_token(status, "illegal base64 data");
    } else if (!sim_go_json_check(json.data, json.length, why)) {
        ok = bad_token(status, why);
    } else {
        ok = read_key(options, json.data, old, status);
    }
    buffer_free(&standard);
    buffer_free(&json);
    return ok;
}

bool sim_list_options_read(const struct sim_request *request, bool watch,
                           struct sim_list_options *options, struct sim_status *status)
{
    *options = (struct sim_list_options){.watch = watch, .version = -1};
    const char *token = sim_request_query(request, "continue");
    const char *match = sim_request_query(request, "resourceVersionMatch");
    const char *initial = sim_request_query(request, "sendInitialEvents");
    match = match == NULL ? "" : match;
    if (!sim_request_int(request, "limit", 0, &options->limit, status) ||
        !sim_request_int(request, "timeoutSeconds", 0, &options->timeout_seconds, status) ||
        !sim_request_bool(request, "allowWatchBookmarks", false, &options->bookmarks, status) ||
        !sim_request_bool(request, "sendInitialEvents", false, &options->send_initial, status)) {
        return false;
    }
    options->has_initial = initial != NULL && initial[0] != '\0';
    options->continues = token != NULL && token[0] != '\0';
    if (!sim_selector_parse(request->target.resource, request->sim->minor,
                            sim_request_query(request, "labelSelector"),
                            sim_request_query(request, "fieldSelector"), &options->selector,
                            status)) {
        return false;
    }
    struct sim_status version_status = SIM_STATUS_INIT;
    bool version_ok = read_version(request, watch, &options->version, &version_status);
    struct sim_causes causes = {NULL};
    check_match(request, options, match, &causes);
    if (!sim_causes_finish(&causes, &list_options_kind, "", status)) {
        sim_status_clear(&version_status);
        return false;
    }
    if (!version_ok) {
        sim_status_clear(status);
        *status = version_status;
        return false;
    }
    if (options->continues && options->version > 0) {
        return sim_status_bad_request(
            status, "specifying resource version is not allowed when using continue");
    }
    options->exact = strcmp(match, "Exact") == 0 ||
                     (match[0] == '\0' && options->limit > 0 && options->version > 0);
    return !options->continues || read_token(options, token, request->sim->minor < 30, status);
}

void sim_list_options_clear(struct sim_list_options *options)
{
    sim_selector_free(options->selector);
    options->selector = NULL;
}

char *sim_continue_token(const struct sim_request *request, int64_t version, const char *ns,
                         const char *name)
{
    bool whole = request->target.ns[0] == '\0' && ns[0] != '\0';
    char *json = xasprintf("{\"v\":\"meta.k8s.io/v1\",\"rv\":%lld,\"start\":\"%s%s%s%s\\u0000\"}",
                           (long long)version, request->sim->minor < 30 ? "" : "/", whole ? ns : "",
                           whole ? "/" : "", name);
    struct buffer token;
    buffer_init(&token, TOKEN_LIMIT);
    base64_encode(&token, json, strlen(json));
    free(json);
    while (token.length > 0 && token.data[token.length - 1] == '=') {
        buffer_truncate(&token, token.length - 1);
    }
    for (size_t i = 0; i < token.length; i++) {
        token.data[i] = token.data[i] == '+' ? '-' : token.data[i] == '/' ? '_' : token.data[i];
    }
    return buffer_take(&token);
}

bool sim_version_too_large(struct sim_request *request, int64_t version, struct sim_status *status)
{
    bool cached = request->target.resource->cached;
    sim_status_set(status, 504, "Timeout",
                   "Timeout: Too large resource version: %lld, current: %lld", (long long)version,
                   (long long)sim_store_version(request->sim->store));
    cJSON *details = cJSON_CreateObject();
    cJSON *cause = cJSON_CreateObject();
    cJSON_AddStringToObject(cause, "reason", "ResourceVersionTooLarge");
    cJSON_AddStringToObject(cause, "message", "Too large resource version");
    cJSON_AddItemToArray(cJSON_AddArrayToObject(details, "causes"), cause);
    if (cached) {
        cJSON_AddNumberToObject(details, "retryAfterSeconds", 1);
        status->retry_after = 1;
        request->hold_ms = CACHE_WAIT_MS;
    }
    status->details = details;
    return false;
}
