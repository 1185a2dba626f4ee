/* Arithmetic, comparison and membership as Python has them. */
#include <math.h>
#include <string.h>

#include "format.h"
#include "run.h"

enum { MAX_REPEAT = 64 * 1024 * 1024 };

static int64_t integer_of(struct jinja_value value)
{
    return value.type == JINJA_BOOL ? value.as.boolean : value.as.integer;
}

static bool fail_operands(struct run *run, enum operator_kind op, struct jinja_value a,
                          struct jinja_value b)
{
    return run_fail(run, "'%s' cannot work on %s and %s", operator_text(op), jinja_type_name(a),
                    jinja_type_name(b));
}

static bool out_of_range(struct run *run)
{
    return run_fail(run, "an integer is out of range");
}

/* Python's floor division and its remainder, which has the divisor's sign. */
static int64_t floor_divide(int64_t a, int64_t b, int64_t *rest)
{
    int64_t quotient = a / b;
    *rest = a % b;
    if (*rest != 0 && (*rest < 0) != (b < 0)) {
        *rest += b;
        quotient--;
    }
    return quotient;
}

static bool power(struct run *run, struct jinja_value a, struct jinja_value b,
                  struct jinja_value *out)
{
    if (a.type == JINJA_FLOAT || b.type == JINJA_FLOAT || integer_of(b) < 0) {
        double base = jinja_number(a);
        if (base == 0 && jinja_number(b) < 0) {
            return run_fail(run, "0 cannot be raised to a negative power");
        }
        *out = jinja_float(pow(base, jinja_number(b)));
        return !isnan(out->as.number) || run_fail(run, "the power is not a real number");
    }
    int64_t result = 1;
    int64_t base = integer_of(a);
    for (int64_t i = integer_of(b); i > 0; i--) {
        if (__builtin_mul_overflow(result, base, &result)) {
            return out_of_range(run);
        }
        if (result == 0 || (result == 1 && base == 1)) {
            break;
        }
        if (base == -1) {
            result = integer_of(b) % 2 == 0 ? 1 : -1;
            break;
        }
    }
    *out = jinja_int(result);
    return true;
}

static bool integers(struct run *run, enum operator_kind op, int64_t a, int64_t b,
                     struct jinja_value *out)
{
    int64_t result = 0;
    bool overflow = false;
    switch (op) {
    case OP_ADD:
        overflow = __builtin_add_overflow(a, b, &result);
        break;
    case OP_SUB:
        overflow = __builtin_sub_overflow(a, b, &result);
        break;
    case OP_MUL:
        overflow = __builtin_mul_overflow(a, b, &result);
        break;
    default: {
        if (b == 0) {
            return run_fail(run, "division by zero");
        }
        if (b == -1 && a == INT64_MIN) {
            return out_of_range(run);
        }
        int64_t rest;
        int64_t quotient = floor_divide(a, b, &rest);
        result = op == OP_MOD ? rest : quotient;
    }
    }
    *out = jinja_int(result);
    return overflow ? out_of_range(run) : true;
}

static bool floats(struct run *run, enum operator_kind op, double a, double b,
                   struct jinja_value *out)
{
    if ((op == OP_DIV || op == OP_FLOORDIV || op == OP_MOD) && b == 0) {
        return run_fail(run, "division by zero");
    }
    double result = 0;
    switch (op) {
    case OP_ADD:
        result = a + b;
        break;
    case OP_SUB:
        result = a - b;
        break;
    case OP_MUL:
        result = a * b;
        break;
    case OP_DIV:
        result = a / b;
        break;
    case OP_FLOORDIV:
        result = floor(a / b);
        break;
    default:
        result = fmod(a, b);
        if (result != 0 && (result < 0) != (b < 0)) {
            result += b;
        }
    }
    *out = jinja_float(result);
    return true;
}

static bool join_lists(struct run *run, struct jinja_value a, struct jinja_value b,
                       struct jinja_value *out)
{
    *out = jinja_list(run->arena, a.as.list->count + b.as.list->count);
    out->type = a.type;
    for (size_t i = 0; i < a.as.list->count; i++) {
        jinja_list_append(run->arena, out->as.list, a.as.list->items[i]);
    }
    for (size_t i = 0; i < b.as.list->count; i++) {
        jinja_list_append(run->arena, out->as.list, b.as.list->items[i]);
    }
    return true;
}

static bool join_strings(struct run *run, struct jinja_value a, struct jinja_value b,
                         struct jinja_value *out)
{
    struct buffer text;
    text_buffer(run, &text);
    jinja_write_str(&text, a);
    jinja_write_str(&text, b);
    return finish_text(run, &text, out);
}

static bool repeat(struct run *run, struct jinja_value what, int64_t times, struct jinja_value *out)
{
    times = times < 0 ? 0 : times;
    size_t size = what.type == JINJA_STRING ? what.as.string->length
                                            : what.as.list->count * sizeof(struct jinja_value);
    if (size > 0 && (uint64_t)times > MAX_REPEAT / size) {
        return run_fail(run, "the repetition is too long");
    }
    if (what.type == JINJA_STRING) {
        struct buffer text;
        text_buffer(run, &text);
        for (int64_t i = 0; i < times && size > 0; i++) {
            buffer_append(&text, what.as.string->bytes, size);
        }
        return finish_text(run, &text, out);
    }
    *out = jinja_list(run->arena, what.as.list->count * (size_t)times);
    out->type = what.type;
    for (int64_t i = 0; i < times && size > 0; i++) {
        for (size_t k = 0; k < what.as.list->count; k++) {
            jinja_list_append(run->arena, out->as.list, what.as.list->items[k]);
        }
    }
    return true;
}

static bool plain_list(struct jinja_value value)
{
    return value.type == JINJA_TUPLE || (value.type == JINJA_LIST && value.as.list->view == NULL);
}

static bool whole(struct jinja_value value)
{
    return value.type == JINJA_INT || value.type == JINJA_BOOL;
}

bool eval_binary(struct run *run, enum operator_kind op, struct jinja_value a, struct jinja_value b,
                 struct jinja_value *out)
{
    if (a.type == JINJA_UNDEFINED) {
        return run_fail_undefined(run, a);
    }
    if (op == OP_MOD && a.type == JINJA_STRING) {
        return format_percent(run, a.as.string, b, out);
    }
    if (b.type == JINJA_UNDEFINED) {
        return run_fail_undefined(run, b);
    }
    if (jinja_is_number(a) && jinja_is_number(b)) {
        if (op == OP_POW) {
            return power(run, a, b, out);
        }
        if (whole(a) && whole(b) && op != OP_DIV) {
            return integers(run, op, integer_of(a), integer_of(b), out);
        }
        return floats(run, op, jinja_number(a), jinja_number(b), out);
    }
    if (op == OP_ADD && a.type == b.type) {
        if (a.type == JINJA_STRING) {
            return join_strings(run, a, b, out);
        }
        if (plain_list(a) && plain_list(b)) {
            return join_lists(run, a, b, out);
        }
    }
    if (op == OP_MUL && (a.type == JINJA_STRING || plain_list(a)) && whole(b)) {
        return repeat(run, a, integer_of(b), out);
    }
    if (op == OP_MUL && (b.type == JINJA_STRING || plain_list(b)) && whole(a)) {
        return repeat(run, b, integer_of(a), out);
    }
    return fail_operands(run, op, a, b);
}

bool contains(struct run *run, struct jinja_value container, struct jinja_value item, bool *out)
{
    if (container.type == JINJA_STRING) {
        if (item.type != JINJA_STRING) {
            return run_fail_type(run, "only a string can be in a string", item);
        }
        *out = memmem(container.as.string->bytes, container.as.string->length,
                      item.as.string->bytes, item.as.string->length) != NULL;
        return true;
    }
    if (container.type == JINJA_DICT) {
        if (!jinja_hashable(item)) {
            return run_fail_type(run, "a key must be hashable", item);
        }
        *out = jinja_dict_get(container.as.dict, item) != NULL;
        return true;
    }
    struct jinja_list *items;
    if (!iterate(run, container, &items)) {
        return false;
    }
    *out = false;
    for (size_t i = 0; i < items->count && !*out; i++) {
        if (items->items[i].type == JINJA_UNDEFINED) {
            return run_fail_undefined(run, items->items[i]);
        }
        *out = jinja_equal(items->items[i], item);
    }
    return true;
}

bool eval_comparison(struct run *run, enum operator_kind op, struct jinja_value a,
                     struct jinja_value b, bool *out)
{
    if (a.type == JINJA_UNDEFINED) {
        return run_fail_undefined(run, a);
    }
    if (b.type == JINJA_UNDEFINED) {
        return run_fail_undefined(run, b);
    }
    if (op == OP_IN || op == OP_NOT_IN) {
        if (!contains(run, b, a, out)) {
            return false;
        }
        *out = *out == (op == OP_IN);
        return true;
    }
    if (op == OP_EQ || op == OP_NE) {
        *out = jinja_equal(a, b) == (op == OP_EQ);
        return true;
    }
    int order;
    if (!jinja_compare(a, b, &order)) {
        return fail_operands(run, op, a, b);
    }
    if (isnan(jinja_number(a)) || isnan(jinja_number(b))) {
        *out = false;
        return true;
    }
    *out = (order < 0 && (op == OP_LT || op == OP_LE)) ||
           (order > 0 && (op == OP_GT || op == OP_GE)) ||
           (order == 0 && (op == OP_LE || op == OP_GE));
    return true;
}
