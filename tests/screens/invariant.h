#ifndef SCREENS_INVARIANT_H
#define SCREENS_INVARIANT_H

#include "emulator.h"

/* What holds for every screen of the program, whatever it shows: the header says whose it is, the
 * footer is not empty, no byte is broken, the cursor is on the body, ASCII means ASCII. NULL, or
 * what does not hold. */
const char *invariant_broken(const struct emulator *emulator, bool ascii);

#endif
