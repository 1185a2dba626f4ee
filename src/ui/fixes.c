#include "ui/fixes.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/text.h"
#include "change/intent.h"
#include "change/journal.h"
#include "change/secret.h"
#include "ui/app.h"
#include "ui/views.h"

/* True if one of the finding's pods is the pod, or of the workload. */
static bool is_about(const struct ui_model *model, const struct csi_finding *finding,
                     const struct csi_workload *workload, const struct csi_pod *pod)
{
    for (char **name = finding->pod_names; name != NULL && *name != NULL; name++) {
        const char *slash = strchr(*name, '/');
        if (slash == NULL) {
            continue;
        }
        if (pod != NULL) {
            size_t length = (size_t)(slash - *name);
            if (strcmp(slash + 1, pod->name) == 0 && strlen(pod->ns) == length &&
                strncmp(*name, pod->ns, length) == 0) {
                return true;
            }
            continue;
        }
        char *ns = xstrndup(*name, (size_t)(slash - *name));
        const struct csi_pod *found = csi_census_pod(model->census, ns, slash + 1);
        free(ns);
        if (found != NULL && found->workload == workload) {
            return true;
        }
    }
    return finding->pod_names == NULL || finding->pod_names[0] == NULL;
}

/* What can be mended comes before what can only be told. */
static int worth(const struct csi_finding *finding)
{
    bool about_secret = finding->secret_name != NULL && finding->secret_name[0] != '\0';
    return (int)finding->severity * 4 + (finding->fix_count > 0 ? 2 : 0) + (about_secret ? 1 : 0);
}

size_t ui_findings_about(const struct ui_model *model, const struct csi_driver *driver,
                         const struct csi_workload *workload, const struct csi_pod *pod,
                         const struct csi_finding **out, size_t max)
{
    size_t count = 0;
    for (size_t i = 0; i < model->findings->count && count < max; i++) {
        const struct csi_finding *finding = &model->findings->items[i];
        if (strcmp(finding->driver, driver->name) != 0 ||
            ((workload != NULL || pod != NULL) && !is_about(model, finding, workload, pod))) {
            continue;
        }
        size_t at = count++;
        while (at > 0 && worth(out[at - 1]) < worth(finding)) {
            out[at] = out[at - 1];
            at--;
        }
        out[at] = finding;
    }
    return count;
}

static void create_empty(struct ui_app *app, const struct csi_finding *finding,
                         const struct csi_fix *fix)
{
    const char *name = fix->secret != NULL ? fix->secret : finding->secret_name;
    struct error err = ERROR_INIT;
    struct change_intent *intent = change_intent_for(finding, CHANGE_CREATE_SECRET);
    intent->ns = xstrdup(finding->secret_namespace);
    intent->secret = xstrdup(name);
    intent->secret_object = change_secret_object(finding->secret_namespace, name, NULL, 0, &err);
    ui_push(app, &view_preview, intent);
}

void ui_start_fix(struct ui_app *app, const struct csi_finding *finding, size_t number)
{
    const struct csi_fix *fix = &finding->fixes[number];
    struct view_form_argument form = {
        .mode = VIEW_FORM_NEW,
        .ns = finding->secret_namespace,
        .name = fix->secret != NULL ? fix->secret : finding->secret_name,
        .driver = finding->driver,
        .reference = finding->secret_name,
        .use = true,
    };
    switch (fix->change) {
    case CSI_CHANGE_DROP_REFERENCE:
        ui_push(app, &view_preview, change_intent_for(finding, CHANGE_DROP_REFERENCE));
        break;
    case CSI_CHANGE_CREATE_SECRET:
        ui_push(app, &view_form, &form);
        break;
    case CSI_CHANGE_CREATE_EMPTY:
        create_empty(app, finding, fix);
        break;
    case CSI_CHANGE_USE_SECRET:
    case CSI_CHANGE_COPY_SECRET:
        ui_push(app, &view_secrets, (void *)(uintptr_t)finding);
        break;
    case CSI_CHANGE_KUBESPRAY:
        ui_push(app, &view_kubespray, (void *)(uintptr_t)finding->driver);
        break;
    case CSI_CHANGE_RESTART_PODS:
        ui_say(app, UI_ROLE_INFO, "Run: %s", fix->command);
        break;
    }
}

void ui_offer_interrupted(struct ui_app *app)
{
    struct error err = ERROR_INIT;
    const struct ui_options *options = app->model.options;
    if (options->mode != UI_MODE_SESSION || app->model.read_only || options->config == NULL) {
        return;
    }
    struct change_journal_entry *entry =
        change_journal_interrupted(kube_config_server(options->config), &err);
    if (entry != NULL) {
        ui_push(app, &view_history, entry->id);
        change_journal_entry_free(entry);
    }
}

void ui_undo_last(struct ui_app *app)
{
    struct error err = ERROR_INIT;
    struct change_journal_entry *entry =
        change_journal_last(kube_config_server(app->model.options->config), &err);
    if (entry != NULL) {
        struct view_undo_argument undo = {entry->id, false};
        ui_push(app, &view_undo, &undo);
        change_journal_entry_free(entry);
    } else if (err.kind != ERROR_NONE && err.kind != ERROR_NOT_FOUND) {
        ui_say(app, UI_ROLE_BAD, "%s", err.message);
    } else {
        ui_say(app, UI_ROLE_INFO, "Nothing was changed in this cluster from here.");
    }
}
