#include "runner.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/attributes.h"
#include "doc/json.h"
#include "doc/yaml.h"

Suite *suite_yaml_write(void);

static char *written(const char *json, bool keep_order)
{
    struct error err = ERROR_INIT;
    cJSON *value = json_parse(json, strlen(json), "test", &err);
    ck_assert_msg(value != NULL, "%s", err.message);
    struct buffer out;
    buffer_init(&out, 100000);
    ck_assert(doc_write_yaml(&out, value, keep_order));
    cJSON_Delete(value);
    return buffer_take(&out);
}

/* What kubectl 1.32 prints for these, all of them checked against it. */
static const struct {
    const char *json;
    const char *yaml;
} texts[] = {
    {"\"\"", "\"\""},
    {"\"plain text\"", "plain text"},
    {"\"yes\"", "\"yes\""},
    {"\"n\"", "\"n\""},
    {"\"no way\"", "no way"},
    {"\"true\"", "\"true\""},
    {"\"null\"", "\"null\""},
    {"\"~\"", "\"~\""},
    {"\"1.0\"", "\"1.0\""},
    {"\"1\"", "\"1\""},
    {"\"0x1F\"", "\"0x1F\""},
    {"\"0o17\"", "\"0o17\""},
    {"\"08\"", "\"08\""},
    {"\"1e3\"", "\"1e3\""},
    {"\"1_000\"", "\"1_000\""},
    {"\"12:30\"", "\"12:30\""},
    {"\"190:20:30.15\"", "\"190:20:30.15\""},
    {"\"12:60\"", "12:60"},
    {"\".inf\"", "\".inf\""},
    {"\".5\"", "\".5\""},
    {"\"1.2.3\"", "1.2.3"},
    {"\"100m\"", "100m"},
    {"\"a: b\"", "'a: b'"},
    {"\"a:b\"", "a:b"},
    {"\"a:\"", "'a:'"},
    {"\"- x\"", "'- x'"},
    {"\"-x\"", "-x"},
    {"\"-\"", "'-'"},
    {"\" lead\"", "' lead'"},
    {"\"trail \"", "'trail '"},
    {"\"#c\"", "'#c'"},
    {"\"a#c\"", "a#c"},
    {"\"a #c\"", "'a #c'"},
    {"\"*\"", "'*'"},
    {"\"&a\"", "'&a'"},
    {"\"!a\"", "'!a'"},
    {"\"@a\"", "'@a'"},
    {"\"%a\"", "'%a'"},
    {"\"{a}\"", "'{a}'"},
    {"\"[a\"", "'[a'"},
    {"\"a,b\"", "a,b"},
    {"\"it's\"", "it's"},
    {"\"'\"", "''''"},
    {"\"\\\"q\\\"\"", "'\"q\"'"},
    {"\"a\\\\b\"", "a\\b"},
    {"\"a\\tb\"", "\"a\\tb\""},
    {"\"\\u001b[31m\"", "\"\\e[31m\""},
    {"\"\xC3\xA9\"", "\xC3\xA9"},
    {"\"\xF0\x9F\x98\x80\"", "\"\\U0001F600\""},
    {"\"\xFF\"", "\xEF\xBF\xBD"},
    {"\"x\xC3\xA9\xFFz\"", "x\xC3\xA9\xEF\xBF\xBDz"},
    {"\"=\"", "="},
    {"\"<<\"", "<<"},
    {"\"---\"", "'---'"},
    {"\"2020-01-01\"", "\"2020-01-01\""},
    {"\"2020-1-1\"", "\"2020-1-1\""},
    {"\"2020-02-30\"", "2020-02-30"},
    {"\"2020-02-29\"", "\"2020-02-29\""},
    {"\"2021-02-29\"", "2021-02-29"},
    {"\"2020-01-01T00:00:00Z\"", "\"2020-01-01T00:00:00Z\""},
    {"\"2020-01-01T1:2:3.5+02:00\"", "\"2020-01-01T1:2:3.5+02:00\""},
    {"\"2020-01-01T25:00:00Z\"", "2020-01-01T25:00:00Z"},
    {"\"2020-01-01T00:00:00\"", "2020-01-01T00:00:00"},
    {"\"2020-01-01 10:00:00\"", "\"2020-01-01 10:00:00\""},
    {"\"2020-01-01 10:00:00Z\"", "2020-01-01 10:00:00Z"},
    {"\"a\\nb\"", "|-\n  a\n  b"},
    {"\"a\\nb\\n\"", "|\n  a\n  b"},
    {"\"a\\n\\n\"", "|+\n  a\n"},
    {"\" a\\nb\"", "|2-\n   a\n  b"},
    {"\"a \\nb\"", "\"a \\nb\""},
    {"\"a\\tb\\nc\"", "\"a\\tb\\nc\""},
    {"\"a\\r\\nb\"", "\"a\\r\\nb\""},
    {"true", "true"},
    {"false", "false"},
    {"null", "null"},
    {"{}", "{}"},
    {"[]", "[]"},
    {"0", "0"},
    {"-7", "-7"},
    {"1.5", "1.5"},
    {"1700000000123", "1700000000123"},
    {"10000000000", "10000000000"},
    {"1234567.5", "1.2345675e+06"},
    {"123456.5", "123456.5"},
    {"1e-5", "1e-05"},
    {"0.0001", "0.0001"},
    {"1e300", "1e+300"},
};

START_TEST(scalars_look_as_kubectl_prints_them)
{
    for (size_t i = 0; i < ARRAY_LENGTH(texts); i++) {
        char json[200], yaml[200];
        snprintf(json, sizeof(json), "{\"k\":%s}", texts[i].json);
        snprintf(yaml, sizeof(yaml), "k: %s\n", texts[i].yaml);
        char *out = written(json, false);
        ck_assert_str_eq(out, yaml);
        free(out);
    }
}
END_TEST

START_TEST(trees_look_as_kubectl_prints_them)
{
    char *out = written("{\"spec\":{\"containers\":[{\"name\":\"a\",\"args\":[\"-x\",\"--y=1\"],"
                        "\"env\":[]},{\"name\":\"b\",\"nested\":[[1,[2]],{\"k\":\"v\\nw\\n\"}]}],"
                        "\"empty\":{}},\"apiVersion\":\"v1\"}",
                        false);
    ck_assert_str_eq(out, "apiVersion: v1\n"
                          "spec:\n"
                          "  containers:\n"
                          "  - args:\n"
                          "    - -x\n"
                          "    - --y=1\n"
                          "    env: []\n"
                          "    name: a\n"
                          "  - name: b\n"
                          "    nested:\n"
                          "    - - 1\n"
                          "      - - 2\n"
                          "    - k: |\n"
                          "        v\n"
                          "        w\n"
                          "  empty: {}\n");
    free(out);
}
END_TEST

START_TEST(keys_are_sorted_naturally_unless_their_order_is_kept)
{
    static const char json[] =
        "{\"a10\":1,\"b\":1,\"a2\":1,\"B\":1,\"a-b\":1,\"a\":1,\"a.b\":1,"
        "\"2\":1,\"10\":1,\"x1\":1,\"x01\":1,\"yes\":1,\"a1001\":1,\"a1010\":1,\"aa\":1}";
    char *out = written(json, false);
    ck_assert_str_eq(out, "\"2\": 1\n\"10\": 1\nB: 1\na: 1\na-b: 1\na.b: 1\na2: 1\na10: 1\n"
                          "a1001: 1\na1010: 1\naa: 1\nb: 1\nx1: 1\nx01: 1\n\"yes\": 1\n");
    free(out);
    out = written("{\"b\":1,\"<<\":2,\"a\":{\"d\":1,\"c\":1}}", true);
    ck_assert_str_eq(out, "b: 1\n\"<<\": 2\na:\n  d: 1\n  c: 1\n");
    free(out);
}
END_TEST

START_TEST(long_lines_are_folded_where_kubectl_folds_them)
{
    char *out = written("{\"message\":\"0/5 nodes are available: 1 node(s) had untolerated taint, "
                        "4 node(s) did not match the selector of the pod\"}",
                        false);
    ck_assert_str_eq(out, "message: '0/5 nodes are available: 1 node(s) had untolerated taint, "
                          "4 node(s) did\n  not match the selector of the pod'\n");
    free(out);
}
END_TEST

START_TEST(what_was_written_reads_back_the_same)
{
    for (size_t i = 0; i < ARRAY_LENGTH(texts); i++) {
        char json[200];
        snprintf(json, sizeof(json), "{\"k\":[%s,{\"x\":%s}]}", texts[i].json, texts[i].json);
        cJSON *value = json_parse(json, strlen(json), "test", NULL);
        if (strstr(json, "\xFF") != NULL) { /* repaired, so not the same */
            cJSON_Delete(value);
            continue;
        }
        struct buffer out;
        buffer_init(&out, 10000);
        ck_assert(doc_write_yaml(&out, value, false));
        struct doc_options options = {.schema = DOC_SCHEMA_KUBERNETES, .source = "again"};
        struct doc_stream stream;
        ck_assert(doc_parse_yaml(out.data, out.length, &options, &stream, NULL));
        cJSON *again = doc_to_json(stream.documents[0], "again", NULL);
        ck_assert_msg(json_equal(value, again), "%s", out.data);
        cJSON_Delete(again);
        cJSON_Delete(value);
        doc_stream_free(&stream);
        buffer_free(&out);
    }
}
END_TEST

START_TEST(every_limit_is_kept_wherever_it_falls)
{
    static const char json[] = "{\"a\":[1,{\"b\":\"x\"},[]],\"c\":{},\"d\":\"l\\nm\"}";
    cJSON *value = json_parse(json, sizeof(json) - 1, "test", NULL);
    struct buffer whole;
    buffer_init(&whole, 1000);
    ck_assert(doc_write_yaml(&whole, value, false));
    for (size_t limit = 0; limit < whole.length; limit++) {
        struct buffer out;
        buffer_init(&out, limit);
        ck_assert(!doc_write_yaml(&out, value, false));
        buffer_free(&out);
    }
    buffer_free(&whole);
    cJSON_Delete(value);
}
END_TEST

START_TEST(numbers_that_json_has_not_are_written_as_yaml_has_them)
{
    static const struct {
        double value;
        const char *yaml;
    } cases[] = {
        {(double)INFINITY, ".inf\n"}, {-(double)INFINITY, "-.inf\n"}, {(double)NAN, ".nan\n"}};
    for (size_t i = 0; i < ARRAY_LENGTH(cases); i++) {
        cJSON *value = cJSON_CreateNumber(cases[i].value);
        struct buffer out;
        buffer_init(&out, 100);
        ck_assert(doc_write_yaml(&out, value, false));
        ck_assert_str_eq(out.data, cases[i].yaml);
        buffer_free(&out);
        cJSON_Delete(value);
    }
}
END_TEST

START_TEST(writing_yaml_stops_at_the_limit)
{
    cJSON *value = cJSON_CreateString("a text of some length");
    struct buffer out;
    buffer_init(&out, 10);
    ck_assert(!doc_write_yaml(&out, value, false));
    ck_assert(out.overflowed);
    buffer_free(&out);
    cJSON_Delete(value);
    buffer_init(&out, 10);
    ck_assert(doc_write_yaml(&out, NULL, false));
    ck_assert_str_eq(out.data, "null\n");
    buffer_free(&out);
}
END_TEST

Suite *suite_yaml_write(void)
{
    const TTest *tests[] = {scalars_look_as_kubectl_prints_them,
                            trees_look_as_kubectl_prints_them,
                            keys_are_sorted_naturally_unless_their_order_is_kept,
                            long_lines_are_folded_where_kubectl_folds_them,
                            what_was_written_reads_back_the_same,
                            every_limit_is_kept_wherever_it_falls,
                            numbers_that_json_has_not_are_written_as_yaml_has_them,
                            writing_yaml_stops_at_the_limit,
                            NULL};
    return suite_of("yaml write", tests);
}
