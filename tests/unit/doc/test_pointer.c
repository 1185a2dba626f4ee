#include "runner.h"

#include <string.h>

#include "base/attributes.h"
#include "doc/json.h"
#include "doc/pointer.h"

Suite *suite_pointer(void);

START_TEST(the_examples_of_the_rfc_resolve)
{
    static const char text[] = "{\"foo\":[\"bar\",\"baz\"],\"\":0,\"a/b\":1,\"c%d\":2,\"e^f\":3,"
                               "\"g|h\":4,\"i\\\\j\":5,\"k\\\"l\":6,\" \":7,\"m~n\":8}";
    static const struct {
        const char *pointer;
        int number;
    } cases[] = {{"/", 0},     {"/a~1b", 1}, {"/c%d", 2}, {"/e^f", 3}, {"/g|h", 4},
                 {"/i\\j", 5}, {"/k\"l", 6}, {"/ ", 7},   {"/m~0n", 8}};
    cJSON *root = json_parse(text, strlen(text), "test", NULL);
    ck_assert_ptr_eq(pointer_get(root, ""), root);
    ck_assert_str_eq(pointer_get(root, "/foo/0")->valuestring, "bar");
    ck_assert_int_eq(cJSON_GetArraySize(pointer_get(root, "/foo")), 2);
    for (size_t i = 0; i < ARRAY_LENGTH(cases); i++) {
        const cJSON *value = pointer_get(root, cases[i].pointer);
        ck_assert_ptr_nonnull(value);
        ck_assert_int_eq(value->valueint, cases[i].number);
    }
    cJSON_Delete(root);
}
END_TEST

START_TEST(what_is_not_there_is_null)
{
    static const char text[] = "{\"list\":[1,2],\"a\":{\"b\":null},\"x~y\":1}";
    static const char *const absent[] = {"list",
                                         "/list/2",
                                         "/list/-",
                                         "/list/01",
                                         "/list/x",
                                         "/list/",
                                         "/a/b/c",
                                         "/A",
                                         "/x~y",
                                         "/x~2y",
                                         "/list/99999999999999999999",
                                         "/a/"};
    cJSON *root = json_parse(text, strlen(text), "test", NULL);
    for (size_t i = 0; i < ARRAY_LENGTH(absent); i++) {
        ck_assert_msg(pointer_get(root, absent[i]) == NULL, "found %s", absent[i]);
    }
    ck_assert_ptr_null(pointer_get(NULL, "/a"));
    cJSON_Delete(root);
}
END_TEST

START_TEST(names_are_escaped_so_that_they_resolve)
{
    struct buffer pointer;
    buffer_init(&pointer, 100);
    pointer_append(&pointer, "metadata");
    pointer_append(&pointer, "k8s.io/~x");
    pointer_append_index(&pointer, 12);
    ck_assert_str_eq(pointer.data, "/metadata/k8s.io~1~0x/12");
    buffer_free(&pointer);
}
END_TEST

Suite *suite_pointer(void)
{
    const TTest *tests[] = {the_examples_of_the_rfc_resolve, what_is_not_there_is_null,
                            names_are_escaped_so_that_they_resolve, NULL};
    return suite_of("pointer", tests);
}
