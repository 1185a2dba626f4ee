#include "runner.h"

#include <glob.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/buffer.h"
#include "base/file.h"
#include "base/text.h"
#include "doc/json.h"
#include "sim/cluster.h"
#include "sim/scenario.h"
#include "sim/scenario_parts.h"

Suite *suite_scenario(void);

/* The scenarios in the tree: all of them are built in. */
static size_t files_of_scenarios(void)
{
    const char *top = getenv("TOP_SRCDIR");
    ck_assert_ptr_nonnull(top);
    char *pattern = xasprintf("%s/src/sim/scenarios/*.yaml", top);
    glob_t files;
    ck_assert_int_eq(glob(pattern, 0, NULL, &files), 0);
    size_t count = files.gl_pathc;
    globfree(&files);
    free(pattern);
    return count;
}

START_TEST(every_scenario_loads_and_runs)
{
    struct buffer names;
    buffer_init(&names, 4096);
    sim_scenario_names(&names);
    size_t count = 0;
    char *rest = names.data;
    while (*rest != '\0') {
        char *end = strchr(rest, '\n');
        *end = '\0';
        if (strcmp(rest, "large") != 0) {
            struct sim *sim = cluster_of(rest, 1000);
            ck_assert_int_gt(sim_store_version(sim->store), 0);
            cluster_free(sim);
        }
        rest = end + 1;
        count++;
    }
    ck_assert_uint_eq(count, files_of_scenarios());
    buffer_free(&names);
}
END_TEST

START_TEST(the_first_scenario_has_six_pods_that_have_warned_for_six_hours)
{
    struct sim *sim = cluster_of("kubespray-upcloud", 60);
    ck_assert_int_eq(cluster_count_pods(sim, "csi-upcloud-controller", "regcred", true), 1);
    ck_assert_int_eq(cluster_count_pods(sim, "csi-upcloud-node", "regcred", true), 5);
    long count = cluster_count_events(sim, "FailedToRetrieveImagePullSecret");
    ck_assert_int_gt(count, 6 * 260);
    ck_assert_int_lt(count, 6 * 320);
    const struct sim_object *set =
        sim_store_get(sim->store, sim_daemonsets(), "kube-system", "csi-upcloud-node");
    ck_assert_ptr_nonnull(set);
    const char *applied = json_string(json_at(set->body, "metadata", "annotations", NULL),
                                      "kubectl.kubernetes.io/last-applied-configuration");
    ck_assert(text_starts_with(applied, "{\"apiVersion\":\"apps/v1\",\"kind\":\"DaemonSet\","
                                        "\"metadata\":{\"annotations\":{},\"name\":"));
    ck_assert(text_ends_with(applied, "}\n"));
    const cJSON *secret = sim_store_get(sim->store, sim_secrets(), "kube-system", "upcloud")->body;
    ck_assert_str_eq(json_string(secret, "type"), "Opaque");
    cluster_free(sim);
}
END_TEST

START_TEST(objects_of_a_gitops_controller_are_its_own)
{
    struct sim *sim = cluster_of("gitops", 60);
    const struct sim_object *set =
        sim_store_get(sim->store, sim_daemonsets(), "kube-system", "csi-upcloud-node");
    const cJSON *entry = json_at(set->body, "metadata", "managedFields", NULL)->child;
    ck_assert_str_eq(json_string(entry, "manager"), "argocd-controller");
    ck_assert_str_eq(json_string(entry, "operation"), "Apply");
    cluster_free(sim);
}
END_TEST

START_TEST(the_same_seed_gives_the_same_names)
{
    struct sim *one = cluster_of("kubespray-upcloud", 60);
    struct sim *two = cluster_of("kubespray-upcloud", 60);
    size_t count = 0;
    struct sim_object *const *pods = sim_store_list(one->store, sim_pods(), NULL, &count);
    ck_assert_uint_eq(count, 6);
    for (size_t i = 0; i < count; i++) {
        ck_assert_ptr_nonnull(sim_store_get(two->store, sim_pods(), pods[i]->ns, pods[i]->name));
    }
    cluster_free(one);
    cluster_free(two);
}
END_TEST

START_TEST(nodes_can_be_more_than_the_scenario_says)
{
    struct error err = ERROR_INIT;
    struct sim_options options = {.seed = 1, .nodes = 12};
    struct loop *loop = loop_new();
    struct sim *sim = sim_new(loop, &options);
    ck_assert(sim_scenario_load(sim, "large", &err));
    size_t count = 0;
    sim_store_list(sim->store, sim_nodes(), NULL, &count);
    ck_assert_uint_eq(count, 13);
    ck_assert(sim_scenario_churn(sim) > 0);
    sim_free(sim);
    loop_free(loop);
}
END_TEST

/* The error of a scenario with this text. */
static const char *error_of(const char *text)
{
    static char out[1024];
    char path[] = "/tmp/scenario-XXXXXX.yaml";
    int fd = mkstemps(path, 5);
    ck_assert_int_ge(fd, 0);
    ck_assert_int_eq(write(fd, text, strlen(text)), (ssize_t)strlen(text));
    close(fd);
    struct error err = ERROR_INIT;
    struct sim_options options = {.seed = 1};
    struct loop *loop = loop_new();
    struct sim *sim = sim_new(loop, &options);
    bool loaded = sim_scenario_load(sim, path, &err);
    snprintf(out, sizeof(out), "%s", loaded ? "fine" : err.message + strlen(path));
    sim_free(sim);
    loop_free(loop);
    unlink(path);
    return out;
}

START_TEST(faults_are_told_with_line_and_column)
{
    ck_assert_str_eq(error_of("nodes: [{name: a}]\n"), "fine");
    ck_assert(text_starts_with(error_of("speed: 1\nnonsense: 2\n"), ":2:1: unknown setting"));
    ck_assert(text_starts_with(error_of("past: soon\n"), ":1:7: not a duration"));
    ck_assert(text_starts_with(error_of("registries:\n- prefix: a\n  access: maybe\n"),
                               ":3:11: access is"));
    ck_assert(text_starts_with(error_of("apply:\n- objects:\n  - {kind: Nope}\n"), ":3:5: "));
    ck_assert(text_starts_with(
        error_of("apply:\n- objects:\n  - {apiVersion: v1, kind: Secret, metadata: {name: A}}\n"),
        ":3:5: the cluster refuses this object: Secret \"A\" is invalid"));
    ck_assert(text_starts_with(error_of("- 1\n"), ":1:1: a scenario is a map"));
    ck_assert(text_starts_with(
        error_of("registries:\n- {prefix: a.example/, serve: true, access: down}\n"),
        ":2:45: what is served must be public, "));
    char many[1024] = "registries:\n";
    for (int i = 0; i < 9; i++) {
        size_t used = strlen(many);
        snprintf(many + used, sizeof(many) - used, "- {prefix: r%d.example/, serve: true}\n", i);
    }
    ck_assert(text_starts_with(error_of(many), ":10:3: at most eight registries can be served"));
}
END_TEST

START_TEST(an_unknown_name_is_answered_with_the_known_ones)
{
    struct error err = ERROR_INIT;
    struct sim_options options = {.seed = 1};
    struct loop *loop = loop_new();
    struct sim *sim = sim_new(loop, &options);
    ck_assert(!sim_scenario_load(sim, "nope", &err));
    ck_assert_int_eq(err.kind, ERROR_USAGE);
    ck_assert_ptr_nonnull(strstr(err.message, "kubespray-upcloud, "));
    sim_free(sim);
    loop_free(loop);
}
END_TEST

static bool two_minutes_passed(struct sim *sim)
{
    return sim_cluster_ms(sim) > 120000;
}

/* What no API server would have taken, and no kubelet may put right. */
START_TEST(an_object_can_stay_as_it_is)
{
    char path[] = "/tmp/as-is-XXXXXX.yaml";
    const char *text =
        "nodes: [{name: worker}]\n"
        "apply: [{how: as-is, age: 1h, objects: [{apiVersion: v1, kind: Pod, metadata: {name: p, "
        "namespace: kube-system, labels: null}, spec: {nodeName: worker, imagePullSecrets: [a, "
        "null], containers: [{name: c, image: 7}]}, status: {phase: 3, containerStatuses: "
        "[{restartCount: \"3\"}]}}]}]\n";
    int fd = mkstemps(path, 5);
    ck_assert_int_ge(fd, 0);
    ck_assert_int_eq(write(fd, text, strlen(text)), (ssize_t)strlen(text));
    close(fd);
    struct sim *sim = cluster_of(path, 1000);
    unlink(path);
    cluster_wait(sim, two_minutes_passed);
    const struct sim_object *pod = sim_store_get(sim->store, sim_pods(), "kube-system", "p");
    ck_assert_str_eq(text_of(json_member(pod->body, "spec")),
                     "{'containers':[{'image':7,'name':'c'}],'imagePullSecrets':['a',null],"
                     "'nodeName':'worker'}");
    ck_assert_str_eq(text_of(json_member(pod->body, "status")),
                     "{'containerStatuses':[{'restartCount':'3'}],'phase':3}");
    cluster_free(sim);
}
END_TEST

Suite *suite_scenario(void)
{
    const TTest *const tests[] = {
        every_scenario_loads_and_runs,
        the_first_scenario_has_six_pods_that_have_warned_for_six_hours,
        objects_of_a_gitops_controller_are_its_own,
        the_same_seed_gives_the_same_names,
        nodes_can_be_more_than_the_scenario_says,
        faults_are_told_with_line_and_column,
        an_unknown_name_is_answered_with_the_known_ones,
        an_object_can_stay_as_it_is,
        NULL,
    };
    return suite_of("scenario", tests);
}
