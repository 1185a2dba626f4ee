/* What the keys do, from the table that dispatches them. */
#include <stdio.h>

#include "base/language.h"
#include "ui/pager.h"
#include "ui/views.h"

static const enum ui_action actions[] = {PAGER_ACTIONS, UI_NONE};

static void add_action(struct pager *pager, const struct ui_model *model, enum ui_action action)
{
    const struct ui_action_info *info = &ui_actions[action];
    bool off = info->writes && model->read_only;
    pager_printf(pager, off ? UI_ROLE_DISABLED : UI_ROLE_TEXT, "  %-14s %-14s %s%s",
                 keys_of(action), info->name, _(info->help), off ? _(" (read-only: off)") : "");
}

static void help_open(struct ui_view *view, void *argument)
{
    struct pager *pager = view->state;
    const struct ui_view *of = argument;
    const struct ui_model *model = ui_model(view);
    pager_printf(pager, UI_ROLE_TITLE, "%s", _(of->ops->title));
    for (size_t i = 0; of->ops->actions[i] != UI_NONE; i++) {
        add_action(pager, model, of->ops->actions[i]);
    }
    pager_add(pager, UI_ROLE_TEXT, "");
    pager_add(pager, UI_ROLE_TITLE, _("Everywhere"));
    for (size_t i = 0; keys_everywhere[i] != UI_NONE; i++) {
        add_action(pager, model, keys_everywhere[i]);
    }
    pager_add(pager, UI_ROLE_TEXT, "");
    pager_add(pager, UI_ROLE_TITLE, _("Filters (the words must all hold; ! in front excludes)"));
    pager_add(pager, UI_ROLE_TEXT,
              _("  text  state:missing  node:worker-1  driver:upcloud  "
                "ns:kube-system  pull:failing"));
    pager_add(pager, UI_ROLE_TEXT, "");
    pager_add(pager, UI_ROLE_TITLE, _("States of a pull secret, worst first"));
    static const char *const states[] = {
        N_("rejected    the registry refuses the credential"),
        N_("missing     the Secret does not exist in the pod's namespace"),
        N_("malformed   the kubelet cannot read its content"),
        N_("wrong-type  no registry Secret: the kubelet ignores it without a word"),
        N_("no-match    it has entries, but none for an image of the pod"),
        N_("empty-name  a list entry without a name"),
        N_("unknown     it may not be read with your rights"),
        N_("empty       a registry Secret without entries: pulls are anonymous on purpose"),
        N_("ok          it serves the pod's images"),
    };
    for (size_t i = 0; i < sizeof(states) / sizeof(states[0]); i++) {
        pager_printf(pager, UI_ROLE_TEXT, "  %s", _(states[i]));
    }
}

static bool help_act(struct ui_view *view, enum ui_action action)
{
    if (action == UI_HELP) {
        ui_pop(view->app);
        return true;
    }
    return pager_act(view->state, action);
}

const struct ui_view_ops view_help = {.name = "help",
                                      .title = N_("Help"),
                                      .state_size = sizeof(struct pager),
                                      .actions = actions,
                                      .open = help_open,
                                      .draw = pager_view_draw,
                                      .act = help_act,
                                      .type = pager_view_type,
                                      .typing = pager_view_typing,
                                      .wheel = pager_view_wheel,
                                      .close = pager_view_close};
