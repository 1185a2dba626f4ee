#include "runner.h"

#include "change/journal.h"
#include "trees.h"

Suite *suite_undo(void);

#define BEFORE                                                                                     \
    "{'kind':'DaemonSet','metadata':{'uid':'u','resourceVersion':'1','generation':1,'annotations'" \
    ":"                                                                                            \
    "{'l':'old'}},'spec':{'template':{'spec':{'imagePullSecrets':[{'name':'a'}],'x':1}}}}"
#define AFTER                                                                                      \
    "{'kind':'DaemonSet','metadata':{'uid':'u','resourceVersion':'2','generation':2,'annotations'" \
    ":"                                                                                            \
    "{'l':'new'}},'spec':{'template':{'spec':{'x':1}}},'status':{'n':3}}"

static char name_ds[] = "csi-node";
static char name_secret[] = "regcred";
static char namespace_name[] = "kube-system";

/* A journal's entry of one patched DaemonSet and one new Secret. */
static struct change_journal_entry *entry_of(bool secret)
{
    struct change_object objects[2] = {{.resource = &kube_daemon_sets,
                                        .ns = namespace_name,
                                        .name = name_ds,
                                        .action = CHANGE_PATCH,
                                        .live = tree(BEFORE),
                                        .desired = tree(AFTER)},
                                       {.resource = &kube_secrets,
                                        .ns = namespace_name,
                                        .name = name_secret,
                                        .action = CHANGE_CREATE}};
    struct change_plan plan = {.objects = objects, .count = secret ? 2 : 1};
    struct change_journal_entry *entry = change_journal_entry_new(&plan);
    free(entry->objects[0].uid);
    entry->objects[0].uid = xstrdup("u");
    if (secret) {
        entry->objects[1].uid = xstrdup("s");
        entry->objects[1].resource_version = xstrdup("9");
    }
    cJSON_Delete(objects[0].live);
    cJSON_Delete(objects[0].desired);
    return entry;
}

START_TEST(undo_brings_the_fields_back_byte_for_byte)
{
    struct change_journal_entry *entry = entry_of(false);
    cJSON *live[1] = {tree(AFTER)};
    struct change_plan plan;
    struct error err = ERROR_INIT;
    ck_assert_msg(change_journal_plan(entry, live, false, &plan, &err), "%s", err.message);
    ck_assert_uint_eq(plan.count, 1);
    ck_assert_int_eq(plan.objects[0].action, CHANGE_PATCH);
    ck_assert_tree(json_object(plan.objects[0].desired, "spec"),
                   "{'template':{'spec':{'imagePullSecrets':[{'name':'a'}],'x':1}}}");
    ck_assert_str_eq(
        json_string(json_at(plan.objects[0].desired, "metadata", "annotations", NULL), "l"), "old");
    change_plan_free(&plan);
    cJSON_Delete(live[0]);
    change_journal_entry_free(entry);
}
END_TEST

START_TEST(what_is_so_already_is_left_alone_in_both_directions)
{
    struct change_journal_entry *entry = entry_of(false);
    struct error err = ERROR_INIT;
    for (int forward = 0; forward < 2; forward++) {
        cJSON *live[1] = {tree(forward ? AFTER : BEFORE)};
        struct change_plan plan;
        ck_assert(change_journal_plan(entry, live, forward, &plan, &err));
        ck_assert_int_eq(plan.objects[0].action, CHANGE_NOTHING);
        change_plan_free(&plan);
        cJSON_Delete(live[0]);
    }
    change_journal_entry_free(entry);
}
END_TEST

START_TEST(a_resumed_change_goes_on_from_what_is_there)
{
    struct change_journal_entry *entry = entry_of(false);
    struct error err = ERROR_INIT;
    cJSON *live[1] = {tree(BEFORE)};
    struct change_plan plan;
    ck_assert(change_journal_plan(entry, live, true, &plan, &err));
    ck_assert_int_eq(plan.objects[0].action, CHANGE_PATCH);
    ck_assert_tree(json_at(plan.objects[0].desired, "spec", "template", "spec", NULL), "{'x':1}");
    change_plan_free(&plan);
    cJSON_Delete(live[0]);
    change_journal_entry_free(entry);
}
END_TEST

START_TEST(somebody_elses_change_since_stops_the_undo)
{
    static const struct {
        const char *live;
        enum error_kind kind;
        const char *words;
    } cases[] = {
        {"{'metadata':{'uid':'u','annotations':{'l':'new'}},'spec':{'template':{'spec':{"
         "'imagePullSecrets':[{'name':'z'}]}}}}",
         ERROR_CONFLICT, "expected nothing, found [{\"name\":\"z\"}]"},
        {"{'metadata':{'uid':'other'}}", ERROR_CONFLICT, "made anew"},
        {"null", ERROR_NOT_FOUND, "does not exist any more"},
    };
    for (size_t i = 0; i < ARRAY_LENGTH(cases); i++) {
        struct change_journal_entry *entry = entry_of(false);
        cJSON *parsed = tree(cases[i].live);
        cJSON *live[1] = {cJSON_IsNull(parsed) ? NULL : parsed};
        struct change_plan plan;
        struct error err = ERROR_INIT;
        ck_assert(!change_journal_plan(entry, live, false, &plan, &err));
        ck_assert_int_eq(err.kind, cases[i].kind);
        ck_assert_msg(strstr(err.message, cases[i].words) != NULL, "%s", err.message);
        cJSON_Delete(parsed);
        change_journal_entry_free(entry);
    }
}
END_TEST

START_TEST(a_created_secret_is_deleted_only_if_it_is_still_the_same)
{
    static const struct {
        const char *live;
        bool good;
    } cases[] = {
        {"{'metadata':{'uid':'s','resourceVersion':'9'}}", true},
        {"{'metadata':{'uid':'s','resourceVersion':'10'}}", false},
        {"{'metadata':{'uid':'t','resourceVersion':'9'}}", false},
    };
    for (size_t i = 0; i < ARRAY_LENGTH(cases); i++) {
        struct change_journal_entry *entry = entry_of(true);
        cJSON *live[2] = {tree(AFTER), tree(cases[i].live)};
        struct change_plan plan;
        struct error err = ERROR_INIT;
        ck_assert_int_eq(change_journal_plan(entry, live, false, &plan, &err), cases[i].good);
        if (cases[i].good) {
            ck_assert_int_eq(plan.objects[0].action, CHANGE_DELETE);
            ck_assert_str_eq(plan.objects[0].uid, "s");
            ck_assert_str_eq(plan.objects[0].resource_version, "9");
            ck_assert_int_eq(plan.objects[1].action, CHANGE_PATCH);
            change_plan_free(&plan);
        }
        cJSON_Delete(live[0]);
        cJSON_Delete(live[1]);
        change_journal_entry_free(entry);
    }
}
END_TEST

Suite *suite_undo(void)
{
    const TTest *const tests[] = {undo_brings_the_fields_back_byte_for_byte,
                                  what_is_so_already_is_left_alone_in_both_directions,
                                  a_resumed_change_goes_on_from_what_is_there,
                                  somebody_elses_change_since_stops_the_undo,
                                  a_created_secret_is_deleted_only_if_it_is_still_the_same,
                                  NULL};
    return suite_of("undo", tests);
}
