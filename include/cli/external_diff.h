#ifndef CLI_EXTERNAL_DIFF_H
#define CLI_EXTERNAL_DIFF_H

#include "cli/change_run.h"

/* KUBECTL_EXTERNAL_DIFF, as kubectl reads it: a program and its flags, parted by blanks. NULL where
 * it is not set or empty. */
const char *cli_external_diff(void);

/*
 * Lets that program compare two folders with a file an object, as kubectl does, and returns the
 * exit code of `diff`: 0 or 1 as the program says, its own where it failed. The files hold what the
 * preview shows: Secret values are masked. They stand in a folder of mode 0700 that is gone
 * afterwards, also after ^C.
 */
int cli_run_external_diff(struct cli_change_run *run);

#endif
