/* The tokens inside of tags: names, numbers, strings, operators. */
#include "lexer_tag.h"

#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"

enum { MAX_NESTING = 100 };

static const struct {
    const char *text;
    enum operator_kind op;
} operators[] = {
    /* the longer first */
    {"//", OP_FLOORDIV}, {"**", OP_POW},   {"==", OP_EQ},      {"!=", OP_NE},      {">=", OP_GE},
    {"<=", OP_LE},       {"+", OP_ADD},    {"-", OP_SUB},      {"/", OP_DIV},      {"*", OP_MUL},
    {"%", OP_MOD},       {"~", OP_TILDE},  {"[", OP_LBRACKET}, {"]", OP_RBRACKET}, {"(", OP_LPAREN},
    {")", OP_RPAREN},    {"{", OP_LBRACE}, {"}", OP_RBRACE},   {">", OP_GT},       {"<", OP_LT},
    {"=", OP_ASSIGN},    {".", OP_DOT},    {":", OP_COLON},    {"|", OP_PIPE},     {",", OP_COMMA},
    {";", OP_SEMICOLON},
};

const char *operator_text(enum operator_kind op)
{
    for (size_t i = 0; i < sizeof(operators) / sizeof(operators[0]); i++) {
        if (operators[i].op == op) {
            return operators[i].text;
        }
    }
    return op == OP_IN ? "in" : "not in";
}

static bool hex_code(const char *text, size_t length, int digits, unsigned *code)
{
    *code = 0;
    if (length < (size_t)digits) {
        return false;
    }
    for (int i = 0; i < digits; i++) {
        if (!isxdigit((unsigned char)text[i])) {
            return false;
        }
        char c = (char)(text[i] | 0x20);
        *code = *code * 16 + (unsigned)(text[i] <= '9' ? c - '0' : c - 'a' + 10);
    }
    return *code <= 0x10FFFF;
}

/* One escape as Python's unicode-escape reads it; returns the bytes used after the backslash, 0 on
 * an error. */
static size_t unescape_one(const char *text, size_t length, struct buffer *out)
{
    static const char names[] = "abfnrtv\\'\"";
    static const char codes[] = "\a\b\f\n\r\t\v\\'\"";
    char bytes[4];
    unsigned code = 0;
    if (length == 0) {
        return 0;
    }
    const char *known = text[0] == '\0' ? NULL : strchr(names, text[0]);
    if (known != NULL) {
        buffer_append_char(out, codes[known - names]);
        return 1;
    }
    if (text[0] == '\n') {
        return 1;
    }
    size_t used = 0;
    while (used < 3 && used < length && text[used] >= '0' && text[used] <= '7') {
        code = code * 8 + (unsigned)(text[used++] - '0');
    }
    if (used == 0 && strchr("xuU", text[0]) != NULL && text[0] != '\0') {
        int digits = text[0] == 'x' ? 2 : text[0] == 'u' ? 4 : 8;
        if (!hex_code(text + 1, length - 1, digits, &code)) {
            return 0;
        }
        used = (size_t)digits + 1;
    }
    if (code >= 0xD800 && code <= 0xDFFF) {
        return 0; /* half of a pair: it can be held in Python, but not be written */
    }
    if (used > 0) {
        buffer_append(out, bytes, text_encode_utf8(code, bytes));
        return used;
    }
    if (text[0] == 'N') {
        return 0;
    }
    buffer_append_char(out, '\\');
    buffer_append_char(out, text[0]);
    return 1;
}

static bool read_string(struct lexer *lexer, bool raw)
{
    size_t start = lexer->at;
    char quote = lexer->source[start];
    size_t end = start + 1;
    bool escaped = false;
    while (end < lexer->length && lexer->source[end] != quote) {
        if (lexer->source[end] == '\\') {
            escaped = true;
            /* Ansible doubles the backslash first, so that this quote ends the string. */
            if (raw && end + 1 < lexer->length && lexer->source[end + 1] == quote) {
                return lexer_fail(lexer, "a quote cannot be escaped in a variable's template");
            }
            end++;
        }
        end++;
    }
    if (end >= lexer->length) {
        return lexer_fail(lexer, "a string has no end");
    }
    const char *text = lexer->source + start + 1;
    size_t length = end - start - 1;
    struct jinja_value value = jinja_none();
    if (!escaped || raw) {
        value = jinja_string(lexer->arena, text, length);
    } else {
        struct buffer unescaped;
        buffer_init(&unescaped, length * 4 + 4);
        size_t i = 0;
        while (i < length) {
            size_t used = 1;
            if (text[i] == '\\') {
                used = unescape_one(text + i + 1, length - i - 1, &unescaped);
                if (used == 0) {
                    buffer_free(&unescaped);
                    return lexer_fail(lexer, "a string holds an escape that cannot be read");
                }
                used++;
            } else {
                buffer_append_char(&unescaped, text[i]);
            }
            i += used;
        }
        value = jinja_string(lexer->arena, unescaped.data, unescaped.length);
        buffer_free(&unescaped);
    }
    int line = lexer->line;
    lexer_advance(lexer, end + 1 - start);
    struct token *token = lexer_push(lexer, TOKEN_STRING, start);
    token->line = line;
    token->value = value;
    return true;
}

/* Digits with single underscores between them; returns where they end. */
static size_t digits_end(const struct lexer *lexer, size_t at)
{
    size_t end = at;
    while (end < lexer->length &&
           (isdigit((unsigned char)lexer->source[end]) ||
            (lexer->source[end] == '_' && end > at && end + 1 < lexer->length &&
             isdigit((unsigned char)lexer->source[end + 1]) && lexer->source[end - 1] != '_'))) {
        end++;
    }
    return end;
}

static bool take_float(struct lexer *lexer, size_t *end)
{
    size_t at = lexer->at;
    const char *source = lexer->source;
    if (at > 0 && source[at - 1] == '.') {
        return false;
    }
    bool real = false;
    size_t stop = digits_end(lexer, at);
    if (stop + 1 < lexer->length && source[stop] == '.' &&
        isdigit((unsigned char)source[stop + 1])) {
        stop = digits_end(lexer, stop + 1);
        real = true;
    }
    if (stop < lexer->length && (source[stop] == 'e' || source[stop] == 'E')) {
        size_t exponent = stop + 1;
        if (exponent < lexer->length && (source[exponent] == '+' || source[exponent] == '-')) {
            exponent++;
        }
        if (exponent < lexer->length && isdigit((unsigned char)source[exponent])) {
            stop = digits_end(lexer, exponent);
            real = true;
        }
    }
    *end = stop;
    return real;
}

static size_t integer_end(const struct lexer *lexer, int *base)
{
    size_t at = lexer->at;
    const char *source = lexer->source;
    *base = 10;
    if (source[at] == '0' && at + 2 < lexer->length + 1) {
        char kind = (char)(source[at + 1] | 0x20);
        int with = kind == 'x' ? 16 : kind == 'o' ? 8 : kind == 'b' ? 2 : 10;
        if (with != 10) {
            size_t end = at + 2;
            while (end < lexer->length &&
                   (source[end] == '_' || isxdigit((unsigned char)source[end]))) {
                end++;
            }
            if (end > at + 2) {
                *base = with;
                return end;
            }
        }
        size_t end = at + 1;
        while (end < lexer->length && (source[end] == '0' || source[end] == '_')) {
            end++;
        }
        return end;
    }
    return digits_end(lexer, at);
}

static bool read_number(struct lexer *lexer)
{
    size_t start = lexer->at;
    size_t end;
    int base = 10;
    bool real = take_float(lexer, &end);
    if (!real) {
        end = integer_end(lexer, &base);
    }
    char digits[64];
    size_t count = 0;
    for (size_t i = base == 10 ? start : start + 2; i < end; i++) {
        if (lexer->source[i] == '_') {
            continue;
        }
        if (count + 1 >= sizeof(digits)) {
            return lexer_fail(lexer, "a number is too long");
        }
        digits[count++] = lexer->source[i];
    }
    digits[count] = '\0';
    lexer->at = end;
    struct token *token = lexer_push(lexer, real ? TOKEN_FLOAT : TOKEN_INT, start);
    if (real) {
        token->value = jinja_float(strtod(digits, NULL));
        return true;
    }
    errno = 0;
    char *stop;
    unsigned long long value = strtoull(digits, &stop, base);
    if (*stop != '\0' || errno == ERANGE || value > INT64_MAX) {
        return lexer_fail(lexer, "an integer is out of range");
    }
    token->value = jinja_int((int64_t)value);
    return true;
}

static bool name_byte(char c)
{
    return isalnum((unsigned char)c) || c == '_' || (unsigned char)c >= 0x80;
}

static bool read_operator(struct lexer *lexer, char *nesting, size_t *depth)
{
    size_t start = lexer->at;
    for (size_t i = 0; i < sizeof(operators) / sizeof(operators[0]); i++) {
        if (!lexer_at(lexer, operators[i].text)) {
            continue;
        }
        enum operator_kind op = operators[i].op;
        if (op == OP_LBRACKET || op == OP_LPAREN || op == OP_LBRACE) {
            if (*depth == MAX_NESTING) {
                return lexer_fail(lexer, "brackets are nested too deeply");
            }
            nesting[(*depth)++] = op == OP_LBRACKET ? ']' : op == OP_LPAREN ? ')' : '}';
        } else if (op == OP_RBRACKET || op == OP_RPAREN || op == OP_RBRACE) {
            if (*depth == 0 || nesting[*depth - 1] != lexer->source[start]) {
                return lexer_fail(lexer, "a closing bracket has no opening one");
            }
            (*depth)--;
        }
        lexer->at += strlen(operators[i].text);
        lexer_push(lexer, TOKEN_OPERATOR, start)->op = op;
        return true;
    }
    char what[80];
    snprintf(what, sizeof(what), "unexpected character '%c'", lexer->source[start]);
    return lexer_fail(lexer, what);
}

/* The tag's end with its sign. */
static bool take_end(struct lexer *lexer, bool variable)
{
    const char *close = variable ? lexer->syntax->variable_end : lexer->syntax->block_end;
    size_t start = lexer->at;
    char sign = lexer->source[start];
    if (sign == '-' || (sign == '+' && !variable)) {
        lexer->at++;
        if (!lexer_at(lexer, close)) {
            lexer->at = start;
            sign = '\0';
        }
    } else {
        sign = '\0';
    }
    if (!lexer_at(lexer, close)) {
        return false;
    }
    lexer->at += strlen(close);
    lexer_push(lexer, variable ? TOKEN_VARIABLE_END : TOKEN_BLOCK_END, start);
    if (sign == '-') {
        lexer_skip_space(lexer);
    } else if (sign == '\0' && !variable) {
        lexer_end_block(lexer);
    }
    return true;
}

bool lexer_read_tag(struct lexer *lexer, bool variable)
{
    char nesting[MAX_NESTING];
    size_t depth = 0;
    int begun = lexer->line;
    while (lexer->at < lexer->length) {
        if (depth == 0 && take_end(lexer, variable)) {
            return true;
        }
        size_t start = lexer->at;
        char c = lexer->source[start];
        bool fine = true;
        if (isspace((unsigned char)c)) {
            lexer_skip_space(lexer);
        } else if (isdigit((unsigned char)c)) {
            fine = read_number(lexer);
        } else if (name_byte(c)) {
            while (lexer->at < lexer->length && name_byte(lexer->source[lexer->at])) {
                lexer->at++;
            }
            lexer_push(lexer, TOKEN_NAME, start)->value =
                jinja_string(lexer->arena, lexer->source + start, lexer->at - start);
        } else if (c == '\'' || c == '"') {
            fine = read_string(lexer, variable && lexer->syntax->raw_strings);
        } else {
            fine = read_operator(lexer, nesting, &depth);
        }
        if (!fine) {
            return false;
        }
    }
    lexer->line = begun;
    return lexer_fail(lexer, variable ? "a {{ has no end" : "a {% has no end");
}
