#ifndef UI_CANVAS_H
#define UI_CANVAS_H

#include <stdbool.h>

#include "ui/theme.h"

/* A rectangle of the screen that a view draws on. Text is made safe and cut, never wrapped. */
struct ui_canvas {
    int top, left; /* on the screen */
    int rows, columns;
    bool ascii;
    bool faded; /* an old picture: everything is dimmed */
};

/* Draws text in at most width columns (the rest of the row if width < 0); returns the columns used.
 * Outside the canvas nothing is drawn. */
int canvas_put(struct ui_canvas *canvas, int row, int column, int width, enum ui_role role,
               const char *text);
int canvas_printf(struct ui_canvas *canvas, int row, int column, int width, enum ui_role role,
                  const char *format, ...) __attribute__((format(printf, 6, 7)));
/* The same, padded with blanks to width. */
void canvas_cell(struct ui_canvas *canvas, int row, int column, int width, enum ui_role role,
                 const char *text);
/* Right-aligned in width. */
void canvas_right(struct ui_canvas *canvas, int row, int column, int width, enum ui_role role,
                  const char *text);
/* Fills a row with blanks in role. */
void canvas_fill(struct ui_canvas *canvas, int row, enum ui_role role);
/* "── title ─────" across the row. */
void canvas_rule(struct ui_canvas *canvas, int row, const char *title);
/* Word-wraps text into at most rows rows; returns the rows used. */
int canvas_wrap(struct ui_canvas *canvas, int row, int column, int width, int rows,
                enum ui_role role, const char *text);
/* The rows that canvas_wrap() would use. */
int canvas_wrap_height(const char *text, int width);
/* Where the hardware cursor rests: on the focused row, so that screen readers and braille follow.
 */
void canvas_cursor(struct ui_canvas *canvas, int row, int column, bool visible);
/* Before a frame is drawn: no cursor was asked for. After it: puts it where the last one asked. */
void canvas_cursor_reset(void);
void canvas_cursor_place(void);
/* Part of a canvas. */
struct ui_canvas canvas_part(const struct ui_canvas *canvas, int row, int column, int rows,
                             int columns);
/* ui glyphs: the Unicode one, or its ASCII stand-in. */
enum ui_glyph {
    GLYPH_GOOD,
    GLYPH_BAD,
    GLYPH_WARNING,
    GLYPH_UNKNOWN,
    GLYPH_OPEN,
    GLYPH_CLOSED,
    GLYPH_DASH,
    GLYPH_LINE,
    GLYPH_BAR,
    GLYPH_BAR_EMPTY,
    GLYPH_UP,
    GLYPH_DOWN,
    GLYPH_ENTER,
    GLYPH_SEPARATOR,
    GLYPH_BULLET
};
const char *canvas_glyph(const struct ui_canvas *canvas, enum ui_glyph glyph);
/* What a click there does (a number of the key table), until the next frame. */
void canvas_hit(struct ui_canvas *canvas, int row, int column, int width, int action);
void canvas_hits_reset(void);
/* The action at a place of the screen; 0: none. */
int canvas_hit_at(int row, int column);
/* ▁▂▃▄▅▆▇█ scaled to the largest value ("_.-=#" in ASCII); what is below 0 is blank. */
void canvas_sparkline(struct ui_canvas *canvas, int row, int column, int width, enum ui_role role,
                      const double *values, int count);

#endif
