#ifndef UI_DIGITS_H
#define UI_DIGITS_H

#include "ui/canvas.h"

/* Numbers that are read from across a room: DIGITS_ROWS rows high. */
enum { DIGITS_ROWS = 5 };

/* Columns of the text; DIGITS_ROWS * scale are its rows. */
int digits_width(const char *text, int scale);
/* Digits, blanks, '.' and '-', so many times as large. */
void digits_draw(struct ui_canvas *canvas, int row, int column, enum ui_role role, const char *text,
                 int scale);

#endif
