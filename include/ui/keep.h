#ifndef UI_KEEP_H
#define UI_KEEP_H

#include <stdint.h>

struct ui_app;

/* What the monitor keeps across sessions: the warnings of each hour of the last day, in
 * $XDG_STATE_HOME/pullmend/monitor.json. Trouble with the file is told in one line, and the monitor
 * goes on without it. */
struct ui_keep {
    char *path; /* NULL: nothing is kept */
    char *key;  /* which cluster, namespace and drivers */
    int64_t kept_ms;
};

/* Takes up what was kept; the census is there already. */
void ui_keep_open(struct ui_app *app);
/* Once in a while, as the clock goes on. */
void ui_keep_tick(struct ui_app *app, int64_t now_ms);
/* Writes it for the last time. */
void ui_keep_close(struct ui_app *app);

#endif
