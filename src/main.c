#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/file.h"
#include "base/language.h"
#include "base/log.h"
#include "base/secret.h"
#include "base/text.h"
#include "cli/change_run.h"
#include "cli/command.h"
#include "cli/commands.h"
#include "cli/connect.h"
#include "cli/kubespray.h"
#include "cli/output.h"
#include "kube/config.h"
#include "net/memory.h"
#include "ui/keys.h"
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
        level = verbosity == 1 ? LOG_DEBUG : LOG_TRACE;
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

static void take_looks(const struct cli_values *values, struct ui_options *options)
{
    options->theme = cli_text(values, CLI_THEME);
    options->no_color = cli_flag(values, CLI_NO_COLOR);
    options->bell = cli_flag(values, CLI_BELL);
    options->no_history = cli_flag(values, CLI_NO_HISTORY) || cli_is_set(values, CLI_REPLAY);
    options->no_secret_data = cli_flag(values, CLI_NO_SECRET_DATA);
    options->no_animation = cli_flag(values, CLI_NO_ANIMATION) || is_set("NO_ANIMATION");
    options->no_mouse = cli_flag(values, CLI_NO_MOUSE);
    options->ascii = cli_flag(values, CLI_ASCII) || !text_locale_is_utf8();
}

static bool show_screen(const struct cli_command *command, const struct cli_values *values,
                        struct cli_connection *connection, int *code, struct error *err)
{
    struct switching switching = {connection, values, command->screen == CLI_SCREEN_MONITOR};
    struct ui_options options = {
        .mode = mode_of(command->screen),
        .loop = connection->loop,
        .config = connection->config,
        .client = connection->client,
        .ns = cli_text(values, CLI_NAMESPACE),
        .drivers = cli_list(values, CLI_DRIVER),
        .kubespray = cli_kubespray_options(values),
        .registry_ca = cli_text(values, CLI_REGISTRY_CA),
        .insecure_registries = cli_list(values, CLI_INSECURE_REGISTRY),
        .demo = connection->demo != NULL,
        .event_speed = cli_demo_event_speed(connection->demo),
        .connect = switch_context,
        .connect_context = &switching,
    };
    take_looks(values, &options);
    if (!take_refresh(values, &options, err)) {
        return false;
    }
    log_set_sink(NULL, NULL); /* the screen shows the log in a view of its own */
    /* A credential plugin that asks the person something gets the terminal for as long. */
    kube_config_set_terminal_hooks(terminal_release, terminal_retake);
    bool done = ui_run(&options, code, err);
    kube_config_set_terminal_hooks(NULL, NULL);
    log_set_sink(log_to_stderr, NULL);
    return done;
}

/* True if a person who has no cluster yet can be shown what to do about it: someone who named one
 * wants to know what is wrong with it instead. */
static bool may_choose(const struct cli_command *command, const struct cli_values *values,
                       const struct error *err)
{
    static const enum cli_option_id named[] = {CLI_KUBECONFIG, CLI_CONTEXT, CLI_SERVER, CLI_DEMO};
    for (size_t i = 0; i < sizeof(named) / sizeof(named[0]); i++) {
        if (values->of[named[i]].origin == CLI_FROM_FLAG) {
            return false;
        }
    }
    return err->kind == ERROR_CONFIG && command->screen != CLI_SCREEN_MONITOR &&
           isatty(STDIN_FILENO) && isatty(STDOUT_FILENO);
}

/* "~/" in front is the home, as a shell has it. */
static void take_path(struct cli_values *values, const char *path)
{
    const char *home = getenv("HOME");
    if (path[0] == '~' && path[1] == '/' && home != NULL) {
        char *whole = file_join(home, path + 2);
        cli_set(values, CLI_KUBECONFIG, whole);
        free(whole);
    } else {
        cli_set(values, CLI_KUBECONFIG, path);
    }
}

/* Why there is no cluster, and what a person does about it. False: leaves. */
static bool choose_cluster(struct cli_values *values, const struct error *trouble,
                           struct error *err)
{
    struct ui_wish wish = {0};
    struct loop *loop = loop_new();
    struct ui_options options = {.loop = loop, .trouble = trouble, .wish = &wish};
    int code = 0;
    take_looks(values, &options);
    bool done = ui_run(&options, &code, err) && (wish.demo || wish.kubeconfig != NULL);
    if (done && wish.demo) {
        cli_set(values, CLI_KUBECONFIG, NULL);
        cli_set(values, CLI_DEMO, "");
    } else if (done) {
        take_path(values, wish.kubeconfig);
    }
    free(wish.kubeconfig);
    loop_free(loop);
    return done;
}

static int run_screen(const struct cli_command *command, struct cli_values *values)
{
    for (bool again = true; again;) {
        struct cli_connection connection = {0};
        struct error err = ERROR_INIT;
        struct error trouble;
        int code = 0;
        bool connected =
            cli_connect(&connection, values, command->screen == CLI_SCREEN_MONITOR, &err);
        bool interrupted = !connected && connection.interrupted;
        bool done = connected && show_screen(command, values, &connection, &code, &err);
        cli_disconnect(&connection);
        if (connected || interrupted) {
            return interrupted ? CLI_EXIT_INTERRUPTED : done ? code : cli_report(&err);
        }
        trouble = err;
        again = may_choose(command, values, &err) && choose_cluster(values, &trouble, &err);
        if (!again) {
            return cli_report(&err);
        }
    }
    return CLI_EXIT_OK;
}

static int run_command(const struct cli_command *command, struct cli_values *values)
{
    bool screen = command->screen != CLI_SCREEN_NONE;
    if (screen && (command->name[0] == '\0') && !isatty(STDOUT_FILENO) &&
        !cli_flag(values, CLI_PLAIN)) {
        return cli_run_status(values);
    }
    if (command->screen == CLI_SCREEN_MONITOR && cli_flag(values, CLI_ONCE)) {
        return cli_run_status(values);
    }
    bool answered = command->screen == CLI_SCREEN_SETUP && cli_change_is_given(values);
    if (screen && (cli_flag(values, CLI_PLAIN) || answered)) {
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

/* The actions of the screen and their keys, for the build of pullmend-config(5). */
static void print_actions(void)
{
    printf(".Bl -tag -width Ds -compact\n");
    for (size_t i = 1; i < UI_ACTION_COUNT; i++) {
        printf(".It Cm %s Pq", ui_actions[i].name);
        for (const char *key = ui_actions[i].keys; *key != '\0'; key++) {
            bool first = key == ui_actions[i].keys || key[-1] == ' ';
            printf("%s", first ? " Ql \\&" : "");
            if (*key == '^') {
                printf("\\(ha");
            } else if (*key != ' ') {
                putchar(*key);
            }
        }
        printf("\n\\&%s\n", ui_actions[i].help);
    }
    printf(".El\n");
}

static int print_help(int argc, char **argv)
{
    if (argc > 0 && strcmp(argv[0], "connection") == 0) {
        cli_print_connection_help(stdout);
        return CLI_EXIT_OK;
    }
    if (argc > 0 && strcmp(argv[0], "mdoc-actions") == 0) {
        print_actions();
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
    cli_open_output();
    secret_harden_process();
    language_init();
    log_set_sink(log_to_stderr, NULL);
    if (argc > 1 && strcmp(argv[1], "help") == 0) {
        return cli_close_output(print_help(argc - 2, argv + 2));
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
        net_wipe_memory(); /* nothing of libcurl or libcrypto was needed so far */
        code = run_command(command, &values);
    }
    cli_values_free(&values);
    log_close();
    return cli_close_output(code);
}
