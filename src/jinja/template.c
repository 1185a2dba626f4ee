/* Templates and variables, as Ansible's Templar treats them. */
#include <ctype.h>
#include <stdio.h>
#include <string.h>

#include "run.h"

struct name_check {
    const char *path;
    struct error *err;
    bool fine;
};

static void check_names(void *context, const struct node *node)
{
    struct name_check *check = context;
    if (!check->fine || node->name == NULL) {
        return;
    }
    if (node->kind == NODE_FILTER && !filter_exists(node->name)) {
        check->fine = error_set(check->err, ERROR_INVALID, "%s:%d: the filter '%s' is not known",
                                check->path, node->line, node->name);
    } else if (node->kind == NODE_TEST && !test_exists(node->name)) {
        check->fine = error_set(check->err, ERROR_INVALID, "%s:%d: the test '%s' is not known",
                                check->path, node->line, node->name);
    }
}

struct template *template_parse(struct jinja_environment *env, const struct syntax *syntax,
                                const char *path, int first_line, const char *text, size_t length,
                                struct error *err)
{
    struct template *template = parser_run(env->arena, syntax, path, first_line, text, length, err);
    if (template == NULL) {
        return NULL;
    }
    struct name_check check = {path, err, true};
    ast_walk(&template->body, check_names, &check);
    return check.fine ? template : NULL;
}

static size_t final_newlines(const char *text, size_t length)
{
    size_t count = 0;
    while (count < length && text[length - 1 - count] == '\n') {
        count++;
    }
    return count;
}

static bool apply_override(struct jinja_environment *env, const char *path, const char *key,
                           struct jinja_value value, struct syntax *syntax, struct error *err)
{
    struct {
        const char *name;
        bool *flag;
        const char **text;
    } fields[] = {
        {"trim_blocks", &syntax->trim_blocks, NULL},
        {"lstrip_blocks", &syntax->lstrip_blocks, NULL},
        {"keep_trailing_newline", &syntax->keep_trailing_newline, NULL},
        {"block_start_string", NULL, &syntax->block_start},
        {"block_end_string", NULL, &syntax->block_end},
        {"variable_start_string", NULL, &syntax->variable_start},
        {"variable_end_string", NULL, &syntax->variable_end},
        {"comment_start_string", NULL, &syntax->comment_start},
        {"comment_end_string", NULL, &syntax->comment_end},
        {"newline_sequence", NULL, &syntax->newline},
    };
    for (size_t i = 0; i < sizeof(fields) / sizeof(fields[0]); i++) {
        if (strcmp(fields[i].name, key) != 0) {
            continue;
        }
        if (fields[i].flag != NULL) {
            *fields[i].flag = jinja_true(value);
            return true;
        }
        if (value.type != JINJA_STRING || value.as.string->length == 0) {
            break;
        }
        *fields[i].text =
            jinja_arena_copy(env->arena, value.as.string->bytes, value.as.string->length);
        return true;
    }
    return error_set(err, ERROR_INVALID, "%s:1: the #jinja2: header cannot set '%s' so", path, key);
}

/* "#jinja2: key: literal, key: literal". */
static bool read_header(struct jinja_environment *env, const char *path, const char *line,
                        size_t length, struct syntax *syntax, struct error *err)
{
    const char *end = line + length;
    while (line < end) {
        const char *comma = memchr(line, ',', (size_t)(end - line));
        const char *stop = comma == NULL ? end : comma;
        const char *colon = memchr(line, ':', (size_t)(stop - line));
        if (colon == NULL) {
            return error_set(err, ERROR_INVALID,
                             "%s:1: the #jinja2: header wants `key: value, key: value`", path);
        }
        while (line < colon && isspace((unsigned char)*line)) {
            line++;
        }
        const char *key_end = colon;
        while (key_end > line && isspace((unsigned char)key_end[-1])) {
            key_end--;
        }
        const char *text = colon + 1;
        while (text < stop && isspace((unsigned char)*text)) {
            text++;
        }
        const char *text_end = stop;
        while (text_end > text && isspace((unsigned char)text_end[-1])) {
            text_end--;
        }
        char key[64];
        struct jinja_value value;
        bool huge;
        snprintf(key, sizeof(key), "%.*s", (int)(key_end - line), line);
        if (!jinja_read_literal(env->arena, text, (size_t)(text_end - text), &value, &huge)) {
            return error_set(err, ERROR_INVALID,
                             "%s:1: the #jinja2: header's value of '%s' is no literal", path, key);
        }
        if (!apply_override(env, path, key, value, syntax, err)) {
            return false;
        }
        line = stop + 1;
    }
    return true;
}

static bool append_newlines(struct run *run, const struct syntax *syntax, size_t wanted,
                            struct jinja_value *out)
{
    if (out->type != JINJA_STRING) {
        return true;
    }
    size_t given = final_newlines(out->as.string->bytes, out->as.string->length);
    if (wanted <= given) {
        return true;
    }
    struct buffer text;
    text_buffer(run, &text);
    jinja_write_str(&text, *out);
    for (size_t i = given; i < wanted; i++) {
        buffer_append_string(&text, syntax->newline);
    }
    return finish_text(run, &text, out);
}

bool template_run(struct jinja_environment *env, const char *path, const char *text, size_t length,
                  bool literals, bool raw_strings, struct jinja_value *out, struct error *err)
{
    static const char mark[] = "#jinja2:";
    struct syntax syntax = default_syntax;
    size_t newlines = final_newlines(text, length);
    int first_line = 1;
    if (length > sizeof(mark) && memcmp(text, mark, sizeof(mark) - 1) == 0) {
        const char *line = text + sizeof(mark) - 1;
        const char *end = memchr(line, '\n', length - sizeof(mark) + 1);
        if (end == NULL) {
            return error_set(err, ERROR_INVALID, "%s:1: nothing follows the #jinja2: header", path);
        }
        if (!read_header(env, path, line, (size_t)(end - line), &syntax, err)) {
            return false;
        }
        length -= (size_t)(end + 1 - text);
        text = end + 1;
        first_line = 2;
    }
    syntax.raw_strings = raw_strings;
    struct template *template = template_parse(env, &syntax, path, first_line, text, length, err);
    if (template == NULL) {
        return false;
    }
    struct output output;
    struct run run = {.env = env,
                      .arena = env->arena,
                      .err = err,
                      .template = template,
                      .out = &output,
                      .literals = literals,
                      .variables = true};
    output_init(&run, &output);
    run.top = scope_push(&run);
    bool fine = exec_body(&run, &template->body) && output_finish(&run, &output, out) &&
                append_newlines(&run, &syntax, newlines, out);
    output_free(&output);
    return fine;
}

static bool possibly_template(const struct jinja_string *string)
{
    const char *at = string->bytes;
    const char *end = at + string->length;
    while ((at = memchr(at, '{', (size_t)(end - at))) != NULL) {
        if (at + 1 < end && (at[1] == '{' || at[1] == '%' || at[1] == '#')) {
            return true;
        }
        at++;
    }
    return false;
}

bool variable_raw(struct jinja_environment *env, const char *name, struct jinja_value *raw)
{
    if (env->extra != NULL) {
        const struct jinja_value *value = jinja_dict_get_text(env->extra, name);
        if (value != NULL) {
            *raw = *value;
            return true;
        }
    }
    return env->callbacks.variable != NULL &&
           env->callbacks.variable(env->callbacks.context, name, raw);
}

/* "{{ name }}" alone, whose variable is a number, a boolean or null: its value keeps its type. */
static bool single_variable(struct jinja_environment *env, const struct jinja_string *string,
                            struct jinja_value *out)
{
    const char *at = string->bytes;
    if (strncmp(at, "{{", 2) != 0) {
        return false;
    }
    at += 2 + strspn(at + 2, " \t\n\r\f\v");
    const char *name = at;
    while (isalnum((unsigned char)*at) || *at == '_') {
        at++;
    }
    size_t length = (size_t)(at - name);
    at += strspn(at, " \t\n\r\f\v");
    if (strcmp(at, "}}") != 0 && strcmp(at, "}}\n") != 0) {
        return false;
    }
    struct jinja_value raw;
    if (!variable_raw(env, jinja_arena_copy(env->arena, name, length), &raw)) {
        return false;
    }
    if (jinja_is_number(raw) || raw.type == JINJA_NONE) {
        *out = raw;
        return true;
    }
    return false;
}

bool template_string(struct jinja_environment *env, const char *path, struct jinja_value raw,
                     bool raw_strings, struct jinja_value *out, struct error *err)
{
    const struct jinja_string *string = raw.as.string;
    if (string->unsafe || !possibly_template(string)) {
        *out = raw;
        return true;
    }
    return single_variable(env, string, out) ||
           template_run(env, path, string->bytes, string->length, true, raw_strings, out, err);
}

static bool template_at(struct jinja_environment *env, const char *path, struct jinja_value raw,
                        struct jinja_value *out, struct error *err, int depth)
{
    if (depth > 100) {
        return error_set(err, ERROR_INVALID, "%s: the value is nested too deeply", path);
    }
    switch (raw.type) {
    case JINJA_STRING:
        return template_string(env, path, raw, true, out, err);
    case JINJA_LIST:
    case JINJA_TUPLE:
        *out = jinja_list(env->arena, raw.as.list->count);
        for (size_t i = 0; i < raw.as.list->count; i++) {
            struct jinja_value item;
            if (!template_at(env, path, raw.as.list->items[i], &item, err, depth + 1)) {
                return false;
            }
            jinja_list_append(env->arena, out->as.list, item);
        }
        return true;
    case JINJA_DICT:
        if (raw.as.dict->access != NULL) {
            *out = raw;
            return true;
        }
        *out = jinja_dict(env->arena);
        for (size_t i = 0; i < raw.as.dict->count; i++) {
            const struct jinja_entry *entry = &raw.as.dict->entries[i];
            struct jinja_value value;
            if (!template_at(env, path, entry->value, &value, err, depth + 1)) {
                return false;
            }
            jinja_dict_set(env->arena, out->as.dict, entry->key, value);
        }
        return true;
    default:
        *out = raw;
        return true;
    }
}

bool template_value(struct jinja_environment *env, const char *path, struct jinja_value raw,
                    struct jinja_value *out, struct error *err)
{
    return template_at(env, path, raw, out, err, 0);
}

/* "a → b → a" for a variable that needs itself. */
static bool fail_cycle(struct jinja_environment *env, const char *name, struct error *err)
{
    const char *names[32];
    size_t count = 0;
    for (const struct resolving *at = env->resolving; at != NULL && count < 32; at = at->outer) {
        names[count++] = at->name;
        if (strcmp(at->name, name) == 0) {
            break;
        }
    }
    struct buffer path;
    buffer_init(&path, 1500);
    while (count > 0) {
        buffer_printf(&path, "%s → ", names[--count]);
    }
    error_set(err, ERROR_INVALID, "the variable %s needs itself: %s%s", name, path.data, name);
    buffer_free(&path);
    return false;
}

bool variable_resolve(struct jinja_environment *env, const char *name, bool *found,
                      struct jinja_value *out, struct error *err)
{
    const struct jinja_value *known = jinja_dict_get_text(env->cache, name);
    *found = true;
    if (known != NULL) {
        *out = *known;
        return true;
    }
    struct jinja_value raw;
    *found = variable_raw(env, name, &raw);
    if (!*found) {
        return true;
    }
    for (const struct resolving *at = env->resolving; at != NULL; at = at->outer) {
        if (strcmp(at->name, name) == 0) {
            return fail_cycle(env, name, err);
        }
    }
    struct resolving here = {name, env->resolving};
    char path[160];
    struct error inner = ERROR_INIT;
    snprintf(path, sizeof(path), "the variable %s", name);
    env->resolving = &here;
    env->failed_undefined = false;
    bool fine = template_value(env, path, raw, out, &inner);
    env->resolving = here.outer;
    if (!fine && env->failed_undefined) {
        /* An undefined name makes the variable undefined; only its use is an error. */
        *out = jinja_undefined(
            env->arena, env->undefined_name[0] == '\0' ? NULL : env->undefined_name, inner.message);
        env->failed_undefined = false;
        fine = true;
    }
    if (!fine) {
        if (err != NULL) {
            *err = inner;
        }
        return false;
    }
    jinja_dict_set_text(env->arena, env->cache, name, *out);
    return true;
}
