#include "runner.h"

#include "doc/json.h"
#include "sim/cluster.h"

Suite *suite_apply(void);

#define CSA             "kubectl-client-side-apply"
#define HEAD            "'apiVersion':'apps/v1','kind':'DaemonSet','metadata':{'name':'d','namespace':'n'}"
#define APPLY(pod_spec) "{" HEAD ",'spec':{'template':{'spec':" pod_spec "}}}"

/* A DaemonSet as client-side apply left it: that manager owns everything. */
static cJSON *owned(void)
{
    cJSON *object =
        json_of("{" HEAD ",'spec':{'selector':{'matchLabels':{'a':'b'}},'template':{'spec':{"
                "'serviceAccountName':'s','containers':[{'name':'c','image':'i:1','resources':{}}],"
                "'imagePullSecrets':[{'name':'regcred'}]}}}}");
    const struct sim_manager who = {sim_daemonsets(), CSA, "", patched_minor, 1767225600000};
    sim_managed_fields_update(&who, NULL, object);
    return object;
}

static const char *secrets_of(const cJSON *object)
{
    const cJSON *list = json_at(object, "spec", "template", "spec", "imagePullSecrets", NULL);
    return list == NULL ? "none" : text_of(list);
}

static const cJSON *entry_of(const cJSON *object, const char *manager)
{
    const cJSON *entry = NULL;
    cJSON_ArrayForEach(entry, json_at(object, "metadata", "managedFields", NULL))
    {
        if (strcmp(json_string_or(entry, "manager", ""), manager) == 0) {
            return entry;
        }
    }
    return NULL;
}

static cJSON *apply(cJSON *live, const char *config, const char *manager)
{
    char message[512];
    cJSON *out = patched(SIM_PATCH_APPLY, live, config, manager, false, NULL, message);
    ck_assert_msg(out != NULL, "%s", message);
    cJSON_Delete(live);
    return out;
}

START_TEST(a_new_manager_cannot_remove_what_client_side_apply_owns)
{
    cJSON *object = apply(owned(), APPLY("{'imagePullSecrets':[{'name':'new'}]}"), "fixer");
    ck_assert_str_eq(secrets_of(object), "[{'name':'regcred'},{'name':'new'}]");
    object = apply(object, APPLY("{'imagePullSecrets':[]}"), "fixer");
    ck_assert_str_eq(secrets_of(object), "[{'name':'regcred'}]");
    ck_assert_ptr_null(entry_of(object, "fixer"));
    char message[512];
    cJSON *forced = patched(SIM_PATCH_APPLY, object, APPLY("{'imagePullSecrets':[]}"), "fixer",
                            true, NULL, message);
    ck_assert_str_eq(secrets_of(forced), "[{'name':'regcred'}]");
    cJSON_Delete(forced);
    cJSON_Delete(object);
}
END_TEST

START_TEST(a_co_owned_entry_stays_when_one_owner_drops_it)
{
    cJSON *object =
        apply(owned(), APPLY("{'imagePullSecrets':[{'name':'regcred'},{'name':'new'}]}"), "fixer");
    object = apply(object, APPLY("{'imagePullSecrets':[{'name':'new'}]}"), "fixer");
    ck_assert_str_eq(secrets_of(object), "[{'name':'regcred'},{'name':'new'}]");
    cJSON_Delete(object);
}
END_TEST

START_TEST(a_field_of_another_manager_is_a_conflict_with_its_path)
{
    char message[512];
    int code = 0;
    cJSON *object = owned();
    ck_assert_ptr_null(
        patched(SIM_PATCH_APPLY, object,
                APPLY("{'serviceAccountName':'other','containers':[{'name':'c','image':'i:2'}]}"),
                "fixer", false, &code, message));
    ck_assert_int_eq(code, 409);
    ck_assert_str_eq(message, "Apply failed with 2 conflicts: conflicts with \"" CSA
                              "\" using apps/v1:\n- .spec.template.spec.serviceAccountName\n- "
                              ".spec.template.spec.containers[name=\"c\"].image");
    cJSON *taken =
        patched(SIM_PATCH_APPLY, object, APPLY("{'containers':[{'name':'c','image':'i:2'}]}"),
                "fixer", true, NULL, NULL);
    const cJSON *entry = entry_of(taken, CSA);
    ck_assert_ptr_null(json_at(entry, "fieldsV1", "f:spec", "f:template", "f:spec", "f:containers",
                               "k:{\"name\":\"c\"}", "f:image", NULL));
    cJSON_Delete(taken);
    cJSON_Delete(object);
}
END_TEST

START_TEST(the_same_value_is_shared_without_a_conflict_and_without_a_time)
{
    cJSON *object = apply(owned(), APPLY("{'serviceAccountName':'s'}"), "fixer");
    ck_assert_ptr_nonnull(entry_of(object, "fixer"));
    ck_assert_ptr_null(json_string(entry_of(object, "fixer"), "time"));
    cJSON_Delete(object);
}
END_TEST

START_TEST(kubectl_may_take_over_what_its_own_annotation_holds)
{
    cJSON *object = owned();
    json_set_string(json_need_object(json_member(object, "metadata"), "annotations"),
                    "kubectl.kubernetes.io/last-applied-configuration",
                    "{\"spec\":{\"template\":{\"spec\":{\"serviceAccountName\":\"s\"}}}}");
    int code = 0;
    ck_assert_ptr_null(patched(SIM_PATCH_APPLY, object, APPLY("{'serviceAccountName':'x'}"),
                               "fixer", false, &code, NULL));
    ck_assert_int_eq(code, 409);
    object = apply(object, APPLY("{'serviceAccountName':'x'}"), "kubectl");
    ck_assert_str_eq(
        json_string(json_at(object, "spec", "template", "spec", NULL), "serviceAccountName"), "x");
    cJSON_Delete(object);
}
END_TEST

START_TEST(ownership_that_was_moved_lets_the_next_apply_remove)
{
    cJSON *object = owned();
    cJSON *entry = json_at(object, "metadata", "managedFields", NULL)->child;
    json_set_string(entry, "manager", "kubectl");
    json_set_string(entry, "operation", "Apply");
    object = apply(object,
                   "{" HEAD ",'spec':{'selector':{'matchLabels':{'a':'b'}},'template':{'spec':{"
                   "'serviceAccountName':'s','containers':[{'name':'c','image':'i:1'}],"
                   "'imagePullSecrets':[{'name':'new'}]}}}}",
                   "kubectl");
    ck_assert_str_eq(secrets_of(object), "[{'name':'new'}]");
    cJSON_Delete(object);
}
END_TEST

START_TEST(an_object_without_owners_belongs_to_before_first_apply)
{
    cJSON *object = owned();
    json_remove(json_member(object, "metadata"), "managedFields");
    object = apply(object, APPLY("{'imagePullSecrets':[{'name':'new'}]}"), "fixer");
    ck_assert_str_eq(secrets_of(object), "[{'name':'regcred'},{'name':'new'}]");
    ck_assert_ptr_nonnull(entry_of(object, "before-first-apply"));
    cJSON_Delete(object);
}
END_TEST

static void expect(const char *config, int code, const char *message)
{
    char got[512];
    int got_code = 0;
    cJSON *object = owned();
    cJSON *out = patched(SIM_PATCH_APPLY, object, config, "fixer", false, &got_code, got);
    ck_assert_ptr_null(out);
    ck_assert_int_eq(got_code, code);
    ck_assert_str_eq(got, message);
    cJSON_Delete(object);
}

START_TEST(configurations_that_cannot_be_read_are_refused_in_the_servers_words)
{
    expect(APPLY("{'imagePullSecrets':[{'name':'a'},{'name':'a'}]}"), 500,
           "failed to create typed patch object (n/d; apps/v1, Kind=DaemonSet): "
           ".spec.template.spec.imagePullSecrets: duplicate entries for key [name=\"a\"]");
    expect(APPLY("{'nonsense':1}"), 500,
           "failed to create typed patch object (n/d; apps/v1, Kind=DaemonSet): "
           ".spec.template.spec.nonsense: field not declared in schema");
    expect(APPLY("{'imagePullSecrets':'a'}"), 500,
           "failed to create typed patch object (n/d; apps/v1, Kind=DaemonSet): "
           ".spec.template.spec.imagePullSecrets: expected list, got &{a}");
    expect("{'metadata':{'name':'d'}}", 400, "invalid object type: /, Kind=");
    expect("{'apiVersion':'apps/v1','kind':'DaemonSet','metadata':{'name':'d','managedFields':[]}}",
           400, "metadata.managedFields must be nil");
    expect("{'apiVersion':'apps/v1','kind':'DaemonSet','metadata':{'name':'x'}}", 400,
           "the name of the object (x) does not match the name on the URL (d)");
}
END_TEST

START_TEST(the_list_of_a_service_account_is_one_value)
{
    cJSON *object = json_of("{'apiVersion':'v1','kind':'ServiceAccount','metadata':{'name':'d',"
                            "'namespace':'n'},'imagePullSecrets':[{'name':'regcred'}]}");
    const struct sim_manager who = {sim_service_accounts(), CSA, "", 36, 1767225600000};
    sim_managed_fields_update(&who, NULL, object);
    static const char config[] = "{'apiVersion':'v1','kind':'ServiceAccount','metadata':{'name':"
                                 "'d'},'imagePullSecrets':[{'name':'new'}]}";
    char message[512];
    int code = 0;
    ck_assert_ptr_null(patched(SIM_PATCH_APPLY, object, config, "fixer", false, &code, message));
    ck_assert_str_eq(message, "Apply failed with 1 conflict: conflict with \"" CSA
                              "\" using v1: .imagePullSecrets");
    cJSON *out = patched(SIM_PATCH_APPLY, object, config, "fixer", true, NULL, NULL);
    ck_assert_str_eq(text_of(json_member(out, "imagePullSecrets")), "[{'name':'new'}]");
    ck_assert_ptr_null(entry_of(out, CSA));
    cJSON_Delete(out);
    cJSON_Delete(object);
}
END_TEST

START_TEST(an_old_server_loses_ownership_by_doubles_and_cannot_apply_any_more)
{
    patched_minor = 20;
    cJSON *object = owned();
    ck_assert_ptr_nonnull(strstr(text_of(object), "'k:{\\'name\\':\\'regcred\\'}':{'.':{},"
                                                  "'f:name':{}}"));
    cJSON *doubled = patched(SIM_PATCH_MERGE, object,
                             "{'spec':{'template':{'spec':{'imagePullSecrets':[{'name':'a'},"
                             "{'name':'a'}]}}}}",
                             "m", false, NULL, NULL);
    ck_assert_ptr_null(json_at(doubled, "metadata", "managedFields", NULL));
    char message[512];
    int code = 0;
    ck_assert_ptr_null(patched(SIM_PATCH_APPLY, doubled,
                               APPLY("{'imagePullSecrets':[{'name':'new'}]}"), "fixer", false,
                               &code, message));
    ck_assert_int_eq(code, 500);
    ck_assert_str_eq(message, "failed to create manager for existing fields: failed to convert new "
                              "object (apps/v1, Kind=DaemonSet) to smd typed: "
                              ".spec.template.spec.imagePullSecrets: duplicate entries for key "
                              "[name=\"a\"]");
    cJSON_Delete(doubled);
    expect(APPLY("{'imagePullSecrets':[{}]}"), 500,
           "failed to create typed patch object: .spec.template.spec.imagePullSecrets: element 0: "
           "associative list with keys has an element that omits key field \"name\" (and doesn't "
           "have default value)");
    cJSON_Delete(object);
    patched_minor = 36;
}
END_TEST

START_TEST(a_new_server_keeps_ownership_and_applies_beside_doubles)
{
    cJSON *object = owned();
    cJSON *doubled = patched(SIM_PATCH_MERGE, object,
                             "{'spec':{'template':{'spec':{'imagePullSecrets':[{'name':'a'},"
                             "{'name':'a'}]}}}}",
                             "m", false, NULL, NULL);
    ck_assert_ptr_nonnull(entry_of(doubled, "m"));
    doubled = apply(doubled, APPLY("{'imagePullSecrets':[{'name':'new'}]}"), "fixer");
    ck_assert_str_eq(secrets_of(doubled), "[{'name':'a'},{'name':'a'},{'name':'new'}]");
    int code = 0;
    ck_assert_ptr_null(patched(SIM_PATCH_APPLY, doubled,
                               APPLY("{'imagePullSecrets':[{'name':'a'}]}"), "fixer", false, &code,
                               NULL));
    ck_assert_int_eq(code, 409);
    cJSON_Delete(doubled);
    cJSON_Delete(object);
}
END_TEST

Suite *suite_apply(void)
{
    const TTest *const tests[] = {
        a_new_manager_cannot_remove_what_client_side_apply_owns,
        a_co_owned_entry_stays_when_one_owner_drops_it,
        a_field_of_another_manager_is_a_conflict_with_its_path,
        the_same_value_is_shared_without_a_conflict_and_without_a_time,
        kubectl_may_take_over_what_its_own_annotation_holds,
        ownership_that_was_moved_lets_the_next_apply_remove,
        an_object_without_owners_belongs_to_before_first_apply,
        configurations_that_cannot_be_read_are_refused_in_the_servers_words,
        the_list_of_a_service_account_is_one_value,
        an_old_server_loses_ownership_by_doubles_and_cannot_apply_any_more,
        a_new_server_keeps_ownership_and_applies_beside_doubles,
        NULL,
    };
    return suite_of("apply", tests);
}
