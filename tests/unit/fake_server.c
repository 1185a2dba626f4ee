#include "fake_server.h"

#include <arpa/inet.h>
#include <check.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/text.h"

struct fake_connection {
    struct fake_connection *next;
    struct fake_server *server;
    int fd;
    struct loop_fd *watch;
    struct buffer in;
    struct buffer out;
    bool closing;
};

struct fake_server {
    struct loop *loop;
    int fd;
    struct loop_fd *watch;
    fake_handler handler;
    void *context;
    struct fake_connection *connections;
    int requests;
    int accepted;
};

static void drop(struct fake_connection *connection)
{
    struct fake_connection **link = &connection->server->connections;
    while (*link != connection) {
        link = &(*link)->next;
    }
    *link = connection->next;
    loop_unwatch_fd(connection->server->loop, connection->watch);
    close(connection->fd);
    buffer_free(&connection->in);
    buffer_free(&connection->out);
    free(connection);
}

/* Length of the first whole request in the buffer; 0 if it is not complete. */
static size_t request_length(const struct buffer *in)
{
    const char *end = strstr(in->data, "\r\n\r\n");
    if (end == NULL) {
        return 0;
    }
    size_t head = (size_t)(end - in->data) + 4;
    const char *field = text_find(in->data, "\r\nContent-Length:");
    size_t body = field == NULL || field > end ? 0 : (size_t)strtoul(field + 17, NULL, 10);
    return in->length >= head + body ? head + body : 0;
}

/* True if the connection is gone. */
static bool flush(struct fake_connection *connection)
{
    while (connection->out.length > 0) {
        ssize_t sent =
            send(connection->fd, connection->out.data, connection->out.length, MSG_NOSIGNAL);
        if (sent <= 0) {
            if (sent < 0 && (errno == EAGAIN || errno == EINTR)) {
                loop_change_fd(connection->watch, LOOP_READ | LOOP_WRITE);
                return false;
            }
            drop(connection);
            return true;
        }
        buffer_consume(&connection->out, (size_t)sent);
    }
    if (connection->closing) {
        drop(connection);
        return true;
    }
    loop_change_fd(connection->watch, LOOP_READ);
    return false;
}

static void on_connection(void *context, int events)
{
    struct fake_connection *connection = context;
    struct fake_server *server = connection->server;
    if ((events & LOOP_WRITE) && flush(connection)) {
        return;
    }
    char bytes[65536];
    ssize_t got = recv(connection->fd, bytes, sizeof(bytes), MSG_DONTWAIT);
    if (got < 0 && (errno == EAGAIN || errno == EINTR)) {
        return;
    }
    if (got <= 0) {
        drop(connection);
        return;
    }
    buffer_append(&connection->in, bytes, (size_t)got);
    size_t length;
    while ((length = request_length(&connection->in)) > 0) {
        char *request = xstrndup(connection->in.data, length);
        buffer_consume(&connection->in, length);
        server->requests++;
        server->handler(server->context, connection, request);
        free(request);
        /* The handler may have closed it. */
        struct fake_connection *one = server->connections;
        while (one != NULL && one != connection) {
            one = one->next;
        }
        if (one == NULL || flush(connection)) {
            return;
        }
    }
}

static void on_listen(void *context, int events)
{
    struct fake_server *server = context;
    (void)events;
    int fd = accept(server->fd, NULL, NULL);
    if (fd < 0) {
        return;
    }
    fcntl(fd, F_SETFL, O_NONBLOCK);
    struct fake_connection *connection = xcalloc(1, sizeof(*connection));
    connection->server = server;
    connection->fd = fd;
    buffer_init(&connection->in, 64 * 1024 * 1024);
    buffer_init(&connection->out, 256 * 1024 * 1024);
    connection->watch = loop_watch_fd(server->loop, fd, LOOP_READ, on_connection, connection);
    connection->next = server->connections;
    server->connections = connection;
    server->accepted++;
}

struct fake_server *fake_server_new(struct loop *loop, fake_handler handler, void *context)
{
    struct fake_server *server = xcalloc(1, sizeof(*server));
    server->loop = loop;
    server->handler = handler;
    server->context = context;
    server->fd = socket(AF_INET, SOCK_STREAM, 0);
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    ck_assert_int_eq(bind(server->fd, (struct sockaddr *)&address, sizeof(address)), 0);
    ck_assert_int_eq(listen(server->fd, 64), 0);
    fcntl(server->fd, F_SETFL, O_NONBLOCK);
    server->watch = loop_watch_fd(loop, server->fd, LOOP_READ, on_listen, server);
    return server;
}

void fake_server_stop_listening(struct fake_server *server)
{
    loop_unwatch_fd(server->loop, server->watch);
    if (server->fd >= 0) {
        close(server->fd);
    }
    server->watch = NULL;
    server->fd = -1;
    while (server->connections != NULL) {
        drop(server->connections);
    }
}

void fake_server_free(struct fake_server *server)
{
    fake_server_stop_listening(server);
    free(server);
}

int fake_server_port(const struct fake_server *server)
{
    struct sockaddr_in address;
    socklen_t length = sizeof(address);
    ck_assert_int_eq(getsockname(server->fd, (struct sockaddr *)&address, &length), 0);
    return ntohs(address.sin_port);
}

int fake_server_requests(const struct fake_server *server)
{
    return server->requests;
}

int fake_server_connections(const struct fake_server *server)
{
    return server->accepted;
}

void fake_send(struct fake_connection *connection, const char *bytes, size_t length)
{
    buffer_append(&connection->out, bytes, length);
    loop_change_fd(connection->watch, LOOP_READ | LOOP_WRITE);
}

void fake_send_text(struct fake_connection *connection, const char *text)
{
    fake_send(connection, text, strlen(text));
}

void fake_answer(struct fake_connection *connection, int status, const char *headers,
                 const char *body)
{
    char *head = xasprintf("HTTP/1.1 %d Whatever\r\nContent-Length: %zu\r\n%s\r\n", status,
                           strlen(body), headers);
    fake_send_text(connection, head);
    fake_send_text(connection, body);
    free(head);
}

void fake_begin(struct fake_connection *connection, int status, const char *headers)
{
    char *head =
        xasprintf("HTTP/1.1 %d Whatever\r\nTransfer-Encoding: chunked\r\n%s\r\n", status, headers);
    fake_send_text(connection, head);
    free(head);
}

void fake_chunk(struct fake_connection *connection, const char *text)
{
    char *head = xasprintf("%zx\r\n", strlen(text));
    fake_send_text(connection, head);
    fake_send_text(connection, text);
    fake_send_text(connection, "\r\n");
    free(head);
}

void fake_end(struct fake_connection *connection)
{
    fake_send_text(connection, "0\r\n\r\n");
}

void fake_close(struct fake_connection *connection)
{
    connection->closing = true;
    loop_change_fd(connection->watch, LOOP_READ | LOOP_WRITE);
}

void fake_reset(struct fake_connection *connection)
{
    struct linger linger = {.l_onoff = 1, .l_linger = 0};
    setsockopt(connection->fd, SOL_SOCKET, SO_LINGER, &linger, sizeof(linger));
    drop(connection);
}
