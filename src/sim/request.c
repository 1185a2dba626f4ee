#include "request.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "doc/json.h"
#include "list_stream.h"
#include "watch.h"

enum { ANSWER_LIMIT = 1024 * 1024 * 1024 };

void sim_request_init(struct sim_request *request, struct sim *sim)
{
    *request = (struct sim_request){.sim = sim, .format.include = "Metadata"};
    request->query = map_new(free);
    request->headers = map_new(free);
    request->path = "";
    request->method = "GET";
    request->target.verb = "";
    buffer_init(&request->answer, ANSWER_LIMIT);
}

void sim_request_clear(struct sim_request *request)
{
    map_free(request->query);
    map_free(request->headers);
    free(request->peer);
    free(request->user.name);
    for (size_t i = 0; i < request->user.group_count; i++) {
        free(request->user.groups[i]);
    }
    buffer_free(&request->answer);
    cJSON_Delete(request->warnings);
    sim_watch_free(request->watch);
    sim_list_stream_free(request->list);
}

const char *sim_request_query(const struct sim_request *request, const char *name)
{
    return map_get(request->query, name);
}

const char *sim_request_header(const struct sim_request *request, const char *name)
{
    return map_get(request->headers, name);
}

bool sim_request_bool(const struct sim_request *request, const char *name, bool fallback,
                      bool *value, struct sim_status *status)
{
    (void)status;
    const char *text = sim_request_query(request, name);
    *value = fallback;
    if (text == NULL) {
        return true;
    }
    /* queryparams' rule: everything but these means true, "watch" alone too. */
    *value = !sim_word_in("0 f F false False FALSE", text);
    return true;
}

bool sim_request_int(const struct sim_request *request, const char *name, int64_t fallback,
                     int64_t *value, struct sim_status *status)
{
    const char *text = sim_request_query(request, name);
    *value = fallback;
    if (text == NULL || text[0] == '\0') {
        return true;
    }
    char *end = NULL;
    errno = 0;
    *value = strtoll(text, &end, 10);
    if (*end != '\0' || strchr(" \t\n\v\f\r", text[0]) != NULL) {
        return sim_status_bad_request(status, "strconv.ParseInt: parsing \"%s\": invalid syntax",
                                      text);
    }
    if (errno == ERANGE) {
        return sim_status_bad_request(status,
                                      "strconv.ParseInt: parsing \"%s\": value out of range", text);
    }
    return true;
}

bool sim_request_dry_run(const struct sim_request *request, const char *options, bool *dry_run,
                         struct sim_status *status)
{
    const char *text = sim_request_query(request, "dryRun");
    *dry_run = text != NULL && strcmp(text, "All") == 0;
    if (text == NULL || *dry_run) {
        return true;
    }
    static const struct sim_resource meta = {
        .group = "meta.k8s.io", .version = "v1", .plural = "", .kind = ""};
    struct sim_resource about = meta;
    about.kind = options;
    struct sim_causes causes = {NULL};
    if (request->sim->minor < 30) {
        sim_causes_add(&causes, "FieldValueNotSupported", "dryRun",
                       "Unsupported value: []string{\"%s\"}: supported values: \"All\"", text);
    } else {
        sim_causes_add(&causes, "FieldValueNotSupported", "dryRun",
                       "Unsupported value: [\"%s\"]: supported values: \"All\"", text);
    }
    return sim_causes_finish(&causes, &about, "", status);
}

void sim_answer_json(struct sim_request *request, int code, cJSON *value)
{
    request->code = code;
    buffer_clear(&request->answer);
    sim_encode(request, &request->answer, value);
    cJSON_Delete(value);
}

void sim_answer_status(struct sim_request *request, struct sim_status *status)
{
    request->retry_after = status->retry_after;
    if (status->plain) {
        sim_answer_text(request, status->code, "text/plain; charset=utf-8", status->message);
    } else {
        sim_answer_json(request, status->code, sim_status_object(status));
    }
    sim_status_clear(status);
}

void sim_answer_text(struct sim_request *request, int code, const char *content_type,
                     const char *text)
{
    request->code = code;
    request->content_type = content_type;
    buffer_clear(&request->answer);
    buffer_append_string(&request->answer, text);
}
