#ifndef CLI_PROMPT_H
#define CLI_PROMPT_H

#include <stdbool.h>

#include "base/buffer.h"
#include "base/loop.h"

/* True if a person can be asked: standard input and standard error are a terminal. */
bool cli_can_ask(void);

/*
 * Asks on standard error and reads one line from standard input into answer (without the newline),
 * while the loop goes on. hidden: nothing is echoed; the terminal is as before afterwards, also
 * after ^C. False at end of file, ^C or a line over answer's limit. interrupted is what ^C calls
 * again afterwards (NULL: the default).
 */
bool cli_ask(struct loop *loop, const char *question, bool hidden, struct buffer *answer,
             void (*interrupted)(void *context, int signal), void *interrupted_context);

#endif
