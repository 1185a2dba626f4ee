#include "runner.h"

#include "change/last_applied.h"
#include "cluster.h"
#include "sim/writes.h"
#include "trees.h"

/* Where a naive writer falls into a trap of real API servers; tests/README.md has all twenty. */

Suite *suite_traps(void);

#define DS      "csi-upcloud-node"
#define ACCOUNT "csi-upcloud-node-sa"

static struct cluster cluster;

static void apply_and_close(struct change_session *session)
{
    struct buffer verdict;
    cluster_apply(&cluster, session);
    buffer_init(&verdict, 1 << 20);
    change_session_write_verdict(session, &verdict);
    ck_assert_msg(change_session_phase(session) == CHANGE_DONE, "%s", verdict.data);
    buffer_free(&verdict);
    change_session_free(session);
}

static const cJSON *references(void)
{
    return json_at(cluster_get(&cluster, sim_daemonsets(), DS), "spec", "template", "spec",
                   "imagePullSecrets", NULL);
}

static void patch_references(const char *list)
{
    char *patch = xasprintf("{'spec':{'template':{'spec':{'imagePullSecrets':%s}}}}", list);
    cluster_patch(&cluster, sim_daemonsets(), DS, patch);
    free(patch);
}

static void create_better(void)
{
    struct sim_write write = {.manager = "somebody"};
    struct sim_status status = SIM_STATUS_INIT;
    ck_assert(sim_write_create(cluster.sim, sim_secrets(), "kube-system",
                               tree("{'apiVersion':'v1','kind':'Secret','metadata':{'name':"
                                    "'better','namespace':'kube-system'},'type':"
                                    "'kubernetes.io/dockerconfigjson','data':{"
                                    "'.dockerconfigjson':'eyJhdXRocyI6e319'}}"),
                               &write, NULL, &status));
}

static char *diff_of(const struct change_session *session)
{
    struct buffer out;
    buffer_init(&out, 1 << 20);
    change_session_write_diff(session, &out);
    return buffer_take(&out);
}

START_TEST(an_entry_that_another_manager_applied_can_be_dropped)
{
    cluster_open(&cluster, "demo", false);
    struct sim_write write = {.manager = "gitops", .forced = true};
    struct sim_status status = SIM_STATUS_INIT;
    cJSON *body = tree("{'apiVersion':'apps/v1','kind':'DaemonSet','metadata':{'name':'" DS "',"
                       "'namespace':'kube-system'},'spec':{'template':{'spec':{"
                       "'imagePullSecrets':[{'name':'regcred'}]}}}}");
    ck_assert(sim_write_patch(cluster.sim, sim_daemonsets(), "kube-system", DS, SIM_PATCH_APPLY,
                              body, &write, NULL, NULL, &status));
    cJSON_Delete(body);
    apply_and_close(cluster_preview(&cluster, change_intent_new(CHANGE_DROP_REFERENCE)));
    ck_assert_ptr_null(references());
    cluster_close(&cluster);
}
END_TEST

static const struct csi_workload *node_plugin(void)
{
    const struct csi_driver *driver =
        csi_census_driver(csi_follow_census(cluster.follow), "storage.csi.upcloud.com");
    for (size_t i = 0; i < driver->workload_count; i++) {
        if (strcmp(driver->workloads[i]->kind, "DaemonSet") == 0) {
            return driver->workloads[i];
        }
    }
    ck_abort_msg("the DaemonSet is not seen");
    return NULL;
}

/* The client has seen that all pods of the DaemonSet have two references by their account. */
static bool account_reached_the_pods(void *context)
{
    const struct csi_workload *workload = node_plugin();
    bool all = workload->rollout_done && workload->pod_count > 0;
    (void)context;
    for (size_t i = 0; i < workload->pod_count; i++) {
        const struct csi_pod *pod = workload->pods[i];
        all = all && pod->reference_count == 2 &&
              pod->references[0].source == CSI_SOURCE_SERVICE_ACCOUNT;
    }
    return all;
}

START_TEST(what_is_dropped_from_a_service_account_leaves_its_other_entries)
{
    cluster_open(&cluster, "demo", false);
    create_better();
    cluster_patch(&cluster, sim_service_accounts(), ACCOUNT,
                  "{'imagePullSecrets':[{'name':'regcred'},{'name':'better'}]}");
    patch_references("null");
    cluster_run(&cluster, account_reached_the_pods, NULL);
    apply_and_close(cluster_preview(&cluster, change_intent_new(CHANGE_DROP_REFERENCE)));
    ck_assert_tree(
        json_member(cluster_get(&cluster, sim_service_accounts(), ACCOUNT), "imagePullSecrets"),
        "[{'name':'better'}]");
    cluster_close(&cluster);
}
END_TEST

START_TEST(a_manifest_without_the_key_shows_beforehand_that_all_entries_go)
{
    cluster_open(&cluster, "demo", false);
    const cJSON *live = cluster_get(&cluster, sim_daemonsets(), DS);
    cJSON *manifest =
        tree(json_string(json_at(live, "metadata", "annotations", NULL), CHANGE_LAST_APPLIED));
    cJSON_DeleteItemFromObject(
        cJSON_GetObjectItem(cJSON_GetObjectItem(cJSON_GetObjectItem(manifest, "spec"), "template"),
                            "spec"),
        "imagePullSecrets");
    patch_references("[{'name':'regcred'},{'name':'of-another'}]");
    struct change_intent *intent = change_intent_new(CHANGE_APPLY);
    intent->manifests = xcalloc(1, sizeof(*intent->manifests));
    intent->manifests[intent->manifest_count++] = manifest;
    struct change_session *session = cluster_preview(&cluster, intent);
    char *diff = diff_of(session);
    ck_assert_msg(strstr(diff, "-      - name: of-another") != NULL, "%s", diff);
    free(diff);
    apply_and_close(session);
    ck_assert_ptr_null(references());
    cluster_close(&cluster);
}
END_TEST

START_TEST(a_name_that_is_in_the_list_already_is_not_set_twice)
{
    cluster_open(&cluster, "demo", false);
    create_better();
    patch_references("[{'name':'better'},{'name':'regcred'}]");
    struct change_intent *intent = change_intent_new(CHANGE_USE_SECRET);
    intent->secret = xstrdup("better");
    apply_and_close(cluster_preview(&cluster, intent));
    ck_assert_tree(references(), "[{'name':'better'}]");
    cluster_close(&cluster);
}
END_TEST

Suite *suite_traps(void)
{
    const TTest *tests[] = {an_entry_that_another_manager_applied_can_be_dropped,
                            what_is_dropped_from_a_service_account_leaves_its_other_entries,
                            a_manifest_without_the_key_shows_beforehand_that_all_entries_go,
                            a_name_that_is_in_the_list_already_is_not_set_twice, NULL};
    return suite_of("traps", tests);
}
