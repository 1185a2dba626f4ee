#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "runner.h"
#include "ui/keys.h"
#include "ui/presets.h"
#include "ui/settings.h"

static bool read_text(const char *text, struct error *err)
{
    char path[] = "/tmp/pullmend-settings.XXXXXX";
    int fd = mkstemp(path);
    ck_assert_int_ge(fd, 0);
    ck_assert_int_eq((int)write(fd, text, strlen(text)), (int)strlen(text));
    close(fd);
    bool done = settings_read_file(path, err);
    unlink(path);
    return done;
}

static const char *filter_of(const char *name)
{
    for (size_t i = 0; i < presets_count(); i++) {
        if (strcmp(presets_name(i), name) == 0) {
            return presets_filter(i);
        }
    }
    return NULL;
}

START_TEST(some_presets_are_built_in)
{
    ck_assert_str_eq(filter_of("broken"), "state:broken");
    ck_assert_str_eq(filter_of("failing"), "pull:failing");
    ck_assert_ptr_null(filter_of("mine"));
}
END_TEST

START_TEST(presets_and_keys_of_the_file_are_taken)
{
    struct error err = ERROR_INIT;
    size_t before = presets_count();
    ck_assert_msg(
        read_text("theme: nord\nkeys: {fix: F4}\n"
                  "presets:\n  mine: driver:upcloud state:broken\n  broken: pull:failing\n",
                  &err),
        "%s", err.message);
    ck_assert_str_eq(filter_of("mine"), "driver:upcloud state:broken");
    ck_assert_str_eq(filter_of("broken"), "pull:failing");
    ck_assert_uint_eq(presets_count(), before + 1);
    ck_assert_str_eq(keys_of(UI_FIX), "F4");
    ck_assert(read_text("presets: {mine: other}\n", &err));
    ck_assert_str_eq(filter_of("mine"), "other");
    ck_assert(read_text("", &err));
    ck_assert(settings_read_file("/nonexistent/config.yaml", &err));
}
END_TEST

START_TEST(what_is_wrong_is_told_with_its_place)
{
    static const char *const cases[][2] = {
        {"presets: [a]\n", ":1:10: presets: wants names"},
        {"presets:\n  mine: state:nonsense\n",
         ":2:9: presets: mine: not understood: state:nonsense"},
        {"presets:\n  mine: \"\"\n", ":2:9: presets: mine: not understood"},
        {"presets:\n  mine: [a]\n", ":2:3: presets: wants names"},
        {"keys:\n  opem: x\n", ":2:3: keys: opem: no such action"},
        {"keys: [a]\n", ":1:7: keys: wants actions"},
        {"presets: {\n", ":2:1"},
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct error err = ERROR_INIT;
        ck_assert_msg(!read_text(cases[i][0], &err), "taken: %s", cases[i][0]);
        ck_assert_int_eq((int)err.kind, ERROR_CONFIG);
        ck_assert_msg(strstr(err.message, cases[i][1]) != NULL, "%s", err.message);
    }
}
END_TEST

Suite *suite_settings(void);

Suite *suite_settings(void)
{
    Suite *suite = suite_create("settings");
    TCase *tests = tcase_create("file");
    tcase_add_test(tests, some_presets_are_built_in);
    tcase_add_test(tests, presets_and_keys_of_the_file_are_taken);
    tcase_add_test(tests, what_is_wrong_is_told_with_its_place);
    suite_add_tcase(suite, tests);
    return suite;
}
