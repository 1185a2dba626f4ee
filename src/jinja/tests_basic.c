/* Jinja's own tests. */
#include <string.h>

#include "filters.h"

static bool no_arguments(struct run *run, const struct call *call)
{
    return bind_arguments(run, call, "", NULL);
}

static bool test_defined(struct run *run, const struct call *call, bool *out)
{
    *out = call->self.type != JINJA_UNDEFINED ||
           (call->self.as.undefined != NULL && call->self.as.undefined->vault);
    return no_arguments(run, call);
}

static bool test_undefined(struct run *run, const struct call *call, bool *out)
{
    bool fine = test_defined(run, call, out);
    *out = !*out;
    return fine;
}

static bool test_none(struct run *run, const struct call *call, bool *out)
{
    *out = call->self.type == JINJA_NONE;
    return no_arguments(run, call);
}

static bool test_boolean(struct run *run, const struct call *call, bool *out)
{
    *out = call->self.type == JINJA_BOOL;
    return no_arguments(run, call);
}

static bool test_true(struct run *run, const struct call *call, bool *out)
{
    *out = call->self.type == JINJA_BOOL && call->self.as.boolean;
    return no_arguments(run, call);
}

static bool test_false(struct run *run, const struct call *call, bool *out)
{
    *out = call->self.type == JINJA_BOOL && !call->self.as.boolean;
    return no_arguments(run, call);
}

static bool test_integer(struct run *run, const struct call *call, bool *out)
{
    *out = call->self.type == JINJA_INT;
    return no_arguments(run, call);
}

static bool test_float(struct run *run, const struct call *call, bool *out)
{
    *out = call->self.type == JINJA_FLOAT;
    return no_arguments(run, call);
}

static bool test_number(struct run *run, const struct call *call, bool *out)
{
    *out = jinja_is_number(call->self);
    return no_arguments(run, call);
}

static bool test_string(struct run *run, const struct call *call, bool *out)
{
    *out = call->self.type == JINJA_STRING;
    return no_arguments(run, call);
}

static bool test_mapping(struct run *run, const struct call *call, bool *out)
{
    *out = call->self.type == JINJA_DICT;
    return no_arguments(run, call);
}

static bool test_sequence(struct run *run, const struct call *call, bool *out)
{
    enum jinja_type type = call->self.type;
    *out = type == JINJA_STRING || type == JINJA_TUPLE || type == JINJA_DICT ||
           (type == JINJA_LIST &&
            (call->self.as.list->view == NULL || strcmp(call->self.as.list->view, "range") == 0));
    return no_arguments(run, call);
}

static bool test_iterable(struct run *run, const struct call *call, bool *out)
{
    enum jinja_type type = call->self.type;
    *out = type == JINJA_STRING || type == JINJA_TUPLE || type == JINJA_DICT ||
           type == JINJA_LIST || type == JINJA_LOOP;
    return no_arguments(run, call);
}

static bool test_callable(struct run *run, const struct call *call, bool *out)
{
    *out = call->self.type == JINJA_FUNCTION || call->self.type == JINJA_MACRO ||
           call->self.type == JINJA_LOOP ||
           call->self.type == JINJA_UNDEFINED; /* as Jinja says: its class has a __call__ */
    return no_arguments(run, call);
}

static bool test_escaped(struct run *run, const struct call *call, bool *out)
{
    *out = false;
    return no_arguments(run, call);
}

static bool test_sameas(struct run *run, const struct call *call, bool *out)
{
    struct jinja_value args[1];
    if (!bind_arguments(run, call, "!other", args)) {
        return false;
    }
    *out = jinja_same(call->self, args[0]);
    return true;
}

static bool remainder_is(struct run *run, const struct call *call, struct jinja_value divisor,
                         int64_t wanted, bool *out)
{
    struct jinja_value rest;
    if (!eval_binary(run, OP_MOD, call->self, divisor, &rest)) {
        return false;
    }
    *out = jinja_equal(rest, jinja_int(wanted));
    return true;
}

static bool test_odd(struct run *run, const struct call *call, bool *out)
{
    return no_arguments(run, call) && remainder_is(run, call, jinja_int(2), 1, out);
}

static bool test_even(struct run *run, const struct call *call, bool *out)
{
    return no_arguments(run, call) && remainder_is(run, call, jinja_int(2), 0, out);
}

static bool test_divisibleby(struct run *run, const struct call *call, bool *out)
{
    struct jinja_value args[1];
    return bind_arguments(run, call, "!num", args) && remainder_is(run, call, args[0], 0, out);
}

static bool compare_with(struct run *run, const struct call *call, enum operator_kind op, bool *out)
{
    struct jinja_value args[1];
    return bind_arguments(run, call, "!other", args) &&
           eval_comparison(run, op, call->self, args[0], out);
}

static bool test_eq(struct run *run, const struct call *call, bool *out)
{
    return compare_with(run, call, OP_EQ, out);
}

static bool test_ne(struct run *run, const struct call *call, bool *out)
{
    return compare_with(run, call, OP_NE, out);
}

static bool test_lt(struct run *run, const struct call *call, bool *out)
{
    return compare_with(run, call, OP_LT, out);
}

static bool test_le(struct run *run, const struct call *call, bool *out)
{
    return compare_with(run, call, OP_LE, out);
}

static bool test_gt(struct run *run, const struct call *call, bool *out)
{
    return compare_with(run, call, OP_GT, out);
}

static bool test_ge(struct run *run, const struct call *call, bool *out)
{
    return compare_with(run, call, OP_GE, out);
}

static bool test_in(struct run *run, const struct call *call, bool *out)
{
    return compare_with(run, call, OP_IN, out);
}

static bool case_is(struct run *run, const struct call *call, const char *method, bool *out)
{
    struct jinja_value text;
    struct jinja_value function;
    struct jinja_value result;
    const struct call none = {.name = method};
    if (!no_arguments(run, call) || !text_of(run, call->self, &text) ||
        !method_of(run, text, method, &function) || !call_value(run, function, &none, &result)) {
        return false;
    }
    *out = result.as.boolean;
    return true;
}

static bool test_lower(struct run *run, const struct call *call, bool *out)
{
    return case_is(run, call, "islower", out);
}

static bool test_upper(struct run *run, const struct call *call, bool *out)
{
    return case_is(run, call, "isupper", out);
}

static bool test_filter(struct run *run, const struct call *call, bool *out)
{
    *out = call->self.type == JINJA_STRING && filter_exists(call->self.as.string->bytes);
    return no_arguments(run, call);
}

static bool test_test(struct run *run, const struct call *call, bool *out)
{
    *out = call->self.type == JINJA_STRING && test_exists(call->self.as.string->bytes);
    return no_arguments(run, call);
}

const struct test tests_basic[] = {
    {"defined", test_defined, FILTER_UNDEFINED},
    {"undefined", test_undefined, FILTER_UNDEFINED},
    {"none", test_none, FILTER_UNDEFINED},
    {"boolean", test_boolean, FILTER_UNDEFINED},
    {"true", test_true, FILTER_UNDEFINED},
    {"false", test_false, FILTER_UNDEFINED},
    {"integer", test_integer, FILTER_UNDEFINED},
    {"float", test_float, FILTER_UNDEFINED},
    {"number", test_number, FILTER_UNDEFINED},
    {"string", test_string, FILTER_UNDEFINED},
    {"mapping", test_mapping, FILTER_UNDEFINED},
    {"sequence", test_sequence, 0},
    {"iterable", test_iterable, 0},
    {"callable", test_callable, FILTER_UNDEFINED},
    {"escaped", test_escaped, FILTER_UNDEFINED},
    {"sameas", test_sameas, FILTER_UNDEFINED},
    {"odd", test_odd, 0},
    {"even", test_even, 0},
    {"divisibleby", test_divisibleby, 0},
    {"eq", test_eq, 0},
    {"equalto", test_eq, 0},
    {"==", test_eq, 0},
    {"ne", test_ne, 0},
    {"!=", test_ne, 0},
    {"lt", test_lt, 0},
    {"lessthan", test_lt, 0},
    {"<", test_lt, 0},
    {"le", test_le, 0},
    {"<=", test_le, 0},
    {"gt", test_gt, 0},
    {"greaterthan", test_gt, 0},
    {">", test_gt, 0},
    {"ge", test_ge, 0},
    {">=", test_ge, 0},
    {"in", test_in, 0},
    {"lower", test_lower, 0},
    {"upper", test_upper, 0},
    {"filter", test_filter, 0},
    {"test", test_test, 0},
    {NULL, NULL, 0},
};
