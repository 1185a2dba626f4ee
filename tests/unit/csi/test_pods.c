#include "fake_kube.h"
#include "fixtures.h"
#include "runner.h"

#include <string.h>

#include "base/loop.h"
#include "csi/follow.h"

/* Which lists of pods are asked for. */
Suite *suite_pods(void);

static const char rest[] = "!controller-revision-hash,!pod-template-hash";
static const char all[] = "";

static const struct kube_resource *const workload_kinds[] = {&kube_daemon_sets, &kube_stateful_sets,
                                                             &kube_deployments, &kube_csi_drivers};
static const struct kube_resource *const other_kinds[] = {&kube_secrets, &kube_service_accounts,
                                                          &kube_events, &kube_nodes};

static struct loop *loop;
static struct kube_client *client;
static struct csi_follow *follow;
static int completes;
static int failures;

static void on_change(void *context)
{
    (void)context;
}

static void on_complete(void *context)
{
    (void)context;
    completes++;
}

static void on_failure(void *context, const struct error *err)
{
    (void)context;
    (void)err;
    failures++;
}

static void start(bool watching, const char *labels)
{
    const struct csi_follow_options options = {.keep_watching = watching, .label_selector = labels};
    const struct csi_follow_handler handler = {on_change, on_complete, on_failure};
    loop = loop_new();
    client = fake_client_new(loop);
    completes = failures = 0;
    follow = csi_follow_start(client, &options, &handler, NULL);
}

static void finish(void)
{
    csi_follow_stop(follow);
    for (size_t i = 0; i < 4; i++) {
        ck_assert(!fake_is_open(client, workload_kinds[i]));
    }
    ck_assert(!fake_is_open(client, &kube_pods));
    loop_free(loop);
    fake_client_free(client);
}

static bool is_asked(const char *selector)
{
    fake_choose(client, selector);
    bool open = fake_is_open(client, &kube_pods);
    fake_choose(client, NULL);
    return open;
}

/* A DaemonSet of a driver; labels is the text of its selector's matchLabels. */
static cJSON *daemon_set(const char *name, const char *labels)
{
    return fixture_json("{'metadata':{'name':'%s','namespace':'kube-system','uid':'u-%s',"
                        "'resourceVersion':'1'},'spec':{'selector':{'matchLabels':%s},'template':{"
                        "'metadata':{'labels':%s},'spec':{'containers':[{'name':'r','image':"
                        "'ghcr.io/x/csi-node-driver-registrar:v1'}],'volumes':[{'hostPath':{'path':"
                        "'/var/lib/kubelet/plugins/%s.example.com'}}]}}},'status':{}}",
                        name, name, labels, labels, name);
}

static cJSON *pod(const char *name)
{
    return fixture_json(
        "{'metadata':{'name':'%s','namespace':'kube-system','uid':'u-%s'},'spec':{'containers':[{"
        "'name':'r','image':'ghcr.io/x/csi-node-driver-registrar:v1'}]},'status':{'phase':"
        "'Running'}}",
        name, name);
}

static void give_daemon_set(const char *name, const char *labels)
{
    fake_item(client, &kube_daemon_sets, KUBE_LISTED, daemon_set(name, labels));
}

static void sync_workloads(void)
{
    for (size_t i = 0; i < 4; i++) {
        fake_synced(client, workload_kinds[i]);
    }
}

static void give_pod(const char *selector, enum kube_event event, const char *name)
{
    fake_choose(client, selector);
    fake_item(client, &kube_pods, event, pod(name));
    fake_choose(client, NULL);
}

static void relist(const char *selector)
{
    fake_choose(client, selector);
    fake_relist(client, &kube_pods);
    fake_choose(client, NULL);
}

static void sync_pods(const char *selector)
{
    fake_choose(client, selector);
    fake_synced(client, &kube_pods);
    fake_choose(client, NULL);
}

static bool is_there(const char *name)
{
    return csi_census_pod(csi_follow_census(follow), "kube-system", name) != NULL;
}

static void complete(void)
{
    for (size_t i = 0; i < 4; i++) {
        fake_synced(client, other_kinds[i]);
    }
    fake_answer(client, "/version", NULL, ERROR_FORBIDDEN);
    for (int i = 0; i < 200 && completes == 0; i++) {
        loop_step(loop, 20);
    }
    ck_assert_int_eq(completes, 1);
}

START_TEST(pods_are_asked_for_by_the_label_that_the_workloads_share)
{
    start(false, NULL);
    ck_assert(is_asked(rest));
    ck_assert(!is_asked(all));
    give_daemon_set("b-node", "{'app':'b-node','tier':'csi'}");
    give_daemon_set("a-node", "{'tier':'csi','app':'a-node','more':'x'}");
    fake_synced(client, &kube_daemon_sets);
    fake_synced(client, &kube_stateful_sets);
    fake_synced(client, &kube_csi_drivers);
    ck_assert(!is_asked("app in (a-node,b-node)"));
    fake_synced(client, &kube_deployments);
    ck_assert(is_asked("app in (a-node,b-node)"));
    ck_assert(!is_asked(all));
    give_pod(rest, KUBE_LISTED, "bare");
    give_pod("app in (a-node,b-node)", KUBE_LISTED, "a-node-1");
    sync_pods(rest);
    ck_assert(is_there("bare"));
    for (size_t i = 0; i < 4; i++) {
        fake_synced(client, other_kinds[i]);
    }
    fake_answer(client, "/version", NULL, ERROR_FORBIDDEN);
    loop_step(loop, 20);
    loop_step(loop, 20);
    ck_assert_int_eq(completes, 0); /* one list of pods has not ended */
    sync_pods("app in (a-node,b-node)");
    for (int i = 0; i < 200 && completes == 0; i++) {
        loop_step(loop, 20);
    }
    ck_assert_int_eq(completes, 1);
    ck_assert(is_there("a-node-1"));
    finish();
}
END_TEST

START_TEST(workloads_without_a_common_label_make_several_lists)
{
    start(false, NULL);
    give_daemon_set("a-node", "{'app':'a'}");
    give_daemon_set("b-node", "{'k8s-app':'b','app.kubernetes.io/name':'b'}");
    give_daemon_set("c-node", "{'k8s-app':'c'}");
    sync_workloads();
    ck_assert(is_asked("app in (a)"));
    ck_assert(is_asked("k8s-app in (b,c)"));
    ck_assert(is_asked(rest));
    ck_assert(!is_asked(all));
    finish();
}
END_TEST

START_TEST(labels_that_cannot_select_leave_the_list_of_all)
{
    static const char *const labels[] = {"{}", "{'app':''}", "{'app':'a),!b'}", "{'app':7}"};
    for (size_t i = 0; i < 4; i++) {
        start(false, NULL);
        give_daemon_set("a-node", labels[i]);
        sync_workloads();
        ck_assert(is_asked(all));
        ck_assert(!is_asked(rest));
        finish();
    }
    start(false, NULL);
    give_daemon_set("a-node", "{'a':'x'}");
    give_daemon_set("b-node", "{'b':'x'}");
    give_daemon_set("c-node", "{'c':'x'}");
    give_daemon_set("d-node", "{'d':'x'}");
    sync_workloads();
    ck_assert(is_asked(all)); /* one key more than lists that are worth it */
    ck_assert(!is_asked("a in (x)"));
    finish();
}
END_TEST

START_TEST(where_workloads_may_not_be_read_all_pods_are_listed)
{
    start(false, NULL);
    give_pod(rest, KUBE_LISTED, "bare");
    fake_refuse(client, &kube_stateful_sets, ERROR_FORBIDDEN, 403);
    ck_assert(is_asked(all));
    ck_assert(!is_asked(rest));
    give_pod(all, KUBE_LISTED, "a-node-1");
    sync_pods(all);
    fake_synced(client, &kube_daemon_sets);
    fake_synced(client, &kube_deployments);
    fake_synced(client, &kube_csi_drivers);
    complete();
    ck_assert(is_there("a-node-1"));
    ck_assert(!is_there("bare")); /* gone since */
    ck_assert_str_eq(csi_follow_state(follow)->refused[0], "statefulsets");
    ck_assert_ptr_null(csi_follow_state(follow)->refused[1]);
    finish();
}
END_TEST

START_TEST(a_driver_without_a_workload_on_the_nodes_leaves_the_list_of_all)
{
    start(false, NULL);
    give_daemon_set("a-node", "{'app':'a-node'}");
    fake_item(client, &kube_csi_drivers, KUBE_LISTED,
              fixture_json("{'metadata':{'name':'a-node.example.com'}}"));
    sync_workloads();
    ck_assert(is_asked("app in (a-node)"));
    finish();
    start(false, NULL);
    give_daemon_set("a-node", "{'app':'a-node'}");
    fake_item(client, &kube_csi_drivers, KUBE_LISTED,
              fixture_json("{'metadata':{'name':'other.csi.vendor.org'}}"));
    sync_workloads();
    ck_assert(is_asked(all));
    finish();
}
END_TEST

START_TEST(the_labels_that_were_asked_for_go_before)
{
    start(false, "app=mine");
    ck_assert(is_asked("app=mine"));
    give_daemon_set("a-node", "{'app':'a-node'}");
    sync_workloads();
    ck_assert(!is_asked("app in (a-node)"));
    ck_assert(!is_asked(rest));
    ck_assert(!is_asked(all));
    finish();
}
END_TEST

START_TEST(a_list_by_labels_that_is_not_answered_is_replaced_by_the_list_of_all)
{
    for (int watching = 0; watching < 2; watching++) {
        start(watching == 1, NULL);
        /* A recording of an older version answers to none of them. */
        fake_choose(client, rest);
        fake_refuse(client, &kube_pods, ERROR_CONFIG, 0);
        fake_choose(client, NULL);
        ck_assert(is_asked(all));
        ck_assert(!is_asked(rest));
        give_daemon_set("a-node", "{'app':'a-node'}");
        sync_workloads();
        ck_assert(!is_asked("app in (a-node)"));
        give_pod(all, KUBE_LISTED, "a-node-1");
        sync_pods(all);
        complete();
        ck_assert(is_there("a-node-1"));
        ck_assert_int_eq(failures, 0);
        finish();
    }
}
END_TEST

START_TEST(pods_that_may_not_be_read_are_named_once)
{
    start(false, NULL);
    give_daemon_set("a-node", "{'app':'a-node'}");
    sync_workloads();
    fake_choose(client, "app in (a-node)");
    fake_refuse(client, &kube_pods, ERROR_FORBIDDEN, 403);
    fake_choose(client, rest);
    fake_refuse(client, &kube_pods, ERROR_FORBIDDEN, 403);
    fake_choose(client, NULL);
    complete();
    ck_assert_str_eq(csi_follow_state(follow)->refused[0], "pods");
    ck_assert_ptr_null(csi_follow_state(follow)->refused[1]);
    ck_assert(!is_asked(all));
    finish();
}
END_TEST

/* --- While it is followed -----------------------------------------------------------------------
 */

static void start_watching(void)
{
    start(true, NULL);
    fake_relist(client, &kube_daemon_sets);
    give_daemon_set("a-node", "{'app':'a-node'}");
    sync_workloads();
    relist("app in (a-node)");
    give_pod("app in (a-node)", KUBE_LISTED, "a-node-1");
    sync_pods("app in (a-node)");
    relist(rest);
    sync_pods(rest);
    complete();
    ck_assert(is_there("a-node-1"));
}

static void until_asked(const char *selector)
{
    for (int i = 0; i < 200 && !is_asked(selector); i++) {
        loop_step(loop, 20);
    }
    ck_assert(is_asked(selector));
}

START_TEST(a_new_workload_widens_the_selector_and_nothing_flashes)
{
    start_watching();
    fake_item(client, &kube_daemon_sets, KUBE_ADDED, daemon_set("b-node", "{'app':'b-node'}"));
    until_asked("app in (a-node,b-node)");
    ck_assert(!is_asked("app in (a-node)"));
    ck_assert(is_there("a-node-1"));
    ck_assert_int_eq(csi_follow_state(follow)->link.link, KUBE_LIVE);
    relist("app in (a-node,b-node)");
    give_pod("app in (a-node,b-node)", KUBE_LISTED, "a-node-1");
    give_pod("app in (a-node,b-node)", KUBE_LISTED, "b-node-1");
    sync_pods("app in (a-node,b-node)");
    ck_assert(is_there("a-node-1"));
    ck_assert(is_there("b-node-1"));
    /* One that goes leaves its pods' label: they outlive it. */
    fake_item(client, &kube_daemon_sets, KUBE_DELETED, daemon_set("b-node", "{'app':'b-node'}"));
    loop_step(loop, 200);
    ck_assert(is_asked("app in (a-node,b-node)"));
    fake_item(client, &kube_daemon_sets, KUBE_ADDED, daemon_set("c-node", "{'k8s-app':'c'}"));
    until_asked("k8s-app in (c)");
    ck_assert(is_asked("app in (a-node,b-node)"));
    finish();
}
END_TEST

START_TEST(a_pod_that_two_lists_have_stays_until_both_have_lost_it)
{
    start_watching();
    give_pod(rest, KUBE_ADDED, "a-node-1");
    give_pod("app in (a-node)", KUBE_DELETED, "a-node-1");
    ck_assert(is_there("a-node-1"));
    relist("app in (a-node)");
    sync_pods("app in (a-node)");
    ck_assert(is_there("a-node-1"));
    relist(rest);
    sync_pods(rest);
    ck_assert(!is_there("a-node-1"));
    give_pod(rest, KUBE_ADDED, "bare");
    give_pod(rest, KUBE_DELETED, "bare");
    ck_assert(!is_there("bare"));
    finish();
}
END_TEST

START_TEST(a_workload_that_no_label_finds_turns_the_watch_to_all_pods)
{
    start_watching();
    give_pod(rest, KUBE_ADDED, "bare");
    fake_item(client, &kube_daemon_sets, KUBE_ADDED, daemon_set("b-node", "{}"));
    until_asked(all);
    ck_assert(!is_asked("app in (a-node)"));
    ck_assert(!is_asked(rest));
    ck_assert(is_there("a-node-1"));
    relist(all);
    give_pod(all, KUBE_LISTED, "bare");
    give_pod(all, KUBE_LISTED, "b-node-1");
    ck_assert(is_there("a-node-1"));
    sync_pods(all);
    ck_assert(is_there("bare"));
    ck_assert(is_there("b-node-1"));
    ck_assert(!is_there("a-node-1"));
    finish();
}
END_TEST

START_TEST(a_kind_of_workload_that_keeps_failing_does_not_hold_the_pods_back)
{
    start(true, NULL);
    fake_synced(client, &kube_daemon_sets);
    fake_refuse(client, &kube_deployments, ERROR_UNAVAILABLE, 503);
    ck_assert(is_asked(rest));
    fake_refuse(client, &kube_deployments, ERROR_UNAVAILABLE, 503);
    ck_assert(is_asked(all));
    finish();
}
END_TEST

Suite *suite_pods(void)
{
    const TTest *tests[] = {pods_are_asked_for_by_the_label_that_the_workloads_share,
                            workloads_without_a_common_label_make_several_lists,
                            labels_that_cannot_select_leave_the_list_of_all,
                            where_workloads_may_not_be_read_all_pods_are_listed,
                            a_driver_without_a_workload_on_the_nodes_leaves_the_list_of_all,
                            the_labels_that_were_asked_for_go_before,
                            a_list_by_labels_that_is_not_answered_is_replaced_by_the_list_of_all,
                            pods_that_may_not_be_read_are_named_once,
                            a_new_workload_widens_the_selector_and_nothing_flashes,
                            a_pod_that_two_lists_have_stays_until_both_have_lost_it,
                            a_workload_that_no_label_finds_turns_the_watch_to_all_pods,
                            a_kind_of_workload_that_keeps_failing_does_not_hold_the_pods_back,
                            NULL};
    return suite_of("pods", tests);
}
