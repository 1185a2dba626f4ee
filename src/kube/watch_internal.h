#ifndef KUBE_WATCH_INTERNAL_H
#define KUBE_WATCH_INTERNAL_H

#include "backoff.h"
#include "client_internal.h"
#include "stream.h"

/* What watch.c (when to list, when to watch), watch_frames.c (what an event says) and
 * watch_silence.c (what none says) share. */

enum { WATCH_BUFFERED_S = 10 }; /* behind a proxy that hands on nothing before the end */

struct kube_watch {
    struct kube_watch *next;
    struct kube_client *client;
    struct query_copy query;
    struct kube_watch_handler handler;
    void *context;
    struct kube_link_state state;
    char *label;

    int busy; /* callbacks of the owner may be on the stack */
    bool doomed;

    char *version;     /* last seen; NULL: none yet */
    bool list_next;    /* the next attempt lists */
    bool list_newest;  /* ... without a version: the last one was too far ahead */
    bool list_unpaged; /* ... in one answer: pages expired */
    bool synced;       /* a list came whole at least once */
    bool secret;

    struct kube_call *list;
    struct request *request;
    bool initial;      /* the watch is streaming the list */
    bool head;         /* its head is there */
    bool buffered;     /* something between holds answers back */
    bool had_bookmark; /* ever: this server sends them for this kind */
    size_t frames;
    int64_t opened_ms;
    int64_t heard_ms;
    struct json_pick *pick;
    struct stream stream;
    struct error stream_error;
    bool expired;       /* 410 */
    bool no_watch_list; /* this one is not streamed */
    int relists;        /* since a watch last went well */

    struct request *probe;
    struct loop_timer *retry;
    struct loop_timer *check;
    struct backoff backoff;
};

/* What is read of an event. */
void watch_want_frames(struct kube_watch *watch);
void watch_keep_version(struct kube_watch *watch, const char *version);
/* Gives an object to the owner. */
void watch_deliver(struct kube_watch *watch, enum kube_event event, const cJSON *object);
/* The list is complete. */
void watch_end_picture(struct kube_watch *watch);
void watch_set_link(struct kube_watch *watch, enum kube_link link, int64_t retry_in_ms,
                    const struct error *err);
/* Around what may call the owner. watch_leave() is false if he stopped the watch meanwhile and it
 * is gone. */
void watch_enter(struct kube_watch *watch);
bool watch_leave(struct kube_watch *watch);
/* The list that was to come inside the watch did not: the old way, and for good. */
void watch_without_list(struct kube_watch *watch, bool for_all);
/* Ends the request: opens it anew at once; or says why it is lost, and tries again later. */
void watch_reopen(struct kube_watch *watch);
void watch_lose(struct kube_watch *watch, const struct error *err);
/* Timer: has it been silent for too long? */
void watch_on_check(void *context);
/* stream_callback of the frames; context is the watch. */
bool watch_on_frame(void *context, enum stream_part part, const char *bytes, size_t length);

#endif
