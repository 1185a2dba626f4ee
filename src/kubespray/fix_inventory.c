/* The value of a driver's pull secret, in the inventory's own files. */
#include <cjson/cJSON.h>
#include <dirent.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/alloc.h"
#include "base/file.h"
#include "base/text.h"
#include "fix_text.h"
#include "fixer.h"

enum { MAX_FILE = 4 * 1024 * 1024, MAX_DEPTH = 10 };

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

/* A file of group variables that sets the variable already, wherever it is; those of single groups
 * beat those of all. NULL if none does. free() it. */
static char *file_that_sets(const struct fixer *fixer, const char *folder, int depth)
{
    char *found = NULL;
    DIR *entries = opendir(folder);
    const struct dirent *entry;
    while (entries != NULL && depth < MAX_DEPTH && (entry = readdir(entries)) != NULL) {
        if (entry->d_name[0] == '.') {
            continue;
        }
        char *path = file_join(folder, entry->d_name);
        char *here = is_folder(path) ? file_that_sets(fixer, path, depth + 1) : NULL;
        if (is_file(path) && (text_ends_with(path, ".yml") || text_ends_with(path, ".yaml") ||
                              strchr(entry->d_name, '.') == NULL)) {
            struct buffer text;
            buffer_init(&text, MAX_FILE);
            if (file_read(path, &text, NULL) && !text_starts_with(text.data, "$ANSIBLE_VAULT") &&
                fix_sets_variable(text.data, fixer->variable)) {
                here = xstrdup(path);
            }
            buffer_free(&text);
        }
        bool better = here != NULL && (found == NULL || strstr(found, "group_vars/all") != NULL);
        free(better ? found : here);
        found = better ? here : found;
        free(path);
    }
    if (entries != NULL) {
        closedir(entries);
    }
    return found;
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
    char *all_groups = file_join(folder, "group_vars");
    char *second = file_that_sets(fixer, all_groups, 0);
    free(all_groups);
    if (second != NULL) {
        return second;
    }
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
            bool related = read && strstr(text.data, fixer->driver->enabled) != NULL;
            buffer_free(&text);
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

bool fixer_inventory(struct fixer *fixer)
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
    struct kubespray_edit *edit = fixer_edit_at(fixer, inside ? full + length + 1 : full, full);
    if (edit == NULL) {
        return false;
    }
    fixer_set_text(edit, fix_set_variable(edit->new_text, fixer->variable, options->pull_secrets,
                                          options->pull_secret_count));
    free(fixer->out->variables);
    fixer->out->variables = variables_json(fixer->variable, options);
    return true;
}
