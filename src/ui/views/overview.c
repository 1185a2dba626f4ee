/* The first picture: drivers, workloads and pods as a tree, and below it what is wrong with the
 * selected row. */
#include <curses.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/language.h"
#include "base/text.h"
#include "ui/explanation.h"
#include "ui/fixes.h"
#include "ui/line_edit.h"
#include "ui/presets.h"
#include "ui/totals.h"
#include "ui/tree.h"
#include "ui/tree_draw.h"
#include "ui/views.h"
#include "ui/widgets.h"

enum { FINDINGS = 64, BESIDE = 150, PANE_MOST = 84 };

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
    UI_OPEN,  UI_FIX,       UI_SECRETS, UI_FILTER,  UI_NEXT_FAULT, UI_VERIFY, UI_UNDO,
    UI_SORT,  UI_KUBESPRAY, UI_PRESET,  UI_HISTORY, UI_YAML,       UI_EVENTS, UI_CONTEXTS,
    UI_RULES, UI_SETUP,     UI_FOLD,    UI_LEFT,    UI_RIGHT,      UI_FIX_1,  UI_FIX_2,
    UI_FIX_3, UI_FIX_4,     UI_FIX_5,   UI_FIX_6,   UI_NONE};

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

/* The findings about the selected row, those that are most worth mending first. */
static size_t findings_here(const struct ui_view *view, const struct csi_finding **found)
{
    const struct tree_row *row = selected_row(view->state);
    return row == NULL ? 0
                       : ui_findings_about(ui_model(view), row->driver,
                                           row->kind == TREE_WORKLOAD ? row->workload : NULL,
                                           row->pod, found, FINDINGS);
}

/* --- Drawing ------------------------------------------------------------------------------------
 */

/* The filter in place of the columns' heads, as it is typed and after. */
static void draw_filter(const struct overview *state, struct ui_canvas *canvas)
{
    const char *bad = filter_bad_word(state->tree.compiled);
    if (!state->typing && state->tree.filter[0] == '\0') {
        return;
    }
    const struct tree_columns *heads = &state->columns;
    canvas_cell(canvas, 1, 0, heads->name + heads->node + heads->ready + heads->state,
                UI_ROLE_COLUMNS, "");
    canvas_printf(canvas, 1, 0, -1, UI_ROLE_COLUMNS, " filter: ");
    int used = state->typing ? canvas->columns / 2
                             : canvas_put(canvas, 1, 9, canvas->columns / 2, UI_ROLE_MATCH,
                                          state->tree.filter);
    if (bad != NULL) {
        canvas_printf(canvas, 1, 11 + used, -1, UI_ROLE_WARNING, "not understood: %s ", bad);
    } else if (state->tree.compiled != NULL) {
        canvas_printf(canvas, 1, 10 + used, -1, UI_ROLE_COLUMNS,
                      language_plural(" %zu pod ", " %zu pods ", state->tree.matches),
                      state->tree.matches);
    }
    if (state->typing) {
        line_edit_draw(&state->filter, canvas, 1, 9, canvas->columns / 2, true);
    }
}

/* The explanation stands beside the tree where there is room for both, otherwise below it: it takes
 * what the tree leaves, and a third in any case. */
static struct ui_canvas place_panes(struct overview *state, const struct ui_canvas *canvas,
                                    struct ui_canvas *tree)
{
    *tree = *canvas;
    if (canvas->columns >= BESIDE) {
        int width = canvas->columns * 3 / 8;
        width = width > PANE_MOST ? PANE_MOST : width;
        *tree = canvas_part(canvas, 0, 0, -1, canvas->columns - width);
        tree->rows = canvas->rows;
        state->rows = canvas->rows - 2;
        return canvas_part(canvas, 1, canvas->columns - width, canvas->rows - 1, -1);
    }
    int least = canvas->rows / 3 < 6 ? 6 : canvas->rows / 3;
    int most = canvas->rows / 2 < 12 ? 12 : canvas->rows / 2;
    int pane = canvas->rows - 2 - (int)state->tree.count;
    pane = pane > most ? most : pane;
    pane = pane < least ? least : pane;
    state->rows = canvas->rows - 2 - pane;
    return canvas_part(canvas, canvas->rows - pane, 0, pane, -1);
}

static void draw_pane(const struct ui_view *view, struct ui_canvas *pane)
{
    const struct csi_finding *found[FINDINGS];
    struct explanation explanation = {
        .findings = found,
        .count = findings_here(view, found),
        .none = NULL,
        .may_write = !ui_model(view)->read_only,
    };
    if (explanation.count == 0) {
        explanation.none =
            ui_model_is_cut_off(ui_model(view)) && selected_row(view->state) == NULL
                ? _("Nothing can be read from this cluster; why stands above. It is tried again "
                    "by itself; C switches to another one.")
            : !ui_model_is_known(ui_model(view)) ? _("The picture is not complete yet.")
            : selected_row(view->state) == NULL
                ? _("No CSI driver was found in this cluster.")
                : _("Nothing is wrong here: every pull-secret reference is sound, or "
                    "none is needed.");
    }
    explanation_draw(&explanation, pane);
}

static void draw_empty(const struct ui_view *view, struct ui_canvas *tree)
{
    const struct overview *state = view->state;
    if (state->tree.filter[0] != '\0') {
        canvas_put(tree, 3, 3, -1, UI_ROLE_DIM, _("No pod matches the filter; ESC clears it."));
    }
}

static void overview_draw(struct ui_view *view, struct ui_canvas *canvas)
{
    struct overview *state = view->state;
    struct ui_canvas tree;
    struct ui_canvas pane = place_panes(state, canvas, &tree);
    ui_list_settle(&state->list, (int)state->tree.count, state->rows);
    tree_columns_fit(&state->columns, &tree, &state->tree, state->list.top, state->rows);
    tree_draw_heads(&tree, 1, &state->columns, state->tree.order);
    totals_draw(ui_model(view), canvas);
    for (int i = 0; i < state->rows && state->list.top + i < state->list.count; i++) {
        int row = state->list.top + i;
        tree_draw_row(&tree, 2 + i, &state->columns, &state->tree.rows[row],
                      row == state->list.selected);
    }
    if (state->list.count == 0) {
        draw_empty(view, &tree);
    }
    draw_pane(view, &pane);
    draw_filter(state, &tree);
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
    const struct csi_finding *found[FINDINGS];
    const struct csi_finding *finding = findings_here(view, found) > 0 ? found[0] : NULL;
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
        struct view_verify_argument argument = {.driver = row->driver->name};
        ui_push(view->app, &view_verify, &argument);
    }
}

static void order_by(struct ui_view *view, enum tree_order order)
{
    struct overview *state = view->state;
    state->tree.order = order;
    overview_update(view);
    ui_say(view->app, UI_ROLE_INFO, "Ordered %s.", tree_order_name(order));
}

static void to_next_fault(struct ui_view *view)
{
    struct overview *state = view->state;
    long found =
        tree_next_fault(&state->tree, ui_model(view)->census, (size_t)state->list.selected);
    state->list.count = (int)state->tree.count;
    if (found < 0) {
        ui_say(view->app, UI_ROLE_INFO, "No pod here has a fault.");
        overview_update(view);
        return;
    }
    state->list.selected = (int)found;
    ui_list_settle(&state->list, (int)state->tree.count, state->rows);
    keep_selection(state);
}

/* The first pod that is left, if a driver was selected: what was looked for. */
static void select_first_match(struct overview *state)
{
    for (size_t i = 0; i < state->tree.count; i++) {
        if (state->tree.rows[i].kind == TREE_POD) {
            state->list.selected = (int)i;
            keep_selection(state);
            return;
        }
    }
}

/* From one kept filter to the next, and to none behind the last. */
static void next_preset(struct ui_view *view)
{
    struct overview *state = view->state;
    size_t next = 0;
    for (size_t i = 0; i < presets_count(); i++) {
        if (strcmp(state->tree.filter, presets_filter(i)) == 0) {
            next = i + 1;
        }
    }
    bool none = next == presets_count();
    tree_set_filter(&state->tree, none ? "" : presets_filter(next));
    overview_update(view);
    if (none) {
        ui_say(view->app, UI_ROLE_INFO, "Everything is shown.");
    } else {
        select_first_match(state);
        ui_say(view->app, UI_ROLE_INFO, "Preset %s: %s", presets_name(next), presets_filter(next));
    }
}

/* What has a view of its own. */
static bool go_to_view(struct ui_view *view, enum ui_action action)
{
    const struct tree_row *row = selected_row(view->state);
    switch (action) {
    case UI_SECRETS:
        ui_push(view->app, &view_secrets, NULL);
        return true;
    case UI_HISTORY:
        ui_push(view->app, &view_history, NULL);
        return true;
    case UI_KUBESPRAY:
        ui_push(view->app, &view_kubespray,
                row == NULL ? NULL : (void *)(uintptr_t)row->driver->name);
        return true;
    case UI_SETUP:
        ui_push(view->app, &view_setup, NULL);
        return true;
    case UI_CONTEXTS:
        ui_push(view->app, &view_contexts, NULL);
        return true;
    case UI_RULES:
        ui_push(view->app, &view_rules, NULL);
        return true;
    default:
        return false;
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
    case UI_UNDO:
        ui_undo_last(view->app);
        return true;
    case UI_YAML:
    case UI_EVENTS:
        show_selected(view, action);
        return true;
    case UI_VERIFY:
        verify_selected(view);
        return true;
    case UI_SORT:
        order_by(view, (enum tree_order)((state->tree.order + 1) % TREE_ORDER_COUNT));
        return true;
    case UI_NEXT_FAULT:
        to_next_fault(view);
        return true;
    case UI_PRESET:
        next_preset(view);
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
        return go_to_view(view, action);
    }
}

static bool overview_type(struct ui_view *view, int key, bool is_code)
{
    struct overview *state = view->state;
    if (!state->typing) {
        return false;
    }
    enum line_edit_result result = line_edit_key(&state->filter, key, is_code);
    if (result == LINE_EDIT_OTHER && !is_code && key == '\t') {
        next_preset(view);
        line_edit_set(&state->filter, state->tree.filter);
        return true;
    }
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
    return state->typing ? _("text !text ~regex state: node: driver: ns: secret: pull:  Tab "
                             "presets  ESC clears")
                         : NULL;
}

static void overview_click(struct ui_view *view, int row, int column, bool twice)
{
    struct overview *state = view->state;
    if (row == 1) {
        order_by(view, tree_order_at(&state->columns, column));
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
    .title = N_("Drivers and their pods"),
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
