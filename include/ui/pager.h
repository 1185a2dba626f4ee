#ifndef UI_PAGER_H
#define UI_PAGER_H

#include "ui/view.h"

/* Lines of text that scroll, each in its role: help, log, diffs, documents. */
struct pager_line {
    enum ui_role role;
    char *text;
};

struct pager {
    struct pager_line *lines;
    size_t count, capacity;
    int top;
    int rows;  /* as drawn last */
    int shift; /* columns scrolled to the right */
};

void pager_free(struct pager *pager);
/* Drops the lines, keeps the place. */
void pager_clear(struct pager *pager);
void pager_add(struct pager *pager, enum ui_role role, const char *text);
void pager_printf(struct pager *pager, enum ui_role role, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
/* Each line of text; roles by the first character of a unified diff if diff. */
void pager_add_lines(struct pager *pager, enum ui_role role, const char *text, bool diff);
void pager_draw(struct pager *pager, struct ui_canvas *canvas);
bool pager_act(struct pager *pager, enum ui_action action);
void pager_wheel(struct pager *pager, int rows);

#endif
