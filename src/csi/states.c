#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/intern.h"
#include "registry/keyring.h"
#include "registry/reference.h"
#include "rows.h"

/* What the registry floor can tell; the other states take a cluster to know. */
static enum csi_secret_state from_registry(enum registry_secret_state state)
{
    static const enum csi_secret_state states[] = {
        [REGISTRY_SECRET_MALFORMED] = CSI_SECRET_MALFORMED,
        [REGISTRY_SECRET_WRONG_TYPE] = CSI_SECRET_WRONG_TYPE,
        [REGISTRY_SECRET_NO_MATCH] = CSI_SECRET_NO_MATCH,
        [REGISTRY_SECRET_EMPTY] = CSI_SECRET_EMPTY,
        [REGISTRY_SECRET_OK] = CSI_SECRET_OK,
    };
    return states[state];
}

/* What one name is worth to pods with these images. Until its content was read, a Secret of the
 * right type passes for sound: the API server has checked that its key is there and is JSON. */
static enum csi_secret_state state_of_name(const struct csi_census *census,
                                           const struct shape *shape, const char *name)
{
    if (*name == '\0') {
        return CSI_SECRET_EMPTY_NAME;
    }
    const struct secret_row *row = secret_find(census, shape->ns, name);
    if (row == NULL) {
        bool listed = census->secrets_listed && !secrets_are_unreadable(census, shape->ns);
        return listed ? CSI_SECRET_MISSING : CSI_SECRET_UNKNOWN;
    }
    if (row->absent) {
        return CSI_SECRET_MISSING;
    }
    if (!row->listed && !row->secret.content_known) {
        return CSI_SECRET_UNKNOWN;
    }
    if (registry_secret_data_key(row->secret.type) == NULL) {
        return CSI_SECRET_WRONG_TYPE;
    }
    if (row->secret.content_known) {
        return from_registry(
            registry_secret_state(&row->content, shape->images, shape->image_count));
    }
    return row->refused                           ? CSI_SECRET_UNKNOWN
           : row->secret.keys == 0 && row->listed ? CSI_SECRET_MALFORMED
                                                  : CSI_SECRET_OK;
}

static bool serves(const struct csi_census *census, const struct shape *shape, const char *name,
                   const char *image)
{
    const struct secret_row *row = secret_find(census, shape->ns, name);
    struct image_reference reference;
    if (row == NULL || !row->secret.content_known ||
        !image_reference_parse(&reference, image, NULL)) {
        return false;
    }
    bool found = false;
    for (size_t i = 0; !found && i < row->secret.registry_count; i++) {
        found = keyring_key_matches(row->secret.registries[i], reference.name);
    }
    image_reference_free(&reference);
    return found;
}

static void derive_shape(const struct csi_census *census, struct shape *shape)
{
    shape->resolved = true;
    shape->resolved_ms = 0;
    shape->visible = false;
    shape->refused_image = NULL;
    for (int v = 0; v < VARIANTS; v++) {
        shape->state[v] = CSI_SECRET_NONE;
        if (shape->name_count > 0 && shape->references[v] == NULL) {
            shape->references[v] = xcalloc(shape->name_count, sizeof(struct csi_reference));
        }
    }
    for (size_t i = 0; i < shape->name_count; i++) {
        enum csi_secret_state state = state_of_name(census, shape, shape->names[i]);
        const struct secret_row *row = secret_find(census, shape->ns, shape->names[i]);
        if (state == CSI_SECRET_MISSING || state == CSI_SECRET_UNKNOWN) {
            shape->resolved = false;
        } else if (row != NULL && row->secret.created_ms > shape->resolved_ms) {
            shape->resolved_ms = row->secret.created_ms;
        }
        for (int v = 0; v < VARIANTS; v++) {
            shape->references[v][i] = (struct csi_reference){
                shape->names[i], v & VARIANT_ACCOUNT ? CSI_SOURCE_SERVICE_ACCOUNT : CSI_SOURCE_POD,
                state};
            if (state < shape->state[v]) {
                shape->state[v] = state;
            }
        }
    }
}

/* A registry refused an image that a Secret of the pod has an entry for: that entry is wrong. */
static void mark_refused(const struct csi_census *census, struct shape *shape, const char *image)
{
    shape->refused_image = image;
    for (size_t i = 0; i < shape->name_count; i++) {
        if (shape->references[VARIANT_POD][i].state != CSI_SECRET_OK ||
            !serves(census, shape, shape->names[i], image)) {
            continue;
        }
        for (int v = VARIANT_REFUSED; v < VARIANTS; v++) {
            shape->references[v][i].state = CSI_SECRET_REJECTED;
            shape->state[v] = CSI_SECRET_REJECTED;
        }
    }
}

static bool was_refused(const struct csi_pod *pod)
{
    return pod->pulling == CSI_PULLING_FAILING && pod->failing_image != NULL &&
           (pod->trouble == CSI_TROUBLE_UNAUTHORIZED || pod->trouble == CSI_TROUBLE_FORBIDDEN) &&
           csi_trouble_tried(pod->pull_message) != CSI_TRIED_ANONYMOUS;
}

static bool account_lists(const struct csi_service_account *account, const struct shape *shape)
{
    if (account == NULL || account->pull_secret_count != shape->name_count) {
        return false;
    }
    for (size_t i = 0; i < shape->name_count; i++) {
        if (strcmp(account->pull_secrets[i], shape->names[i]) != 0) {
            return false;
        }
    }
    return true;
}

/* Admission copies the ServiceAccount's list into a pod that has none. A pod made from the present
 * template without a list can have it from there only; where the template is not known, the same
 * list tells. */
static bool is_injected(const struct csi_census *census, const struct workload_row *workload,
                        const struct pod_row *pod)
{
    if (pod->shape->name_count == 0 || pod->pod.is_static) {
        return false;
    }
    if (workload->known && !pod->pod.stale) {
        return workload->shape->name_count == 0;
    }
    return account_lists(csi_census_service_account(census, pod->pod.ns, pod->pod.service_account),
                         pod->shape);
}

static enum csi_reporting reporting_of(int minor)
{
    return minor == 0   ? CSI_REPORTING_UNKNOWN
           : minor < 28 ? CSI_REPORTING_NEVER
           : minor < 37 ? CSI_REPORTING_EACH_SYNC
                        : CSI_REPORTING_FAILED_PULLS;
}

static void derive_pod(struct csi_census *census, struct workload_row *workload,
                       struct pod_row *row)
{
    struct csi_pod *pod = &row->pod;
    struct shape *shape = row->shape;
    const int *minor = *pod->node == '\0' ? NULL : map_get(census->nodes, pod->node);
    pod->kubelet_minor = minor != NULL ? *minor : census->server_minor;
    pod->reporting = reporting_of(pod->kubelet_minor);
    row->variant = is_injected(census, workload, row) ? VARIANT_ACCOUNT : VARIANT_POD;
    if (shape->name_count > 0 && was_refused(pod)) {
        if (shape->refused_image != pod->failing_image) {
            mark_refused(census, shape, pod->failing_image);
        }
        row->variant |= VARIANT_REFUSED;
    }
    pod->references = shape->references[row->variant];
    pod->reference_count = shape->name_count;
    pod->state = shape->state[row->variant];
}

static int compare_pods(const void *a, const void *b)
{
    const struct csi_pod *x = *(struct csi_pod *const *)a;
    const struct csi_pod *y = *(struct csi_pod *const *)b;
    int order = strcmp(x->name, y->name);
    return order != 0 ? order : strcmp(x->ns, y->ns);
}

static void derive_workload(struct csi_census *census, struct workload_row *row)
{
    struct csi_workload *w = &row->workload;
    bool visible = w->driver != NULL;
    if (row->unsorted) {
        qsort(w->pods, w->pod_count, sizeof(w->pods[0]), compare_pods);
        row->unsorted = false;
    }
    workload_mark_stale(row);
    w->state = CSI_SECRET_NONE;
    if (row->shape != NULL) {
        w->references = row->shape->references[VARIANT_POD];
        w->reference_count = row->shape->name_count;
        w->images = row->shape->images;
        w->image_count = row->shape->image_count;
        w->state = w->pod_count == 0 ? row->shape->state[VARIANT_POD] : CSI_SECRET_NONE;
        row->shape->visible = row->shape->visible || visible;
    }
    int ready = 0;
    for (size_t i = 0; i < w->pod_count; i++) {
        struct pod_row *pod = (struct pod_row *)w->pods[i];
        derive_pod(census, row, pod);
        pod->shape->visible = pod->shape->visible || visible;
        ready += pod->pod.containers > 0 && pod->pod.ready_containers == pod->pod.containers;
        if (pod->pod.state < w->state) {
            w->state = pod->pod.state;
        }
    }
    if (!row->known) { /* nothing counts the pods of a bare or static one but we */
        w->desired = w->updated = (int)w->pod_count;
        w->ready = ready;
        w->rollout_done = ready == w->desired;
        keep_text(&w->service_account,
                  w->pod_count > 0 ? intern_retain(w->pods[0]->service_account) : intern(""));
    }
}

static void derive_driver(struct csi_driver *driver)
{
    driver->pod_count = driver->broken_pods = 0;
    driver->state = CSI_SECRET_NONE;
    for (size_t i = 0; i < driver->workload_count; i++) {
        const struct csi_workload *workload = driver->workloads[i];
        driver->pod_count += workload->pod_count;
        for (size_t j = 0; j < workload->pod_count; j++) {
            driver->broken_pods += csi_secret_state_is_broken(workload->pods[j]->state);
        }
        if (workload->state < driver->state) {
            driver->state = workload->state;
        }
    }
}

void states_derive(struct csi_census *census)
{
    size_t bucket = 0;
    struct shape *shape = NULL;
    while ((shape = shape_table_next(census->shapes, &bucket, shape)) != NULL) {
        derive_shape(census, shape);
    }
    size_t position = 0;
    void *value;
    while (map_next(census->workloads, &position, NULL, &value)) {
        derive_workload(census, value);
    }
    for (size_t i = 0; i < census->driver_count; i++) {
        derive_driver(census->drivers[i]);
    }
}
