#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/socket.h>

#include "base/alloc.h"
#include "base/clock.h"
#include "fault_answer.h"
#include "gzip.h"
#include "list_stream.h"
#include "peer.h"
#include "server_inside.h"
#include "watch.h"

enum {
    GZIP_OVER = 128 * 1024, /* apiserver's threshold */
    SLICE_MS = 50,          /* bandwidth is given in slices of that length */
    BLOCK = 64 * 1024,
    ANSWER_LIMIT = 1024 * 1024 * 1024,
    UPLOAD_LIMIT = SIM_BODY_LIMIT + 1,
};

enum stage { STAGE_READING, STAGE_DELAYED, STAGE_HELD, STAGE_SENDING };

/* One request and its answer. */
struct sim_exchange {
    struct sim_exchange *next;
    struct sim_server *server;
    struct MHD_Connection *connection;
    struct sim_request request;
    struct sim_fault fault;
    struct buffer body;
    char *path;
    char *method;
    enum stage stage;
    bool suspended;
    bool cut;
    struct loop_timer *timer;
    struct buffer part; /* of the answer, as it is made */
    struct buffer packed;
    struct buffer *out; /* what is being sent: part or packed */
    struct sim_gzip *gzip;
    size_t taken; /* of out */
    int64_t sent;
    int64_t cut_at; /* the end of a list that takes the server too long; -1: none */
    int64_t budget; /* bytes that the bandwidth still allows in this slice */
    bool spoilt;    /* the fault "malformed" has happened */
    bool over;      /* no part follows */
};

static void resume(struct sim_exchange *one)
{
    if (one->suspended) {
        one->suspended = false;
        MHD_resume_connection(one->connection);
        sim_daemon_poke(&one->server->daemon);
    }
}

static void suspend(struct sim_exchange *one)
{
    if (!one->suspended) {
        one->suspended = true;
        MHD_suspend_connection(one->connection);
    }
}

static void on_timer(void *context)
{
    struct sim_exchange *one = context;
    one->timer = NULL;
    resume(one);
}

static void wait_ms(struct sim_exchange *one, int64_t ms)
{
    one->timer = loop_after(one->server->sim->loop, ms, on_timer, one);
    suspend(one);
}

void sim_exchange_wake_all(struct sim_server *server, bool cut)
{
    for (struct sim_exchange *one = server->exchanges; one != NULL; one = one->next) {
        one->cut = one->cut || cut;
        resume(one);
    }
}

/* A suspended connection does not notice that its client went away. */
void sim_exchange_sweep(struct sim_server *server)
{
    for (struct sim_exchange *one = server->exchanges; one != NULL; one = one->next) {
        const union MHD_ConnectionInfo *info =
            one->suspended
                ? MHD_get_connection_info(one->connection, MHD_CONNECTION_INFO_CONNECTION_FD)
                : NULL;
        if (info == NULL) {
            continue;
        }
        struct pollfd wait = {.fd = info->connect_fd, .events = POLLRDHUP};
        if (poll(&wait, 1, 0) > 0 && (wait.revents & (POLLRDHUP | POLLHUP | POLLERR)) != 0) {
            one->cut = true;
            resume(one);
        }
    }
}

/* A reset instead of a proper end: the kernel drops what is unsent. */
static void reset_socket(struct sim_exchange *one)
{
    const union MHD_ConnectionInfo *info =
        MHD_get_connection_info(one->connection, MHD_CONNECTION_INFO_CONNECTION_FD);
    struct linger hard = {.l_onoff = 1, .l_linger = 0};
    if (info != NULL) {
        setsockopt(info->connect_fd, SOL_SOCKET, SO_LINGER, &hard, sizeof(hard));
    }
}

/* --- Reading the request
 * ------------------------------------------------------------------------------ */

static enum MHD_Result keep_header(void *context, enum MHD_ValueKind kind, const char *key,
                                   const char *value)
{
    struct map *headers = context;
    (void)kind;
    char *name = xstrdup(key);
    for (char *at = name; *at != '\0'; at++) {
        *at = (char)(*at >= 'A' && *at <= 'Z' ? *at - 'A' + 'a' : *at);
    }
    const char *before = map_get(headers, name);
    map_set(headers, name,
            before != NULL ? xasprintf("%s\n%s", before, value == NULL ? "" : value)
                           : xstrdup(value == NULL ? "" : value));
    free(name);
    return MHD_YES;
}

static enum MHD_Result keep_query(void *context, enum MHD_ValueKind kind, const char *key,
                                  const char *value)
{
    struct map *query = context;
    (void)kind;
    if (map_get(query, key) == NULL) { /* the first one counts */
        map_set(query, key, xstrdup(value == NULL ? "" : value));
    }
    return MHD_YES;
}

static struct sim_exchange *begin(struct sim_server *server, struct MHD_Connection *connection,
                                  const char *url, const char *method)
{
    struct sim_exchange *one = xcalloc(1, sizeof(*one));
    one->server = server;
    one->connection = connection;
    one->path = xstrdup(url);
    one->method = xstrdup(method);
    buffer_init_secret(&one->body, UPLOAD_LIMIT);
    buffer_init(&one->part, ANSWER_LIMIT);
    buffer_init(&one->packed, ANSWER_LIMIT);
    one->out = &one->part;
    one->cut_at = -1;
    sim_request_init(&one->request, server->sim);
    one->next = server->exchanges;
    server->exchanges = one;
    return one;
}

static void receive(struct sim_exchange *one, const char *upload, size_t length)
{
    if (!buffer_append(&one->body, upload, length) || one->body.length > SIM_BODY_LIMIT) {
        one->request.body_too_large = true;
    }
}

static void read_request(struct sim_exchange *one)
{
    struct sim_request *request = &one->request;
    MHD_get_connection_values(one->connection, MHD_HEADER_KIND, keep_header, request->headers);
    MHD_get_connection_values(one->connection, MHD_GET_ARGUMENT_KIND, keep_query, request->query);
    request->peer = sim_peer_of(one->connection);
    request->method = one->method;
    request->path = one->path;
    request->body = one->body.data == NULL ? "" : one->body.data;
    request->body_length = one->body.length;
    struct buffer url;
    buffer_init(&url, BLOCK);
    buffer_append_string(&url, one->path);
    size_t position = 0;
    const char *key;
    void *value;
    for (char mark = '?'; map_next(request->query, &position, &key, &value); mark = '&') {
        buffer_printf(&url, "%c%s=%s", mark, key, (const char *)value);
    }
    sim_faults_draw(one->server->sim->faults, one->method, url.data, &one->fault);
    buffer_free(&url);
}

/* --- The answer
 * --------------------------------------------------------------------------------------- */

/* Adds what comes next of the answer: frames that are due, a piece of a list, or all of it. False
 * when that was the last. */
static bool add_part(struct sim_exchange *one)
{
    struct sim_request *request = &one->request;
    struct buffer *part = &one->part;
    size_t before = part->length;
    bool more = false;
    if (request->watch != NULL) {
        more = sim_watch_read(request->watch, part) &&
               !(one->fault.watch_close && part->length == before);
    } else if (request->list != NULL) {
        more = sim_list_stream_read(request->list, part);
    } else {
        buffer_append(part, request->answer.data, request->answer.length);
    }
    if (one->fault.malformed && part->length > before + 2 &&
        (!one->spoilt || request->watch != NULL)) {
        one->spoilt = true;
        part->data[before + (part->length - before) / 2] = '\x01';
    }
    return more;
}

static void fill(struct sim_exchange *one)
{
    while (one->taken == one->out->length && !one->over) {
        buffer_clear(&one->part);
        buffer_clear(&one->packed);
        one->taken = 0;
        one->over = !add_part(one);
        if (one->gzip != NULL) {
            sim_gzip_add(one->gzip, &one->part, one->over, &one->packed);
        }
        if (one->request.watch != NULL) {
            return; /* nothing now may be something later */
        }
    }
}

/* How many bytes may go out now; -1: the stream is at its fault. */
static int64_t allowed(struct sim_exchange *one, int64_t wanted)
{
    const struct sim_fault *fault = &one->fault;
    int64_t stop = fault->reset_at >= 0      ? fault->reset_at
                   : fault->truncate_at >= 0 ? fault->truncate_at
                                             : one->cut_at;
    if (stop >= 0 && one->sent + wanted > stop) {
        wanted = stop - one->sent;
        if (wanted <= 0) {
            return -1;
        }
    }
    if (fault->bytes_per_second > 0 && wanted > one->budget) {
        wanted = one->budget;
    }
    return wanted;
}

static ssize_t give(void *context, uint64_t position, char *to, size_t limit)
{
    struct sim_exchange *one = context;
    (void)position;
    if (one->cut) {
        return MHD_CONTENT_READER_END_WITH_ERROR;
    }
    fill(one);
    size_t left = one->out->length - one->taken;
    if (left == 0) {
        if (one->over) {
            return MHD_CONTENT_READER_END_OF_STREAM;
        }
        suspend(one);
        return 0;
    }
    int64_t count = allowed(one, (int64_t)(left < limit ? left : limit));
    if (count < 0) {
        if (one->fault.reset_at >= 0) {
            reset_socket(one);
        }
        return one->fault.truncate_at >= 0 && one->fault.reset_at < 0
                   ? MHD_CONTENT_READER_END_OF_STREAM
                   : MHD_CONTENT_READER_END_WITH_ERROR;
    }
    if (count == 0) { /* the next slice of a narrow line */
        one->budget = one->fault.bytes_per_second * SLICE_MS / 1000 + 1;
        wait_ms(one, SLICE_MS);
        return 0;
    }
    memcpy(to, one->out->data + one->taken, (size_t)count);
    one->taken += (size_t)count;
    one->sent += count;
    one->budget -= count;
    return count;
}

static bool wants_gzip(const struct sim_exchange *one)
{
    const char *accepted = sim_request_header(&one->request, "accept-encoding");
    if (accepted == NULL || one->request.watch != NULL || one->part.length <= GZIP_OVER) {
        return false;
    }
    /* As apiserver: only the bare word counts, "gzip;q=1.0" does not. */
    while (accepted[0] != '\0') {
        accepted += strspn(accepted, " ,\t\n");
        size_t length = strcspn(accepted, " ,\t\n");
        if (length == 4 && strncmp(accepted, "gzip", 4) == 0) {
            return true;
        }
        accepted += length;
    }
    return false;
}

static void add_warnings(struct MHD_Response *response, const struct sim_request *request)
{
    for (const cJSON *one = request->warnings != NULL ? request->warnings->child : NULL;
         one != NULL; one = one->next) {
        struct buffer text;
        buffer_init(&text, BLOCK);
        buffer_append_string(&text, "299 - \"");
        for (const char *at = one->valuestring; *at != '\0'; at++) {
            if (*at == '"' || *at == '\\') {
                buffer_append_char(&text, '\\');
            }
            buffer_append_char(&text, *at == '\n' ? ' ' : *at);
        }
        buffer_append_char(&text, '"');
        MHD_add_response_header(response, "Warning", text.data);
        buffer_free(&text);
    }
}

static const char *content_type(const struct sim_request *request)
{
    if (request->content_type != NULL) {
        return request->content_type;
    }
    if (request->format.yaml) {
        return "application/yaml";
    }
    return request->format.shape == SIM_SHAPE_DISCOVERY && request->code == 200
               ? "application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList"
               : "application/json";
}

static enum MHD_Result send_answer(struct sim_exchange *one)
{
    struct sim_request *request = &one->request;
    if (one->cut || request->cut) {
        return MHD_NO;
    }
    one->stage = STAGE_SENDING;
    /* As much as it takes to know whether it is long. */
    while (request->watch == NULL && !one->over && one->part.length <= GZIP_OVER) {
        one->over = !add_part(one);
    }
    if (one->fault.times_out && strcmp(request->target.verb, "list") == 0) {
        one->cut_at = (int64_t)one->part.length / 2;
    }
    one->gzip = wants_gzip(one) ? sim_gzip_new() : NULL;
    if (one->gzip != NULL) {
        one->out = &one->packed;
        sim_gzip_add(one->gzip, &one->part, one->over, &one->packed);
    }
    /* Long answers come in chunks, as Go's server sends them. */
    bool chunked = !one->over || one->part.length > 2048;
    struct MHD_Response *response = MHD_create_response_from_callback(
        chunked || one->fault.truncate_at >= 0 ? MHD_SIZE_UNKNOWN : one->part.length, BLOCK, give,
        one, NULL);
    if (response == NULL) {
        return MHD_NO;
    }
    MHD_add_response_header(response, "Content-Type", content_type(request));
    MHD_add_response_header(response, "Cache-Control", "no-cache, private");
    if (one->gzip != NULL) {
        MHD_add_response_header(response, "Content-Encoding", "gzip");
        MHD_add_response_header(response, "Vary", "Accept-Encoding");
    }
    if (request->sim->minor >= 30) {
        char audit[37];
        sim_store_new_uid(request->sim->store, audit);
        MHD_add_response_header(response, "Audit-Id", audit);
    }
    if (request->retry_after > 0) {
        char seconds[16];
        snprintf(seconds, sizeof(seconds), "%d", request->retry_after);
        MHD_add_response_header(response, "Retry-After", seconds);
    }
    add_warnings(response, request);
    enum MHD_Result queued = MHD_queue_response(one->connection, (unsigned)request->code, response);
    MHD_destroy_response(response);
    return queued;
}

static void on_news(void *context)
{
    resume(context);
}

static void handle(struct sim_exchange *one)
{
    struct sim_request *request = &one->request;
    if (sim_fault_answer(request, &one->fault)) {
        return;
    }
    request->stale_versions = one->fault.stale_versions;
    request->expire_watch = one->fault.watch_expired;
    sim_api_handle(request);
    if (request->watch != NULL) {
        sim_watch_on_news(request->watch, on_news, one);
    }
}

enum MHD_Result sim_exchange_access(void *context, struct MHD_Connection *connection,
                                    const char *url, const char *method, const char *version,
                                    const char *upload, size_t *upload_length, void **state)
{
    struct sim_server *server = context;
    (void)version;
    struct sim_exchange *one = *state;
    if (one == NULL) {
        *state = begin(server, connection, url, method);
        return MHD_YES;
    }
    if (*upload_length > 0) {
        receive(one, upload, *upload_length);
        *upload_length = 0;
        return MHD_YES;
    }
    if (one->cut) {
        return MHD_NO;
    }
    if (one->stage == STAGE_READING) {
        read_request(one);
        one->stage = STAGE_DELAYED;
        if (one->fault.latency_ms > 0) {
            wait_ms(one, one->fault.latency_ms);
            return MHD_YES;
        }
    }
    if (one->stage == STAGE_DELAYED) {
        handle(one);
        one->stage = STAGE_HELD;
        if (one->request.hold_ms > 0) {
            wait_ms(one, one->request.hold_ms);
            return MHD_YES;
        }
    }
    return send_answer(one);
}

void sim_exchange_completed(void *context, struct MHD_Connection *connection, void **state,
                            enum MHD_RequestTerminationCode why)
{
    struct sim_server *server = context;
    struct sim_exchange *one = *state;
    (void)connection;
    (void)why;
    if (one == NULL) {
        return;
    }
    for (struct sim_exchange **link = &server->exchanges; *link != NULL; link = &(*link)->next) {
        if (*link == one) {
            *link = one->next;
            break;
        }
    }
    loop_cancel_timer(server->sim->loop, one->timer);
    sim_request_clear(&one->request);
    buffer_free(&one->body);
    buffer_free(&one->part);
    buffer_free(&one->packed);
    sim_gzip_free(one->gzip);
    free(one->path);
    free(one->method);
    cJSON_Delete(one->fault.status);
    free(one);
    *state = NULL;
}
