#include "kubespray/fix.h"

#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/alloc.h"
#include "base/file.h"
#include "fix_text.h"
#include "fixer.h"
#include "git_index.h"
#include "kubespray/check.h"

enum { MAX_FILE = 4 * 1024 * 1024 };

struct kubespray_edit *fixer_edit_at(struct fixer *fixer, const char *path, char *full)
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

struct kubespray_edit *fixer_edit(struct fixer *fixer, const char *path)
{
    return fixer_edit_at(fixer, path, file_join(fixer->kubespray->checkout, path));
}

void fixer_set_text(struct kubespray_edit *edit, char *text)
{
    free(edit->new_text);
    edit->new_text = text;
}

bool fixer_each_template(struct fixer *fixer,
                         char *(*change)(struct fixer *fixer, const char *text, void *context),
                         void *context)
{
    struct kubespray_paths paths = {0};
    char *folder = xasprintf("%s/templates", fixer->folder);
    bool fine = kubespray_templates_below(fixer->kubespray, folder, &paths, fixer->err);
    for (size_t i = 0; i < paths.count && fine; i++) {
        struct kubespray_edit *edit = fixer_edit(fixer, paths.items[i]);
        char *text = edit == NULL ? NULL : change(fixer, edit->new_text, context);
        fine = text != NULL;
        if (fine) {
            fixer_set_text(edit, text);
        }
    }
    kubespray_paths_free(&paths);
    free(folder);
    return fine;
}

bool fixer_each_sample(struct fixer *fixer,
                       char *(*change)(struct fixer *fixer, const char *text, void *context),
                       void *context)
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
        struct kubespray_edit *edit = here ? fixer_edit_at(fixer, path, xstrdup(full)) : NULL;
        free(full);
        free(path);
        if (here && edit == NULL) {
            return false;
        }
        if (edit != NULL) {
            fixer_set_text(edit, change(fixer, edit->new_text, context));
        }
    }
    return true;
}

/* --- Pull secrets -------------------------------------------------------------------------------
 */

/* Whether workloads without a block get one: there is a value to set for them, or a registry Secret
 * to make. */
static bool wants_block(const struct kubespray_fix_options *options)
{
    return options->pull_secret_count > 0 || (options->registry_secret && options->driver != NULL);
}

/* context: a bool that is set where the template reads the variable. */
static char *mend_template(struct fixer *fixer, const char *text, void *context)
{
    bool *any = context;
    char *mended = fix_template(text, fixer->variable, wants_block(fixer->options));
    *any = *any || strstr(mended, fixer->variable) != NULL;
    return mended;
}

static char *document_in_sample(struct fixer *fixer, const char *text, void *context)
{
    (void)context;
    return fix_add_documented(text, fixer->variable, true);
}

static bool document_in_defaults(struct fixer *fixer)
{
    char *path = xasprintf("%s/defaults/main.yml", fixer->folder);
    struct kubespray_edit *edit = fixer_edit(fixer, path);
    free(path);
    if (edit != NULL) {
        fixer_set_text(edit, fix_add_documented(edit->new_text, fixer->variable, false));
    }
    return edit != NULL;
}

static const char *checked(const struct fixer *fixer)
{
    return fixer->options->driver != NULL ? fixer->options->driver : fixer->driver->role;
}

/* Samples no longer show pull secrets that nothing reads. driver NULL: of none in particular. */
static bool mend_unread(struct fixer *fixer, const char *driver)
{
    struct kubespray_findings findings;
    bool fine = kubespray_check(fixer->kubespray, driver, &findings, fixer->err);
    for (size_t i = 0; fine && i < findings.count; i++) {
        const struct kubespray_finding *finding = &findings.items[i];
        if (strcmp(finding->rule, "pull-secret-unread") != 0) {
            continue;
        }
        struct kubespray_edit *edit = fixer_edit(fixer, finding->file);
        fine = edit != NULL;
        if (fine) {
            fixer_set_text(edit, fix_drop_comment(edit->new_text, finding->variable));
        }
    }
    kubespray_findings_free(&findings);
    return fine;
}

static bool mend_pull_secrets(struct fixer *fixer)
{
    bool any = false;
    return fixer_each_template(fixer, mend_template, &any) &&
           (!any ||
            (document_in_defaults(fixer) && fixer_each_sample(fixer, document_in_sample, NULL) &&
             fixer_inventory(fixer))) &&
           (fixer->options->driver == NULL || mend_unread(fixer, fixer->options->driver));
}

static bool mend_registry_secret(struct fixer *fixer)
{
    return !fixer->options->registry_secret || fixer_registry_secret(fixer);
}

/* --- The other faults ---------------------------------------------------------------------------
 */

static bool mend_images(struct fixer *fixer)
{
    return fixer->options->pull_secrets_only || fixer_images(fixer);
}

/* The tasks' modes and stringData of the templates that print credentials. */
static bool mend_credentials(struct fixer *fixer)
{
    struct kubespray_findings findings;
    if (fixer->options->pull_secrets_only) {
        return true;
    }
    bool fine = kubespray_check(fixer->kubespray, checked(fixer), &findings, fixer->err);
    char *path = xasprintf("%s/tasks/main.yml", fixer->folder);
    for (size_t i = 0; fine && i < findings.count; i++) {
        const struct kubespray_finding *finding = &findings.items[i];
        bool mode = strcmp(finding->rule, "credentials-world-readable") == 0;
        if (!mode && strcmp(finding->rule, "credentials-in-last-applied") != 0) {
            continue;
        }
        const char *name = strrchr(finding->file, '/') + 1;
        char *stem = xstrndup(name, strcspn(name, "."));
        struct kubespray_edit *edit = fixer_edit(fixer, mode ? path : finding->file);
        fine = edit != NULL;
        if (fine) {
            fixer_set_text(edit,
                           mode ? fix_mode(edit->new_text, stem) : fix_string_data(edit->new_text));
        }
        free(stem);
    }
    kubespray_findings_free(&findings);
    free(path);
    return fine;
}

/* --- All of it ----------------------------------------------------------------------------------
 */

/* Edits that change nothing go; files with changes of their own are refused. */
static bool settle(struct fixer *fixer)
{
    struct kubespray_edits *out = fixer->out;
    size_t kept = 0;
    bool fine = true;
    for (size_t i = 0; i < out->count; i++) {
        struct kubespray_edit edit = out->items[i];
        if (strcmp(edit.old_text, edit.new_text) == 0) {
            kubespray_edit_free(&edit);
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

static bool mend_driver(struct fixer *fixer, const struct kubespray_driver *driver,
                        enum kubespray_stage stage)
{
    static bool (*const steps[KUBESPRAY_STAGE_COUNT])(struct fixer * fixer) = {
        mend_pull_secrets, mend_registry_secret, mend_images, mend_credentials};
    fixer->driver = driver;
    fixer->folder = xasprintf("roles/%s", driver->folder);
    fixer->variable = kubespray_pull_variable(driver);
    fixer->prefix = kubespray_prefix(driver);
    bool fine = steps[stage](fixer);
    free(fixer->folder);
    free(fixer->variable);
    free(fixer->prefix);
    return fine;
}

/* What the stage has changed. */
static void keep_stage(struct kubespray_edits *out, enum kubespray_stage stage)
{
    for (size_t i = 0; i < out->count; i++) {
        struct kubespray_edit *edit = &out->items[i];
        if (edit->stages[stage] == NULL) {
            edit->stages[stage] = xstrdup(edit->new_text);
        }
    }
}

static bool mend_all(struct fixer *fixer)
{
    const char *name = fixer->options->driver;
    const struct kubespray_driver *one =
        name == NULL ? NULL : driver_named(fixer->kubespray, name, fixer->err);
    bool fine = name == NULL || one != NULL;
    for (int stage = 0; stage < KUBESPRAY_STAGE_COUNT && fine; stage++) {
        if (one != NULL) {
            fine = mend_driver(fixer, one, (enum kubespray_stage)stage);
        }
        for (const struct kubespray_driver *each = kubespray_drivers;
             one == NULL && each->role != NULL && fine; each++) {
            fine = !driver_here(fixer->kubespray, each) ||
                   mend_driver(fixer, each, (enum kubespray_stage)stage);
        }
        if (one == NULL && fine && stage == KUBESPRAY_STAGE_PULL_SECRET) {
            fine = mend_unread(fixer, NULL);
        }
        keep_stage(fixer->out, (enum kubespray_stage)stage);
    }
    return fine;
}

/* What Kubernetes takes as a Secret's name; "" for none. */
static bool check_name(const char *name, struct error *err)
{
    size_t length = strlen(name);
    bool fine = strspn(name, "abcdefghijklmnopqrstuvwxyz0123456789-.") == length && length <= 253;
    bool ends =
        length == 0 || (strchr("-.", name[0]) == NULL && strchr("-.", name[length - 1]) == NULL);
    return (fine && ends) ||
           error_set(err, ERROR_USAGE,
                     "'%s' cannot be a Secret's name: small letters, digits, '-' and '.' only, "
                     "with a letter or digit at both ends",
                     name);
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
    for (size_t i = 0; i < options->pull_secret_count && fine; i++) {
        fine = check_name(options->pull_secrets[i], err);
    }
    fine = fine && mend_all(&fixer) && settle(&fixer);
    kubespray_close(fixer.defaults);
    if (!fine) {
        kubespray_edits_free(out);
    }
    return fine;
}
