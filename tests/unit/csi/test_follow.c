#include "fake_kube.h"
#include "fixtures.h"
#include "runner.h"

#include <stdlib.h>
#include <string.h>

#include "base/loop.h"
#include "csi/follow.h"

Suite *suite_follow(void);

static const struct kube_resource *const resources[] = {
    &kube_daemon_sets, &kube_stateful_sets, &kube_deployments,
    &kube_csi_drivers, &kube_secrets,       &kube_service_accounts,
    &kube_pods,        &kube_events,        &kube_nodes};

/* What the handler heard. */
struct heard {
    int changes, completes, failures;
    enum error_kind failure;
    struct csi_follow **stop; /* stop this one in the next callback */
};

static struct loop *loop;
static struct kube_client *client;
static struct csi_follow *follow;
static struct heard heard;

static void maybe_stop(void)
{
    if (heard.stop != NULL) {
        csi_follow_stop(*heard.stop);
        *heard.stop = NULL;
        heard.stop = NULL;
    }
}

static void on_change(void *context)
{
    ((struct heard *)context)->changes++;
    maybe_stop();
}

static void on_complete(void *context)
{
    ((struct heard *)context)->completes++;
    maybe_stop();
}

static void on_failure(void *context, const struct error *err)
{
    ((struct heard *)context)->failures++;
    ((struct heard *)context)->failure = err->kind;
    maybe_stop();
}

static void start(bool watching, bool content, bool with_changes)
{
    struct csi_follow_options options = {.secret_content = content, .keep_watching = watching};
    struct csi_follow_handler handler = {with_changes ? on_change : NULL, on_complete, on_failure};
    loop = loop_new();
    client = fake_client_new(loop);
    heard = (struct heard){0};
    follow = csi_follow_start(client, &options, &handler, &heard);
}

static void finish(void)
{
    csi_follow_stop(follow);
    ck_assert_int_eq(fake_gets(client), 0);
    for (size_t i = 0; i < sizeof(resources) / sizeof(resources[0]); i++) {
        ck_assert(!fake_is_open(client, resources[i]));
    }
    loop_free(loop);
    fake_client_free(client);
}

/* Runs the loop until the handler has heard of all that was put. */
static void settle(void)
{
    int before = heard.changes + heard.completes + heard.failures;
    for (int i = 0; i < 100 && heard.changes + heard.completes + heard.failures == before; i++) {
        loop_step(loop, 20);
    }
}

static cJSON *pod(void)
{
    return fixture_json(
        "{'metadata':{'name':'n-1','namespace':'kube-system','uid':'u1'},'spec':{"
        "'imagePullSecrets':[{'name':'regcred'}],'nodeName':'w-1','containers':[{'name':'r',"
        "'image':'ghcr.io/x/csi-node-driver-registrar:v1'}],'volumes':[{'hostPath':{'path':"
        "'/var/lib/kubelet/plugins/a.example.com'}}]},'status':{'phase':'Running'}}");
}

static cJSON *secret_row(const char *type)
{
    return fixture_json("{'cells':['regcred','%s',1,'1s'],'object':{'metadata':{'name':'regcred',"
                        "'namespace':'kube-system','uid':'s','resourceVersion':'7'}}}",
                        type);
}

static cJSON *secret(void)
{
    return fixture_json("{'metadata':{'name':'regcred','namespace':'kube-system',"
                        "'resourceVersion':'7'},'type':'" DOCKER_TYPE "','data':{"
                        "'.dockerconfigjson':'eyJhdXRocyI6eyJnaGNyLmlvIjp7InVzZXJuYW1lIjoidSIs"
                        "InBhc3N3b3JkIjoicCJ9fX0='}}");
}

static void sync_all_but(const struct kube_resource *left_out)
{
    for (size_t i = 0; i < sizeof(resources) / sizeof(resources[0]); i++) {
        if (resources[i] != left_out) {
            fake_synced(client, resources[i]);
        }
    }
}

static enum csi_secret_state state(void)
{
    size_t count;
    struct csi_driver *const *drivers = csi_census_drivers(csi_follow_census(follow), &count);
    ck_assert_uint_eq(count, 1);
    return drivers[0]->state;
}

START_TEST(one_reading_lists_each_kind_once_and_reads_the_secret_that_matters)
{
    start(false, true, false);
    ck_assert(fake_query(client, &kube_secrets)->table);
    ck_assert(fake_query(client, &kube_nodes)->cells_only);
    ck_assert_str_eq(fake_query(client, &kube_events)->field_selector,
                     "type=Warning,reason=FailedToRetrieveImagePullSecret");
    fake_item(client, &kube_pods, KUBE_LISTED, pod());
    fake_item(client, &kube_secrets, KUBE_LISTED, secret_row(DOCKER_TYPE));
    sync_all_but(NULL);
    ck_assert(
        fake_answer(client, "/version", fixture_json("{'gitVersion':'v1.36.2'}"), ERROR_NONE));
    ck_assert_int_eq(fake_gets(client), 1);
    ck_assert_int_eq(heard.completes, 0);
    ck_assert(fake_answer(client, "secrets/kube-system/regcred", secret(), ERROR_NONE));
    settle();
    ck_assert_int_eq(heard.completes, 1);
    ck_assert_int_eq(heard.failures, 0);
    ck_assert_int_eq(state(), CSI_SECRET_OK);
    ck_assert_str_eq(csi_follow_state(follow)->server_version, "v1.36.2");
    ck_assert(csi_follow_state(follow)->complete);
    ck_assert_int_eq(csi_follow_state(follow)->link.link, KUBE_LIVE);
    for (size_t i = 0; i < sizeof(resources) / sizeof(resources[0]); i++) {
        ck_assert_int_eq(fake_begun(client, resources[i]), 1);
    }
    finish();
}
END_TEST

START_TEST(without_secret_content_no_secret_is_ever_read)
{
    start(false, false, false);
    fake_item(client, &kube_pods, KUBE_LISTED, pod());
    fake_item(client, &kube_secrets, KUBE_LISTED, secret_row(DOCKER_TYPE));
    sync_all_but(NULL);
    fake_answer(client, "/version", fixture_json("{}"), ERROR_NONE);
    csi_follow_read_secret(follow, "kube-system", "regcred");
    ck_assert_int_eq(fake_gets(client), 0);
    settle();
    ck_assert_int_eq(heard.completes, 1);
    ck_assert_int_eq(state(), CSI_SECRET_OK);
    finish();
}
END_TEST

START_TEST(where_secrets_may_not_be_listed_they_are_read_by_name)
{
    start(false, true, false);
    fake_item(client, &kube_pods, KUBE_LISTED, pod());
    sync_all_but(&kube_secrets);
    fake_refuse(client, &kube_secrets, ERROR_FORBIDDEN, 403);
    fake_answer(client, "/version", NULL, ERROR_FORBIDDEN);
    ck_assert(fake_answer(client, "secrets/kube-system/regcred", NULL, ERROR_NOT_FOUND));
    settle();
    ck_assert_int_eq(heard.completes, 1);
    ck_assert_int_eq(state(), CSI_SECRET_MISSING);
    ck_assert_str_eq(csi_follow_state(follow)->refused[0], "secrets");
    ck_assert_ptr_null(csi_follow_state(follow)->refused[1]);
    finish();
}
END_TEST

START_TEST(where_secrets_may_not_be_read_at_all_they_are_unknown)
{
    start(false, true, false);
    fake_item(client, &kube_pods, KUBE_LISTED, pod());
    sync_all_but(&kube_secrets);
    fake_refuse(client, &kube_secrets, ERROR_FORBIDDEN, 403);
    fake_answer(client, "/version", NULL, ERROR_FORBIDDEN);
    ck_assert(fake_answer(client, "secrets/kube-system/regcred", NULL, ERROR_FORBIDDEN));
    settle();
    ck_assert_int_eq(heard.completes, 1);
    ck_assert_int_eq(state(), CSI_SECRET_UNKNOWN);
    finish();
}
END_TEST

START_TEST(a_secret_that_cannot_be_reached_is_tried_again_and_then_unknown)
{
    start(false, true, false);
    fake_item(client, &kube_pods, KUBE_LISTED, pod());
    fake_item(client, &kube_secrets, KUBE_LISTED, secret_row(DOCKER_TYPE));
    sync_all_but(NULL);
    fake_answer(client, "/version", NULL, ERROR_FORBIDDEN);
    for (int i = 0; i < 3; i++) {
        ck_assert(fake_answer(client, "/regcred", NULL, ERROR_UNAVAILABLE));
    }
    ck_assert_int_eq(fake_gets(client), 0);
    settle();
    ck_assert_int_eq(heard.completes, 1);
    ck_assert_int_eq(state(), CSI_SECRET_UNKNOWN);
    finish();
}
END_TEST

START_TEST(a_dead_server_fails_at_once_and_only_once)
{
    start(false, true, false);
    fake_refuse(client, &kube_daemon_sets, ERROR_UNAVAILABLE, 0);
    fake_refuse(client, &kube_pods, ERROR_UNAVAILABLE, 0);
    settle();
    settle();
    ck_assert_int_eq(heard.failures, 1);
    ck_assert_int_eq(heard.failure, ERROR_UNAVAILABLE);
    ck_assert_int_eq(heard.completes, 0);
    finish();
}
END_TEST

START_TEST(a_list_that_breaks_off_is_read_again_and_what_was_gone_is_swept)
{
    start(false, true, false);
    fake_item(client, &kube_pods, KUBE_LISTED, pod());
    fake_refuse(client, &kube_pods, ERROR_PROTOCOL, 200);
    for (int i = 0; i < 100 && !fake_is_open(client, &kube_pods); i++) {
        loop_step(loop, 100);
    }
    sync_all_but(NULL);
    fake_answer(client, "/version", NULL, ERROR_FORBIDDEN);
    settle();
    ck_assert_int_eq(fake_begun(client, &kube_pods), 2);
    ck_assert_int_eq(heard.completes, 1);
    size_t count;
    csi_census_drivers(csi_follow_census(follow), &count);
    ck_assert_uint_eq(count, 0);
    finish();
}
END_TEST

START_TEST(nobody_who_may_read_nothing_gets_an_empty_picture)
{
    start(false, true, false);
    for (size_t i = 0; i < sizeof(resources) / sizeof(resources[0]); i++) {
        fake_refuse(client, resources[i], ERROR_FORBIDDEN, 403);
    }
    settle();
    ck_assert_int_eq(heard.failures, 1);
    ck_assert_int_eq(heard.failure, ERROR_FORBIDDEN);
    finish();
}
END_TEST

START_TEST(watches_bring_changes_and_deletions)
{
    start(true, true, true);
    ck_assert(fake_is_open(client, &kube_pods));
    for (size_t i = 0; i + 1 < sizeof(resources) / sizeof(resources[0]); i++) {
        fake_relist(client, resources[i]);
    }
    fake_item(client, &kube_pods, KUBE_LISTED, pod());
    sync_all_but(NULL);
    fake_answer(client, "/version", NULL, ERROR_FORBIDDEN);
    settle();
    settle();
    ck_assert_int_eq(heard.completes, 1);
    ck_assert_int_eq(state(), CSI_SECRET_MISSING);
    ck_assert_int_eq(csi_follow_state(follow)->link.link, KUBE_LIVE);
    int before = heard.changes;
    fake_item(client, &kube_secrets, KUBE_ADDED, secret_row("Opaque"));
    settle();
    ck_assert_int_gt(heard.changes, before);
    ck_assert_int_eq(state(), CSI_SECRET_WRONG_TYPE);
    fake_item(client, &kube_secrets, KUBE_DELETED, secret_row("Opaque"));
    settle();
    ck_assert_int_eq(state(), CSI_SECRET_MISSING);
    fake_item(client, &kube_pods, KUBE_DELETED, pod());
    settle();
    size_t count;
    csi_census_drivers(csi_follow_census(follow), &count);
    ck_assert_uint_eq(count, 0);
    ck_assert_int_eq(heard.completes, 1);
    finish();
}
END_TEST

START_TEST(a_burst_of_items_is_told_once_a_frame)
{
    start(true, false, true);
    settle();
    int before = heard.changes;
    for (int i = 0; i < 1000; i++) {
        fake_item(client, &kube_pods, KUBE_MODIFIED, pod());
    }
    settle();
    ck_assert_int_eq(heard.changes, before + 1);
    finish();
}
END_TEST

START_TEST(a_lost_connection_shows_in_the_link_and_the_picture_stays)
{
    start(true, false, true);
    fake_item(client, &kube_pods, KUBE_LISTED, pod());
    sync_all_but(NULL);
    settle();
    fake_refuse(client, &kube_pods, ERROR_UNAVAILABLE, 0);
    settle();
    ck_assert_int_eq(csi_follow_state(follow)->link.link, KUBE_RECONNECTING);
    ck_assert_int_eq(heard.failures, 0);
    ck_assert_ptr_nonnull(csi_census_pod(csi_follow_census(follow), "kube-system", "n-1"));
    fake_synced(client, &kube_pods);
    settle();
    ck_assert_int_eq(csi_follow_state(follow)->link.link, KUBE_LIVE);
    finish();
}
END_TEST

START_TEST(it_may_be_stopped_in_each_of_its_callbacks)
{
    for (int round = 0; round < 3; round++) {
        start(false, false, round == 0);
        heard.stop = &follow;
        if (round == 1) {
            fake_refuse(client, &kube_pods, ERROR_AUTH, 401);
        } else {
            fake_item(client, &kube_pods, KUBE_LISTED, pod());
            sync_all_but(NULL);
            fake_answer(client, "/version", NULL, ERROR_FORBIDDEN);
        }
        settle();
        ck_assert_ptr_null(follow);
        finish();
    }
}
END_TEST

Suite *suite_follow(void)
{
    const TTest *tests[] = {one_reading_lists_each_kind_once_and_reads_the_secret_that_matters,
                            without_secret_content_no_secret_is_ever_read,
                            where_secrets_may_not_be_listed_they_are_read_by_name,
                            where_secrets_may_not_be_read_at_all_they_are_unknown,
                            a_secret_that_cannot_be_reached_is_tried_again_and_then_unknown,
                            a_dead_server_fails_at_once_and_only_once,
                            a_list_that_breaks_off_is_read_again_and_what_was_gone_is_swept,
                            nobody_who_may_read_nothing_gets_an_empty_picture,
                            watches_bring_changes_and_deletions,
                            a_burst_of_items_is_told_once_a_frame,
                            a_lost_connection_shows_in_the_link_and_the_picture_stays,
                            it_may_be_stopped_in_each_of_its_callbacks,
                            NULL};
    return suite_of("follow", tests);
}
