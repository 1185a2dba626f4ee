/* There is no cluster to look at yet: why, and what can be done about it from here. */
#include <string.h>

#include "base/alloc.h"
#include "base/language.h"
#include "ui/app.h"
#include "ui/line_edit.h"
#include "ui/views.h"

enum way { WAY_FILE, WAY_DEMO, WAY_COUNT };

struct start {
    struct ui_list list;
    struct line_edit path;
    bool typing;
    int first; /* the row where the list begins */
};

static const enum ui_action actions[] = {UI_OPEN, UI_NONE};

static const char *const labels[WAY_COUNT] = {
    N_("type the path of a kubeconfig file"),
    N_("try everything on a simulated cluster: nothing can break"),
};

static void start_draw(struct ui_view *view, struct ui_canvas *canvas)
{
    struct start *state = view->state;
    const struct error *why = ui_model(view)->options->trouble;
    int width = canvas->columns - 4;
    int row = 1;
    canvas_put(canvas, row++, 2, -1, UI_ROLE_TITLE, _("There is no cluster to look at yet."));
    row += canvas_wrap(canvas, row, 2, width, 3, UI_ROLE_WARNING, why == NULL ? "" : why->message);
    row += canvas_wrap(canvas, row, 2, width, 3, UI_ROLE_TEXT,
                       _("A kubeconfig says where the cluster is and who you are. Whoever runs the "
                         "cluster gives you one; kubectl uses the same.")) +
           1;
    state->first = row;
    ui_list_settle(&state->list, WAY_COUNT, WAY_COUNT);
    for (int i = 0; i < WAY_COUNT; i++, row++) {
        bool selected = i == state->list.selected;
        canvas_printf(canvas, row, 3, width, selected ? UI_ROLE_SELECTED : UI_ROLE_TEXT, " %s ",
                      _(labels[i]));
        if (selected) {
            canvas_cursor(canvas, row, 3, false);
        }
    }
    if (state->typing) {
        canvas_put(canvas, row + 1, 3, -1, UI_ROLE_KEY, _("File:"));
        line_edit_draw(&state->path, canvas, row + 1, 10, canvas->columns - 12, true);
    }
}

static void choose(struct ui_view *view)
{
    struct start *state = view->state;
    if (state->list.selected == WAY_FILE) {
        state->typing = true;
        return;
    }
    view->app->options->wish->demo = true;
    app_leave(view->app, 0);
}

static bool start_act(struct ui_view *view, enum ui_action action)
{
    struct start *state = view->state;
    if (ui_list_act(&state->list, action, WAY_COUNT)) {
        return true;
    }
    if (action == UI_OPEN) {
        choose(view);
        return true;
    }
    return false;
}

static bool start_type(struct ui_view *view, int key, bool is_code)
{
    struct start *state = view->state;
    if (!state->typing) {
        return false;
    }
    switch (line_edit_key(&state->path, key, is_code)) {
    case LINE_EDIT_OTHER:
        return false;
    case LINE_EDIT_CANCELLED:
        state->typing = false;
        break;
    case LINE_EDIT_DONE:
        if (state->path.length > 0) {
            view->app->options->wish->kubeconfig = xstrdup(state->path.text);
            app_leave(view->app, 0);
        }
        break;
    case LINE_EDIT_TAKEN:
        break;
    }
    return true;
}

static const char *start_typing(const struct ui_view *view)
{
    const struct start *state = view->state;
    return state->typing ? _("Enter opens the file, ESC goes back.") : NULL;
}

static void start_click(struct ui_view *view, int row, int column, bool twice)
{
    struct start *state = view->state;
    (void)column;
    if (row >= state->first && row < state->first + WAY_COUNT) {
        state->list.selected = row - state->first;
        if (twice) {
            choose(view);
        }
    }
}

const struct ui_view_ops view_start = {.name = "start",
                                       .title = N_("No cluster yet"),
                                       .state_size = sizeof(struct start),
                                       .actions = actions,
                                       .draw = start_draw,
                                       .act = start_act,
                                       .type = start_type,
                                       .typing = start_typing,
                                       .click = start_click};
