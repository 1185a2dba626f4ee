#ifndef SCREENS_EMULATOR_H
#define SCREENS_EMULATOR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>
#include <termios.h>
#include <vterm.h>

/* A terminal of given size around a program on a real pseudo-terminal. */
struct emulator {
    VTerm *vterm;
    VTermScreen *screen;
    int master;
    int slave; /* kept open, so that the settings can be looked at after the program's end */
    pid_t pid;
    struct termios before;
    int rows, columns;
    bool alternate;
    bool cursor_visible;
    int mouse;
    bool running;
    size_t received;   /* bytes that the program has written */
    unsigned cleared;  /* how often it began a screen anew */
    unsigned clearing; /* bytes of the sequence for that seen so far */
    int status;        /* as waitpid() gives it, once it does not run */
    bool echoed;       /* the emulator itself had something to say */
};

enum { EMULATOR_ROW_SIZE = 4096 };

/* Runs argv in folder; argv and environment are NULL-terminated. Ends the test program where there
 * is no terminal. */
void emulator_start(struct emulator *emulator, int columns, int rows, const char *folder,
                    char *const *argv, char *const *environment);
/* Kills what still runs and frees everything. */
void emulator_stop(struct emulator *emulator);
/* Takes what the program writes for at most wait_ms, less once something came. */
bool emulator_pump(struct emulator *emulator, int wait_ms);
/* Asks for the screen anew (^L) and takes all of it: what was typed before has been answered then.
 * There must be no earlier ^L on its way. False at the limit. */
bool emulator_redraw(struct emulator *emulator, int64_t limit_ms);
/* One row as UTF-8 without trailing blanks. */
void emulator_row(const struct emulator *emulator, int row, char out[EMULATOR_ROW_SIZE]);
void emulator_resize(struct emulator *emulator, int columns, int rows);
void emulator_character(struct emulator *emulator, unsigned character, bool control);
/* "Enter", "Up", "F1"...; false if it is no such key. */
bool emulator_named_key(struct emulator *emulator, const char *name);
void emulator_paste(struct emulator *emulator, const char *text);
/* button: 1 left, 4 wheel up, 5 wheel down. */
void emulator_click(struct emulator *emulator, int row, int column, int button);
/* "TERM", "HUP"...; false if it is none that is known. */
bool emulator_signal(struct emulator *emulator, const char *name);
/* Hangs up. */
void emulator_hang_up(struct emulator *emulator);
bool emulator_has_colors(const struct emulator *emulator);
/* NULL if the terminal is as it was before the program; otherwise what is not. */
const char *emulator_leftover(struct emulator *emulator);
void emulator_cursor(const struct emulator *emulator, int *row, int *column);

#endif
