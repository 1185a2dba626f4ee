#include "ui/explanation.h"

#include <stdio.h>
#include <string.h>

#include "base/language.h"
#include "base/text.h"
#include "ui/fixes.h"

enum { LEFT = 3, LABEL_SIZE = 256, WIDE = 72, MOST_WAYS = 6 };

enum ui_role explanation_role(enum csi_severity severity)
{
    return severity == CSI_ERROR     ? UI_ROLE_BAD
           : severity == CSI_WARNING ? UI_ROLE_WARNING
                                     : UI_ROLE_INFO;
}

const char *explanation_glyph(const struct ui_canvas *canvas, enum csi_severity severity)
{
    return canvas_glyph(canvas, severity == CSI_ERROR     ? GLYPH_BAD
                                : severity == CSI_WARNING ? GLYPH_WARNING
                                                          : GLYPH_BULLET);
}

/* "1 drop the reference (6 pods restart)": the number is a key, the cost stands out less. */
static void draw_fix(struct ui_canvas *pane, int row, int column, const char *label, size_t at)
{
    if (at < MOST_WAYS) {
        canvas_hit(pane, row, column, text_width(label), UI_FIX_1 + (int)at);
    }
    size_t number = strcspn(label, " ");
    const char *cost = strrchr(label, '(');
    size_t text = cost == NULL ? strlen(label) : (size_t)(cost - label);
    column += canvas_printf(pane, row, column, -1, UI_ROLE_KEY, "%.*s", (int)number, label);
    column += canvas_printf(pane, row, column, -1, UI_ROLE_TEXT, "%.*s", (int)(text - number),
                            label + number);
    if (cost != NULL) {
        canvas_put(pane, row, column, -1, UI_ROLE_DIM, cost);
    }
}

/* The ways out below each other, or flowed into as few rows as they need; returns the rows used.
 * row < 0: only counts. */
static int draw_fixes(struct ui_canvas *pane, int row, const struct csi_finding *finding, bool list)
{
    int column = LEFT;
    int line = 0;
    for (size_t i = 0; i < finding->fix_count; i++) {
        char label[LABEL_SIZE];
        csi_fix_label(&finding->fixes[i], i + 1, label, sizeof(label));
        int width = text_width(label);
        if (column > LEFT && (list || column + width > pane->columns - 1)) {
            line++;
            column = LEFT;
        }
        if (row >= 0) {
            draw_fix(pane, row + line, column, label, i);
        }
        column += width + 3;
    }
    return finding->fix_count > 0 ? line + 1 : 0;
}

/* What else is wrong here, a line each, where there is room. */
static void draw_others(const struct explanation *explanation, struct ui_canvas *pane, int row)
{
    if (explanation->count < 2 || row + 2 > pane->rows) {
        return;
    }
    canvas_put(pane, row++, LEFT, -1, UI_ROLE_TITLE, _("Also:"));
    for (size_t i = 1; i < explanation->count && row < pane->rows; i++) {
        const struct csi_finding *finding = explanation->findings[i];
        int left = (int)(explanation->count - 1 - i);
        int rows = pane->rows - row - left > 1 ? 2 : 1;
        canvas_put(pane, row, 1, 1, explanation_role(finding->severity),
                   explanation_glyph(pane, finding->severity));
        row += canvas_wrap(pane, row, LEFT, pane->columns - LEFT - 1, rows, UI_ROLE_TEXT,
                           finding->message);
    }
}

static void draw_title(const struct explanation *explanation, struct ui_canvas *pane)
{
    const struct csi_finding *first = explanation->count == 0 ? NULL : explanation->findings[0];
    canvas_rule(pane, 0,
                first == NULL                 ? _("State")
                : first->severity == CSI_INFO ? _("Worth knowing")
                                              : _("What is wrong"));
    char more[160] = "";
    size_t others = explanation->count > 1 ? explanation->count - 1 : 0;
    size_t ways =
        first == NULL || !explanation->may_write || pane->columns < WIDE ? 0 : first->fix_count;
    if (ways > 1 && others > 0) {
        snprintf(more, sizeof(more), _(" press 1 to %zu for a way out; and %zu more: f "), ways,
                 others);
    } else if (ways > 1) {
        snprintf(more, sizeof(more), _(" press 1 to %zu for a way out "), ways);
    } else if (others > 0) {
        snprintf(more, sizeof(more), _(" and %zu more: f "), others);
    }
    if (more[0] != '\0') {
        int width = text_width(more);
        canvas_put(pane, 0, pane->columns - width - 2, width, UI_ROLE_TITLE, more);
    }
}

void explanation_draw(const struct explanation *explanation, struct ui_canvas *pane)
{
    int width = pane->columns - LEFT - 1;
    draw_title(explanation, pane);
    if (explanation->count == 0) {
        canvas_wrap(pane, 1, 1, pane->columns - 2, pane->rows - 1, UI_ROLE_TEXT, explanation->none);
        return;
    }
    const struct csi_finding *finding = explanation->findings[0];
    int message = canvas_wrap_height(finding->message, width);
    int text = canvas_wrap_height(finding->explanation, width);
    int count = (int)finding->fix_count;
    bool list = message + text + count + 2 <= pane->rows;
    int fixes = list ? count : draw_fixes(pane, -1, finding, false);
    int room = pane->rows - 1 - fixes;
    int row = 1;
    canvas_put(pane, row, 1, 1, explanation_role(finding->severity),
               explanation_glyph(pane, finding->severity));
    row +=
        canvas_wrap(pane, row, LEFT, width, room > 1 ? room : 1, UI_ROLE_TITLE, finding->message);
    room -= row - 1;
    row += room > 0 ? canvas_wrap(pane, row, LEFT, width, room, UI_ROLE_TEXT, finding->explanation)
                    : 0;
    row += list && row + count < pane->rows ? 1 : 0;
    draw_fixes(pane, row, finding, list);
    if (row + fixes > pane->rows) {
        canvas_cell(pane, pane->rows - 1, pane->columns - 12, 12, UI_ROLE_KEY, _("  more: f"));
    }
    draw_others(explanation, pane, row + fixes + 1);
}
