#include "net/http.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/alloc.h"
#include "base/clock.h"
#include "base/log.h"
#include "base/secret.h"
#include "exchange.h"

struct http {
    struct loop *loop;
    bool read_only;
    struct http_tap tap;
    void *tap_context;
    struct http_source source;
    void *source_context;
    struct http_exchange *exchanges;
};

static bool offline;

/* How many callbacks of libcurl are on the stack. Handles must not be added to the loop or taken
 * out of it meanwhile; both are put off by a timer. One loop a program, so one counter. */
static int curl_depth;
/* Those that were cancelled under it. A timer frees them, or the end of a group if no round of the
 * loop comes before. */
static struct http_exchange *graveyard;

struct http *http_new(struct loop *loop, bool read_only)
{
    struct http *http = xcalloc(1, sizeof(*http));
    http->loop = loop;
    http->read_only = read_only;
    return http;
}

void http_set_tap(struct http *http, const struct http_tap *tap, void *context)
{
    http->tap = tap == NULL ? (struct http_tap){0} : *tap;
    http->tap_context = context;
}

void http_set_source(struct http *http, const struct http_source *source, void *context)
{
    http->source = *source;
    http->source_context = context;
}

void http_stay_offline(void)
{
    offline = true;
}

static void destroy(void *context);

void http_free(struct http *http)
{
    if (http == NULL) {
        return;
    }
    while (http->exchanges != NULL) {
        struct http_exchange *exchange = http->exchanges;
        http->exchanges = exchange->next;
        exchange->http = NULL;
        http_cancel(exchange);
    }
    free(http);
    while (curl_depth == 0 && graveyard != NULL) {
        loop_cancel_timer(graveyard->loop, graveyard->timer);
        destroy(graveyard);
    }
}

const char *http_method_name(enum http_method method)
{
    static const char *const names[] = {"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE"};
    return names[method];
}

static void unlink_from(struct http_exchange **link, struct http_exchange *exchange)
{
    while (*link != NULL && *link != exchange) {
        link = &(*link)->next;
    }
    if (*link == exchange) {
        *link = exchange->next;
    }
}

static void unlink_exchange(struct http_exchange *exchange)
{
    if (exchange->http != NULL) {
        unlink_from(&exchange->http->exchanges, exchange);
        exchange->http = NULL;
    }
}

static void destroy(void *context)
{
    struct http_exchange *exchange = context;
    unlink_exchange(exchange);
    unlink_from(&graveyard, exchange);
    if (exchange->running) {
        loop_remove_transfer(exchange->loop, exchange->easy);
    }
    exchange_tap_end(exchange, NULL, NULL);
    curl_easy_cleanup(exchange->easy);
    exchange_free_lists(exchange);
    for (size_t i = 0; i < exchange->header_count; i++) {
        free((void *)(uintptr_t)exchange->headers[i].name);
        free((void *)(uintptr_t)exchange->headers[i].value);
    }
    free(exchange->headers);
    free(exchange->url);
    secret_free_string(exchange->authorization);
    free(exchange->content_type);
    buffer_free(&exchange->body);
    free(exchange->ca);
    free(exchange->certificate);
    secret_free_string(exchange->key);
    free(exchange->server_name);
    free(exchange->via);
    secret_free_string(exchange->proxy);
    buffer_free(&exchange->raw_headers);
    buffer_free(&exchange->answer);
    free(exchange);
}

static int64_t transfer_bytes(const struct http_exchange *exchange)
{
    curl_off_t bytes = 0;
    if (exchange->easy != NULL) {
        curl_easy_getinfo(exchange->easy, CURLINFO_SIZE_DOWNLOAD_T, &bytes);
    }
    return (int64_t)bytes;
}

struct http_response exchange_describe(const struct http_exchange *exchange)
{
    long request_size = 0;
    if (exchange->easy != NULL) {
        curl_easy_getinfo(exchange->easy, CURLINFO_REQUEST_SIZE, &request_size);
    }
    return (struct http_response){
        .status = exchange->status,
        .sent = exchange->status != 0 || request_size > 0,
        .url = exchange->url,
        .body = exchange->answer.data,
        .body_length = exchange->answer.length,
        .body_cut = exchange->body_cut,
        .duration_ms = clock_monotonic_ms() - exchange->started_ms,
        .received = transfer_bytes(exchange),
        .headers = exchange,
    };
}

static void trace(const struct http_exchange *exchange, const struct error *err)
{
    if (log_level() < LOG_DEBUG) {
        return;
    }
    char *origin = url_origin(exchange->url);
    char *path = url_path(exchange->url);
    struct http_response response = exchange_describe(exchange);
    const char *audit = http_response_header(&response, "Audit-Id", 0);
    log_message(LOG_DEBUG, "%s %s%s -> %d, %lld ms, %lld bytes%s%s%s%s",
                http_method_name(exchange->method), origin, path, response.status,
                (long long)response.duration_ms, (long long)response.received,
                audit == NULL ? "" : ", audit id ", audit == NULL ? "" : audit,
                err == NULL ? "" : ": ", err == NULL ? "" : err->message);
    free(origin);
    free(path);
}

void exchange_finish(struct http_exchange *exchange, const struct error *err)
{
    unlink_exchange(exchange);
    exchange->ended = true;
    trace(exchange, err);
    struct http_response response = exchange_describe(exchange);
    exchange_tap_end(exchange, &response, err);
    exchange->handler.on_end(exchange->context, &response, err);
    destroy(exchange);
}

static bool follows_redirect(const struct http_exchange *exchange)
{
    return exchange->redirects_left > 0 &&
           (exchange->method == HTTP_GET || exchange->method == HTTP_HEAD) &&
           (exchange->status == 301 || exchange->status == 302 || exchange->status == 303 ||
            exchange->status == 307 || exchange->status == 308);
}

void exchange_guard(bool on)
{
    curl_depth += on ? 1 : -1;
}

/* Once a final answer's headers are complete. False ends the transfer. */
bool exchange_give_head(struct http_exchange *exchange)
{
    if (exchange->head_given) {
        return true;
    }
    if (!exchange->played) {
        long status = 0;
        curl_easy_getinfo(exchange->easy, CURLINFO_RESPONSE_CODE, &status);
        if (status < 200) {
            return true;
        }
        exchange->status = (int)status;
    }
    exchange->head_given = true;
    exchange_tap_head(exchange);
    if (follows_redirect(exchange) || exchange->handler.on_head == NULL) {
        return true;
    }
    struct http_response response = exchange_describe(exchange);
    if (!exchange->handler.on_head(exchange->context, &response)) {
        exchange->stopped = true;
        return false;
    }
    return !exchange->cancelled;
}

static size_t on_header(char *bytes, size_t size, size_t count, void *context)
{
    struct http_exchange *exchange = context;
    size_t length = size * count;
    if (exchange->cancelled) {
        return 0;
    }
    if (length > 5 && memcmp(bytes, "HTTP/", 5) == 0) {
        buffer_clear(&exchange->raw_headers); /* those of a 100 Continue */
    }
    if (!buffer_append(&exchange->raw_headers, bytes, length)) {
        return 0;
    }
    bool at_end = length > 0 && (bytes[0] == '\r' || bytes[0] == '\n');
    curl_depth++;
    bool go_on = !at_end || exchange_give_head(exchange);
    curl_depth--;
    return go_on ? length : 0;
}

bool exchange_take_chunk(struct http_exchange *exchange, const char *bytes, size_t length)
{
    if (follows_redirect(exchange)) {
        return true;
    }
    exchange_tap_bytes(exchange, bytes, length);
    bool good = exchange->status >= 200 && exchange->status < 300;
    if (good && exchange->handler.on_chunk != NULL) {
        if (!exchange->handler.on_chunk(exchange->context, bytes, length)) {
            exchange->stopped = true;
            return false;
        }
        return !exchange->cancelled;
    }
    size_t room = exchange->answer.limit - exchange->answer.length;
    if (length <= room) {
        return buffer_append(&exchange->answer, bytes, length);
    }
    if (good) {
        exchange->too_large = true;
        return false;
    }
    buffer_append(&exchange->answer, bytes, room);
    exchange->body_cut = true;
    return true;
}

static size_t on_body(char *bytes, size_t size, size_t count, void *context)
{
    struct http_exchange *exchange = context;
    size_t length = size * count;
    if (exchange->cancelled || exchange->stopped) {
        return 0;
    }
    if (loop_must_pause(exchange->loop, exchange->easy)) {
        return CURL_WRITEFUNC_PAUSE;
    }
    curl_depth++;
    bool go_on = exchange_take_chunk(exchange, bytes, length);
    curl_depth--;
    return go_on ? length : 0;
}

static void begin(void *context);

/* Goes to the address in Location; false (err set) if it may not. */
static bool redirect(struct http_exchange *exchange, struct error *err)
{
    struct http_response response = exchange_describe(exchange);
    const char *location = http_response_header(&response, "Location", 0);
    if (location == NULL) {
        return error_set(err, ERROR_PROTOCOL, "a redirect (HTTP %d) without Location",
                         exchange->status);
    }
    char *target = exchange_redirect_target(exchange, location, err);
    if (target == NULL) {
        return false;
    }
    if (!http_same_origin(exchange->url, target)) {
        /* Credentials are for their origin only. Of the headers, Accept says nothing of anyone. */
        secret_free_string(exchange->authorization);
        secret_free_string(exchange->key);
        free(exchange->certificate);
        free(exchange->server_name);
        exchange->authorization = NULL;
        exchange->key = NULL;
        exchange->certificate = NULL;
        exchange->server_name = NULL;
        for (size_t i = 0; i < exchange->header_count; i++) {
            if (strcasecmp(exchange->headers[i].name, "Accept") != 0) {
                free((void *)(uintptr_t)exchange->headers[i].value);
                exchange->headers[i].value = NULL;
            }
        }
    }
    free(exchange->url);
    exchange->url = target;
    exchange->redirects_left--;
    curl_easy_cleanup(exchange->easy);
    exchange->easy = NULL;
    exchange_free_lists(exchange);
    exchange->timer = loop_after(exchange->loop, 0, begin, exchange);
    return true;
}

static void on_transfer(void *context, CURL *easy, CURLcode result)
{
    struct http_exchange *exchange = context;
    struct error err = ERROR_INIT;
    (void)easy;
    exchange->running = false;
    if (exchange->timer != NULL) {
        loop_cancel_timer(exchange->loop, exchange->timer);
        exchange->timer = NULL;
    }
    if (exchange->cancelled) {
        destroy(exchange);
        return;
    }
    if (result == CURLE_OK && follows_redirect(exchange)) {
        trace(exchange, NULL);
        if (!redirect(exchange, &err)) {
            exchange_finish(exchange, &err);
        }
        return;
    }
    if (result == CURLE_OK) {
        exchange_finish(exchange, NULL);
        return;
    }
    exchange_explain(exchange, result, &err);
    exchange_finish(exchange, &err);
}

/* The one place where a request leaves the program. */
static bool start(struct http_exchange *exchange, struct error *err)
{
    if (exchange->http != NULL && exchange->http->read_only && exchange->method != HTTP_GET &&
        exchange->method != HTTP_HEAD) {
        return error_set(err, ERROR_FORBIDDEN,
                         "%s is refused: pullmend runs read-only and sends nothing that writes",
                         http_method_name(exchange->method));
    }
    if (exchange->http != NULL && exchange->http->source.begin != NULL) {
        exchange->played = true;
        exchange->cancel_play = exchange->http->source.cancel;
        exchange->play = exchange->http->source.begin(exchange->http->source_context, exchange,
                                                      exchange->method, exchange->url);
        return true;
    }
    if (offline) {
        return error_set(err, ERROR_UNAVAILABLE,
                         "a recording is replayed: no connection is made to %.200s", exchange->url);
    }
    exchange->easy = curl_easy_init();
    if (exchange->easy == NULL) {
        return error_set(err, ERROR_INTERNAL, "libcurl gives no more handles");
    }
    if (!exchange_set_options(exchange, err)) {
        return false;
    }
    curl_easy_setopt(exchange->easy, CURLOPT_HEADERFUNCTION, on_header);
    curl_easy_setopt(exchange->easy, CURLOPT_HEADERDATA, exchange);
    curl_easy_setopt(exchange->easy, CURLOPT_WRITEFUNCTION, on_body);
    curl_easy_setopt(exchange->easy, CURLOPT_WRITEDATA, exchange);
    exchange->running =
        loop_add_transfer(exchange->loop, exchange->easy, on_transfer, exchange, err);
    return exchange->running;
}

static void begin(void *context)
{
    struct http_exchange *exchange = context;
    struct error err = ERROR_INIT;
    exchange->timer = NULL;
    exchange->status = 0;
    exchange->head_given = false;
    buffer_clear(&exchange->raw_headers);
    buffer_clear(&exchange->answer);
    exchange->started_ms = clock_monotonic_ms();
    if (exchange->http != NULL && exchange->take == NULL) {
        exchange_tap_begin(exchange, &exchange->http->tap, exchange->http->tap_context);
    }
    if (!start(exchange, &err)) {
        exchange_finish(exchange, &err);
    }
}

static void copy_headers(struct http_exchange *exchange, const struct http_request *request)
{
    exchange->header_count = request->header_count;
    if (request->header_count == 0) {
        return;
    }
    exchange->headers = xcalloc(request->header_count, sizeof(*exchange->headers));
    for (size_t i = 0; i < request->header_count; i++) {
        exchange->headers[i].name = xstrdup(request->headers[i].name);
        exchange->headers[i].value = xstrdup_or_null(request->headers[i].value);
    }
}

static void copy_tls(struct http_exchange *exchange, const struct http_tls *tls)
{
    if (tls == NULL) {
        return;
    }
    exchange->ca = xstrdup_or_null(tls->ca);
    exchange->certificate = xstrdup_or_null(tls->certificate);
    exchange->key = xstrdup_or_null(tls->key);
    exchange->server_name = xstrdup_or_null(tls->server_name);
    exchange->insecure = tls->insecure;
}

struct http_exchange *http_send(struct http *http, const struct http_request *request,
                                const struct http_handler *handler, void *context)
{
    struct http_exchange *exchange = xcalloc(1, sizeof(*exchange));
    exchange->http = http;
    exchange->loop = http->loop;
    exchange->handler = *handler;
    exchange->context = context;
    exchange->method = request->method;
    exchange->url = xstrdup(request->url);
    copy_headers(exchange, request);
    exchange->authorization = xstrdup_or_null(request->authorization);
    exchange->content_type = xstrdup_or_null(request->content_type);
    buffer_init_secret(&exchange->body, request->body_length);
    buffer_append(&exchange->body, request->body, request->body_length);
    copy_tls(exchange, request->tls);
    exchange->proxy = xstrdup_or_null(request->proxy);
    exchange->plain_authorization = request->plain_authorization;
    exchange->no_compression = request->no_compression;
    exchange->fresh_connection = request->fresh_connection;
    exchange->connect_timeout_ms =
        request->connect_timeout_ms > 0 ? request->connect_timeout_ms : HTTP_CONNECT_MS;
    exchange->timeout_ms = request->timeout_ms;
    exchange->idle_timeout_ms = request->idle_timeout_ms;
    exchange->redirects_left = request->max_redirects;
    exchange->body_limit = request->body_limit > 0 ? request->body_limit : EXCHANGE_BODY_LIMIT;
    buffer_init(&exchange->raw_headers, EXCHANGE_HEADER_LIMIT);
    buffer_init_secret(&exchange->answer, exchange->body_limit);
    exchange->next = http->exchanges;
    http->exchanges = exchange;
    exchange->timer = loop_after(exchange->loop, 0, begin, exchange);
    return exchange;
}

void http_cancel(struct http_exchange *exchange)
{
    if (exchange == NULL || exchange->ended || exchange->cancelled) {
        return;
    }
    exchange->cancelled = true;
    if (exchange->timer != NULL) {
        loop_cancel_timer(exchange->loop, exchange->timer);
        exchange->timer = NULL;
    }
    if (exchange->play != NULL) {
        exchange->cancel_play(exchange->play);
        exchange->play = NULL;
    }
    unlink_exchange(exchange);
    if (curl_depth > 0 && (exchange->running || exchange->played)) {
        exchange->next = graveyard;
        graveyard = exchange;
        exchange->timer = loop_after(exchange->loop, 0, destroy, exchange);
        return;
    }
    destroy(exchange);
}
