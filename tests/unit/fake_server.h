#ifndef TESTS_FAKE_SERVER_H
#define TESTS_FAKE_SERVER_H

#include <stdbool.h>
#include <stddef.h>

#include "base/buffer.h"
#include "base/loop.h"

/*
 * A plain HTTP server on 127.0.0.1 that runs on the test's own loop and answers byte for byte as
 * the test says. It knows nothing of HTTP but where a request ends.
 */
struct fake_server;
struct fake_connection;

/* request: the whole request with head and body. */
typedef void (*fake_handler)(void *context, struct fake_connection *connection,
                             const char *request);

struct fake_server *fake_server_new(struct loop *loop, fake_handler handler, void *context);
void fake_server_free(struct fake_server *server);
int fake_server_port(const struct fake_server *server);
/* How many requests came in, and how many connections. */
int fake_server_requests(const struct fake_server *server);
int fake_server_connections(const struct fake_server *server);
/* No new connections from now on; the old ones are closed. */
void fake_server_stop_listening(struct fake_server *server);

void fake_send(struct fake_connection *connection, const char *bytes, size_t length);
void fake_send_text(struct fake_connection *connection, const char *text);
/* A whole answer with Content-Length; headers: "Name: value\r\n..." or "". */
void fake_answer(struct fake_connection *connection, int status, const char *headers,
                 const char *body);
/* The head of a chunked answer, a chunk, the last chunk. */
void fake_begin(struct fake_connection *connection, int status, const char *headers);
void fake_chunk(struct fake_connection *connection, const char *text);
void fake_end(struct fake_connection *connection);
void fake_close(struct fake_connection *connection);
/* Closes with a reset instead of an orderly end. */
void fake_reset(struct fake_connection *connection);

#endif
