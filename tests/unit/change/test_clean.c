#include "runner.h"

#include "change/clean.h"
#include "trees.h"

Suite *suite_clean(void);

START_TEST(what_the_server_writes_by_itself_is_left_out)
{
    cJSON *object =
        tree("{'kind':'DaemonSet','metadata':{'name':'n','uid':'u','resourceVersion':'1',"
             "'generation':4,'creationTimestamp':'2026-01-01T00:00:00Z','managedFields':[],"
             "'annotations':{'deprecated.daemonset.template.generation':'4',"
             "'kubectl.kubernetes.io/last-applied-configuration':'{}'}},"
             "'spec':{'template':{'metadata':{'creationTimestamp':null}}},'status':{'x':1}}");
    change_clean(object);
    ck_assert_tree(object, "{'kind':'DaemonSet','metadata':{'name':'n'},"
                           "'spec':{'template':{'metadata':{}}}}");
    cJSON_Delete(object);
}
END_TEST

START_TEST(a_status_update_does_not_count_as_somebody_elses_change)
{
    cJSON *before = tree("{'metadata':{'uid':'u','resourceVersion':'1','generation':1},"
                         "'spec':{'a':1},'status':{'ready':1}}");
    cJSON *later = tree("{'metadata':{'uid':'u','resourceVersion':'9','generation':1},"
                        "'spec':{'a':1},'status':{'ready':2}}");
    ck_assert(change_same_intent(before, later));
    json_set_string(json_object(later, "metadata"), "uid", "other");
    ck_assert(!change_same_intent(before, later));
    json_set_string(json_object(later, "metadata"), "uid", "u");
    json_set_string(json_object(later, "spec"), "a", "2");
    ck_assert(!change_same_intent(before, later));
    cJSON_Delete(before);
    cJSON_Delete(later);
}
END_TEST

START_TEST(yaml_of_a_secret_shows_no_value)
{
    cJSON *secret = tree("{'apiVersion':'v1','kind':'Secret','metadata':{'name':'n'},"
                         "'data':{'password':'aHVudGVyMg=='}}");
    char *yaml = change_clean_yaml(secret);
    ck_assert_ptr_nonnull(strstr(yaml, "password: "));
    ck_assert_ptr_null(strstr(yaml, "aHVudGVyMg"));
    ck_assert_ptr_null(strstr(yaml, "hunter2"));
    free(yaml);
    ck_assert_str_eq(json_string(json_object(secret, "data"), "password"), "aHVudGVyMg==");
    json_delete_secret(secret);
    yaml = change_clean_yaml(NULL);
    ck_assert_str_eq(yaml, "");
    free(yaml);
}
END_TEST

Suite *suite_clean(void)
{
    const TTest *const tests[] = {what_the_server_writes_by_itself_is_left_out,
                                  a_status_update_does_not_count_as_somebody_elses_change,
                                  yaml_of_a_secret_shows_no_value, NULL};
    return suite_of("clean", tests);
}
