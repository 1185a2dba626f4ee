/* One object of the cluster as text: its YAML, its events. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/language.h"
#include "change/show.h"
#include "ui/pager.h"
#include "ui/views.h"

struct object {
    struct pager pager; /* first: the pager's own functions draw and scroll it */
    struct ui_app *app;
    struct change_show *show;
    bool events;
    char *title; /* "DaemonSet kube-system/csi-node" */
};

static const enum ui_action actions[] = {PAGER_ACTIONS, UI_NONE};

/* A key of YAML stands out from its value, a comment from both. */
static void add_yaml(struct pager *pager, const char *line)
{
    size_t start = strspn(line, " -");
    size_t key = strcspn(line + start, ": \"'");
    bool is_comment = line[start] == '#';
    pager_add(pager, is_comment ? UI_ROLE_DIM : UI_ROLE_TEXT, line);
    if (!is_comment && line[start + key] == ':' &&
        (line[start + key + 1] == ' ' || line[start + key + 1] == '\0')) {
        pager_lead(pager, start + key + 1, UI_ROLE_KEY);
    }
}

/* The message stands below the rest, whatever the width. */
static void add_event(struct pager *pager, char *line)
{
    enum { BEHIND_AGE = 9, BEHIND_TYPE = 18 };
    bool warning = strstr(line, " Warning ") != NULL;
    char *count = strlen(line) > BEHIND_TYPE ? strstr(line + BEHIND_TYPE, " x") : NULL;
    size_t length = count == NULL ? strlen(line) : (size_t)(count - line) + 2;
    length += strspn(line + length, "0123456789");
    const char *message = line + length + strspn(line + length, " ");
    pager_printf(pager, warning ? UI_ROLE_WARNING : UI_ROLE_TEXT, "%.*s", (int)length, line);
    if (*message != '\0') {
        char *below = xasprintf("%*s%s", BEHIND_AGE, "", message);
        pager_say(pager, UI_ROLE_TEXT, "%s", below);
        free(below);
    }
}

static void add_text(struct object *state, const char *text)
{
    while (*text != '\0') {
        size_t length = strcspn(text, "\n");
        char *line = xstrndup(text, length);
        if (state->events) {
            add_event(&state->pager, line);
        } else {
            add_yaml(&state->pager, line);
        }
        free(line);
        text += length;
        text += *text == '\n' ? 1 : 0;
    }
}

static void on_text(void *context, const char *text, const struct error *err)
{
    struct object *state = context;
    state->show = NULL;
    pager_clear(&state->pager);
    if (err != NULL) {
        pager_say(&state->pager, UI_ROLE_BAD, "%s", err->message);
    } else if (*text == '\0') {
        pager_add(&state->pager, UI_ROLE_DIM,
                  _("No events are recorded (servers keep them an hour)."));
    } else {
        if (state->events) {
            pager_add(&state->pager, UI_ROLE_COLUMNS,
                      _("LAST     TYPE     REASON                           COUNT"));
            pager_act(&state->pager, UI_BOTTOM);
        }
        add_text(state, text);
        if (state->pager.search.length > 0) {
            pager_act(&state->pager, UI_NEXT_MATCH); /* looked for while it was read */
        }
    }
    ui_invalidate(state->app);
}

static void open_object(struct ui_view *view, const struct view_object_argument *object)
{
    struct object *state = view->state;
    struct kube_client *client = ui_model(view)->client;
    state->app = view->app;
    state->title = xasprintf("%s %s/%s", object->kind, object->ns, object->name);
    pager_printf(&state->pager, UI_ROLE_DIM, "Reading %s %s...", object->kind, object->name);
    state->show =
        state->events
            ? change_show_events(client, object->kind, object->ns, object->name, on_text, state)
            : change_show_yaml(client, object->kind, object->ns, object->name, on_text, state);
}

static void yaml_open(struct ui_view *view, void *argument)
{
    open_object(view, argument);
}

static void events_open(struct ui_view *view, void *argument)
{
    struct object *state = view->state;
    state->events = true;
    open_object(view, argument);
}

static void object_heading(const struct ui_view *view, char *out, size_t size)
{
    const struct object *state = view->state;
    snprintf(out, size, state->events ? _("Events of %s") : _("%s as YAML"), state->title);
}

static void object_close(struct ui_view *view)
{
    struct object *state = view->state;
    change_show_cancel(state->show);
    free(state->title);
    pager_free(&state->pager);
}

const struct ui_view_ops view_yaml = {.name = "yaml",
                                      .title = N_("An object as YAML"),
                                      .state_size = sizeof(struct object),
                                      .actions = actions,
                                      .open = yaml_open,
                                      .draw = pager_view_draw,
                                      .heading = object_heading,
                                      .act = pager_view_act,
                                      .type = pager_view_type,
                                      .typing = pager_view_typing,
                                      .wheel = pager_view_wheel,
                                      .close = object_close};

const struct ui_view_ops view_events = {.name = "events",
                                        .title = N_("Events of an object"),
                                        .state_size = sizeof(struct object),
                                        .actions = actions,
                                        .open = events_open,
                                        .draw = pager_view_draw,
                                        .heading = object_heading,
                                        .act = pager_view_act,
                                        .type = pager_view_type,
                                        .typing = pager_view_typing,
                                        .wheel = pager_view_wheel,
                                        .close = object_close};
