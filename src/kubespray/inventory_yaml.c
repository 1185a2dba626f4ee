/* Inventories in YAML, and the choice of a file's format. */
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/alloc.h"
#include "base/file.h"
#include "base/language.h"
#include "base/text.h"
#include "inventory.h"
#include "variables.h"

enum { MAX_INVENTORY = 32 * 1024 * 1024, MAX_DEPTH = 50 };

struct reader {
    struct inventory *inventory;
    const char *source;
    struct error *err;
};

static bool fail(const struct reader *reader, const struct doc_node *node, const char *what)
{
    return error_set(reader->err, ERROR_CONFIG, "%s:%d:%d: %s", reader->source, node->line,
                     node->column, what);
}

static bool set_variables(const struct reader *reader, const struct doc_node *map,
                          struct jinja_dict *variables)
{
    if (map->type == DOC_NULL) {
        return true;
    }
    if (map->type != DOC_MAP) {
        return fail(reader, map, "variables must be a map");
    }
    for (size_t i = 0; i < map->count; i++) {
        struct jinja_value value;
        if (!jinja_from_yaml(reader->inventory->arena, map->items[i], reader->source, &value,
                             reader->err)) {
            return false;
        }
        jinja_dict_set_text(reader->inventory->arena, variables, map->keys[i]->text, value);
    }
    return true;
}

static bool read_hosts(const struct reader *reader, size_t group, const struct doc_node *hosts)
{
    if (hosts->type == DOC_NULL) {
        return true;
    }
    if (hosts->type != DOC_MAP) {
        return fail(reader, hosts, "hosts must be a map from names to their variables");
    }
    for (size_t i = 0; i < hosts->count; i++) {
        const char **names;
        size_t count;
        const struct doc_node *key = hosts->keys[i];
        if (!inventory_expand(reader->inventory, key->text, reader->source, key->line, key->column,
                              &names, &count, reader->err)) {
            return false;
        }
        for (size_t k = 0; k < count; k++) {
            size_t host = inventory_add_host(reader->inventory, names[k]);
            inventory_put_host(reader->inventory, group, host);
            if (!set_variables(reader, hosts->items[i], reader->inventory->hosts[host].variables)) {
                return false;
            }
        }
    }
    return true;
}

static bool read_group(const struct reader *reader, const char *name, const struct doc_node *body,
                       size_t *index, int depth);

static bool read_children(const struct reader *reader, size_t group,
                          const struct doc_node *children, int depth)
{
    if (children->type == DOC_NULL) {
        return true;
    }
    if (children->type != DOC_MAP) {
        return fail(reader, children, "children must be a map from groups to their content");
    }
    for (size_t i = 0; i < children->count; i++) {
        size_t child;
        if (!read_group(reader, children->keys[i]->text, children->items[i], &child, depth + 1)) {
            return false;
        }
        if (!inventory_put_group(reader->inventory, group, child)) {
            return fail(reader, children->keys[i], "this group would contain itself");
        }
    }
    return true;
}

static bool read_group(const struct reader *reader, const char *name, const struct doc_node *body,
                       size_t *index, int depth)
{
    *index = inventory_add_group(reader->inventory, name);
    if (body->type == DOC_NULL) {
        return true;
    }
    if (depth > MAX_DEPTH) {
        return fail(reader, body, "groups are nested too deeply");
    }
    if (body->type != DOC_MAP) {
        return fail(reader, body, "a group must be a map with hosts, children or vars");
    }
    for (size_t i = 0; i < body->count; i++) {
        const char *key = body->keys[i]->text;
        bool fine = true;
        if (strcmp(key, "hosts") == 0) {
            fine = read_hosts(reader, *index, body->items[i]);
        } else if (strcmp(key, "children") == 0) {
            fine = read_children(reader, *index, body->items[i], depth);
        } else if (strcmp(key, "vars") == 0) {
            fine =
                set_variables(reader, body->items[i], reader->inventory->groups[*index].variables);
        } else {
            fine = fail(reader, body->keys[i], "a group knows hosts, children and vars only");
        }
        if (!fine) {
            return false;
        }
    }
    return true;
}

bool inventory_read_yaml(struct inventory *inventory, const char *text, size_t length,
                         const char *source, struct error *err)
{
    struct doc_stream stream;
    const struct doc_options options = {.schema = DOC_SCHEMA_ANSIBLE, .source = source};
    const struct reader reader = {inventory, source, err};
    if (!doc_parse_yaml(text, length, &options, &stream, err)) {
        return false;
    }
    bool fine = true;
    if (stream.count > 0 && stream.documents[0]->type == DOC_MAP) {
        const struct doc_node *root = stream.documents[0];
        size_t index;
        for (size_t i = 0; i < root->count && fine; i++) {
            fine = read_group(&reader, root->keys[i]->text, root->items[i], &index, 0);
        }
    } else if (stream.count > 0 && stream.documents[0]->type != DOC_NULL) {
        fine = fail(&reader, stream.documents[0], "an inventory must be a map of groups");
    }
    doc_stream_free(&stream);
    return fine;
}

static bool read_file(struct inventory *inventory, const char *path, struct error *err)
{
    struct buffer text;
    struct stat status;
    buffer_init_secret(&text, MAX_INVENTORY);
    if (stat(path, &status) == 0 && (status.st_mode & 0111) != 0) {
        return error_set(err, ERROR_CONFIG,
                         "%s: an inventory that is a program is not run; save its output as a file",
                         path);
    }
    if (!file_read(path, &text, err)) {
        return false;
    }
    bool yaml = text_ends_with(path, ".yml") || text_ends_with(path, ".yaml") ||
                text_ends_with(path, ".json");
    bool fine = yaml ? inventory_read_yaml(inventory, text.data, text.length, path, err)
                     : inventory_read_ini(inventory, text.data, path, err);
    buffer_free(&text);
    return fine;
}

static int by_name(const void *a, const void *b)
{
    return strcmp(*(char *const *)a, *(char *const *)b);
}

/* A folder's files in order, save for those that the checkout's ansible.cfg sets aside. */
static bool read_folder(struct inventory *inventory, const char *path, const char *checkout,
                        struct error *err)
{
    char *names[256];
    size_t count = 0;
    DIR *folder = opendir(path);
    if (folder == NULL) {
        return error_set(err, ERROR_CONFIG, "%s: the folder cannot be read", path);
    }
    const struct dirent *entry;
    while ((entry = readdir(folder)) != NULL && count < 256) {
        const char *name = entry->d_name;
        if (name[0] == '.' || strcmp(name, "group_vars") == 0 || strcmp(name, "host_vars") == 0 ||
            variables_ignored(checkout, name)) {
            continue;
        }
        names[count++] = xstrdup(name);
    }
    closedir(folder);
    qsort(names, count, sizeof(names[0]), by_name);
    bool fine = true;
    for (size_t i = 0; i < count; i++) {
        char *full = file_join(path, names[i]);
        struct stat status;
        if (fine && stat(full, &status) == 0) {
            fine = S_ISDIR(status.st_mode) ? read_folder(inventory, full, checkout, err)
                                           : read_file(inventory, full, err);
        }
        free(full);
        free(names[i]);
    }
    return fine;
}

bool inventory_load(struct inventory *inventory, const char *path, const char *checkout,
                    struct error *err)
{
    struct stat status;
    if (stat(path, &status) != 0) {
        return error_set(err, ERROR_CONFIG, "%s: the inventory cannot be read: no such file", path);
    }
    bool folder = S_ISDIR(status.st_mode);
    char *parent = folder ? xstrdup(path) : file_folder(path);
    inventory->folder = jinja_arena_copy(inventory->arena, parent, strlen(parent));
    free(parent);
    if (!(folder ? read_folder(inventory, path, checkout, err) : read_file(inventory, path, err))) {
        return false;
    }
    inventory_finish(inventory);
    return true;
}
