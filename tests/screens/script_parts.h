#ifndef SCREENS_SCRIPT_PARTS_H
#define SCREENS_SCRIPT_PARTS_H

#include <regex.h>
#include <stdint.h>

#include "emulator.h"
#include "place.h"

/* A script as its steps see it. */
enum { MASK_LIMIT = 32, TEXT_LIMIT = 1 << 20 };

struct mask {
    regex_t pattern;
    char *replacement;
    bool right; /* it takes the columns of what it replaces, at their right end */
};

struct script {
    const char *path;
    char *base; /* path without .screen: the expected screens' names begin with it */
    bool update;
    bool ascii; /* nothing else may be on the screen */
    struct place place;
    struct emulator emulator;
    int columns, rows;
    struct mask masks[MASK_LIMIT];
    int mask_count;
    int line;
    char *test;    /* the running test's name; NULL: none */
    char *program; /* as it was run last */
    bool failed;
    int tests, failures;
    int64_t limit_ms;
};

typedef bool (*script_condition)(struct script *script, const void *argument);

__attribute__((format(printf, 2, 3))) void script_fail(struct script *script, const char *format,
                                                       ...);
/* Waits for a condition, never for a time; false at the limit. */
bool script_wait_until(struct script *script, script_condition holds, const void *argument);
bool script_is_there(struct script *script, const void *text);
/* `REGEX => TEXT`; right: in the columns of what it replaces, at their right end. */
void script_mask(struct script *script, const char *text, bool right);
/* The row with the masks' replacements; takes row over. */
char *script_mask_row(const struct script *script, char *row);
void script_keys(struct script *script, const char *text);
/* Waits until the whole screen is the expected one of that name, or writes it. */
void script_expect(struct script *script, const char *name);
/* COLUMNSxROWS; now: of the program that runs. */
void script_size(struct script *script, const char *text, bool now);

/* --- Steps that look at screens in other ways than by their text: looks.c -----------------------
 */
void looks_picture(struct script *script, const char *name);
void looks_sizes(struct script *script, const char *name);
void looks_matrix(struct script *script, const char *text);
/* What is wrong with the screen, whatever it shows, or NULL. A frame may be seen half drawn: what
 * is wrong must last. */
const char *looks_for_faults(struct script *script);
void looks_frugal(struct script *script, const char *text);
void looks_steady(struct script *script, const char *text);

/* --- The program's own key table: actions.c -----------------------------------------------------
 */
void actions_every(struct script *script, const char *text);

#endif
