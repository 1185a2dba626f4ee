#include "gourl.h"

#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/buffer.h"

enum escape_mode { ESCAPE_HOST, ESCAPE_OTHER };

static int hex_value(char c)
{
    if (c >= '0' && c <= '9') {
        return c - '0';
    }
    if (c >= 'a' && c <= 'f') {
        return c - 'a' + 10;
    }
    return c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

static bool is_alnum(unsigned char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
}

/* url.unescape(): in a host, only bytes above ASCII and the percent sign may be escaped, and only
 * RFC 3986's characters (and <>") may stand there. */
static bool unescape(struct buffer *out, const char *text, size_t length, enum escape_mode mode,
                     struct error *err)
{
    for (size_t i = 0; i < length; i++) {
        unsigned char c = (unsigned char)text[i];
        if (c == '%') {
            int high = i + 2 < length ? hex_value(text[i + 1]) : -1;
            int low = i + 2 < length ? hex_value(text[i + 2]) : -1;
            bool allowed = mode != ESCAPE_HOST || high >= 8 || (high == 2 && low == 5);
            if (high < 0 || low < 0 || !allowed) {
                return error_set(err, ERROR_INVALID, "invalid URL escape \"%.*s\"",
                                 (int)(length - i < 3 ? length - i : 3), text + i);
            }
            buffer_append_char(out, (char)(high * 16 + low));
            i += 2;
            continue;
        }
        if (mode == ESCAPE_HOST && c < 0x80 && !is_alnum(c) &&
            strchr("-_.~!$&'()*+,;=:[]<>\"", c) == NULL) {
            return error_set(err, ERROR_INVALID, "invalid character \"%c\" in host name", c);
        }
        buffer_append_char(out, (char)c);
    }
    return true;
}

static bool check_userinfo(const char *text, size_t length, struct error *err)
{
    for (size_t i = 0; i < length; i++) {
        if (!is_alnum((unsigned char)text[i]) &&
            (text[i] == '\0' || strchr("-._:~!$&'()*+,;=%@", text[i]) == NULL)) {
            return error_set(err, ERROR_INVALID, "net/url: invalid userinfo");
        }
    }
    struct buffer unused;
    buffer_init_secret(&unused, length + 1);
    bool good = unescape(&unused, text, length, ESCAPE_OTHER, err);
    buffer_free(&unused);
    return good;
}

/* The port must be digits; an empty one is allowed ("host:"). */
static bool check_port(const char *host, size_t length, struct error *err)
{
    size_t colon = length;
    if (length > 0 && host[0] == '[') {
        size_t end = length;
        while (end > 0 && host[end - 1] != ']') {
            end--;
        }
        if (end == 0) {
            return error_set(err, ERROR_INVALID, "missing ']' in host");
        }
        colon = end;
    } else {
        for (size_t i = 0; i < length; i++) {
            colon = host[i] == ':' ? i : colon;
        }
    }
    bool good = colon == length || host[colon] == ':';
    for (size_t i = colon + 1; i < length; i++) {
        good = good && host[i] >= '0' && host[i] <= '9';
    }
    if (!good) {
        return error_set(err, ERROR_INVALID, "invalid port \"%.*s\" after host",
                         (int)(length - colon), host + colon);
    }
    return true;
}

static bool parse_authority(struct buffer *host, const char *text, size_t length, struct error *err)
{
    size_t start = 0;
    for (size_t i = 0; i < length; i++) {
        start = text[i] == '@' ? i + 1 : start;
    }
    return check_port(text + start, length - start, err) &&
           unescape(host, text + start, length - start, ESCAPE_HOST, err) &&
           (start == 0 || check_userinfo(text, start - 1, err));
}

static bool parse_parts(const char *text, struct buffer *host, struct buffer *path,
                        struct error *err)
{
    size_t length = strcspn(text, "#");
    for (size_t i = 0; i < length; i++) {
        if ((unsigned char)text[i] < 0x20 || text[i] == 0x7f) {
            return error_set(err, ERROR_INVALID, "net/url: invalid control character in URL");
        }
    }
    if (text[length] == '#') {
        struct buffer unused;
        buffer_init(&unused, strlen(text));
        bool good =
            unescape(&unused, text + length + 1, strlen(text + length + 1), ESCAPE_OTHER, err);
        buffer_free(&unused);
        if (!good) {
            return false;
        }
    }
    const char *authority = strstr(text, "://") + 3;
    size_t rest = strcspn(authority, "?#");
    size_t host_length = strcspn(authority, "/");
    host_length = host_length < rest ? host_length : rest;
    return parse_authority(host, authority, host_length, err) &&
           unescape(path, authority + host_length, rest - host_length, ESCAPE_OTHER, err);
}

bool gourl_parse(struct gourl *url, const char *text, struct error *err)
{
    memset(url, 0, sizeof(*url));
    struct buffer host;
    struct buffer path;
    size_t limit = strlen(text) + 1;
    buffer_init(&host, limit);
    buffer_init(&path, limit);
    bool good = parse_parts(text, &host, &path, err);
    if (good) {
        url->host = buffer_take(&host);
        url->path = buffer_take(&path);
    }
    buffer_free(&host);
    buffer_free(&path);
    return good;
}

void gourl_free(struct gourl *url)
{
    free(url->host);
    free(url->path);
    memset(url, 0, sizeof(*url));
}

static void no_port(const char *host, const char **name, size_t *name_length, const char **port)
{
    *name = host;
    *name_length = strlen(host);
    *port = "";
}

void gourl_split_port(const char *host, const char **name, size_t *name_length, const char **port)
{
    no_port(host, name, name_length, port);
    const char *colon = strrchr(host, ':');
    if (colon == NULL) {
        return;
    }
    const char *start = host;
    size_t length = (size_t)(colon - host);
    if (host[0] == '[') {
        const char *end = strchr(host, ']');
        if (end == NULL || end + 1 != colon) {
            return;
        }
        start = host + 1;
        length = (size_t)(end - start);
    } else if (memchr(host, ':', length) != NULL) {
        return;
    }
    /* Brackets elsewhere are an error in Go, so all stays host. */
    if (memchr(start, '[', length) != NULL || strpbrk(colon, "[]") != NULL ||
        (start == host && memchr(start, ']', length) != NULL)) {
        return;
    }
    *name = start;
    *name_length = length;
    *port = colon + 1;
}
