#include "fixtures.h"
#include "runner.h"

#include <string.h>

#include "csi/findings.h"

Suite *suite_fixes(void);

/* What a finding proposes fits the cluster: the right Secret, entry, user and kind of restart. */

static struct csi_findings findings;

/* The first command of a rule; "" without one; NULL: no such finding. */
static const char *command_of(struct csi_census *census, const char *rule)
{
    csi_findings_free(&findings);
    csi_census_settle(census, fixture_now);
    csi_diagnose(census, &findings);
    for (size_t i = 0; i < findings.count; i++) {
        const struct csi_finding *finding = &findings.items[i];
        if (strcmp(finding->rule->name, rule) == 0) {
            return finding->fix_count == 0 ? "" : finding->fixes[0].command;
        }
    }
    return NULL;
}

static void expect(struct csi_census *census, const char *rule, const char *words)
{
    const char *command = command_of(census, rule);
    ck_assert_msg(command != NULL, "no finding %s", rule);
    ck_assert_msg(strstr(command, words) != NULL, "%s", command);
}

static void done(struct csi_census *census)
{
    csi_findings_free(&findings);
    csi_census_free(census);
}

START_TEST(the_entry_that_was_refused_is_renewed_with_its_user)
{
    struct csi_census *census = upcloud_census(1, "[{'name':'regcred'}]");
    put_secret(census, "kube-system", "regcred", DOCKER_TYPE,
               "{\"auths\":{\"other.example.com\":{\"username\":\"a\",\"password\":\"p\"},"
               "\"ghcr.io/upcloudltd\":{\"username\":\"robot$ci's\",\"password\":\"p\"}}}");
    put_failing_pod(census, "csi-upcloud-node-9", "[{'name':'regcred'}]", "ErrImagePull",
                    "401 Unauthorized");
    expect(census, "secret-rejected",
           "--docker-server ghcr.io/upcloudltd --docker-username 'robot$ci'\\''s' ");
    done(census);
}
END_TEST

START_TEST(the_entry_that_cannot_be_read_is_the_one_to_renew)
{
    struct csi_census *census = upcloud_census(1, "[{'name':'regcred'}]");
    put_secret(census, "kube-system", "regcred", DOCKER_TYPE,
               "{\"auths\":{\"ghcr.io\":{\"username\":\"u\",\"password\":\"p\"},"
               "\"https://broken.example.com/v1/\":{\"auth\":\"!\"}}}");
    expect(census, "secret-malformed", "--docker-server https://broken.example.com/v1/ ");
    put_secret(census, "kube-system", "regcred", DOCKER_TYPE, "{\"auths\":\"x\"}");
    expect(census, "secret-malformed", "--docker-server ghcr.io ");
    done(census);
}
END_TEST

START_TEST(a_secret_that_opens_nothing_is_not_proposed)
{
    struct csi_census *census = upcloud_census(1, "[{'name':''}]");
    put_secret(census, "kube-system", "blank", DOCKER_TYPE, "{\"auths\":{\"ghcr.io\":{}}}");
    put_secret(census, "kube-system", "identity", DOCKER_TYPE,
               "{\"auths\":{\"ghcr.io\":{\"username\":\"u\",\"identitytoken\":\"t\"}}}");
    ck_assert_ptr_nonnull(command_of(census, "secret-empty-name"));
    for (size_t i = 0; i < findings.count; i++) {
        for (size_t j = 0; j < findings.items[i].fix_count; j++) {
            const char *secret = findings.items[i].fixes[j].secret;
            ck_assert_msg(secret == NULL, "%s is proposed", secret);
        }
    }
    done(census);
}
END_TEST

#define BARE                                                                                       \
    "{'metadata':{'name':'p','namespace':'x','uid':'1'%s},'spec':{'imagePullSecrets':"             \
    "[{'name':'regcred'}],'containers':[{'name':'csi-attacher','image':'r.example.com/a:v1'}]}}"

START_TEST(what_the_api_cannot_change_is_not_offered)
{
    struct csi_census *census = csi_census_new();
    begin_lists(census);
    put_pod(census, BARE, "");
    end_lists(census);
    expect(census, "secret-missing", "--create-secret regcred "); /* its list stays as it is */
    put_pod(census, BARE, ",'annotations':{'kubernetes.io/config.mirror':'h'}");
    ck_assert_str_eq(command_of(census, "secret-missing"), "");
    done(census);
}
END_TEST

#define NEWER(strategy)                                                                            \
    "{'kind':'DaemonSet','metadata':{'name':'d','namespace':'x','uid':'u'},'spec':{"               \
    "'updateStrategy':{'type':'" strategy "'},'template':{'spec':{'serviceAccountName':'s',"       \
    "'containers':[{'name':'node-driver-registrar','image':'r.example.com/a:v1'}]}}}}"

START_TEST(pods_that_no_rollout_replaces_are_deleted)
{
    struct csi_census *census = csi_census_new();
    begin_lists(census);
    put_workload(census, NEWER("OnDelete"));
    put_account(census, "x", "s", "[{'name':'regcred'}]");
    put_pod(census, "{'metadata':{'name':'d-1','namespace':'x','uid':'1','ownerReferences':["
                    "{'kind':'DaemonSet','name':'d','controller':true}]},'spec':{"
                    "'serviceAccountName':'s','containers':[{'name':'node-driver-registrar',"
                    "'image':'r.example.com/a:v1'}]}}");
    end_lists(census);
    ck_assert_str_eq(command_of(census, "account-newer-than-pods"), "kubectl -n x delete pod d-1");
    put_workload(census, NEWER("RollingUpdate"));
    ck_assert_str_eq(command_of(census, "account-newer-than-pods"),
                     "kubectl -n x rollout restart DaemonSet/d");
    done(census);
}
END_TEST

START_TEST(a_sound_secret_beside_it_makes_a_broken_one_harmless_for_cached_images)
{
    struct csi_census *census = upcloud_census(1, "[{'name':'good'},{'name':'regcred'}]");
    csi_census_set_server_version(census, "v1.36.2");
    ck_assert_ptr_nonnull(command_of(census, "image-cache-no-shield"));
    put_secret(
        census, "kube-system", "good", DOCKER_TYPE,
        "{\"auths\":{\"ghcr.io\":{\"username\":\"u\",\"password\":\"p\"},\"registry.k8s.io\":"
        "{\"username\":\"u\",\"password\":\"p\"}}}");
    ck_assert_ptr_null(command_of(census, "image-cache-no-shield"));
    done(census);
}
END_TEST

START_TEST(a_list_that_is_null_in_its_right_place_is_not_misplaced)
{
    struct csi_census *census = csi_census_new();
    cJSON *set = fixture_json("{'kind':'DaemonSet','metadata':{'name':'d','namespace':'x',"
                              "'annotations':{}},'spec':{'template':{'spec':{'containers':"
                              "[{'name':'node-driver-registrar','image':'r'}]}}}}");
    cJSON_AddStringToObject(
        cJSON_GetObjectItem(cJSON_GetObjectItem(set, "metadata"), "annotations"),
        "kubectl.kubernetes.io/last-applied-configuration",
        "{\"spec\":{\"template\":{\"spec\":{\"imagePullSecrets\":null}}}}");
    csi_census_put_workload(census, "DaemonSet", set);
    cJSON_Delete(set);
    ck_assert_ptr_null(command_of(census, "reference-misplaced"));
    done(census);
}
END_TEST

START_TEST(an_immutable_secret_is_not_to_be_filled)
{
    struct csi_census *census = upcloud_census(1, "[{'name':'regcred'}]");
    cJSON *secret = fixture_json("{'metadata':{'namespace':'kube-system','name':'regcred'},"
                                 "'type':'" DOCKER_TYPE "','immutable':true,'data':{"
                                 "'.dockerconfigjson':'eyJhdXRocyI6IngifQ=='}}");
    csi_census_put_secret(census, secret);
    cJSON_Delete(secret);
    expect(census, "secret-malformed", "--drop-reference");
    for (size_t i = 0; i < findings.count; i++) {
        for (size_t j = 0; j < findings.items[i].fix_count; j++) {
            ck_assert_ptr_null(strstr(findings.items[i].fixes[j].command, "rotate"));
        }
    }
    done(census);
}
END_TEST

START_TEST(two_spellings_with_one_login_are_harmless)
{
    struct csi_census *census = upcloud_census(1, "[{'name':'regcred'}]");
    put_secret(census, "kube-system", "regcred", DOCKER_TYPE,
               "{\"auths\":{\"https://ghcr.io\":{\"username\":\"u\",\"password\":\"p\"},"
               "\"ghcr.io/\":{\"username\":\"u\",\"password\":\"p\"}}}");
    ck_assert_ptr_null(command_of(census, "secret-two-spellings"));
    put_secret(census, "kube-system", "regcred", DOCKER_TYPE,
               "{\"auths\":{\"https://ghcr.io\":{\"username\":\"u\",\"password\":\"p\"},"
               "\"ghcr.io/\":{\"username\":\"u\",\"password\":\"old\"}}}");
    expect(census, "secret-two-spellings", "secret rotate regcred");
    done(census);
}
END_TEST

START_TEST(pods_that_get_a_secret_restart_as_well)
{
    struct csi_census *census = upcloud_census(1, "[]");
    put_failing_pod(census, "csi-upcloud-node-9", "[]", "ErrImagePull", "401 Unauthorized");
    expect(census, "pull-unauthorized", "--use-secret");
    for (size_t i = 0; i < findings.count; i++) {
        if (strcmp(findings.items[i].rule->name, "pull-unauthorized") == 0) {
            ck_assert_int_ge(findings.items[i].fixes[0].restarts, 1);
        }
    }
    done(census);
}
END_TEST

/* A token that ended in 2023. */
#define ENDED(host)                                                                                \
    "{\"auths\":{\"" host "\":{\"username\":\"u\",\"password\":"                                   \
    "\"eyJhbGciOiJub25lIn0.eyJleHAiOjE2ODAwMDAwMDB9.c2ln\"}}}"

static enum csi_severity severity_of(struct csi_census *census, const char *rule)
{
    ck_assert_ptr_nonnull(command_of(census, rule));
    size_t i = 0;
    while (strcmp(findings.items[i].rule->name, rule) != 0) {
        i++;
    }
    return findings.items[i].severity;
}

START_TEST(a_login_that_has_ended_is_as_bad_as_the_next_pull_is_near)
{
    struct csi_census *census = csi_census_new();
    begin_lists(census);
    put_pod(census, BARE, "");
    end_lists(census);
    put_secret(census, "x", "regcred", DOCKER_TYPE, ENDED("r.example.com"));
    ck_assert_int_eq(severity_of(census, "credential-expired"), CSI_WARNING);
    put_secret(census, "x", "regcred", DOCKER_TYPE, ENDED("other.example.com"));
    ck_assert_int_eq(severity_of(census, "credential-expired"), CSI_INFO);
    put_pod(census, "{'metadata':{'name':'p','namespace':'x','uid':'1'},'spec':{"
                    "'imagePullSecrets':[{'name':'regcred'}],'containers':[{'name':'csi-attacher',"
                    "'image':'r.example.com/a:v1','imagePullPolicy':'Always'}]}}");
    ck_assert_int_eq(severity_of(census, "credential-expired"), CSI_INFO);
    put_secret(census, "x", "regcred", DOCKER_TYPE, ENDED("r.example.com"));
    ck_assert_int_eq(severity_of(census, "credential-expired"), CSI_ERROR);
    done(census);
}
END_TEST

Suite *suite_fixes(void)
{
    const TTest *tests[] = {the_entry_that_was_refused_is_renewed_with_its_user,
                            the_entry_that_cannot_be_read_is_the_one_to_renew,
                            a_secret_that_opens_nothing_is_not_proposed,
                            what_the_api_cannot_change_is_not_offered,
                            pods_that_no_rollout_replaces_are_deleted,
                            a_sound_secret_beside_it_makes_a_broken_one_harmless_for_cached_images,
                            a_list_that_is_null_in_its_right_place_is_not_misplaced,
                            an_immutable_secret_is_not_to_be_filled,
                            two_spellings_with_one_login_are_harmless,
                            pods_that_get_a_secret_restart_as_well,
                            a_login_that_has_ended_is_as_bad_as_the_next_pull_is_near,
                            NULL};
    return suite_of("fixes", tests);
}
