#include "runner.h"

#include "doc/json.h"
#include "sim/cluster.h"
#include "sim/schema.h"

Suite *suite_managed_fields(void);

static cJSON *tracked(void)
{
    cJSON *object = json_of(
        "{'apiVersion':'apps/v1','kind':'DaemonSet','metadata':{'name':'d','namespace':'n','uid':"
        "'u','labels':{'a':'b'}},'spec':{'selector':{'matchLabels':{'a':'b'}},'template':{"
        "'metadata':{},'spec':{'containers':[{'name':'c','image':'i','resources':{},'args':['x']}],"
        "'imagePullSecrets':[{'name':'one'}],'nodeSelector':{'k':'v'},'securityContext':{}}},"
        "'updateStrategy':{'type':'RollingUpdate','rollingUpdate':{'maxUnavailable':1}}},'status':"
        "{'numberReady':0}}");
    const struct sim_manager who = {sim_daemonsets(), "first", "", 36, 1767225600000};
    sim_managed_fields_update(&who, NULL, object);
    return object;
}

static const char *fields_of(const cJSON *object, size_t index)
{
    const cJSON *entry =
        cJSON_GetArrayItem(json_at(object, "metadata", "managedFields", NULL), (int)index);
    return entry == NULL ? "none" : text_of(json_member(entry, "fieldsV1"));
}

START_TEST(a_created_object_is_booked_as_a_real_server_does)
{
    cJSON *object = tracked();
    ck_assert_str_eq(
        fields_of(object, 0),
        "{'f:metadata':{'f:labels':{'.':{},'f:a':{}}},'f:spec':{'f:selector':{},'f:template':{"
        "'f:spec':{'f:containers':{'k:{\\'name\\':\\'c\\'}':{'.':{},'f:args':{},'f:image':{},"
        "'f:name':{},'f:resources':{}}},'f:imagePullSecrets':{'.':{},'k:{\\'name\\':\\'one\\'}':{}"
        "},'f:nodeSelector':{},'f:securityContext':{}}},'f:updateStrategy':{'f:rollingUpdate':{"
        "'.':{},'f:maxUnavailable':{}},'f:type':{}}}}");
    cJSON_Delete(object);
}
END_TEST

START_TEST(who_changes_a_field_takes_it_from_who_had_it)
{
    cJSON *object = tracked();
    cJSON *out = patched(SIM_PATCH_MERGE, object,
                         "{'spec':{'template':{'spec':{'imagePullSecrets':[{'name':'two'}]}}}}",
                         "second", false, NULL, NULL);
    ck_assert_str_eq(
        fields_of(out, 1),
        "{'f:spec':{'f:template':{'f:spec':{'f:imagePullSecrets':{'k:{\\'name\\':\\'two\\'}':{}}}}"
        "}}");
    ck_assert_ptr_nonnull(strstr(fields_of(out, 0), "'f:imagePullSecrets':{},"));
    cJSON_Delete(out);
    cJSON_Delete(object);
}
END_TEST

START_TEST(a_write_without_a_change_books_nothing)
{
    cJSON *object = tracked();
    cJSON *out = patched(SIM_PATCH_MERGE, object, "{'metadata':{'labels':{'a':'b'}}}", "second",
                         false, NULL, NULL);
    ck_assert(json_equal(object, out));
    cJSON_Delete(out);
    cJSON_Delete(object);
}
END_TEST

START_TEST(an_empty_list_drops_all_ownership_and_what_was_not_tracked_stays_so)
{
    cJSON *object = tracked();
    cJSON *out = patched(SIM_PATCH_MERGE, object, "{'metadata':{'managedFields':[{}]}}", "second",
                         false, NULL, NULL);
    ck_assert_str_eq(fields_of(out, 0), "none");
    cJSON *again = patched(SIM_PATCH_MERGE, out, "{'metadata':{'labels':{'x':'y'}}}", "second",
                           false, NULL, NULL);
    ck_assert_str_eq(fields_of(again, 0), "none");
    cJSON_Delete(again);
    cJSON_Delete(out);
    out = patched(SIM_PATCH_MERGE, object,
                  "{'metadata':{'managedFields':[{'manager':'x','operation':'Nope'}]}}", "second",
                  false, NULL, NULL);
    ck_assert(json_equal(object, out));
    cJSON_Delete(out);
    cJSON_Delete(object);
}
END_TEST

START_TEST(status_is_booked_apart)
{
    cJSON *object = tracked();
    cJSON *changed = cJSON_Duplicate(object, true);
    json_set(json_member(changed, "status"), "observedGeneration", cJSON_CreateNumber(1));
    const struct sim_manager who = {sim_daemonsets(), "controller", "status", 36, 1767225600000};
    sim_managed_fields_update(&who, object, changed);
    const cJSON *entry = json_at(changed, "metadata", "managedFields", NULL)->child;
    ck_assert_str_eq(json_string(entry, "subresource"), "status");
    ck_assert_str_eq(text_of(json_member(entry, "fieldsV1")),
                     "{'f:status':{'f:observedGeneration':{}}}");
    cJSON_Delete(changed);
    cJSON_Delete(object);
}
END_TEST

static void note(void *context, const char *path)
{
    strncat(context, path, 100);
    strncat(context, " ", 2);
}

START_TEST(unknown_fields_are_found_and_dropped_at_any_depth)
{
    char found[512] = "";
    cJSON *object = tracked();
    cJSON_AddNumberToObject(json_at(object, "spec", "template", "spec", NULL), "nope", 1);
    cJSON *container = json_at(object, "spec", "template", "spec", "containers", NULL)->child;
    cJSON_AddNumberToObject(container, "imagepullpolicy", 1);
    sim_schema_unknown(sim_schema_of_kind("DaemonSet"), object, true, note, found);
    ck_assert_str_eq(found,
                     "spec.template.spec.containers[0].imagepullpolicy spec.template.spec.nope ");
    ck_assert_ptr_null(json_member(container, "imagepullpolicy"));
    cJSON_Delete(object);
}
END_TEST

Suite *suite_managed_fields(void)
{
    const TTest *const tests[] = {
        a_created_object_is_booked_as_a_real_server_does,
        who_changes_a_field_takes_it_from_who_had_it,
        a_write_without_a_change_books_nothing,
        an_empty_list_drops_all_ownership_and_what_was_not_tracked_stays_so,
        status_is_booked_apart,
        unknown_fields_are_found_and_dropped_at_any_depth,
        NULL,
    };
    return suite_of("managed_fields", tests);
}
