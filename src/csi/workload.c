#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/intern.h"
#include "doc/json.h"
#include "rows.h"

static const char *workload_key(char out[KEY_SIZE + NAME_LIMIT], const char *kind, const char *ns,
                                const char *name)
{
    snprintf(out, KEY_SIZE + NAME_LIMIT, "%s/%s/%s", kind, ns, name);
    return out;
}

static void release_contents(struct workload_row *row, struct shape_table *shapes)
{
    struct csi_workload *w = &row->workload;
    const char *texts[] = {w->uid,        w->service_account, w->managed_by, w->kubernetes_owner,
                           row->revision, row->version};
    for (size_t i = 0; i < ARRAY_LENGTH(texts); i++) {
        intern_release(texts[i]);
    }
    w->uid = w->service_account = w->managed_by = w->kubernetes_owner = NULL;
    row->revision = row->version = NULL;
    shape_release(shapes, row->shape);
    row->shape = NULL;
    w->images = NULL;
    w->image_count = 0;
    w->references = NULL;
    w->reference_count = 0;
    for (size_t i = 0; i < row->label_count; i++) {
        intern_release(row->labels[i].key);
        intern_release(row->labels[i].value);
    }
    free(row->labels);
    row->labels = NULL;
    row->label_count = 0;
}

void workload_row_free(struct workload_row *row, struct shape_table *shapes)
{
    release_contents(row, shapes);
    intern_release(row->workload.kind);
    intern_release(row->workload.ns);
    intern_release(row->workload.name);
    clues_clear(&row->clues);
    free(row->workload.pods);
    free(row);
}

static void make_unknown(struct workload_row *row)
{
    row->known = false;
    row->workload.uid = intern("");
    row->workload.service_account = intern("");
    row->workload.managed_by = intern("");
    row->revision = intern("");
    row->version = intern("");
    row->workload.desired = row->workload.ready = row->workload.updated = 0;
}

struct workload_row *workload_need(struct csi_census *census, const char *kind, const char *ns,
                                   const char *name)
{
    char key[KEY_SIZE + NAME_LIMIT];
    struct workload_row *row = map_get(census->workloads, workload_key(key, kind, ns, name));
    if (row != NULL) {
        return row;
    }
    row = xcalloc(1, sizeof(*row));
    row->workload.kind = intern(kind);
    row->workload.ns = intern(ns);
    row->workload.name = intern(name);
    make_unknown(row);
    map_set(census->workloads, key, row);
    census->dirty = true;
    return row;
}

void workload_drop_if_unused(struct csi_census *census, struct workload_row *row)
{
    if (row->known || row->workload.pod_count > 0) {
        return;
    }
    char key[KEY_SIZE + NAME_LIMIT];
    workload_key(key, row->workload.kind, row->workload.ns, row->workload.name);
    map_remove(census->workloads, key);
    workload_row_free(row, census->shapes);
    census->dirty = true;
}

/* The object is gone; its pods keep the row until they are gone too. */
void workload_forget(struct csi_census *census, struct workload_row *row)
{
    release_contents(row, census->shapes);
    make_unknown(row);
    census->dirty = true;
    workload_drop_if_unused(census, row);
}

void workload_add_pod(struct workload_row *row, struct csi_pod *pod)
{
    struct csi_workload *w = &row->workload;
    w->pods = xgrow(w->pods, w->pod_count, &row->pod_capacity, sizeof(struct csi_pod *));
    w->pods[w->pod_count++] = pod;
    row->unsorted = true;
}

void workload_remove_pod(struct workload_row *row, struct csi_pod *pod)
{
    struct csi_workload *w = &row->workload;
    for (size_t i = 0; i < w->pod_count; i++) {
        if (w->pods[i] == pod) {
            memmove(&w->pods[i], &w->pods[i + 1], (w->pod_count - i - 1) * sizeof(w->pods[0]));
            w->pod_count--;
            return;
        }
    }
}

/* --- Reading one --------------------------------------------------------------------------------
 */

/* The rules of `kubectl rollout status`; a strategy that replaces no pod by itself has nothing to
 * wait for beyond the observed generation. */
static void read_daemon_set(struct workload_row *row, const cJSON *status)
{
    unsigned odd = 0;
    struct csi_workload *w = &row->workload;
    w->desired = odd_int(status, "desiredNumberScheduled", 0, &odd);
    w->ready = odd_int(status, "numberReady", 0, &odd);
    w->updated = odd_int(status, "updatedNumberScheduled", 0, &odd);
    w->rollout_done = row->rollout_current && w->updated >= w->desired &&
                      odd_int(status, "numberAvailable", 0, &odd) >= w->desired;
}

static void read_deployment(struct workload_row *row, const cJSON *spec, const cJSON *status)
{
    unsigned odd = 0;
    struct csi_workload *w = &row->workload;
    w->desired = odd_int(spec, "replicas", 1, &odd);
    w->ready = odd_int(status, "readyReplicas", 0, &odd);
    w->updated = odd_int(status, "updatedReplicas", 0, &odd);
    w->rollout_done = row->rollout_current && w->updated >= w->desired &&
                      odd_int(status, "replicas", 0, &odd) <= w->updated &&
                      odd_int(status, "availableReplicas", 0, &odd) >= w->updated;
}

static void read_stateful_set(struct workload_row *row, const cJSON *spec, const cJSON *status)
{
    unsigned odd = 0;
    struct csi_workload *w = &row->workload;
    w->desired = odd_int(spec, "replicas", 1, &odd);
    w->ready = odd_int(status, "readyReplicas", 0, &odd);
    const char *current = json_string_or(status, "currentRevision", "");
    const char *update = json_string_or(status, "updateRevision", "");
    bool all = strcmp(current, update) == 0;
    int partition =
        odd_int(json_at(spec, "updateStrategy", "rollingUpdate", NULL), "partition", 0, &odd);
    /* updatedReplicas is left out when it is 0, also when nothing was ever rolled */
    w->updated = odd_int(status, "updatedReplicas", 0, &odd);
    if (all && w->updated == 0) {
        w->updated = odd_int(status, "currentReplicas", 0, &odd);
    }
    w->rollout_done = row->rollout_current && w->ready >= w->desired &&
                      (all || w->updated >= w->desired - partition);
}

static void read_counts(struct workload_row *row, const cJSON *workload, unsigned *odd)
{
    const cJSON *metadata = json_object(workload, "metadata");
    const cJSON *spec = json_object(workload, "spec");
    const cJSON *status = odd_object(workload, "status", odd);
    row->rollout_current = odd_int64(status, "observedGeneration", 0, odd) >=
                           odd_int64(metadata, "generation", 0, odd);
    const char *kind = row->workload.kind;
    if (strcmp(kind, "DaemonSet") == 0) {
        read_daemon_set(row, status);
        row->revision = odd_text(json_object(metadata, "annotations"),
                                 "deprecated.daemonset.template.generation", NAME_LIMIT, odd);
    } else if (strcmp(kind, "StatefulSet") == 0) {
        read_stateful_set(row, spec, status);
        row->revision = odd_text(status, "updateRevision", NAME_LIMIT, odd);
    } else {
        read_deployment(row, spec, status);
        row->revision = intern("");
    }
}

/* Whether anything below node but `right` has such a list. */
static bool has_list_elsewhere(const cJSON *node, const cJSON *right)
{
    const cJSON *child;
    cJSON_ArrayForEach(child, node)
    {
        bool named = child->string != NULL && strcmp(child->string, "imagePullSecrets") == 0;
        if ((named && node != right && !cJSON_IsNull(child)) || has_list_elsewhere(child, right)) {
            return true;
        }
    }
    return false;
}

/* imagePullSecrets in the manifest that was applied, but not where anything reads it: the server
 * dropped it without a word. */
static bool has_misplaced_list(const cJSON *metadata)
{
    const char *applied = json_string(json_object(metadata, "annotations"),
                                      "kubectl.kubernetes.io/last-applied-configuration");
    if (applied == NULL || strstr(applied, "\"imagePullSecrets\"") == NULL) {
        return false;
    }
    cJSON *manifest = json_parse(applied, strlen(applied), "last-applied-configuration", NULL);
    const cJSON *right = json_at(manifest, "spec", "template", "spec", NULL);
    const cJSON *entry;
    bool misplaced = has_list_elsewhere(manifest, right);
    cJSON_ArrayForEach(entry, json_list(right, "imagePullSecrets"))
    {
        misplaced = misplaced || !cJSON_IsObject(entry);
    }
    cJSON_Delete(manifest);
    return misplaced;
}

static void read_owner(struct workload_row *row, const cJSON *metadata, unsigned *odd)
{
    const cJSON *owner;
    cJSON_ArrayForEach(owner, odd_list(metadata, "ownerReferences", odd))
    {
        char key[KEY_SIZE];
        const char *kind = odd_text(owner, "kind", NAME_LIMIT, odd);
        const char *name = odd_text(owner, "name", NAME_LIMIT, odd);
        keep_text(&row->workload.kubernetes_owner, intern(join_key(key, kind, name)));
        intern_release(kind);
        intern_release(name);
        if (json_bool(owner, "controller", false)) {
            break;
        }
    }
}

static void read_labels(struct workload_row *row, const cJSON *labels, unsigned *odd)
{
    size_t count = (size_t)cJSON_GetArraySize(labels);
    const cJSON *label;
    row->labels = count == 0 ? NULL : xcalloc(count, sizeof(*row->labels));
    cJSON_ArrayForEach(label, labels)
    {
        if (cJSON_IsString(label)) {
            row->labels[row->label_count++] =
                (struct label){odd_intern(label->string, NAME_LIMIT, odd),
                               odd_intern(label->valuestring, NAME_LIMIT, odd)};
        }
    }
}

static void workload_read(struct csi_census *census, struct workload_row *row,
                          const cJSON *workload)
{
    unsigned odd = 0;
    const cJSON *metadata = odd_object(workload, "metadata", &odd);
    const cJSON *template = json_at(workload, "spec", "template", NULL);
    const cJSON *spec = json_object(template, "spec");
    struct csi_workload *w = &row->workload;
    release_contents(row, census->shapes);
    row->known = true;
    row->candidate = false;
    w->uid = odd_text(metadata, "uid", NAME_LIMIT, &odd);
    row->version = odd_text(metadata, "resourceVersion", NAME_LIMIT, &odd);
    row->shape = shape_of_spec(census->shapes, w->ns, spec, &odd);
    w->service_account = *row->shape->service_account == '\0'
                             ? intern("default")
                             : intern_retain(row->shape->service_account);
    w->managed_by = manager_of(metadata);
    read_owner(row, metadata, &odd);
    read_counts(row, workload, &odd);
    row->on_delete =
        strcmp(json_string_or(json_at(workload, "spec", "updateStrategy", NULL), "type", ""),
               "OnDelete") == 0;
    read_labels(row, json_object(json_at(workload, "spec", "selector", NULL), "matchLabels"), &odd);
    row->misplaced = row->shape->name_count == 0 && has_misplaced_list(metadata);
    clues_clear(&row->clues);
    clues_read(&row->clues, spec, json_at(template, "metadata", "labels", NULL));
}

bool csi_census_put_workload(struct csi_census *census, const char *kind, const cJSON *workload)
{
    unsigned odd = 0;
    const cJSON *metadata = json_object(workload, "metadata");
    const cJSON *spec = json_at(workload, "spec", "template", "spec", NULL);
    const char *ns = odd_text(metadata, "namespace", NAME_LIMIT, &odd);
    const char *name = odd_text(metadata, "name", NAME_LIMIT, &odd);
    char key[KEY_SIZE + NAME_LIMIT];
    struct workload_row *row = map_get(census->workloads, workload_key(key, kind, ns, name));
    bool changed = false;
    if (!clues_any(spec)) {
        if (row != NULL && row->known) {
            workload_forget(census, row);
            changed = true;
        }
    } else {
        row = row != NULL ? row : workload_need(census, kind, ns, name);
        const char *version = json_string_or(metadata, "resourceVersion", "");
        changed = !row->known || *version == '\0' || strcmp(version, row->version) != 0;
        if (changed) {
            workload_read(census, row, workload);
            census->dirty = true;
        }
        row->seen = census->epoch;
    }
    intern_release(ns);
    intern_release(name);
    return changed;
}

struct csi_workload *csi_census_workload(const struct csi_census *census, const char *kind,
                                         const char *ns, const char *name)
{
    char key[KEY_SIZE + NAME_LIMIT];
    return map_get(census->workloads, workload_key(key, kind, ns, name));
}

/* --- Stale pods ---------------------------------------------------------------------------------
 */

/* Deployments do not tell the hash of their template. While all pods are updated there is but one;
 * during a rollout the newest pod was made from the newest template. */
static const char *newest_hash(const struct workload_row *row)
{
    const struct csi_workload *w = &row->workload;
    const struct pod_row *newest = NULL;
    for (size_t i = 0; i < w->pod_count; i++) {
        const struct pod_row *pod = (const struct pod_row *)w->pods[i];
        if (newest == NULL || pod->pod.created_ms > newest->pod.created_ms) {
            newest = pod;
        }
    }
    return newest == NULL || w->updated == 0 ? "" : newest->revision;
}

void workload_mark_stale(struct workload_row *row)
{
    struct csi_workload *w = &row->workload;
    bool deployment = strcmp(w->kind, "Deployment") == 0;
    bool all_updated = deployment && w->updated >= (int)w->pod_count && row->rollout_current;
    const char *current = deployment ? newest_hash(row) : row->revision;
    for (size_t i = 0; i < w->pod_count; i++) {
        struct pod_row *pod = (struct pod_row *)w->pods[i];
        if (!row->known || all_updated || *pod->revision == '\0') {
            pod->pod.stale = false;
        } else if (deployment && w->updated == 0) {
            pod->pod.stale = w->desired > 0;
        } else {
            pod->pod.stale = *current != '\0' && strcmp(current, pod->revision) != 0;
        }
    }
}
