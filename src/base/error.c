#include "base/error.h"

#include <stdio.h>
#include <string.h>

#include "base/buffer.h"
#include "base/language.h"
#include "base/text.h"

static void store_safe(struct error *err, const char *text)
{
    struct buffer safe;
    buffer_init(&safe, sizeof(err->message) * 4);
    text_append_safe(&safe, text, strlen(text));
    size_t length = safe.length;
    if (length >= sizeof(err->message)) {
        /* Cut at a character, never inside one. */
        length = sizeof(err->message) - 1;
        while (length > 0 && ((unsigned char)safe.data[length] & 0xC0) == 0x80) {
            length--;
        }
    }
    memcpy(err->message, safe.data, length);
    err->message[length] = '\0';
    buffer_free(&safe);
}

bool error_vset(struct error *err, enum error_kind kind, const char *format, va_list args)
{
    if (err == NULL) {
        return false;
    }
    char text[sizeof(err->message) * 2];
    vsnprintf(text, sizeof(text), _(format), args);
    err->kind = kind;
    store_safe(err, text);
    return false;
}

bool error_set(struct error *err, enum error_kind kind, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    error_vset(err, kind, format, args);
    va_end(args);
    return false;
}

bool error_wrap(struct error *err, const char *format, ...)
{
    if (err == NULL) {
        return false;
    }
    char context[sizeof(err->message)];
    va_list args;
    va_start(args, format);
    vsnprintf(context, sizeof(context), _(format), args);
    va_end(args);
    char text[sizeof(err->message) * 2 + 2];
    snprintf(text, sizeof(text), "%s: %s", context, err->message);
    store_safe(err, text);
    return false;
}

void error_clear(struct error *err)
{
    if (err != NULL) {
        err->kind = ERROR_NONE;
        err->message[0] = '\0';
    }
}

const char *error_kind_name(enum error_kind kind)
{
    switch (kind) {
    case ERROR_NONE:
        return "none";
    case ERROR_USAGE:
        return "usage";
    case ERROR_CONFIG:
        return "config";
    case ERROR_AUTH:
        return "auth";
    case ERROR_FORBIDDEN:
        return "forbidden";
    case ERROR_NOT_FOUND:
        return "not-found";
    case ERROR_CONFLICT:
        return "conflict";
    case ERROR_INVALID:
        return "invalid";
    case ERROR_UNAVAILABLE:
        return "unavailable";
    case ERROR_TIMEOUT:
        return "timeout";
    case ERROR_PROTOCOL:
        return "protocol";
    case ERROR_INTERNAL:
        return "internal";
    }
    return "unknown";
}

int error_exit_code(enum error_kind kind)
{
    switch (kind) {
    case ERROR_NONE:
        return 0;
    case ERROR_USAGE:
        return 2;
    case ERROR_FORBIDDEN:
    case ERROR_NOT_FOUND:
    case ERROR_CONFLICT:
    case ERROR_INVALID:
        return 4;
    case ERROR_CONFIG:
    case ERROR_AUTH:
    case ERROR_UNAVAILABLE:
    case ERROR_TIMEOUT:
    case ERROR_PROTOCOL:
    case ERROR_INTERNAL:
        return 3;
    }
    return 3;
}
