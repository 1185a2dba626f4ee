#ifndef KUBE_WATCH_H
#define KUBE_WATCH_H

#include <stdint.h>

#include "kube/client.h"

/*
 * List and watch that survive: a mirror of one query, kept up to date across ends of watches, 410,
 * restarts and lost connections. The owner keeps what it wants of each item; nothing is cached
 * here.
 *
 * A relist does not flash: between on_relist and on_synced every item that still exists is
 * delivered as KUBE_LISTED; what was not delivered by then is gone (the owner sweeps it in
 * on_synced).
 */
struct kube_watch;

enum kube_event {
    KUBE_LISTED, /* from a list: there is no telling what happened to it since */
    KUBE_ADDED,
    KUBE_MODIFIED,
    KUBE_DELETED,
};

enum kube_link {
    KUBE_CONNECTING, /* nothing was listed yet */
    KUBE_LIVE,
    KUBE_RECONNECTING, /* the picture is as old as `since` */
    KUBE_REFUSED,      /* 401, 403, 404: tried again rarely; see error */
};

struct kube_link_state {
    enum kube_link link;
    int64_t since_ms;    /* monotonic: when this state began */
    int64_t retry_at_ms; /* monotonic; 0: no retry is waiting */
    struct error error;  /* why it is not live */
};

struct kube_watch_handler {
    void (*on_relist)(void *context);
    /* The tree is valid during the call, as of kube_item_callback. */
    void (*on_item)(void *context, enum kube_event event, const cJSON *item);
    void (*on_synced)(void *context);
    void (*on_link)(void *context, const struct kube_link_state *state);
};

struct kube_watch *kube_watch_start(struct kube_client *client, const struct kube_query *query,
                                    const struct kube_watch_handler *handler, void *context);
/* No callback runs after it returns. NULL is allowed. */
void kube_watch_stop(struct kube_watch *watch);

#endif
