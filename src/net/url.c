#include <curl/curl.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/alloc.h"
#include "exchange.h"

static char *url_part(const char *url, CURLUPart part)
{
    CURLU *parsed = curl_url();
    char *value = NULL;
    char *out = NULL;
    if (parsed != NULL && curl_url_set(parsed, CURLUPART_URL, url, 0) == CURLUE_OK &&
        curl_url_get(parsed, part, &value, CURLU_DEFAULT_PORT) == CURLUE_OK) {
        out = xstrdup(value);
        curl_free(value);
    }
    curl_url_cleanup(parsed);
    return out;
}

char *url_host_port(const char *url)
{
    char *host = url_part(url, CURLUPART_HOST);
    char *port = url_part(url, CURLUPART_PORT);
    char *out =
        xasprintf("%s:%s", host == NULL ? "(no host)" : host, port == NULL ? "(no port)" : port);
    free(host);
    free(port);
    return out;
}

char *url_origin(const char *url)
{
    char *scheme = url_part(url, CURLUPART_SCHEME);
    char *rest = url_host_port(url);
    char *out = xasprintf("%s://%s", scheme == NULL ? "(no scheme)" : scheme, rest);
    free(scheme);
    free(rest);
    return out;
}

char *url_path(const char *url)
{
    char *path = url_part(url, CURLUPART_PATH);
    char *query = url_part(url, CURLUPART_QUERY);
    char *out = xasprintf("%s%s%s", path == NULL ? "/" : path, query == NULL ? "" : "?",
                          query == NULL ? "" : query);
    free(path);
    free(query);
    return out;
}

bool http_same_origin(const char *a, const char *b)
{
    char *one = url_origin(a);
    char *other = url_origin(b);
    bool same = strcasecmp(one, other) == 0 && strstr(one, "(no ") == NULL;
    free(one);
    free(other);
    return same;
}

static char *resolve(const char *base, const char *location)
{
    CURLU *parsed = curl_url();
    char *value = NULL;
    char *out = NULL;
    if (parsed != NULL && curl_url_set(parsed, CURLUPART_URL, base, 0) == CURLUE_OK &&
        curl_url_set(parsed, CURLUPART_URL, location, CURLU_DISALLOW_USER) == CURLUE_OK &&
        curl_url_get(parsed, CURLUPART_URL, &value, 0) == CURLUE_OK) {
        out = xstrdup(value);
        curl_free(value);
    }
    curl_url_cleanup(parsed);
    return out;
}

char *exchange_redirect_target(const struct http_exchange *exchange, const char *location,
                               struct error *err)
{
    char *origin = url_origin(exchange->url);
    char *target = resolve(exchange->url, location);
    if (target == NULL) {
        error_set(err, ERROR_PROTOCOL, "%s redirects to an address that is none: %.200s", origin,
                  location);
    } else if (strncasecmp(exchange->url, "https:", 6) == 0 &&
               strncasecmp(target, "https:", 6) != 0) {
        error_set(err, ERROR_PROTOCOL,
                  "%s redirects to %.200s, which is not encrypted; the redirect is not followed",
                  origin, target);
        free(target);
        target = NULL;
    } else if (strncasecmp(target, "http", 4) != 0) {
        error_set(err, ERROR_PROTOCOL, "%s redirects to %.200s, which is not an HTTP address",
                  origin, target);
        free(target);
        target = NULL;
    }
    free(origin);
    return target;
}
