#ifndef CSI_FOLLOW_INTERNAL_H
#define CSI_FOLLOW_INTERNAL_H

#include "base/map.h"
#include "csi/follow.h"

enum { FOLLOW_SOURCES = 9, FOLLOW_GETS = 8 };

/* One kind that is listed, and watched if wanted. */
struct source {
    struct csi_follow *follow;
    const struct source_kind *kind;
    struct kube_watch *watch;
    struct kube_call *call; /* of a list that is under way */
    struct loop_timer *retry;
    int attempts;
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
    struct kube_call *version_call;
    char *version;
    bool version_done;
    const char *refused[FOLLOW_SOURCES + 1];
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

/* --- follow_secrets.c --- */
/* Starts as many GETs as are wanted and free. */
void follow_secrets_pump(struct csi_follow *follow);
bool follow_secrets_idle(const struct csi_follow *follow);
/* Asks again for all that were read by name. */
void follow_secrets_refresh(struct csi_follow *follow);
void follow_secrets_stop(struct csi_follow *follow);

#endif
