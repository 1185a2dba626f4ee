#ifndef CLI_COMMAND_H
#define CLI_COMMAND_H

#include <stdio.h>

#include "cli/options.h"

/* Exit codes of the program (CLI contract). */
enum cli_exit {
    CLI_EXIT_OK = 0,
    CLI_EXIT_FINDINGS = 1,
    CLI_EXIT_USAGE = 2,
    CLI_EXIT_CLUSTER = 3,
    CLI_EXIT_REFUSED = 4,
    CLI_EXIT_PARTIAL = 5,
    CLI_EXIT_INTERRUPTED = 130,
};

enum cli_screen { CLI_SCREEN_NONE, CLI_SCREEN_SESSION, CLI_SCREEN_SETUP, CLI_SCREEN_MONITOR };

struct cli_command {
    const char *name;    /* "status"; "" for pullmend alone */
    const char *parent;  /* "secret" for `secret list`; NULL */
    const char *summary; /* one line */
    const char *usage;   /* what stands behind the name: "CHANGE [flags]" */
    const char *details; /* sentences for --help; NULL */
    unsigned groups;
    size_t arguments;                            /* how many words besides flags it takes at most */
    enum cli_screen screen;                      /* a full-screen command */
    int (*run)(const struct cli_values *values); /* exit code; NULL for full-screen ones */
};

extern const struct cli_command cli_commands[];
extern const size_t cli_command_count;

/* The command that the words name, wherever it stands among the flags; its words are taken out of
 * argv. NULL with ERROR_USAGE. */
const struct cli_command *cli_command_find(int *argc, char **argv, struct error *err);
/* --help of one command (NULL: of the program); fits a screen of 80 columns. */
void cli_print_help(FILE *out, const struct cli_command *command);
/* The flags of the connection: `pullmend help connection`. */
void cli_print_connection_help(FILE *out);
/* A part of the manual pages, for the build: mdoc-options, mdoc-commands, mdoc-rules. False if
 * there is no such part. */
bool cli_print_manual(const char *part);
void cli_print_version(FILE *out);

/* Prints "pullmend: MESSAGE" on standard error and returns the exit code of its kind. */
int cli_report(const struct error *err);

#endif
