#include "fixtures.h"
#include "runner.h"

#include <stdio.h>
#include <string.h>

#include "base/intern.h"

Suite *suite_census(void);

#define REGCRED "[{'name':'regcred'}]"

static struct csi_driver *only_driver(struct csi_census *census)
{
    size_t count;
    struct csi_driver *const *drivers = csi_census_drivers(census, &count);
    ck_assert_uint_eq(count, 1);
    return drivers[0];
}

START_TEST(kubesprays_upcloud_is_found_with_its_controller_first)
{
    struct csi_census *census = upcloud_census(5, REGCRED);
    csi_census_settle(census, fixture_now);
    struct csi_driver *driver = only_driver(census);
    ck_assert_str_eq(driver->name, "storage.csi.upcloud.com");
    ck_assert_str_eq(driver->kubespray, "upcloud");
    ck_assert_uint_eq(driver->workload_count, 2);
    ck_assert_str_eq(driver->workloads[0]->name, "csi-upcloud-controller");
    ck_assert_int_eq(driver->workloads[0]->role, CSI_ROLE_CONTROLLER);
    ck_assert_str_eq(driver->workloads[0]->managed_by, "kubectl-client-side-apply");
    ck_assert_int_eq(driver->workloads[1]->role, CSI_ROLE_NODE);
    ck_assert(driver->workloads[1]->rollout_done);
    ck_assert_uint_eq(driver->workloads[1]->pod_count, 5);
    ck_assert_str_eq(driver->workloads[1]->pods[4]->name, "csi-upcloud-node-4");
    ck_assert_uint_eq(driver->pod_count, 6);
    ck_assert_uint_eq(driver->broken_pods, 6);
    csi_census_free(census);
}
END_TEST

START_TEST(pods_keep_what_a_row_shows)
{
    struct csi_census *census = upcloud_census(1, REGCRED);
    csi_census_settle(census, fixture_now);
    const struct csi_pod *pod = csi_census_pod(census, "kube-system", "csi-upcloud-controller-0");
    ck_assert_ptr_nonnull(pod);
    ck_assert_str_eq(pod->node, "worker-0");
    ck_assert_int_eq(pod->ready_containers, 2);
    ck_assert_int_eq(pod->containers, 2);
    ck_assert_int_eq(pod->restarts, 1);
    ck_assert_uint_eq(pod->image_count, 2);
    ck_assert_str_eq(pod->references[0].name, "regcred");
    ck_assert_int_eq(pod->state, CSI_SECRET_MISSING);
    ck_assert_int_eq(pod->pulling, CSI_PULLING_OK);
    ck_assert_ptr_null(pod->odd);
    csi_census_free(census);
}
END_TEST

START_TEST(a_reference_is_unknown_until_secrets_were_listed_or_may_not_be)
{
    struct csi_census *census = csi_census_new();
    put_upcloud_workloads(census, REGCRED);
    put_upcloud_pods(census, 1, REGCRED);
    csi_census_settle(census, fixture_now);
    ck_assert_int_eq(only_driver(census)->state, CSI_SECRET_UNKNOWN);
    csi_census_secrets_unreadable(census, NULL);
    csi_census_settle(census, fixture_now);
    ck_assert_int_eq(only_driver(census)->state, CSI_SECRET_UNKNOWN);
    struct csi_secret_name wanted[4];
    ck_assert_uint_eq(csi_census_wanted_secrets(census, wanted, 4), 1);
    ck_assert_str_eq(wanted[0].name, "regcred");
    csi_census_secret_absent(census, "kube-system", "regcred");
    csi_census_settle(census, fixture_now);
    ck_assert_int_eq(only_driver(census)->state, CSI_SECRET_MISSING);
    ck_assert_uint_eq(csi_census_wanted_secrets(census, wanted, 4), 0);
    csi_census_free(census);
}
END_TEST

START_TEST(a_table_row_tells_missing_and_wrong_type_without_a_byte_of_the_secret)
{
    struct csi_census *census = upcloud_census(1, REGCRED);
    put_secret_row(census, "kube-system", "regcred", "Opaque", 2);
    csi_census_settle(census, fixture_now);
    ck_assert_int_eq(only_driver(census)->state, CSI_SECRET_WRONG_TYPE);
    struct csi_secret_name wanted[4];
    ck_assert_uint_eq(csi_census_wanted_secrets(census, wanted, 4), 0);
    put_secret_row(census, "kube-system", "regcred", DOCKER_TYPE, 1);
    csi_census_settle(census, fixture_now);
    ck_assert_int_eq(only_driver(census)->state, CSI_SECRET_OK);
    ck_assert_uint_eq(csi_census_wanted_secrets(census, wanted, 4), 1);
    ck_assert(csi_census_remove(census, "Secret", "kube-system", "regcred"));
    csi_census_settle(census, fixture_now);
    ck_assert_int_eq(only_driver(census)->state, CSI_SECRET_MISSING);
    csi_census_free(census);
}
END_TEST

START_TEST(columns_are_found_by_their_names)
{
    struct csi_census *census = upcloud_census(1, REGCRED);
    cJSON *header = fixture_json("{'columnDefinitions':[{'name':'Age'},{'name':'Type'},"
                                 "{'name':'Data'},{'name':'Name'}]}");
    cJSON *row = fixture_json("{'cells':['1s','Opaque',2,'regcred'],'object':{'metadata':"
                              "{'namespace':'kube-system'}}}");
    csi_census_put_secret_row(census, header);
    csi_census_put_secret_row(census, row);
    csi_census_settle(census, fixture_now);
    ck_assert_str_eq(csi_census_secret(census, "kube-system", "regcred")->type, "Opaque");
    cJSON_Delete(header);
    cJSON_Delete(row);
    csi_census_free(census);
}
END_TEST

START_TEST(content_decides_between_ok_no_match_empty_and_malformed)
{
    static const struct {
        const char *type;
        const char *payload;
        enum csi_secret_state state;
    } cases[] = {
        {DOCKER_TYPE, "{\"auths\":{\"ghcr.io\":{\"username\":\"u\",\"password\":\"p\"}}}",
         CSI_SECRET_OK},
        {DOCKER_TYPE, "{\"auths\":{\"quay.io\":{\"username\":\"u\",\"password\":\"p\"}}}",
         CSI_SECRET_NO_MATCH},
        {DOCKER_TYPE, "{\"auths\":{}}", CSI_SECRET_EMPTY},
        {DOCKER_TYPE, "{\"auths\":{\"ghcr.io\":{\"auth\":\"!!!\"}}}", CSI_SECRET_MALFORMED},
        {"kubernetes.io/dockercfg", "{\"ghcr.io\":{\"username\":\"u\",\"password\":\"p\"}}",
         CSI_SECRET_OK},
        {"Opaque", "{}", CSI_SECRET_WRONG_TYPE},
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct csi_census *census = upcloud_census(1, REGCRED);
        put_secret(census, "kube-system", "regcred", cases[i].type, cases[i].payload);
        csi_census_settle(census, fixture_now);
        ck_assert_msg(only_driver(census)->state == cases[i].state, "%s: %s", cases[i].payload,
                      csi_secret_state_name(only_driver(census)->state));
        const struct csi_secret *secret = csi_census_secret(census, "kube-system", "regcred");
        ck_assert(secret->content_known);
        ck_assert((secret->fault != NULL) == (cases[i].state == CSI_SECRET_MALFORMED));
        csi_census_free(census);
    }
}
END_TEST

START_TEST(content_that_was_read_before_a_change_is_known_to_be_stale)
{
    struct csi_census *census = upcloud_census(1, REGCRED);
    put_secret(census, "kube-system", "regcred", DOCKER_TYPE, "{\"auths\":{}}");
    ck_assert(!csi_census_secret(census, "kube-system", "regcred")->content_stale);
    cJSON *row = fixture_json("{'cells':['regcred','kubernetes.io/dockerconfigjson',1,'1s'],"
                              "'object':{'metadata':{'namespace':'kube-system','name':'regcred',"
                              "'resourceVersion':'99999'}}}");
    csi_census_put_secret_row(census, row);
    ck_assert(csi_census_secret(census, "kube-system", "regcred")->content_stale);
    put_secret(census, "kube-system", "regcred", DOCKER_TYPE, "{\"auths\":{}}");
    ck_assert(!csi_census_secret(census, "kube-system", "regcred")->content_stale);
    cJSON_Delete(row);
    csi_census_free(census);
}
END_TEST

START_TEST(hosts_and_users_are_kept_but_no_password)
{
    struct csi_census *census = upcloud_census(1, REGCRED);
    put_secret(census, "kube-system", "regcred", DOCKER_TYPE,
               "{\"auths\":{\"ghcr.io\":{\"username\":\"robot\",\"password\":\"hunter2\"}}}");
    const struct csi_secret *secret = csi_census_secret(census, "kube-system", "regcred");
    ck_assert_uint_eq(secret->registry_count, 1);
    ck_assert_str_eq(secret->registries[0], "ghcr.io");
    ck_assert_str_eq(secret->users[0], "robot");
    csi_census_free(census);
    size_t before = intern_count();
    const char *password = intern("hunter2");
    ck_assert_uint_eq(intern_count(), before + 1); /* nobody had interned it */
    intern_release(password);
}
END_TEST

START_TEST(an_entry_without_a_name_is_its_own_state)
{
    struct csi_census *census = upcloud_census(1, "[{'name':''},{}]");
    csi_census_settle(census, fixture_now);
    ck_assert_int_eq(only_driver(census)->state, CSI_SECRET_EMPTY_NAME);
    csi_census_free(census);
}
END_TEST

START_TEST(no_reference_at_all_is_none)
{
    struct csi_census *census = upcloud_census(2, "[]");
    csi_census_settle(census, fixture_now);
    ck_assert_int_eq(only_driver(census)->state, CSI_SECRET_NONE);
    ck_assert_uint_eq(only_driver(census)->broken_pods, 0);
    csi_census_free(census);
}
END_TEST

START_TEST(what_admission_injected_is_told_from_the_pods_own_list)
{
    struct csi_census *census = csi_census_new();
    begin_lists(census);
    put_upcloud_workloads(census, "[]");
    put_upcloud_pods(census, 1, "[{'name':'from-account'}]");
    put_account(census, "kube-system", "csi-upcloud-node-sa", "[{'name':'from-account'}]");
    end_lists(census);
    csi_census_settle(census, fixture_now);
    const struct csi_pod *pod = csi_census_pod(census, "kube-system", "csi-upcloud-node-0");
    ck_assert_int_eq(pod->references[0].source, CSI_SOURCE_SERVICE_ACCOUNT);
    put_upcloud_workloads(census, "[{'name':'from-account'}]");
    csi_census_settle(census, fixture_now);
    pod = csi_census_pod(census, "kube-system", "csi-upcloud-node-0");
    ck_assert_int_eq(pod->references[0].source, CSI_SOURCE_POD);
    csi_census_free(census);
}
END_TEST

START_TEST(pods_of_an_older_template_are_stale)
{
    struct csi_census *census = upcloud_census(1, REGCRED);
    put_workload(census, "{'kind':'DaemonSet','metadata':{'name':'csi-upcloud-node','namespace':"
                         "'kube-system','annotations':{'deprecated.daemonset.template.generation':"
                         "'2'}},'spec':{'template':{'spec':{'containers':[{'name':"
                         "'node-driver-registrar'}]}}}}");
    csi_census_settle(census, fixture_now);
    ck_assert(csi_census_pod(census, "kube-system", "csi-upcloud-node-0")->stale);
    ck_assert(!csi_census_pod(census, "kube-system", "csi-upcloud-controller-0")->stale);
    csi_census_free(census);
}
END_TEST

static void put_deployment(struct csi_census *census, int updated)
{
    put_workload(census,
                 "{'kind':'Deployment','metadata':{'name':'ebs-csi-controller','namespace':"
                 "'kube-system','generation':2},'spec':{'replicas':2,'template':{'spec':"
                 "{'containers':[{'name':'csi-provisioner','image':'x/csi-provisioner'}]}}},"
                 "'status':{'observedGeneration':2,'updatedReplicas':%d,'replicas':2}}",
                 updated);
}

static void put_deployment_pod(struct csi_census *census, const char *hash, int hour)
{
    put_pod(census,
            "{'metadata':{'name':'ebs-csi-controller-%s-x','namespace':'kube-system','uid':'%s',"
            "'creationTimestamp':'2026-01-01T0%d:00:00Z','labels':{'pod-template-hash':'%s'},"
            "'ownerReferences':[{'kind':'ReplicaSet','name':'ebs-csi-controller-%s','controller':"
            "true}]},'spec':{'containers':[{'name':'csi-provisioner','image':"
            "'x/csi-provisioner'}]}}",
            hash, hash, hour, hash, hash);
}

START_TEST(a_replica_set_stands_for_its_deployment_and_the_newest_hash_is_current)
{
    struct csi_census *census = csi_census_new();
    put_deployment(census, 1);
    put_deployment_pod(census, "5d8c", 1);
    put_deployment_pod(census, "77ff", 2);
    csi_census_settle(census, fixture_now);
    const struct csi_workload *workload =
        csi_census_workload(census, "Deployment", "kube-system", "ebs-csi-controller");
    ck_assert_uint_eq(workload->pod_count, 2);
    ck_assert(workload->pods[0]->stale);
    ck_assert(!workload->pods[1]->stale);
    ck_assert_str_eq(workload->driver->name, "ebs.csi.aws.com");
    put_deployment(census, 0);
    csi_census_settle(census, fixture_now);
    ck_assert(workload->pods[1]->stale);
    csi_census_free(census);
}
END_TEST

START_TEST(a_bare_and_a_static_pod_get_a_workload_of_their_own)
{
    struct csi_census *census = csi_census_new();
    put_pod(census, "{'metadata':{'name':'csi-hand','namespace':'x','uid':'1'},'spec':"
                    "{'containers':[{'image':'m/csi-attacher:v1'}]}}");
    put_pod(census, "{'metadata':{'name':'csi-static-n1','namespace':'x','uid':'2','annotations':"
                    "{'kubernetes.io/config.mirror':'h'},'ownerReferences':[{'kind':'Node','name':"
                    "'n1'}]},'spec':{'containers':[{'image':'m/csi-attacher:v1'}]}}");
    csi_census_settle(census, fixture_now);
    ck_assert_ptr_nonnull(csi_census_workload(census, "Pod", "x", "csi-hand"));
    const struct csi_pod *pod = csi_census_pod(census, "x", "csi-static-n1");
    ck_assert(pod->is_static);
    ck_assert_str_eq(pod->workload->kind, "Pod");
    ck_assert(csi_census_remove(census, "Pod", "x", "csi-hand"));
    ck_assert_ptr_null(csi_census_workload(census, "Pod", "x", "csi-hand"));
    csi_census_free(census);
}
END_TEST

START_TEST(what_is_not_csi_costs_no_row)
{
    struct csi_census *census = csi_census_new();
    ck_assert(!put_pod(census, "{'metadata':{'name':'web','namespace':'x'},'spec':{'containers':"
                               "[{'image':'nginx'}],'volumes':[{'hostPath':{'path':"
                               "'/var/lib/kubelet/device-plugins'}},{'hostPath':{'path':"
                               "'/var/lib/kubelet/plugins_registry'}}]}}"));
    csi_census_settle(census, fixture_now);
    ck_assert_ptr_null(csi_census_pod(census, "x", "web"));
    size_t count;
    csi_census_drivers(census, &count);
    ck_assert_uint_eq(count, 0);
    csi_census_free(census);
}
END_TEST

START_TEST(a_relist_sweeps_what_is_gone_and_kinds_do_not_sweep_each_other)
{
    struct csi_census *census = upcloud_census(3, REGCRED);
    csi_census_begin_relist(census, "Pod");
    put_upcloud_pods(census, 1, REGCRED);
    csi_census_begin_relist(census, "Secret");
    csi_census_end_relist(census, "Pod");
    put_secret_row(census, "kube-system", "regcred", "Opaque", 1);
    csi_census_end_relist(census, "Secret");
    csi_census_settle(census, fixture_now);
    ck_assert_uint_eq(only_driver(census)->pod_count, 2);
    ck_assert_ptr_null(csi_census_pod(census, "kube-system", "csi-upcloud-node-2"));
    ck_assert_ptr_nonnull(csi_census_secret(census, "kube-system", "regcred"));
    csi_census_free(census);
}
END_TEST

START_TEST(an_update_that_shows_nothing_new_is_no_change)
{
    struct csi_census *census = upcloud_census(1, REGCRED);
    uint64_t generation = csi_census_settle(census, fixture_now);
    put_upcloud_pods(census, 1, REGCRED);
    ck_assert_uint_eq(csi_census_settle(census, fixture_now), generation);
    put_secret_row(census, "kube-system", "regcred", "Opaque", 1);
    ck_assert_uint_gt(csi_census_settle(census, fixture_now), generation);
    csi_census_free(census);
}
END_TEST

START_TEST(only_the_drivers_asked_for_are_shown)
{
    struct csi_census *census = upcloud_census(1, REGCRED);
    put_pod(census, "{'metadata':{'name':'csi-hand','namespace':'x','uid':'1'},'spec':"
                    "{'containers':[{'image':'m/csi-attacher:v1'}]}}");
    const char *const only[] = {"upcloud", NULL};
    csi_census_only_drivers(census, only);
    csi_census_settle(census, fixture_now);
    ck_assert_str_eq(only_driver(census)->name, "storage.csi.upcloud.com");
    csi_census_only_drivers(census, NULL);
    csi_census_settle(census, fixture_now);
    size_t count;
    csi_census_drivers(census, &count);
    ck_assert_uint_eq(count, 2);
    csi_census_free(census);
}
END_TEST

START_TEST(workloads_without_pods_can_be_left_out)
{
    struct csi_census *census = csi_census_new();
    put_upcloud_workloads(census, REGCRED);
    csi_census_settle(census, fixture_now);
    ck_assert_uint_eq(only_driver(census)->workload_count, 2);
    csi_census_only_with_pods(census);
    put_upcloud_pods(census, 0, REGCRED);
    csi_census_settle(census, fixture_now);
    ck_assert_uint_eq(only_driver(census)->workload_count, 1);
    csi_census_free(census);
}
END_TEST

START_TEST(a_workload_that_goes_leaves_its_pods_until_they_go)
{
    struct csi_census *census = upcloud_census(1, REGCRED);
    ck_assert(csi_census_remove(census, "DaemonSet", "kube-system", "csi-upcloud-node"));
    csi_census_settle(census, fixture_now);
    ck_assert_uint_eq(only_driver(census)->pod_count, 2);
    ck_assert(csi_census_remove(census, "Pod", "kube-system", "csi-upcloud-node-0"));
    csi_census_settle(census, fixture_now);
    ck_assert_ptr_null(csi_census_workload(census, "DaemonSet", "kube-system", "csi-upcloud-node"));
    csi_census_free(census);
}
END_TEST

START_TEST(a_failed_pull_is_told_and_keeps_the_words_that_tell_more)
{
    struct csi_census *census = upcloud_census(1, REGCRED);
    put_failing_pod(census, "csi-upcloud-node-x", REGCRED, "ErrImagePull",
                    "pulling from host ghcr.io failed with status code [manifests v1]: 401 "
                    "Unauthorized");
    put_failing_pod(census, "csi-upcloud-node-x", REGCRED, "ImagePullBackOff",
                    "Back-off pulling image ghcr.io/x");
    csi_census_settle(census, fixture_now);
    const struct csi_pod *pod = csi_census_pod(census, "kube-system", "csi-upcloud-node-x");
    ck_assert_int_eq(pod->pulling, CSI_PULLING_FAILING);
    ck_assert_int_eq(pod->trouble, CSI_TROUBLE_UNAUTHORIZED);
    ck_assert_str_eq(pod->failing_image, "ghcr.io/upcloudltd/upcloud-csi:v1.1.0");
    ck_assert_ptr_nonnull(strstr(pod->pull_message, "401 Unauthorized"));
    csi_census_free(census);
}
END_TEST

START_TEST(a_registry_that_refuses_a_matching_secret_makes_it_rejected)
{
    struct csi_census *census = upcloud_census(1, REGCRED);
    put_secret(census, "kube-system", "regcred", DOCKER_TYPE,
               "{\"auths\":{\"ghcr.io\":{\"username\":\"u\",\"password\":\"p\"}}}");
    put_failing_pod(census, "csi-upcloud-node-x", REGCRED, "ErrImagePull",
                    "failed with status code [manifests v1]: 401 Unauthorized");
    csi_census_settle(census, fixture_now);
    ck_assert_int_eq(csi_census_pod(census, "kube-system", "csi-upcloud-node-x")->state,
                     CSI_SECRET_REJECTED);
    ck_assert_int_eq(csi_census_pod(census, "kube-system", "csi-upcloud-node-0")->state,
                     CSI_SECRET_OK);
    csi_census_free(census);
}
END_TEST

START_TEST(nothing_is_left_behind)
{
    size_t before = intern_count();
    struct csi_census *census = upcloud_census(4, REGCRED);
    put_secret(census, "kube-system", "regcred", DOCKER_TYPE,
               "{\"auths\":{\"ghcr.io\":{\"username\":\"u\",\"password\":\"p\"}}}");
    put_account(census, "kube-system", "default", "[{'name':'a'}]");
    put_count(census, true, fixture_now, "csi-upcloud-node-0", "uid-0", 4, 600, 60);
    csi_census_settle(census, fixture_now);
    csi_census_free(census);
    ck_assert_uint_eq(intern_count(), before);
}
END_TEST

Suite *suite_census(void)
{
    const TTest *tests[] = {kubesprays_upcloud_is_found_with_its_controller_first,
                            pods_keep_what_a_row_shows,
                            a_reference_is_unknown_until_secrets_were_listed_or_may_not_be,
                            a_table_row_tells_missing_and_wrong_type_without_a_byte_of_the_secret,
                            columns_are_found_by_their_names,
                            content_decides_between_ok_no_match_empty_and_malformed,
                            content_that_was_read_before_a_change_is_known_to_be_stale,
                            hosts_and_users_are_kept_but_no_password,
                            an_entry_without_a_name_is_its_own_state,
                            no_reference_at_all_is_none,
                            what_admission_injected_is_told_from_the_pods_own_list,
                            pods_of_an_older_template_are_stale,
                            a_replica_set_stands_for_its_deployment_and_the_newest_hash_is_current,
                            a_bare_and_a_static_pod_get_a_workload_of_their_own,
                            what_is_not_csi_costs_no_row,
                            a_relist_sweeps_what_is_gone_and_kinds_do_not_sweep_each_other,
                            an_update_that_shows_nothing_new_is_no_change,
                            only_the_drivers_asked_for_are_shown,
                            workloads_without_pods_can_be_left_out,
                            a_workload_that_goes_leaves_its_pods_until_they_go,
                            a_failed_pull_is_told_and_keeps_the_words_that_tell_more,
                            a_registry_that_refuses_a_matching_secret_makes_it_rejected,
                            nothing_is_left_behind,
                            NULL};
    return suite_of("census", tests);
}
