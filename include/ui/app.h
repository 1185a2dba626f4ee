#ifndef UI_APP_H
#define UI_APP_H

#include "ui/keep.h"
#include "ui/terminal.h"
#include "ui/view.h"

enum {
    UI_FRAME_MS = 16,
    UI_CALM_FRAME_MS = 1000,
    UI_SLICE_MS = 6, /* of what the cluster sends, before keys are looked at again */
    UI_MESSAGE_LIMIT = 512,
};

/* The program on the screen: a stack of views over one model. */
struct ui_app {
    struct ui_options *options; /* a copy: the cluster may be switched */
    struct kube_config *config; /* of a cluster that was switched to; NULL */
    struct kube_client *client;
    struct loop *loop;
    struct ui_view *top;
    struct ui_model model;
    struct csi_findings findings;
    uint64_t picture;         /* csi_census_picture() that the findings are of */
    struct loop_timer *frame; /* waits for the next frame; NULL: nothing to draw */
    struct loop_timer *clock; /* redraws the ages in the header */
    int64_t rate_minute;      /* of the newest value in model.rates */
    char message[UI_MESSAGE_LIMIT];
    enum ui_role message_role;
    bool message_set;
    int code;
    bool leaving;
    struct error failure; /* the cluster cannot be read */
    struct ui_keep keep;
    struct { /* the last click, for double clicks */
        int row;
        int64_t at_ms;
    } click;
    struct ui_rotation { /* what a rotated Secret held before; ui/rotations.h */
        char *id;        /* of the change in the journal */
        char *ns, *name;
        cJSON *content; /* wiped when it is forgotten */
    } rotations[8];
    int rotation_count;
    bool pasting; /* what comes is pasted, not typed */
    int64_t pasted_ms;
    int body_top; /* the row where the view begins, as drawn last */
};

/* The frame around the top view: header (2 rows), footer (1 row). */
void app_draw(struct ui_app *app);
/* Runs an action: the view first, then what every view has. */
void app_act(struct ui_app *app, enum ui_action action);
/* Follows another context of the configuration; all views but the first are closed. On failure
 * everything stays as it is. */
bool app_switch_context(struct ui_app *app, const char *name, struct error *err);
/* Leaves the program, asking the views first. */
void app_leave(struct ui_app *app, int code);

#endif
