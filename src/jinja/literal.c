/*
 * Python literals, as Ansible reads them back from a variable's rendered text: ast.literal_eval()
 * after true, false and null became names of Python's own values.
 */
#include "jinja/value.h"

#include <ctype.h>
#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"

enum { MAX_DEPTH = 90, MAX_LITERAL = 64 * 1024 * 1024 };

struct reader {
    struct jinja_arena *arena;
    const char *at;
    const char *end;
    bool huge;
    bool json_names;
};

static bool read_value(struct reader *reader, struct jinja_value *out, int depth);

/* Blanks, newlines (always inside brackets) and comments. */
static void skip_space(struct reader *reader)
{
    while (reader->at < reader->end) {
        char c = *reader->at;
        if (c == '#') {
            while (reader->at < reader->end && *reader->at != '\n') {
                reader->at++;
            }
        } else if (c == ' ' || c == '\t' || c == '\n' || c == '\r' || c == '\f') {
            reader->at++;
        } else if (c == '\\' && reader->at + 1 < reader->end && reader->at[1] == '\n') {
            reader->at += 2;
        } else {
            return;
        }
    }
}

static bool take(struct reader *reader, char c)
{
    skip_space(reader);
    if (reader->at < reader->end && *reader->at == c) {
        reader->at++;
        return true;
    }
    return false;
}

static bool read_hex(struct reader *reader, int digits, unsigned *code)
{
    *code = 0;
    for (int i = 0; i < digits; i++) {
        if (reader->at >= reader->end || !isxdigit((unsigned char)*reader->at)) {
            return false;
        }
        char c = *reader->at++;
        unsigned digit = c <= '9' ? (unsigned)(c - '0') : (unsigned)((c | 0x20) - 'a' + 10);
        *code = *code * 16 + digit;
    }
    return true;
}

static void append_code(struct buffer *text, unsigned code)
{
    char bytes[4];
    buffer_append(text, bytes, text_encode_utf8(code, bytes));
}

/* What stands after a backslash. */
static bool read_escape(struct reader *reader, struct buffer *text)
{
    if (reader->at >= reader->end) {
        return false;
    }
    static const char names[] = "abfnrtv\\'\"";
    static const char codes[] = "\a\b\f\n\r\t\v\\'\"";
    char c = *reader->at++;
    const char *known = strchr(names, c);
    unsigned code = 0;
    if (c != '\0' && known != NULL) {
        return buffer_append_char(text, codes[known - names]);
    }
    if (c == '\n') {
        return true;
    }
    if (c >= '0' && c <= '7') {
        code = (unsigned)(c - '0');
        for (int i = 0;
             i < 2 && reader->at < reader->end && *reader->at >= '0' && *reader->at <= '7'; i++) {
            code = code * 8 + (unsigned)(*reader->at++ - '0');
        }
        append_code(text, code);
        return true;
    }
    if (c == 'x' || c == 'u' || c == 'U') {
        if (!read_hex(reader, c == 'x' ? 2 : c == 'u' ? 4 : 8, &code) || code > 0x10FFFF) {
            return false;
        }
        append_code(text, code);
        return true;
    }
    if (c == 'N') {
        reader->huge = true;
        return false;
    }
    buffer_append_char(text, '\\');
    return buffer_append_char(text, c);
}

static bool read_quoted(struct reader *reader, struct buffer *text, bool raw)
{
    char quote = *reader->at++;
    bool triple = reader->end - reader->at >= 2 && reader->at[0] == quote && reader->at[1] == quote;
    if (triple) {
        reader->at += 2;
    }
    while (reader->at < reader->end) {
        char c = *reader->at++;
        if (c == quote) {
            if (!triple) {
                return true;
            }
            if (reader->end - reader->at >= 2 && reader->at[0] == quote && reader->at[1] == quote) {
                reader->at += 2;
                return true;
            }
        } else if (c == '\n' && !triple) {
            return false;
        } else if (c == '\\' && raw && reader->at < reader->end) {
            buffer_append_char(text, c);
            c = *reader->at++;
        } else if (c == '\\') {
            if (!read_escape(reader, text)) {
                return false;
            }
            continue;
        }
        buffer_append_char(text, c);
    }
    return false;
}

/* The length of a string's prefix (r, u, R, U) if a quote follows; -1 if this is no string. */
static int string_prefix(const struct reader *reader, bool *raw)
{
    *raw = false;
    if (reader->at >= reader->end) {
        return -1;
    }
    char c = *reader->at;
    if (c == '\'' || c == '"') {
        return 0;
    }
    if (strchr("rRuU", c) != NULL && c != '\0' && reader->end - reader->at > 1 &&
        (reader->at[1] == '\'' || reader->at[1] == '"')) {
        *raw = c == 'r' || c == 'R';
        return 1;
    }
    return -1;
}

static bool read_strings(struct reader *reader, struct jinja_value *out)
{
    struct buffer text;
    buffer_init(&text, MAX_LITERAL);
    bool fine = true;
    bool raw;
    int prefix;
    while (fine && (prefix = string_prefix(reader, &raw)) >= 0) {
        reader->at += prefix;
        fine = read_quoted(reader, &text, raw);
        skip_space(reader);
    }
    if (fine) {
        *out = jinja_string(reader->arena, text.data, text.length);
    }
    buffer_free(&text);
    return fine;
}

static bool read_based(struct reader *reader, const char *digits, int base, struct jinja_value *out)
{
    char *stop;
    errno = 0;
    unsigned long long value = strtoull(digits, &stop, base);
    if (*stop != '\0' || stop == digits) {
        return false;
    }
    if (errno == ERANGE || value > INT64_MAX) {
        reader->huge = true;
        return false;
    }
    *out = jinja_int((int64_t)value);
    return true;
}

static bool read_number(struct reader *reader, struct jinja_value *out)
{
    char digits[320];
    size_t count = 0;
    bool real = false;
    bool hex = reader->end - reader->at > 1 && reader->at[0] == '0' &&
               strchr("xXoObB", reader->at[1]) != NULL && reader->at[1] != '\0';
    char last = '\0';
    while (reader->at < reader->end) {
        char c = *reader->at;
        bool sign = (c == '+' || c == '-') && !hex && (last == 'e' || last == 'E');
        if (!isalnum((unsigned char)c) && c != '.' && c != '_' && !sign) {
            break;
        }
        if (c == '_' && !isalnum((unsigned char)last)) {
            return false;
        }
        if (count + 1 >= sizeof(digits)) {
            reader->huge = true;
            return false;
        }
        real = real || (!hex && (c == '.' || c == 'e' || c == 'E'));
        if (c != '_') {
            digits[count++] = c;
        }
        last = c;
        reader->at++;
    }
    digits[count] = '\0';
    if (count == 0 || last == '_') {
        return false;
    }
    if (hex) {
        char kind = (char)(digits[1] | 0x20);
        return read_based(reader, digits + 2, kind == 'x' ? 16 : kind == 'o' ? 8 : 2, out);
    }
    if (real) {
        char *stop;
        double value = strtod(digits, &stop);
        *out = jinja_float(value);
        return *stop == '\0';
    }
    if (digits[0] == '0' && strspn(digits, "0") != count) {
        return false;
    }
    return read_based(reader, digits, 10, out);
}

static bool read_name(struct reader *reader, struct jinja_value *out)
{
    static const struct {
        const char *name;
        enum jinja_type type;
        bool value;
    } names[] = {
        {"True", JINJA_BOOL, true}, {"False", JINJA_BOOL, false}, {"None", JINJA_NONE, false},
        {"true", JINJA_BOOL, true}, {"false", JINJA_BOOL, false}, {"null", JINJA_NONE, false},
    };
    const char *start = reader->at;
    while (reader->at < reader->end &&
           (isalnum((unsigned char)*reader->at) || *reader->at == '_')) {
        reader->at++;
    }
    size_t length = (size_t)(reader->at - start);
    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        if (!reader->json_names && names[i].name[0] >= 'a') {
            continue;
        }
        if (strlen(names[i].name) == length && memcmp(start, names[i].name, length) == 0) {
            *out = names[i].type == JINJA_NONE ? jinja_none() : jinja_bool(names[i].value);
            return true;
        }
    }
    return false;
}

static bool read_items(struct reader *reader, char close, struct jinja_list *list, bool *comma,
                       int depth)
{
    *comma = false;
    while (!take(reader, close)) {
        struct jinja_value item;
        if (list->count > 0 && !*comma) {
            return false;
        }
        if (!read_value(reader, &item, depth)) {
            return false;
        }
        jinja_list_append(reader->arena, list, item);
        *comma = take(reader, ',');
    }
    return true;
}

static bool read_dict(struct reader *reader, struct jinja_value *out, int depth)
{
    *out = jinja_dict(reader->arena);
    bool comma = true;
    while (!take(reader, '}')) {
        struct jinja_value key;
        struct jinja_value value;
        if (!comma || !read_value(reader, &key, depth)) {
            return false;
        }
        if (!take(reader, ':')) {
            /* {1, 2}: a set */
            reader->huge = take(reader, ',') || take(reader, '}');
            return false;
        }
        if (!read_value(reader, &value, depth) ||
            !jinja_dict_set(reader->arena, out->as.dict, key, value)) {
            return false;
        }
        comma = take(reader, ',');
    }
    return true;
}

static bool read_signed(struct reader *reader, struct jinja_value *out, int depth)
{
    bool negative = *reader->at++ == '-';
    skip_space(reader);
    if (!read_value(reader, out, depth) || (out->type != JINJA_INT && out->type != JINJA_FLOAT)) {
        return false;
    }
    if (negative && out->type == JINJA_INT) {
        out->as.integer = -out->as.integer;
    } else if (negative) {
        out->as.number = -out->as.number;
    }
    return true;
}

static bool read_parenthesis(struct reader *reader, struct jinja_value *out, int depth)
{
    bool comma;
    *out = jinja_tuple(reader->arena, 0);
    if (!read_items(reader, ')', out->as.list, &comma, depth)) {
        return false;
    }
    if (out->as.list->count == 1 && !comma) {
        *out = out->as.list->items[0];
    }
    return true;
}

static bool read_value(struct reader *reader, struct jinja_value *out, int depth)
{
    bool raw;
    bool comma;
    skip_space(reader);
    if (reader->at >= reader->end || depth > MAX_DEPTH) {
        return false;
    }
    if (string_prefix(reader, &raw) >= 0) {
        return read_strings(reader, out);
    }
    char c = *reader->at;
    if (isdigit((unsigned char)c) || c == '.') {
        return read_number(reader, out);
    }
    switch (c) {
    case '-':
    case '+':
        return read_signed(reader, out, depth + 1);
    case '[':
        reader->at++;
        *out = jinja_list(reader->arena, 0);
        return read_items(reader, ']', out->as.list, &comma, depth + 1);
    case '(':
        reader->at++;
        return read_parenthesis(reader, out, depth + 1);
    case '{':
        reader->at++;
        return read_dict(reader, out, depth + 1);
    default:
        return read_name(reader, out);
    }
}

static bool read_all(struct reader *reader, struct jinja_value *out, bool *huge)
{
    struct jinja_value value;
    size_t length = (size_t)(reader->end - reader->at);
    bool fine =
        length > 0 && memchr(reader->at, '\0', length) == NULL && read_value(reader, &value, 0);
    if (fine) {
        skip_space(reader);
        fine = reader->at == reader->end;
    }
    *huge = reader->huge;
    if (fine) {
        *out = value;
    }
    return fine;
}

bool jinja_read_literal(struct jinja_arena *arena, const char *text, size_t length,
                        struct jinja_value *out, bool *huge)
{
    struct reader reader = {arena, text, text + length, false, true};
    return read_all(&reader, out, huge);
}

bool jinja_read_python_literal(struct jinja_arena *arena, const char *text, size_t length,
                               struct jinja_value *out, bool *huge)
{
    struct reader reader = {arena, text, text + length, false, false};
    return read_all(&reader, out, huge);
}
