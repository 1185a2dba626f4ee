#include "sim/scenario_objects.h"

#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/buffer.h"
#include "base/text.h"
#include "doc/json.h"
#include "sim/patch_types.h"
#include "sim/scenario_nodes.h"
#include "sim/scenario_parts.h"
#include "sim/writes.h"

/* The objects of a scenario, written as the tool that is said to have applied them would have. */

enum { MANIFEST_LIMIT = 4 * 1024 * 1024 };

static const char last_applied[] = "kubectl.kubernetes.io/last-applied-configuration";

/* How a batch of objects came into the cluster. */
enum how { HOW_CLIENT_SIDE, HOW_SERVER_SIDE, HOW_CREATE, HOW_AS_IS };

struct batch {
    struct sim *sim;
    const struct sim_scenario_layer *layers; /* for "as", "images" and "changes" */
    size_t layer_count;
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

/* An object that every cluster has is changed as a second apply would. */
static bool apply_again(const struct batch *batch, const struct sim_resource *resource,
                        const char *ns, cJSON *body, struct sim_status *status)
{
    struct sim_write write = {.manager = batch->manager};
    char *name = xstrdup(json_string_or(json_member(body, "metadata"), "name", ""));
    bool done = sim_write_patch(batch->sim, resource, ns, name, SIM_PATCH_MERGE, body, &write, NULL,
                                NULL, status);
    cJSON_Delete(body);
    free(name);
    return done;
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

/* As it stands, however odd: neither completed nor checked, and no kubelet runs a pod of it. Only
 * what the store itself counts is its own (uid, version, times). */
static bool put_as_is(const struct batch *batch, const struct sim_resource *resource,
                      const char *ns, cJSON *body, struct sim_status *status)
{
    struct sim_store_options options = {.creation_ms = batch->created_ms, .grace_seconds = -1};
    if (strcmp(resource->kind, "Pod") == 0) {
        sim_scenario_keep_as_is(batch->sim, ns,
                                json_string_or(json_member(body, "metadata"), "name", ""));
    }
    return sim_store_create(batch->sim->store, resource, body, &options, NULL, status);
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
    char *ns = xstrdup(resource->namespaced ? json_string_or(metadata, "namespace", "") : "");
    char *name = xstrdup(json_string_or(metadata, "name", ""));
    if (batch->how == HOW_CLIENT_SIDE) {
        annotate(body);
    }
    if (batch->how == HOW_AS_IS) {
        done = put_as_is(batch, resource, ns, body, &status);
    } else if (batch->how == HOW_SERVER_SIDE) {
        done = apply_server_side(batch, resource, ns, body, &status);
    } else if (sim_store_get(batch->sim->store, resource, ns, name) != NULL) {
        done = apply_again(batch, resource, ns, body, &status);
    } else {
        done = sim_scenario_put(batch->sim, batch->manager, batch->created_ms, body, &status);
    }
    if (done && strcmp(resource->kind, "Namespace") == 0) {
        sim_scenario_fill_namespace(batch->sim, name, batch->created_ms);
    }
    free(ns);
    free(name);
    if (!done) {
        complain(batch, "the cluster refuses this object",
                 status.message == NULL ? "" : status.message);
    }
    sim_status_clear(&status);
    return done;
}

/* The images of a pod's containers under another prefix, as a mirror has them. */
static void move_image(cJSON *container, const struct doc_node *rules)
{
    const char *image = json_string(container, "image");
    for (size_t i = 0; image != NULL && rules != NULL && i < rules->count; i++) {
        const char *from = doc_string(doc_get(rules->items[i], "from"));
        const char *to = doc_string(doc_get(rules->items[i], "to"));
        if (from != NULL && to != NULL && text_starts_with(image, from)) {
            char *moved = xasprintf("%s%s", to, image + strlen(from));
            json_set_string(container, "image", moved);
            free(moved);
            return;
        }
    }
}

static void move_images(cJSON *body, const struct doc_node *rules)
{
    static const char *const lists[] = {"initContainers", "containers"};
    for (size_t i = 0; i < ARRAY_LENGTH(lists); i++) {
        cJSON *container = NULL;
        cJSON_ArrayForEach(container, json_at(body, "spec", "template", "spec", lists[i], NULL))
        {
            move_image(container, rules);
        }
    }
}

/* One entry of "changes": a merge patch for the manifest of that kind and name. */
static bool change_manifest(const struct batch *batch, cJSON *body, const struct doc_node *change,
                            const char *source)
{
    const char *kind = doc_string(doc_get(change, "kind"));
    const char *name = doc_string(doc_get(change, "name"));
    const struct doc_node *patch = doc_get(change, "patch");
    if (kind == NULL || patch == NULL) {
        struct batch here = *batch;
        here.node = change;
        here.source = source;
        return complain(&here, "a change needs kind and patch (a merge patch)", "");
    }
    if (strcmp(kind, json_string_or(body, "kind", "")) != 0 ||
        (name != NULL &&
         strcmp(name, json_string_or(json_member(body, "metadata"), "name", "")) != 0)) {
        return true;
    }
    cJSON *merge = doc_to_json(patch, source, batch->err);
    struct sim_status status = SIM_STATUS_INIT;
    bool done = merge != NULL && sim_patch_merge(body, merge, batch->sim->minor, &status);
    cJSON_Delete(merge);
    sim_status_clear(&status);
    return done;
}

static bool put_node(const struct batch *batch)
{
    cJSON *body = doc_to_json(batch->node, batch->source, batch->err);
    bool done = body != NULL;
    for (size_t i = batch->layer_count; done && i > 0; i--) {
        const struct sim_scenario_layer *layer = &batch->layers[i - 1];
        const struct doc_node *changes = doc_get(layer->root, "changes");
        for (size_t j = 0; done && changes != NULL && j < changes->count; j++) {
            done = change_manifest(batch, body, changes->items[j], layer->source);
        }
        move_images(body, doc_get(layer->root, "images"));
    }
    if (!done) {
        cJSON_Delete(body);
        return false;
    }
    return put_object(batch, body);
}

/* A setting of the batch, unless the scenario says in "as" that all came another way. */
static const char *setting(const struct batch *batch, const char *name)
{
    for (size_t i = 0; i < batch->layer_count; i++) {
        const char *value = doc_string(doc_get(doc_get(batch->layers[i].root, "as"), name));
        if (value != NULL) {
            return value;
        }
    }
    return doc_string(doc_get(batch->node, name));
}

static bool apply_batch(struct batch batch)
{
    static const char *const words[] = {"client-side", "server-side", "create", "as-is"};
    static const char *const managers[] = {"kubectl-client-side-apply", "kubectl", "kubectl-create",
                                           ""};
    const struct doc_node *node = batch.node;
    const char *how = setting(&batch, "how");
    size_t choice = 0;
    while (how != NULL && choice < ARRAY_LENGTH(words) && strcmp(how, words[choice]) != 0) {
        choice++;
    }
    if (choice == ARRAY_LENGTH(words)) {
        return complain(&batch, "how is client-side, server-side, create or as-is", "");
    }
    batch.how = (enum how)choice;
    const char *manager = setting(&batch, "manager");
    batch.manager = manager != NULL ? manager : managers[choice];
    int64_t age_ms = 0;
    if (!sim_scenario_duration(batch.source, doc_get(node, "age"), &age_ms, batch.err)) {
        return false;
    }
    batch.created_ms = sim_now_ms(batch.sim) - age_ms;
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

bool sim_scenario_build(struct sim *sim, const struct sim_scenario_layer *layers, size_t count,
                        struct error *err)
{
    int64_t created_ms = sim_now_ms(sim) - (int64_t)90 * 24 * 3600 * 1000;
    put_basics(sim, created_ms);
    size_t with_nodes = 0;
    while (with_nodes + 1 < count && doc_get(layers[with_nodes].root, "nodes") == NULL) {
        with_nodes++;
    }
    if (!sim_scenario_nodes(sim, doc_get(layers[with_nodes].root, "nodes"),
                            layers[with_nodes].source, created_ms, err)) {
        return false;
    }
    for (size_t i = count; i > 0; i--) {
        const struct doc_node *apply = doc_get(layers[i - 1].root, "apply");
        for (size_t j = 0; apply != NULL && j < apply->count; j++) {
            struct batch batch = {.sim = sim,
                                  .layers = layers,
                                  .layer_count = count,
                                  .source = layers[i - 1].source,
                                  .node = apply->items[j],
                                  .err = err};
            if (!apply_batch(batch)) {
                return false;
            }
        }
    }
    return true;
}
