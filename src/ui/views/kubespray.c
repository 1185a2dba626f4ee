/* The source of a driver in Kubespray: what is wrong in the checkout, what a fix would write there,
 * and what the next run of the playbook then changes in the cluster. One plan: source first, then
 * cluster, so that the next run changes nothing. */
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/language.h"
#include "change/session.h"
#include "ui/line_edit.h"
#include "ui/pager.h"
#include "ui/question.h"
#include "ui/source_text.h"
#include "ui/views.h"

enum field { FIELD_CHECKOUT, FIELD_INVENTORY, FIELD_SECRET, FIELD_COUNT };

/* What is asked. */
enum { ASKED_CONFIRMATION = 1, ASKED_FILE };

enum { HEAD_ROWS = 6, LABEL_WIDTH = 13 };

struct kubespray_view {
    struct ui_source source;
    struct pager pager;
    struct line_edit fields[FIELD_COUNT];
    enum field focus;
    bool editing; /* the fields */
    struct ui_question asked;
    struct change_session *next_run; /* previews what the plan does in the cluster; NULL: nothing */
    struct error no_run;             /* why there is none; ERROR_NONE */
    bool away;                       /* another view was opened that may change what is shown */
};

static const enum ui_action actions[] = {UI_FIX,       UI_PULL_SECRETS_ONLY, UI_SOURCE, UI_EXPORT,
                                         UI_NEXT_PANE, PAGER_ACTIONS,        UI_NONE};

static const char *const labels[FIELD_COUNT] = {N_("Checkout"), N_("Inventory"), N_("Pull secret")};

static const struct kubespray_options *more_of(const struct ui_view *view)
{
    return &ui_model(view)->options->kubespray;
}

static void fill(struct kubespray_view *state)
{
    source_describe(&state->pager, &state->source, state->next_run, &state->no_run);
}

/* --- Reading ------------------------------------------------------------------------------------
 */

static void on_change(void *context)
{
    ui_refresh_top(context);
}

static const struct change_session_handler handler = {on_change};

static void preview_run(struct ui_view *view)
{
    struct kubespray_view *state = view->state;
    const struct ui_model *model = ui_model(view);
    change_session_free(state->next_run);
    state->next_run = NULL;
    error_clear(&state->no_run);
    if (state->source.driver == NULL) {
        return;
    }
    struct change_intent *intent =
        source_intent(&state->source, more_of(view), true, &state->no_run);
    if (intent != NULL) {
        state->next_run =
            change_session_start(model->client, model->follow, intent, &handler, view->app);
    }
}

static void read_all(struct ui_view *view)
{
    struct kubespray_view *state = view->state;
    if (state->source.checkout != NULL && source_read(&state->source, more_of(view))) {
        preview_run(view);
    }
    fill(state);
    ui_invalidate(view->app);
}

static void set_fields(struct kubespray_view *state)
{
    const struct ui_source *source = &state->source;
    const char *texts[FIELD_COUNT] = {source->checkout, source->inventory, source->secret};
    for (int i = 0; i < FIELD_COUNT; i++) {
        line_edit_set(&state->fields[i], texts[i] == NULL ? "" : texts[i]);
    }
}

static void edit_fields(struct kubespray_view *state)
{
    set_fields(state);
    bool readable = state->source.checkout != NULL && state->source.failure.kind == ERROR_NONE;
    state->focus = readable ? FIELD_SECRET : FIELD_CHECKOUT;
    state->editing = true;
}

static void kubespray_open_view(struct ui_view *view, void *argument)
{
    struct kubespray_view *state = view->state;
    const struct kubespray_options *more = more_of(view);
    state->source.driver = source_driver(ui_model(view)->census, argument);
    source_name(&state->source, more->checkout, more->inventory, NULL);
    if (state->source.checkout == NULL) {
        edit_fields(state);
        fill(state);
        return;
    }
    char *secret = source_current_secret(&state->source, more);
    source_name(&state->source, more->checkout, more->inventory, secret);
    free(secret);
    read_all(view);
}

static void kubespray_close_view(struct ui_view *view)
{
    struct kubespray_view *state = view->state;
    change_session_free(state->next_run);
    source_free(&state->source);
    pager_free(&state->pager);
}

static void kubespray_update(struct ui_view *view)
{
    fill(view->state);
}

/* --- Drawing ------------------------------------------------------------------------------------
 */

static const char *shown_field(const struct ui_source *source, int field)
{
    switch (field) {
    case FIELD_CHECKOUT:
        return source->checkout == NULL ? "-" : source->checkout;
    case FIELD_INVENTORY:
        return source->inventory == NULL ? _("- (the roles' defaults)") : source->inventory;
    default:
        return source->secret == NULL ? _("- (none: the reference goes)") : source->secret;
    }
}

/* The plan in one line: both halves with their costs. */
static void draw_plan(const struct kubespray_view *state, struct ui_canvas *canvas, int row)
{
    const struct ui_source *source = &state->source;
    const struct change_session *run = state->next_run;
    if (source->checkout == NULL || source->failure.kind != ERROR_NONE) {
        return;
    }
    if (run == NULL && source->edits.count > 0) {
        canvas_printf(canvas, row, 1, -1, UI_ROLE_WARNING,
                      "%s Plan: f writes %zu files; about the cluster see below (2).",
                      canvas_glyph(canvas, GLYPH_WARNING), source->edits.count);
        return;
    }
    if (run == NULL || change_session_phase(run) != CHANGE_PREVIEWED) {
        bool reading = run != NULL && change_session_phase(run) == CHANGE_READING;
        canvas_put(canvas, row, 1, -1, reading ? UI_ROLE_INFO : UI_ROLE_BAD,
                   reading ? _("Reading the objects and asking the server...")
                           : _("What the cluster would say is not known; see below (2)."));
        return;
    }
    bool cluster = change_session_has_changes(run);
    int restarts = change_session_plan(run)->restarts;
    if (source->edits.count == 0 && !cluster) {
        canvas_printf(canvas, row, 1, -1, UI_ROLE_GOOD,
                      "%s Source and cluster agree: the next run changes no pull secret.",
                      canvas_glyph(canvas, GLYPH_GOOD));
    } else if (source->edits.count == 0) {
        canvas_printf(canvas, row, 1, -1, UI_ROLE_WARNING,
                      "%s The source is in order, the cluster is not yet: f (%d pods restart)",
                      canvas_glyph(canvas, GLYPH_WARNING), restarts);
    } else if (cluster) {
        canvas_printf(canvas, row, 1, -1, UI_ROLE_WARNING,
                      "%s Plan: f writes %zu files, then changes the cluster (%d pods restart).",
                      canvas_glyph(canvas, GLYPH_WARNING), source->edits.count, restarts);
    } else {
        canvas_printf(canvas, row, 1, -1, UI_ROLE_WARNING,
                      "%s Plan: f writes %zu files; the cluster has that already.",
                      canvas_glyph(canvas, GLYPH_WARNING), source->edits.count);
    }
}

static void draw_head(const struct kubespray_view *state, struct ui_canvas *canvas)
{
    const struct ui_source *source = &state->source;
    canvas_printf(canvas, 0, 1, -1, UI_ROLE_TITLE,
                  source->driver == NULL ? N_("The source in Kubespray")
                                         : N_("The source of %s in Kubespray: role %s"),
                  source->driver == NULL ? "" : source->driver->name,
                  source->driver == NULL ? "" : source->driver->role);
    for (int i = 0; i < FIELD_COUNT; i++) {
        bool focused = state->editing && (int)state->focus == i;
        canvas_put(canvas, 1 + i, 1, LABEL_WIDTH, focused ? UI_ROLE_KEY : UI_ROLE_DIM,
                   _(labels[i]));
        if (state->editing && !focused) {
            line_edit_draw(&state->fields[i], canvas, 1 + i, 1 + LABEL_WIDTH,
                           canvas->columns - LABEL_WIDTH - 2, false);
        } else if (!focused) {
            canvas_put(canvas, 1 + i, 1 + LABEL_WIDTH, -1, UI_ROLE_TEXT, shown_field(source, i));
        }
    }
    draw_plan(state, canvas, 1 + FIELD_COUNT);
    if (state->editing) { /* last: it has the cursor */
        line_edit_draw(&state->fields[state->focus], canvas, 1 + (int)state->focus, 1 + LABEL_WIDTH,
                       canvas->columns - LABEL_WIDTH - 2, true);
    }
}

static void draw_question(const struct kubespray_view *state, struct ui_canvas *canvas)
{
    if (state->asked.kind == ASKED_FILE) {
        question_draw(&state->asked, canvas, canvas->rows - 1, UI_ROLE_INFO,
                      _("Write the patch to: "));
        return;
    }
    char *text = xasprintf(_("Write these %zu files? Type yes: "), state->source.edits.count);
    question_draw(&state->asked, canvas, canvas->rows - 1, UI_ROLE_WARNING, text);
    free(text);
}

static void kubespray_draw(struct ui_view *view, struct ui_canvas *canvas)
{
    struct kubespray_view *state = view->state;
    if (state->away) { /* back on top: the cluster may have changed */
        state->away = false;
        read_all(view);
    }
    bool asking = state->asked.kind != 0;
    struct ui_canvas body =
        canvas_part(canvas, HEAD_ROWS, 0, canvas->rows - HEAD_ROWS - (asking ? 1 : 0), -1);
    pager_draw(&state->pager, &body);
    draw_head(state, canvas); /* after the text: a field has the cursor */
    if (asking) {
        draw_question(state, canvas);
    }
}

/* --- Keys ---------------------------------------------------------------------------------------
 */

/* The second half of the plan: its preview asks before anything is written. False if there is
 * none. */
static bool mend_cluster(struct ui_view *view)
{
    struct kubespray_view *state = view->state;
    struct error err = ERROR_INIT;
    if (state->source.driver == NULL) {
        return false;
    }
    struct change_intent *intent = source_intent(&state->source, more_of(view), false, &err);
    if (intent == NULL) {
        ui_say(view->app, UI_ROLE_BAD, "%s", err.message);
        return false;
    }
    state->away = true;
    ui_push(view->app, &view_preview, intent);
    return true;
}

/* The server was asked, and the plan changes nothing there. */
static bool cluster_agrees(const struct kubespray_view *state)
{
    return state->next_run != NULL && change_session_phase(state->next_run) == CHANGE_PREVIEWED &&
           !change_session_has_changes(state->next_run);
}

static void mend(struct ui_view *view)
{
    struct kubespray_view *state = view->state;
    const struct ui_source *source = &state->source;
    if (source->failure.kind != ERROR_NONE) {
        ui_say(view->app, UI_ROLE_INFO,
               "The source cannot be read so; e changes the fields, an empty inventory takes the "
               "roles' defaults.");
        return;
    }
    if (source->checkout == NULL) {
        ui_say(view->app, UI_ROLE_INFO, "Name a checkout first (e).");
    } else if (source->refusal.kind != ERROR_NONE) {
        ui_say(view->app, UI_ROLE_BAD, "%s", source->refusal.message);
    } else if (source->edits.count > 0) {
        question_ask(&state->asked, ASKED_CONFIRMATION, "");
    } else if (cluster_agrees(state)) {
        ui_say(view->app, UI_ROLE_GOOD,
               "Source and cluster agree: the next run of the playbook changes no pull secret.");
    } else {
        mend_cluster(view);
    }
}

static void write_source(struct ui_view *view)
{
    struct kubespray_view *state = view->state;
    bool agrees = cluster_agrees(state); /* with the mended source */
    struct error err = ERROR_INIT;
    size_t written = 0;
    size_t all = state->source.edits.count;
    bool done = kubespray_edits_write(&state->source.edits, &written, &err);
    read_all(view);
    if (!done) {
        ui_say(view->app, UI_ROLE_BAD, "%zu of %zu files were written: %s", written, all,
               err.message);
        return;
    }
    if (agrees) {
        ui_say(view->app, UI_ROLE_GOOD, "%zu files written; the cluster has that already.",
               written);
    } else if (mend_cluster(view)) {
        ui_say(view->app, UI_ROLE_GOOD, "%zu files written. Now the cluster; nothing is sent yet.",
               written);
    } else {
        ui_say(view->app, UI_ROLE_GOOD,
               "%zu files written. What they change in the cluster cannot be told; see below (2).",
               written);
    }
}

static void next_driver(struct ui_view *view)
{
    struct kubespray_view *state = view->state;
    const struct csi_census *census = ui_model(view)->census;
    size_t count = 0;
    struct csi_driver *const *drivers = csi_census_drivers(census, &count);
    size_t at = 0;
    while (at < count && (state->source.driver == NULL ||
                          strcmp(drivers[at]->name, state->source.driver->name) != 0)) {
        at++;
    }
    for (size_t i = 1; i <= count; i++) {
        const struct kubespray_driver *next =
            kubespray_find_driver(drivers[(at + i) % count]->name);
        if (next != NULL && next != state->source.driver) {
            state->source.driver = next;
            read_all(view);
            return;
        }
    }
    ui_say(view->app, UI_ROLE_INFO, "No other driver of this cluster is one of Kubespray's.");
}

static void ask_for_file(struct ui_view *view)
{
    struct kubespray_view *state = view->state;
    if (state->source.edits.count == 0) {
        ui_say(view->app, UI_ROLE_INFO, "There is nothing to write a patch of.");
        return;
    }
    question_ask(&state->asked, ASKED_FILE, "kubespray.patch");
}

/* All that is wrong, or the pull secrets alone. */
static void switch_extent(struct ui_view *view)
{
    struct kubespray_view *state = view->state;
    state->source.pull_secrets_only = !state->source.pull_secrets_only;
    read_all(view);
    ui_say(view->app, UI_ROLE_INFO,
           state->source.pull_secrets_only ? N_("f now mends the pull secrets alone.")
                                           : N_("f now mends all that is wrong at the source."));
}

static bool kubespray_act(struct ui_view *view, enum ui_action action)
{
    struct kubespray_view *state = view->state;
    switch (action) {
    case UI_FIX:
        mend(view);
        return true;
    case UI_PULL_SECRETS_ONLY:
        switch_extent(view);
        return true;
    case UI_SOURCE:
        edit_fields(state);
        return true;
    case UI_EXPORT:
        ask_for_file(view);
        return true;
    case UI_NEXT_PANE:
        next_driver(view);
        return true;
    default:
        return pager_act(&state->pager, action);
    }
}

static void take_fields(struct ui_view *view)
{
    struct kubespray_view *state = view->state;
    state->editing = false;
    source_name(&state->source, state->fields[FIELD_CHECKOUT].text,
                state->fields[FIELD_INVENTORY].text, state->fields[FIELD_SECRET].text);
    read_all(view);
}

static void type_field(struct ui_view *view, int key, bool is_code)
{
    struct kubespray_view *state = view->state;
    switch (line_edit_key(&state->fields[state->focus], key, is_code)) {
    case LINE_EDIT_DONE:
        if (state->focus + 1 == FIELD_COUNT) {
            take_fields(view);
        } else {
            state->focus++;
        }
        break;
    case LINE_EDIT_CANCELLED:
        state->editing = false;
        if (state->source.checkout == NULL) {
            ui_pop(view->app);
        }
        break;
    case LINE_EDIT_OTHER:
        switch (keys_action((const enum ui_action[]){UI_NEXT_PANE, UI_PREVIOUS_PANE, UI_DOWN, UI_UP,
                                                     UI_SUBMIT, UI_NONE},
                            key, is_code)) {
        case UI_NEXT_PANE:
        case UI_DOWN:
            state->focus = (state->focus + 1) % FIELD_COUNT;
            break;
        case UI_PREVIOUS_PANE:
        case UI_UP:
            state->focus = (state->focus + FIELD_COUNT - 1) % FIELD_COUNT;
            break;
        case UI_SUBMIT:
            take_fields(view);
            break;
        default:
            break;
        }
        break;
    default:
        break;
    }
}

static void answered(struct ui_view *view, int kind)
{
    struct kubespray_view *state = view->state;
    const char *answer = state->asked.answer.text;
    struct error err = ERROR_INIT;
    if (kind == ASKED_CONFIRMATION && strcmp(answer, "yes") == 0) {
        write_source(view);
    } else if (kind == ASKED_CONFIRMATION) {
        ui_say(view->app, UI_ROLE_INFO, "Not confirmed: no file was changed.");
    } else if (source_write_patch(&state->source, answer, &err)) {
        ui_say(view->app, UI_ROLE_GOOD, "Written to %s, for git am.", answer);
    } else {
        ui_say(view->app, UI_ROLE_BAD, "%s", err.message);
    }
}

static bool kubespray_type(struct ui_view *view, int key, bool is_code)
{
    struct kubespray_view *state = view->state;
    if (state->editing) {
        type_field(view, key, is_code);
        return true;
    }
    return question_type(view, &state->asked, &state->pager, key, is_code, answered,
                         _("No file was changed."));
}

static const char *kubespray_typing(const struct ui_view *view)
{
    const struct kubespray_view *state = view->state;
    if (state->editing) {
        return _("Tab: the next field, Enter on the last reads them, ESC leaves them.");
    }
    switch (state->asked.kind) {
    case ASKED_CONFIRMATION:
        return _("Enter writes the source; the cluster is asked about after that.");
    case ASKED_FILE:
        return _("Enter writes the file, ESC does not.");
    default:
        return pager_typing(&state->pager);
    }
}

static void kubespray_wheel(struct ui_view *view, int rows)
{
    struct kubespray_view *state = view->state;
    pager_wheel(&state->pager, rows);
}

const struct ui_view_ops view_kubespray = {.name = "kubespray",
                                           .title = N_("The source in Kubespray"),
                                           .state_size = sizeof(struct kubespray_view),
                                           .actions = actions,
                                           .open = kubespray_open_view,
                                           .draw = kubespray_draw,
                                           .act = kubespray_act,
                                           .type = kubespray_type,
                                           .typing = kubespray_typing,
                                           .wheel = kubespray_wheel,
                                           .update = kubespray_update,
                                           .close = kubespray_close_view};
