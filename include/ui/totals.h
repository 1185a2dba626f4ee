#ifndef UI_TOTALS_H
#define UI_TOTALS_H

#include "ui/view.h"

/* One row: drivers, pods, what is broken or unknown, warnings a day and findings. */
void totals_draw(const struct ui_model *model, struct ui_canvas *canvas);

#endif
