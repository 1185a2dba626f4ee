#include "jinja/environment.h"

#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "run.h"

const struct jinja_limits jinja_default_limits = {
    .output = (size_t)16 << 20,
    .memory = (size_t)256 << 20,
    .steps = 20000000,
    .depth = 400,
};

struct jinja_environment *jinja_environment_new(const struct jinja_callbacks *callbacks,
                                                const struct jinja_limits *limits)
{
    struct jinja_environment *env = xcalloc(1, sizeof(*env));
    env->callbacks = *callbacks;
    env->limits = limits == NULL ? jinja_default_limits : *limits;
    env->arena = jinja_arena_new(env->limits.memory);
    jinja_environment_forget(env);
    return env;
}

void jinja_environment_free(struct jinja_environment *env)
{
    if (env != NULL) {
        jinja_arena_free(env->arena);
        free(env);
    }
}

struct jinja_arena *jinja_environment_arena(struct jinja_environment *env)
{
    return env->arena;
}

void jinja_environment_forget(struct jinja_environment *env)
{
    env->cache = jinja_dict(env->arena).as.dict;
}

/* A callback may ask the environment that it serves: only the outermost call starts anew. */
static void begin(struct jinja_environment *env)
{
    if (env->active++ > 0) {
        return;
    }
    env->steps = 0;
    env->depth = 0;
    env->resolving = NULL;
    env->failed_undefined = false;
    env->undefined_name[0] = '\0';
}

static bool end(struct jinja_environment *env, bool fine, const struct error *inner,
                struct error *err)
{
    env->active--;
    if (!fine && err != NULL) {
        *err = *inner;
    }
    return fine;
}

bool jinja_render(struct jinja_environment *env, const char *path, const char *text, size_t length,
                  const struct jinja_dict *extra, struct buffer *out, struct error *err)
{
    struct error inner = ERROR_INIT;
    struct jinja_value value;
    struct jinja_dict *cache = env->cache;
    begin(env);
    env->extra = extra;
    if (extra != NULL) {
        /* What variables come out as may depend on them. */
        jinja_environment_forget(env);
    }
    bool fine = template_run(env, path, text, length, false, false, &value, &inner);
    env->extra = NULL;
    env->cache = cache;
    if (fine && !jinja_write_str(out, value)) {
        fine = error_set(&inner, ERROR_INVALID, "%s: the output is too large", path);
    }
    return end(env, fine, &inner, err);
}

bool jinja_resolve(struct jinja_environment *env, const char *name, struct jinja_value raw,
                   struct jinja_value *out, struct error *err)
{
    struct error inner = ERROR_INIT;
    begin(env);
    bool fine = template_value(env, name, raw, out, &inner);
    return end(env, fine, &inner, err);
}

bool jinja_variable(struct jinja_environment *env, const char *name, struct jinja_value *out,
                    struct error *err)
{
    struct error inner = ERROR_INIT;
    bool found;
    begin(env);
    bool fine = variable_resolve(env, name, &found, out, &inner);
    if (fine && !found) {
        fine = error_set(&inner, ERROR_NOT_FOUND, "there is no variable %s", name);
    }
    return end(env, fine, &inner, err);
}

bool jinja_failed_undefined(const struct jinja_environment *env, const char **name)
{
    *name = env->undefined_name[0] == '\0' ? NULL : env->undefined_name;
    return env->failed_undefined;
}

struct names {
    struct jinja_arena *arena;
    struct jinja_dict *used; /* name: line */
    struct jinja_dict *set;
};

static void collect_target(struct names *names, const struct node *target)
{
    if (target->kind == NODE_NAME) {
        jinja_dict_set_text(names->arena, names->set, target->name, jinja_none());
    }
    for (size_t i = 0; i < target->items.count; i++) {
        collect_target(names, target->items.items[i]);
    }
}

static void collect_names(void *context, const struct node *node)
{
    struct names *names = context;
    if (node->kind == NODE_NAME && jinja_dict_get_text(names->used, node->name) == NULL) {
        jinja_dict_set_text(names->arena, names->used, node->name, jinja_int(node->line));
    }
    if (node->kind == NODE_FOR || node->kind == NODE_SET || node->kind == NODE_SET_BLOCK) {
        collect_target(names, node->a);
    }
    if (node->kind == NODE_MACRO || node->kind == NODE_IMPORT) {
        jinja_dict_set_text(names->arena, names->set, node->name, jinja_none());
    }
    for (size_t i = 0; i < node->parameter_count; i++) {
        const struct parameter *parameter = &node->parameters[i];
        if (parameter->target != NULL) {
            collect_target(names, parameter->target);
        }
        if (parameter->name != NULL) {
            jinja_dict_set_text(names->arena, names->set, parameter->name, jinja_none());
        }
        if (parameter->alias != NULL) {
            jinja_dict_set_text(names->arena, names->set, parameter->alias, jinja_none());
        }
    }
}

bool jinja_template_names(const char *path, const char *text, size_t length,
                          void (*callback)(void *context, const char *name, int line),
                          void *context, struct error *err)
{
    static const char *const implicit[] = {"loop", "caller", "varargs", "kwargs"};
    struct jinja_arena *arena = jinja_arena_new((size_t)64 << 20);
    struct error inner = ERROR_INIT;
    const struct template *template =
        parser_run(arena, &default_syntax, path, 1, text, length, &inner);
    if (template == NULL) {
        if (err != NULL) {
            *err = inner;
        }
        jinja_arena_free(arena);
        return false;
    }
    struct names names = {arena, jinja_dict(arena).as.dict, jinja_dict(arena).as.dict};
    ast_walk(&template->body, collect_names, &names);
    for (size_t i = 0; i < sizeof(implicit) / sizeof(implicit[0]); i++) {
        jinja_dict_set_text(arena, names.set, implicit[i], jinja_none());
    }
    for (size_t i = 0; i < names.used->count; i++) {
        const struct jinja_entry *entry = &names.used->entries[i];
        struct jinja_value global;
        if (jinja_dict_get(names.set, entry->key) == NULL &&
            !global_function(NULL, entry->key.as.string->bytes, &global)) {
            callback(context, entry->key.as.string->bytes, (int)entry->value.as.integer);
        }
    }
    jinja_arena_free(arena);
    return true;
}
