#ifndef CHANGE_SECRET_USES_H
#define CHANGE_SECRET_USES_H

#include <cjson/cJSON.h>
#include <stdbool.h>
#include <stddef.h>

#include "base/buffer.h"

/*
 * Who uses which Secret, besides pulling images with it: gathered from objects one by one, so that
 * nothing is changed under the feet of someone else. Pure data; owns its strings.
 */
struct change_secret_uses;

enum change_use_way {
    CHANGE_USE_PULL,    /* in imagePullSecrets */
    CHANGE_USE_ENV,     /* env or envFrom of a container */
    CHANGE_USE_VOLUME,  /* a volume: Secret, projected, or what a volume driver is given */
    CHANGE_USE_ACCOUNT, /* in the list `secrets` of a ServiceAccount */
    CHANGE_USE_STORAGE, /* what a StorageClass, PersistentVolume or VolumeSnapshotClass names */
    CHANGE_USE_TLS,     /* the certificate of an Ingress */
};
/* "pull", "env", "volume", "account", "storage", "tls": the words of the JSON output; never NULL.
 */
const char *change_use_way_name(enum change_use_way way);

struct change_secret_use {
    char *ns; /* "": in any namespace (a StorageClass may leave it to the claim) */
    char *secret;
    char *kind; /* of who uses it */
    char *name;
    enum change_use_way way;
    char *detail;    /* the variable or the volume; "" where that says nothing */
    bool by_another; /* a pod that a controller made: its workload uses it too */
};

struct change_secret_uses *change_secret_uses_new(void);
void change_secret_uses_free(struct change_secret_uses *uses);

/* Adds what a Pod, a ServiceAccount, an Ingress, a PersistentVolume, a StorageClass, a
 * VolumeSnapshotClass or an object with a pod template (a CronJob's too) uses; other objects use
 * nothing. kind: the object's own where NULL. */
void change_secret_uses_add(struct change_secret_uses *uses, const char *kind, const cJSON *object);
/* The uses of one Secret in the order in which they came; NULL-terminated, free() the array only.
 */
const struct change_secret_use **change_secret_uses_of(const struct change_secret_uses *uses,
                                                       const char *ns, const char *secret,
                                                       size_t *count);
/* Appends "StatefulSet a (env USER, pull), 6 pods", what comes first at most `most` names, then
 * "and 3 more"; "" if nobody uses it. Names come from outside: make the text safe before printing.
 */
void change_secret_uses_describe(const struct change_secret_uses *uses, const char *ns,
                                 const char *secret, size_t most, struct buffer *out);

#endif
