#include "runner.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/text.h"
#include "fake_server.h"
#include "net/http.h"

Suite *suite_http(void);

enum { BODY_LIMIT = 1024 * 1024 };

struct scene {
    struct loop *loop;
    struct http *http;
    struct fake_server *server;
    char *url;     /* http://127.0.0.1:PORT */
    char *request; /* the last one */
    int mode;
    int status;
    int ends;
    struct error err;
    struct buffer body;
    struct http_exchange *exchange;
    struct http_exchange *other;
    char *seen; /* a header that was asked for */
    const char *wanted;
    bool sent;
};

static void on_end(void *context, const struct http_response *response, const struct error *err)
{
    struct scene *scene = context;
    scene->ends++;
    scene->status = response->status;
    scene->sent = response->sent;
    if (err != NULL) {
        scene->err = *err;
    }
    buffer_append(&scene->body, response->body, response->body_length);
    if (scene->wanted != NULL) {
        free(scene->seen);
        scene->seen = xstrdup_or_null(http_response_header(response, scene->wanted, 0));
    }
    loop_stop(scene->loop, 0);
}

static const struct http_handler plain = {.on_end = on_end};

static void set_up(struct scene *scene, fake_handler handler, bool read_only)
{
    *scene = (struct scene){.loop = loop_new()};
    buffer_init(&scene->body, BODY_LIMIT);
    scene->server = fake_server_new(scene->loop, handler, scene);
    scene->http = http_new(scene->loop, read_only);
    scene->url = xasprintf("http://127.0.0.1:%d", fake_server_port(scene->server));
}

static void tear_down(struct scene *scene)
{
    http_free(scene->http);
    fake_server_free(scene->server);
    loop_free(scene->loop);
    buffer_free(&scene->body);
    free(scene->url);
    free(scene->request);
    free(scene->seen);
}

static void get(struct scene *scene, struct http_request *request)
{
    if (request->url == NULL) {
        request->url = scene->url;
    }
    scene->exchange = http_send(scene->http, request, &plain, scene);
    ck_assert_int_eq(scene->ends, 0);
    loop_run(scene->loop);
}

static void answer_hello(void *context, struct fake_connection *connection, const char *request)
{
    struct scene *scene = context;
    free(scene->request);
    scene->request = xstrdup(request);
    fake_answer(connection, 200, "X-One: 1\r\nWarning: first\r\nwarning: second\r\n", "hello");
}

START_TEST(a_get_brings_status_headers_and_body)
{
    struct scene scene;
    set_up(&scene, answer_hello, false);
    scene.wanted = "warning";
    struct http_request request = {.method = HTTP_GET};
    get(&scene, &request);
    ck_assert_int_eq(scene.status, 200);
    ck_assert_int_eq(scene.err.kind, ERROR_NONE);
    ck_assert_str_eq(scene.body.data, "hello");
    ck_assert_str_eq(scene.seen, "first");
    ck_assert(text_find(scene.request, "\r\nUser-Agent: pullmend/") != NULL);
    ck_assert(text_find(scene.request, "\r\nAccept-Encoding: gzip\r\n") != NULL);
    tear_down(&scene);
}
END_TEST

START_TEST(no_credential_goes_over_plain_http)
{
    struct scene scene;
    set_up(&scene, answer_hello, false);
    struct http_request request = {.method = HTTP_GET, .authorization = "Bearer sesame"};
    get(&scene, &request);
    ck_assert_int_eq(scene.status, 200);
    ck_assert(text_find(scene.request, "authorization") == NULL);
    ck_assert(text_find(scene.request, "sesame") == NULL);
    tear_down(&scene);
}
END_TEST

START_TEST(a_body_is_sent_with_its_type_and_no_expect)
{
    struct scene scene;
    set_up(&scene, answer_hello, false);
    struct http_request request = {.method = HTTP_PATCH,
                                   .content_type = "application/json-patch+json",
                                   .body = "[]",
                                   .body_length = 2};
    get(&scene, &request);
    ck_assert(text_starts_with(scene.request, "PATCH / HTTP/1.1\r\n"));
    ck_assert(text_find(scene.request, "\r\nContent-Type: application/json-patch+json\r\n"));
    ck_assert(text_find(scene.request, "\r\nExpect:") == NULL);
    ck_assert(text_ends_with(scene.request, "\r\n\r\n[]"));
    tear_down(&scene);
}
END_TEST

START_TEST(a_header_value_cannot_begin_another_header)
{
    struct scene scene;
    set_up(&scene, answer_hello, false);
    struct http_header header = {"Impersonate-User", "a\r\nX-Evil: 1"};
    struct http_request request = {.method = HTTP_GET, .headers = &header, .header_count = 1};
    get(&scene, &request);
    ck_assert(text_find(scene.request, "\r\nX-Evil") == NULL);
    tear_down(&scene);
}
END_TEST

START_TEST(read_only_lets_nothing_out_but_get_and_head)
{
    static const enum http_method writing[] = {HTTP_POST, HTTP_PUT, HTTP_PATCH, HTTP_DELETE};
    for (size_t i = 0; i < ARRAY_LENGTH(writing); i++) {
        struct scene scene;
        set_up(&scene, answer_hello, true);
        struct http_request request = {.method = writing[i]};
        get(&scene, &request);
        ck_assert_int_eq(scene.err.kind, ERROR_FORBIDDEN);
        ck_assert(text_find(scene.err.message, "read-only") != NULL);
        ck_assert_int_eq(scene.status, 0);
        ck_assert(!scene.sent);
        ck_assert_int_eq(fake_server_connections(scene.server), 0);
        tear_down(&scene);
    }
    static const enum http_method reading[] = {HTTP_GET, HTTP_HEAD};
    for (size_t i = 0; i < ARRAY_LENGTH(reading); i++) {
        struct scene scene;
        set_up(&scene, answer_hello, true);
        struct http_request request = {.method = reading[i]};
        get(&scene, &request);
        ck_assert_int_eq(scene.status, 200);
        tear_down(&scene);
    }
}
END_TEST

START_TEST(a_refused_connection_says_so)
{
    struct scene scene;
    set_up(&scene, answer_hello, false);
    fake_server_stop_listening(scene.server);
    struct http_request request = {.method = HTTP_GET};
    get(&scene, &request);
    ck_assert_int_eq(scene.err.kind, ERROR_UNAVAILABLE);
    ck_assert(text_find(scene.err.message, "refused") != NULL);
    ck_assert(text_find(scene.err.message, "127.0.0.1:") != NULL);
    ck_assert(!scene.sent);
    tear_down(&scene);
}
END_TEST

START_TEST(a_name_without_an_address_says_so)
{
    struct scene scene;
    set_up(&scene, answer_hello, false);
    struct http_request request = {
        .method = HTTP_GET, .url = "http://no-such-host.invalid/", .proxy = ""};
    get(&scene, &request);
    ck_assert_int_eq(scene.err.kind, ERROR_UNAVAILABLE);
    ck_assert(text_find(scene.err.message, "no address") != NULL);
    tear_down(&scene);
}
END_TEST

START_TEST(an_address_that_is_none_is_refused)
{
    static const char *const urls[] = {"file:///etc/passwd", "ftp://x/", "nothing", ""};
    for (size_t i = 0; i < ARRAY_LENGTH(urls); i++) {
        struct scene scene;
        set_up(&scene, answer_hello, false);
        struct http_request request = {.method = HTTP_GET, .url = urls[i]};
        get(&scene, &request);
        ck_assert_int_eq(scene.err.kind, ERROR_USAGE);
        tear_down(&scene);
    }
}
END_TEST

static void speak_nonsense(void *context, struct fake_connection *connection, const char *request)
{
    struct scene *scene = context;
    (void)request;
    if (scene->mode == 0) {
        fake_send_text(connection, "SSH-2.0-OpenSSH\r\n");
    } else if (scene->mode == 1) {
        fake_send_text(connection, "HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhalf");
    } else if (scene->mode == 2) {
        fake_begin(connection, 200, "");
        fake_chunk(connection, "{\"items\":[");
    } else if (scene->mode == 4) {
        fake_reset(connection);
        return;
    }
    fake_close(connection);
}

START_TEST(cut_and_foreign_answers_are_told_apart)
{
    static const struct {
        const char *text;
        enum error_kind kind;
    } expected[] = {
        {"not answer in HTTP", ERROR_PROTOCOL},
        {"cut off in the middle", ERROR_UNAVAILABLE},
        {"cut off in the middle", ERROR_UNAVAILABLE},
        {"closed the connection without an answer", ERROR_UNAVAILABLE},
        {"closed the connection without an answer", ERROR_UNAVAILABLE},
    };
    for (size_t i = 0; i < ARRAY_LENGTH(expected); i++) {
        struct scene scene;
        set_up(&scene, speak_nonsense, false);
        scene.mode = (int)i;
        struct http_request request = {.method = HTTP_POST, .body = "x", .body_length = 1};
        get(&scene, &request);
        ck_assert_msg(text_find(scene.err.message, expected[i].text) != NULL, "%zu: %s", i,
                      scene.err.message);
        ck_assert_int_eq(scene.err.kind, expected[i].kind);
        ck_assert(scene.sent);
        tear_down(&scene);
    }
}
END_TEST

static void say_nothing(void *context, struct fake_connection *connection, const char *request)
{
    (void)context;
    (void)connection;
    (void)request;
}

START_TEST(a_server_that_takes_the_request_and_is_silent_is_a_timeout)
{
    struct scene scene;
    set_up(&scene, say_nothing, false);
    struct http_request request = {.method = HTTP_GET, .timeout_ms = 100};
    get(&scene, &request);
    ck_assert_int_eq(scene.err.kind, ERROR_TIMEOUT);
    ck_assert(text_find(scene.err.message, "did not answer in time") != NULL);
    ck_assert(scene.sent);
    tear_down(&scene);
}
END_TEST

START_TEST(a_server_that_never_begins_tls_is_explained)
{
    struct scene scene;
    set_up(&scene, say_nothing, false);
    char *url = xasprintf("https%s", scene.url + 4);
    struct http_request request = {.method = HTTP_GET, .url = url, .connect_timeout_ms = 500};
    get(&scene, &request);
    ck_assert_int_eq(scene.err.kind, ERROR_TIMEOUT);
    ck_assert_msg(text_find(scene.err.message, "does not begin TLS") != NULL, "%s",
                  scene.err.message);
    ck_assert(!scene.sent);
    free(url);
    tear_down(&scene);
}
END_TEST

START_TEST(a_proxy_gets_the_request_for_the_other_host)
{
    struct scene scene;
    set_up(&scene, answer_hello, false);
    struct http_request request = {
        .method = HTTP_GET, .url = "http://k8s.invalid/x", .proxy = scene.url};
    get(&scene, &request);
    ck_assert_int_eq(scene.status, 200);
    ck_assert(text_starts_with(scene.request, "GET http://k8s.invalid/x HTTP/1.1\r\n"));
    free(scene.request);
    scene.request = NULL;
    scene.ends = 0;
    request = (struct http_request){.method = HTTP_GET,
                                    .url = "https://k8s.invalid/x",
                                    .proxy = scene.url,
                                    .timeout_ms = 5000,
                                    .authorization = "Bearer sesame"};
    get(&scene, &request);
    ck_assert(text_starts_with(scene.request, "CONNECT k8s.invalid:443 HTTP/1.1\r\n"));
    ck_assert(text_find(scene.request, "sesame") == NULL);
    ck_assert_int_ne(scene.err.kind, ERROR_NONE);
    tear_down(&scene);
}
END_TEST

static void send_large(void *context, struct fake_connection *connection, const char *request)
{
    struct scene *scene = context;
    (void)request;
    char *body = xmalloc(100001);
    memset(body, 'x', 100000);
    body[100000] = '\0';
    fake_answer(connection, scene->mode, "", body);
    free(body);
}

START_TEST(a_good_body_over_the_limit_is_an_error_and_a_bad_one_is_cut)
{
    struct scene scene;
    set_up(&scene, send_large, false);
    scene.mode = 200;
    struct http_request request = {.method = HTTP_GET, .body_limit = 1000};
    get(&scene, &request);
    ck_assert_int_eq(scene.err.kind, ERROR_PROTOCOL);
    ck_assert(text_find(scene.err.message, "larger than 1000") != NULL);
    tear_down(&scene);

    set_up(&scene, send_large, false);
    scene.mode = 500;
    request.url = NULL;
    get(&scene, &request);
    ck_assert_int_eq(scene.err.kind, ERROR_NONE);
    ck_assert_int_eq(scene.status, 500);
    ck_assert_int_eq((int)scene.body.length, 1000);
    tear_down(&scene);
}
END_TEST

static void redirect_twice(void *context, struct fake_connection *connection, const char *request)
{
    struct scene *scene = context;
    free(scene->request);
    scene->request = xstrdup(request);
    if (text_starts_with(request, "GET /final")) {
        fake_answer(connection, 200, "", "there");
    } else if (scene->mode == 1) {
        fake_answer(connection, 302, "Location: ftp://elsewhere/\r\n", "");
    } else if (scene->mode == 2) {
        fake_answer(connection, 302, "Location: /\r\n", "");
    } else {
        char *location =
            xasprintf("Location: http://localhost:%d/final\r\n", fake_server_port(scene->server));
        fake_answer(connection, 307, location, "moved");
        free(location);
    }
}

START_TEST(a_redirect_to_another_origin_loses_what_was_for_the_first)
{
    struct scene scene;
    set_up(&scene, redirect_twice, false);
    struct http_header headers[] = {{"Accept", "text/x"}, {"Impersonate-User", "me"}};
    struct http_request request = {
        .method = HTTP_GET, .max_redirects = 3, .headers = headers, .header_count = 2, .proxy = ""};
    get(&scene, &request);
    ck_assert_msg(scene.status == 200, "%s", scene.err.message);
    ck_assert_str_eq(scene.body.data, "there");
    ck_assert(text_find(scene.request, "Accept: text/x") != NULL);
    ck_assert(text_find(scene.request, "Impersonate") == NULL);
    tear_down(&scene);
}
END_TEST

START_TEST(redirects_end_where_they_should)
{
    struct scene scene;
    set_up(&scene, redirect_twice, false);
    scene.mode = 1;
    struct http_request request = {.method = HTTP_GET, .max_redirects = 3};
    get(&scene, &request);
    ck_assert_int_eq(scene.err.kind, ERROR_PROTOCOL);
    tear_down(&scene);

    set_up(&scene, redirect_twice, false);
    scene.mode = 2;
    request.url = NULL;
    get(&scene, &request);
    ck_assert_int_eq(scene.status, 302);
    ck_assert_int_eq(fake_server_requests(scene.server), 4);
    tear_down(&scene);

    set_up(&scene, redirect_twice, false);
    request = (struct http_request){.method = HTTP_POST, .max_redirects = 3};
    get(&scene, &request);
    ck_assert_int_eq(scene.status, 307);
    tear_down(&scene);
}
END_TEST

static void stream_three(void *context, struct fake_connection *connection, const char *request)
{
    (void)context;
    (void)request;
    fake_begin(connection, 200, "");
    fake_chunk(connection, "one");
    fake_chunk(connection, "two");
    fake_chunk(connection, "three");
    fake_end(connection);
}

static bool take_chunk(void *context, const char *bytes, size_t length)
{
    struct scene *scene = context;
    buffer_append(&scene->body, bytes, length);
    return true;
}

static bool cancel_all(void *context, const char *bytes, size_t length)
{
    struct scene *scene = context;
    (void)bytes;
    (void)length;
    http_cancel(scene->other);
    http_cancel(scene->exchange);
    scene->other = scene->exchange = NULL;
    loop_stop(scene->loop, 0);
    return true;
}

static bool refuse_chunk(void *context, const char *bytes, size_t length)
{
    (void)context;
    (void)bytes;
    (void)length;
    return false;
}

START_TEST(chunks_come_one_after_the_other)
{
    struct scene scene;
    set_up(&scene, stream_three, false);
    struct http_request request = {.method = HTTP_GET, .url = scene.url};
    struct http_handler handler = {.on_chunk = take_chunk, .on_end = on_end};
    http_send(scene.http, &request, &handler, &scene);
    loop_run(scene.loop);
    ck_assert_str_eq(scene.body.data, "onetwothree");
    ck_assert_int_eq(scene.err.kind, ERROR_NONE);
    tear_down(&scene);
}
END_TEST

START_TEST(cancelling_oneself_and_others_inside_a_chunk_is_safe)
{
    struct scene scene;
    set_up(&scene, stream_three, false);
    struct http_request request = {.method = HTTP_GET, .url = scene.url};
    struct http_handler handler = {.on_chunk = cancel_all, .on_end = on_end};
    scene.exchange = http_send(scene.http, &request, &handler, &scene);
    scene.other = http_send(scene.http, &request, &handler, &scene);
    loop_run(scene.loop);
    for (int i = 0; i < 5; i++) {
        loop_step(scene.loop, 0);
    }
    ck_assert_int_eq(scene.ends, 0);
    tear_down(&scene);
}
END_TEST

START_TEST(a_chunk_that_is_refused_ends_the_exchange)
{
    struct scene scene;
    set_up(&scene, stream_three, false);
    struct http_request request = {.method = HTTP_GET, .url = scene.url};
    struct http_handler handler = {.on_chunk = refuse_chunk, .on_end = on_end};
    http_send(scene.http, &request, &handler, &scene);
    loop_run(scene.loop);
    ck_assert_int_eq(scene.err.kind, ERROR_PROTOCOL);
    ck_assert_str_eq(scene.err.message, "stopped");
    tear_down(&scene);
}
END_TEST

START_TEST(freeing_the_group_ends_everything_without_a_callback)
{
    struct scene scene;
    set_up(&scene, say_nothing, false);
    struct http_request request = {.method = HTTP_GET, .url = scene.url};
    http_send(scene.http, &request, &plain, &scene);
    while (fake_server_requests(scene.server) == 0) {
        loop_step(scene.loop, 1000);
    }
    http_send(scene.http, &request, &plain, &scene);
    http_free(scene.http);
    scene.http = NULL;
    loop_step(scene.loop, 0);
    ck_assert_int_eq(scene.ends, 0);
    tear_down(&scene);
}
END_TEST

static void ask_for_patience(void *context, struct fake_connection *connection, const char *request)
{
    (void)context;
    (void)request;
    fake_answer(connection, 429, "Retry-After: 7\r\nContent-Type: text/plain; charset=utf-8\r\n",
                "Too many requests");
}

static void check_patience(void *context, const struct http_response *response,
                           const struct error *err)
{
    struct scene *scene = context;
    ck_assert_ptr_null(err);
    ck_assert_int_eq((int)http_response_retry_after_ms(response), 7000);
    ck_assert(http_response_is(response, "text/plain"));
    ck_assert(!http_response_is(response, "text/plai"));
    ck_assert(!http_response_is(response, "application/json"));
    loop_stop(scene->loop, 0);
}

START_TEST(retry_after_and_content_type_are_read)
{
    struct scene scene;
    set_up(&scene, ask_for_patience, false);
    struct http_request request = {.method = HTTP_GET, .url = scene.url};
    struct http_handler handler = {.on_end = check_patience};
    http_send(scene.http, &request, &handler, &scene);
    loop_run(scene.loop);
    tear_down(&scene);
}
END_TEST

Suite *suite_http(void)
{
    const TTest *tests[] = {a_get_brings_status_headers_and_body,
                            no_credential_goes_over_plain_http,
                            a_body_is_sent_with_its_type_and_no_expect,
                            a_header_value_cannot_begin_another_header,
                            read_only_lets_nothing_out_but_get_and_head,
                            a_refused_connection_says_so,
                            a_name_without_an_address_says_so,
                            an_address_that_is_none_is_refused,
                            cut_and_foreign_answers_are_told_apart,
                            a_server_that_takes_the_request_and_is_silent_is_a_timeout,
                            a_server_that_never_begins_tls_is_explained,
                            a_proxy_gets_the_request_for_the_other_host,
                            a_good_body_over_the_limit_is_an_error_and_a_bad_one_is_cut,
                            a_redirect_to_another_origin_loses_what_was_for_the_first,
                            redirects_end_where_they_should,
                            chunks_come_one_after_the_other,
                            cancelling_oneself_and_others_inside_a_chunk_is_safe,
                            a_chunk_that_is_refused_ends_the_exchange,
                            freeing_the_group_ends_everything_without_a_callback,
                            retry_after_and_content_type_are_read,
                            NULL};
    return suite_of("http", tests);
}
