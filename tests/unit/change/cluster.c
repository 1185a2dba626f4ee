#include "cluster.h"

#include <check.h>
#include <dirent.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/file.h"
#include "change/last_applied.h"
#include "sim/controllers.h"
#include "sim/faults.h"
#include "sim/scenario.h"
#include "sim/server.h"
#include "sim/writes.h"
#include "trees.h"

/* Cluster seconds a real one: pods warn and roll quickly. */
#define SPEED    300
#define LIMIT_MS 60000

/* --- Birth and end ---------------------------------------------------------------------------- */

static void start_cluster(struct cluster *cluster, const char *path)
{
    struct sim_options options = {.speed = SPEED, .event_speed = SPEED, .seed = 7};
    struct sim_server_options server = {.port = 0};
    struct error err = ERROR_INIT;
    cluster->sim = sim_new(cluster->loop, &options);
    ck_assert_msg(sim_scenario_load(cluster->sim, "kubespray-upcloud", &err) &&
                      sim_controllers_start(cluster->sim, &err) &&
                      sim_server_start(cluster->sim, &server, &err) &&
                      sim_server_write_kubeconfig(cluster->sim, path, &err),
                  "%s", err.message);
}

static bool is_complete(void *context)
{
    const struct cluster *cluster = context;
    return csi_follow_state(cluster->follow)->complete;
}

void cluster_open(struct cluster *cluster, const char *context, bool read_only)
{
    struct error err = ERROR_INIT;
    memset(cluster, 0, sizeof(*cluster));
    strncpy(cluster->folder, "/tmp/pullmend-session.XXXXXX", sizeof(cluster->folder) - 1);
    ck_assert_ptr_nonnull(mkdtemp(cluster->folder));
    setenv("XDG_STATE_HOME", cluster->folder, 1);
    char *path = file_join(cluster->folder, "kubeconfig");
    cluster->loop = loop_new();
    start_cluster(cluster, path);
    struct kube_config_flags flags = {.kubeconfig = path, .context = context};
    cluster->config = kube_config_load(&flags, &err);
    ck_assert_msg(cluster->config != NULL, "%s", err.message);
    cluster->client = kube_client_new(cluster->loop, cluster->config, read_only, &err);
    ck_assert_msg(cluster->client != NULL, "%s", err.message);
    struct csi_follow_options options = {.secret_content = true, .keep_watching = true};
    static const struct csi_follow_handler handler = {NULL, NULL, NULL};
    cluster->follow = csi_follow_start(cluster->client, &options, &handler, NULL);
    cluster_run(cluster, is_complete, cluster);
    free(path);
}

static void remove_folder(const char *path)
{
    DIR *directory = opendir(path);
    ck_assert_ptr_nonnull(directory);
    for (struct dirent *item = readdir(directory); item != NULL; item = readdir(directory)) {
        if (strcmp(item->d_name, ".") == 0 || strcmp(item->d_name, "..") == 0) {
            continue;
        }
        char *inside = file_join(path, item->d_name);
        if (unlink(inside) != 0) {
            remove_folder(inside);
        }
        free(inside);
    }
    closedir(directory);
    ck_assert_int_eq(rmdir(path), 0);
}

void cluster_close(struct cluster *cluster)
{
    csi_follow_stop(cluster->follow);
    kube_client_free(cluster->client);
    kube_config_free(cluster->config);
    sim_free(cluster->sim);
    loop_free(cluster->loop);
    remove_folder(cluster->folder);
}

void cluster_run(struct cluster *cluster, bool (*done)(void *context), void *context)
{
    int64_t began = clock_monotonic_ms();
    while (!done(context)) {
        ck_assert_msg(clock_monotonic_ms() - began < LIMIT_MS, "waited too long");
        loop_step(cluster->loop, 100);
    }
}

/* --- Sessions --------------------------------------------------------------------------------- */

static bool is_over(void *context)
{
    enum change_phase phase = change_session_phase(context);
    return phase == CHANGE_DONE || phase == CHANGE_FAILED;
}

static bool is_previewed(void *context)
{
    return change_session_phase(context) == CHANGE_PREVIEWED || is_over(context);
}

struct change_session *cluster_preview(struct cluster *cluster, struct change_intent *intent)
{
    struct change_session *session =
        change_session_start(cluster->client, cluster->follow, intent, NULL, NULL);
    cluster_run(cluster, is_previewed, session);
    return session;
}

struct change_session *cluster_preview_journal(struct cluster *cluster, const char *id,
                                               bool forward)
{
    struct error err = ERROR_INIT;
    struct change_session *session = change_session_start_journal(cluster->client, cluster->follow,
                                                                  id, forward, NULL, NULL, &err);
    ck_assert_msg(session != NULL, "%s", err.message);
    cluster_run(cluster, is_previewed, session);
    return session;
}

void cluster_await_end(struct cluster *cluster, struct change_session *session)
{
    cluster_run(cluster, is_over, session);
}

void cluster_apply(struct cluster *cluster, struct change_session *session)
{
    struct error err = ERROR_INIT;
    ck_assert_msg(change_session_phase(session) == CHANGE_PREVIEWED, "%s",
                  change_session_error(session)->message);
    size_t count = 0;
    const struct change_question *questions = change_session_questions(session, &count);
    for (size_t i = 0; i < count; i++) {
        change_session_accept(session, questions[i].word);
    }
    ck_assert_msg(change_session_apply(session, &err), "%s", err.message);
    cluster_await_end(cluster, session);
}

/* --- The cluster's own side ------------------------------------------------------------------- */

const cJSON *cluster_get(struct cluster *cluster, const struct sim_resource *resource,
                         const char *name)
{
    const struct sim_object *object =
        sim_store_get(cluster->sim->store, resource, "kube-system", name);
    return object == NULL ? NULL : object->body;
}

void cluster_patch(struct cluster *cluster, const struct sim_resource *resource, const char *name,
                   const char *patch)
{
    struct sim_write write = {.manager = "somebody"};
    struct sim_status status = SIM_STATUS_INIT;
    cJSON *body = tree(patch);
    ck_assert(sim_write_patch(cluster->sim, resource, "kube-system", name, SIM_PATCH_MERGE, body,
                              &write, NULL, NULL, &status));
    cJSON_Delete(body);
}

void cluster_delete(struct cluster *cluster, const struct sim_resource *resource, const char *name)
{
    struct sim_store_options options = {.grace_seconds = 0};
    struct sim_status status = SIM_STATUS_INIT;
    ck_assert(sim_store_delete(cluster->sim->store, resource, "kube-system", name, &options, NULL,
                               NULL, &status));
}

void cluster_fault(struct cluster *cluster, const char *fault)
{
    struct error err = ERROR_INIT;
    cJSON *json = tree(fault);
    ck_assert_msg(sim_faults_add(cluster->sim->faults, json, &err), "%s", err.message);
    cJSON_Delete(json);
}

static void append_spec(struct buffer *out, const cJSON *object)
{
    json_write_sorted(out, json_object(object, "spec"));
    buffer_append_string(out, json_string_or(json_at(object, "metadata", "annotations", NULL),
                                             CHANGE_LAST_APPLIED, "none"));
}

char *cluster_specs(struct cluster *cluster)
{
    struct buffer out;
    buffer_init(&out, 1 << 20);
    append_spec(&out, cluster_get(cluster, sim_statefulsets(), "csi-upcloud-controller"));
    append_spec(&out, cluster_get(cluster, sim_daemonsets(), "csi-upcloud-node"));
    return buffer_take(&out);
}

char *cluster_pod_uids(struct cluster *cluster)
{
    struct buffer out;
    size_t count = 0;
    buffer_init(&out, 1 << 20);
    struct sim_object *const *pods =
        sim_store_list(cluster->sim->store, sim_pods(), "kube-system", &count);
    for (size_t i = 0; i < count; i++) {
        buffer_printf(&out, "%s %s\n", pods[i]->name, pods[i]->uid);
    }
    return buffer_take(&out);
}
