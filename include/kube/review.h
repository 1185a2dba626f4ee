#ifndef KUBE_REVIEW_H
#define KUBE_REVIEW_H

#include "kube/client.h"

/* May I? One question of a SelfSubjectAccessReview. */
struct kube_question {
    const char *verb;
    const struct kube_resource *resource;
    const char *ns;   /* NULL: all namespaces */
    const char *name; /* NULL: any */
};

enum kube_answer { KUBE_UNKNOWN, KUBE_ALLOWED, KUBE_DENIED };

typedef void (*kube_review_callback)(void *context, enum kube_answer answer, const char *reason);

/* Answers KUBE_UNKNOWN (with the reason) in read-only mode, where no POST may be sent, and where
 * the server does not answer. It is advice: the real call may still be refused. */
struct kube_call *kube_review(struct kube_client *client, const struct kube_question *question,
                              kube_review_callback callback, void *context);

#endif
