#include "gojson.h"

#include <string.h>

#include "base/text.h"

/* Go stops at 10,000; nothing that the kubelet reads nests deeper than four. */
enum { DEPTH_LIMIT = 500 };

struct scan {
    const char *start;
    const char *at;
    const char *end;
    const char *fault; /* what is wrong at `at` */
    int depth;
};

static bool scan_value(struct scan *scan);

static bool fail(struct scan *scan, const char *what)
{
    scan->fault = scan->at == scan->end ? "the text ends too early" : what;
    return false;
}

static void skip_blank(struct scan *scan)
{
    while (scan->at < scan->end &&
           (*scan->at == ' ' || *scan->at == '\t' || *scan->at == '\n' || *scan->at == '\r')) {
        scan->at++;
    }
}

static bool is_digit(const struct scan *scan)
{
    return scan->at < scan->end && *scan->at >= '0' && *scan->at <= '9';
}

static bool is_hex_digit(char c)
{
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
}

static bool scan_digits(struct scan *scan)
{
    if (!is_digit(scan)) {
        return fail(scan, "a number needs a digit here");
    }
    while (is_digit(scan)) {
        scan->at++;
    }
    return true;
}

static bool scan_number(struct scan *scan)
{
    scan->at += *scan->at == '-' ? 1 : 0;
    if (scan->at < scan->end && *scan->at == '0') {
        scan->at++;
    } else if (!scan_digits(scan)) {
        return false;
    }
    if (scan->at < scan->end && *scan->at == '.') {
        scan->at++;
        if (!scan_digits(scan)) {
            return false;
        }
    }
    if (scan->at < scan->end && (*scan->at == 'e' || *scan->at == 'E')) {
        scan->at++;
        if (scan->at < scan->end && (*scan->at == '+' || *scan->at == '-')) {
            scan->at++;
        }
        return scan_digits(scan);
    }
    return true;
}

static bool scan_escape(struct scan *scan)
{
    scan->at++;
    if (scan->at == scan->end || *scan->at == '\0' || strchr("\"\\/bfnrtu", *scan->at) == NULL) {
        return fail(scan, "invalid escape in a string");
    }
    if (*scan->at++ != 'u') {
        return true;
    }
    for (int i = 0; i < 4; i++, scan->at++) {
        if (scan->at == scan->end || !is_hex_digit(*scan->at)) {
            return fail(scan, "\\u needs four hexadecimal digits");
        }
    }
    return true;
}

static bool scan_string(struct scan *scan)
{
    if (scan->at == scan->end || *scan->at != '"') {
        return fail(scan, "expected a string in double quotes");
    }
    scan->at++;
    while (scan->at < scan->end && *scan->at != '"') {
        if ((unsigned char)*scan->at < 0x20) {
            return fail(scan, "a control character in a string");
        }
        if (*scan->at == '\\') {
            if (!scan_escape(scan)) {
                return false;
            }
        } else {
            scan->at++;
        }
    }
    if (scan->at == scan->end) {
        return fail(scan, "");
    }
    scan->at++;
    return true;
}

static bool scan_word(struct scan *scan, const char *word)
{
    for (const char *c = word; *c != '\0'; c++, scan->at++) {
        if (scan->at == scan->end || *scan->at != *c) {
            return fail(scan, "invalid word; only true, false and null may stand bare");
        }
    }
    return true;
}

/* Members or elements up to the closing bracket. */
static bool scan_items(struct scan *scan, char close)
{
    scan->at++;
    skip_blank(scan);
    if (scan->at < scan->end && *scan->at == close) {
        scan->at++;
        return true;
    }
    for (;;) {
        skip_blank(scan);
        if (close == '}') {
            if (!scan_string(scan)) {
                return false;
            }
            skip_blank(scan);
            if (scan->at == scan->end || *scan->at != ':') {
                return fail(scan, "expected ':' behind a member's name");
            }
            scan->at++;
        }
        if (!scan_value(scan)) {
            return false;
        }
        skip_blank(scan);
        if (scan->at < scan->end && *scan->at == close) {
            scan->at++;
            return true;
        }
        if (scan->at == scan->end || *scan->at != ',') {
            return fail(scan, close == '}' ? "expected ',' or '}'" : "expected ',' or ']'");
        }
        scan->at++;
    }
}

static bool scan_nested(struct scan *scan, char close)
{
    if (scan->depth >= DEPTH_LIMIT) {
        scan->fault = "nested too deep";
        return false;
    }
    scan->depth++;
    bool good = scan_items(scan, close);
    scan->depth--;
    return good;
}

static bool scan_value(struct scan *scan)
{
    skip_blank(scan);
    if (scan->at == scan->end) {
        return fail(scan, "");
    }
    switch (*scan->at) {
    case '{':
        return scan_nested(scan, '}');
    case '[':
        return scan_nested(scan, ']');
    case '"':
        return scan_string(scan);
    case 't':
        return scan_word(scan, "true");
    case 'f':
        return scan_word(scan, "false");
    case 'n':
        return scan_word(scan, "null");
    case '/':
        return fail(scan, "expected a value (JSON has no comments)");
    default:
        if (*scan->at == '-' || is_digit(scan)) {
            return scan_number(scan);
        }
        return fail(scan, "expected a value");
    }
}

void gojson_place(const char *bytes, size_t offset, size_t *line, size_t *column)
{
    *line = 1;
    *column = 1;
    for (size_t i = 0; i < offset; i++) {
        if (bytes[i] == '\n') {
            *line += 1;
            *column = 1;
        } else {
            *column += 1;
        }
    }
}

bool gojson_validate(const char *bytes, size_t length, struct gojson *value, size_t *offset,
                     struct error *err)
{
    struct scan scan = {bytes, bytes, bytes + length, NULL, 0};
    skip_blank(&scan);
    value->start = scan.at;
    bool good = scan_value(&scan);
    value->end = scan.at;
    if (length >= 3 && memcmp(bytes, "\xef\xbb\xbf", 3) == 0) {
        scan.fault = "a byte-order mark, which JSON does not allow";
        good = false;
    }
    skip_blank(&scan);
    if (good && scan.at != scan.end) {
        good = fail(&scan, "text behind the end of the value");
    }
    if (good) {
        return true;
    }
    size_t at = (size_t)(scan.at - bytes);
    size_t line = 0;
    size_t column = 0;
    gojson_place(bytes, at, &line, &column);
    if (offset != NULL) {
        *offset = at;
    }
    return error_set(err, ERROR_INVALID, "line %zu, column %zu: %s", line, column, scan.fault);
}

enum gojson_kind gojson_kind(struct gojson value)
{
    switch (*value.start) {
    case '{':
        return GOJSON_OBJECT;
    case '[':
        return GOJSON_ARRAY;
    case '"':
        return GOJSON_STRING;
    case 't':
    case 'f':
        return GOJSON_BOOLEAN;
    case 'n':
        return GOJSON_NULL;
    default:
        return GOJSON_NUMBER;
    }
}

const char *gojson_kind_name(enum gojson_kind kind)
{
    static const char *const names[] = {"an object", "a list",    "a string",
                                        "a number",  "a boolean", "null"};
    return names[kind];
}

bool gojson_next_member(struct gojson object, const char **position, struct gojson *name,
                        struct gojson *value)
{
    struct scan scan = {object.start, *position != NULL ? *position : object.start + 1, object.end,
                        NULL, 0};
    skip_blank(&scan);
    if (*scan.at == ',') {
        scan.at++;
        skip_blank(&scan);
    }
    if (*scan.at == '}') {
        return false;
    }
    name->start = scan.at;
    scan_string(&scan);
    name->end = scan.at;
    skip_blank(&scan);
    scan.at++;
    skip_blank(&scan);
    value->start = scan.at;
    scan_value(&scan);
    value->end = scan.at;
    *position = scan.at;
    return true;
}

bool gojson_member(struct gojson object, const char *name, struct gojson *value)
{
    if (gojson_kind(object) != GOJSON_OBJECT) {
        return false;
    }
    bool found = false;
    const char *position = NULL;
    struct gojson member;
    struct gojson candidate;
    while (gojson_next_member(object, &position, &member, &candidate)) {
        if (gojson_name_is(member, name)) {
            *value = candidate;
            found = true;
        }
    }
    return found;
}
