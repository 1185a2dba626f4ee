/* What would change, checked by the server; nothing is written from here without a confirmation. */
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "change/session.h"
#include "ui/line_edit.h"
#include "ui/pager.h"
#include "ui/views.h"

struct preview {
    struct change_session *session;
    struct pager pager;
    enum change_phase shown;
    bool whole;
    bool confirming;
    bool handed_over; /* the rollout view owns the session now */
    struct line_edit answer;
};

static const enum ui_action actions[] = {UI_APPLY,    UI_SIDE_BY_SIDE, UI_WHOLE, UI_EXPORT,
                                         UI_COMMANDS, PAGER_ACTIONS,   UI_NONE};

static void add_step(struct pager *pager, const struct change_step *step)
{
    const struct change_object *object = step->object;
    pager_printf(pager, UI_ROLE_TITLE, "%s %s/%s%s", object->resource->kind,
                 object->ns == NULL ? "" : object->ns, object->name,
                 object->action == CHANGE_CREATE    ? "  (new)"
                 : object->action == CHANGE_NOTHING ? "  (no change)"
                 : object->action == CHANGE_DELETE  ? "  (deleted)"
                                                    : "");
    if (object->restarts > 0) {
        pager_printf(pager, UI_ROLE_TEXT, "  %d pod%s restart%s", object->restarts,
                     object->restarts == 1 ? "" : "s", object->restarts == 1 ? "s" : "");
    }
    if (object->owner_consequence != NULL) {
        pager_printf(pager, object->owner_confirm ? UI_ROLE_WARNING : UI_ROLE_TEXT, "  %s",
                     object->owner_consequence);
    }
    if (object->note != NULL) {
        pager_printf(pager, UI_ROLE_TEXT, "  %s", object->note);
    }
    for (size_t i = 0; step->warnings != NULL && step->warnings[i] != NULL; i++) {
        pager_printf(pager, UI_ROLE_WARNING, "  the server warns: %s", step->warnings[i]);
    }
    if (step->refusal.kind != ERROR_NONE) {
        pager_printf(pager, UI_ROLE_BAD, "  the server refuses: %s", step->refusal.message);
    } else if (step->local) {
        pager_add(pager, UI_ROLE_WARNING,
                  "  computed here, not by the server: you may not write this object, so what "
                  "the server would add or refuse is not known");
    } else if (object->action != CHANGE_NOTHING) {
        pager_add(pager, UI_ROLE_GOOD, "  checked by the server (dry run): accepted");
    }
}

static void fill(struct preview *state)
{
    pager_clear(&state->pager);
    const struct change_plan *plan = change_session_plan(state->session);
    if (plan == NULL) {
        return;
    }
    for (size_t i = 0; plan->costs != NULL && plan->costs[i] != NULL; i++) {
        pager_printf(&state->pager, UI_ROLE_TEXT, "%s", plan->costs[i]);
    }
    size_t count;
    const struct change_step *steps = change_session_steps(state->session, &count);
    for (size_t i = 0; i < count; i++) {
        add_step(&state->pager, &steps[i]);
    }
    pager_add(&state->pager, UI_ROLE_TEXT, "");
    if (state->whole) {
        for (size_t i = 0; i < count; i++) {
            pager_add_lines(&state->pager, UI_ROLE_TEXT, steps[i].after, false);
        }
        return;
    }
    struct buffer diff;
    buffer_init(&diff, 1 << 26);
    change_session_write_diff(state->session, &diff);
    pager_add_lines(&state->pager, UI_ROLE_TEXT, diff.data, true);
    buffer_free(&diff);
    if (!change_session_has_changes(state->session)) {
        pager_add(&state->pager, UI_ROLE_GOOD, "Nothing would change.");
    }
}

static void preview_update(struct ui_view *view)
{
    struct preview *state = view->state;
    fill(state);
}

/* The session outlives this view when the rollout takes it over, so it calls the app. */
static void on_change(void *context)
{
    ui_refresh_top(context);
}

static void preview_open(struct ui_view *view, void *argument)
{
    static const struct change_session_handler handler = {on_change};
    struct preview *state = view->state;
    const struct ui_model *model = ui_model(view);
    state->session =
        change_session_start(model->client, model->follow, argument, &handler, view->app);
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

static void draw_foot(struct ui_view *view, struct ui_canvas *canvas)
{
    struct preview *state = view->state;
    int row = canvas->rows - 1;
    if (state->confirming) {
        const char *context = kube_config_context(ui_model(view)->options->config);
        int used = canvas_printf(canvas, row, 1, canvas->columns - 22, UI_ROLE_WARNING,
                                 "Type the context's name (%s) to apply: ", context);
        line_edit_draw(&state->answer, canvas, row, 1 + used, canvas->columns - used - 3, true);
        return;
    }
    switch (change_session_phase(state->session)) {
    case CHANGE_READING:
        canvas_put(canvas, row, 1, -1, UI_ROLE_INFO,
                   "Reading the objects and asking the server...");
        break;
    case CHANGE_FAILED:
        canvas_printf(canvas, row, 1, -1, UI_ROLE_BAD, "%s",
                      change_session_error(state->session)->message);
        break;
    default:
        canvas_put(canvas, row, 1, -1, UI_ROLE_INFO, "Nothing is written yet.");
        break;
    }
}

static void preview_draw(struct ui_view *view, struct ui_canvas *canvas)
{
    struct preview *state = view->state;
    const struct change_plan *plan = change_session_plan(state->session);
    canvas_put(canvas, 0, 1, -1, UI_ROLE_TITLE, plan == NULL ? "Preview" : plan->title);
    struct ui_canvas body = canvas_part(canvas, 2, 0, canvas->rows - 3, -1);
    pager_draw(&state->pager, &body);
    draw_foot(view, canvas);
}

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
    ui_push(app, &view_rollout, session);
}

static void ask(struct ui_view *view)
{
    struct preview *state = view->state;
    if (change_session_phase(state->session) != CHANGE_PREVIEWED) {
        ui_say(view->app, UI_ROLE_INFO, "The preview is not ready.");
    } else if (!change_session_has_changes(state->session)) {
        ui_say(view->app, UI_ROLE_INFO, "Nothing would change, so there is nothing to apply.");
    } else if (ui_model(view)->options->demo) {
        apply(view);
    } else {
        line_edit_set(&state->answer, "");
        state->confirming = true;
    }
}

static bool preview_act(struct ui_view *view, enum ui_action action)
{
    struct preview *state = view->state;
    if (action == UI_APPLY) {
        ask(view);
        return true;
    }
    if (action == UI_WHOLE) {
        state->whole = !state->whole;
        fill(state);
        return true;
    }
    return pager_act(&state->pager, action);
}

static bool preview_type(struct ui_view *view, int key, bool is_code)
{
    struct preview *state = view->state;
    if (!state->confirming) {
        return pager_type(&state->pager, key, is_code);
    }
    switch (line_edit_key(&state->answer, key, is_code)) {
    case LINE_EDIT_DONE:
        state->confirming = false;
        if (strcmp(state->answer.text, kube_config_context(ui_model(view)->options->config)) == 0) {
            apply(view);
        } else {
            ui_say(view->app, UI_ROLE_WARNING, "Not the context's name: nothing was applied.");
        }
        break;
    case LINE_EDIT_CANCELLED:
        state->confirming = false;
        ui_say(view->app, UI_ROLE_INFO, "Nothing was applied.");
        break;
    default:
        break;
    }
    return true;
}

static const char *preview_typing(const struct ui_view *view)
{
    const struct preview *state = view->state;
    return state->confirming ? "Enter applies if the name is right, ESC changes nothing."
                             : pager_typing(&state->pager);
}

static void preview_wheel(struct ui_view *view, int rows)
{
    struct preview *state = view->state;
    pager_wheel(&state->pager, rows);
}

const struct ui_view_ops view_preview = {.name = "preview",
                                         .title = "Preview of a change",
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
