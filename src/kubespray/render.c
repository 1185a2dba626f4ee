#include "kubespray/render.h"

#include <dirent.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/alloc.h"
#include "base/file.h"
#include "base/language.h"
#include "base/text.h"
#include "context.h"

enum { MAX_TEMPLATE = 4 * 1024 * 1024, MAX_OUTPUT = 32 * 1024 * 1024, MAX_MEMORY = 1 << 29 };

bool checkout_read(const struct kubespray *kubespray, const char *path, struct buffer *out,
                   struct error *err)
{
    for (size_t i = 0; kubespray->edits != NULL && i < kubespray->edits->count; i++) {
        if (strcmp(kubespray->edits->items[i].path, path) == 0) {
            return buffer_append_string(out, kubespray->edits->items[i].new_text) ||
                   error_set(err, ERROR_INVALID, "%s is too large", path);
        }
    }
    char *full = file_join(kubespray->checkout, path);
    char real[PATH_MAX];
    char root[PATH_MAX];
    bool fine = true;
    if (path[0] == '/' || strstr(path, "../") != NULL) {
        fine = error_set(err, ERROR_FORBIDDEN, "%s lies outside of the checkout", path);
    } else if (realpath(full, real) != NULL && realpath(kubespray->checkout, root) != NULL &&
               !text_starts_with(real, root)) {
        fine = error_set(err, ERROR_FORBIDDEN, "%s leads out of the checkout", path);
    }
    fine = fine && file_read(full, out, err);
    free(full);
    return fine;
}

void paths_append(struct kubespray_paths *paths, const char *path)
{
    for (size_t i = 0; i < paths->count; i++) {
        if (strcmp(paths->items[i], path) == 0) {
            return;
        }
    }
    paths->items = xreallocarray(paths->items, paths->count + 1, sizeof(*paths->items));
    paths->items[paths->count++] = xstrdup(path);
}

void kubespray_paths_free(struct kubespray_paths *paths)
{
    for (size_t i = 0; i < paths->count; i++) {
        free(paths->items[i]);
    }
    free(paths->items);
    memset(paths, 0, sizeof(*paths));
}

static bool check_checkout(const char *path, struct error *err)
{
    static const char *const needed[] = {"roles/kubernetes-apps", "roles"};
    struct stat status;
    for (size_t i = 0; i < sizeof(needed) / sizeof(needed[0]); i++) {
        char *folder = file_join(path, needed[i]);
        bool there = stat(folder, &status) == 0 && S_ISDIR(status.st_mode);
        free(folder);
        if (!there) {
            return error_set(err, ERROR_USAGE,
                             "%s is no checkout of Kubespray: it has no folder %s (give the folder "
                             "that holds cluster.yml and roles/)",
                             path, needed[i]);
        }
    }
    return true;
}

/* What Kubespray's own first play does: old names of groups, and k8s_cluster. */
static void add_dynamic_groups(struct inventory *inventory)
{
    static const struct {
        const char *group;
        const char *members[3];
    } mappings[] = {
        {"kube_control_plane", {"kube-master", NULL, NULL}},
        {"kube_node", {"kube-node", NULL, NULL}},
        {"calico_rr", {"calico-rr", NULL, NULL}},
        {"no_floating", {"no-floating", NULL, NULL}},
        {"k8s_cluster", {"kube_node", "kube_control_plane", "calico_rr"}},
        {"k8s_cluster", {"k8s-cluster", NULL, NULL}},
    };
    for (size_t i = 0; i < sizeof(mappings) / sizeof(mappings[0]); i++) {
        for (int k = 0; k < 3 && mappings[i].members[k] != NULL; k++) {
            long from = inventory_find_group(inventory, mappings[i].members[k]);
            size_t count = 0;
            const size_t *members =
                from == INVENTORY_NONE ? NULL : inventory_members(inventory, (size_t)from, &count);
            for (size_t m = 0; m < count; m++) {
                size_t group = inventory_add_group(inventory, mappings[i].group);
                if (!inventory_holds(inventory, group, members[m])) {
                    inventory_put_host(inventory, group, members[m]);
                }
            }
        }
    }
    inventory_finish(inventory);
}

static bool load_inventory(struct kubespray *kubespray, struct error *err)
{
    struct inventory *inventory = &kubespray->inventory;
    inventory_init(inventory, kubespray->arena);
    if (kubespray->options.inventory != NULL) {
        if (!inventory_load(inventory, kubespray->options.inventory, kubespray->checkout, err)) {
            return false;
        }
    } else {
        size_t host = inventory_add_host(inventory, "node1");
        static const char *const groups[] = {"kube_control_plane", "kube_node", "etcd"};
        for (size_t i = 0; i < sizeof(groups) / sizeof(groups[0]); i++) {
            inventory_put_host(inventory, inventory_add_group(inventory, groups[i]), host);
        }
        inventory_finish(inventory);
    }
    add_dynamic_groups(inventory);
    return true;
}

/* free() it. */
static char *why_no_host(const char *inventory, bool empty)
{
    struct stat status;
    if (!empty) {
        return xasprintf(_("%s has no host in the group kube_control_plane"), inventory);
    }
    if (stat(inventory, &status) == 0 && S_ISDIR(status.st_mode)) {
        return xasprintf(_("%s names no host (the checkout's ansible.cfg sets .ini files in a "
                           "folder aside: name the file itself)"),
                         inventory);
    }
    return xasprintf(_("%s names no host"), inventory);
}

/* Where Ansible would have no host to render on, one is imagined. */
static size_t imagine_host(struct kubespray *kubespray)
{
    static const char *const groups[] = {"kube_control_plane", "kube_node", "etcd"};
    struct inventory *inventory = &kubespray->inventory;
    bool empty = inventory->host_count == 0;
    const char *name = "node1";
    while (inventory_find_host(inventory, name) != INVENTORY_NONE) {
        char *longer = xasprintf("%s-imagined", name);
        name = jinja_arena_copy(kubespray->arena, longer, strlen(longer));
        free(longer);
    }
    size_t host = inventory_add_host(inventory, name);
    for (size_t i = 0; i < (empty ? sizeof(groups) / sizeof(groups[0]) : 1); i++) {
        inventory_put_host(inventory, inventory_add_group(inventory, groups[i]), host);
    }
    add_dynamic_groups(inventory);
    kubespray->no_host = why_no_host(kubespray->options.inventory, empty);
    notes_add(&kubespray->notes,
              xasprintf(_("%s: ansible-playbook would write nothing; templates render as on a host "
                          "%s that there is not"),
                        kubespray->no_host, name));
    return host;
}

static bool choose_host(struct kubespray *kubespray, size_t *out, struct error *err)
{
    const struct inventory *inventory = &kubespray->inventory;
    const char *name = kubespray->options.host;
    if (name != NULL) {
        long host = inventory_find_host(inventory, name);
        *out = (size_t)host;
        return host != INVENTORY_NONE ||
               error_set(err, ERROR_USAGE, "the inventory has no host %s", name);
    }
    long group = inventory_find_group(inventory, "kube_control_plane");
    size_t count = 0;
    const size_t *members =
        group == INVENTORY_NONE ? NULL : inventory_members(inventory, (size_t)group, &count);
    *out = count == 0 ? imagine_host(kubespray) : members[0];
    return true;
}

bool kubespray_has_host(const struct kubespray *kubespray, struct error *err)
{
    return kubespray->no_host == NULL ||
           error_set(err, ERROR_CONFIG,
                     "%s: the next run of the playbook changes nothing in a cluster",
                     kubespray->no_host);
}

static bool open_all(struct kubespray *kubespray, struct error *err)
{
    const struct kubespray_options *options = &kubespray->options;
    size_t host = 0;
    if (!check_checkout(kubespray->checkout, err) || !load_inventory(kubespray, err) ||
        !choose_host(kubespray, &host, err)) {
        return false;
    }
    for (size_t i = 0; i < options->extra_count; i++) {
        if (!variables_read_extra(kubespray->arena, options->extra[i], kubespray->extra,
                                  &kubespray->notes, err)) {
            return false;
        }
    }
    if (options->facts != NULL && !facts_read(kubespray, options->facts, err)) {
        return false;
    }
    kubespray->others = xcalloc(kubespray->inventory.host_count, sizeof(*kubespray->others));
    if (!view_open(kubespray, &kubespray->main, host, true, err)) {
        return false;
    }
    magic_fill(kubespray);
    return true;
}

/* Since 2.23 the plays stand in playbooks/, which the cluster.yml above it imports. */
static char *playbook_folder(const char *checkout)
{
    struct stat status;
    char *folder = file_join(checkout, "playbooks");
    char *book = file_join(folder, "cluster.yml");
    if (stat(book, &status) != 0) {
        free(folder);
        folder = xstrdup(checkout);
    }
    free(book);
    return folder;
}

struct kubespray *kubespray_open(const struct kubespray_options *options, struct error *err)
{
    struct kubespray *kubespray = xcalloc(1, sizeof(*kubespray));
    kubespray->checkout = xstrdup(options->checkout);
    kubespray->playbooks = playbook_folder(options->checkout);
    kubespray->options = *options;
    kubespray->arena = jinja_arena_new(MAX_MEMORY);
    kubespray->extra = jinja_dict(kubespray->arena).as.dict;
    if (!open_all(kubespray, err)) {
        kubespray_close(kubespray);
        return NULL;
    }
    return kubespray;
}

void kubespray_close(struct kubespray *kubespray)
{
    if (kubespray == NULL) {
        return;
    }
    for (size_t i = 0; kubespray->others != NULL && i < kubespray->inventory.host_count; i++) {
        if (kubespray->others[i] != NULL) {
            view_close(kubespray->others[i]);
            free(kubespray->others[i]);
        }
    }
    free(kubespray->others);
    view_close(&kubespray->main);
    notes_free(&kubespray->notes);
    jinja_arena_free(kubespray->arena);
    free(kubespray->no_host);
    free(kubespray->playbooks);
    free(kubespray->checkout);
    free(kubespray);
}

const char *kubespray_note(const struct kubespray *kubespray, size_t index)
{
    return index < kubespray->notes.count ? kubespray->notes.items[index] : NULL;
}

const char *kubespray_output_name(const char *template, char *out, size_t size)
{
    const char *slash = strrchr(template, '/');
    const char *name = slash == NULL ? template : slash + 1;
    size_t length = strlen(name) - (text_ends_with(name, ".j2") ? 3 : 0);
    snprintf(out, size, "%.*s", (int)length, name);
    return out;
}

static bool render(struct kubespray *kubespray, const char *template,
                   const struct jinja_dict *extra, struct kubespray_rendered *out)
{
    struct buffer text;
    const char *role = role_of_template(kubespray, template);
    if (role == NULL) {
        return error_set(&out->error, ERROR_USAGE,
                         "%s is no template of a role (roles/ROLE/templates/FILE)", template);
    }
    buffer_init(&text, MAX_TEMPLATE);
    bool fine = checkout_read(kubespray, template, &text, &out->error) &&
                role_enter(kubespray, role, &out->error) &&
                tasks_prepare(kubespray, template, text.data, &out->error) &&
                jinja_render(kubespray->main.env, template, text.data, text.length, extra,
                             &out->bytes, &out->error);
    buffer_free(&text);
    return fine;
}

void render_with(struct kubespray *kubespray, const char *template, const struct jinja_dict *extra,
                 struct kubespray_rendered *out)
{
    const char *name;
    memset(out, 0, sizeof(*out));
    buffer_init_secret(&out->bytes, MAX_OUTPUT);
    out->rendered = render(kubespray, template, extra, out);
    if (!out->rendered && out->error.kind == ERROR_INVALID &&
        jinja_failed_undefined(kubespray->main.env, &name)) {
        snprintf(out->undefined, sizeof(out->undefined), "%s", name == NULL ? "?" : name);
    }
}

void kubespray_render(struct kubespray *kubespray, const char *template,
                      struct kubespray_rendered *out)
{
    render_with(kubespray, template, NULL, out);
}

void kubespray_rendered_free(struct kubespray_rendered *rendered)
{
    buffer_free(&rendered->bytes);
}

bool kubespray_variable(struct kubespray *kubespray, const char *role, const char *name,
                        struct buffer *json, struct error *err)
{
    struct jinja_value value;
    char template[200];
    if (role != NULL && text_starts_with(role, "roles/")) {
        role += 6;
    }
    /* Its name until 2.28 had a hyphen. */
    static const char *const common[] = {"kubespray_defaults", "kubespray-defaults"};
    bool entered = role == NULL && (role_enter(kubespray, common[0], NULL) ||
                                    role_enter(kubespray, common[1], err));
    if ((role == NULL ? !entered : !role_enter(kubespray, role, err)) ||
        !jinja_variable(kubespray->main.env, name, &value, err)) {
        return false;
    }
    snprintf(template, sizeof(template), "{{ %s | to_json }}", name);
    return jinja_render(kubespray->main.env, name, template, strlen(template), NULL, json, err);
}

static int by_path(const void *a, const void *b)
{
    return strcmp(*(char *const *)a, *(char *const *)b);
}

static void collect(const struct kubespray *kubespray, const char *folder,
                    struct kubespray_paths *out, int depth)
{
    char *full = file_join(kubespray->checkout, folder);
    DIR *entries = opendir(full);
    const struct dirent *entry;
    while (entries != NULL && depth < 20 && (entry = readdir(entries)) != NULL) {
        struct stat status;
        char *path = xasprintf("%s/%s", folder, entry->d_name);
        char *file = file_join(kubespray->checkout, path);
        if (entry->d_name[0] != '.' && lstat(file, &status) == 0) {
            if (S_ISDIR(status.st_mode)) {
                collect(kubespray, path, out, depth + 1);
            } else if (text_ends_with(path, ".j2") && strstr(path, "/templates/") != NULL) {
                paths_append(out, path);
            }
        }
        free(file);
        free(path);
    }
    if (entries != NULL) {
        closedir(entries);
    }
    free(full);
}

bool kubespray_templates_below(struct kubespray *kubespray, const char *folder,
                               struct kubespray_paths *out, struct error *err)
{
    size_t before = out->count;
    if (folder[0] == '/' || strstr(folder, "..") != NULL) {
        return error_set(err, ERROR_USAGE, "%s must be a folder of the checkout", folder);
    }
    collect(kubespray, folder, out, 0);
    if (out->count > before) {
        qsort(out->items + before, out->count - before, sizeof(*out->items), by_path);
    }
    return true;
}

/* A role's templates: those of its tasks in their order, then the rest. */
static bool add_role(struct kubespray *kubespray, const char *role, struct kubespray_paths *out,
                     struct error *err)
{
    struct kubespray_paths named = {0};
    char *folder = xasprintf("roles/%s/templates", role);
    bool fine = role_enter(kubespray, role, err) && tasks_templates(kubespray, role, &named, err);
    for (size_t i = 0; i < named.count && fine; i++) {
        struct stat status;
        char *path = file_join(folder, named.items[i]);
        char *full = file_join(kubespray->checkout, path);
        if (stat(full, &status) == 0) {
            paths_append(out, path);
        }
        free(full);
        free(path);
    }
    fine = fine && kubespray_templates_below(kubespray, folder, out, err);
    kubespray_paths_free(&named);
    free(folder);
    return fine;
}

static bool add_driver(struct kubespray *kubespray, const struct kubespray_driver *driver,
                       struct kubespray_paths *out, struct error *err)
{
    struct error inner = ERROR_INIT;
    bool fine = add_role(kubespray, driver->folder, out, err);
    if (fine && driver->storage != NULL) {
        char *role = xasprintf("kubernetes-apps/persistent_volumes/%s", driver->storage);
        fine = add_role(kubespray, role, out, &inner) || inner.kind == ERROR_NOT_FOUND;
        free(role);
        if (!fine && err != NULL) {
            *err = inner;
        }
    }
    return fine;
}

bool kubespray_templates(struct kubespray *kubespray, const char *driver,
                         struct kubespray_paths *out, struct error *err)
{
    memset(out, 0, sizeof(*out));
    if (driver != NULL) {
        const struct kubespray_driver *found = driver_named(kubespray, driver, err);
        return found != NULL && add_driver(kubespray, found, out, err);
    }
    for (const struct kubespray_driver *each = kubespray_drivers; each->role != NULL; each++) {
        struct error inner = ERROR_INIT;
        if (!add_driver(kubespray, each, out, &inner) && inner.kind != ERROR_NOT_FOUND) {
            if (err != NULL) {
                *err = inner;
            }
            return false;
        }
    }
    return kubespray_templates_below(kubespray, "roles/kubernetes-apps/csi_driver", out, err) &&
           kubespray_templates_below(kubespray, "roles/kubernetes-apps/persistent_volumes", out,
                                     err) &&
           kubespray_templates_below(kubespray, "roles/kubernetes-apps/snapshots", out, err);
}
