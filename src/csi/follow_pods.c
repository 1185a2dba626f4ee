#include "base/log.h"
#include "follow_internal.h"
#include "rows.h"

/*
 * Which lists of pods are asked for. Clusters have far more pods than those of CSI drivers, so that
 * the server is asked for these alone: by the labels that the CSI workloads select their pods by,
 * and for all pods that no DaemonSet, StatefulSet or Deployment made (bare and static pods, those
 * of Jobs and of other controllers), which lack the label of a template's revision. That lists all,
 * unless another kind of controller or a person gave a pod that label. Where the workloads do not
 * tell, one list of all pods remains: they may not be read, a CSIDriver has no workload on the
 * nodes among them, or a few labels are not enough.
 */

/* The DaemonSet and StatefulSet controllers set the first, the Deployment controller the second. */
static const char not_of_workloads[] = "!controller-revision-hash,!pod-template-hash";

enum {
    WORKLOADS = 3, /* the first of the sources */
    LISTS = 4,     /* with the CSIDrivers */
    PATIENCE = 2,  /* failures of a list before the pods are listed without it */
};

void follow_pods_start(struct csi_follow *follow)
{
    struct source *pods = &follow->sources[FOLLOW_PODS];
    follow->selectors = pod_selectors_new();
    if (follow->label_selector != NULL) {
        pods->selector = follow->label_selector;
        follow->pods = FOLLOW_PODS_ALL;
    } else {
        pods->selector = not_of_workloads;
        follow->pods = FOLLOW_PODS_WAIT;
    }
}

static void list_all(struct csi_follow *follow, const char *why)
{
    struct source *pods = &follow->sources[FOLLOW_PODS];
    log_message(LOG_INFO, "all pods are listed: %s", why);
    for (size_t i = FOLLOW_KINDS; i < FOLLOW_SOURCES; i++) {
        struct source *part = &follow->sources[i];
        follow_source_stop(part);
        part->idle = part->done = true;
        part->refused = false;
        part->link.link = KUBE_LIVE;
    }
    csi_census_join_parts(follow->census);
    follow->pods = FOLLOW_PODS_ALL;
    pods->selector = NULL;
    pods->attempts = 0;
    pods->done = pods->done && follow->state.complete;
    follow_source_start(pods);
}

/* Why the workloads do not tell where their pods are; NULL: they do, or have not answered yet. */
static const char *trouble(const struct csi_follow *follow, bool *listed)
{
    bool failed = false;
    *listed = true;
    for (size_t i = 0; i < LISTS; i++) {
        const struct source *source = &follow->sources[i];
        if (i < WORKLOADS && source->refused) {
            return "workloads may not be read";
        }
        *listed = *listed && source->done;
        failed = failed || (!source->done && source->attempts >= PATIENCE);
    }
    return failed && follow_has_news(follow) ? "workloads cannot be read" : NULL;
}

static void select_pods(struct csi_follow *follow)
{
    unsigned changed;
    if (!pod_selectors_cover(follow->selectors, follow->census, &changed)) {
        list_all(follow, "a few labels do not find those of the CSI workloads");
        return;
    }
    for (size_t i = 0; i < POD_SELECTORS; i++) {
        struct source *part = &follow->sources[FOLLOW_KINDS + i];
        if ((changed & (1U << i)) != 0) {
            part->done = part->done && follow->state.complete;
            part->link.link = part->done ? part->link.link : KUBE_CONNECTING;
            part->selector = pod_selectors_text(follow->selectors, i);
            follow_source_start(part);
        }
    }
    follow->pods = FOLLOW_PODS_SELECT;
}

void follow_pods_plan(struct csi_follow *follow)
{
    bool listed;
    if (follow->pods == FOLLOW_PODS_ALL) {
        return;
    }
    const char *why = trouble(follow, &listed);
    if (why == NULL && listed && follow->pods == FOLLOW_PODS_WAIT &&
        !drivers_are_served(follow->census)) {
        why = "a CSIDriver has no workload on the nodes";
    }
    if (why != NULL) {
        list_all(follow, why);
    } else if (listed) {
        select_pods(follow);
    }
}

/* What a list of all pods may bring although this one is refused: a recording of an older version,
 * a proxy that takes no long requests. */
bool follow_pods_give_up(struct csi_follow *follow, const struct source *source,
                         const struct error *err)
{
    if (source->kind != follow->sources[FOLLOW_PODS].kind || follow->pods == FOLLOW_PODS_ALL ||
        err->kind == ERROR_FORBIDDEN || err->kind == ERROR_AUTH || err->kind == ERROR_UNAVAILABLE ||
        err->kind == ERROR_TIMEOUT) {
        return true;
    }
    list_all(follow, err->message);
    return false;
}

/* A driver that is just being installed often has its CSIDriver before its DaemonSet. */
void follow_pods_refresh(struct csi_follow *follow)
{
    follow->unserved = drivers_are_served(follow->census) ? 0 : follow->unserved + 1;
    if (follow->pods == FOLLOW_PODS_SELECT && follow->unserved >= PATIENCE) {
        list_all(follow, "a CSIDriver has no workload on the nodes");
    }
}
