/* The program's own messages. */
#include <stdio.h>

#include "base/language.h"
#include "base/log.h"

#include "ui/pager.h"
#include "ui/views.h"

static const enum ui_action actions[] = {PAGER_ACTIONS, UI_NONE};

static void log_view_update(struct ui_view *view)
{
    struct pager *pager = view->state;
    bool at_end = pager->top + pager->rows >= (int)pager->count;
    pager_clear(pager);
    for (size_t i = 0; i < log_line_count(); i++) {
        pager_say(pager, UI_ROLE_TEXT, "%s", log_line(i));
    }
    if (pager->count == 0) {
        pager_add(pager, UI_ROLE_DIM, _("No messages. (Start with -v for more.)"));
    }
    if (at_end) {
        pager_act(pager, UI_BOTTOM);
    }
}

static void log_view_open(struct ui_view *view, void *argument)
{
    (void)argument;
    log_view_update(view);
}

static bool log_view_act(struct ui_view *view, enum ui_action action)
{
    if (action == UI_LOG) {
        ui_pop(view->app);
        return true;
    }
    return pager_act(view->state, action);
}

static void log_view_heading(const struct ui_view *view, char *out, size_t size)
{
    snprintf(out, size, "%s", _(view->ops->title));
}

const struct ui_view_ops view_log = {.name = "log",
                                     .title = N_("Messages of this program"),
                                     .state_size = sizeof(struct pager),
                                     .actions = actions,
                                     .open = log_view_open,
                                     .draw = pager_view_draw,
                                     .heading = log_view_heading,
                                     .act = log_view_act,
                                     .type = pager_view_type,
                                     .typing = pager_view_typing,
                                     .wheel = pager_view_wheel,
                                     .update = log_view_update,
                                     .close = pager_view_close};
