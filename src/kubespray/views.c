/* Ansible's order of precedence: which layer a variable comes from. */
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/alloc.h"
#include "base/file.h"
#include "base/text.h"
#include "context.h"

/* The highest first. */
static bool find_variable(void *context, const char *name, struct jinja_value *raw)
{
    const struct view *view = context;
    const struct kubespray *kubespray = view->kubespray;
    const struct jinja_dict *layers[] = {
        kubespray->magic,
        kubespray->extra,
        view->full ? kubespray->task : NULL,
        view->full ? kubespray->role_variables : NULL,
        view->facts,
        view->host_variables,
        view->groups,
        view->full ? kubespray->role_defaults : NULL,
        view->full ? kubespray->play_defaults : NULL,
    };
    for (size_t i = 0; i < sizeof(layers) / sizeof(layers[0]); i++) {
        const struct jinja_value *value =
            layers[i] == NULL ? NULL : jinja_dict_get_text(layers[i], name);
        if (value != NULL) {
            *raw = *value;
            return true;
        }
    }
    if (strcmp(name, "hostvars") == 0) {
        *raw = kubespray->hostvars;
        return true;
    }
    return false;
}

static const char *get_environment(void *context, const char *name)
{
    const struct view *view = context;
    const struct kubespray_options *options = &view->kubespray->options;
    return options->environment == NULL ? getenv(name)
                                        : options->environment(options->context, name);
}

/* Where Ansible looks for a file that a role's template names. */
static bool read_role_file(void *context, enum jinja_file kind, const char *name, const char *from,
                           struct buffer *out, char **path, struct error *err)
{
    const struct kubespray *kubespray = ((const struct view *)context)->kubespray;
    const char *folders[3] = {kind == JINJA_FILE_PLAIN ? "files" : "templates", ".", NULL};
    (void)from;
    if (kubespray->role == NULL || name[0] == '/' || strstr(name, "..") != NULL) {
        return error_set(err, ERROR_FORBIDDEN, "the file '%s' lies outside of the role", name);
    }
    for (int i = 0; folders[i] != NULL; i++) {
        char *file = xasprintf("roles/%s/%s/%s", kubespray->role, folders[i], name);
        struct error inner = ERROR_INIT;
        if (checkout_read(kubespray, file, out, &inner)) {
            *path = file;
            return true;
        }
        free(file);
        if (inner.kind != ERROR_NOT_FOUND) {
            if (err != NULL) {
                *err = inner;
            }
            return false;
        }
    }
    return error_set(err, ERROR_NOT_FOUND, "the role %s has no file '%s'", kubespray->role, name);
}

/* group_vars/NAME (or host_vars/NAME) in a folder; NULL: there is none. */
static bool read_beside(struct kubespray *kubespray, const char *beside, const char *kind,
                        const char *name, struct jinja_dict *dict, struct error *err)
{
    if (beside == NULL || strchr(name, '/') != NULL) {
        return true;
    }
    char *folder = file_join(beside, kind);
    bool fine = variables_read(kubespray->arena, folder, name, false, dict, &kubespray->notes, err);
    free(folder);
    return fine;
}

/* Those beside the playbook come behind those beside the inventory. */
static bool read_both(struct kubespray *kubespray, const char *kind, const char *name,
                      struct jinja_dict *dict, struct error *err)
{
    return read_beside(kubespray, kubespray->inventory.folder, kind, name, dict, err) &&
           read_beside(kubespray, kubespray->playbooks, kind, name, dict, err);
}

/*
 * all's variables in the inventory file, then other groups' there, then group_vars/all beside
 * inventory and playbook, then group_vars of the others beside the inventory, then beside the
 * playbook.
 */
static bool read_groups(struct kubespray *kubespray, struct view *view, struct error *err)
{
    const struct inventory *inventory = &kubespray->inventory;
    const char *folders[] = {inventory->folder, kubespray->playbooks};
    size_t count;
    const size_t *groups = inventory_groups_of(inventory, view->host, &count);
    view->groups = jinja_dict(kubespray->arena).as.dict;
    for (size_t i = 0; i < count; i++) {
        variables_merge(kubespray->arena, view->groups, inventory->groups[groups[i]].variables);
    }
    if (!read_both(kubespray, "group_vars", "all", view->groups, err)) {
        return false;
    }
    for (int folder = 0; folder < 2; folder++) {
        for (size_t i = 0; i < count; i++) {
            const char *name = inventory->groups[groups[i]].name;
            if (strcmp(name, "all") != 0 &&
                !read_beside(kubespray, folders[folder], "group_vars", name, view->groups, err)) {
                return false;
            }
        }
    }
    return true;
}

bool view_open(struct kubespray *kubespray, struct view *view, size_t host, bool full,
               struct error *err)
{
    const struct inventory *inventory = &kubespray->inventory;
    const struct jinja_callbacks callbacks = {
        .context = view,
        .variable = find_variable,
        .read_file = read_role_file,
        .environment = get_environment,
    };
    memset(view, 0, sizeof(*view));
    view->kubespray = kubespray;
    view->host = host;
    view->full = full;
    view->env = jinja_environment_new(&callbacks, NULL);
    view->host_variables = jinja_dict(kubespray->arena).as.dict;
    variables_merge(kubespray->arena, view->host_variables, inventory->hosts[host].variables);
    if (!read_groups(kubespray, view, err) ||
        !read_both(kubespray, "host_vars", inventory->hosts[host].name, view->host_variables,
                   err)) {
        return false;
    }
    view->facts = facts_for(kubespray, host);
    return true;
}

void view_close(struct view *view)
{
    jinja_environment_free(view->env);
    memset(view, 0, sizeof(*view));
}

/* hostvars[HOST][NAME]: that host's own variables, without any role's. */
static bool host_variable(void *context, const char *name, struct jinja_value *out)
{
    struct view *view = context;
    if (strcmp(name, "inventory_hostname") == 0) {
        *out =
            jinja_text(view->kubespray->arena, view->kubespray->inventory.hosts[view->host].name);
        return true;
    }
    return jinja_variable(view->env, name, out, NULL);
}

static bool host_of_hostvars(void *context, const char *name, struct jinja_value *out)
{
    struct kubespray *kubespray = context;
    long host = inventory_find_host(&kubespray->inventory, name);
    if (host == INVENTORY_NONE) {
        return false;
    }
    if (kubespray->others[host] == NULL) {
        struct view *view = xcalloc(1, sizeof(*view));
        if (!view_open(kubespray, view, (size_t)host, false, NULL)) {
            view_close(view);
            free(view);
            return false;
        }
        kubespray->others[host] = view;
    }
    *out = jinja_dict(kubespray->arena);
    out->as.dict->access = host_variable;
    out->as.dict->context = kubespray->others[host];
    return true;
}

static struct jinja_value names_of(struct kubespray *kubespray, const size_t *hosts, size_t count)
{
    struct jinja_value list = jinja_list(kubespray->arena, count);
    for (size_t i = 0; i < count; i++) {
        jinja_list_append(kubespray->arena, list.as.list,
                          jinja_text(kubespray->arena, kubespray->inventory.hosts[hosts[i]].name));
    }
    return list;
}

static void fill_groups(struct kubespray *kubespray)
{
    const struct inventory *inventory = &kubespray->inventory;
    struct jinja_arena *arena = kubespray->arena;
    struct jinja_value groups = jinja_dict(arena);
    struct jinja_value own = jinja_list(arena, inventory->group_count);
    for (size_t i = 0; i < inventory->group_count; i++) {
        size_t count;
        const size_t *members = inventory_members(inventory, i, &count);
        jinja_dict_set_text(arena, groups.as.dict, inventory->groups[i].name,
                            names_of(kubespray, members, count));
    }
    size_t count;
    const size_t *of = inventory_groups_of(inventory, kubespray->main.host, &count);
    for (size_t i = 0; i < count; i++) {
        const char *name = inventory->groups[of[i]].name;
        size_t at = own.as.list->count;
        if (strcmp(name, "all") == 0) {
            continue;
        }
        jinja_list_append(arena, own.as.list, jinja_text(arena, name));
        for (; at > 0 && strcmp(own.as.list->items[at - 1].as.string->bytes, name) > 0; at--) {
            struct jinja_value swap = own.as.list->items[at];
            own.as.list->items[at] = own.as.list->items[at - 1];
            own.as.list->items[at - 1] = swap;
        }
    }
    jinja_dict_set_text(arena, kubespray->magic, "groups", groups);
    jinja_dict_set_text(arena, kubespray->magic, "group_names", own);
}

void magic_fill(struct kubespray *kubespray)
{
    struct jinja_arena *arena = kubespray->arena;
    const struct inventory *inventory = &kubespray->inventory;
    const char *host = inventory->hosts[kubespray->main.host].name;
    kubespray->magic = jinja_dict(arena).as.dict;
    fill_groups(kubespray);
    jinja_dict_set_text(arena, kubespray->magic, "inventory_hostname", jinja_text(arena, host));
    jinja_dict_set_text(arena, kubespray->magic, "inventory_hostname_short",
                        jinja_string(arena, host, strcspn(host, ".")));
    jinja_dict_set_text(arena, kubespray->magic, "ansible_managed",
                        jinja_text(arena, "Ansible managed"));
    jinja_dict_set_text(arena, kubespray->magic, "playbook_dir",
                        jinja_text(arena, kubespray->playbooks));
    jinja_dict_set_text(arena, kubespray->magic, "ansible_check_mode", jinja_bool(false));
    if (inventory->folder != NULL) {
        jinja_dict_set_text(arena, kubespray->magic, "inventory_dir",
                            jinja_text(arena, inventory->folder));
    }
    if (kubespray->role != NULL) {
        char *path = xasprintf("%s/roles/%s", kubespray->checkout, kubespray->role);
        jinja_dict_set_text(arena, kubespray->magic, "role_path", jinja_text(arena, path));
        jinja_dict_set_text(arena, kubespray->magic, "role_name",
                            jinja_text(arena, kubespray->role));
        free(path);
    }
    if (kubespray->hostvars.type != JINJA_DICT) {
        kubespray->hostvars = jinja_dict(arena);
        for (size_t i = 0; i < inventory->host_count; i++) {
            jinja_dict_set_text(arena, kubespray->hostvars.as.dict, inventory->hosts[i].name,
                                jinja_none());
        }
        kubespray->hostvars.as.dict->access = host_of_hostvars;
        kubespray->hostvars.as.dict->context = kubespray;
    }
}
