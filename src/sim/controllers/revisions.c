#include "sim/revisions.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/buffer.h"
#include "doc/json.h"
#include "sim/life.h"
#include "sim/writes.h"

enum { TEMPLATE_LIMIT = 4 * 1024 * 1024 };

static uint32_t hash_bytes(const char *bytes, size_t length)
{
    uint32_t hash = 2166136261U;
    for (size_t i = 0; i < length; i++) {
        hash = (hash ^ (unsigned char)bytes[i]) * 16777619U;
    }
    return hash;
}

void sim_template_hash(const cJSON *value, char out[16])
{
    static const char alphabet[] = "bcdfghjklmnpqrstvwxz2456789";
    struct buffer text;
    buffer_init(&text, TEMPLATE_LIMIT);
    json_write_sorted(&text, value);
    snprintf(out, 16, "%u", hash_bytes(text.data, text.length));
    buffer_free(&text);
    for (char *c = out; *c != '\0'; c++) {
        *c = alphabet[(unsigned char)*c % (sizeof(alphabet) - 1)];
    }
}

/* {"spec": {"template": {"$patch": "replace", ...}}} with sorted members, ready to be sent as a
 * strategic merge patch by `kubectl rollout undo`. */
static cJSON *template_data(const struct sim_object *owner)
{
    cJSON *template = cJSON_Duplicate(json_at(owner->body, "spec", "template", NULL), true);
    json_set_string(template, "$patch", "replace");
    struct buffer text;
    buffer_init(&text, TEMPLATE_LIMIT);
    json_write_sorted(&text, template);
    cJSON_Delete(template);
    cJSON *data = cJSON_CreateObject();
    cJSON_AddItemToObject(cJSON_AddObjectToObject(data, "spec"), "template",
                          cJSON_ParseWithLength(text.data, text.length));
    buffer_free(&text);
    return data;
}

static int64_t revision_number(const struct sim_object *revision)
{
    return json_int(revision->body, "revision", 0);
}

/* A DaemonSet marks pods and revisions with the hash alone, a StatefulSet with the whole name. */
static bool is_daemonset(const struct sim_object *owner)
{
    return owner->resource == sim_daemonsets();
}

static cJSON *revision_labels(const struct sim_object *owner, const char *hash)
{
    const cJSON *base = is_daemonset(owner)
                            ? json_at(owner->body, "spec", "template", "metadata", "labels", NULL)
                            : json_at(owner->body, "spec", "selector", "matchLabels", NULL);
    cJSON *labels = base == NULL ? cJSON_CreateObject() : cJSON_Duplicate(base, true);
    json_set_string(
        labels, is_daemonset(owner) ? "controller-revision-hash" : "controller.kubernetes.io/hash",
        hash);
    return labels;
}

static struct sim_object *create_revision(struct sim *sim, const struct sim_object *owner,
                                          cJSON *data, int64_t number)
{
    char hash[16];
    sim_template_hash(data, hash);
    cJSON *body = cJSON_CreateObject();
    cJSON_AddStringToObject(body, "apiVersion", "apps/v1");
    cJSON_AddStringToObject(body, "kind", "ControllerRevision");
    cJSON *metadata = cJSON_AddObjectToObject(body, "metadata");
    char *name = xasprintf("%s-%s", owner->name, hash);
    cJSON_AddStringToObject(metadata, "name", name);
    free(name);
    cJSON_AddStringToObject(metadata, "namespace", owner->ns);
    cJSON_AddItemToObject(metadata, "labels", revision_labels(owner, hash));
    const cJSON *annotations = json_at(owner->body, "metadata", "annotations", NULL);
    if (annotations != NULL) {
        cJSON_AddItemToObject(metadata, "annotations", cJSON_Duplicate(annotations, true));
    }
    cJSON_AddItemToArray(json_need_list(metadata, "ownerReferences"),
                         sim_life_owner_reference(owner));
    cJSON_AddItemToObject(body, "data", data);
    cJSON_AddNumberToObject(body, "revision", (double)number);
    struct sim_write write = {.manager = "kube-controller-manager",
                              .creation_ms = sim_life_ms(sim)};
    struct sim_status status = SIM_STATUS_INIT;
    struct sim_object *made = NULL;
    sim_write_create(sim, sim_controller_revisions(), owner->ns, body, &write, &made, &status);
    sim_status_clear(&status);
    return made;
}

static struct sim_object *renumber(struct sim *sim, struct sim_object *revision, int64_t number)
{
    cJSON *body = cJSON_Duplicate(revision->body, true);
    json_set(body, "revision", cJSON_CreateNumber((double)number));
    sim_life_update(sim, &revision, body, "kube-controller-manager");
    return revision;
}

struct sim_object *sim_revision_current(struct sim *sim, const struct sim_object *owner)
{
    size_t count = 0;
    struct sim_object **revisions =
        sim_life_owned(sim, sim_controller_revisions(), owner->ns, owner->uid, &count);
    cJSON *data = template_data(owner);
    struct sim_object *found = NULL;
    int64_t newest = 0;
    for (size_t i = 0; i < count; i++) {
        int64_t number = revision_number(revisions[i]);
        newest = number > newest ? number : newest;
        if (found == NULL && json_equal(json_member(revisions[i]->body, "data"), data)) {
            found = sim_object_retain(revisions[i]);
        }
    }
    sim_life_free_objects(revisions, count);
    if (found == NULL) {
        return create_revision(sim, owner, data, newest + 1);
    }
    cJSON_Delete(data);
    return revision_number(found) == newest ? found : renumber(sim, found, newest + 1);
}

struct sim_object *sim_revision_named(struct sim *sim, const struct sim_object *owner,
                                      const char *name)
{
    struct sim_object *revision =
        sim_store_get(sim->store, sim_controller_revisions(), owner->ns, name);
    return revision == NULL ? NULL : sim_object_retain(revision);
}

const cJSON *sim_revision_template(const struct sim_object *revision)
{
    return json_at(revision->body, "data", "spec", "template", NULL);
}

const char *sim_revision_hash(const struct sim_object *revision)
{
    const cJSON *labels = json_at(revision->body, "metadata", "labels", NULL);
    return json_string_or(labels, "controller-revision-hash",
                          json_string_or(labels, "controller.kubernetes.io/hash", ""));
}

static bool is_kept(const char *name, const char *const *keep)
{
    for (; *keep != NULL; keep++) {
        if (strcmp(*keep, name) == 0) {
            return true;
        }
    }
    return false;
}

void sim_revisions_trim(struct sim *sim, const struct sim_object *owner, const char *const *keep)
{
    int64_t limit = json_int(json_member(owner->body, "spec"), "revisionHistoryLimit", 10);
    size_t count = 0;
    struct sim_object **revisions =
        sim_life_owned(sim, sim_controller_revisions(), owner->ns, owner->uid, &count);
    size_t spare = 0;
    for (size_t i = 0; i < count; i++) {
        spare += !is_kept(revisions[i]->name, keep);
    }
    while (spare > (size_t)limit) {
        struct sim_object *oldest = NULL;
        for (size_t i = 0; i < count; i++) {
            if (revisions[i] != NULL && !is_kept(revisions[i]->name, keep) &&
                (oldest == NULL || revision_number(revisions[i]) < revision_number(oldest))) {
                oldest = revisions[i];
            }
        }
        struct sim_store_options options = {.require_uid = oldest->uid};
        struct sim_status status = SIM_STATUS_INIT;
        struct sim_object *last = NULL;
        sim_store_delete(sim->store, oldest->resource, oldest->ns, oldest->name, &options, &last,
                         NULL, &status);
        sim_object_release(last);
        sim_status_clear(&status);
        for (size_t i = 0; i < count; i++) {
            if (revisions[i] == oldest) {
                sim_object_release(oldest);
                revisions[i] = NULL;
            }
        }
        spare--;
    }
    sim_life_free_objects(revisions, count);
}
