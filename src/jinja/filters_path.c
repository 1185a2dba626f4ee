/* Filters on paths, by POSIX's rules; nothing looks at the file system. */
#include <string.h>

#include "filters.h"

static bool take_path(struct run *run, const struct call *call, const char **path, size_t *length)
{
    struct jinja_value value;
    if (!bind_arguments(run, call, "", NULL) || !text_of(run, call->self, &value)) {
        return false;
    }
    *path = value.as.string->bytes;
    *length = value.as.string->length;
    return true;
}

static size_t after_last_slash(const char *path, size_t length)
{
    while (length > 0 && path[length - 1] != '/') {
        length--;
    }
    return length;
}

static bool filter_basename(struct run *run, const struct call *call, struct jinja_value *out)
{
    const char *path;
    size_t length;
    if (!take_path(run, call, &path, &length)) {
        return false;
    }
    size_t start = after_last_slash(path, length);
    *out = new_string(run, path + start, length - start);
    return true;
}

static bool filter_dirname(struct run *run, const struct call *call, struct jinja_value *out)
{
    const char *path;
    size_t length;
    if (!take_path(run, call, &path, &length)) {
        return false;
    }
    size_t end = after_last_slash(path, length);
    size_t trimmed = end;
    while (trimmed > 0 && path[trimmed - 1] == '/') {
        trimmed--;
    }
    *out = new_string(run, path, trimmed > 0 ? trimmed : end);
    return true;
}

static bool filter_splitext(struct run *run, const struct call *call, struct jinja_value *out)
{
    const char *path;
    size_t length;
    if (!take_path(run, call, &path, &length)) {
        return false;
    }
    size_t name = after_last_slash(path, length);
    size_t dot = length;
    for (size_t i = name; i < length; i++) {
        dot = path[i] == '.' ? i : dot;
    }
    /* Leading dots belong to the name. */
    size_t first = name;
    while (first < length && path[first] == '.') {
        first++;
    }
    if (dot < first || dot == length) {
        dot = length;
    }
    *out = jinja_tuple(run->arena, 2);
    jinja_list_append(run->arena, out->as.list, new_string(run, path, dot));
    jinja_list_append(run->arena, out->as.list, new_string(run, path + dot, length - dot));
    return true;
}

static bool filter_path_join(struct run *run, const struct call *call, struct jinja_value *out)
{
    struct buffer text;
    if (!bind_arguments(run, call, "", NULL)) {
        return false;
    }
    if (call->self.type == JINJA_STRING) {
        *out = call->self;
        return true;
    }
    if (!is_list(call->self)) {
        return run_fail_type(run, "path_join needs a string or a list", call->self);
    }
    text_buffer(run, &text);
    for (size_t i = 0; i < call->self.as.list->count; i++) {
        struct jinja_value part = call->self.as.list->items[i];
        if (!need_string(run, part, "a part of a path")) {
            buffer_free(&text);
            return false;
        }
        if (part.as.string->bytes[0] == '/') {
            buffer_clear(&text);
        } else if (i > 0 && text.length > 0 && text.data[text.length - 1] != '/') {
            buffer_append_char(&text, '/');
        }
        jinja_write_str(&text, part);
    }
    return finish_text(run, &text, out);
}

const struct filter filters_path[] = {
    {"basename", filter_basename, 0},
    {"dirname", filter_dirname, 0},
    {"splitext", filter_splitext, 0},
    {"path_join", filter_path_join, 0},
    {NULL, NULL, 0},
};
