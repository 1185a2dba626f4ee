/* Completions for the shells, from the tables of commands and options. */
#include <stdio.h>
#include <string.h>

#include "cli/command.h"
#include "cli/commands.h"
#include "csi/findings.h"

#define OUTPUTS    "table wide json yaml name prometheus text sarif"
#define STATES     "rejected missing malformed wrong-type no-match empty-name unknown empty ok none"
#define SEVERITIES "info warning error never"

static bool takes_file(const struct cli_option *option)
{
    return strcmp(option->value, "FILE") == 0 || strcmp(option->value, "DIR") == 0 ||
           strcmp(option->value, "PATH") == 0;
}

static bool takes_value(const struct cli_option *option)
{
    return option->type == CLI_TEXT || option->type == CLI_WORD || option->type == CLI_LIST;
}

/* The values that there are; NULL: any, or those that a command knows. */
static const char *words_of(size_t id)
{
    return id == CLI_OUTPUT    ? OUTPUTS
           : id == CLI_STATE   ? STATES
           : id == CLI_FAIL_ON ? SEVERITIES
                               : NULL;
}

/* A command that prints the values; NULL: none does. */
static const char *command_of(size_t id)
{
    return id == CLI_CONTEXT ? "kubectl config get-contexts -o name"
           : id == CLI_DEMO  ? "pullmend-sim --list-scenarios"
                             : NULL;
}

static bool has_option(const struct cli_command *command, size_t id)
{
    return (cli_options[id].groups & (command->groups | CLI_GROUP_GENERAL)) != 0;
}

static void print_words(const char *parent)
{
    for (size_t i = 0; i < cli_command_count; i++) {
        const struct cli_command *command = &cli_commands[i];
        bool wanted = parent == NULL
                          ? command->parent == NULL && command->name[0] != '\0'
                          : command->parent != NULL && strcmp(command->parent, parent) == 0;
        if (wanted) {
            printf("%s ", command->name);
        }
    }
}

/* "--context | -n | ...": the flags that have property. */
static void print_flags(bool (*property)(const struct cli_option *option))
{
    bool first = true;
    for (size_t id = 0; id < CLI_OPTION_COUNT; id++) {
        const struct cli_option *option = &cli_options[id];
        if (!property(option)) {
            continue;
        }
        printf("%s--%s", first ? "" : " | ", option->name);
        if (option->letter != 0) {
            printf(" | -%c", option->letter);
        }
        first = false;
    }
}

static void print_rules(void)
{
    size_t count;
    const struct csi_rule *rules = csi_rules(&count);
    for (size_t i = 0; i < count; i++) {
        printf("%s ", rules[i].name);
    }
}

/* What may stand behind a command besides flags. */
static void print_arguments(const struct cli_command *command)
{
    if (strcmp(command->name, "explain") == 0) {
        print_rules();
    } else if (strcmp(command->name, "completion") == 0) {
        printf("bash zsh fish ");
    } else if (command->name[0] == '\0') {
        print_words(NULL);
    } else if (command->parent == NULL) {
        print_words(command->name);
    }
}

static void print_bash_commands(void)
{
    for (size_t i = 0; i < cli_command_count; i++) {
        const struct cli_command *command = &cli_commands[i];
        bool child = command->parent != NULL;
        printf("    '%s%s%s') words='", child ? command->parent : "", child ? " " : "",
               command->name);
        for (size_t id = 0; id < CLI_OPTION_COUNT; id++) {
            if (has_option(command, id)) {
                printf("--%s ", cli_options[id].name);
            }
        }
        print_arguments(command);
        printf("' ;;\n");
    }
}

/* readline cuts words at "=" too, so that "--context=a" is three of them. */
static void print_bash(void)
{
    printf("# bash completion of pullmend; source it, or install it as\n"
           "# bash-completion/completions/pullmend\n"
           "_pullmend() {\n"
           "    local word=${COMP_WORDS[COMP_CWORD]} before= command= child= words= i w\n"
           "    [ \"$COMP_CWORD\" -gt 0 ] && before=${COMP_WORDS[COMP_CWORD-1]}\n"
           "    if [ \"$word\" = = ]; then\n"
           "        word=\n"
           "    elif [ \"$before\" = = ]; then\n"
           "        before=${COMP_WORDS[COMP_CWORD-2]}\n"
           "    fi\n"
           "    for ((i = 1; i < COMP_CWORD; i++)); do\n"
           "        w=${COMP_WORDS[i]}\n"
           "        case $w in\n"
           "        ");
    print_flags(takes_value);
    printf(")\n"
           "            [ \"${COMP_WORDS[i+1]}\" = = ] && ((i++))\n"
           "            ((i++)) ;;\n"
           "        =) ((i++)) ;;\n"
           "        -*) ;;\n"
           "        *) if [ -z \"$command\" ]; then command=$w; elif [ -z \"$child\" ]; then "
           "child=$w; fi ;;\n"
           "        esac\n"
           "    done\n"
           "    case $before in\n"
           "    ");
    print_flags(takes_file);
    printf(") COMPREPLY=($(compgen -f -- \"$word\")); return ;;\n"
           "    --context) COMPREPLY=($(compgen -W \"$(%s 2>/dev/null)\" -- \"$word\")); "
           "return ;;\n"
           "    --output | -o) COMPREPLY=($(compgen -W '%s' -- \"$word\")); return ;;\n"
           "    --state) COMPREPLY=($(compgen -W '%s' -- \"$word\")); return ;;\n"
           "    --fail-on) COMPREPLY=($(compgen -W '%s' -- \"$word\")); return ;;\n"
           "    ",
           command_of(CLI_CONTEXT), OUTPUTS, STATES, SEVERITIES);
    print_flags(takes_value);
    printf(") COMPREPLY=(); return ;;\n"
           "    esac\n"
           "    case \"$command${child:+ $child}\" in\n");
    print_bash_commands();
    printf("    esac\n"
           "    COMPREPLY=($(compgen -W \"$words\" -- \"$word\"))\n"
           "}\n"
           "complete -F _pullmend pullmend\n");
}

/* A text inside single quotes of zsh's _arguments: brackets and colons are its own. */
static void print_zsh_text(const char *text)
{
    for (; *text != '\0'; text++) {
        if (*text == '\'') {
            printf("'\\''");
        } else if (strchr("[]:\\", *text) != NULL) {
            printf("\\%c", *text);
        } else {
            putchar(*text);
        }
    }
}

/* What zsh offers for the value: words, what a command prints, files, or nothing. */
static void print_zsh_value(const struct cli_option *option, size_t id)
{
    const char *words = words_of(id);
    const char *command = command_of(id);
    printf("%s:%s:", option->type == CLI_OPTIONAL ? ":" : "", option->value);
    if (words != NULL) {
        printf("(%s)", words);
    } else if (command != NULL) {
        printf("{compadd -- $(%s 2>/dev/null)}", command);
    } else if (takes_file(option)) {
        printf("_files");
    }
}

/* '(-o --output)'{-o+,--output=}'[help]:FORMAT:(json yaml)' */
static void print_zsh_option(const struct cli_option *option, size_t id)
{
    bool again = option->type == CLI_LIST || option->type == CLI_COUNT;
    bool valued = takes_value(option) || option->type == CLI_OPTIONAL;
    const char *equals = option->type == CLI_OPTIONAL ? "=-" : valued ? "=" : "";
    if (option->letter == 0) {
        printf("        '%s--%s%s[", again ? "*" : "", option->name, equals);
    } else {
        if (again) {
            printf("        '*'");
        } else {
            printf("        '(-%c --%s)'", option->letter, option->name);
        }
        printf("{-%c%s,--%s%s}'[", option->letter, valued ? "+" : "", option->name, equals);
    }
    print_zsh_text(option->help);
    printf("]");
    if (valued) {
        print_zsh_value(option, id);
    }
    printf("' \\\n");
}

static void print_zsh_commands(const char *parent)
{
    for (size_t i = 0; i < cli_command_count; i++) {
        const struct cli_command *command = &cli_commands[i];
        bool wanted = parent == NULL
                          ? command->parent == NULL && command->name[0] != '\0'
                          : command->parent != NULL && strcmp(command->parent, parent) == 0;
        if (wanted) {
            printf("        '%s:", command->name);
            print_zsh_text(command->summary);
            printf("'\n");
        }
    }
}

static bool has_children(const struct cli_command *command)
{
    for (size_t i = 0; i < cli_command_count; i++) {
        if (cli_commands[i].parent != NULL && strcmp(cli_commands[i].parent, command->name) == 0) {
            return true;
        }
    }
    return false;
}

static void print_zsh(void)
{
    printf("#compdef pullmend\n"
           "# zsh completion of pullmend; install it as _pullmend in a folder of $fpath\n"
           "local command= child= i\n"
           "local -a list\n"
           "for ((i = 2; i < CURRENT; i++)); do\n"
           "    case ${words[i]} in\n"
           "    ");
    print_flags(takes_value);
    printf(") ((i++)) ;;\n"
           "    -*) ;;\n"
           "    *) if [[ -z $command ]]; then command=${words[i]}; elif [[ -z $child ]]; then "
           "child=${words[i]}; fi ;;\n"
           "    esac\n"
           "done\n"
           "if [[ -z $command && ${words[CURRENT]} != -* && ${words[CURRENT-1]} != -* ]]; then\n"
           "    list=(\n");
    print_zsh_commands(NULL);
    printf("    )\n    _describe command list\n    return\nfi\ncase $command in\n");
    for (size_t i = 0; i < cli_command_count; i++) {
        const struct cli_command *command = &cli_commands[i];
        if (command->parent == NULL && command->name[0] != '\0' && has_children(command)) {
            printf(
                "%s)\n    if [[ -z $child && ${words[CURRENT]} != -* && ${words[CURRENT-1]} != -* "
                "]]; then\n        list=(\n",
                command->name);
            print_zsh_commands(command->name);
            printf("        )\n        _describe command list\n        return\n    fi\n    ;;\n");
        }
    }
    printf("esac\ncase \"$command${child:+ $child}\" in\n");
    for (size_t i = 0; i < cli_command_count; i++) {
        const struct cli_command *command = &cli_commands[i];
        bool child = command->parent != NULL;
        printf("'%s%s%s')\n    _arguments \\\n", child ? command->parent : "", child ? " " : "",
               command->name);
        for (size_t id = 0; id < CLI_OPTION_COUNT; id++) {
            if (has_option(command, id)) {
                print_zsh_option(&cli_options[id], id);
            }
        }
        printf("        '*:word:(");
        print_arguments(command);
        printf(")'\n    ;;\n");
    }
    printf("esac\n");
}

static void print_fish_text(const char *text)
{
    putchar('\'');
    for (; *text != '\0'; text++) {
        if (*text == '\'' || *text == '\\') {
            putchar('\\');
        }
        putchar(*text);
    }
    putchar('\'');
}

/* The condition under which a command's flags are offered. */
static void print_fish_condition(const struct cli_command *command)
{
    if (command->name[0] == '\0') {
        printf("'__fish_use_subcommand'");
    } else if (command->parent != NULL) {
        printf("'__fish_seen_subcommand_from %s; and __fish_seen_subcommand_from %s'",
               command->parent, command->name);
    } else {
        printf("'__fish_seen_subcommand_from %s'", command->name);
    }
}

static void print_fish_flags(const struct cli_command *command)
{
    for (size_t id = 0; id < CLI_OPTION_COUNT; id++) {
        const struct cli_option *option = &cli_options[id];
        if (!has_option(command, id)) {
            continue;
        }
        printf("complete -c pullmend -n ");
        print_fish_condition(command);
        printf(" -l %s", option->name);
        if (option->letter != 0) {
            printf(" -s %c", option->letter);
        }
        if (words_of(id) != NULL) {
            printf(" -a '%s'", words_of(id));
        } else if (command_of(id) != NULL) {
            printf(" -a '(%s 2>/dev/null)'", command_of(id));
        }
        printf("%s -d ", takes_file(option) && takes_value(option) ? " -rF"
                         : takes_value(option)                     ? " -x"
                                                                   : "");
        print_fish_text(option->help);
        printf("\n");
    }
}

static void print_fish(void)
{
    printf("# fish completion of pullmend; install it as completions/pullmend.fish\n"
           "complete -c pullmend -f\n");
    for (size_t i = 0; i < cli_command_count; i++) {
        const struct cli_command *command = &cli_commands[i];
        if (command->name[0] == '\0') {
            continue;
        }
        if (command->parent == NULL) {
            printf("complete -c pullmend -n '__fish_use_subcommand' -a %s -d ", command->name);
        } else {
            printf("complete -c pullmend -n '__fish_seen_subcommand_from %s' -a %s -d ",
                   command->parent, command->name);
        }
        print_fish_text(command->summary);
        printf("\n");
    }
    printf("complete -c pullmend -n '__fish_seen_subcommand_from completion' -a 'bash zsh fish'\n"
           "complete -c pullmend -n '__fish_seen_subcommand_from explain' -a '");
    print_rules();
    printf("'\n");
    for (size_t i = 0; i < cli_command_count; i++) {
        print_fish_flags(&cli_commands[i]);
    }
}

int cli_run_completion(const struct cli_values *values)
{
    static const struct {
        const char *shell;
        void (*print)(void);
    } shells[] = {{"bash", print_bash}, {"zsh", print_zsh}, {"fish", print_fish}};
    for (size_t i = 0; values->argument_count == 1 && i < ARRAY_LENGTH(shells); i++) {
        if (strcmp(values->arguments[0], shells[i].shell) == 0) {
            shells[i].print();
            return CLI_EXIT_OK;
        }
    }
    struct error err;
    error_set(&err, ERROR_USAGE, "completion wants a shell: bash, zsh or fish");
    return cli_report(&err);
}
