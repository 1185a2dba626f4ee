/* What the keys do, from the table that dispatches them. */
#include <stdio.h>
#include <string.h>

#include "base/language.h"
#include "ui/pager.h"
#include "ui/views.h"

enum { NARROW = 76 };

struct help {
    struct pager pager; /* first: the pager's own functions scroll it */
    int width;          /* of the canvas that it was written for */
};

static const enum ui_action actions[] = {PAGER_ACTIONS, UI_NONE};

/* "1 2 3 4 5 6": the ways out have a key each and one row together. */
static bool is_next_way(enum ui_action action)
{
    return action > UI_FIX_1 && action <= UI_FIX_6;
}

static void add_action(struct pager *pager, const struct ui_model *model, enum ui_action action,
                       bool narrow)
{
    const struct ui_action_info *info = &ui_actions[action];
    bool off = info->writes && model->read_only;
    bool ways = action == UI_FIX_1;
    const char *help = ways ? _("the first way out, ... the sixth") : _(info->help);
    char keys[128];
    snprintf(keys, sizeof(keys), "%s%s%s", keys_of(action), ways ? " ... " : "",
             ways ? keys_of(UI_FIX_6) : "");
    if (narrow) {
        pager_printf(pager, off ? UI_ROLE_DISABLED : UI_ROLE_TEXT, "  %-13s %s", keys, help);
    } else {
        pager_printf(pager, off ? UI_ROLE_DISABLED : UI_ROLE_TEXT, "  %-14s %-14s %s%s", keys,
                     info->name, help, off ? _(" (read-only: off)") : "");
    }
    pager_lead(pager, 2 + strlen(keys), off ? UI_ROLE_DISABLED : UI_ROLE_KEY);
}

static void add_actions(struct pager *pager, const struct ui_model *model,
                        const enum ui_action *offered, bool narrow)
{
    for (size_t i = 0; offered[i] != UI_NONE; i++) {
        if (!is_next_way(offered[i])) {
            add_action(pager, model, offered[i], narrow);
        }
    }
}

/* Made for a width: a narrow screen leaves the actions' names out. */
static void write_help(struct ui_view *view)
{
    struct help *state = view->state;
    struct pager *pager = &state->pager;
    const struct ui_view *of = view->below;
    const struct ui_model *model = ui_model(view);
    bool narrow = state->width < NARROW;
    pager_clear(pager);
    pager_printf(pager, UI_ROLE_TITLE, "%s", _(of->ops->title));
    add_actions(pager, model, of->ops->actions, narrow);
    pager_add(pager, UI_ROLE_TEXT, "");
    pager_add(pager, UI_ROLE_TITLE, _("Everywhere"));
    add_actions(pager, model, keys_everywhere, narrow);
    pager_add(pager, UI_ROLE_TEXT, "");
    pager_add(pager, UI_ROLE_TITLE, _("Filters (the words must all hold; ! in front excludes)"));
    pager_add(pager, UI_ROLE_TEXT,
              _("  text  !text  ~regex  state:missing  node:worker-1  node:=worker-1"));
    pager_add(pager, UI_ROLE_TEXT,
              _("  driver:upcloud  ns:kube-system  secret:regcred  pull:failing"));
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

static void help_draw(struct ui_view *view, struct ui_canvas *canvas)
{
    struct help *state = view->state;
    if (state->width != canvas->columns) {
        state->width = canvas->columns;
        write_help(view);
    }
    pager_draw(&state->pager, canvas);
}

static bool help_act(struct ui_view *view, enum ui_action action)
{
    if (action == UI_HELP) {
        ui_pop(view->app);
        return true;
    }
    return pager_view_act(view, action);
}

const struct ui_view_ops view_help = {.name = "help",
                                      .title = N_("Help"),
                                      .state_size = sizeof(struct help),
                                      .actions = actions,
                                      .draw = help_draw,
                                      .act = help_act,
                                      .type = pager_view_type,
                                      .typing = pager_view_typing,
                                      .wheel = pager_view_wheel,
                                      .close = pager_view_close};
