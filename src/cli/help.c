#include <config.h>

#include <curl/curl.h>
#include <string.h>

#include "base/language.h"
#include "base/text.h"
#include "cli/command.h"

enum { HELP_COLUMN = 30, HELP_WIDTH = 79 };

/* text from HELP_COLUMN on, wrapped; used: columns that the line has already. */
static void print_wrapped(FILE *out, int used, const char *text)
{
    if (used >= HELP_COLUMN) {
        fputc('\n', out);
        used = 0;
    }
    while (*text != '\0') {
        size_t length = text_break(text, HELP_WIDTH - HELP_COLUMN, 0);
        fprintf(out, "%*s%.*s\n", HELP_COLUMN - used, "", (int)length, text);
        used = 0;
        text += length;
        text += strspn(text, " ");
    }
}

static void print_option(FILE *out, const struct cli_option *option)
{
    char left[64];
    snprintf(left, sizeof(left), "%s%c%s--%s%s%s%s", option->letter != 0 ? "-" : "  ",
             option->letter != 0 ? option->letter : ' ', option->letter != 0 ? ", " : " ",
             option->name,
             option->type == CLI_OPTIONAL ? "[="
             : option->value[0] != '\0'   ? " "
                                          : "",
             option->value, option->type == CLI_OPTIONAL ? "]" : "");
    int used = fprintf(out, "  %-27s", left);
    print_wrapped(out, used, _(option->help));
}

static void print_options(FILE *out, const char *title, unsigned groups, unsigned without)
{
    bool any = false;
    for (size_t id = 0; id < CLI_OPTION_COUNT; id++) {
        const struct cli_option *option = &cli_options[id];
        if ((option->groups & groups) == 0 || (option->groups & without) != 0) {
            continue;
        }
        if (!any) {
            fprintf(out, _("\n%s:\n"), _(title));
            any = true;
        }
        print_option(out, option);
    }
}

static void print_program_help(FILE *out)
{
    fputs(_("pullmend shows why the pods of CSI drivers can or cannot authenticate to their\n"
            "registries, and mends it.\n\nusage: pullmend [COMMAND] [FLAGS]\n\n"),
          out);
    for (size_t i = 0; i < cli_command_count; i++) {
        const struct cli_command *command = &cli_commands[i];
        if (command->parent == NULL) {
            char name[64];
            text_column(name, sizeof(name), command->name[0] == '\0' ? _("(none)") : command->name,
                        12);
            fprintf(out, "  %s %s\n", name, _(command->summary));
        }
    }
    fputs(_("\nTry it on a simulated cluster:  pullmend --demo\n"
            "Flags of a command:             pullmend COMMAND --help\n"
            "Flags of the connection:        pullmend help connection\n"),
          out);
}

static void print_children(FILE *out, const struct cli_command *command)
{
    for (size_t i = 0; i < cli_command_count; i++) {
        if (cli_commands[i].parent != NULL && strcmp(cli_commands[i].parent, command->name) == 0) {
            fprintf(out, "  %s %-10s %s\n", command->name, cli_commands[i].name,
                    _(cli_commands[i].summary));
        }
    }
}

void cli_print_help(FILE *out, const struct cli_command *command)
{
    if (command == NULL) {
        print_program_help(out);
        return;
    }
    fprintf(out, _("usage: pullmend%s%s%s%s%s%s\n\n%s\n"), command->parent != NULL ? " " : "",
            command->parent != NULL ? command->parent : "", command->name[0] != '\0' ? " " : "",
            command->name, command->usage[0] != '\0' ? " " : "", command->usage,
            _(command->summary));
    if (command->details != NULL) {
        fprintf(out, "\n%s\n", _(command->details));
    }
    print_children(out, command);
    unsigned own = command->groups & ~(unsigned)(CLI_GROUP_CONNECTION | CLI_GROUP_GENERAL);
    print_options(out, N_("Flags"), own, 0);
    if ((command->groups & CLI_GROUP_CONNECTION) != 0) {
        if ((own & CLI_GROUP_RENDER) == 0) {
            fputs(_("\nWhich cluster, and what of it:\n"), out);
            print_option(out, &cli_options[CLI_CONTEXT]);
            print_option(out, &cli_options[CLI_NAMESPACE]);
            print_option(out, &cli_options[CLI_DRIVER]);
            print_option(out, &cli_options[CLI_DEMO]);
            print_option(out, &cli_options[CLI_READ_ONLY]);
        }
        fputs(_("\nAll flags of the connection: pullmend help connection\n"), out);
    }
}

void cli_print_connection_help(FILE *out)
{
    fputs(_("Flags of the connection, for every command that talks to a cluster.\n"), out);
    print_options(out, N_("Connection"), CLI_GROUP_CONNECTION, 0);
    print_options(out, N_("General"), CLI_GROUP_GENERAL, 0);
}

void cli_print_version(FILE *out)
{
    fprintf(out, "pullmend %s\n%s\n", PACKAGE_VERSION, curl_version());
}
