#include "cli/commands.h"

#include <stdio.h>
#include <string.h>

#include "base/language.h"
#include "cli/command.h"
#include "cli/kubespray.h"

#define CHANGE_USAGE "CHANGE [FLAGS]"

const struct cli_command cli_commands[] = {
    {"", NULL, N_("troubleshooting session (full screen)"), "[FLAGS]", NULL,
     CLI_GROUP_CONNECTION | CLI_GROUP_KUBESPRAY | CLI_GROUP_SCREEN | CLI_GROUP_OUTPUT |
         CLI_GROUP_STATUS | CLI_GROUP_VERIFY,
     0, CLI_SCREEN_SESSION, NULL},
    {"setup", NULL, N_("guided first-time setup (full screen)"), "[CHANGE] [FLAGS]",
     N_("Cluster, driver, credential, preview, apply. --plain, or a CHANGE: in lines."),
     CLI_GROUP_CONNECTION | CLI_GROUP_KUBESPRAY | CLI_GROUP_SCREEN | CLI_GROUP_SETUP |
         CLI_GROUP_CREDENTIAL | CLI_GROUP_VERIFY | CLI_GROUP_CONFIRM,
     0, CLI_SCREEN_SETUP, NULL},
    {"monitor", NULL, N_("read-only monitoring view (full screen)"), "[FLAGS]", NULL,
     CLI_GROUP_CONNECTION | CLI_GROUP_SCREEN | CLI_GROUP_MONITOR, 0, CLI_SCREEN_MONITOR, NULL},
    {"status", NULL, N_("the same picture once, on standard output"), "[FLAGS]",
     N_("Exit code: 0 healthy, 1 findings from --fail-on up, 3 no cluster."),
     CLI_GROUP_CONNECTION | CLI_GROUP_OUTPUT | CLI_GROUP_STATUS, 0, CLI_SCREEN_NONE,
     cli_run_status},
    {"diff", NULL, N_("preview a change; writes nothing"),
     "CHANGE [-o yaml|patch|commands] [FLAGS]",
     N_("Exit code: 0 no difference, 1 differences, more for errors.\n"
        "KUBECTL_EXTERNAL_DIFF names a program to compare with, as for kubectl diff."),
     CLI_GROUP_CONNECTION | CLI_GROUP_CHANGE | CLI_GROUP_KUBESPRAY | CLI_GROUP_CREDENTIAL |
         CLI_GROUP_DIFF,
     0, CLI_SCREEN_NONE, cli_run_diff},
    {"apply", NULL, N_("preview, confirm, apply, wait for the rollout"), CHANGE_USAGE,
     N_("Exit code: 0 done, 2 not confirmed, 4 refused, 5 in part or not sound yet."),
     CLI_GROUP_CONNECTION | CLI_GROUP_CHANGE | CLI_GROUP_KUBESPRAY | CLI_GROUP_CREDENTIAL |
         CLI_GROUP_APPLY | CLI_GROUP_CONFIRM,
     0, CLI_SCREEN_NONE, cli_run_apply},
    {"kubespray", NULL, N_("Kubespray's templates: render, check, fix"), "COMMAND [FLAGS]", NULL, 0,
     0, CLI_SCREEN_NONE, cli_run_kubespray},
    {"render", "kubespray", N_("what Ansible would write, byte for byte"),
     "[TEMPLATE...] --kubespray DIR [FLAGS]",
     N_("Without templates: all of the driver's. Exit code 4: Ansible would refuse one."),
     CLI_GROUP_KUBESPRAY | CLI_GROUP_RENDER | CLI_GROUP_OUT, 9999, CLI_SCREEN_NONE,
     cli_run_kubespray_render},
    {"check", "kubespray", N_("hard-coded and broken pull secrets in the templates"),
     "--kubespray DIR [-o text|json|sarif] [FLAGS]",
     N_("Exit code: 0 clean, 1 findings (from --fail-on up, if given)."),
     CLI_GROUP_KUBESPRAY | CLI_GROUP_RENDER | CLI_GROUP_SECRET | CLI_GROUP_CHECK, 0,
     CLI_SCREEN_NONE, cli_run_kubespray_check},
    {"fix", "kubespray", N_("mend what check finds, at the source"),
     "--kubespray DIR [--set NAME] [FLAGS]",
     N_("Shows the change of the files; writes with --yes or after a confirmation.\n"
        "After it, check is clean."),
     CLI_GROUP_KUBESPRAY | CLI_GROUP_RENDER | CLI_GROUP_FIX | CLI_GROUP_CONFIRM, 0, CLI_SCREEN_NONE,
     cli_run_kubespray_fix},
    {"undo", NULL, N_("take back the last change, or the one named"), "[ID] [FLAGS]",
     N_("Previewed like any change; refused where somebody changed the object since."),
     CLI_GROUP_CONNECTION | CLI_GROUP_APPLY | CLI_GROUP_CONFIRM, 1, CLI_SCREEN_NONE, cli_run_undo},
    {"resume", NULL, N_("finish a change that was interrupted"), "[ID] [FLAGS]",
     N_("What is done already is left alone. Without ID: the last one of this cluster."),
     CLI_GROUP_CONNECTION | CLI_GROUP_APPLY | CLI_GROUP_CONFIRM, 1, CLI_SCREEN_NONE,
     cli_run_resume},
    {"leave", NULL, N_("leave an interrupted change as it is"), "[ID] [FLAGS]",
     N_("Writes nothing to the cluster; the change is not offered again."), CLI_GROUP_CONNECTION, 1,
     CLI_SCREEN_NONE, cli_run_leave},
    {"history", NULL, N_("what was applied from here, when, by whom, to what"), "[-o json|yaml]",
     NULL, CLI_GROUP_SECRET, 0, CLI_SCREEN_NONE, cli_run_history},
    {"secret", NULL, N_("registry Secrets: list, create, verify, copy, rotate"), "COMMAND [FLAGS]",
     NULL, CLI_GROUP_CONNECTION | CLI_GROUP_SECRET, 0, CLI_SCREEN_NONE, cli_run_secret_list},
    {"list", "secret", N_("what they hold, what they serve, who uses them"), "[FLAGS]",
     N_("Registry Secrets of the drivers' namespaces first. Values are never shown."),
     CLI_GROUP_CONNECTION | CLI_GROUP_SECRET, 0, CLI_SCREEN_NONE, cli_run_secret_list},
    {"verify", "secret", N_("what registries say to the Secrets that pods name"),
     "[[NS/]NAME...] [FLAGS]",
     N_("Or to Secrets or credentials that are given. Exit code: 1 refused."),
     CLI_GROUP_CONNECTION | CLI_GROUP_SECRET | CLI_GROUP_CREDENTIAL, 99, CLI_SCREEN_NONE,
     cli_run_secret_verify},
    {"create", "secret", N_("a new registry Secret, or entries put into one that is there"),
     "[NAME] [FLAGS]",
     N_("Without NAME: that of the broken reference. Asks before it changes anything."),
     CLI_GROUP_CONNECTION | CLI_GROUP_CREDENTIAL | CLI_GROUP_SECRET_WRITE |
         CLI_GROUP_SECRET_CREATE | CLI_GROUP_APPLY | CLI_GROUP_CONFIRM,
     1, CLI_SCREEN_NONE, cli_run_secret_create},
    {"rotate", "secret", N_("a new credential in place; everything else stays"),
     "[NS/]NAME [FLAGS]", N_("No pod restarts: nodes read the Secret at their next pull."),
     CLI_GROUP_CONNECTION | CLI_GROUP_CREDENTIAL | CLI_GROUP_SECRET_WRITE | CLI_GROUP_APPLY |
         CLI_GROUP_CONFIRM,
     1, CLI_SCREEN_NONE, cli_run_secret_rotate},
    {"copy", "secret", N_("a registry Secret to another namespace"), "NS/NAME --to NS[/NAME]",
     N_("Never over another Secret. The copy does not follow its source."),
     CLI_GROUP_CONNECTION | CLI_GROUP_SECRET_COPY | CLI_GROUP_APPLY | CLI_GROUP_CONFIRM, 1,
     CLI_SCREEN_NONE, cli_run_secret_copy},
    {"explain", NULL, N_("what a rule of the findings means"), "[RULE]", NULL, 0, 99,
     CLI_SCREEN_NONE, cli_run_explain},
    {"completion", NULL, N_("completions for a shell, on standard output"), "bash|zsh|fish", NULL,
     0, 1, CLI_SCREEN_NONE, cli_run_completion},
};
const size_t cli_command_count = sizeof(cli_commands) / sizeof(cli_commands[0]);

static const struct cli_command *find(const char *parent, const char *name)
{
    for (size_t i = 0; i < cli_command_count; i++) {
        const struct cli_command *command = &cli_commands[i];
        bool same_parent = parent == NULL
                               ? command->parent == NULL
                               : command->parent != NULL && strcmp(command->parent, parent) == 0;
        if (same_parent && strcmp(command->name, name) == 0) {
            return command;
        }
    }
    return NULL;
}

static bool has_children(const char *name)
{
    for (size_t i = 0; i < cli_command_count; i++) {
        if (cli_commands[i].parent != NULL && strcmp(cli_commands[i].parent, name) == 0) {
            return true;
        }
    }
    return false;
}

/* True if the word is a flag whose value is the next word (next may be NULL). */
static bool takes_next_word(const char *word, const char *next)
{
    if (word[0] != '-' || word[1] == '\0' || strchr(word, '=') != NULL) {
        return false;
    }
    for (size_t id = 0; id < CLI_OPTION_COUNT; id++) {
        const struct cli_option *option = &cli_options[id];
        bool named = word[1] == '-' ? strcmp(option->name, word + 2) == 0
                                    : option->letter == word[1] && word[2] == '\0';
        if (named) {
            return option->type == CLI_TEXT || option->type == CLI_LIST ||
                   (option->type == CLI_WORD && next != NULL && next[0] != '-');
        }
    }
    return false;
}

/* The first word from position on that is no flag and no flag's value; argc if there is none. */
static int next_word(int argc, char **argv, int position)
{
    for (; position < argc && strcmp(argv[position], "--") != 0; position++) {
        if (argv[position][0] != '-' || argv[position][1] == '\0') {
            return position;
        }
        if (takes_next_word(argv[position], position + 1 < argc ? argv[position + 1] : NULL)) {
            position++;
        }
    }
    return argc;
}

static void take_word(int *argc, char **argv, int position)
{
    for (int i = position; i + 1 < *argc; i++) {
        argv[i] = argv[i + 1];
    }
    (*argc)--;
}

const struct cli_command *cli_command_find(int *argc, char **argv, struct error *err)
{
    int at = next_word(*argc, argv, 0);
    if (at >= *argc) {
        return find(NULL, "");
    }
    const char *name = argv[at];
    const struct cli_command *command = find(NULL, name);
    if (command == NULL) {
        error_set(err, ERROR_USAGE, "unknown command \"%s\"; pullmend --help lists them", name);
        return NULL;
    }
    take_word(argc, argv, at);
    at = next_word(*argc, argv, at);
    if (has_children(name) && at < *argc) {
        command = find(name, argv[at]);
        if (command == NULL) {
            error_set(err, ERROR_USAGE, "unknown command \"%s %s\"; pullmend %s --help lists them",
                      name, argv[at], name);
            return NULL;
        }
        take_word(argc, argv, at);
    }
    return command;
}

int cli_report(const struct error *err)
{
    if (err->message[0] != '\0') {
        fflush(stdout);
        fprintf(stderr, "pullmend: %s\n", err->message);
    }
    return error_exit_code(err->kind);
}
