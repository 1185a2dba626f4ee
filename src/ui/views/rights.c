/* What this program needs to be allowed, as the role to ask for. */
#include "change/rights.h"

#include <stdio.h>

#include "base/buffer.h"
#include "base/file.h"
#include "base/language.h"
#include "ui/pager.h"
#include "ui/views.h"

enum { ROLE_LIMIT = 1 << 16 };

static const char role_file[] = "pullmend-role.yaml";

struct rights_state {
    struct pager pager; /* first: the pager's own functions draw and scroll it */
    const struct change_rights *rights;
};

static const enum ui_action actions[] = {UI_EXPORT, PAGER_ACTIONS, UI_NONE};

static void rights_open(struct ui_view *view, void *argument)
{
    struct rights_state *state = view->state;
    struct buffer text;
    state->rights = argument;
    buffer_init(&text, ROLE_LIMIT);
    change_rights_write_role(state->rights, &text);
    pager_add_lines(&state->pager, UI_ROLE_TEXT, text.data, false);
    buffer_free(&text);
}

static void rights_heading(const struct ui_view *view, char *out, size_t size)
{
    (void)view;
    snprintf(out, size, "%s", _("The role to ask an administrator for"));
}

static void write_role(struct ui_view *view)
{
    const struct rights_state *state = view->state;
    struct error err = ERROR_INIT;
    struct buffer text;
    buffer_init(&text, ROLE_LIMIT);
    change_rights_write_role(state->rights, &text);
    if (file_write_atomic(role_file, text.data, text.length, 0644, &err)) {
        ui_say(view->app, UI_ROLE_GOOD, "Written to %s in this folder.", role_file);
    } else {
        ui_say(view->app, UI_ROLE_BAD, "%s", err.message);
    }
    buffer_free(&text);
}

static bool rights_act(struct ui_view *view, enum ui_action action)
{
    if (action == UI_EXPORT) {
        write_role(view);
        return true;
    }
    return pager_view_act(view, action);
}

const struct ui_view_ops view_rights = {.name = "rights",
                                        .title = N_("Rights to ask for"),
                                        .state_size = sizeof(struct rights_state),
                                        .actions = actions,
                                        .open = rights_open,
                                        .draw = pager_view_draw,
                                        .heading = rights_heading,
                                        .act = rights_act,
                                        .type = pager_view_type,
                                        .typing = pager_view_typing,
                                        .wheel = pager_view_wheel,
                                        .close = pager_view_close};
