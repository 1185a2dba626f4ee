#ifndef SCREENS_SHELL_H
#define SCREENS_SHELL_H

#include <stdbool.h>
#include <stdint.h>

#include "emulator.h"
#include "place.h"

/* Runs command in the place's folder and environment and waits for its end, while the program on
 * the terminal runs on. What it says is in $WORK/shell.log. False if it fails or takes too long. */
bool shell_run(const struct place *place, struct emulator *emulator, const char *command,
               int64_t limit_ms);
/* Kills what the commands left running, by the process ids that they wrote to $WORK/pids. */
void shell_end(const struct place *place);

#endif
