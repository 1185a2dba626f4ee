/* Registry Secrets first, then the others: which serves the images of a driver, and who uses it. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/clock.h"
#include "base/language.h"
#include "base/text.h"
#include "change/intent.h"
#include "registry/keyring.h"
#include "registry/reference.h"
#include "registry/secret_state.h"
#include "ui/views.h"
#include "ui/widgets.h"

struct secrets {
    char *driver; /* whose references are to point elsewhere; NULL: only looking */
    char *ns;
    char *only; /* the broken reference's name */
    const struct csi_secret **rows;
    size_t count;
    struct ui_list list;
    int height;
};

static const enum ui_action actions[] = {UI_OPEN, UI_NEW, UI_NONE};

/* Registry Secrets of the namespace that needs one come first. */
static int rank(const struct secrets *state, const struct csi_secret *secret)
{
    bool registry = registry_secret_data_key(secret->type) != NULL;
    bool here = state->ns == NULL || strcmp(secret->ns, state->ns) == 0;
    return (registry ? 0 : 2) + (here ? 0 : 1);
}

static void secrets_update(struct ui_view *view)
{
    struct secrets *state = view->state;
    size_t count;
    const struct csi_secret *const *all = csi_census_secrets(ui_model(view)->census, &count);
    state->rows = xreallocarray(state->rows, count + 1, sizeof(*state->rows));
    state->count = 0;
    for (int wanted = 0; wanted < 4; wanted++) {
        for (size_t i = 0; i < count; i++) {
            if (rank(state, all[i]) == wanted) {
                state->rows[state->count++] = all[i];
            }
        }
    }
    ui_list_settle(&state->list, (int)state->count, state->height);
}

static void secrets_open(struct ui_view *view, void *argument)
{
    struct secrets *state = view->state;
    const struct csi_finding *finding = argument;
    if (finding != NULL) {
        state->driver = xstrdup(finding->driver);
        state->ns = xstrdup_or_null(finding->secret_namespace);
        state->only = xstrdup_or_null(finding->secret_name);
    }
    secrets_update(view);
}

static void secrets_close(struct ui_view *view)
{
    struct secrets *state = view->state;
    free(state->driver);
    free(state->ns);
    free(state->only);
    free(state->rows);
}

/* Pods of CSI drivers that name it. */
static int count_users(const struct ui_view *view, const struct csi_secret *secret)
{
    size_t count;
    struct csi_driver *const *drivers = csi_census_drivers(ui_model(view)->census, &count);
    int users = 0;
    for (size_t i = 0; i < count; i++) {
        for (size_t j = 0; j < drivers[i]->workload_count; j++) {
            const struct csi_workload *workload = drivers[i]->workloads[j];
            for (size_t k = 0; k < workload->pod_count; k++) {
                const struct csi_pod *pod = workload->pods[k];
                for (size_t l = 0; l < pod->reference_count; l++) {
                    users += strcmp(pod->ns, secret->ns) == 0 &&
                             strcmp(pod->references[l].name, secret->name) == 0;
                }
            }
        }
    }
    return users;
}

static bool serves_image(const struct csi_secret *secret, const char *image)
{
    struct image_reference reference = {0};
    bool serves = false;
    if (image_reference_parse(&reference, image, NULL)) {
        for (size_t i = 0; i < secret->registry_count && !serves; i++) {
            serves = keyring_key_matches(secret->registries[i], reference.name);
        }
    }
    image_reference_free(&reference);
    return serves;
}

/* "3 of 7 images" of the driver in question. */
static void serving_text(const struct ui_view *view, const struct csi_secret *secret, char out[64])
{
    const struct secrets *state = view->state;
    const struct csi_driver *driver =
        state->driver == NULL ? NULL : csi_census_driver(ui_model(view)->census, state->driver);
    int images = 0;
    int served = 0;
    for (size_t i = 0; driver != NULL && i < driver->workload_count; i++) {
        for (size_t j = 0; j < driver->workloads[i]->image_count; j++) {
            images++;
            served += serves_image(secret, driver->workloads[i]->images[j]) ? 1 : 0;
        }
    }
    if (driver == NULL || !secret->content_known) {
        snprintf(out, 64, "%s", driver == NULL ? "" : _("not read"));
    } else {
        snprintf(out, 64, _("%d of %d images"), served, images);
    }
}

static void draw_row(const struct ui_view *view, struct ui_canvas *canvas, int line,
                     const struct csi_secret *secret, bool selected)
{
    char serving[64];
    char age[32];
    bool registry = registry_secret_data_key(secret->type) != NULL;
    enum ui_role role = selected ? UI_ROLE_SELECTED : registry ? UI_ROLE_TEXT : UI_ROLE_DIM;
    const char *type =
        text_starts_with(secret->type, "kubernetes.io/") ? secret->type + 14 : secret->type;
    serving_text(view, secret, serving);
    clock_format_age(clock_wall_ms() - secret->created_ms, age);
    if (selected) {
        canvas_fill(canvas, line, role);
        canvas_cursor(canvas, line, 0, false);
    }
    int name = canvas->columns - 60;
    canvas_printf(canvas, line, 1, name, role, "%s/%s", secret->ns, secret->name);
    canvas_put(canvas, line, name + 2, 18, role, type);
    canvas_put(canvas, line, name + 21, 16, role, secret->fault != NULL ? _("malformed") : serving);
    canvas_printf(canvas, line, name + 38, 10, role, "%d pods", count_users(view, secret));
    canvas_put(canvas, line, name + 48, 5, role, secret->created_ms == 0 ? "" : age);
    canvas_put(canvas, line, name + 53, -1, role, secret->managed_by);
}

static void draw_detail(struct ui_canvas *canvas, int row, const struct csi_secret *secret)
{
    canvas_rule(canvas, row, _("Entries (values are never shown)"));
    if (secret == NULL) {
        canvas_put(canvas, row + 1, 1, -1, UI_ROLE_DIM, _("No Secret is known here."));
        return;
    }
    if (registry_secret_data_key(secret->type) == NULL) {
        canvas_wrap(canvas, row + 1, 1, canvas->columns - 2, 2, UI_ROLE_WARNING,
                    _("Not a registry Secret: as a pull secret the kubelet ignores it without a "
                      "word."));
        return;
    }
    if (secret->fault != NULL) {
        canvas_wrap(canvas, row + 1, 1, canvas->columns - 2, 2, UI_ROLE_BAD, secret->fault);
        return;
    }
    if (secret->registry_count == 0) {
        canvas_put(canvas, row + 1, 1, -1, UI_ROLE_DIM,
                   secret->content_known
                       ? _("It has no entries: pulls stay anonymous.")
                       : _("Its content was not read; pods that name it decide."));
    }
    for (size_t i = 0; i < secret->registry_count && row + 1 + (int)i < canvas->rows; i++) {
        canvas_printf(canvas, row + 1 + (int)i, 1, -1, UI_ROLE_TEXT, "%s  as %s",
                      secret->registries[i], secret->users[i]);
    }
}

static const struct csi_secret *selected_secret(const struct secrets *state)
{
    return state->list.selected < (int)state->count ? state->rows[state->list.selected] : NULL;
}

static void secrets_draw(struct ui_view *view, struct ui_canvas *canvas)
{
    struct secrets *state = view->state;
    int name = canvas->columns - 60;
    state->height = canvas->rows - 8;
    ui_list_settle(&state->list, (int)state->count, state->height);
    if (state->driver == NULL) {
        canvas_put(canvas, 0, 1, -1, UI_ROLE_TITLE, _("Secrets"));
    } else {
        canvas_printf(canvas, 0, 1, -1, UI_ROLE_TITLE,
                      "Which Secret should the pods of %s use instead of %s?", state->driver,
                      state->only == NULL || state->only[0] == '\0' ? _("the broken one")
                                                                    : state->only);
    }
    canvas_fill(canvas, 1, UI_ROLE_COLUMNS);
    canvas_put(canvas, 1, 1, name, UI_ROLE_COLUMNS, _("NAME"));
    canvas_put(canvas, 1, name + 2, 18, UI_ROLE_COLUMNS, _("TYPE"));
    canvas_put(canvas, 1, name + 21, 16, UI_ROLE_COLUMNS, _("SERVES"));
    canvas_put(canvas, 1, name + 38, 9, UI_ROLE_COLUMNS, _("USED BY"));
    canvas_put(canvas, 1, name + 48, 5, UI_ROLE_COLUMNS, _("AGE"));
    canvas_put(canvas, 1, name + 53, -1, UI_ROLE_COLUMNS, _("MANAGED BY"));
    for (int i = 0; i < state->height && state->list.top + i < state->list.count; i++) {
        int at = state->list.top + i;
        draw_row(view, canvas, 2 + i, state->rows[at], at == state->list.selected);
    }
    draw_detail(canvas, canvas->rows - 5, selected_secret(state));
}

static void use_selected(struct ui_view *view)
{
    struct secrets *state = view->state;
    const struct csi_secret *secret = selected_secret(state);
    struct ui_app *app = view->app;
    if (secret == NULL || state->driver == NULL) {
        ui_say(app, UI_ROLE_INFO, "Start from a finding (f) to use a Secret for its pods.");
    } else if (registry_secret_data_key(secret->type) == NULL) {
        ui_say(app, UI_ROLE_WARNING, "%s is no registry Secret: the kubelet would ignore it.",
               secret->name);
    } else if (state->ns != NULL && strcmp(state->ns, secret->ns) != 0) {
        ui_say(app, UI_ROLE_WARNING,
               "Pods can only name Secrets of their own namespace; this one is in %s.", secret->ns);
    } else if (!ui_refuses(app, UI_FIX)) {
        struct change_intent *intent = change_intent_new(CHANGE_USE_SECRET);
        intent->drivers = xcalloc(2, sizeof(char *));
        intent->drivers[0] = xstrdup(state->driver);
        intent->secret = xstrdup(secret->name);
        if (state->only != NULL && state->only[0] != '\0') {
            intent->only = xstrdup(state->only);
        }
        ui_pop(app);
        ui_push(app, &view_preview, intent);
    }
}

static bool secrets_act(struct ui_view *view, enum ui_action action)
{
    struct secrets *state = view->state;
    if (ui_list_act(&state->list, action, state->height)) {
        return true;
    }
    if (action == UI_OPEN) {
        use_selected(view);
        return true;
    }
    if (action == UI_NEW) {
        struct view_form_argument form = {state->ns, NULL, state->driver, state->driver != NULL};
        ui_push(view->app, &view_form, &form);
        return true;
    }
    return false;
}

static void secrets_click(struct ui_view *view, int row, int column, bool twice)
{
    struct secrets *state = view->state;
    (void)column;
    if (row >= 2 && row - 2 < state->height && state->list.top + row - 2 < state->list.count) {
        state->list.selected = state->list.top + row - 2;
        if (twice) {
            use_selected(view);
        }
    }
}

static void secrets_wheel(struct ui_view *view, int rows)
{
    struct secrets *state = view->state;
    ui_list_wheel(&state->list, rows, state->height);
}

const struct ui_view_ops view_secrets = {.name = "secrets",
                                         .title = N_("Registry Secrets"),
                                         .state_size = sizeof(struct secrets),
                                         .actions = actions,
                                         .open = secrets_open,
                                         .draw = secrets_draw,
                                         .act = secrets_act,
                                         .click = secrets_click,
                                         .wheel = secrets_wheel,
                                         .update = secrets_update,
                                         .close = secrets_close};
