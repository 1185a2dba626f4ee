#include "runner.h"

#include "sim/cluster.h"

Suite *suite_patch_json(void);

static const char live_text[] =
    "{'apiVersion':'v1','kind':'ServiceAccount','metadata':{'name':'a','namespace':'n'},"
    "'imagePullSecrets':[{'name':'one'},{'name':'two'}]}";

static int code_of(const char *patch)
{
    cJSON *live = json_of(live_text);
    int code = 0;
    cJSON *out = patched(SIM_PATCH_JSON, live, patch, "m", false, &code, NULL);
    cJSON_Delete(out);
    cJSON_Delete(live);
    return code;
}

static const char *list_after(const char *patch)
{
    static char out[512];
    cJSON *live = json_of(live_text);
    cJSON *result = patched(SIM_PATCH_JSON, live, patch, "m", false, NULL, NULL);
    ck_assert_ptr_nonnull(result);
    const cJSON *list = cJSON_GetObjectItemCaseSensitive(result, "imagePullSecrets");
    snprintf(out, sizeof(out), "%s", list == NULL ? "none" : text_of(list));
    cJSON_Delete(result);
    cJSON_Delete(live);
    return out;
}

START_TEST(values_are_added_at_an_index_and_at_the_end)
{
    ck_assert_str_eq(
        list_after("[{'op':'add','path':'/imagePullSecrets/0','value':{'name':'zero'}}]"),
        "[{'name':'zero'},{'name':'one'},{'name':'two'}]");
    ck_assert_str_eq(
        list_after("[{'op':'add','path':'/imagePullSecrets/-','value':{'name':'three'}}]"),
        "[{'name':'one'},{'name':'two'},{'name':'three'}]");
    ck_assert_str_eq(
        list_after("[{'op':'add','path':'/imagePullSecrets/2','value':{'name':'three'}}]"),
        "[{'name':'one'},{'name':'two'},{'name':'three'}]");
    ck_assert_int_eq(code_of("[{'op':'add','path':'/imagePullSecrets/3','value':{}}]"), 422);
}
END_TEST

START_TEST(a_failed_test_and_a_missing_path_look_the_same)
{
    ck_assert_int_eq(code_of("[{'op':'test','path':'/imagePullSecrets/0/name','value':'x'}]"), 422);
    ck_assert_int_eq(code_of("[{'op':'remove','path':'/imagePullSecrets/7'}]"), 422);
    ck_assert_int_eq(code_of("[{'op':'remove','path':'/nope'}]"), 422);
    ck_assert_int_eq(code_of("[{'op':'nope','path':'/imagePullSecrets'}]"), 422);
    ck_assert_int_eq(code_of("[{'op':'add','path':'/nope/-','value':1}]"), 422);
}
END_TEST

START_TEST(a_test_for_null_passes_on_an_absent_member)
{
    ck_assert_int_eq(code_of("[{'op':'test','path':'/metadata/nope','value':null}]"), 0);
    ck_assert_int_eq(code_of("[{'op':'test','path':'/metadata/nope','value':'a'}]"), 422);
    ck_assert_int_eq(code_of("[{'op':'test','path':'/no/where','value':null}]"), 422);
}
END_TEST

START_TEST(replace_of_an_absent_member_adds_it)
{
    cJSON *live = json_of(live_text);
    cJSON *out = patched(SIM_PATCH_JSON, live,
                         "[{'op':'replace','path':'/metadata/labels','value':{'a':'b'}}]", "m",
                         false, NULL, NULL);
    ck_assert_ptr_nonnull(strstr(text_of(out), "'labels':{'a':'b'}"));
    cJSON_Delete(out);
    cJSON_Delete(live);
}
END_TEST

START_TEST(move_and_copy_work_between_places)
{
    ck_assert_str_eq(
        list_after("[{'op':'move','from':'/imagePullSecrets/1','path':'/imagePullSecrets/0'}]"),
        "[{'name':'two'},{'name':'one'}]");
    ck_assert_str_eq(
        list_after("[{'op':'copy','from':'/imagePullSecrets/1','path':'/imagePullSecrets/-'}]"),
        "[{'name':'one'},{'name':'two'},{'name':'two'}]");
    ck_assert_int_eq(code_of("[{'op':'move','from':'/nope','path':'/also'}]"), 422);
}
END_TEST

START_TEST(escapes_in_a_pointer_name_members_with_slash_and_tilde)
{
    cJSON *live = json_of("{'apiVersion':'v1','kind':'Secret','metadata':{'name':'a','namespace':"
                          "'n','annotations':{'a/b~c':'x'}}}");
    cJSON *out =
        patched(SIM_PATCH_JSON, live, "[{'op':'remove','path':'/metadata/annotations/a~1b~0c'}]",
                "m", false, NULL, NULL);
    ck_assert_ptr_nonnull(out);
    ck_assert_ptr_nonnull(strstr(text_of(out), "'annotations':{}"));
    cJSON_Delete(out);
    cJSON_Delete(live);
}
END_TEST

START_TEST(a_patch_that_is_no_list_is_a_bad_request)
{
    char message[512];
    int code = 0;
    cJSON *live = json_of(live_text);
    ck_assert_ptr_null(
        patched(SIM_PATCH_JSON, live, "{'op':'remove'}", "m", false, &code, message));
    ck_assert_int_eq(code, 400);
    ck_assert_str_eq(message, "error decoding patch: json: cannot unmarshal object into Go value "
                              "of type []handlers.jsonPatchOp");
    ck_assert_ptr_null(patched(SIM_PATCH_MERGE, live, "[]", "m", false, &code, message));
    ck_assert_int_eq(code, 400);
    cJSON_Delete(live);
}
END_TEST

START_TEST(the_name_cannot_change)
{
    char message[512];
    int code = 0;
    cJSON *live = json_of(live_text);
    ck_assert_ptr_null(patched(SIM_PATCH_JSON, live,
                               "[{'op':'replace','path':'/metadata/name','value':'other'}]", "m",
                               false, &code, message));
    ck_assert_int_eq(code, 400);
    ck_assert_str_eq(message,
                     "the name of the object (other) does not match the name on the URL (a)");
    cJSON_Delete(live);
}
END_TEST

START_TEST(a_merge_patch_replaces_lists_and_null_removes)
{
    cJSON *live = json_of(live_text);
    cJSON *out = patched(SIM_PATCH_MERGE, live, "{'imagePullSecrets':[{'name':'x'}]}", "m", false,
                         NULL, NULL);
    ck_assert_ptr_nonnull(strstr(text_of(out), "'imagePullSecrets':[{'name':'x'}]"));
    cJSON_Delete(out);
    out = patched(SIM_PATCH_MERGE, live,
                  "{'imagePullSecrets':null,'metadata':{'labels':{'a':null,"
                  "'b':'c'}}}",
                  "m", false, NULL, NULL);
    ck_assert_ptr_null(strstr(text_of(out), "imagePullSecrets"));
    ck_assert_ptr_nonnull(strstr(text_of(out), "'labels':{'b':'c'}"));
    cJSON_Delete(out);
    cJSON_Delete(live);
}
END_TEST

Suite *suite_patch_json(void)
{
    const TTest *const tests[] = {
        values_are_added_at_an_index_and_at_the_end,
        a_failed_test_and_a_missing_path_look_the_same,
        a_test_for_null_passes_on_an_absent_member,
        replace_of_an_absent_member_adds_it,
        move_and_copy_work_between_places,
        escapes_in_a_pointer_name_members_with_slash_and_tilde,
        a_patch_that_is_no_list_is_a_bad_request,
        the_name_cannot_change,
        a_merge_patch_replaces_lists_and_null_removes,
        NULL,
    };
    return suite_of("patch_json", tests);
}
