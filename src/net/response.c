#include <curl/curl.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/alloc.h"
#include "base/clock.h"
#include "base/text.h"
#include "exchange.h"

/* Reading an answer's headers: the raw lines are kept, and cut up when one is asked for. */

static char *line_value(char *line, char *end, const char *name)
{
    size_t length = strlen(name);
    if ((size_t)(end - line) <= length || strncasecmp(line, name, length) != 0 ||
        line[length] != ':') {
        return NULL;
    }
    char *value = line + length + 1;
    while (value < end && (*value == ' ' || *value == '\t')) {
        value++;
    }
    return value;
}

const char *http_response_header(const struct http_response *response, const char *name, size_t nth)
{
    const struct http_exchange *exchange = response->headers;
    if (exchange == NULL) {
        return NULL;
    }
    char *at = exchange->raw_headers.data;
    char *end = at + exchange->raw_headers.length;
    while (at < end) {
        /* A value that was handed out before has its line end cut off by a NUL. */
        char *line_end = at;
        while (line_end < end && *line_end != '\r' && *line_end != '\n' && *line_end != '\0') {
            line_end++;
        }
        char *value = line_value(at, line_end, name);
        if (value != NULL && nth-- == 0) {
            *line_end = '\0';
            return value;
        }
        at = line_end + 1;
    }
    return NULL;
}

int64_t http_response_retry_after_ms(const struct http_response *response)
{
    const char *value = http_response_header(response, "Retry-After", 0);
    if (value == NULL || *value == '\0') {
        return -1;
    }
    if (*value >= '0' && *value <= '9') {
        char *end;
        long seconds = strtol(value, &end, 10);
        return *end == '\0' && seconds < 86400 ? seconds * 1000L : -1;
    }
    time_t when = curl_getdate(value, NULL);
    if (when == (time_t)-1) {
        return -1;
    }
    int64_t wait = (int64_t)when * 1000 - clock_wall_ms();
    return wait < 0 ? 0 : wait;
}

bool http_response_is(const struct http_response *response, const char *media_type)
{
    const char *value = http_response_header(response, "Content-Type", 0);
    size_t length = strlen(media_type);
    return value != NULL && strncasecmp(value, media_type, length) == 0 &&
           (value[length] == '\0' || value[length] == ';' || value[length] == ' ' ||
            value[length] == ',');
}
