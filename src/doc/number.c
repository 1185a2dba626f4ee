#include "number.h"

#include <locale.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { MAX_NUMBER_TEXT = 400, MAX_DIGITS = 17, FIRST_BIG_EXPONENT = 21, LAST_SMALL_EXPONENT = -6 };

bool number_read(const char *text, size_t length, double *value)
{
    char copy[MAX_NUMBER_TEXT];
    const char *point = localeconv()->decimal_point;
    size_t point_length = strlen(point);
    size_t used = 0;
    for (size_t i = 0; i < length; i++) {
        size_t room = sizeof(copy) - used;
        if (room <= point_length + 1 || strchr("0123456789+-.eE", text[i]) == NULL ||
            text[i] == '\0') {
            return false;
        }
        if (text[i] == '.') {
            memcpy(copy + used, point, point_length);
            used += point_length;
        } else {
            copy[used++] = text[i];
        }
    }
    copy[used] = '\0';
    char *end = NULL;
    *value = strtod(copy, &end);
    return used > 0 && end == copy + used;
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

static bool write_with_exponent(struct buffer *out, const char *digits, size_t count, int exponent)
{
    return buffer_append(out, digits, 1) && (count == 1 || buffer_append_char(out, '.')) &&
           buffer_append(out, digits + 1, count - 1) &&
           buffer_printf(out, "e%c%d", exponent < 0 ? '-' : '+', abs(exponent));
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

bool number_write(struct buffer *out, double value)
{
    if (!isfinite(value)) {
        return buffer_append_string(out, "null");
    }
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
    if (exponent < LAST_SMALL_EXPONENT || exponent >= FIRST_BIG_EXPONENT) {
        return write_with_exponent(out, digits, count, exponent);
    }
    return write_plainly(out, digits, count, exponent);
}
