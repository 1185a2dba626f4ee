/* Scopes and names. */
#include <stdio.h>
#include <string.h>

#include "run.h"

struct scope *scope_push(struct run *run)
{
    struct scope *scope = jinja_arena_alloc(run->arena, sizeof(*scope));
    scope->parent = run->scope;
    run->scope = scope;
    return scope;
}

void scope_set(struct run *run, struct scope *scope, const char *name, struct jinja_value value)
{
    for (size_t i = 0; i < scope->count; i++) {
        if (strcmp(scope->names[i].text, name) == 0) {
            scope->names[i].value = value;
            return;
        }
    }
    if (scope->count == scope->capacity) {
        size_t capacity = scope->capacity == 0 ? 4 : scope->capacity * 2;
        struct name *names = jinja_arena_alloc(run->arena, capacity * sizeof(*names));
        if (scope->count > 0) {
            memcpy(names, scope->names, scope->count * sizeof(*names));
        }
        scope->names = names;
        scope->capacity = capacity;
    }
    scope->names[scope->count++] = (struct name){name, value};
}

struct jinja_value *scope_get(struct scope *scope, const char *name)
{
    for (; scope != NULL; scope = scope->parent) {
        for (size_t i = 0; i < scope->count; i++) {
            if (strcmp(scope->names[i].text, name) == 0) {
                return &scope->names[i].value;
            }
        }
    }
    return NULL;
}

bool resolve_name(struct run *run, const char *name, struct jinja_value *out)
{
    const struct jinja_value *local = scope_get(run->scope, name);
    if (local != NULL) {
        *out = *local;
        return true;
    }
    if (run->copies != NULL) {
        local = jinja_dict_get_text(run->copies, name);
        if (local != NULL) {
            *out = *local;
            return true;
        }
    }
    if (run->variables) {
        bool found;
        struct error inner = ERROR_INIT;
        if (!variable_resolve(run->env, name, &found, out, &inner)) {
            return run_fail(run, "%s", inner.message);
        }
        if (found) {
            if (run->template->mutates) {
                *out = jinja_deep_copy(run->arena, *out);
                if (run->copies == NULL) {
                    run->copies = jinja_dict(run->arena).as.dict;
                }
                jinja_dict_set_text(run->arena, run->copies, name, *out);
            }
            return true;
        }
    }
    if (!global_function(run, name, out)) {
        *out = jinja_undefined(run->arena, name, NULL);
    }
    return true;
}

struct jinja_value make_function(struct run *run, const char *name, callable call,
                                 struct jinja_value self)
{
    struct function *function = jinja_arena_alloc(run->arena, sizeof(*function));
    function->name = name;
    function->call = call;
    function->self = self;
    return (struct jinja_value){.type = JINJA_FUNCTION, .as.object = function};
}

static bool assign_tuple(struct run *run, const struct node *target, struct jinja_value value)
{
    struct jinja_list *items;
    if (!iterate(run, value, &items)) {
        return false;
    }
    if (items->count != target->items.count) {
        run->node = target;
        return run_fail(run, "%zu values cannot be unpacked into %zu names", items->count,
                        target->items.count);
    }
    for (size_t i = 0; i < items->count; i++) {
        if (!assign(run, target->items.items[i], items->items[i])) {
            return false;
        }
    }
    return true;
}

bool assign(struct run *run, const struct node *target, struct jinja_value value)
{
    if (target->kind == NODE_TUPLE) {
        return assign_tuple(run, target, value);
    }
    if (target->kind == NODE_NAMESPACE_ATTRIBUTE) {
        struct jinja_value space;
        if (!resolve_name(run, target->name, &space)) {
            return false;
        }
        if (space.type != JINJA_NAMESPACE) {
            return run_fail_type(run, "only a namespace's attributes can be set", space);
        }
        jinja_dict_set(run->arena, space.as.dict, target->value, value);
        return true;
    }
    scope_set(run, run->scope, target->name, value);
    return true;
}
