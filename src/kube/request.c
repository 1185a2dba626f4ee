#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/alloc.h"
#include "base/clock.h"
#include "client_internal.h"
#include "doc/json.h"
#include "status.h"

/*
 * What is tried again by itself, after client-go (rest/with_retry.go): an answer with Retry-After,
 * 429 for every method, 5xx for reads. A 401 is tried once more if another credential can be had.
 * A lost connection is not: the caller knows better what may be repeated.
 */
enum { RETRIES = 6, RETRY_WAIT_LIMIT_MS = 30000 };

struct request {
    struct kube_client *client;
    struct request_handler handler;
    void *context;

    enum http_method method;
    char *path;
    char *accept;
    char *content_type;
    struct buffer body; /* wiped */
    int64_t timeout_ms;
    int64_t idle_timeout_ms;
    bool fresh_connection;
    bool no_retry;
    bool secret;

    struct auth_wait *wait;
    struct http_exchange *exchange;
    struct loop_timer *timer;
    unsigned serial; /* of the credential that was sent */
    int tries;
    bool renewed; /* after a 401 */
    bool broken;  /* on_chunk said stop */
    struct error failure;
};

static void destroy(struct request *request)
{
    if (request->wait != NULL) {
        auth_cancel(request->client->auth, request->wait);
    }
    http_cancel(request->exchange);
    if (request->timer != NULL) {
        loop_cancel_timer(request->client->loop, request->timer);
    }
    free(request->path);
    free(request->accept);
    free(request->content_type);
    buffer_free(&request->body);
    free(request);
}

void request_cancel(struct request *request)
{
    if (request != NULL) {
        destroy(request);
    }
}

/* Hands over the result; the request is gone when the handler runs. */
static void end(struct request *request, struct request_result *result)
{
    struct request_handler handler = request->handler;
    void *context = request->context;
    request->client->retry_after_ms = result->retry_after_ms;
    request->exchange = NULL;
    destroy(request);
    handler.on_end(context, result);
    cJSON_Delete(result->object);
}

static void fail(void *context)
{
    struct request *request = context;
    request->timer = NULL;
    struct error err = request->failure;
    struct request_result result = {.err = &err, .answered = true, .retry_after_ms = -1};
    end(request, &result);
}

static void send_again(void *context);

static void retry_after(struct request *request, int64_t wait_ms)
{
    request->exchange = NULL;
    request->tries++;
    request->timer = loop_after(request->client->loop, wait_ms, send_again, request);
}

/* Milliseconds to wait before the same request is sent again; -1: it is over. */
static int64_t retry_wait(struct request *request, const struct http_response *response)
{
    if (response->status == 401 && !request->renewed &&
        auth_rejected(request->client->auth, request->serial)) {
        request->renewed = true;
        return 0;
    }
    int64_t wait = http_response_retry_after_ms(response);
    bool read = request->method == HTTP_GET || request->method == HTTP_HEAD;
    bool may = response->status == 429 || (response->status >= 500 && read);
    if (request->no_retry || !may || wait < 0 || wait > RETRY_WAIT_LIMIT_MS ||
        request->tries >= RETRIES) {
        return -1;
    }
    return wait;
}

/* The collected body as JSON; of an error only if it is a Status. */
static cJSON *parse_body(struct request *request, const struct http_response *response,
                         struct error *err)
{
    bool good = response->status >= 200 && response->status < 300;
    if (good && request->handler.on_chunk != NULL) {
        return NULL;
    }
    struct error local = ERROR_INIT;
    cJSON *object = response->body_length == 0
                        ? NULL
                        : json_parse(response->body, response->body_length, "the answer", &local);
    if (!good) {
        if (object != NULL && !cJSON_IsObject(object)) {
            cJSON_Delete(object);
            object = NULL;
        }
        status_explain(err, response, object, request->secret);
    } else if (object == NULL) {
        if (response->body_length == 0) {
            error_set(err, ERROR_PROTOCOL, "the answer (HTTP %d) is empty", response->status);
        } else if (http_response_is(response, "text/html") || response->body[0] == '<') {
            status_explain(err, response, NULL, request->secret);
        } else if (request->secret) {
            error_set(err, ERROR_PROTOCOL, "the answer is not JSON");
        } else {
            *err = local;
        }
    }
    return object;
}

static void on_end(void *context, const struct http_response *response, const struct error *err)
{
    struct request *request = context;
    struct error failure = ERROR_INIT;
    cJSON *object = NULL;
    if (response->status != 0) {
        request->client->last_answer_ms = clock_monotonic_ms();
    }
    if (err != NULL) {
        failure = *err;
    } else {
        int64_t wait = retry_wait(request, response);
        if (wait >= 0) {
            retry_after(request, wait);
            return;
        }
        object = parse_body(request, response, &failure);
    }
    char **warnings = status_read_warnings(response);
    struct request_result result = {
        .status = response->status,
        .answered = response->status != 0 || !response->sent,
        .err = failure.kind == ERROR_NONE ? NULL : &failure,
        .object = object,
        .warnings = (const char *const *)warnings,
        .retry_after_ms = http_response_retry_after_ms(response),
    };
    end(request, &result);
    status_free_warnings(warnings);
}

static bool on_head(void *context, const struct http_response *response)
{
    struct request *request = context;
    request->client->last_answer_ms = clock_monotonic_ms();
    if (request->handler.on_head != NULL) {
        request->handler.on_head(request->context, response);
    }
    return true;
}

static bool on_chunk(void *context, const char *bytes, size_t length)
{
    struct request *request = context;
    request->client->last_answer_ms = clock_monotonic_ms();
    return request->handler.on_chunk(request->context, bytes, length);
}

enum { HEADER_LIMIT = 64 };

struct header_list {
    struct http_header items[HEADER_LIMIT];
    size_t count;
};

static void add(struct header_list *list, const char *name, const char *value)
{
    if (list->count < HEADER_LIMIT && value != NULL) {
        list->items[list->count++] = (struct http_header){name, value};
    }
}

/* Extra keys may hold anything; header names may not (client-go: headerKeyEscape). */
static char *extra_name(const char *key)
{
    struct buffer out;
    buffer_init(&out, 64 * 1024);
    buffer_append_string(&out, "Impersonate-Extra-");
    for (const unsigned char *c = (const unsigned char *)key; *c != '\0'; c++) {
        bool token = (*c >= 'a' && *c <= 'z') || (*c >= 'A' && *c <= 'Z') ||
                     (*c >= '0' && *c <= '9') || strchr("!#$&'*+-.^_`|~", *c) != NULL;
        if (token) {
            buffer_append_char(&out, (char)*c);
        } else {
            buffer_printf(&out, "%%%02X", *c);
        }
    }
    return buffer_take(&out);
}

/* Who waits longer for an answer waits longer for the connection, too: a slow link, a busy machine.
 */
static int64_t connect_time(const struct kube_config *config)
{
    return config->request_timeout_ms > HTTP_CONNECT_MS ? config->request_timeout_ms
                                                        : HTTP_CONNECT_MS;
}

static void transmit(struct request *request, const struct credential *credential)
{
    const struct kube_config *config = request->client->config;
    struct header_list headers = {.count = 0};
    char **extra = xcalloc(config->as_extra_count + 1, sizeof(*extra));
    add(&headers, "Accept", request->accept);
    add(&headers, "Impersonate-User", config->as);
    add(&headers, "Impersonate-Uid", config->as_uid);
    for (size_t i = 0; config->as_groups != NULL && config->as_groups[i] != NULL; i++) {
        add(&headers, "Impersonate-Group", config->as_groups[i]);
    }
    for (size_t i = 0; i < config->as_extra_count; i++) {
        extra[i] = extra_name(config->as_extra[i].name);
        add(&headers, extra[i], config->as_extra[i].value);
    }
    char *url = xasprintf("%s%s", config->server, request->path);
    struct http_tls tls = {.ca = config->ca,
                           .certificate = credential->certificate,
                           .key = credential->key,
                           .server_name = config->tls_server_name,
                           .insecure = config->insecure};
    struct http_request http = {
        .method = request->method,
        .url = url,
        .headers = headers.items,
        .header_count = headers.count,
        .authorization = credential->authorization,
        .content_type = request->content_type,
        .body = request->body.data,
        .body_length = request->body.length,
        .tls = &tls,
        .proxy = config->proxy,
        .no_compression = config->no_compression,
        .fresh_connection = request->fresh_connection,
        .connect_timeout_ms = connect_time(config),
        .timeout_ms = request->timeout_ms,
        .idle_timeout_ms = request->idle_timeout_ms,
        .body_limit = KUBE_BODY_LIMIT,
    };
    struct http_handler handler = {
        .on_head = on_head,
        .on_chunk = request->handler.on_chunk == NULL ? NULL : on_chunk,
        .on_end = on_end,
    };
    request->serial = credential->serial;
    request->exchange = http_send(request->client->http, &http, &handler, request);
    for (size_t i = 0; i < config->as_extra_count; i++) {
        free(extra[i]);
    }
    free(extra);
    free(url);
}

static void on_credential(void *context, const struct credential *credential,
                          const struct error *err)
{
    struct request *request = context;
    request->wait = NULL;
    if (err != NULL) {
        request->failure = *err;
        request->timer = loop_after(request->client->loop, 0, fail, request);
        return;
    }
    transmit(request, credential);
}

static void send_again(void *context)
{
    struct request *request = context;
    request->timer = NULL;
    /* Refused before a plugin runs; net refuses it besides. */
    struct auth_wait *wait = auth_get(request->client->auth, on_credential, request);
    if (wait != NULL) {
        request->wait = wait;
    }
}

struct request *request_start(struct kube_client *client, const struct request_spec *spec,
                              const struct request_handler *handler, void *context)
{
    struct request *request = xcalloc(1, sizeof(*request));
    request->client = client;
    request->handler = *handler;
    request->context = context;
    request->method = spec->method;
    request->path = xstrdup(spec->path);
    request->accept = xstrdup(spec->accept == NULL ? "application/json" : spec->accept);
    request->content_type = xstrdup_or_null(spec->content_type);
    buffer_init_secret(&request->body, spec->body_length);
    buffer_append(&request->body, spec->body, spec->body_length);
    request->timeout_ms =
        spec->timeout_ms > 0 ? spec->timeout_ms : client->config->request_timeout_ms;
    request->idle_timeout_ms = spec->idle_timeout_ms == 0  ? KUBE_IDLE_MS
                               : spec->idle_timeout_ms < 0 ? 0
                                                           : spec->idle_timeout_ms;
    request->fresh_connection = spec->fresh_connection;
    request->no_retry = spec->no_retry;
    request->secret = spec->secret;
    request->timer = loop_after(client->loop, 0, send_again, request);
    return request;
}
