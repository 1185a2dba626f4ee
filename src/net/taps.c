#include "exchange.h"

/* Recordings listen here, and replays answer here. */

void exchange_tap_begin(struct http_exchange *exchange, const struct http_tap *tap, void *context)
{
    if (tap->begin != NULL) {
        exchange->tap = *tap;
        exchange->take = tap->begin(context, exchange->method, exchange->url);
    }
}

void exchange_tap_head(struct http_exchange *exchange)
{
    if (exchange->take != NULL) {
        struct http_response response = exchange_describe(exchange);
        exchange->tap.head(exchange->take, &response);
    }
}

void exchange_tap_bytes(struct http_exchange *exchange, const char *bytes, size_t length)
{
    if (exchange->take != NULL) {
        exchange->tap.bytes(exchange->take, bytes, length);
    }
}

void exchange_tap_end(struct http_exchange *exchange, const struct http_response *response,
                      const struct error *err)
{
    if (exchange->take != NULL) {
        exchange->tap.end(exchange->take, response, err);
        exchange->take = NULL;
    }
}

bool http_feed_head(struct http_exchange *exchange, int status, const char *headers)
{
    exchange->status = status;
    buffer_clear(&exchange->raw_headers);
    buffer_append_string(&exchange->raw_headers, headers);
    exchange_guard(true);
    bool go_on = exchange_give_head(exchange);
    exchange_guard(false);
    return go_on && !exchange->cancelled;
}

bool http_feed_bytes(struct http_exchange *exchange, const char *bytes, size_t length)
{
    exchange_guard(true);
    bool go_on = exchange_take_chunk(exchange, bytes, length);
    exchange_guard(false);
    if (exchange->cancelled) {
        return false;
    }
    if (!go_on) {
        struct error err = ERROR_INIT;
        error_set(&err, ERROR_PROTOCOL, "stopped");
        http_feed_end(exchange, &err);
    }
    return go_on;
}

void http_feed_end(struct http_exchange *exchange, const struct error *err)
{
    exchange->play = NULL;
    exchange_finish(exchange, err);
}
