/* For a wall: totals, drivers, the rate's history, and changes of state as a log. No key writes. */
#include <curses.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/alloc.h"
#include "base/clock.h"
#include "base/language.h"
#include "base/map.h"
#include "csi/history.h"
#include "ui/views.h"
#include "ui/widgets.h"

enum { LOG_LINES = 200 };

struct monitor {
    struct map *states; /* "ns/name" -> state + 1 as a pointer's number */
    char *lines[LOG_LINES];
    int line_count;
    int line_start;
    bool ring;    /* something broke since the bell rang last */
    bool settled; /* the first whole picture is no change of state */
    uint64_t picture;
    struct ui_list list;
};

static const enum ui_action actions[] = {UI_NONE};

static void add_line(struct monitor *state, char *line)
{
    if (state->line_count == LOG_LINES) {
        free(state->lines[state->line_start]);
        state->lines[state->line_start] = line;
        state->line_start = (state->line_start + 1) % LOG_LINES;
    } else {
        state->lines[(state->line_start + state->line_count++) % LOG_LINES] = line;
    }
}

static void clock_text(char out[16])
{
    time_t now = (time_t)(clock_wall_ms() / 1000);
    struct tm parts;
    if (localtime_r(&now, &parts) == NULL || strftime(out, 16, "%H:%M:%S", &parts) == 0) {
        out[0] = '\0';
    }
}

static void note_pod(struct monitor *state, struct map *fresh, const struct csi_pod *pod)
{
    char *key = xasprintf("%s/%s", pod->ns, pod->name);
    intptr_t now = (intptr_t)pod->state + 1;
    intptr_t before = (intptr_t)map_get(state->states, key);
    map_set(fresh, key, (void *)now);
    free(key);
    if (!state->settled || now == before) {
        return;
    }
    char stamp[16];
    clock_text(stamp);
    bool breaks = csi_secret_state_is_broken(pod->state) &&
                  (before == 0 || !csi_secret_state_is_broken((enum csi_secret_state)(before - 1)));
    state->ring = state->ring || breaks;
    add_line(state, before == 0
                        ? xasprintf(_("%s %s is new: %s"), stamp, pod->name,
                                    _(csi_secret_state_name(pod->state)))
                        : xasprintf(_("%s %s: %s, was %s"), stamp, pod->name,
                                    _(csi_secret_state_name(pod->state)),
                                    _(csi_secret_state_name((enum csi_secret_state)(before - 1)))));
}

static void monitor_update(struct ui_view *view)
{
    struct monitor *state = view->state;
    const struct ui_model *model = ui_model(view);
    size_t count;
    struct csi_driver *const *drivers = csi_census_drivers(model->census, &count);
    bool complete = csi_follow_state(model->follow)->complete;
    ui_list_settle(&state->list, (int)count, 4);
    if (csi_census_picture(model->census) == state->picture && complete == state->settled) {
        return; /* only warnings were counted */
    }
    state->picture = csi_census_picture(model->census);
    struct map *fresh = map_new(NULL);
    for (size_t i = 0; i < count; i++) {
        for (size_t j = 0; j < drivers[i]->workload_count; j++) {
            const struct csi_workload *workload = drivers[i]->workloads[j];
            for (size_t k = 0; k < workload->pod_count; k++) {
                note_pod(state, fresh, workload->pods[k]);
            }
        }
    }
    map_free(state->states);
    state->states = fresh;
    if (state->ring && model->options->bell) {
        beep();
    }
    state->ring = false;
    state->settled = complete;
}

static void monitor_open(struct ui_view *view, void *argument)
{
    struct monitor *state = view->state;
    (void)argument;
    state->states = map_new(NULL);
    monitor_update(view);
}

static void monitor_close(struct ui_view *view)
{
    struct monitor *state = view->state;
    for (int i = 0; i < state->line_count; i++) {
        free(state->lines[i]);
    }
    map_free(state->states);
}

static void draw_totals(const struct ui_view *view, struct ui_canvas *canvas)
{
    const struct ui_model *model = ui_model(view);
    struct csi_totals totals = csi_census_totals(model->census);
    bool broken = totals.broken_pods > 0;
    char number[48];
    widget_number(totals.warnings_per_day, number);
    canvas_printf(canvas, 1, 2, -1, broken ? UI_ROLE_DANGER : UI_ROLE_GOOD,
                  broken ? N_("  %s  %zu of %zu pods have a broken pull secret  ")
                         : N_("  %s  all pull secrets are sound (%zu broken of %zu pods)  "),
                  canvas_glyph(canvas, broken ? GLYPH_BAD : GLYPH_GOOD), totals.broken_pods,
                  totals.pods);
    canvas_printf(canvas, 3, 2, -1, UI_ROLE_TITLE, "Warnings a day: %s%s",
                  totals.lower_bound ? (canvas->ascii ? ">=" : "≥") : "",
                  totals.rate_known ? number : "-");
}

/* Counted warnings, not rates: by minute and by hour; blank where nobody watched. */
static void draw_history(const struct ui_view *view, struct ui_canvas *canvas)
{
    struct csi_history history;
    double minutes[CSI_HISTORY_MINUTES];
    double hours[CSI_HISTORY_HOURS];
    csi_census_history(ui_model(view)->census, NULL, NULL, clock_wall_ms(), &history);
    for (int i = 0; i < CSI_HISTORY_MINUTES; i++) {
        bool watched = i >= CSI_HISTORY_MINUTES - history.minutes_known;
        minutes[i] = watched ? (double)history.minutes[i] : -1;
    }
    for (int i = 0; i < CSI_HISTORY_HOURS; i++) {
        hours[i] = (history.hours_watched >> i & 1) != 0 ? (double)history.hours[i] : -1;
    }
    const char *const names[] = {_("by minute, the last hour"), _("by hour, the last day")};
    int width = 0;
    for (size_t i = 0; i < ARRAY_LENGTH(names); i++) {
        int columns = canvas_put(canvas, 4 + (int)i, 2, -1, UI_ROLE_DIM, names[i]);
        width = columns > width ? columns : width;
    }
    int column = 2 + width + 2;
    canvas_sparkline(canvas, 4, column, canvas->columns - column - 2, UI_ROLE_INFO, minutes,
                     CSI_HISTORY_MINUTES);
    canvas_sparkline(canvas, 5, column, canvas->columns - column - 2, UI_ROLE_INFO, hours,
                     CSI_HISTORY_HOURS);
}

static int draw_drivers(const struct ui_view *view, struct ui_canvas *canvas, int row, int rows)
{
    size_t count;
    struct csi_driver *const *drivers = csi_census_drivers(ui_model(view)->census, &count);
    canvas_rule(canvas, row++, _("Drivers"));
    for (size_t i = 0; i < count && rows > 0; i++, rows--) {
        char state[256];
        char rate[48];
        enum ui_role role = widget_state(canvas, NULL, 0, drivers[i]->state, state, sizeof(state));
        widget_rate(canvas, &drivers[i]->warnings, rate);
        canvas_put(canvas, row, 2, 38, UI_ROLE_TEXT, drivers[i]->name);
        canvas_printf(canvas, row, 42, 12, UI_ROLE_TEXT, "%zu pods", drivers[i]->pod_count);
        canvas_put(canvas, row, 54, canvas->columns - 66, role, state);
        canvas_right(canvas, row++, canvas->columns - 11, 10, UI_ROLE_TEXT, rate);
    }
    return row;
}

static void monitor_draw(struct ui_view *view, struct ui_canvas *canvas)
{
    struct monitor *state = view->state;
    draw_totals(view, canvas);
    draw_history(view, canvas);
    int row = draw_drivers(view, canvas, 7, (canvas->rows - 10) / 2);
    canvas_rule(canvas, ++row, _("Changes of state"));
    row++;
    if (state->line_count == 0) {
        canvas_put(canvas, row, 2, -1, UI_ROLE_DIM, _("none since this program was started"));
    }
    int room = canvas->rows - row;
    for (int i = 0; i < room && i < state->line_count; i++) {
        int newest = (state->line_start + state->line_count - 1 - i) % LOG_LINES;
        canvas_put(canvas, row + i, 2, -1, UI_ROLE_TEXT, state->lines[newest]);
    }
}

const struct ui_view_ops view_monitor = {.name = "monitor",
                                         .title = "Monitor",
                                         .state_size = sizeof(struct monitor),
                                         .actions = actions,
                                         .open = monitor_open,
                                         .draw = monitor_draw,
                                         .update = monitor_update,
                                         .close = monitor_close};
