#ifndef KUBE_RESOURCE_H
#define KUBE_RESOURCE_H

#include <stdbool.h>

#include "base/buffer.h"

/* A kind of object as the API serves it. */
struct kube_resource {
    const char *group;   /* "" for the core group */
    const char *version; /* "v1" */
    const char *plural;  /* "daemonsets" */
    const char *kind;    /* "DaemonSet" */
    bool namespaced;
};

extern const struct kube_resource kube_pods;
extern const struct kube_resource kube_nodes;
extern const struct kube_resource kube_namespaces;
extern const struct kube_resource kube_secrets;
extern const struct kube_resource kube_service_accounts;
extern const struct kube_resource kube_config_maps;
extern const struct kube_resource kube_events; /* core/v1 */
extern const struct kube_resource kube_daemon_sets;
extern const struct kube_resource kube_deployments;
extern const struct kube_resource kube_stateful_sets;
extern const struct kube_resource kube_replica_sets;
extern const struct kube_resource kube_controller_revisions;
extern const struct kube_resource kube_csi_drivers;
extern const struct kube_resource kube_csi_nodes;
extern const struct kube_resource kube_pod_disruption_budgets;

/* Those above by kind, NULL if it is none of them. */
const struct kube_resource *kube_resource_by_kind(const char *kind);
/* Appends "/api/v1/namespaces/NS/pods/NAME", percent-encoded; ns and name may be NULL. */
void kube_resource_append_path(struct buffer *out, const struct kube_resource *resource,
                               const char *ns, const char *name);
/* Appends "apps/v1" or "v1". */
void kube_resource_append_api_version(struct buffer *out, const struct kube_resource *resource);

#endif
