/* Calls: of functions, macros, filters and tests; the loop object. */
#include <string.h>

#include "run.h"

bool eval_arguments(struct run *run, const struct arguments *arguments, struct call *call)
{
    struct jinja_value list = jinja_list(run->arena, arguments->positional.count);
    struct jinja_value value;
    for (size_t i = 0; i < arguments->positional.count; i++) {
        if (!eval(run, arguments->positional.items[i], &value)) {
            return false;
        }
        jinja_list_append(run->arena, list.as.list, value);
    }
    if (arguments->star != NULL) {
        struct jinja_list *more;
        if (!eval(run, arguments->star, &value) || !iterate(run, value, &more)) {
            return false;
        }
        for (size_t i = 0; i < more->count; i++) {
            jinja_list_append(run->arena, list.as.list, more->items[i]);
        }
    }
    struct jinja_dict *extra = NULL;
    if (arguments->star_star != NULL) {
        if (!eval(run, arguments->star_star, &value)) {
            return false;
        }
        if (value.type != JINJA_DICT) {
            return run_fail_type(run, "** needs a dict", value);
        }
        extra = value.as.dict;
    }
    size_t count = arguments->keyword_count + (extra == NULL ? 0 : extra->count);
    call->keywords = jinja_arena_alloc(run->arena, (count + 1) * sizeof(*call->keywords));
    call->values = jinja_arena_alloc(run->arena, (count + 1) * sizeof(*call->values));
    for (size_t i = 0; i < arguments->keyword_count; i++) {
        call->keywords[i] = arguments->keywords[i].name;
        if (!eval(run, arguments->keywords[i].value, &call->values[i])) {
            return false;
        }
    }
    for (size_t i = arguments->keyword_count; i < count; i++) {
        const struct jinja_entry *entry = &extra->entries[i - arguments->keyword_count];
        if (!need_string(run, entry->key, "a keyword")) {
            return false;
        }
        call->keywords[i] = entry->key.as.string->bytes;
        call->values[i] = entry->value;
    }
    call->keyword_count = count;
    call->items = list.as.list->items;
    call->count = list.as.list->count;
    return true;
}

bool eval_call(struct run *run, const struct node *node, struct jinja_value *out)
{
    struct jinja_value callee;
    struct call call = {0};
    if (!eval(run, node->a, &callee) || !eval_arguments(run, node->arguments, &call)) {
        return false;
    }
    run->node = node;
    return call_value(run, callee, &call, out);
}

bool call_value(struct run *run, struct jinja_value value, const struct call *call,
                struct jinja_value *out)
{
    if (value.type == JINJA_MACRO) {
        return call_macro(run, value.as.object, call, out);
    }
    if (value.type == JINJA_LOOP) {
        return loop_call(run, value.as.object, call, out);
    }
    if (value.type == JINJA_FUNCTION) {
        const struct function *function = value.as.object;
        struct call bound = *call;
        bound.name = function->name;
        bound.self = function->self;
        return function->call(run, &bound, out);
    }
    return run_fail_type(run, "only functions and macros can be called", value);
}

static bool is_parameter(const struct node *macro, const char *name)
{
    for (size_t i = 0; i < macro->parameter_count; i++) {
        if (strcmp(macro->parameters[i].name, name) == 0) {
            return true;
        }
    }
    return false;
}

/* varargs, kwargs and caller, or the complaint that the macro takes none. */
static bool bind_rest(struct run *inner, const struct node *macro, const struct call *call)
{
    struct jinja_value varargs = jinja_tuple(inner->arena, 0);
    for (size_t i = macro->parameter_count; i < call->count; i++) {
        jinja_list_append(inner->arena, varargs.as.list, call->items[i]);
    }
    if (varargs.as.list->count > 0 && !macro->uses_varargs) {
        return run_fail(inner, "macro '%s' takes not more than %zu arguments", macro->name,
                        macro->parameter_count);
    }
    struct jinja_value kwargs = jinja_dict(inner->arena);
    struct jinja_value caller = jinja_undefined(inner->arena, "caller",
                                                "no caller defined: the macro was not used in a "
                                                "call block");
    for (size_t i = 0; i < call->keyword_count; i++) {
        const char *name = call->keywords[i];
        if (is_parameter(macro, name)) {
            continue;
        }
        if (strcmp(name, "caller") == 0 && macro->uses_caller) {
            caller = call->values[i];
        } else if (macro->uses_kwargs) {
            jinja_dict_set_text(inner->arena, kwargs.as.dict, name, call->values[i]);
        } else {
            return run_fail(inner, "macro '%s' takes no keyword argument '%s'", macro->name, name);
        }
    }
    if (macro->uses_caller && !is_parameter(macro, "caller")) {
        scope_set(inner, inner->scope, "caller", caller);
    }
    if (macro->uses_kwargs) {
        scope_set(inner, inner->scope, "kwargs", kwargs);
    }
    if (macro->uses_varargs) {
        scope_set(inner, inner->scope, "varargs", varargs);
    }
    return true;
}

static bool bind_parameters(struct run *inner, const struct node *macro, const struct call *call)
{
    for (size_t i = 0; i < macro->parameter_count; i++) {
        const struct parameter *parameter = &macro->parameters[i];
        struct jinja_value value = jinja_none();
        bool given = i < call->count;
        if (given) {
            value = call->items[i];
        }
        for (size_t k = 0; k < call->keyword_count; k++) {
            if (strcmp(call->keywords[k], parameter->name) == 0) {
                if (given) {
                    return run_fail(inner, "macro '%s' got two values for '%s'", macro->name,
                                    parameter->name);
                }
                value = call->values[k];
                given = true;
            }
        }
        if (!given && parameter->value != NULL) {
            if (!eval(inner, parameter->value, &value)) {
                return false;
            }
        } else if (!given) {
            value = jinja_undefined(inner->arena, parameter->name,
                                    "a macro's parameter was not provided");
        }
        scope_set(inner, inner->scope, parameter->name, value);
    }
    return true;
}

bool call_macro(struct run *run, const struct macro *macro, const struct call *call,
                struct jinja_value *out)
{
    struct output output;
    struct run inner = *macro->home;
    inner.err = run->err;
    inner.node = macro->node;
    inner.scope = macro->scope;
    scope_push(&inner);
    output_init(run, &output);
    inner.out = &output;
    bool fine = bind_parameters(&inner, macro->node, call) &&
                bind_rest(&inner, macro->node, call) && exec_body(&inner, &macro->node->items) &&
                output_finish(&inner, &output, out);
    output_free(&output);
    return fine;
}

bool eval_filter(struct run *run, const struct node *node, const struct jinja_value *input,
                 struct jinja_value *out)
{
    struct call call = {.name = node->name};
    bool fine = true;
    if (node->a != NULL && node->a->kind == NODE_FILTER) {
        fine = eval_filter(run, node->a, input, &call.self);
    } else if (node->a != NULL) {
        fine = eval(run, node->a, &call.self);
    } else {
        call.self = *input;
    }
    if (!fine || (node->arguments != NULL && !eval_arguments(run, node->arguments, &call))) {
        return false;
    }
    run->node = node;
    return run_step(run) && call_filter(run, node->name, &call, out);
}

bool eval_test(struct run *run, const struct node *node, struct jinja_value *out)
{
    struct call call = {.name = node->name};
    bool result;
    if (!eval(run, node->a, &call.self) ||
        (node->arguments != NULL && !eval_arguments(run, node->arguments, &call))) {
        return false;
    }
    run->node = node;
    if (!call_test(run, node->name, &call, &result)) {
        return false;
    }
    *out = jinja_bool(result);
    return true;
}

static bool loop_cycle(struct run *run, const struct call *call, struct jinja_value *out)
{
    const struct loop *loop = call->self.as.object;
    if (call->count == 0) {
        return run_fail(run, "loop.cycle() needs something to cycle through");
    }
    *out = call->items[loop->index % call->count];
    return true;
}

static bool loop_changed(struct run *run, const struct call *call, struct jinja_value *out)
{
    struct loop *loop = call->self.as.object;
    struct jinja_value values = jinja_tuple(run->arena, call->count);
    for (size_t i = 0; i < call->count; i++) {
        jinja_list_append(run->arena, values.as.list, call->items[i]);
    }
    *out = jinja_bool(!loop->changed_once || !jinja_equal(loop->last_changed, values));
    loop->changed_once = true;
    loop->last_changed = values;
    return true;
}

bool loop_attribute(struct run *run, struct loop *loop, const char *name, struct jinja_value *out)
{
    const int64_t index = (int64_t)loop->index;
    const int64_t count = (int64_t)loop->items->count;
    const struct {
        const char *name;
        int64_t value;
    } numbers[] = {
        {"index", index + 1},        {"index0", index},
        {"revindex", count - index}, {"revindex0", count - index - 1},
        {"length", count},           {"depth", loop->depth + 1},
        {"depth0", loop->depth},
    };
    const struct jinja_value self = {.type = JINJA_LOOP, .as.object = loop};
    for (size_t i = 0; i < sizeof(numbers) / sizeof(numbers[0]); i++) {
        if (strcmp(name, numbers[i].name) == 0) {
            *out = jinja_int(numbers[i].value);
            return true;
        }
    }
    if (strcmp(name, "first") == 0) {
        *out = jinja_bool(index == 0);
    } else if (strcmp(name, "last") == 0) {
        *out = jinja_bool(index + 1 == count);
    } else if (strcmp(name, "previtem") == 0) {
        *out = index > 0 ? loop->items->items[index - 1]
                         : jinja_undefined(run->arena, NULL, "there is no previous item");
    } else if (strcmp(name, "nextitem") == 0) {
        *out = index + 1 < count ? loop->items->items[index + 1]
                                 : jinja_undefined(run->arena, NULL, "there is no next item");
    } else if (strcmp(name, "cycle") == 0) {
        *out = make_function(run, "cycle", loop_cycle, self);
    } else if (strcmp(name, "changed") == 0) {
        *out = make_function(run, "changed", loop_changed, self);
    } else {
        *out = jinja_undefined(run->arena, name, NULL);
    }
    return true;
}

bool loop_call(struct run *run, struct loop *loop, const struct call *call, struct jinja_value *out)
{
    if (loop->node == NULL) {
        return run_fail(run, "the loop is not recursive: its `for` must say so");
    }
    if (call->count != 1) {
        return run_fail(run, "loop() takes the items to go through");
    }
    struct output output;
    struct run inner = *loop->run;
    inner.err = run->err;
    inner.scope = loop->scope;
    output_init(run, &output);
    inner.out = &output;
    bool fine = exec_for(&inner, loop->node, call->items[0], loop->depth + 1) &&
                output_finish(&inner, &output, out);
    output_free(&output);
    return fine;
}
