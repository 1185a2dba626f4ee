#ifndef NET_EXCHANGE_H
#define NET_EXCHANGE_H

#include <curl/curl.h>

#include "base/buffer.h"
#include "net/http.h"

/* What the files of this room share about one exchange; not for other rooms. */

enum { EXCHANGE_HEADER_LIMIT = 256 * 1024, EXCHANGE_BODY_LIMIT = 8 * 1024 * 1024 };

struct http_exchange {
    struct http_exchange *next;
    struct http *http; /* NULL once the group is gone */
    struct loop *loop;
    struct http_tap tap;
    struct http_handler handler;
    void *context;

    /* The request, owned. */
    enum http_method method;
    char *url;
    struct http_header *headers;
    size_t header_count;
    char *authorization; /* wiped */
    char *content_type;
    struct buffer body; /* wiped */
    char *ca;
    char *certificate;
    char *key; /* wiped */
    char *server_name;
    bool insecure;
    char *proxy;
    bool plain_authorization;
    bool no_compression;
    bool fresh_connection;
    int64_t connect_timeout_ms;
    int64_t timeout_ms;
    int64_t idle_timeout_ms;
    int redirects_left;
    size_t body_limit;

    /* The transfer. */
    CURL *easy; /* NULL until it begins */
    struct curl_slist *header_list;
    struct curl_slist *connect_to;
    char *via;                /* "host:port" of the proxy in use; NULL: none */
    struct loop_timer *timer; /* begin or destroy; one at a time */
    bool running;
    bool played; /* by a source, in place of the network */
    void *take;  /* the tap's */
    void *play;  /* the source's; NULL once it is done or called off */
    void (*cancel_play)(void *play);
    bool cancelled;
    bool ended;
    bool stopped; /* a callback returned false */
    char curl_error[CURL_ERROR_SIZE];
    int64_t started_ms;

    /* The answer. */
    int status;
    bool head_given;
    bool too_large;
    struct buffer raw_headers;
    struct buffer answer; /* wiped */
    bool body_cut;
};

/* taps.c: to the group's tap, if it has one. */
void exchange_tap_begin(struct http_exchange *exchange, const struct http_tap *tap, void *context);
void exchange_tap_head(struct http_exchange *exchange);
void exchange_tap_bytes(struct http_exchange *exchange, const char *bytes, size_t length);
void exchange_tap_end(struct http_exchange *exchange, const struct http_response *response,
                      const struct error *err);
/* http.c: what a transfer brings goes through these. */
struct http_response exchange_describe(const struct http_exchange *exchange);
bool exchange_give_head(struct http_exchange *exchange);
bool exchange_take_chunk(struct http_exchange *exchange, const char *bytes, size_t length);
void exchange_finish(struct http_exchange *exchange, const struct error *err);
/* Around calls of the handler: an exchange that is cancelled meanwhile is freed later. */
void exchange_guard(bool on);
/* Sets every option of exchange->easy from the request. */
bool exchange_set_options(struct http_exchange *exchange, struct error *err);
/* Frees the lists that the options point to; wipes what is secret in them. */
void exchange_free_lists(struct http_exchange *exchange);
/* Turns the end of a transfer that failed into a sentence. */
void exchange_explain(const struct http_exchange *exchange, CURLcode code, struct error *err);
/* The address that Location names, if it may be followed; NULL with err set if it may not. */
char *exchange_redirect_target(const struct http_exchange *exchange, const char *location,
                               struct error *err);
/* "https://host:port" of a URL without credentials, path and query; free() it. */
char *url_origin(const char *url);
/* "host:port" of a URL; free() it. */
char *url_host_port(const char *url);
/* Path and query of a URL, for the trace; free() it. */
char *url_path(const char *url);

#endif
