#include "preview_text.h"

#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/clock.h"
#include "base/language.h"
#include "base/text.h"
#include "ui/difference.h"

/* A rollout that takes longer is worth a second thought. */
#define LONG_MS ((int64_t)10 * 60 * 1000)

void preview_text_free(struct preview_text *text)
{
    free(text->folded);
    free(text->lines);
    free(text->order);
}

/* --- One object ---------------------------------------------------------------------------------
 */

static void add_verdict(struct pager *pager, const struct change_step *step)
{
    for (size_t i = 0; step->warnings != NULL && step->warnings[i] != NULL; i++) {
        pager_say(pager, UI_ROLE_WARNING, "  the server warns: %s", step->warnings[i]);
    }
    if (step->refusal.kind != ERROR_NONE) {
        pager_say(pager, UI_ROLE_BAD, "  the server refuses: %s", step->refusal.message);
    } else if (step->local) {
        pager_say(pager, UI_ROLE_WARNING,
                  "  computed here, not by the server: you may not write this object, so what the "
                  "server would add or refuse is not known");
    } else if (step->object->action != CHANGE_NOTHING) {
        pager_add(pager, UI_ROLE_GOOD, _("  checked by the server (dry run): accepted"));
    }
}

static void add_head(const struct preview_text *text, struct pager *pager, size_t i,
                     const struct change_object *object)
{
    static const char *const words[] = {
        [CHANGE_CREATE] = N_("  (new)"),
        [CHANGE_PATCH] = "",
        [CHANGE_NOTHING] = N_("  (no change)"),
        [CHANGE_DELETE] = N_("  (deleted)"),
    };
    bool several = text->count > 1;
    pager_printf(pager, several && i == text->selected ? UI_ROLE_SELECTED : UI_ROLE_TITLE,
                 "%s%s%s %s%s%s%s",
                 text->folded[i] ? text->closed
                 : several       ? text->open
                                 : "",
                 several || text->folded[i] ? " " : "", object->resource->kind,
                 object->ns == NULL ? "" : object->ns, object->ns == NULL ? "" : "/", object->name,
                 _(words[object->action]));
}

static void add_conflicts(struct pager *pager, const struct change_object *object)
{
    for (size_t i = 0; i < object->conflict_count; i++) {
        pager_say(pager, UI_ROLE_WARNING, "  conflict with \"%s\": %s",
                  object->conflicts[i].manager, object->conflicts[i].field);
    }
}

static void add_step(const struct preview_text *text, struct pager *pager, size_t i,
                     const struct change_step *step)
{
    const struct change_object *object = step->object;
    add_head(text, pager, i, object);
    if (text->folded[i]) {
        return;
    }
    if (object->restarts > 0) {
        pager_printf(pager, UI_ROLE_TEXT,
                     language_plural("  %d pod restarts", "  %d pods restart",
                                     (unsigned long)object->restarts),
                     object->restarts);
    }
    if (object->owner_consequence != NULL) {
        pager_say(pager, object->owner_confirm ? UI_ROLE_WARNING : UI_ROLE_DIM, "  %s",
                  object->owner_consequence);
    }
    add_conflicts(pager, object);
    if (object->note != NULL) {
        pager_say(pager, UI_ROLE_TEXT, "  %s", object->note);
    }
    add_verdict(pager, step);
    if (text->shape == SHAPE_WHOLE) {
        pager_add_lines(pager, UI_ROLE_TEXT, step->after == NULL ? "" : step->after, false);
    } else if (text->shape == SHAPE_BESIDE) {
        difference_add_beside(pager, step->before, step->after, text->columns - 2);
    } else {
        difference_add_unified(pager, step->before, step->after);
    }
}

/* --- All of it ----------------------------------------------------------------------------------
 */

static void add_costs(struct pager *pager, const struct change_plan *plan)
{
    pager_add(pager, UI_ROLE_TEXT, "");
    pager_add(pager, UI_ROLE_TITLE, _("What it costs"));
    if (plan->costs == NULL || plan->costs[0] == NULL) {
        pager_add(pager, UI_ROLE_GOOD, _("  No pod restarts."));
    }
    for (size_t i = 0; plan->costs != NULL && plan->costs[i] != NULL; i++) {
        pager_say(pager, UI_ROLE_TEXT, "  %s", plan->costs[i]);
    }
}

static void add_commands(const struct change_session *session, struct pager *pager)
{
    struct buffer text;
    buffer_init(&text, 1 << 24);
    change_session_write_commands(session, &text);
    char *rest = NULL;
    for (char *line = strtok_r(text.data, "\n", &rest); line != NULL;
         line = strtok_r(NULL, "\n", &rest)) {
        pager_say(pager, UI_ROLE_TEXT, "%s", line);
    }
    buffer_free(&text);
}

/* Room for what is folded; objects that do not change begin so. */
static void make_room(struct preview_text *text, const struct change_step *steps, size_t count)
{
    if (text->count == count) {
        return;
    }
    preview_text_free(text);
    text->folded = xcalloc(count + 1, sizeof(*text->folded));
    text->lines = xcalloc(count + 1, sizeof(*text->lines));
    text->order = xcalloc(count + 1, sizeof(*text->order));
    text->count = count;
    size_t next = 0;
    for (int same = 0; same < 2; same++) {
        for (size_t i = 0; i < count; i++) {
            bool nothing = steps[i].object->action == CHANGE_NOTHING;
            if (nothing == (same == 1)) {
                text->folded[i] = nothing && count > 1;
                text->order[next++] = i;
            }
        }
    }
    text->selected = text->order[0];
}

void preview_text_fill(struct preview_text *text, struct pager *pager)
{
    size_t count = 0;
    pager_clear(pager);
    const struct change_plan *plan =
        text->session == NULL ? NULL : change_session_plan(text->session);
    if (plan == NULL || text->open == NULL) {
        return;
    }
    if (text->shape == SHAPE_COMMANDS) {
        add_commands(text->session, pager);
        return;
    }
    const struct change_step *steps = change_session_steps(text->session, &count);
    make_room(text, steps, count);
    for (size_t at = 0; at < count; at++) {
        size_t i = text->order[at];
        if (at > 0 && !(text->folded[i] && text->folded[text->order[at - 1]])) {
            pager_add(pager, UI_ROLE_TEXT, "");
        }
        text->lines[i] = pager->count;
        add_step(text, pager, i, &steps[i]);
    }
    if (change_session_has_changes(text->session)) {
        add_costs(pager, plan);
    } else if (change_session_phase(text->session) == CHANGE_PREVIEWED) {
        pager_add(pager, UI_ROLE_GOOD, _("Nothing would change."));
    }
}

void preview_text_draw_sum(const struct preview_text *text, struct ui_canvas *canvas, int row)
{
    const struct change_plan *plan =
        text->session == NULL ? NULL : change_session_plan(text->session);
    char length[32];
    if (plan == NULL || !change_session_has_changes(text->session)) {
        return;
    }
    clock_format_age(plan->rollout_ms, length);
    enum ui_role role = plan->rollout_ms >= LONG_MS ? UI_ROLE_WARNING : UI_ROLE_INFO;
    if (plan->restarts == 0) {
        canvas_put(canvas, row, 1, -1, UI_ROLE_GOOD, _("No pod restarts."));
    } else if (plan->rollout_ms == 0) {
        canvas_printf(
            canvas, row, 1, -1, role,
            language_plural("%d pod restarts", "%d pods restart", (unsigned long)plan->restarts),
            plan->restarts);
    } else {
        canvas_printf(canvas, row, 1, -1, role,
                      language_plural("%d pod restarts, about %s", "%d pods restart, about %s",
                                      (unsigned long)plan->restarts),
                      plan->restarts, length);
    }
    if (text->count > 1) {
        const char *hint = _("Tab next object, Space folds it");
        canvas_right(canvas, row, canvas->columns - 42, 41, UI_ROLE_DIM, hint);
    }
}

/* --- Keys ---------------------------------------------------------------------------------------
 */

bool preview_text_act(struct preview_text *text, struct pager *pager, enum ui_action action)
{
    bool moves = action == UI_NEXT_PANE || action == UI_PREVIOUS_PANE;
    if ((action != UI_FOLD && !moves) || text->shape == SHAPE_COMMANDS) {
        return false;
    }
    if (text->count == 0) {
        return true;
    }
    if (action == UI_FOLD) {
        text->folded[text->selected] = !text->folded[text->selected];
    } else {
        size_t step = action == UI_NEXT_PANE ? 1 : text->count - 1;
        size_t at = 0;
        while (text->order[at] != text->selected) {
            at++;
        }
        text->selected = text->order[(at + step) % text->count];
    }
    preview_text_fill(text, pager);
    pager_show_line(pager, text->lines[text->selected]);
    return true;
}

void preview_text_click(struct preview_text *text, struct pager *pager, int row)
{
    size_t line;
    if (text->shape == SHAPE_COMMANDS || !pager_line_at(pager, row, &line)) {
        return;
    }
    for (size_t i = 0; i < text->count; i++) {
        if (text->lines[i] == line) {
            text->selected = i;
            preview_text_act(text, pager, UI_FOLD);
            return;
        }
    }
}

void preview_text_export(const struct preview_text *text, const char *path, struct buffer *out)
{
    if (text_ends_with(path, ".sh")) {
        change_session_write_commands(text->session, out);
    } else if (text_ends_with(path, ".json") || text_ends_with(path, ".patch")) {
        change_session_write_patches(text->session, out);
    } else if (text_ends_with(path, ".diff")) {
        change_session_write_diff(text->session, out);
    } else {
        change_session_write_yaml(text->session, out);
    }
}
