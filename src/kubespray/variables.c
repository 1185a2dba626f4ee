#include "variables.h"

#include <dirent.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/alloc.h"
#include "base/file.h"
#include "base/language.h"
#include "base/text.h"

enum { MAX_FILE = 32 * 1024 * 1024, MAX_DEPTH = 10, MAX_ENTRIES = 1000 };

void notes_add(struct notes *notes, char *note)
{
    notes->items = xgrow(notes->items, notes->count, &notes->capacity, sizeof(*notes->items));
    notes->items[notes->count++] = note;
}

void notes_free(struct notes *notes)
{
    for (size_t i = 0; i < notes->count; i++) {
        free(notes->items[i]);
    }
    free(notes->items);
    memset(notes, 0, sizeof(*notes));
}

void variables_merge(struct jinja_arena *arena, struct jinja_dict *to,
                     const struct jinja_dict *from)
{
    for (size_t i = 0; i < from->count; i++) {
        jinja_dict_set(arena, to, from->entries[i].key, from->entries[i].value);
    }
}

static bool merge_document(struct jinja_arena *arena, const struct doc_stream *stream,
                           const char *source, struct jinja_dict *dict, struct error *err)
{
    struct jinja_value value;
    if (stream->count == 0 || stream->documents[0]->type == DOC_NULL) {
        return true;
    }
    if (stream->documents[0]->type != DOC_MAP) {
        return error_set(err, ERROR_CONFIG, "%s:%d: a file of variables must be a map", source,
                         stream->documents[0]->line);
    }
    if (!jinja_from_yaml(arena, stream->documents[0], source, &value, err)) {
        return false;
    }
    variables_merge(arena, dict, value.as.dict);
    return true;
}

bool variables_read_text(struct jinja_arena *arena, const char *text, size_t length,
                         const char *source, struct jinja_dict *dict, struct error *err)
{
    struct doc_stream stream;
    const struct doc_options options = {.schema = DOC_SCHEMA_ANSIBLE, .source = source};
    if (!doc_parse_yaml(text, length, &options, &stream, err)) {
        return false;
    }
    bool fine = merge_document(arena, &stream, source, dict, err);
    doc_stream_free(&stream);
    return fine;
}

bool variables_read_file(struct jinja_arena *arena, const char *path, struct jinja_dict *dict,
                         struct notes *notes, struct error *err)
{
    struct buffer text;
    buffer_init_secret(&text, MAX_FILE);
    bool fine = file_read(path, &text, err);
    if (fine && text_starts_with(text.data, "$ANSIBLE_VAULT")) {
        notes_add(notes, xasprintf(_("%s is encrypted with Ansible Vault; its variables are not "
                                     "known here (give them with -e @FILE)"),
                                   path));
    } else if (fine) {
        fine = variables_read_text(arena, text.data, text.length, path, dict, err);
    }
    buffer_free(&text);
    return fine;
}

static int by_name(const void *a, const void *b)
{
    return strcmp(*(char *const *)a, *(char *const *)b);
}

static bool has_extension(const char *name)
{
    const char *dot = strrchr(name, '.');
    return dot == NULL || strcmp(dot, ".yml") == 0 || strcmp(dot, ".yaml") == 0 ||
           strcmp(dot, ".json") == 0;
}

static bool read_folder(struct jinja_arena *arena, const char *path, struct jinja_dict *dict,
                        struct notes *notes, struct error *err, int depth)
{
    char **names = xmalloc(MAX_ENTRIES * sizeof(*names));
    size_t count = 0;
    DIR *folder = opendir(path);
    const struct dirent *entry;
    while (folder != NULL && (entry = readdir(folder)) != NULL && count < MAX_ENTRIES) {
        if (entry->d_name[0] != '.' && !text_ends_with(entry->d_name, "~")) {
            names[count++] = xstrdup(entry->d_name);
        }
    }
    if (folder != NULL) {
        closedir(folder);
    }
    qsort(names, count, sizeof(*names), by_name);
    bool fine = true;
    for (size_t i = 0; i < count; i++) {
        char *full = file_join(path, names[i]);
        struct stat status;
        if (fine && stat(full, &status) == 0) {
            if (S_ISDIR(status.st_mode)) {
                fine = strchr(names[i], '.') != NULL || depth >= MAX_DEPTH ||
                       read_folder(arena, full, dict, notes, err, depth + 1);
            } else if (has_extension(names[i])) {
                fine = variables_read_file(arena, full, dict, notes, err);
            }
        }
        free(full);
        free(names[i]);
    }
    free(names);
    return fine;
}

bool variables_read(struct jinja_arena *arena, const char *folder, const char *name,
                    bool yaml_first, struct jinja_dict *dict, struct notes *notes,
                    struct error *err)
{
    static const char *const plain_first[] = {"", ".yml", ".yaml", ".json"};
    static const char *const plain_last[] = {".yml", ".yaml", ".json", ""};
    const char *const *suffixes = yaml_first ? plain_last : plain_first;
    bool fine = true;
    bool found = false;
    for (int i = 0; i < 4 && !found; i++) {
        char *path = xasprintf("%s/%s%s", folder, name, suffixes[i]);
        struct stat status;
        if (stat(path, &status) == 0) {
            found = true;
            fine = S_ISDIR(status.st_mode) ? read_folder(arena, path, dict, notes, err, 0)
                                           : variables_read_file(arena, path, dict, notes, err);
        }
        free(path);
    }
    return fine;
}

/* Outer quotes go; inner ones stay, as in Ansible's parse_kv(). */
static char *unquoted(char *value)
{
    size_t length = strlen(value);
    if (length > 1 && (value[0] == '"' || value[0] == '\'') && value[length - 1] == value[0]) {
        value[length - 1] = '\0';
        return value + 1;
    }
    return value;
}

/* key=value key='a b': words; all values are strings. */
static bool read_pairs(struct jinja_arena *arena, const char *text, struct jinja_dict *dict,
                       struct error *err)
{
    const char *at = text;
    while (*(at += strspn(at, " \t\n")) != '\0') {
        struct buffer word;
        char quote = '\0';
        buffer_init_secret(&word, (size_t)1 << 20);
        for (; *at != '\0' && (quote != '\0' || strchr(" \t\n", *at) == NULL); at++) {
            if (quote != '\0') {
                quote = *at == quote ? '\0' : quote;
            } else if (*at == '"' || *at == '\'') {
                quote = *at;
            }
            buffer_append_char(&word, *at);
        }
        char *equals = strchr(word.data, '=');
        bool fine = equals != NULL && equals != word.data && quote == '\0';
        if (fine) {
            *equals = '\0';
            jinja_dict_set_text(arena, dict, word.data, jinja_text(arena, unquoted(equals + 1)));
        }
        buffer_free(&word);
        if (!fine) {
            /* The text may be a secret: it is not repeated. */
            return error_set(err, ERROR_USAGE, "-e wants KEY=VALUE, {json} or @FILE");
        }
    }
    return true;
}

bool variables_read_extra(struct jinja_arena *arena, const char *text, struct jinja_dict *dict,
                          struct notes *notes, struct error *err)
{
    if (text[0] == '@') {
        return variables_read_file(arena, text + 1, dict, notes, err);
    }
    if (text[0] == '{' || text[0] == '[') {
        return variables_read_text(arena, text, strlen(text), "-e", dict, err);
    }
    return read_pairs(arena, text, dict, err);
}

/* The value of "key = a, b" in the checkout's ansible.cfg; NULL without. */
static char *config_value(const char *checkout, const char *key)
{
    struct buffer text;
    char *path = file_join(checkout, "ansible.cfg");
    char *value = NULL;
    buffer_init(&text, (size_t)1 << 20);
    if (file_read(path, &text, NULL)) {
        size_t length = strlen(key);
        for (const char *line = text.data; line != NULL && value == NULL;) {
            const char *next = strchr(line, '\n');
            if (strncmp(line, key, length) == 0) {
                const char *equals = line + length + strspn(line + length, " \t");
                if (*equals == '=') {
                    size_t end = next == NULL ? strlen(equals) : (size_t)(next - equals);
                    value = xstrndup(equals + 1, end - 1);
                }
            }
            line = next == NULL ? NULL : next + 1;
        }
    }
    buffer_free(&text);
    free(path);
    return value;
}

bool variables_ignored(const char *checkout, const char *name)
{
    static const char defaults[] =
        ".pyc, .pyo, .swp, .bak, ~, .rpm, .md, .txt, .rst, .orig, .ini, .cfg, .retry";
    char *extensions =
        checkout == NULL ? NULL : config_value(checkout, "inventory_ignore_extensions");
    char *patterns = checkout == NULL ? NULL : config_value(checkout, "ignore_patterns");
    bool ignored = false;
    for (int list = 0; list < 2; list++) {
        const char *at = list == 0 ? (extensions == NULL ? defaults : extensions) : patterns;
        while (at != NULL && *at != '\0') {
            at += strspn(at, " \t,");
            char word[80];
            size_t length = strcspn(at, ",");
            size_t used = length;
            while (used > 0 && strchr(" \t\r", at[used - 1]) != NULL) {
                used--;
            }
            if (used > 0 && used < sizeof(word)) {
                memcpy(word, at, used);
                word[used] = '\0';
                ignored = ignored ||
                          (list == 0 ? text_ends_with(name, word) : text_starts_with(name, word));
            }
            at += length;
        }
    }
    free(extensions);
    free(patterns);
    return ignored;
}
