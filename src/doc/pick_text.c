#include "pick_text.h"

#include <string.h>

#include "doc/scan.h"

bool pick_fail(struct pick_reader *reader, const char *wrong)
{
    if (reader->wrong == NULL) {
        reader->wrong = wrong;
    }
    return false;
}

bool pick_read_raw(struct pick_reader *reader, struct pick_raw *raw)
{
    const char *at = reader->at + 1;
    *raw = (struct pick_raw){.text = at};
    for (;;) {
        at = json_scan_string(at, reader->end);
        if (at == reader->end) {
            return pick_fail(reader, "a string has no end");
        }
        if (*at == '"') {
            raw->length = (size_t)(at - raw->text);
            reader->at = at + 1;
            return true;
        }
        if (reader->end - at < 2) {
            return pick_fail(reader, "a string has no end");
        }
        raw->escapes = true;
        at += 2;
    }
}

/* Four hexadecimal digits; -1 if they are not. */
static int read_hex(const char *at, const char *end)
{
    int value = 0;
    if (end - at < 4) {
        return -1;
    }
    for (int i = 0; i < 4; i++) {
        int digit = at[i] >= '0' && at[i] <= '9'   ? at[i] - '0'
                    : at[i] >= 'a' && at[i] <= 'f' ? at[i] - 'a' + 10
                    : at[i] >= 'A' && at[i] <= 'F' ? at[i] - 'A' + 10
                                                   : -1;
        if (digit < 0) {
            return -1;
        }
        value = value * 16 + digit;
    }
    return value;
}

static char *put_utf8(char *out, unsigned point)
{
    if (point < 0x80) {
        *out++ = (char)point;
    } else if (point < 0x800) {
        *out++ = (char)(0xc0 | point >> 6);
        *out++ = (char)(0x80 | (point & 0x3f));
    } else if (point < 0x10000) {
        *out++ = (char)(0xe0 | point >> 12);
        *out++ = (char)(0x80 | (point >> 6 & 0x3f));
        *out++ = (char)(0x80 | (point & 0x3f));
    } else {
        *out++ = (char)(0xf0 | point >> 18);
        *out++ = (char)(0x80 | (point >> 12 & 0x3f));
        *out++ = (char)(0x80 | (point >> 6 & 0x3f));
        *out++ = (char)(0x80 | (point & 0x3f));
    }
    return out;
}

/* What follows a backslash and 'u', with the second half of a pair. */
static const char *read_code_point(const char *at, const char *end, char **out)
{
    int first = read_hex(at, end);
    at += 4;
    if (first < 0 || (first >= 0xdc00 && first <= 0xdfff)) {
        return NULL;
    }
    unsigned point = (unsigned)first;
    if (first >= 0xd800 && first <= 0xdbff) {
        int second = end - at >= 6 && at[0] == '\\' && at[1] == 'u' ? read_hex(at + 2, end) : -1;
        if (second < 0xdc00 || second > 0xdfff) {
            return NULL;
        }
        at += 6;
        point = 0x10000 + ((point & 0x3ff) << 10 | ((unsigned)second & 0x3ff));
    }
    *out = put_utf8(*out, point);
    return at;
}

/* Takes the meaning of the escapes into out (no longer than the text); the end of it, or NULL. */
static char *unescape(char *out, const struct pick_raw *raw)
{
    static const char codes[] = "\"\"\\\\//b\bf\fn\nr\rt\t";
    const char *at = raw->text;
    const char *end = at + raw->length;
    while (at < end) {
        if (*at != '\\') {
            *out++ = *at++;
            continue;
        }
        if (at[1] == 'u') {
            at = read_code_point(at + 2, end, &out);
            if (at == NULL) {
                return NULL;
            }
            continue;
        }
        size_t i = 0;
        while (i + 1 < sizeof(codes) - 1 && codes[i] != at[1]) {
            i += 2;
        }
        if (i + 1 >= sizeof(codes) - 1) {
            return NULL;
        }
        *out++ = codes[i + 1];
        at += 2;
    }
    return out;
}

char *pick_keep_raw(struct pick_reader *reader, const struct pick_raw *raw)
{
    char *text = arena_take(reader->arena, raw->length + 1);
    char *end = text + raw->length;
    if (!raw->escapes) {
        memcpy(text, raw->text, raw->length);
    } else {
        end = unescape(text, raw);
        if (end == NULL) {
            pick_fail(reader, "a string has an escape that means nothing");
            return NULL;
        }
        arena_shrink(reader->arena, raw->length + 1, (size_t)(end - text) + 1);
    }
    *end = '\0';
    return text;
}

bool pick_ends_word(char c)
{
    return c == ',' || c == '}' || c == ']' || c == ' ' || c == '\n' || c == '\r' || c == '\t';
}

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

const char *pick_end_of_number(const char *at, const char *end)
{
    at += *at == '-';
    const char *digits = at;
    while (at < end && is_digit(*at)) {
        at++;
    }
    if (at == digits || (*digits == '0' && at > digits + 1)) {
        return NULL;
    }
    if (at < end && *at == '.') {
        digits = ++at;
        while (at < end && is_digit(*at)) {
            at++;
        }
        if (at == digits) {
            return NULL;
        }
    }
    if (at < end && (*at == 'e' || *at == 'E')) {
        at++;
        at += at < end && (*at == '+' || *at == '-');
        digits = at;
        while (at < end && is_digit(*at)) {
            at++;
        }
        if (at == digits) {
            return NULL;
        }
    }
    return at;
}
