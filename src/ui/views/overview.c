/* The first picture: drivers, workloads and pods as a tree, and below it what is wrong with the
 * selected row. */
#include <curses.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/text.h"
#include "ui/fixes.h"
#include "ui/line_edit.h"
#include "ui/tree.h"
#include "ui/tree_draw.h"
#include "ui/views.h"
#include "ui/widgets.h"

struct overview {
    struct tree tree;
    struct ui_list list;
    char *selected; /* key of the selected row */
    struct line_edit filter;
    bool typing;
    int rows; /* of the tree, as drawn last */
    struct tree_columns columns;
};

static const enum ui_action actions[] = {
    UI_OPEN,  UI_FIX,    UI_SECRETS,  UI_FILTER, UI_SORT,  UI_VERIFY, UI_UNDO,  UI_HISTORY,
    UI_YAML,  UI_EVENTS, UI_CONTEXTS, UI_RULES,  UI_FOLD,  UI_LEFT,   UI_RIGHT, UI_FIX_1,
    UI_FIX_2, UI_FIX_3,  UI_FIX_4,    UI_FIX_5,  UI_FIX_6, UI_NONE};

static void keep_selection(struct overview *state)
{
    free(state->selected);
    state->selected = NULL;
    if (state->list.selected < (int)state->tree.count) {
        state->selected = tree_key(&state->tree.rows[state->list.selected]);
    }
}

static void overview_update(struct ui_view *view)
{
    struct overview *state = view->state;
    tree_build(&state->tree, ui_model(view)->census);
    long found = state->selected == NULL ? -1 : tree_find(&state->tree, state->selected);
    if (found >= 0) {
        state->list.selected = (int)found;
    }
    ui_list_settle(&state->list, (int)state->tree.count, state->rows);
    keep_selection(state);
}

static void overview_open(struct ui_view *view, void *argument)
{
    struct overview *state = view->state;
    (void)argument;
    tree_init(&state->tree);
    overview_update(view);
}

static void overview_close(struct ui_view *view)
{
    struct overview *state = view->state;
    tree_free(&state->tree);
    free(state->selected);
}

static const struct tree_row *selected_row(const struct overview *state)
{
    return state->list.selected < (int)state->tree.count ? &state->tree.rows[state->list.selected]
                                                         : NULL;
}

/* The finding that the lower pane explains; *others gets how many more there are. */
static const struct csi_finding *current_finding(const struct ui_view *view, size_t *others)
{
    enum { FINDINGS = 64 };
    const struct csi_finding *found[FINDINGS];
    const struct tree_row *row = selected_row(view->state);
    size_t count = row == NULL
                       ? 0
                       : ui_findings_about(ui_model(view), row->driver,
                                           row->kind == TREE_WORKLOAD ? row->workload : NULL,
                                           row->pod, found, FINDINGS);
    *others = count > 0 ? count - 1 : 0;
    return count > 0 ? found[0] : NULL;
}

/* --- Drawing ------------------------------------------------------------------------------------
 */

static size_t count_unknown(const struct csi_census *census)
{
    size_t count;
    size_t unknown = 0;
    struct csi_driver *const *drivers = csi_census_drivers(census, &count);
    for (size_t i = 0; i < count; i++) {
        if (drivers[i]->state != CSI_SECRET_UNKNOWN && drivers[i]->broken_pods == 0) {
            continue;
        }
        for (size_t j = 0; j < drivers[i]->workload_count; j++) {
            const struct csi_workload *workload = drivers[i]->workloads[j];
            for (size_t k = 0; k < workload->pod_count; k++) {
                unknown += workload->pods[k]->state == CSI_SECRET_UNKNOWN ? 1 : 0;
            }
        }
    }
    return unknown;
}

static void draw_totals(const struct ui_view *view, struct ui_canvas *canvas)
{
    const struct ui_model *model = ui_model(view);
    struct csi_totals totals = csi_census_totals(model->census);
    const struct overview *state = view->state;
    char number[48];
    int column = 1;
    if (!csi_follow_state(model->follow)->complete) {
        column += canvas_put(canvas, 0, column, -1, UI_ROLE_INFO, "reading the cluster...  ");
    }
    column += canvas_printf(canvas, 0, column, -1, UI_ROLE_TEXT, "%zu driver%s   %zu pods   ",
                            totals.drivers, totals.drivers == 1 ? "" : "s", totals.pods);
    if (csi_follow_state(model->follow)->complete || totals.broken_pods > 0) {
        bool bad = totals.broken_pods > 0;
        size_t unknown = count_unknown(model->census);
        column += canvas_printf(
            canvas, 0, column, -1, bad ? UI_ROLE_BAD : UI_ROLE_GOOD, "%s %zu broken   ",
            canvas_glyph(canvas, bad ? GLYPH_BAD : GLYPH_GOOD), totals.broken_pods);
        if (unknown > 0) {
            column += canvas_printf(canvas, 0, column, -1, UI_ROLE_WARNING, "%s %zu unknown   ",
                                    canvas_glyph(canvas, GLYPH_UNKNOWN), unknown);
        }
    }
    if (totals.rate_known) {
        widget_number(totals.warnings_per_day, number);
        column += canvas_printf(canvas, 0, column, -1,
                                totals.warnings_per_day > 0 ? UI_ROLE_WARNING : UI_ROLE_TEXT,
                                "%s %s%s warnings a day ", canvas_glyph(canvas, GLYPH_WARNING),
                                totals.lower_bound ? (canvas->ascii ? ">=" : "≥") : "", number);
        int room = model->rate_count < 12 ? model->rate_count : 12;
        if (column + room + 16 < canvas->columns) {
            canvas_sparkline(canvas, 0, column, 12, UI_ROLE_INFO, model->rates, model->rate_count);
            column += room + 2;
        }
    }
    canvas_printf(canvas, 0, column, -1, UI_ROLE_TEXT, "%zu finding%s", model->findings->count,
                  model->findings->count == 1 ? "" : "s");
    if (state->tree.filter[0] != '\0' || state->typing) {
        canvas_printf(canvas, 1, 0, -1, UI_ROLE_COLUMNS, " filter: ");
    }
}

/* Flows the ways out into as few rows as they need, from row on (row < 0: only counts). */
static int flow_fixes(struct ui_canvas *canvas, int row, const struct csi_finding *finding)
{
    int column = 3;
    int line = 0;
    for (size_t i = 0; i < finding->fix_count; i++) {
        char label[256];
        ui_fix_label(&finding->fixes[i], i + 1, label, sizeof(label));
        int width = text_width(label);
        if (column > 3 && column + width > canvas->columns - 1) {
            line++;
            column = 3;
        }
        if (row >= 0) {
            canvas_printf(canvas, row + line, column, 1, UI_ROLE_KEY, "%zu", i + 1);
            canvas_put(canvas, row + line, column + 1, -1, UI_ROLE_TEXT, label + 1);
        }
        column += width + 3;
    }
    return finding->fix_count > 0 ? line + 1 : 0;
}

static void draw_explanation(const struct ui_view *view, struct ui_canvas *pane)
{
    size_t others = 0;
    const struct csi_finding *finding = current_finding(view, &others);
    const struct csi_follow_state *follow = csi_follow_state(ui_model(view)->follow);
    canvas_rule(pane, 0, finding == NULL ? "State" : "What is wrong");
    if (finding == NULL) {
        const char *text = !follow->complete ? "The picture is not complete yet."
                           : selected_row(view->state) == NULL
                               ? "No CSI driver was found in this cluster."
                               : "Nothing is wrong here: every pull-secret reference is sound, or "
                                 "none is needed.";
        canvas_wrap(pane, 1, 1, pane->columns - 2, pane->rows - 1, UI_ROLE_TEXT, text);
        return;
    }
    if (others > 0) {
        char more[64];
        snprintf(more, sizeof(more), " and %zu more: f ", others);
        canvas_right(pane, 0, pane->columns - 24, 22, UI_ROLE_TITLE, more);
    }
    enum ui_role role = finding->severity == CSI_ERROR     ? UI_ROLE_BAD
                        : finding->severity == CSI_WARNING ? UI_ROLE_WARNING
                                                           : UI_ROLE_INFO;
    canvas_put(pane, 1, 1, 1, role,
               canvas_glyph(pane, finding->severity == CSI_ERROR ? GLYPH_BAD : GLYPH_WARNING));
    struct buffer text;
    buffer_init(&text, 8192);
    buffer_printf(&text, "%s %s", finding->message, finding->explanation);
    int room = pane->rows - 1 - flow_fixes(pane, -1, finding);
    int used =
        canvas_wrap(pane, 1, 3, pane->columns - 4, room > 1 ? room : 1, UI_ROLE_TEXT, text.data);
    buffer_free(&text);
    flow_fixes(pane, 1 + used, finding);
}

/* The filter in place of the columns' heads, as it is typed and after. */
static void draw_filter(const struct overview *state, struct ui_canvas *canvas)
{
    const char *bad = filter_bad_word(state->tree.compiled);
    if (!state->typing && state->tree.filter[0] == '\0') {
        return;
    }
    int used = state->typing ? canvas->columns / 2
                             : canvas_put(canvas, 1, 9, canvas->columns / 2, UI_ROLE_MATCH,
                                          state->tree.filter);
    if (bad != NULL) {
        canvas_printf(canvas, 1, 11 + used, -1, UI_ROLE_WARNING, "not understood: %s ", bad);
    }
    if (state->typing) {
        line_edit_draw(&state->filter, canvas, 1, 9, canvas->columns / 2, true);
    }
}

static void overview_draw(struct ui_view *view, struct ui_canvas *canvas)
{
    struct overview *state = view->state;
    /* The explanation takes what the tree leaves, and a third in any case. */
    int least = canvas->rows / 3 < 6 ? 6 : canvas->rows / 3;
    int pane = canvas->rows - 2 - (int)state->tree.count;
    pane = pane > 12 ? 12 : pane;
    pane = pane < least ? least : pane;
    state->rows = canvas->rows - 2 - pane;
    ui_list_settle(&state->list, (int)state->tree.count, state->rows);
    tree_columns_fit(&state->columns, canvas, &state->tree, state->list.top, state->rows);
    tree_draw_heads(canvas, 1, &state->columns, state->tree.order);
    draw_totals(view, canvas);
    for (int i = 0; i < state->rows && state->list.top + i < state->list.count; i++) {
        int row = state->list.top + i;
        tree_draw_row(canvas, 2 + i, &state->columns, &state->tree.rows[row],
                      row == state->list.selected);
    }
    struct ui_canvas part = canvas_part(canvas, canvas->rows - pane, 0, pane, -1);
    draw_explanation(view, &part);
    draw_filter(state, canvas);
}

/* --- Keys ---------------------------------------------------------------------------------------
 */

static void fold_selected(struct ui_view *view, bool folded)
{
    struct overview *state = view->state;
    const struct tree_row *row = selected_row(state);
    if (row == NULL) {
        return;
    }
    if (folded && (row->kind == TREE_POD || row->folded)) {
        /* Already folded: up to the row above it in the tree. */
        for (int i = state->list.selected - 1; i >= 0; i--) {
            if (state->tree.rows[i].kind < row->kind) {
                state->list.selected = i;
                break;
            }
        }
        keep_selection(state);
        return;
    }
    tree_fold(&state->tree, (size_t)state->list.selected, folded);
    overview_update(view);
}

static void open_selected(struct ui_view *view)
{
    const struct tree_row *row = selected_row(view->state);
    if (row == NULL) {
        return;
    }
    if (row->kind == TREE_POD) {
        struct view_pod_argument argument = {row->pod->ns, row->pod->name};
        ui_push(view->app, &view_pod, &argument);
    } else {
        fold_selected(view, !row->folded);
    }
}

static void fix_selected(struct ui_view *view, size_t number)
{
    size_t others;
    const struct csi_finding *finding = current_finding(view, &others);
    if (finding == NULL || (number > 0 && number > finding->fix_count)) {
        ui_say(view->app, UI_ROLE_INFO, "Nothing to mend here.");
    } else if (number == 0) {
        ui_push(view->app, &view_fix, (void *)(uintptr_t)finding);
    } else {
        ui_start_fix(view->app, finding, number - 1);
    }
}

/* The object of the selected row as YAML, or its events. */
static void show_selected(struct ui_view *view, enum ui_action action)
{
    const struct tree_row *row = selected_row(view->state);
    if (row == NULL || row->kind == TREE_DRIVER) {
        ui_say(view->app, UI_ROLE_INFO, "Select a workload or a pod first.");
        return;
    }
    struct view_object_argument object = {"Pod", NULL, NULL};
    if (row->kind == TREE_POD) {
        object.ns = row->pod->ns;
        object.name = row->pod->name;
    } else {
        object = (struct view_object_argument){row->workload->kind, row->workload->ns,
                                               row->workload->name};
    }
    ui_push(view->app, action == UI_YAML ? &view_yaml : &view_events, &object);
}

static void verify_selected(struct ui_view *view)
{
    const struct tree_row *row = selected_row(view->state);
    if (row == NULL) {
        ui_say(view->app, UI_ROLE_INFO, "No driver is selected.");
    } else {
        ui_push(view->app, &view_verify, (void *)(uintptr_t)row->driver);
    }
}

static bool overview_act(struct ui_view *view, enum ui_action action)
{
    struct overview *state = view->state;
    if (ui_list_act(&state->list, action, state->rows)) {
        keep_selection(state);
        return true;
    }
    switch (action) {
    case UI_OPEN:
        open_selected(view);
        return true;
    case UI_FOLD: {
        const struct tree_row *row = selected_row(state);
        fold_selected(view, row != NULL && !row->folded);
        return true;
    }
    case UI_LEFT:
        fold_selected(view, true);
        return true;
    case UI_RIGHT:
        fold_selected(view, false);
        return true;
    case UI_FIX:
        fix_selected(view, 0);
        return true;
    case UI_FIX_1:
    case UI_FIX_2:
    case UI_FIX_3:
    case UI_FIX_4:
    case UI_FIX_5:
    case UI_FIX_6:
        fix_selected(view, (size_t)(action - UI_FIX_1) + 1);
        return true;
    case UI_SECRETS:
        ui_push(view->app, &view_secrets, NULL);
        return true;
    case UI_HISTORY:
        ui_push(view->app, &view_history, NULL);
        return true;
    case UI_UNDO:
        ui_undo_last(view->app);
        return true;
    case UI_CONTEXTS:
        ui_push(view->app, &view_contexts, NULL);
        return true;
    case UI_RULES:
        ui_push(view->app, &view_rules, NULL);
        return true;
    case UI_YAML:
    case UI_EVENTS:
        show_selected(view, action);
        return true;
    case UI_VERIFY:
        verify_selected(view);
        return true;
    case UI_SORT:
        state->tree.order = (enum tree_order)((state->tree.order + 1) % TREE_ORDER_COUNT);
        overview_update(view);
        return true;
    case UI_FILTER:
        state->typing = true;
        line_edit_set(&state->filter, state->tree.filter);
        return true;
    case UI_BACK:
        if (state->tree.filter[0] == '\0') {
            return false;
        }
        tree_set_filter(&state->tree, "");
        overview_update(view);
        return true;
    default:
        return false;
    }
}

static bool overview_type(struct ui_view *view, int key, bool is_code)
{
    struct overview *state = view->state;
    if (!state->typing) {
        return false;
    }
    enum line_edit_result result = line_edit_key(&state->filter, key, is_code);
    if (result == LINE_EDIT_OTHER) {
        return false;
    }
    tree_set_filter(&state->tree, result == LINE_EDIT_CANCELLED ? "" : state->filter.text);
    state->typing = result == LINE_EDIT_TAKEN;
    overview_update(view);
    return true;
}

static const char *overview_typing(const struct ui_view *view)
{
    const struct overview *state = view->state;
    return state->typing ? "text !text ~regex state: node: driver: ns: secret: pull:   ESC clears"
                         : NULL;
}

static void overview_click(struct ui_view *view, int row, int column, bool twice)
{
    struct overview *state = view->state;
    if (row == 1) {
        state->tree.order = tree_order_at(&state->columns, column);
        overview_update(view);
    } else if (row >= 2 && row - 2 < state->rows && state->list.top + row - 2 < state->list.count) {
        state->list.selected = state->list.top + row - 2;
        keep_selection(state);
        if (twice) {
            open_selected(view);
        }
    }
}

static void overview_wheel(struct ui_view *view, int rows)
{
    struct overview *state = view->state;
    ui_list_wheel(&state->list, rows, state->rows);
    keep_selection(state);
}

const struct ui_view_ops view_overview = {
    .name = "overview",
    .title = "Drivers and their pods",
    .state_size = sizeof(struct overview),
    .actions = actions,
    .open = overview_open,
    .draw = overview_draw,
    .act = overview_act,
    .type = overview_type,
    .typing = overview_typing,
    .click = overview_click,
    .wheel = overview_wheel,
    .update = overview_update,
    .close = overview_close,
};
