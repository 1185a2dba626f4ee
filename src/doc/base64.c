#include <string.h>

#include "doc/json.h"

static const char alphabet[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

bool base64_encode(struct buffer *out, const void *bytes, size_t length)
{
    const unsigned char *in = bytes;
    size_t before = out->length;
    for (size_t i = 0; i < length; i += 3) {
        size_t left = length - i;
        unsigned group = (unsigned)in[i] << 16;
        group |= left > 1 ? (unsigned)in[i + 1] << 8 : 0;
        group |= left > 2 ? (unsigned)in[i + 2] : 0;
        char quad[4] = {alphabet[group >> 18], alphabet[group >> 12 & 63],
                        left > 1 ? alphabet[group >> 6 & 63] : '=',
                        left > 2 ? alphabet[group & 63] : '='};
        if (!buffer_append(out, quad, sizeof(quad))) {
            buffer_truncate(out, before);
            return false;
        }
    }
    return true;
}

static int digit_of(char c)
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
    return c == '+' ? 62 : c == '/' ? 63 : -1;
}

/* Appends the bytes of 2, 3 or 4 digits. */
static bool append_group(struct buffer *out, unsigned group, int digits)
{
    group <<= 6 * (4 - digits);
    char bytes[3] = {(char)(group >> 16 & 255), (char)(group >> 8 & 255), (char)(group & 255)};
    return buffer_append(out, bytes, (size_t)digits - 1);
}

static bool decode(struct buffer *out, const char *text, size_t length, bool allow_raw)
{
    unsigned group = 0;
    int digits = 0;
    int padding = 0;
    for (size_t i = 0; i < length; i++) {
        if (text[i] == '\n' || text[i] == '\r') {
            continue;
        }
        if (text[i] == '=') {
            padding++;
            continue;
        }
        int digit = digit_of(text[i]);
        if (digit < 0 || padding > 0) {
            return false;
        }
        group = group << 6 | (unsigned)digit;
        if (++digits == 4) {
            if (!append_group(out, group, 4)) {
                return false;
            }
            group = 0;
            digits = 0;
        }
    }
    if (digits == 0) {
        return padding == 0;
    }
    bool padded = digits > 1 && padding == 4 - digits;
    bool raw = digits > 1 && padding == 0 && allow_raw;
    return (padded || raw) && append_group(out, group, digits);
}

bool base64_decode(struct buffer *out, const char *text, size_t length, bool allow_raw)
{
    size_t before = out->length;
    if (!decode(out, text, length, allow_raw)) {
        buffer_truncate(out, before);
        return false;
    }
    return true;
}
