/* Renders a folder of templates as tests/jinja/oracle.py does with Ansible: render CASES OUT. */
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/buffer.h"
#include "base/file.h"
#include "base/text.h"
#include "jinja/environment.h"

struct folder {
    const char *path;
    struct jinja_value variables;
};

static bool find_variable(void *context, const char *name, struct jinja_value *raw)
{
    const struct folder *folder = context;
    if (folder->variables.type != JINJA_DICT) {
        return false;
    }
    const struct jinja_value *value = jinja_dict_get_text(folder->variables.as.dict, name);
    if (value != NULL) {
        *raw = *value;
    }
    return value != NULL;
}

static bool read_beside(void *context, enum jinja_file kind, const char *name, const char *from,
                        struct buffer *out, char **path, struct error *err)
{
    const struct folder *folder = context;
    (void)kind;
    (void)from;
    *path = file_join(folder->path, name);
    if (!file_read(*path, out, err)) {
        free(*path);
        *path = NULL;
        return false;
    }
    return true;
}

static const char *get_environment(void *context, const char *name)
{
    (void)context;
    return getenv(name);
}

static bool load_variables(struct jinja_environment *env, struct folder *folder, const char *name,
                           struct error *err)
{
    struct buffer text;
    struct doc_stream stream;
    char *file = xasprintf("%s/%s.yml", folder->path, name);
    const struct doc_options options = {.schema = DOC_SCHEMA_ANSIBLE, .source = file};
    folder->variables = jinja_none();
    buffer_init(&text, (size_t)1 << 24);
    bool fine = file_read(file, &text, err);
    if (!fine && err->kind == ERROR_NOT_FOUND) {
        error_clear(err);
        fine = true;
    } else if (fine && (fine = doc_parse_yaml(text.data, text.length, &options, &stream, err))) {
        fine =
            stream.count == 0 || jinja_from_yaml(jinja_environment_arena(env), stream.documents[0],
                                                 file, &folder->variables, err);
        doc_stream_free(&stream);
    }
    buffer_free(&text);
    free(file);
    return fine;
}

static void save(const char *out, const char *name, const char *suffix, const char *bytes,
                 size_t length)
{
    char *path = xasprintf("%s/%s.%s", out, name, suffix);
    struct error err = ERROR_INIT;
    if (!file_write_atomic(path, bytes, length, 0644, &err)) {
        fprintf(stderr, "%s\n", err.message);
        exit(2);
    }
    free(path);
}

static void render_case(const char *cases, const char *out, const char *name)
{
    struct folder folder = {.path = cases};
    const struct jinja_callbacks callbacks = {
        .context = &folder,
        .variable = find_variable,
        .read_file = read_beside,
        .environment = get_environment,
    };
    struct jinja_environment *env = jinja_environment_new(&callbacks, NULL);
    struct error err = ERROR_INIT;
    struct buffer text;
    struct buffer result;
    char *path = xasprintf("%s/%s.j2", cases, name);
    buffer_init(&text, (size_t)1 << 24);
    buffer_init(&result, (size_t)1 << 26);
    if (load_variables(env, &folder, name, &err) && file_read(path, &text, &err) &&
        jinja_render(env, path, text.data, text.length, NULL, &result, &err)) {
        save(out, name, "out", result.data, result.length);
    } else {
        save(out, name, "err", err.message, strlen(err.message));
    }
    free(path);
    buffer_free(&text);
    buffer_free(&result);
    jinja_environment_free(env);
}

int main(int argc, char **argv)
{
    if (argc != 3) {
        fprintf(stderr, "usage: render CASES OUT\n");
        return 2;
    }
    DIR *folder = opendir(argv[1]);
    if (folder == NULL) {
        perror(argv[1]);
        return 2;
    }
    const struct dirent *entry;
    while ((entry = readdir(folder)) != NULL) {
        if (text_ends_with(entry->d_name, ".j2") && entry->d_name[0] != '_') {
            char *name = xstrndup(entry->d_name, strlen(entry->d_name) - 3);
            render_case(argv[1], argv[2], name);
            free(name);
        }
    }
    closedir(folder);
    return 0;
}
