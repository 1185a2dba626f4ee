#ifndef KUBE_CLIENT_INTERNAL_H
#define KUBE_CLIENT_INTERNAL_H

#include "auth.h"
#include "base/map.h"
#include "doc/pick.h"
#include "kube/client.h"
#include "kube/watch.h"
#include "net/http.h"

/* What the files of this room share about a client and its requests; not for other rooms. */

/* How long a watch takes silence for; see watch.c. */
struct watch_pace {
    int64_t check_ms;
    int64_t head_wait_ms;    /* an API server sends its head at once */
    int64_t initial_wait_ms; /* silence while a list should be streaming */
    int64_t silence_ms;      /* then the server is asked whether it is there */
    int64_t probe_timeout_ms;
    int64_t bookmark_silence_ms; /* bookmarks come every minute; without them the line is dead */
};

extern const struct watch_pace watch_default_pace;

struct kube_client {
    struct loop *loop;
    struct watch_pace pace;
    const struct kube_config *config;
    struct http *http;
    struct auth *auth;
    bool read_only;
    struct kube_call *calls;
    struct kube_watch *watches;
    struct map *discovered; /* "apps/v1/DaemonSet" to struct kube_resource */
    int64_t last_answer_ms; /* monotonic: when the server was last heard */
    int64_t retry_after_ms; /* of the last answer; -1: none */
    bool no_watch_list;     /* it refused to stream a list; do not ask again */
};

enum {
    KUBE_ITEM_LIMIT = 4 * 1024 * 1024,
    KUBE_BODY_LIMIT = 16 * 1024 * 1024,
    KUBE_IDLE_MS = 60000, /* a request that hears nothing for so long is given up */
};

/*
 * One request: credential, sending, what a 401 or 429 asks for, and the Status that came back.
 * Everything above stands on it.
 */
struct request_spec {
    enum http_method method;
    const char *path; /* with query */
    const char *accept;
    const char *content_type;
    const char *body;
    size_t body_length;
    int64_t timeout_ms;      /* 0: the configuration's, if there is one */
    int64_t idle_timeout_ms; /* 0: KUBE_IDLE_MS; -1: none, for watches */
    bool fresh_connection;
    bool no_retry; /* the caller has its own rhythm */
    bool secret;   /* the body holds a Secret */
};

struct request_result {
    int status;
    bool answered;
    const struct error *err; /* NULL: 2xx and complete */
    cJSON *object;           /* the collected body, or the Status; may be taken by setting NULL */
    const char *const *warnings;
    int64_t retry_after_ms; /* -1: none */
};

struct request_handler {
    void (*on_head)(void *context, const struct http_response *response);
    /* NULL: the body is collected and parsed */
    bool (*on_chunk)(void *context, const char *bytes, size_t length);
    /* a retry begins the body anew */
    void (*on_end)(void *context, struct request_result *result);
};

struct request;

/* Everything is copied. Never calls back from inside. */
struct request *request_start(struct kube_client *client, const struct request_spec *spec,
                              const struct request_handler *handler, void *context);
void request_cancel(struct request *request);

/* What the caller of this room holds. Each kind of call begins with this. */
struct kube_call {
    struct kube_call *next;
    struct kube_client *client;
    void (*free_call)(struct kube_call *call); /* cancels what is under way and frees */
};

void call_link(struct kube_client *client, struct kube_call *call,
               void (*free_call)(struct kube_call *call));
void call_unlink(struct kube_call *call);

/* "list pods in all namespaces", "patch daemonsets kube-system/csi-node"; free() it. */
char *call_label(const char *verb, const struct kube_resource *resource, const char *ns,
                 const char *name);

/* Path and query of a list or watch. */
struct query_page {
    const char *resource_version; /* NULL: none */
    const char *version_match;
    const char *continue_token;
    bool watch;
    bool initial_events;
    int timeout_s;
    int limit;
};

/* A query with its own strings. */
struct query_copy {
    const struct kube_resource *resource;
    char *ns;
    char *label_selector;
    char *field_selector;
    bool table;
    bool cells_only;
    bool metadata_only;
    int limit;
    const char *const *fields;
};

void query_copy(struct query_copy *out, const struct kube_query *query);
void query_free(struct query_copy *query);
void query_write(struct buffer *path, const struct query_copy *query,
                 const struct query_page *page);
/* What is to be read of the query's items; under: the path to them. */
void query_want(struct json_pick *pick, const struct query_copy *query, const char *under);
const char *query_accept(const struct query_copy *query, bool watch);
/* Appends NAME=VALUE with ? or & before it; value is encoded. */
void query_append(struct buffer *path, const char *name, const char *value);

/* A list as kube_list() gives it; resource_version NULL: the newest. snapshot: for a watch, so it
 * is not tried again by itself, and ends with 410 where its pages would come from different
 * moments. */
struct kube_call *list_start(struct kube_client *client, const struct kube_query *query,
                             const char *resource_version, bool snapshot,
                             kube_item_callback on_item, kube_list_end on_end, void *context);

void watch_free_all(struct kube_client *client);

#endif
