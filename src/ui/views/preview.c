/* What would change, checked by the server; nothing is written from here without a confirmation. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/file.h"
#include "base/language.h"
#include "base/text.h"
#include "change/journal.h"
#include "change/session.h"
#include "ui/app.h"
#include "ui/difference.h"
#include "ui/line_edit.h"
#include "ui/pager.h"
#include "ui/rotations.h"
#include "ui/views.h"

enum shape { SHAPE_UNIFIED, SHAPE_BESIDE, SHAPE_WHOLE, SHAPE_COMMANDS };

struct preview {
    struct change_session *session;
    struct error failure; /* there is no session */
    struct pager pager;
    enum shape shape;
    int columns; /* as drawn last */
    enum { TYPING_NOTHING, TYPING_CONTEXT, TYPING_FILE } typing;
    bool handed_over; /* the rollout view owns the session now */
    struct line_edit answer;
};

static const enum ui_action actions[] = {UI_APPLY,  UI_SIDE_BY_SIDE, UI_WHOLE, UI_COMMANDS,
                                         UI_EXPORT, PAGER_ACTIONS,   UI_NONE};

/* --- Text ---------------------------------------------------------------------------------------
 */

static void add_costs(struct pager *pager, const struct change_plan *plan)
{
    pager_add(pager, UI_ROLE_TEXT, "");
    pager_add(pager, UI_ROLE_TITLE, _("What it costs"));
    if (plan->costs == NULL || plan->costs[0] == NULL) {
        pager_add(pager, UI_ROLE_GOOD, _("  No pod restarts."));
    }
    for (size_t i = 0; plan->costs != NULL && plan->costs[i] != NULL; i++) {
        pager_say(pager, UI_ROLE_TEXT, "  %s", plan->costs[i]);
    }
}

static void add_verdict(struct pager *pager, const struct change_step *step)
{
    for (size_t i = 0; step->warnings != NULL && step->warnings[i] != NULL; i++) {
        pager_say(pager, UI_ROLE_WARNING, "  the server warns: %s", step->warnings[i]);
    }
    if (step->refusal.kind != ERROR_NONE) {
        pager_say(pager, UI_ROLE_BAD, "  the server refuses: %s", step->refusal.message);
    } else if (step->local) {
        pager_say(pager, UI_ROLE_WARNING,
                  "  computed here, not by the server: you may not write this object, so what the "
                  "server would add or refuse is not known");
    } else if (step->object->action != CHANGE_NOTHING) {
        pager_add(pager, UI_ROLE_GOOD, _("  checked by the server (dry run): accepted"));
    }
}

static void add_step(struct preview *state, const struct change_step *step)
{
    static const char *const words[] = {
        [CHANGE_CREATE] = N_("  (new)"),
        [CHANGE_PATCH] = "",
        [CHANGE_NOTHING] = N_("  (no change)"),
        [CHANGE_DELETE] = N_("  (deleted)"),
    };
    const struct change_object *object = step->object;
    struct pager *pager = &state->pager;
    pager_printf(pager, UI_ROLE_TITLE, "%s %s%s%s%s", object->resource->kind,
                 object->ns == NULL ? "" : object->ns, object->ns == NULL ? "" : "/", object->name,
                 _(words[object->action]));
    if (object->restarts > 0) {
        pager_printf(pager, UI_ROLE_TEXT,
                     language_plural("  %d pod restarts", "  %d pods restart",
                                     (unsigned long)object->restarts),
                     object->restarts);
    }
    if (object->owner_consequence != NULL) {
        pager_say(pager, object->owner_confirm ? UI_ROLE_WARNING : UI_ROLE_DIM, "  %s",
                  object->owner_consequence);
    }
    if (object->note != NULL) {
        pager_say(pager, UI_ROLE_TEXT, "  %s", object->note);
    }
    add_verdict(pager, step);
    if (state->shape == SHAPE_WHOLE) {
        pager_add_lines(pager, UI_ROLE_TEXT, step->after == NULL ? "" : step->after, false);
    } else if (state->shape == SHAPE_BESIDE) {
        difference_add_beside(pager, step->before, step->after, state->columns - 2);
    } else {
        difference_add_unified(pager, step->before, step->after);
    }
}

static void fill(struct preview *state)
{
    pager_clear(&state->pager);
    const struct change_plan *plan =
        state->session == NULL ? NULL : change_session_plan(state->session);
    if (plan == NULL) {
        return;
    }
    if (state->shape == SHAPE_COMMANDS) {
        struct buffer text;
        buffer_init(&text, 1 << 24);
        change_session_write_commands(state->session, &text);
        char *rest = NULL;
        for (char *line = strtok_r(text.data, "\n", &rest); line != NULL;
             line = strtok_r(NULL, "\n", &rest)) {
            pager_say(&state->pager, UI_ROLE_TEXT, "%s", line);
        }
        buffer_free(&text);
        return;
    }
    size_t count;
    const struct change_step *steps = change_session_steps(state->session, &count);
    for (size_t i = 0; i < count; i++) {
        if (i > 0) {
            pager_add(&state->pager, UI_ROLE_TEXT, "");
        }
        add_step(state, &steps[i]);
    }
    if (change_session_has_changes(state->session)) {
        add_costs(&state->pager, plan);
    } else if (change_session_phase(state->session) == CHANGE_PREVIEWED) {
        pager_add(&state->pager, UI_ROLE_GOOD, _("Nothing would change."));
    }
}

static void preview_update(struct ui_view *view)
{
    struct preview *state = view->state;
    fill(state);
}

/* --- Birth and death ----------------------------------------------------------------------------
 */

/* The session outlives this view when the rollout takes it over, so it calls the app. */
static void on_change(void *context)
{
    ui_refresh_top(context);
}

static const struct change_session_handler handler = {on_change};

static void preview_open(struct ui_view *view, void *argument)
{
    struct preview *state = view->state;
    const struct ui_model *model = ui_model(view);
    state->session =
        change_session_start(model->client, model->follow, argument, &handler, view->app);
    fill(state);
}

/* argument: the id of a change to take back or to finish. */
static void journal_open(struct ui_view *view, void *argument)
{
    struct preview *state = view->state;
    const struct ui_model *model = ui_model(view);
    const struct view_undo_argument *undo = argument;
    struct change_intent *back = undo->forward ? NULL : ui_rotation_back(view->app, undo->id);
    state->session =
        back != NULL
            ? change_session_start(model->client, model->follow, back, &handler, view->app)
            : change_session_start_journal(model->client, model->follow, undo->id, undo->forward,
                                           &handler, view->app, &state->failure);
    fill(state);
}

static void preview_close(struct ui_view *view)
{
    struct preview *state = view->state;
    if (!state->handed_over) {
        change_session_free(state->session);
    }
    pager_free(&state->pager);
}

/* --- Drawing ------------------------------------------------------------------------------------
 */

static enum change_phase phase_of(const struct preview *state)
{
    return state->session == NULL ? CHANGE_FAILED : change_session_phase(state->session);
}

static void draw_question(struct ui_view *view, struct ui_canvas *canvas, int row)
{
    struct preview *state = view->state;
    int used =
        state->typing == TYPING_FILE
            ? canvas_put(canvas, row, 1, -1, UI_ROLE_INFO, _("Write the objects as YAML to: "))
            : canvas_printf(canvas, row, 1, canvas->columns - 22, UI_ROLE_WARNING,
                            "Type the context's name (%s) to apply: ",
                            kube_config_context(ui_model(view)->options->config));
    line_edit_draw(&state->answer, canvas, row, 1 + used, canvas->columns - used - 3, true);
}

/* Returns the rows used at the foot. */
static int draw_foot(struct ui_view *view, struct ui_canvas *canvas)
{
    struct preview *state = view->state;
    int row = canvas->rows - 1;
    if (state->typing != TYPING_NOTHING) {
        draw_question(view, canvas, row);
        return 1;
    }
    if (phase_of(state) == CHANGE_READING) {
        canvas_put(canvas, row, 1, -1, UI_ROLE_INFO,
                   _("Reading the objects and asking the server..."));
    } else if (phase_of(state) == CHANGE_FAILED) {
        const char *why = state->session == NULL ? state->failure.message
                                                 : change_session_error(state->session)->message;
        int rows = canvas_wrap_height(why, canvas->columns - 2);
        rows = rows > 6 ? 6 : rows;
        canvas_wrap(canvas, canvas->rows - rows, 1, canvas->columns - 2, rows, UI_ROLE_BAD, why);
        return rows;
    } else {
        canvas_put(canvas, row, 1, -1, UI_ROLE_INFO, _("Nothing is written yet."));
    }
    return 1;
}

static void preview_draw(struct ui_view *view, struct ui_canvas *canvas)
{
    struct preview *state = view->state;
    const struct change_plan *plan =
        state->session == NULL ? NULL : change_session_plan(state->session);
    if (state->columns != canvas->columns) {
        state->columns = canvas->columns;
        fill(state);
    }
    canvas_put(canvas, 0, 1, -1, UI_ROLE_TITLE, plan == NULL ? _("Preview") : plan->title);
    int foot = draw_foot(view, canvas);
    struct ui_canvas body = canvas_part(canvas, 2, 0, canvas->rows - 3 - foot, -1);
    pager_draw(&state->pager, &body);
}

/* --- Keys ---------------------------------------------------------------------------------------
 */

static void apply(struct ui_view *view)
{
    struct preview *state = view->state;
    struct ui_app *app = view->app;
    struct error err = ERROR_INIT;
    if (!change_session_apply(state->session, &err)) {
        ui_say(app, UI_ROLE_BAD, "%s", err.message);
        return;
    }
    struct change_session *session = state->session;
    state->handed_over = true;
    ui_pop(app);
    if (app->top != NULL && app->top->ops == &view_form) {
        ui_pop(app); /* what it asked for is being done */
    }
    ui_push(app, &view_rollout, session);
}

static void ask(struct ui_view *view)
{
    struct preview *state = view->state;
    if (phase_of(state) != CHANGE_PREVIEWED) {
        ui_say(view->app, UI_ROLE_INFO, "The preview is not ready.");
    } else if (!change_session_has_changes(state->session)) {
        ui_say(view->app, UI_ROLE_INFO, "Nothing would change, so there is nothing to apply.");
    } else if (ui_model(view)->options->demo) {
        apply(view);
    } else {
        line_edit_set(&state->answer, "");
        state->typing = TYPING_CONTEXT;
    }
}

static void switch_shape(struct preview *state, enum shape shape)
{
    state->shape = state->shape == shape ? SHAPE_UNIFIED : shape;
    fill(state);
}

static bool preview_act(struct ui_view *view, enum ui_action action)
{
    struct preview *state = view->state;
    switch (action) {
    case UI_APPLY:
        ask(view);
        return true;
    case UI_SIDE_BY_SIDE:
        switch_shape(state, SHAPE_BESIDE);
        return true;
    case UI_WHOLE:
        switch_shape(state, SHAPE_WHOLE);
        return true;
    case UI_COMMANDS:
        switch_shape(state, SHAPE_COMMANDS);
        return true;
    case UI_EXPORT:
        if (phase_of(state) != CHANGE_PREVIEWED) {
            ui_say(view->app, UI_ROLE_INFO, "The preview is not ready.");
            return true;
        }
        line_edit_set(&state->answer, "change.yaml");
        state->typing = TYPING_FILE;
        return true;
    default:
        return pager_act(&state->pager, action);
    }
}

static void export(struct ui_view *view)
{
    struct preview *state = view->state;
    struct error err = ERROR_INIT;
    struct buffer text;
    buffer_init(&text, 1 << 26);
    change_session_write_yaml(state->session, &text);
    if (file_write_atomic(state->answer.text, text.data, text.length, 0600, &err)) {
        ui_say(view->app, UI_ROLE_GOOD, "Written to %s; values of Secrets are not in it.",
               state->answer.text);
    } else {
        ui_say(view->app, UI_ROLE_BAD, "%s", err.message);
    }
    buffer_free(&text);
}

static void answered(struct ui_view *view)
{
    struct preview *state = view->state;
    bool is_file = state->typing == TYPING_FILE;
    state->typing = TYPING_NOTHING;
    if (is_file) {
        export(view);
    } else if (strcmp(state->answer.text, kube_config_context(ui_model(view)->options->config)) ==
               0) {
        apply(view);
    } else {
        ui_say(view->app, UI_ROLE_WARNING, "Not the context's name: nothing was applied.");
    }
}

static bool preview_type(struct ui_view *view, int key, bool is_code)
{
    struct preview *state = view->state;
    if (state->typing == TYPING_NOTHING) {
        return pager_type(&state->pager, key, is_code);
    }
    switch (line_edit_key(&state->answer, key, is_code)) {
    case LINE_EDIT_DONE:
        answered(view);
        break;
    case LINE_EDIT_CANCELLED:
        state->typing = TYPING_NOTHING;
        ui_say(view->app, UI_ROLE_INFO, "Nothing was written.");
        break;
    default:
        break;
    }
    return true;
}

static const char *preview_typing(const struct ui_view *view)
{
    const struct preview *state = view->state;
    switch (state->typing) {
    case TYPING_CONTEXT:
        return _("Enter applies if the name is right, ESC changes nothing.");
    case TYPING_FILE:
        return _("Enter writes the file, ESC does not.");
    default:
        return pager_typing(&state->pager);
    }
}

static void preview_wheel(struct ui_view *view, int rows)
{
    struct preview *state = view->state;
    pager_wheel(&state->pager, rows);
}

const struct ui_view_ops view_preview = {.name = "preview",
                                         .title = N_("Preview of a change"),
                                         .state_size = sizeof(struct preview),
                                         .actions = actions,
                                         .open = preview_open,
                                         .draw = preview_draw,
                                         .act = preview_act,
                                         .type = preview_type,
                                         .typing = preview_typing,
                                         .wheel = preview_wheel,
                                         .update = preview_update,
                                         .close = preview_close};

const struct ui_view_ops view_undo = {.name = "undo",
                                      .title = N_("Preview of taking a change back"),
                                      .state_size = sizeof(struct preview),
                                      .actions = actions,
                                      .open = journal_open,
                                      .draw = preview_draw,
                                      .act = preview_act,
                                      .type = preview_type,
                                      .typing = preview_typing,
                                      .wheel = preview_wheel,
                                      .update = preview_update,
                                      .close = preview_close};
