/* include, import and from. */
#include <stdlib.h>
#include <string.h>

#include "run.h"

enum { MAX_TEMPLATE = 4 * 1024 * 1024 };

/* Reads and parses the template of that name. *found is false if it is missing. */
static bool load(struct run *run, const char *name, struct template **template, bool *found)
{
    const struct jinja_callbacks *callbacks = &run->env->callbacks;
    struct error inner = ERROR_INIT;
    *found = false;
    if (callbacks->read_file == NULL) {
        return run_fail(run, "templates cannot be included here");
    }
    struct buffer text;
    char *path = NULL;
    buffer_init(&text, MAX_TEMPLATE);
    if (!callbacks->read_file(callbacks->context, JINJA_FILE_INCLUDE, name, run->template->path,
                              &text, &path, &inner)) {
        buffer_free(&text);
        return inner.kind == ERROR_NOT_FOUND || run_fail(run, "%s", inner.message);
    }
    *found = true;
    *template =
        template_parse(run->env, &default_syntax, path, 1, text.data, text.length, run->err);
    buffer_free(&text);
    free(path);
    return *template != NULL;
}

/* The first of the names that exists. */
static bool find(struct run *run, const struct node *node, struct template **template, bool *found)
{
    struct jinja_value value;
    if (!eval(run, node->a, &value)) {
        return false;
    }
    struct jinja_value single = jinja_list(run->arena, 1);
    jinja_list_append(run->arena, single.as.list, value);
    const struct jinja_list *names = is_list(value) ? value.as.list : single.as.list;
    *found = false;
    for (size_t i = 0; i < names->count && !*found; i++) {
        if (!need_string(run, names->items[i], "a template's name") ||
            !load(run, names->items[i].as.string->bytes, template, found)) {
            return false;
        }
    }
    if (!*found && !(node->kind == NODE_INCLUDE && node->flag)) {
        return run_fail(run, "the template '%s' was not found",
                        names->count > 0 ? names->items[0].as.string->bytes : "");
    }
    return true;
}

bool exec_include(struct run *run, const struct node *node)
{
    struct template *template;
    bool found;
    if (!find(run, node, &template, &found)) {
        return false;
    }
    if (!found) {
        return true;
    }
    struct run inner = *run;
    inner.template = template;
    inner.node = NULL;
    inner.copies = NULL;
    if (!node->context) {
        inner.scope = NULL;
        inner.variables = false;
    }
    inner.top = scope_push(&inner);
    return exec_body(&inner, &template->body);
}

/* Runs a template for the names that it sets. */
static bool run_module(struct run *run, const struct node *node, const struct template *template,
                       struct scope **names)
{
    struct output output;
    struct run *inner = jinja_arena_alloc(run->arena, sizeof(*inner));
    *inner = *run;
    inner->template = template;
    inner->node = NULL;
    inner->copies = NULL;
    if (!node->context) {
        inner->scope = NULL;
        inner->variables = false;
    }
    output_init(run, &output);
    inner->out = &output;
    *names = inner->top = scope_push(inner);
    bool fine = exec_body(inner, &template->body);
    output_free(&output);
    return fine;
}

bool exec_import(struct run *run, const struct node *node)
{
    struct template *template;
    struct scope *names;
    bool found;
    if (!find(run, node, &template, &found) || !run_module(run, node, template, &names)) {
        return false;
    }
    if (node->kind == NODE_IMPORT) {
        struct jinja_value module = jinja_dict(run->arena);
        module.type = JINJA_MODULE;
        for (size_t i = 0; i < names->count; i++) {
            if (names->names[i].text[0] != '_') {
                jinja_dict_set_text(run->arena, module.as.dict, names->names[i].text,
                                    names->names[i].value);
            }
        }
        scope_set(run, run->scope, node->name, module);
        return true;
    }
    names->parent = NULL;
    for (size_t i = 0; i < node->parameter_count; i++) {
        const struct parameter *parameter = &node->parameters[i];
        const struct jinja_value *value = scope_get(names, parameter->name);
        struct jinja_value missing = jinja_undefined(run->arena, parameter->name,
                                                     "the imported template does not set the name");
        scope_set(run, run->scope, parameter->alias, value == NULL ? missing : *value);
    }
    return true;
}
