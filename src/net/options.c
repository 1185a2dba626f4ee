#include <config.h>

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/socket.h>

#include "base/alloc.h"
#include "base/secret.h"
#include "base/text.h"
#include "exchange.h"

enum {
    KEEPALIVE_IDLE_S = 30,
    KEEPALIVE_INTERVAL_S = 10,
    DEAD_PEER_MS = 45000, /* unacknowledged bytes or keep-alives for so long: the peer is gone */
};

/* A peer that vanished without a word must not leave a watch waiting for ever. */
static int on_socket(void *context, curl_socket_t socket_fd, curlsocktype purpose)
{
    (void)context;
    (void)purpose;
#ifdef TCP_USER_TIMEOUT
    unsigned timeout = DEAD_PEER_MS;
    setsockopt(socket_fd, IPPROTO_TCP, TCP_USER_TIMEOUT, &timeout, sizeof(timeout));
#else
    (void)socket_fd;
#endif
    return CURL_SOCKOPT_OK;
}

static void add_header(struct http_exchange *exchange, const char *name, const char *value)
{
    /* "Name;" is how libcurl spells a header with an empty value, "Name:" how it leaves one out. */
    struct buffer line;
    buffer_init_secret(&line, 1024 * 1024);
    buffer_append_string(&line, name);
    buffer_append_string(&line, value == NULL ? ":" : *value == '\0' ? ";" : ": ");
    for (const char *c = value == NULL ? "" : value; *c != '\0'; c++) {
        /* Nothing may begin another header. */
        buffer_append_char(&line, *c == '\r' || *c == '\n' ? ' ' : *c);
    }
    exchange->header_list = curl_slist_append(exchange->header_list, line.data);
    buffer_free(&line);
}

void exchange_free_lists(struct http_exchange *exchange)
{
    for (struct curl_slist *one = exchange->header_list; one != NULL; one = one->next) {
        secret_wipe(one->data, strlen(one->data));
    }
    curl_slist_free_all(exchange->header_list);
    curl_slist_free_all(exchange->connect_to);
    exchange->header_list = NULL;
    exchange->connect_to = NULL;
}

static void set_headers(struct http_exchange *exchange)
{
    bool encrypted = strncasecmp(exchange->url, "https:", 6) == 0;
    for (size_t i = 0; i < exchange->header_count; i++) {
        add_header(exchange, exchange->headers[i].name, exchange->headers[i].value);
    }
    if (exchange->authorization != NULL && (encrypted || exchange->plain_authorization)) {
        add_header(exchange, "Authorization", exchange->authorization);
    }
    if (exchange->method != HTTP_GET && exchange->method != HTTP_HEAD) {
        add_header(exchange, "Content-Type", exchange->content_type);
        add_header(exchange, "Expect", NULL);
    }
    curl_easy_setopt(exchange->easy, CURLOPT_HTTPHEADER, exchange->header_list);
}

static void set_method(struct http_exchange *exchange)
{
    CURL *easy = exchange->easy;
    if (exchange->method == HTTP_GET) {
        curl_easy_setopt(easy, CURLOPT_HTTPGET, 1L);
        return;
    }
    if (exchange->method == HTTP_HEAD) {
        curl_easy_setopt(easy, CURLOPT_NOBODY, 1L);
        return;
    }
    if (exchange->body.length > 0 || exchange->method != HTTP_DELETE) {
        curl_easy_setopt(easy, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)exchange->body.length);
        curl_easy_setopt(easy, CURLOPT_POSTFIELDS, exchange->body.data);
    }
    curl_easy_setopt(easy, CURLOPT_CUSTOMREQUEST, http_method_name(exchange->method));
}

static void set_blob(CURL *easy, CURLoption option, char *text, unsigned flags)
{
    struct curl_blob blob = {.data = text, .len = strlen(text), .flags = flags};
    curl_easy_setopt(easy, option, &blob);
}

static void set_tls(struct http_exchange *exchange)
{
    CURL *easy = exchange->easy;
    curl_easy_setopt(easy, CURLOPT_SSLVERSION, (long)CURL_SSLVERSION_TLSv1_2);
    curl_easy_setopt(easy, CURLOPT_SSL_VERIFYPEER, exchange->insecure ? 0L : 1L);
    curl_easy_setopt(easy, CURLOPT_SSL_VERIFYHOST, exchange->insecure ? 0L : 2L);
    if (exchange->ca != NULL) {
        /* These and no others: libcurl would add the system's folder of certificates. */
        curl_easy_setopt(easy, CURLOPT_CAPATH, NULL);
        set_blob(easy, CURLOPT_CAINFO_BLOB, exchange->ca, CURL_BLOB_COPY);
    }
    if (exchange->certificate != NULL) {
        set_blob(easy, CURLOPT_SSLCERT_BLOB, exchange->certificate, CURL_BLOB_COPY);
    }
    if (exchange->key != NULL) {
        /* Not copied, so that only our own copy has to be wiped. */
        set_blob(easy, CURLOPT_SSLKEY_BLOB, exchange->key, CURL_BLOB_NOCOPY);
        /* An encrypted key fails instead of asking on the terminal. */
        curl_easy_setopt(easy, CURLOPT_KEYPASSWD, "");
    }
}

/* The URL names the server that certificate and SNI shall show; the connection goes to the real
 * address, which stands in the Host header. */
static bool set_server_name(struct http_exchange *exchange, struct error *err)
{
    char *host_port = url_host_port(exchange->url);
    CURLU *url = curl_url();
    char *text = NULL;
    bool done = url != NULL && curl_url_set(url, CURLUPART_URL, exchange->url, 0) == CURLUE_OK &&
                curl_url_set(url, CURLUPART_HOST, exchange->server_name, 0) == CURLUE_OK &&
                curl_url_get(url, CURLUPART_URL, &text, 0) == CURLUE_OK;
    if (done) {
        char *direct = xasprintf("::%s", host_port);
        exchange->connect_to = curl_slist_append(NULL, direct);
        curl_easy_setopt(exchange->easy, CURLOPT_CONNECT_TO, exchange->connect_to);
        curl_easy_setopt(exchange->easy, CURLOPT_URL, text);
        add_header(exchange, "Host", host_port);
        free(direct);
        curl_free(text);
    } else {
        error_set(err, ERROR_CONFIG, "tls-server-name %s is not a host name",
                  exchange->server_name);
    }
    curl_url_cleanup(url);
    free(host_port);
    return done;
}

/* Without the credential that may stand in it; libcurl's parser knows no SOCKS. */
static char *proxy_host_port(const char *proxy)
{
    const char *rest = strstr(proxy, "://");
    char *url = xasprintf("%s://%s", text_starts_with(proxy, "https:") ? "https" : "http",
                          rest == NULL ? proxy : rest + 3);
    char *out = url_host_port(url);
    secret_free_string(url);
    return out;
}

static void set_proxy(struct http_exchange *exchange)
{
    char *proxy =
        exchange->proxy != NULL ? xstrdup(exchange->proxy) : http_proxy_for(exchange->url, getenv);
    if (proxy != NULL && text_starts_with(proxy, "socks5://")) {
        /* As Go does: the proxy resolves the name. */
        char *remote = xasprintf("socks5h://%s", proxy + strlen("socks5://"));
        secret_free_string(proxy);
        proxy = remote;
    }
    free(exchange->via);
    exchange->via = proxy == NULL || *proxy == '\0' ? NULL : proxy_host_port(proxy);
    /* A proxy that speaks TLS is trusted as the server is, as Go does; the system's folder of
     * certificates counts besides, for it is mostly another authority that signed it. */
    curl_easy_setopt(exchange->easy, CURLOPT_PROXY_SSL_VERIFYPEER, exchange->insecure ? 0L : 1L);
    curl_easy_setopt(exchange->easy, CURLOPT_PROXY_SSL_VERIFYHOST, exchange->insecure ? 0L : 2L);
    if (exchange->ca != NULL) {
        set_blob(exchange->easy, CURLOPT_PROXY_CAINFO_BLOB, exchange->ca, CURL_BLOB_COPY);
    }
    /* An empty text keeps libcurl from reading the environment by its own rules. */
    curl_easy_setopt(exchange->easy, CURLOPT_PROXY, proxy == NULL ? "" : proxy);
    curl_easy_setopt(exchange->easy, CURLOPT_NOPROXY, "");
    curl_easy_setopt(exchange->easy, CURLOPT_SUPPRESS_CONNECT_HEADERS, 1L);
    secret_free_string(proxy);
}

static void set_limits(struct http_exchange *exchange)
{
    CURL *easy = exchange->easy;
    curl_easy_setopt(easy, CURLOPT_NOSIGNAL, 1L);
    curl_easy_setopt(easy, CURLOPT_CONNECTTIMEOUT_MS, (long)exchange->connect_timeout_ms);
    curl_easy_setopt(easy, CURLOPT_TIMEOUT_MS, (long)exchange->timeout_ms);
    if (exchange->idle_timeout_ms > 0) {
        curl_easy_setopt(easy, CURLOPT_LOW_SPEED_LIMIT, 1L);
        curl_easy_setopt(easy, CURLOPT_LOW_SPEED_TIME,
                         (long)((exchange->idle_timeout_ms + 999) / 1000));
    }
    curl_easy_setopt(easy, CURLOPT_TCP_KEEPALIVE, 1L);
    curl_easy_setopt(easy, CURLOPT_TCP_KEEPIDLE, (long)KEEPALIVE_IDLE_S);
    curl_easy_setopt(easy, CURLOPT_TCP_KEEPINTVL, (long)KEEPALIVE_INTERVAL_S);
    curl_easy_setopt(easy, CURLOPT_SOCKOPTFUNCTION, on_socket);
    /* On a connection that turns out to be dead libcurl sends again by itself: not what writes. */
    bool writes = exchange->method != HTTP_GET && exchange->method != HTTP_HEAD;
    curl_easy_setopt(easy, CURLOPT_FRESH_CONNECT, exchange->fresh_connection || writes ? 1L : 0L);
}

bool exchange_set_options(struct http_exchange *exchange, struct error *err)
{
    CURL *easy = exchange->easy;
    if (strncasecmp(exchange->url, "https://", 8) != 0 &&
        strncasecmp(exchange->url, "http://", 7) != 0) {
        return error_set(err, ERROR_USAGE, "%.200s is not an http or https address", exchange->url);
    }
    curl_easy_setopt(easy, CURLOPT_ERRORBUFFER, exchange->curl_error);
    curl_easy_setopt(easy, CURLOPT_USERAGENT, "pullmend/" PACKAGE_VERSION);
    /* One connection a transfer: with HTTP/2 a stalled watch would hold up the others. */
    curl_easy_setopt(easy, CURLOPT_HTTP_VERSION, (long)CURL_HTTP_VERSION_1_1);
    curl_easy_setopt(easy, CURLOPT_DISALLOW_USERNAME_IN_URL, 1L);
    curl_easy_setopt(easy, CURLOPT_FOLLOWLOCATION, 0L);
    curl_easy_setopt(easy, CURLOPT_URL, exchange->url);
    if (!exchange->no_compression) {
        /* The API server knows only this token, without a weight. */
        curl_easy_setopt(easy, CURLOPT_ACCEPT_ENCODING, "gzip");
    }
    set_method(exchange);
    set_tls(exchange);
    if (exchange->server_name != NULL && !set_server_name(exchange, err)) {
        return false;
    }
    set_headers(exchange);
    set_proxy(exchange);
    set_limits(exchange);
    return true;
}
