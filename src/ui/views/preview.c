/* What would change, checked by the server; nothing is written from here without a confirmation. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/file.h"
#include "base/language.h"
#include "base/text.h"
#include "change/journal.h"
#include "change/session.h"
#include "preview_text.h"
#include "ui/app.h"
#include "ui/pager.h"
#include "ui/question.h"
#include "ui/rotations.h"
#include "ui/views.h"

struct preview {
    struct change_session *session;
    struct error failure; /* there is no session */
    struct pager pager;
    struct preview_text text;
    struct ui_question asked;
    const struct change_question *question; /* the one that is answered */
    char *over;                             /* the file that is there: Enter again writes over it */
    bool handed_over;                       /* the rollout view owns the session now */
};

/* What is asked. */
enum { ASKED_CONTEXT = 1, ASKED_QUESTION, ASKED_FILE, ASKED_OVER };

static const enum ui_action actions[] = {
    UI_APPLY, UI_SIDE_BY_SIDE, UI_WHOLE,         UI_COMMANDS,   UI_EXPORT,
    UI_FOLD,  UI_NEXT_PANE,    UI_PREVIOUS_PANE, PAGER_ACTIONS, UI_NONE};

static void fill(struct preview *state)
{
    state->text.session = state->session;
    preview_text_fill(&state->text, &state->pager);
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
    free(state->over);
    pager_free(&state->pager);
    preview_text_free(&state->text);
}

/* --- Drawing ------------------------------------------------------------------------------------
 */

static enum change_phase phase_of(const struct preview *state)
{
    return state->session == NULL ? CHANGE_FAILED : change_session_phase(state->session);
}

/* The question's text, a paragraph a line of it; canvas NULL: only counts. Returns its rows. */
static int draw_lines(const char *text, struct ui_canvas *canvas, int row, int width, int most)
{
    int used = 0;
    while (*text != '\0' && used < most) {
        size_t length = strcspn(text, "\n");
        char *raw = xstrndup(text, length);
        char *line = text_safe(raw);
        int rows = canvas_wrap_height(line, width);
        rows = rows > most - used ? most - used : rows;
        if (canvas != NULL) {
            canvas_wrap(canvas, row + used, 1, width, rows, UI_ROLE_WARNING, line);
        }
        used += rows;
        free(line);
        free(raw);
        text += length + (text[length] == '\n' ? 1 : 0);
    }
    return used;
}

/* What is asked of one owner, or of conflicts: at most half of the screen. Returns its rows. */
static int draw_reason(const struct preview *state, struct ui_canvas *canvas)
{
    int width = canvas->columns - 2;
    int most = canvas->rows / 2;
    int rows = draw_lines(state->question->text, NULL, 0, width, most);
    return draw_lines(state->question->text, canvas, canvas->rows - 1 - rows, width, most);
}

/* Returns the rows that it takes. */
static int draw_question(struct ui_view *view, struct ui_canvas *canvas, int row)
{
    struct preview *state = view->state;
    if (state->asked.kind == ASKED_FILE || state->asked.kind == ASKED_OVER) {
        question_draw(&state->asked, canvas, row, UI_ROLE_INFO,
                      _("Write (.yaml objects, .json patches, .sh kubectl, .diff) to: "));
        return 1;
    }
    bool word = state->asked.kind == ASKED_QUESTION;
    int rows = word ? draw_reason(state, canvas) : 0;
    char *text = word ? xasprintf(_("Type %s to apply all the same: "), state->question->word)
                      : xasprintf(_("Type the context's name (%s) to apply: "),
                                  kube_config_context(ui_model(view)->options->config));
    question_draw(&state->asked, canvas, row, UI_ROLE_WARNING, text);
    free(text);
    return 1 + rows;
}

/* Returns the rows used at the foot. */
static int draw_foot(struct ui_view *view, struct ui_canvas *canvas)
{
    struct preview *state = view->state;
    int row = canvas->rows - 1;
    if (state->asked.kind != 0) {
        return draw_question(view, canvas, row);
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
    } else if (!change_session_has_changes(state->session)) {
        canvas_put(canvas, row, 1, -1, UI_ROLE_GOOD,
                   _("Nothing is left to change: it is so already. ESC goes back."));
    } else {
        canvas_printf(canvas, row, 1, -1, UI_ROLE_INFO,
                      "Nothing is written yet. %s applies it, ESC leaves everything as it is.",
                      keys_name(UI_APPLY));
    }
    return 1;
}

static void preview_draw(struct ui_view *view, struct ui_canvas *canvas)
{
    struct preview *state = view->state;
    const struct change_plan *plan =
        state->session == NULL ? NULL : change_session_plan(state->session);
    if (state->text.columns != canvas->columns) {
        state->text.columns = canvas->columns;
        state->text.open = canvas_glyph(canvas, GLYPH_OPEN);
        state->text.closed = canvas_glyph(canvas, GLYPH_CLOSED);
        fill(state);
    }
    canvas_put(canvas, 0, 1, -1, UI_ROLE_TITLE, plan == NULL ? _("Preview") : plan->title);
    preview_text_draw_sum(&state->text, canvas, 1);
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

/* The next thing that wants a word of its own; applies when nothing does. */
static void ask_on(struct ui_view *view)
{
    struct preview *state = view->state;
    size_t count;
    const struct change_question *questions = change_session_questions(state->session, &count);
    for (size_t i = 0; i < count; i++) {
        if (!questions[i].accepted) {
            state->question = &questions[i];
            question_ask(&state->asked, ASKED_QUESTION, "");
            return;
        }
    }
    apply(view);
}

static void ask(struct ui_view *view)
{
    struct preview *state = view->state;
    if (phase_of(state) != CHANGE_PREVIEWED) {
        ui_say(view->app, UI_ROLE_INFO, "The preview is not ready.");
    } else if (!change_session_has_changes(state->session)) {
        ui_say(view->app, UI_ROLE_INFO, "Nothing would change, so there is nothing to apply.");
    } else if (ui_model(view)->options->demo) {
        ask_on(view);
    } else {
        question_ask(&state->asked, ASKED_CONTEXT, "");
    }
}

static void switch_shape(struct preview *state, enum preview_shape shape)
{
    state->text.shape = state->text.shape == shape ? SHAPE_UNIFIED : shape;
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
        question_ask(&state->asked, ASKED_FILE, "change.yaml");
        return true;
    default:
        return preview_text_act(&state->text, &state->pager, action) ||
               pager_act(&state->pager, action);
    }
}

static void export(struct ui_view *view)
{
    struct preview *state = view->state;
    struct error err = ERROR_INIT;
    struct buffer text;
    buffer_init(&text, 1 << 26);
    preview_text_export(&state->text, state->asked.answer.text, &text);
    if (file_write_atomic(state->asked.answer.text, text.data, text.length, 0600, &err)) {
        ui_say(view->app, UI_ROLE_GOOD, "Written to %s; values of Secrets are not in it.",
               state->asked.answer.text);
    } else {
        ui_say(view->app, UI_ROLE_BAD, "%s", err.message);
    }
    buffer_free(&text);
}

static void answered(struct ui_view *view, int kind)
{
    struct preview *state = view->state;
    const char *answer = state->asked.answer.text;
    const char *context = kube_config_context(ui_model(view)->options->config);
    bool sure = kind == ASKED_OVER && strcmp(answer, state->over) == 0;
    if ((kind == ASKED_FILE || kind == ASKED_OVER) && !sure && access(answer, F_OK) == 0) {
        free(state->over);
        state->over = xstrdup(answer);
        question_ask(&state->asked, ASKED_OVER, state->over);
    } else if (kind == ASKED_FILE || kind == ASKED_OVER) {
        export(view);
    } else if (kind == ASKED_CONTEXT && strcmp(answer, context) == 0) {
        ask_on(view);
    } else if (kind == ASKED_CONTEXT) {
        ui_say(view->app, UI_ROLE_WARNING, "Not the context's name: nothing was applied.");
    } else if (strcmp(answer, state->question->word) == 0) {
        change_session_accept(state->session, state->question->word);
        ask_on(view);
    } else {
        ui_say(view->app, UI_ROLE_WARNING, "Not the word that was asked for: nothing was applied.");
    }
}

static bool preview_type(struct ui_view *view, int key, bool is_code)
{
    struct preview *state = view->state;
    return question_type(view, &state->asked, &state->pager, key, is_code, answered,
                         _("Nothing was written."));
}

static const char *preview_typing(const struct ui_view *view)
{
    const struct preview *state = view->state;
    switch (state->asked.kind) {
    case ASKED_CONTEXT:
        return _("Enter applies if the name is right, ESC changes nothing.");
    case ASKED_QUESTION:
        return _("Enter applies if the word is right, ESC changes nothing.");
    case ASKED_FILE:
        return _("Enter writes the file, ESC does not.");
    case ASKED_OVER:
        return _("It is there already: Enter again writes over it, ESC does not.");
    default:
        return pager_typing(&state->pager);
    }
}

static void preview_click(struct ui_view *view, int row, int column, bool twice)
{
    enum { BODY = 2 }; /* below the title and the sum */
    struct preview *state = view->state;
    (void)column;
    (void)twice;
    preview_text_click(&state->text, &state->pager, row - BODY);
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
                                         .click = preview_click,
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
                                      .click = preview_click,
                                      .wheel = preview_wheel,
                                      .update = preview_update,
                                      .close = preview_close};
