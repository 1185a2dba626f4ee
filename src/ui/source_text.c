/* A source in Kubespray in words: its faults, what a fix writes, what that does in the cluster. */
#include "ui/source_text.h"

#include <string.h>

#include "base/language.h"
#include "ui/difference.h"
#include "ui/keys.h"

/* Within the role that the title names, its folder is left out. */
static const char *short_path(const struct ui_source *source, const char *path)
{
    const char *folder = source->driver == NULL ? NULL : strstr(path, source->driver->folder);
    return folder == NULL ? path : folder + strlen(source->driver->folder) + 1;
}

static void add_finding(struct pager *pager, const struct kubespray_finding *finding)
{
    static const enum ui_role roles[] = {UI_ROLE_BAD, UI_ROLE_WARNING, UI_ROLE_INFO};
    static const char *const words[] = {N_("error"), N_("warning"), N_("note")};
    pager_say(pager, roles[finding->severity], "    %s: %s (%s)", _(words[finding->severity]),
              finding->message, finding->rule);
}

/* Hints or faults; those of one place stand under it. */
static size_t add_findings(struct pager *pager, const struct ui_source *source, bool hints)
{
    const struct kubespray_finding *before = NULL;
    size_t count = 0;
    for (size_t i = 0; i < source->findings.count; i++) {
        const struct kubespray_finding *finding = &source->findings.items[i];
        if ((finding->severity == KUBESPRAY_INFO) != hints) {
            continue;
        }
        if (before == NULL || strcmp(before->file, finding->file) != 0 ||
            before->line != finding->line) {
            pager_printf(pager, UI_ROLE_TEXT, "  %s:%d:%d", short_path(source, finding->file),
                         finding->line, finding->column);
        }
        add_finding(pager, finding);
        before = finding;
        count++;
    }
    return count;
}

static void add_source(struct pager *pager, const struct ui_source *source)
{
    pager_add(pager, UI_ROLE_TITLE, _("What is wrong in the source"));
    if (add_findings(pager, source, false) == 0) {
        pager_add(pager, UI_ROLE_GOOD,
                  _("  No pull secret is hard-coded, missing or of the wrong type."));
    }
    if (!source->pull_secrets_only) {
        add_findings(pager, source, true);
    }
    pager_add(pager, UI_ROLE_TEXT, "");
    pager_printf(pager, UI_ROLE_TITLE,
                 source->pull_secrets_only
                     ? N_("1 In the source: what f writes, for pull secrets only (%s: for all)")
                     : N_("1 In the source: what f writes (%s: for pull secrets only)"),
                 keys_name(UI_PULL_SECRETS_ONLY));
    if (source->refusal.kind != ERROR_NONE) {
        pager_say(pager, UI_ROLE_BAD, "  %s", source->refusal.message);
    } else if (source->edits.count == 0) {
        pager_add(pager, UI_ROLE_GOOD,
                  source->pull_secrets_only
                      ? _("  Nothing: the pull secrets are as they should be.")
                      : _("  Nothing: templates and variables are as they should be."));
    }
    for (size_t i = 0; i < source->edits.count; i++) {
        const struct kubespray_edit *edit = &source->edits.items[i];
        pager_printf(pager, UI_ROLE_TITLE, edit->created ? N_("  %s  (new)") : "  %s",
                     short_path(source, edit->path));
        difference_add_unified(pager, edit->old_text, edit->new_text);
    }
    pager_add(pager, UI_ROLE_TEXT, "");
}

static void add_step(struct pager *pager, const struct change_step *step)
{
    const struct change_object *object = step->object;
    if (object->action == CHANGE_NOTHING) {
        return;
    }
    pager_printf(pager, UI_ROLE_TITLE, "  %s %s%s%s", object->resource->kind,
                 object->ns == NULL ? "" : object->ns, object->ns == NULL ? "" : "/", object->name);
    if (step->refusal.kind != ERROR_NONE) {
        pager_say(pager, UI_ROLE_BAD, "  the server refuses: %s", step->refusal.message);
    }
    difference_add_unified(pager, step->before, step->after);
}

/* What the manifests want besides pull secrets comes from elsewhere and is told apart. */
static void add_drift(struct pager *pager, const struct change_step *steps, size_t count)
{
    size_t drift = 0;
    for (size_t i = 0; i < count; i++) {
        drift += steps[i].left_out != NULL ? 1 : 0;
    }
    if (drift == 0) {
        return;
    }
    pager_add(pager, UI_ROLE_TEXT, "");
    pager_add(pager, UI_ROLE_TITLE, _("Other differences between source and cluster"));
    pager_say(pager, UI_ROLE_DIM,
              "  They have nothing to do with pull secrets; the plan leaves them alone, the next "
              "run of the playbook does not.");
    for (size_t i = 0; i < count; i++) {
        if (steps[i].left_out != NULL) {
            const struct change_object *object = steps[i].object;
            pager_printf(pager, UI_ROLE_TITLE, "  %s %s", object->resource->kind, object->name);
            difference_add_unified(pager, steps[i].after, steps[i].left_out);
        }
    }
}

static void add_cluster(struct pager *pager, const struct ui_source *source,
                        const struct change_session *run, const struct error *no_run)
{
    size_t count = 0;
    bool edits = source->edits.count > 0;
    pager_add(pager, UI_ROLE_TITLE,
              edits ? _("2 In the cluster: what the mended source then changes")
                    : _("2 In the cluster: what the source changes in pull secrets"));
    if (source->driver == NULL) {
        pager_add(pager, UI_ROLE_DIM, _("  No driver of this cluster is one of Kubespray's."));
    } else if (run == NULL) {
        pager_say(pager, UI_ROLE_BAD, "  %s", no_run->message);
    } else if (change_session_phase(run) == CHANGE_FAILED) {
        pager_say(pager, UI_ROLE_BAD, "  %s", change_session_error(run)->message);
    } else if (change_session_phase(run) == CHANGE_READING) {
        pager_add(pager, UI_ROLE_INFO, _("  Reading the objects and asking the server..."));
    } else if (!change_session_has_changes(run)) {
        const struct change_step *steps = change_session_steps(run, &count);
        pager_add(pager, UI_ROLE_GOOD,
                  edits ? _("  Nothing: the cluster has that already.")
                        : _("  Nothing: the next run of the playbook changes no pull secret."));
        add_drift(pager, steps, count);
    } else {
        const struct change_step *steps = change_session_steps(run, &count);
        for (size_t i = 0; i < count; i++) {
            add_step(pager, &steps[i]);
        }
        add_drift(pager, steps, count);
    }
}

/* What the plan leaves: notes, and faults that are no pull secret's. */
static void add_worth_knowing(struct pager *pager, const struct ui_source *source)
{
    pager_add(pager, UI_ROLE_TEXT, "");
    pager_add(pager, UI_ROLE_TITLE, _("Worth knowing about the source"));
    size_t count = source->pull_secrets_only ? add_findings(pager, source, true) : 0;
    for (size_t i = 0; i < source->note_count; i++) {
        pager_say(pager, UI_ROLE_WARNING, "  %s", source->notes[i]);
    }
    if (count + source->note_count == 0) {
        pager_add(pager, UI_ROLE_DIM, _("  Nothing else."));
    }
}

void source_describe(struct pager *pager, const struct ui_source *source,
                     const struct change_session *run, const struct error *no_run)
{
    pager_clear(pager);
    if (source->checkout == NULL) {
        pager_say(pager, UI_ROLE_TEXT,
                  "Which checkout of Kubespray was this cluster made with? It is the folder with "
                  "cluster.yml; the inventory is its hosts file or the folder around it.");
        pager_say(pager, UI_ROLE_DIM,
                  "The flags --kubespray DIR and -i PATH, or kubespray: and inventory: in the "
                  "configuration, name them for good.");
        return;
    }
    if (source->failure.kind != ERROR_NONE) {
        pager_say(pager, UI_ROLE_BAD, "%s", source->failure.message);
        return;
    }
    add_source(pager, source);
    add_cluster(pager, source, run, no_run);
    for (size_t i = 0; i < source->refused_count; i++) {
        pager_say(pager, UI_ROLE_WARNING, "  left out, because Ansible would refuse it: %s",
                  source->refused[i]);
    }
    add_worth_knowing(pager, source);
}
