#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/language.h"
#include "base/text.h"
#include "exchange.h"

/* What went wrong on the way, said so that one knows what to do. The numbers are OpenSSL's
 * X509_V_ERR_*, which libcurl hands on. */
enum {
    X509_NO_ISSUER = 2,
    X509_NO_ISSUER_LOCALLY = 20,
    X509_SELF_SIGNED = 18,
    X509_SELF_SIGNED_IN_CHAIN = 19,
    X509_NO_FIRST = 21,
    X509_NOT_YET_VALID = 9,
    X509_EXPIRED = 10,
};

static void explain_certificate(const struct http_exchange *exchange, const char *where,
                                struct error *err)
{
    long verify = 0;
    curl_easy_getinfo(exchange->easy, CURLINFO_SSL_VERIFYRESULT, &verify);
    const char *said = exchange->curl_error;
    if (verify == X509_EXPIRED || text_find(said, "expired") != NULL) {
        error_set(err, ERROR_AUTH,
                  "the certificate of %s has expired: renew it on the server, or check this "
                  "machine's clock",
                  where);
    } else if (verify == X509_NOT_YET_VALID || text_find(said, "not yet valid") != NULL) {
        error_set(err, ERROR_AUTH,
                  "the certificate of %s is not valid yet: check this machine's clock and the "
                  "server's",
                  where);
    } else if (text_find(said, "subject name") != NULL || text_find(said, "IP address") != NULL ||
               text_find(said, "host name") != NULL) {
        error_set(err, ERROR_AUTH,
                  "the certificate of %s is for another name%s%s: use the server name that it "
                  "holds, or say which one to expect with tls-server-name",
                  where, exchange->server_name == NULL ? "" : _(" than "),
                  exchange->server_name == NULL ? "" : exchange->server_name);
    } else if (verify == X509_NO_ISSUER || verify == X509_NO_ISSUER_LOCALLY ||
               verify == X509_SELF_SIGNED || verify == X509_SELF_SIGNED_IN_CHAIN ||
               verify == X509_NO_FIRST) {
        error_set(err, ERROR_AUTH,
                  "the certificate of %s is signed by an authority that %s: check "
                  "certificate-authority, or whether something answers in the server's place",
                  where,
                  exchange->ca == NULL ? _("this machine does not trust")
                                       : _("is not the configured one"));
    } else {
        error_set(err, ERROR_AUTH, "the certificate of %s cannot be verified: %s", where, said);
    }
}

static int os_error_of(const struct http_exchange *exchange)
{
    long os_error = 0;
    curl_easy_getinfo(exchange->easy, CURLINFO_OS_ERRNO, &os_error);
    return text_find(exchange->curl_error, "refused") != NULL ? ECONNREFUSED : (int)os_error;
}

static void explain_connect(const struct http_exchange *exchange, const char *where,
                            struct error *err)
{
    int os_error = os_error_of(exchange);
    if (os_error == ECONNREFUSED) {
        error_set(err, ERROR_UNAVAILABLE,
                  "connection to %s refused: nothing listens there; is the server up, and are "
                  "address and port right?",
                  where);
    } else if (os_error != 0) {
        error_set(err, ERROR_UNAVAILABLE,
                  "cannot connect to %s: %s; check the address and the network between", where,
                  strerror(os_error));
    } else {
        error_set(err, ERROR_UNAVAILABLE, "cannot connect to %s: %s", where, exchange->curl_error);
    }
}

/* What failed is the way by the proxy; false if it got through to the server. */
static bool explain_proxy(const struct http_exchange *exchange, CURLcode code, const char *where,
                          struct error *err)
{
    const char *said = exchange->curl_error;
    bool refused = text_find(said, "CONNECT tunnel failed") != NULL ||
                   text_find(said, "from proxy after CONNECT") != NULL || code == CURLE_PROXY;
    if (exchange->via == NULL || !(refused || code == CURLE_COULDNT_CONNECT)) {
        return false;
    }
    if (refused) {
        error_set(
            err, ERROR_UNAVAILABLE,
            "the proxy %s does not connect to %s: %s; check its credential and what it allows",
            exchange->via, where, said);
    } else if (os_error_of(exchange) == ECONNREFUSED) {
        error_set(err, ERROR_UNAVAILABLE,
                  "connection to the proxy %s refused: nothing listens there; check proxy-url, or "
                  "the proxy variables of the environment",
                  exchange->via);
    } else {
        error_set(err, ERROR_UNAVAILABLE,
                  "cannot connect to the proxy %s: %s; check proxy-url, or the proxy variables of "
                  "the environment",
                  exchange->via, said);
    }
    return true;
}

static void explain_timeout(const struct http_exchange *exchange, const char *where,
                            struct error *err)
{
    curl_off_t connected = 0;
    bool encrypts = strncasecmp(exchange->url, "https:", 6) == 0;
    curl_easy_getinfo(exchange->easy,
                      encrypts ? CURLINFO_APPCONNECT_TIME_T : CURLINFO_CONNECT_TIME_T, &connected);
    /* libcurl sets both times only when TLS stands; its text tells how far it came. */
    if (connected == 0 && text_find(exchange->curl_error, "SSL connection timeout") != NULL) {
        error_set(err, ERROR_TIMEOUT,
                  "%s is reachable but does not begin TLS in time: it is overloaded or hangs",
                  where);
    } else if (connected == 0) {
        error_set(err, ERROR_TIMEOUT,
                  "no connection to %s within the time limit: is it reachable from here (firewall, "
                  "VPN, proxy)?",
                  where);
    } else if (exchange->status == 0) {
        error_set(err, ERROR_TIMEOUT, "%s took the request but did not answer in time", where);
    } else {
        error_set(err, ERROR_TIMEOUT, "%s stopped in the middle of its answer", where);
    }
}

static void explain_tls(const struct http_exchange *exchange, const char *where, struct error *err)
{
    const char *said = exchange->curl_error;
    if (text_find(said, "wrong version number") != NULL ||
        text_find(said, "packet length too long") != NULL ||
        text_find(said, "http request") != NULL) {
        error_set(err, ERROR_PROTOCOL,
                  "%s does not speak TLS: is the address http:// instead of https://, or the port "
                  "another one?",
                  where);
    } else if (text_find(said, "certificate required") != NULL ||
               text_find(said, "bad certificate") != NULL ||
               text_find(said, "unknown ca") != NULL) {
        error_set(err, ERROR_AUTH,
                  "%s does not accept the client certificate (%s): check client-certificate and "
                  "client-key",
                  where, said);
    } else {
        error_set(err, ERROR_UNAVAILABLE, "no TLS connection to %s: %s", where,
                  *said == '\0' ? _("it was closed in the handshake") : said);
    }
}

static void explain_cut(const struct http_exchange *exchange, const char *where, struct error *err)
{
    const char *said = exchange->curl_error;
    if (text_find(said, "alert") != NULL) {
        explain_tls(exchange, where, err);
    } else if (exchange->status == 0) {
        error_set(err, ERROR_UNAVAILABLE, "%s closed the connection without an answer", where);
    } else {
        error_set(err, ERROR_UNAVAILABLE,
                  "the answer of %s was cut off in the middle (HTTP %d): the connection was lost",
                  where, exchange->status);
    }
}

static void explain_other(const struct http_exchange *exchange, CURLcode code, const char *where,
                          struct error *err)
{
    const char *said =
        exchange->curl_error[0] != '\0' ? exchange->curl_error : curl_easy_strerror(code);
    switch (code) {
    case CURLE_SSL_CERTPROBLEM:
        error_set(err, ERROR_AUTH, "client certificate or key for %s cannot be used: %s", where,
                  said);
        return;
    case CURLE_SSL_CACERT_BADFILE:
        error_set(err, ERROR_CONFIG, "certificate authority for %s cannot be read: %s", where,
                  said);
        return;
    case CURLE_BAD_CONTENT_ENCODING:
        error_set(err, ERROR_PROTOCOL, "the compressed answer of %s is damaged", where);
        return;
    case CURLE_UNSUPPORTED_PROTOCOL:
    case CURLE_WEIRD_SERVER_REPLY:
        error_set(err, ERROR_PROTOCOL, "%s does not answer in HTTP (%s): check address and port",
                  where, said);
        return;
    case CURLE_URL_MALFORMAT:
        error_set(err, ERROR_USAGE, "%.200s is not a usable address: %s", exchange->url, said);
        return;
    case CURLE_LOGIN_DENIED:
        error_set(err, ERROR_USAGE, "the address of %s must not hold a user name or password",
                  where);
        return;
    default:
        error_set(err, ERROR_UNAVAILABLE, "%s: %s", where, said);
    }
}

void exchange_explain(const struct http_exchange *exchange, CURLcode code, struct error *err)
{
    char *where = url_host_port(exchange->url);
    if (exchange->too_large) {
        error_set(err, ERROR_PROTOCOL, "the answer of %s is larger than %zu bytes", where,
                  exchange->body_limit);
    } else if (exchange->stopped) {
        error_set(err, ERROR_PROTOCOL, "stopped");
    } else if (explain_proxy(exchange, code, where, err)) {
        /* The server was not reached. */
    } else if (code == CURLE_COULDNT_RESOLVE_HOST || code == CURLE_COULDNT_RESOLVE_PROXY) {
        error_set(err, ERROR_UNAVAILABLE,
                  "%s of %s has no address: check the name, this machine's DNS and VPN",
                  code == CURLE_COULDNT_RESOLVE_PROXY ? _("the proxy") : _("the server name"),
                  where);
    } else if (code == CURLE_COULDNT_CONNECT || code == CURLE_PROXY) {
        explain_connect(exchange, where, err);
    } else if (code == CURLE_OPERATION_TIMEDOUT) {
        explain_timeout(exchange, where, err);
    } else if (code == CURLE_PEER_FAILED_VERIFICATION) {
        long proxy = 0;
        curl_easy_getinfo(exchange->easy, CURLINFO_PROXY_SSL_VERIFYRESULT, &proxy);
        explain_certificate(exchange, proxy != 0 && exchange->via != NULL ? exchange->via : where,
                            err);
    } else if (code == CURLE_SSL_CONNECT_ERROR) {
        explain_tls(exchange, where, err);
    } else if (code == CURLE_GOT_NOTHING || code == CURLE_RECV_ERROR || code == CURLE_SEND_ERROR ||
               code == CURLE_PARTIAL_FILE) {
        explain_cut(exchange, where, err);
    } else {
        explain_other(exchange, code, where, err);
    }
    free(where);
}
