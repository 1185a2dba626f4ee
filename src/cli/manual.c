/* The parts of the manual pages that come from tables, as mdoc: the build puts them into place. */
#include <stdio.h>
#include <string.h>

#include "cli/command.h"
#include "csi/findings.h"

/* Text of a table in mdoc: a line must not begin with a control character, "-" is a hyphen. */
static void print_text(const char *text)
{
    if (*text == '.' || *text == '\'') {
        printf("\\&");
    }
    for (; *text != '\0'; text++) {
        if (*text == '\\') {
            printf("\\e");
        } else if (*text == '\n') {
            printf("\n.Pp\n");
            while (text[1] == '\n') {
                text++;
            }
        } else if (strchr(".?!", *text) != NULL && text[1] == ' ') {
            printf("%c\n", *text++); /* a sentence begins a line */
            if (text[1] == '.' || text[1] == '\'') {
                printf("\\&");
            }
        } else {
            putchar(*text);
        }
    }
    printf("\n");
}

static void print_option(const struct cli_option *option)
{
    printf(".It ");
    if (option->letter != 0) {
        printf("Fl %c , ", option->letter);
    }
    printf("Fl Fl %s", option->name);
    if (option->type == CLI_OPTIONAL) {
        printf(" Ns Op = Ns Ar %s", option->value);
    } else if (option->value[0] != '\0') {
        printf(" Ar %s", option->value);
    }
    printf("\n");
    print_text(option->help);
}

static void print_group(const char *title, unsigned groups, unsigned seen)
{
    printf(".Ss %s\n.Bl -tag -width Ds\n", title);
    for (size_t id = 0; id < CLI_OPTION_COUNT; id++) {
        if ((cli_options[id].groups & groups) != 0 && (cli_options[id].groups & seen) == 0) {
            print_option(&cli_options[id]);
        }
    }
    printf(".El\n");
}

static void print_options(void)
{
    static const struct {
        const char *title;
        unsigned groups;
    } groups[] = {
        {"General", CLI_GROUP_GENERAL},
        {"The cluster", CLI_GROUP_CONNECTION},
        {"The screen and the output", CLI_GROUP_SCREEN | CLI_GROUP_OUTPUT | CLI_GROUP_MONITOR},
        {"What status shows", CLI_GROUP_STATUS},
        {"Changes", CLI_GROUP_CHANGE | CLI_GROUP_CONFIRM | CLI_GROUP_APPLY},
        {"Credentials", CLI_GROUP_CREDENTIAL | CLI_GROUP_VERIFY | CLI_GROUP_SECRET |
                            CLI_GROUP_SECRET_WRITE | CLI_GROUP_SECRET_CREATE |
                            CLI_GROUP_SECRET_COPY},
        {"Kubespray", CLI_GROUP_KUBESPRAY | CLI_GROUP_RENDER | CLI_GROUP_OUT | CLI_GROUP_FIX},
    };
    unsigned seen = 0;
    for (size_t i = 0; i < ARRAY_LENGTH(groups); i++) {
        print_group(groups[i].title, groups[i].groups, seen);
        seen |= groups[i].groups;
    }
}

static void print_commands(void)
{
    printf(".Bl -tag -width Ds\n");
    for (size_t i = 0; i < cli_command_count; i++) {
        const struct cli_command *command = &cli_commands[i];
        printf(".It Nm");
        if (command->parent != NULL) {
            printf(" Cm %s", command->parent);
        }
        if (command->name[0] != '\0') {
            printf(" Cm %s", command->name);
        }
        printf("\n");
        print_text(command->summary);
        if (command->details != NULL) {
            printf(".Pp\n");
            print_text(command->details);
        }
    }
    printf(".El\n");
}

static void print_rules(void)
{
    size_t count;
    const struct csi_rule *rules = csi_rules(&count);
    for (size_t i = 0; i < count; i++) {
        printf(".Ss %s (%s)\n", rules[i].name, csi_severity_name(rules[i].severity));
        print_text(rules[i].title);
        printf(".Pp\n");
        print_text(rules[i].explanation);
        printf(".Pp\n");
        print_text(rules[i].consequence);
        for (size_t j = 0; rules[i].ways_out[j] != NULL; j++) {
            if (j == 0) {
                printf(".Pp\n");
            }
            print_text(rules[i].ways_out[j]);
        }
    }
}

bool cli_print_manual(const char *part)
{
    static const struct {
        const char *part;
        void (*print)(void);
    } parts[] = {{"mdoc-options", print_options},
                 {"mdoc-commands", print_commands},
                 {"mdoc-rules", print_rules}};
    for (size_t i = 0; i < ARRAY_LENGTH(parts); i++) {
        if (strcmp(part, parts[i].part) == 0) {
            parts[i].print();
            return true;
        }
    }
    return false;
}
