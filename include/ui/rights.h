#ifndef UI_RIGHTS_H
#define UI_RIGHTS_H

#include "change/rights.h"
#include "ui/canvas.h"

/* A row a right: what the server says, what it is for, what it is called; what is missing first if
 * not all fit. Returns the rows used, at most rows. */
int rights_draw(const struct change_rights *rights, struct ui_canvas *canvas, int row, int rows);

#endif
