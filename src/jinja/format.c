/* Python's two ways of formatting: "%s" % x and "{}".format(x). */
#include "format.h"

#include <ctype.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"

enum { MAX_WIDTH = 100000 };

struct spec {
    char align; /* < > ^ = or NUL */
    char fill[5];
    char sign; /* + - blank or NUL */
    bool alternate;
    bool zero;
    int width;
    int precision; /* -1: none */
    char grouping; /* , _ or NUL */
    char type;
};

static void group_digits(struct buffer *out, const char *digits, size_t count, char mark,
                         size_t every)
{
    for (size_t i = 0; i < count; i++) {
        if (mark != '\0' && i > 0 && (count - i) % every == 0) {
            buffer_append_char(out, mark);
        }
        buffer_append_char(out, digits[i]);
    }
}

/* Pads body behind its sign and prefix. */
static void pad(struct buffer *out, const struct spec *spec, const char *head, const char *body,
                char fallback_align)
{
    struct buffer whole;
    size_t width = 0;
    buffer_init(&whole, (size_t)1 << 26);
    buffer_printf(&whole, "%s%s", head, body);
    for (size_t i = 0; i < whole.length; i++) {
        width += ((unsigned char)whole.data[i] & 0xC0) != 0x80;
    }
    size_t gap = (size_t)spec->width > width ? (size_t)spec->width - width : 0;
    char align = spec->align != '\0' ? spec->align : fallback_align;
    const char *fill = spec->fill[0] != '\0' ? spec->fill : " ";
    size_t left = align == '<' ? 0 : align == '^' ? gap / 2 : gap;
    if (align == '=') {
        buffer_append_string(out, head);
    }
    for (size_t i = 0; i < left; i++) {
        buffer_append_string(out, fill);
    }
    buffer_append_string(out, align == '=' ? body : whole.data);
    for (size_t i = left; i < gap; i++) {
        buffer_append_string(out, fill);
    }
    buffer_free(&whole);
}

static void integer_digits(uint64_t value, char type, char out[72])
{
    unsigned base = type == 'x' || type == 'X' ? 16 : type == 'o' ? 8 : type == 'b' ? 2 : 10;
    const char *letters = type == 'X' ? "0123456789ABCDEF" : "0123456789abcdef";
    char reversed[72];
    size_t count = 0;
    do {
        reversed[count++] = letters[value % base];
        value /= base;
    } while (value > 0);
    for (size_t i = 0; i < count; i++) {
        out[i] = reversed[count - 1 - i];
    }
    out[count] = '\0';
}

static void write_integer(struct buffer *out, const struct spec *spec, int64_t value)
{
    char digits[72];
    char head[8] = "";
    struct buffer body;
    uint64_t size = value < 0 ? (uint64_t)0 - (uint64_t)value : (uint64_t)value;
    integer_digits(size, spec->type, digits);
    size_t used = 0;
    if (value < 0) {
        head[used++] = '-';
    } else if (spec->sign == '+' || spec->sign == ' ') {
        head[used++] = spec->sign;
    }
    if (spec->alternate && strchr("xXob", spec->type) != NULL && spec->type != '\0') {
        head[used++] = '0';
        head[used++] = spec->type;
    }
    head[used] = '\0';
    buffer_init(&body, (size_t)1 << 20);
    size_t count = strlen(digits);
    if (spec->precision > (int)count) {
        buffer_append_repeat(&body, '0', (size_t)spec->precision - count);
    }
    group_digits(&body, digits, count, spec->grouping,
                 strchr("xXob", spec->type) != NULL && spec->type != '\0' ? 4 : 3);
    pad(out, spec, head, body.data, '>');
    buffer_free(&body);
}

/* C's printf and Python agree on these, save for the names of infinity and NaN. */
static void write_real(struct buffer *out, const struct spec *spec, double value)
{
    char type = spec->type == '%' ? 'f' : spec->type;
    int precision = spec->precision < 0 ? 6 : spec->precision;
    struct buffer body;
    struct buffer grouped;
    char head[2] = "";
    if (signbit(value) && !isnan(value)) {
        head[0] = '-';
    } else if (spec->sign == '+' || spec->sign == ' ') {
        head[0] = spec->sign;
    }
    value = fabs(spec->type == '%' ? value * 100 : value);
    buffer_init(&body, (size_t)1 << 20);
    buffer_init(&grouped, (size_t)1 << 20);
    if (type == '\0' && spec->precision < 0) {
        jinja_write_float(&body, value);
    } else {
        char text[700];
        switch (type == '\0' ? 'g' : type) {
        case 'e':
            snprintf(text, sizeof(text), "%.*e", precision, value);
            break;
        case 'E':
            snprintf(text, sizeof(text), "%.*E", precision, value);
            break;
        case 'f':
        case 'F':
            snprintf(text, sizeof(text), "%.*f", precision, value);
            break;
        case 'G':
            snprintf(text, sizeof(text), "%.*G", precision, value);
            break;
        default:
            snprintf(text, sizeof(text), "%.*g", precision, value);
        }
        buffer_append_string(&body, text);
    }
    size_t whole = strspn(body.data, "0123456789");
    group_digits(&grouped, body.data, whole, spec->grouping, 3);
    buffer_append_string(&grouped, body.data + whole);
    if (spec->type == '%') {
        buffer_append_char(&grouped, '%');
    }
    pad(out, spec, head, grouped.data, '>');
    buffer_free(&body);
    buffer_free(&grouped);
}

static bool write_text(struct run *run, struct buffer *out, const struct spec *spec,
                       struct jinja_value value, char align)
{
    if (!text_of(run, value, &value)) {
        return false;
    }
    if (spec->precision >= 0) {
        value = new_string(run, value.as.string->bytes,
                           character_offset(value.as.string, (size_t)spec->precision));
    }
    pad(out, spec, "", value.as.string->bytes, align);
    return true;
}

static bool read_size(struct run *run, const char **at, int *out)
{
    int value = 0;
    while (isdigit((unsigned char)**at)) {
        value = value * 10 + (*(*at)++ - '0');
        if (value > MAX_WIDTH) {
            return run_fail(run, "a width is too large");
        }
    }
    *out = value;
    return true;
}

struct percent {
    struct run *run;
    struct jinja_value arguments;
    size_t next;
};

static bool next_argument(struct percent *percent, struct jinja_value *out)
{
    if (percent->arguments.type != JINJA_TUPLE) {
        *out = percent->arguments;
        return percent->next++ == 0 || run_fail(percent->run, "not enough values for the format");
    }
    if (percent->next >= percent->arguments.as.list->count) {
        return run_fail(percent->run, "not enough values for the format");
    }
    *out = percent->arguments.as.list->items[percent->next++];
    return true;
}

static bool percent_flags(struct percent *percent, const char **at, struct spec *spec)
{
    struct jinja_value value;
    for (; **at != '\0' && strchr("-+ #0", **at) != NULL; (*at)++) {
        if (**at == '-') {
            spec->align = '<';
        } else if (**at == '+' || **at == ' ') {
            spec->sign = **at;
        } else if (**at == '#') {
            spec->alternate = true;
        } else {
            spec->zero = true;
        }
    }
    if (**at == '*') {
        (*at)++;
        if (!next_argument(percent, &value) || value.type != JINJA_INT ||
            value.as.integer > MAX_WIDTH || value.as.integer < -MAX_WIDTH) {
            return run_fail(percent->run, "a width must be an integer");
        }
        spec->align = value.as.integer < 0 ? '<' : spec->align;
        spec->width = abs((int)value.as.integer);
    } else if (!read_size(percent->run, at, &spec->width)) {
        return false;
    }
    if (**at == '.') {
        (*at)++;
        if (!read_size(percent->run, at, &spec->precision)) {
            return false;
        }
    }
    *at += strspn(*at, "hlL");
    if (spec->zero && spec->align == '\0') {
        spec->align = '=';
        memcpy(spec->fill, "0", 2);
    }
    return true;
}

static bool percent_value(struct percent *percent, struct buffer *out, struct spec *spec,
                          struct jinja_value value)
{
    struct run *run = percent->run;
    struct buffer text;
    switch (spec->type) {
    case 's':
    case 'r':
    case 'a':
        spec->align = spec->align == '<' ? '<' : '>';
        spec->fill[0] = '\0';
        if (spec->type != 's') {
            text_buffer(run, &text);
            jinja_write_repr(&text, value);
            if (!finish_text(run, &text, &value)) {
                return false;
            }
        }
        return write_text(run, out, spec, value, '>');
    case 'd':
    case 'i':
    case 'u':
    case 'x':
    case 'X':
    case 'o':
        if (!jinja_is_number(value) ||
            (value.type == JINJA_FLOAT && strchr("xXo", spec->type) != NULL)) {
            return run_fail_type(run, "a number is needed", value);
        }
        spec->type = strchr("diu", spec->type) != NULL ? 'd' : spec->type;
        write_integer(out, spec,
                      value.type == JINJA_INT    ? value.as.integer
                      : value.type == JINJA_BOOL ? value.as.boolean
                                                 : (int64_t)value.as.number);
        return true;
    case 'e':
    case 'E':
    case 'f':
    case 'F':
    case 'g':
    case 'G':
        if (!jinja_is_number(value)) {
            return run_fail_type(run, "a number is needed", value);
        }
        write_real(out, spec, jinja_number(value));
        return true;
    case 'c':
        if (jinja_is_number(value)) {
            char bytes[4];
            int64_t code = value.type == JINJA_INT ? value.as.integer : -1;
            if (code < 1 || code > 0x10FFFF) {
                return run_fail_type(run, "a character or its number is needed", value);
            }
            value = new_string(run, bytes, text_encode_utf8((unsigned)code, bytes));
        }
        return write_text(run, out, spec, value, '>');
    default:
        return run_fail(run, "the format character '%c' is not known", spec->type);
    }
}

static bool percent_one(struct percent *percent, const char **at, struct buffer *out)
{
    struct spec spec = {.precision = -1};
    struct jinja_value value;
    bool named = **at == '(';
    if (named) {
        const char *end = strchr(*at, ')');
        if (end == NULL || percent->arguments.type != JINJA_DICT) {
            return run_fail(percent->run, "a format with a name needs a dict");
        }
        struct jinja_value key = new_string(percent->run, *at + 1, (size_t)(end - *at - 1));
        const struct jinja_value *found = jinja_dict_get(percent->arguments.as.dict, key);
        if (found == NULL) {
            return run_fail(percent->run, "the format's name '%s' is not in the dict",
                            key.as.string->bytes);
        }
        value = *found;
        *at = end + 1;
    }
    if (!percent_flags(percent, at, &spec)) {
        return false;
    }
    spec.type = **at;
    if (spec.type == '\0') {
        return run_fail(percent->run, "the format is incomplete");
    }
    (*at)++;
    if (spec.type == '%') {
        return buffer_append_char(out, '%');
    }
    return (named || next_argument(percent, &value)) && percent_value(percent, out, &spec, value);
}

bool format_percent(struct run *run, const struct jinja_string *format,
                    struct jinja_value arguments, struct jinja_value *out)
{
    struct percent percent = {run, arguments, 0};
    struct buffer text;
    const char *at = format->bytes;
    text_buffer(run, &text);
    while (*at != '\0') {
        if (*at != '%') {
            buffer_append_char(&text, *at++);
            continue;
        }
        at++;
        if (!percent_one(&percent, &at, &text)) {
            buffer_free(&text);
            return false;
        }
    }
    bool tuple = arguments.type == JINJA_TUPLE;
    if ((tuple && percent.next < arguments.as.list->count) ||
        (!tuple && percent.next == 0 && arguments.type != JINJA_DICT &&
         arguments.type != JINJA_LIST)) {
        buffer_free(&text);
        return run_fail(run, "not all values are used by the format");
    }
    return finish_text(run, &text, out);
}

/* [[fill]align][sign][#][0][width][grouping][.precision][type] */
static bool read_spec(struct run *run, const char *at, struct spec *spec)
{
    unsigned code;
    size_t width = text_decode_utf8(at, strlen(at), &code);
    *spec = (struct spec){.precision = -1};
    if (width > 0 && at[0] != '\0' && at[width] != '\0' && strchr("<>^=", at[width]) != NULL) {
        memcpy(spec->fill, at, width);
        spec->align = at[width];
        at += width + 1;
    } else if (*at != '\0' && strchr("<>^=", *at) != NULL) {
        spec->align = *at++;
    }
    if (*at != '\0' && strchr("+- ", *at) != NULL) {
        spec->sign = *at++;
    }
    if (*at == '#') {
        spec->alternate = true;
        at++;
    }
    if (*at == '0') {
        spec->zero = true;
        at++;
    }
    if (!read_size(run, &at, &spec->width)) {
        return false;
    }
    if (*at == ',' || *at == '_') {
        spec->grouping = *at++;
    }
    if (*at == '.') {
        at++;
        if (!read_size(run, &at, &spec->precision)) {
            return false;
        }
    }
    if (*at != '\0') {
        spec->type = *at++;
    }
    if (spec->zero && spec->align == '\0') {
        spec->align = '=';
        memcpy(spec->fill, "0", 2);
    }
    return *at == '\0' || run_fail(run, "the format's specification cannot be read");
}

static bool write_spec(struct run *run, struct buffer *out, struct jinja_value value,
                       const char *text)
{
    struct spec spec;
    if (!read_spec(run, text, &spec)) {
        return false;
    }
    if (value.type == JINJA_STRING || *text == '\0') {
        spec.align = spec.align == '=' ? '<' : spec.align;
        return write_text(run, out, &spec, value, '<');
    }
    bool whole = value.type == JINJA_INT || value.type == JINJA_BOOL;
    if (!jinja_is_number(value)) {
        return run_fail_type(run, "this format needs a string or a number", value);
    }
    if (whole && (spec.type == '\0' || strchr("dxXobn", spec.type) != NULL)) {
        write_integer(out, &spec, value.type == JINJA_INT ? value.as.integer : value.as.boolean);
        return true;
    }
    if (spec.type != '\0' && strchr("eEfFgG%n", spec.type) == NULL) {
        return run_fail(run, "the format code '%c' does not fit a number", spec.type);
    }
    write_real(out, &spec, jinja_number(value));
    return true;
}

/* name.attribute[index] */
static bool field_value(struct run *run, const struct call *call, const char *field, size_t *next,
                        struct jinja_value *out)
{
    size_t length = strcspn(field, ".[");
    if (length == 0 || isdigit((unsigned char)field[0])) {
        /* "{}" and "{0}" do not go together. */
        if (*next != SIZE_MAX && length > 0 && *next > 0) {
            return run_fail(run, "the format numbers some of its fields only");
        }
        if (*next == SIZE_MAX && length == 0) {
            return run_fail(run, "the format numbers some of its fields only");
        }
        size_t index = length == 0 ? (*next)++ : strtoul(field, NULL, 10);
        *next = length == 0 ? *next : SIZE_MAX;
        if (index >= call->count) {
            return run_fail(run, "the format wants more values than are given");
        }
        *out = call->items[index];
    } else {
        bool found = false;
        for (size_t i = 0; i < call->keyword_count; i++) {
            if (strlen(call->keywords[i]) == length &&
                strncmp(call->keywords[i], field, length) == 0) {
                *out = call->values[i];
                found = true;
            }
        }
        if (!found) {
            return run_fail(run, "the format wants '%.*s', which is not given", (int)length, field);
        }
    }
    for (field += length; *field != '\0'; field += length) {
        bool bracket = *field++ == '[';
        length = strcspn(field, bracket ? "]" : ".[");
        struct jinja_value key = new_string(run, field, length);
        if (bracket && length > 0 && strspn(field, "0123456789") >= length) {
            key = jinja_int(strtol(field, NULL, 10));
        }
        if (!get_item(run, *out, key, out)) {
            return false;
        }
        length += bracket && field[length] == ']';
    }
    return true;
}

static bool write_field(struct run *run, struct buffer *out, const struct call *call,
                        const char *field, size_t length, size_t *next)
{
    struct jinja_value copy = new_string(run, field, length);
    char *text = jinja_arena_copy(run->arena, copy.as.string->bytes, length);
    char *spec = strchr(text, ':');
    if (spec != NULL) {
        *spec++ = '\0';
    }
    char *conversion = strchr(text, '!');
    if (conversion != NULL) {
        *conversion++ = '\0';
    }
    struct jinja_value value;
    if (!field_value(run, call, text, next, &value)) {
        return false;
    }
    if (conversion != NULL) {
        struct buffer repr;
        text_buffer(run, &repr);
        if (*conversion == 'r') {
            jinja_write_repr(&repr, value);
        } else {
            jinja_write_str(&repr, value);
        }
        if (!finish_text(run, &repr, &value)) {
            return false;
        }
    }
    if (spec != NULL && strchr(spec, '{') != NULL) {
        return run_fail(run, "nested fields in a format are not known here");
    }
    return write_spec(run, out, value, spec == NULL ? "" : spec);
}

bool format_braces(struct run *run, const struct jinja_string *format, const struct call *call,
                   struct jinja_value *out)
{
    struct buffer text;
    size_t next = 0;
    const char *at = format->bytes;
    text_buffer(run, &text);
    while (*at != '\0') {
        if ((*at == '{' || *at == '}') && at[1] == *at) {
            buffer_append_char(&text, *at);
            at += 2;
        } else if (*at == '{') {
            size_t length = strcspn(at + 1, "}");
            if (at[1 + length] == '\0' || !write_field(run, &text, call, at + 1, length, &next)) {
                buffer_free(&text);
                return at[1 + length] != '\0' ? false : run_fail(run, "a '{' has no end");
            }
            at += length + 2;
        } else if (*at == '}') {
            buffer_free(&text);
            return run_fail(run, "a '}' stands alone in the format");
        } else {
            buffer_append_char(&text, *at++);
        }
    }
    return finish_text(run, &text, out);
}
