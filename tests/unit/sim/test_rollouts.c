#include "runner.h"

#include "base/alloc.h"
#include "doc/json.h"
#include "registry_server.h"
#include "sim/cluster.h"
#include "sim/pods.h"

Suite *suite_rollouts(void);

#define NS         "kube-system"
#define NODE       "csi-upcloud-node"
#define CTRL       "csi-upcloud-controller"
#define LIST(name) "{'spec':{'template':{'spec':{'imagePullSecrets':[{'name':'" name "'}]}}}}"

static const cJSON *status_of(struct sim *sim, const struct sim_resource *resource, const char *ns,
                              const char *name)
{
    return json_member(sim_store_get(sim->store, resource, ns, name)->body, "status");
}

static bool node_rolled(struct sim *sim)
{
    const cJSON *status = status_of(sim, sim_daemonsets(), NS, NODE);
    return json_int(status, "updatedNumberScheduled", 0) == 5 &&
           json_int(status, "numberAvailable", 0) == 5 &&
           json_int(status, "observedGeneration", 0) ==
               json_int(json_member(sim_store_get(sim->store, sim_daemonsets(), NS, NODE)->body,
                                    "metadata"),
                        "generation", -1);
}

static int revisions(struct sim *sim, const char *prefix, int64_t *newest)
{
    size_t count = 0;
    int found = 0;
    struct sim_object *const *all =
        sim_store_list(sim->store, sim_controller_revisions(), NS, &count);
    *newest = 0;
    for (size_t i = 0; i < count; i++) {
        if (strncmp(all[i]->name, prefix, strlen(prefix)) == 0) {
            int64_t revision = json_int(all[i]->body, "revision", 0);
            *newest = revision > *newest ? revision : *newest;
            found++;
        }
    }
    return found;
}

static int fewest_ready;

/* Watches that never more than one is away. */
static bool node_rolled_one_by_one(struct sim *sim)
{
    int ready = (int)json_int(status_of(sim, sim_daemonsets(), NS, NODE), "numberReady", 0);
    fewest_ready = ready < fewest_ready ? ready : fewest_ready;
    return node_rolled(sim);
}

START_TEST(a_daemonset_rolls_one_node_after_the_other)
{
    struct sim *sim = cluster_of("kubespray-upcloud", 600);
    cluster_merge(sim, sim_daemonsets(), NS, NODE, LIST("other"));
    ck_assert(!node_rolled(sim));
    fewest_ready = 5;
    cluster_wait(sim, node_rolled_one_by_one);
    ck_assert_int_eq(fewest_ready, 4);
    ck_assert_int_eq(cluster_count_pods(sim, NODE, "other", true), 5);
    cluster_free(sim);
}
END_TEST

static int most_away;

/* Counts pods that are not ready or not there, at every change. */
static void watch_away(void *context, enum sim_change change, struct sim_object *object,
                       struct sim_object *previous)
{
    struct sim *sim = context;
    (void)change;
    (void)previous;
    if (object->resource == sim_pods()) {
        int away = 5 - cluster_count_pods(sim, NODE, "regcred", true) -
                   cluster_count_pods(sim, NODE, "other", true);
        most_away = away > most_away ? away : most_away;
    }
}

START_TEST(max_unavailable_lets_as_many_go_at_once)
{
    struct sim *sim = cluster_of("kubespray-upcloud", 600);
    cluster_merge(sim, sim_daemonsets(), NS, NODE,
                  "{'spec':{'updateStrategy':{'rollingUpdate':{'maxUnavailable':'60%'}}}}");
    most_away = 0;
    sim_store_subscribe(sim->store, sim_pods(), watch_away, sim);
    cluster_merge(sim, sim_daemonsets(), NS, NODE, LIST("other"));
    cluster_wait(sim, node_rolled);
    ck_assert_int_eq(most_away, 3);
    sim_store_unsubscribe(sim->store, watch_away, sim);
    cluster_free(sim);
}
END_TEST

START_TEST(an_old_template_gets_its_old_revision_back_with_a_higher_number)
{
    struct sim *sim = cluster_of("kubespray-upcloud", 3000);
    int64_t newest = 0;
    cluster_merge(sim, sim_daemonsets(), NS, NODE, LIST("other"));
    cluster_wait(sim, node_rolled);
    ck_assert_int_eq(revisions(sim, NODE, &newest), 2);
    ck_assert_int_eq(newest, 2);
    cluster_merge(sim, sim_daemonsets(), NS, NODE, LIST("regcred"));
    cluster_wait(sim, node_rolled);
    ck_assert_int_eq(revisions(sim, NODE, &newest), 2);
    ck_assert_int_eq(newest, 3);
    cluster_free(sim);
}
END_TEST

static bool node_observed(struct sim *sim)
{
    return json_int(status_of(sim, sim_daemonsets(), NS, NODE), "observedGeneration", 0) == 2;
}

static bool one_is_new(struct sim *sim)
{
    return cluster_count_pods(sim, NODE, "other", true) == 1;
}

START_TEST(on_delete_changes_only_pods_that_are_deleted)
{
    struct sim *sim = cluster_of("kubespray-upcloud", 3000);
    cluster_merge(sim, sim_daemonsets(), NS, NODE,
                  "{'spec':{'updateStrategy':{'type':'OnDelete','rollingUpdate':null},'template':{"
                  "'spec':{'imagePullSecrets':[{'name':'other'}]}}}}");
    cluster_wait(sim, node_observed);
    const cJSON *status = status_of(sim, sim_daemonsets(), NS, NODE);
    ck_assert_ptr_null(json_member(status, "updatedNumberScheduled"));
    ck_assert_int_eq(cluster_count_pods(sim, NODE, "regcred", true), 5);
    size_t count = 0;
    struct sim_object *const *pods = sim_store_list(sim->store, sim_pods(), NS, &count);
    for (size_t i = 0; i < count; i++) {
        if (strcmp(sim_pod_label(pods[i]->body, "app"), NODE) == 0) {
            struct sim_status failure = SIM_STATUS_INIT;
            struct sim_store_options options = {.grace_seconds = -1};
            struct sim_object *pod = sim_object_retain(pods[i]);
            ck_assert(sim_store_delete(sim->store, sim_pods(), NS, pod->name, &options, NULL, NULL,
                                       &failure));
            sim_object_release(pod);
            break;
        }
    }
    cluster_wait(sim, one_is_new);
    ck_assert_int_eq(cluster_count_pods(sim, NODE, "regcred", true), 4);
    cluster_free(sim);
}
END_TEST

static int most_pods;

static bool surged(struct sim *sim)
{
    size_t count = 0;
    sim_store_list(sim->store, sim_pods(), NS, &count);
    most_pods = (int)count > most_pods ? (int)count : most_pods;
    return cluster_count_pods(sim, NODE, "other", true) == 5 &&
           cluster_count_pods(sim, NODE, "regcred", true) == 0;
}

START_TEST(with_max_surge_the_new_pod_comes_first)
{
    struct sim *sim = cluster_of("kubespray-upcloud", 3000);
    cluster_merge(sim, sim_daemonsets(), NS, NODE,
                  "{'spec':{'updateStrategy':{'rollingUpdate':{'maxSurge':1,'maxUnavailable':0}},"
                  "'template':{'spec':{'imagePullSecrets':[{'name':'other'}]}}}}");
    most_pods = 0;
    cluster_wait(sim, surged);
    ck_assert_int_ge(most_pods, 7);
    cluster_free(sim);
}
END_TEST

static bool controller_rolled(struct sim *sim)
{
    const cJSON *status = status_of(sim, sim_statefulsets(), NS, CTRL);
    const char *update = json_string_or(status, "updateRevision", "");
    return json_int(status, "observedGeneration", 0) == 2 &&
           strcmp(json_string_or(status, "currentRevision", "-"), update) == 0 &&
           json_int(status, "updatedReplicas", 0) == 1 && json_int(status, "readyReplicas", 0) == 1;
}

START_TEST(a_statefulset_rolls_and_both_revisions_become_one)
{
    struct sim *sim = cluster_of("kubespray-upcloud", 3000);
    cluster_merge(sim, sim_statefulsets(), NS, CTRL, LIST("other"));
    cluster_wait(sim, controller_rolled);
    ck_assert_int_eq(cluster_count_pods(sim, CTRL, "other", true), 1);
    ck_assert_ptr_nonnull(sim_store_get(sim->store, sim_pods(), NS, CTRL "-0"));
    cluster_free(sim);
}
END_TEST

static bool three_run(struct sim *sim)
{
    return cluster_count_pods(sim, CTRL, "regcred", true) == 3;
}

static bool top_is_new(struct sim *sim)
{
    const cJSON *status = status_of(sim, sim_statefulsets(), NS, CTRL);
    return cluster_count_pods(sim, CTRL, "other", true) == 1 &&
           json_int(status, "updatedReplicas", 0) == 1;
}

START_TEST(a_partition_keeps_lower_ordinals_as_they_are)
{
    struct sim *sim = cluster_of("kubespray-upcloud", 3000);
    cluster_merge(sim, sim_statefulsets(), NS, CTRL, "{'spec':{'replicas':3}}");
    cluster_wait(sim, three_run);
    cluster_merge(sim, sim_statefulsets(), NS, CTRL,
                  "{'spec':{'updateStrategy':{'rollingUpdate':{'partition':2}},'template':{'spec':"
                  "{'imagePullSecrets':[{'name':'other'}]}}}}");
    cluster_wait(sim, top_is_new);
    const struct sim_object *top = sim_store_get(sim->store, sim_pods(), NS, CTRL "-2");
    ck_assert_str_eq(
        json_string(json_at(top->body, "spec", "imagePullSecrets", NULL)->child, "name"), "other");
    ck_assert_int_eq(cluster_count_pods(sim, CTRL, "regcred", true), 2);
    cluster_free(sim);
}
END_TEST

static bool controller_observed(struct sim *sim)
{
    return json_int(status_of(sim, sim_statefulsets(), NS, CTRL), "observedGeneration", 0) == 2;
}

static long waited_from;

static bool ten_minutes_passed(struct sim *sim)
{
    return sim_cluster_ms(sim) > waited_from + 600000;
}

static bool controller_has_the_good_list(struct sim *sim)
{
    return cluster_count_pods(sim, CTRL, NULL, false) == 1;
}

START_TEST(a_stuck_pod_of_a_statefulset_must_be_deleted_by_hand)
{
    struct sim *sim = cluster_of("private-mirror", 3000);
    cluster_merge(sim, sim_statefulsets(), NS, CTRL,
                  "{'spec':{'template':{'spec':{'imagePullSecrets':null}}}}");
    cluster_wait(sim, controller_observed);
    waited_from = (long)sim_cluster_ms(sim);
    cluster_wait(sim, ten_minutes_passed);
    ck_assert_int_eq(cluster_count_pods(sim, CTRL, "regcred", false), 1);
    struct sim_status failure = SIM_STATUS_INIT;
    struct sim_store_options options = {.grace_seconds = -1};
    ck_assert(
        sim_store_delete(sim->store, sim_pods(), NS, CTRL "-0", &options, NULL, NULL, &failure));
    cluster_wait(sim, controller_has_the_good_list);
    cluster_free(sim);
}
END_TEST

#define WEB                                                                                        \
    "{'apiVersion':'apps/v1','kind':'Deployment','metadata':{'name':'web','namespace':'default'}," \
    "'spec':{'replicas':3,'progressDeadlineSeconds':60,'selector':{'matchLabels':{'app':'web'}},"  \
    "'template':{'metadata':{'labels':{'app':'web'}},'spec':{'containers':[{'name':'c','image':"   \
    "'registry.k8s.io/web:1'}]}}}}"

static bool web_complete(struct sim *sim)
{
    const cJSON *status = status_of(sim, sim_deployments(), "default", "web");
    return json_int(status, "updatedReplicas", 0) == 3 && json_int(status, "replicas", 0) == 3 &&
           json_int(status, "availableReplicas", 0) == 3;
}

static const char *progressing(struct sim *sim)
{
    const cJSON *condition = NULL;
    cJSON_ArrayForEach(condition,
                       json_list(status_of(sim, sim_deployments(), "default", "web"), "conditions"))
    {
        if (strcmp(json_string_or(condition, "type", ""), "Progressing") == 0) {
            return json_string_or(condition, "reason", "");
        }
    }
    return "";
}

static bool deadline_struck(struct sim *sim)
{
    const cJSON *status = status_of(sim, sim_deployments(), "default", "web");
    return strcmp(progressing(sim), "ProgressDeadlineExceeded") == 0 &&
           json_int(status, "updatedReplicas", 0) == 1;
}

static bool web_available(struct sim *sim)
{
    return strcmp(progressing(sim), "NewReplicaSetAvailable") == 0 && web_complete(sim);
}

START_TEST(a_deployment_rolls_by_replica_sets_and_can_miss_its_deadline)
{
    struct sim *sim = cluster_of("private-mirror", 600);
    cluster_create(sim, "default", WEB);
    cluster_wait(sim, web_available);
    size_t count = 0;
    sim_store_list(sim->store, sim_replicasets(), "default", &count);
    ck_assert_uint_eq(count, 1);
    char *patch = xasprintf("{'spec':{'template':{'spec':{'containers':[{'name':'c','image':"
                            "'%s/web:2'}]}}}}",
                            sim_registry_address(sim));
    cluster_merge(sim, sim_deployments(), "default", "web", patch);
    free(patch);
    cluster_wait(sim, deadline_struck);
    const cJSON *status = status_of(sim, sim_deployments(), "default", "web");
    ck_assert_int_eq(json_int(status, "updatedReplicas", 0), 1);
    ck_assert_int_eq(json_int(status, "availableReplicas", 0), 3);
    cluster_merge(sim, sim_deployments(), "default", "web",
                  "{'spec':{'template':{'spec':{'containers':[{'name':'c','image':"
                  "'registry.k8s.io/web:1'}]}}}}");
    cluster_wait(sim, web_available);
    const cJSON *annotations =
        json_at(sim_store_get(sim->store, sim_deployments(), "default", "web")->body, "metadata",
                "annotations", NULL);
    ck_assert_str_eq(json_string(annotations, "deployment.kubernetes.io/revision"), "3");
    cluster_free(sim);
}
END_TEST

static bool nothing_of_node_is_left(struct sim *sim)
{
    int64_t newest = 0;
    return cluster_count_pods(sim, NODE, "regcred", true) == 0 &&
           cluster_count_pods(sim, NODE, "regcred", false) == 0 &&
           revisions(sim, NODE, &newest) == 0;
}

START_TEST(what_a_deleted_workload_owned_goes_with_it)
{
    struct sim *sim = cluster_of("kubespray-upcloud", 3000);
    struct sim_status failure = SIM_STATUS_INIT;
    struct sim_store_options options = {.grace_seconds = 0};
    ck_assert(
        sim_store_delete(sim->store, sim_daemonsets(), NS, NODE, &options, NULL, NULL, &failure));
    cluster_wait(sim, nothing_of_node_is_left);
    ck_assert_int_eq(cluster_count_pods(sim, CTRL, "regcred", true), 1);
    cluster_free(sim);
}
END_TEST

Suite *suite_rollouts(void)
{
    const TTest *const tests[] = {
        a_daemonset_rolls_one_node_after_the_other,
        max_unavailable_lets_as_many_go_at_once,
        an_old_template_gets_its_old_revision_back_with_a_higher_number,
        on_delete_changes_only_pods_that_are_deleted,
        with_max_surge_the_new_pod_comes_first,
        a_statefulset_rolls_and_both_revisions_become_one,
        a_partition_keeps_lower_ordinals_as_they_are,
        a_stuck_pod_of_a_statefulset_must_be_deleted_by_hand,
        a_deployment_rolls_by_replica_sets_and_can_miss_its_deadline,
        what_a_deleted_workload_owned_goes_with_it,
        NULL,
    };
    return suite_of("rollouts", tests);
}
