/* What this program needs to be allowed, as the role to ask for. */
#include "ui/rights.h"
#include "base/buffer.h"
#include "base/language.h"
#include "ui/pager.h"
#include "ui/views.h"

static const enum ui_action actions[] = {PAGER_ACTIONS, UI_NONE};

static void rights_open(struct ui_view *view, void *argument)
{
    struct buffer text;
    buffer_init(&text, 1 << 16);
    rights_write_role(argument, &text);
    pager_add_lines(view->state, UI_ROLE_TEXT, text.data, false);
    buffer_free(&text);
}

const struct ui_view_ops view_rights = {.name = "rights",
                                        .title = N_("Rights to ask for"),
                                        .state_size = sizeof(struct pager),
                                        .actions = actions,
                                        .open = rights_open,
                                        .draw = pager_view_draw,
                                        .act = pager_view_act,
                                        .type = pager_view_type,
                                        .typing = pager_view_typing,
                                        .wheel = pager_view_wheel,
                                        .close = pager_view_close};
