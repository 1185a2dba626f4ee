#ifndef UI_QUESTION_H
#define UI_QUESTION_H

#include "ui/canvas.h"
#include "ui/line_edit.h"
#include "ui/pager.h"
#include "ui/view.h"

/* One line at the foot of a view, typed to answer what it asks: a word of confirmation, the name of
 * a file... */
struct ui_question {
    int kind; /* the view's own number of what is asked; 0: nothing is */
    struct line_edit answer;
};

/* proposal: what stands in the line at first. */
void question_ask(struct ui_question *question, int kind, const char *proposal);
/* The question in a row of the canvas, with the cursor behind it. */
void question_draw(const struct ui_question *question, struct ui_canvas *canvas, int row,
                   enum ui_role role, const char *text);
/* A view's keys while it is asked, the pager's while it is not. Enter ends the question and calls
 * answered with its kind; Escape ends it and says `cancelled`. True if the key was taken. */
bool question_type(struct ui_view *view, struct ui_question *question, struct pager *pager, int key,
                   bool is_code, void (*answered)(struct ui_view *view, int kind),
                   const char *cancelled);

#endif
