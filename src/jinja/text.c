/* Python's str() and repr(). */
#include "jinja/value.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"

enum { MAX_DEPTH = 200 };

/* What str.isprintable() denies beyond ASCII, as far as text in configuration has it. */
static bool printable(unsigned c)
{
    static const unsigned ranges[][2] = {
        {0x7F, 0xA0},     {0xAD, 0xAD},     {0x378, 0x379},      {0x600, 0x605},   {0x61C, 0x61C},
        {0x6DD, 0x6DD},   {0x70F, 0x70F},   {0x1680, 0x1680},    {0x180E, 0x180E}, {0x2000, 0x200F},
        {0x2028, 0x202F}, {0x205F, 0x206F}, {0x3000, 0x3000},    {0xD800, 0xF8FF}, {0xFEFF, 0xFEFF},
        {0xFFF0, 0xFFFB}, {0xFFFE, 0xFFFF}, {0xE0000, 0x10FFFF},
    };
    if (c < 0x7F) {
        return c >= 0x20;
    }
    for (size_t i = 0; i < sizeof(ranges) / sizeof(ranges[0]); i++) {
        if (c >= ranges[i][0] && c <= ranges[i][1]) {
            return false;
        }
    }
    return true;
}

static void write_escape(struct buffer *out, unsigned c)
{
    switch (c) {
    case '\n':
        buffer_append_string(out, "\\n");
        break;
    case '\r':
        buffer_append_string(out, "\\r");
        break;
    case '\t':
        buffer_append_string(out, "\\t");
        break;
    default:
        if (c < 0x100) {
            buffer_printf(out, "\\x%02x", c);
        } else if (c < 0x10000) {
            buffer_printf(out, "\\u%04x", c);
        } else {
            buffer_printf(out, "\\U%08x", c);
        }
    }
}

static void write_string_repr(struct buffer *out, const struct jinja_string *string)
{
    bool single = memchr(string->bytes, '\'', string->length) != NULL;
    bool both = single && memchr(string->bytes, '"', string->length) != NULL;
    char quote = single && !both ? '"' : '\'';
    buffer_append_char(out, quote);
    size_t i = 0;
    while (i < string->length) {
        unsigned c = (unsigned char)string->bytes[i];
        size_t width = 1;
        if (c >= 0x80) {
            width = text_decode_utf8(string->bytes + i, string->length - i, &c);
            width = width == 0 ? 1 : width;
        }
        if (c == '\\' || c == (unsigned)quote) {
            buffer_append_char(out, '\\');
            buffer_append_char(out, (char)c);
        } else if (printable(c)) {
            buffer_append(out, string->bytes + i, width);
        } else {
            write_escape(out, c);
        }
        i += width;
    }
    buffer_append_char(out, quote);
}

bool jinja_write_float(struct buffer *out, double value)
{
    if (isnan(value)) {
        return buffer_append_string(out, "nan");
    }
    if (isinf(value)) {
        return buffer_append_string(out, value < 0 ? "-inf" : "inf");
    }
    /* The shortest digits that read back as the same number. */
    char text[40];
    for (int precision = 0; precision < 17; precision++) {
        snprintf(text, sizeof(text), "%.*e", precision, value);
        if (strtod(text, NULL) == value) {
            break;
        }
    }
    char *e = strchr(text, 'e');
    int exponent = (int)strtol(e + 1, NULL, 10);
    char digits[24];
    size_t count = 0;
    for (const char *at = text; at < e; at++) {
        if (*at >= '0' && *at <= '9') {
            digits[count++] = *at;
        }
    }
    if (text[0] == '-') {
        buffer_append_char(out, '-');
    }
    if (exponent < -4 || exponent >= 16) {
        buffer_append(out, digits, 1);
        if (count > 1) {
            buffer_append_char(out, '.');
            buffer_append(out, digits + 1, count - 1);
        }
        return buffer_printf(out, "e%c%02d", exponent < 0 ? '-' : '+', abs(exponent));
    }
    if (exponent < 0) {
        buffer_append_string(out, "0.");
        buffer_append_repeat(out, '0', (size_t)(-exponent - 1));
        return buffer_append(out, digits, count);
    }
    size_t whole = (size_t)exponent + 1;
    if (count <= whole) {
        buffer_append(out, digits, count);
        buffer_append_repeat(out, '0', whole - count);
        return buffer_append_string(out, ".0");
    }
    buffer_append(out, digits, whole);
    buffer_append_char(out, '.');
    return buffer_append(out, digits + whole, count - whole);
}

static void write_offset(struct buffer *out, int offset)
{
    int minutes = abs(offset) / 60;
    buffer_printf(out, "%c%02d:%02d", offset < 0 ? '-' : '+', minutes / 60, minutes % 60);
}

static void write_date(struct buffer *out, const struct jinja_date *date)
{
    buffer_printf(out, "%04d-%02d-%02d", date->year, date->month, date->day);
    if (!date->timed) {
        return;
    }
    buffer_printf(out, " %02d:%02d:%02d", date->hour, date->minute, date->second);
    if (date->microsecond != 0) {
        buffer_printf(out, ".%06d", date->microsecond);
    }
    if (date->zoned) {
        write_offset(out, date->offset);
    }
}

static void write_date_repr(struct buffer *out, const struct jinja_date *date)
{
    if (!date->timed) {
        buffer_printf(out, "datetime.date(%d, %d, %d)", date->year, date->month, date->day);
        return;
    }
    buffer_printf(out, "datetime.datetime(%d, %d, %d, %d, %d", date->year, date->month, date->day,
                  date->hour, date->minute);
    if (date->second != 0 || date->microsecond != 0) {
        buffer_printf(out, ", %d", date->second);
    }
    if (date->microsecond != 0) {
        buffer_printf(out, ", %d", date->microsecond);
    }
    if (date->zoned && date->offset == 0) {
        buffer_append_string(out, ", tzinfo=datetime.timezone.utc");
    } else if (date->zoned) {
        int days = date->offset < 0 ? -1 : 0;
        buffer_append_string(out, ", tzinfo=datetime.timezone(datetime.timedelta(");
        if (days != 0) {
            buffer_printf(out, "days=-1, ");
        }
        buffer_printf(out, "seconds=%d))", date->offset - days * 86400);
    }
    buffer_append_char(out, ')');
}

static bool write_repr(struct buffer *out, struct jinja_value value, int depth);

static void write_items(struct buffer *out, const struct jinja_list *list, int depth)
{
    for (size_t i = 0; i < list->count; i++) {
        if (i > 0) {
            buffer_append_string(out, ", ");
        }
        write_repr(out, list->items[i], depth + 1);
    }
}

static void write_list(struct buffer *out, const struct jinja_list *list, int depth)
{
    bool named = list->view != NULL && strcmp(list->view, "range") != 0;
    if (named) {
        buffer_printf(out, "%s(", list->view);
    }
    buffer_append_char(out, '[');
    write_items(out, list, depth);
    buffer_append_char(out, ']');
    if (named) {
        buffer_append_char(out, ')');
    }
}

static void write_dict(struct buffer *out, const struct jinja_dict *dict, int depth)
{
    buffer_append_char(out, '{');
    for (size_t i = 0; i < dict->count; i++) {
        if (i > 0) {
            buffer_append_string(out, ", ");
        }
        write_repr(out, dict->entries[i].key, depth + 1);
        buffer_append_string(out, ": ");
        write_repr(out, dict->entries[i].value, depth + 1);
    }
    buffer_append_char(out, '}');
}

static bool write_repr(struct buffer *out, struct jinja_value value, int depth)
{
    if (depth > MAX_DEPTH || out->overflowed) {
        /* A list that holds itself prints as Python prints it. */
        return buffer_append_string(out, value.type == JINJA_DICT ? "{...}" : "[...]");
    }
    switch (value.type) {
    case JINJA_STRING:
        write_string_repr(out, value.as.string);
        break;
    case JINJA_LIST:
        write_list(out, value.as.list, depth);
        break;
    case JINJA_TUPLE:
        buffer_append_char(out, '(');
        write_items(out, value.as.list, depth);
        buffer_append_string(out, value.as.list->count == 1 ? ",)" : ")");
        break;
    case JINJA_DICT:
        write_dict(out, value.as.dict, depth);
        break;
    case JINJA_DATE:
        write_date_repr(out, value.as.date);
        break;
    default:
        jinja_write_str(out, value);
    }
    return !out->overflowed;
}

bool jinja_write_repr(struct buffer *out, struct jinja_value value)
{
    return write_repr(out, value, 0);
}

bool jinja_write_str(struct buffer *out, struct jinja_value value)
{
    switch (value.type) {
    case JINJA_UNDEFINED:
        return buffer_append_string(out, "AnsibleUndefined");
    case JINJA_NONE:
        return buffer_append_string(out, "None");
    case JINJA_BOOL:
        return buffer_append_string(out, value.as.boolean ? "True" : "False");
    case JINJA_INT:
        return buffer_printf(out, "%lld", (long long)value.as.integer);
    case JINJA_FLOAT:
        return jinja_write_float(out, value.as.number);
    case JINJA_STRING:
        return buffer_append(out, value.as.string->bytes, value.as.string->length);
    case JINJA_DATE:
        write_date(out, value.as.date);
        return !out->overflowed;
    case JINJA_LIST:
    case JINJA_TUPLE:
    case JINJA_DICT:
        return write_repr(out, value, 0);
    default:
        return buffer_printf(out, "<%s>", jinja_type_name(value));
    }
}
