/* The registry Secret, made by the driver's role from the credentials of a registry. */
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "fix_registry.h"
#include "fixer.h"
#include "scan.h"

enum { MAX_FILE = 4 * 1024 * 1024 };

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
    char *template =
        xasprintf("%s/templates/%s-registry-secret.yml.j2", fixer->folder, names->stem);
    char *tasks = xasprintf("%s/tasks/main.yml", fixer->folder);
    char *defaults = xasprintf("%s/defaults/main.yml", fixer->folder);
    struct kubespray_edit *edit = fixer_edit(fixer, tasks);
    char *text = edit == NULL ? NULL : fix_registry_tasks(edit->new_text, names);
    bool fine = text != NULL;
    if (fine) {
        fixer_set_text(edit, text);
        edit = fixer_edit(fixer, template);
        fine = edit != NULL;
    } else if (edit != NULL) {
        error_set(fixer->err, ERROR_INVALID,
                  "%s has no task that renders or applies manifests, so there is no place for the "
                  "registry Secret",
                  tasks);
    }
    if (fine && edit->created && edit->new_text[0] == '\0') {
        fixer_set_text(edit, fix_registry_template(names));
    }
    edit = fine ? fixer_edit(fixer, defaults) : NULL;
    if (edit != NULL) {
        fixer_set_text(edit, fix_registry_variables(edit->new_text, names, false));
    }
    free(template);
    free(tasks);
    free(defaults);
    return edit != NULL;
}

/* context: the names. */
static char *add_to_sample(struct fixer *fixer, const char *text, void *context)
{
    (void)fixer;
    return fix_registry_variables(text, context, true);
}

/* Only a role whose pods can name the Secret makes it. */
static bool names_variable(struct fixer *fixer, const struct kubespray_paths *paths)
{
    for (size_t i = 0; i < paths->count; i++) {
        struct kubespray_edit *edit = fixer_edit(fixer, paths->items[i]);
        if (edit != NULL && strstr(edit->new_text, fixer->variable) != NULL) {
            return true;
        }
    }
    return false;
}

bool fixer_registry_secret(struct fixer *fixer)
{
    struct kubespray_paths paths = {0};
    char *folder = xasprintf("%s/templates", fixer->folder);
    bool fine = kubespray_templates_below(fixer->kubespray, folder, &paths, fixer->err);
    char *stem = stem_of(fixer->prefix);
    char *ns = namespace_of(fixer, &paths);
    struct registry_names names = {
        .pull_secret = fixer->variable,
        .prefix = fixer->prefix,
        .stem = stem,
        .ns = ns,
    };
    if (fine && names_variable(fixer, &paths)) {
        fine = fix_secret_files(fixer, &names) && fixer_each_sample(fixer, add_to_sample, &names);
    }
    kubespray_paths_free(&paths);
    free(stem);
    free(ns);
    free(folder);
    return fine;
}
