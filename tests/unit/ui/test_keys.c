#include <curses.h>
#include <stdio.h>
#include <string.h>

#include "runner.h"
#include "ui/views.h"

static const struct ui_view_ops *const views[] = {
    &view_overview, &view_pod,     &view_fix,     &view_form,   &view_preview, &view_rollout,
    &view_undo,     &view_secrets, &view_monitor, &view_help,   &view_palette, &view_log,
    &view_contexts, &view_history, &view_setup,   &view_rights, &view_yaml,    &view_events,
    &view_themes,   &view_rules,   &view_verify,  &view_start};

enum { VIEW_COUNT = sizeof(views) / sizeof(views[0]) };

/* The words of an action's keys, one after another. */
static size_t next_word(const char **text, char out[32])
{
    *text += strspn(*text, " ");
    size_t length = strcspn(*text, " ");
    snprintf(out, 32, "%.*s", (int)length, *text);
    *text += length;
    return length;
}

START_TEST(every_action_has_keys_that_can_be_bound_and_a_help_text)
{
    for (int action = UI_NONE + 1; action < UI_ACTION_COUNT; action++) {
        const struct ui_action_info *info = &ui_actions[action];
        struct error err = ERROR_INIT;
        ck_assert_msg(info->help[0] != '\0', "%s has no help", info->name);
        ck_assert_msg(keys_bind(info->name, info->keys, &err), "%s", err.message);
        ck_assert_int_eq((int)keys_action_by_name(info->name), action);
    }
}
END_TEST

START_TEST(no_view_offers_one_key_for_two_actions)
{
    for (size_t i = 0; i < VIEW_COUNT; i++) {
        const enum ui_action *actions = views[i]->actions;
        for (size_t j = 0; actions[j] != UI_NONE; j++) {
            const char *keys = keys_of(actions[j]);
            char word[32];
            while (next_word(&keys, word) > 0) {
                for (size_t k = 0; actions[k] != UI_NONE; k++) {
                    const char *others = keys_of(actions[k]);
                    char other[32];
                    while (k != j && next_word(&others, other) > 0) {
                        ck_assert_msg(strcmp(word, other) != 0, "%s: %s is %s and %s",
                                      views[i]->name, word, ui_actions[actions[j]].name,
                                      ui_actions[actions[k]].name);
                    }
                }
            }
        }
    }
}
END_TEST

START_TEST(every_view_can_be_left_asked_about_and_redrawn)
{
    static const enum ui_action wanted[] = {UI_BACK, UI_QUIT, UI_HELP, UI_REDRAW, UI_SUSPEND};
    for (size_t i = 0; i < VIEW_COUNT; i++) {
        ck_assert_int_eq((int)keys_action(views[i]->actions, 27, false), UI_BACK);
        ck_assert_int_eq((int)keys_action(views[i]->actions, KEY_F(1), true), UI_HELP);
        ck_assert_int_eq((int)keys_action(views[i]->actions, 3, false), UI_QUIT);
        ck_assert(views[i]->draw != NULL);
        ck_assert(views[i]->title[0] != '\0');
    }
    for (size_t i = 0; i < sizeof(wanted) / sizeof(wanted[0]); i++) {
        bool found = false;
        for (size_t j = 0; keys_everywhere[j] != UI_NONE; j++) {
            found = found || keys_everywhere[j] == wanted[i];
        }
        ck_assert(found);
    }
}
END_TEST

START_TEST(the_monitor_offers_no_key_that_writes)
{
    for (size_t i = 0; view_monitor.actions[i] != UI_NONE; i++) {
        ck_assert(!ui_actions[view_monitor.actions[i]].writes);
    }
    for (size_t i = 0; keys_everywhere[i] != UI_NONE; i++) {
        ck_assert(!ui_actions[keys_everywhere[i]].writes);
    }
}
END_TEST

START_TEST(a_binding_takes_a_key_away_and_mistakes_are_told)
{
    struct error err = ERROR_INIT;
    static const enum ui_action offered[] = {UI_FIX, UI_SECRETS, UI_NONE};
    ck_assert_int_eq((int)keys_action(offered, 's', false), UI_SECRETS);
    ck_assert(keys_bind("fix", "s F5", &err));
    ck_assert_int_eq((int)keys_action(offered, 's', false), UI_FIX);
    ck_assert_int_eq((int)keys_action(offered, KEY_F(5), true), UI_FIX);
    ck_assert_int_eq((int)keys_action(offered, 'f', false), UI_NONE);
    ck_assert(keys_bind("fix", "f", &err));
    ck_assert(!keys_bind("fxi", "f", &err));
    ck_assert_ptr_nonnull(strstr(err.message, "fxi: no such action"));
    ck_assert(!keys_bind("fix", "Hyper", &err));
    ck_assert_ptr_nonnull(strstr(err.message, "Hyper is no key"));
}
END_TEST

Suite *suite_keys(void);

Suite *suite_keys(void)
{
    const TTest *const tests[] = {every_action_has_keys_that_can_be_bound_and_a_help_text,
                                  no_view_offers_one_key_for_two_actions,
                                  every_view_can_be_left_asked_about_and_redrawn,
                                  the_monitor_offers_no_key_that_writes,
                                  a_binding_takes_a_key_away_and_mistakes_are_told,
                                  NULL};
    return suite_of("keys", tests);
}
