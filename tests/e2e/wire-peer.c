/*
 * What a client sends, byte for byte, told back to it: an API server that answers every request
 * with what it saw on the wire, and three proxies, all on loopback.
 *
 *     wire-peer CERTIFICATE KEY CLIENT-CA <pipe
 *
 * Prints a line "NAME PORT" each for http, https (which asks for a client certificate and takes
 * none, too), http-proxy, https-proxy and socks, then a line a proxied connection. Whatever name a
 * proxy is asked for, it connects to loopback. Ends when its standard input does.
 *
 * A process a connection, blocking: a peer for tests, not a server for anyone.
 */
#include <arpa/inet.h>
#include <netinet/in.h>
#include <openssl/ssl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/text.h"
#include "doc/json.h"

enum kind { HTTP, HTTPS, HTTP_PROXY, HTTPS_PROXY, SOCKS, KINDS };

static const char *const names[KINDS] = {"http", "https", "http-proxy", "https-proxy", "socks"};

/* One end of a connection, encrypted or not. */
struct end {
    int fd;
    SSL *ssl;
};

static ssize_t end_read(struct end *end, char *bytes, size_t size)
{
    return end->ssl != NULL ? SSL_read(end->ssl, bytes, (int)size) : read(end->fd, bytes, size);
}

static bool end_write(struct end *end, const char *bytes, size_t length)
{
    while (length > 0) {
        ssize_t done = end->ssl != NULL ? SSL_write(end->ssl, bytes, (int)length)
                                        : write(end->fd, bytes, length);
        if (done <= 0) {
            return false;
        }
        bytes += done;
        length -= (size_t)done;
    }
    return true;
}

/* A request's head with its empty line; false at the end of the connection. */
static bool read_head(struct end *end, struct buffer *out)
{
    char byte;
    buffer_clear(out);
    while (!text_ends_with(out->data, "\r\n\r\n")) {
        if (end_read(end, &byte, 1) != 1 || !buffer_append_char(out, byte)) {
            return false;
        }
    }
    return true;
}

/* --- The API server ----------------------------------------------------------------------------
 */

static cJSON *text_or_null(const char *text)
{
    return text == NULL ? cJSON_CreateNull() : cJSON_CreateString(text);
}

static cJSON *certificate_name(const SSL *ssl)
{
    char name[256];
    X509 *certificate = ssl == NULL ? NULL : SSL_get_peer_certificate(ssl);
    if (certificate == NULL) {
        return cJSON_CreateNull();
    }
    X509_NAME_oneline(X509_get_subject_name(certificate), name, sizeof(name));
    X509_free(certificate);
    return cJSON_CreateString(name);
}

static cJSON *tell(const struct end *end, char *head)
{
    cJSON *told = cJSON_CreateObject();
    cJSON_AddStringToObject(told, "kind", "Wire");
    cJSON_AddNumberToObject(told, "connection", (double)getpid());
    cJSON_AddItemToObject(
        told, "sni",
        text_or_null(end->ssl == NULL ? NULL
                                      : SSL_get_servername(end->ssl, TLSEXT_NAMETYPE_host_name)));
    cJSON_AddItemToObject(told, "certificate", certificate_name(end->ssl));
    cJSON *headers = cJSON_CreateArray();
    char *rest = head;
    char *line = strtok_r(rest, "\r\n", &rest);
    cJSON_AddStringToObject(told, "request", line == NULL ? "" : line);
    while ((line = strtok_r(rest, "\r\n", &rest)) != NULL) {
        cJSON_AddItemToArray(headers, cJSON_CreateString(line));
    }
    cJSON_AddItemToObject(told, "headers", headers);
    return told;
}

static void serve(struct end *end)
{
    struct buffer head;
    buffer_init(&head, 64 * 1024);
    while (read_head(end, &head)) {
        cJSON *told = tell(end, head.data);
        char *body = cJSON_PrintUnformatted(told);
        char *answer = xasprintf("HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n"
                                 "Content-Length: %zu\r\n\r\n%s",
                                 strlen(body), body);
        bool sent = end_write(end, answer, strlen(answer));
        free(answer);
        cJSON_free(body);
        cJSON_Delete(told);
        if (!sent) {
            break;
        }
    }
    buffer_free(&head);
}

/* --- The proxies -------------------------------------------------------------------------------
 */

static int connect_to(long port)
{
    struct sockaddr_in address = {.sin_family = AF_INET,
                                  .sin_port = htons((uint16_t)port),
                                  .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    int fd = socket(AF_INET, SOCK_STREAM, 0);
    if (fd < 0 || connect(fd, (struct sockaddr *)&address, sizeof(address)) != 0) {
        exit(1);
    }
    return fd;
}

static void hand_over(struct end *client, int fd)
{
    struct end server = {.fd = fd};
    char bytes[16384];
    for (;;) {
        struct pollfd polled[2] = {{.fd = client->fd, .events = POLLIN},
                                   {.fd = fd, .events = POLLIN}};
        bool waiting = client->ssl != NULL && SSL_pending(client->ssl) > 0;
        if (!waiting && poll(polled, 2, -1) < 0) {
            return;
        }
        if (waiting || polled[0].revents != 0) {
            ssize_t got = end_read(client, bytes, sizeof(bytes));
            if (got <= 0 || !end_write(&server, bytes, (size_t)got)) {
                return;
            }
        }
        if (!waiting && polled[1].revents != 0) {
            ssize_t got = end_read(&server, bytes, sizeof(bytes));
            if (got <= 0 || !end_write(client, bytes, (size_t)got)) {
                return;
            }
        }
    }
}

static void proxy_by_connect(struct end *end, enum kind kind)
{
    static const char good[] = "HTTP/1.1 200 Connection established\r\n\r\n";
    struct buffer head;
    buffer_init(&head, 64 * 1024);
    if (!read_head(end, &head) || !text_starts_with(head.data, "CONNECT ")) {
        exit(1);
    }
    const char *target = head.data + strlen("CONNECT ");
    const char *credential = strstr(head.data, "Proxy-Authorization: ");
    const char *certificate = strstr(head.data, "Authorization: Bearer");
    int length = (int)strcspn(target, " ");
    printf("%s to %.*s, %.*s%s\n", names[kind], length, target,
           credential == NULL ? 8 : (int)strcspn(credential, "\r"),
           credential == NULL ? "nobody's" : credential,
           certificate == NULL ? "" : ", with the server's token");
    const char *colon = memchr(target, ':', (size_t)length);
    if (colon == NULL || !end_write(end, good, strlen(good))) {
        exit(1);
    }
    hand_over(end, connect_to(strtol(colon + 1, NULL, 10)));
    buffer_free(&head);
}

static void need(struct end *end, unsigned char *bytes, size_t count)
{
    for (size_t at = 0; at < count;) {
        ssize_t got = end_read(end, (char *)bytes + at, count - at);
        if (got <= 0) {
            exit(1);
        }
        at += (size_t)got;
    }
}

/* RFC 1928, without a method but "no authentication". */
static void proxy_by_socks(struct end *end)
{
    unsigned char bytes[262];
    char host[INET6_ADDRSTRLEN + 256] = "";
    need(end, bytes, 2);
    need(end, bytes + 2, bytes[1]);
    end_write(end, "\5\0", 2);
    need(end, bytes, 4);
    if (bytes[0] != 5 || bytes[1] != 1) {
        exit(1);
    }
    bool named = bytes[3] == 3;
    if (named) {
        need(end, bytes, 1);
        size_t length = bytes[0];
        need(end, (unsigned char *)host, length);
        host[length] = '\0';
    } else {
        bool six = bytes[3] == 4;
        need(end, bytes, six ? 16 : 4);
        inet_ntop(six ? AF_INET6 : AF_INET, bytes, host, sizeof(host));
    }
    need(end, bytes, 2);
    long port = bytes[0] << 8 | bytes[1];
    printf("socks to %s %s:%ld\n", named ? "name" : "address", host, port);
    end_write(end, "\5\0\0\1\0\0\0\0\0\0", 10);
    hand_over(end, connect_to(port));
}

/* --- Connections -------------------------------------------------------------------------------
 */

static int take_any(int good, X509_STORE_CTX *context)
{
    (void)good;
    (void)context;
    return 1;
}

static SSL_CTX *make_context(char **argv)
{
    SSL_CTX *context = SSL_CTX_new(TLS_server_method());
    if (context == NULL || SSL_CTX_use_certificate_chain_file(context, argv[1]) != 1 ||
        SSL_CTX_use_PrivateKey_file(context, argv[2], SSL_FILETYPE_PEM) != 1) {
        fprintf(stderr, "wire-peer: bad certificate or key\n");
        exit(2);
    }
    SSL_CTX_set_client_CA_list(context, SSL_load_client_CA_file(argv[3]));
    SSL_CTX_set_verify(context, SSL_VERIFY_PEER, take_any);
    SSL_CTX_set_session_id_context(context, (const unsigned char *)"wire", 4);
    return context;
}

static void handle(enum kind kind, int fd, SSL_CTX *context)
{
    struct end end = {.fd = fd};
    if (kind == HTTPS || kind == HTTPS_PROXY) {
        end.ssl = SSL_new(context);
        SSL_set_fd(end.ssl, fd);
        if (SSL_accept(end.ssl) != 1) {
            exit(1);
        }
    }
    if (kind == HTTP || kind == HTTPS) {
        serve(&end);
    } else if (kind == SOCKS) {
        proxy_by_socks(&end);
    } else {
        proxy_by_connect(&end, kind);
    }
    exit(0);
}

/* On both loopback addresses, where there is IPv6. */
static int listen_on_loopback(in_port_t *port)
{
    struct sockaddr_in6 address = {.sin6_family = AF_INET6, .sin6_addr = in6addr_any};
    socklen_t size = sizeof(address);
    int off = 0;
    int fd = socket(AF_INET6, SOCK_STREAM, 0);
    if (fd >= 0) {
        setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &off, sizeof(off));
        if (bind(fd, (struct sockaddr *)&address, size) == 0 && listen(fd, 16) == 0 &&
            getsockname(fd, (struct sockaddr *)&address, &size) == 0) {
            *port = ntohs(address.sin6_port);
            return fd;
        }
        close(fd);
    }
    struct sockaddr_in four = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    size = sizeof(four);
    fd = socket(AF_INET, SOCK_STREAM, 0);
    if (fd < 0 || bind(fd, (struct sockaddr *)&four, size) != 0 || listen(fd, 16) != 0 ||
        getsockname(fd, (struct sockaddr *)&four, &size) != 0) {
        fprintf(stderr, "wire-peer: cannot listen\n");
        exit(2);
    }
    *port = ntohs(four.sin_port);
    return fd;
}

int main(int argc, char **argv)
{
    struct pollfd polled[KINDS + 1] = {{.fd = STDIN_FILENO, .events = POLLIN}};
    if (argc != 4) {
        fprintf(stderr, "usage: wire-peer CERTIFICATE KEY CLIENT-CA\n");
        return 2;
    }
    setvbuf(stdout, NULL, _IOLBF, 0);
    signal(SIGCHLD, SIG_IGN);
    signal(SIGPIPE, SIG_IGN);
    SSL_CTX *context = make_context(argv);
    for (int i = 0; i < KINDS; i++) {
        in_port_t port = 0;
        polled[i + 1] = (struct pollfd){.fd = listen_on_loopback(&port), .events = POLLIN};
        printf("%s %u\n", names[i], port);
    }
    while (poll(polled, KINDS + 1, -1) > 0 && polled[0].revents == 0) {
        for (int i = 0; i < KINDS; i++) {
            int fd = polled[i + 1].revents == 0 ? -1 : accept(polled[i + 1].fd, NULL, NULL);
            if (fd >= 0 && fork() == 0) {
                close(STDIN_FILENO);
                handle((enum kind)i, fd, context);
            }
            close(fd);
        }
    }
    SSL_CTX_free(context);
    return 0;
}
