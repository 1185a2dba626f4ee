#include "runner.h"

#include <stdio.h>
#include <string.h>

#include "base/text.h"

Suite *suite_text(void);

static char *cell(const char *text, int columns, bool pad)
{
    struct buffer out;
    buffer_init(&out, 1000);
    text_append_cell(&out, text, columns, pad);
    return buffer_take(&out);
}

START_TEST(control_characters_and_broken_utf8_are_replaced)
{
    static const struct {
        const char *raw;
        const char *safe;
    } cases[] = {
        {"plain", "plain"},
        {"a\x1b[31mb", "a\xEF\xBF\xBD[31mb"},
        {"tab\tnewline\n", "tab newline "},
        {"\xC2\x9B"
         "31m",
         "\xEF\xBF\xBD"
         "31m"},
        {"\xFF\xFE", "\xEF\xBF\xBD\xEF\xBF\xBD"},
        {"a\xE2\x80\xAE"
         "b",
         "ab"},
        {"\xC0\x80", "\xEF\xBF\xBD\xEF\xBF\xBD"},
        {"\xED\xA0\x80", "\xEF\xBF\xBD\xEF\xBF\xBD\xEF\xBF\xBD"},
        {"ä日", "ä日"},
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        char *safe = text_safe(cases[i].raw);
        ck_assert_str_eq(safe, cases[i].safe);
        free(safe);
    }
}
END_TEST

START_TEST(cells_are_cut_with_an_ellipsis_and_padded)
{
    char *text = cell("registry.k8s.io", 8, true);
    ck_assert_str_eq(text, "registr…");
    free(text);
    text = cell("abc", 5, true);
    ck_assert_str_eq(text, "abc  ");
    free(text);
    text = cell("日本語", 4, true);
    ck_assert_str_eq(text, "日… ");
    free(text);
    text = cell("", 0, true);
    ck_assert_str_eq(text, "");
    free(text);
}
END_TEST

START_TEST(widths_are_those_of_the_terminal)
{
    ck_assert_int_eq(text_width("abc"), 3);
    ck_assert_int_eq(text_width("日本"), 4);
    ck_assert_int_eq(text_width("e\xCC\x81"), 1);
}
END_TEST

START_TEST(utf8_encodes_back_to_what_it_was)
{
    const unsigned points[] = {0x24, 0xA2, 0x20AC, 0x10348};
    for (size_t i = 0; i < 4; i++) {
        char bytes[4];
        unsigned back = 0;
        size_t size = text_encode_utf8(points[i], bytes);
        ck_assert_uint_eq(text_decode_utf8(bytes, size, &back), size);
        ck_assert_uint_eq(back, points[i]);
        ck_assert_uint_eq(text_decode_utf8(bytes, size - 1, &back), 0);
    }
}
END_TEST

/* The lines that text_break() makes of text, with a bar between them. */
static void break_all(const char *text, int columns, char out[256])
{
    out[0] = '\0';
    while (*text != '\0') {
        size_t length = text_break(text, columns, 0);
        size_t used = strlen(out);
        ck_assert_uint_gt(length, 0);
        snprintf(out + used, 256 - used, "%s%.*s", used > 0 ? "|" : "", (int)length, text);
        text += length;
        text += strspn(text, " ");
    }
}

START_TEST(lines_break_at_blanks_and_beside_wide_characters)
{
    static const struct {
        const char *text;
        int columns;
        const char *lines;
    } cases[] = {
        {"one two three", 8, "one two|three"},
        {"extraordinary", 5, "extra|ordin|ary"},
        {"镜像拉取失败", 8, "镜像拉取|失败"},
        {"镜像拉取，失败", 8, "镜像拉|取，失败"},
        {"（镜像）拉取", 7, "（镜|像）拉|取"},
        {"名为 regcred 的 Secret", 10, "名为|regcred 的|Secret"},
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        char lines[256];
        break_all(cases[i].text, cases[i].columns, lines);
        ck_assert_str_eq(lines, cases[i].lines);
    }
}
END_TEST

START_TEST(a_column_is_padded_by_width_not_by_bytes)
{
    char out[32];
    ck_assert_str_eq(text_column(out, sizeof(out), "缺失", 6), "缺失  ");
    ck_assert_str_eq(text_column(out, sizeof(out), "missing", 4), "missing");
}
END_TEST

START_TEST(thousands_stand_apart)
{
    char out[48];
    text_number(out, 6912);
    ck_assert_str_eq(out, "6 912");
    text_number(out, 1234567.4);
    ck_assert_str_eq(out, "1 234 567");
    text_number(out, -3);
    ck_assert_str_eq(out, "0");
    text_set_thousands("");
    text_number(out, 6912);
    ck_assert_str_eq(out, "6 912");
    text_set_thousands("\u202f");
    text_number(out, 6912);
    ck_assert_str_eq(out, "6\u202f912");
    text_set_thousands(" ");
}
END_TEST

Suite *suite_text(void)
{
    const TTest *tests[] = {control_characters_and_broken_utf8_are_replaced,
                            cells_are_cut_with_an_ellipsis_and_padded,
                            widths_are_those_of_the_terminal,
                            utf8_encodes_back_to_what_it_was,
                            lines_break_at_blanks_and_beside_wide_characters,
                            a_column_is_padded_by_width_not_by_bytes,
                            thousands_stand_apart,
                            NULL};
    return suite_of("text", tests);
}
