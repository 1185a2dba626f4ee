/* libFuzzer target: bytes are a template, rendered with a few variables under tight limits; what it
 * gives is a result or one line that names the file. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "jinja/environment.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

struct variables {
    struct jinja_dict *dict;
};

static bool find_variable(void *context, const char *name, struct jinja_value *raw)
{
    const struct variables *variables = context;
    const struct jinja_value *value = jinja_dict_get_text(variables->dict, name);
    if (value != NULL) {
        *raw = *value;
    }
    return value != NULL;
}

static void fill(struct jinja_arena *arena, struct jinja_dict *dict, const char *text, size_t size)
{
    struct jinja_value list = jinja_list(arena, 2);
    struct jinja_value inner = jinja_dict(arena);
    jinja_list_append(arena, list.as.list, jinja_int(1));
    jinja_list_append(arena, list.as.list, jinja_text(arena, "two"));
    jinja_dict_set_text(arena, inner.as.dict, "k", list);
    jinja_dict_set_text(arena, dict, "l", list);
    jinja_dict_set_text(arena, dict, "d", inner);
    jinja_dict_set_text(arena, dict, "n", jinja_float(2.5));
    jinja_dict_set_text(arena, dict, "self", jinja_string(arena, text, size));
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    static const struct jinja_limits limits = {
        .output = 1 << 18, .memory = (size_t)1 << 26, .steps = 20000, .depth = 150};
    struct variables variables = {NULL};
    const struct jinja_callbacks callbacks = {.context = &variables, .variable = find_variable};
    struct jinja_environment *env = jinja_environment_new(&callbacks, &limits);
    struct jinja_arena *arena = jinja_environment_arena(env);
    struct error err = ERROR_INIT;
    struct buffer out;
    variables.dict = jinja_dict(arena).as.dict;
    fill(arena, variables.dict, (const char *)bytes, size);
    buffer_init(&out, 1 << 20);
    if (!jinja_render(env, "fuzz.j2", (const char *)bytes, size, NULL, &out, &err) &&
        (err.kind == ERROR_NONE || strchr(err.message, ':') == NULL || out.length > 0)) {
        abort();
    }
    buffer_free(&out);
    jinja_environment_free(env);
    return 0;
}
