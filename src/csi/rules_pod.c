#include <string.h>

#include "base/attributes.h"
#include "base/language.h"
#include "base/text.h"
#include "rows.h"
#include "rules.h"

/* The rules that are about pods and images as such. */

void select_stale(struct diagnosis *diagnosis, const struct csi_pod *pod)
{
    if (pod->stale && !pod->deleting) {
        group_add(diagnosis, pod->workload, pod, "", "", pod->workload->name);
    }
}

void describe_stale(const struct diagnosis *diagnosis, const struct group *group,
                    struct csi_finding *finding)
{
    (void)diagnosis;
    say(finding,
        language_plural("%zu pod of %s %s was made from an older template.",
                        "%zu pods of %s %s were made from an older template.", group->count),
        group->count, group->workload->kind, group->workload->name);
}

void select_static_pod(struct diagnosis *diagnosis, const struct csi_pod *pod)
{
    if (pod->is_static && csi_secret_state_is_broken(pod->state)) {
        group_add(diagnosis, pod->workload, pod, "", "", "");
    }
}

void describe_static_pod(const struct diagnosis *diagnosis, const struct group *group,
                         struct csi_finding *finding)
{
    (void)diagnosis;
    say(finding,
        language_plural(
            "%zu static pod has a broken pull secret: the manifest lies on the node.",
            "%zu static pods have a broken pull secret: the manifests lie on the nodes.",
            group->count),
        group->count);
}

/* --- Who undoes a change ------------------------------------------------------------------------
 */

static const char *who_undoes(const struct csi_workload *workload)
{
    static const char *const undoers[] = {"Helm", "Argo CD", "Flux", "the addon manager"};
    if (workload->kubernetes_owner != NULL) {
        return workload->kubernetes_owner;
    }
    for (size_t i = 0; workload->managed_by != NULL && i < ARRAY_LENGTH(undoers); i++) {
        if (strcmp(workload->managed_by, undoers[i]) == 0) {
            return undoers[i];
        }
    }
    bool kubespray = workload->driver->kubespray != NULL && workload->managed_by != NULL &&
                     strcmp(workload->managed_by, "kubectl-client-side-apply") == 0;
    return kubespray ? "Kubespray" : NULL;
}

void select_managed(struct diagnosis *diagnosis, const struct csi_pod *pod)
{
    const char *undoer = who_undoes(pod->workload);
    if (undoer != NULL && csi_secret_state_is_broken(pod->workload->state)) {
        group_add(diagnosis, pod->workload, pod, "", "", undoer);
    }
}

void describe_managed(const struct diagnosis *diagnosis, const struct group *group,
                      struct csi_finding *finding)
{
    (void)diagnosis;
    if (strcmp(group->detail, "Kubespray") == 0) {
        say(finding, "The next Kubespray run brings the broken references of %s back.",
            group->driver->name);
    } else {
        say(finding, "%s manages workloads of %s and may undo a change of their references.",
            group->detail, group->driver->name);
    }
    fix_kubespray(group, finding);
}

/* --- Registries that are gone -------------------------------------------------------------------
 */

static const struct {
    const char *prefix;
    const char *what;
} gone_registries[] = {
    {"k8s.gcr.io/",
     N_("k8s.gcr.io has been frozen since April 2023; images are in registry.k8s.io")},
    {"gcr.io/google-containers/",
     N_("gcr.io/google-containers is frozen; images are in registry.k8s.io")},
    {"gcr.io/google_containers/",
     N_("gcr.io/google_containers is frozen; images are in registry.k8s.io")},
    {"quay.io/k8scsi/", N_("quay.io/k8scsi has been frozen since 2021; the sidecars are in "
                           "registry.k8s.io/sig-storage")},
    {"docker.pkg.github.com/", N_("docker.pkg.github.com was replaced by ghcr.io")},
};

void select_frozen_registry(struct diagnosis *diagnosis, const struct csi_pod *pod)
{
    for (size_t i = 0; i < pod->image_count; i++) {
        for (size_t j = 0; j < ARRAY_LENGTH(gone_registries); j++) {
            if (text_starts_with(pod->images[i], gone_registries[j].prefix)) {
                group_add(diagnosis, pod->workload, pod, "", "", gone_registries[j].what);
            }
        }
    }
}

void describe_frozen_registry(const struct diagnosis *diagnosis, const struct group *group,
                              struct csi_finding *finding)
{
    (void)diagnosis;
    if (group->failing > 0) {
        finding->severity = CSI_ERROR;
    }
    say(finding,
        language_plural("%s uses an image of a registry that gets no more images: %s.",
                        "%s use an image of a registry that gets no more images: %s.",
                        who_count(group)),
        who(group), _(group->detail));
}

/* --- The node's cache is no shield --------------------------------------------------------------
 */

void select_no_shield(struct diagnosis *diagnosis, const struct csi_pod *pod)
{
    enum { GUARDS_SINCE = 35 };
    for (size_t i = 0; i < pod->reference_count; i++) {
        if (pod->references[i].state == CSI_SECRET_OK) {
            return; /* this one is asked for as well */
        }
    }
    if (pod->kubelet_minor >= GUARDS_SINCE && pod->pulling == CSI_PULLING_OK &&
        csi_secret_state_is_broken(pod->state) && !pod->always_pull) {
        group_add(diagnosis, pod->workload, pod, "", "", "");
    }
}

void describe_no_shield(const struct diagnosis *diagnosis, const struct group *group,
                        struct csi_finding *finding)
{
    (void)diagnosis;
    say(finding,
        language_plural("%zu pod on kubelets from 1.35 on runs with a broken pull secret: a "
                        "restart may fail although the images are on the nodes.",
                        "%zu pods on kubelets from 1.35 on run with a broken pull secret: a "
                        "restart may fail although the images are on the nodes.",
                        group->count),
        group->count);
}

/* --- Warnings that say less than they seem to ---------------------------------------------------
 */

/* Where an event came all the same (a vendor's kubelet, another version before), it was reported.
 */
void select_not_reported(struct diagnosis *diagnosis, const struct csi_pod *pod)
{
    bool says_little = pod->warnings.count == 0 && (pod->reporting == CSI_REPORTING_NEVER ||
                                                    pod->reporting == CSI_REPORTING_FAILED_PULLS);
    for (size_t i = 0; says_little && i < pod->reference_count; i++) {
        if (pod->references[i].state == CSI_SECRET_MISSING) {
            group_add(diagnosis, pod->workload, pod, "", "",
                      pod->reporting == CSI_REPORTING_NEVER ? "never" : "on failed pulls");
            return;
        }
    }
}

void describe_not_reported(const struct diagnosis *diagnosis, const struct group *group,
                           struct csi_finding *finding)
{
    (void)diagnosis;
    int minor = group->count > 0 ? group->pods[0]->kubelet_minor : 0;
    if (strcmp(group->detail, "never") == 0) {
        say(finding,
            language_plural("The warnings of %zu pod are not reported by its kubelet (v1.%d): it "
                            "only logs them.",
                            "The warnings of %zu pods are not reported by their kubelets (v1.%d): "
                            "they only log them.",
                            group->count),
            group->count, minor);
    } else {
        say(finding,
            language_plural("The kubelet (v1.%d) of %zu pod reports a missing Secret only when a "
                            "pull fails.",
                            "The kubelets (v1.%d) of %zu pods report a missing Secret only when a "
                            "pull fails.",
                            group->count),
            minor, group->count);
    }
}

/* The kubelet warned, and everything it could have missed is there: its cache was late, or the
 * Secret came later. */
void select_transient(struct diagnosis *diagnosis, const struct csi_pod *pod)
{
    const struct pod_row *row = (const struct pod_row *)pod;
    if (pod->warnings.count > 0 && pod->reference_count > 0 && row->shape->resolved) {
        group_add(diagnosis, pod->workload, pod, "", "",
                  pod->warnings.last_seen_ms <= row->shape->resolved_ms ? "before" : "");
    }
}

void describe_transient(const struct diagnosis *diagnosis, const struct group *group,
                        struct csi_finding *finding)
{
    (void)diagnosis;
    if (strcmp(group->detail, "before") == 0) {
        say(finding,
            language_plural("The warnings on %zu pod are older than the Secret they are about.",
                            "The warnings on %zu pods are older than the Secret they are about.",
                            group->count),
            group->count);
    } else {
        say(finding,
            language_plural("%zu pod warned although every Secret named is there.",
                            "%zu pods warned although every Secret named is there.", group->count),
            group->count);
    }
}

void select_odd(struct diagnosis *diagnosis, const struct csi_pod *pod)
{
    if (pod->odd != NULL) {
        group_add(diagnosis, pod->workload, pod, "", "", pod->odd);
    }
}

void describe_odd(const struct diagnosis *diagnosis, const struct group *group,
                  struct csi_finding *finding)
{
    (void)diagnosis;
    say(finding,
        language_plural("%zu pod looks strange: %s.", "%zu pods look strange: %s.", group->count),
        group->count, group->detail);
}
