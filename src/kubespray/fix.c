#include "kubespray/fix.h"

#include <cjson/cJSON.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/alloc.h"
#include "base/file.h"
#include "base/text.h"
#include "context.h"
#include "fix_registry.h"
#include "fix_text.h"
#include "git_index.h"
#include "kubespray/check.h"
#include "scan.h"

enum { MAX_FILE = 4 * 1024 * 1024 };

struct fixer {
    struct kubespray *kubespray;
    const struct kubespray_fix_options *options;
    const struct kubespray_driver *driver;
    char variable[100];
    char prefix[100];                   /* of the driver's variables: "upcloud_csi" */
    const struct registry_names *names; /* while the registry Secret is at hand */
    struct kubespray_edits *out;
    struct error *err;
};

/* The edit of a file, begun if it is not yet there; NULL with an error. full is taken over. */
static struct kubespray_edit *edit_of(struct fixer *fixer, const char *path, char *full)
{
    struct kubespray_edits *out = fixer->out;
    for (size_t i = 0; i < out->count; i++) {
        if (strcmp(out->items[i].full, full) == 0) {
            free(full);
            return &out->items[i];
        }
    }
    struct buffer text;
    struct stat status;
    bool created = stat(full, &status) != 0;
    buffer_init(&text, MAX_FILE);
    if (!created && !file_read(full, &text, fixer->err)) {
        buffer_free(&text);
        free(full);
        return NULL;
    }
    out->items = xgrow(out->items, out->count, &out->capacity, sizeof(*out->items));
    struct kubespray_edit *edit = &out->items[out->count++];
    *edit = (struct kubespray_edit){.path = xstrdup(path), .full = full, .created = created};
    edit->old_text = buffer_take(&text);
    edit->new_text = xstrdup(edit->old_text);
    return edit;
}

static struct kubespray_edit *edit_in_checkout(struct fixer *fixer, const char *path)
{
    return edit_of(fixer, path, file_join(fixer->kubespray->checkout, path));
}

/* Takes over text. */
static void set_text(struct kubespray_edit *edit, char *text)
{
    free(edit->new_text);
    edit->new_text = text;
}

/* Whether workloads without a block get one: there is a value to set for them, or a registry Secret
 * to make. */
static bool wants_block(const struct kubespray_fix_options *options)
{
    return options->pull_secret_count > 0 || (options->registry_secret && options->driver != NULL);
}

/* The templates of the driver's role. */
static bool fix_templates(struct fixer *fixer, bool *any)
{
    struct kubespray_paths paths = {0};
    char *folder = xasprintf("roles/kubernetes-apps/%s/templates", fixer->driver->folder);
    bool fine = kubespray_templates_below(fixer->kubespray, folder, &paths, fixer->err);
    for (size_t i = 0; i < paths.count && fine; i++) {
        struct kubespray_edit *edit = edit_in_checkout(fixer, paths.items[i]);
        fine = edit != NULL;
        if (!fine) {
            break;
        }
        char *mended = fix_template(edit->new_text, fixer->variable, wants_block(fixer->options));
        *any = *any || strstr(mended, fixer->variable) != NULL;
        set_text(edit, mended);
    }
    kubespray_paths_free(&paths);
    free(folder);
    return fine;
}

/* Which variables the role's templates may use in place of a registry's host. */
static bool has_variable(void *context, const char *variable)
{
    const struct fixer *fixer = context;
    char *role = xasprintf("kubernetes-apps/%s", fixer->driver->folder);
    struct buffer value;
    buffer_init(&value, 1 << 16);
    bool has = kubespray_variable(fixer->kubespray, role, variable, &value, NULL);
    buffer_free(&value);
    free(role);
    return has;
}

static bool fix_hosts(struct fixer *fixer)
{
    struct kubespray_paths paths = {0};
    char *folder = xasprintf("roles/kubernetes-apps/%s/templates", fixer->driver->folder);
    bool fine = kubespray_templates_below(fixer->kubespray, folder, &paths, fixer->err);
    for (size_t i = 0; i < paths.count && fine; i++) {
        struct kubespray_edit *edit = edit_in_checkout(fixer, paths.items[i]);
        fine = edit != NULL;
        if (fine) {
            set_text(edit, fix_registry_hosts(edit->new_text, has_variable, fixer));
        }
    }
    kubespray_paths_free(&paths);
    free(folder);
    return fine;
}

/* The sample's file of the driver: the one that speaks of its other variables. */
static bool each_sample(struct fixer *fixer,
                        char *(*change)(const struct fixer *fixer, const char *text))
{
    static const char *const names[] = {"aws", "azure", "openstack", "gcp", "upcloud", "vsphere"};
    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        char *path = xasprintf("inventory/sample/group_vars/all/%s.yml", names[i]);
        char *full = file_join(fixer->kubespray->checkout, path);
        struct stat status;
        struct buffer text;
        buffer_init(&text, MAX_FILE);
        bool here = stat(full, &status) == 0 && file_read(full, &text, NULL) &&
                    strstr(text.data, fixer->driver->enabled) != NULL;
        buffer_free(&text);
        struct kubespray_edit *edit = here ? edit_of(fixer, path, xstrdup(full)) : NULL;
        free(full);
        free(path);
        if (here && edit == NULL) {
            return false;
        }
        if (edit != NULL) {
            set_text(edit, change(fixer, edit->new_text));
        }
    }
    return true;
}

static char *document_in_sample(const struct fixer *fixer, const char *text)
{
    return fix_add_documented(text, fixer->variable, true);
}

static char *add_registry_to_sample(const struct fixer *fixer, const char *text)
{
    return fix_registry_variables(text, fixer->names, true);
}

/* What the names of the role's templates begin with: "upcloud-csi". free() it. */
static char *stem_of(const char *prefix)
{
    char *stem = xstrdup(prefix);
    for (char *at = stem; *at != '\0'; at++) {
        *at = *at == '_' ? '-' : *at;
    }
    return stem;
}

/* The namespace of the role's workloads, as it is written. free() it. */
static char *namespace_of(const struct fixer *fixer, const struct kubespray_paths *paths)
{
    char *ns = NULL;
    for (size_t i = 0; i < paths->count && ns == NULL; i++) {
        struct buffer text;
        struct text_lines lines;
        buffer_init(&text, MAX_FILE);
        if (!checkout_read(fixer->kubespray, paths->items[i], &text, NULL)) {
            buffer_free(&text);
            continue;
        }
        size_t length = text.length;
        lines_split(&lines, buffer_take(&text), length);
        for (size_t k = 0; k < lines.count && ns == NULL && scan_is_workload(&lines); k++) {
            ns = lines_value(&lines, k, "namespace");
        }
        lines_free(&lines);
    }
    return ns == NULL ? xstrdup("kube-system") : ns;
}

static bool fix_secret_files(struct fixer *fixer, const struct registry_names *names)
{
    const char *folder = fixer->driver->folder;
    char *template = xasprintf("roles/kubernetes-apps/%s/templates/%s-registry-secret.yml.j2",
                               folder, names->stem);
    char *tasks = xasprintf("roles/kubernetes-apps/%s/tasks/main.yml", folder);
    char *defaults = xasprintf("roles/kubernetes-apps/%s/defaults/main.yml", folder);
    struct kubespray_edit *edit = edit_in_checkout(fixer, tasks);
    char *text = edit == NULL ? NULL : fix_registry_tasks(edit->new_text, names);
    bool fine = text != NULL;
    if (fine) {
        set_text(edit, text);
        edit = edit_in_checkout(fixer, template);
        fine = edit != NULL;
    } else if (edit != NULL) {
        error_set(fixer->err, ERROR_INVALID,
                  "%s has no task that renders or applies manifests, so there is no place for the "
                  "registry Secret",
                  tasks);
    }
    if (fine && edit->created && edit->new_text[0] == '\0') {
        set_text(edit, fix_registry_template(names));
    }
    edit = fine ? edit_in_checkout(fixer, defaults) : NULL;
    if (edit != NULL) {
        set_text(edit, fix_registry_variables(edit->new_text, names, false));
    }
    free(template);
    free(tasks);
    free(defaults);
    return edit != NULL;
}

/* The template that makes the registry Secret, the tasks that apply it, and their variables. */
static bool fix_secret(struct fixer *fixer)
{
    struct kubespray_paths paths = {0};
    char *folder = xasprintf("roles/kubernetes-apps/%s/templates", fixer->driver->folder);
    bool fine = kubespray_templates_below(fixer->kubespray, folder, &paths, fixer->err);
    char *stem = stem_of(fixer->prefix);
    char *ns = namespace_of(fixer, &paths);
    const struct registry_names names = {
        .pull_secret = fixer->variable,
        .prefix = fixer->prefix,
        .stem = stem,
        .ns = ns,
    };
    fine = fine && paths.count > 0 && fix_secret_files(fixer, &names);
    fixer->names = &names;
    fine = fine && each_sample(fixer, add_registry_to_sample);
    fixer->names = NULL;
    kubespray_paths_free(&paths);
    free(stem);
    free(ns);
    free(folder);
    return fine;
}

static bool fix_defaults(struct fixer *fixer)
{
    char *path = xasprintf("roles/kubernetes-apps/%s/defaults/main.yml", fixer->driver->folder);
    struct kubespray_edit *edit = edit_in_checkout(fixer, path);
    free(path);
    if (edit == NULL) {
        return false;
    }
    set_text(edit, fix_add_documented(edit->new_text, fixer->variable, false));
    return true;
}

/* The tasks' modes and stringData of the templates that print credentials. */
static bool fix_credentials(struct fixer *fixer)
{
    struct kubespray_findings findings;
    bool fine = kubespray_check(fixer->kubespray, fixer->driver->role, &findings, fixer->err);
    char *path = xasprintf("roles/kubernetes-apps/%s/tasks/main.yml", fixer->driver->folder);
    for (size_t i = 0; fine && i < findings.count; i++) {
        const struct kubespray_finding *finding = &findings.items[i];
        bool mode = strcmp(finding->rule, "credentials-world-readable") == 0;
        if (!mode && strcmp(finding->rule, "credentials-in-last-applied") != 0) {
            continue;
        }
        const char *name = strrchr(finding->file, '/') + 1;
        char *stem = xstrndup(name, strcspn(name, "."));
        struct kubespray_edit *edit = edit_in_checkout(fixer, mode ? path : finding->file);
        fine = edit != NULL;
        if (fine) {
            set_text(edit, mode ? fix_mode(edit->new_text, stem) : fix_string_data(edit->new_text));
        }
        free(stem);
    }
    kubespray_findings_free(&findings);
    free(path);
    return fine;
}

/* Samples no longer show pull secrets that nothing reads. */
static bool fix_unread(struct fixer *fixer)
{
    struct kubespray_findings findings;
    bool fine = kubespray_check(fixer->kubespray, NULL, &findings, fixer->err);
    for (size_t i = 0; fine && i < findings.count; i++) {
        const struct kubespray_finding *finding = &findings.items[i];
        if (strcmp(finding->rule, "pull-secret-unread") != 0) {
            continue;
        }
        struct kubespray_edit *edit = edit_in_checkout(fixer, finding->file);
        fine = edit != NULL;
        if (fine) {
            set_text(edit, fix_drop_comment(edit->new_text, finding->variable));
        }
    }
    kubespray_findings_free(&findings);
    return fine;
}

static bool is_file(const char *path)
{
    struct stat status;
    return stat(path, &status) == 0 && S_ISREG(status.st_mode);
}

static bool is_folder(const char *path)
{
    struct stat status;
    return stat(path, &status) == 0 && S_ISDIR(status.st_mode);
}

/* Where the value goes: the file of the inventory's group variables that sets it already, else the
 * one that the driver's other variables stand in, else all.yml, else a new file. free() it. */
static char *inventory_file(const struct fixer *fixer)
{
    static const char *const places[] = {"all/%s.yml", "k8s_cluster/%s.yml", "all.yml",
                                         "k8s_cluster.yml", "all/all.yml"};
    static const char *const names[] = {"upcloud", "aws", "azure",  "openstack",  "gcp",
                                        "vsphere", "all", "addons", "k8s-cluster"};
    const char *folder = fixer->kubespray->inventory.folder;
    char *second = NULL;
    for (size_t i = 0; i < sizeof(places) / sizeof(places[0]); i++) {
        for (size_t k = 0; k < sizeof(names) / sizeof(names[0]); k++) {
            const char *mark = strstr(places[i], "%s");
            char *path = mark == NULL ? xasprintf("%s/group_vars/%s", folder, places[i])
                                      : xasprintf("%s/group_vars/%.*s%s.yml", folder,
                                                  (int)(mark - places[i]), places[i], names[k]);
            struct buffer text;
            buffer_init(&text, MAX_FILE);
            bool read = is_file(path) && file_read(path, &text, NULL) &&
                        !text_starts_with(text.data, "$ANSIBLE_VAULT");
            bool sets = read && fix_sets_variable(text.data, fixer->variable);
            bool related = read && strstr(text.data, fixer->driver->enabled) != NULL;
            buffer_free(&text);
            if (sets) {
                free(second);
                return path;
            }
            if (related && second == NULL) {
                second = path;
            } else {
                free(path);
            }
        }
    }
    if (second != NULL) {
        return second;
    }
    char *all = xasprintf("%s/group_vars/all.yml", folder);
    char *sub = xasprintf("%s/group_vars/all", folder);
    if (is_folder(sub) || !is_file(all)) {
        free(all);
        all = xasprintf("%s/%s.yml", sub, fixer->driver->role);
    }
    free(sub);
    return all;
}

/* {"NAME": "one"} or {"NAME": ["one", "two"]} */
static char *variables_json(const char *name, const struct kubespray_fix_options *options)
{
    cJSON *map = cJSON_CreateObject();
    cJSON *value =
        options->pull_secret_count == 1
            ? cJSON_CreateString(options->pull_secrets[0])
            : cJSON_CreateStringArray(options->pull_secrets, (int)options->pull_secret_count);
    cJSON_AddItemToObject(map, name, value);
    char *text = cJSON_PrintUnformatted(map);
    cJSON_Delete(map);
    return text;
}

static bool fix_inventory(struct fixer *fixer)
{
    const struct kubespray_fix_options *options = fixer->options;
    if (options->pull_secret_count == 0) {
        return true;
    }
    if (fixer->kubespray->inventory.folder == NULL) {
        return error_set(fixer->err, ERROR_USAGE, "an inventory is needed to set %s in (-i PATH)",
                         fixer->variable);
    }
    char *full = inventory_file(fixer);
    const char *checkout = fixer->kubespray->checkout;
    size_t length = strlen(checkout);
    bool inside = strncmp(full, checkout, length) == 0 && full[length] == '/';
    struct kubespray_edit *edit = edit_of(fixer, inside ? full + length + 1 : full, full);
    if (edit == NULL) {
        return false;
    }
    set_text(edit, fix_set_variable(edit->new_text, fixer->variable, options->pull_secrets,
                                    options->pull_secret_count));
    free(fixer->out->variables);
    fixer->out->variables = variables_json(fixer->variable, options);
    return true;
}

/* Edits that change nothing go; files with changes of their own are refused. */
static bool settle(struct fixer *fixer)
{
    struct kubespray_edits *out = fixer->out;
    size_t kept = 0;
    bool fine = true;
    for (size_t i = 0; i < out->count; i++) {
        struct kubespray_edit edit = out->items[i];
        if (strcmp(edit.old_text, edit.new_text) == 0) {
            free(edit.path);
            free(edit.full);
            free(edit.old_text);
            free(edit.new_text);
            continue;
        }
        out->items[kept++] = edit;
        if (fine && !fixer->options->force && !edit.created &&
            git_state_of(edit.full) == GIT_DIRTY) {
            fine = error_set(fixer->err, ERROR_CONFLICT,
                             "%s has changes that are not committed; commit them first, or ask to "
                             "write over them",
                             edit.path);
        }
    }
    out->count = kept;
    return fine;
}

char *kubespray_pull_variable(const struct kubespray_driver *driver)
{
    return xasprintf("%.*s_image_pull_secret", (int)(strlen(driver->enabled) - strlen("_enabled")),
                     driver->enabled);
}

static bool fix_driver(struct fixer *fixer)
{
    bool any = false;
    char *variable = kubespray_pull_variable(fixer->driver);
    snprintf(fixer->variable, sizeof(fixer->variable), "%s", variable);
    free(variable);
    snprintf(fixer->prefix, sizeof(fixer->prefix), "%.*s",
             (int)(strlen(fixer->driver->enabled) - strlen("_enabled")), fixer->driver->enabled);
    if (!fix_templates(fixer, &any)) {
        return false;
    }
    bool fine = !any || (fix_defaults(fixer) && each_sample(fixer, document_in_sample) &&
                         fix_inventory(fixer));
    fine = fine && (!fixer->options->registry_variables || fix_hosts(fixer));
    fine = fine && (!fixer->options->credentials || fix_credentials(fixer));
    return fine && (!any || !fixer->options->registry_secret || fix_secret(fixer));
}

bool kubespray_fix(struct kubespray *kubespray, const struct kubespray_fix_options *options,
                   struct kubespray_edits *out, struct error *err)
{
    struct fixer fixer = {.kubespray = kubespray, .options = options, .out = out, .err = err};
    memset(out, 0, sizeof(*out));
    if (options->driver == NULL && options->pull_secret_count > 0) {
        return error_set(err, ERROR_USAGE, "a pull secret is set for one driver (--driver NAME)");
    }
    bool fine = true;
    if (options->driver != NULL) {
        fixer.driver = kubespray_find_driver(options->driver);
        fine = fixer.driver != NULL ||
               error_set(err, ERROR_USAGE, "Kubespray has no CSI driver %s", options->driver);
        fine = fine && fix_driver(&fixer);
    } else {
        for (const struct kubespray_driver *each = kubespray_drivers; each->role != NULL && fine;
             each++) {
            fixer.driver = each;
            fine = fix_driver(&fixer);
        }
        fine = fine && fix_unread(&fixer);
    }
    fine = fine && settle(&fixer);
    if (!fine) {
        kubespray_edits_free(out);
    }
    return fine;
}
