#ifndef SCREENS_TYPING_H
#define SCREENS_TYPING_H

#include "emulator.h"

/* Types text; <Enter>, <^L>, <lt> name keys. NULL, or where a name begins that is none. */
const char *typing_type(struct emulator *emulator, const char *text);
/* For each key that there is (but q, ^C and ^Z, which leave the program): types path, the key, and
 * Escape until the first view is back. */
void typing_every_key(struct emulator *emulator, const char *path);

/* A key by its name, here or in the program's key table; a single character is itself. False if it
 * is none. */
bool typing_press(struct emulator *emulator, const char *name);
/* Escape, until the first view is back. */
void typing_back(struct emulator *emulator);

#endif
