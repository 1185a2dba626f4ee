#ifndef UI_DIGITS_H
#define UI_DIGITS_H

#include "ui/canvas.h"

/* Numbers that are read from across a room: DIGITS_ROWS rows high. */
enum { DIGITS_ROWS = 5 };

/* Digits, blanks, '.' and '-'; returns the columns used. */
int digits_draw(struct ui_canvas *canvas, int row, int column, enum ui_role role, const char *text);

#endif
