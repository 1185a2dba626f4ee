/* A new registry Secret: typed fields, checked as one types; the password is never shown. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/language.h"
#include "base/secret.h"
#include "change/intent.h"
#include "change/secret.h"
#include "doc/json.h"
#include "registry/credential.h"
#include "registry/reference.h"
#include "ui/form_test.h"
#include "ui/line_edit.h"
#include "ui/views.h"

enum {
    FIELD_NAME,
    FIELD_NAMESPACE,
    FIELD_SERVER,
    FIELD_USER,
    FIELD_PASSWORD,
    FIELD_EMAIL,
    FIELD_COUNT
};

struct form {
    struct line_edit fields[FIELD_COUNT];
    int focus;
    char *driver;
    bool use;
    bool empty; /* no credential at all */
    struct form_test test;
};

static const char *const labels[FIELD_COUNT] = {N_("Name"),      N_("Namespace"), N_("Registry"),
                                                N_("User name"), N_("Password"),  N_("E-mail")};

static const enum ui_action actions[] = {UI_SUBMIT, UI_TEST, UI_NEXT_PANE, UI_PREVIOUS_PANE,
                                         UI_NONE};

/* The registry of the plugin itself: the sidecars come from a public one. */
static const char *propose_server(const struct ui_view *view, const char *driver_name)
{
    static char server[256];
    server[0] = '\0';
    const struct csi_driver *driver = csi_census_driver(ui_model(view)->census, driver_name);
    for (size_t i = 0; driver != NULL && i < driver->workload_count; i++) {
        for (size_t j = 0; j < driver->workloads[i]->image_count; j++) {
            struct image_reference image = {0};
            if (image_reference_parse(&image, driver->workloads[i]->images[j], NULL)) {
                bool own = strcmp(image.host, "registry.k8s.io") != 0 &&
                           strcmp(image.host, "k8s.gcr.io") != 0;
                if (own || server[0] == '\0') {
                    snprintf(server, sizeof(server), "%s", registry_default_server(image.host));
                }
                image_reference_free(&image);
                if (own) {
                    return server;
                }
            }
        }
    }
    return server;
}

static void form_open(struct ui_view *view, void *argument)
{
    struct form *state = view->state;
    const struct view_form_argument *form = argument;
    line_edit_set(&state->fields[FIELD_NAME], form->name == NULL ? "" : form->name);
    line_edit_set(&state->fields[FIELD_NAMESPACE], form->ns == NULL ? "" : form->ns);
    if (form->driver != NULL) {
        state->driver = xstrdup(form->driver);
        line_edit_set(&state->fields[FIELD_SERVER], propose_server(view, form->driver));
    }
    state->use = form->use;
    state->fields[FIELD_PASSWORD].secret = true;
    state->focus = form->name == NULL || form->name[0] == '\0' ? FIELD_NAME : FIELD_USER;
}

static void form_close(struct ui_view *view)
{
    struct form *state = view->state;
    form_test_stop(&state->test);
    for (int i = 0; i < FIELD_COUNT; i++) {
        line_edit_wipe(&state->fields[i]);
    }
    free(state->driver);
}

/* What is wrong with a field now, or a note; "" if nothing. True if it can be gone on with. */
static bool check_field(const struct form *state, int field, char out[512])
{
    const struct line_edit *edit = &state->fields[field];
    struct error err = ERROR_INIT;
    char *note = NULL;
    bool fine = true;
    switch (field) {
    case FIELD_NAME:
        fine = registry_check_secret_name(edit->text, &err);
        break;
    case FIELD_NAMESPACE:
        fine = edit->length > 0 || error_set(&err, ERROR_USAGE, "which namespace?");
        break;
    case FIELD_SERVER:
        fine = registry_check_server(edit->text, &note, &err);
        break;
    case FIELD_USER:
        fine = registry_check_username(edit->text, edit->length, &err);
        break;
    case FIELD_PASSWORD:
        fine = registry_check_password(edit->text, edit->length, &note, &err);
        break;
    default:
        break;
    }
    snprintf(out, 512, "%s", fine ? (note == NULL ? "" : note) : err.message);
    free(note);
    return fine;
}

/* An entirely empty credential makes a Secret without entries. */
static bool wants_empty(const struct form *state)
{
    return state->fields[FIELD_USER].length == 0 && state->fields[FIELD_PASSWORD].length == 0;
}

static bool is_complete(const struct form *state)
{
    char note[512];
    int last = wants_empty(state) ? FIELD_NAMESPACE : FIELD_EMAIL;
    for (int i = 0; i <= last; i++) {
        if (!check_field(state, i, note)) {
            return false;
        }
    }
    return true;
}

static void fill_credential(const struct form *state, struct registry_credential *credential)
{
    const struct line_edit *email = &state->fields[FIELD_EMAIL];
    registry_credential_set(credential, state->fields[FIELD_SERVER].text,
                            state->fields[FIELD_USER].text, state->fields[FIELD_PASSWORD].text,
                            state->fields[FIELD_PASSWORD].length,
                            email->length > 0 ? email->text : NULL, NULL);
}

static void draw_field(const struct form *state, struct ui_canvas *canvas, int row, int field)
{
    bool focused = field == state->focus;
    char note[512];
    bool optional = field == FIELD_EMAIL || (wants_empty(state) && field >= FIELD_SERVER);
    bool fine = check_field(state, field, note);
    canvas_put(canvas, row, 2, 12, focused ? UI_ROLE_KEY : UI_ROLE_TEXT, _(labels[field]));
    line_edit_draw(&state->fields[field], canvas, row, 15, 34, focused);
    if (note[0] != '\0' && !(optional && !fine)) {
        canvas_printf(canvas, row, 50, -1, fine ? UI_ROLE_INFO : UI_ROLE_WARNING, "%s %s",
                      canvas_glyph(canvas, fine ? GLYPH_BULLET : GLYPH_BAD), note);
    } else if (fine && !optional) {
        canvas_put(canvas, row, 50, -1, UI_ROLE_GOOD, canvas_glyph(canvas, GLYPH_GOOD));
    }
}

static void form_draw(struct ui_view *view, struct ui_canvas *canvas)
{
    struct form *state = view->state;
    canvas_put(canvas, 0, 1, -1, UI_ROLE_TITLE, _("New registry Secret"));
    for (int i = FIELD_COUNT - 1; i >= 0; i--) {
        if (i != state->focus) {
            draw_field(state, canvas, 2 + i, i);
        }
    }
    const char *hint =
        wants_empty(state)
            ? _("Without user name and password the Secret gets no entries: the warnings end, no "
                "pod "
                "restarts, and images are pulled without a credential as before.")
            : _("Test (^T) asks the registries of the driver's images with this credential. Going "
                "on (^S) shows a preview; nothing is written before you apply it.");
    int row = 3 + FIELD_COUNT;
    row += canvas_wrap(canvas, row, 2, canvas->columns - 4, 3, UI_ROLE_DIM, hint) + 1;
    form_test_draw(&state->test, canvas, row);
    draw_field(state, canvas, 2 + state->focus, state->focus); /* last: it has the cursor */
}

static void submit(struct ui_view *view)
{
    struct form *state = view->state;
    struct error err = ERROR_INIT;
    if (!is_complete(state)) {
        ui_say(view->app, UI_ROLE_WARNING, "Some fields are not right yet; see beside them.");
        return;
    }
    struct registry_credential credential = {0};
    size_t count = wants_empty(state) ? 0 : 1;
    if (count > 0) {
        fill_credential(state, &credential);
    }
    cJSON *secret = change_secret_object(state->fields[FIELD_NAMESPACE].text,
                                         state->fields[FIELD_NAME].text, &credential, count, &err);
    registry_credential_free(&credential);
    if (secret == NULL) {
        ui_say(view->app, UI_ROLE_BAD, "%s", err.message);
        return;
    }
    struct change_intent *intent = change_intent_new(CHANGE_CREATE_SECRET);
    intent->ns = xstrdup(state->fields[FIELD_NAMESPACE].text);
    intent->secret = xstrdup(state->fields[FIELD_NAME].text);
    intent->secret_object = secret;
    intent->use_secret = state->use;
    if (state->driver != NULL) {
        intent->drivers = xcalloc(2, sizeof(char *));
        intent->drivers[0] = xstrdup(state->driver);
    }
    struct ui_app *app = view->app;
    ui_pop(app);
    ui_push(app, &view_preview, intent);
}

static void run_test(struct ui_view *view)
{
    struct form *state = view->state;
    struct error err = ERROR_INIT;
    struct registry_credential credential = {0};
    if (!wants_empty(state)) {
        fill_credential(state, &credential);
    }
    if (!form_test_start(&state->test, view, state->driver, &credential, &err)) {
        ui_say(view->app, UI_ROLE_BAD, "%s", err.message);
    }
    registry_credential_free(&credential);
}

static bool form_act(struct ui_view *view, enum ui_action action)
{
    struct form *state = view->state;
    switch (action) {
    case UI_NEXT_PANE:
    case UI_DOWN:
        state->focus = (state->focus + 1) % FIELD_COUNT;
        return true;
    case UI_PREVIOUS_PANE:
    case UI_UP:
        state->focus = (state->focus + FIELD_COUNT - 1) % FIELD_COUNT;
        return true;
    case UI_SUBMIT:
        submit(view);
        return true;
    case UI_TEST:
        run_test(view);
        return true;
    default:
        return false;
    }
}

static bool form_type(struct ui_view *view, int key, bool is_code)
{
    struct form *state = view->state;
    enum { CTRL_S = 19, CTRL_T = 20 };
    switch (line_edit_key(&state->fields[state->focus], key, is_code)) {
    case LINE_EDIT_DONE:
        if (state->focus == FIELD_COUNT - 1) {
            submit(view);
        } else {
            state->focus++;
        }
        return true;
    case LINE_EDIT_CANCELLED:
        ui_pop(view->app);
        return true;
    case LINE_EDIT_TAKEN:
        return true;
    case LINE_EDIT_OTHER:
        break;
    }
    return false;
}

static const char *form_typing(const struct ui_view *view)
{
    (void)view;
    return "";
}

static void form_click(struct ui_view *view, int row, int column, bool twice)
{
    struct form *state = view->state;
    (void)column;
    (void)twice;
    if (row >= 2 && row < 2 + FIELD_COUNT) {
        state->focus = row - 2;
    }
}

const struct ui_view_ops view_form = {.name = "new-secret",
                                      .title = N_("A new registry Secret"),
                                      .state_size = sizeof(struct form),
                                      .actions = actions,
                                      .open = form_open,
                                      .draw = form_draw,
                                      .act = form_act,
                                      .type = form_type,
                                      .typing = form_typing,
                                      .click = form_click,
                                      .close = form_close};
