#include "runner.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/attributes.h"
#include "base/file.h"
#include "doc/json.h"
#include "doc/yaml.h"

Suite *suite_yaml_json(void);

/* The first document as sorted JSON, or the error's message; free() it. */
static char *to_json(const char *text)
{
    struct doc_options options = {.schema = DOC_SCHEMA_KUBERNETES, .source = "m.yaml"};
    struct doc_stream stream;
    struct error err = ERROR_INIT;
    struct buffer out;
    buffer_init(&out, 10000);
    ck_assert(doc_parse_yaml(text, strlen(text), &options, &stream, NULL));
    cJSON *value = doc_to_json(stream.documents[0], "m.yaml", &err);
    if (value == NULL) {
        ck_assert_int_eq(err.kind, ERROR_CONFIG);
        buffer_append_string(&out, err.message);
    } else {
        ck_assert(json_write_sorted(&out, value));
    }
    cJSON_Delete(value);
    doc_stream_free(&stream);
    return buffer_take(&out);
}

START_TEST(yaml_becomes_the_json_that_kubectl_makes)
{
    static const struct {
        const char *text;
        const char *json;
    } cases[] = {
        {"a: yes\nb: 0o17\nc: 1e3\nd: '1'\ne: ~\nf: [y, 1.5]\n",
         "{\"a\":true,\"b\":15,\"c\":1000,\"d\":\"1\",\"e\":null,\"f\":[true,1.5]}"},
        {"a: 2020-01-01\nb: 12:30\n", "{\"a\":\"2020-01-01\",\"b\":\"12:30\"}"},
        {"1: a\n010: b\n1.5: c\nyes: d\n",
         "{\"1\":\"a\",\"1.5\":\"c\",\"8\":\"b\",\"true\":\"d\"}"},
        {"1: a\n'1': b\n", "{\"1\":\"b\"}"},
        {"a: .inf\n", "m.yaml:1:4: JSON has no such number; quote it or change it"},
        {"a:\n- .nan\n", "m.yaml:2:3: JSON has no such number; quote it or change it"},
        {"~: a\n", "m.yaml:1:1: a key must be a text, number or boolean; quote it"},
        {"a: !vault x\n", "m.yaml:1:4: a Kubernetes object cannot hold this tag; remove it"},
        {"a: \"x\\0y\"\n", "m.yaml:1:4: a text cannot hold the character NUL; remove it"},
        {"- {}\n- []\n- ''\n", "[{},[],\"\"]"},
        {"a: 9007199254740993\n", "{\"a\":9007199254740992}"},
    };
    for (size_t i = 0; i < ARRAY_LENGTH(cases); i++) {
        char *json = to_json(cases[i].text);
        ck_assert_str_eq(json, cases[i].json);
        free(json);
    }
}
END_TEST

/* Writes text to a file of its own, reads it back as documents and joins them with blanks. */
static char *read_back(const char *text, struct error *err)
{
    char path[] = "/tmp/pullmend-doc.XXXXXX";
    int file = mkstemp(path);
    ck_assert_int_ge(file, 0);
    ck_assert_int_eq(write(file, text, strlen(text)), (ssize_t)strlen(text));
    close(file);
    cJSON **documents = NULL;
    size_t count = 0;
    bool fine = doc_read_json_documents(path, &documents, &count, NULL, err);
    unlink(path);
    if (!fine) {
        ck_assert_ptr_null(documents);
        return NULL;
    }
    struct buffer out;
    buffer_init(&out, 10000);
    for (size_t i = 0; i < count; i++) {
        buffer_append_string(&out, i == 0 ? "" : " ");
        json_write(&out, documents[i]);
        cJSON_Delete(documents[i]);
    }
    free(documents);
    return buffer_take(&out);
}

START_TEST(files_give_their_documents_without_the_empty_ones)
{
    static const struct {
        const char *text;
        const char *json;
    } cases[] = {
        {"", ""},
        {"---\n# nothing\n---\nkind: A\n---\n---\nkind: B\n", "{\"kind\":\"A\"} {\"kind\":\"B\"}"},
        {"{\n\t\"a\": \"\\ud83d\\ude00\"\n}\n", "{\"a\":\"\xF0\x9F\x98\x80\"}"},
        {"{a: b}\n", "{\"a\":\"b\"}"},
        {"{\"a\":[{\"b\":1,\"c\":2,\"b\":3}],\"a\":[{\"b\":4,\"b\":5}]}", "{\"a\":[{\"b\":5}]}"},
    };
    for (size_t i = 0; i < ARRAY_LENGTH(cases); i++) {
        struct error err = ERROR_INIT;
        char *json = read_back(cases[i].text, &err);
        ck_assert_msg(json != NULL, "%s", err.message);
        ck_assert_str_eq(json, cases[i].json);
        free(json);
    }
}
END_TEST

START_TEST(files_that_are_no_manifests_are_refused)
{
    struct error err = ERROR_INIT;
    ck_assert_ptr_null(read_back("a: 1\n---\nb: .inf\n", &err));
    ck_assert_ptr_nonnull(strstr(err.message, ":3:4: JSON has no such number"));
    ck_assert_ptr_null(read_back("a: [\n", &err));
    ck_assert_ptr_nonnull(strstr(err.message, ":2:1: "));
    cJSON **documents = NULL;
    size_t count = 0;
    ck_assert(!doc_read_json_documents("/nonexistent/m.yaml", &documents, &count, NULL, &err));
    ck_assert_int_eq(err.kind, ERROR_NOT_FOUND);
}
END_TEST

Suite *suite_yaml_json(void)
{
    const TTest *tests[] = {yaml_becomes_the_json_that_kubectl_makes,
                            files_give_their_documents_without_the_empty_ones,
                            files_that_are_no_manifests_are_refused, NULL};
    return suite_of("yaml json", tests);
}
