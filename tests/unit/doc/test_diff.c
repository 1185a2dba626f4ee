#include "runner.h"

#include <string.h>

#include "base/alloc.h"
#include "base/attributes.h"
#include "doc/diff.h"

Suite *suite_diff(void);

static void assert_unified(const char *old_text, const char *new_text, int context,
                           const char *expected)
{
    struct diff diff;
    struct buffer out;
    buffer_init(&out, 100000);
    diff_texts(&diff, old_text, new_text);
    ck_assert(diff_write_unified(&out, &diff, context, "live", "merged"));
    ck_assert_str_eq(out.data, expected);
    diff_free(&diff);
    buffer_free(&out);
}

START_TEST(unified_text_is_what_diff_u_writes)
{
    static const struct {
        const char *old_text;
        const char *new_text;
        int context;
        const char *unified;
    } cases[] = {
        {"", "", 3, ""},
        {"a\n", "a\n", 3, ""},
        {"a\n", "b\n", 3, "--- live\n+++ merged\n@@ -1 +1 @@\n-a\n+b\n"},
        {"", "a\nb\n", 3, "--- live\n+++ merged\n@@ -0,0 +1,2 @@\n+a\n+b\n"},
        {"a\nb\n", "", 3, "--- live\n+++ merged\n@@ -1,2 +0,0 @@\n-a\n-b\n"},
        {"a\nb\n", "a\nb", 3,
         "--- live\n+++ merged\n@@ -1,2 +1,2 @@\n a\n-b\n+b\n\\ No newline at end of file\n"},
        {"a", "a\n", 3,
         "--- live\n+++ merged\n@@ -1 +1 @@\n-a\n\\ No newline at end of file\n+a\n"},
        {"1\n2\n3\n4\n5\n6\n7\n8\n9\n", "1\n2\n3\n4\nfive\n6\n7\n8\n9\n", 3,
         "--- live\n+++ merged\n@@ -2,7 +2,7 @@\n 2\n 3\n 4\n-5\n+five\n 6\n 7\n 8\n"},
        {"1\n2\n3\n4\n5\n6\n7\n8\n9\n", "0\n1\n2\n3\n4\n5\n6\n7\n8\n9\n10\n", 1,
         "--- live\n+++ merged\n@@ -1 +1,2 @@\n+0\n 1\n@@ -9 +10,2 @@\n 9\n+10\n"},
        {"a\n1\n2\nb\n", "A\n1\n2\nB\n", 1,
         "--- live\n+++ merged\n@@ -1,4 +1,4 @@\n-a\n+A\n 1\n 2\n-b\n+B\n"},
        {"a\n1\n2\n3\nb\n", "A\n1\n2\n3\nB\n", 1,
         "--- live\n+++ merged\n@@ -1,2 +1,2 @@\n-a\n+A\n 1\n@@ -4,2 +4,2 @@\n 3\n-b\n+B\n"},
        {"a\nb\n", "a\nx\nb\n", 0, "--- live\n+++ merged\n@@ -1,0 +2 @@\n+x\n"},
        {"a\nx\nb\n", "a\nb\n", 0, "--- live\n+++ merged\n@@ -2 +1,0 @@\n-x\n"},
        {"\n\n", "\n", 3, "--- live\n+++ merged\n@@ -1,2 +1 @@\n \n-\n"},
    };
    for (size_t i = 0; i < ARRAY_LENGTH(cases); i++) {
        assert_unified(cases[i].old_text, cases[i].new_text, cases[i].context, cases[i].unified);
    }
}
END_TEST

START_TEST(lines_know_their_numbers)
{
    struct diff diff;
    diff_texts(&diff, "a\nb\nc\n", "a\nx\nc\n");
    static const struct {
        enum diff_kind kind;
        int old_number;
        int new_number;
    } expected[] = {{DIFF_SAME, 1, 1}, {DIFF_REMOVED, 2, 0}, {DIFF_ADDED, 0, 2}, {DIFF_SAME, 3, 3}};
    ck_assert_uint_eq(diff.count, 4);
    ck_assert_uint_eq(diff.added, 1);
    ck_assert_uint_eq(diff.removed, 1);
    for (size_t i = 0; i < 4; i++) {
        ck_assert_int_eq(diff.lines[i].kind, expected[i].kind);
        ck_assert_int_eq(diff.lines[i].old_number, expected[i].old_number);
        ck_assert_int_eq(diff.lines[i].new_number, expected[i].new_number);
        ck_assert_uint_eq(diff.lines[i].length, 1);
    }
    diff_free(&diff);
}
END_TEST

/* A generator of its own, so that every machine sees the same texts. */
static unsigned next_random(unsigned *state)
{
    *state = *state * 1664525U + 1013904223U;
    return *state >> 16;
}

static char *random_text(unsigned *state, unsigned lines, unsigned letters)
{
    char *text = xmalloc(lines * 2 + 1);
    for (unsigned i = 0; i < lines; i++) {
        text[2 * i] = (char)('a' + next_random(state) % letters);
        text[2 * i + 1] = '\n';
    }
    text[2 * lines] = '\0';
    return text;
}

enum { MOST_LINES = 60 };

static size_t longest_common(const char *a, const char *b)
{
    static size_t table[MOST_LINES + 1][MOST_LINES + 1];
    size_t a_lines = strlen(a) / 2;
    size_t b_lines = strlen(b) / 2;
    for (size_t i = 0; i <= a_lines; i++) {
        for (size_t j = 0; j <= b_lines; j++) {
            if (i == 0 || j == 0) {
                table[i][j] = 0;
            } else if (a[2 * i - 2] == b[2 * j - 2]) {
                table[i][j] = table[i - 1][j - 1] + 1;
            } else {
                table[i][j] = table[i - 1][j] > table[i][j - 1] ? table[i - 1][j] : table[i][j - 1];
            }
        }
    }
    return table[a_lines][b_lines];
}

/* The lines of one side put together again. */
static void assert_side(const struct diff *diff, enum diff_kind left_out, const char *text)
{
    struct buffer out;
    buffer_init(&out, 10000);
    for (size_t i = 0; i < diff->count; i++) {
        if (diff->lines[i].kind != left_out) {
            buffer_append(&out, diff->lines[i].text, diff->lines[i].length + 1);
        }
    }
    ck_assert_str_eq(out.data, text);
    buffer_free(&out);
}

START_TEST(random_texts_get_the_shortest_difference)
{
    unsigned state = 20240229;
    for (int round = 0; round < 4000; round++) {
        unsigned letters = 1 + next_random(&state) % 8;
        char *a = random_text(&state, next_random(&state) % MOST_LINES, letters);
        char *b =
            random_text(&state, next_random(&state) % MOST_LINES, letters + (unsigned)round % 2);
        struct diff diff;
        diff_texts(&diff, a, b);
        size_t common = longest_common(a, b);
        ck_assert_uint_eq(diff.removed, strlen(a) / 2 - common);
        ck_assert_uint_eq(diff.added, strlen(b) / 2 - common);
        ck_assert_uint_eq(diff.count, common + diff.added + diff.removed);
        assert_side(&diff, DIFF_ADDED, a);
        assert_side(&diff, DIFF_REMOVED, b);
        diff_free(&diff);
        free(a);
        free(b);
    }
}
END_TEST

START_TEST(large_texts_that_share_nothing_are_done_in_a_moment)
{
    struct buffer a, b;
    buffer_init(&a, 10000000);
    buffer_init(&b, 10000000);
    for (int i = 0; i < 50000; i++) {
        buffer_printf(&a, "old %d\n", i);
        buffer_printf(&b, "new %d\n", i);
    }
    struct diff diff;
    diff_texts(&diff, a.data, b.data);
    ck_assert_uint_eq(diff.added, 50000);
    ck_assert_uint_eq(diff.removed, 50000);
    diff_free(&diff);
    buffer_free(&a);
    buffer_free(&b);
}
END_TEST

START_TEST(a_difference_stops_at_the_limit)
{
    struct diff diff;
    struct buffer out;
    buffer_init(&out, 30);
    diff_texts(&diff, "a long line of text\n", "another long line of text\n");
    ck_assert(!diff_write_unified(&out, &diff, 3, "a", "b"));
    diff_free(&diff);
    buffer_free(&out);
}
END_TEST

Suite *suite_diff(void)
{
    const TTest *tests[] = {unified_text_is_what_diff_u_writes,
                            lines_know_their_numbers,
                            random_texts_get_the_shortest_difference,
                            large_texts_that_share_nothing_are_done_in_a_moment,
                            a_difference_stops_at_the_limit,
                            NULL};
    return suite_of("diff", tests);
}
