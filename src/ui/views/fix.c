/* What is wrong with a driver, one finding at a time, with the ways out and their costs. */
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/language.h"
#include "ui/explanation.h"
#include "ui/fixes.h"
#include "ui/views.h"

enum { FINDINGS = 64, MOST_WAYS = 6 };

struct fix_state {
    char *driver;
    char *rule;
    char *secret;
    struct ui_list list;
};

static const enum ui_action actions[] = {UI_OPEN,  UI_NEXT_PANE, UI_PREVIOUS_PANE, UI_FIX_1,
                                         UI_FIX_2, UI_FIX_3,     UI_FIX_4,         UI_FIX_5,
                                         UI_FIX_6, UI_NONE};

static const char *secret_of(const struct csi_finding *finding)
{
    return finding->secret_name == NULL ? "" : finding->secret_name;
}

/* The driver's findings in today's picture, and which of them is the one shown; -1: mended. */
static int look(const struct ui_view *view, const struct csi_finding **found, size_t *count)
{
    const struct fix_state *state = view->state;
    const struct ui_model *model = ui_model(view);
    const struct csi_driver *driver = csi_census_driver(model->census, state->driver);
    *count = driver == NULL ? 0 : ui_findings_about(model, driver, NULL, NULL, found, FINDINGS);
    for (size_t i = 0; i < *count; i++) {
        if (strcmp(found[i]->rule->name, state->rule) == 0 &&
            strcmp(secret_of(found[i]), state->secret) == 0) {
            return (int)i;
        }
    }
    return -1;
}

static void show(struct fix_state *state, const struct csi_finding *finding)
{
    free(state->rule);
    free(state->secret);
    state->rule = xstrdup(finding->rule->name);
    state->secret = xstrdup(secret_of(finding));
    state->list = (struct ui_list){0};
}

static void fix_open(struct ui_view *view, void *argument)
{
    struct fix_state *state = view->state;
    const struct csi_finding *finding = argument;
    state->driver = xstrdup(finding->driver);
    show(state, finding);
}

static void fix_close(struct ui_view *view)
{
    struct fix_state *state = view->state;
    free(state->driver);
    free(state->rule);
    free(state->secret);
}

static void draw_title(struct ui_canvas *canvas, const struct csi_finding *finding, int at,
                       size_t count)
{
    canvas_printf(canvas, 0, 1, -1, explanation_role(finding->severity), "%s %s",
                  explanation_glyph(canvas, finding->severity), _(finding->rule->title));
    canvas_printf(canvas, 1, 3, -1, UI_ROLE_DIM, "%s, finding %d of %zu%s", finding->driver, at + 1,
                  count, count > 1 ? _(" (Tab: the next one)") : "");
}

static void draw_ways(struct fix_state *state, struct ui_canvas *canvas, int row,
                      const struct csi_finding *finding)
{
    ui_list_settle(&state->list, (int)finding->fix_count, canvas->rows);
    if (finding->fix_count == 0) {
        canvas_put(canvas, row, 1, -1, UI_ROLE_DIM, _("This program has no way to mend that."));
        return;
    }
    bool roomy = row + 3 * (int)finding->fix_count <= canvas->rows + 1;
    for (size_t i = 0; i < finding->fix_count && row < canvas->rows; i++) {
        bool selected = (int)i == state->list.selected;
        char label[256];
        csi_fix_label(&finding->fixes[i], i + 1, label, sizeof(label));
        if (i < MOST_WAYS) {
            canvas_hit(canvas, row, 1, canvas->columns - 2, UI_FIX_1 + (int)i);
        }
        canvas_printf(canvas, row, 1, canvas->columns - 2,
                      selected ? UI_ROLE_SELECTED : UI_ROLE_TITLE, " %s ", label);
        if (selected) {
            canvas_cursor(canvas, row, 1, false);
        }
        if (roomy || selected) {
            canvas_printf(canvas, ++row, 4, canvas->columns - 5, UI_ROLE_DIM, "%s",
                          finding->fixes[i].command);
        }
        row += roomy ? 2 : 1;
    }
}

static void fix_draw(struct ui_view *view, struct ui_canvas *canvas)
{
    struct fix_state *state = view->state;
    const struct csi_finding *found[FINDINGS];
    size_t count;
    int at = look(view, found, &count);
    if (at < 0) {
        canvas_printf(canvas, 1, 1, -1, UI_ROLE_GOOD, "%s This is no longer wrong. ESC goes back.",
                      canvas_glyph(canvas, GLYPH_GOOD));
        return;
    }
    int width = canvas->columns - 4;
    int row = 3;
    draw_title(canvas, found[at], at, count);
    /* The ways out go before their reasons where there is no room for both. */
    int room = canvas->rows - row - 1 - (int)found[at]->fix_count - 1;
    int text_rows = room < canvas->rows / 2 ? room : canvas->rows / 2;
    int told = canvas_wrap(canvas, row, 3, width, text_rows < 2 ? 2 : text_rows / 2 + 1,
                           UI_ROLE_TEXT, found[at]->message);
    row += told;
    if (text_rows > told) {
        row += canvas_wrap(canvas, row, 3, width, text_rows - told, UI_ROLE_TEXT,
                           found[at]->explanation);
    }
    draw_ways(state, canvas, row + 1, found[at]);
}

static bool fix_act(struct ui_view *view, enum ui_action action)
{
    struct fix_state *state = view->state;
    const struct csi_finding *found[FINDINGS];
    size_t count;
    int at = look(view, found, &count);
    if (ui_list_act(&state->list, action, 20)) {
        return true;
    }
    if (action == UI_NEXT_PANE || action == UI_PREVIOUS_PANE) {
        if (count > 0) {
            int step = action == UI_NEXT_PANE ? 1 : (int)count - 1;
            show(state, found[((at < 0 ? 0 : at) + step) % (int)count]);
        }
        return true;
    }
    size_t number = (size_t)state->list.selected;
    if (action >= UI_FIX_1 && action <= UI_FIX_6) {
        number = (size_t)(action - UI_FIX_1);
    } else if (action != UI_OPEN) {
        return false;
    }
    if (at >= 0 && number < found[at]->fix_count && !ui_refuses(view->app, UI_FIX)) {
        ui_start_fix(view->app, found[at], number);
    }
    return true;
}

const struct ui_view_ops view_fix = {.name = "fix",
                                     .title = N_("Ways to mend it"),
                                     .state_size = sizeof(struct fix_state),
                                     .actions = actions,
                                     .open = fix_open,
                                     .draw = fix_draw,
                                     .act = fix_act,
                                     .close = fix_close};
