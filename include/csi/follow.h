#ifndef CSI_FOLLOW_H
#define CSI_FOLLOW_H

#include "csi/census.h"
#include "kube/watch.h"

/*
 * Wires a client's watches (workloads, pods, Secrets as Table, ServiceAccounts, CSIDrivers, warning
 * events) to a census, and reads the few Secrets whose content decides a state.
 */
struct csi_follow;

struct csi_follow_options {
    const char *ns;             /* -n; NULL: all namespaces */
    const char *const *drivers; /* --driver, NULL-terminated; NULL: all */
    const char *label_selector; /* -l, of the pods; NULL: all */
    bool secret_content;        /* false: never ask for Secret data */
    bool keep_watching;         /* false: list once, then done (status) */
    double event_speed;         /* see csi_census_set_event_speed(); 0: 1 */
};

struct csi_follow_state {
    bool complete;               /* every kind was listed (or refused) at least once */
    struct kube_link_state link; /* the worst of the watches */
    int64_t updated_ms;          /* monotonic: when the last news came */
    /* Kinds that may not be read ("secrets", "events"...), NULL-terminated */
    const char *const *refused;
    const char *server_version; /* "v1.36.2", "" until it is known */
};

struct csi_follow_handler {
    /* The census changed, or the link did; at most once a frame (16 ms). */
    void (*on_change)(void *context);
    /* complete turned true. */
    void (*on_complete)(void *context);
    /* The cluster cannot be read at all (connection, authentication): once, for batch commands. */
    void (*on_failure)(void *context, const struct error *err);
};

/* Strings of options are copied; handler is copied, its functions may be NULL and may stop the
 * follow. No callback runs before this returns. */
struct csi_follow *csi_follow_start(struct kube_client *client,
                                    const struct csi_follow_options *options,
                                    const struct csi_follow_handler *handler, void *context);
void csi_follow_stop(struct csi_follow *follow);
struct csi_census *csi_follow_census(const struct csi_follow *follow);
const struct csi_follow_state *csi_follow_state(const struct csi_follow *follow);
/* Reads hosts and user names of a Secret that no pod names (for a choice of Secrets); the census
 * changes when they come. Nothing happens without secret_content. */
void csi_follow_read_secret(struct csi_follow *follow, const char *ns, const char *name);

#endif
