#ifndef UI_RIGHTS_H
#define UI_RIGHTS_H

#include "kube/review.h"
#include "ui/view.h"

enum { RIGHTS_COUNT = 9 };

/* What this program needs to be allowed, and what the server says to each. */
struct rights {
    struct ui_app *app;
    struct right {
        struct rights *rights;
        struct kube_call *call;
        enum kube_answer answer;
        bool answered;
    } of[RIGHTS_COUNT];
};

/* Asks; ns NULL: in all namespaces. */
void rights_ask(struct rights *rights, struct ui_app *app, struct kube_client *client,
                const char *ns);
void rights_stop(struct rights *rights);
/* Two to a row where there is room; returns the rows used. */
int rights_draw(const struct rights *rights, struct ui_canvas *canvas, int row);
/* How many were denied. */
size_t rights_missing(const struct rights *rights);
/* The ClusterRole to ask for: all rights, the missing ones marked; YAML. */
void rights_write_role(const struct rights *rights, struct buffer *out);

#endif
