#ifndef CSI_FOLLOW_INTERNAL_H
#define CSI_FOLLOW_INTERNAL_H

#include "base/map.h"
#include "csi/follow.h"
#include "pod_selectors.h"

enum {
    FOLLOW_KINDS = 9,
    FOLLOW_SOURCES = FOLLOW_KINDS + CSI_POD_PARTS - 1, /* behind the kinds: the pods' other parts */
    FOLLOW_PODS = 6,                                   /* the source of part 0 */
    FOLLOW_GETS = 8,
};

/* How pods are found. */
enum follow_pods {
    FOLLOW_PODS_WAIT, /* for the workloads; meanwhile those that no workload's selector finds */
    FOLLOW_PODS_SELECT,
    FOLLOW_PODS_ALL, /* one list of all (or of what -l chose) */
};

/* One kind that is listed, and watched if wanted. */
struct source {
    struct csi_follow *follow;
    const struct source_kind *kind;
    const char *selector; /* of labels; NULL: all */
    unsigned part;        /* of the pods */
    bool idle;            /* a part that is not needed */
    struct kube_watch *watch;
    struct kube_call *call; /* of a list that is under way */
    struct loop_timer *retry;
    int attempts; /* that failed; of the nodes: refreshes */
    bool done;    /* listed whole, or refused */
    bool refused; /* may not be read */
    struct kube_link_state link;
};

/* A named GET that is under way. */
struct secret_get {
    struct csi_follow *follow;
    struct kube_call *call; /* NULL: free */
    char *ns;
    char *name;
};

struct csi_follow {
    struct kube_client *client;
    struct csi_follow_handler handler;
    void *context;
    struct csi_census *census;
    struct csi_follow_state state;
    char *ns;
    char *label_selector;
    bool secret_content;
    bool keep_watching;
    struct source sources[FOLLOW_SOURCES];
    enum follow_pods pods;
    struct pod_selectors *selectors;
    int unserved; /* refreshes for which a CSIDriver had no workload on the nodes */
    struct kube_call *version_call;
    char *version;
    bool version_done;
    const char *refused[FOLLOW_KINDS + 1];
    struct loop_timer *frame;
    int64_t frame_ended_ms; /* monotonic */
    int64_t frame_took_ms;
    struct loop_timer *refresh; /* what no watch brings: nodes, Secrets that may not be listed */
    struct secret_get gets[FOLLOW_GETS];
    struct map *failed; /* ns/name of Secrets: how often a GET of them failed */
    struct map *asked;  /* ns/name of Secrets read by name because none may be listed */
    struct map *extra;  /* ns/name of Secrets asked for besides */
    bool changed;
    bool complete_told;
    bool failure_told;
    struct error failure;
    bool *gone; /* set when the follow is freed inside a callback; NULL outside */
};

/* --- follow_fields.c: what is read of the items of a kind, for kube_query.fields --- */
extern const char *const follow_workload_fields[];
extern const char *const follow_pod_fields[];
extern const char *const follow_event_fields[];
extern const char *const follow_secret_fields[];
extern const char *const follow_account_fields[];
extern const char *const follow_name_fields[];

/* --- follow.c --- */
/* Something is new: the handler hears of it in the next frame. */
void follow_changed(struct csi_follow *follow);
/* The same, but it is no news of the cluster: the picture is as old as it was. */
void follow_redraw(struct csi_follow *follow);

/* Some list came whole. */
bool follow_has_news(const struct csi_follow *follow);
/* Lists or watches what the source's kind and selector say, anew if it does already. */
void follow_source_start(struct source *source);
void follow_source_stop(struct source *source);

/* --- follow_pods.c --- */
void follow_pods_start(struct csi_follow *follow);
/* Something was heard of the workloads: which lists of pods are needed now. */
void follow_pods_plan(struct csi_follow *follow);
/* The server does not answer this part: false if there is another way. */
bool follow_pods_give_up(struct csi_follow *follow, const struct source *source,
                         const struct error *err);
/* Once in a while. */
void follow_pods_refresh(struct csi_follow *follow);

/* --- follow_secrets.c --- */
/* Starts as many GETs as are wanted and free. */
void follow_secrets_pump(struct csi_follow *follow);
bool follow_secrets_idle(const struct csi_follow *follow);
/* Asks again for all that were read by name. */
void follow_secrets_refresh(struct csi_follow *follow);
void follow_secrets_stop(struct csi_follow *follow);

#endif
