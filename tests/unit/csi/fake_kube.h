#ifndef TESTS_CSI_FAKE_KUBE_H
#define TESTS_CSI_FAKE_KUBE_H

#include "base/loop.h"
#include "kube/client.h"
#include "kube/watch.h"

/*
 * A client without a network: it takes the place of kube/ in the test program. Lists and watches
 * wait until the test answers them.
 */
struct kube_client *fake_client_new(struct loop *loop);
void fake_client_free(struct kube_client *client);

/* From now on the list of a kind is meant that has this label selector ("": none); NULL: the first
 * that is open. The text must live on. */
void fake_choose(struct kube_client *client, const char *selector);

/* The watch or list that is open for a kind of resource; fails the test if there is none. */
void fake_relist(struct kube_client *client, const struct kube_resource *resource);
void fake_item(struct kube_client *client, const struct kube_resource *resource,
               enum kube_event event, cJSON *item);
void fake_synced(struct kube_client *client, const struct kube_resource *resource);
void fake_refuse(struct kube_client *client, const struct kube_resource *resource,
                 enum error_kind kind, int status);
/* How many lists (watches) of it were begun, and whether one is open. */
int fake_begun(const struct kube_client *client, const struct kube_resource *resource);
bool fake_is_open(const struct kube_client *client, const struct kube_resource *resource);
const struct kube_query *fake_query(const struct kube_client *client,
                                    const struct kube_resource *resource);
/* Answers the GET of a Secret or path whose text ends like this; false if there is none. object may
 * be NULL with an error. */
bool fake_answer(struct kube_client *client, const char *ending, cJSON *object,
                 enum error_kind kind);
int fake_gets(const struct kube_client *client);

#endif
