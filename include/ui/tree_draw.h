#ifndef UI_TREE_DRAW_H
#define UI_TREE_DRAW_H

#include "ui/canvas.h"
#include "ui/tree.h"

/* Widths of the tree's columns; they grow to what was shown, so that scrolling does not make them
 * jump. A width of 0 leaves a column out. */
struct tree_columns {
    int width;  /* of the canvas that they were made for */
    int wanted; /* by the names */
    int name, node, ready, state, rate, age, last;
};

void tree_columns_fit(struct tree_columns *columns, const struct ui_canvas *canvas,
                      const struct tree *tree, int top, int rows);
void tree_draw_heads(struct ui_canvas *canvas, int line, const struct tree_columns *columns,
                     enum tree_order order);
void tree_draw_row(struct ui_canvas *canvas, int line, const struct tree_columns *columns,
                   const struct tree_row *row, bool selected);
/* The order that a click on the head of that column asks for. */
enum tree_order tree_order_at(const struct tree_columns *columns, int column);

#endif
