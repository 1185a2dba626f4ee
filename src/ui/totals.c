#include "ui/totals.h"

#include <stdio.h>

#include "base/language.h"
#include "ui/widgets.h"

size_t totals_unknown(const struct csi_census *census)
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

void totals_draw(const struct ui_model *model, struct ui_canvas *canvas)
{
    struct csi_totals totals = csi_census_totals(model->census);
    char number[48];
    char drivers[64];
    char pods[64];
    int column = 1;
    snprintf(drivers, sizeof(drivers), language_plural("%zu driver", "%zu drivers", totals.drivers),
             totals.drivers);
    snprintf(pods, sizeof(pods), language_plural("%zu pod", "%zu pods", totals.pods), totals.pods);
    if (!csi_follow_state(model->follow)->complete) {
        column += canvas_put(canvas, 0, column, -1, UI_ROLE_INFO, _("reading the cluster...  "));
    }
    column += canvas_printf(canvas, 0, column, -1, UI_ROLE_TEXT, "%s   %s   ", drivers, pods);
    if (ui_model_is_known(model) || totals.broken_pods > 0) {
        bool bad = totals.broken_pods > 0;
        size_t unknown = totals_unknown(model->census);
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
        column += canvas_printf(
            canvas, 0, column, -1, totals.warnings_per_day > 0 ? UI_ROLE_WARNING : UI_ROLE_TEXT,
            canvas->columns < 76 ? N_("%s %s%s a day ") : N_("%s %s%s warnings a day "),
            canvas_glyph(canvas, totals.warnings_per_day > 0 ? GLYPH_WARNING : GLYPH_GOOD),
            totals.lower_bound ? (canvas->ascii ? ">=" : "≥") : "", number);
        int room = model->rate_count < 12 ? model->rate_count : 12;
        /* One value alone says nothing of a course. */
        if (room > 1 && column + room + 16 < canvas->columns) {
            canvas_sparkline(canvas, 0, column, 12, UI_ROLE_INFO, model->rates, model->rate_count);
            column += room;
        }
        column += canvas->columns < 76 ? 0 : 2;
    }
    canvas_printf(canvas, 0, column, -1, UI_ROLE_TEXT,
                  language_plural("%zu finding", "%zu findings", model->findings->count),
                  model->findings->count);
}
