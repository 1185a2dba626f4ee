#include "fixtures.h"
#include "runner.h"

#include <stdio.h>
#include <string.h>

#include "base/intern.h"
#include "csi/findings.h"

Suite *suite_findings(void);

#define REGCRED      "[{'name':'regcred'}]"
#define UNAUTHORIZED "failed with status code [manifests v1]: 401 Unauthorized"
#define GHCR         "{\"auths\":{\"ghcr.io\":{\"username\":\"u\",\"password\":\"p\"}}}"

/* Settles, diagnoses; the finding of a rule, NULL if there is none. Freed by done(). */
static struct csi_findings findings;

static const struct csi_finding *find(struct csi_census *census, const char *rule)
{
    csi_findings_free(&findings);
    csi_census_settle(census, fixture_now);
    csi_diagnose(census, &findings);
    for (size_t i = 0; i < findings.count; i++) {
        if (strcmp(findings.items[i].rule->name, rule) == 0) {
            return &findings.items[i];
        }
    }
    return NULL;
}

static const struct csi_finding *need(struct csi_census *census, const char *rule)
{
    const struct csi_finding *finding = find(census, rule);
    ck_assert_msg(finding != NULL, "no finding %s", rule);
    return finding;
}

static void done(struct csi_census *census)
{
    csi_findings_free(&findings);
    csi_census_free(census);
}

static const char *changes(const struct csi_finding *finding)
{
    static char text[256];
    text[0] = '\0';
    for (size_t i = 0; i < finding->fix_count; i++) {
        size_t length = strlen(text);
        snprintf(text + length, sizeof(text) - length, "%s%s:%d", i > 0 ? " " : "",
                 csi_change_name(finding->fixes[i].change), finding->fixes[i].restarts);
    }
    return text;
}

START_TEST(a_missing_secret_of_public_images_is_a_warning_with_every_way_out)
{
    struct csi_census *census = upcloud_census(5, REGCRED);
    const struct csi_finding *finding = need(census, "secret-missing");
    ck_assert_int_eq(finding->severity, CSI_WARNING);
    ck_assert_str_eq(finding->message,
                     "6 pods name Secret kube-system/regcred, which does not exist.");
    ck_assert_str_eq(finding->driver, "storage.csi.upcloud.com");
    ck_assert_str_eq(finding->secret_name, "regcred");
    ck_assert_uint_eq(finding->pods, 6);
    ck_assert_str_eq(finding->pod_names[0], "kube-system/csi-upcloud-controller-0");
    ck_assert_ptr_null(finding->pod_names[6]);
    ck_assert_str_eq(changes(finding), "drop-reference:6 create-secret:0 create-empty:0 "
                                       "use-secret:6 kubespray:0");
    ck_assert_str_eq(finding->fixes[0].command,
                     "pullmend apply --drop-reference --driver storage.csi.upcloud.com");
    ck_assert_str_eq(finding->fixes[1].command,
                     "pullmend apply --create-secret regcred --docker-server ghcr.io "
                     "--docker-username USER --docker-password-stdin --driver "
                     "storage.csi.upcloud.com");
    ck_assert_str_eq(finding->fixes[4].command, "pullmend kubespray fix --kubespray DIR --driver "
                                                "storage.csi.upcloud.com");
    bool any;
    ck_assert_int_eq(csi_findings_worst(&findings, &any), CSI_WARNING);
    ck_assert(any);
    ck_assert_ptr_nonnull(need(census, "reference-not-needed"));
    ck_assert_ptr_nonnull(need(census, "workload-managed"));
    done(census);
}
END_TEST

START_TEST(a_missing_secret_of_private_images_is_an_error_and_dropping_is_no_way_out)
{
    struct csi_census *census = upcloud_census(1, REGCRED);
    put_failing_pod(census, "csi-upcloud-node-x", REGCRED, "ErrImagePull", UNAUTHORIZED);
    const struct csi_finding *finding = need(census, "secret-missing");
    ck_assert_int_eq(finding->severity, CSI_ERROR);
    ck_assert_str_eq(changes(finding), "create-secret:0 use-secret:3 kubespray:0");
    finding = need(census, "pull-unauthorized");
    ck_assert_str_eq(finding->message,
                     "1 pod cannot pull ghcr.io/upcloudltd/upcloud-csi:v1.1.0: the registry "
                     "answers 401 Unauthorized.");
    ck_assert_ptr_nonnull(strstr(finding->explanation, "regcred (missing)"));
    ck_assert_ptr_nonnull(strstr(finding->explanation, "401 Unauthorized"));
    done(census);
}
END_TEST

START_TEST(a_secret_of_that_name_elsewhere_can_be_copied)
{
    struct csi_census *census = upcloud_census(1, REGCRED);
    put_secret_row(census, "registry", "regcred", DOCKER_TYPE, 1);
    const struct csi_finding *finding = need(census, "secret-elsewhere");
    ck_assert_str_eq(finding->fixes[0].command,
                     "pullmend apply --create-secret regcred --from-secret registry/regcred "
                     "--driver storage.csi.upcloud.com");
    done(census);
}
END_TEST

START_TEST(the_clouds_credential_is_no_pull_secret)
{
    struct csi_census *census = upcloud_census(1, "[{'name':'upcloud'}]");
    put_secret_row(census, "kube-system", "upcloud", "Opaque", 2);
    const struct csi_finding *finding = need(census, "secret-wrong-type");
    ck_assert_str_eq(changes(finding), "drop-reference:3 use-secret:3 kubespray:0");
    ck_assert_ptr_nonnull(strstr(finding->message, "type Opaque"));
    ck_assert_ptr_nonnull(need(census, "secret-cloud-credential"));
    ck_assert_ptr_null(find(census, "secret-missing"));
    done(census);
}
END_TEST

START_TEST(another_secret_that_serves_the_images_is_proposed)
{
    struct csi_census *census = upcloud_census(1, REGCRED);
    put_secret(census, "kube-system", "a-quay", DOCKER_TYPE,
               "{\"auths\":{\"quay.io\":{\"username\":\"u\",\"password\":\"p\"}}}");
    put_secret(census, "kube-system", "my-registry", DOCKER_TYPE, GHCR);
    const struct csi_finding *finding = need(census, "secret-missing");
    ck_assert_str_eq(finding->fixes[3].secret, "my-registry");
    ck_assert_str_eq(finding->fixes[3].command,
                     "pullmend apply --use-secret my-registry --driver storage.csi.upcloud.com");
    done(census);
}
END_TEST

START_TEST(each_kind_of_content_has_its_rule)
{
    static const struct {
        const char *payload;
        const char *rule;
    } cases[] = {
        {"{\"auths\":{\"ghcr.io\":{\"auth\":\"!\"}}}", "secret-malformed"},
        {"{\"auths\":{\"quay.io\":{\"username\":\"u\",\"password\":\"p\"}}}", "secret-no-match"},
        {"{\"auths\":{}}", "secret-empty"},
        {"{\"auths\":{\"ghcr.io\":{}}}", "secret-empty-entry"},
        {"{\"auths\":{\"ghcr.io\":{\"identitytoken\":\"t\"}}}", "secret-identity-token"},
        {"{\"auths\":{\"ghcr.io\":{\"username\":\"<token>\",\"password\":\"p\"}}}",
         "secret-identity-token"},
        {"{\"auths\":{\"ghcr.io\":{\"username\":\"u\",\"password\":\"a\"},"
         "\"https://ghcr.io/\":{\"username\":\"u\",\"password\":\"b\"}}}",
         "secret-two-spellings"},
        /* {"alg":"none"}.{"exp":1767243600}: an hour before the present of the tests */
        {"{\"auths\":{\"ghcr.io\":{\"username\":\"u\",\"password\":"
         "\"eyJhbGciOiJub25lIn0.eyJleHAiOjE3NjcyNDM2MDB9.c2ln\"}}}",
         "credential-expired"},
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct csi_census *census = upcloud_census(1, REGCRED);
        put_secret(census, "kube-system", "regcred", DOCKER_TYPE, cases[i].payload);
        ck_assert_uint_eq(need(census, cases[i].rule)->pods, 2);
        done(census);
    }
}
END_TEST

START_TEST(a_broken_immutable_secret_wants_another_name)
{
    struct csi_census *census = upcloud_census(1, REGCRED);
    cJSON *secret = fixture_json("{'metadata':{'name':'regcred','namespace':'kube-system'},"
                                 "'immutable':true,'type':'Opaque','data':{}}");
    csi_census_put_secret(census, secret);
    cJSON_Delete(secret);
    ck_assert_str_eq(changes(need(census, "secret-immutable")), "use-secret:3");
    done(census);
}
END_TEST

START_TEST(one_unreadable_secret_spoils_the_sound_one)
{
    struct csi_census *census = upcloud_census(1, "[{'name':'good'},{'name':'bad'}]");
    put_secret(census, "kube-system", "good", DOCKER_TYPE, GHCR);
    put_secret(census, "kube-system", "bad", DOCKER_TYPE,
               "{\"auths\":{\"other.io\":{\"auth\":\"!\"}}}");
    ck_assert_str_eq(need(census, "secret-spoils-others")->secret_name, "bad");
    ck_assert_int_eq(need(census, "secret-malformed")->severity, CSI_ERROR);
    done(census);
}
END_TEST

START_TEST(hubs_key_without_its_slash_is_named)
{
    struct csi_census *census = csi_census_new();
    begin_lists(census);
    put_pod(census, "{'metadata':{'name':'p','namespace':'x','uid':'1'},'spec':{"
                    "'imagePullSecrets':[{'name':'hub'}],'containers':[{'name':'csi-attacher',"
                    "'image':'amazon/csi-attacher:v1'}]}}");
    put_secret(census, "x", "hub", DOCKER_TYPE,
               "{\"auths\":{\"https://index.docker.io/v1\":{\"username\":\"u\",\"password\":"
               "\"p\"}}}");
    end_lists(census);
    const struct csi_finding *finding = need(census, "secret-hub-key");
    ck_assert_ptr_nonnull(strstr(finding->fixes[0].command, "https://index.docker.io/v1/ "));
    done(census);
}
END_TEST

START_TEST(empty_duplicate_and_optional_references_are_told_apart)
{
    struct csi_census *census = upcloud_census(1, "[{'name':''}]");
    ck_assert_str_eq(changes(need(census, "secret-empty-name")),
                     "drop-reference:3 use-secret:3 kubespray:0");
    done(census);
    census = upcloud_census(1, "[{'name':'a'},{'name':'a'}]");
    ck_assert_uint_eq(need(census, "reference-duplicate")->pods, 2);
    done(census);
    census = upcloud_census(1, "[{'name':'good'},{'name':'entitlement'}]");
    put_secret(census, "kube-system", "good", DOCKER_TYPE, GHCR);
    ck_assert_str_eq(need(census, "reference-optional")->secret_name, "entitlement");
    ck_assert_int_eq(need(census, "secret-missing")->severity, CSI_INFO);
    done(census);
}
END_TEST

START_TEST(the_service_accounts_list_can_be_hidden_or_too_new)
{
    struct csi_census *census = upcloud_census(1, REGCRED);
    put_account(census, "kube-system", "csi-upcloud-node-sa", "[{'name':'good'}]");
    const struct csi_finding *finding = need(census, "account-secret-shadowed");
    ck_assert_int_eq(finding->severity, CSI_WARNING);
    ck_assert_str_eq(finding->secret_name, "good");
    ck_assert_uint_eq(finding->pods, 1);
    done(census);
    census = upcloud_census(1, "[]");
    put_account(census, "kube-system", "csi-upcloud-node-sa", "[{'name':'good'}]");
    finding = need(census, "account-newer-than-pods");
    ck_assert_str_eq(finding->fixes[0].command,
                     "kubectl -n kube-system rollout restart DaemonSet/csi-upcloud-node");
    done(census);
}
END_TEST

START_TEST(what_may_not_be_read_is_said_with_the_missing_right)
{
    struct csi_census *census = upcloud_census(1, REGCRED);
    csi_census_secrets_unreadable(census, NULL);
    const struct csi_finding *finding = need(census, "secret-unknown");
    ck_assert_int_eq(finding->severity, CSI_INFO);
    ck_assert_ptr_nonnull(strstr(finding->explanation, "list"));
    ck_assert_ptr_null(find(census, "secret-missing"));
    done(census);
}
END_TEST

START_TEST(old_and_new_kubelets_are_said_to_report_nothing)
{
    struct csi_census *census = upcloud_census(1, REGCRED);
    csi_census_set_server_version(census, "v1.27.3");
    const struct csi_finding *finding = need(census, "warnings-not-reported");
    ck_assert_ptr_nonnull(strstr(finding->message, "kubelets (v1.27)"));
    ck_assert(!csi_census_pod(census, "kube-system", "csi-upcloud-node-0")->warnings.rate_known);
    csi_census_set_server_version(census, "v1.36.2");
    ck_assert_ptr_null(find(census, "warnings-not-reported"));
    csi_census_set_server_version(census, "v1.37.0");
    ck_assert_ptr_nonnull(need(census, "warnings-not-reported"));
    done(census);
}
END_TEST

START_TEST(what_was_counted_was_reported)
{
    struct csi_census *census = upcloud_census(1, REGCRED);
    csi_census_set_server_version(census, "v1.27.3");
    ck_assert_uint_eq(need(census, "warnings-not-reported")->pods, 2);
    put_count(census, true, fixture_now, "csi-upcloud-node-0",
              csi_census_pod(census, "kube-system", "csi-upcloud-node-0")->uid, 10, 600, 10);
    ck_assert_uint_eq(need(census, "warnings-not-reported")->pods, 1);
    csi_census_set_server_version(census, "v1.37.0");
    ck_assert_uint_eq(need(census, "warnings-not-reported")->pods, 1);
    put_count(census, true, fixture_now, "csi-upcloud-controller-0",
              csi_census_pod(census, "kube-system", "csi-upcloud-controller-0")->uid, 2, 60, 10);
    ck_assert_ptr_null(find(census, "warnings-not-reported"));
    done(census);
}
END_TEST

START_TEST(kubelets_from_35_on_make_cached_images_no_shield)
{
    struct csi_census *census = upcloud_census(1, REGCRED);
    csi_census_set_server_version(census, "v1.36.2");
    cJSON *node = fixture_json("{'cells':['worker-0','Ready','<none>','5d','v1.34.1']}");
    /* the node's pods always pull; the controller does not and is on worker-0, too */
    ck_assert_uint_eq(need(census, "image-cache-no-shield")->pods, 1);
    csi_census_put_node_row(census, node);
    ck_assert_ptr_null(find(census, "image-cache-no-shield"));
    cJSON_Delete(node);
    done(census);
}
END_TEST

START_TEST(frozen_registries_stale_static_and_odd_pods_are_found)
{
    struct csi_census *census = csi_census_new();
    begin_lists(census);
    put_pod(census, "{'metadata':{'name':'p','namespace':'x','annotations':"
                    "{'kubernetes.io/config.mirror':'h'}},'spec':{"
                    "'imagePullSecrets':['regcred'],'containers':[{'name':'csi-attacher',"
                    "'image':'k8s.gcr.io/sig-storage/csi-snapshotter:v4'}]}}");
    end_lists(census);
    ck_assert_ptr_nonnull(strstr(need(census, "registry-frozen")->message, "registry.k8s.io"));
    ck_assert_ptr_nonnull(need(census, "pod-static"));
    ck_assert_ptr_nonnull(strstr(need(census, "object-odd")->message, "no uid"));
    done(census);
}
END_TEST

START_TEST(a_misplaced_list_is_read_from_what_was_applied)
{
    struct csi_census *census = csi_census_new();
    cJSON *set = fixture_json("{'kind':'DaemonSet','metadata':{'name':'d','namespace':'x',"
                              "'annotations':{}},'spec':{'template':{'spec':{'containers':"
                              "[{'name':'node-driver-registrar','image':'r'}]}}}}");
    cJSON_AddStringToObject(
        cJSON_GetObjectItem(cJSON_GetObjectItem(set, "metadata"), "annotations"),
        "kubectl.kubernetes.io/last-applied-configuration",
        "{\"spec\":{\"imagePullSecrets\":[{\"name\":\"a\"}],\"template\":{\"spec\":{}}}}");
    csi_census_put_workload(census, "DaemonSet", set);
    cJSON_Delete(set);
    ck_assert_ptr_nonnull(strstr(need(census, "reference-misplaced")->message, "DaemonSet x/d"));
    done(census);
}
END_TEST

START_TEST(a_workload_that_was_left_out_is_found_by_its_siblings)
{
    struct csi_census *census = upcloud_census(1, REGCRED);
    put_secret(census, "kube-system", "regcred", DOCKER_TYPE, GHCR);
    put_failing_pod(census, "csi-upcloud-node-x", "[]", "ErrImagePull", UNAUTHORIZED);
    ck_assert_str_eq(need(census, "reference-not-propagated")->secret_name, "regcred");
    done(census);
}
END_TEST

START_TEST(an_ecr_token_older_than_its_life_is_found)
{
    struct csi_census *census = upcloud_census(1, REGCRED);
    put_secret(census, "kube-system", "regcred", DOCKER_TYPE,
               "{\"auths\":{\"123456789012.dkr.ecr.eu-west-1.amazonaws.com\":{\"username\":"
               "\"AWS\",\"password\":\"p\"}}}");
    ck_assert_ptr_null(find(census, "credential-short-lived"));
    csi_findings_free(&findings);
    csi_census_settle(census, fixture_now + (int64_t)20 * 3600 * 1000);
    csi_diagnose(census, &findings);
    bool found = false;
    for (size_t i = 0; i < findings.count; i++) {
        found = found || strcmp(findings.items[i].rule->name, "credential-short-lived") == 0;
    }
    ck_assert(found);
    done(census);
}
END_TEST

START_TEST(a_template_without_pods_speaks_for_itself)
{
    struct csi_census *census = csi_census_new();
    begin_lists(census);
    put_upcloud_workloads(census, REGCRED);
    end_lists(census);
    const struct csi_finding *finding = need(census, "secret-missing");
    ck_assert_uint_eq(finding->pods, 0);
    ck_assert_ptr_nonnull(strstr(finding->message, "which has no pods"));
    done(census);
}
END_TEST

START_TEST(every_cause_of_a_failed_pull_has_a_rule)
{
    static const struct {
        const char *reason;
        const char *message;
        const char *rule;
    } cases[] = {
        {"ErrImagePull", "failed with status code [manifests v1]: 403 Forbidden", "pull-forbidden"},
        {"ErrImagePull", "rpc error: code = NotFound desc = x: not found", "pull-not-found"},
        {"illegal base64 data at input byte 3", "illegal base64 data at input byte 3",
         "pull-credential-unreadable"},
        {"ErrImagePull", "tls: failed to verify certificate: x509: unknown", "pull-certificate"},
        {"ImagePullBackOff", "dial tcp: lookup r.example: no such host", "pull-dns"},
        {"ErrImagePull", "dial tcp 127.0.0.1:5999: connect: connection refused",
         "pull-unreachable"},
        {"ErrImagePull", "toomanyrequests: You have reached your pull rate limit",
         "pull-rate-limited"},
        {"ErrImagePull", "net/http: TLS handshake timeout", "pull-timeout"},
        {"ErrImagePull", "unexpected status: 503 Service Unavailable", "pull-server-error"},
        {"ErrImagePull", "write /x: no space left on device", "pull-disk-full"},
        {"InvalidImageName", "couldn't parse image name", "pull-invalid-name"},
        {"ErrImageNeverPull", "not present with pull policy of Never", "pull-never"},
        {"ErrImagePull", "no match for platform in manifest: not found", "pull-platform"},
        {"SignatureValidationFailed", "a signature was required", "pull-signature"},
        {"ErrImagePull", "x is no longer supported since containerd v2.1", "pull-old-format"},
        {"ImagePullBackOff", "Back-off pulling image x", "pull-failed"},
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct csi_census *census = csi_census_new();
        cJSON *pod = fixture_json("{'metadata':{'name':'p','namespace':'x','uid':'1'},'spec':{"
                                  "'containers':[{'name':'csi-attacher','image':'r/a:v1'}]},"
                                  "'status':{'containerStatuses':[{'name':'csi-attacher','state':"
                                  "{'waiting':{}}}]}}");
        cJSON *status = cJSON_GetObjectItem(pod, "status");
        cJSON *waiting = cJSON_GetObjectItem(
            cJSON_GetObjectItem(
                cJSON_GetArrayItem(cJSON_GetObjectItem(status, "containerStatuses"), 0), "state"),
            "waiting");
        cJSON_AddStringToObject(waiting, "reason", cases[i].reason);
        cJSON_AddStringToObject(waiting, "message", cases[i].message);
        csi_census_put_pod(census, pod);
        cJSON_Delete(pod);
        ck_assert_int_eq(need(census, cases[i].rule)->severity, CSI_ERROR);
        done(census);
    }
}
END_TEST

START_TEST(every_rule_has_a_page_and_a_name_of_its_own)
{
    size_t count;
    const struct csi_rule *rules = csi_rules(&count);
    ck_assert_uint_ge(count, 40);
    for (size_t i = 0; i < count; i++) {
        ck_assert_ptr_nonnull(rules[i].title);
        ck_assert_uint_gt(strlen(rules[i].explanation), 40);
        ck_assert_uint_gt(strlen(rules[i].consequence), 30);
        ck_assert_str_eq(csi_rule_by_name(rules[i].name)->title, rules[i].title);
        for (size_t j = 0; j < i; j++) {
            ck_assert_str_ne(rules[i].name, rules[j].name);
        }
    }
    ck_assert_ptr_null(csi_rule_by_name("no-such-rule"));
}
END_TEST

START_TEST(a_sound_cluster_has_no_finding_above_info)
{
    struct csi_census *census = upcloud_census(3, "[]");
    find(census, "");
    bool any;
    ck_assert_int_eq(csi_findings_worst(&findings, &any), CSI_INFO);
    done(census);
    census = upcloud_census(3, REGCRED);
    put_secret(census, "kube-system", "regcred", DOCKER_TYPE, GHCR);
    find(census, "");
    ck_assert_uint_eq(findings.count, 0);
    done(census);
}
END_TEST

Suite *suite_findings(void)
{
    const TTest *tests[] = {
        a_missing_secret_of_public_images_is_a_warning_with_every_way_out,
        a_missing_secret_of_private_images_is_an_error_and_dropping_is_no_way_out,
        a_secret_of_that_name_elsewhere_can_be_copied,
        the_clouds_credential_is_no_pull_secret,
        another_secret_that_serves_the_images_is_proposed,
        each_kind_of_content_has_its_rule,
        a_broken_immutable_secret_wants_another_name,
        one_unreadable_secret_spoils_the_sound_one,
        hubs_key_without_its_slash_is_named,
        empty_duplicate_and_optional_references_are_told_apart,
        the_service_accounts_list_can_be_hidden_or_too_new,
        what_may_not_be_read_is_said_with_the_missing_right,
        old_and_new_kubelets_are_said_to_report_nothing,
        what_was_counted_was_reported,
        kubelets_from_35_on_make_cached_images_no_shield,
        frozen_registries_stale_static_and_odd_pods_are_found,
        a_misplaced_list_is_read_from_what_was_applied,
        a_workload_that_was_left_out_is_found_by_its_siblings,
        an_ecr_token_older_than_its_life_is_found,
        a_template_without_pods_speaks_for_itself,
        every_cause_of_a_failed_pull_has_a_rule,
        every_rule_has_a_page_and_a_name_of_its_own,
        a_sound_cluster_has_no_finding_above_info,
        NULL};
    return suite_of("findings", tests);
}
