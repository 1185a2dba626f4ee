#include "runner.h"

#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/file.h"
#include "cli/command.h"
#include "cli/options.h"

Suite *suite_options(void);

static struct cli_values values;
static struct error err;

static bool parse(unsigned groups, const char *line)
{
    char copy[512];
    char *words[32];
    int count = 0;
    char *rest = NULL;
    snprintf(copy, sizeof(copy), "%s", line);
    for (char *word = strtok_r(copy, " ", &rest); word != NULL; word = strtok_r(NULL, " ", &rest)) {
        words[count++] = word;
    }
    cli_values_free(&values);
    error_clear(&err);
    return cli_parse_arguments(&values, groups, count, words, &err);
}

START_TEST(flags_take_values_attached_apart_and_short)
{
    ck_assert(parse(CLI_GROUP_CONNECTION, "--context=prod --kubeconfig f -n kube-system -vv"));
    ck_assert_str_eq(cli_text(&values, CLI_CONTEXT), "prod");
    ck_assert_str_eq(cli_text(&values, CLI_KUBECONFIG), "f");
    ck_assert_str_eq(cli_text(&values, CLI_NAMESPACE), "kube-system");
    ck_assert_uint_eq(values.of[CLI_VERBOSE].count, 2);
    ck_assert(parse(CLI_GROUP_CONNECTION, "-nkube-system --driver a --driver b"));
    ck_assert_str_eq(cli_text(&values, CLI_NAMESPACE), "kube-system");
    ck_assert_uint_eq(values.of[CLI_DRIVER].count, 2);
    cli_values_free(&values);
}
END_TEST

START_TEST(an_optional_value_must_be_attached)
{
    ck_assert(parse(CLI_GROUP_CONNECTION, "--demo healthy"));
    ck_assert_str_eq(cli_text(&values, CLI_DEMO), "");
    ck_assert_str_eq(values.arguments[0], "healthy");
    ck_assert(parse(CLI_GROUP_CONNECTION, "--demo=healthy"));
    ck_assert_str_eq(cli_text(&values, CLI_DEMO), "healthy");
    cli_values_free(&values);
}
END_TEST

START_TEST(a_name_may_be_left_out_where_the_command_knows_it)
{
    ck_assert(parse(CLI_GROUP_SECRET_CREATE | CLI_GROUP_CONFIRM, "--use-secret a --yes"));
    ck_assert_str_eq(cli_text(&values, CLI_USE_SECRET), "a");
    ck_assert(parse(CLI_GROUP_SECRET_CREATE | CLI_GROUP_CONFIRM, "--use-secret --yes"));
    ck_assert_str_eq(cli_text(&values, CLI_USE_SECRET), "");
    ck_assert(cli_flag(&values, CLI_YES));
    ck_assert(parse(CLI_GROUP_SECRET_CREATE, "a --use-secret"));
    ck_assert_str_eq(cli_text(&values, CLI_USE_SECRET), "");
    ck_assert(parse(CLI_GROUP_SECRET_CREATE, "--use-secret=--"));
    ck_assert_str_eq(cli_text(&values, CLI_USE_SECRET), "--");
    cli_values_free(&values);
}
END_TEST

START_TEST(wrong_flags_are_refused_with_a_way_out)
{
    static const struct {
        const char *line;
        const char *message;
    } cases[] = {
        {"--contxt x", "unknown flag --contxt; did you mean --context?"},
        {"--yes", "--yes does not go with this command; see --help"},
        {"--frobnicate", "unknown flag --frobnicate; see --help"},
        {"--context", "--context wants a value: --context NAME"},
        {"-Z", "unknown flag -Z; see --help"},
        {"--read-only=perhaps", "--read-only: \"perhaps\" is neither true nor false"},
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        ck_assert(!parse(CLI_GROUP_CONNECTION, cases[i].line));
        ck_assert_str_eq(err.message, cases[i].message);
        ck_assert_int_eq(err.kind, ERROR_USAGE);
    }
    cli_values_free(&values);
}
END_TEST

START_TEST(two_dashes_end_the_flags)
{
    ck_assert(parse(CLI_GROUP_CONNECTION, "-- --context x"));
    ck_assert(!cli_is_set(&values, CLI_CONTEXT));
    ck_assert_uint_eq(values.argument_count, 2);
    cli_values_free(&values);
}
END_TEST

START_TEST(a_flag_beats_the_environment_and_that_the_file)
{
    char path[] = "/tmp/pullmend-cli.XXXXXX";
    int fd = mkstemp(path);
    close(fd);
    static const char text[] = "context: from-file\nserver: https://file\nuser: file\n"
                               "driver: [a, b]\nread-only: yes\n";
    ck_assert(file_write_atomic(path, text, strlen(text), 0600, &err));
    setenv("PULLMEND_CONTEXT", "from-environment", 1);
    setenv("PULLMEND_USER", "from-environment", 1);
    ck_assert(parse(CLI_GROUP_CONNECTION, "--context from-flag"));
    ck_assert(cli_parse_environment(&values, &err));
    ck_assert(cli_parse_file(&values, path, &err));
    ck_assert_str_eq(cli_text(&values, CLI_CONTEXT), "from-flag");
    ck_assert_str_eq(cli_text(&values, CLI_USER), "from-environment");
    ck_assert_str_eq(cli_text(&values, CLI_SERVER), "https://file");
    ck_assert_uint_eq(values.of[CLI_DRIVER].count, 2);
    ck_assert(cli_flag(&values, CLI_READ_ONLY));
    unlink(path);
    cli_values_free(&values);
}
END_TEST

START_TEST(a_wrong_setting_is_named_with_its_place)
{
    static const struct {
        const char *text;
        const char *message;
    } cases[] = {
        {"context: a\ncolour: b\n", ":2:1: colour: no such setting; pullmend-config(5) lists them"},
        {"context: [a]\n", ":1:10: one value is wanted here"},
        {"read-only: maybe\n", ":1:12: \"maybe\" is neither true nor false"},
        {"- a\n", ":1:1: settings are wanted here, as `theme: nord`"},
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        char path[] = "/tmp/pullmend-cli.XXXXXX";
        int fd = mkstemp(path);
        close(fd);
        ck_assert(file_write_atomic(path, cases[i].text, strlen(cases[i].text), 0600, &err));
        ck_assert(parse(CLI_GROUP_CONNECTION, ""));
        ck_assert(!cli_parse_file(&values, path, &err));
        char expected[256];
        snprintf(expected, sizeof(expected), "%s%s", path, cases[i].message);
        ck_assert_str_eq(err.message, expected);
        ck_assert_int_eq(err.kind, ERROR_CONFIG);
        unlink(path);
    }
    cli_values_free(&values);
}
END_TEST

START_TEST(the_command_may_stand_behind_flags_and_their_values)
{
    static const struct {
        const char *words[8];
        const char *command;
        int left;
    } cases[] = {
        {{"status", NULL}, "status", 0},
        {{"-v", "--context", "status", "diff", "--drop-reference", NULL}, "diff", 4},
        {{"-n", "kube-system", "status", NULL}, "status", 2},
        {{"--context=prod", NULL}, "", 1},
        {{"--demo", "status", NULL}, "status", 1},
        {{"explain", "secret-missing", NULL}, "explain", 1},
        {{"--", "status", NULL}, "", 2},
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        char *words[8] = {NULL};
        int count = 0;
        for (; cases[i].words[count] != NULL; count++) {
            words[count] = (char *)(uintptr_t)cases[i].words[count];
        }
        const struct cli_command *command = cli_command_find(&count, words, &err);
        ck_assert_ptr_nonnull(command);
        ck_assert_str_eq(command->name, cases[i].command);
        ck_assert_int_eq(count, cases[i].left);
    }
}
END_TEST

START_TEST(every_option_has_one_name_and_a_help_text)
{
    for (size_t i = 0; i < CLI_OPTION_COUNT; i++) {
        ck_assert(cli_options[i].help[0] != '\0');
        for (size_t j = i + 1; j < CLI_OPTION_COUNT; j++) {
            ck_assert_str_ne(cli_options[i].name, cli_options[j].name);
        }
    }
}
END_TEST

START_TEST(the_help_of_every_command_fits_a_screen)
{
    for (size_t i = 0; i < cli_command_count; i++) {
        FILE *out = tmpfile();
        cli_print_help(out, &cli_commands[i]);
        rewind(out);
        char line[512];
        int lines = 0;
        while (fgets(line, sizeof(line), out) != NULL) {
            lines++;
            ck_assert_msg(strlen(line) <= 81, "%s: %s", cli_commands[i].name, line);
        }
        fclose(out);
        ck_assert_msg(lines <= 60, "%s: %d lines", cli_commands[i].name, lines);
    }
}
END_TEST

Suite *suite_options(void)
{
    const TTest *tests[] = {flags_take_values_attached_apart_and_short,
                            an_optional_value_must_be_attached,
                            a_name_may_be_left_out_where_the_command_knows_it,
                            wrong_flags_are_refused_with_a_way_out,
                            two_dashes_end_the_flags,
                            a_flag_beats_the_environment_and_that_the_file,
                            a_wrong_setting_is_named_with_its_place,
                            the_command_may_stand_behind_flags_and_their_values,
                            every_option_has_one_name_and_a_help_text,
                            the_help_of_every_command_fits_a_screen,
                            NULL};
    return suite_of("options", tests);
}
