#ifndef CLI_CHANGE_RUN_H
#define CLI_CHANGE_RUN_H

#include "change/session.h"
#include "cli/connect.h"

/* One change session as a command runs it: preview, confirmation, progress lines, verdict. */
struct cli_change_run {
    struct cli_connection *connection;
    struct change_session *session;
    bool quiet;   /* diff: no progress */
    bool undoing; /* undo: what it brings back may be broken */
    bool writing; /* the first request that writes is under way or done */
    bool no_wait;
    bool sure; /* needs no confirmation: nothing that is there changes */
    bool timed_out;
    struct loop_timer *timer;
    char *said; /* the last progress line */
};

extern const struct change_session_handler cli_change_handler; /* context: the run */

/* Waits for the preview of run->session; false with the reason, nothing is written then. */
bool cli_change_preview(struct cli_change_run *run, struct error *err);
/* Prints plan and diff; the exit code of `diff`. */
int cli_change_print(struct cli_change_run *run);
/* Prints, asks unless --yes, writes, waits; the exit code of `apply`. */
int cli_change_apply(struct cli_change_run *run, const struct cli_values *values,
                     int64_t timeout_ms, struct error *err);
/* Frees the session. */
void cli_change_end(struct cli_change_run *run);

#endif
