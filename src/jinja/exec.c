/* Statements. */
#include <string.h>

#include "run.h"

static bool exec_if(struct run *run, const struct node *node)
{
    struct jinja_value value;
    bool yes;
    if (!eval(run, node->a, &value) || !truth(run, value, &yes)) {
        return false;
    }
    return exec_body(run, yes ? &node->items : &node->others);
}

/* Those items for which the loop's condition holds. */
static bool filter_items(struct run *run, const struct node *node, struct jinja_list **items)
{
    struct jinja_list *kept = jinja_list(run->arena, 0).as.list;
    struct scope *outer = run->scope;
    for (size_t i = 0; i < (*items)->count; i++) {
        struct jinja_value value;
        bool keep;
        scope_push(run);
        bool fine = assign(run, node->a, (*items)->items[i]) && eval(run, node->c, &value) &&
                    truth(run, value, &keep);
        run->scope = outer;
        if (!fine) {
            return false;
        }
        if (keep) {
            jinja_list_append(run->arena, kept, (*items)->items[i]);
        }
    }
    *items = kept;
    return true;
}

bool exec_for(struct run *run, const struct node *node, struct jinja_value iterable, unsigned depth)
{
    struct jinja_list *items;
    struct scope *outer = run->scope;
    run->node = node->b;
    if (!iterate(run, iterable, &items) || (node->c != NULL && !filter_items(run, node, &items))) {
        return false;
    }
    struct loop *loop = jinja_arena_alloc(run->arena, sizeof(*loop));
    *loop = (struct loop){.items = jinja_list(run->arena, items->count).as.list,
                          .depth = depth,
                          .node = node->flag ? node : NULL,
                          .scope = outer};
    if (node->flag) {
        /* The loop object can outlive this run. */
        loop->run = jinja_arena_alloc(run->arena, sizeof(*run));
        *loop->run = *run;
    }
    /* The loop keeps its own list: the body may change the other. */
    for (size_t i = 0; i < items->count; i++) {
        jinja_list_append(run->arena, loop->items, items->items[i]);
    }
    const struct jinja_value loop_value = {.type = JINJA_LOOP, .as.object = loop};
    for (; loop->index < loop->items->count; loop->index++) {
        struct scope *scope = scope_push(run);
        scope_set(run, scope, "loop", loop_value);
        bool fine = run_step(run) && assign(run, node->a, loop->items->items[loop->index]) &&
                    exec_body(run, &node->items);
        run->scope = outer;
        if (!fine) {
            return false;
        }
    }
    if (loop->items->count == 0 && node->others.count > 0) {
        scope_push(run);
        bool fine = exec_body(run, &node->others);
        run->scope = outer;
        return fine;
    }
    return true;
}

/* Runs a body into its own output; *out gets the text (or literal). */
static bool capture(struct run *run, const struct node_list *body, struct jinja_value *out)
{
    struct output output;
    struct output *outer = run->out;
    struct scope *scope = run->scope;
    output_init(run, &output);
    run->out = &output;
    scope_push(run);
    bool fine = exec_body(run, body) && output_finish(run, &output, out);
    run->scope = scope;
    run->out = outer;
    output_free(&output);
    return fine;
}

static bool exec_set_block(struct run *run, const struct node *node)
{
    struct jinja_value value;
    if (!capture(run, &node->items, &value)) {
        return false;
    }
    if (node->b != NULL && !eval_filter(run, node->b, &value, &value)) {
        return false;
    }
    return assign(run, node->a, value);
}

static bool exec_filter_block(struct run *run, const struct node *node)
{
    struct jinja_value value;
    return capture(run, &node->items, &value) && eval_filter(run, node->a, &value, &value) &&
           output_value(run, value);
}

static struct jinja_value make_macro(struct run *run, const struct node *node)
{
    struct macro *macro = jinja_arena_alloc(run->arena, sizeof(*macro));
    macro->node = node;
    macro->scope = run->scope;
    macro->home = jinja_arena_alloc(run->arena, sizeof(*run));
    *macro->home = *run;
    return (struct jinja_value){.type = JINJA_MACRO, .as.object = macro};
}

static bool exec_call_block(struct run *run, const struct node *node)
{
    struct call call = {0};
    struct jinja_value callee;
    struct jinja_value value;
    const struct node *target = node->a;
    static const struct arguments none = {0};
    if (!eval(run, target->a, &callee) ||
        !eval_arguments(run, target->arguments == NULL ? &none : target->arguments, &call)) {
        return false;
    }
    size_t size = call.keyword_count + 1;
    const char **keywords = jinja_arena_alloc(run->arena, size * sizeof(*keywords));
    struct jinja_value *values = jinja_arena_alloc(run->arena, size * sizeof(*values));
    for (size_t i = 0; i < call.keyword_count; i++) {
        keywords[i] = call.keywords[i];
        values[i] = call.values[i];
    }
    keywords[size - 1] = "caller";
    values[size - 1] = make_macro(run, node);
    call.keywords = keywords;
    call.values = values;
    call.keyword_count = size;
    run->node = target;
    return call_value(run, callee, &call, &value) && output_value(run, value);
}

static bool exec_with(struct run *run, const struct node *node)
{
    struct scope *outer = run->scope;
    struct jinja_value *values =
        jinja_arena_alloc(run->arena, (node->parameter_count + 1) * sizeof(*values));
    /* All values are computed outside, so that they do not see each other. */
    for (size_t i = 0; i < node->parameter_count; i++) {
        if (!eval(run, node->parameters[i].value, &values[i])) {
            return false;
        }
    }
    scope_push(run);
    bool fine = true;
    for (size_t i = 0; i < node->parameter_count && fine; i++) {
        fine = assign(run, node->parameters[i].target, values[i]);
    }
    fine = fine && exec_body(run, &node->items);
    run->scope = outer;
    return fine;
}

static bool exec_output(struct run *run, const struct node *node)
{
    for (size_t i = 0; i < node->items.count; i++) {
        struct jinja_value value;
        if (!eval(run, node->items.items[i], &value) || !output_value(run, value)) {
            return false;
        }
    }
    return true;
}

static bool exec_node(struct run *run, const struct node *node)
{
    struct jinja_value value;
    switch (node->kind) {
    case NODE_DATA:
        return output_value(run, node->value);
    case NODE_OUTPUT:
        return exec_output(run, node);
    case NODE_IF:
        return exec_if(run, node);
    case NODE_FOR:
        return eval(run, node->b, &value) && exec_for(run, node, value, 0);
    case NODE_SET:
        return eval(run, node->b, &value) && assign(run, node->a, value);
    case NODE_SET_BLOCK:
        return exec_set_block(run, node);
    case NODE_MACRO:
        scope_set(run, run->scope, node->name, make_macro(run, node));
        return true;
    case NODE_CALL_BLOCK:
        return exec_call_block(run, node);
    case NODE_FILTER_BLOCK:
        return exec_filter_block(run, node);
    case NODE_WITH:
        return exec_with(run, node);
    case NODE_INCLUDE:
        return exec_include(run, node);
    case NODE_IMPORT:
    case NODE_FROM:
        return exec_import(run, node);
    default:
        return run_fail(run, "this cannot stand as a statement");
    }
}

bool exec_body(struct run *run, const struct node_list *body)
{
    if (++run->env->depth > run->env->limits.depth) {
        run->env->depth--;
        return run_fail(run, "calls and statements are nested more than %u deep",
                        run->env->limits.depth);
    }
    bool fine = true;
    for (size_t i = 0; i < body->count && fine; i++) {
        run->node = body->items[i];
        fine = run_step(run) && exec_node(run, body->items[i]);
    }
    run->env->depth--;
    return fine;
}
