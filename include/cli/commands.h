#ifndef CLI_COMMANDS_H
#define CLI_COMMANDS_H

#include "cli/options.h"

/* The commands' functions: each takes the parsed values and returns the exit code. */
int cli_run_status(const struct cli_values *values);
/* --plain: the session and setup as lines and prompts, the monitor as lines. */
int cli_run_plain(const struct cli_values *values);
int cli_run_plain_monitor(const struct cli_values *values);
int cli_run_diff(const struct cli_values *values);
int cli_run_apply(const struct cli_values *values);
int cli_run_undo(const struct cli_values *values);
int cli_run_resume(const struct cli_values *values);
int cli_run_leave(const struct cli_values *values);
int cli_run_history(const struct cli_values *values);
int cli_run_completion(const struct cli_values *values);
int cli_run_explain(const struct cli_values *values);
int cli_run_secret_list(const struct cli_values *values);
int cli_run_secret_create(const struct cli_values *values);
int cli_run_secret_verify(const struct cli_values *values);
int cli_run_secret_rotate(const struct cli_values *values);
int cli_run_secret_copy(const struct cli_values *values);

#endif
