#ifndef UI_KEYS_H
#define UI_KEYS_H

#include <stdbool.h>
#include <stddef.h>

#include "base/error.h"
#include "doc/yaml.h"

/*
 * One key table: it dispatches, draws the footer and the help, feeds the palette and the manual
 * page. X(ID, name, default keys, footer label, writes, help). Keys are separated by blanks.
 */
#define UI_ACTIONS(X)                                                                              \
    X(UP, "up", "Up k", "", false, "one row up")                                                   \
    X(DOWN, "down", "Down j", "", false, "one row down")                                           \
    X(LEFT, "left", "Left h", "", false, "fold, or to the left")                                   \
    X(RIGHT, "right", "Right l", "", false, "unfold, or to the right")                             \
    X(PAGE_UP, "page-up", "PageUp ^B", "", false, "one page up")                                   \
    X(PAGE_DOWN, "page-down", "PageDown ^F", "", false, "one page down")                           \
    X(TOP, "top", "g Home", "", false, "to the first row")                                         \
    X(BOTTOM, "bottom", "G End", "", false, "to the last row")                                     \
    X(OPEN, "open", "Enter", "open", false, "open what is selected")                               \
    X(FOLD, "fold", "Space", "", false, "fold or unfold")                                          \
    X(NEXT_PANE, "next-pane", "Tab", "", false, "to the next pane or field")                       \
    X(PREVIOUS_PANE, "previous-pane", "BackTab", "", false, "to the previous pane or field")       \
    X(FIX, "fix", "f", "fix", true, "ways to mend what is selected")                               \
    X(FIX_1, "fix-1", "1", "", true, "the first way")                                              \
    X(FIX_2, "fix-2", "2", "", true, "the second way")                                             \
    X(FIX_3, "fix-3", "3", "", true, "the third way")                                              \
    X(FIX_4, "fix-4", "4", "", true, "the fourth way")                                             \
    X(FIX_5, "fix-5", "5", "", true, "the fifth way")                                              \
    X(FIX_6, "fix-6", "6", "", true, "the sixth way")                                              \
    X(SECRETS, "secrets", "s", "secrets", false, "registry Secrets")                               \
    X(NEW, "new", "n", "new", true, "make a registry Secret")                                      \
    X(COPY, "copy", "c", "copy", true, "copy it here")                                             \
    X(ROTATE, "rotate", "r", "rotate", true, "give it a new credential")                           \
    X(VERIFY, "verify", "v", "verify", false, "ask the registries")                                \
    X(YAML, "yaml", "y", "yaml", false, "the object as YAML")                                      \
    X(EVENTS, "events", "e", "events", false, "its events")                                        \
    X(FILTER, "filter", "/", "filter", false, "show matching rows only")                           \
    X(SEARCH, "search", "/", "search", false, "find text below")                                   \
    X(NEXT_MATCH, "next-match", "n", "", false, "to the next place found")                         \
    X(PREVIOUS_MATCH, "previous-match", "N", "", false, "to the place found before")               \
    X(NEXT_FAULT, "next-fault", "b", "next fault", false, "to the next pod with a fault")          \
    X(PRESET, "preset", "p", "preset", false, "the next kept filter (presets: in config.yaml)")    \
    X(SORT, "sort", "o", "sort", false, "the next order")                                          \
    X(KUBESPRAY, "kubespray", "K", "kubespray", false, "the source in Kubespray")                  \
    X(SOURCE, "source", "e", "edit", false, "name checkout, inventory and pull secret")            \
    X(PULL_SECRETS_ONLY, "pull-secrets-only", "o", "only pull secrets", false,                     \
      "mend the pull secrets alone, or all that is wrong at the source")                           \
    X(UNDO, "undo", "u", "undo", true, "take back the last change")                                \
    X(RESUME, "resume", "r", "resume", true, "finish a change that was interrupted")               \
    X(LEAVE, "leave", "l", "leave", false, "leave an interrupted change as it is")                 \
    X(HISTORY, "history", "H", "history", false, "what was changed")                               \
    X(APPLY, "apply", "a", "apply", true, "apply what is previewed")                               \
    X(SIDE_BY_SIDE, "side-by-side", "c", "side by side", false, "old and new beside each other")   \
    X(WHOLE, "whole", "w", "whole object", false, "the whole object, not only the change")         \
    X(EXPORT, "export", "x", "export", false, "write it to a file")                                \
    X(COMMANDS, "commands", "k", "as kubectl", false, "the same as kubectl commands")              \
    X(TEST, "test", "^T", "test", false, "ask the registries with this credential")                \
    X(PROPOSE, "propose", "^N", "propose", false, "put the next proposal into the field")          \
    X(ADD, "add", "^O", "one more", false, "one more registry into the same Secret")               \
    X(DROP, "drop", "^D", "", false, "take an entry out of the list")                              \
    X(SUBMIT, "submit", "^S", "go on", false, "go on with what the form says")                     \
    X(GO_ON, "go-on", "Enter Right l", "go on", false, "to the next step")                         \
    X(GO_BACK, "go-back", "Left h Backspace", "step back", false, "to the step before")            \
    X(TICK, "tick", "Space", "take or leave", false, "take it or leave it")                        \
    X(SKIP, "skip", "0", "", false, "leave it as it is, and go on")                                \
    X(SETUP, "setup", "i", "guide", false, "the guided setup, step by step")                       \
    X(RIGHTS, "rights", "w", "rights", false, "what to ask your administrator for")                \
    X(STOP, "stop", "S", "stop", true, "stop after the object under way, or stop waiting")         \
    X(PAUSE, "pause", "p", "hold", true, "hold the rollout where it is, or let it go on")          \
    X(CONTEXTS, "contexts", "C", "contexts", false, "switch the cluster")                          \
    X(RULES, "rules", "R", "rules", false, "what the findings mean")                               \
    X(LOG, "log", "L", "log", false, "messages of this program")                                   \
    X(THEMES, "themes", "T", "themes", false, "colours")                                           \
    X(PALETTE, "palette", ":", "", false, "run an action by its name")                             \
    X(HELP, "help", "? F1", "help", false, "what the keys do")                                     \
    X(BACK, "back", "Escape", "back", false, "back to where you came from")                        \
    X(QUIT, "quit", "q ^C", "quit", false, "leave this view, or the program")                      \
    X(REDRAW, "redraw", "^L", "", false, "draw everything anew")                                   \
    X(SUSPEND, "suspend", "^Z", "", false, "stop; `fg` goes on")

enum ui_action {
    UI_NONE,
#define X(id, name, keys, label, writes, help) UI_##id,
    UI_ACTIONS(X)
#undef X
        UI_ACTION_COUNT
};

struct ui_action_info {
    const char *name;
    const char *keys;
    const char *label;
    bool writes;
    const char *help;
};
/* index: enum ui_action; the entry of UI_NONE is empty. */
extern const struct ui_action_info ui_actions[UI_ACTION_COUNT];

/* The action of a key among those that a view offers (a UI_NONE-terminated list), then among those
 * that every view has; UI_NONE. */
enum ui_action keys_action(const enum ui_action *offered, int key, bool is_code);
/* How a key of the action is shown: "Enter", "^L", "f". */
const char *keys_name(enum ui_action action);
/* Every key of the action, as in the configuration. */
const char *keys_of(enum ui_action action);
/* Binds other keys (configuration): keys as in the table. ERROR_CONFIG. */
bool keys_bind(const char *action, const char *keys, struct error *err);
enum ui_action keys_action_by_name(const char *name);
/* Takes the map `keys:` of a configuration file ("open: Enter o"); NULL is fine. ERROR_CONFIG with
 * file:line:column. */
bool keys_bind_map(const char *path, const struct doc_node *map, struct error *err);
/* Actions that every view has. */
extern const enum ui_action keys_everywhere[];

#endif
