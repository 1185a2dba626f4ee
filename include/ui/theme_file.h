#ifndef UI_THEME_FILE_H
#define UI_THEME_FILE_H

#include "base/buffer.h"
#include "base/error.h"
#include "doc/yaml.h"
#include "ui/color.h"
#include "ui/theme.h"

/* What one role says: "FOREGROUND on BACKGROUND ATTRIBUTE...", every part optional. */
struct theme_look {
    struct color foreground;
    struct color background;
    unsigned long attributes; /* curses' */
    int line;                 /* of the file; 0: not from a file */
};

/* Attributes alone: what each role looks like without colours. */
void theme_fallback_looks(struct theme_look looks[UI_ROLE_COUNT]);
/* palette may be NULL. False with the word that is neither a colour nor an attribute. */
bool theme_read_look(const char *text, const struct doc_node *palette, struct theme_look *look,
                     char bad[64]);
/* Replaces the looks of the roles that the file names. ERROR_CONFIG with file:line:column. */
bool theme_read_file(const char *path, struct theme_look looks[UI_ROLE_COUNT], struct error *err);
/* Appends a line "FILE:LINE: role: ..." for each role that is hard to read; returns how many. Only
 * colours given as #rrggbb or by number can be judged. */
size_t theme_low_contrasts(const char *path, const struct theme_look looks[UI_ROLE_COUNT],
                           struct buffer *out);

#endif
