#include "runner.h"

#include <stdio.h>
#include <string.h>

#include "base/attributes.h"
#include "doc/json.h"
#include "doc/mask.h"

Suite *suite_mask(void);

/* printf swordfish | sha256sum; printf swordfish | base64 */
#define PLAIN  "swordfish"
#define BASE64 "c3dvcmRmaXNo"
#define MASKED "<9 bytes, sha256 b9f195c5\xE2\x80\xA6>"

static char *masked(const char *json)
{
    struct error err = ERROR_INIT;
    cJSON *value = json_parse(json, strlen(json), "test", &err);
    ck_assert_msg(value != NULL, "%s", err.message);
    mask_secrets(value);
    struct buffer once, twice;
    buffer_init(&once, 100000);
    buffer_init(&twice, 100000);
    ck_assert(json_write(&once, value));
    mask_secrets(value);
    ck_assert(json_write(&twice, value));
    ck_assert_str_eq(once.data, twice.data);
    buffer_free(&twice);
    cJSON_Delete(value);
    return buffer_take(&once);
}

START_TEST(values_become_their_length_and_digest)
{
    static const struct {
        const char *in;
        const char *out;
    } cases[] = {
        {"{\"kind\":\"Secret\",\"data\":{\"k\":\"" BASE64 "\"}}",
         "{\"kind\":\"Secret\",\"data\":{\"k\":\"" MASKED "\"}}"},
        {"{\"kind\":\"Secret\",\"stringData\":{\"k\":\"" PLAIN "\"}}",
         "{\"kind\":\"Secret\",\"stringData\":{\"k\":\"" MASKED "\"}}"},
        {"{\"data\":{\"k\":\"\"},\"kind\":\"Secret\"}",
         "{\"data\":{\"k\":\"<0 bytes, sha256 e3b0c442\xE2\x80\xA6>\"},\"kind\":\"Secret\"}"},
        {"{\"kind\":\"Secret\",\"type\":\"Opaque\",\"data\":{\"gone\":null},\"immutable\":true}",
         "{\"kind\":\"Secret\",\"type\":\"Opaque\",\"data\":{\"gone\":null},\"immutable\":true}"},
        {"{\"kind\":\"Secret\",\"data\":null}", "{\"kind\":\"Secret\",\"data\":null}"},
        {"{\"kind\":\"List\",\"items\":[{\"kind\":\"Secret\",\"data\":{\"k\":\"" BASE64
         "\"}},{\"kind\":\"ConfigMap\",\"data\":{\"k\":\"open\"}}]}",
         "{\"kind\":\"List\",\"items\":[{\"kind\":\"Secret\",\"data\":{\"k\":\"" MASKED
         "\"}},{\"kind\":\"ConfigMap\",\"data\":{\"k\":\"open\"}}]}"},
        {"{\"kind\":\"SecretList\",\"items\":[{\"data\":{\"k\":\"" BASE64 "\"}}]}",
         "{\"kind\":\"SecretList\",\"items\":[{\"data\":{\"k\":\"" MASKED "\"}}]}"},
        {"{\"kind\":\"Work\",\"spec\":{\"manifests\":[{\"kind\":\"Secret\",\"data\":{\"k\":"
         "\"" BASE64 "\"}}]}}",
         "{\"kind\":\"Work\",\"spec\":{\"manifests\":[{\"kind\":\"Secret\",\"data\":{\"k\":"
         "\"" MASKED "\"}}]}}"},
        {"{\"kind\":\"Pod\",\"spec\":{\"volumes\":[{\"secret\":{\"secretName\":\"s\"}}]}}",
         "{\"kind\":\"Pod\",\"spec\":{\"volumes\":[{\"secret\":{\"secretName\":\"s\"}}]}}"},
    };
    for (size_t i = 0; i < ARRAY_LENGTH(cases); i++) {
        char *out = masked(cases[i].in);
        ck_assert_str_eq(out, cases[i].out);
        free(out);
    }
}
END_TEST

START_TEST(equal_values_look_equal_and_different_ones_do_not)
{
    char *out = masked("{\"kind\":\"Secret\",\"data\":{\"a\":\"" BASE64 "\"},"
                       "\"stringData\":{\"a\":\"" PLAIN "\",\"b\":\"swordfisH\"}}");
    const char *first = strstr(out, MASKED);
    ck_assert_ptr_nonnull(first);
    ck_assert_ptr_nonnull(strstr(first + 1, MASKED));
    ck_assert_ptr_null(strstr(strstr(first + 1, MASKED) + 1, MASKED));
    free(out);
}
END_TEST

/* Everything that must not be seen, in any shape, is this word or its base64. */
START_TEST(no_shape_of_a_secret_lets_its_value_through)
{
    static const char *const shapes[] = {
        "{\"kind\":\"Secret\",\"data\":{\"k\":\"not base64 " PLAIN "\"}}",
        "{\"kind\":\"Secret\",\"data\":{\"k\":{\"deep\":[\"" PLAIN "\"]}}}",
        "{\"kind\":\"Secret\",\"data\":\"" PLAIN "\"}",
        "{\"kind\":\"Secret\",\"data\":[\"" PLAIN "\"]}",
        "{\"kind\":\"Secret\",\"data\":{\"k\":\"x\"},\"data\":{\"k\":\"" PLAIN "\"}}",
        "{\"kind\":\"ConfigMap\",\"kind\":\"Secret\",\"data\":{\"k\":\"" PLAIN "\"}}",
        "[[{\"kind\":\"Secret\",\"data\":{\"k\":\"" PLAIN "\"}}]]",
        "{\"kind\":\"Secret\",\"data\":{\"k\":\"<9 bytes, sha256 " PLAIN ">\"}}",
        "{\"kind\":\"SecretList\",\"items\":[{\"stringData\":{\"k\":\"" PLAIN "\"}}]}",
        "{\"kind\":\"SecretList\",\"items\":[{\"metadata\":{\"annotations\":{\"kubectl.kubernetes."
        "io/last-applied-configuration\":\"{\\\"data\\\":{\\\"k\\\":\\\"" BASE64 "\\\"}}\"}}}]}",
        "{\"kind\":\"Secret\",\"metadata\":{\"annotations\":{\"x\":{\"odd\":\"" PLAIN
        "\"},\"y\":null}}}",
        "{\"kind\":\"Deployment\",\"spec\":{\"template\":{\"metadata\":{\"annotations\":{"
        "\"x\":\"{\\\"kind\\\":\\\"Secret\\\",\\\"data\\\":{\\\"k\\\":\\\"" BASE64 "\\\"}}\"}}}}}",
    };
    for (size_t i = 0; i < ARRAY_LENGTH(shapes); i++) {
        char *out = masked(shapes[i]);
        ck_assert_msg(strstr(out, PLAIN) == NULL && strstr(out, BASE64) == NULL, "%s", out);
        free(out);
    }
}
END_TEST

#define LAST_APPLIED "kubectl.kubernetes.io/last-applied-configuration"

/* The object's annotation after masking; free() it. */
static char *masked_annotation(const char *kind, const char *name, const char *value)
{
    cJSON *object = cJSON_CreateObject();
    json_set_string(object, "kind", kind);
    cJSON *annotations = json_need_object(json_need_object(object, "metadata"), "annotations");
    json_set_string(annotations, name, value);
    mask_secrets(object);
    char *out = strdup(json_string(annotations, name));
    cJSON_Delete(object);
    return out;
}

START_TEST(annotations_that_carry_a_manifest_are_masked_inside)
{
    char *out = masked_annotation("Secret", LAST_APPLIED,
                                  "{\"apiVersion\":\"v1\",\"data\":{\"k\":\"" BASE64
                                  "\"},\"kind\":\"Secret\"}\n");
    ck_assert_str_eq(out,
                     "{\"apiVersion\":\"v1\",\"data\":{\"k\":\"" MASKED "\"},\"kind\":\"Secret\"}");
    free(out);
    out = masked_annotation("Secret", LAST_APPLIED, "{\"stringData\":{\"k\":\"" PLAIN "\"}}");
    ck_assert_str_eq(out, "{\"stringData\":{\"k\":\"" MASKED "\"}}");
    free(out);
    out = masked_annotation("Secret", LAST_APPLIED,
                            "{\"kind\":\"Secret\",\"metadata\":{\"annotations\":{\"" LAST_APPLIED
                            "\":\"{\\\"data\\\":{\\\"k\\\":\\\"" BASE64 "\\\"}}\"}}}");
    ck_assert_ptr_null(strstr(out, BASE64));
    ck_assert_ptr_nonnull(strstr(out, "<9 bytes"));
    free(out);
}
END_TEST

START_TEST(annotations_that_cannot_be_read_are_masked_whole)
{
    static const struct {
        const char *kind;
        const char *name;
        const char *value;
    } cases[] = {
        {"Secret", LAST_APPLIED, "{\"kind\":\"Secret\",\"data\":{\"k\":\"" PLAIN "\"}"},
        {"Secret", LAST_APPLIED, PLAIN},
        {"Secret", LAST_APPLIED, "\"" PLAIN "\""},
        {"Secret", "other", "{\"data\":{\"k\":\"" PLAIN "\""},
        {"Secret", "other", "apiVersion: v1\nkind: Secret\nstringData:\n  k: " PLAIN "\n"},
        {"Secret", "objectset.rio.cattle.io/applied", "H4sI" PLAIN},
        {"ConfigMap", LAST_APPLIED, "{\"kind\":\"Secret\",\"data\":{\"k\":\"" PLAIN "\"}"},
        {"ConfigMap", "other", "kind: Secret\ndata:\n  k: " PLAIN},
    };
    for (size_t i = 0; i < ARRAY_LENGTH(cases); i++) {
        char *out = masked_annotation(cases[i].kind, cases[i].name, cases[i].value);
        ck_assert_msg(strstr(out, PLAIN) == NULL, "%s", out);
        char start[50];
        snprintf(start, sizeof(start), "<%zu bytes, sha256 ", strlen(cases[i].value));
        ck_assert_msg(strncmp(out, start, strlen(start)) == 0, "%s", out);
        free(out);
    }
}
END_TEST

START_TEST(other_annotations_stay_as_they_are)
{
    static const struct {
        const char *kind;
        const char *name;
        const char *value;
    } cases[] = {
        {"Secret", "note", "rotated in May"},
        {"Secret", "policy", "{\"keep\":true}"},
        {"ConfigMap", LAST_APPLIED, "{\"kind\":\"ConfigMap\",  \"data\":{\"k\":\"v\"}}\n"},
        {"ConfigMap", LAST_APPLIED, "broken {"},
        {"Deployment", "doc", "see the Secret of the same name"},
    };
    for (size_t i = 0; i < ARRAY_LENGTH(cases); i++) {
        char *out = masked_annotation(cases[i].kind, cases[i].name, cases[i].value);
        ck_assert_str_eq(out, cases[i].value);
        free(out);
    }
    char *out = masked("{\"kind\":\"Pod\",\"metadata\":{\"annotations\":{\"odd\":[1]}}}");
    ck_assert_str_eq(out, "{\"kind\":\"Pod\",\"metadata\":{\"annotations\":{\"odd\":[1]}}}");
    free(out);
    out = masked("{\"kind\":\"Pod\",\"metadata\":\"odd\"}");
    ck_assert_str_eq(out, "{\"kind\":\"Pod\",\"metadata\":\"odd\"}");
    free(out);
    mask_secrets(NULL);
}
END_TEST

Suite *suite_mask(void)
{
    const TTest *tests[] = {values_become_their_length_and_digest,
                            equal_values_look_equal_and_different_ones_do_not,
                            no_shape_of_a_secret_lets_its_value_through,
                            annotations_that_carry_a_manifest_are_masked_inside,
                            annotations_that_cannot_be_read_are_masked_whole,
                            other_annotations_stay_as_they_are,
                            NULL};
    return suite_of("mask", tests);
}
