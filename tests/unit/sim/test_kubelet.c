#include "runner.h"

#include <unistd.h>

#include "base/alloc.h"
#include "base/clock.h"
#include "doc/json.h"
#include "registry_server.h"
#include "sim/cluster.h"
#include "sim/controllers.h"
#include "sim/pods.h"
#include "sim/scenario.h"

Suite *suite_kubelet(void);

#define NS "kube-system"

/* {"auths":{}} */
#define EMPTY "eyJhdXRocyI6e319"
#define SECRET                                                                                     \
    "{'apiVersion':'v1','kind':'Secret','metadata':{'name':'regcred','namespace':'kube-system'},"  \
    "'type':'kubernetes.io/dockerconfigjson','data':{'.dockerconfigjson':'%s'}}"

static long seen;

static bool warnings_grew(struct sim *sim)
{
    return cluster_count_events(sim, "FailedToRetrieveImagePullSecret") > seen + 6;
}

static bool all_run(struct sim *sim)
{
    return cluster_count_pods(sim, "csi-upcloud-node", "regcred", true) == 5 &&
           cluster_count_pods(sim, "csi-upcloud-controller", "regcred", true) == 1;
}

static bool an_hour_passed(struct sim *sim)
{
    return sim_cluster_ms(sim) > 3600000 + seen;
}

START_TEST(a_missing_secret_is_warned_of_at_each_sync_until_it_is_there)
{
    struct sim *sim = cluster_of("kubespray-upcloud", 3000);
    seen = cluster_count_events(sim, "FailedToRetrieveImagePullSecret");
    cluster_wait(sim, warnings_grew);
    char *empty = xasprintf(SECRET, EMPTY);
    cluster_create(sim, NS, empty);
    free(empty);
    long before = cluster_count_events(sim, "FailedToRetrieveImagePullSecret");
    seen = (long)sim_cluster_ms(sim) - 3600000 + 600000;
    cluster_wait(sim, an_hour_passed);
    ck_assert_int_eq(cluster_count_events(sim, "FailedToRetrieveImagePullSecret"), before);
    cluster_free(sim);
}
END_TEST

/* How often one pod's warning was counted, and its dates. */
static long first_warning(struct sim *sim, const char **first, const char **last)
{
    size_t count = 0;
    struct sim_object *const *events = sim_store_list(sim->store, sim_events(), NULL, &count);
    for (size_t i = 0; i < count; i++) {
        const cJSON *body = events[i]->body;
        if (strcmp(json_string_or(body, "reason", ""), "FailedToRetrieveImagePullSecret") == 0) {
            *first = json_string_or(body, "firstTimestamp", "");
            *last = json_string_or(body, "lastTimestamp", "");
            return (long)json_int(body, "count", 0);
        }
    }
    return 0;
}

static int64_t written_at;

static bool the_warning_was_written_again(struct sim *sim)
{
    return sim_store_version(sim->store) > written_at &&
           cluster_count_events(sim, "FailedToRetrieveImagePullSecret") != seen;
}

START_TEST(a_fast_cluster_counts_its_warnings_at_the_rate_of_its_past)
{
    /* Syncs run ten times as fast as the clock of events. */
    struct sim_options options = {.seed = 1, .speed = 6000, .event_speed = 600};
    struct error err = ERROR_INIT;
    struct sim *sim = sim_new(loop_new(), &options);
    ck_assert(sim_scenario_load(sim, "kubespray-upcloud", &err) &&
              sim_controllers_start(sim, &err));
    seen = cluster_count_events(sim, "FailedToRetrieveImagePullSecret");
    int64_t begun = sim_event_ms(sim);
    for (int i = 0; i < 6; i++) {
        written_at = sim_store_version(sim->store);
        cluster_wait(sim, the_warning_was_written_again);
    }
    /* One in 60 to 90 s a pod, 6 pods; each write tells of what came in five minutes before it. */
    double hours = (double)(sim_event_ms(sim) - begun) / 3600000;
    long grown = cluster_count_events(sim, "FailedToRetrieveImagePullSecret") - seen;
    ck_assert_int_le(grown, (long)(6 * 61 * (hours + 5.0 / 60)) + 6);
    struct loop *loop = sim->loop;
    sim_free(sim);
    loop_free(loop);
}
END_TEST

START_TEST(the_past_has_gone_through_the_spam_filter)
{
    struct sim *sim = cluster_of("kubespray-upcloud", 1);
    const char *first = "";
    const char *last = "";
    long count = first_warning(sim, &first, &last);
    ck_assert_int_gt(count, 260);
    ck_assert_int_lt(count, 320);
    int64_t from = 0;
    int64_t to = 0;
    ck_assert(clock_parse_rfc3339(first, &from) && clock_parse_rfc3339(last, &to));
    ck_assert_int_le(sim_now_ms(sim) - to, 300000 + 90000 + 2000);
    ck_assert_int_ge(sim_now_ms(sim) - from, 6 * 3600000);
    cluster_free(sim);
}
END_TEST

/* One warning, followed by its name. */
static struct {
    char name[256];
    char uid[64];
    long count;
    bool is_gone;
} followed;

static void follow(void *context, enum sim_change change, struct sim_object *object,
                   struct sim_object *previous)
{
    (void)context;
    (void)previous;
    if (change == SIM_DELETED && strcmp(object->uid, followed.uid) == 0) {
        followed.is_gone = true;
        followed.count = (long)json_int(object->body, "count", 0);
    }
}

static bool the_followed_one_is_gone(struct sim *sim)
{
    (void)sim;
    return followed.is_gone;
}

static bool the_followed_one_is_back(struct sim *sim)
{
    return sim_store_get(sim->store, sim_events(), NS, followed.name) != NULL;
}

START_TEST(an_event_that_has_expired_comes_back_by_its_name_with_its_count)
{
    struct sim *sim = cluster_of("kubespray-upcloud", 3000);
    size_t count = 0;
    struct sim_object *const *events = sim_store_list(sim->store, sim_events(), NULL, &count);
    ck_assert_uint_gt(count, 0);
    followed.is_gone = false;
    snprintf(followed.name, sizeof(followed.name), "%s", events[0]->name);
    snprintf(followed.uid, sizeof(followed.uid), "%s", events[0]->uid);
    sim_store_subscribe(sim->store, sim_events(), follow, NULL);
    char *empty = xasprintf(SECRET, EMPTY);
    cluster_create(sim, NS, empty); /* silence, for longer than an hour */
    free(empty);
    cluster_wait(sim, the_followed_one_is_gone);
    struct sim_store_options options = {.grace_seconds = -1};
    struct sim_status status = SIM_STATUS_INIT;
    ck_assert(
        sim_store_delete(sim->store, sim_secrets(), NS, "regcred", &options, NULL, NULL, &status));
    cluster_wait(sim, the_followed_one_is_back);
    const struct sim_object *back = sim_store_get(sim->store, sim_events(), NS, followed.name);
    ck_assert_str_ne(back->uid, followed.uid);
    ck_assert_int_ge(json_int(back->body, "count", 0), followed.count + 1);
    sim_store_unsubscribe(sim->store, follow, NULL);
    cluster_free(sim);
}
END_TEST

static bool no_warning_is_left(struct sim *sim)
{
    return cluster_count_events(sim, "FailedToRetrieveImagePullSecret") == 0;
}

START_TEST(events_end_an_hour_after_their_last_write)
{
    struct sim *sim = cluster_of("kubespray-upcloud", 30000);
    char *empty = xasprintf(SECRET, EMPTY);
    cluster_create(sim, NS, empty);
    free(empty);
    int64_t written = sim_cluster_ms(sim);
    ck_assert(!no_warning_is_left(sim));
    cluster_wait(sim, no_warning_is_left);
    ck_assert_int_gt(sim_cluster_ms(sim) - written, 3000000);
    cluster_free(sim);
}
END_TEST

START_TEST(the_spam_filter_lets_one_write_in_five_minutes_pass_and_the_count_jumps)
{
    struct sim *sim = cluster_of("kubespray-upcloud", 3000);
    seen = cluster_count_events(sim, "FailedToRetrieveImagePullSecret");
    int64_t begun = sim_cluster_ms(sim);
    int64_t version = sim_store_version(sim->store);
    cluster_wait(sim, warnings_grew);
    int64_t minutes = (sim_cluster_ms(sim) - begun) / 60000;
    ck_assert_int_le(sim_store_version(sim->store) - version, 6 * (minutes / 5 + 1));
    cluster_free(sim);
}
END_TEST

static bool some_back_off(struct sim *sim)
{
    return cluster_count_events(sim, "BackOff") > 0;
}

static const char *waiting_message(struct sim *sim, const char *reason)
{
    size_t count = 0;
    struct sim_object *const *pods = sim_store_list(sim->store, sim_pods(), NULL, &count);
    for (size_t i = 0; i < count; i++) {
        const cJSON *status = NULL;
        cJSON_ArrayForEach(status, json_at(pods[i]->body, "status", "containerStatuses", NULL))
        {
            const cJSON *waiting = json_at(status, "state", "waiting", NULL);
            if (strcmp(json_string_or(waiting, "reason", ""), reason) == 0) {
                return json_string_or(waiting, "message", "");
            }
        }
    }
    return NULL;
}

static bool shows_the_error(struct sim *sim)
{
    return waiting_message(sim, "ErrImagePull") != NULL;
}

static bool shows_the_back_off(struct sim *sim)
{
    return waiting_message(sim, "ImagePullBackOff") != NULL;
}

START_TEST(a_private_image_without_a_credential_fails_in_the_nodes_words)
{
    struct sim *sim = cluster_of("private-mirror", 600);
    ck_assert(some_back_off(sim));
    cluster_wait(sim, shows_the_error);
    const char *error = waiting_message(sim, "ErrImagePull");
    char *reference = xasprintf("failed to resolve reference \"%s/", sim_registry_address(sim));
    char *refusal = xasprintf(": pulling from host %s failed with status code [manifests v",
                              sim_registry_address(sim));
    ck_assert_ptr_nonnull(strstr(error, reference));
    ck_assert_ptr_nonnull(strstr(error, refusal));
    free(reference);
    free(refusal);
    cluster_wait(sim, shows_the_back_off);
    ck_assert_ptr_nonnull(strstr(waiting_message(sim, "ImagePullBackOff"), "\": ErrImagePull: "));
    cluster_free(sim);
}
END_TEST

START_TEST(pods_recover_when_the_secret_comes_after_their_back_off)
{
    struct sim *sim = cluster_of("private-mirror", 3000);
    ck_assert(!all_run(sim));
    char *good = cluster_credential(sim, "puller", "not-a-real-password");
    char *secret = xasprintf(SECRET, good);
    cluster_create(sim, NS, secret);
    free(secret);
    free(good);
    cluster_wait(sim, all_run);
    cluster_free(sim);
}
END_TEST

static bool failed_for_somebody(struct sim *sim)
{
    const char *message = waiting_message(sim, "ErrImagePull");
    return message != NULL &&
           strstr(message, "failed to fetch oauth token: unexpected status: 401") != NULL;
}

static bool failed_for_nobody(struct sim *sim)
{
    const char *message = waiting_message(sim, "ErrImagePull");
    return message != NULL && strstr(message, "failed to fetch anonymous token") != NULL;
}

START_TEST(a_token_registry_tells_no_credential_from_a_wrong_one)
{
    struct sim *sim = cluster_of("healthy", 3000);
    cluster_merge(sim, sim_secrets(), NS, "regcred", "{'data':{'.dockerconfigjson':'" EMPTY "'}}");
    cluster_merge(sim, sim_daemonsets(), NS, "csi-upcloud-node",
                  "{'spec':{'template':{'metadata':{'annotations':{'a':'b'}}}}}");
    cluster_wait(sim, failed_for_nobody);
    char *wrong = cluster_credential(sim, "puller", "wrong");
    char *patch = xasprintf("{'data':{'.dockerconfigjson':'%s'}}", wrong);
    cluster_merge(sim, sim_secrets(), NS, "regcred", patch);
    free(patch);
    free(wrong);
    cluster_wait(sim, failed_for_somebody);
    cluster_free(sim);
}
END_TEST

START_TEST(old_kubelets_write_no_event)
{
    struct sim *sim = cluster_of("kubespray-upcloud", 3000);
    long before = cluster_count_events(sim, "FailedToRetrieveImagePullSecret");
    sim->minor = 20;
    seen = (long)sim_cluster_ms(sim) - 3600000 + 900000;
    cluster_wait(sim, an_hour_passed);
    ck_assert_int_eq(cluster_count_events(sim, "FailedToRetrieveImagePullSecret"), before);
    cluster_free(sim);
}
END_TEST

/* A cluster of one pod whose registry fails in these words; kubelets of that minor version. */
static struct sim *cluster_that_says(const char *words, int minor)
{
    char path[] = "/tmp/says-XXXXXX.yaml";
    char *text = xasprintf("kubelet: {minor: %d}\nnodes: [{name: worker}]\n"
                           "registries: [{prefix: odd.example.com/, says: \"%s\"}]\n"
                           "apply: [{how: create, objects: [{apiVersion: v1, kind: Pod, metadata: "
                           "{name: p, namespace: kube-system}, spec: {nodeName: worker, "
                           "containers: [{name: c, image: 'odd.example.com/x:v1'}]}}]}]\n",
                           minor, words);
    int fd = mkstemps(path, 5);
    ck_assert_int_ge(fd, 0);
    ck_assert_int_eq(write(fd, text, strlen(text)), (ssize_t)strlen(text));
    close(fd);
    struct sim *sim = cluster_of(path, 600);
    unlink(path);
    free(text);
    return sim;
}

static bool shows_a_registry_that_is_away(struct sim *sim)
{
    return waiting_message(sim, "RegistryUnavailable") != NULL;
}

START_TEST(a_registry_can_fail_in_any_words)
{
    struct sim *sim = cluster_that_says("rpc error: code = Unknown desc = puzzled", 36);
    cluster_wait(sim, shows_the_error);
    ck_assert_str_eq(waiting_message(sim, "ErrImagePull"),
                     "rpc error: code = Unknown desc = puzzled");
    cluster_wait(sim, shows_the_back_off);
    ck_assert_str_eq(waiting_message(sim, "ImagePullBackOff"),
                     "Back-off pulling image \"odd.example.com/x:v1\": ErrImagePull: rpc error: "
                     "code = Unknown desc = puzzled");
    cluster_free(sim);
}
END_TEST

START_TEST(kubelets_before_1_32_back_off_without_a_reason)
{
    struct sim *sim = cluster_that_says("rpc error: code = Unknown desc = puzzled", 31);
    cluster_wait(sim, shows_the_back_off);
    ck_assert_str_eq(waiting_message(sim, "ImagePullBackOff"),
                     "Back-off pulling image \"odd.example.com/x:v1\"");
    cluster_free(sim);
}
END_TEST

START_TEST(two_failures_are_reasons_of_their_own)
{
    struct sim *sim = cluster_that_says("RegistryUnavailable: nobody answers", 36);
    cluster_wait(sim, shows_a_registry_that_is_away);
    ck_assert_str_eq(waiting_message(sim, "RegistryUnavailable"),
                     "image pull failed for odd.example.com/x:v1 because the registry is "
                     "unavailable: nobody answers");
    cluster_free(sim);
}
END_TEST

Suite *suite_kubelet(void)
{
    const TTest *const tests[] = {
        a_missing_secret_is_warned_of_at_each_sync_until_it_is_there,
        an_event_that_has_expired_comes_back_by_its_name_with_its_count,
        events_end_an_hour_after_their_last_write,
        the_spam_filter_lets_one_write_in_five_minutes_pass_and_the_count_jumps,
        a_fast_cluster_counts_its_warnings_at_the_rate_of_its_past,
        the_past_has_gone_through_the_spam_filter,
        a_private_image_without_a_credential_fails_in_the_nodes_words,
        pods_recover_when_the_secret_comes_after_their_back_off,
        a_token_registry_tells_no_credential_from_a_wrong_one,
        old_kubelets_write_no_event,
        a_registry_can_fail_in_any_words,
        kubelets_before_1_32_back_off_without_a_reason,
        two_failures_are_reasons_of_their_own,
        NULL,
    };
    return suite_of("kubelet", tests);
}
