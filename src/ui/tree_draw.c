/* Rows of drivers, workloads and pods as columns of text. */
#include "ui/tree_draw.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/clock.h"
#include "base/language.h"
#include "base/text.h"
#include "ui/widgets.h"

enum { WIDE = 110, NARROW = 76, NAME_LEAST = 22, TAIL = 6 };

struct cells {
    char name[320];
    const char *node;
    char ready[32];
    char state[256];
    char rate[48];
    char age[32];
    char last[32];
    enum ui_role role;
};

/* Names of pods of one workload differ at their ends: what is cut is cut before those. */
static void cut_middle(const struct ui_canvas *canvas, char *name, size_t size, int width)
{
    int whole = text_width(name);
    const char *dots = canvas->ascii ? "..." : "…";
    int head = width - text_width(dots) - TAIL;
    if (whole <= width || head < 4) {
        return;
    }
    size_t end = text_fit(name, whole - TAIL, NULL);
    size_t begin = text_fit(name, head, NULL);
    char *cut = xasprintf("%.*s%s%s", (int)begin, name, dots, name + end);
    snprintf(name, size, "%s", cut);
    free(cut);
}

/* As kubectl abbreviates them, where there is no room. */
static const char *short_kind(const char *kind)
{
    static const char *const kinds[][2] = {{"DaemonSet", "ds"},
                                           {"StatefulSet", "sts"},
                                           {"Deployment", "deploy"},
                                           {"ReplicaSet", "rs"}};
    for (size_t i = 0; i < ARRAY_LENGTH(kinds); i++) {
        if (strcmp(kind, kinds[i][0]) == 0) {
            return kinds[i][1];
        }
    }
    return kind;
}

static bool any_fails(const struct csi_workload *workload)
{
    for (size_t i = 0; i < workload->pod_count; i++) {
        if (workload->pods[i]->pulling == CSI_PULLING_FAILING) {
            return true;
        }
    }
    return false;
}

/* What is sound or names nothing, and yet cannot pull, is not well. */
static void say_failing(const struct ui_canvas *canvas, struct cells *cells)
{
    snprintf(cells->state, sizeof(cells->state), _("%s pull failing"),
             canvas_glyph(canvas, GLYPH_BAD));
    cells->role = UI_ROLE_BAD;
}

static void driver_cells(const struct ui_canvas *canvas, const struct tree_row *row,
                         struct cells *cells, struct csi_warnings *sum)
{
    const struct csi_driver *driver = row->driver;
    int desired = 0;
    int ready = 0;
    bool fails = false;
    for (size_t i = 0; i < driver->workload_count; i++) {
        desired += driver->workloads[i]->desired;
        ready += driver->workloads[i]->ready;
        fails = fails || any_fails(driver->workloads[i]);
    }
    snprintf(cells->name, sizeof(cells->name), "%s %s",
             canvas_glyph(canvas, row->folded ? GLYPH_CLOSED : GLYPH_OPEN), driver->name);
    snprintf(cells->ready, sizeof(cells->ready), "%d/%d", ready, desired);
    if (driver->broken_pods > 0) {
        snprintf(cells->state, sizeof(cells->state), _("%s %zu of %zu broken"),
                 canvas_glyph(canvas, GLYPH_BAD), driver->broken_pods, driver->pod_count);
        cells->role = UI_ROLE_BAD;
    } else if (fails) {
        say_failing(canvas, cells);
    } else {
        cells->role =
            widget_state(canvas, NULL, 0, driver->state, cells->state, sizeof(cells->state));
    }
    *sum = driver->warnings;
}

static void workload_cells(const struct ui_canvas *canvas, const struct tree_row *row,
                           struct cells *cells, struct csi_warnings *sum)
{
    const struct csi_workload *workload = row->workload;
    const struct csi_reference *references = workload->references;
    size_t count = workload->reference_count;
    for (size_t i = 0; i < workload->pod_count; i++) {
        const struct csi_pod *pod = workload->pods[i];
        const struct csi_warnings *warnings = &pod->warnings;
        if (pod->state == workload->state) {
            references = pod->references;
            count = pod->reference_count;
        }
        sum->per_day += warnings->rate_known ? warnings->per_day : 0;
        sum->rate_known = sum->rate_known || warnings->rate_known;
        sum->lower_bound = sum->lower_bound || warnings->lower_bound;
        if (warnings->last_seen_ms > sum->last_seen_ms) {
            sum->last_seen_ms = warnings->last_seen_ms;
        }
    }
    snprintf(cells->name, sizeof(cells->name), "  %s %s %s",
             canvas_glyph(canvas, row->folded ? GLYPH_CLOSED : GLYPH_OPEN),
             canvas->columns < NARROW ? short_kind(workload->kind) : workload->kind,
             workload->name);
    snprintf(cells->ready, sizeof(cells->ready), "%d/%d", workload->ready, workload->desired);
    cells->role = widget_state(canvas, references, count, workload->state, cells->state,
                               sizeof(cells->state));
    if (!csi_secret_state_is_broken(workload->state) && any_fails(workload)) {
        say_failing(canvas, cells);
    }
}

static void pod_cells(const struct ui_canvas *canvas, const struct csi_pod *pod,
                      struct cells *cells, struct csi_warnings *sum)
{
    snprintf(cells->name, sizeof(cells->name), "%s%s", canvas->columns < NARROW ? "    " : "      ",
             pod->name);
    cells->node = pod->node;
    snprintf(cells->ready, sizeof(cells->ready), "%d/%d", pod->ready_containers, pod->containers);
    cells->role = widget_state(canvas, pod->references, pod->reference_count, pod->state,
                               cells->state, sizeof(cells->state));
    if (pod->pulling == CSI_PULLING_FAILING) {
        say_failing(canvas, cells);
    } else if (pod->deleting) {
        snprintf(cells->state, sizeof(cells->state), _("%s ending"),
                 canvas_glyph(canvas, GLYPH_BULLET));
        cells->role = UI_ROLE_DIM;
    }
    if (pod->created_ms != 0) {
        clock_format_age(clock_wall_ms() - pod->created_ms, cells->age);
    }
    *sum = pod->warnings;
}

static void fill_cells(const struct ui_canvas *canvas, const struct tree_row *row,
                       struct cells *cells)
{
    struct csi_warnings sum = {0};
    *cells = (struct cells){.node = "", .role = UI_ROLE_TEXT};
    switch (row->kind) {
    case TREE_DRIVER:
        driver_cells(canvas, row, cells, &sum);
        break;
    case TREE_WORKLOAD:
        workload_cells(canvas, row, cells, &sum);
        break;
    case TREE_POD:
        pod_cells(canvas, row->pod, cells, &sum);
        break;
    }
    widget_rate(canvas, &sum, cells->rate);
    if (sum.last_seen_ms != 0) {
        clock_format_age(clock_wall_ms() - sum.last_seen_ms, cells->last);
    }
}

static void grow(int *width, const char *text, int most)
{
    int wanted = text_width(text) + 2;
    if (wanted > *width) {
        *width = wanted < most ? wanted : most;
    }
}

void tree_columns_fit(struct tree_columns *columns, const struct ui_canvas *canvas,
                      const struct tree *tree, int top, int rows)
{
    int width = canvas->columns;
    if (columns->width != width) {
        *columns = (struct tree_columns){
            .width = width, .wanted = 24, .node = 6, .ready = 7, .state = 13, .rate = 9};
        columns->age = width >= WIDE ? 6 : 0;
        columns->last = width >= WIDE ? 15 : 0;
    }
    for (int i = top; i < top + rows && i < (int)tree->count; i++) {
        struct cells cells;
        fill_cells(canvas, &tree->rows[i], &cells);
        grow(&columns->wanted, cells.name, width);
        grow(&columns->node, cells.node, width >= WIDE ? 42 : width / 5);
        grow(&columns->ready, cells.ready, 12);
        grow(&columns->state, cells.state, width / 3);
        grow(&columns->rate, cells.rate, 14);
    }
    int others = columns->node + columns->ready + columns->state + columns->rate + columns->age +
                 columns->last;
    columns->name = width - 2 - others;
    if (columns->name > columns->wanted) {
        columns->name = columns->wanted; /* what belongs together stays near */
    }
    if (columns->name < NAME_LEAST) {
        columns->name += columns->node; /* the node has to go */
        columns->node = 0;
    }
}

/* Columns from the left: name, node, ready, state, rate, age, last; where each begins. */
static int place(const struct tree_columns *columns, int *node, int *ready, int *state, int *rate)
{
    *node = 1 + columns->name;
    *ready = *node + columns->node;
    *state = *ready + columns->ready;
    *rate = *state + columns->state;
    return *rate + columns->rate;
}

/* An arrow says by which column the rows are ordered. */
static void draw_head(struct ui_canvas *canvas, int line, int column, int width, const char *text,
                      bool ordered)
{
    if (width > 0) {
        canvas_printf(canvas, line, column, width, UI_ROLE_COLUMNS, "%s%s%s", text,
                      ordered ? " " : "", ordered ? canvas_glyph(canvas, GLYPH_DOWN) : "");
    }
}

void tree_draw_heads(struct ui_canvas *canvas, int line, const struct tree_columns *columns,
                     enum tree_order order)
{
    int node, ready, state, rate;
    int age = place(columns, &node, &ready, &state, &rate);
    enum ui_role role = UI_ROLE_COLUMNS;
    canvas_fill(canvas, line, role);
    draw_head(canvas, line, 1, columns->name - 1, _("NAME"), order == TREE_BY_NAME);
    draw_head(canvas, line, node, columns->node - 1, _("NODE"), order == TREE_BY_NODE);
    canvas_right(canvas, line, ready, columns->ready - 2, role, _("READY"));
    draw_head(canvas, line, state, columns->state - 1, _("PULL SECRET"), order == TREE_BY_STATE);
    canvas_right(canvas, line, rate, columns->rate, role, _("WARN/DAY"));
    if (order == TREE_BY_WARNINGS) {
        int width = text_width(_("WARN/DAY"));
        canvas_put(canvas, line, rate + columns->rate - width - 1, 1, role,
                   canvas_glyph(canvas, GLYPH_DOWN));
    }
    if (columns->age > 0) {
        canvas_right(canvas, line, age, columns->last, role, _("LAST WARNING"));
        canvas_right(canvas, line, age + columns->last, columns->age, role, _("AGE"));
    }
}

void tree_draw_row(struct ui_canvas *canvas, int line, const struct tree_columns *columns,
                   const struct tree_row *row, bool selected)
{
    struct cells cells;
    int node, ready, state, rate;
    int age = place(columns, &node, &ready, &state, &rate);
    fill_cells(canvas, row, &cells);
    enum ui_role base = selected                   ? UI_ROLE_SELECTED
                        : row->kind == TREE_DRIVER ? UI_ROLE_TITLE
                                                   : UI_ROLE_TEXT;
    if (selected) {
        canvas_fill(canvas, line, UI_ROLE_SELECTED);
        canvas_cursor(canvas, line, 0, false);
    }
    bool has_node = columns->node > 0 && row->kind == TREE_POD;
    int room = columns->name + (has_node ? 0 : columns->node) - 1;
    if (row->kind != TREE_DRIVER) {
        cut_middle(canvas, cells.name, sizeof(cells.name), room);
    }
    canvas_put(canvas, line, 1, room, base, cells.name);
    if (has_node) {
        canvas_put(canvas, line, node, columns->node - 1, base, cells.node);
    }
    canvas_right(canvas, line, ready, columns->ready - 2, base, cells.ready);
    canvas_put(canvas, line, state, columns->state - 1, selected ? UI_ROLE_SELECTED : cells.role,
               cells.state);
    canvas_right(canvas, line, rate, columns->rate, base, cells.rate);
    if (columns->age > 0) {
        canvas_right(canvas, line, age, columns->last, base, cells.last);
        canvas_right(canvas, line, age + columns->last, columns->age, base, cells.age);
    }
}

enum tree_order tree_order_at(const struct tree_columns *columns, int column)
{
    int node, ready, state, rate;
    place(columns, &node, &ready, &state, &rate);
    return column >= rate                        ? TREE_BY_WARNINGS
           : column >= state                     ? TREE_BY_STATE
           : column >= node && columns->node > 0 ? TREE_BY_NODE
                                                 : TREE_BY_NAME;
}
