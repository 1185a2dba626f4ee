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

void explanation_draw(const struct explanation *explanation, struct ui_canvas *pane);

#endif
