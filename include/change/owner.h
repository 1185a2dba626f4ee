#ifndef CHANGE_OWNER_H
#define CHANGE_OWNER_H

#include <cjson/cJSON.h>
#include <stdbool.h>

/*
 * Who manages a live object, told by owner references, labels, annotations and managedFields, and
 * what that means for a change made here.
 */
struct change_owner {
    char *name;        /* "kubectl-client-side-apply", "Argo CD application x"...; "" unknown */
    char *consequence; /* a sentence; NULL: none */
    bool confirm;      /* it sets changes back by itself: wants a confirmation of its own */
    const char *word;  /* that confirms it: "argocd", "flux", "helm", "operator"...; NULL: none */
};

/* kubespray: the driver's role there, NULL if it has none. */
void change_owner_find(const cJSON *live, const char *kubespray, struct change_owner *out);
void change_owner_free(struct change_owner *owner);
/* Where to change an object that this manager ("External Secrets", "Helm"... of the census) writes;
 * NULL if it is not known to write again. Not owned. */
const char *change_owner_source(const char *manager);

#endif
