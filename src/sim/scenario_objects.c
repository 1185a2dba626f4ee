#include "sim/scenario_objects.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/buffer.h"
#include "base/clock.h"
#include "doc/json.h"
#include "sim/life.h"
#include "sim/scenario_nodes.h"
#include "sim/writes.h"

/* The objects of a scenario, written as the tool that is said to have applied them would have. */

enum { MANIFEST_LIMIT = 4 * 1024 * 1024 };

static const char last_applied[] = "kubectl.kubernetes.io/last-applied-configuration";

/* How a batch of objects came into the cluster. */
enum how { HOW_CLIENT_SIDE, HOW_SERVER_SIDE, HOW_CREATE };

struct batch {
    struct sim *sim;
    enum how how;
    const char *manager;
    const char *source;
    const struct doc_node *node; /* of the object at hand */
    int64_t created_ms;
    struct error *err;
};

static bool complain(const struct batch *batch, const char *what, const char *why)
{
    return error_set(batch->err, ERROR_CONFIG, "%s:%d:%d: %s%s%s", batch->source, batch->node->line,
                     batch->node->column, what, why[0] == '\0' ? "" : ": ", why);
}

bool sim_scenario_put(struct sim *sim, const char *manager, int64_t created_ms, cJSON *body,
                      struct sim_status *status)
{
    const struct sim_resource *resource = sim_resource_by_kind(
        json_string_or(body, "apiVersion", ""), json_string_or(body, "kind", ""));
    const char *ns = resource == NULL || !resource->namespaced
                         ? ""
                         : json_string_or(json_member(body, "metadata"), "namespace", "default");
    char *copy = xstrdup(ns);
    struct sim_write write = {.manager = manager, .creation_ms = created_ms};
    bool done = sim_write_create(sim, resource, copy, body, &write, NULL, status);
    free(copy);
    return done;
}

/* The annotation as kubectl writes it: the manifest with an empty annotations map, members sorted,
 * and a newline. */
static void annotate(cJSON *body)
{
    cJSON *annotations = json_need_object(json_need_object(body, "metadata"), "annotations");
    struct buffer text;
    buffer_init(&text, MANIFEST_LIMIT);
    json_write_sorted(&text, body);
    buffer_append_char(&text, '\n');
    json_set_string(annotations, last_applied, text.data);
    buffer_free(&text);
}

static bool apply_server_side(const struct batch *batch, const struct sim_resource *resource,
                              const char *ns, cJSON *body, struct sim_status *status)
{
    struct sim_write write = {.manager = batch->manager, .forced = true};
    const char *name = json_string_or(json_member(body, "metadata"), "name", "");
    bool done = sim_write_patch(batch->sim, resource, ns, name, SIM_PATCH_APPLY, body, &write, NULL,
                                NULL, status);
    cJSON_Delete(body);
    return done;
}

/* Takes over body. */
static bool put_object(const struct batch *batch, cJSON *body)
{
    struct sim_status status = SIM_STATUS_INIT;
    const struct sim_resource *resource = sim_resource_by_kind(
        json_string_or(body, "apiVersion", ""), json_string_or(body, "kind", ""));
    cJSON *metadata = json_need_object(body, "metadata");
    if (resource == NULL || json_string(metadata, "name") == NULL) {
        cJSON_Delete(body);
        return complain(batch,
                        "an object needs an apiVersion and kind that this cluster serves, "
                        "and metadata.name",
                        "");
    }
    if (resource->namespaced && json_string(metadata, "namespace") == NULL) {
        json_set_string(metadata, "namespace", "default");
    }
    bool done;
    if (batch->how == HOW_SERVER_SIDE) {
        char *ns = xstrdup(json_string_or(metadata, "namespace", ""));
        done = apply_server_side(batch, resource, ns, body, &status);
        free(ns);
    } else {
        if (batch->how == HOW_CLIENT_SIDE) {
            annotate(body);
        }
        done = sim_scenario_put(batch->sim, batch->manager, batch->created_ms, body, &status);
    }
    if (!done) {
        complain(batch, "the cluster refuses this object",
                 status.message == NULL ? "" : status.message);
    }
    sim_status_clear(&status);
    return done;
}

static bool put_node(const struct batch *batch)
{
    cJSON *body = doc_to_json(batch->node, batch->source, batch->err);
    return body != NULL && put_object(batch, body);
}

static bool apply_batch(struct sim *sim, const struct doc_node *node, const char *source,
                        struct error *err)
{
    static const char *const words[] = {"client-side", "server-side", "create"};
    static const char *const managers[] = {"kubectl-client-side-apply", "kubectl",
                                           "kubectl-create"};
    struct batch batch = {.sim = sim, .source = source, .node = node, .err = err};
    const char *how = doc_string(doc_get(node, "how"));
    size_t choice = 0;
    while (how != NULL && choice < ARRAY_LENGTH(words) && strcmp(how, words[choice]) != 0) {
        choice++;
    }
    if (choice == ARRAY_LENGTH(words)) {
        return complain(&batch, "how is client-side, server-side or create", "");
    }
    batch.how = (enum how)choice;
    const char *manager = doc_string(doc_get(node, "manager"));
    batch.manager = manager != NULL ? manager : managers[choice];
    int64_t age_ms = 0;
    if (!sim_scenario_duration(source, doc_get(node, "age"), &age_ms, err)) {
        return false;
    }
    batch.created_ms = sim_now_ms(sim) - age_ms;
    const struct doc_node *objects = doc_get(node, "objects");
    for (size_t i = 0; objects != NULL && i < objects->count; i++) {
        batch.node = objects->items[i];
        if (!put_node(&batch)) {
            return false;
        }
    }
    return true;
}

static cJSON *named(const char *api_version, const char *kind, const char *ns, const char *name)
{
    cJSON *body = cJSON_CreateObject();
    cJSON_AddStringToObject(body, "apiVersion", api_version);
    cJSON_AddStringToObject(body, "kind", kind);
    cJSON *metadata = cJSON_AddObjectToObject(body, "metadata");
    cJSON_AddStringToObject(metadata, "name", name);
    if (ns != NULL) {
        cJSON_AddStringToObject(metadata, "namespace", ns);
    }
    return body;
}

static void put_own(struct sim *sim, const char *manager, cJSON *body, int64_t created_ms)
{
    struct sim_status status = SIM_STATUS_INIT;
    sim_scenario_put(sim, manager, created_ms, body, &status);
    sim_status_clear(&status);
}

void sim_scenario_fill_namespace(struct sim *sim, const char *ns, int64_t created_ms)
{
    put_own(sim, "kube-controller-manager", named("v1", "ServiceAccount", ns, "default"),
            created_ms);
    cJSON *authority = named("v1", "ConfigMap", ns, "kube-root-ca.crt");
    cJSON_AddStringToObject(cJSON_AddObjectToObject(authority, "data"), "ca.crt",
                            "-----BEGIN CERTIFICATE-----\n-----END CERTIFICATE-----\n");
    put_own(sim, "kube-controller-manager", authority, created_ms);
}

static void put_basics(struct sim *sim, int64_t created_ms)
{
    static const char *const namespaces[] = {"default", "kube-node-lease", "kube-public",
                                             "kube-system"};
    for (size_t i = 0; i < ARRAY_LENGTH(namespaces); i++) {
        put_own(sim, "kube-apiserver", named("v1", "Namespace", NULL, namespaces[i]), created_ms);
        sim_scenario_fill_namespace(sim, namespaces[i], created_ms);
    }
}

bool sim_scenario_build(struct sim *sim, const struct doc_node *root, const char *source,
                        struct error *err)
{
    int64_t created_ms = sim_now_ms(sim) - (int64_t)90 * 24 * 3600 * 1000;
    put_basics(sim, created_ms);
    if (!sim_scenario_nodes(sim, doc_get(root, "nodes"), source, created_ms, err)) {
        return false;
    }
    const struct doc_node *apply = doc_get(root, "apply");
    for (size_t i = 0; apply != NULL && i < apply->count; i++) {
        if (!apply_batch(sim, apply->items[i], source, err)) {
            return false;
        }
    }
    return true;
}
