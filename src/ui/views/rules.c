/* Every rule of the findings: what it means and what follows from it. */
#include <stdio.h>

#include "base/language.h"
#include "ui/explanation.h"
#include "ui/pager.h"
#include "ui/views.h"

static const enum ui_action actions[] = {PAGER_ACTIONS, UI_NONE};

static void rules_open(struct ui_view *view, void *argument)
{
    struct pager *pager = view->state;
    size_t count;
    const struct csi_rule *rules = csi_rules(&count);
    (void)argument;
    for (size_t i = 0; i < count; i++) {
        const struct csi_rule *rule = &rules[i];
        pager_printf(pager, explanation_role(rule->severity), "%s (%s)", rule->name,
                     _(csi_severity_name(rule->severity)));
        pager_say(pager, UI_ROLE_TITLE, "  %s", _(rule->title));
        pager_say(pager, UI_ROLE_TEXT, "  %s", _(rule->explanation));
        pager_say(pager, UI_ROLE_DIM, "  %s", _(rule->consequence));
        pager_add(pager, UI_ROLE_TEXT, "");
    }
}

static void rules_heading(const struct ui_view *view, char *out, size_t size)
{
    snprintf(out, size, "%s", _(view->ops->title));
}

const struct ui_view_ops view_rules = {.name = "rules",
                                       .title = N_("What the findings mean"),
                                       .state_size = sizeof(struct pager),
                                       .actions = actions,
                                       .open = rules_open,
                                       .draw = pager_view_draw,
                                       .heading = rules_heading,
                                       .act = pager_view_act,
                                       .type = pager_view_type,
                                       .typing = pager_view_typing,
                                       .wheel = pager_view_wheel,
                                       .close = pager_view_close};
