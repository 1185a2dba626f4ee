#include <curses.h>
#include <string.h>

#include "runner.h"
#include "ui/line_edit.h"
#include "ui/terminal.h"

static void type(struct line_edit *edit, const char *text)
{
    for (; *text != '\0'; text++) {
        ck_assert_int_eq((int)line_edit_key(edit, (unsigned char)*text, false), LINE_EDIT_TAKEN);
    }
}

START_TEST(text_is_typed_moved_in_and_cut)
{
    struct line_edit edit = {0};
    type(&edit, "one two");
    line_edit_key(&edit, KEY_HOME, true);
    type(&edit, "x");
    ck_assert_str_eq(edit.text, "xone two");
    line_edit_key(&edit, KEY_END, true);
    line_edit_key(&edit, 23, false); /* ^W */
    ck_assert_str_eq(edit.text, "xone ");
    line_edit_key(&edit, KEY_LEFT, true);
    line_edit_key(&edit, KEY_BACKSPACE, true);
    ck_assert_str_eq(edit.text, "xon ");
    line_edit_key(&edit, KEY_DC, true);
    ck_assert_str_eq(edit.text, "xon");
    line_edit_key(&edit, 21, false); /* ^U */
    ck_assert_str_eq(edit.text, "");
    line_edit_key(&edit, 127, false);
    line_edit_key(&edit, KEY_DC, true);
    ck_assert_uint_eq(edit.length, 0);
}
END_TEST

START_TEST(characters_of_several_bytes_stay_whole)
{
    struct line_edit edit = {0};
    line_edit_key(&edit, 0x4E2D, false);
    line_edit_key(&edit, 0xE9, false);
    ck_assert_str_eq(edit.text, "\344\270\255\303\251");
    line_edit_key(&edit, KEY_LEFT, true);
    line_edit_key(&edit, KEY_BACKSPACE, true);
    ck_assert_str_eq(edit.text, "\303\251");
}
END_TEST

START_TEST(a_paste_is_text_and_its_line_breaks_are_no_keys)
{
    struct line_edit edit = {0};
    line_edit_key(&edit, TERMINAL_KEY_PASTE_BEGIN, true);
    type(&edit, "two\nlines\033\t");
    line_edit_key(&edit, TERMINAL_KEY_PASTE_END, true);
    ck_assert_str_eq(edit.text, "twolines");
    ck_assert(edit.broken);
    line_edit_key(&edit, 21, false); /* ^U */
    ck_assert(!edit.broken);
    line_edit_key(&edit, TERMINAL_KEY_PASTE_BEGIN, true);
    type(&edit, "\none\n\r");
    line_edit_key(&edit, TERMINAL_KEY_PASTE_END, true);
    type(&edit, "more");
    ck_assert_str_eq(edit.text, "onemore");
    ck_assert(!edit.broken); /* a line break at its end is what a selection brings along */
    ck_assert_int_eq((int)line_edit_key(&edit, '\n', false), LINE_EDIT_DONE);
    ck_assert_int_eq((int)line_edit_key(&edit, 27, false), LINE_EDIT_CANCELLED);
    ck_assert_int_eq((int)line_edit_key(&edit, '\t', false), LINE_EDIT_OTHER);
}
END_TEST

START_TEST(a_line_has_an_end_and_wiping_leaves_nothing)
{
    struct line_edit edit = {0};
    /* Tokens of clouds are long, and a password may have 64 KiB. */
    for (int i = 0; i < 64 * 1024; i++) {
        line_edit_key(&edit, 'x', false);
    }
    ck_assert_uint_eq(edit.length, 64 * 1024);
    ck_assert(!edit.full);
    line_edit_key(&edit, 'y', false);
    ck_assert_uint_eq(edit.length, 64 * 1024);
    ck_assert_msg(edit.full, "what did not fit is told");
    line_edit_key(&edit, 127, false);
    ck_assert(!edit.full);
    line_edit_key(&edit, 'x', false);
    line_edit_key(&edit, 'y', false);
    line_edit_wipe(&edit);
    ck_assert(!edit.full);
    for (size_t i = 0; i < sizeof(edit.text); i++) {
        ck_assert_int_eq(edit.text[i], 0);
    }
}
END_TEST

Suite *suite_line_edit(void);

Suite *suite_line_edit(void)
{
    const TTest *const tests[] = {text_is_typed_moved_in_and_cut,
                                  characters_of_several_bytes_stay_whole,
                                  a_paste_is_text_and_its_line_breaks_are_no_keys,
                                  a_line_has_an_end_and_wiping_leaves_nothing, NULL};
    return suite_of("line_edit", tests);
}
