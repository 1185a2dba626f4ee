#ifndef UI_VIEW_H
#define UI_VIEW_H

#include "csi/findings.h"
#include "csi/follow.h"
#include "registry/probe.h"
#include "ui/canvas.h"
#include "ui/keys.h"
#include "ui/ui.h"

/*
 * A view is a table of functions over its own state. Views stand on a stack; the top one is drawn
 * and gets the keys. A new view is one file in ui/views/ and one line in ui/views.h.
 */
struct ui_app;
struct ui_view;

struct ui_view_ops {
    const char *name;              /* "overview": the palette's word */
    const char *title;             /* of the help page */
    size_t state_size;             /* zeroed at birth, freed after close */
    const enum ui_action *actions; /* what it offers, in the footer's order; UI_NONE ends it */
    void (*open)(struct ui_view *view, void *argument); /* may be NULL, as all below but draw */
    void (*draw)(struct ui_view *view, struct ui_canvas *canvas);
    /* What the view is about, for a line above it. NULL: it says so itself. */
    void (*heading)(const struct ui_view *view, char *out, size_t size);
    /* True if it did something; false leaves the action to the app (back, quit, help...). */
    bool (*act)(struct ui_view *view, enum ui_action action);
    /* Typed text comes here first while it returns true (forms, the filter line). */
    bool (*type)(struct ui_view *view, int key, bool is_code);
    /* While typed text goes to the view: what the footer says of it ("": its keys). NULL otherwise.
     */
    const char *(*typing)(const struct ui_view *view);
    void (*click)(struct ui_view *view, int row, int column, bool twice);
    void (*wheel)(struct ui_view *view, int rows);
    /* The cluster's picture has changed. */
    void (*update)(struct ui_view *view);
    /* Whether the footer names the action now; what it does when pressed is up to act(). NULL: all.
     */
    bool (*offers)(const struct ui_view *view, enum ui_action action);
    /* May it be left now? Otherwise it says why and what to press. */
    bool (*may_leave)(struct ui_view *view);
    void (*close)(struct ui_view *view);
};

struct ui_view {
    const struct ui_view_ops *ops;
    struct ui_app *app;
    void *state;
    struct ui_view *below;
};

/* What views read. The census pointers hold until the next update. */
struct ui_model {
    struct loop *loop;
    struct kube_client *client;
    struct csi_follow *follow;
    const struct csi_census *census;
    const struct csi_findings *findings;
    const struct ui_options *options;
    bool read_only;
    uint64_t generation;
    /* Warnings a day, one value a minute at most, the newest last. */
    double rates[120];
    int rate_count;
};

const struct ui_model *ui_model(const struct ui_view *view);
/* The whole cluster was read, so that nothing found means that nothing is there: not while it is
 * being read, nor where the server refuses everything (its certificate, ours, the token). */
bool ui_model_is_known(const struct ui_model *model);
/* What is shown is as old as the connection, or there is nothing to show. */
bool ui_model_is_cut_off(const struct ui_model *model);
/* How registries are asked from here: --registry-ca, --insecure-registry. */
struct registry_probe_options ui_probe_options(const struct ui_view *view);
/* Puts a view on the stack; argument is for its open(). */
struct ui_view *ui_push(struct ui_app *app, const struct ui_view_ops *ops, void *argument);
/* Takes the top view away (the last one: ends the program). */
void ui_pop(struct ui_app *app);
/* Draws again in the next frame. */
void ui_invalidate(struct ui_app *app);
/* Lets the top view look again at what it shows, then draws: for news that do not come from the
 * census. */
void ui_refresh_top(struct ui_app *app);
/* One line at the foot until the next key. */
void ui_say(struct ui_app *app, enum ui_role role, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
/* True if the action may not be done here (read-only); it says so. */
bool ui_refuses(struct ui_app *app, enum ui_action action);

/* --- A list with a selected row, for every view that has one ------------------------------------
 */
struct ui_list {
    int selected;
    int top; /* the first row shown */
    int count;
};
/* Moves by an action; true if it was one of movement. rows: how many are shown. */
bool ui_list_act(struct ui_list *list, enum ui_action action, int rows);
/* After count changed or the size: keeps selected in range and on the screen. */
void ui_list_settle(struct ui_list *list, int count, int rows);
void ui_list_wheel(struct ui_list *list, int by, int rows);

#endif
