#include <string.h>

#include "doc/json.h"

enum { MAX_DEPTH = 512 };

static void place_of(const char *text, size_t offset, int *line, int *column)
{
    *line = 1;
    *column = 1;
    for (size_t i = 0; i < offset; i++) {
        if (text[i] == '\n') {
            (*line)++;
            *column = 1;
        } else if (((unsigned char)text[i] & 0xC0) != 0x80) {
            (*column)++;
        }
    }
}

static cJSON *refuse(const char *text, size_t offset, const char *source, const char *what,
                     struct error *err)
{
    int line, column;
    place_of(text, offset, &line, &column);
    error_set(err, ERROR_PROTOCOL, "%s:%d:%d: %s", source, line, column, what);
    return NULL;
}

/* cJSON recurses, so depth is checked before it runs. Returns length, or where it gets too deep. */
static size_t find_too_deep(const char *text, size_t length)
{
    int depth = 0;
    bool in_string = false;
    for (size_t i = 0; i < length; i++) {
        if (in_string) {
            if (text[i] == '\\') {
                i++;
            } else if (text[i] == '"') {
                in_string = false;
            }
        } else if (text[i] == '"') {
            in_string = true;
        } else if (text[i] == '[' || text[i] == '{') {
            if (++depth > MAX_DEPTH) {
                return i;
            }
        } else if (text[i] == ']' || text[i] == '}') {
            depth--;
        }
    }
    return length;
}

static size_t skip_blanks(const char *text, size_t length, size_t at)
{
    while (at < length && strchr(" \t\r\n", text[at]) != NULL && text[at] != '\0') {
        at++;
    }
    return at;
}

cJSON *json_parse(const char *text, size_t length, const char *source, struct error *err)
{
    size_t start = skip_blanks(text, length, 0);
    if (start == length) {
        return refuse(text, start, source, "empty where a JSON value should be", err);
    }
    size_t deep = find_too_deep(text, length);
    if (deep < length) {
        return refuse(text, deep, source, "JSON nested more than 512 levels deep", err);
    }
    const char *end = NULL;
    cJSON *value = cJSON_ParseWithLengthOpts(text, length, &end, false);
    size_t offset = end == NULL ? 0 : (size_t)(end - text);
    if (value == NULL) {
        bool cut = offset + 1 >= length;
        return refuse(text, offset, source, cut ? "the JSON text is cut off" : "not valid JSON",
                      err);
    }
    offset = skip_blanks(text, length, offset);
    if (offset < length) {
        json_delete_secret(value);
        return refuse(text, offset, source, "something follows the JSON value", err);
    }
    return value;
}
