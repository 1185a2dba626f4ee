/* Completions for the shells, from the tables of commands and options. */
#include <stdio.h>
#include <string.h>

#include "cli/command.h"
#include "cli/commands.h"

static bool takes_file(const struct cli_option *option)
{
    return strcmp(option->value, "FILE") == 0 || strcmp(option->value, "DIR") == 0 ||
           strcmp(option->value, "PATH") == 0;
}

static bool takes_value(const struct cli_option *option)
{
    return option->type == CLI_TEXT || option->type == CLI_WORD || option->type == CLI_LIST;
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

static void print_bash(void)
{
    printf("# bash completion of pullmend; source it, or install it as\n"
           "# bash-completion/completions/pullmend\n"
           "_pullmend() {\n"
           "    local word=${COMP_WORDS[COMP_CWORD]} before=${COMP_WORDS[COMP_CWORD-1]} "
           "command= child= w flags\n"
           "    for w in \"${COMP_WORDS[@]:1:COMP_CWORD-1}\"; do\n"
           "        case $w in\n"
           "        -*) ;;\n"
           "        *) if [ -z \"$command\" ]; then command=$w; elif [ -z \"$child\" ]; then "
           "child=$w; fi ;;\n"
           "        esac\n"
           "    done\n"
           "    case $before in\n    ");
    bool first = true;
    for (size_t id = 0; id < CLI_OPTION_COUNT; id++) {
        if (takes_file(&cli_options[id])) {
            printf("%s--%s", first ? "" : " | ", cli_options[id].name);
            first = false;
        }
    }
    printf(") COMPREPLY=($(compgen -f -- \"$word\")); return ;;\n"
           "    --context) COMPREPLY=($(compgen -W \"$(kubectl config get-contexts -o name "
           "2>/dev/null)\" -- \"$word\")); return ;;\n"
           "    --output | -o) COMPREPLY=($(compgen -W 'table wide json yaml name prometheus' -- "
           "\"$word\")); return ;;\n"
           "    esac\n"
           "    case $command in\n");
    for (size_t i = 0; i < cli_command_count; i++) {
        const struct cli_command *command = &cli_commands[i];
        if (command->parent != NULL) {
            continue;
        }
        printf("    %s) flags='", command->name[0] == '\0' ? "''" : command->name);
        for (size_t id = 0; id < CLI_OPTION_COUNT; id++) {
            if (has_option(command, id)) {
                printf("--%s ", cli_options[id].name);
            }
        }
        print_words(command->name[0] == '\0' ? NULL : command->name);
        printf("' ;;\n");
    }
    printf("    *) flags= ;;\n    esac\n"
           "    COMPREPLY=($(compgen -W \"$flags\" -- \"$word\"))\n"
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

static void print_zsh_option(const struct cli_option *option)
{
    printf("        '%s--%s%s[", option->type == CLI_LIST || option->type == CLI_COUNT ? "*" : "",
           option->name,
           option->type == CLI_OPTIONAL ? "=-"
           : takes_value(option)        ? "="
                                        : "");
    print_zsh_text(option->help);
    printf("]");
    if (takes_value(option)) {
        printf(":%s:%s", option->value, takes_file(option) ? "_files" : "");
    } else if (option->type == CLI_OPTIONAL) {
        printf("::%s:%s", option->value, takes_file(option) ? "_files" : "");
    }
    printf("' \\\n");
}

static void print_zsh(void)
{
    printf("#compdef pullmend\n"
           "# zsh completion of pullmend; install it as _pullmend in a folder of $fpath\n"
           "local command w\n"
           "command=\n"
           "for w in ${words[2,CURRENT-1]}; do [[ $w != -* ]] && { command=$w; break }; done\n"
           "if [[ -z $command && ${words[CURRENT]} != -* ]]; then\n"
           "    local -a commands=(\n");
    for (size_t i = 0; i < cli_command_count; i++) {
        const struct cli_command *command = &cli_commands[i];
        if (command->parent == NULL && command->name[0] != '\0') {
            printf("        '%s:", command->name);
            print_zsh_text(command->summary);
            printf("'\n");
        }
    }
    printf("    )\n    _describe command commands\n    return\nfi\ncase $command in\n");
    for (size_t i = 0; i < cli_command_count; i++) {
        const struct cli_command *command = &cli_commands[i];
        if (command->parent != NULL) {
            continue;
        }
        printf("%s)\n    _arguments \\\n", command->name[0] == '\0' ? "''" : command->name);
        for (size_t id = 0; id < CLI_OPTION_COUNT; id++) {
            if (has_option(command, id)) {
                print_zsh_option(&cli_options[id]);
            }
        }
        printf("        '*:word:(");
        if (command->name[0] != '\0') {
            printf("%s ", command->name);
            print_words(command->name);
        }
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

static void print_fish(void)
{
    printf("# fish completion of pullmend; install it as completions/pullmend.fish\n"
           "complete -c pullmend -f\n");
    for (size_t i = 0; i < cli_command_count; i++) {
        const struct cli_command *command = &cli_commands[i];
        const char *name = command->parent == NULL ? command->name : command->parent;
        if (command->name[0] == '\0') {
            continue;
        }
        printf("complete -c pullmend -n %s%s' -a %s -d ",
               command->parent == NULL ? "'__fish_use_subcommand" : "'__fish_seen_subcommand_from ",
               command->parent == NULL ? "" : name, command->name);
        print_fish_text(command->summary);
        printf("\n");
    }
    for (size_t i = 0; i < cli_command_count; i++) {
        const struct cli_command *command = &cli_commands[i];
        if (command->parent != NULL) {
            continue;
        }
        for (size_t id = 0; id < CLI_OPTION_COUNT; id++) {
            const struct cli_option *option = &cli_options[id];
            if (!has_option(command, id)) {
                continue;
            }
            printf("complete -c pullmend -n '%s%s' -l %s",
                   command->name[0] == '\0' ? "__fish_use_subcommand"
                                            : "__fish_seen_subcommand_from ",
                   command->name, option->name);
            if (option->letter != 0) {
                printf(" -s %c", option->letter);
            }
            printf("%s -d ", takes_file(option) ? " -rF" : takes_value(option) ? " -x" : "");
            print_fish_text(option->help);
            printf("\n");
        }
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
