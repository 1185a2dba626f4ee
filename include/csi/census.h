#ifndef CSI_CENSUS_H
#define CSI_CENSUS_H

#include <cjson/cJSON.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "csi/pull_trouble.h"

/*
 * The census: small rows for what the API server streams in; the trees are dropped. Rows are found
 * by namespace and name, strings that repeat are interned. Pure data: no network, no clock of its
 * own.
 *
 * Lifetimes: every row belongs to the census. Pointers between rows (pod -> workload -> driver) are
 * valid until the next change of the census; views that keep something across changes keep names.
 */
struct csi_census;

/* What the reference to one pull secret is worth, worst first. */
enum csi_secret_state {
    CSI_SECRET_REJECTED,
    CSI_SECRET_MISSING,
    CSI_SECRET_MALFORMED,
    CSI_SECRET_WRONG_TYPE,
    CSI_SECRET_NO_MATCH,
    CSI_SECRET_EMPTY_NAME,
    CSI_SECRET_UNKNOWN,
    CSI_SECRET_EMPTY,
    CSI_SECRET_OK,
    CSI_SECRET_NONE, /* of a pod: it names no pull secret */
};
/* "missing", "wrong-type"...: the words of the JSON output and of filters. */
const char *csi_secret_state_name(enum csi_secret_state state);
/* True for the states that are a fault (rejected ... empty-name). */
bool csi_secret_state_is_broken(enum csi_secret_state state);

enum csi_role { CSI_ROLE_CONTROLLER, CSI_ROLE_NODE, CSI_ROLE_OTHER };
const char *csi_role_name(enum csi_role role);

enum csi_pulling { CSI_PULLING_OK, CSI_PULLING_WAITING, CSI_PULLING_FAILING };
const char *csi_pulling_name(enum csi_pulling pulling);

/* How the reference came into the pod. */
enum csi_source { CSI_SOURCE_POD, CSI_SOURCE_SERVICE_ACCOUNT };

struct csi_reference {
    const char *name; /* interned; "" for an entry without a name */
    enum csi_source source;
    enum csi_secret_state state;
};

/* Whether the pod's kubelet tells of a missing pull secret by an event (FailedToRetrieve-
 * ImagePullSecret): never before 1.28, in every sync up to 1.36, later only when a pull failed. */
enum csi_reporting {
    CSI_REPORTING_UNKNOWN,
    CSI_REPORTING_NEVER,
    CSI_REPORTING_EACH_SYNC,
    CSI_REPORTING_FAILED_PULLS,
};

/* The warnings about pull secrets on one pod, counted by growth of the events' counts. */
struct csi_warnings {
    int64_t count;      /* all that is known: the sum over its events */
    int64_t grown;      /* growth that the rate is made of */
    int64_t watched_ms; /* the time over which it grew; of a sum: the longest */
    double per_day;     /* the rate, scaled to a day; means nothing unless rate_known */
    bool rate_known;
    bool lower_bound;      /* something may have been missed: print ">=" */
    int64_t first_seen_ms; /* wall; 0: never */
    int64_t last_seen_ms;
    const char *message; /* the kubelet's words, of the newest event; NULL: none (also in sums) */
};

struct csi_pod {
    const char *ns;
    const char *name;
    const char *uid;
    const char *node; /* "" while unscheduled */
    const char *phase;
    struct csi_workload *workload; /* never NULL: a bare pod gets a workload of kind "Pod" */
    const char *service_account;
    int ready_containers;
    int containers;
    int restarts;
    bool stale; /* made from an older template than the workload's */
    bool deleting;
    bool is_static; /* mirror pod: its manifest lies on the node */
    int64_t created_ms;
    const char **images; /* interned; init containers included */
    size_t image_count;
    struct csi_reference *references;
    size_t reference_count;
    enum csi_secret_state state; /* the worst of its references, CSI_SECRET_NONE without any */
    enum csi_pulling pulling;
    enum csi_trouble trouble;  /* why pulling fails */
    const char *failing_image; /* that cannot be pulled; NULL */
    const char *pull_message;  /* the kubelet's words while pulling fails; NULL otherwise */
    bool always_pull;          /* a container has imagePullPolicy Always */
    enum csi_reporting reporting;
    int kubelet_minor; /* 36 for v1.36.2; 0: not known */
    const char *odd;   /* what is strange about the object; NULL: nothing */
    struct csi_warnings warnings;
};

struct csi_workload {
    const char *kind; /* "DaemonSet", "StatefulSet", "Deployment", "Job", "Pod"... */
    const char *ns;
    const char *name;
    const char *uid;
    struct csi_driver *driver; /* the driver it belongs to; NULL while that is not shown (which the
                                  lists of drivers never lead to) */
    enum csi_role role;
    int desired, ready, updated;
    bool rollout_done; /* the observed generation is current and its pods are updated and ready */
    const char *service_account;
    const char *managed_by; /* "kubectl-client-side-apply", "Helm", "Argo CD"...; "" unknown */
    const char *kubernetes_owner;     /* "Kind/name" of what owns the workload; NULL */
    struct csi_reference *references; /* of the template: source POD */
    size_t reference_count;
    const char **images; /* of the template */
    size_t image_count;
    struct csi_pod **pods; /* sorted by name */
    size_t pod_count;
    enum csi_secret_state state; /* worst over its pods (the template where it has none) */
};

struct csi_driver {
    const char *name;                /* the CSI driver's name, "storage.csi.upcloud.com" */
    const char *kubespray;           /* its role in Kubespray ("upcloud"), NULL if it has none */
    struct csi_workload **workloads; /* controllers first, then by kind and name */
    size_t workload_count;
    size_t pod_count, broken_pods;
    enum csi_secret_state state;
    struct csi_warnings warnings; /* the sum */
};

/* One Secret, as much as is known of it. No values, ever. */
struct csi_secret {
    const char *ns;
    const char *name;
    const char *uid;
    const char *type;
    int keys;
    bool content_known;      /* the registries below were read, not only the Table row */
    bool content_stale;      /* and it was written since */
    const char *fault;       /* why it is malformed; NULL */
    const char **registries; /* keys of auths */
    const char **users;      /* the user name of each registry, "" if none */
    size_t registry_count;
    bool immutable;
    int64_t expires_ms;     /* wall: when the first of its passwords ends (tokens with an `exp`); 0:
                               not known */
    const char *managed_by; /* External Secrets, Reflector, Helm...; "" unknown */
    int64_t created_ms;
    int64_t updated_ms; /* last write that managedFields tell of; created_ms without them */
};

struct csi_service_account {
    const char *ns;
    const char *name;
    const char **pull_secrets;
    size_t pull_secret_count;
};

struct csi_totals {
    size_t drivers, pods, broken_pods;
    int64_t warnings;
    double warnings_per_day;
    bool rate_known, lower_bound;
};

struct csi_census *csi_census_new(void);
void csi_census_free(struct csi_census *census);

/* --- What comes in. Each returns true if the census changed. Trees stay the caller's. -----------
 * now_ms is the wall clock everywhere. */
/* For a simulation whose events come so many times as fast as their dates say: rates are those of
 * its own time. Before the first event; 0: 1. */
void csi_census_set_event_speed(struct csi_census *census, double speed);
double csi_census_event_speed(const struct csi_census *census);
/* Tells the time to what is put, removed and relisted next. */
void csi_census_set_now(struct csi_census *census, int64_t now_ms);
/* The items of a list carry no kind; it is told ("DaemonSet"). */
bool csi_census_put_workload(struct csi_census *census, const char *kind, const cJSON *workload);
bool csi_census_put_pod(struct csi_census *census, const cJSON *pod);
/* Pods may come in several lists of different selectors, which may overlap: a pod is there while
 * one of these parts has it. What names no part is about part 0. */
enum { CSI_POD_PARTS = 4 };
bool csi_census_put_part_pod(struct csi_census *census, unsigned part, const cJSON *pod);
bool csi_census_remove_part_pod(struct csi_census *census, unsigned part, const char *ns,
                                const char *name);
/* Part 0 lists all from now on: what its next list does not bring is removed. */
void csi_census_join_parts(struct csi_census *census);
bool csi_census_put_event(struct csi_census *census, const cJSON *event, bool listed,
                          int64_t now_ms);
/* Also takes {"columnDefinitions": [...]}, which says what the cells of the next rows are. */
bool csi_census_put_secret_row(struct csi_census *census, const cJSON *table_row);
/* A whole Secret (named GET): keeps hosts and user names, nothing else; the caller wipes the tree.
 */
bool csi_census_put_secret(struct csi_census *census, const cJSON *secret);
bool csi_census_put_service_account(struct csi_census *census, const cJSON *account);
bool csi_census_put_csi_driver(struct csi_census *census, const cJSON *driver);
/* A row of the nodes' Table: its kubelet's version. */
bool csi_census_put_node_row(struct csi_census *census, const cJSON *table_row);
/* "v1.36.2": what the kubelets are taken for that are not known. */
bool csi_census_set_server_version(struct csi_census *census, const char *version);
/* A named GET said 404 (the Secret does not exist) or 403 (its content may not be read). */
bool csi_census_secret_absent(struct csi_census *census, const char *ns, const char *name);
bool csi_census_secret_refused(struct csi_census *census, const char *ns, const char *name);
/* Events may not be read: no rate is known. */
void csi_census_events_unreadable(struct csi_census *census);
/* Shows these drivers only (CSI names or Kubespray roles; NULL-terminated, NULL: all). */
void csi_census_only_drivers(struct csi_census *census, const char *const *drivers);
/* Hides workloads without pods: what is put was chosen by the pods' labels. */
void csi_census_only_with_pods(struct csi_census *census);
bool csi_census_remove(struct csi_census *census, const char *kind, const char *ns,
                       const char *name);
/* Begin and end of a relist of one kind: what was not put in between is removed. */
void csi_census_begin_relist(struct csi_census *census, const char *kind);
void csi_census_end_relist(struct csi_census *census, const char *kind);
void csi_census_begin_relist_part(struct csi_census *census, unsigned part);
void csi_census_end_relist_part(struct csi_census *census, unsigned part);
/* Secrets (of one namespace, NULL all) may not be listed: references turn unknown. */
void csi_census_secrets_unreadable(struct csi_census *census, const char *ns);

/* Brings derived things up to date (drivers, states, rates at now_ms); cheap if nothing changed.
 * Returns the census' generation, which grows with every visible change. */
uint64_t csi_census_settle(struct csi_census *census, int64_t now_ms);
/* Grows with every change that findings, states and the rows themselves can show, and once a minute
 * (some findings come by time alone); not while only warnings are counted, which on a large cluster
 * they are all the time. */
uint64_t csi_census_picture(const struct csi_census *census);

/* --- What goes out; valid after settle, until the next change -----------------------------------
 */
struct csi_driver *const *csi_census_drivers(const struct csi_census *census, size_t *count);
struct csi_driver *csi_census_driver(const struct csi_census *census, const char *name);
struct csi_workload *csi_census_workload(const struct csi_census *census, const char *kind,
                                         const char *ns, const char *name);
struct csi_pod *csi_census_pod(const struct csi_census *census, const char *ns, const char *name);
const struct csi_secret *csi_census_secret(const struct csi_census *census, const char *ns,
                                           const char *name);
/* All Secrets known, by namespace and name. */
const struct csi_secret *const *csi_census_secrets(const struct csi_census *census, size_t *count);
const struct csi_service_account *csi_census_service_account(const struct csi_census *census,
                                                             const char *ns, const char *name);
struct csi_totals csi_census_totals(const struct csi_census *census);

/* Names (interned) of Secrets whose content should be read next for exact states; at most max. */
struct csi_secret_name {
    const char *ns;
    const char *name;
};
size_t csi_census_wanted_secrets(const struct csi_census *census, struct csi_secret_name *out,
                                 size_t max);

#endif
