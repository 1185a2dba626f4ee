/* Roles: their defaults and variables, their dependencies, the play that runs them. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/alloc.h"
#include "base/file.h"
#include "base/text.h"
#include "context.h"

enum { MAX_DEPTH = 30, MAX_ROLES = 64, MAX_FILE = 8 * 1024 * 1024 };

static bool exists(const char *path)
{
    struct stat status;
    return stat(path, &status) == 0;
}

/* kubespray-defaults became kubespray_defaults. */
static char *role_folder(const struct kubespray *kubespray, const char *name)
{
    char *folder = xasprintf("%s/roles/%s", kubespray->checkout, name);
    for (char *at = folder + strlen(kubespray->checkout); !exists(folder) && *at != '\0'; at++) {
        if (*at == '-' || *at == '_') {
            char other = *at == '-' ? '_' : '-';
            char old = *at;
            *at = other;
            if (!exists(folder)) {
                *at = old;
            }
        }
    }
    return folder;
}

/* The name of a role in a list of roles or dependencies: a string, or a map's role or name. */
static const char *listed_name(const struct doc_node *node)
{
    if (node->type == DOC_MAP) {
        const struct doc_node *name = doc_get(node, "role");
        node = name != NULL ? name : doc_get(node, "name");
    }
    return doc_string(node);
}

static bool read_yaml(const char *path, struct doc_stream *stream, struct error *err)
{
    struct buffer text;
    const struct doc_options options = {.schema = DOC_SCHEMA_ANSIBLE, .source = path};
    buffer_init(&text, MAX_FILE);
    bool fine = file_read(path, &text, err) &&
                doc_parse_yaml(text.data, text.length, &options, stream, err);
    buffer_free(&text);
    return fine;
}

static struct role *load(struct kubespray *kubespray, const char *name, int depth,
                         struct error *err);

static bool load_dependencies(struct kubespray *kubespray, struct role *role, const char *folder,
                              int depth, struct error *err)
{
    char *path = xasprintf("%s/meta/main.yml", folder);
    struct doc_stream stream;
    bool fine = true;
    if (exists(path)) {
        fine = read_yaml(path, &stream, err);
    } else {
        free(path);
        return true;
    }
    free(path);
    if (!fine) {
        return false;
    }
    const struct doc_node *list =
        stream.count == 0 ? NULL : doc_get(stream.documents[0], "dependencies");
    size_t count = list != NULL && list->type == DOC_LIST ? list->count : 0;
    role->dependencies = jinja_arena_alloc(kubespray->arena, (count + 1) * sizeof(struct role *));
    for (size_t i = 0; i < count && fine; i++) {
        const char *name = listed_name(list->items[i]);
        struct error inner = ERROR_INIT;
        struct role *dependency = name == NULL ? NULL : load(kubespray, name, depth + 1, &inner);
        if (dependency != NULL) {
            role->dependencies[role->dependency_count++] = dependency;
        } else if (inner.kind != ERROR_NONE && inner.kind != ERROR_NOT_FOUND) {
            /* A role that is not there would only matter if it ran. */
            fine = false;
            if (err != NULL) {
                *err = inner;
            }
        }
    }
    doc_stream_free(&stream);
    return fine;
}

/* What edits that are tried add to a role's defaults. */
static bool read_edits(struct kubespray *kubespray, const struct role *role, struct error *err)
{
    bool fine = true;
    char *path = xasprintf("roles/%s/defaults/main.yml", role->name);
    for (size_t i = 0; kubespray->edits != NULL && i < kubespray->edits->count && fine; i++) {
        const struct kubespray_edit *edit = &kubespray->edits->items[i];
        if (strcmp(edit->path, path) == 0) {
            fine = variables_read_text(kubespray->arena, edit->new_text, strlen(edit->new_text),
                                       path, role->defaults, err);
        }
    }
    free(path);
    return fine;
}

static struct role *load(struct kubespray *kubespray, const char *name, int depth,
                         struct error *err)
{
    for (struct role *role = kubespray->roles; role != NULL; role = role->next) {
        if (strcmp(role->name, name) == 0) {
            return role;
        }
    }
    char *folder = role_folder(kubespray, name);
    if (!exists(folder) || depth > MAX_DEPTH || strstr(name, "..") != NULL) {
        error_set(err, ERROR_NOT_FOUND, "%s: there is no role %s", kubespray->checkout, name);
        free(folder);
        return NULL;
    }
    struct role *role = jinja_arena_alloc(kubespray->arena, sizeof(*role));
    role->name = jinja_arena_copy(kubespray->arena, name, strlen(name));
    role->defaults = jinja_dict(kubespray->arena).as.dict;
    role->variables = jinja_dict(kubespray->arena).as.dict;
    role->next = kubespray->roles;
    kubespray->roles = role;
    char *defaults = xasprintf("%s/defaults", folder);
    char *variables = xasprintf("%s/vars", folder);
    bool fine = variables_read(kubespray->arena, defaults, "main", true, role->defaults,
                               &kubespray->notes, err) &&
                read_edits(kubespray, role, err) &&
                variables_read(kubespray->arena, variables, "main", true, role->variables,
                               &kubespray->notes, err) &&
                load_dependencies(kubespray, role, folder, depth, err);
    free(defaults);
    free(variables);
    free(folder);
    return fine ? role : NULL;
}

struct role *role_load(struct kubespray *kubespray, const char *name, struct error *err)
{
    return load(kubespray, name, 0, err);
}

/* A role's layer with those of its dependencies below it. */
static void merge_role(struct kubespray *kubespray, const struct role *role, bool defaults,
                       struct jinja_dict *to, int depth)
{
    for (size_t i = 0; i < role->dependency_count && depth < MAX_DEPTH; i++) {
        merge_role(kubespray, role->dependencies[i], defaults, to, depth + 1);
    }
    variables_merge(kubespray->arena, to, defaults ? role->defaults : role->variables);
}

/* The way from a role down to the one that is asked for: its parents in chain. */
static bool find_chain(struct role *from, const struct role *to, struct role **chain,
                       size_t *length)
{
    if (from == to) {
        return true;
    }
    if (*length >= MAX_DEPTH) {
        return false;
    }
    chain[(*length)++] = from;
    for (size_t i = 0; i < from->dependency_count; i++) {
        if (find_chain(from->dependencies[i], to, chain, length)) {
            return true;
        }
    }
    (*length)--;
    return false;
}

struct play {
    struct role *roles[MAX_ROLES];
    size_t count;
    struct role *chain[MAX_DEPTH + 1];
    size_t chain_length;
};

static bool read_play(struct kubespray *kubespray, const struct doc_node *node,
                      const struct role *target, struct play *play)
{
    const struct doc_node *roles = doc_get(node, "roles");
    bool found = false;
    memset(play, 0, sizeof(*play));
    for (size_t i = 0; roles != NULL && roles->type == DOC_LIST && i < roles->count; i++) {
        const char *name = listed_name(roles->items[i]);
        struct role *role = name == NULL ? NULL : role_load(kubespray, name, NULL);
        if (role == NULL || play->count >= MAX_ROLES) {
            continue;
        }
        play->roles[play->count++] = role;
        if (!found) {
            play->chain_length = 0;
            found = find_chain(role, target, play->chain, &play->chain_length);
        }
    }
    return found;
}

/* The first play of the checkout that runs the role. */
static bool find_play(struct kubespray *kubespray, const struct role *target, struct play *play)
{
    static const char *const playbooks[] = {"playbooks/cluster.yml", "cluster.yml",
                                            "playbooks/install_etcd.yml"};
    for (size_t i = 0; i < sizeof(playbooks) / sizeof(playbooks[0]); i++) {
        char *path = file_join(kubespray->checkout, playbooks[i]);
        struct doc_stream stream;
        bool read = exists(path) && read_yaml(path, &stream, NULL);
        bool found = false;
        free(path);
        if (!read) {
            continue;
        }
        const struct doc_node *plays = stream.count == 0 ? NULL : stream.documents[0];
        for (size_t k = 0; plays != NULL && plays->type == DOC_LIST && k < plays->count && !found;
             k++) {
            found = plays->items[k]->type == DOC_MAP &&
                    read_play(kubespray, plays->items[k], target, play);
        }
        doc_stream_free(&stream);
        if (found) {
            return true;
        }
    }
    /* Not in any play's list: as include_role would run it. */
    memset(play, 0, sizeof(*play));
    struct role *common = role_load(kubespray, "kubespray_defaults", NULL);
    if (common != NULL) {
        play->roles[play->count++] = common;
    }
    return false;
}

bool role_enter(struct kubespray *kubespray, const char *name, struct error *err)
{
    if (kubespray->role != NULL && strcmp(kubespray->role, name) == 0) {
        return true;
    }
    struct play play;
    struct role *role = role_load(kubespray, name, err);
    if (role == NULL) {
        return false;
    }
    find_play(kubespray, role, &play);
    struct jinja_arena *arena = kubespray->arena;
    kubespray->play_defaults = jinja_dict(arena).as.dict;
    kubespray->role_defaults = jinja_dict(arena).as.dict;
    kubespray->role_variables = jinja_dict(arena).as.dict;
    for (size_t i = 0; i < play.count; i++) {
        merge_role(kubespray, play.roles[i], true, kubespray->play_defaults, 0);
        merge_role(kubespray, play.roles[i], false, kubespray->role_variables, 0);
    }
    for (size_t i = 0; i < role->dependency_count; i++) {
        merge_role(kubespray, role->dependencies[i], true, kubespray->role_defaults, 0);
    }
    for (size_t i = 0; i < play.chain_length; i++) {
        variables_merge(arena, kubespray->role_defaults, play.chain[i]->defaults);
        variables_merge(arena, kubespray->role_variables, play.chain[i]->variables);
    }
    variables_merge(arena, kubespray->role_defaults, role->defaults);
    merge_role(kubespray, role, false, kubespray->role_variables, 0);
    kubespray->role = role->name;
    magic_fill(kubespray);
    jinja_environment_forget(kubespray->main.env);
    return true;
}

const char *role_of_template(struct kubespray *kubespray, const char *path)
{
    const char *end = strstr(path, "/templates/");
    if (!text_starts_with(path, "roles/") || end == NULL) {
        return NULL;
    }
    return jinja_arena_copy(kubespray->arena, path + 6, (size_t)(end - path - 6));
}
