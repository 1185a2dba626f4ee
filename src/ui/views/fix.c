/* The ways out of one finding, each with its cost and what it does. */
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "ui/fixes.h"
#include "ui/views.h"

struct fix_state {
    char *rule;
    char *driver;
    char *secret;
    struct ui_list list;
};

static const enum ui_action actions[] = {UI_OPEN, UI_FIX_1, UI_FIX_2, UI_FIX_3, UI_FIX_4, UI_NONE};

/* The finding of the same rule, driver and Secret in today's picture; NULL once it is mended. */
static const struct csi_finding *find(const struct ui_view *view)
{
    const struct fix_state *state = view->state;
    const struct csi_findings *findings = ui_model(view)->findings;
    for (size_t i = 0; i < findings->count; i++) {
        const struct csi_finding *finding = &findings->items[i];
        const char *secret = finding->secret_name == NULL ? "" : finding->secret_name;
        if (strcmp(finding->rule->name, state->rule) == 0 &&
            strcmp(finding->driver, state->driver) == 0 && strcmp(secret, state->secret) == 0) {
            return finding;
        }
    }
    return NULL;
}

static void fix_open(struct ui_view *view, void *argument)
{
    struct fix_state *state = view->state;
    const struct csi_finding *finding = argument;
    state->rule = xstrdup(finding->rule->name);
    state->driver = xstrdup(finding->driver);
    state->secret = xstrdup(finding->secret_name == NULL ? "" : finding->secret_name);
}

static void fix_close(struct ui_view *view)
{
    struct fix_state *state = view->state;
    free(state->rule);
    free(state->driver);
    free(state->secret);
}

static void fix_draw(struct ui_view *view, struct ui_canvas *canvas)
{
    struct fix_state *state = view->state;
    const struct csi_finding *finding = find(view);
    if (finding == NULL) {
        canvas_put(canvas, 1, 1, -1, UI_ROLE_GOOD, "This is no longer wrong. ESC goes back.");
        return;
    }
    int width = canvas->columns - 3;
    canvas_printf(canvas, 0, 1, -1, UI_ROLE_TITLE, "%s: %s", finding->driver, finding->rule->title);
    int row = 2;
    row += canvas_wrap(canvas, row, 1, width, 3, UI_ROLE_TEXT, finding->message);
    row += canvas_wrap(canvas, row, 1, width, 4, UI_ROLE_TEXT, finding->explanation);
    row += canvas_wrap(canvas, row, 1, width, 3, UI_ROLE_DIM, finding->rule->consequence) + 1;
    ui_list_settle(&state->list, (int)finding->fix_count, canvas->rows);
    for (size_t i = 0; i < finding->fix_count && row + 1 < canvas->rows; i++, row += 3) {
        bool selected = (int)i == state->list.selected;
        char label[256];
        ui_fix_label(&finding->fixes[i], i + 1, label, sizeof(label));
        canvas_printf(canvas, row, 1, width, selected ? UI_ROLE_SELECTED : UI_ROLE_TITLE, " %s ",
                      label);
        canvas_printf(canvas, row + 1, 4, width - 3, UI_ROLE_DIM, "%s", finding->fixes[i].command);
        if (selected) {
            canvas_cursor(canvas, row, 1, false);
        }
    }
}

static bool fix_act(struct ui_view *view, enum ui_action action)
{
    struct fix_state *state = view->state;
    const struct csi_finding *finding = find(view);
    if (ui_list_act(&state->list, action, 20)) {
        return true;
    }
    size_t number = (size_t)state->list.selected;
    if (action >= UI_FIX_1 && action <= UI_FIX_4) {
        number = (size_t)(action - UI_FIX_1);
    } else if (action != UI_OPEN) {
        return false;
    }
    if (finding == NULL || number >= finding->fix_count || ui_refuses(view->app, UI_FIX)) {
        return true;
    }
    ui_start_fix(view->app, finding, number);
    return true;
}

const struct ui_view_ops view_fix = {.name = "fix",
                                     .title = "Ways to mend it",
                                     .state_size = sizeof(struct fix_state),
                                     .actions = actions,
                                     .open = fix_open,
                                     .draw = fix_draw,
                                     .act = fix_act,
                                     .close = fix_close};
