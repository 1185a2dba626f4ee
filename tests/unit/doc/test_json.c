#include "runner.h"

#include <string.h>

#include "base/attributes.h"
#include "doc/json.h"

Suite *suite_json(void);

static cJSON *parsed(const char *text)
{
    struct error err = ERROR_INIT;
    cJSON *value = json_parse(text, strlen(text), "test.json", &err);
    ck_assert_msg(value != NULL, "%s", err.message);
    return value;
}

static void assert_written(const char *text, bool sorted, const char *expected)
{
    cJSON *value = parsed(text);
    struct buffer out;
    buffer_init(&out, 10000);
    ck_assert(sorted ? json_write_sorted(&out, value) : json_write(&out, value));
    ck_assert_str_eq(out.data, expected);
    buffer_free(&out);
    cJSON_Delete(value);
}

START_TEST(members_are_read_by_type_or_fall_back)
{
    cJSON *root = parsed("{\"s\":\"x\",\"n\":7,\"big\":1e300,\"low\":-1e300,\"t\":true,"
                         "\"o\":{\"p\":{\"q\":1}},\"l\":[],\"z\":null}");
    ck_assert_str_eq(json_string(root, "s"), "x");
    ck_assert_ptr_null(json_string(root, "n"));
    ck_assert_ptr_null(json_string(root, "S"));
    ck_assert_str_eq(json_string_or(root, "none", "f"), "f");
    ck_assert_int_eq(json_int(root, "n", 1), 7);
    ck_assert_int_eq(json_int(root, "s", 1), 1);
    ck_assert(json_int(root, "big", 1) == INT64_MAX);
    ck_assert(json_int(root, "low", 1) == INT64_MIN);
    ck_assert(json_bool(root, "t", false));
    ck_assert(json_bool(root, "s", true));
    ck_assert_int_eq(json_at(root, "o", "p", "q", NULL)->valueint, 1);
    ck_assert_ptr_null(json_at(root, "o", "s", "q", NULL));
    ck_assert_ptr_null(json_at(NULL, "o", NULL));
    ck_assert_ptr_eq(json_at(root, NULL), root);
    ck_assert_ptr_nonnull(json_list(root, "l"));
    ck_assert_ptr_null(json_list(root, "o"));
    ck_assert_ptr_nonnull(json_object(root, "o"));
    ck_assert_ptr_null(json_object(root, "l"));
    ck_assert_ptr_null(json_string(NULL, "s"));
    ck_assert_ptr_null(json_member(json_list(root, "l"), "s"));
    cJSON_Delete(root);
}
END_TEST

START_TEST(members_are_set_in_their_place_and_removed)
{
    cJSON *root = parsed("{\"a\":1,\"b\":2,\"c\":null,\"d\":\"text\"}");
    json_set_string(root, "b", "two");
    json_set(root, "e", cJSON_CreateNumber(5));
    json_remove(root, "a");
    json_remove(root, "absent");
    ck_assert_ptr_nonnull(json_need_object(root, "c"));
    ck_assert_ptr_nonnull(json_need_list(root, "f"));
    ck_assert_ptr_null(json_need_list(root, "d"));
    ck_assert_ptr_null(json_need_object(NULL, "d"));
    json_set(NULL, "x", cJSON_CreateNumber(5));
    struct buffer out;
    buffer_init(&out, 1000);
    json_write(&out, root);
    ck_assert_str_eq(out.data, "{\"b\":\"two\",\"c\":{},\"d\":\"text\",\"e\":5,\"f\":[]}");
    buffer_free(&out);
    cJSON_Delete(root);
}
END_TEST

START_TEST(equality_is_deep_and_blind_to_the_order_of_members)
{
    static const struct {
        const char *a;
        const char *b;
        bool equal;
    } cases[] = {
        {"{\"a\":1,\"b\":[1,2]}", "{\"b\":[1.0,2],\"a\":1}", true},
        {"{\"a\":1,\"b\":2}", "{\"a\":1}", false},
        {"{\"a\":1}", "{\"a\":1,\"b\":2}", false},
        {"{\"a\":1,\"b\":2}", "{\"a\":1,\"c\":2}", false},
        {"{\"a\":1}", "{\"A\":1}", false},
        {"[1,2]", "[2,1]", false},
        {"[1,2]", "[1,2,3]", false},
        {"null", "false", false},
        {"true", "false", false},
        {"\"1\"", "1", false},
        {"\"x\"", "\"x\"", true},
        {"{}", "[]", false},
        {"{}", "{}", true},
    };
    for (size_t i = 0; i < ARRAY_LENGTH(cases); i++) {
        cJSON *a = parsed(cases[i].a);
        cJSON *b = parsed(cases[i].b);
        ck_assert_msg(json_equal(a, b) == cases[i].equal, "%s and %s", cases[i].a, cases[i].b);
        cJSON_Delete(a);
        cJSON_Delete(b);
    }
    ck_assert(json_equal(NULL, NULL));
    cJSON *null = cJSON_CreateNull();
    ck_assert(!json_equal(null, NULL));
    cJSON_Delete(null);
}
END_TEST

START_TEST(sorted_text_is_what_go_writes)
{
    assert_written("{ \"b\" : [ ], \"a\" : { \"z\":1 , \"Y\":null } }", true,
                   "{\"a\":{\"Y\":null,\"z\":1},\"b\":[]}");
    assert_written("\"<a href='x'>&amp;\"", true, "\"\\u003ca href='x'\\u003e\\u0026amp;\"");
    assert_written("\"\\u2028\\u2029\\u007f\\u00e4\\ud83d\\ude00\"", true,
                   "\"\\u2028\\u2029\x7F\xC3\xA4\xF0\x9F\x98\x80\"");
    assert_written("\"q\\\"b\\\\s\\/n\\nr\\rt\\tb\\bf\\fe\\u001b\"", true,
                   "\"q\\\"b\\\\s/n\\nr\\rt\\tb\\bf\\fe\\u001b\"");
    assert_written("\"\xFF\"", true, "\"\\ufffd\"");
}
END_TEST

START_TEST(plain_text_keeps_order_and_signs)
{
    assert_written("{\"b\":\"<&>\",\"a\":[true,false]}", false,
                   "{\"b\":\"<&>\",\"a\":[true,false]}");
}
END_TEST

START_TEST(numbers_are_short_and_in_gos_layout)
{
    static const struct {
        const char *in;
        const char *out;
    } cases[] = {
        {"0", "0"},
        {"-1", "-1"},
        {"1.0", "1"},
        {"1e3", "1000"},
        {"0.1", "0.1"},
        {"-2.50", "-2.5"},
        {"100000000000000000000", "100000000000000000000"},
        {"1e21", "1e+21"},
        {"1.5e300", "1.5e+300"},
        {"0.000001", "0.000001"},
        {"1e-7", "1e-7"},
        {"2147483648", "2147483648"},
        {"1700000000123", "1700000000123"},
        {"9007199254740991", "9007199254740991"},
        {"123.456", "123.456"},
        {"3.141592653589793", "3.141592653589793"},
    };
    for (size_t i = 0; i < ARRAY_LENGTH(cases); i++) {
        assert_written(cases[i].in, true, cases[i].out);
        assert_written(cases[i].in, false, cases[i].out);
    }
    cJSON *infinite = cJSON_CreateNumber(1e308 * 10);
    struct buffer out;
    buffer_init(&out, 100);
    ck_assert(json_write(&out, infinite));
    ck_assert_str_eq(out.data, "null");
    buffer_free(&out);
    cJSON_Delete(infinite);
}
END_TEST

START_TEST(writing_stops_at_the_limit)
{
    cJSON *value = parsed("{\"name\":\"a long value\"}");
    struct buffer out;
    buffer_init(&out, 10);
    ck_assert(!json_write(&out, value));
    buffer_clear(&out);
    ck_assert(!json_write_sorted(&out, value));
    ck_assert(out.length <= 10);
    buffer_free(&out);
    cJSON_Delete(value);
}
END_TEST

START_TEST(broken_text_is_refused_at_its_place)
{
    static const struct {
        const char *text;
        const char *place;
    } cases[] = {
        {"", "f.json:1:1: empty"},
        {"  \n ", "f.json:2:2: empty"},
        {"{\"a\":1} x", "f.json:1:9: something follows"},
        {"{\n  \"a\": oops\n}", "f.json:2:8: not valid JSON"},
        {"{\"a\":[1,2", "f.json:1:9: the JSON text is cut off"},
        {"{\"\xC3\xA4\": x}", "f.json:1:7: not valid JSON"},
    };
    for (size_t i = 0; i < ARRAY_LENGTH(cases); i++) {
        struct error err = ERROR_INIT;
        ck_assert_ptr_null(json_parse(cases[i].text, strlen(cases[i].text), "f.json", &err));
        ck_assert_int_eq(err.kind, ERROR_PROTOCOL);
        ck_assert_msg(strncmp(err.message, cases[i].place, strlen(cases[i].place)) == 0, "%s",
                      err.message);
    }
}
END_TEST

START_TEST(the_given_length_is_the_end_of_the_text)
{
    cJSON *value = json_parse("12345", 2, "test", NULL);
    ck_assert_ptr_nonnull(value);
    ck_assert_int_eq(value->valueint, 12);
    cJSON_Delete(value);
    ck_assert_ptr_null(json_parse("1\0", 2, "test", NULL));
}
END_TEST

START_TEST(depth_is_limited_but_not_by_brackets_in_strings)
{
    char deep[1100];
    memset(deep, '[', 550);
    memset(deep + 550, ']', 550);
    struct error err = ERROR_INIT;
    ck_assert_ptr_null(json_parse(deep, sizeof(deep), "deep", &err));
    ck_assert_ptr_nonnull(strstr(err.message, "deep:1:513: JSON nested"));
    cJSON *value = json_parse(deep + 38, 1024, "deep", NULL);
    ck_assert_ptr_nonnull(value);
    cJSON_Delete(value);
    deep[0] = '"';
    deep[549] = '\\';
    deep[550] = '"';
    deep[1099] = '"';
    value = json_parse(deep, sizeof(deep), "deep", NULL);
    ck_assert_ptr_nonnull(value);
    json_delete_secret(value);
    json_delete_secret(NULL);
}
END_TEST

START_TEST(lines_are_indented_by_two_spaces_a_level)
{
    static const char text[] = "{\"a\":[1,{\"b\":[]}],\"c\":{},\"d\":\"x\\n\"}";
    cJSON *value = json_parse(text, strlen(text), "test", NULL);
    struct buffer out;
    buffer_init(&out, 1000);
    ck_assert(json_write_lines(&out, value, 0));
    ck_assert_str_eq(out.data, "{\n  \"a\": [\n    1,\n    {\n      \"b\": []\n    }\n  ],\n"
                               "  \"c\": {},\n  \"d\": \"x\\n\"\n}");
    buffer_clear(&out);
    ck_assert(json_write_lines(&out, json_member(value, "a"), 3));
    ck_assert_str_eq(out.data, "[\n        1,\n        {\n          \"b\": []\n        }\n"
                               "      ]");
    buffer_free(&out);
    cJSON_Delete(value);
}
END_TEST

Suite *suite_json(void)
{
    const TTest *tests[] = {members_are_read_by_type_or_fall_back,
                            members_are_set_in_their_place_and_removed,
                            equality_is_deep_and_blind_to_the_order_of_members,
                            sorted_text_is_what_go_writes,
                            plain_text_keeps_order_and_signs,
                            numbers_are_short_and_in_gos_layout,
                            writing_stops_at_the_limit,
                            broken_text_is_refused_at_its_place,
                            the_given_length_is_the_end_of_the_text,
                            depth_is_limited_but_not_by_brackets_in_strings,
                            lines_are_indented_by_two_spaces_a_level,
                            NULL};
    return suite_of("json", tests);
}
