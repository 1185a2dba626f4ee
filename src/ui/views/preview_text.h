#ifndef UI_VIEWS_PREVIEW_TEXT_H
#define UI_VIEWS_PREVIEW_TEXT_H

#include "change/session.h"
#include "ui/canvas.h"
#include "ui/pager.h"

/* The text of the preview: an object after the other, each of which can be folded away. */
enum preview_shape { SHAPE_UNIFIED, SHAPE_BESIDE, SHAPE_WHOLE, SHAPE_COMMANDS };

struct preview_text {
    const struct change_session *session; /* NULL: there is none */
    enum preview_shape shape;
    int columns;               /* as drawn last */
    const char *open, *closed; /* the glyphs before an object's name */
    bool *folded;              /* an object each */
    size_t *lines;             /* of the pager, where the object begins */
    size_t *order;             /* which object stands where: those that change come first */
    size_t count;              /* of objects; 0 before they are known */
    size_t selected;           /* the object itself */
};

void preview_text_free(struct preview_text *text);
/* Writes everything anew. */
void preview_text_fill(struct preview_text *text, struct pager *pager);
/* One row: how much restarts, and for how long about. */
void preview_text_draw_sum(const struct preview_text *text, struct ui_canvas *canvas, int row);
/* Folding and going from object to object; true if it was one of these. */
bool preview_text_act(struct preview_text *text, struct pager *pager, enum ui_action action);
/* A click on an object's head folds it, as Space would. */
void preview_text_click(struct preview_text *text, struct pager *pager, int row);
/* What export writes to a file of that name, by its ending. */
void preview_text_export(const struct preview_text *text, const char *path, struct buffer *out);

#endif
