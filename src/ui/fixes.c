#include "ui/fixes.h"

#include <stdio.h>
#include <string.h>

#include "base/alloc.h"
#include "change/intent.h"
#include "change/secret.h"
#include "ui/views.h"

void ui_fix_label(const struct csi_fix *fix, size_t number, char *out, size_t size)
{
    if (fix->change == CSI_CHANGE_KUBESPRAY) {
        snprintf(out, size, "%zu %s (nothing in the cluster)", number, fix->text);
    } else if (fix->restarts == 0) {
        snprintf(out, size, "%zu %s (no restart)", number, fix->text);
    } else {
        snprintf(out, size, "%zu %s (%d pod%s restart%s)", number, fix->text, fix->restarts,
                 fix->restarts == 1 ? "" : "s", fix->restarts == 1 ? "s" : "");
    }
}

static struct change_intent *intent_for(const struct csi_finding *finding, enum change_kind kind)
{
    struct change_intent *intent = change_intent_new(kind);
    intent->drivers = xcalloc(2, sizeof(char *));
    intent->drivers[0] = xstrdup(finding->driver);
    if (finding->secret_name != NULL && finding->secret_name[0] != '\0') {
        intent->only = xstrdup(finding->secret_name);
    }
    return intent;
}

static void create_empty(struct ui_app *app, const struct csi_finding *finding,
                         const struct csi_fix *fix)
{
    const char *name = fix->secret != NULL ? fix->secret : finding->secret_name;
    struct error err = ERROR_INIT;
    struct change_intent *intent = intent_for(finding, CHANGE_CREATE_SECRET);
    intent->ns = xstrdup(finding->secret_namespace);
    intent->secret = xstrdup(name);
    intent->secret_object = change_secret_object(finding->secret_namespace, name, NULL, 0, &err);
    ui_push(app, &view_preview, intent);
}

void ui_start_fix(struct ui_app *app, const struct csi_finding *finding, size_t number)
{
    const struct csi_fix *fix = &finding->fixes[number];
    struct view_form_argument form = {
        .ns = finding->secret_namespace,
        .name = fix->secret != NULL ? fix->secret : finding->secret_name,
        .driver = finding->driver,
        .use = false,
    };
    switch (fix->change) {
    case CSI_CHANGE_DROP_REFERENCE:
        ui_push(app, &view_preview, intent_for(finding, CHANGE_DROP_REFERENCE));
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
    case CSI_CHANGE_RESTART_PODS:
        ui_say(app, UI_ROLE_INFO, "Run: %s", fix->command);
        break;
    }
}
