#include <dirent.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/text.h"
#include "runner.h"
#include "ui/theme_file.h"

static char *theme_folder(void)
{
    return xasprintf("%s/themes", getenv("TOP_SRCDIR"));
}

START_TEST(every_shipped_theme_is_read_and_has_every_role)
{
    char *folder = theme_folder();
    DIR *themes = opendir(folder);
    struct dirent *entry;
    int count = 0;
    ck_assert_ptr_nonnull(themes);
    while ((entry = readdir(themes)) != NULL) {
        if (!text_ends_with(entry->d_name, ".yaml")) {
            continue;
        }
        struct theme_look looks[UI_ROLE_COUNT];
        struct error err = ERROR_INIT;
        char *path = xasprintf("%s/%s", folder, entry->d_name);
        theme_fallback_looks(looks);
        ck_assert_msg(theme_read_file(path, looks, &err), "%s", err.message);
        for (int role = 0; role < UI_ROLE_COUNT; role++) {
            ck_assert_msg(looks[role].line > 0, "%s: role %d is missing", path, role);
        }
        free(path);
        count++;
    }
    ck_assert_int_ge(count, 11);
    closedir(themes);
    free(folder);
}
END_TEST

START_TEST(every_shipped_theme_has_enough_contrast)
{
    char *folder = theme_folder();
    DIR *themes = opendir(folder);
    struct dirent *entry;
    struct buffer report;
    buffer_init(&report, 1 << 16);
    while (themes != NULL && (entry = readdir(themes)) != NULL) {
        if (text_ends_with(entry->d_name, ".yaml")) {
            struct theme_look looks[UI_ROLE_COUNT];
            char *path = xasprintf("%s/%s", folder, entry->d_name);
            theme_fallback_looks(looks);
            ck_assert(theme_read_file(path, looks, NULL));
            theme_low_contrasts(path, looks, &report);
            free(path);
        }
    }
    ck_assert_str_eq(report.data, "");
    buffer_free(&report);
    closedir(themes);
    free(folder);
}
END_TEST

/* Writes text into a file of its own and reads it as a theme. */
static bool read_text(const char *text, struct theme_look looks[UI_ROLE_COUNT], struct error *err)
{
    char path[] = "/tmp/pullmend-theme.XXXXXX";
    int fd = mkstemp(path);
    ck_assert_int_ge(fd, 0);
    ck_assert_int_eq((int)write(fd, text, strlen(text)), (int)strlen(text));
    close(fd);
    theme_fallback_looks(looks);
    bool done = theme_read_file(path, looks, err);
    unlink(path);
    return done;
}

START_TEST(a_palette_names_colours)
{
    struct theme_look looks[UI_ROLE_COUNT];
    ck_assert(read_text("palette:\n  ink: \"#102030\"\nroles:\n  text: ink on white bold\n", looks,
                        NULL));
    ck_assert_int_eq(looks[UI_ROLE_TEXT].foreground.red, 0x10);
    ck_assert_int_eq(looks[UI_ROLE_TEXT].foreground.blue, 0x30);
    ck_assert_int_eq(looks[UI_ROLE_TEXT].background.index, 7);
    ck_assert_uint_ne(looks[UI_ROLE_TEXT].attributes, 0);
}
END_TEST

START_TEST(mistakes_are_told_with_line_and_column)
{
    static const struct {
        const char *text;
        const char *told;
    } cases[] = {
        {"roles:\n  text: fuchsiaish\n", ":2:9: neither a colour nor an attribute: fuchsiaish"},
        {"roles:\n  txet: red\n", ":2:3: no such role; pullmend-theme(5) lists them: txet"},
        {"colors:\n  text: red\n", ":1:1: only name, palette and roles belong here"},
        {"- red\n", ":1:1: a theme has `palette:` and `roles:`"},
        {"roles: [\n", ":2:1"},
    };
    for (size_t i = 0; i < ARRAY_LENGTH(cases); i++) {
        struct theme_look looks[UI_ROLE_COUNT];
        struct error err = ERROR_INIT;
        ck_assert(!read_text(cases[i].text, looks, &err));
        ck_assert_int_eq(err.kind, ERROR_CONFIG);
        ck_assert_msg(strstr(err.message, cases[i].told) != NULL, "%s", err.message);
    }
}
END_TEST

START_TEST(low_contrast_is_told_with_its_line)
{
    struct theme_look looks[UI_ROLE_COUNT];
    struct buffer report;
    buffer_init(&report, 4096);
    ck_assert(
        read_text("roles:\n  text: \"#ffffff on #000000\"\n  good: \"#222222\"\n", looks, NULL));
    ck_assert_uint_eq(theme_low_contrasts("mine.yaml", looks, &report), 1);
    ck_assert_ptr_nonnull(strstr(report.data, "mine.yaml:3: good: contrast"));
    buffer_free(&report);
}
END_TEST

START_TEST(colours_fall_back_to_what_the_terminal_has)
{
    struct color red;
    struct color index;
    ck_assert(color_parse("#ff0000", &red));
    ck_assert(color_parse("bright-blue", &index));
    ck_assert_int_eq(color_index(red, 256), 196);
    ck_assert_int_eq(color_index(red, 16), 9);
    ck_assert_int_eq(color_index(red, 8), 1);
    ck_assert_int_eq(color_index(index, 16), 12);
    ck_assert_int_eq(color_index(index, 8), 4);
    ck_assert_int_eq(color_index(COLOR_NONE, 256), -1);
    ck_assert(!color_parse("#ff00", &red));
    ck_assert(!color_parse("256", &red));
    ck_assert(!color_parse("", &red));
}
END_TEST

Suite *suite_theme(void);

Suite *suite_theme(void)
{
    const TTest *const tests[] = {every_shipped_theme_is_read_and_has_every_role,
                                  every_shipped_theme_has_enough_contrast,
                                  a_palette_names_colours,
                                  mistakes_are_told_with_line_and_column,
                                  low_contrast_is_told_with_its_line,
                                  colours_fall_back_to_what_the_terminal_has,
                                  NULL};
    return suite_of("theme", tests);
}
