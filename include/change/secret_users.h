#ifndef CHANGE_SECRET_USERS_H
#define CHANGE_SECRET_USERS_H

#include "change/secret_uses.h"
#include "kube/client.h"

/*
 * Asks the API server who uses the Secrets of a namespace (NULL: of all): pods, workloads, jobs,
 * ServiceAccounts, Ingresses, and what names a Secret from outside of its namespace
 * (PersistentVolumes, StorageClasses, VolumeSnapshotClasses). One kind after the other; the objects
 * are dropped, their uses kept.
 */
struct change_secret_users;

/* on_change is called once, when all kinds are read; never from inside this call. */
struct change_secret_users *change_secret_users_start(struct kube_client *client, const char *ns,
                                                      void (*on_change)(void *context),
                                                      void *context);
/* NULL is allowed; what is under way is called off. */
void change_secret_users_free(struct change_secret_users *users);
bool change_secret_users_done(const struct change_secret_users *users);
/* What is known so far. */
const struct change_secret_uses *change_secret_users_found(const struct change_secret_users *users);
/* Which kinds could not be read ("pods, ingresses"); NULL if all could. Kinds that the server does
 * not have are no gap. */
const char *change_secret_users_gaps(const struct change_secret_users *users);

#endif
