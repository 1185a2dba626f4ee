#include "runner.h"

#include <stdio.h>
#include <string.h>

#include "jinja/value.h"

Suite *suite_value(void);

static struct jinja_arena *arena;

static void open_arena(void)
{
    arena = jinja_arena_new((size_t)1 << 24);
}

static void close_arena(void)
{
    jinja_arena_free(arena);
}

static void expect_repr(struct jinja_value value, const char *text)
{
    struct buffer out;
    buffer_init(&out, 10000);
    ck_assert(jinja_write_repr(&out, value));
    ck_assert_str_eq(out.data, text);
    buffer_free(&out);
}

START_TEST(a_dict_keeps_the_order_of_insertion_through_growth_and_removal)
{
    struct jinja_value dict = jinja_dict(arena);
    char key[20];
    for (int i = 0; i < 1000; i++) {
        snprintf(key, sizeof(key), "key%d", (i * 7919) % 1000);
        jinja_dict_set_text(arena, dict.as.dict, key, jinja_int(i));
    }
    ck_assert_uint_eq(dict.as.dict->count, 1000);
    ck_assert(jinja_dict_remove(arena, dict.as.dict, jinja_text(arena, "key0")));
    ck_assert(!jinja_dict_remove(arena, dict.as.dict, jinja_text(arena, "key0")));
    ck_assert_ptr_null(jinja_dict_get_text(dict.as.dict, "key0"));
    for (int i = 1; i < 1000; i++) {
        snprintf(key, sizeof(key), "key%d", (i * 7919) % 1000);
        const struct jinja_value *value = jinja_dict_get_text(dict.as.dict, key);
        ck_assert_ptr_nonnull(value);
        ck_assert_int_eq(value->as.integer, i);
        ck_assert(jinja_is_text(dict.as.dict->entries[i - 1].key, key));
    }
}
END_TEST

START_TEST(equal_numbers_of_different_types_are_one_key)
{
    struct jinja_value dict = jinja_dict(arena);
    jinja_dict_set(arena, dict.as.dict, jinja_int(1), jinja_text(arena, "int"));
    jinja_dict_set(arena, dict.as.dict, jinja_float(1.0), jinja_text(arena, "float"));
    jinja_dict_set(arena, dict.as.dict, jinja_bool(true), jinja_text(arena, "bool"));
    ck_assert_uint_eq(dict.as.dict->count, 1);
    expect_repr(dict, "{1: 'bool'}");
}
END_TEST

START_TEST(a_list_cannot_be_a_key)
{
    struct jinja_value dict = jinja_dict(arena);
    ck_assert(!jinja_dict_set(arena, dict.as.dict, jinja_list(arena, 0), jinja_none()));
    ck_assert_ptr_null(jinja_dict_get(dict.as.dict, jinja_list(arena, 0)));
}
END_TEST

START_TEST(floats_print_as_the_shortest_text_that_reads_back)
{
    expect_repr(jinja_float(0.1), "0.1");
    expect_repr(jinja_float(1e16), "1e+16");
    expect_repr(jinja_float(123456789012345680.0), "1.2345678901234568e+17");
    expect_repr(jinja_float(0.0001), "0.0001");
    expect_repr(jinja_float(0.00001), "1e-05");
    expect_repr(jinja_float(-2.0), "-2.0");
}
END_TEST

START_TEST(text_chooses_its_quotes_as_python_does)
{
    expect_repr(jinja_text(arena, "it's"), "\"it's\"");
    expect_repr(jinja_text(arena, "a'b\"c"), "'a\\'b\"c'");
    expect_repr(jinja_text(arena, "\xc3\xbc\n\x01"), "'\xc3\xbc\\n\\x01'");
}
END_TEST

START_TEST(literals_are_read_as_python_reads_them)
{
    struct jinja_value value;
    bool huge;
    const char *good = "[1, -2.5, 'a' \"b\", (1,), {'k': true, 'n': null}, # c\n 0x1f,]";
    ck_assert(jinja_read_literal(arena, good, strlen(good), &value, &huge));
    expect_repr(value, "[1, -2.5, 'ab', (1,), {'k': True, 'n': None}, 31]");
    static const char *const bad[] = {"[1, x]", "{'a': }", "[1",    "[1]]",    "[01]",
                                      "['a]",   "{[]: 1}", "[1 2]", "[f('x')]"};
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        ck_assert_msg(!jinja_read_literal(arena, bad[i], strlen(bad[i]), &value, &huge), "%s",
                      bad[i]);
        ck_assert(!huge);
    }
    ck_assert(!jinja_read_literal(arena, "{1, 2}", 6, &value, &huge));
    ck_assert(huge);
}
END_TEST

START_TEST(an_arena_says_when_its_limit_is_passed)
{
    struct jinja_arena *small = jinja_arena_new(1000);
    jinja_arena_alloc(small, 900);
    ck_assert(!jinja_arena_exhausted(small));
    jinja_arena_alloc(small, 200);
    ck_assert(jinja_arena_exhausted(small));
    jinja_arena_free(small);
}
END_TEST

Suite *suite_value(void)
{
    Suite *suite = suite_create("value");
    TCase *cases = tcase_create("value");
    tcase_add_checked_fixture(cases, open_arena, close_arena);
    tcase_add_test(cases, a_dict_keeps_the_order_of_insertion_through_growth_and_removal);
    tcase_add_test(cases, equal_numbers_of_different_types_are_one_key);
    tcase_add_test(cases, a_list_cannot_be_a_key);
    tcase_add_test(cases, floats_print_as_the_shortest_text_that_reads_back);
    tcase_add_test(cases, text_chooses_its_quotes_as_python_does);
    tcase_add_test(cases, literals_are_read_as_python_reads_them);
    tcase_add_test(cases, an_arena_says_when_its_limit_is_passed);
    suite_add_tcase(suite, cases);
    return suite;
}
