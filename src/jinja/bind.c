/* Helpers that filters, tests and methods share. */
#include <stdio.h>
#include <string.h>

#include "run.h"

bool absent(struct jinja_value value)
{
    return value.type == JINJA_UNDEFINED && value.as.undefined == NULL;
}

bool is_lenient(struct jinja_value value)
{
    return value.type == JINJA_UNDEFINED && value.as.undefined != NULL &&
           value.as.undefined->lenient;
}

static bool take_keyword(const struct call *call, const char *name, size_t length,
                         struct jinja_value *out)
{
    for (size_t i = 0; i < call->keyword_count; i++) {
        if (strlen(call->keywords[i]) == length && strncmp(call->keywords[i], name, length) == 0) {
            *out = call->values[i];
            return true;
        }
    }
    return false;
}

static bool names_parameter(const char *names, const char *keyword)
{
    size_t length = strlen(keyword);
    for (const char *at = names; *at != '\0';) {
        at += strspn(at, " !");
        size_t here = strcspn(at, " ");
        if (here == length && strncmp(at, keyword, length) == 0) {
            return true;
        }
        at += here;
    }
    return false;
}

bool bind_arguments(struct run *run, const struct call *call, const char *names,
                    struct jinja_value *out)
{
    size_t count = 0;
    for (const char *at = names; *at != '\0'; count++) {
        bool required = at[strspn(at, " ")] == '!';
        at += strspn(at, " !");
        size_t length = strcspn(at, " ");
        out[count] = (struct jinja_value){.type = JINJA_UNDEFINED};
        bool named = take_keyword(call, at, length, &out[count]);
        if (count < call->count) {
            if (named) {
                return run_fail(run, "%s got two values for '%.*s'", call->name, (int)length, at);
            }
            out[count] = call->items[count];
        } else if (!named && required) {
            return run_fail(run, "%s needs the argument '%.*s'", call->name, (int)length, at);
        }
        at += length;
    }
    if (call->count > count) {
        return run_fail(run, "%s takes not more than %zu arguments", call->name, count);
    }
    for (size_t i = 0; i < call->keyword_count; i++) {
        if (!names_parameter(names, call->keywords[i])) {
            return run_fail(run, "%s takes no argument '%s'", call->name, call->keywords[i]);
        }
    }
    return true;
}

bool flag_or(struct run *run, struct jinja_value value, bool fallback, bool *out)
{
    if (absent(value)) {
        *out = fallback;
        return true;
    }
    return truth(run, value, out);
}

bool int_or(struct run *run, struct jinja_value value, int64_t fallback, int64_t *out)
{
    if (absent(value)) {
        *out = fallback;
        return true;
    }
    if (value.type == JINJA_BOOL) {
        *out = value.as.boolean;
        return true;
    }
    if (value.type != JINJA_INT) {
        return run_fail_type(run, "an integer is needed", value);
    }
    *out = value.as.integer;
    return true;
}

struct jinja_value new_text(struct run *run, const char *text)
{
    return jinja_text(run->arena, text);
}

struct jinja_value new_string(struct run *run, const char *bytes, size_t length)
{
    return jinja_string(run->arena, bytes, length);
}

void text_buffer(struct run *run, struct buffer *text)
{
    buffer_init_secret(text, run->env->limits.output * 2);
}

bool finish_text(struct run *run, struct buffer *text, struct jinja_value *out)
{
    bool fine = !text->overflowed;
    if (fine) {
        *out = new_string(run, text->data, text->length);
    }
    buffer_free(text);
    return fine ||
           run_fail(run, "a text grows larger than %zu MiB", run->env->limits.output * 2 >> 20);
}

bool text_of(struct run *run, struct jinja_value value, struct jinja_value *out)
{
    if (is_lenient(value)) {
        *out = new_text(run, "");
        return true;
    }
    if (value.type == JINJA_UNDEFINED) {
        return run_fail_undefined(run, value);
    }
    if (value.type == JINJA_STRING) {
        *out = value;
        return true;
    }
    if (!check_text(run, value, 1)) {
        return false;
    }
    struct buffer text;
    text_buffer(run, &text);
    jinja_write_str(&text, value);
    return finish_text(run, &text, out);
}

bool need_string(struct run *run, struct jinja_value value, const char *what)
{
    if (value.type == JINJA_STRING) {
        return true;
    }
    char message[120];
    snprintf(message, sizeof(message), "%s must be a string", what);
    return run_fail_type(run, message, value);
}

bool is_list(struct jinja_value value)
{
    return value.type == JINJA_TUPLE || value.type == JINJA_LIST;
}
