#ifndef UI_TERMINAL_H
#define UI_TERMINAL_H

#include <stdbool.h>
#include <stddef.h>

#include "base/error.h"
#include "base/loop.h"

/*
 * The terminal: taken with terminal_open(), given back on every way out (end, error, signal, crash,
 * suspension). While it is taken nothing but the UI writes to it: standard error goes to the log.
 */
enum { TERMINAL_MIN_COLUMNS = 60, TERMINAL_MIN_ROWS = 15 };

/* Codes above curses' own keys. */
enum terminal_key {
    TERMINAL_KEY_PASTE_BEGIN = 0x7000,
    TERMINAL_KEY_PASTE_END,
    TERMINAL_KEY_FOCUS_IN,
    TERMINAL_KEY_FOCUS_OUT,
};

struct terminal_handler {
    void (*on_key)(void *context, int key, bool is_code); /* a curses code, else a character */
    void (*on_mouse)(void *context, int row, int column, unsigned long buttons);
    void (*on_resize)(void *context);
    void (*on_resume)(void *context);          /* after ^Z and fg */
    void (*on_end)(void *context, int signal); /* SIGTERM, SIGHUP, or the terminal is gone */
    void (*on_input_done)(void *context);      /* no more keys are waiting: draw now */
};

bool terminal_open(struct loop *loop, bool mouse, const struct terminal_handler *handler,
                   void *context, struct error *err);
/* Gives it back; a second call does nothing. */
void terminal_close(void);
/* ^Z: gives the terminal back, stops the process, takes it again. */
void terminal_suspend(void);
/* For a program that needs the terminal itself (an exec plugin): the same without stopping. */
void terminal_release(void);
void terminal_retake(void);
/* False while someone else has it: nothing may be drawn. */
bool terminal_is_taken(void);

int terminal_rows(void);
int terminal_columns(void);
/* Signal-safe: for crash handlers and the out-of-memory hook. */
void terminal_emergency_restore(void);

#endif
