#include "runner.h"

#include "base/file.h"
#include "change/last_applied.h"
#include "change/merge.h"
#include "trees.h"

Suite *suite_merge(void);

/*
 * merge-cases.json holds what kubectl 1.32 itself made of these manifests and live objects: the
 * patch that `kubectl apply` sent, applied by `kubectl patch --local`.
 */
#define CASE_COUNT 105

static cJSON *cases;

static void read_cases(void)
{
    char *path = file_join(getenv("TOP_SRCDIR"), "tests/unit/change/merge-cases.json");
    struct buffer text;
    struct error err = ERROR_INIT;
    buffer_init(&text, 1 << 20);
    ck_assert_msg(file_read(path, &text, &err), "%s", err.message);
    cases = json_parse(text.data, text.length, path, &err);
    ck_assert_msg(cases != NULL, "%s", err.message);
    buffer_free(&text);
    free(path);
}

static void drop_cases(void)
{
    cJSON_Delete(cases);
}

START_TEST(merging_gives_what_kubectl_apply_gives)
{
    ck_assert_int_eq(cJSON_GetArraySize(cases), CASE_COUNT);
    const cJSON *item = cJSON_GetArrayItem(cases, _i);
    const cJSON *live = json_object(item, "live");
    cJSON *last = change_last_applied_read(live);
    bool poisoned = true;
    cJSON *merged = change_merge(last, json_object(item, "manifest"), live, &poisoned);
    char *got = text_of(merged);
    char *wanted = text_of(json_object(item, "expected"));
    ck_assert_msg(strcmp(got, wanted) == 0, "%s:\n%s\n%s", json_string(item, "name"), got, wanted);
    ck_assert(!poisoned);
    free(got);
    free(wanted);
    cJSON_Delete(merged);
    cJSON_Delete(last);
}
END_TEST

START_TEST(a_list_that_kubectl_cannot_patch_is_replaced_whole)
{
    static const char *const lists[] = {
        "[{'name':'a'},{'name':'a'}]",
        "[{}]",
        "[{'name':''},{'name':'b'}]",
    };
    for (size_t i = 0; i < ARRAY_LENGTH(lists); i++) {
        cJSON *live = tree("{'apiVersion':'v1','kind':'Pod','metadata':{},'spec':{}}");
        json_set(json_object(live, "spec"), "imagePullSecrets", tree(lists[i]));
        cJSON *manifest = tree("{'apiVersion':'v1','kind':'Pod','metadata':{},"
                               "'spec':{'imagePullSecrets':[{'name':'b'}]}}");
        bool poisoned = false;
        cJSON *merged = change_merge(NULL, manifest, live, &poisoned);
        ck_assert(poisoned);
        ck_assert_tree(json_object(merged, "spec"), "{'imagePullSecrets':[{'name':'b'}]}");
        cJSON_Delete(merged);
        cJSON_Delete(manifest);
        cJSON_Delete(live);
    }
}
END_TEST

START_TEST(merging_twice_changes_nothing_more)
{
    const cJSON *item = cJSON_GetArrayItem(cases, _i);
    cJSON *last = change_last_applied_read(json_object(item, "live"));
    const cJSON *manifest = json_object(item, "manifest");
    cJSON *once = change_merge(last, manifest, json_object(item, "live"), NULL);
    cJSON *again = change_last_applied_read(once);
    cJSON *twice = change_merge(again, manifest, once, NULL);
    ck_assert_msg(json_equal(once, twice), "%s", json_string(item, "name"));
    cJSON_Delete(twice);
    cJSON_Delete(again);
    cJSON_Delete(once);
    cJSON_Delete(last);
}
END_TEST

Suite *suite_merge(void)
{
    Suite *suite = suite_create("merge");
    TCase *test_case = tcase_create("merge");
    tcase_add_unchecked_fixture(test_case, read_cases, drop_cases);
    tcase_add_loop_test(test_case, merging_gives_what_kubectl_apply_gives, 0, CASE_COUNT);
    tcase_add_loop_test(test_case, merging_twice_changes_nothing_more, 0, CASE_COUNT);
    tcase_add_test(test_case, a_list_that_kubectl_cannot_patch_is_replaced_whole);
    suite_add_tcase(suite, test_case);
    return suite;
}
