/* Actions of the view below by their names. */
#include <string.h>

#include "base/language.h"
#include "base/text.h"
#include "ui/app.h"
#include "ui/line_edit.h"
#include "ui/views.h"

enum { MATCH_LIMIT = 64 };

struct palette {
    struct line_edit line;
    enum ui_action matches[MATCH_LIMIT];
    struct ui_list list;
    int rows;
};

static const enum ui_action actions[] = {UI_NONE};

static void add_matches(struct palette *state, const enum ui_action *offered)
{
    for (size_t i = 0; offered[i] != UI_NONE && state->list.count < MATCH_LIMIT; i++) {
        const struct ui_action_info *info = &ui_actions[offered[i]];
        if (offered[i] != UI_PALETTE && (text_find(info->name, state->line.text) != NULL ||
                                         text_find(_(info->help), state->line.text) != NULL)) {
            state->matches[state->list.count++] = offered[i];
        }
    }
}

static void find_matches(struct ui_view *view)
{
    struct palette *state = view->state;
    state->list.count = 0;
    add_matches(state, view->below->ops->actions);
    add_matches(state, keys_everywhere);
    ui_list_settle(&state->list, state->list.count, state->rows);
}

static void palette_open(struct ui_view *view, void *argument)
{
    (void)argument;
    find_matches(view);
}

static void palette_draw(struct ui_view *view, struct ui_canvas *canvas)
{
    struct palette *state = view->state;
    state->rows = canvas->rows - 2;
    ui_list_settle(&state->list, state->list.count, state->rows);
    canvas_put(canvas, 0, 1, -1, UI_ROLE_KEY, ":");
    for (int i = 0; i < state->rows && state->list.top + i < state->list.count; i++) {
        int at = state->list.top + i;
        const struct ui_action_info *info = &ui_actions[state->matches[at]];
        bool off = info->writes && ui_model(view)->read_only;
        enum ui_role role = at == state->list.selected ? UI_ROLE_SELECTED
                            : off                      ? UI_ROLE_DISABLED
                                                       : UI_ROLE_TEXT;
        canvas_printf(canvas, 2 + i, 1, canvas->columns - 2, role, "%-14s %-14s %s", info->name,
                      keys_of(state->matches[at]), _(info->help));
    }
    line_edit_draw(&state->line, canvas, 0, 3, canvas->columns - 5, true);
}

static void run_selected(struct ui_view *view)
{
    struct palette *state = view->state;
    struct ui_app *app = view->app;
    enum ui_action action = state->list.count > 0 ? state->matches[state->list.selected] : UI_NONE;
    ui_pop(app);
    app_act(app, action);
}

static bool palette_type(struct ui_view *view, int key, bool is_code)
{
    struct palette *state = view->state;
    enum ui_action movement = is_code ? keys_action(actions, key, is_code) : UI_NONE;
    if (movement != UI_NONE && ui_list_act(&state->list, movement, state->rows)) {
        return true;
    }
    switch (line_edit_key(&state->line, key, is_code)) {
    case LINE_EDIT_DONE:
        run_selected(view);
        return true;
    case LINE_EDIT_CANCELLED:
        ui_pop(view->app);
        return true;
    case LINE_EDIT_TAKEN:
        find_matches(view);
        return true;
    case LINE_EDIT_OTHER:
        break;
    }
    return false;
}

static bool palette_act(struct ui_view *view, enum ui_action action)
{
    struct palette *state = view->state;
    return ui_list_act(&state->list, action, state->rows);
}

static void palette_click(struct ui_view *view, int row, int column, bool twice)
{
    struct palette *state = view->state;
    (void)column;
    (void)twice;
    if (row >= 2 && row - 2 < state->rows && state->list.top + row - 2 < state->list.count) {
        state->list.selected = state->list.top + row - 2;
        run_selected(view);
    }
}

static const char *palette_typing(const struct ui_view *view)
{
    (void)view;
    return _("Type a part of the name; Enter runs it, ESC goes back.");
}

const struct ui_view_ops view_palette = {.name = "palette",
                                         .title = N_("Actions by name"),
                                         .state_size = sizeof(struct palette),
                                         .actions = actions,
                                         .open = palette_open,
                                         .draw = palette_draw,
                                         .act = palette_act,
                                         .click = palette_click,
                                         .type = palette_type,
                                         .typing = palette_typing};
