#include "runner.h"

#include <string.h>

#include "base/buffer.h"

Suite *suite_buffer(void);

START_TEST(a_new_buffer_is_an_empty_string)
{
    struct buffer b;
    buffer_init(&b, 10);
    ck_assert_str_eq(b.data, "");
    ck_assert_uint_eq(b.length, 0);
    buffer_free(&b);
}
END_TEST

START_TEST(a_full_buffer_refuses_more_and_keeps_what_it_has)
{
    struct buffer b;
    buffer_init(&b, 5);
    ck_assert(buffer_append_string(&b, "12345"));
    ck_assert(!buffer_append_char(&b, '6'));
    ck_assert(b.overflowed);
    ck_assert_str_eq(b.data, "12345");
    buffer_clear(&b);
    ck_assert(!b.overflowed);
    ck_assert(buffer_append_string(&b, "ab"));
    buffer_free(&b);
}
END_TEST

START_TEST(consuming_moves_the_rest_to_the_front)
{
    struct buffer b;
    buffer_init(&b, 100);
    buffer_printf(&b, "%s-%d", "line", 42);
    buffer_consume(&b, 5);
    ck_assert_str_eq(b.data, "42");
    buffer_consume(&b, 99);
    ck_assert_uint_eq(b.length, 0);
    buffer_free(&b);
}
END_TEST

START_TEST(taking_leaves_an_empty_buffer_behind)
{
    struct buffer b;
    buffer_init(&b, 100);
    buffer_append_repeat(&b, 'x', 3);
    char *taken = buffer_take(&b);
    ck_assert_str_eq(taken, "xxx");
    ck_assert_str_eq(b.data, "");
    free(taken);
}
END_TEST

START_TEST(a_secret_buffer_wipes_what_it_drops)
{
    struct buffer b;
    buffer_init_secret(&b, 100);
    buffer_append_string(&b, "password");
    char *memory = b.data;
    buffer_clear(&b);
    for (size_t i = 0; i < 8; i++) {
        ck_assert_int_eq(memory[i], 0);
    }
    buffer_append_string(&b, "password");
    buffer_truncate(&b, 4);
    ck_assert_int_eq(memory[5], 0);
    buffer_free(&b);
}
END_TEST

Suite *suite_buffer(void)
{
    const TTest *tests[] = {
        a_new_buffer_is_an_empty_string,       a_full_buffer_refuses_more_and_keeps_what_it_has,
        consuming_moves_the_rest_to_the_front, taking_leaves_an_empty_buffer_behind,
        a_secret_buffer_wipes_what_it_drops,   NULL};
    return suite_of("buffer", tests);
}
