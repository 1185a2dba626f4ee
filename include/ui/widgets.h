#ifndef UI_WIDGETS_H
#define UI_WIDGETS_H

#include "csi/census.h"
#include "ui/canvas.h"
#include "ui/view.h"

/* "1 152", with thin groups; "-" if the rate is not known, "≥" before a lower bound. */
void widget_rate(const struct ui_canvas *canvas, const struct csi_warnings *warnings, char out[48]);
void widget_number(double value, char out[48]);
/* Glyph, name of the worst reference and word: "✗ regcred missing"; returns the role to draw it in.
 */
enum ui_role widget_state(const struct ui_canvas *canvas, const struct csi_reference *references,
                          size_t count, enum csi_secret_state state, char *out, size_t size);
enum ui_role widget_state_role(enum csi_secret_state state);
/* "████░░░░" of done out of all in width columns. */
void widget_bar(struct ui_canvas *canvas, int row, int column, int width, int done, int all);

#endif
