#include "api.h"

#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "doc/json.h"
#include "list_stream.h"
#include "server_inside.h"
#include "watch.h"

enum { TEXT_LIMIT = 8 * 1024 * 1024 };

struct sim *api_new(int minor)
{
    struct error err = ERROR_INIT;
    struct sim_options options = {.minor = minor, .seed = 7};
    struct sim_server_options server = {.port = 0};
    struct sim *sim = sim_new(loop_new(), &options);
    ck_assert_msg(sim_server_start(sim, &server, &err), "%s", err.message);
    must(sim, "POST", "/api/v1/namespaces", NULL, "{'metadata':{'name':'rec'}}");
    must(sim, "POST", "/api/v1/namespaces/rec/serviceaccounts", NULL,
         "{'metadata':{'name':'default'}}");
    return sim;
}

void api_free(struct sim *sim)
{
    struct loop *loop = sim->loop;
    sim_free(sim);
    loop_free(loop);
}

static char *with_quotes(const char *text)
{
    char *copy = xstrdup(text == NULL ? "" : text);
    for (char *at = copy; *at != '\0'; at++) {
        *at = *at == '\'' ? '"' : *at;
    }
    return copy;
}

static char *decoded(const char *text, size_t length)
{
    char *out = xmalloc(length + 1);
    size_t count = 0;
    for (size_t i = 0; i < length; i++) {
        if (text[i] == '%' && i + 2 < length) {
            char hex[3] = {text[i + 1], text[i + 2], '\0'};
            out[count++] = (char)strtol(hex, NULL, 16);
            i += 2;
        } else {
            out[count++] = text[i];
        }
    }
    out[count] = '\0';
    return out;
}

static void read_query(struct map *query, const char *at)
{
    while (*at != '\0') {
        size_t length = strcspn(at, "&");
        size_t name = strcspn(at, "=&");
        char *key = decoded(at, name < length ? name : length);
        map_set(query, key,
                name < length ? decoded(at + name + 1, length - name - 1) : xstrdup(""));
        free(key);
        at += length + (at[length] == '&' ? 1 : 0);
    }
}

static void ask_with(struct sim *sim, struct answer *answer, const char *token, const char *accept,
                     const char *method, const char *url, const char *type, const char *text)
{
    memset(answer, 0, sizeof(*answer));
    struct sim_request *request = &answer->request;
    sim_request_init(request, sim);
    buffer_init(&answer->raw, TEXT_LIMIT);
    size_t length = strcspn(url, "?");
    char *path = xstrndup(url, length);
    char *body = with_quotes(text);
    read_query(request->query, url + length + (url[length] == '?' ? 1 : 0));
    map_set(request->headers, "authorization", xasprintf("Bearer %s", token));
    map_set(request->headers, "content-type", xstrdup(type == NULL ? "application/json" : type));
    map_set(request->headers, "user-agent", xstrdup("test"));
    if (accept != NULL) {
        map_set(request->headers, "accept", xstrdup(accept));
    }
    request->method = method;
    request->path = path;
    request->body = body;
    request->body_length = strlen(body);
    sim_api_handle(request);
    answer->code = request->code;
    answer->retry_after = request->retry_after;
    answer->type = request->content_type == NULL ? "application/json" : request->content_type;
    if (request->list != NULL) {
        while (sim_list_stream_read(request->list, &request->answer)) {
        }
    }
    if (request->watch == NULL) {
        buffer_append(&answer->raw, request->answer.data, request->answer.length);
        answer->body = cJSON_Parse(answer->raw.data);
    }
    request->path = "";
    request->body = "";
    free(path);
    free(body);
}

void ask(struct sim *sim, struct answer *answer, const char *method, const char *url,
         const char *type, const char *text)
{
    ask_with(sim, answer, sim->server->admin_token, NULL, method, url, type, text);
}

void ask_as_viewer(struct sim *sim, struct answer *answer, const char *method, const char *url,
                   const char *type, const char *text)
{
    ask_with(sim, answer, sim->server->viewer_token, NULL, method, url, type, text);
}

void ask_for(struct sim *sim, struct answer *answer, const char *url, const char *accept)
{
    ask_with(sim, answer, sim->server->admin_token, accept, "GET", url, NULL, NULL);
}

void open_list(struct sim *sim, struct sim_request *request, const char *path)
{
    sim_request_init(request, sim);
    map_set(request->headers, "authorization", xasprintf("Bearer %s", sim->server->admin_token));
    request->path = path;
    sim_api_handle(request);
    ck_assert_ptr_nonnull(request->list);
}

bool hear(struct answer *answer)
{
    buffer_clear(&answer->raw);
    return sim_watch_read(answer->request.watch, &answer->raw);
}

void forget(struct answer *answer)
{
    cJSON_Delete(answer->body);
    buffer_free(&answer->raw);
    sim_request_clear(&answer->request);
}

void must(struct sim *sim, const char *method, const char *url, const char *type, const char *text)
{
    struct answer answer;
    ask(sim, &answer, method, url, type, text);
    ck_assert_msg(answer.code >= 200 && answer.code < 300, "%s %s: %d %s", method, url, answer.code,
                  answer.raw.data);
    forget(&answer);
}

const char *said(const struct answer *answer, const char *path)
{
    const cJSON *value = answer->body;
    while (value != NULL && *path != '\0') {
        char name[64];
        size_t length = strcspn(path, ".");
        snprintf(name, sizeof(name), "%.*s", (int)length, path);
        value = cJSON_IsArray(value) ? cJSON_GetArrayItem(value, (int)strtol(name, NULL, 10))
                                     : json_member(value, name);
        path += length + (path[length] == '.' ? 1 : 0);
    }
    return cJSON_IsString(value) ? value->valuestring : "";
}
