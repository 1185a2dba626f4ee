#ifndef UI_THEME_H
#define UI_THEME_H

#include <stdbool.h>

#include "base/error.h"

/* What a piece of text is, not how it looks: themes say that. X(ID, name, fallback attributes) */
#define UI_ROLES(X)                                                                                \
    X(TEXT, "text", "")                                                                            \
    X(DIM, "dim", "dim")                                                                           \
    X(TITLE, "title", "bold")                                                                      \
    X(HEADER, "header", "reverse")                                                                 \
    X(COLUMNS, "columns", "bold")                                                                  \
    X(SELECTED, "selected", "reverse")                                                             \
    X(GOOD, "good", "")                                                                            \
    X(WARNING, "warning", "bold")                                                                  \
    X(BAD, "bad", "bold")                                                                          \
    X(INFO, "info", "")                                                                            \
    X(KEY, "key", "bold")                                                                          \
    X(LABEL, "label", "")                                                                          \
    X(DISABLED, "disabled", "dim")                                                                 \
    X(BORDER, "border", "")                                                                        \
    X(ADDED, "added", "bold")                                                                      \
    X(REMOVED, "removed", "underline")                                                             \
    X(INPUT, "input", "underline")                                                                 \
    X(MATCH, "match", "reverse")                                                                   \
    X(DANGER, "danger", "bold reverse")

enum ui_role {
#define X(id, name, attributes) UI_ROLE_##id,
    UI_ROLES(X)
#undef X
        UI_ROLE_COUNT
};

/* After terminal_open(). name: a shipped theme, one of $XDG_CONFIG_HOME/pullmend/themes, or a file;
 * NULL: "default". no_color: attributes only. ERROR_CONFIG with file:line:column. */
bool theme_load(const char *name, bool no_color, struct error *err);
/* curses attributes of a role, as attron() takes them. */
unsigned long theme_attributes(enum ui_role role);
const char *theme_name(void);
/* The shipped and the user's themes by name, NULL-terminated; free each and the array. */
char **theme_list(void);

#endif
