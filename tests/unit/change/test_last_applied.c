#include "runner.h"

#include "change/last_applied.h"
#include "trees.h"

Suite *suite_last_applied(void);

START_TEST(the_text_is_the_one_that_kubectl_writes)
{
    cJSON *manifest =
        tree("{'kind':'DaemonSet','apiVersion':'apps/v1','spec':{'b':1,'a':['<x>&',true,null]},"
             "'metadata':{'name':'n','namespace':'kube-system'}}");
    char *text = change_last_applied_text(manifest);
    ck_assert_str_eq(text, "{\"apiVersion\":\"apps/v1\",\"kind\":\"DaemonSet\",\"metadata\":{"
                           "\"annotations\":{},\"name\":\"n\",\"namespace\":\"kube-system\"},"
                           "\"spec\":{\"a\":[\"\\u003cx\\u003e\\u0026\",true,null],\"b\":1}}\n");
    free(text);
    cJSON_Delete(manifest);
}
END_TEST

START_TEST(the_annotation_does_not_hold_itself)
{
    cJSON *object = tree("{'metadata':{'annotations':{'a':'1',"
                         "'kubectl.kubernetes.io/last-applied-configuration':'{}'}}}");
    change_last_applied_write(object, object);
    cJSON *last = change_last_applied_read(object);
    ck_assert_tree(last, "{'metadata':{'annotations':{'a':'1'}}}");
    cJSON_Delete(last);
    cJSON_Delete(object);
}
END_TEST

START_TEST(what_is_not_an_object_counts_as_absent)
{
    static const char *const annotations[] = {"", "[]", "{", "null"};
    for (size_t i = 0; i < ARRAY_LENGTH(annotations); i++) {
        cJSON *object = tree("{'metadata':{'annotations':{}}}");
        json_set_string(json_at(object, "metadata", "annotations", NULL), CHANGE_LAST_APPLIED,
                        annotations[i]);
        ck_assert_ptr_null(change_last_applied_read(object));
        cJSON_Delete(object);
    }
    ck_assert_ptr_null(change_last_applied_read(NULL));
}
END_TEST

Suite *suite_last_applied(void)
{
    const TTest *const tests[] = {the_text_is_the_one_that_kubectl_writes,
                                  the_annotation_does_not_hold_itself,
                                  what_is_not_an_object_counts_as_absent, NULL};
    return suite_of("last-applied", tests);
}
