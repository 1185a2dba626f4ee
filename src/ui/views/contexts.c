/* The contexts of the kubeconfig: switching the cluster without a restart. */
#include <stdlib.h>
#include <string.h>

#include "base/language.h"
#include "ui/app.h"
#include "ui/views.h"

struct contexts {
    struct ui_list list;
    int rows;
};

static const enum ui_action actions[] = {UI_OPEN, UI_NONE};

static const char *const *names_of(const struct ui_view *view)
{
    return kube_config_contexts(ui_model(view)->options->config);
}

static void contexts_open(struct ui_view *view, void *argument)
{
    struct contexts *state = view->state;
    const char *const *names = names_of(view);
    const char *now = kube_config_context(ui_model(view)->options->config);
    (void)argument;
    for (int i = 0; names != NULL && names[i] != NULL; i++) {
        state->list.count = i + 1;
        if (strcmp(names[i], now) == 0) {
            state->list.selected = i;
        }
    }
}

static void contexts_draw(struct ui_view *view, struct ui_canvas *canvas)
{
    struct contexts *state = view->state;
    const char *const *names = names_of(view);
    const char *now = kube_config_context(ui_model(view)->options->config);
    state->rows = canvas->rows - 3;
    ui_list_settle(&state->list, state->list.count, state->rows);
    canvas_put(canvas, 0, 1, -1, UI_ROLE_TITLE, _("Contexts of the kubeconfig"));
    if (state->list.count == 0) {
        canvas_put(canvas, 2, 1, -1, UI_ROLE_DIM, _("The configuration has no contexts."));
    }
    for (int i = 0; i < state->rows && state->list.top + i < state->list.count; i++) {
        int at = state->list.top + i;
        bool selected = at == state->list.selected;
        bool current = strcmp(names[at], now) == 0;
        canvas_printf(canvas, 2 + i, 1, canvas->columns - 2,
                      selected ? UI_ROLE_SELECTED : UI_ROLE_TEXT, " %s %s%s ",
                      current ? canvas_glyph(canvas, GLYPH_GOOD) : " ", names[at],
                      current ? _(" (shown now)") : "");
        if (selected) {
            canvas_cursor(canvas, 2 + i, 1, false);
        }
    }
}

static void switch_to_selected(struct ui_view *view)
{
    struct contexts *state = view->state;
    struct ui_app *app = view->app;
    struct error err = ERROR_INIT;
    if (state->list.count == 0) {
        return;
    }
    if (!app_switch_context(app, names_of(view)[state->list.selected], &err)) {
        ui_say(app, UI_ROLE_BAD, "%s", err.message);
    }
}

static bool contexts_act(struct ui_view *view, enum ui_action action)
{
    struct contexts *state = view->state;
    if (ui_list_act(&state->list, action, state->rows)) {
        return true;
    }
    if (action == UI_OPEN) {
        switch_to_selected(view);
        return true;
    }
    return false;
}

static void contexts_click(struct ui_view *view, int row, int column, bool twice)
{
    struct contexts *state = view->state;
    (void)column;
    if (row >= 2 && row - 2 < state->rows && state->list.top + row - 2 < state->list.count) {
        state->list.selected = state->list.top + row - 2;
        if (twice) {
            switch_to_selected(view);
        }
    }
}

static void contexts_wheel(struct ui_view *view, int rows)
{
    struct contexts *state = view->state;
    ui_list_wheel(&state->list, rows, state->rows);
}

const struct ui_view_ops view_contexts = {.name = "contexts",
                                          .title = N_("Clusters"),
                                          .state_size = sizeof(struct contexts),
                                          .actions = actions,
                                          .open = contexts_open,
                                          .draw = contexts_draw,
                                          .act = contexts_act,
                                          .click = contexts_click,
                                          .wheel = contexts_wheel};
