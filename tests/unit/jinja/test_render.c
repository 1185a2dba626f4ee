#include "runner.h"

#include <stdio.h>
#include <string.h>

#include "helper.h"

Suite *suite_render(void);

static void expect(const char *yaml, const char *template, const char *text)
{
    struct fixture fixture;
    fixture_open(&fixture, yaml, NULL);
    const char *out = fixture_render(&fixture, template);
    ck_assert_msg(out != NULL, "%s", fixture.err.message);
    ck_assert_str_eq(out, text);
    fixture_close(&fixture);
}

static void expect_error(const char *yaml, const char *template, const char *part)
{
    struct fixture fixture;
    fixture_open(&fixture, yaml, NULL);
    ck_assert_ptr_null(fixture_render(&fixture, template));
    ck_assert_msg(strstr(fixture.err.message, part) != NULL, "%s", fixture.err.message);
    ck_assert_uint_eq(fixture.out.length, 0);
    fixture_close(&fixture);
}

START_TEST(missing_final_newlines_are_appended_but_none_is_doubled)
{
    expect("d: {a: 1}", "{{ d | to_nice_yaml }}\n", "a: 1\n");
    expect("", "{% for x in [] %}\nx\n{% endfor %}\n", "\n");
    expect("", "a\n\n", "a\n\n");
}
END_TEST

START_TEST(a_variable_recovers_its_type_only_from_a_literal)
{
    expect("n: 5\na: \"{{ n }}\"\nb: \"{{ n | default(1) }}\"",
           "{{ a is number }} {{ b is number }}", "True False");
    expect("a: \"{{ [1, 2] }}\"", "{{ a | length }}", "2");
}
END_TEST

START_TEST(an_error_names_file_line_and_expression)
{
    expect_error("", "one\ntwo\n{{ 1 + nope }}\n", "t.j2:3: 'nope' is undefined, in `1 + nope`");
    expect_error("a: 1", "{{ a + 'x' }}", "'+' cannot work on int and str, in `a + 'x'`");
    expect_error("", "{% if x %}\n", "t.j2:1: 'elif' is expected");
}
END_TEST

START_TEST(an_undefined_name_within_a_variable_names_both)
{
    expect_error("outer: \"{{ inner }}\"", "{{ outer }}",
                 "the variable outer:1: 'inner' is undefined");
}
END_TEST

START_TEST(a_cycle_is_reported_with_its_path)
{
    expect_error("a: \"{{ b }}\"\nb: \"{{ c }}\"\nc: \"{{ a }}\"", "{{ a }}", "a → b → c → a");
}
END_TEST

START_TEST(a_vault_value_is_defined_but_its_use_says_why_it_fails)
{
    const char *yaml = "secret: !vault |\n  $ANSIBLE_VAULT;1.1;AES256\n  3132\n";
    expect(yaml, "{{ secret is defined }}", "True");
    expect_error(yaml, "{{ secret }}", "encrypted with Ansible Vault");
    expect_error(yaml, "{{ secret | b64encode }}", "encrypted with Ansible Vault");
}
END_TEST

START_TEST(an_unsafe_value_is_no_template)
{
    expect("a: !unsafe \"{{ nope }}\"", "{{ a }}", "{{ nope }}");
}
END_TEST

START_TEST(lookups_that_run_commands_are_refused_by_name)
{
    expect_error("", "{{ lookup('pipe', 'id') }}", "lookup('pipe') is refused");
    expect_error("", "{{ lookup('url', 'http://x') }}", "lookup('url') is refused");
    expect_error("", "{{ 5 | random }}", "the filter 'random' is refused");
}
END_TEST

START_TEST(what_has_no_text_that_stays_the_same_is_refused)
{
    expect_error("", "{{ 'a'.upper }}", "no text of its own");
    expect_error("", "{% macro m() %}{% endmacro %}{{ m }}", "no text of its own");
    expect_error("", "{% for x in [1] %}{{ loop }}{% endfor %}", "no text of its own");
    expect_error("", "{{ namespace(a=1) ~ '' }}", "no text of its own");
    expect_error("", "{{ [range(3)] }}", "a range is printed");
    expect_error("", "{{ {}.keys() | to_json }}", "cannot be written as JSON");
    expect_error("", "{{ range(2) | to_yaml }}", "cannot be written as YAML");
    expect_error("", "{{ lipsum() }}", "lipsum() is refused");
    expect_error("", "{{ self.block() }}", "block");
}
END_TEST

START_TEST(letters_whose_other_case_is_not_known_are_refused)
{
    expect_error("", "{{ '\xC4\xB0' | lower }}", "U+0130");
    expect_error("", "{{ '\xCE\xAC' | upper }}", "U+03AC");
    expect_error("", "{{ '\xCE\xA3'.swapcase() }}", "U+03A3");
    expect_error("", "{{ '\\ud83d' }}", "escape that cannot be read");
    expect_error("", "{{ '{0} {}'.format(1, 2) }}", "numbers some of its fields");
}
END_TEST

START_TEST(a_template_that_changes_a_variable_leaves_it_alone_for_the_next)
{
    struct fixture fixture;
    fixture_open(&fixture, "l: [1]", NULL);
    ck_assert_str_eq(fixture_render(&fixture, "{{ l.append(2) }}{{ l }}"), "[1, 2]");
    ck_assert_str_eq(fixture_render(&fixture, "{{ l }}"), "[1]");
    fixture_close(&fixture);
}
END_TEST

START_TEST(ipaddr_answers_what_kubespray_asks)
{
    expect("",
           "{{ '10.0.0.0/8' | ansible.utils.ipaddr('net') }} {{ '10.1.0.0/8' | ipaddr('net') }}",
           "10.0.0.0/8 False");
    expect("",
           "{{ '10.233.0.0/18' | ipaddr(3) }} {{ '10.0.0.5/24' | ipaddr('network') }} "
           "{{ '10.0.0.5/24' | ipaddr('address') }} {{ '10.0.0.5/24' | ipaddr('netmask') }} "
           "{{ '10.0.0.0/24' | ipaddr('broadcast') }} {{ 'x' | ipaddr }}",
           "10.233.0.3/18 10.0.0.0 10.0.0.5 255.255.255.0 10.0.0.255 False");
    expect("",
           "{{ 'fd00::1' | ansible.utils.ipwrap }} {{ '10.0.0.1' | ipwrap }} {{ 'host' | ipwrap }}",
           "[fd00::1] 10.0.0.1 host");
    expect("",
           "{{ ['10.0.0.1', 'x', 'fd00::/64'] | ipaddr }} {{ '10.233.64.9' | "
           "ipaddr('10.233.64.0/18') }}",
           "['10.0.0.1', 'fd00::/64'] 10.233.64.9");
}
END_TEST

Suite *suite_render(void)
{
    static const TTest *tests[20];
    size_t n = 0;
    tests[n++] = missing_final_newlines_are_appended_but_none_is_doubled;
    tests[n++] = a_variable_recovers_its_type_only_from_a_literal;
    tests[n++] = an_error_names_file_line_and_expression;
    tests[n++] = an_undefined_name_within_a_variable_names_both;
    tests[n++] = a_cycle_is_reported_with_its_path;
    tests[n++] = a_vault_value_is_defined_but_its_use_says_why_it_fails;
    tests[n++] = an_unsafe_value_is_no_template;
    tests[n++] = lookups_that_run_commands_are_refused_by_name;
    tests[n++] = what_has_no_text_that_stays_the_same_is_refused;
    tests[n++] = letters_whose_other_case_is_not_known_are_refused;
    tests[n++] = a_template_that_changes_a_variable_leaves_it_alone_for_the_next;
    tests[n++] = ipaddr_answers_what_kubespray_asks;
    return suite_of("render", tests);
}
