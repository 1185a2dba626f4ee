#ifndef UI_VIEWS_SECRETS_PARTS_H
#define UI_VIEWS_SECRETS_PARTS_H

#include "base/map.h"
#include "change/secret_users.h"
#include "ui/views.h"

/* The files of the view of Secrets: secrets.c (rows and keys), secrets_draw.c. */

struct secrets {
    char *driver; /* whose references are to point elsewhere; NULL: only looking */
    char *ns;
    char *only; /* the broken reference's name */
    const struct csi_secret **rows;
    size_t count;
    struct ui_list list;
    bool chosen;    /* the finding was given, not the worst of today's picture */
    char *selected; /* "NS/NAME": rows come and go; NULL: the first */
    int height;
    struct map *asked;                 /* "NS/NAME" whose content was asked for */
    struct change_secret_users *users; /* of the Secrets in users_ns */
    char *users_ns;
};

/* NULL if there is none. */
const struct csi_secret *secrets_selected(const struct secrets *state);
void secrets_draw(struct ui_view *view, struct ui_canvas *canvas);

#endif
