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
    bool warned; /* that pods do not come up */
    struct loop_timer *timer;
    char *said; /* the last progress line */
};

/* What the flags say: exactly one CHANGE, with its credential. NULL with the reason. */
struct change_intent *cli_change_intent(struct cli_connection *connection,
                                        const struct cli_values *values, struct error *err);
/* True if a flag names a change. */
bool cli_change_is_given(const struct cli_values *values);

extern const struct change_session_handler cli_change_handler; /* context: the run */

/*
 * For commands that change something, once they are connected: an earlier change of this cluster
 * that was interrupted is told of, and where a person can be asked and `ask` is set, offered to be
 * finished, taken back or left. True: go on with what was asked for; false: *code is the exit code.
 */
bool cli_change_offer_interrupted(struct cli_connection *connection,
                                  const struct cli_values *values, bool ask, int *code);

/* Waits for the preview of run->session; false with the reason, nothing is written then. */
bool cli_change_preview(struct cli_change_run *run, struct error *err);
/* What `diff` prints on standard output. */
enum cli_change_format {
    CLI_CHANGE_DIFF,
    CLI_CHANGE_YAML,
    CLI_CHANGE_PATCH,
    CLI_CHANGE_COMMANDS,
};
/* Of -o; ERROR_USAGE where there is no such format. */
bool cli_change_read_format(const struct cli_values *values, enum cli_change_format *format,
                            struct error *err);
/* Prints the plan, and the change in that format; the exit code of `diff`. A diff is left to the
 * program of KUBECTL_EXTERNAL_DIFF where that is set. */
int cli_change_print(struct cli_change_run *run, enum cli_change_format format);
/* Costs, objects, owners and warnings: on standard error, so that output holds the diff alone. */
/* What it costs, a sentence a line, on standard error. */
void cli_change_print_costs(const struct cli_change_run *run);
void cli_change_print_plan(const struct cli_change_run *run);
/* Each line of a text on standard error, made safe, with that before it. */
void cli_change_print_lines(const char *before, const char *lines);
void cli_change_print_question(const struct change_question *question);
/* Differences that come from elsewhere: shown apart, on standard error, and not sent. */
void cli_change_print_left_out(const struct cli_change_run *run);
void cli_change_print_diff(const struct cli_change_run *run);
/* Prints, asks unless --yes, writes, waits; the exit code of `apply`. */
int cli_change_apply(struct cli_change_run *run, const struct cli_values *values,
                     int64_t timeout_ms, struct error *err);
/* Frees the session. */
void cli_change_end(struct cli_change_run *run);

#endif
