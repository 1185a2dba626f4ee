#include "number.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { MAX_NUMBER_TEXT = 400, MAX_DIGITS = 17 };

bool number_read(const char *text, size_t length, double *value)
{
    char copy[MAX_NUMBER_TEXT];
    if (length == 0 || length >= sizeof(copy)) {
        return false;
    }
    memcpy(copy, text, length);
    copy[length] = '\0';
    char *end = NULL;
    *value = strtod(copy, &end);
    return strspn(copy, "0123456789+-.eE") == length && end == copy + length;
}

/* The fewest significant digits that read back as value (which is positive); returns how many and
 * sets the exponent of the first. */
static size_t shortest_digits(double value, char digits[MAX_DIGITS + 1], int *exponent)
{
    char text[64];
    for (int precision = 0; precision < MAX_DIGITS; precision++) {
        snprintf(text, sizeof(text), "%.*e", precision, value);
        if (precision == MAX_DIGITS - 1 || strtod(text, NULL) == value) {
            break;
        }
    }
    size_t count = 0;
    const char *at = text;
    for (; *at != 'e' && *at != '\0'; at++) {
        if (*at >= '0' && *at <= '9' && count < MAX_DIGITS) {
            digits[count++] = *at;
        }
    }
    *exponent = *at == 'e' ? (int)strtol(at + 1, NULL, 10) : 0;
    return count;
}

static bool write_with_exponent(struct buffer *out, const char *digits, size_t count, int exponent,
                                int exponent_digits)
{
    return buffer_append(out, digits, 1) && (count == 1 || buffer_append_char(out, '.')) &&
           buffer_append(out, digits + 1, count - 1) &&
           buffer_printf(out, "e%c%0*d", exponent < 0 ? '-' : '+', exponent_digits, abs(exponent));
}

static bool write_plainly(struct buffer *out, const char *digits, size_t count, int exponent)
{
    if (exponent < 0) {
        return buffer_append_string(out, "0.") &&
               buffer_append_repeat(out, '0', (size_t)(-exponent - 1)) &&
               buffer_append(out, digits, count);
    }
    size_t whole = (size_t)exponent + 1;
    if (count <= whole) {
        return buffer_append(out, digits, count) && buffer_append_repeat(out, '0', whole - count);
    }
    return buffer_append(out, digits, whole) && buffer_append_char(out, '.') &&
           buffer_append(out, digits + whole, count - whole);
}

/* Exponents from low to high (exclusive) are written without one. */
static bool write_in_range(struct buffer *out, double value, int low, int high, int exponent_digits)
{
    if (value == 0) {
        return buffer_append_char(out, '0');
    }
    if (value < 0) {
        if (!buffer_append_char(out, '-')) {
            return false;
        }
        value = -value;
    }
    char digits[MAX_DIGITS + 1];
    int exponent = 0;
    size_t count = shortest_digits(value, digits, &exponent);
    if (exponent < low || exponent >= high) {
        return write_with_exponent(out, digits, count, exponent, exponent_digits);
    }
    return write_plainly(out, digits, count, exponent);
}

bool number_write(struct buffer *out, double value)
{
    if (!isfinite(value)) {
        return buffer_append_string(out, "null");
    }
    return write_in_range(out, value, -6, 21, 1);
}

bool number_write_yaml(struct buffer *out, double value)
{
    if (isnan(value)) {
        return buffer_append_string(out, ".nan");
    }
    if (isinf(value)) {
        return buffer_append_string(out, value < 0 ? "-.inf" : ".inf");
    }
    bool whole =
        value == floor(value) && value < 18446744073709551616.0 && value >= -9223372036854775808.0;
    return write_in_range(out, value, -4, whole ? 21 : 6, 2);
}
