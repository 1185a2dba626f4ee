/* A form about a registry Secret: a new one, a rotation, a copy. Credentials are typed or come from
 * where they lie already; passwords are never shown. */
#include <curses.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/language.h"
#include "base/text.h"
#include "form_parts.h"
#include "registry/secret_state.h"

static const enum ui_action actions[] = {UI_SUBMIT, UI_TEST,      UI_PROPOSE,       UI_ADD,
                                         UI_DROP,   UI_NEXT_PANE, UI_PREVIOUS_PANE, UI_NONE};

/* --- Fields -------------------------------------------------------------------------------------
 */

bool form_shows(const struct form *state, int field)
{
    bool typed = state->source == FROM_TYPED && state->mode != VIEW_FORM_COPY;
    switch (field) {
    case FIELD_NAME:
    case FIELD_NAMESPACE:
        return true;
    case FIELD_USE:
        return state->mode != VIEW_FORM_ROTATE && state->driver != NULL &&
               state->reference != NULL &&
               strcmp(state->fields[FIELD_NAME].text, state->reference) != 0;
    case FIELD_SOURCE:
        return state->mode != VIEW_FORM_COPY;
    case FIELD_IMMUTABLE:
        return state->mode != VIEW_FORM_ROTATE;
    case FIELD_FILE:
        return state->source == FROM_FILE;
    case FIELD_HELPER:
        return state->source == FROM_HELPER;
    case FIELD_SECRET:
        return state->source == FROM_SECRET && state->mode != VIEW_FORM_COPY;
    case FIELD_SERVER:
        return typed || state->source == FROM_FILE || state->source == FROM_HELPER;
    default:
        return typed;
    }
}

bool form_is_choice(int field)
{
    return field == FIELD_SOURCE || field == FIELD_USE || field == FIELD_IMMUTABLE;
}

static bool may_focus(const struct form *state, int at)
{
    if (at >= FIELD_COUNT) {
        return at - FIELD_COUNT < (int)state->entries.count;
    }
    bool fixed = state->mode == VIEW_FORM_ROTATE && (at == FIELD_NAME || at == FIELD_NAMESPACE);
    return form_shows(state, at) && !fixed;
}

static void move_focus(struct form *state, int by)
{
    int all = FIELD_COUNT + (int)state->entries.count;
    for (int i = 0; i < all; i++) {
        state->focus = (state->focus + by + all) % all;
        if (may_focus(state, state->focus)) {
            return;
        }
    }
}

bool form_has_typed(const struct form *state)
{
    return state->source == FROM_TYPED && state->mode != VIEW_FORM_COPY &&
           (state->fields[FIELD_USER].length > 0 || state->fields[FIELD_PASSWORD].length > 0);
}

const struct csi_secret *form_existing(const struct ui_view *view)
{
    const struct form *state = view->state;
    return csi_census_secret(ui_model(view)->census, state->fields[FIELD_NAMESPACE].text,
                             state->fields[FIELD_NAME].text);
}

void form_take_typed(const struct form *state, struct registry_credential *credential)
{
    const struct line_edit *email = &state->fields[FIELD_EMAIL];
    registry_credential_set(credential, state->fields[FIELD_SERVER].text,
                            state->fields[FIELD_USER].text, state->fields[FIELD_PASSWORD].text,
                            state->fields[FIELD_PASSWORD].length,
                            email->length > 0 ? email->text : NULL, NULL);
}

/* --- Checks -------------------------------------------------------------------------------------
 */

static bool check_name(const struct ui_view *view, char **note, struct error *err)
{
    const struct form *state = view->state;
    const char *name = state->fields[FIELD_NAME].text;
    const struct csi_secret *there = form_existing(view);
    if (!registry_check_secret_name(name, err)) {
        return false;
    }
    if (state->mode == VIEW_FORM_ROTATE) {
        return true;
    }
    if (there == NULL) {
        if (state->reference != NULL && strcmp(name, state->reference) == 0) {
            *note = xstrdup(_("the pods name it: no restart"));
        }
        return true;
    }
    if (state->mode == VIEW_FORM_COPY) {
        return error_set(err, ERROR_CONFLICT,
                         "a Secret of that name is there; a copy never goes over another one");
    }
    if (registry_secret_data_key(there->type) == NULL) {
        return error_set(err, ERROR_CONFLICT,
                         "taken by a Secret of type %s, which cannot change: choose another name",
                         there->type);
    }
    if (there->immutable) {
        return error_set(err, ERROR_CONFLICT,
                         "that Secret is immutable: choose another name and point the pods to it");
    }
    *note = xstrdup(_("exists: the entries go into it"));
    return true;
}

static bool check_secret(const struct form *state, struct error *err)
{
    const char *text = state->fields[FIELD_SECRET].text;
    const char *slash = strchr(text, '/');
    return (slash != NULL && slash != text && registry_check_secret_name(slash + 1, NULL)) ||
           error_set(err, ERROR_USAGE, "which one? NAMESPACE/NAME (^N proposes)");
}

static bool check_server(const struct form *state, char **note, struct error *err)
{
    const char *text = state->fields[FIELD_SERVER].text;
    if (state->source == FROM_FILE && text[0] == '\0') {
        *note = xstrdup(_("all that the file holds"));
        return true;
    }
    return registry_check_server(text, note, err);
}

static bool check(const struct ui_view *view, int field, char **note, struct error *err)
{
    const struct form *state = view->state;
    const struct line_edit *edit = &state->fields[field];
    switch (field) {
    case FIELD_NAME:
        return check_name(view, note, err);
    case FIELD_NAMESPACE:
        return edit->length > 0 || error_set(err, ERROR_USAGE, "which namespace?");
    case FIELD_HELPER:
        return edit->length > 0 ||
               error_set(err, ERROR_USAGE, "which? As ecr-login, gcloud, pass, osxkeychain");
    case FIELD_SECRET:
        return check_secret(state, err);
    case FIELD_SERVER:
        return check_server(state, note, err);
    case FIELD_USER:
        return registry_check_username(edit->text, edit->length, err);
    case FIELD_PASSWORD:
        if (edit->full) {
            return error_set(err, ERROR_USAGE, "longer than 64 KiB: it was cut");
        }
        if (edit->broken) {
            return error_set(err, ERROR_USAGE,
                             "more than one line was pasted: ^U clears it (a password of several "
                             "lines: pullmend secret create --docker-password-file)");
        }
        return registry_check_password(edit->text, edit->length, note, err);
    default:
        return true;
    }
}

bool form_check(const struct ui_view *view, int field, char out[512])
{
    struct error err = ERROR_INIT;
    char *note = NULL;
    bool fine = check(view, field, &note, &err);
    snprintf(out, 512, "%s", fine ? (note == NULL ? "" : note) : err.message);
    free(note);
    return fine;
}

/* --- Birth and death ----------------------------------------------------------------------------
 */

static bool name_is_free(const struct ui_view *view, const char *ns, const char *name)
{
    return csi_census_secret(ui_model(view)->census, ns, name) == NULL;
}

/* The name in use mends the pods without a restart, unless something else has it. */
static const char *propose_name(const struct ui_view *view, const char *ns, const char *reference)
{
    const struct csi_secret *there =
        reference == NULL ? NULL : csi_census_secret(ui_model(view)->census, ns, reference);
    if (reference != NULL && reference[0] != '\0' &&
        (there == NULL || registry_secret_data_key(there->type) != NULL)) {
        return reference;
    }
    return name_is_free(view, ns, "regcred") ? "regcred" : "registry-pull";
}

static void propose(struct ui_view *view, const struct view_form_argument *form)
{
    struct form *state = view->state;
    const char *ns = form->ns == NULL ? "" : form->ns;
    char **namespaces = form_proposed_namespaces(view);
    if (ns[0] == '\0' && namespaces[0] != NULL) {
        ns = namespaces[0];
    }
    const char *name = form->name != NULL && form->name[0] != '\0'
                           ? form->name
                           : propose_name(view, ns, form->reference);
    line_edit_set(&state->fields[FIELD_NAMESPACE], ns);
    line_edit_set(&state->fields[FIELD_NAME], name);
    state->servers = form_proposed_servers(view, form->driver);
    form_free_strings(namespaces);
    line_edit_set(&state->fields[FIELD_SERVER], state->servers[0] == NULL ? "" : state->servers[0]);
}

/* Of an entry that is there the user mostly stays, and the password is new. */
static void propose_user(struct ui_view *view)
{
    struct form *state = view->state;
    const struct csi_secret *there = form_existing(view);
    for (size_t i = 0; there != NULL && i < there->registry_count; i++) {
        if (form_same_registry(there->registries[i], state->fields[FIELD_SERVER].text)) {
            line_edit_set(&state->fields[FIELD_USER], there->users[i]);
            state->focus = FIELD_PASSWORD;
        }
    }
}

/* A rotation mostly brings a new password for what is there. */
static void propose_rotation(struct ui_view *view)
{
    struct form *state = view->state;
    const struct csi_secret *there = form_existing(view);
    if (there != NULL && there->registry_count > 0) {
        line_edit_set(&state->fields[FIELD_SERVER], there->registries[0]);
        line_edit_set(&state->fields[FIELD_USER], there->users[0]);
    }
    state->focus = there != NULL && there->registry_count > 0 ? FIELD_PASSWORD : FIELD_SERVER;
}

static void form_open(struct ui_view *view, void *argument)
{
    struct form *state = view->state;
    const struct view_form_argument *form = argument;
    state->mode = form->mode;
    state->driver = xstrdup_or_null(form->driver);
    state->reference =
        form->reference == NULL || form->reference[0] == '\0' ? NULL : xstrdup(form->reference);
    state->from_ns = xstrdup_or_null(form->from_ns);
    state->from_name = xstrdup_or_null(form->from_name);
    state->use = form->use;
    state->fields[FIELD_PASSWORD].secret = true;
    form_entries_init(&state->entries, view, form_on_read, view);
    propose(view, form);
    state->focus = state->mode == VIEW_FORM_COPY ? FIELD_NAMESPACE : FIELD_USER;
    if (state->mode == VIEW_FORM_ROTATE) {
        propose_rotation(view);
    } else if (state->mode == VIEW_FORM_NEW) {
        propose_user(view);
    }
    form_ask_users(view);
}

static void form_close(struct ui_view *view)
{
    struct form *state = view->state;
    form_test_stop(&state->test);
    form_entries_free(&state->entries);
    kube_call_cancel(state->call);
    kube_call_cancel(state->test_call);
    change_secret_users_free(state->users);
    for (int i = 0; i < FIELD_COUNT; i++) {
        line_edit_wipe(&state->fields[i]);
    }
    form_free_strings(state->servers);
    free(state->users_ns);
    free(state->driver);
    free(state->reference);
    free(state->from_ns);
    free(state->from_name);
}

/* --- Keys ---------------------------------------------------------------------------------------
 */

static void choose(struct form *state, int by)
{
    if (state->focus == FIELD_USE) {
        state->use = !state->use;
        return;
    }
    if (state->focus == FIELD_IMMUTABLE) {
        state->immutable = !state->immutable;
        return;
    }
    state->source = (enum form_source)(((int)state->source + by + FROM_COUNT) % FROM_COUNT);
    state->was_read = false;
    state->entries.note[0] = '\0'; /* it was of another source */
    if (state->source == FROM_FILE) {
        line_edit_set(&state->fields[FIELD_SERVER], "");
    } else if (state->fields[FIELD_SERVER].length == 0 && state->servers[0] != NULL) {
        line_edit_set(&state->fields[FIELD_SERVER], state->servers[0]);
    }
}

/* The next of the texts behind what the field holds now. */
static void put_next(struct line_edit *edit, char **proposals)
{
    size_t at = 0;
    if (proposals[0] == NULL) {
        return;
    }
    for (size_t i = 0; proposals[i] != NULL; i++) {
        at = strcmp(proposals[i], edit->text) == 0 ? i + 1 : at;
    }
    line_edit_set(edit, proposals[proposals[at] == NULL ? 0 : at]);
}

static void propose_next(struct ui_view *view)
{
    struct form *state = view->state;
    char **proposals = NULL;
    switch (state->focus) {
    case FIELD_NAMESPACE:
        proposals = form_proposed_namespaces(view);
        break;
    case FIELD_SECRET:
        proposals = form_proposed_secrets(view, state->fields[FIELD_NAMESPACE].text);
        break;
    case FIELD_SERVER:
        proposals = form_proposed_servers(view, state->driver);
        break;
    default:
        ui_say(view->app, UI_ROLE_INFO, "There is nothing to propose for this field.");
        return;
    }
    if (proposals[0] == NULL) {
        ui_say(view->app, UI_ROLE_INFO, "There is nothing to propose for this field.");
    } else {
        put_next(&state->fields[state->focus], proposals);
        state->was_read = false;
    }
    form_free_strings(proposals);
}

static void drop(struct ui_view *view)
{
    struct form *state = view->state;
    if (state->entries.count == 0) {
        ui_say(view->app, UI_ROLE_INFO, "There is no entry to drop.");
        return;
    }
    size_t at = state->focus >= FIELD_COUNT ? (size_t)(state->focus - FIELD_COUNT)
                                            : state->entries.count - 1;
    ui_say(view->app, UI_ROLE_INFO, "The entry for %s will not be in the Secret.",
           state->entries.items[at].server);
    form_entries_drop(&state->entries, at);
    if (!may_focus(state, state->focus)) {
        move_focus(state, -1);
    }
}

static bool form_act(struct ui_view *view, enum ui_action action)
{
    struct form *state = view->state;
    switch (action) {
    case UI_NEXT_PANE:
    case UI_DOWN:
        move_focus(state, 1);
        break;
    case UI_PREVIOUS_PANE:
    case UI_UP:
        move_focus(state, -1);
        break;
    case UI_SUBMIT:
        form_submit(view);
        break;
    case UI_TEST:
        form_try(view);
        break;
    case UI_PROPOSE:
        propose_next(view);
        break;
    case UI_ADD:
        form_add(view);
        break;
    case UI_DROP:
        drop(view);
        break;
    default:
        return false;
    }
    form_ask_users(view);
    return true;
}

/* Keys of a field that is no text: a choice, or a row of the list. */
static bool type_choice(struct ui_view *view, int key, bool is_code)
{
    struct form *state = view->state;
    bool is_choice = state->focus < FIELD_COUNT;
    bool entered = is_code ? key == KEY_ENTER : key == '\r' || key == '\n';
    if (entered) {
        move_focus(state, 1);
    } else if (is_choice && ((is_code && key == KEY_LEFT) || (!is_code && key == 'h'))) {
        choose(state, -1);
    } else if (is_choice &&
               ((is_code && key == KEY_RIGHT) || (!is_code && (key == ' ' || key == 'l')))) {
        choose(state, 1);
    } else if (is_code && key == KEY_DC && !is_choice) {
        drop(view);
    } else {
        return !is_code && key > ' '; /* no letter leaves the form */
    }
    return true;
}

static bool is_of_source(int field)
{
    return field == FIELD_FILE || field == FIELD_HELPER || field == FIELD_SECRET ||
           field == FIELD_SERVER;
}

/* Enter: to the next field; on a source's last one it is read, on the last of all it goes on. */
static void entered(struct ui_view *view)
{
    struct form *state = view->state;
    bool reads = state->source == FROM_FILE || state->source == FROM_HELPER;
    if ((reads && state->focus == FIELD_SERVER) || state->focus == FIELD_SECRET) {
        form_read(view, WISH_NOTHING);
    } else if (state->focus == FIELD_EMAIL) {
        form_submit(view);
    } else {
        move_focus(state, 1);
    }
}

static bool form_type(struct ui_view *view, int key, bool is_code)
{
    struct form *state = view->state;
    if (state->focus >= FIELD_COUNT || form_is_choice(state->focus)) {
        return type_choice(view, key, is_code);
    }
    switch (line_edit_key(&state->fields[state->focus], key, is_code)) {
    case LINE_EDIT_DONE:
        entered(view);
        break;
    case LINE_EDIT_CANCELLED:
        ui_pop(view->app);
        return true;
    case LINE_EDIT_TAKEN:
        state->was_read = state->was_read && !is_of_source(state->focus);
        if (state->focus >= FIELD_FILE) {
            form_test_stop(&state->test); /* what it said was of something else */
        }
        break;
    case LINE_EDIT_OTHER:
        return false;
    }
    form_ask_users(view);
    return true;
}

static const char *form_typing(const struct ui_view *view)
{
    (void)view;
    return "";
}

static void form_click(struct ui_view *view, int row, int column, bool twice)
{
    struct form *state = view->state;
    int at = 2;
    (void)column;
    for (int i = 0; i < FIELD_COUNT; i++) {
        if (form_shows(state, i) && at++ == row && may_focus(state, i)) {
            state->focus = i;
            if (twice && form_is_choice(i)) {
                choose(state, 1);
            }
        }
    }
}

const struct ui_view_ops view_form = {.name = "new-secret",
                                      .title = N_("A registry Secret: new, rotated or copied"),
                                      .state_size = sizeof(struct form),
                                      .actions = actions,
                                      .open = form_open,
                                      .draw = form_draw,
                                      .act = form_act,
                                      .type = form_type,
                                      .typing = form_typing,
                                      .click = form_click,
                                      .close = form_close};
