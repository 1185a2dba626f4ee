#include "runner.h"

#include "change/json_patch.h"
#include "trees.h"

Suite *suite_json_patch(void);

START_TEST(patches_say_only_what_changes)
{
    static const struct {
        const char *before, *after, *patch;
    } cases[] = {
        {"{'a':1}", "{'a':1.0}", "[]"},
        {"{'a':1}", "{'a':2}", "[{'op':'replace','path':'/a','value':2}]"},
        {"{'a':1}", "{}", "[{'op':'remove','path':'/a'}]"},
        {"{}", "{'a/b~c':1}", "[{'op':'add','path':'/a~1b~0c','value':1}]"},
        {"{'a':{'b':{'c':1}}}", "{'a':{'b':{'c':2}}}",
         "[{'op':'replace','path':'/a/b/c','value':2}]"},
        {"{'a':[1,2,3]}", "{'a':[1,3]}", "[{'op':'remove','path':'/a/1'}]"},
        {"{'a':[1,2,3,4]}", "{'a':[1]}",
         "[{'op':'remove','path':'/a/3'},{'op':'remove','path':'/a/2'},"
         "{'op':'remove','path':'/a/1'}]"},
        {"{'a':[1]}", "{'a':[1,2,3]}",
         "[{'op':'add','path':'/a/1','value':2},{'op':'add','path':'/a/2','value':3}]"},
        {"{'a':[1,2]}", "{'a':[0,1,2]}", "[{'op':'add','path':'/a/0','value':0}]"},
        {"{'a':[{'n':1},{'n':2}]}", "{'a':[{'n':1},{'n':3}]}",
         "[{'op':'replace','path':'/a/1/n','value':3}]"},
        {"{'a':[]}", "{'a':{}}", "[{'op':'replace','path':'/a','value':{}}]"},
        {"{'a':null}", "{'a':null}", "[]"},
        {"{'p':{'imagePullSecrets':[{'name':'a'},{'name':'b'}]}}",
         "{'p':{'imagePullSecrets':[{'name':'b'}]}}",
         "[{'op':'test','path':'/p/imagePullSecrets','value':[{'name':'a'},{'name':'b'}]},"
         "{'op':'replace','path':'/p/imagePullSecrets','value':[{'name':'b'}]}]"},
        {"{'imagePullSecrets':[{'name':'a'}]}", "{}",
         "[{'op':'test','path':'/imagePullSecrets','value':[{'name':'a'}]},"
         "{'op':'remove','path':'/imagePullSecrets'}]"},
        {"{}", "{'imagePullSecrets':[{'name':'a'}]}",
         "[{'op':'add','path':'/imagePullSecrets','value':[{'name':'a'}]}]"},
    };
    for (size_t i = 0; i < ARRAY_LENGTH(cases); i++) {
        cJSON *before = tree(cases[i].before);
        cJSON *after = tree(cases[i].after);
        cJSON *patch = change_json_patch(before, after);
        ck_assert_tree(patch, cases[i].patch);
        cJSON_Delete(patch);
        cJSON_Delete(after);
        cJSON_Delete(before);
    }
}
END_TEST

START_TEST(guards_stand_in_front_and_do_not_count_as_writes)
{
    cJSON *patch = tree("[]");
    change_json_patch_guard(patch, "u", "7");
    ck_assert(!change_json_patch_writes(patch));
    ck_assert_tree(patch, "[{'op':'test','path':'/metadata/uid','value':'u'},"
                          "{'op':'test','path':'/metadata/resourceVersion','value':'7'}]");
    cJSON_Delete(patch);
    patch = tree("[{'op':'remove','path':'/a'}]");
    change_json_patch_guard(patch, NULL, NULL);
    ck_assert(change_json_patch_writes(patch));
    ck_assert_int_eq(cJSON_GetArraySize(patch), 1);
    cJSON_Delete(patch);
}
END_TEST

Suite *suite_json_patch(void)
{
    const TTest *const tests[] = {patches_say_only_what_changes,
                                  guards_stand_in_front_and_do_not_count_as_writes, NULL};
    return suite_of("json-patch", tests);
}
