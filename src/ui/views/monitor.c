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
#include "ui/digits.h"
#include "ui/totals.h"
#include "ui/views.h"
#include "ui/widgets.h"

enum { LOG_LINES = 200, BESIDE = 130, TALL = 30, WALL = 46 };

struct change_line {
    char *text;
    enum ui_role role;
    enum ui_glyph glyph;
};

struct monitor {
    struct map *states; /* "ns/name" -> state + 1 as a pointer's number */
    struct change_line lines[LOG_LINES];
    int line_count;
    int line_start;
    uint64_t picture; /* that was looked at last */
    bool ring;        /* something broke since the bell rang last */
    bool settled;     /* the first whole picture is no change of state */
    struct ui_list drivers;
};

static const enum ui_action actions[] = {UI_CONTEXTS, UI_RULES, UI_NONE};

/* --- Changes of state ---------------------------------------------------------------------------
 */

static void add_line(struct monitor *state, struct change_line line)
{
    struct change_line *place;
    if (state->line_count == LOG_LINES) {
        place = &state->lines[state->line_start];
        free(place->text);
        state->line_start = (state->line_start + 1) % LOG_LINES;
    } else {
        place = &state->lines[(state->line_start + state->line_count++) % LOG_LINES];
    }
    *place = line;
}

static void clock_text(char out[16])
{
    time_t now = (time_t)(clock_wall_ms() / 1000);
    struct tm parts;
    if (localtime_r(&now, &parts) == NULL || strftime(out, 16, "%H:%M:%S", &parts) == 0) {
        out[0] = '\0';
    }
}

static bool is_broken(intptr_t number)
{
    return number != 0 && csi_secret_state_is_broken((enum csi_secret_state)(number - 1));
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
    const char *word = _(csi_secret_state_name(pod->state));
    struct change_line line = {.role = widget_state_role(pod->state)};
    line.glyph = is_broken(now)                     ? GLYPH_BAD
                 : pod->state == CSI_SECRET_UNKNOWN ? GLYPH_UNKNOWN
                                                    : GLYPH_GOOD;
    if (before == 0) {
        line.text = xasprintf(_("%s %s is new: %s"), stamp, pod->name, word);
    } else {
        line.text = xasprintf(_("%s %s: %s, was %s"), stamp, pod->name, word,
                              _(csi_secret_state_name((enum csi_secret_state)(before - 1))));
    }
    add_line(state, line);
    state->ring = state->ring || (is_broken(now) && !is_broken(before));
}

static void look_at_pods(struct monitor *state, const struct csi_census *census)
{
    struct map *fresh = map_new(NULL);
    size_t count;
    struct csi_driver *const *drivers = csi_census_drivers(census, &count);
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
}

static void monitor_update(struct ui_view *view)
{
    struct monitor *state = view->state;
    const struct ui_model *model = ui_model(view);
    bool complete = csi_follow_state(model->follow)->complete;
    if (state->picture == csi_census_picture(model->census) && state->settled == complete) {
        return; /* only warnings were counted: thousands of pods are not looked at for that */
    }
    state->picture = csi_census_picture(model->census);
    look_at_pods(state, model->census);
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
    look_at_pods(state, ui_model(view)->census);
    state->picture = csi_census_picture(ui_model(view)->census);
    state->settled = csi_follow_state(ui_model(view)->follow)->complete;
}

static void monitor_close(struct ui_view *view)
{
    struct monitor *state = view->state;
    for (int i = 0; i < state->line_count; i++) {
        free(state->lines[i].text);
    }
    map_free(state->states);
}

/* --- Drawing ------------------------------------------------------------------------------------
 */

static size_t failing_pulls(const struct csi_driver *driver)
{
    size_t failing = 0;
    for (size_t j = 0; j < driver->workload_count; j++) {
        for (size_t k = 0; k < driver->workloads[j]->pod_count; k++) {
            failing += driver->workloads[j]->pods[k]->pulling == CSI_PULLING_FAILING ? 1 : 0;
        }
    }
    return failing;
}

static size_t all_failing_pulls(const struct csi_census *census)
{
    size_t count;
    size_t failing = 0;
    struct csi_driver *const *drivers = csi_census_drivers(census, &count);
    for (size_t i = 0; i < count; i++) {
        failing += failing_pulls(drivers[i]);
    }
    return failing;
}

/* The one thing to see from across the room: good or not, in colour, by glyph and by word. */
static void draw_banner(const struct ui_model *model, struct ui_canvas *canvas, int row)
{
    struct csi_totals totals = csi_census_totals(model->census);
    size_t unknown = totals_unknown(model->census);
    bool broken = totals.broken_pods > 0;
    size_t failing = all_failing_pulls(model->census);
    enum ui_role role = broken || failing > 0 ? UI_ROLE_DANGER
                        : unknown > 0         ? UI_ROLE_WARNING
                                              : UI_ROLE_GOOD;
    if (!ui_model_is_known(model) && totals.pods == 0) {
        canvas_put(canvas, row, 2, -1, UI_ROLE_INFO,
                   ui_model_is_cut_off(model) ? "" : _("reading the cluster..."));
        return;
    }
    if (!csi_follow_state(model->follow)->complete) {
        canvas_put(canvas, row, 2, -1, UI_ROLE_INFO, _("reading the cluster..."));
        return;
    }
    if (broken || failing > 0) {
        canvas_fill(canvas, row, role);
    }
    if (broken && failing > 0) {
        canvas_printf(canvas, row, 2, -1, role,
                      "%s  %zu of %zu pods have a broken pull secret; pulls that fail: %zu",
                      canvas_glyph(canvas, GLYPH_BAD), totals.broken_pods, totals.pods, failing);
    } else if (broken) {
        canvas_printf(canvas, row, 2, -1, role, "%s  %zu of %zu pods have a broken pull secret",
                      canvas_glyph(canvas, GLYPH_BAD), totals.broken_pods, totals.pods);
    } else if (failing > 0) {
        canvas_printf(canvas, row, 2, -1, role, "%s  pods that cannot pull an image: %zu of %zu",
                      canvas_glyph(canvas, GLYPH_BAD), failing, totals.pods);
    } else if (unknown > 0) {
        canvas_printf(canvas, row, 2, -1, role,
                      "%s  the pull secrets of %zu of %zu pods cannot be judged",
                      canvas_glyph(canvas, GLYPH_UNKNOWN), unknown, totals.pods);
    } else {
        canvas_printf(canvas, row, 2, -1, role, "%s  all pull secrets of %zu pods are sound",
                      canvas_glyph(canvas, GLYPH_GOOD), totals.pods);
    }
}

static void rate_text(const struct ui_model *model, const struct ui_canvas *canvas, char *out,
                      size_t size)
{
    struct csi_totals totals = csi_census_totals(model->census);
    char number[48];
    widget_number(totals.warnings_per_day, number);
    snprintf(out, size, "%s%s", totals.lower_bound ? (canvas->ascii ? ">=" : "≥") : "",
             totals.rate_known ? number : "-");
}

/* Two numbers side by side, large; on a whole wall twice as large. */
static int draw_large(const struct ui_model *model, struct ui_canvas *canvas, int row)
{
    struct csi_totals totals = csi_census_totals(model->census);
    char broken[32];
    char rate[48];
    snprintf(broken, sizeof(broken), "%zu", totals.broken_pods);
    widget_number(totals.warnings_per_day, rate);
    int half = canvas->columns / 2;
    canvas_put(canvas, row, 3, half - 4, UI_ROLE_TITLE, _("Broken pods"));
    canvas_put(canvas, row, half, -1, UI_ROLE_TITLE, _("Warnings a day"));
    const char *number = totals.rate_known ? rate : "-";
    bool twice = canvas->rows >= WALL && digits_width(broken, 2) < half - 4 &&
                 digits_width(number, 2) < canvas->columns - half - 1;
    int scale = twice ? 2 : 1;
    digits_draw(canvas, row + 2, 3, totals.broken_pods > 0 ? UI_ROLE_BAD : UI_ROLE_GOOD, broken,
                scale);
    digits_draw(canvas, row + 2, half, totals.warnings_per_day > 0 ? UI_ROLE_WARNING : UI_ROLE_GOOD,
                number, scale);
    return row + 2 + DIGITS_ROWS * scale + 1;
}

/* Counted warnings, not rates: by minute and by hour; blank where nobody watched. */
static void draw_history(const struct ui_model *model, struct ui_canvas *canvas, int row)
{
    struct csi_history history;
    double minutes[CSI_HISTORY_MINUTES];
    double hours[CSI_HISTORY_HOURS];
    csi_census_history(model->census, NULL, NULL, clock_wall_ms(), &history);
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
        int columns = canvas_put(canvas, row + (int)i, 2, -1, UI_ROLE_DIM, names[i]);
        width = columns > width ? columns : width;
    }
    int column = 2 + width + 2;
    canvas_sparkline(canvas, row, column, canvas->columns - column - 2, UI_ROLE_INFO, minutes,
                     CSI_HISTORY_MINUTES);
    canvas_sparkline(canvas, row + 1, column, canvas->columns - column - 2, UI_ROLE_INFO, hours,
                     CSI_HISTORY_HOURS);
}

static int draw_rate(const struct ui_model *model, struct ui_canvas *canvas, int row)
{
    if (canvas->rows < TALL) {
        char rate[64];
        rate_text(model, canvas, rate, sizeof(rate));
        canvas_printf(canvas, row++, 2, -1, UI_ROLE_TITLE, _("Warnings a day: %s"), rate);
    }
    draw_history(model, canvas, row);
    return row + 2 + (canvas->rows > 18 ? 1 : 0);
}

/* What is worst about a driver, in words; where the rest of the row begins. */
static void draw_driver(const struct csi_driver *driver, struct ui_canvas *canvas, int row)
{
    char state[256];
    char rate[48];
    size_t failing = failing_pulls(driver);
    enum ui_role role = widget_state(canvas, NULL, 0, driver->state, state, sizeof(state));
    int rest = canvas->columns < 76 ? 28 : 34;
    int last = canvas->columns - 12;
    if (failing > 0) {
        snprintf(state, sizeof(state),
                 language_plural("%s %zu pod cannot pull", "%s %zu pods cannot pull", failing),
                 canvas_glyph(canvas, GLYPH_BAD), failing);
        role = UI_ROLE_BAD;
    } else if (driver->broken_pods > 0) {
        snprintf(state, sizeof(state), _("%s %zu of %zu %s"), canvas_glyph(canvas, GLYPH_BAD),
                 driver->broken_pods, driver->pod_count, _(csi_secret_state_name(driver->state)));
    } else {
        size_t length = strlen(state);
        snprintf(state + length, sizeof(state) - length,
                 language_plural(" (%zu pod)", " (%zu pods)", driver->pod_count),
                 driver->pod_count);
    }
    widget_rate(canvas, &driver->warnings, rate);
    canvas_put(canvas, row, 2, rest - 3, UI_ROLE_TEXT, driver->name);
    canvas_put(canvas, row, rest, last - rest - 1, role, state);
    canvas_right(canvas, row, last, 10, UI_ROLE_TEXT, rate);
}

static int draw_drivers(const struct ui_view *view, struct ui_canvas *canvas, int row, int rows)
{
    struct monitor *state = view->state;
    size_t count;
    struct csi_driver *const *drivers = csi_census_drivers(ui_model(view)->census, &count);
    canvas_rule(canvas, row, _("Drivers"));
    canvas_put(canvas, row++, canvas->columns - 13, 12, UI_ROLE_TITLE, _(" warn/day "));
    rows = (int)count < rows ? (int)count : rows;
    ui_list_settle(&state->drivers, (int)count, rows);
    for (int i = 0; i < rows; i++) {
        draw_driver(drivers[state->drivers.top + i], canvas, row++);
    }
    if ((int)count > rows) {
        canvas_printf(canvas, row++, 2, -1, UI_ROLE_DIM, "%zu more; the arrows move",
                      count - (size_t)rows);
    }
    return row;
}

static void draw_log(const struct monitor *state, struct ui_canvas *canvas)
{
    canvas_rule(canvas, 0, _("Changes of state"));
    if (state->line_count == 0) {
        canvas_put(canvas, 1, 2, -1, UI_ROLE_DIM, _("none since this program was started"));
    }
    for (int i = 0; i + 1 < canvas->rows && i < state->line_count; i++) {
        const struct change_line *line =
            &state->lines[(state->line_start + state->line_count - 1 - i) % LOG_LINES];
        canvas_put(canvas, 1 + i, 2, 1, line->role, canvas_glyph(canvas, line->glyph));
        canvas_put(canvas, 1 + i, 4, -1, UI_ROLE_TEXT, line->text);
    }
}

/* That the rest is old has to be seen from as far as the rest. */
static void draw_lost(const struct ui_model *model, const struct ui_canvas *canvas)
{
    const struct csi_follow_state *state = csi_follow_state(model->follow);
    struct ui_canvas clear = *canvas;
    char age[32];
    if (!ui_model_is_cut_off(model)) {
        return;
    }
    clear.faded = false;
    clock_format_age(clock_monotonic_ms() - state->updated_ms, age);
    canvas_fill(&clear, 0, UI_ROLE_DANGER);
    if (state->link.link == KUBE_REFUSED && csi_census_totals(model->census).pods == 0) {
        canvas_printf(&clear, 0, 2, -1, UI_ROLE_DANGER,
                      "%s  NO ACCESS: nothing is known of this cluster",
                      canvas_glyph(&clear, GLYPH_UNKNOWN));
        return;
    }
    if (state->link.link == KUBE_REFUSED) {
        canvas_printf(&clear, 0, 2, -1, UI_ROLE_DANGER, "%s  NO ACCESS: what stands here is %s old",
                      canvas_glyph(&clear, GLYPH_UNKNOWN), age);
        return;
    }
    canvas_printf(&clear, 0, 2, -1, UI_ROLE_DANGER, "%s  NO CONNECTION: what stands here is %s old",
                  canvas_glyph(&clear, GLYPH_UNKNOWN), age);
}

static void monitor_draw(struct ui_view *view, struct ui_canvas *canvas)
{
    const struct ui_model *model = ui_model(view);
    bool lost = ui_model_is_cut_off(model);
    int row = lost || canvas->rows > 14 ? 1 : 0;
    draw_lost(model, canvas);
    draw_banner(model, canvas, row);
    row += 2;
    if (canvas->rows >= TALL) {
        row = draw_large(model, canvas, row);
    }
    row = draw_rate(model, canvas, row);
    if (canvas->columns >= BESIDE) {
        struct ui_canvas left = canvas_part(canvas, 0, 0, canvas->rows, canvas->columns * 3 / 5);
        struct ui_canvas right = canvas_part(canvas, row, left.columns + 1, canvas->rows - row, -1);
        draw_drivers(view, &left, row, canvas->rows - row - 2);
        draw_log(view->state, &right);
        return;
    }
    int most = (canvas->rows - row - 3) * 2 / 3;
    row = draw_drivers(view, canvas, row, most > 1 ? most : 1);
    struct ui_canvas log = canvas_part(canvas, row + 1, 0, canvas->rows - row - 1, -1);
    draw_log(view->state, &log);
}

static bool monitor_act(struct ui_view *view, enum ui_action action)
{
    struct monitor *state = view->state;
    switch (action) {
    case UI_UP:
    case UI_DOWN:
    case UI_PAGE_UP:
    case UI_PAGE_DOWN:
        state->drivers.top += action == UI_UP || action == UI_PAGE_UP ? -1 : 1;
        state->drivers.top = state->drivers.top < 0 ? 0 : state->drivers.top;
        state->drivers.selected = state->drivers.top;
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

const struct ui_view_ops view_monitor = {.name = "monitor",
                                         .title = N_("Monitor"),
                                         .state_size = sizeof(struct monitor),
                                         .actions = actions,
                                         .open = monitor_open,
                                         .draw = monitor_draw,
                                         .act = monitor_act,
                                         .update = monitor_update,
                                         .close = monitor_close};
