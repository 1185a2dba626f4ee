/* What was changed from here: when, by whom, to what; taking it back, finishing it. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/clock.h"
#include "base/language.h"
#include "change/journal.h"
#include "ui/views.h"

struct history {
    struct change_journal_entry **entries;
    size_t count;
    struct error failure;
    struct ui_list list;
    int rows;
    int64_t read_ms; /* monotonic: when the journal was read last */
};

enum { READ_AGAIN_MS = 1000 };

static const enum ui_action actions[] = {UI_UNDO, UI_RESUME, UI_LEAVE, UI_NONE};

static void forget(struct history *state)
{
    for (size_t i = 0; i < state->count; i++) {
        change_journal_entry_free(state->entries[i]);
    }
    free(state->entries);
    state->entries = NULL;
    state->count = 0;
}

static void read_journal(struct history *state)
{
    forget(state);
    error_clear(&state->failure);
    change_journal_list(&state->entries, &state->count, &state->failure);
    state->read_ms = clock_monotonic_ms();
    ui_list_settle(&state->list, (int)state->count, state->rows);
}

static void history_open(struct ui_view *view, void *argument)
{
    struct history *state = view->state;
    const char *id = argument;
    read_journal(state);
    for (size_t i = 0; id != NULL && i < state->count; i++) {
        if (strcmp(state->entries[i]->id, id) == 0) {
            state->list.selected = (int)i;
        }
    }
}

/* A change was undone or finished meanwhile, perhaps by another program. */
static void history_update(struct ui_view *view)
{
    struct history *state = view->state;
    if (clock_monotonic_ms() - state->read_ms >= READ_AGAIN_MS) {
        read_journal(state);
    }
}

static void history_close(struct ui_view *view)
{
    forget(view->state);
}

static const char *state_text(const struct change_journal_entry *entry)
{
    return entry->interrupted ? _("interrupted")
           : entry->held      ? _("held")
                              : _(change_journal_state_name(entry->state));
}

static void draw_entry(struct ui_canvas *canvas, int row, const struct change_journal_entry *entry,
                       bool selected)
{
    char age[32];
    bool bad = entry->interrupted || entry->held || entry->state == CHANGE_JOURNAL_FAILED;
    enum ui_role role = selected ? UI_ROLE_SELECTED : UI_ROLE_TEXT;
    clock_format_age(clock_wall_ms() - entry->started_ms, age);
    if (selected) {
        canvas_fill(canvas, row, role);
        canvas_cursor(canvas, row, 0, false);
    }
    canvas_right(canvas, row, 1, 6, role, age);
    canvas_printf(canvas, row, 9, 14,
                  selected ? role
                  : bad    ? UI_ROLE_BAD
                           : UI_ROLE_GOOD,
                  "%s %s", canvas_glyph(canvas, bad ? GLYPH_BAD : GLYPH_GOOD), state_text(entry));
    canvas_put(canvas, row, 24, canvas->columns - 25, role, entry->title);
}

static void draw_detail(struct ui_canvas *canvas, int row, const struct change_journal_entry *entry)
{
    static const char *const words[] = {N_("not sent"), N_("sent, no answer"), N_("changed"),
                                        N_("failed")};
    char time[32];
    clock_format_rfc3339(entry->started_ms, time);
    canvas_rule(canvas, row++, _("What it did"));
    canvas_printf(canvas, row++, 1, -1, UI_ROLE_TEXT, "%s by %s at %s (%s)", time, entry->user,
                  entry->context, entry->server);
    canvas_printf(canvas, row++, 1, -1, UI_ROLE_DIM, "id %s%s%s", entry->id,
                  entry->undoes == NULL ? "" : _(", takes back "),
                  entry->undoes == NULL ? "" : entry->undoes);
    if (entry->interrupted) {
        canvas_put(canvas, row++, 1, -1, UI_ROLE_WARNING,
                   _("Its program ended in the midst: r finishes it, u takes it back, l leaves it "
                     "so."));
    } else if (entry->held) {
        canvas_put(canvas, row++, 1, -1, UI_ROLE_WARNING,
                   _("Its rollout is held where it is: r lets it go on, u takes it back, l leaves "
                     "it held."));
    }
    for (size_t i = 0; i < entry->count && row < canvas->rows; i++, row++) {
        const struct change_journal_object *object = &entry->objects[i];
        int used = canvas_printf(
            canvas, row, 1, -1, UI_ROLE_TEXT, "%s %s%s%s: %s", object->kind,
            object->ns == NULL ? "" : object->ns, object->ns == NULL ? "" : "/", object->name,
            object->hold != NULL ? _("changed, held") : _(words[object->progress]));
        for (size_t j = 0, shown = 0; j < object->field_count && shown < 3; j++) {
            if (strstr(object->fields[j].path, "last-applied-configuration") != NULL) {
                continue; /* kubectl's own copy of the rest */
            }
            shown++;
            used += canvas_printf(canvas, row, 3 + used, -1, UI_ROLE_DIM, "%s ",
                                  object->fields[j].path);
        }
    }
}

static void history_draw(struct ui_view *view, struct ui_canvas *canvas)
{
    struct history *state = view->state;
    state->rows = canvas->rows - 10;
    ui_list_settle(&state->list, (int)state->count, state->rows);
    canvas_put(canvas, 0, 1, -1, UI_ROLE_TITLE, _("Changes made from here, the newest first"));
    if (state->failure.kind != ERROR_NONE) {
        canvas_wrap(canvas, 2, 1, canvas->columns - 2, 3, UI_ROLE_BAD, state->failure.message);
        return;
    }
    if (state->count == 0) {
        canvas_put(canvas, 2, 1, -1, UI_ROLE_DIM, _("Nothing was changed from here yet."));
        return;
    }
    canvas_fill(canvas, 1, UI_ROLE_COLUMNS);
    canvas_right(canvas, 1, 1, 6, UI_ROLE_COLUMNS, _("AGE"));
    canvas_put(canvas, 1, 9, 14, UI_ROLE_COLUMNS, _("STATE"));
    canvas_put(canvas, 1, 24, -1, UI_ROLE_COLUMNS, _("CHANGE"));
    for (int i = 0; i < state->rows && state->list.top + i < state->list.count; i++) {
        int at = state->list.top + i;
        draw_entry(canvas, 2 + i, state->entries[at], at == state->list.selected);
    }
    draw_detail(canvas, canvas->rows - 8, state->entries[state->list.selected]);
}

static void leave(struct ui_view *view, const struct change_journal_entry *entry)
{
    struct history *state = view->state;
    struct error err = ERROR_INIT;
    if (!entry->interrupted && !entry->held) {
        ui_say(view->app, UI_ROLE_INFO, "It was not interrupted, so there is nothing to leave.");
    } else if (!change_journal_leave(entry->id, &err)) {
        ui_say(view->app, UI_ROLE_BAD, "%s", err.message);
    } else {
        ui_say(view->app, UI_ROLE_GOOD, "It stays as it is; u can still take it back.");
        read_journal(state);
    }
}

static bool history_act(struct ui_view *view, enum ui_action action)
{
    struct history *state = view->state;
    if (ui_list_act(&state->list, action, state->rows)) {
        return true;
    }
    if (action != UI_UNDO && action != UI_RESUME && action != UI_LEAVE) {
        return false;
    }
    if (state->count == 0) {
        return true;
    }
    const struct change_journal_entry *entry = state->entries[state->list.selected];
    const char *server = kube_config_server(ui_model(view)->options->config);
    if (strcmp(entry->server, server) != 0) {
        ui_say(view->app, UI_ROLE_WARNING, "That was another cluster: %s (switch with C).",
               entry->context);
    } else if (action == UI_LEAVE) {
        leave(view, entry);
    } else if (action == UI_RESUME && !entry->interrupted && !entry->held &&
               entry->state != CHANGE_JOURNAL_FAILED) {
        ui_say(view->app, UI_ROLE_INFO, "It was not interrupted, so there is nothing to finish.");
    } else {
        struct view_undo_argument undo = {entry->id, action == UI_RESUME};
        ui_push(view->app, &view_undo, &undo);
    }
    return true;
}

static void history_click(struct ui_view *view, int row, int column, bool twice)
{
    struct history *state = view->state;
    (void)column;
    (void)twice;
    if (row >= 2 && row - 2 < state->rows && state->list.top + row - 2 < state->list.count) {
        state->list.selected = state->list.top + row - 2;
    }
}

static void history_wheel(struct ui_view *view, int rows)
{
    struct history *state = view->state;
    ui_list_wheel(&state->list, rows, state->rows);
}

const struct ui_view_ops view_history = {.name = "history",
                                         .title = N_("Changes made from here"),
                                         .state_size = sizeof(struct history),
                                         .actions = actions,
                                         .open = history_open,
                                         .draw = history_draw,
                                         .act = history_act,
                                         .click = history_click,
                                         .wheel = history_wheel,
                                         .update = history_update,
                                         .close = history_close};
