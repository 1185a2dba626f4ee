#include "runner.h"

#include "change/title.h"
#include "trees.h"

Suite *suite_title(void);

static void expect(const cJSON *title, const char *wanted)
{
    char *text = change_title_text(title);
    ck_assert_str_eq(text, wanted);
    free(text);
}

START_TEST(a_title_is_its_format_with_its_values)
{
    cJSON *where = change_title_new_plural("in %d workload of %s", "in %d workloads of %s", 2);
    change_title_add_number(where, 2);
    change_title_add(where, "csi.example.com");
    cJSON *title = change_title_new("Use %s %s, 100%%");
    change_title_add(title, "regcred");
    change_title_add_title(title, where);
    expect(title, "Use regcred in 2 workloads of csi.example.com, 100%");
    char *english = change_title_english(title);
    ck_assert_str_eq(english, "Use regcred in 2 workloads of csi.example.com, 100%");
    free(english);
    cJSON_Delete(title);
}
END_TEST

START_TEST(one_has_a_form_of_its_own_and_values_may_change_places)
{
    cJSON *title = change_title_new_plural("%2$s: %1$zu object", "%2$s: %1$zu objects", 1);
    change_title_add_number(title, 1);
    change_title_add(title, "files");
    expect(title, "files: 1 object");
    cJSON_Delete(title);
}
END_TEST

/* The journal is a file that anybody may have written to. */
START_TEST(what_is_no_title_does_no_harm)
{
    static const char *const odd[][2] = {
        {"['%n%s%99$s%5$', 7]", "7"},
        {"['%']", ""},
        {"[[1, 2, 3], 'x']", ""},
        {"[]", ""},
        {"'plain'", "plain"},
        {"{'a': 1}", ""},
        {"['a%s', ['b%s', ['c%s', ['d%s', ['e%s', ['f']]]]]]", "abcd"},
    };
    for (size_t i = 0; i < ARRAY_LENGTH(odd); i++) {
        cJSON *title = tree(odd[i][0]);
        expect(title, odd[i][1]);
        cJSON_Delete(title);
    }
    expect(NULL, "");
}
END_TEST

Suite *suite_title(void)
{
    const TTest *tests[] = {a_title_is_its_format_with_its_values,
                            one_has_a_form_of_its_own_and_values_may_change_places,
                            what_is_no_title_does_no_harm, NULL};
    return suite_of("title", tests);
}
