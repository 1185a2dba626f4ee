#ifndef UI_EXPLANATION_H
#define UI_EXPLANATION_H

#include "csi/findings.h"
#include "ui/canvas.h"

/* What is wrong, what follows from it, and the ways out with their costs: one pane. */
struct explanation {
    const struct csi_finding *const *findings; /* the first one is explained, others are named */
    size_t count;
    const char *none; /* said where there is no finding */
    bool may_write;   /* the keys of the ways out work */
};

/* How a severity looks wherever it stands: its colour, and its glyph (lent). */
enum ui_role explanation_role(enum csi_severity severity);
const char *explanation_glyph(const struct ui_canvas *canvas, enum csi_severity severity);

void explanation_draw(const struct explanation *explanation, struct ui_canvas *pane);

#endif
