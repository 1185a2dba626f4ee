#ifndef NET_HTTP_H
#define NET_HTTP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"
#include "base/loop.h"

/*
 * HTTP requests on the loop, for the API server, registries and their token endpoints.
 *
 * What always holds: certificates are verified unless the request says otherwise; Authorization
 * and client certificates go to the request's own origin over https and nowhere else, also when a
 * redirect is followed; a read-only group sends GET and HEAD and refuses the rest before a
 * connection is made; the User-Agent is "pullmend/VERSION".
 */
struct http;
struct http_exchange;

struct http *http_new(struct loop *loop, bool read_only);
/* Cancels all its exchanges. NULL is allowed. */
void http_free(struct http *http);

enum http_method { HTTP_GET, HTTP_HEAD, HTTP_POST, HTTP_PUT, HTTP_PATCH, HTTP_DELETE };

const char *http_method_name(enum http_method method);

struct http_header {
    const char *name;
    const char *value;
};

/* PEM texts; NULL where there is none. */
struct http_tls {
    const char *ca;          /* trust these alone; NULL: the system's store */
    const char *certificate; /* the client's, with its chain */
    const char *key;
    const char *server_name; /* name to ask for (SNI) and to verify; NULL: the URL's host */
    bool insecure;           /* verify nothing */
};

enum { HTTP_CONNECT_MS = 10000 };

/* Everything is copied by http_send(); secrets are wiped when the exchange ends. */
struct http_request {
    enum http_method method;
    const char *url;
    const struct http_header *headers;
    size_t header_count;
    const char *authorization; /* "Bearer ..."; left out over plain http, as client-go does */
    const char *content_type;  /* of the body */
    const void *body;
    size_t body_length;
    const struct http_tls *tls; /* NULL: the system's trust, no client certificate */
    const char *proxy;          /* URL; "": none; NULL: by the environment (http_proxy_for()) */
    /* Send Authorization over plain http too: to loopback, or to a host that a person has named. */
    bool plain_authorization;
    bool no_compression;
    bool fresh_connection;      /* do not use one that is already open */
    int64_t connect_timeout_ms; /* TLS included; 0: HTTP_CONNECT_MS */
    int64_t timeout_ms;         /* the whole exchange; 0: none */
    int64_t idle_timeout_ms;    /* so long without a byte; 0: none. Whole seconds */
    int max_redirects;          /* GET and HEAD only; 0: the redirect is the answer */
    size_t body_limit;          /* of a collected body; 0: 8 MiB */
};

/* Valid during the callback only. */
struct http_response {
    int status;       /* 0 if no answer came */
    bool sent;        /* false: surely no byte of the request left */
    const char *url;  /* after redirects */
    const char *body; /* as far as it was collected; NUL-terminated; never NULL */
    size_t body_length;
    bool body_cut; /* an error's body went on after what was kept */
    int64_t duration_ms;
    int64_t received;    /* bytes of the body as they came over the wire */
    const void *headers; /* for http_response_header() */
};

/* The value of the nth (from 0) header of that name, in any case; NULL if there is none. */
const char *http_response_header(const struct http_response *response, const char *name,
                                 size_t nth);
/* Retry-After in milliseconds (seconds or an HTTP date); -1 without one. */
int64_t http_response_retry_after_ms(const struct http_response *response);
/* True if Content-Type is that media type, whatever its parameters. */
bool http_response_is(const struct http_response *response, const char *media_type);

/*
 * on_chunk gets the decoded body of a 2xx answer piece by piece; without it (and for other answers)
 * the body is collected. on_head comes before. Both may return false to end the exchange: on_end
 * then comes with ERROR_PROTOCOL "stopped", unless it was cancelled. on_end comes exactly once,
 * never from inside http_send(); err is NULL if the answer came whole, whatever its status.
 * on_head and on_chunk may be NULL. In all of them http_send() and http_cancel() are allowed, also
 * for other exchanges.
 */
struct http_handler {
    bool (*on_head)(void *context, const struct http_response *response);
    bool (*on_chunk)(void *context, const char *bytes, size_t length);
    void (*on_end)(void *context, const struct http_response *response, const struct error *err);
};

/* Errors (through on_end): ERROR_FORBIDDEN in read-only mode, ERROR_USAGE for a URL that is none,
 * ERROR_UNAVAILABLE, ERROR_TIMEOUT, ERROR_AUTH (TLS trust), ERROR_PROTOCOL. */
struct http_exchange *http_send(struct http *http, const struct http_request *request,
                                const struct http_handler *handler, void *context);
/* No callback runs after it returns. NULL is allowed. */
void http_cancel(struct http_exchange *exchange);

/*
 * For recordings. A tap sees what the exchanges of a group bring: bodies decoded, credentials
 * never. begin may return NULL: not this one. end comes once for each take, with response NULL if
 * the exchange was cancelled.
 */
struct http_tap {
    void *(*begin)(void *context, enum http_method method, const char *url);
    void (*head)(void *take, const struct http_response *response);
    void (*bytes)(void *take, const char *bytes, size_t length);
    void (*end)(void *take, const struct http_response *response, const struct error *err);
};
/* tap is copied; its context must outlive the group. NULL: none any more. */
void http_set_tap(struct http *http, const struct http_tap *tap, void *context);

/*
 * For replays. A source answers in place of the network: begin gets each request, and answers
 * later, on the loop, by http_feed_*(); cancel: no answer is wanted any more. A group with a source
 * opens no connection.
 */
struct http_source {
    void *(*begin)(void *context, struct http_exchange *exchange, enum http_method method,
                   const char *url);
    void (*cancel)(void *take);
};
void http_set_source(struct http *http, const struct http_source *source, void *context);
/* headers: "Name: value\r\n" each. False: the exchange has ended inside. */
bool http_feed_head(struct http_exchange *exchange, int status, const char *headers);
bool http_feed_bytes(struct http_exchange *exchange, const char *bytes, size_t length);
/* err NULL: the answer came whole. */
void http_feed_end(struct http_exchange *exchange, const struct error *err);
/* From now on no group without a source opens a connection: ERROR_UNAVAILABLE says why. */
void http_stay_offline(void);

/* The proxy for url by HTTPS_PROXY, HTTP_PROXY and NO_PROXY as Go reads them (loopback addresses
 * never); free() it, NULL: none. lookup is getenv() but in tests. */
char *http_proxy_for(const char *url, char *(*lookup)(const char *name));
/* True if both URLs have the same scheme, host and port. */
bool http_same_origin(const char *a, const char *b);

#endif
