#include "runner.h"

#include "doc/json.h"
#include "sim/cluster.h"

Suite *suite_patch_strategic(void);

static cJSON *workload(const char *secrets)
{
    cJSON *live = json_of("{'apiVersion':'apps/v1','kind':'DaemonSet','metadata':{'name':'d',"
                          "'namespace':'n'},'spec':{'template':{'spec':{'containers':[{'name':'a',"
                          "'image':'a:1'},{'name':'b','image':'b:1'}]}}}}");
    json_set(json_at(live, "spec", "template", "spec", NULL), "imagePullSecrets", json_of(secrets));
    return live;
}

/* The list after a patch of it, by {"$setElementOrder/...", ...} members of the pod spec. */
static const char *after(const char *secrets, const char *pod_spec)
{
    static char out[1024];
    cJSON *live = workload(secrets);
    char patch[1024];
    snprintf(patch, sizeof(patch), "{'spec':{'template':{'spec':%s}}}", pod_spec);
    char message[512];
    int code = 0;
    cJSON *result = patched(SIM_PATCH_STRATEGIC, live, patch, "m", false, &code, message);
    if (result == NULL) {
        snprintf(out, sizeof(out), "%d %s", code, message);
    } else {
        const cJSON *list = json_at(result, "spec", "template", "spec", "imagePullSecrets", NULL);
        snprintf(out, sizeof(out), "%s", list == NULL ? "none" : text_of(list));
    }
    cJSON_Delete(result);
    cJSON_Delete(live);
    return out;
}

#define A  "{'name':'a'}"
#define B  "{'name':'b'}"
#define C  "{'name':'c'}"
#define AB "[{'name':'a'},{'name':'b'}]"

START_TEST(a_new_entry_goes_in_front_and_a_present_one_stays_where_it_is)
{
    ck_assert_str_eq(after(AB, "{'imagePullSecrets':[" C "]}"), "[" C "," A "," B "]");
    ck_assert_str_eq(after(AB, "{'imagePullSecrets':[" B "]}"), AB);
    ck_assert_str_eq(after(AB, "{'imagePullSecrets':[]}"), AB);
    ck_assert_str_eq(after(AB, "{'imagePullSecrets':null}"), "none");
}
END_TEST

START_TEST(delete_and_replace_directives_do_what_they_say)
{
    ck_assert_str_eq(after(AB, "{'imagePullSecrets':[{'$patch':'delete','name':'a'}]}"), "[" B "]");
    ck_assert_str_eq(after(AB, "{'imagePullSecrets':[{'$patch':'delete','name':'x'}]}"), AB);
    ck_assert_str_eq(after(AB, "{'imagePullSecrets':[{'$patch':'replace'}," C "]}"), "[" C "]");
    ck_assert_str_eq(
        after("[" A "]", "{'imagePullSecrets':[{'$patch':'delete','name':'a'}," B "," C "]}"),
        "[" B "," C "]");
}
END_TEST

START_TEST(doubles_stay_together_and_go_together)
{
    ck_assert_str_eq(after("[" A "," A "," B "]", "{'imagePullSecrets':[" C "]}"),
                     "[" C "," A "," A "," B "]");
    ck_assert_str_eq(
        after("[" C "," A "," A "," B "]", "{'imagePullSecrets':[{'$patch':'delete','name':'a'}]}"),
        "[" C "," B "]");
}
END_TEST

START_TEST(set_element_order_orders_with_and_without_other_changes)
{
    ck_assert_str_eq(after(AB, "{'$setElementOrder/imagePullSecrets':[" B "," A "]}"),
                     "[" B "," A "]");
    ck_assert_str_eq(after(AB, "{'$setElementOrder/imagePullSecrets':[" A "," C "," B
                               "],'imagePullSecrets':[" C "]}"),
                     "[" A "," C "," B "]");
    ck_assert_str_eq(
        after("[" A "," C "," B "]", "{'$setElementOrder/imagePullSecrets':[" B "," A "]}"),
        "[" C "," B "," A "]");
}
END_TEST

START_TEST(what_cannot_be_followed_is_an_internal_error_in_the_servers_words)
{
    ck_assert_str_eq(after("[" A "]", "{'$setElementOrder/imagePullSecrets':[" A
                                      "],'imagePullSecrets':[" B "]}"),
                     "500 The order in patch list:\n[map[name:b]]\n doesn't match "
                     "$setElementOrder list:\n[map[name:a]]\n");
    ck_assert_str_eq(after(AB, "{'imagePullSecrets':[{'$patch':'nope','name':'a'}]}"),
                     "500 unknown patch type: nope in map: map[$patch:nope name:a]");
    ck_assert_str_eq(after(AB, "{'imagePullSecrets':[{}]}"),
                     "500 map: map[] does not contain declared merge key: name");
    ck_assert_str_eq(after("[{}]", "{'imagePullSecrets':[" A "]}"),
                     "500 map: map[] does not contain declared merge key: name");
    ck_assert_str_eq(after(AB, "{'imagePullSecrets':'a'}"),
                     "422  \"\" is invalid: patch: Invalid value: \"map[spec:map[template:map[spec:"
                     "map[imagePullSecrets:a]]]]\": cannot restore slice from string");
}
END_TEST

START_TEST(containers_are_merged_by_name)
{
    cJSON *live = workload(AB);
    cJSON *out =
        patched(SIM_PATCH_STRATEGIC, live,
                "{'spec':{'template':{'spec':{'containers':[{'name':'b','image':'b:2'}]}}}}", "m",
                false, NULL, NULL);
    ck_assert_str_eq(text_of(json_at(out, "spec", "template", "spec", "containers", NULL)),
                     "[{'image':'a:1','name':'a'},{'image':'b:2','name':'b'}]");
    cJSON_Delete(out);
    cJSON_Delete(live);
}
END_TEST

START_TEST(a_template_can_be_replaced_as_rollout_undo_does)
{
    cJSON *live = workload(AB);
    cJSON *out = patched(SIM_PATCH_STRATEGIC, live,
                         "{'spec':{'template':{'$patch':'replace','spec':{'containers':[{'name':"
                         "'a','image':'a:0'}]}}}}",
                         "m", false, NULL, NULL);
    ck_assert_str_eq(text_of(json_at(out, "spec", "template", NULL)),
                     "{'spec':{'containers':[{'image':'a:0','name':'a'}]}}");
    cJSON_Delete(out);
    cJSON_Delete(live);
}
END_TEST

START_TEST(the_list_of_a_service_account_has_no_merge_key)
{
    cJSON *live = json_of("{'apiVersion':'v1','kind':'ServiceAccount','metadata':{'name':'s',"
                          "'namespace':'n'},'imagePullSecrets':[{'name':'a'},{'name':'b'}]}");
    cJSON *out = patched(SIM_PATCH_STRATEGIC, live, "{'imagePullSecrets':[{'name':'c'}]}", "m",
                         false, NULL, NULL);
    ck_assert_str_eq(text_of(json_member(out, "imagePullSecrets")), "[{'name':'c'}]");
    cJSON_Delete(out);
    out = patched(SIM_PATCH_STRATEGIC, live,
                  "{'imagePullSecrets':[{'$patch':'delete','name':'a'}]}", "m", false, NULL, NULL);
    const cJSON *list = json_member(out, "imagePullSecrets");
    ck_assert_int_eq(cJSON_GetArraySize(list), 1);
    ck_assert_str_eq(json_string(list->child, "name"), "a");
    cJSON_Delete(out);
    out = patched(SIM_PATCH_STRATEGIC, live, "{'secrets':[{'name':'x'}]}", "m", false, NULL, NULL);
    ck_assert_str_eq(text_of(json_member(out, "secrets")), "[{'name':'x'}]");
    cJSON_Delete(out);
    cJSON_Delete(live);
}
END_TEST

START_TEST(primitives_are_merged_and_deleted_and_keys_retained)
{
    cJSON *live = json_of("{'apiVersion':'apps/v1','kind':'Deployment','metadata':{'name':'d',"
                          "'namespace':'n','finalizers':['a','b']},'spec':{'strategy':{'type':"
                          "'RollingUpdate','rollingUpdate':{'maxSurge':1}}}}");
    cJSON *out = patched(SIM_PATCH_STRATEGIC, live,
                         "{'metadata':{'$deleteFromPrimitiveList/finalizers':['a'],'finalizers':"
                         "['c']},'spec':{'strategy':{'$retainKeys':['type'],'type':'Recreate'}}}",
                         "m", false, NULL, NULL);
    ck_assert_str_eq(text_of(json_at(out, "metadata", "finalizers", NULL)), "['c','b']");
    ck_assert_str_eq(text_of(json_at(out, "spec", "strategy", NULL)), "{'type':'Recreate'}");
    cJSON_Delete(out);
    cJSON_Delete(live);
}
END_TEST

Suite *suite_patch_strategic(void)
{
    const TTest *const tests[] = {
        a_new_entry_goes_in_front_and_a_present_one_stays_where_it_is,
        delete_and_replace_directives_do_what_they_say,
        doubles_stay_together_and_go_together,
        set_element_order_orders_with_and_without_other_changes,
        what_cannot_be_followed_is_an_internal_error_in_the_servers_words,
        containers_are_merged_by_name,
        a_template_can_be_replaced_as_rollout_undo_does,
        the_list_of_a_service_account_has_no_merge_key,
        primitives_are_merged_and_deleted_and_keys_retained,
        NULL,
    };
    return suite_of("patch_strategic", tests);
}
