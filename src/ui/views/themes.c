/* Colours: the themes that there are, tried as one walks over them. */
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/language.h"
#include "ui/theme.h"
#include "ui/views.h"

struct themes {
    char **names;
    char *before; /* the one that comes back unless another is chosen */
    bool chosen;
    struct error failure; /* of the theme tried last */
    struct ui_list list;
    int rows;
};

static const enum ui_action actions[] = {UI_OPEN, UI_NONE};

static void themes_open(struct ui_view *view, void *argument)
{
    struct themes *state = view->state;
    (void)argument;
    state->names = theme_list();
    state->before = xstrdup(theme_name());
    for (int i = 0; state->names[i] != NULL; i++) {
        state->list.count = i + 1;
        if (strcmp(state->names[i], state->before) == 0) {
            state->list.selected = i;
        }
    }
}

static void themes_close(struct ui_view *view)
{
    struct themes *state = view->state;
    if (!state->chosen) {
        theme_load(state->before, ui_model(view)->options->no_color, NULL);
    }
    for (char **name = state->names; *name != NULL; name++) {
        free(*name);
    }
    free(state->names);
    free(state->before);
}

static void try_selected(struct ui_view *view)
{
    struct themes *state = view->state;
    error_clear(&state->failure);
    theme_load(state->names[state->list.selected], ui_model(view)->options->no_color,
               &state->failure);
}

static void draw_sample(struct ui_canvas *canvas, int row, int column)
{
    static const struct {
        enum ui_role role;
        int glyph; /* enum ui_glyph; -1: none */
        const char *text;
    } samples[] = {
        {UI_ROLE_TITLE, -1, "storage.csi.example.com"},
        {UI_ROLE_TEXT, -1, "csi-node-5kfqc  worker-1"},
        {UI_ROLE_SELECTED, -1, N_("the selected row")},
        {UI_ROLE_BAD, GLYPH_BAD, N_("regcred missing")},
        {UI_ROLE_WARNING, GLYPH_WARNING, N_("1152 warnings a day")},
        {UI_ROLE_GOOD, GLYPH_GOOD, N_("registry-pull ok")},
        {UI_ROLE_INFO, -1, N_("12 more below")},
        {UI_ROLE_DIM, -1, N_("what recedes")},
        {UI_ROLE_ADDED, -1, "+ name: registry-pull"},
        {UI_ROLE_REMOVED, -1, "- name: regcred"},
        {UI_ROLE_INPUT, -1, N_("typed text")},
        {UI_ROLE_MATCH, -1, N_("what was found")},
        {UI_ROLE_DANGER, -1, N_("connection lost")},
        {UI_ROLE_DISABLED, -1, N_("not in read-only mode")},
    };
    for (size_t i = 0; i < ARRAY_LENGTH(samples); i++) {
        bool marked = samples[i].glyph >= 0;
        canvas_printf(canvas, row + (int)i, column, canvas->columns - column - 1, samples[i].role,
                      "%s%s%s", marked ? canvas_glyph(canvas, (enum ui_glyph)samples[i].glyph) : "",
                      marked ? " " : "", _(samples[i].text));
    }
}

static void themes_draw(struct ui_view *view, struct ui_canvas *canvas)
{
    struct themes *state = view->state;
    state->rows = canvas->rows - 4;
    ui_list_settle(&state->list, state->list.count, state->rows);
    canvas_put(canvas, 0, 1, -1, UI_ROLE_TITLE, _("Themes"));
    for (int i = 0; i < state->rows && state->list.top + i < state->list.count; i++) {
        int at = state->list.top + i;
        bool selected = at == state->list.selected;
        canvas_printf(canvas, 2 + i, 1, 26, selected ? UI_ROLE_SELECTED : UI_ROLE_TEXT, " %s ",
                      state->names[at]);
        if (selected) {
            canvas_cursor(canvas, 2 + i, 1, false);
        }
    }
    draw_sample(canvas, 2, 32);
    if (state->failure.kind != ERROR_NONE) {
        canvas_wrap(canvas, canvas->rows - 2, 1, canvas->columns - 2, 2, UI_ROLE_BAD,
                    state->failure.message);
    } else {
        canvas_put(canvas, canvas->rows - 1, 1, -1, UI_ROLE_DIM,
                   _("Enter keeps it for this session; `theme: NAME` in config.yaml keeps it."));
    }
}

static bool themes_act(struct ui_view *view, enum ui_action action)
{
    struct themes *state = view->state;
    if (ui_list_act(&state->list, action, state->rows)) {
        try_selected(view);
        return true;
    }
    if (action == UI_OPEN) {
        state->chosen = state->failure.kind == ERROR_NONE;
        ui_pop(view->app);
        return true;
    }
    return action == UI_THEMES;
}

static void themes_click(struct ui_view *view, int row, int column, bool twice)
{
    struct themes *state = view->state;
    (void)column;
    if (row >= 2 && row - 2 < state->rows && state->list.top + row - 2 < state->list.count) {
        state->list.selected = state->list.top + row - 2;
        try_selected(view);
        if (twice) {
            themes_act(view, UI_OPEN);
        }
    }
}

static void themes_wheel(struct ui_view *view, int rows)
{
    struct themes *state = view->state;
    ui_list_wheel(&state->list, rows, state->rows);
    try_selected(view);
}

const struct ui_view_ops view_themes = {.name = "themes",
                                        .title = N_("Colours"),
                                        .state_size = sizeof(struct themes),
                                        .actions = actions,
                                        .open = themes_open,
                                        .draw = themes_draw,
                                        .act = themes_act,
                                        .click = themes_click,
                                        .wheel = themes_wheel,
                                        .close = themes_close};
