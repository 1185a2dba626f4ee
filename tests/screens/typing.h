#ifndef SCREENS_TYPING_H
#define SCREENS_TYPING_H

#include "emulator.h"

/* Types text; <Enter>, <^L>, <lt> name keys. NULL, or where a name begins that is none. */
const char *typing_type(struct emulator *emulator, const char *text);
/* For each key that there is (but q, ^C and ^Z, which leave the program): types path, the key, and
 * Escape until the first view is back. */
void typing_every_key(struct emulator *emulator, const char *path);

/* The same for each key of each action in the program's own key table; check says what is wrong
 * with the screen then, or NULL. Returns the first complaint, or the action whose key cannot be
 * typed. */
const char *typing_every_action(struct emulator *emulator, const char *path,
                                const char *(*check)(void *context), void *context);
/* Escape, until the first view is back. */
void typing_back(struct emulator *emulator);

#endif
