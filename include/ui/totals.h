#ifndef UI_TOTALS_H
#define UI_TOTALS_H

#include "ui/view.h"

/* Pods whose pull secrets cannot be judged, because they may not be read. */
size_t totals_unknown(const struct csi_census *census);
/* One row: drivers, pods, what is broken or unknown, warnings a day and findings. */
void totals_draw(const struct ui_model *model, struct ui_canvas *canvas);

#endif
