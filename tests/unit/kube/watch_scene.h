#ifndef TESTS_KUBE_WATCH_SCENE_H
#define TESTS_KUBE_WATCH_SCENE_H

#include "../../../src/kube/client_internal.h"
#include "kube/watch.h"
#include "scene.h"

/* A watch on a server that plays act after act, and what the watch told of it. */

#define JSON "Content-Type: application/json\r\n"
#define OBJECT(name, version)                                                                      \
    "{\"kind\":\"Pod\",\"metadata\":{\"name\":\"" name "\",\"resourceVersion\":\"" version "\"}}"
#define FRAME(type, object) "{\"type\":\"" type "\",\"object\":" object "}\n"
#define LIST(version, items)                                                                       \
    "{\"kind\":\"PodList\",\"metadata\":{\"resourceVersion\":\"" version "\"},\"items\":[" items   \
    "]}"
#define GONE                                                                                       \
    "{\"kind\":\"Status\",\"status\":\"Failure\",\"reason\":\"Expired\",\"message\":\"too old\","  \
    "\"code\":410}"

enum what {
    PLAIN,      /* a whole answer */
    STREAM,     /* a head and chunks, then silence */
    STREAM_END, /* the same, then the orderly end */
    STREAM_CUT, /* the same, then the connection is lost */
    CUT,        /* the connection is lost at once */
    SILENT,     /* no answer begins */
};

struct act {
    enum what what;
    int status;
    const char *text;
};

struct watch_scene {
    struct kube_scene base;
    const struct act *acts;
    size_t count;
    size_t next;
    const struct kube_resource *resource;
    struct kube_watch *watch;
    struct buffer seen;  /* what the handler saw, one letter and the name each */
    struct buffer links; /* the states it went through */
    const char *until;   /* seen holds this: the loop stops */
    const char *until_link;
    bool stop_on_item;
    bool stop_on_link;
    bool stop_on_synced;
    struct error err;
    int64_t retry_at_ms; /* of the last state with an error */
};

/* Starts the watch; every request meets the next act, after the last one silence. */
void watch_scene_set_up(struct watch_scene *scene, const struct act *acts, size_t count,
                        const struct kube_resource *resource, bool table);
void watch_scene_tear_down(struct watch_scene *scene);
/* Runs until the handler saw that text, or the link went through those states. */
void watch_scene_run(struct watch_scene *scene, const char *seen, const char *link);
/* The nth request line, without its random time limit. */
void watch_scene_expect_request(const struct watch_scene *scene, int nth, const char *expected);
/* Starts it anew with waits that fit a test: those of the pace that it gets are set by the test. */
void watch_scene_hurry(struct watch_scene *scene);

#endif
