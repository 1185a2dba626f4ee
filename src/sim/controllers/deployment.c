#include "deployment.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "doc/json.h"
#include "sim/life.h"
#include "sim/recorder.h"
#include "sim/revisions.h"
#include "sim/writes.h"

/* The Deployment controller: a ReplicaSet a template, scaled past each other. */

static const char component[] = "deployment-controller";
static const char revision_key[] = "deployment.kubernetes.io/revision";

int sim_deployment_number(const struct sim_object *set, const char *part, const char *name)
{
    return set == NULL ? 0 : (int)json_int(json_member(set->body, part), name, 0);
}

int sim_deployment_total(const struct deployment *deployment, const char *part, const char *name,
                         bool with_fresh)
{
    int total = with_fresh ? sim_deployment_number(deployment->fresh, part, name) : 0;
    for (size_t i = 0; i < deployment->old_count; i++) {
        total += sim_deployment_number(deployment->old[i], part, name);
    }
    return total;
}

static int64_t revision_of(const struct sim_object *object)
{
    const char *text =
        json_string(json_at(object->body, "metadata", "annotations", NULL), revision_key);
    return text == NULL ? 0 : strtoll(text, NULL, 10);
}

/* Templates are compared without the hash that the ReplicaSet added. */
static bool has_template(const struct sim_object *set, const cJSON *template)
{
    cJSON *copy = cJSON_Duplicate(json_at(set->body, "spec", "template", NULL), true);
    cJSON *labels = json_at(copy, "metadata", "labels", NULL);
    if (labels != NULL) {
        json_remove(labels, "pod-template-hash");
    }
    bool same = json_equal(copy, template);
    cJSON_Delete(copy);
    return same;
}

static void collect(struct deployment *deployment)
{
    size_t count = 0;
    struct sim_object **sets =
        sim_life_owned(deployment->sim, sim_replicasets(), deployment->object->ns,
                       deployment->object->uid, &count);
    const cJSON *template = json_at(deployment->object->body, "spec", "template", NULL);
    deployment->old = xcalloc(count + 1, sizeof(struct sim_object *));
    for (size_t i = 0; i < count; i++) {
        if (deployment->fresh == NULL && has_template(sets[i], template)) {
            deployment->fresh = sim_object_retain(sets[i]);
        } else {
            deployment->old[deployment->old_count++] = sim_object_retain(sets[i]);
        }
    }
    sim_life_free_objects(sets, count);
}

static void read_spec(struct deployment *deployment)
{
    const cJSON *spec = json_member(deployment->object->body, "spec");
    const cJSON *strategy = json_member(spec, "strategy");
    const cJSON *rolling = json_member(strategy, "rollingUpdate");
    deployment->replicas = (int)json_int(spec, "replicas", 1);
    deployment->paused = json_bool(spec, "paused", false);
    deployment->recreate = strcmp(json_string_or(strategy, "type", ""), "Recreate") == 0;
    deployment->max_surge =
        sim_life_scaled(json_member(rolling, "maxSurge"), deployment->replicas, true, 1);
    deployment->max_unavailable =
        sim_life_scaled(json_member(rolling, "maxUnavailable"), deployment->replicas, false, 0);
    if (deployment->max_surge == 0 && deployment->max_unavailable == 0) {
        deployment->max_unavailable = 1;
    }
}

static void note_scaling(const struct deployment *deployment, const struct sim_object *set,
                         int from, int to)
{
    char *message = xasprintf("Scaled %s replica set %s from %d to %d", to > from ? "up" : "down",
                              set->name, from, to);
    struct sim_event event = {component, "", "Normal", "ScalingReplicaSet", message, ""};
    sim_event_record(deployment->sim, deployment->object, &event);
    free(message);
}

static void scale(const struct deployment *deployment, struct sim_object **set, int replicas)
{
    int before = sim_deployment_number(*set, "spec", "replicas");
    if (before == replicas) {
        return;
    }
    cJSON *body = cJSON_Duplicate((*set)->body, true);
    json_set(json_member(body, "spec"), "replicas", cJSON_CreateNumber(replicas));
    note_scaling(deployment, *set, before, replicas);
    sim_life_update(deployment->sim, set, body, "kube-controller-manager");
}

static void add_hash(cJSON *object, const char *hash)
{
    json_set_string(object, "pod-template-hash", hash);
}

static cJSON *replica_set_body(const struct deployment *deployment, const char *hash,
                               const char *revision, int replicas)
{
    const struct sim_object *owner = deployment->object;
    const cJSON *spec = json_member(owner->body, "spec");
    const cJSON *template = json_member(spec, "template");
    cJSON *body = cJSON_CreateObject();
    cJSON_AddStringToObject(body, "apiVersion", "apps/v1");
    cJSON_AddStringToObject(body, "kind", "ReplicaSet");
    cJSON *metadata = cJSON_AddObjectToObject(body, "metadata");
    char *name = xasprintf("%s-%s", owner->name, hash);
    char number[16];
    cJSON_AddStringToObject(metadata, "name", name);
    free(name);
    cJSON_AddStringToObject(metadata, "namespace", owner->ns);
    const cJSON *labels = json_at(template, "metadata", "labels", NULL);
    cJSON *own = labels == NULL ? cJSON_CreateObject() : cJSON_Duplicate(labels, true);
    add_hash(own, hash);
    cJSON_AddItemToObject(metadata, "labels", own);
    cJSON *annotations = cJSON_AddObjectToObject(metadata, "annotations");
    snprintf(number, sizeof(number), "%d", deployment->replicas);
    cJSON_AddStringToObject(annotations, "deployment.kubernetes.io/desired-replicas", number);
    snprintf(number, sizeof(number), "%d", deployment->replicas + deployment->max_surge);
    cJSON_AddStringToObject(annotations, "deployment.kubernetes.io/max-replicas", number);
    cJSON_AddStringToObject(annotations, revision_key, revision);
    cJSON_AddItemToArray(json_need_list(metadata, "ownerReferences"),
                         sim_life_owner_reference(owner));
    cJSON *set_spec = cJSON_AddObjectToObject(body, "spec");
    cJSON_AddNumberToObject(set_spec, "replicas", replicas);
    cJSON *selector = cJSON_Duplicate(json_member(spec, "selector"), true);
    add_hash(json_need_object(selector, "matchLabels"), hash);
    cJSON_AddItemToObject(set_spec, "selector", selector);
    cJSON *copy = cJSON_Duplicate(template, true);
    add_hash(json_need_object(json_need_object(copy, "metadata"), "labels"), hash);
    cJSON_AddItemToObject(set_spec, "template", copy);
    return body;
}

/* How many pods the fresh set may have now. */
static int room_for_fresh(const struct deployment *deployment)
{
    int fresh = sim_deployment_number(deployment->fresh, "spec", "replicas");
    if (deployment->recreate) {
        return sim_deployment_total(deployment, "status", "replicas", false) > 0
                   ? fresh
                   : deployment->replicas;
    }
    int all = sim_deployment_total(deployment, "spec", "replicas", true);
    int room = deployment->replicas + deployment->max_surge - all;
    if (room <= 0) {
        return fresh < deployment->replicas ? fresh : deployment->replicas;
    }
    int wanted = fresh + room;
    return wanted < deployment->replicas ? wanted : deployment->replicas;
}

static void create_fresh(struct deployment *deployment, int64_t revision)
{
    char hash[16];
    char number[24];
    sim_template_hash(json_at(deployment->object->body, "spec", "template", NULL), hash);
    snprintf(number, sizeof(number), "%lld", (long long)revision);
    int replicas = room_for_fresh(deployment);
    cJSON *body = replica_set_body(deployment, hash, number, replicas);
    struct sim_write write = {.manager = "kube-controller-manager",
                              .creation_ms = sim_life_ms(deployment->sim)};
    struct sim_status status = SIM_STATUS_INIT;
    if (sim_write_create(deployment->sim, sim_replicasets(), deployment->object->ns, body, &write,
                         &deployment->fresh, &status) &&
        replicas > 0) {
        note_scaling(deployment, deployment->fresh, 0, replicas);
    }
    sim_status_clear(&status);
}

static void set_revision(struct deployment *deployment, struct sim_object **object,
                         int64_t revision)
{
    char number[24];
    snprintf(number, sizeof(number), "%lld", (long long)revision);
    if (revision_of(*object) == revision) {
        return;
    }
    cJSON *body = cJSON_Duplicate((*object)->body, true);
    json_set_string(json_need_object(json_member(body, "metadata"), "annotations"), revision_key,
                    number);
    if ((*object)->resource != sim_deployments()) {
        sim_life_update(deployment->sim, object, body, "kube-controller-manager");
        return;
    }
    /* The controller writes it together with the status, so that generation stays. */
    json_remove(json_member(body, "metadata"), "resourceVersion");
    struct sim_write write = {.manager = "kube-controller-manager", .subresource = "status"};
    struct sim_status failure = SIM_STATUS_INIT;
    struct sim_object *written = NULL;
    if (sim_write_update(deployment->sim, (*object)->resource, (*object)->ns, (*object)->name, body,
                         &write, &written, &failure)) {
        sim_object_release(*object);
        *object = written;
    }
    sim_status_clear(&failure);
}

/* The fresh set exists and carries the highest revision; the Deployment says the same one. */
static void need_fresh(struct deployment *deployment)
{
    int64_t newest = 0;
    for (size_t i = 0; i < deployment->old_count; i++) {
        int64_t revision = revision_of(deployment->old[i]);
        newest = revision > newest ? revision : newest;
    }
    if (deployment->fresh == NULL) {
        create_fresh(deployment, newest + 1);
    } else if (revision_of(deployment->fresh) <= newest) {
        set_revision(deployment, &deployment->fresh, newest + 1);
    }
    if (deployment->fresh != NULL) {
        set_revision(deployment, &deployment->object, revision_of(deployment->fresh));
    }
}

/* Old pods that are not available go first, then what the budget allows. */
static void shrink_old(struct deployment *deployment)
{
    int available = sim_deployment_total(deployment, "status", "availableReplicas", true);
    int all = sim_deployment_total(deployment, "spec", "replicas", true);
    int fresh = sim_deployment_number(deployment->fresh, "spec", "replicas");
    int fresh_available = sim_deployment_number(deployment->fresh, "status", "availableReplicas");
    int keep = deployment->replicas - deployment->max_unavailable;
    int budget = all - keep - (fresh - fresh_available);
    for (size_t i = 0; i < deployment->old_count && budget > 0; i++) {
        struct sim_object **set = &deployment->old[i];
        int replicas = sim_deployment_number(*set, "spec", "replicas");
        int broken = replicas - sim_deployment_number(*set, "status", "availableReplicas");
        int cut = broken < budget ? broken : budget;
        if (replicas > 0 && cut > 0) {
            scale(deployment, set, replicas - cut);
            budget -= cut;
        }
    }
    int spare = available - keep;
    for (size_t i = 0; i < deployment->old_count && spare > 0; i++) {
        struct sim_object **set = &deployment->old[i];
        int replicas = sim_deployment_number(*set, "spec", "replicas");
        int cut = replicas < spare ? replicas : spare;
        if (cut > 0) {
            scale(deployment, set, replicas - cut);
            spare -= cut;
        }
    }
}

static void roll(struct deployment *deployment)
{
    if (deployment->recreate) {
        for (size_t i = 0; i < deployment->old_count; i++) {
            scale(deployment, &deployment->old[i], 0);
        }
    }
    need_fresh(deployment);
    if (deployment->fresh == NULL) {
        return;
    }
    scale(deployment, &deployment->fresh, room_for_fresh(deployment));
    if (!deployment->recreate) {
        shrink_old(deployment);
    }
}

/* A paused Deployment still follows spec.replicas, with the ReplicaSet it has. */
static void scale_paused(struct deployment *deployment)
{
    struct sim_object **set = deployment->fresh != NULL    ? &deployment->fresh
                              : deployment->old_count == 1 ? &deployment->old[0]
                                                           : NULL;
    if (set != NULL && deployment->old_count + (deployment->fresh != NULL) == 1) {
        scale(deployment, set, deployment->replicas);
    }
}

static void trim(struct deployment *deployment)
{
    int64_t limit =
        json_int(json_member(deployment->object->body, "spec"), "revisionHistoryLimit", 10);
    for (size_t i = 0; i + (size_t)limit < deployment->old_count; i++) {
        const struct sim_object *set = deployment->old[i];
        if (sim_deployment_number(set, "spec", "replicas") > 0 ||
            sim_deployment_number(set, "status", "replicas") > 0) {
            continue;
        }
        struct sim_store_options options = {.require_uid = set->uid};
        struct sim_status status = SIM_STATUS_INIT;
        struct sim_object *last = NULL;
        sim_store_delete(deployment->sim->store, set->resource, set->ns, set->name, &options, &last,
                         NULL, &status);
        sim_object_release(last);
        sim_status_clear(&status);
    }
}

void sim_deployment_reconcile(struct sim *sim, struct sim_object *object)
{
    if (json_string(json_member(object->body, "metadata"), "deletionTimestamp") != NULL) {
        return;
    }
    struct deployment deployment = {.sim = sim, .object = sim_object_retain(object)};
    read_spec(&deployment);
    collect(&deployment);
    if (deployment.paused) {
        scale_paused(&deployment);
    } else {
        roll(&deployment);
    }
    int64_t wait_ms = 0;
    sim_life_set_status(sim, &deployment.object, sim_deployment_status(&deployment, &wait_ms),
                        "kube-controller-manager");
    trim(&deployment);
    if (wait_ms > 0) {
        sim_queue_add_later(sim, object->resource, object->ns, object->name, wait_ms);
    }
    sim_life_free_objects(deployment.old, deployment.old_count);
    sim_object_release(deployment.fresh);
    sim_object_release(deployment.object);
}
