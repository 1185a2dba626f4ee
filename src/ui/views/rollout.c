/* A change on its way: objects, rollouts, warnings, and at the end the verdict. */
#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "base/language.h"
#include "base/text.h"
#include "change/session.h"
#include "ui/rotations.h"
#include "ui/views.h"
#include "ui/widgets.h"

struct rollout {
    struct change_session *session;
    bool asked;   /* the person was told that the change goes on */
    bool rotated; /* what a Secret held before is kept */
};

static const enum ui_action actions[] = {UI_UNDO, UI_RESUME, UI_PAUSE, UI_STOP, UI_NONE};

static bool is_over(enum change_phase phase)
{
    return phase == CHANGE_DONE || phase == CHANGE_FAILED;
}

static void rollout_open(struct ui_view *view, void *argument)
{
    struct rollout *state = view->state;
    state->session = argument;
}

static void rollout_update(struct ui_view *view)
{
    struct rollout *state = view->state;
    if (!state->rotated && is_over(change_session_phase(state->session))) {
        state->rotated = ui_rotation_keep(view->app, state->session);
    }
}

static void rollout_close(struct ui_view *view)
{
    struct rollout *state = view->state;
    ui_rotation_keep(view->app, state->session);
    change_session_free(state->session);
}

static void draw_step(struct ui_canvas *canvas, int row, const struct change_step *step)
{
    static const char *const words[] = {N_("waiting"), N_("sent"), N_("done"), N_("FAILED")};
    static const enum ui_role roles[] = {UI_ROLE_DIM, UI_ROLE_INFO, UI_ROLE_GOOD, UI_ROLE_BAD};
    enum ui_glyph glyph = step->progress == CHANGE_STEP_DONE     ? GLYPH_GOOD
                          : step->progress == CHANGE_STEP_FAILED ? GLYPH_BAD
                                                                 : GLYPH_BULLET;
    canvas_printf(canvas, row, 1, -1, roles[step->progress], "%s %s", canvas_glyph(canvas, glyph),
                  _(words[step->progress]));
    if (step->failure.kind != ERROR_NONE) { /* it begins with the object's name */
        canvas_put(canvas, row, 13, -1, UI_ROLE_TEXT, step->failure.message);
        return;
    }
    canvas_printf(canvas, row, 13, -1, UI_ROLE_TEXT, "%s %s/%s", step->object->resource->kind,
                  step->object->ns == NULL ? "" : step->object->ns, step->object->name);
}

static int draw_rollout(struct ui_canvas *canvas, int row, const struct change_rollout *rollout)
{
    enum { PLACE_OF_NUMBERS = 22, NAME = 40 };
    int width = canvas->columns - 72;
    width = width < 0 ? 0 : width < 10 ? 10 : width > 40 ? 40 : width;
    int name = width > 0 ? NAME : canvas->columns - PLACE_OF_NUMBERS;
    canvas_printf(canvas, row, 1, name, UI_ROLE_TEXT, "%s %s", rollout->kind, rollout->name);
    if (width > 0) {
        widget_bar(canvas, row, name + 2, width,
                   rollout->updated < rollout->ready ? rollout->updated : rollout->ready,
                   rollout->desired);
    }
    canvas_printf(canvas, row, name + (width > 0 ? 3 : 1) + width, -1, UI_ROLE_TEXT,
                  "%d/%d updated %d ready", rollout->updated, rollout->desired, rollout->ready);
    if (rollout->message == NULL || rollout->message[0] == '\0') {
        return 1;
    }
    enum ui_role role = rollout->failed    ? UI_ROLE_BAD
                        : rollout->trouble ? UI_ROLE_WARNING
                                           : UI_ROLE_DIM;
    return 1 + canvas_wrap(canvas, row + 1, 3, canvas->columns - 5, rollout->trouble ? 6 : 3, role,
                           rollout->message);
}

static void draw_warnings(const struct ui_view *view, struct ui_canvas *canvas, int row)
{
    const struct ui_model *model = ui_model(view);
    struct csi_totals totals = csi_census_totals(model->census);
    char number[48] = "0";
    widget_number(totals.warnings_per_day, number);
    int used =
        canvas_printf(canvas, row, 1, -1, UI_ROLE_TEXT, "Warnings a day: %s   broken pods: %zu  ",
                      totals.rate_known ? number : "-", totals.broken_pods);
    canvas_sparkline(canvas, row, 1 + used, 24, UI_ROLE_INFO, model->rates, model->rate_count);
}

static const char *phase_text(const struct change_session *session)
{
    switch (change_session_phase(session)) {
    case CHANGE_APPLYING:
        return N_("Writing...");
    case CHANGE_ROLLING:
        return N_("Rolling out: p holds it where it is, u takes it back.");
    case CHANGE_VERIFYING:
        return N_("Rolled out. Watching whether the warnings have stopped...");
    case CHANGE_DONE:
        return change_session_is_sound(session)
                   ? N_("Done. ESC goes back to where you came from, u takes the change back.")
                   : N_("Done. What is still open stands below; u takes the change back.");
    case CHANGE_FAILED:
        return change_session_journal_id(session) != NULL
                   ? N_("Stopped. r finishes it, u takes back what was done.")
                   : N_("Stopped.");
    default:
        return N_("Preparing...");
    }
}

static enum ui_role phase_role(const struct change_session *session)
{
    switch (change_session_phase(session)) {
    case CHANGE_DONE:
        return change_session_is_sound(session) ? UI_ROLE_GOOD : UI_ROLE_WARNING;
    case CHANGE_FAILED:
        return UI_ROLE_BAD;
    default:
        return UI_ROLE_INFO;
    }
}

/* How long no warning came, and when that is proof enough. */
static void draw_quiet(const struct ui_view *view, struct ui_canvas *canvas, int row)
{
    const struct rollout *state = view->state;
    double speed = ui_model(view)->options->event_speed;
    int64_t wanted_ms = 0;
    int64_t quiet_ms = change_session_quiet_ms(state->session, &wanted_ms);
    char quiet[32];
    char left[32];
    clock_format_age(quiet_ms, quiet);
    clock_format_age(wanted_ms - quiet_ms, left);
    canvas_printf(canvas, row, 1, -1, UI_ROLE_INFO,
                  "Rolled out. No warning for %s; certain in %s, after two sync periods.", quiet,
                  left);
    widget_bar(canvas, row + 1, 1, 30, (int)quiet_ms, (int)wanted_ms);
    if (speed > 1) {
        canvas_printf(canvas, row + 1, 33, -1, UI_ROLE_DIM,
                      "simulated: its events come %.0f times as fast", speed);
    }
}

static bool has_trouble(const struct change_session *session)
{
    size_t count;
    const struct change_rollout *rollouts = change_session_rollouts(session, &count);
    for (size_t i = 0; i < count; i++) {
        if (rollouts[i].trouble) {
            return true;
        }
    }
    return false;
}

/* Where it stands, and what can be done now. */
static void draw_phase(const struct ui_view *view, struct ui_canvas *canvas, int row)
{
    const struct change_session *session = ((const struct rollout *)view->state)->session;
    enum change_phase phase = change_session_phase(session);
    const char *problem = change_session_pause_problem(session);
    int64_t wanted_ms = 0;
    change_session_quiet_ms(session, &wanted_ms);
    if (phase == CHANGE_ROLLING && problem != NULL) {
        canvas_printf(canvas, row, 1, -1, UI_ROLE_BAD, "Holding it failed: %s", problem);
    } else if (phase == CHANGE_ROLLING && change_session_is_paused(session)) {
        canvas_put(canvas, row, 1, -1, UI_ROLE_WARNING,
                   _("Held where it is: p lets it go on, u takes the change back."));
    } else if (phase == CHANGE_ROLLING && has_trouble(session)) {
        canvas_put(canvas, row, 1, -1, UI_ROLE_BAD,
                   _("Pods do not come up: u takes the change back, p holds it where it is."));
    } else if (phase == CHANGE_VERIFYING && wanted_ms > 0) {
        draw_quiet(view, canvas, row);
    } else {
        const char *glyph = phase == CHANGE_FAILED ? canvas_glyph(canvas, GLYPH_BAD)
                            : phase != CHANGE_DONE ? ""
                            : change_session_is_sound(session)
                                ? canvas_glyph(canvas, GLYPH_GOOD)
                                : canvas_glyph(canvas, GLYPH_WARNING);
        canvas_printf(canvas, row, 1, -1, phase_role(session), "%s%s%s", glyph,
                      glyph[0] == '\0' ? "" : " ", _(phase_text(session)));
    }
}

/* What is rolling stands below with more; the rest is told object by object. */
static bool is_told_below(const struct change_step *step, const struct change_rollout *rollouts,
                          size_t count)
{
    for (size_t i = 0; i < count; i++) {
        if (strcmp(rollouts[i].kind, step->object->resource->kind) == 0 &&
            strcmp(rollouts[i].name, step->object->name) == 0 && step->object->ns != NULL &&
            strcmp(rollouts[i].ns, step->object->ns) == 0) {
            return true;
        }
    }
    return step->object->action == CHANGE_NOTHING;
}

static int draw_objects(const struct change_session *session, struct ui_canvas *canvas, int row)
{
    size_t step_count;
    size_t count;
    const struct change_step *steps = change_session_steps(session, &step_count);
    const struct change_rollout *rollouts = change_session_rollouts(session, &count);
    int began = row;
    for (size_t i = 0; i < step_count && row < canvas->rows - 4; i++) {
        if (!is_told_below(&steps[i], rollouts, count)) {
            draw_step(canvas, row++, &steps[i]);
        }
    }
    row += row > began ? 1 : 0;
    for (size_t i = 0; i < count && row < canvas->rows - 4; i++) {
        row += draw_rollout(canvas, row, &rollouts[i]);
    }
    return row;
}

/* The last lines of a text that fit: how it ended counts for more than the way there. */
static const char *end_of(const char *text, int width, int rows)
{
    const char *next;
    while (canvas_wrap_height(text, width) > rows && (next = strchr(text, '\n')) != NULL &&
           next[1] != '\0') {
        text = next + 1;
    }
    return text;
}

static void rollout_draw(struct ui_view *view, struct ui_canvas *canvas)
{
    struct rollout *state = view->state;
    enum change_phase phase = change_session_phase(state->session);
    const struct change_plan *plan = change_session_plan(state->session);
    canvas_put(canvas, 0, 1, -1, UI_ROLE_TITLE, plan == NULL ? "" : plan->title);
    draw_phase(view, canvas, 1);
    int row = draw_objects(state->session, canvas, 3);
    draw_warnings(view, canvas, row + 1);
    row += 3;
    if (is_over(phase)) {
        struct buffer verdict;
        buffer_init(&verdict, 1 << 16);
        if (phase == CHANGE_DONE) {
            change_session_write_outcome(state->session, &verdict);
        } else {
            change_session_write_verdict(state->session, &verdict);
        }
        const char *text = end_of(verdict.data, canvas->columns - 3, canvas->rows - row);
        row += canvas_wrap(canvas, row, 1, canvas->columns - 3, canvas->rows - row,
                           phase_role(state->session), text);
        buffer_free(&verdict);
        if (state->rotated) {
            canvas_wrap(canvas, row, 1, canvas->columns - 3, canvas->rows - row, UI_ROLE_INFO,
                        _("u brings the earlier credential back: it is kept in this program's "
                          "memory, until you leave it."));
        }
    }
}

static bool rollout_may_leave(struct ui_view *view)
{
    struct rollout *state = view->state;
    if (is_over(change_session_phase(state->session)) || state->asked) {
        return true;
    }
    state->asked = true;
    if (change_session_is_paused(state->session)) {
        ui_say(view->app, UI_ROLE_WARNING,
               "The rollout is held, and stays so: p lets it go on. Once more to leave all the "
               "same; the history tells of it then.");
    } else {
        ui_say(view->app, UI_ROLE_WARNING,
               "The change is not over: the cluster goes on with it. Once more to leave all the "
               "same.");
    }
    return false;
}

static bool rollout_act(struct ui_view *view, enum ui_action action)
{
    struct rollout *state = view->state;
    const char *id = change_session_journal_id(state->session);
    bool over = is_over(change_session_phase(state->session));
    if (action == UI_PAUSE) {
        struct error err = ERROR_INIT;
        bool hold = !change_session_is_paused(state->session);
        if (!change_session_pause(state->session, hold, &err)) {
            ui_say(view->app, UI_ROLE_INFO, "%s", err.message);
        }
        return true;
    }
    if (action == UI_STOP) {
        if (over) {
            ui_say(view->app, UI_ROLE_INFO, "It is over already.");
        } else {
            change_session_stop(state->session);
        }
        return true;
    }
    if (action != UI_UNDO && action != UI_RESUME) {
        return false;
    }
    if (action == UI_RESUME && change_session_phase(state->session) != CHANGE_FAILED) {
        ui_say(view->app, UI_ROLE_INFO, "It was not interrupted, so there is nothing to finish.");
        return true;
    }
    if (change_session_phase(state->session) == CHANGE_APPLYING) {
        change_session_stop(state->session);
        ui_say(view->app, UI_ROLE_INFO, "It stops after the object under way; then once more.");
        return true;
    }
    if (id == NULL) {
        ui_say(view->app, UI_ROLE_INFO, "Nothing was written yet, so there is nothing to undo.");
        return true;
    }
    struct view_undo_argument undo = {id, action == UI_RESUME};
    ui_rotation_keep(view->app, state->session);
    if (!over) {
        change_session_stop(state->session);
    }
    ui_push(view->app, &view_undo, &undo);
    return true;
}

/* What would do something now. */
static bool rollout_offers(const struct ui_view *view, enum ui_action action)
{
    const struct change_session *session = ((const struct rollout *)view->state)->session;
    enum change_phase phase = change_session_phase(session);
    switch (action) {
    case UI_UNDO:
        return change_session_journal_id(session) != NULL;
    case UI_RESUME:
        return phase == CHANGE_FAILED && change_session_journal_id(session) != NULL;
    case UI_PAUSE:
        return phase == CHANGE_ROLLING;
    case UI_STOP:
        return !is_over(phase);
    default:
        return true;
    }
}

const struct ui_view_ops view_rollout = {.name = "rollout",
                                         .title = N_("A change on its way"),
                                         .state_size = sizeof(struct rollout),
                                         .actions = actions,
                                         .open = rollout_open,
                                         .draw = rollout_draw,
                                         .act = rollout_act,
                                         .update = rollout_update,
                                         .offers = rollout_offers,
                                         .may_leave = rollout_may_leave,
                                         .close = rollout_close};
