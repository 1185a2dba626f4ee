/* Ansible's lookups, as far as they neither run commands nor read files outside. */
#include "lookup.h"

#include <stdlib.h>
#include <string.h>

#include "filters.h"

enum { MAX_FILE = 4 * 1024 * 1024 };

static const struct jinja_value *option(const struct call *call, const char *name)
{
    for (size_t i = 0; i < call->keyword_count; i++) {
        if (strcmp(call->keywords[i], name) == 0) {
            return &call->values[i];
        }
    }
    return NULL;
}

static bool lookup_env(struct run *run, const struct call *call, struct jinja_value term,
                       struct jinja_value *out)
{
    const struct jinja_callbacks *callbacks = &run->env->callbacks;
    const struct jinja_list *words = split_text(run, term.as.string, NULL, -1, false);
    if (words->count == 0) {
        return run_fail(run, "lookup('env') needs a name");
    }
    const char *value =
        callbacks->environment == NULL
            ? NULL
            : callbacks->environment(callbacks->context, words->items[0].as.string->bytes);
    const struct jinja_value *fallback = option(call, "default");
    if (value == NULL && fallback != NULL) {
        *out = *fallback;
        return fallback->type != JINJA_UNDEFINED || run_fail_undefined(run, *fallback);
    }
    *out = new_text(run, value == NULL ? "" : value);
    return true;
}

/* Reads a file through the callback. */
static bool read_file(struct run *run, enum jinja_file kind, const char *name, struct buffer *text,
                      char **path)
{
    const struct jinja_callbacks *callbacks = &run->env->callbacks;
    struct error inner = ERROR_INIT;
    *path = NULL;
    if (callbacks->read_file == NULL) {
        return run_fail(run, "files cannot be read here");
    }
    return callbacks->read_file(callbacks->context, kind, name, run->template->path, text, path,
                                &inner) ||
           run_fail(run, "%s", inner.message);
}

static bool flag_option(const struct call *call, const char *name, bool fallback)
{
    const struct jinja_value *value = option(call, name);
    return value == NULL ? fallback : jinja_true(*value);
}

static bool lookup_file(struct run *run, const struct call *call, struct jinja_value term,
                        struct jinja_value *out)
{
    struct buffer text;
    char *path;
    buffer_init(&text, MAX_FILE);
    bool fine = read_file(run, JINJA_FILE_PLAIN, term.as.string->bytes, &text, &path);
    if (fine) {
        *out = new_string(run, text.data, text.length);
        fine = strip_text(run, out->as.string, NULL, flag_option(call, "lstrip", false),
                          flag_option(call, "rstrip", true), out);
    }
    buffer_free(&text);
    free(path);
    return fine;
}

/* Variables of the moment, with template_vars on top. */
static const struct jinja_dict *with_vars(struct run *run, const struct jinja_value *vars)
{
    if (vars == NULL || vars->type != JINJA_DICT || vars->as.dict->count == 0) {
        return run->env->extra;
    }
    struct jinja_dict *all = jinja_dict(run->arena).as.dict;
    const struct jinja_dict *sources[] = {run->env->extra, vars->as.dict};
    for (int k = 0; k < 2; k++) {
        for (size_t i = 0; sources[k] != NULL && i < sources[k]->count; i++) {
            jinja_dict_set(run->arena, all, sources[k]->entries[i].key,
                           sources[k]->entries[i].value);
        }
    }
    return all;
}

static bool lookup_template(struct run *run, const struct call *call, struct jinja_value term,
                            struct jinja_value *out)
{
    struct jinja_environment *env = run->env;
    struct error inner = ERROR_INIT;
    struct buffer text;
    char *path;
    if (++env->depth > env->limits.depth) {
        env->depth--;
        return run_fail(run, "templates are nested too deeply");
    }
    buffer_init(&text, MAX_FILE);
    bool fine = read_file(run, JINJA_FILE_TEMPLATE, term.as.string->bytes, &text, &path);
    if (fine) {
        const struct jinja_dict *extra = env->extra;
        struct jinja_dict *cache = env->cache;
        env->extra = with_vars(run, option(call, "template_vars"));
        if (env->extra != extra) {
            jinja_environment_forget(env);
        }
        if (flag_option(call, "convert_data", true)) {
            struct jinja_value source = new_string(run, text.data, text.length);
            fine = template_string(env, path, source, false, out, &inner);
        } else {
            fine = template_run(env, path, text.data, text.length, false, false, out, &inner);
        }
        env->extra = extra;
        env->cache = cache;
        if (!fine) {
            run_fail(run, "%s", inner.message);
        }
    }
    buffer_free(&text);
    free(path);
    env->depth--;
    return fine;
}

static bool lookup_vars(struct run *run, const struct call *call, struct jinja_value term,
                        struct jinja_value *out)
{
    struct error inner = ERROR_INIT;
    bool found;
    const char *name = term.as.string->bytes;
    if (!variable_resolve(run->env, name, &found, out, &inner)) {
        return run_fail(run, "%s", inner.message);
    }
    const struct jinja_value *fallback = option(call, "default");
    if (!found && fallback == NULL) {
        return run_fail_undefined(run, jinja_undefined(run->arena, name, NULL));
    }
    if (!found) {
        *out = *fallback;
    }
    return out->type != JINJA_UNDEFINED || run_fail_undefined(run, *out);
}

static bool run_lookup(struct run *run, const struct call *call, struct jinja_value *list)
{
    static const struct {
        const char *name;
        bool (*call)(struct run *run, const struct call *call, struct jinja_value term,
                     struct jinja_value *out);
    } lookups[] = {
        {"env", lookup_env},
        {"file", lookup_file},
        {"template", lookup_template},
        {"vars", lookup_vars},
    };
    if (call->count == 0 || !need_string(run, call->items[0], "a lookup's name")) {
        return call->count == 0 ? run_fail(run, "lookup needs a name") : false;
    }
    const char *name = call->items[0].as.string->bytes;
    if (strncmp(name, "ansible.builtin.", 16) == 0) {
        name += 16;
    }
    *list = jinja_list(run->arena, call->count);
    for (size_t i = 0; i < sizeof(lookups) / sizeof(lookups[0]); i++) {
        if (strcmp(lookups[i].name, name) != 0) {
            continue;
        }
        for (size_t k = 1; k < call->count; k++) {
            struct jinja_value value;
            if (!need_string(run, call->items[k], "a lookup's term") ||
                !lookups[i].call(run, call, call->items[k], &value)) {
                return false;
            }
            jinja_list_append(run->arena, list->as.list, value);
        }
        return true;
    }
    return run_fail(run, "lookup('%s') is refused: only env, file, template and vars are known",
                    name);
}

bool lookup_query(struct run *run, const struct call *call, struct jinja_value *out)
{
    return run_lookup(run, call, out);
}

bool lookup_call(struct run *run, const struct call *call, struct jinja_value *out)
{
    struct jinja_value list;
    if (!run_lookup(run, call, &list)) {
        return false;
    }
    const struct jinja_value *want = option(call, "wantlist");
    bool strings = true;
    for (size_t i = 0; i < list.as.list->count; i++) {
        strings = strings && list.as.list->items[i].type == JINJA_STRING;
    }
    if ((want != NULL && jinja_true(*want)) || list.as.list->count == 0) {
        *out = list;
        return true;
    }
    if (strings) {
        return join_text(run, list.as.list, new_text(run, ",").as.string, out);
    }
    *out = list.as.list->count == 1 ? list.as.list->items[0] : list;
    return true;
}
