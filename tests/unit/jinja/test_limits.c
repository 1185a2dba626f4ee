#include "runner.h"

#include <string.h>

#include "helper.h"

Suite *suite_limits(void);

static void expect_stop(const char *template, const char *part)
{
    const struct jinja_limits limits = {
        .output = 100000, .memory = (size_t)32 << 20, .steps = 200000, .depth = 200};
    struct fixture fixture;
    fixture_open(&fixture, "", &limits);
    ck_assert_ptr_null(fixture_render(&fixture, template));
    ck_assert_msg(strstr(fixture.err.message, part) != NULL, "%s", fixture.err.message);
    fixture_close(&fixture);
}

START_TEST(a_macro_without_end_is_stopped)
{
    expect_stop("{% macro m() %}{{ m() }}{% endmacro %}{{ m() }}", "nested more than 200 deep");
}
END_TEST

START_TEST(a_loop_without_end_is_stopped)
{
    expect_stop("{% set r = range(9000) %}"
                "{% for a in r %}{% for b in r %}{% endfor %}{% endfor %}",
                "steps and is stopped");
}
END_TEST

START_TEST(output_beyond_the_limit_is_refused)
{
    expect_stop("{{ 'x' * 100001 }}", "output is larger");
    expect_stop("{% for a in range(2000) %}{{ 'x' * 100 }}{% endfor %}", "output is larger");
}
END_TEST

START_TEST(a_text_that_would_fill_the_memory_is_refused)
{
    expect_stop("{{ 'x' * 1000000000000 }}", "repetition is too long");
    expect_stop("{% set ns = namespace(l=[1]) %}{% for i in range(60) %}"
                "{% set ns.l = ns.l + ns.l %}{% endfor %}",
                "memory and is stopped");
}
END_TEST

START_TEST(numbers_beyond_64_bits_are_refused_not_wrapped)
{
    expect_stop("{{ 9223372036854775807 + 1 }}", "out of range");
    expect_stop("{{ 2 ** 64 }}", "out of range");
    expect_stop("{{ 99999999999999999999 }}", "out of range");
    expect_stop("{{ '99999999999999999999' | int }}", "out of range");
}
END_TEST

START_TEST(a_regular_expression_that_backtracks_for_ever_is_stopped)
{
    expect_stop("{{ ('a' * 60 ~ 'b') | regex_search('^(a|aa)+$') }}", "cannot be matched");
}
END_TEST

START_TEST(expressions_nested_without_end_are_refused)
{
    char text[4200] = "{{ ";
    memset(text + 3, '(', 2000);
    memcpy(text + 2003, " }}", 4);
    expect_stop(text, "nested too deeply");
    memset(text + 3, '-', 2000);
    memcpy(text + 2003, "1 }}", 5);
    expect_stop(text, "nested too deeply");
    for (size_t i = 0; i < 1000; i++) {
        memcpy(text + 3 + 4 * i, "not ", 4);
    }
    memcpy(text + 4003, "1 }}", 5);
    expect_stop(text, "nested too deeply");
}
END_TEST

Suite *suite_limits(void)
{
    static const TTest *tests[8];
    size_t n = 0;
    tests[n++] = a_macro_without_end_is_stopped;
    tests[n++] = a_loop_without_end_is_stopped;
    tests[n++] = output_beyond_the_limit_is_refused;
    tests[n++] = a_text_that_would_fill_the_memory_is_refused;
    tests[n++] = numbers_beyond_64_bits_are_refused_not_wrapped;
    tests[n++] = a_regular_expression_that_backtracks_for_ever_is_stopped;
    tests[n++] = expressions_nested_without_end_are_refused;
    return suite_of("limits", tests);
}
