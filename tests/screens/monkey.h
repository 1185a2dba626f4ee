#ifndef SCREENS_MONKEY_H
#define SCREENS_MONKEY_H

#include "emulator.h"

/* Sends count random keys, clicks, wheel turns, pastes and resizes, the same ones for the same
 * seed. Returns how many were sent before the program ended. It never leaves the program on
 * purpose: the keys that do so are left out. */
int monkey_play(struct emulator *emulator, unsigned seed, int count);

#endif
