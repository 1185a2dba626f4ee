#include "kubespray/check.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/alloc.h"
#include "base/file.h"
#include "base/language.h"
#include "base/text.h"
#include "context.h"
#include "scan.h"

enum { MAX_FILE = 4 * 1024 * 1024 };

const struct kubespray_rule kubespray_rules[] = {
    {"hard-coded-pull-secret", KUBESPRAY_ERROR,
     N_("a template names a pull secret that no variable can change")},
    {"pull-secret-not-created", KUBESPRAY_ERROR,
     N_("pods refer to a Secret that no template creates and no variable sets")},
    {"pull-secret-wrong-type", KUBESPRAY_ERROR,
     N_("a Secret that is not of a registry's type is used as a pull secret")},
    {"pull-secret-unguarded", KUBESPRAY_WARNING,
     N_("the pull secret's variable is printed although it may be unset or empty")},
    {"pull-secret-unread", KUBESPRAY_WARNING,
     N_("a pull secret's variable is documented but nothing reads it")},
    {"hard-coded-registry", KUBESPRAY_INFO,
     N_("an image names its registry's host, so that a mirror cannot be set")},
    {"credentials-world-readable", KUBESPRAY_INFO,
     N_("rendered credentials are written to a file that everyone can read")},
    {"credentials-in-last-applied", KUBESPRAY_INFO,
     N_("stringData of a Secret stays in clear in the last-applied annotation")},
    {NULL, KUBESPRAY_INFO, NULL},
};

struct checker {
    struct kubespray *kubespray;
    struct kubespray_findings *out;
    const char *variable; /* the name that fix would give the pull secret's variable */
};

/* Takes over message, why and fix. line and column from 0. */
static void add(struct checker *checker, const char *rule, const char *file, size_t line,
                size_t column, char *message, char *why, char *fix, bool mendable)
{
    struct kubespray_findings *out = checker->out;
    out->items = xgrow(out->items, out->count, &out->capacity, sizeof(*out->items));
    struct kubespray_finding *finding = &out->items[out->count++];
    *finding = (struct kubespray_finding){.rule = rule,
                                          .file = xstrdup(file),
                                          .line = (int)line + 1,
                                          .column = (int)column + 1,
                                          .message = message,
                                          .why = why,
                                          .fix = fix,
                                          .mendable = mendable};
    for (const struct kubespray_rule *known = kubespray_rules; known->name != NULL; known++) {
        if (strcmp(known->name, rule) == 0) {
            finding->severity = known->severity;
        }
    }
}

void kubespray_findings_free(struct kubespray_findings *findings)
{
    for (size_t i = 0; i < findings->count; i++) {
        free(findings->items[i].file);
        free(findings->items[i].message);
        free(findings->items[i].why);
        free(findings->items[i].fix);
        free(findings->items[i].variable);
    }
    free(findings->items);
    memset(findings, 0, sizeof(*findings));
}

static bool read_lines(const struct kubespray *kubespray, const char *path,
                       struct text_lines *lines, struct error *err)
{
    struct buffer text;
    buffer_init(&text, MAX_FILE);
    if (!checkout_read(kubespray, path, &text, err)) {
        buffer_free(&text);
        return false;
    }
    size_t length = text.length;
    lines_split(lines, buffer_take(&text), length);
    return true;
}

struct creator {
    char *path;
    size_t line;
    bool registry; /* of a type that the kubelet reads */
    bool found;
};

static void find_creator_in(const struct kubespray *kubespray, const char *path, const char *name,
                            struct creator *out)
{
    struct text_lines lines;
    struct secret_text secret;
    if (!read_lines(kubespray, path, &lines, NULL)) {
        return;
    }
    for (size_t at = 0; scan_next_secret(&lines, at, &secret); at = secret.line + 1) {
        size_t line = secret.line;
        if (secret.name != NULL && strcmp(secret.name, name) == 0 && !out->found) {
            out->found = true;
            out->path = xstrdup(path);
            out->line = line;
            out->registry = secret.type != NULL &&
                            (strcmp(secret.type, "kubernetes.io/dockerconfigjson") == 0 ||
                             strcmp(secret.type, "kubernetes.io/dockercfg") == 0);
        }
        secret_text_free(&secret);
        secret.line = line;
    }
    lines_free(&lines);
}

/* The template that creates a Secret of that name: those of the same role first. */
static void find_creator(struct kubespray *kubespray, const char *role, const char *name,
                         struct creator *out)
{
    struct kubespray_paths paths = {0};
    char *folder = xasprintf("roles/%s/templates", role);
    memset(out, 0, sizeof(*out));
    kubespray_templates_below(kubespray, folder, &paths, NULL);
    kubespray_templates_below(kubespray, "roles/kubernetes-apps", &paths, NULL);
    for (size_t i = 0; i < paths.count && !out->found; i++) {
        find_creator_in(kubespray, paths.items[i], name, out);
    }
    kubespray_paths_free(&paths);
    free(folder);
}

static void check_literal(struct checker *checker, const char *role, const char *path,
                          const struct pull_name *name)
{
    struct creator creator;
    add(checker, "hard-coded-pull-secret", path, name->line, name->column,
        xasprintf(_("the pull secret '%s' is hard-coded"), name->name),
        xstrdup(
            _("no inventory can choose another Secret or none; a list in the pod also shuts out "
              "the pull secrets of the ServiceAccount, and a live fix is undone by the next run "
              "of the playbook")),
        xasprintf(_("render imagePullSecrets only when %s is set (kubespray fix)"),
                  checker->variable),
        true);
    find_creator(checker->kubespray, role, name->name, &creator);
    if (!creator.found) {
        add(checker, "pull-secret-not-created", path, name->line, name->column,
            xasprintf(_("no template creates the Secret '%s'"), name->name),
            xstrdup(_("the kubelet warns on every sync of every such pod (about 1150 times a day) "
                      "and pulls without credentials")),
            xasprintf(_("render imagePullSecrets only when %s is set (kubespray fix)"),
                      checker->variable),
            true);
    } else if (!creator.registry) {
        add(checker, "pull-secret-wrong-type", path, name->line, name->column,
            xasprintf(_("the Secret '%s' is not of type kubernetes.io/dockerconfigjson"),
                      name->name),
            xasprintf(
                _("the kubelet passes over Secrets of other types without a word: pulls stay "
                  "anonymous, and a private mirror cannot work (the Secret is made by %s:%zu)"),
                creator.path, creator.line + 1),
            xasprintf(_("render imagePullSecrets only when %s names a registry Secret (kubespray "
                        "fix)"),
                      checker->variable),
            true);
    }
    free(creator.path);
}

static void check_pull_block(struct checker *checker, const char *role, const char *path,
                             const struct pull_block *block)
{
    char *open = scan_open_variable(block);
    for (size_t i = 0; i < block->name_count; i++) {
        const struct pull_name *name = &block->names[i];
        if (name->literal) {
            check_literal(checker, role, path, name);
        } else if (!block->guarded || !block->guarded_empty) {
            add(checker, "pull-secret-unguarded", path, name->line, name->column,
                xasprintf(_("the pull secret's name %s is printed %s"), name->name,
                          block->guarded ? _("also when it is empty") : _("without a condition")),
                xstrdup(
                    _("an unset variable ends the playbook; an empty one renders a reference "
                      "without a name, which kubelets pass over and newer API servers warn of")),
                open == NULL
                    ? xstrdup(_("put the block into a condition: {% if VARIABLE is defined and "
                                "VARIABLE %}"))
                    : xasprintf(_("render imagePullSecrets only when %s is set (kubespray fix)"),
                                open),
                open != NULL);
        }
    }
    free(open);
}

static void check_images(struct checker *checker, const char *path, const struct text_lines *lines)
{
    size_t count = 0;
    size_t first = 0;
    size_t first_column = 0;
    char host[100] = "";
    for (size_t i = 0; i < lines->count; i++) {
        size_t column;
        size_t length;
        if (!scan_image_host(lines, i, &column, &length)) {
            continue;
        }
        if (count++ == 0) {
            first = i;
            first_column = column;
            snprintf(host, sizeof(host), "%.*s", (int)length, lines->start[i] + column);
        }
    }
    if (count > 0) {
        add(checker, "hard-coded-registry", path, first, first_column,
            xasprintf(language_plural("%zu image names a registry's host (the first %s)",
                                      "%zu images name a registry's host (the first %s)", count),
                      count, host),
            xstrdup(_("kube_image_repo, github_image_repo and the other variables for mirrors have "
                      "no effect on it")),
            xstrdup(_("use a variable in place of the registry's host (kubespray fix)")), true);
    }
}

static void check_secrets(struct checker *checker, const char *path, const struct text_lines *lines,
                          bool world_readable)
{
    struct secret_text secret;
    for (size_t at = 0; scan_next_secret(lines, at, &secret);) {
        const char *name = secret.name == NULL ? "?" : secret.name;
        if (secret.prints && world_readable) {
            add(checker, "credentials-world-readable", path, secret.line, 0,
                xasprintf(_("the rendered Secret '%s' is written for everyone to read"), name),
                xstrdup(_("everyone on the control plane node can read the credentials in "
                          "kube_config_dir")),
                xstrdup(_("give the task that writes it mode 0640 or 0600 (kubespray fix)")), true);
        }
        if (secret.prints && secret.string_data > 0) {
            add(checker, "credentials-in-last-applied", path, secret.string_data, 0,
                xasprintf(_("the Secret '%s' is applied with stringData"), name),
                xstrdup(_("client-side apply keeps the manifest in an annotation, where stringData "
                          "stands in clear")),
                xstrdup(
                    _("use data with b64encode, which at least hides it from a glance (kubespray "
                      "fix), or make the Secret by other means")),
                true);
        }
        at = secret.line + 1;
        secret_text_free(&secret);
    }
}

/* Whether the role's tasks write a template for everyone to read. */
static bool writes_world_readable(const struct kubespray *kubespray, const char *role,
                                  const char *template)
{
    struct text_lines lines;
    struct task_text task;
    bool found = false;
    char *path = xasprintf("roles/%s/tasks/main.yml", role);
    const char *name = strrchr(template, '/') + 1;
    char *stem = xstrndup(name, strcspn(name, "."));
    if (read_lines(kubespray, path, &lines, NULL)) {
        found = scan_task_of(&lines, stem, &task) && scan_is_world_readable(&lines, &task);
        lines_free(&lines);
    }
    free(stem);
    free(path);
    return found;
}

static bool check_role(struct checker *checker, const char *role, struct error *err)
{
    struct kubespray_paths paths = {0};
    char *folder = xasprintf("roles/%s/templates", role);
    bool fine = kubespray_templates_below(checker->kubespray, folder, &paths, err);
    for (size_t i = 0; i < paths.count && fine; i++) {
        struct text_lines lines;
        struct pull_block block;
        fine = read_lines(checker->kubespray, paths.items[i], &lines, err);
        if (!fine) {
            break;
        }
        for (size_t at = 0; scan_next_pull_block(&lines, at, &block);) {
            check_pull_block(checker, role, paths.items[i], &block);
            at = block.end;
            pull_block_free(&block);
        }
        check_images(checker, paths.items[i], &lines);
        check_secrets(checker, paths.items[i], &lines,
                      writes_world_readable(checker->kubespray, role, paths.items[i]));
        lines_free(&lines);
    }
    kubespray_paths_free(&paths);
    free(folder);
    return fine;
}

/* --- variables that nothing reads ---------------------------------------------------------------
 */
struct candidate {
    char name[100];
    char *file;
    size_t line;
    size_t column;
    bool read;
};

struct candidates {
    struct candidate items[64];
    size_t count;
};

/* "name:" or "# name:" with pull_secret (or pull_source, its registry) in the name. */
static bool pull_variable(const struct text_lines *lines, size_t line, char name[100],
                          size_t *column)
{
    const char *start = lines->start[line];
    size_t length = lines_length(lines, line);
    size_t at = 0;
    while (at < length && (start[at] == '#' || start[at] == ' ')) {
        at++;
    }
    size_t end = at;
    while (end < length && (start[end] == '_' || (start[end] >= '0' && start[end] <= '9') ||
                            (start[end] >= 'a' && start[end] <= 'z'))) {
        end++;
    }
    if (end == at || end - at >= 100 || end >= length || start[end] != ':') {
        return false;
    }
    snprintf(name, 100, "%.*s", (int)(end - at), start + at);
    *column = at;
    return strstr(name, "pull_secret") != NULL || strstr(name, "pull_source") != NULL;
}

struct walker {
    const struct kubespray *kubespray;
    struct candidates *candidates;
    void (*visit)(struct walker *walker, const char *path, const struct text_lines *lines);
};

static bool has_suffix_of_text(const char *name)
{
    return text_ends_with(name, ".yml") || text_ends_with(name, ".yaml") ||
           text_ends_with(name, ".j2");
}

static void walk(struct walker *walker, const char *folder, int depth)
{
    char *full = file_join(walker->kubespray->checkout, folder);
    DIR *entries = opendir(full);
    const struct dirent *entry;
    while (entries != NULL && depth < 20 && (entry = readdir(entries)) != NULL) {
        struct stat status;
        char *path = xasprintf("%s/%s", folder, entry->d_name);
        char *file = file_join(walker->kubespray->checkout, path);
        if (entry->d_name[0] != '.' && lstat(file, &status) == 0) {
            struct text_lines lines;
            if (S_ISDIR(status.st_mode)) {
                walk(walker, path, depth + 1);
            } else if (has_suffix_of_text(entry->d_name) &&
                       read_lines(walker->kubespray, path, &lines, NULL)) {
                walker->visit(walker, path, &lines);
                lines_free(&lines);
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

static void note_definitions(struct walker *walker, const char *path,
                             const struct text_lines *lines)
{
    struct candidates *all = walker->candidates;
    for (size_t i = 0; i < lines->count; i++) {
        struct candidate found = {.line = i};
        if (!pull_variable(lines, i, found.name, &found.column) || all->count >= 64) {
            continue;
        }
        bool known = false;
        for (size_t k = 0; k < all->count; k++) {
            known = known || strcmp(all->items[k].name, found.name) == 0;
        }
        if (!known) {
            found.file = xstrdup(path);
            all->items[all->count++] = found;
        }
    }
}

static void note_uses(struct walker *walker, const char *path, const struct text_lines *lines)
{
    (void)path;
    struct candidates *all = walker->candidates;
    for (size_t k = 0; k < all->count; k++) {
        struct candidate *candidate = &all->items[k];
        const char *at = lines->text;
        while (!candidate->read && (at = strstr(at, candidate->name)) != NULL) {
            const char *behind = at + strlen(candidate->name);
            bool word =
                strchr("_abcdefghijklmnopqrstuvwxyz0123456789", *behind) == NULL || *behind == '\0';
            /* "name:" at a line's start is where it is set, not where it is read. */
            candidate->read = word && *behind != ':';
            at = behind;
        }
    }
}

/* prefix: only variables that begin so, or NULL. */
static void check_unread(struct checker *checker, const char *prefix)
{
    struct candidates candidates = {.count = 0};
    struct walker walker = {checker->kubespray, &candidates, note_definitions};
    walk(&walker, "inventory/sample", 0);
    walk(&walker, "roles/kubespray_defaults/defaults", 0);
    walk(&walker, "roles/kubespray-defaults/defaults", 0);
    walk(&walker, "roles/kubernetes-apps", 0);
    walker.visit = note_uses;
    if (candidates.count > 0) {
        walk(&walker, "roles", 0);
        walk(&walker, "playbooks", 0);
    }
    for (size_t i = 0; i < candidates.count; i++) {
        const struct candidate *candidate = &candidates.items[i];
        if (!candidate->read && (prefix == NULL || text_starts_with(candidate->name, prefix))) {
            add(checker, "pull-secret-unread", candidate->file, candidate->line, candidate->column,
                xasprintf(_("nothing reads the variable %s"), candidate->name),
                xstrdup(_("who sets it believes in a pull secret that no pod gets")),
                xstrdup(_("remove the line (kubespray fix), or let the role's templates use the "
                          "variable")),
                true);
            checker->out->items[checker->out->count - 1].variable = xstrdup(candidate->name);
        }
        free(candidate->file);
    }
}

static int by_place(const void *a, const void *b)
{
    const struct kubespray_finding *x = a;
    const struct kubespray_finding *y = b;
    int order = strcmp(x->file, y->file);
    return order != 0 ? order : x->line != y->line ? x->line - y->line : strcmp(x->rule, y->rule);
}

static bool check_driver(struct checker *checker, const struct kubespray_driver *driver,
                         struct error *err)
{
    char *variable = kubespray_pull_variable(driver);
    checker->variable = variable;
    bool fine = check_role(checker, driver->folder, err);
    free(variable);
    return fine;
}

bool kubespray_check(struct kubespray *kubespray, const char *driver,
                     struct kubespray_findings *out, struct error *err)
{
    struct checker checker = {kubespray, out, NULL};
    bool fine = true;
    memset(out, 0, sizeof(*out));
    if (driver != NULL) {
        const struct kubespray_driver *one = driver_named(kubespray, driver, err);
        fine = one != NULL && check_driver(&checker, one, err);
        char *prefix = fine ? kubespray_prefix(one) : NULL;
        if (fine) {
            check_unread(&checker, prefix);
        }
        free(prefix);
    } else {
        for (const struct kubespray_driver *each = kubespray_drivers; each->role != NULL && fine;
             each++) {
            fine = check_driver(&checker, each, err);
        }
        check_unread(&checker, NULL);
    }
    if (out->count > 1) {
        qsort(out->items, out->count, sizeof(*out->items), by_place);
    }
    return fine;
}
