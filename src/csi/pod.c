#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/intern.h"
#include "base/text.h"
#include "doc/json.h"
#include "rows.h"

/* The owner as people name it: a ReplicaSet that a Deployment made stands for the Deployment. */
struct owner {
    const char *kind;
    const char *name;
};

void pod_row_free(struct pod_row *row, struct shape_table *shapes)
{
    const char *texts[] = {row->pod.ns,   row->pod.name,          row->pod.uid,
                           row->pod.node, row->pod.phase,         row->pod.service_account,
                           row->pod.odd,  row->pod.failing_image, row->pod.pull_message,
                           row->revision};
    for (size_t i = 0; i < ARRAY_LENGTH(texts); i++) {
        intern_release(texts[i]);
    }
    shape_release(shapes, row->shape);
    free(row);
}

static const cJSON *controller_of(const cJSON *metadata, unsigned *odd)
{
    const cJSON *owners = odd_list(metadata, "ownerReferences", odd);
    const cJSON *owner;
    cJSON_ArrayForEach(owner, owners)
    {
        if (json_bool(owner, "controller", false)) {
            return owner;
        }
    }
    return owners == NULL ? NULL : owners->child;
}

static bool is_mirror(const cJSON *metadata, const cJSON *owner)
{
    return json_string(json_object(metadata, "annotations"), "kubernetes.io/config.mirror") !=
               NULL ||
           strcmp(json_string_or(owner, "kind", ""), "Node") == 0;
}

/* Deployments name their ReplicaSets "DEPLOYMENT-HASH" and mark the pods with the hash
 * (deployment_util in kube-controller-manager), so that no ReplicaSet need be read. */
static struct owner owner_of(const cJSON *metadata, const cJSON *reference, bool is_static,
                             unsigned *odd)
{
    if (reference == NULL || is_static) {
        return (struct owner){intern("Pod"), odd_text(metadata, "name", NAME_LIMIT, odd)};
    }
    struct owner owner = {odd_text(reference, "kind", NAME_LIMIT, odd),
                          odd_text(reference, "name", NAME_LIMIT, odd)};
    const char *hash = json_string(json_object(metadata, "labels"), "pod-template-hash");
    if (strcmp(owner.kind, "ReplicaSet") == 0 && hash != NULL && *hash != '\0') {
        size_t name = strlen(owner.name);
        size_t tail = strlen(hash);
        if (name > tail + 1 && text_ends_with(owner.name, hash) &&
            owner.name[name - tail - 1] == '-') {
            keep_text(&owner.name, intern_length(owner.name, name - tail - 1));
            keep_text(&owner.kind, intern("Deployment"));
        }
    }
    return owner;
}

/* How the pods of a kind are marked with the version of the template that they were made from. */
static const char *revision_of(const char *kind, const cJSON *metadata, unsigned *odd)
{
    const cJSON *labels = odd_object(metadata, "labels", odd);
    const char *label = strcmp(kind, "DaemonSet") == 0    ? "pod-template-generation"
                        : strcmp(kind, "Deployment") == 0 ? "pod-template-hash"
                                                          : "controller-revision-hash";
    return odd_text(labels, label, NAME_LIMIT, odd);
}

static const char *image_of_container(const cJSON *spec, const char *name)
{
    static const char *const members[] = {"containers", "initContainers"};
    for (size_t i = 0; name != NULL && i < ARRAY_LENGTH(members); i++) {
        const cJSON *container;
        cJSON_ArrayForEach(container, json_list(spec, members[i]))
        {
            if (strcmp(json_string_or(container, "name", ""), name) == 0) {
                return json_string(container, "image");
            }
        }
    }
    return NULL;
}

static void read_waiting(struct pod_row *row, const cJSON *status, const cJSON *spec, unsigned *odd)
{
    const cJSON *waiting = json_object(json_object(status, "state"), "waiting");
    const char *reason = json_string(waiting, "reason");
    const char *message = json_string(waiting, "message");
    enum csi_trouble trouble = csi_trouble_classify(reason, message);
    if (trouble == CSI_TROUBLE_NONE) {
        row->crashes = row->crashes || (reason != NULL && strcmp(reason, "CrashLoopBackOff") == 0);
        if (waiting != NULL && row->pod.pulling == CSI_PULLING_OK && reason != NULL &&
            (strcmp(reason, "ContainerCreating") == 0 || strcmp(reason, "PodInitializing") == 0)) {
            row->pod.pulling = CSI_PULLING_WAITING;
        }
        return;
    }
    if (row->pod.pulling == CSI_PULLING_FAILING) {
        return; /* the first one speaks for the pod */
    }
    row->pod.pulling = CSI_PULLING_FAILING;
    row->pod.trouble = trouble;
    unsigned ignored = 0; /* long words of a registry are nothing strange */
    keep_text(&row->pod.pull_message,
              odd_intern(message != NULL ? message : reason, TEXT_LIMIT, &ignored));
    const char *image = image_of_container(spec, json_string(status, "name"));
    keep_text(&row->pod.failing_image, image == NULL ? NULL : odd_intern(image, TEXT_LIMIT, odd));
}

static void read_statuses(struct pod_row *row, const cJSON *status, const char *member,
                          const cJSON *spec, bool count, unsigned *odd)
{
    const cJSON *entry;
    cJSON_ArrayForEach(entry, odd_list(status, member, odd))
    {
        int64_t restarts = (int64_t)row->pod.restarts + odd_int(entry, "restartCount", 0, odd);
        row->pod.restarts = restarts > 1000000000 ? 1000000000 : (int)restarts;
        if (count && json_bool(entry, "ready", false)) {
            row->pod.ready_containers++;
        }
        read_waiting(row, entry, spec, odd);
    }
}

static void read_status(struct pod_row *row, const cJSON *pod, const cJSON *spec, unsigned *odd)
{
    const cJSON *status = odd_object(pod, "status", odd);
    row->pod.phase = odd_text(status, "phase", NAME_LIMIT, odd);
    row->pod.containers = cJSON_GetArraySize(odd_list(spec, "containers", odd));
    if (row->pod.containers == 0) {
        *odd |= ODD_NO_CONTAINERS;
    }
    read_statuses(row, status, "initContainerStatuses", spec, false, odd);
    read_statuses(row, status, "containerStatuses", spec, true, odd);
    if (row->pod.pulling == CSI_PULLING_OK && strcmp(row->pod.phase, "Pending") == 0) {
        row->pod.pulling = CSI_PULLING_WAITING;
    }
}

static struct pod_row *pod_read(struct csi_census *census, const cJSON *pod, struct owner *owner)
{
    unsigned odd = 0;
    const cJSON *metadata = odd_object(pod, "metadata", &odd);
    const cJSON *spec = odd_object(pod, "spec", &odd);
    struct pod_row *row = xcalloc(1, sizeof(*row));
    struct csi_pod *out = &row->pod;
    out->ns = odd_text(metadata, "namespace", NAME_LIMIT, &odd);
    out->name = odd_text(metadata, "name", NAME_LIMIT, &odd);
    out->uid = odd_text(metadata, "uid", NAME_LIMIT, &odd);
    if (*out->uid == '\0') {
        odd |= ODD_NO_UID;
    }
    out->node = odd_text(spec, "nodeName", NAME_LIMIT, &odd);
    out->created_ms = odd_time(metadata, "creationTimestamp", &odd);
    out->deleting = json_string(metadata, "deletionTimestamp") != NULL;
    const cJSON *reference = controller_of(metadata, &odd);
    out->is_static = is_mirror(metadata, reference);
    *owner = owner_of(metadata, reference, out->is_static, &odd);
    row->revision = revision_of(owner->kind, metadata, &odd);
    row->shape = shape_of_spec(census->shapes, out->ns, spec, &odd);
    out->service_account = intern_retain(row->shape->service_account);
    out->images = row->shape->images;
    out->image_count = row->shape->image_count;
    out->always_pull = row->shape->always_pull;
    read_status(row, pod, spec, &odd);
    out->odd = odd_describe(odd);
    return row;
}

/* Between two tries 1.20 says only that it backs off: the words of the last try stay. */
static void keep_telling_message(struct pod_row *fresh, const struct pod_row *old)
{
    if (fresh->pod.pulling == CSI_PULLING_FAILING && old->pod.pulling == CSI_PULLING_FAILING &&
        fresh->pod.failing_image == old->pod.failing_image && fresh->pod.uid == old->pod.uid &&
        !csi_trouble_message_tells(fresh->pod.pull_message) &&
        csi_trouble_message_tells(old->pod.pull_message)) {
        keep_text(&fresh->pod.pull_message, intern_retain(old->pod.pull_message));
        fresh->pod.trouble = old->pod.trouble;
    }
}

/* A kubelet from 1.35 on that may not use an image again shows the container in turn as
 * ErrImagePull, ImagePullBackOff and CrashLoopBackOff, without a restart in between: the pull fails
 * all the time.
 */
static void keep_failing(struct pod_row *fresh, const struct pod_row *old)
{
    if (fresh->crashes && fresh->pod.pulling == CSI_PULLING_OK &&
        old->pod.pulling == CSI_PULLING_FAILING && fresh->pod.uid == old->pod.uid &&
        fresh->pod.restarts == old->pod.restarts) {
        fresh->pod.pulling = CSI_PULLING_FAILING;
        fresh->pod.trouble = old->pod.trouble;
        keep_text(&fresh->pod.failing_image,
                  old->pod.failing_image == NULL ? NULL : intern_retain(old->pod.failing_image));
        keep_text(&fresh->pod.pull_message,
                  old->pod.pull_message == NULL ? NULL : intern_retain(old->pod.pull_message));
    }
}

static bool same_pod(const struct pod_row *a, const struct pod_row *b)
{
    const struct csi_pod *x = &a->pod;
    const struct csi_pod *y = &b->pod;
    return x->uid == y->uid && x->node == y->node && x->phase == y->phase &&
           x->service_account == y->service_account && x->ready_containers == y->ready_containers &&
           x->containers == y->containers && x->restarts == y->restarts &&
           x->deleting == y->deleting && x->is_static == y->is_static &&
           x->created_ms == y->created_ms && x->pulling == y->pulling && x->trouble == y->trouble &&
           x->failing_image == y->failing_image && x->pull_message == y->pull_message &&
           x->odd == y->odd && x->workload == y->workload && a->shape == b->shape &&
           a->revision == b->revision;
}

static void take_over(struct csi_census *census, struct pod_row *row, struct pod_row *fresh)
{
    struct workload_row *before = (struct workload_row *)row->pod.workload;
    struct pod_row old = *row;
    memcpy(fresh->seen, row->seen, sizeof(fresh->seen));
    *row = *fresh;
    *fresh = old;
    pod_row_free(fresh, census->shapes);
    if ((struct workload_row *)row->pod.workload != before) {
        workload_remove_pod(before, &row->pod);
        workload_add_pod((struct workload_row *)row->pod.workload, &row->pod);
        workload_drop_if_unused(census, before);
    }
}

/* A Job's pod that is through, or one that was evicted, stays in the API for long; nothing is
 * pulled for it any more, nor warned of. */
static bool has_ended(const cJSON *pod)
{
    const char *phase = json_string_or(json_object(pod, "status"), "phase", "");
    return strcmp(phase, "Succeeded") == 0 || strcmp(phase, "Failed") == 0;
}

/* Installers and migrations of a driver show no sidecar; whether a Job that still runs is one is
 * seen when it is compared with the drivers. */
static bool is_running_job(const cJSON *pod)
{
    const cJSON *owner;
    cJSON_ArrayForEach(owner, json_list(json_object(pod, "metadata"), "ownerReferences"))
    {
        if (strcmp(json_string_or(owner, "kind", ""), "Job") == 0) {
            return true;
        }
    }
    return false;
}

bool csi_census_put_part_pod(struct csi_census *census, unsigned part, const cJSON *pod)
{
    const cJSON *spec = json_object(pod, "spec");
    bool evident = clues_any(spec);
    if (has_ended(pod) || (!evident && !is_running_job(pod))) {
        const cJSON *metadata = json_object(pod, "metadata");
        return map_count(census->pods) > 0 &&
               pod_forget(census, json_string_or(metadata, "namespace", ""),
                          json_string_or(metadata, "name", ""));
    }
    struct owner owner;
    struct pod_row *fresh = pod_read(census, pod, &owner);
    fresh->seen[part] = census->epoch;
    struct workload_row *workload = workload_need(census, owner.kind, fresh->pod.ns, owner.name);
    fresh->pod.workload = &workload->workload;
    intern_release(owner.kind);
    intern_release(owner.name);
    if (!workload->known && workload->workload.pod_count == 0) {
        workload->candidate = !evident;
        clues_clear(&workload->clues);
        clues_read(&workload->clues, spec, json_object(json_object(pod, "metadata"), "labels"));
    }
    char key[KEY_SIZE];
    join_key(key, fresh->pod.ns, fresh->pod.name);
    struct pod_row *row = map_get(census->pods, key);
    if (row == NULL) {
        map_set(census->pods, key, fresh);
        workload_add_pod(workload, &fresh->pod);
        census->dirty = true;
        return true;
    }
    row->seen[part] = census->epoch;
    keep_telling_message(fresh, row);
    keep_failing(fresh, row);
    if (same_pod(row, fresh)) {
        pod_row_free(fresh, census->shapes);
        return false;
    }
    take_over(census, row, fresh);
    census->dirty = true;
    return true;
}

bool csi_census_put_pod(struct csi_census *census, const cJSON *pod)
{
    return csi_census_put_part_pod(census, 0, pod);
}

bool pod_leave(struct csi_census *census, unsigned part, struct pod_row *row)
{
    bool elsewhere = false;
    row->seen[part] = 0;
    for (size_t i = 0; i < CSI_POD_PARTS; i++) {
        elsewhere = elsewhere || row->seen[i] != 0;
    }
    return !elsewhere && pod_forget(census, row->pod.ns, row->pod.name);
}

bool pod_forget(struct csi_census *census, const char *ns, const char *name)
{
    char key[KEY_SIZE];
    struct pod_row *row = map_get(census->pods, join_key(key, ns, name));
    if (row == NULL) {
        return false;
    }
    struct workload_row *workload = (struct workload_row *)row->pod.workload;
    workload_remove_pod(workload, &row->pod);
    map_remove(census->pods, key);
    pod_row_free(row, census->shapes);
    workload_drop_if_unused(census, workload);
    census->dirty = true;
    return true;
}
