#include <stdint.h>
#include <string.h>

#include "base/text.h"
#include "gojson.h"

enum { REPLACEMENT = 0xfffd, SURROGATE_FIRST = 0xd800, SURROGATE_LOW = 0xdc00 };
enum { SURROGATE_LAST = 0xdfff };

static unsigned hex4(const char *digits)
{
    unsigned value = 0;
    for (int i = 0; i < 4; i++) {
        char c = digits[i];
        unsigned digit = c <= '9' ? (unsigned)(c - '0') : (unsigned)((c | 0x20) - 'a' + 10);
        value = value * 16 + digit;
    }
    return value;
}

/* A \uXXXX at text, with its low half if it is a pair; returns the bytes read. */
static size_t decode_unicode_escape(const char *text, const char *end, unsigned *rune)
{
    *rune = hex4(text + 2);
    if (*rune < SURROGATE_FIRST || *rune > SURROGATE_LAST) {
        return 6;
    }
    unsigned high = *rune;
    *rune = REPLACEMENT;
    if (high < SURROGATE_LOW && end - text >= 12 && text[6] == '\\' && text[7] == 'u') {
        unsigned low = hex4(text + 8);
        if (low >= SURROGATE_LOW && low <= SURROGATE_LAST) {
            *rune = 0x10000 + ((high - SURROGATE_FIRST) << 10) + (low - SURROGATE_LOW);
            return 12;
        }
    }
    return 6;
}

static size_t decode_escape(const char *text, const char *end, unsigned *rune)
{
    static const char letters[] = "bfnrt";
    static const char values[] = "\b\f\n\r\t";
    if (text[1] == 'u') {
        return decode_unicode_escape(text, end, rune);
    }
    const char *letter = strchr(letters, text[1]);
    *rune = (unsigned char)(letter != NULL ? values[letter - letters] : text[1]);
    return 2;
}

/* One character of a string literal; returns the bytes read. */
static size_t decode_one(const char *text, const char *end, unsigned *rune)
{
    if (*text == '\\') {
        return decode_escape(text, end, rune);
    }
    size_t length = text_decode_utf8(text, (size_t)(end - text), rune);
    if (length == 0) {
        *rune = REPLACEMENT;
        return 1;
    }
    return length;
}

bool gojson_append_decoded(struct buffer *out, struct gojson string)
{
    const char *at = string.start + 1;
    const char *end = string.end - 1;
    while (at < end) {
        unsigned rune = 0;
        at += decode_one(at, end, &rune);
        char bytes[4];
        size_t length = text_encode_utf8(rune, bytes);
        if (!buffer_append(out, bytes, length)) {
            return false;
        }
    }
    return true;
}

/* Simple case folding, as far as it leads to an ASCII letter: two letters outside ASCII do. */
static unsigned fold(unsigned rune)
{
    if (rune >= 'A' && rune <= 'Z') {
        return rune + ('a' - 'A');
    }
    if (rune == 0x212a) { /* the Kelvin sign */
        return 'k';
    }
    return rune == 0x17f ? 's' : rune; /* the long s */
}

bool gojson_name_is(struct gojson name, const char *field)
{
    const char *at = name.start + 1;
    const char *end = name.end - 1;
    while (at < end && *field != '\0') {
        unsigned rune = 0;
        at += decode_one(at, end, &rune);
        if (fold(rune) != fold((unsigned char)*field++)) {
            return false;
        }
    }
    return at == end && *field == '\0';
}

static void append_escaped_ascii(struct buffer *out, unsigned char c)
{
    static const char plain[] = "\"\\\b\f\n\r\t";
    static const char letters[] = "\"\\bfnrt";
    const char *found = c != '\0' ? strchr(plain, c) : NULL;
    if (found != NULL) {
        buffer_append_char(out, '\\');
        buffer_append_char(out, letters[found - plain]);
    } else if (c < 0x20 || c == '<' || c == '>' || c == '&') {
        static const char digits[] = "0123456789abcdef";
        buffer_append_string(out, "\\u00");
        buffer_append_char(out, digits[c >> 4]);
        buffer_append_char(out, digits[c & 15]);
    } else {
        buffer_append_char(out, (char)c);
    }
}

bool gojson_append_encoded(struct buffer *out, const char *bytes, size_t length)
{
    buffer_append_char(out, '"');
    for (size_t i = 0; i < length;) {
        if ((unsigned char)bytes[i] < 0x80) {
            append_escaped_ascii(out, (unsigned char)bytes[i]);
            i++;
            continue;
        }
        unsigned rune = 0;
        size_t width = text_decode_utf8(bytes + i, length - i, &rune);
        if (width == 0) {
            buffer_append_string(out, "\\ufffd");
            width = 1;
        } else if (rune == 0x2028 || rune == 0x2029) {
            buffer_append_string(out, rune == 0x2028 ? "\\u2028" : "\\u2029");
        } else {
            buffer_append(out, bytes + i, width);
        }
        i += width;
    }
    buffer_append_char(out, '"');
    return !out->overflowed;
}

static int base64_value(char c)
{
    if (c >= 'A' && c <= 'Z') {
        return c - 'A';
    }
    if (c >= 'a' && c <= 'z') {
        return c - 'a' + 26;
    }
    if (c >= '0' && c <= '9') {
        return c - '0' + 52;
    }
    if (c == '+') {
        return 62;
    }
    return c == '/' ? 63 : -1;
}

static size_t skip_breaks(const char *text, size_t length, size_t at)
{
    while (at < length && (text[at] == '\n' || text[at] == '\r')) {
        at++;
    }
    return at;
}

/* Behind the first '=' of a group that has `digits` digits; false with Go's offset. */
static bool finish_padding(const char *text, size_t length, size_t at, int digits, size_t *bad)
{
    *bad = at - 1;
    if (digits < 2) {
        return false;
    }
    if (digits == 2) {
        at = skip_breaks(text, length, at);
        *bad = at == length ? length : at - 1;
        if (at == length || text[at] != '=') {
            return false;
        }
        at++;
    }
    at = skip_breaks(text, length, at);
    *bad = at;
    return at == length;
}

static bool append_group(struct buffer *out, const uint8_t value[4], int digits)
{
    uint32_t bits = (uint32_t)value[0] << 18 | (uint32_t)value[1] << 12 | (uint32_t)value[2] << 6 |
                    (uint32_t)value[3];
    const char bytes[3] = {(char)(bits >> 16), (char)(bits >> 8), (char)bits};
    return buffer_append(out, bytes, digits < 2 ? 0 : (size_t)digits - 1);
}

bool gobase64_decode(struct buffer *out, const char *text, size_t length, bool padded, size_t *bad)
{
    uint8_t group[4] = {0};
    int digits = 0;
    for (size_t at = 0; at < length; at++) {
        int value = base64_value(text[at]);
        if (value >= 0) {
            group[digits++] = (uint8_t)value;
            if (digits == 4) {
                append_group(out, group, 4);
                memset(group, 0, sizeof(group));
                digits = 0;
            }
        } else if (text[at] == '=' && padded) {
            return finish_padding(text, length, at + 1, digits, bad) &&
                   append_group(out, group, digits);
        } else if (text[at] != '\n' && text[at] != '\r') {
            *bad = at;
            return false;
        }
    }
    if (digits == 1 || (digits > 0 && padded)) {
        *bad = length - (size_t)digits;
        return false;
    }
    return append_group(out, group, digits) && !out->overflowed;
}
