#include "sim/cluster.h"

#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/buffer.h"
#include "base/clock.h"
#include "doc/json.h"
#include "registry_server.h"
#include "sim/controllers.h"
#include "sim/pods.h"
#include "sim/scenario.h"
#include "sim/writes.h"

int patched_minor = 36;

cJSON *json_of(const char *text)
{
    char *copy = xstrdup(text);
    for (char *c = copy; *c != '\0'; c++) {
        *c = *c == '\'' ? '"' : *c;
    }
    cJSON *value = cJSON_Parse(copy);
    ck_assert_msg(value != NULL, "not JSON: %s", copy);
    free(copy);
    return value;
}

const char *text_of(const cJSON *value)
{
    static char out[65536];
    struct buffer text;
    buffer_init(&text, sizeof(out) - 1);
    ck_assert(json_write_sorted(&text, value));
    for (size_t i = 0; i < text.length; i++) {
        out[i] = text.data[i] == '"' ? '\'' : text.data[i];
    }
    out[text.length] = '\0';
    buffer_free(&text);
    return out;
}

cJSON *patched(enum sim_patch_type type, const cJSON *live, const char *patch, const char *manager,
               bool force, int *code, char *message)
{
    const struct sim_resource *resource = sim_resource_by_kind(
        json_string_or(live, "apiVersion", ""), json_string_or(live, "kind", ""));
    ck_assert_ptr_nonnull(resource);
    struct sim_patch_context context = {
        .resource = resource,
        .name = json_string_or(json_member(live, "metadata"), "name", ""),
        .ns = json_string_or(json_member(live, "metadata"), "namespace", ""),
        .subresource = "",
        .manager = manager,
        .force = force,
        .minor = patched_minor,
        .now_ms = 1767225600000,
    };
    struct sim_status status = SIM_STATUS_INIT;
    cJSON *change = json_of(patch);
    cJSON *out = NULL;
    if (sim_patch_apply(type, live, change, &context, &out, &status) && type != SIM_PATCH_APPLY) {
        struct sim_manager who = {resource, manager, "", patched_minor, context.now_ms};
        sim_managed_fields_update(&who, live, out);
    }
    if (code != NULL) {
        *code = status.code;
    }
    if (message != NULL) {
        snprintf(message, 512, "%s", status.message == NULL ? "" : status.message);
    }
    sim_status_clear(&status);
    cJSON_Delete(change);
    return out;
}

struct sim *cluster_of(const char *scenario, double speed)
{
    struct error err = ERROR_INIT;
    struct sim_options options = {.seed = 1, .speed = speed, .event_speed = speed};
    struct loop *loop = loop_new();
    struct sim *sim = sim_new(loop, &options);
    ck_assert_msg(sim_scenario_load(sim, scenario, &err), "%s", err.message);
    ck_assert_msg(sim_controllers_start(sim, &err), "%s", err.message);
    return sim;
}

void cluster_free(struct sim *sim)
{
    struct loop *loop = sim->loop;
    sim_free(sim);
    loop_free(loop);
}

void cluster_wait(struct sim *sim, bool (*done)(struct sim *sim))
{
    int64_t limit = clock_monotonic_ms() + 60000;
    while (!done(sim)) {
        ck_assert_msg(clock_monotonic_ms() < limit, "the cluster did not get there in a minute");
        loop_step(sim->loop, 20);
    }
}

void cluster_merge(struct sim *sim, const struct sim_resource *resource, const char *ns,
                   const char *name, const char *patch)
{
    struct sim_status status = SIM_STATUS_INIT;
    struct sim_write write = {.manager = "test"};
    cJSON *change = json_of(patch);
    ck_assert_msg(sim_write_patch(sim, resource, ns, name, SIM_PATCH_MERGE, change, &write, NULL,
                                  NULL, &status),
                  "%s", status.message);
    cJSON_Delete(change);
}

void cluster_create(struct sim *sim, const char *ns, const char *body)
{
    struct sim_status status = SIM_STATUS_INIT;
    struct sim_write write = {.manager = "test"};
    cJSON *object = json_of(body);
    const struct sim_resource *resource = sim_resource_by_kind(
        json_string_or(object, "apiVersion", ""), json_string_or(object, "kind", ""));
    ck_assert_msg(sim_write_create(sim, resource, ns, object, &write, NULL, &status), "%s",
                  status.message);
}

char *cluster_credential(struct sim *sim, const char *username, const char *password)
{
    char *plain = xasprintf("{\"auths\":{\"%s\":{\"username\":\"%s\",\"password\":\"%s\"}}}",
                            sim_registry_address(sim), username, password);
    struct buffer out;
    buffer_init(&out, 4096);
    ck_assert(base64_encode(&out, plain, strlen(plain)));
    char *result = xstrdup(out.data);
    buffer_free(&out);
    free(plain);
    return result;
}

int cluster_count_pods(struct sim *sim, const char *app, const char *secret, bool ready)
{
    size_t count = 0;
    int found = 0;
    struct sim_object *const *pods = sim_store_list(sim->store, sim_pods(), NULL, &count);
    for (size_t i = 0; i < count; i++) {
        const cJSON *list = json_at(pods[i]->body, "spec", "imagePullSecrets", NULL);
        const char *name = json_string(list == NULL ? NULL : list->child, "name");
        bool same = secret == NULL ? name == NULL : name != NULL && strcmp(name, secret) == 0;
        found += same && strcmp(sim_pod_label(pods[i]->body, "app"), app) == 0 &&
                 !sim_pod_is_terminating(pods[i]->body) && sim_pod_is_ready(pods[i]->body) == ready;
    }
    return found;
}

long cluster_count_events(struct sim *sim, const char *reason)
{
    size_t count = 0;
    long sum = 0;
    struct sim_object *const *events = sim_store_list(sim->store, sim_events(), NULL, &count);
    for (size_t i = 0; i < count; i++) {
        if (strcmp(json_string_or(events[i]->body, "reason", ""), reason) == 0) {
            sum += (long)json_int(events[i]->body, "count", 1);
        }
    }
    return sum;
}
