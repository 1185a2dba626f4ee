/* JSON as Python's json module writes and reads it. */
#include <ctype.h>
#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "filters.h"

enum { MAX_DEPTH = 150 };

static void write_string(struct buffer *out, const struct jinja_string *string, bool ascii)
{
    static const char special[] = "\"\\\n\r\t\b\f";
    static const char letters[] = "\"\\nrtbf";
    buffer_append_char(out, '"');
    for (size_t i = 0; i < string->length;) {
        unsigned code = (unsigned char)string->bytes[i];
        size_t width = text_decode_utf8(string->bytes + i, string->length - i, &code);
        width = width == 0 ? 1 : width;
        const char *known = code < 0x80 && code != 0 ? strchr(special, (int)code) : NULL;
        if (known != NULL) {
            buffer_append_char(out, '\\');
            buffer_append_char(out, letters[known - special]);
        } else if (code < 0x20 || (ascii && (code == 0x7F || (code >= 0x80 && code < 0x10000)))) {
            buffer_printf(out, "\\u%04x", code);
        } else if (ascii && code >= 0x10000) {
            unsigned rest = code - 0x10000;
            buffer_printf(out, "\\u%04x\\u%04x", 0xD800 + (rest >> 10), 0xDC00 + (rest & 0x3FF));
        } else {
            buffer_append(out, string->bytes + i, width);
        }
        i += width;
    }
    buffer_append_char(out, '"');
}

static void write_newline(struct buffer *out, const struct json_style *style, int depth)
{
    if (style->indent >= 0) {
        buffer_append_char(out, '\n');
        buffer_append_repeat(out, ' ', (size_t)style->indent * (size_t)depth);
    }
}

static bool write_key(struct run *run, struct buffer *out, struct jinja_value key,
                      const struct json_style *style)
{
    switch (key.type) {
    case JINJA_STRING:
        write_string(out, key.as.string, style->ascii);
        return true;
    case JINJA_BOOL:
        return buffer_append_string(out, key.as.boolean ? "\"true\"" : "\"false\"");
    case JINJA_NONE:
        return buffer_append_string(out, "\"null\"");
    case JINJA_INT:
    case JINJA_FLOAT:
        buffer_append_char(out, '"');
        jinja_write_str(out, key);
        return buffer_append_char(out, '"');
    default:
        return run_fail_type(run, "a key in JSON must be text or a number", key);
    }
}

/* The entries by key; keys of different kinds cannot be sorted. */
static bool sorted_entries(struct run *run, const struct jinja_dict *dict,
                           struct jinja_value *order)
{
    struct jinja_value *keys = jinja_arena_alloc(run->arena, (dict->count + 1) * sizeof(*keys));
    for (size_t i = 0; i < dict->count; i++) {
        keys[i] = dict->entries[i].key;
        order[i] = jinja_int((int64_t)i);
    }
    return sort_items(run, order, keys, dict->count, false);
}

static bool write_dict(struct run *run, struct buffer *out, const struct jinja_dict *dict,
                       const struct json_style *style, int depth)
{
    struct jinja_value *order = jinja_arena_alloc(run->arena, (dict->count + 1) * sizeof(*order));
    for (size_t i = 0; i < dict->count; i++) {
        order[i] = jinja_int((int64_t)i);
    }
    if (style->sort_keys && !sorted_entries(run, dict, order)) {
        return false;
    }
    buffer_append_char(out, '{');
    for (size_t i = 0; i < dict->count; i++) {
        const struct jinja_entry *entry = &dict->entries[order[i].as.integer];
        if (i > 0) {
            buffer_append_string(out, style->item_separator);
        }
        write_newline(out, style, depth + 1);
        if (!write_key(run, out, entry->key, style)) {
            return false;
        }
        buffer_append_string(out, style->key_separator);
        if (!write_json(run, out, entry->value, style, depth + 1)) {
            return false;
        }
    }
    if (dict->count > 0) {
        write_newline(out, style, depth);
    }
    buffer_append_char(out, '}');
    return true;
}

static bool write_list(struct run *run, struct buffer *out, const struct jinja_list *list,
                       const struct json_style *style, int depth)
{
    buffer_append_char(out, '[');
    for (size_t i = 0; i < list->count; i++) {
        if (i > 0) {
            buffer_append_string(out, style->item_separator);
        }
        write_newline(out, style, depth + 1);
        if (!write_json(run, out, list->items[i], style, depth + 1)) {
            return false;
        }
    }
    if (list->count > 0) {
        write_newline(out, style, depth);
    }
    buffer_append_char(out, ']');
    return true;
}

static bool write_float(struct buffer *out, double value)
{
    if (isnan(value)) {
        return buffer_append_string(out, "NaN");
    }
    if (isinf(value)) {
        return buffer_append_string(out, value < 0 ? "-Infinity" : "Infinity");
    }
    return jinja_write_float(out, value);
}

static bool write_date(struct run *run, struct buffer *out, struct jinja_value value)
{
    struct jinja_value function;
    struct jinja_value text;
    const struct call none = {.name = "isoformat"};
    if (!method_of(run, value, "isoformat", &function) ||
        !call_value(run, function, &none, &text)) {
        return false;
    }
    write_string(out, text.as.string, true);
    return true;
}

bool write_json(struct run *run, struct buffer *out, struct jinja_value value,
                const struct json_style *style, int depth)
{
    if (depth > MAX_DEPTH) {
        return run_fail(run, "the value is nested too deeply for JSON");
    }
    switch (value.type) {
    case JINJA_NONE:
        buffer_append_string(out, "null");
        break;
    case JINJA_BOOL:
        buffer_append_string(out, value.as.boolean ? "true" : "false");
        break;
    case JINJA_INT:
        jinja_write_str(out, value);
        break;
    case JINJA_FLOAT:
        write_float(out, value.as.number);
        break;
    case JINJA_STRING:
        write_string(out, value.as.string, style->ascii);
        break;
    case JINJA_LIST:
        if (is_view(value)) {
            return run_fail_type(run, "this cannot be written as JSON", value);
        }
        return write_list(run, out, value.as.list, style, depth);
    case JINJA_TUPLE:
        return write_list(run, out, value.as.list, style, depth);
    case JINJA_DICT:
        if (value.as.dict->access != NULL) {
            return run_fail(run, "this dict can only be asked for one key at a time");
        }
        return write_dict(run, out, value.as.dict, style, depth);
    case JINJA_DATE:
        return write_date(run, out, value);
    default:
        return run_fail_type(run, "this cannot be written as JSON", value);
    }
    return !out->overflowed || run_fail(run, "the JSON is too large");
}

static bool separators(struct run *run, struct jinja_value given, struct json_style *style)
{
    if (absent(given) || given.type == JINJA_NONE) {
        return true;
    }
    if (!is_list(given) || given.as.list->count != 2 ||
        given.as.list->items[0].type != JINJA_STRING ||
        given.as.list->items[1].type != JINJA_STRING) {
        return run_fail(run, "separators must be two strings");
    }
    style->item_separator = given.as.list->items[0].as.string->bytes;
    style->key_separator = given.as.list->items[1].as.string->bytes;
    return true;
}

static bool to_json(struct run *run, const struct call *call, bool nice, struct jinja_value *out)
{
    /* vault_to_text and preprocess_unsafe change nothing for values that are known here. */
    struct jinja_value args[6];
    static const char names[] = "indent sort_keys separators ensure_ascii vault_to_text "
                                "preprocess_unsafe";
    struct json_style style = {.item_separator = ", ", .key_separator = ": "};
    int64_t indent = nice ? 4 : -1;
    struct buffer text;
    if (!nice && call->count > 0) {
        return run_fail(run, "to_json takes keyword arguments only");
    }
    if (!bind_arguments(run, call, names, args) ||
        (args[0].type != JINJA_NONE && !int_or(run, args[0], indent, &indent)) ||
        !flag_or(run, args[1], nice, &style.sort_keys) ||
        !flag_or(run, args[3], true, &style.ascii)) {
        return false;
    }
    if (args[0].type == JINJA_NONE) {
        indent = -1;
    }
    if (indent > 1000) {
        return run_fail(run, "the indentation is too large");
    }
    style.indent = (int)indent;
    if (nice || indent >= 0) {
        style.item_separator = ",";
    }
    if (!separators(run, args[2], &style)) {
        return false;
    }
    text_buffer(run, &text);
    if (!write_json(run, &text, call->self, &style, 0)) {
        buffer_free(&text);
        return false;
    }
    return finish_text(run, &text, out);
}

static bool filter_to_json(struct run *run, const struct call *call, struct jinja_value *out)
{
    return to_json(run, call, false, out);
}

static bool filter_to_nice_json(struct run *run, const struct call *call, struct jinja_value *out)
{
    return to_json(run, call, true, out);
}

/* Jinja's own: safe in HTML. */
static bool filter_tojson(struct run *run, const struct call *call, struct jinja_value *out)
{
    struct jinja_value args[1];
    struct json_style style = {
        .sort_keys = true, .ascii = true, .item_separator = ", ", .key_separator = ": "};
    struct buffer text;
    struct buffer safe;
    int64_t indent;
    if (!bind_arguments(run, call, "indent", args) || !int_or(run, args[0], -1, &indent)) {
        return false;
    }
    style.indent = indent > 1000 ? 1000 : (int)indent;
    if (indent >= 0) {
        style.item_separator = ",";
    }
    text_buffer(run, &text);
    if (!write_json(run, &text, call->self, &style, 0)) {
        buffer_free(&text);
        return false;
    }
    text_buffer(run, &safe);
    for (size_t i = 0; i < text.length; i++) {
        if (strchr("<>&'", text.data[i]) != NULL) {
            buffer_printf(&safe, "\\u%04x", (unsigned)text.data[i]);
        } else {
            buffer_append_char(&safe, text.data[i]);
        }
    }
    buffer_free(&text);
    return finish_text(run, &safe, out);
}

struct json_reader {
    struct run *run;
    const char *at;
    const char *end;
};

static bool read_value(struct json_reader *reader, struct jinja_value *out, int depth);

static void skip_space(struct json_reader *reader)
{
    while (reader->at < reader->end && strchr(" \t\n\r", *reader->at) != NULL &&
           *reader->at != '\0') {
        reader->at++;
    }
}

static bool take(struct json_reader *reader, char c)
{
    skip_space(reader);
    if (reader->at < reader->end && *reader->at == c) {
        reader->at++;
        return true;
    }
    return false;
}

static bool fail_json(struct json_reader *reader)
{
    return run_fail(reader->run, "this is not JSON");
}

static bool read_hex4(struct json_reader *reader, unsigned *code)
{
    *code = 0;
    for (int i = 0; i < 4; i++) {
        if (reader->at >= reader->end || !isxdigit((unsigned char)*reader->at)) {
            return fail_json(reader);
        }
        char c = *reader->at++;
        unsigned digit = c <= '9' ? (unsigned)(c - '0') : (unsigned)((c | 0x20) - 'a' + 10);
        *code = *code * 16 + digit;
    }
    return true;
}

static bool read_escape(struct json_reader *reader, struct buffer *text)
{
    static const char names[] = "\"\\/bfnrt";
    static const char codes[] = "\"\\/\b\f\n\r\t";
    char c = reader->at < reader->end ? *reader->at++ : '\0';
    const char *known = c == '\0' ? NULL : strchr(names, c);
    unsigned code;
    unsigned low;
    char bytes[4];
    if (known != NULL) {
        return buffer_append_char(text, codes[known - names]);
    }
    if (c != 'u' || !read_hex4(reader, &code)) {
        return fail_json(reader);
    }
    if (code >= 0xD800 && code < 0xDC00 && reader->end - reader->at >= 6 && reader->at[0] == '\\' &&
        reader->at[1] == 'u') {
        reader->at += 2;
        if (!read_hex4(reader, &low) || low < 0xDC00 || low > 0xDFFF) {
            return fail_json(reader);
        }
        code = 0x10000 + ((code - 0xD800) << 10) + (low - 0xDC00);
    }
    return buffer_append(text, bytes, text_encode_utf8(code, bytes));
}

static bool read_string(struct json_reader *reader, struct jinja_value *out)
{
    struct buffer text;
    text_buffer(reader->run, &text);
    reader->at++;
    while (reader->at < reader->end && *reader->at != '"') {
        char c = *reader->at++;
        bool fine = (unsigned char)c >= 0x20;
        if (fine && c == '\\') {
            fine = read_escape(reader, &text);
        } else if (fine) {
            buffer_append_char(&text, c);
        }
        if (!fine) {
            buffer_free(&text);
            return fail_json(reader);
        }
    }
    if (reader->at >= reader->end) {
        buffer_free(&text);
        return fail_json(reader);
    }
    reader->at++;
    return finish_text(reader->run, &text, out);
}

static bool read_number(struct json_reader *reader, struct jinja_value *out)
{
    const char *start = reader->at;
    const char *at = start + (*start == '-');
    size_t whole = strspn(at, "0123456789");
    if (whole == 0 || (whole > 1 && *at == '0')) {
        return fail_json(reader);
    }
    at += whole;
    bool real = false;
    if (*at == '.' && isdigit((unsigned char)at[1])) {
        at += 1 + strspn(at + 1, "0123456789");
        real = true;
    }
    if (*at == 'e' || *at == 'E') {
        const char *digits = at + 1 + (at[1] == '+' || at[1] == '-');
        if (isdigit((unsigned char)*digits)) {
            at = digits + strspn(digits, "0123456789");
            real = true;
        }
    }
    reader->at = at;
    if (real) {
        *out = jinja_float(strtod(start, NULL));
        return true;
    }
    errno = 0;
    *out = jinja_int(strtoll(start, NULL, 10));
    return errno == 0 || run_fail(reader->run, "an integer is out of range");
}

static bool read_object(struct json_reader *reader, struct jinja_value *out, int depth)
{
    *out = jinja_dict(reader->run->arena);
    reader->at++;
    if (take(reader, '}')) {
        return true;
    }
    do {
        struct jinja_value key;
        struct jinja_value value;
        skip_space(reader);
        if (reader->at >= reader->end || *reader->at != '"' || !read_string(reader, &key) ||
            !take(reader, ':') || !read_value(reader, &value, depth + 1)) {
            return fail_json(reader);
        }
        jinja_dict_set(reader->run->arena, out->as.dict, key, value);
    } while (take(reader, ','));
    return take(reader, '}') || fail_json(reader);
}

static bool read_array(struct json_reader *reader, struct jinja_value *out, int depth)
{
    *out = jinja_list(reader->run->arena, 0);
    reader->at++;
    if (take(reader, ']')) {
        return true;
    }
    do {
        struct jinja_value value;
        if (!read_value(reader, &value, depth + 1)) {
            return fail_json(reader);
        }
        jinja_list_append(reader->run->arena, out->as.list, value);
    } while (take(reader, ','));
    return take(reader, ']') || fail_json(reader);
}

static bool read_word(struct json_reader *reader, struct jinja_value *out)
{
    const struct {
        const char *text;
        struct jinja_value value;
    } words[] = {
        {"true", jinja_bool(true)},
        {"false", jinja_bool(false)},
        {"null", jinja_none()},
        {"NaN", jinja_float(NAN)},
        {"Infinity", jinja_float(INFINITY)},
        {"-Infinity", jinja_float(-INFINITY)},
    };
    for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
        size_t length = strlen(words[i].text);
        if ((size_t)(reader->end - reader->at) >= length &&
            memcmp(reader->at, words[i].text, length) == 0) {
            reader->at += length;
            *out = words[i].value;
            return true;
        }
    }
    return *reader->at == '-' || isdigit((unsigned char)*reader->at) ? read_number(reader, out)
                                                                     : fail_json(reader);
}

static bool read_value(struct json_reader *reader, struct jinja_value *out, int depth)
{
    skip_space(reader);
    if (reader->at >= reader->end || depth > MAX_DEPTH) {
        return fail_json(reader);
    }
    switch (*reader->at) {
    case '{':
        return read_object(reader, out, depth);
    case '[':
        return read_array(reader, out, depth);
    case '"':
        return read_string(reader, out);
    default:
        return read_word(reader, out);
    }
}

static bool filter_from_json(struct run *run, const struct call *call, struct jinja_value *out)
{
    if (!bind_arguments(run, call, "", NULL) || !need_string(run, call->self, "JSON")) {
        return false;
    }
    struct json_reader reader = {run, call->self.as.string->bytes, NULL};
    reader.end = reader.at + call->self.as.string->length;
    if (!read_value(&reader, out, 0)) {
        return false;
    }
    skip_space(&reader);
    return reader.at == reader.end || fail_json(&reader);
}

const struct filter filters_json[] = {
    {"to_json", filter_to_json, FILTER_NATIVE},
    {"to_nice_json", filter_to_nice_json, FILTER_NATIVE},
    {"tojson", filter_tojson, 0},
    {"from_json", filter_from_json, 0},
    {NULL, NULL, 0},
};
