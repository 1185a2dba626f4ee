#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/language.h"
#include "base/log.h"
#include "base/secret.h"
#include "base/text.h"
#include "cli/command.h"
#include "cli/commands.h"
#include "cli/connect.h"
#include "cli/kubespray.h"
#include "kube/config.h"
#include "ui/terminal.h"
#include "ui/ui.h"

static void log_to_stderr(void *context, enum log_level level, const char *line)
{
    (void)context;
    fprintf(stderr, "pullmend: %s%s\n", level == LOG_WARNING ? "warning: " : "", line);
}

static bool start_log(const struct cli_values *values, struct error *err)
{
    size_t verbosity = values->of[CLI_VERBOSE].count;
    const char *file = cli_text(values, CLI_LOG_FILE);
    enum log_level level = LOG_WARNING;
    if (verbosity > 0) {
        level = verbosity == 1 ? LOG_INFO : verbosity == 2 ? LOG_DEBUG : LOG_TRACE;
    }
    log_set_level(level);
    return file == NULL || log_open_file(file, err);
}

static bool take_refresh(const struct cli_values *values, struct ui_options *options,
                         struct error *err)
{
    return cli_duration(values, CLI_REFRESH, 0, &options->refresh_ms, err);
}

static enum ui_mode mode_of(enum cli_screen screen)
{
    return screen == CLI_SCREEN_MONITOR ? UI_MODE_MONITOR
           : screen == CLI_SCREEN_SETUP ? UI_MODE_SETUP
                                        : UI_MODE_SESSION;
}

struct switching {
    const struct cli_connection *connection;
    const struct cli_values *values;
    bool read_only;
};

static bool switch_context(void *context, const char *name, struct kube_config **config,
                           struct kube_client **client, struct error *err)
{
    const struct switching *switching = context;
    return cli_connect_context(switching->connection, switching->values, name, switching->read_only,
                               config, client, err);
}

/* As NO_COLOR: set and not empty. */
static bool is_set(const char *variable)
{
    const char *value = getenv(variable);
    return value != NULL && value[0] != '\0';
}

static int run_screen(const struct cli_command *command, const struct cli_values *values)
{
    struct cli_connection connection = {0};
    struct error err = ERROR_INIT;
    int code = 0;
    struct switching switching = {&connection, values, command->screen == CLI_SCREEN_MONITOR};
    bool done = cli_connect(&connection, values, switching.read_only, &err);
    if (!done && connection.interrupted) {
        cli_disconnect(&connection);
        return CLI_EXIT_INTERRUPTED;
    }
    if (done) {
        struct ui_options options = {
            .mode = mode_of(command->screen),
            .loop = connection.loop,
            .config = connection.config,
            .client = connection.client,
            .ns = cli_text(values, CLI_NAMESPACE),
            .drivers = cli_list(values, CLI_DRIVER),
            .theme = cli_text(values, CLI_THEME),
            .registry_ca = cli_text(values, CLI_REGISTRY_CA),
            .insecure_registries = cli_list(values, CLI_INSECURE_REGISTRY),
            .kubespray = cli_kubespray_options(values),
            .demo = connection.demo != NULL,
            .connect = switch_context,
            .connect_context = &switching,
            .no_color = cli_flag(values, CLI_NO_COLOR),
            .bell = cli_flag(values, CLI_BELL),
            .no_history = cli_flag(values, CLI_NO_HISTORY),
            .no_secret_data = cli_flag(values, CLI_NO_SECRET_DATA),
            .no_animation = cli_flag(values, CLI_NO_ANIMATION) || is_set("NO_ANIMATION"),
            .no_mouse = cli_flag(values, CLI_NO_MOUSE),
            .ascii = cli_flag(values, CLI_ASCII) || !text_locale_is_utf8(),
        };
        done = take_refresh(values, &options, &err);
        log_set_sink(NULL, NULL); /* the screen shows the log in a view of its own */
        /* A credential plugin that asks the person something gets the terminal for as long. */
        kube_config_set_terminal_hooks(terminal_release, terminal_retake);
        done = done && ui_run(&options, &code, &err);
        kube_config_set_terminal_hooks(NULL, NULL);
    }
    cli_disconnect(&connection);
    return done ? code : cli_report(&err);
}

static int run_command(const struct cli_command *command, const struct cli_values *values)
{
    bool screen = command->screen != CLI_SCREEN_NONE;
    if (screen && (command->name[0] == '\0') && !isatty(STDOUT_FILENO) &&
        !cli_flag(values, CLI_PLAIN)) {
        return cli_run_status(values);
    }
    if (command->screen == CLI_SCREEN_MONITOR && cli_flag(values, CLI_ONCE)) {
        return cli_run_status(values);
    }
    if (screen && cli_flag(values, CLI_PLAIN)) {
        return command->screen == CLI_SCREEN_MONITOR ? cli_run_plain_monitor(values)
                                                     : cli_run_plain(values);
    }
    return screen ? run_screen(command, values) : command->run(values);
}

static bool read_values(struct cli_values *values, const struct cli_command *command, int argc,
                        char **argv, struct error *err)
{
    return cli_parse_arguments(values, command->groups, argc, argv, err) &&
           cli_parse_environment(values, err) && cli_parse_file(values, NULL, err) &&
           start_log(values, err);
}

static int print_help(int argc, char **argv)
{
    if (argc > 0 && strcmp(argv[0], "connection") == 0) {
        cli_print_connection_help(stdout);
        return CLI_EXIT_OK;
    }
    if (argc > 0 && cli_print_manual(argv[0])) {
        return CLI_EXIT_OK;
    }
    struct error err = ERROR_INIT;
    bool program = argc == 0;
    const struct cli_command *command = program ? NULL : cli_command_find(&argc, argv, &err);
    if (!program && command == NULL) {
        return cli_report(&err);
    }
    cli_print_help(stdout, command);
    return CLI_EXIT_OK;
}

int main(int argc, char **argv)
{
    secret_harden_process();
    language_init();
    log_set_sink(log_to_stderr, NULL);
    if (argc > 1 && strcmp(argv[1], "help") == 0) {
        return print_help(argc - 2, argv + 2);
    }
    struct error err = ERROR_INIT;
    struct cli_values values;
    cli_values_init(&values);
    int code;
    int words = argc > 0 ? argc - 1 : 0;
    const struct cli_command *command = cli_command_find(&words, argv + 1, &err);
    if (command == NULL || !read_values(&values, command, words, argv + 1, &err)) {
        code = cli_report(&err);
    } else if (cli_flag(&values, CLI_HELP)) {
        cli_print_help(stdout, command->name[0] == '\0' ? NULL : command);
        code = CLI_EXIT_OK;
    } else if (cli_flag(&values, CLI_VERSION)) {
        cli_print_version(stdout);
        code = CLI_EXIT_OK;
    } else if (values.argument_count > command->arguments) {
        error_set(&err, ERROR_USAGE, "\"%s\" is not expected here; see --help",
                  values.arguments[0]);
        code = cli_report(&err);
    } else {
        code = run_command(command, &values);
    }
    cli_values_free(&values);
    log_close();
    return code;
}
