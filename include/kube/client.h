#ifndef KUBE_CLIENT_H
#define KUBE_CLIENT_H

#include <cjson/cJSON.h>
#include <stdbool.h>
#include <stddef.h>

#include "base/error.h"
#include "base/loop.h"
#include "kube/config.h"
#include "kube/resource.h"

/*
 * A client of one API server. Every call is asynchronous: it returns a handle at once and calls
 * back exactly once on the loop (never from inside the call itself), unless it is cancelled before.
 * No body of a list lies in memory whole: items come one cJSON tree at a time.
 */
struct kube_client;
struct kube_call;

struct kube_client *kube_client_new(struct loop *loop, const struct kube_config *config,
                                    bool read_only, struct error *err);
/* Cancels all its calls and watches. NULL is allowed. */
void kube_client_free(struct kube_client *client);
struct loop *kube_client_loop(const struct kube_client *client);
const struct kube_config *kube_client_config(const struct kube_client *client);
bool kube_client_is_read_only(const struct kube_client *client);

/* Called off without its callback; NULL is allowed, a call that has called back is already gone. */
void kube_call_cancel(struct kube_call *call);

/* The answer to a call. On success err is NULL; on failure object is the Status if there was one.
 * Everything is valid during the callback only; kube_response_take() keeps the object. */
struct kube_response {
    int status;                  /* HTTP; 0 if no answer came */
    const struct error *err;     /* NULL: 2xx and well-formed */
    cJSON *object;               /* may be NULL */
    const char *const *warnings; /* Warning headers' texts, NULL-terminated, safe to print */
    bool answered; /* false: it is not known whether the server got the request (read back!) */
};

typedef void (*kube_callback)(void *context, struct kube_response *response);
cJSON *kube_response_take(struct kube_response *response);

/* Any path, for /version and discovery. */
struct kube_call *kube_get_path(struct kube_client *client, const char *path,
                                kube_callback callback, void *context);
struct kube_call *kube_get(struct kube_client *client, const struct kube_resource *resource,
                           const char *ns, const char *name, kube_callback callback, void *context);

struct kube_write {
    const char *field_manager; /* NULL: "pullmend" */
    bool dry_run;
    bool strict; /* fieldValidation=Strict where the server knows it */
    bool force;  /* server-side apply: take over conflicting fields */
};

enum kube_patch_type { KUBE_PATCH_JSON, KUBE_PATCH_MERGE, KUBE_PATCH_STRATEGIC, KUBE_PATCH_APPLY };

struct kube_call *kube_create(struct kube_client *client, const struct kube_resource *resource,
                              const char *ns, const cJSON *object, const struct kube_write *write,
                              kube_callback callback, void *context);
struct kube_call *kube_patch(struct kube_client *client, const struct kube_resource *resource,
                             const char *ns, const char *name, enum kube_patch_type type,
                             const cJSON *patch, const struct kube_write *write,
                             kube_callback callback, void *context);
/* uid and resource_version are preconditions; NULL: none. */
struct kube_call *kube_delete(struct kube_client *client, const struct kube_resource *resource,
                              const char *ns, const char *name, const char *uid,
                              const char *resource_version, const struct kube_write *write,
                              kube_callback callback, void *context);

/* What to list or watch. Strings are copied. */
struct kube_query {
    const struct kube_resource *resource;
    const char *ns; /* NULL: all namespaces */
    const char *label_selector;
    const char *field_selector;
    bool table;         /* as a Table: rows instead of objects (names, types, no Secret bytes) */
    bool cells_only;    /* of a Table: rows without their objects' metadata */
    bool metadata_only; /* PartialObjectMetadata */
    int limit;          /* page size; 0: one request */
    /* What is read of an item or row, as paths of json_pick_want(), NULL-terminated; it must live
     * as long as the program. NULL: all but metadata.managedFields, two fifths of a pod. */
    const char *const *fields;
};

/* One item of a list, or one row of a Table ({"cells": [...], "object": {...}}; the first call of a
 * Table gives {"columnDefinitions": [...]}). The tree is valid during the call; copy what is kept.
 * Return false to end the list early. */
typedef bool (*kube_item_callback)(void *context, const cJSON *item);
/* The end of a list; err NULL if it came whole (otherwise the items so far must be dropped). */
typedef void (*kube_list_end)(void *context, const struct error *err, int status,
                              const char *resource_version);

struct kube_call *kube_list(struct kube_client *client, const struct kube_query *query,
                            kube_item_callback on_item, kube_list_end on_end, void *context);

/* Finds the resource of an apiVersion and kind by discovery (cached); the resource lives as long as
 * the client. */
typedef void (*kube_discover_callback)(void *context, const struct kube_resource *resource,
                                       const struct error *err);
struct kube_call *kube_discover(struct kube_client *client, const char *api_version,
                                const char *kind, kube_discover_callback callback, void *context);

#endif
