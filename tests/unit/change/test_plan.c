#include "runner.h"

#include "change/last_applied.h"
#include "change/plan.h"
#include "csi/fixtures.h"
#include "trees.h"

Suite *suite_plan(void);

/* --- A cluster whose driver names regcred, which does not exist ----------------------------------
 */

static cJSON *workload(const char *kind, const char *name, const char *list)
{
    char *applied = xasprintf(
        "{'apiVersion':'apps/v1','kind':'%s','metadata':{'name':'%s','namespace':'kube-system'},"
        "'spec':{'template':{'spec':{'containers':[{'name':'c'}],'imagePullSecrets':%s}}}}",
        kind, name, list);
    char *text = xasprintf(
        "{'apiVersion':'apps/v1','kind':'%s','metadata':{'name':'%s','namespace':'kube-system',"
        "'uid':'u-%s','resourceVersion':'7','generation':1,'annotations':{}},"
        "'spec':{'replicas':1,'template':{'metadata':{'labels':{'app':'%s'}},'spec':{"
        "'containers':[{'name':'c','imagePullPolicy':'Always'}],'imagePullSecrets':%s}}},"
        "'status':{'desiredNumberScheduled':2}}",
        kind, name, name, name, list);
    cJSON *object = tree(text);
    cJSON *manifest = tree(applied);
    change_last_applied_write(object, manifest);
    cJSON_Delete(manifest);
    free(applied);
    free(text);
    return object;
}

struct world {
    struct csi_census *census;
    struct change_intent *intent;
    struct change_target *targets;
    size_t count;
    cJSON *live[8];
    struct change_plan plan;
    struct error err;
};

static void open_world(struct world *world, const char *list, enum change_kind kind)
{
    memset(world, 0, sizeof(*world));
    world->census = upcloud_census(2, list);
    csi_census_settle(world->census, 0);
    world->intent = change_intent_new(kind);
}

static void find_targets(struct world *world)
{
    ck_assert_msg(change_plan_targets(world->intent, world->census, &world->targets, &world->count,
                                      &world->err),
                  "%s", world->err.message);
    ck_assert_uint_le(world->count, 8);
}

static bool make_plan(struct world *world)
{
    return change_plan_make(world->intent, world->census, world->targets, world->live, world->count,
                            &world->plan, &world->err);
}

/* The live objects as the census has them. */
static void plan_with_list(struct world *world, const char *list)
{
    find_targets(world);
    for (size_t i = 0; i < world->count; i++) {
        const char *kind = world->targets[i].resource->kind;
        if (strcmp(kind, "StatefulSet") == 0 || strcmp(kind, "DaemonSet") == 0) {
            world->live[i] = workload(kind, world->targets[i].name, list);
        }
    }
    ck_assert_msg(make_plan(world), "%s", world->err.message);
}

static void close_world(struct world *world)
{
    for (size_t i = 0; i < 8; i++) {
        cJSON_Delete(world->live[i]);
    }
    change_plan_free(&world->plan);
    change_targets_free(world->targets, world->count);
    change_intent_free(world->intent);
    csi_census_free(world->census);
}

static const cJSON *pod_spec(const cJSON *object)
{
    return json_at(object, "spec", "template", "spec", NULL);
}

static bool any_cost_says(const struct change_plan *plan, const char *words)
{
    for (char **cost = plan->costs; cost != NULL && *cost != NULL; cost++) {
        if (strstr(*cost, words) != NULL) {
            return true;
        }
    }
    return false;
}

/* --- References --------------------------------------------------------------------------------
 */

START_TEST(a_dropped_reference_takes_its_empty_list_along_also_in_last_applied)
{
    struct world world;
    open_world(&world, "[{'name':'regcred'}]", CHANGE_DROP_REFERENCE);
    plan_with_list(&world, "[{'name':'regcred'}]");
    ck_assert_uint_eq(world.plan.count, 2);
    for (size_t i = 0; i < 2; i++) {
        const struct change_object *object = &world.plan.objects[i];
        ck_assert_int_eq(object->action, CHANGE_PATCH);
        ck_assert_tree(pod_spec(object->desired),
                       "{'containers':[{'name':'c','imagePullPolicy':'Always'}]}");
        cJSON *last = change_last_applied_read(object->desired);
        ck_assert_tree(pod_spec(last), "{'containers':[{'name':'c'}]}");
        cJSON_Delete(last);
        ck_assert_str_eq(json_string(cJSON_GetArrayItem(object->patch, 0), "path"),
                         "/metadata/uid");
        ck_assert_str_eq(json_string(cJSON_GetArrayItem(object->patch, 1), "value"), "7");
        ck_assert_str_eq(object->owner, "kubectl-client-side-apply");
        ck_assert_ptr_nonnull(strstr(object->owner_consequence, "role upcloud"));
    }
    ck_assert_str_eq(world.plan.title,
                     "Drop broken references in 2 workloads of storage.csi.upcloud.com");
    ck_assert_int_eq(world.plan.restarts, 3);
    ck_assert_int_eq(world.plan.rollout_ms, 40000);
    ck_assert(any_cost_says(&world.plan, "one node at a time"));
    ck_assert(any_cost_says(&world.plan, "mounted volumes stay mounted"));
    ck_assert(any_cost_says(&world.plan, "While the controller restarts"));
    close_world(&world);
}
END_TEST

START_TEST(a_broken_reference_becomes_the_other_secret_and_sound_ones_stay)
{
    const char *list = "[{'name':'good'},{'name':'regcred'}]";
    struct world world;
    open_world(&world, list, CHANGE_USE_SECRET);
    put_secret(world.census, "kube-system", "good", DOCKER_TYPE,
               "{\"auths\":{\"ghcr.io\":{\"username\":\"u\",\"password\":\"p\"}}}");
    csi_census_settle(world.census, 0);
    world.intent->secret = xstrdup("better");
    plan_with_list(&world, list);
    ck_assert_uint_eq(world.plan.count, 2);
    ck_assert_tree(json_list(pod_spec(world.plan.objects[1].desired), "imagePullSecrets"),
                   "[{'name':'good'},{'name':'better'}]");
    cJSON *last = change_last_applied_read(world.plan.objects[1].desired);
    ck_assert_tree(json_list(pod_spec(last), "imagePullSecrets"),
                   "[{'name':'good'},{'name':'better'}]");
    cJSON_Delete(last);
    ck_assert(any_cost_says(&world.plan, "Secret kube-system/better does not exist"));
    close_world(&world);
}
END_TEST

START_TEST(a_secret_of_the_wrong_type_is_warned_of_before_it_is_used)
{
    struct world world;
    open_world(&world, "[{'name':'regcred'}]", CHANGE_USE_SECRET);
    put_secret_row(world.census, "kube-system", "upcloud", "Opaque", 2);
    put_secret_row(world.census, "kube-system", "good", DOCKER_TYPE, 1);
    csi_census_settle(world.census, 0);
    world.intent->secret = xstrdup("upcloud");
    plan_with_list(&world, "[{'name':'regcred'}]");
    ck_assert(any_cost_says(&world.plan, "is of type Opaque"));
    free(world.intent->secret);
    world.intent->secret = xstrdup("good");
    change_plan_free(&world.plan);
    ck_assert(make_plan(&world));
    ck_assert(!any_cost_says(&world.plan, "Secret kube-system/good"));
    close_world(&world);
}
END_TEST

START_TEST(doubled_and_empty_names_are_replaced_with_the_whole_list)
{
    const char *list = "[{'name':'regcred'},{'name':'regcred'},{}]";
    struct world world;
    open_world(&world, list, CHANGE_USE_SECRET);
    world.intent->secret = xstrdup("better");
    plan_with_list(&world, list);
    const cJSON *patch = world.plan.objects[0].patch;
    bool whole = false;
    const cJSON *operation = NULL;
    cJSON_ArrayForEach(operation, patch)
    {
        if (strcmp(json_string(operation, "op"), "replace") == 0 &&
            strcmp(json_string(operation, "path"), "/spec/template/spec/imagePullSecrets") == 0) {
            ck_assert_tree(json_member(operation, "value"), "[{'name':'better'}]");
            whole = true;
        }
    }
    ck_assert(whole);
    close_world(&world);
}
END_TEST

START_TEST(what_is_sound_or_of_another_driver_is_left_alone)
{
    struct world world;
    open_world(&world, "[{'name':'regcred'}]", CHANGE_DROP_REFERENCE);
    put_secret(world.census, "kube-system", "regcred", DOCKER_TYPE, "{\"auths\":{}}");
    csi_census_settle(world.census, 0);
    find_targets(&world);
    ck_assert_uint_eq(world.count, 0);
    close_world(&world);

    open_world(&world, "[{'name':'regcred'}]", CHANGE_DROP_REFERENCE);
    world.intent->drivers = xcalloc(2, sizeof(char *));
    world.intent->drivers[0] = xstrdup("ebs.csi.aws.com");
    find_targets(&world);
    ck_assert_uint_eq(world.count, 0);
    free(world.intent->drivers[0]);
    world.intent->drivers[0] = xstrdup("upcloud");
    find_targets(&world);
    ck_assert_uint_eq(world.count, 2);
    close_world(&world);

    open_world(&world, "[{'name':'regcred'}]", CHANGE_DROP_REFERENCE);
    world.intent->ns = xstrdup("elsewhere");
    find_targets(&world);
    ck_assert_uint_eq(world.count, 0);
    close_world(&world);
}
END_TEST

START_TEST(an_object_that_is_gone_stops_the_plan)
{
    struct world world;
    open_world(&world, "[{'name':'regcred'}]", CHANGE_DROP_REFERENCE);
    find_targets(&world);
    ck_assert(!make_plan(&world));
    ck_assert_int_eq(world.err.kind, ERROR_NOT_FOUND);
    close_world(&world);
}
END_TEST

START_TEST(a_reference_from_the_service_account_is_mended_there_and_pods_restart)
{
    struct world world;
    open_world(&world, "[]", CHANGE_DROP_REFERENCE);
    put_account(world.census, "kube-system", "csi-upcloud-node-sa", "[{'name':'regcred'}]");
    put_upcloud_pods(world.census, 2, "[{'name':'regcred'}]");
    csi_census_settle(world.census, 0);
    find_targets(&world);
    ck_assert_uint_eq(world.count, 4);
    ck_assert_str_eq(world.targets[0].resource->kind, "ServiceAccount");
    ck_assert_str_eq(world.targets[1].name, "csi-upcloud-node-sa");
    for (size_t i = 0; i < world.count; i++) {
        const char *kind = world.targets[i].resource->kind;
        world.live[i] = strcmp(kind, "ServiceAccount") == 0
                            ? tree("{'kind':'ServiceAccount','metadata':{'uid':'a',"
                                   "'resourceVersion':'1'},'imagePullSecrets':[{'name':'regcred'},"
                                   "{'name':'other'}]}")
                            : workload(kind, world.targets[i].name, "[]");
    }
    ck_assert_msg(make_plan(&world), "%s", world.err.message);
    ck_assert_tree(json_list(world.plan.objects[0].desired, "imagePullSecrets"),
                   "[{'name':'other'}]");
    const struct change_object *node = &world.plan.objects[world.plan.count - 1];
    ck_assert_str_eq(node->resource->kind, "DaemonSet");
    ck_assert_ptr_nonnull(
        json_at(node->desired, "spec", "template", "metadata", "annotations", NULL));
    ck_assert_int_eq(node->restarts, 2);
    close_world(&world);
}
END_TEST

/* --- Secrets -----------------------------------------------------------------------------------
 */

#define SECRET "{'metadata':{'name':'regcred'},'type':'" DOCKER_TYPE "','data':{'k':'e30='}}"

START_TEST(a_missing_secret_is_created_where_pods_name_it_and_nothing_restarts)
{
    struct world world;
    open_world(&world, "[{'name':'regcred'}]", CHANGE_CREATE_SECRET);
    world.intent->secret_object = tree(SECRET);
    plan_with_list(&world, "[{'name':'regcred'}]");
    ck_assert_uint_eq(world.plan.count, 1);
    ck_assert_int_eq(world.plan.objects[0].action, CHANGE_CREATE);
    ck_assert_str_eq(world.plan.objects[0].ns, "kube-system");
    ck_assert_str_eq(json_string(world.plan.objects[0].desired, "kind"), "Secret");
    ck_assert_int_eq(world.plan.restarts, 0);
    ck_assert(any_cost_says(&world.plan, "No pod restarts."));
    ck_assert_str_eq(world.plan.title, "Create Secret kube-system/regcred");
    close_world(&world);
}
END_TEST

START_TEST(a_new_secret_goes_before_the_workloads_that_are_pointed_to_it)
{
    struct world world;
    open_world(&world, "[{'name':'regcred'}]", CHANGE_CREATE_SECRET);
    world.intent->secret_object = tree(SECRET);
    world.intent->secret = xstrdup("better");
    world.intent->use_secret = true;
    plan_with_list(&world, "[{'name':'regcred'}]");
    ck_assert_uint_eq(world.plan.count, 3);
    ck_assert_str_eq(world.plan.objects[0].resource->kind, "Secret");
    ck_assert_str_eq(world.plan.objects[0].name, "better");
    ck_assert_tree(json_list(pod_spec(world.plan.objects[2].desired), "imagePullSecrets"),
                   "[{'name':'better'}]");
    close_world(&world);
}
END_TEST

START_TEST(a_new_secret_goes_before_the_accounts_that_name_it)
{
    struct world world;
    open_world(&world, "[{'name':'regcred'}]", CHANGE_CREATE_SECRET);
    world.intent->secret_object = tree(SECRET);
    world.intent->secret = xstrdup("better");
    world.intent->attach = true;
    find_targets(&world);
    const char *last = "";
    for (size_t i = 0; i < world.count; i++) {
        const struct change_target *target = &world.targets[i];
        const char *kind = target->resource->kind;
        ck_assert_msg(i == 0 ? strcmp(kind, "Secret") == 0 : strcmp(kind, "Secret") != 0,
                      "%zu is a %s", i, kind);
        ck_assert(strcmp(kind, "ServiceAccount") != 0 || strcmp(last, "DaemonSet") != 0);
        last = kind;
        if (strcmp(kind, "ServiceAccount") == 0) {
            world.live[i] = tree("{'kind':'ServiceAccount','metadata':{'uid':'u'},"
                                 "'imagePullSecrets':[{'name':'kept'}]}");
        } else if (strcmp(kind, "Secret") != 0) {
            world.live[i] = workload(kind, target->name, "[{'name':'regcred'}]");
        }
    }
    ck_assert_msg(make_plan(&world), "%s", world.err.message);
    for (size_t i = 1; i < world.plan.count; i++) {
        const struct change_object *object = &world.plan.objects[i];
        if (strcmp(object->resource->kind, "ServiceAccount") == 0) {
            ck_assert_tree(json_list(object->desired, "imagePullSecrets"),
                           "[{'name':'kept'},{'name':'better'}]");
        } else {
            ck_assert_ptr_null(json_member(pod_spec(object->desired), "imagePullSecrets"));
        }
    }
    ck_assert_str_eq(world.plan.title,
                     "Create Secret kube-system/better and attach it to the ServiceAccounts in 2 "
                     "workloads of storage.csi.upcloud.com");
    close_world(&world);
}
END_TEST

START_TEST(an_existing_secret_is_never_overwritten_by_a_new_one)
{
    struct world world;
    open_world(&world, "[{'name':'regcred'}]", CHANGE_CREATE_SECRET);
    world.intent->secret_object = tree(SECRET);
    find_targets(&world);
    world.live[0] = tree("{'kind':'Secret','type':'Opaque','data':{}}");
    ck_assert(!make_plan(&world));
    ck_assert_int_eq(world.err.kind, ERROR_CONFLICT);
    cJSON_Delete(world.live[0]);
    world.live[0] = tree(SECRET);
    ck_assert_msg(make_plan(&world), "%s", world.err.message);
    ck_assert_int_eq(world.plan.objects[0].action, CHANGE_NOTHING);
    close_world(&world);
}
END_TEST

START_TEST(a_rotation_replaces_the_content_and_minds_type_and_immutability)
{
    static const struct {
        const char *live;
        enum error_kind refusal;
    } cases[] = {
        {"{'kind':'Secret','metadata':{'uid':'u','resourceVersion':'3'},'type':'" DOCKER_TYPE
         "','data':{'k':'b2xk','other':'eA=='}}",
         ERROR_NONE},
        {"{'kind':'Secret','type':'Opaque','data':{'k':'b2xk'}}", ERROR_INVALID},
        {"{'kind':'Secret','type':'" DOCKER_TYPE "','immutable':true}", ERROR_INVALID},
    };
    for (size_t i = 0; i < ARRAY_LENGTH(cases); i++) {
        struct world world;
        open_world(&world, "[{'name':'regcred'}]", CHANGE_ROTATE_SECRET);
        world.intent->secret_object = tree(SECRET);
        find_targets(&world);
        world.live[0] = tree(cases[i].live);
        ck_assert_int_eq(make_plan(&world), cases[i].refusal == ERROR_NONE);
        ck_assert_int_eq(world.err.kind, cases[i].refusal);
        if (cases[i].refusal == ERROR_NONE) {
            ck_assert_tree(json_object(world.plan.objects[0].desired, "data"),
                           "{'k':'e30=','other':'eA=='}");
            ck_assert_int_eq(world.plan.restarts, 0);
        }
        close_world(&world);
    }
}
END_TEST

/* --- Manifests ---------------------------------------------------------------------------------
 */

static void add_manifest(struct change_intent *intent, const char *text)
{
    intent->manifests =
        xreallocarray(intent->manifests, intent->manifest_count + 1, sizeof(*intent->manifests));
    intent->manifests[intent->manifest_count++] = tree(text);
}

START_TEST(manifests_are_sent_in_the_order_that_they_need)
{
    struct world world;
    open_world(&world, "[]", CHANGE_APPLY);
    add_manifest(world.intent, "{'apiVersion':'apps/v1','kind':'DaemonSet','metadata':{'name':'d',"
                               "'namespace':'n'},'spec':{}}");
    add_manifest(world.intent,
                 "{'apiVersion':'v1','kind':'ServiceAccount','metadata':{'name':'s'}}");
    add_manifest(world.intent, "{'apiVersion':'v1','kind':'Secret','metadata':{'name':'k',"
                               "'namespace':'n'},'stringData':{'a':'b'}}");
    add_manifest(world.intent, "{'apiVersion':'v1','kind':'Namespace','metadata':{'name':'n'}}");
    find_targets(&world);
    ck_assert_msg(make_plan(&world), "%s", world.err.message);
    static const char *const kinds[] = {"Namespace", "Secret", "ServiceAccount", "DaemonSet"};
    for (size_t i = 0; i < 4; i++) {
        ck_assert_str_eq(world.plan.objects[i].resource->kind, kinds[i]);
        ck_assert_str_eq(json_string(world.plan.objects[i].desired, "kind"), kinds[i]);
        ck_assert_int_eq(world.plan.objects[i].action, CHANGE_CREATE);
    }
    ck_assert_ptr_null(world.plan.objects[0].ns);
    ck_assert_str_eq(world.plan.objects[2].ns, "default");
    cJSON *last = change_last_applied_read(world.plan.objects[3].desired);
    ck_assert_ptr_nonnull(last);
    cJSON_Delete(last);
    ck_assert_ptr_null(json_at(world.plan.objects[1].desired, "metadata", "annotations", NULL));
    close_world(&world);
}
END_TEST

START_TEST(manifests_that_name_nothing_are_refused)
{
    static const struct {
        const char *manifest;
        const char *words;
    } cases[] = {
        {"{'kind':'Secret','metadata':{'name':'x'}}", "no apiVersion"},
        {"{'apiVersion':'v1','metadata':{'name':'x'}}", "no kind"},
        {"{'apiVersion':'v1','kind':'Secret','metadata':{'generateName':'x'}}", "no metadata.name"},
        {"{'apiVersion':'x/v1','kind':'Backup','metadata':{'name':'x'}}", "knows no kind Backup"},
    };
    for (size_t i = 0; i < ARRAY_LENGTH(cases); i++) {
        struct world world;
        open_world(&world, "[]", CHANGE_APPLY);
        add_manifest(world.intent, cases[i].manifest);
        ck_assert(!change_plan_targets(world.intent, world.census, &world.targets, &world.count,
                                       &world.err));
        ck_assert_ptr_nonnull(strstr(world.err.message, cases[i].words));
        close_world(&world);
    }
    struct world world;
    open_world(&world, "[]", CHANGE_APPLY);
    add_manifest(world.intent, "{'apiVersion':'v1','kind':'Secret','metadata':{'name':'x'}}");
    add_manifest(world.intent, "{'apiVersion':'v1','kind':'Secret','metadata':{'name':'x'}}");
    ck_assert(
        !change_plan_targets(world.intent, world.census, &world.targets, &world.count, &world.err));
    ck_assert_ptr_nonnull(strstr(world.err.message, "twice"));
    close_world(&world);
}
END_TEST

START_TEST(a_manifest_that_was_edited_by_hand_afterwards_finds_nothing_to_do)
{
    struct world world;
    open_world(&world, "[{'name':'regcred'}]", CHANGE_DROP_REFERENCE);
    plan_with_list(&world, "[{'name':'regcred'}]");
    cJSON *mended = cJSON_Duplicate(world.plan.objects[1].desired, true);
    close_world(&world);
    open_world(&world, "[]", CHANGE_APPLY);
    add_manifest(world.intent,
                 "{'apiVersion':'apps/v1','kind':'DaemonSet','metadata':{'name':'csi-upcloud-node',"
                 "'namespace':'kube-system'},'spec':{'template':{'spec':{'containers':[{'name':'c'"
                 "}]}}}}");
    find_targets(&world);
    world.live[0] = mended;
    ck_assert_msg(make_plan(&world), "%s", world.err.message);
    ck_assert_int_eq(world.plan.objects[0].action, CHANGE_NOTHING);
    close_world(&world);
}
END_TEST

START_TEST(a_disruption_budget_is_named_but_does_not_hold_a_rollout)
{
    struct world world;
    open_world(&world, "[{'name':'regcred'}]", CHANGE_DROP_REFERENCE);
    plan_with_list(&world, "[{'name':'regcred'}]");
    cJSON *budget = tree("{'metadata':{'name':'pdb','namespace':'kube-system'},'spec':{'selector':{"
                         "'matchLabels':{'app':'csi-upcloud-node'}}},'status':{}}");
    change_plan_add_budget(&world.plan, budget);
    ck_assert(
        any_cost_says(&world.plan, "PodDisruptionBudget pdb covers pods of csi-upcloud-node"));
    ck_assert(!any_cost_says(&world.plan, "of csi-upcloud-controller, but"));
    cJSON_Delete(budget);
    close_world(&world);
}
END_TEST

Suite *suite_plan(void)
{
    const TTest *const tests[] = {
        a_dropped_reference_takes_its_empty_list_along_also_in_last_applied,
        a_broken_reference_becomes_the_other_secret_and_sound_ones_stay,
        a_secret_of_the_wrong_type_is_warned_of_before_it_is_used,
        doubled_and_empty_names_are_replaced_with_the_whole_list,
        what_is_sound_or_of_another_driver_is_left_alone,
        an_object_that_is_gone_stops_the_plan,
        a_reference_from_the_service_account_is_mended_there_and_pods_restart,
        a_missing_secret_is_created_where_pods_name_it_and_nothing_restarts,
        a_new_secret_goes_before_the_workloads_that_are_pointed_to_it,
        a_new_secret_goes_before_the_accounts_that_name_it,
        an_existing_secret_is_never_overwritten_by_a_new_one,
        a_rotation_replaces_the_content_and_minds_type_and_immutability,
        manifests_are_sent_in_the_order_that_they_need,
        manifests_that_name_nothing_are_refused,
        a_manifest_that_was_edited_by_hand_afterwards_finds_nothing_to_do,
        a_disruption_budget_is_named_but_does_not_hold_a_rollout,
        NULL};
    return suite_of("plan", tests);
}
