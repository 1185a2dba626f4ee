#include "runner.h"

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

Suite *suite_text(void)
{
    const TTest *tests[] = {
        control_characters_and_broken_utf8_are_replaced, cells_are_cut_with_an_ellipsis_and_padded,
        widths_are_those_of_the_terminal, utf8_encodes_back_to_what_it_was, NULL};
    return suite_of("text", tests);
}
