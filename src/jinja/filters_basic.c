/* Filters about being there, truth and type. */
#include <ctype.h>
#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "filters.h"

static bool filter_default(struct run *run, const struct call *call, struct jinja_value *out)
{
    struct jinja_value args[2];
    bool falsy;
    if (!bind_arguments(run, call, "default_value boolean", args) ||
        !flag_or(run, args[1], false, &falsy)) {
        return false;
    }
    bool missing = call->self.type == JINJA_UNDEFINED &&
                   !(call->self.as.undefined != NULL && call->self.as.undefined->vault);
    if (!missing && falsy && call->self.type == JINJA_UNDEFINED) {
        return run_fail_undefined(run, call->self);
    }
    if (missing || (falsy && !jinja_true(call->self))) {
        *out = absent(args[0]) ? new_text(run, "") : args[0];
    } else {
        *out = call->self;
    }
    return true;
}

static bool filter_mandatory(struct run *run, const struct call *call, struct jinja_value *out)
{
    struct jinja_value args[1];
    if (!bind_arguments(run, call, "msg", args)) {
        return false;
    }
    if (call->self.type == JINJA_UNDEFINED) {
        if (args[0].type == JINJA_STRING) {
            return run_fail(run, "%s", args[0].as.string->bytes);
        }
        return run_fail_undefined(run, call->self);
    }
    *out = call->self;
    return true;
}

static bool filter_type_debug(struct run *run, const struct call *call, struct jinja_value *out)
{
    bool native = call->self.type == JINJA_STRING && call->self.as.string->native;
    *out = new_text(run, native ? "NativeJinjaText" : jinja_type_name(call->self));
    return true;
}

static bool filter_bool(struct run *run, const struct call *call, struct jinja_value *out)
{
    static const char *const yes[] = {"yes", "on", "1", "true"};
    struct jinja_value value = call->self;
    if (!bind_arguments(run, call, "", NULL)) {
        return false;
    }
    if (value.type == JINJA_NONE || value.type == JINJA_BOOL) {
        *out = value;
        return true;
    }
    bool result = jinja_is_number(value) && jinja_number(value) == 1;
    if (value.type == JINJA_STRING) {
        struct jinja_value lower = lower_of(run, value);
        for (size_t i = 0; i < sizeof(yes) / sizeof(yes[0]); i++) {
            result = result || jinja_is_text(lower, yes[i]);
        }
    }
    *out = jinja_bool(result);
    return true;
}

static bool filter_ternary(struct run *run, const struct call *call, struct jinja_value *out)
{
    struct jinja_value args[3];
    bool yes;
    if (!bind_arguments(run, call, "!true_val !false_val none_val", args)) {
        return false;
    }
    if (call->self.type == JINJA_NONE && !absent(args[2]) && args[2].type != JINJA_NONE) {
        *out = args[2];
        return true;
    }
    if (!truth(run, call->self, &yes)) {
        return false;
    }
    *out = yes ? args[0] : args[1];
    return true;
}

static bool filter_string(struct run *run, const struct call *call, struct jinja_value *out)
{
    return bind_arguments(run, call, "", NULL) && text_of(run, call->self, out);
}

static bool filter_length(struct run *run, const struct call *call, struct jinja_value *out)
{
    size_t length;
    if (!bind_arguments(run, call, "", NULL) || !length_of(run, call->self, &length)) {
        return false;
    }
    *out = jinja_int((int64_t)length);
    return true;
}

/* int("text", base) as Python reads it; false if it is none. */
static bool read_int(const struct jinja_string *string, int base, int64_t *out, bool *range)
{
    char digits[80];
    size_t count = 0;
    const char *at = string->bytes;
    const char *end = at + string->length;
    while (at < end && isspace((unsigned char)*at)) {
        at++;
    }
    while (end > at && isspace((unsigned char)end[-1])) {
        end--;
    }
    char last = '_';
    for (; at < end; at++) {
        if (*at == '_' && (last == '_' || last == '+' || last == '-')) {
            return false;
        }
        if (*at != '_' && count + 1 < sizeof(digits)) {
            digits[count++] = *at;
        }
        last = *at;
    }
    digits[count] = '\0';
    const char *start = digits + (digits[0] == '-' || digits[0] == '+');
    if (count == 0 || last == '_' || !isalnum((unsigned char)*start)) {
        return false;
    }
    if (base == 10 && (start[0] == '0' && tolower((unsigned char)start[1]) == 'x')) {
        return false;
    }
    if ((base == 2 && strncasecmp(start, "0b", 2) == 0) ||
        (base == 8 && strncasecmp(start, "0o", 2) == 0)) {
        memmove(digits + (start - digits), start + 2, strlen(start + 2) + 1);
    }
    char *stop;
    errno = 0;
    long long value = strtoll(digits, &stop, base);
    *range = errno == ERANGE;
    *out = value;
    return *stop == '\0' && stop != digits && !*range;
}

static bool read_float(const struct jinja_string *string, double *out)
{
    struct buffer digits;
    char *stop;
    buffer_init(&digits, string->length + 1);
    for (size_t i = 0; i < string->length; i++) {
        char c = string->bytes[i];
        bool between = i > 0 && i + 1 < string->length &&
                       isdigit((unsigned char)string->bytes[i - 1]) &&
                       isdigit((unsigned char)string->bytes[i + 1]);
        if (c != '_' || !between) {
            buffer_append_char(&digits, c);
        }
    }
    const char *start = digits.data + strspn(digits.data, " \t\n\r\f\v");
    *out = strtod(start, &stop);
    bool fine =
        stop != start && stop[strspn(stop, " \t\n\r\f\v")] == '\0' && strpbrk(start, "xX(") == NULL;
    buffer_free(&digits);
    return fine;
}

static bool filter_int(struct run *run, const struct call *call, struct jinja_value *out)
{
    struct jinja_value args[2];
    int64_t base;
    if (!bind_arguments(run, call, "default base", args) || !int_or(run, args[1], 10, &base)) {
        return false;
    }
    struct jinja_value value = call->self;
    struct jinja_value fallback = absent(args[0]) ? jinja_int(0) : args[0];
    double number = NAN;
    bool range = false;
    int64_t integer;
    *out = fallback;
    if (value.type == JINJA_INT || value.type == JINJA_BOOL) {
        *out = jinja_int(value.type == JINJA_INT ? value.as.integer : value.as.boolean);
        return true;
    }
    if (value.type == JINJA_STRING && base >= 0 && base <= 36 &&
        read_int(value.as.string, (int)base, &integer, &range)) {
        *out = jinja_int(integer);
        return true;
    }
    if (value.type == JINJA_FLOAT) {
        number = value.as.number;
    } else if (value.type == JINJA_STRING && !range && !read_float(value.as.string, &number)) {
        number = NAN;
    }
    if (range || (fabs(number) >= 9.2e18 && !isinf(number))) {
        return run_fail(run, "an integer is out of range");
    }
    if (isfinite(number)) {
        *out = jinja_int((int64_t)number);
    }
    return true;
}

static bool filter_float(struct run *run, const struct call *call, struct jinja_value *out)
{
    struct jinja_value args[1];
    double number;
    if (!bind_arguments(run, call, "default", args)) {
        return false;
    }
    *out = absent(args[0]) ? jinja_float(0) : args[0];
    if (jinja_is_number(call->self)) {
        *out = jinja_float(jinja_number(call->self));
    } else if (call->self.type == JINJA_STRING && read_float(call->self.as.string, &number)) {
        *out = jinja_float(number);
    }
    return true;
}

static bool filter_attr(struct run *run, const struct call *call, struct jinja_value *out)
{
    struct jinja_value args[1];
    if (!bind_arguments(run, call, "!name", args) ||
        !need_string(run, args[0], "an attribute's name")) {
        return false;
    }
    /* Only real attributes: a dict's keys do not count. */
    if (call->self.type == JINJA_DICT) {
        if (!method_of(run, call->self, args[0].as.string->bytes, out)) {
            *out = jinja_undefined(run->arena, args[0].as.string->bytes, NULL);
        }
        return true;
    }
    return get_attribute(run, call->self, args[0].as.string->bytes, out);
}

static bool filter_refused(struct run *run, const struct call *call, struct jinja_value *out)
{
    *out = jinja_none();
    return run_fail(run,
                    "the filter '%s' is refused: its result differs from run to run, or it "
                    "reads this machine's files",
                    call->name);
}

const struct filter filters_basic[] = {
    {"default", filter_default, FILTER_UNDEFINED},
    {"d", filter_default, FILTER_UNDEFINED},
    {"mandatory", filter_mandatory, FILTER_UNDEFINED},
    {"type_debug", filter_type_debug, FILTER_UNDEFINED},
    {"bool", filter_bool, 0},
    {"ternary", filter_ternary, FILTER_UNDEFINED},
    {"string", filter_string, FILTER_NATIVE},
    {"length", filter_length, 0},
    {"count", filter_length, 0},
    {"int", filter_int, 0},
    {"float", filter_float, 0},
    {"attr", filter_attr, 0},
    {"random", filter_refused, 0},
    {"shuffle", filter_refused, 0},
    {"password_hash", filter_refused, 0},
    {"vault", filter_refused, 0},
    {"unvault", filter_refused, 0},
    {"fileglob", filter_refused, 0},
    {"realpath", filter_refused, 0},
    {"expanduser", filter_refused, 0},
    {"expandvars", filter_refused, 0},
    {NULL, NULL, 0},
};
