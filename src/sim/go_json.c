#include "go_json.h"

#include <stdio.h>
#include <string.h>

#include "base/text.h"

/* The states of encoding/json's scanner.go that a message can name. */
enum { DEPTH_LIMIT = 500 };

struct scanner {
    const unsigned char *text;
    size_t length;
    size_t at;
    int depth;
    char *why;
};

static bool value(struct scanner *s);

static bool fail(struct scanner *s, const char *where)
{
    if (s->at >= s->length) {
        snprintf(s->why, SIM_GO_JSON_SIZE, "unexpected end of JSON input");
        return false;
    }
    unsigned char c = s->text[s->at];
    char shown[16];
    if (c == '\'') {
        snprintf(shown, sizeof(shown), "'\\''");
    } else if (c == '"') {
        snprintf(shown, sizeof(shown), "'\"'");
    } else if (c == '\\') {
        snprintf(shown, sizeof(shown), "'\\\\'");
    } else if (c == '\n' || c == '\r' || c == '\t') {
        snprintf(shown, sizeof(shown), "'\\%c'", c == '\n' ? 'n' : c == '\r' ? 'r' : 't');
    } else if (c < 0x20 || c == 0x7f) {
        snprintf(shown, sizeof(shown), "'\\x%02x'", c);
    } else if (c >= 0x80 && c <= 0xa0) {
        snprintf(shown, sizeof(shown), "'\\u%04x'", c);
    } else if (c > 0xa0) {
        /* strconv.Quote(string(c)): the byte taken as a code point. */
        char utf8[5] = "";
        utf8[text_encode_utf8(c, utf8)] = '\0';
        snprintf(shown, sizeof(shown), "'%s'", utf8);
    } else {
        snprintf(shown, sizeof(shown), "'%c'", c);
    }
    snprintf(s->why, SIM_GO_JSON_SIZE, "invalid character %s %s", shown, where);
    return false;
}

static void skip_space(struct scanner *s)
{
    while (s->at < s->length && strchr(" \t\r\n", s->text[s->at]) != NULL &&
           s->text[s->at] != '\0') {
        s->at++;
    }
}

static bool peek_is(const struct scanner *s, char c)
{
    return s->at < s->length && s->text[s->at] == (unsigned char)c;
}

static bool is_digit(const struct scanner *s)
{
    return s->at < s->length && s->text[s->at] >= '0' && s->text[s->at] <= '9';
}

static bool literal(struct scanner *s, const char *word)
{
    for (size_t i = 1; word[i] != '\0'; i++) {
        s->at++;
        if (!peek_is(s, word[i])) {
            char where[64];
            snprintf(where, sizeof(where), "in literal %s (expecting '%c')", word, word[i]);
            return fail(s, where);
        }
    }
    s->at++;
    return true;
}

static bool escape(struct scanner *s)
{
    s->at++;
    if (s->at < s->length && s->text[s->at] != '\0' &&
        strchr("\"\\/bfnrt", s->text[s->at]) != NULL) {
        s->at++;
        return true;
    }
    if (!peek_is(s, 'u')) {
        return fail(s, "in string escape code");
    }
    s->at++;
    for (int i = 0; i < 4; i++, s->at++) {
        if (s->at >= s->length || s->text[s->at] == '\0' ||
            strchr("0123456789abcdefABCDEF", s->text[s->at]) == NULL) {
            return fail(s, "in \\u hexadecimal character escape");
        }
    }
    return true;
}

static bool string(struct scanner *s)
{
    s->at++;
    while (s->at < s->length) {
        unsigned char c = s->text[s->at];
        if (c == '"') {
            s->at++;
            return true;
        }
        if (c < 0x20) {
            return fail(s, "in string literal");
        }
        if (c == '\\') {
            if (!escape(s)) {
                return false;
            }
        } else {
            s->at++;
        }
    }
    return fail(s, "");
}

static bool digits(struct scanner *s, const char *where)
{
    if (!is_digit(s)) {
        return fail(s, where);
    }
    while (is_digit(s)) {
        s->at++;
    }
    return true;
}

static bool number(struct scanner *s)
{
    if (peek_is(s, '-')) {
        s->at++;
        if (!is_digit(s)) {
            return fail(s, "in numeric literal");
        }
    }
    if (peek_is(s, '0')) {
        s->at++;
    } else if (!digits(s, "in numeric literal")) {
        return false;
    }
    if (peek_is(s, '.')) {
        s->at++;
        if (!digits(s, "after decimal point in numeric literal")) {
            return false;
        }
    }
    if (peek_is(s, 'e') || peek_is(s, 'E')) {
        s->at++;
        if (peek_is(s, '+') || peek_is(s, '-')) {
            s->at++;
        }
        return digits(s, "in exponent of numeric literal");
    }
    return true;
}

static bool object(struct scanner *s)
{
    s->at++;
    skip_space(s);
    if (peek_is(s, '}')) {
        s->at++;
        return true;
    }
    for (;;) {
        skip_space(s);
        if (!peek_is(s, '"')) {
            return fail(s, "looking for beginning of object key string");
        }
        if (!string(s)) {
            return false;
        }
        skip_space(s);
        if (!peek_is(s, ':')) {
            return fail(s, "after object key");
        }
        s->at++;
        if (!value(s)) {
            return false;
        }
        skip_space(s);
        if (peek_is(s, '}')) {
            s->at++;
            return true;
        }
        if (!peek_is(s, ',')) {
            return fail(s, "after object key:value pair");
        }
        s->at++;
    }
}

static bool list(struct scanner *s)
{
    s->at++;
    skip_space(s);
    if (peek_is(s, ']')) {
        s->at++;
        return true;
    }
    for (;;) {
        if (!value(s)) {
            return false;
        }
        skip_space(s);
        if (peek_is(s, ']')) {
            s->at++;
            return true;
        }
        if (!peek_is(s, ',')) {
            return fail(s, "after array element");
        }
        s->at++;
    }
}

static bool value(struct scanner *s)
{
    skip_space(s);
    if (s->at >= s->length) {
        return fail(s, "");
    }
    bool ok;
    switch (s->text[s->at]) {
    case '{':
    case '[':
        if (++s->depth > DEPTH_LIMIT) {
            snprintf(s->why, SIM_GO_JSON_SIZE, "exceeded max depth");
            return false;
        }
        ok = s->text[s->at] == '{' ? object(s) : list(s);
        s->depth--;
        return ok;
    case '"':
        return string(s);
    case 't':
        return literal(s, "true");
    case 'f':
        return literal(s, "false");
    case 'n':
        return literal(s, "null");
    default:
        if (is_digit(s) || peek_is(s, '-')) {
            return number(s);
        }
        return fail(s, "looking for beginning of value");
    }
}

bool sim_go_json_check(const char *text, size_t length, char why[SIM_GO_JSON_SIZE])
{
    struct scanner s = {(const unsigned char *)text, length, 0, 0, why};
    why[0] = '\0';
    if (!value(&s)) {
        return false;
    }
    skip_space(&s);
    return s.at == s.length || fail(&s, "after top-level value");
}
