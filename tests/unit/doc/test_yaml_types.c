#include "runner.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/attributes.h"
#include "dump.h"

Suite *suite_yaml_types(void);

/* text, what kubectl makes of it, what Ansible makes of it. */
static const struct {
    const char *text;
    enum doc_type kubernetes;
    enum doc_type ansible;
} scalars[] = {
    {"~", DOC_NULL, DOC_NULL},
    {"null", DOC_NULL, DOC_NULL},
    {"Null", DOC_NULL, DOC_NULL},
    {"NULL", DOC_NULL, DOC_NULL},
    {"nULL", DOC_STRING, DOC_STRING},
    {"none", DOC_STRING, DOC_STRING},
    {"true", DOC_BOOL, DOC_BOOL},
    {"True", DOC_BOOL, DOC_BOOL},
    {"TRUE", DOC_BOOL, DOC_BOOL},
    {"tRUE", DOC_STRING, DOC_STRING},
    {"yes", DOC_BOOL, DOC_BOOL},
    {"No", DOC_BOOL, DOC_BOOL},
    {"on", DOC_BOOL, DOC_BOOL},
    {"OFF", DOC_BOOL, DOC_BOOL},
    {"y", DOC_BOOL, DOC_STRING},
    {"Y", DOC_BOOL, DOC_STRING},
    {"n", DOC_BOOL, DOC_STRING},
    {"N", DOC_BOOL, DOC_STRING},
    {"yEs", DOC_STRING, DOC_STRING},
    {"0", DOC_INT, DOC_INT},
    {"-0", DOC_INT, DOC_INT},
    {"12", DOC_INT, DOC_INT},
    {"+12", DOC_INT, DOC_INT},
    {"1_000", DOC_INT, DOC_INT},
    {"_1", DOC_STRING, DOC_STRING},
    {"0644", DOC_INT, DOC_INT},
    {"0o644", DOC_INT, DOC_STRING},
    {"08", DOC_FLOAT, DOC_STRING},
    {"0x1F", DOC_INT, DOC_INT},
    {"0X1F", DOC_INT, DOC_STRING},
    {"0x", DOC_STRING, DOC_STRING},
    {"0xg", DOC_STRING, DOC_STRING},
    {"0b101", DOC_INT, DOC_INT},
    {"-0b11", DOC_INT, DOC_INT},
    {"0b2", DOC_STRING, DOC_STRING},
    {"9223372036854775807", DOC_INT, DOC_INT},
    {"18446744073709551615", DOC_INT, DOC_INT},
    {"18446744073709551616", DOC_FLOAT, DOC_INT},
    {"-9223372036854775808", DOC_INT, DOC_INT},
    {"-9223372036854775809", DOC_FLOAT, DOC_INT},
    {"12:30", DOC_STRING, DOC_INT},
    {"12:30:45", DOC_STRING, DOC_INT},
    {"12:60", DOC_STRING, DOC_STRING},
    {"012:30", DOC_STRING, DOC_STRING},
    {"12:5", DOC_STRING, DOC_INT},
    {"12:30.5", DOC_STRING, DOC_FLOAT},
    {"127.0.0.1:80", DOC_STRING, DOC_STRING},
    {"1.0", DOC_FLOAT, DOC_FLOAT},
    {"1.", DOC_FLOAT, DOC_FLOAT},
    {"-1.5", DOC_FLOAT, DOC_FLOAT},
    {".5", DOC_FLOAT, DOC_FLOAT},
    {"-.5", DOC_FLOAT, DOC_STRING},
    {".5_0", DOC_FLOAT, DOC_FLOAT},
    {".5__0", DOC_STRING, DOC_FLOAT},
    {"._5", DOC_STRING, DOC_STRING},
    {".5_", DOC_STRING, DOC_FLOAT},
    {"1_0.5_0", DOC_FLOAT, DOC_FLOAT},
    {"1e3", DOC_FLOAT, DOC_STRING},
    {"1E+3", DOC_FLOAT, DOC_STRING},
    {"1.0e3", DOC_FLOAT, DOC_STRING},
    {"1.0e+3", DOC_FLOAT, DOC_FLOAT},
    {"1.5E-3", DOC_FLOAT, DOC_FLOAT},
    {"1e", DOC_STRING, DOC_STRING},
    {"1e400", DOC_STRING, DOC_STRING},
    {"1.2.3", DOC_STRING, DOC_STRING},
    {"v1.0", DOC_STRING, DOC_STRING},
    {".", DOC_STRING, DOC_STRING},
    {"...x", DOC_STRING, DOC_STRING},
    {"+", DOC_STRING, DOC_STRING},
    {"--1", DOC_STRING, DOC_STRING},
    {".inf", DOC_FLOAT, DOC_FLOAT},
    {"-.INF", DOC_FLOAT, DOC_FLOAT},
    {"+.Inf", DOC_FLOAT, DOC_FLOAT},
    {".nan", DOC_FLOAT, DOC_FLOAT},
    {".NaN", DOC_FLOAT, DOC_FLOAT},
    {"-.nan", DOC_STRING, DOC_STRING},
    {"inf", DOC_STRING, DOC_STRING},
    {"NaN", DOC_STRING, DOC_STRING},
    {"100m", DOC_STRING, DOC_STRING},
    {"1Gi", DOC_STRING, DOC_STRING},
    {"2020-01-01", DOC_STRING, DOC_DATE},
    {"2020-1-01", DOC_STRING, DOC_STRING},
    {"2020-01-01T00:00:00Z", DOC_STRING, DOC_DATE},
    {"2020-1-1 10:20:30.5 +2", DOC_STRING, DOC_DATE},
    {"2020-01-01t10:20:30+02:00", DOC_STRING, DOC_DATE},
    {"2020-01-01T10:20", DOC_STRING, DOC_STRING},
    {"2020-01-01 10:20:30", DOC_STRING, DOC_DATE},
    {"2020-01-01 10:20:30Z", DOC_STRING, DOC_DATE},
    {"2020-01-01 10:20:30 Z", DOC_STRING, DOC_DATE},
    {"2020-01-01T10:20:30.Z", DOC_STRING, DOC_DATE},
    {"2020-01-01T10:20:30x", DOC_STRING, DOC_STRING},
    {"2020-01-01x", DOC_STRING, DOC_STRING},
    {"20200-01-01", DOC_STRING, DOC_STRING},
    {"sha256:00ab", DOC_STRING, DOC_STRING},
};

static struct doc_node *first_node(struct doc_stream *stream, const char *text,
                                   enum doc_schema schema)
{
    struct doc_options options = {.schema = schema, .source = "scalar"};
    struct error err = ERROR_INIT;
    ck_assert_msg(doc_parse_yaml(text, strlen(text), &options, stream, &err), "%s", err.message);
    ck_assert_uint_eq(stream->count, 1);
    return stream->documents[0];
}

static void assert_type(const char *text, enum doc_schema schema, enum doc_type type)
{
    struct doc_stream stream;
    const struct doc_node *node = first_node(&stream, text, schema);
    ck_assert_msg(node->type == type, "%s is %d in schema %d, not %d", text, (int)node->type,
                  (int)schema, (int)type);
    ck_assert_str_eq(node->text, text);
    ck_assert(node->plain);
    doc_stream_free(&stream);
}

START_TEST(plain_scalars_have_the_type_that_kubectl_gives_them)
{
    for (size_t i = 0; i < ARRAY_LENGTH(scalars); i++) {
        assert_type(scalars[i].text, DOC_SCHEMA_KUBERNETES, scalars[i].kubernetes);
    }
}
END_TEST

START_TEST(plain_scalars_have_the_type_that_ansible_gives_them)
{
    for (size_t i = 0; i < ARRAY_LENGTH(scalars); i++) {
        assert_type(scalars[i].text, DOC_SCHEMA_ANSIBLE, scalars[i].ansible);
    }
}
END_TEST

START_TEST(quoted_scalars_are_texts)
{
    for (size_t i = 0; i < ARRAY_LENGTH(scalars); i++) {
        char quoted[100];
        snprintf(quoted, sizeof(quoted), i % 2 == 0 ? "'%s'" : "\"%s\"", scalars[i].text);
        for (int schema = DOC_SCHEMA_KUBERNETES; schema <= DOC_SCHEMA_ANSIBLE; schema++) {
            struct doc_stream stream;
            const struct doc_node *node = first_node(&stream, quoted, (enum doc_schema)schema);
            ck_assert_str_eq(doc_string(node), scalars[i].text);
            ck_assert(!node->plain);
            doc_stream_free(&stream);
        }
    }
}
END_TEST

START_TEST(numbers_have_their_values)
{
    static const struct {
        const char *text;
        enum doc_schema schema;
        double value;
    } cases[] = {
        {"0", DOC_SCHEMA_ANSIBLE, 0},
        {"-12", DOC_SCHEMA_ANSIBLE, -12},
        {"+12", DOC_SCHEMA_ANSIBLE, 12},
        {"1_000", DOC_SCHEMA_ANSIBLE, 1000},
        {"0644", DOC_SCHEMA_ANSIBLE, 420},
        {"-010", DOC_SCHEMA_ANSIBLE, -8},
        {"0_7", DOC_SCHEMA_ANSIBLE, 7},
        {"0x1F", DOC_SCHEMA_ANSIBLE, 31},
        {"0b101", DOC_SCHEMA_ANSIBLE, 5},
        {"12:30", DOC_SCHEMA_ANSIBLE, 750},
        {"-1:00:01", DOC_SCHEMA_ANSIBLE, -3601},
        {"1:30.5", DOC_SCHEMA_ANSIBLE, 90.5},
        {"1.5e+3", DOC_SCHEMA_ANSIBLE, 1500},
        {"1_0.2_5", DOC_SCHEMA_ANSIBLE, 10.25},
        {".5", DOC_SCHEMA_ANSIBLE, 0.5},
        {"-.inf", DOC_SCHEMA_ANSIBLE, -INFINITY},
        {"0644", DOC_SCHEMA_KUBERNETES, 420},
        {"0o644", DOC_SCHEMA_KUBERNETES, 420},
        {"0X1f", DOC_SCHEMA_KUBERNETES, 31},
        {"-0b11", DOC_SCHEMA_KUBERNETES, -3},
        {"08", DOC_SCHEMA_KUBERNETES, 8},
        {"1e3", DOC_SCHEMA_KUBERNETES, 1000},
        {"-.5", DOC_SCHEMA_KUBERNETES, -0.5},
        {"1.", DOC_SCHEMA_KUBERNETES, 1},
        {"18446744073709551616", DOC_SCHEMA_KUBERNETES, 18446744073709551616.0},
    };
    for (size_t i = 0; i < ARRAY_LENGTH(cases); i++) {
        struct doc_stream stream;
        double value = doc_number(first_node(&stream, cases[i].text, cases[i].schema));
        ck_assert_msg(value == cases[i].value, "%s is %g", cases[i].text, value);
        doc_stream_free(&stream);
    }
    struct doc_stream stream;
    ck_assert(isnan(doc_number(first_node(&stream, ".nan", DOC_SCHEMA_ANSIBLE))));
    doc_stream_free(&stream);
    ck_assert(doc_number(NULL) == 0);
}
END_TEST

START_TEST(integers_are_exact_or_refused)
{
    static const struct {
        const char *text;
        bool fits;
        long long value;
    } cases[] = {
        {"0", true, 0},
        {"0644", true, 420},
        {"12:30", true, 750},
        {"9223372036854775807", true, 9223372036854775807LL},
        {"9223372036854775808", false, 0},
        {"-9223372036854775808", true, -9223372036854775807LL - 1},
        {"-9223372036854775809", false, 0},
        {"0xFFFFFFFFFFFFFFFFF", false, 0},
        {"99999999999999:00:00", false, 0},
        {"1.0", false, 0},
        {"text", false, 0},
    };
    for (size_t i = 0; i < ARRAY_LENGTH(cases); i++) {
        struct doc_stream stream;
        long long value = 0;
        bool fits = doc_integer(first_node(&stream, cases[i].text, DOC_SCHEMA_ANSIBLE), &value);
        ck_assert_msg(fits == cases[i].fits, "%s", cases[i].text);
        ck_assert(value == cases[i].value);
        doc_stream_free(&stream);
    }
}
END_TEST

START_TEST(tags_decide_before_the_text_does)
{
    static const struct {
        const char *text;
        enum doc_schema schema;
        const char *dump;
    } cases[] = {
        {"!!str 12", DOC_SCHEMA_ANSIBLE, "'12'"},
        {"! 12", DOC_SCHEMA_ANSIBLE, "'12'"},
        {"!!int \"12\"", DOC_SCHEMA_ANSIBLE, "i:12"},
        {"!!float 12", DOC_SCHEMA_KUBERNETES, "f:12"},
        {"!!bool 'yes'", DOC_SCHEMA_ANSIBLE, "true"},
        {"!!null ''", DOC_SCHEMA_ANSIBLE, "null"},
        {"!!timestamp 2020-01-01", DOC_SCHEMA_ANSIBLE, "d:2020-01-01"},
        {"!!timestamp 2020-01-01", DOC_SCHEMA_KUBERNETES, "'2020-01-01'"},
        {"!!binary aGVsbG8=", DOC_SCHEMA_KUBERNETES, "'hello'"},
        {"!!binary ''", DOC_SCHEMA_KUBERNETES, "''"},
        {"!!binary aGVsbG8=", DOC_SCHEMA_ANSIBLE, "<!!binary 'aGVsbG8='>"},
        {"!!binary a", DOC_SCHEMA_KUBERNETES,
         "f.yml:1:1: the value does not fit its tag !!binary; remove the tag or mend the value"},
        {"!!int x", DOC_SCHEMA_ANSIBLE,
         "f.yml:1:1: the value does not fit its tag !!int; remove the tag or mend the value"},
        {"!!python/object:os.system x", DOC_SCHEMA_ANSIBLE,
         "f.yml:1:1: the value does not fit its tag !!python/object:os.system; remove the tag or "
         "mend the value"},
        {"!vault |\n  $ANSIBLE_VAULT;1.1\n  3132\n", DOC_SCHEMA_ANSIBLE,
         "<!vault '$ANSIBLE_VAULT;1.1\n3132\n'>"},
        {"!unsafe '{{ x }}'", DOC_SCHEMA_ANSIBLE, "<!unsafe '{{ x }}'>"},
        {"!unsafe {a: '{{ x }}', b: [c, 1]}", DOC_SCHEMA_ANSIBLE,
         "{'a': <!unsafe '{{ x }}'>, 'b': [<!unsafe 'c'>, i:1]}"},
        {"!!map {a: !!seq [1]}", DOC_SCHEMA_ANSIBLE, "{'a': [i:1]}"},
        {"!!set {a, b}", DOC_SCHEMA_ANSIBLE, "{'a': null, 'b': null}"},
        {"!thing [1]", DOC_SCHEMA_ANSIBLE,
         "f.yml:1:1: a list or map cannot carry the tag !thing; remove it"},
    };
    for (size_t i = 0; i < ARRAY_LENGTH(cases); i++) {
        char *dump = dump_yaml(cases[i].text, strlen(cases[i].text), cases[i].schema, false);
        ck_assert_str_eq(dump, cases[i].dump);
        free(dump);
    }
}
END_TEST

Suite *suite_yaml_types(void)
{
    const TTest *tests[] = {plain_scalars_have_the_type_that_kubectl_gives_them,
                            plain_scalars_have_the_type_that_ansible_gives_them,
                            quoted_scalars_are_texts,
                            numbers_have_their_values,
                            integers_are_exact_or_refused,
                            tags_decide_before_the_text_does,
                            NULL};
    return suite_of("yaml types", tests);
}
