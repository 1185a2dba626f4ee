#include "status.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/language.h"
#include "base/text.h"
#include "doc/json.h"

enum { MESSAGE_SHOWN = 1200, BODY_SHOWN = 200 };

enum error_kind status_error_kind(int code)
{
    switch (code) {
    case 401:
        return ERROR_AUTH;
    case 403:
        return ERROR_FORBIDDEN;
    case 404:
        return ERROR_NOT_FOUND;
    case 409:
    case 410:
    case 412:
        return ERROR_CONFLICT;
    case 408:
    case 504:
        return ERROR_TIMEOUT;
    case 429:
        return ERROR_UNAVAILABLE;
    default:
        return code >= 500 ? ERROR_UNAVAILABLE : code >= 400 ? ERROR_INVALID : ERROR_PROTOCOL;
    }
}

bool status_is_status(const cJSON *object)
{
    const char *kind = json_string(object, "kind");
    return kind != NULL && strcmp(kind, "Status") == 0;
}

/* What to do about it, where the code alone says so. */
static const char *advice(int code)
{
    switch (code) {
    case 401:
        return "; log in again, or check the token, certificate or plugin of this user";
    case 429:
        return "; the server is busy, try again in a moment";
    case 500:
        return "; the fault is on the server's side";
    case 502:
    case 503:
        return "; the server is starting, stopping or overloaded";
    case 504:
        return "; the server ran out of time";
    default:
        return "";
    }
}

/* Messages of a refused Secret may quote its content: field names and verdicts are left. */
static void explain_secret(struct error *err, int code, const cJSON *status)
{
    struct buffer fields;
    buffer_init(&fields, 1024);
    const cJSON *cause;
    const cJSON *causes = json_list(json_object(status, "details"), "causes");
    cJSON_ArrayForEach(cause, causes)
    {
        const char *field = json_string_or(cause, "field", "");
        const char *reason = json_string_or(cause, "reason", "");
        buffer_printf(&fields, "%s%s %s", fields.length > 0 ? ", " : ": ", field, reason);
    }
    error_set(err, status_error_kind(code),
              "the server refused the Secret's content (HTTP %d %s)%s; its message may quote the "
              "content and is not shown",
              code, json_string_or(status, "reason", ""), fields.data);
    buffer_free(&fields);
}

static bool may_quote(int code)
{
    return code == 400 || code == 413 || code == 415 || code == 422 || code >= 500;
}

/* Causes whose field the message does not already name: "; field: message". */
static void append_causes(struct buffer *out, const char *message, const cJSON *status)
{
    const cJSON *cause;
    const cJSON *causes = json_list(json_object(status, "details"), "causes");
    cJSON_ArrayForEach(cause, causes)
    {
        const char *field = json_string(cause, "field");
        const char *text = json_string(cause, "message");
        if (text == NULL || strstr(message, text) != NULL) {
            continue;
        }
        buffer_printf(out, "; %s%s%.200s", field == NULL ? "" : field, field == NULL ? "" : ": ",
                      text);
    }
}

/* A refused patch quotes the whole object in front of the one thing that is wrong with it. */
static const char *skip_quoted_object(const char *message)
{
    static const char strict[] = "\": strict decoding error: ";
    const char *found = strstr(message, strict);
    return found == NULL ? message : found + strlen("\": ");
}

static void explain_status(struct error *err, int code, const cJSON *status, bool secret)
{
    if (secret && may_quote(code)) {
        explain_secret(err, code, status);
        return;
    }
    const char *message = json_string_or(status, "message", "");
    const char *reason = json_string_or(status, "reason", "");
    const char *whole = message;
    message = skip_quoted_object(message);
    while (*message == ' ') {
        message++;
    }
    struct buffer text;
    buffer_init(&text, 64 * 1024);
    if (code == 401) {
        buffer_append_string(&text, _("the server does not accept the credential (Unauthorized)"));
    } else if (*message != '\0') {
        buffer_printf(&text, "%.*s", MESSAGE_SHOWN, message);
    } else {
        buffer_printf(&text, _("the server answered HTTP %d%s%s"), code, *reason == '\0' ? "" : " ",
                      reason);
    }
    append_causes(&text, whole, status);
    error_set(err, status_error_kind(code), "%s%s", text.data, advice(code));
    buffer_free(&text);
}

void status_explain_object(struct error *err, const cJSON *status)
{
    explain_status(err, (int)json_int(status, "code", 500), status, false);
}

static bool looks_like_html(const struct http_response *response)
{
    const char *body = response->body;
    while (*body == ' ' || *body == '\n' || *body == '\r' || *body == '\t') {
        body++;
    }
    return http_response_is(response, "text/html") || *body == '<';
}

void status_explain(struct error *err, const struct http_response *response, const cJSON *status,
                    bool secret)
{
    int code = response->status;
    if (status_is_status(status)) {
        explain_status(err, code, status, secret);
        return;
    }
    if (looks_like_html(response)) {
        error_set(err, code == 401 || code == 407 ? ERROR_AUTH : ERROR_PROTOCOL,
                  "HTTP %d with a web page instead of an answer of the Kubernetes API: a proxy or "
                  "login page stands in between, or the address is another server's",
                  code);
        return;
    }
    if (code >= 300 && code < 400) {
        const char *location = http_response_header(response, "Location", 0);
        error_set(err, ERROR_PROTOCOL,
                  "the server redirects to %.200s, which is not followed; set the right address "
                  "as server",
                  location == NULL ? "nowhere" : location);
        return;
    }
    if (secret && may_quote(code)) {
        explain_secret(err, code, NULL);
        return;
    }
    size_t length = response->body_length;
    while (length > 0 &&
           (response->body[length - 1] == '\n' || response->body[length - 1] == ' ')) {
        length--;
    }
    error_set(err, status_error_kind(code), "the server answered HTTP %d%s%.*s%s", code,
              length == 0 ? "" : ": ", (int)(length > BODY_SHOWN ? BODY_SHOWN : length),
              response->body, advice(code));
}

/* One quoted string from *at; appended to out unescaped. False if there is none. */
static bool next_quoted(const char **at, struct buffer *out)
{
    const char *c = strchr(*at, '"');
    if (c == NULL) {
        return false;
    }
    for (c++; *c != '\0' && *c != '"'; c++) {
        if (*c == '\\' && c[1] != '\0') {
            c++;
        }
        buffer_append_char(out, *c);
    }
    *at = *c == '"' ? c + 1 : c;
    return true;
}

char **status_read_warnings(const struct http_response *response)
{
    size_t count = 0;
    char **out = xcalloc(1, sizeof(*out));
    const char *value;
    for (size_t i = 0; (value = http_response_header(response, "Warning", i)) != NULL; i++) {
        struct buffer text;
        buffer_init(&text, 64 * 1024);
        while (count < 100 && next_quoted(&value, &text)) {
            out = xreallocarray(out, count + 2, sizeof(*out));
            out[count++] = text_safe(text.data);
            out[count] = NULL;
            buffer_clear(&text);
            /* An optional date in quotes may follow its text; the next warning begins at a comma.
             */
            value += strcspn(value, ",");
        }
        buffer_free(&text);
    }
    return out;
}

void status_free_warnings(char **warnings)
{
    for (size_t i = 0; warnings != NULL && warnings[i] != NULL; i++) {
        free(warnings[i]);
    }
    free(warnings);
}
