#ifndef SIM_STORE_H
#define SIM_STORE_H

#include <cjson/cJSON.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "sim/api.h"
#include "sim/status.h"

/*
 * The objects of the cluster, in memory. A stored object never changes: a write makes a new one.
 * They are counted, so that a watch, a snapshot or a controller can keep an old version. The store
 * knows metadata and versions, nothing of any kind; defaults, validation and admission are
 * sim/writes.h, which controllers should use too.
 */
struct sim_object {
    const struct sim_resource *resource;
    const char *ns; /* "" for cluster-scoped kinds; all three point into body */
    const char *name;
    const char *uid;
    int64_t version; /* metadata.resourceVersion */
    /* The whole object with apiVersion and kind as its first two members. Read only. */
    cJSON *body;
    int owners;
};

struct sim_object *sim_object_retain(struct sim_object *object);
/* NULL is allowed. */
void sim_object_release(struct sim_object *object);

enum sim_change { SIM_ADDED, SIM_MODIFIED, SIM_DELETED };

struct sim_store;

/* now gives wall-clock milliseconds for creationTimestamp and deletionTimestamp; seed starts the
 * sequence of uids. */
struct sim_store *sim_store_new(int64_t (*now)(void *context), void *context, uint64_t seed);
void sim_store_free(struct sim_store *store);

/* Kinds that have a metadata.generation, separated by blanks; at the start those of new servers. */
void sim_store_set_generations(struct sim_store *store, const char *kinds);

/* The version of the last write. */
int64_t sim_store_version(const struct sim_store *store);

/* NULL if absent. Not retained: valid until the next write. */
struct sim_object *sim_store_get(struct sim_store *store, const struct sim_resource *resource,
                                 const char *ns, const char *name);
/* Objects of a kind in order of namespace and name; ns NULL: of all. count may be 0. The array is
 * the store's and valid until the next write: retain or copy what must outlive one. */
struct sim_object *const *sim_store_list(struct sim_store *store,
                                         const struct sim_resource *resource, const char *ns,
                                         size_t *count);
/* The same as it stood at an older version (retained objects in an array to free);
 * false if the change log does not reach back that far. */
bool sim_store_list_at(struct sim_store *store, const struct sim_resource *resource, const char *ns,
                       int64_t version, struct sim_object ***objects, size_t *count);

struct sim_store_options {
    bool dry_run;            /* compute the result, store nothing, tell nobody */
    bool status_only;        /* update: of a status; generation stays whatever changed */
    int64_t creation_ms;     /* create: creationTimestamp; 0: now */
    const char *require_uid; /* update, delete: 409 unless it is this; NULL: any */
    int64_t require_version; /* the same for resourceVersion; 0: any */
    int64_t grace_seconds;   /* delete: of pods; < 0: the pod's own, 0: at once */
    bool orphan;             /* delete: dependents stay (propagationPolicy Orphan) */
    bool foreground;         /* delete: propagationPolicy Foreground */
};

/*
 * Takes over body. Fills uid, creationTimestamp, resourceVersion, generation (kinds that have one)
 * and generateName. *out (may be NULL) gets the stored object, or with dry_run the one that would
 * be stored (without a resourceVersion), retained for the caller. Errors: 409 AlreadyExists.
 */
bool sim_store_create(struct sim_store *store, const struct sim_resource *resource, cJSON *body,
                      const struct sim_store_options *options, struct sim_object **out,
                      struct sim_status *status);
/*
 * Replaces the object that body's namespace and name say. Takes over body. uid, creationTimestamp
 * and deletion fields stay those of the stored object; generation grows when anything outside
 * metadata and status changed; a resourceVersion in body that is not the stored one is 409. A write
 * that changes nothing keeps the version and tells nobody. An object that is being deleted goes
 * with its last finalizer. With dry_run *out has the old resourceVersion.
 */
bool sim_store_update(struct sim_store *store, const struct sim_resource *resource, cJSON *body,
                      const struct sim_store_options *options, struct sim_object **out,
                      struct sim_status *status);
/*
 * Removes the object, or marks it (deletionTimestamp) while it has finalizers or, for pods bound to
 * a node, a grace period: then the kubelet ends it by a delete with grace 0. *out gets the last
 * state; *gone (may be NULL) whether it is really gone.
 */
bool sim_store_delete(struct sim_store *store, const struct sim_resource *resource, const char *ns,
                      const char *name, const struct sim_store_options *options,
                      struct sim_object **out, bool *gone, struct sim_status *status);

/*
 * Subscribers hear of every change after it happened, in order, never nested: a write made inside a
 * callback is told when that callback has returned. object is the new state (for SIM_DELETED the
 * last one, with the version of the deletion), previous the one before or NULL. resource NULL: all.
 */
typedef void (*sim_store_callback)(void *context, enum sim_change change, struct sim_object *object,
                                   struct sim_object *previous);
void sim_store_subscribe(struct sim_store *store, const struct sim_resource *resource,
                         sim_store_callback callback, void *context);
void sim_store_unsubscribe(struct sim_store *store, sim_store_callback callback, void *context);

/* One entry of the change log. */
struct sim_log_entry {
    enum sim_change change;
    struct sim_object *object;
    struct sim_object *previous; /* NULL for SIM_ADDED */
    int64_t version;
};

/* The first change of that kind after version; NULL if there is none yet. Ask sim_store_reaches()
 * before. Valid until the next write. */
const struct sim_log_entry *sim_store_after(struct sim_store *store,
                                            const struct sim_resource *resource, int64_t version);
/* True if the log still has every change of that kind after version. */
bool sim_store_reaches(const struct sim_store *store, const struct sim_resource *resource,
                       int64_t version);
/* The oldest version a watch of that kind can start from. */
int64_t sim_store_oldest(const struct sim_store *store, const struct sim_resource *resource);
/* Forgets all changes up to now (of one kind, or with NULL of all): older watches and snapshots are
 * "too old" from then on. */
void sim_store_compact(struct sim_store *store, const struct sim_resource *resource);
/* How many changes of a kind are kept; 2,000 at the start. */
void sim_store_set_log_limit(struct sim_store *store, size_t limit);

/* A new random uid (version 4 form). */
void sim_store_new_uid(struct sim_store *store, char out[37]);
/* Five characters of a generated name's alphabet. */
void sim_store_new_suffix(struct sim_store *store, char out[6]);

#endif
