#ifndef UI_LINE_EDIT_H
#define UI_LINE_EDIT_H

#include <stdbool.h>
#include <stddef.h>

#include "ui/canvas.h"

enum { LINE_EDIT_SIZE = 64 * 1024 + 1 }; /* tokens of clouds are long */

/* One line of typed text. A secret one shows nothing but that something was typed. */
struct line_edit {
    char text[LINE_EDIT_SIZE];
    size_t length;
    size_t cursor; /* in bytes */
    bool secret;
    bool pasting;
    bool full;   /* something did not fit */
    bool pasted; /* something of the paste under way */
    bool gap;    /* behind it a line break or another control character was left out */
    bool broken; /* and more came behind that: the line is not all that was pasted */
};

enum line_edit_result { LINE_EDIT_TAKEN, LINE_EDIT_DONE, LINE_EDIT_CANCELLED, LINE_EDIT_OTHER };

void line_edit_set(struct line_edit *edit, const char *text);
/* Wipes the text. */
void line_edit_wipe(struct line_edit *edit);
/* TAKEN: it was for the line; DONE: Enter; CANCELLED: Escape; OTHER: not a key of a line (Tab,
 * ...). Pasted text is taken literally, without its line breaks. */
enum line_edit_result line_edit_key(struct line_edit *edit, int key, bool is_code);
/* focused: with the cursor. */
void line_edit_draw(const struct line_edit *edit, struct ui_canvas *canvas, int row, int column,
                    int width, bool focused);

#endif
