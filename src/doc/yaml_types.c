#include "yaml_types.h"

#include <errno.h>
#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/attributes.h"
#include "number.h"

/*
 * Scalars of YAML 1.1 as two readers understand them: PyYAML 6 (the regular expressions of its
 * resolver) and go-yaml v2, which sigs.k8s.io/yaml and so kubectl read with (its resolve()).
 */
#define DIGITS "0123456789"

enum { MAX_NUMERAL = 400 };

static const char *skip(const char *at, const char *set)
{
    return at + strspn(at, set);
}

static const char *skip_sign(const char *at)
{
    return *at == '-' || *at == '+' ? at + 1 : at;
}

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

static bool is_one_of(const char *text, const char *const *words, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        if (strcmp(text, words[i]) == 0) {
            return true;
        }
    }
    return false;
}

static const char *const true_words[] = {"true", "True", "TRUE", "yes", "Yes", "YES",
                                         "on",   "On",   "ON",   "y",   "Y"};
static const char *const false_words[] = {"false", "False", "FALSE", "no", "No", "NO",
                                          "off",   "Off",   "OFF",   "n",  "N"};

static bool is_null(const char *text)
{
    static const char *const words[] = {"", "~", "null", "Null", "NULL"};
    return is_one_of(text, words, ARRAY_LENGTH(words));
}

static bool is_bool(enum doc_schema schema, const char *text)
{
    if (schema == DOC_SCHEMA_ANSIBLE && strlen(text) == 1) {
        return false; /* PyYAML leaves y and n alone */
    }
    return is_one_of(text, true_words, ARRAY_LENGTH(true_words)) ||
           is_one_of(text, false_words, ARRAY_LENGTH(false_words));
}

bool yaml_truth_of(const char *text)
{
    return is_one_of(text, true_words, ARRAY_LENGTH(true_words));
}

static bool is_infinite(const char *text)
{
    static const char *const words[] = {".inf", ".Inf", ".INF"};
    return is_one_of(skip_sign(text), words, ARRAY_LENGTH(words));
}

static bool is_nan(const char *text)
{
    static const char *const words[] = {".nan", ".NaN", ".NAN"};
    return is_one_of(text, words, ARRAY_LENGTH(words));
}

/* (:[0-5]?[0-9])+, or at itself where that does not stand. */
static const char *skip_base60(const char *at)
{
    while (*at == ':' && is_digit(at[1])) {
        at += at[1] <= '5' && is_digit(at[2]) ? 3 : 2;
    }
    return at;
}

/* [eE][-+]digits: PyYAML wants the sign. Returns at where that does not stand. */
static const char *skip_signed_exponent(const char *at)
{
    if ((*at == 'e' || *at == 'E') && (at[1] == '-' || at[1] == '+') && is_digit(at[2])) {
        return skip(at + 2, DIGITS);
    }
    return at;
}

bool yaml_is_base60(const char *text)
{
    const char *at = skip_sign(text);
    if (!is_digit(*at)) {
        return false;
    }
    at = skip(at, DIGITS "_");
    const char *end = skip_base60(at);
    if (end == at) {
        return false;
    }
    return *(*end == '.' ? skip(end + 1, DIGITS "_") : end) == '\0';
}

static bool is_python_int(const char *text)
{
    const char *at = skip_sign(text);
    if (at[0] == '0' && at[1] == 'b' && at[2] != '\0') {
        return *skip(at + 2, "01_") == '\0';
    }
    if (at[0] == '0' && at[1] == 'x' && at[2] != '\0') {
        return *skip(at + 2, DIGITS "abcdefABCDEF_") == '\0';
    }
    if (at[0] == '0') {
        return *skip(at + 1, "01234567_") == '\0';
    }
    if (!is_digit(*at)) {
        return false;
    }
    return *skip_base60(skip(at, DIGITS "_")) == '\0';
}

static bool is_python_float(const char *text)
{
    if (is_infinite(text) || is_nan(text)) {
        return true;
    }
    if (text[0] == '.') {
        return is_digit(text[1]) && *skip_signed_exponent(skip(text + 1, DIGITS "_")) == '\0';
    }
    const char *at = skip_sign(text);
    if (!is_digit(*at)) {
        return false;
    }
    at = skip(at, DIGITS "_");
    const char *point = skip_base60(at);
    if (*point != '.') {
        return false;
    }
    const char *end = skip(point + 1, DIGITS "_");
    return *(point == at ? skip_signed_exponent(end) : end) == '\0';
}

/* Without underscores, as go-yaml and PyYAML both read numbers; false if it is too long. */
static bool without_underscores(const char *text, char out[MAX_NUMERAL])
{
    size_t used = 0;
    for (; *text != '\0'; text++) {
        if (used + 1 >= MAX_NUMERAL) {
            return false;
        }
        if (*text != '_') {
            out[used++] = *text;
        }
    }
    out[used] = '\0';
    return true;
}

/* Go's prefixes: 0x, 0b, 0o, 0 (and the capitals). Returns where the digits start. */
static const char *split_base(const char *unsigned_text, int *base)
{
    *base = 10;
    if (unsigned_text[0] != '0' || unsigned_text[1] == '\0') {
        return unsigned_text;
    }
    switch (unsigned_text[1]) {
    case 'x':
    case 'X':
        *base = 16;
        return unsigned_text + 2;
    case 'b':
    case 'B':
        *base = 2;
        return unsigned_text + 2;
    case 'o':
    case 'O':
        *base = 8;
        return unsigned_text + 2;
    default:
        *base = 8;
        return unsigned_text + 1;
    }
}

/* The digits of the base, nothing else; false if they do not fit into 64 bits. */
static bool read_digits(const char *digits, int base, uint64_t *value)
{
    static const char all[] = DIGITS "abcdef";
    *value = 0;
    if (*digits == '\0') {
        return false;
    }
    for (; *digits != '\0'; digits++) {
        char lower = *digits >= 'A' && *digits <= 'F' ? (char)(*digits - 'A' + 'a') : *digits;
        const char *found = memchr(all, lower, (size_t)base);
        if (found == NULL || *value > (UINT64_MAX - (uint64_t)(found - all)) / (uint64_t)base) {
            return false;
        }
        *value = *value * (uint64_t)base + (uint64_t)(found - all);
    }
    return true;
}

static bool is_go_int(const char *plain)
{
    int base = 10;
    uint64_t value = 0;
    const char *at = skip_sign(plain);
    const char *digits = split_base(at, &base);
    if (!read_digits(digits, base, &value)) {
        return false;
    }
    if (at == plain) {
        return true;
    }
    return value <= (uint64_t)INT64_MAX + (*plain == '-' ? 1 : 0);
}

/* ^[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?$, and not out of range. */
static bool is_go_float(const char *plain)
{
    const char *at = skip_sign(plain);
    const char *whole = at;
    at = skip(at, DIGITS);
    bool any = at > whole;
    if (*at == '.') {
        const char *fraction = at + 1;
        at = skip(fraction, DIGITS);
        any = any || at > fraction;
    }
    if (any && (*at == 'e' || *at == 'E')) {
        const char *exponent = skip_sign(at + 1);
        at = is_digit(*exponent) ? skip(exponent, DIGITS) : at;
    }
    double value = 0;
    return any && *at == '\0' && number_read(plain, strlen(plain), &value) && isfinite(value);
}

static bool underscores_part_digits(const char *text)
{
    for (const char *at = strchr(text, '_'); at != NULL; at = strchr(at + 1, '_')) {
        if (at == text || !is_digit(at[-1]) || !is_digit(at[1])) {
            return false;
        }
    }
    return true;
}

static enum doc_type type_of_go(const char *text)
{
    char plain[MAX_NUMERAL];
    if (is_infinite(text) || is_nan(text)) {
        return DOC_FLOAT;
    }
    if ((strchr("-+.", *text) == NULL && !is_digit(*text)) || !without_underscores(text, plain)) {
        return DOC_STRING;
    }
    if (*text == '.') { /* go-yaml leaves the underscores to strconv, which is strict */
        return is_go_float(plain) && underscores_part_digits(text) ? DOC_FLOAT : DOC_STRING;
    }
    return is_go_int(plain) ? DOC_INT : is_go_float(plain) ? DOC_FLOAT : DOC_STRING;
}

enum doc_type yaml_type_of(enum doc_schema schema, const char *text)
{
    if (is_null(text)) {
        return DOC_NULL;
    }
    if (is_bool(schema, text)) {
        return DOC_BOOL;
    }
    if (schema == DOC_SCHEMA_KUBERNETES) {
        return type_of_go(text);
    }
    if (is_python_float(text)) {
        return DOC_FLOAT;
    }
    if (is_python_int(text)) {
        return DOC_INT;
    }
    return yaml_is_python_date(text) ? DOC_DATE : DOC_STRING;
}

/* Base 60: every colon multiplies what stands before it. */
static double base60_number(const char *at)
{
    double total = 0;
    for (;;) {
        size_t length = strcspn(at, ":");
        double part = 0;
        number_read(at, length, &part);
        total = total * 60 + part;
        if (at[length] == '\0') {
            return total;
        }
        at += length + 1;
    }
}

static double digits_number(const char *digits, int base)
{
    double total = 0;
    for (; *digits != '\0'; digits++) {
        int digit = is_digit(*digits) ? *digits - '0' : (*digits | 0x20) - 'a' + 10;
        total = total * base + digit;
    }
    return total;
}

static double unsigned_number(enum doc_type type, const char *at)
{
    double value = 0;
    if (is_infinite(at)) {
        return INFINITY;
    }
    if (strchr(at, ':') != NULL) {
        return base60_number(at);
    }
    if (type == DOC_INT) {
        int base = 10;
        const char *digits = split_base(at, &base);
        if (base != 10) {
            return digits_number(digits, base);
        }
    }
    return number_read(at, strlen(at), &value) ? value : NAN;
}

double yaml_number_of(enum doc_type type, const char *text)
{
    char plain[MAX_NUMERAL];
    if (is_nan(text) || !without_underscores(text, plain)) {
        return NAN;
    }
    double value = unsigned_number(type, skip_sign(plain));
    return *plain == '-' ? -value : value;
}

bool yaml_integer_of(const char *text, long long *value)
{
    char plain[MAX_NUMERAL];
    if (!without_underscores(text, plain)) {
        return false;
    }
    const char *at = skip_sign(plain);
    uint64_t size = 0;
    if (strchr(at, ':') != NULL) {
        double number = base60_number(at);
        if (number > 9007199254740992.0) { /* 2^53: from there on doubles skip integers */
            return false;
        }
        size = (uint64_t)number;
    } else {
        int base = 10;
        const char *digits = split_base(at, &base);
        if (*digits != '\0' && !read_digits(digits, base, &size)) {
            return false;
        }
    }
    bool negative = *plain == '-';
    if (size > (uint64_t)INT64_MAX + (negative ? 1 : 0)) {
        return false;
    }
    *value = negative ? (long long)(0 - size) : (long long)size;
    return true;
}
