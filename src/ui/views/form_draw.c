/* What the form about a registry Secret looks like. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/attributes.h"
#include "base/language.h"
#include "base/text.h"
#include "change/owner.h"
#include "form_parts.h"
#include "registry/secret_state.h"

enum { LABEL = 2, VALUE = 15, VALUE_WIDTH = 31, NOTE = 47, TEXT_LIMIT = 1 << 16, MOST_USERS = 6 };

static const char *const labels[FIELD_COUNT] = {
    N_("Name"),   N_("Namespace"), N_("Use it"),    N_("From"),     N_("File"),   N_("Helper"),
    N_("Secret"), N_("Registry"),  N_("User name"), N_("Password"), N_("E-mail"), N_("Immutable")};

static const char *const sources[FROM_COUNT] = {N_("typed in"), N_("docker's or podman's file"),
                                                N_("a credential helper"), N_("another Secret"),
                                                N_("nowhere: no credential")};

static void draw_title(const struct form *state, struct ui_canvas *canvas)
{
    if (state->mode == VIEW_FORM_ROTATE) {
        canvas_printf(canvas, 0, 1, -1, UI_ROLE_TITLE, "New credentials for Secret %s/%s",
                      state->fields[FIELD_NAMESPACE].text, state->fields[FIELD_NAME].text);
    } else if (state->mode == VIEW_FORM_COPY) {
        canvas_printf(canvas, 0, 1, -1, UI_ROLE_TITLE, "Copy of Secret %s/%s", state->from_ns,
                      state->from_name);
    } else {
        canvas_put(canvas, 0, 1, -1, UI_ROLE_TITLE, _("New registry Secret"));
    }
}

/* Pods that restart if the references are pointed elsewhere. */
static size_t restarts(const struct ui_view *view, const struct form *state)
{
    const struct csi_driver *driver = csi_census_driver(ui_model(view)->census, state->driver);
    size_t pods = 0;
    for (size_t i = 0; driver != NULL && i < driver->workload_count; i++) {
        const struct csi_workload *workload = driver->workloads[i];
        bool named = false;
        for (size_t j = 0; j < workload->reference_count; j++) {
            named = named || strcmp(workload->references[j].name, state->reference) == 0;
        }
        pods += named ? workload->pod_count : 0;
    }
    return pods;
}

static void draw_choice(const struct ui_view *view, struct ui_canvas *canvas, int row, int field,
                        bool focused)
{
    const struct form *state = view->state;
    enum ui_role role = focused ? UI_ROLE_INPUT : UI_ROLE_TEXT;
    canvas_cell(canvas, row, VALUE, VALUE_WIDTH, role, "");
    if (field == FIELD_SOURCE) {
        canvas_printf(canvas, row, VALUE, VALUE_WIDTH, role, "< %s >", _(sources[state->source]));
        canvas_put(canvas, row, NOTE, -1, UI_ROLE_DIM, focused ? _("Space: the next one") : "");
    } else if (field == FIELD_IMMUTABLE) {
        bool merged = state->mode == VIEW_FORM_NEW && form_existing(view) != NULL;
        canvas_printf(canvas, row, VALUE, VALUE_WIDTH, role, "[%s] its content never changes",
                      state->immutable && !merged ? "x" : " ");
        canvas_put(canvas, row, NOTE, -1, state->immutable ? UI_ROLE_WARNING : UI_ROLE_DIM,
                   merged             ? _("it exists: as it is")
                   : state->immutable ? _("a new password: a new name")
                                      : "");
    } else {
        size_t pods = restarts(view, state);
        canvas_printf(canvas, row, VALUE, VALUE_WIDTH, role, "[%s] instead of %s",
                      state->use ? "x" : " ", state->reference);
        canvas_printf(canvas, row, NOTE, -1, state->use ? UI_ROLE_WARNING : UI_ROLE_DIM,
                      language_plural("%zu pod restarts", "%zu pods restart", pods), pods);
    }
    if (focused) {
        canvas_cursor(canvas, row, VALUE, true);
    }
}

/* Fields that a person has not come to yet are not called wrong. */
static bool is_untouched(const struct form *state, int field)
{
    return state->fields[field].length == 0 && field != state->focus;
}

static void draw_field(const struct ui_view *view, struct ui_canvas *canvas, int row, int field)
{
    const struct form *state = view->state;
    bool focused = field == state->focus;
    char note[512];
    canvas_put(canvas, row, LABEL, VALUE - LABEL - 1, focused ? UI_ROLE_KEY : UI_ROLE_TEXT,
               _(labels[field]));
    if (form_is_choice(field)) {
        draw_choice(view, canvas, row, field, focused);
        return;
    }
    bool fixed =
        state->mode == VIEW_FORM_ROTATE && (field == FIELD_NAME || field == FIELD_NAMESPACE);
    line_edit_draw(&state->fields[field], canvas, row, VALUE, VALUE_WIDTH, focused && !fixed);
    bool fine = form_check(view, field, note);
    if (fixed || field == FIELD_EMAIL || (!fine && is_untouched(state, field))) {
        return;
    }
    if (note[0] != '\0') {
        canvas_printf(canvas, row, NOTE, -1, fine ? UI_ROLE_INFO : UI_ROLE_WARNING, "%s %s",
                      canvas_glyph(canvas, fine ? GLYPH_BULLET : GLYPH_BAD), note);
    } else if (state->fields[field].length > 0) {
        canvas_put(canvas, row, NOTE, -1, UI_ROLE_GOOD, canvas_glyph(canvas, GLYPH_GOOD));
    }
}

/* Returns the row behind them. */
static int draw_fields(const struct ui_view *view, struct ui_canvas *canvas)
{
    const struct form *state = view->state;
    int row = 2;
    int focused = -1;
    for (int i = 0; i < FIELD_COUNT; i++) {
        if (!form_shows(state, i)) {
            continue;
        }
        if (i == state->focus) {
            focused = row;
        } else {
            draw_field(view, canvas, row, i);
        }
        row++;
    }
    if (focused >= 0) {
        draw_field(view, canvas, focused, state->focus); /* last: it has the cursor */
    }
    return row;
}

/* --- What the Secret will hold ------------------------------------------------------------------
 */

/* What is there already: it stays, or is replaced. */
static int draw_existing(const struct ui_view *view, struct ui_canvas *canvas, int row)
{
    const struct form *state = view->state;
    const struct csi_secret *there =
        state->mode == VIEW_FORM_COPY
            ? csi_census_secret(ui_model(view)->census, state->from_ns, state->from_name)
            : form_existing(view);
    for (size_t i = 0; there != NULL && i < there->registry_count && row < canvas->rows; i++) {
        bool replaced =
            form_entries_have(&state->entries, there->registries[i]) ||
            (form_has_typed(state) &&
             form_same_registry(there->registries[i], state->fields[FIELD_SERVER].text));
        canvas_printf(canvas, row, 2, 13, replaced ? UI_ROLE_WARNING : UI_ROLE_DIM, "%s %s",
                      canvas_glyph(canvas, GLYPH_BULLET),
                      state->mode == VIEW_FORM_COPY ? _("is copied")
                      : replaced                    ? _("is replaced")
                                                    : _("stays"));
        canvas_printf(canvas, row++, 16, -1, UI_ROLE_TEXT, "%s  as %s", there->registries[i],
                      there->users[i]);
    }
    return row;
}

static int draw_entries(const struct form *state, struct ui_canvas *canvas, int row)
{
    for (size_t i = 0; i < state->entries.count && row < canvas->rows; i++) {
        const struct registry_credential *entry = &state->entries.items[i];
        bool focused = state->focus == FIELD_COUNT + (int)i;
        char ends[128];
        bool soon = form_expiry_text(entry->server, entry->password, entry->password_length, ends);
        if (focused) {
            canvas_fill(canvas, row, UI_ROLE_SELECTED);
            canvas_cursor(canvas, row, 0, false);
        }
        enum ui_role role = focused ? UI_ROLE_SELECTED : UI_ROLE_TEXT;
        bool out = state->source == FROM_NOTHING;
        canvas_printf(canvas, row, 2, 13,
                      focused ? role
                      : out   ? UI_ROLE_WARNING
                              : UI_ROLE_GOOD,
                      "%s %s", canvas_glyph(canvas, out ? GLYPH_DASH : GLYPH_GOOD),
                      out ? _("left out") : _("goes in"));
        canvas_printf(canvas, row++, 16, -1, role, "%s  as %s  (%s)", entry->server,
                      entry->username, entry->source == NULL ? _("typed in") : entry->source);
        if (ends[0] != '\0' && row < canvas->rows) {
            canvas_put(canvas, row++, 16, -1, soon ? UI_ROLE_WARNING : UI_ROLE_DIM, ends);
        }
    }
    return row;
}

/* --- What is to be known ------------------------------------------------------------------------
 */

/* Whom a change of what is there concerns. */
static int draw_users(const struct ui_view *view, struct ui_canvas *canvas, int row)
{
    const struct form *state = view->state;
    const struct csi_secret *there = form_existing(view);
    if (there == NULL || state->mode == VIEW_FORM_COPY || state->users == NULL) {
        return row;
    }
    if (!change_secret_users_done(state->users)) {
        canvas_put(canvas, row, 2, -1, UI_ROLE_INFO, _("Asking who uses this Secret..."));
        return row + 1;
    }
    struct buffer text;
    buffer_init(&text, TEXT_LIMIT);
    bool registry = registry_secret_data_key(there->type) != NULL;
    buffer_append_string(&text, registry ? _("Used by: ") : _("Not to be replaced. Used by: "));
    size_t empty = text.length;
    change_secret_uses_describe(change_secret_users_found(state->users), there->ns, there->name,
                                MOST_USERS, &text);
    buffer_append_string(&text, text.length == empty ? _("nobody that can be seen") : "");
    const char *gaps = change_secret_users_gaps(state->users);
    if (gaps != NULL) {
        buffer_printf(&text, _(" (%s could not be listed)"), gaps);
    }
    row += canvas_wrap(canvas, row, 2, canvas->columns - 4, 3,
                       registry ? UI_ROLE_TEXT : UI_ROLE_BAD, text.data);
    buffer_free(&text);
    const char *source = change_owner_source(there->managed_by);
    if (source != NULL) {
        char *line = xasprintf(_("%s writes it, and will write it again: %s."), there->managed_by,
                               _(source));
        row += canvas_wrap(canvas, row, 2, canvas->columns - 4, 2, UI_ROLE_WARNING, line);
        free(line);
    }
    return row;
}

static const char *default_file(char out[512])
{
    char **paths = credential_source_default_paths();
    out[0] = '\0';
    for (size_t i = 0; paths != NULL && paths[i] != NULL; i++) {
        if (out[0] == '\0' && (paths[i][0] == '$' || access(paths[i], R_OK) == 0)) {
            snprintf(out, 512, "%s", paths[i]);
        }
    }
    form_free_strings(paths);
    return out;
}

static char *hint_of(const struct ui_view *view)
{
    static const char further[] =
        N_("Test (^T) asks the registries of the driver's images. Going on "
           "(^S) shows a preview; nothing is written before you apply it.");
    const struct form *state = view->state;
    char note[512];
    char path[512];
    if (state->focus < FIELD_COUNT && form_shows(state, state->focus) &&
        !is_untouched(state, state->focus)) {
        form_check(view, state->focus, note);
        if (text_width(note) > 24) {
            return xstrdup(note);
        }
    }
    if (state->focus == FIELD_IMMUTABLE) {
        return xstrdup(_("Space ticks it. Nobody can change an immutable Secret, and kubelets stop "
                         "watching it: a new password then needs a Secret of another name, and "
                         "the pods restart to use it."));
    }
    if (state->mode == VIEW_FORM_COPY) {
        return xstrdup(_("The copy has the content, not the labels and owners of its source, and "
                         "does not follow it when that changes. ^N proposes a namespace."));
    }
    switch (state->source) {
    case FROM_FILE:
        default_file(path);
        return xasprintf(_("Enter reads it. Without a file name: %s. Helper programs that it names "
                           "are asked."),
                         path[0] == '\0' ? _("where docker and podman look (nothing is there)")
                                         : path);
    case FROM_HELPER:
        return xstrdup(_("Enter asks docker-credential-HELPER for the registry's credential, as "
                         "docker would. ^N proposes registries."));
    case FROM_SECRET:
        return xstrdup(_("Enter reads its entries into the list. ^N proposes Secrets."));
    case FROM_NOTHING:
        return xstrdup(
            _("The Secret gets no entries: the warnings end, no pod restarts, and images "
              "are pulled without a credential as before."));
    default:
        return xstrdup(_(further));
    }
}

static int draw_reading(const struct form *state, struct ui_canvas *canvas, int row)
{
    if (form_entries_busy(&state->entries)) {
        canvas_printf(canvas, row++, 2, canvas->columns - 4, UI_ROLE_INFO, "Asking %s...",
                      state->entries.origin);
    } else if (state->entries.note[0] != '\0') {
        row +=
            canvas_wrap(canvas, row, 2, canvas->columns - 4, 3,
                        state->entries.failed ? UI_ROLE_BAD : UI_ROLE_WARNING, state->entries.note);
    }
    return row;
}

void form_draw(struct ui_view *view, struct ui_canvas *canvas)
{
    struct form *state = view->state;
    draw_title(state, canvas);
    int row = draw_fields(view, canvas);
    int list = row + 1;
    row = draw_existing(view, canvas, list);
    row = draw_entries(state, canvas, row);
    row = row > list ? row + 1 : list;
    row = draw_users(view, canvas, row);
    row = draw_reading(state, canvas, row);
    int wanted = form_test_rows(&state->test);
    if (wanted == 0 || row + wanted + 3 < canvas->rows) {
        char *hint = hint_of(view);
        row += canvas_wrap(canvas, row, 2, canvas->columns - 4, 3, UI_ROLE_DIM, hint) + 1;
        free(hint);
    }
    form_test_draw(&state->test, canvas, row);
}
