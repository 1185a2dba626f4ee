#ifndef UI_PAGER_H
#define UI_PAGER_H

#include "ui/line_edit.h"
#include "ui/view.h"

/* Lines of text that scroll, each in its role: help, log, diffs, documents. */
struct pager_line {
    enum ui_role role;
    char *text;  /* safe for a terminal */
    bool wrap;   /* a sentence: broken at blanks where it does not fit; otherwise cut */
    int indent;  /* of the rows after the first one of a sentence */
    size_t lead; /* so many bytes at its beginning stand out */
    enum ui_role lead_role;
};

/* A row on the screen: a line, or a part of one that wraps. */
struct pager_row {
    size_t line;
    size_t from, length;
    int indent;
};

struct pager {
    struct pager_line *lines;
    size_t count, capacity;
    struct pager_row *shown;
    size_t shown_count, shown_capacity;
    int width;     /* that `shown` was made for; 0: make it anew */
    int top;       /* in rows */
    int rows;      /* as drawn last */
    int shift;     /* columns scrolled to the right */
    size_t wanted; /* the line that the next drawing brings into sight, counted from 1; 0: none */
    bool at_end;   /* UI_BOTTOM was asked for before anything was drawn */
    struct line_edit search;
    int match;      /* the row found last */
    bool searching; /* the text to find is being typed */
};

/* For a view's actions: what a pager knows to do. */
#define PAGER_ACTIONS UI_SEARCH, UI_NEXT_MATCH, UI_PREVIOUS_MATCH, UI_LEFT, UI_RIGHT

void pager_free(struct pager *pager);
/* Drops the lines, keeps the place. */
void pager_clear(struct pager *pager);
void pager_add(struct pager *pager, enum ui_role role, const char *text);
void pager_printf(struct pager *pager, enum ui_role role, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
/* The first bytes of the line that was added last get a role of their own. */
void pager_lead(struct pager *pager, size_t bytes, enum ui_role role);
/* A sentence that wraps; blanks at its beginning indent all its rows. */
void pager_say(struct pager *pager, enum ui_role role, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
/* Each line of text; roles by the first character of a unified diff if diff. */
void pager_add_lines(struct pager *pager, enum ui_role role, const char *text, bool diff);
/* The next drawing brings the line into sight. */
void pager_show_line(struct pager *pager, size_t line);
void pager_draw(struct pager *pager, struct ui_canvas *canvas);
bool pager_act(struct pager *pager, enum ui_action action);
void pager_wheel(struct pager *pager, int rows);
/* The number of the line that stands in a row of what was drawn; false: none does. */
bool pager_line_at(const struct pager *pager, int row, size_t *line);
/* For a view's type() and typing(). */
bool pager_type(struct pager *pager, int key, bool is_code);
const char *pager_typing(const struct pager *pager);

/* --- For views whose state begins with a pager and that are nothing else ------------------------
 */
void pager_view_draw(struct ui_view *view, struct ui_canvas *canvas);
bool pager_view_act(struct ui_view *view, enum ui_action action);
bool pager_view_type(struct ui_view *view, int key, bool is_code);
const char *pager_view_typing(const struct ui_view *view);
void pager_view_wheel(struct ui_view *view, int rows);
void pager_view_close(struct ui_view *view);

#endif
