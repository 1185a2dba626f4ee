/* Expressions. */
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/language.h"
#include "run.h"

/* The source of the node at hand on one line, cut. */
static void describe_node(const struct run *run, char *out, size_t size)
{
    out[0] = '\0';
    if (run->node == NULL || run->template == NULL || run->node->end <= run->node->start) {
        return;
    }
    size_t length = run->node->end - run->node->start;
    const char *source = run->template->source + run->node->start;
    bool cut = length > 100;
    int shown = cut ? 100 : (int)length;
    snprintf(out, size, _(", in `%.*s%s`"), shown, source, cut ? "…" : "");
}

bool run_fail(struct run *run, const char *format, ...)
{
    char what[1024];
    char expression[160];
    va_list args;
    va_start(args, format);
    vsnprintf(what, sizeof(what), _(format), args);
    va_end(args);
    describe_node(run, expression, sizeof(expression));
    return error_set(run->err, ERROR_INVALID, "%s:%d: %s%s", run->template->path,
                     run->node == NULL ? 1 : run->node->line, what, expression);
}

bool run_fail_undefined(struct run *run, struct jinja_value value)
{
    const struct jinja_undefined *undefined = value.as.undefined;
    const char *name = undefined == NULL ? NULL : undefined->name;
    run->env->failed_undefined = undefined == NULL || !undefined->vault;
    snprintf(run->env->undefined_name, sizeof(run->env->undefined_name), "%s",
             name == NULL ? "" : name);
    if (undefined != NULL && undefined->hint != NULL) {
        return run_fail(run, "%s", undefined->hint);
    }
    return run_fail(run, "'%s' is undefined", name == NULL ? _("a value") : name);
}

bool run_fail_type(struct run *run, const char *what, struct jinja_value value)
{
    if (value.type == JINJA_UNDEFINED) {
        return run_fail_undefined(run, value);
    }
    return run_fail(run, "%s, but this is of type %s", _(what), jinja_type_name(value));
}

bool run_step(struct run *run)
{
    struct jinja_environment *env = run->env;
    if (++env->steps > env->limits.steps) {
        return run_fail(run, "the template takes more than %lu steps and is stopped",
                        env->limits.steps);
    }
    if (jinja_arena_exhausted(env->arena)) {
        return run_fail(run, "the template needs more than %zu MiB of memory and is stopped",
                        env->limits.memory >> 20);
    }
    return true;
}

bool truth(struct run *run, struct jinja_value value, bool *out)
{
    if (value.type == JINJA_UNDEFINED && !is_lenient(value)) {
        return run_fail_undefined(run, value);
    }
    *out = jinja_true(value);
    return true;
}

static bool eval_list(struct run *run, const struct node *node, struct jinja_value *out)
{
    *out = node->kind == NODE_LIST ? jinja_list(run->arena, node->items.count)
                                   : jinja_tuple(run->arena, node->items.count);
    for (size_t i = 0; i < node->items.count; i++) {
        struct jinja_value item;
        if (!eval(run, node->items.items[i], &item)) {
            return false;
        }
        jinja_list_append(run->arena, out->as.list, item);
    }
    return true;
}

static bool eval_dict(struct run *run, const struct node *node, struct jinja_value *out)
{
    *out = jinja_dict(run->arena);
    for (size_t i = 0; i < node->items.count; i++) {
        struct jinja_value key;
        struct jinja_value value;
        if (!eval(run, node->items.items[i], &key) || !eval(run, node->others.items[i], &value)) {
            return false;
        }
        if (!jinja_dict_set(run->arena, out->as.dict, key, value)) {
            return run_fail_type(run, "a key must be hashable", key);
        }
    }
    return true;
}

static bool eval_condition(struct run *run, const struct node *node, struct jinja_value *out)
{
    struct jinja_value test;
    bool yes = false;
    if (!eval(run, node->b, &test) || !truth(run, test, &yes)) {
        return false;
    }
    if (yes) {
        return eval(run, node->a, out);
    }
    if (node->c != NULL) {
        return eval(run, node->c, out);
    }
    *out = jinja_undefined(run->arena, NULL,
                           "the inline if-expression evaluated to false and no else is given");
    ((struct jinja_undefined *)(uintptr_t)out->as.undefined)->lenient = true;
    return true;
}

static bool eval_logic(struct run *run, const struct node *node, struct jinja_value *out)
{
    bool left = false;
    if (!eval(run, node->a, out) || !truth(run, *out, &left)) {
        return false;
    }
    if (left == (node->kind == NODE_OR)) {
        return true;
    }
    return eval(run, node->b, out);
}

static bool eval_compare(struct run *run, const struct node *node, struct jinja_value *out)
{
    struct jinja_value left;
    if (!eval(run, node->a, &left)) {
        return false;
    }
    bool result = true;
    for (size_t i = 0; i < node->items.count && result; i++) {
        struct jinja_value right;
        const struct node *operand = node->items.items[i];
        if (!eval(run, operand->a, &right)) {
            return false;
        }
        run->node = node;
        if (!eval_comparison(run, operand->op, left, right, &result)) {
            return false;
        }
        left = right;
    }
    *out = jinja_bool(result);
    return true;
}

static bool eval_concat(struct run *run, const struct node *node, struct jinja_value *out)
{
    struct buffer text;
    text_buffer(run, &text);
    for (size_t i = 0; i < node->items.count; i++) {
        struct jinja_value item;
        if (!eval(run, node->items.items[i], &item) || !text_of(run, item, &item)) {
            buffer_free(&text);
            return false;
        }
        jinja_write_str(&text, item);
    }
    return finish_text(run, &text, out);
}

static bool eval_sign(struct run *run, const struct node *node, struct jinja_value *out)
{
    if (!eval(run, node->a, out)) {
        return false;
    }
    run->node = node;
    if (!jinja_is_number(*out)) {
        return run_fail_type(run, "a sign needs a number", *out);
    }
    if (out->type == JINJA_BOOL) {
        *out = jinja_int(out->as.boolean);
    }
    if (node->kind == NODE_NEGATE) {
        if (out->type == JINJA_INT && out->as.integer == INT64_MIN) {
            return run_fail(run, "an integer is out of range");
        }
        *out = out->type == JINJA_INT ? jinja_int(-out->as.integer) : jinja_float(-out->as.number);
    }
    return true;
}

static bool eval_item(struct run *run, const struct node *node, struct jinja_value *out)
{
    struct jinja_value object;
    if (!eval(run, node->a, &object)) {
        return false;
    }
    if (node->b->kind == NODE_SLICE) {
        const struct node *bounds[3] = {node->b->a, node->b->b, node->b->c};
        struct jinja_value parts[3] = {jinja_none(), jinja_none(), jinja_none()};
        for (int i = 0; i < 3; i++) {
            if (bounds[i] != NULL && !eval(run, bounds[i], &parts[i])) {
                return false;
            }
        }
        run->node = node;
        return get_slice(run, object, parts, out);
    }
    struct jinja_value key;
    if (!eval(run, node->b, &key)) {
        return false;
    }
    run->node = node;
    return get_item(run, object, key, out);
}

static bool eval_attribute(struct run *run, const struct node *node, struct jinja_value *out)
{
    struct jinja_value object;
    if (!eval(run, node->a, &object)) {
        return false;
    }
    run->node = node;
    return get_attribute(run, object, node->name, out);
}

static bool eval_not(struct run *run, const struct node *node, struct jinja_value *out)
{
    bool value = false;
    if (!eval(run, node->a, out) || !truth(run, *out, &value)) {
        return false;
    }
    *out = jinja_bool(!value);
    return true;
}

static bool eval_two(struct run *run, const struct node *node, struct jinja_value *out)
{
    struct jinja_value a;
    struct jinja_value b;
    if (!eval(run, node->a, &a) || !eval(run, node->b, &b)) {
        return false;
    }
    run->node = node;
    return eval_binary(run, node->op, a, b, out);
}

static bool eval_node(struct run *run, const struct node *node, struct jinja_value *out)
{
    switch (node->kind) {
    case NODE_CONST:
        *out = node->value;
        return true;
    case NODE_NAME:
        return resolve_name(run, node->name, out);
    case NODE_LIST:
    case NODE_TUPLE:
        return eval_list(run, node, out);
    case NODE_DICT:
        return eval_dict(run, node, out);
    case NODE_CONDITION:
        return eval_condition(run, node, out);
    case NODE_AND:
    case NODE_OR:
        return eval_logic(run, node, out);
    case NODE_NOT:
        return eval_not(run, node, out);
    case NODE_COMPARE:
        return eval_compare(run, node, out);
    case NODE_BINARY:
        return eval_two(run, node, out);
    case NODE_CONCAT:
        return eval_concat(run, node, out);
    case NODE_NEGATE:
    case NODE_PLUS:
        return eval_sign(run, node, out);
    case NODE_ATTRIBUTE:
        return eval_attribute(run, node, out);
    case NODE_ITEM:
        return eval_item(run, node, out);
    case NODE_CALL:
        return eval_call(run, node, out);
    case NODE_FILTER:
        return eval_filter(run, node, NULL, out);
    case NODE_TEST:
        return eval_test(run, node, out);
    default:
        return run_fail(run, "this cannot stand in an expression");
    }
}

bool eval(struct run *run, const struct node *node, struct jinja_value *out)
{
    run->node = node;
    if (!run_step(run)) {
        return false;
    }
    if (++run->env->depth > run->env->limits.depth) {
        run->env->depth--;
        return run_fail(run, "calls and expressions are nested more than %u deep",
                        run->env->limits.depth);
    }
    bool fine = eval_node(run, node, out);
    run->env->depth--;
    if (fine) {
        run->node = node;
    }
    return fine;
}
