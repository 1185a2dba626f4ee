/* Filters on numbers. */
#include <ctype.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "filters.h"

static bool filter_abs(struct run *run, const struct call *call, struct jinja_value *out)
{
    struct jinja_value value = call->self;
    if (!bind_arguments(run, call, "", NULL)) {
        return false;
    }
    if (!jinja_is_number(value)) {
        return run_fail_type(run, "a number is needed", value);
    }
    if (value.type == JINJA_FLOAT) {
        *out = jinja_float(fabs(value.as.number));
    } else {
        int64_t whole = value.type == JINJA_INT ? value.as.integer : value.as.boolean;
        *out = jinja_int(whole < 0 && whole != INT64_MIN ? -whole : whole);
    }
    return true;
}

static bool filter_round(struct run *run, const struct call *call, struct jinja_value *out)
{
    struct jinja_value args[2];
    struct jinja_value value = call->self;
    int64_t precision;
    if (!bind_arguments(run, call, "precision method", args) ||
        !int_or(run, args[0], 0, &precision)) {
        return false;
    }
    if (!jinja_is_number(value)) {
        return run_fail_type(run, "a number is needed", value);
    }
    if (precision < -300 || precision > 300) {
        return run_fail(run, "round's precision is out of range");
    }
    double number = jinja_number(value);
    double scale = pow(10, (double)precision);
    if (jinja_is_text(args[1], "ceil")) {
        *out = jinja_float(ceil(number * scale) / scale);
    } else if (jinja_is_text(args[1], "floor")) {
        *out = jinja_float(floor(number * scale) / scale);
    } else if (!absent(args[1]) && !jinja_is_text(args[1], "common")) {
        return run_fail(run, "round's method must be common, ceil or floor");
    } else if (value.type != JINJA_FLOAT && precision >= 0) {
        *out = value.type == JINJA_INT ? value : jinja_int(value.as.boolean);
    } else if (precision < 0) {
        double rounded = nearbyint(number * scale) / scale;
        *out = value.type == JINJA_FLOAT ? jinja_float(rounded) : jinja_int((int64_t)rounded);
    } else {
        /* printf rounds the exact binary value, half to even, as Python does. */
        char text[700];
        snprintf(text, sizeof(text), "%.*f", (int)precision, number);
        *out = jinja_float(strtod(text, NULL));
    }
    return true;
}

static bool filter_sum(struct run *run, const struct call *call, struct jinja_value *out)
{
    struct jinja_value args[2];
    struct jinja_list *items;
    if (!bind_arguments(run, call, "attribute start", args) || !iterate(run, call->self, &items)) {
        return false;
    }
    *out = absent(args[1]) ? jinja_int(0) : args[1];
    for (size_t i = 0; i < items->count; i++) {
        struct jinja_value item = items->items[i];
        if (!absent(args[0]) && args[0].type != JINJA_NONE &&
            !get_path(run, item, args[0], &item)) {
            return false;
        }
        if (out->type == JINJA_STRING) {
            return run_fail(run, "strings cannot be summed; join them");
        }
        if (!eval_binary(run, OP_ADD, *out, item, out)) {
            return false;
        }
    }
    return true;
}

static bool two_numbers(struct run *run, const struct call *call, double fallback, double *x,
                        double *y)
{
    struct jinja_value args[1];
    if (!bind_arguments(run, call, "base", args)) {
        return false;
    }
    if (!jinja_is_number(call->self) || (!absent(args[0]) && !jinja_is_number(args[0]))) {
        return run_fail_type(run, "numbers are needed",
                             jinja_is_number(call->self) ? args[0] : call->self);
    }
    *x = jinja_number(call->self);
    *y = absent(args[0]) ? fallback : jinja_number(args[0]);
    return true;
}

static bool finite_result(struct run *run, double value, struct jinja_value *out)
{
    *out = jinja_float(value);
    return isfinite(value) || run_fail(run, "the result is not a number");
}

static bool filter_pow(struct run *run, const struct call *call, struct jinja_value *out)
{
    double x;
    double y;
    return two_numbers(run, call, 1, &x, &y) && finite_result(run, pow(x, y), out);
}

static bool filter_root(struct run *run, const struct call *call, struct jinja_value *out)
{
    double x;
    double y;
    return two_numbers(run, call, 2, &x, &y) &&
           finite_result(run, y == 2 ? sqrt(x) : pow(x, 1.0 / y), out);
}

static bool filter_log(struct run *run, const struct call *call, struct jinja_value *out)
{
    double x;
    double y;
    return two_numbers(run, call, 0, &x, &y) && finite_result(run,
                                                              y == 10  ? log10(x)
                                                              : y == 0 ? log(x)
                                                                       : log(x) / log(y),
                                                              out);
}

static bool filter_filesizeformat(struct run *run, const struct call *call, struct jinja_value *out)
{
    static const char *const decimal[] = {"kB", "MB", "GB", "TB", "PB", "EB", "ZB", "YB"};
    static const char *const binary_units[] = {"KiB", "MiB", "GiB", "TiB",
                                               "PiB", "EiB", "ZiB", "YiB"};
    struct jinja_value args[1];
    struct jinja_value value;
    bool binary;
    char text[80];
    if (!bind_arguments(run, call, "binary", args) || !flag_or(run, args[0], false, &binary)) {
        return false;
    }
    const struct call plain = {.name = "float", .self = call->self};
    if (!call_filter(run, "float", &plain, &value)) {
        return false;
    }
    double bytes = value.as.number;
    double base = binary ? 1024 : 1000;
    if (bytes == 1) {
        *out = new_text(run, "1 Byte");
        return true;
    }
    if (bytes < base) {
        snprintf(text, sizeof(text), "%.0f Bytes", trunc(bytes));
        *out = new_text(run, text);
        return true;
    }
    double unit = base * base;
    int index = 0;
    while (bytes >= unit && index < 7) {
        unit *= base;
        index++;
    }
    snprintf(text, sizeof(text), "%.1f %s", base * bytes / unit,
             binary ? binary_units[index] : decimal[index]);
    *out = new_text(run, text);
    return true;
}

static const struct {
    char letter;
    int power;
} size_units[] = {{'Y', 8}, {'Z', 7}, {'E', 6}, {'P', 5}, {'T', 4},
                  {'G', 3}, {'M', 2}, {'K', 1}, {'B', 0}};

static bool filter_human_readable(struct run *run, const struct call *call, struct jinja_value *out)
{
    struct jinja_value args[2];
    bool bits;
    char text[80];
    if (!bind_arguments(run, call, "isbits unit", args) || !flag_or(run, args[0], false, &bits)) {
        return false;
    }
    if (!jinja_is_number(call->self)) {
        return run_fail_type(run, "a number is needed", call->self);
    }
    double size = jinja_number(call->self);
    bool given = args[1].type == JINJA_STRING && args[1].as.string->length > 0;
    size_t chosen = 8;
    for (size_t i = 0; i < 9; i++) {
        bool fits =
            given ? toupper((unsigned char)args[1].as.string->bytes[0]) == size_units[i].letter
                  : size >= pow(1024, size_units[i].power);
        if (fits) {
            chosen = i;
            break;
        }
    }
    char unit[8];
    const char *base = bits ? "bits" : "Bytes";
    if (size_units[chosen].power == 0) {
        snprintf(unit, sizeof(unit), "%s", base);
    } else {
        snprintf(unit, sizeof(unit), "%c%c", size_units[chosen].letter, bits ? 'b' : 'B');
    }
    snprintf(text, sizeof(text), "%.2f %s", size / pow(1024, size_units[chosen].power), unit);
    *out = new_text(run, text);
    return true;
}

static bool filter_human_to_bytes(struct run *run, const struct call *call, struct jinja_value *out)
{
    struct jinja_value args[2];
    struct jinja_value value;
    bool bits;
    if (!bind_arguments(run, call, "default_unit isbits", args) ||
        !flag_or(run, args[1], false, &bits) || !text_of(run, call->self, &value)) {
        return false;
    }
    const char *at = value.as.string->bytes + strspn(value.as.string->bytes, " \t");
    double number = strtod(at, NULL);
    size_t digits = strspn(at, "0123456789.");
    const char *unit = at + digits + strspn(at + digits, " \t");
    if (digits == 0) {
        return run_fail(run, "human_to_bytes cannot read this");
    }
    const char *name = unit;
    if (*name == '\0' && args[0].type == JINJA_STRING) {
        name = args[0].as.string->bytes;
    }
    double factor = *name == '\0' ? 1 : 0;
    for (size_t i = 0; i < 9 && factor == 0; i++) {
        if (toupper((unsigned char)*name) == size_units[i].letter) {
            factor = pow(1024, size_units[i].power);
        }
    }
    bool fine = factor > 0 &&
                (name[0] == '\0' || name[1] == '\0' || strcmp(name + 1, bits ? "b" : "B") == 0 ||
                 strcasecmp(name, bits ? "bits" : "bytes") == 0 ||
                 strcasecmp(name, bits ? "bit" : "byte") == 0);
    if (!fine) {
        return run_fail(run, "human_to_bytes does not know the unit '%s'", name);
    }
    *out = jinja_int((int64_t)nearbyint(number * factor));
    return true;
}

const struct filter filters_number[] = {
    {"abs", filter_abs, 0},
    {"round", filter_round, 0},
    {"sum", filter_sum, 0},
    {"pow", filter_pow, 0},
    {"root", filter_root, 0},
    {"log", filter_log, 0},
    {"filesizeformat", filter_filesizeformat, 0},
    {"human_readable", filter_human_readable, 0},
    {"human_to_bytes", filter_human_to_bytes, 0},
    {NULL, NULL, 0},
};
