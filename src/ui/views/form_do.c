/* What the form about a registry Secret does: reading credentials, testing them, going on to the
 * preview. Nothing waits: each answer comes by the loop. */
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/language.h"
#include "change/intent.h"
#include "change/secret.h"
#include "doc/json.h"
#include "form_parts.h"
#include "registry/secret_state.h"
#include "ui/app.h"

/* --- Reading ------------------------------------------------------------------------------------
 */

static bool is_read_from(const struct form *state)
{
    return state->mode != VIEW_FORM_COPY &&
           (state->source == FROM_FILE || state->source == FROM_HELPER ||
            state->source == FROM_SECRET);
}

static void complain(struct ui_view *view, const char *note)
{
    ui_say(view->app, UI_ROLE_WARNING, "%s", note);
}

/* The first of the fields that is not right; says so and goes there. */
static bool all_fine(struct ui_view *view, int first, int last)
{
    struct form *state = view->state;
    char note[512];
    for (int i = first; i <= last; i++) {
        if (form_shows(state, i) && !form_check(view, i, note)) {
            state->focus = state->mode == VIEW_FORM_ROTATE && i < FIELD_USE ? state->focus : i;
            complain(view, note);
            return false;
        }
    }
    return true;
}

void form_read(struct ui_view *view, enum form_wish wish)
{
    struct form *state = view->state;
    struct loop *loop = ui_model(view)->loop;
    const char *server = state->fields[FIELD_SERVER].text;
    if (!all_fine(view, FIELD_FILE, FIELD_SERVER)) {
        return;
    }
    state->wish = wish;
    if (state->source == FROM_FILE) {
        form_entries_read_file(&state->entries, loop, state->fields[FIELD_FILE].text, server);
    } else if (state->source == FROM_HELPER) {
        form_entries_read_helper(&state->entries, loop, state->fields[FIELD_HELPER].text, server);
    } else {
        char *ns = xstrdup(state->fields[FIELD_SECRET].text);
        char *slash = strchr(ns, '/');
        *slash = '\0';
        form_entries_read_secret(&state->entries, ns, slash + 1);
        free(ns);
    }
    ui_invalidate(view->app);
}

void form_on_read(void *context)
{
    struct ui_view *view = context;
    struct form *state = view->state;
    enum form_wish wish = state->wish;
    state->wish = WISH_NOTHING;
    state->was_read = !state->entries.failed;
    if (state->was_read && wish == WISH_TEST) {
        form_try(view);
    } else if (state->was_read && wish == WISH_SUBMIT) {
        form_submit(view);
    }
    ui_invalidate(view->app);
}

/* Reads first what was not read yet. True if there is nothing to wait for. */
static bool is_read(struct ui_view *view, enum form_wish wish)
{
    struct form *state = view->state;
    if (form_entries_busy(&state->entries)) {
        state->wish = wish;
        return false;
    }
    if (is_read_from(state) && !state->was_read) {
        form_read(view, wish);
        return false;
    }
    return true;
}

void form_add(struct ui_view *view)
{
    struct form *state = view->state;
    struct registry_credential credential = {0};
    if (is_read_from(state)) {
        form_read(view, WISH_NOTHING);
        return;
    }
    if (state->source != FROM_TYPED || state->mode == VIEW_FORM_COPY) {
        complain(view, _("There is no credential here to put into the list."));
        return;
    }
    if (!all_fine(view, FIELD_SERVER, FIELD_EMAIL)) {
        return;
    }
    form_take_typed(state, &credential);
    form_entries_put(&state->entries, &credential);
    registry_credential_free(&credential);
    for (int i = FIELD_USER; i <= FIELD_EMAIL; i++) {
        line_edit_wipe(&state->fields[i]);
    }
    for (size_t i = 0; state->servers[i] != NULL; i++) {
        if (!form_entries_have(&state->entries, state->servers[i])) {
            line_edit_set(&state->fields[FIELD_SERVER], state->servers[i]);
            break;
        }
    }
    state->focus = FIELD_SERVER;
}

/* All that goes into the Secret: the list, and what stands in the fields. The caller frees it. */
static struct registry_credential *all_credentials(const struct form *state, size_t *count)
{
    struct registry_credential *all = xcalloc(state->entries.count + 1, sizeof(*all));
    struct registry_credential typed = {0};
    *count = 0;
    if (form_has_typed(state)) {
        form_take_typed(state, &typed);
    }
    for (size_t i = 0; i < state->entries.count && state->source != FROM_NOTHING; i++) {
        const struct registry_credential *item = &state->entries.items[i];
        if (typed.server == NULL || !form_same_registry(item->server, typed.server)) {
            registry_credential_set(&all[(*count)++], item->server, item->username, item->password,
                                    item->password_length, item->email, item->source);
        }
    }
    if (typed.server != NULL) {
        all[(*count)++] = typed;
    }
    return all;
}

/* --- Testing ------------------------------------------------------------------------------------
 */

static bool has_server(const struct registry_credential *all, size_t count, const char *server)
{
    for (size_t i = 0; i < count; i++) {
        if (form_same_registry(all[i].server, server)) {
            return true;
        }
    }
    return false;
}

/* Tests what will be in the Secret: the new entries, and those of the one that is there (live;
 * NULL: there is none, or it cannot be read) which stay beside them. */
static void test_beside(struct ui_view *view, const cJSON *live)
{
    struct form *state = view->state;
    struct error err = ERROR_INIT;
    struct form_entries there = {0};
    size_t count;
    struct registry_credential *all = all_credentials(state, &count);
    if (live != NULL) {
        form_entries_take_secret(&there, live, NULL); /* what cannot be read is no entry */
    }
    all = xreallocarray(all, count + there.count + 1, sizeof(*all));
    for (size_t i = 0; i < there.count; i++) {
        const struct registry_credential *stays = &there.items[i];
        if (!has_server(all, count, stays->server)) {
            all[count] = (struct registry_credential){0};
            registry_credential_set(&all[count++], stays->server, stays->username, stays->password,
                                    stays->password_length, stays->email, NULL);
        }
    }
    if (!form_test_start(&state->test, view, state->driver, all, count, &err)) {
        ui_say(view->app, UI_ROLE_BAD, "%s", err.message);
    }
    registry_credentials_free(all, count);
    form_entries_free(&there);
    ui_invalidate(view->app);
}

static void on_tested_live(void *context, struct kube_response *response)
{
    struct ui_view *view = context;
    struct form *state = view->state;
    state->test_call = NULL;
    cJSON *live = response->err == NULL ? kube_response_take(response) : NULL;
    test_beside(view, live);
    json_delete_secret(live);
}

void form_try(struct ui_view *view)
{
    struct form *state = view->state;
    if (state->mode == VIEW_FORM_COPY && !state->was_read) {
        state->wish = WISH_TEST;
        form_entries_read_secret(&state->entries, state->from_ns, state->from_name);
        return;
    }
    if ((form_has_typed(state) && !all_fine(view, FIELD_SERVER, FIELD_EMAIL)) ||
        !is_read(view, WISH_TEST)) {
        return;
    }
    const struct csi_secret *there = form_existing(view);
    kube_call_cancel(state->test_call);
    state->test_call = NULL;
    if (there == NULL || state->mode == VIEW_FORM_COPY) {
        test_beside(view, NULL);
        return;
    }
    state->test_call = kube_get(ui_model(view)->client, &kube_secrets, there->ns, there->name,
                                on_tested_live, view);
}

/* --- Going on -----------------------------------------------------------------------------------
 */

static struct change_intent *new_intent(const struct form *state, enum change_kind kind,
                                        cJSON *object)
{
    struct change_intent *intent = change_intent_new(kind);
    intent->ns = xstrdup(state->fields[FIELD_NAMESPACE].text);
    intent->secret = xstrdup(state->fields[FIELD_NAME].text);
    intent->secret_object = object;
    intent->use_secret = state->use && form_shows(state, FIELD_USE);
    if (intent->use_secret) {
        intent->only = xstrdup(state->reference);
    }
    if (state->driver != NULL) {
        intent->drivers = xcalloc(2, sizeof(char *));
        intent->drivers[0] = xstrdup(state->driver);
    }
    return intent;
}

/* live: what is there under that name; NULL. */
static void preview(struct ui_view *view, const cJSON *live)
{
    struct form *state = view->state;
    struct error err = ERROR_INIT;
    const char *ns = state->fields[FIELD_NAMESPACE].text;
    const char *name = state->fields[FIELD_NAME].text;
    size_t count;
    cJSON *object;
    enum change_kind kind = CHANGE_CREATE_SECRET;
    struct registry_credential *all = all_credentials(state, &count);
    if (state->mode == VIEW_FORM_COPY) {
        kind = CHANGE_COPY_SECRET;
        object = change_secret_copied(live, ns, name, &err);
    } else if (live == NULL) {
        object = change_secret_object(ns, name, all, count, &err);
    } else {
        kind = CHANGE_ROTATE_SECRET;
        object = change_secret_merged(live, all, count, NULL, &err);
    }
    if (object != NULL && state->immutable && kind != CHANGE_ROTATE_SECRET) {
        cJSON_AddTrueToObject(object, "immutable");
    }
    registry_credentials_free(all, count);
    if (object == NULL) {
        ui_say(view->app, UI_ROLE_BAD, "%s", err.message);
    } else {
        ui_push(view->app, &view_preview, new_intent(state, kind, object));
    }
}

/* Who may make Secrets need not be allowed to read them: then the server tells if it exists. */
static void on_live(void *context, struct kube_response *response)
{
    struct ui_view *view = context;
    struct form *state = view->state;
    bool must_exist = state->mode != VIEW_FORM_NEW;
    state->call = NULL;
    if (response->err == NULL) {
        cJSON *live = kube_response_take(response);
        preview(view, live);
        json_delete_secret(live);
    } else if (!must_exist &&
               (response->err->kind == ERROR_NOT_FOUND || response->err->kind == ERROR_FORBIDDEN)) {
        preview(view, NULL);
    } else {
        ui_say(view->app, UI_ROLE_BAD, "%s", response->err->message);
    }
}

static bool has_something(struct ui_view *view)
{
    struct form *state = view->state;
    if (state->mode == VIEW_FORM_COPY || form_has_typed(state) || state->entries.count > 0) {
        return true;
    }
    if (state->source == FROM_NOTHING && state->mode == VIEW_FORM_NEW) {
        const struct csi_secret *there = form_existing(view);
        if (there == NULL) {
            return true;
        }
        complain(view, _("That Secret exists, and nothing would be put into it."));
        return false;
    }
    if (state->source == FROM_TYPED) {
        state->focus = FIELD_USER;
        complain(view, _("Which credential? For none at all choose it under \"From\"."));
    } else {
        complain(view, _("There is no credential to put in."));
    }
    return false;
}

void form_submit(struct ui_view *view)
{
    struct form *state = view->state;
    if (state->call != NULL || ui_refuses(view->app, UI_NEW) ||
        !all_fine(view, FIELD_NAME, FIELD_NAMESPACE) ||
        (form_has_typed(state) && !all_fine(view, FIELD_SERVER, FIELD_EMAIL)) ||
        !is_read(view, WISH_SUBMIT) || !has_something(view)) {
        return;
    }
    bool copies = state->mode == VIEW_FORM_COPY;
    const char *ns = copies ? state->from_ns : state->fields[FIELD_NAMESPACE].text;
    const char *name = copies ? state->from_name : state->fields[FIELD_NAME].text;
    state->call = kube_get(ui_model(view)->client, &kube_secrets, ns, name, on_live, view);
}

/* --- Who uses it --------------------------------------------------------------------------------
 */

static void on_users(void *context)
{
    ui_invalidate(context);
}

void form_ask_users(struct ui_view *view)
{
    struct form *state = view->state;
    const char *ns = state->fields[FIELD_NAMESPACE].text;
    const struct csi_secret *there = form_existing(view);
    if (there == NULL || state->mode == VIEW_FORM_COPY ||
        (state->users_ns != NULL && strcmp(state->users_ns, ns) == 0)) {
        return;
    }
    change_secret_users_free(state->users);
    free(state->users_ns);
    state->users_ns = xstrdup(ns);
    state->users = change_secret_users_start(ui_model(view)->client, ns, on_users, view->app);
    csi_follow_read_secret(ui_model(view)->follow, ns, there->name);
}
