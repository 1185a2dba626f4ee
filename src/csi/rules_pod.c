#include <string.h>

#include "base/attributes.h"
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
    say(finding, "%zu pod%s of %s %s %s made from an older template.", group->count,
        group->count == 1 ? "" : "s", group->workload->kind, group->workload->name,
        group->count == 1 ? "was" : "were");
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
    say(finding, "%zu static pod%s with a broken pull secret: the manifest lies on the node.",
        group->count, group->count == 1 ? "" : "s");
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
    {"k8s.gcr.io/", "k8s.gcr.io is frozen since April 2023; images are in registry.k8s.io"},
    {"gcr.io/google-containers/", "gcr.io/google-containers is frozen; images are in "
                                  "registry.k8s.io"},
    {"gcr.io/google_containers/", "gcr.io/google_containers is frozen; images are in "
                                  "registry.k8s.io"},
    {"quay.io/k8scsi/", "quay.io/k8scsi is frozen since 2021; the sidecars are in "
                        "registry.k8s.io/sig-storage"},
    {"docker.pkg.github.com/", "docker.pkg.github.com was replaced by ghcr.io"},
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
    say(finding, "%s an image of a registry that gets no more images: %s.", who(group, "use"),
        group->detail);
}

/* --- The node's cache is no shield --------------------------------------------------------------
 */

void select_no_shield(struct diagnosis *diagnosis, const struct csi_pod *pod)
{
    enum { GUARDS_SINCE = 35 };
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
        "%zu pod%s on kubelets from 1.35 on run%s with a broken pull secret: a restart "
        "may fail although the images are on the nodes.",
        group->count, group->count == 1 ? "" : "s", group->count == 1 ? "s" : "");
}

/* --- Warnings that say less than they seem to ---------------------------------------------------
 */

void select_not_reported(struct diagnosis *diagnosis, const struct csi_pod *pod)
{
    bool says_little =
        pod->reporting == CSI_REPORTING_NEVER || pod->reporting == CSI_REPORTING_FAILED_PULLS;
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
            "The warnings of %zu pod%s are not reported by this kubelet (v1.%d): it only "
            "logs them.",
            group->count, group->count == 1 ? "" : "s", minor);
    } else {
        say(finding,
            "The kubelets (v1.%d) of %zu pod%s report a missing Secret only when a pull "
            "fails.",
            minor, group->count, group->count == 1 ? "" : "s");
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
        say(finding, "The warnings on %zu pod%s are older than the Secret they are about.",
            group->count, group->count == 1 ? "" : "s");
    } else {
        say(finding, "%zu pod%s warned although every Secret named is there.", group->count,
            group->count == 1 ? "" : "s");
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
    say(finding, "%zu pod%s look%s strange: %s.", group->count, group->count == 1 ? "" : "s",
        group->count == 1 ? "s" : "", group->detail);
}
