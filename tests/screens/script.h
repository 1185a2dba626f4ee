#ifndef SCREENS_SCRIPT_H
#define SCREENS_SCRIPT_H

#include <stdbool.h>

/* Runs a script's text; path names it in messages and finds its expected screens. Returns the exit
 * code: 0 if every test passed. */
int script_run(const char *path, const char *text, bool update);
/* A whole file; NULL if it cannot be read. free() it. */
char *script_read(const char *path);

#endif
