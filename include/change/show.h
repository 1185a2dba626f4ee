#ifndef CHANGE_SHOW_H
#define CHANGE_SHOW_H

#include "kube/client.h"

/*
 * One object of the cluster as text for a person, read anew: its YAML (without managedFields;
 * values of Secrets masked), or its events, the newest last.
 */
struct change_show;

/* text is NULL on failure and valid during the call only; the handle is gone after it. */
typedef void (*change_show_callback)(void *context, const char *text, const struct error *err);

/* Each calls back exactly once on the loop, unless it is cancelled before. */
struct change_show *change_show_yaml(struct kube_client *client, const char *kind, const char *ns,
                                     const char *name, change_show_callback callback,
                                     void *context);
struct change_show *change_show_events(struct kube_client *client, const char *kind, const char *ns,
                                       const char *name, change_show_callback callback,
                                       void *context);
/* NULL is allowed. */
void change_show_cancel(struct change_show *show);

#endif
