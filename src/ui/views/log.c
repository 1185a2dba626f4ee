/* The program's own messages. */
#include "base/log.h"

#include "ui/pager.h"
#include "ui/views.h"

static const enum ui_action actions[] = {UI_LEFT, UI_RIGHT, UI_NONE};

static void log_view_update(struct ui_view *view)
{
    struct pager *pager = view->state;
    bool at_end = pager->top + pager->rows >= (int)pager->count;
    pager_clear(pager);
    for (size_t i = 0; i < log_line_count(); i++) {
        pager_add(pager, UI_ROLE_TEXT, log_line(i));
    }
    if (pager->count == 0) {
        pager_add(pager, UI_ROLE_DIM, "No messages. (Start with -v for more.)");
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

static void log_view_draw(struct ui_view *view, struct ui_canvas *canvas)
{
    pager_draw(view->state, canvas);
}

static bool log_view_act(struct ui_view *view, enum ui_action action)
{
    if (action == UI_LOG) {
        ui_pop(view->app);
        return true;
    }
    return pager_act(view->state, action);
}

static void log_view_wheel(struct ui_view *view, int rows)
{
    pager_wheel(view->state, rows);
}

static void log_view_close(struct ui_view *view)
{
    pager_free(view->state);
}

const struct ui_view_ops view_log = {.name = "log",
                                     .title = "Messages of this program",
                                     .state_size = sizeof(struct pager),
                                     .actions = actions,
                                     .open = log_view_open,
                                     .draw = log_view_draw,
                                     .act = log_view_act,
                                     .wheel = log_view_wheel,
                                     .update = log_view_update,
                                     .close = log_view_close};
