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
