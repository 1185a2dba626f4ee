/* Registry Secrets first, then the others: which serves the images of a driver, and who uses it. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/language.h"
#include "change/intent.h"
#include "registry/secret_state.h"
#include "secrets_parts.h"
#include "ui/form_proposal.h"

enum { MOST_READ = 40 }; /* at a time; the others once they are looked at */

static const enum ui_action actions[] = {UI_OPEN, UI_NEW, UI_COPY, UI_ROTATE, UI_VERIFY, UI_NONE};

/* Registry Secrets of the namespace that needs one, or where drivers run, come first. */
static int rank(const struct secrets *state, char *const *namespaces,
                const struct csi_secret *secret)
{
    bool registry = registry_secret_data_key(secret->type) != NULL;
    bool here = state->ns != NULL && strcmp(secret->ns, state->ns) == 0;
    for (size_t i = 0; state->ns == NULL && namespaces[i] != NULL; i++) {
        here = here || strcmp(secret->ns, namespaces[i]) == 0;
    }
    return (registry ? 0 : 2) + (here ? 0 : 1);
}

const struct csi_secret *secrets_selected(const struct secrets *state)
{
    return state->list.selected < (int)state->count ? state->rows[state->list.selected] : NULL;
}

static void on_users(void *context)
{
    ui_invalidate(context);
}

/* Hosts and users, asked for once after each change: it may be that they cannot be read. */
static void read_content(struct ui_view *view, const struct csi_secret *secret)
{
    struct secrets *state = view->state;
    char *key = xasprintf("%s/%s %lld", secret->ns, secret->name, (long long)secret->updated_ms);
    if (registry_secret_data_key(secret->type) != NULL && map_get(state->asked, key) == NULL) {
        map_set(state->asked, key, state);
        csi_follow_read_secret(ui_model(view)->follow, secret->ns, secret->name);
    }
    free(key);
}

/* Who uses the selected one, and what it holds, is asked once it is looked at. */
static void ask_about_selected(struct ui_view *view)
{
    struct secrets *state = view->state;
    const struct csi_secret *secret = secrets_selected(state);
    if (secret == NULL) {
        return;
    }
    if (state->users_ns == NULL || strcmp(state->users_ns, secret->ns) != 0) {
        change_secret_users_free(state->users);
        free(state->users_ns);
        state->users_ns = xstrdup(secret->ns);
        state->users =
            change_secret_users_start(ui_model(view)->client, secret->ns, on_users, view->app);
    }
    read_content(view, secret);
}

/* What a person has gone to stays selected; before that it is the first row. */
static void pin_selected(struct secrets *state)
{
    const struct csi_secret *secret = secrets_selected(state);
    free(state->selected);
    state->selected = secret == NULL ? NULL : xasprintf("%s/%s", secret->ns, secret->name);
}

static void keep_selection(struct secrets *state)
{
    for (size_t i = 0; state->selected != NULL && i < state->count; i++) {
        const struct csi_secret *secret = state->rows[i];
        size_t length = strlen(secret->ns);
        if (strncmp(state->selected, secret->ns, length) == 0 && state->selected[length] == '/' &&
            strcmp(state->selected + length + 1, secret->name) == 0) {
            state->list.selected = (int)i;
            return;
        }
    }
}

static void take_finding(struct secrets *state, const struct csi_finding *finding)
{
    free(state->driver);
    free(state->ns);
    free(state->only);
    state->driver = finding == NULL ? NULL : xstrdup(finding->driver);
    state->ns = finding == NULL ? NULL : xstrdup_or_null(finding->secret_namespace);
    state->only = finding == NULL ? NULL : xstrdup_or_null(finding->secret_name);
}

static void secrets_update(struct ui_view *view)
{
    struct secrets *state = view->state;
    size_t count;
    if (!state->chosen) {
        take_finding(state, form_proposed_finding(view, NULL));
    }
    const struct csi_secret *const *all = csi_census_secrets(ui_model(view)->census, &count);
    state->rows = xreallocarray(state->rows, count + 1, sizeof(*state->rows));
    state->count = 0;
    char **namespaces = form_proposed_namespaces(view);
    for (int wanted = 0; wanted < 4; wanted++) {
        for (size_t i = 0; i < count; i++) {
            if (rank(state, namespaces, all[i]) == wanted) {
                state->rows[state->count++] = all[i];
            }
        }
    }
    form_free_strings(namespaces);
    for (size_t i = 0; i < state->count && i < MOST_READ; i++) {
        read_content(view, state->rows[i]);
    }
    keep_selection(state);
    ui_list_settle(&state->list, (int)state->count, state->height);
    ask_about_selected(view);
}

static void secrets_open(struct ui_view *view, void *argument)
{
    struct secrets *state = view->state;
    state->asked = map_new(NULL);
    state->chosen = argument != NULL;
    if (argument != NULL) {
        take_finding(state, argument);
    }
    secrets_update(view);
}

static void secrets_close(struct ui_view *view)
{
    struct secrets *state = view->state;
    change_secret_users_free(state->users);
    map_free(state->asked);
    free(state->users_ns);
    free(state->selected);
    free(state->driver);
    free(state->ns);
    free(state->only);
    free(state->rows);
}

/* --- Keys ---------------------------------------------------------------------------------------
 */

static void use_selected(struct ui_view *view)
{
    struct secrets *state = view->state;
    const struct csi_secret *secret = secrets_selected(state);
    struct ui_app *app = view->app;
    if (secret == NULL || state->driver == NULL) {
        ui_say(app, UI_ROLE_INFO, "No reference is broken, so none has to point elsewhere.");
    } else if (registry_secret_data_key(secret->type) == NULL) {
        ui_say(app, UI_ROLE_WARNING, "%s is no registry Secret: the kubelet would ignore it.",
               secret->name);
    } else if (state->ns != NULL && strcmp(state->ns, secret->ns) != 0) {
        ui_say(app, UI_ROLE_WARNING,
               "Pods can only name Secrets of their own namespace; this one is in %s: copy it (c).",
               secret->ns);
    } else if (!ui_refuses(app, UI_FIX)) {
        struct change_intent *intent = change_intent_new(CHANGE_USE_SECRET);
        intent->drivers = xcalloc(2, sizeof(char *));
        intent->drivers[0] = xstrdup(state->driver);
        intent->secret = xstrdup(secret->name);
        if (state->only != NULL && state->only[0] != '\0') {
            intent->only = xstrdup(state->only);
        }
        ui_pop(app);
        ui_push(app, &view_preview, intent);
    }
}

static void make_new(struct ui_view *view)
{
    const struct secrets *state = view->state;
    struct view_form_argument form = {.mode = VIEW_FORM_NEW,
                                      .ns = state->ns,
                                      .driver = state->driver,
                                      .reference = state->only,
                                      .use = state->driver != NULL};
    ui_push(view->app, &view_form, &form);
}

/* Only what holds registry credentials; says why not. */
static const struct csi_secret *selected_registry_secret(struct ui_view *view, const char *verb)
{
    const struct csi_secret *secret = secrets_selected(view->state);
    if (secret == NULL) {
        ui_say(view->app, UI_ROLE_INFO, "No Secret is selected.");
        return NULL;
    }
    if (registry_secret_data_key(secret->type) == NULL) {
        ui_say(view->app, UI_ROLE_WARNING,
               "Not %s: it is of type %s and holds something else (see below who uses it).", verb,
               secret->type);
        return NULL;
    }
    return secret;
}

static void rotate_selected(struct ui_view *view)
{
    const struct secrets *state = view->state;
    const struct csi_secret *secret = selected_registry_secret(view, "rotated");
    if (secret == NULL) {
        return;
    }
    if (secret->immutable) {
        ui_say(view->app, UI_ROLE_WARNING,
               "%s is immutable: make one under another name (n) and use that.", secret->name);
        return;
    }
    struct view_form_argument form = {
        .mode = VIEW_FORM_ROTATE, .ns = secret->ns, .name = secret->name, .driver = state->driver};
    ui_push(view->app, &view_form, &form);
}

/* Here: where the pods are that need one. */
static void copy_selected(struct ui_view *view)
{
    const struct secrets *state = view->state;
    const struct csi_secret *secret = selected_registry_secret(view, "copied");
    if (secret == NULL) {
        return;
    }
    bool is_here = state->ns != NULL && strcmp(state->ns, secret->ns) == 0;
    struct view_form_argument form = {.mode = VIEW_FORM_COPY,
                                      .ns = is_here ? NULL : state->ns,
                                      .name = secret->name,
                                      .driver = state->driver,
                                      .reference = is_here ? NULL : state->only,
                                      .use = state->driver != NULL && !is_here,
                                      .from_ns = secret->ns,
                                      .from_name = secret->name};
    ui_push(view->app, &view_form, &form);
}

static void verify_selected(struct ui_view *view)
{
    const struct secrets *state = view->state;
    const struct csi_secret *secret = selected_registry_secret(view, "asked for");
    if (secret != NULL) {
        struct view_verify_argument argument = {state->driver, secret->ns, secret->name};
        ui_push(view->app, &view_verify, &argument);
    }
}

static bool secrets_act(struct ui_view *view, enum ui_action action)
{
    struct secrets *state = view->state;
    if (ui_list_act(&state->list, action, state->height)) {
        pin_selected(state);
        ask_about_selected(view);
        return true;
    }
    switch (action) {
    case UI_OPEN:
        use_selected(view);
        return true;
    case UI_NEW:
        make_new(view);
        return true;
    case UI_COPY:
        copy_selected(view);
        return true;
    case UI_ROTATE:
        rotate_selected(view);
        return true;
    case UI_VERIFY:
        verify_selected(view);
        return true;
    default:
        return false;
    }
}

static void secrets_click(struct ui_view *view, int row, int column, bool twice)
{
    struct secrets *state = view->state;
    (void)column;
    if (row >= 2 && row - 2 < state->height && state->list.top + row - 2 < state->list.count) {
        state->list.selected = state->list.top + row - 2;
        pin_selected(state);
        ask_about_selected(view);
        if (twice) {
            use_selected(view);
        }
    }
}

static void secrets_wheel(struct ui_view *view, int rows)
{
    struct secrets *state = view->state;
    ui_list_wheel(&state->list, rows, state->height);
    pin_selected(state);
    ask_about_selected(view);
}

const struct ui_view_ops view_secrets = {.name = "secrets",
                                         .title = N_("Registry Secrets"),
                                         .state_size = sizeof(struct secrets),
                                         .actions = actions,
                                         .open = secrets_open,
                                         .draw = secrets_draw,
                                         .act = secrets_act,
                                         .click = secrets_click,
                                         .wheel = secrets_wheel,
                                         .update = secrets_update,
                                         .close = secrets_close};
