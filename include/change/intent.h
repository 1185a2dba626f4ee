#ifndef CHANGE_INTENT_H
#define CHANGE_INTENT_H

#include <cjson/cJSON.h>
#include <stdbool.h>
#include <stddef.h>

#include "csi/findings.h"
#include "kube/resource.h"

/* What a person wants changed. Everything is owned; change_intent_free(). */
enum change_kind {
    CHANGE_USE_SECRET,     /* broken references become `secret` */
    CHANGE_DROP_REFERENCE, /* broken references go */
    CHANGE_CREATE_SECRET,  /* secret_object is made; with use_secret: and pointed to; with attach:
                              and named by the ServiceAccounts */
    CHANGE_APPLY,          /* manifests, as kubectl apply does */
    CHANGE_ATTACH_TO_SERVICE_ACCOUNT,
    CHANGE_ROTATE_SECRET, /* new data under an existing name */
    CHANGE_COPY_SECRET,
};

struct change_intent {
    enum change_kind kind;
    char **drivers;   /* NULL-terminated; NULL: all drivers with a broken reference */
    char *ns;         /* only there; NULL: everywhere */
    char *default_ns; /* of manifests that name none, where ns is NULL; NULL: "default" */
    char *secret;     /* name to use, create, rotate or copy */
    char *only;       /* only references to this name; NULL: every broken one */
    bool use_secret;
    bool attach;          /* CREATE: as CHANGE_ATTACH_TO_SERVICE_ACCOUNT, once it is made */
    cJSON *secret_object; /* CREATE, ROTATE, COPY: the Secret; wiped on free */
    cJSON **manifests;    /* APPLY */
    size_t manifest_count;
    /* APPLY: only what the manifests say of pull secrets; other differences are told, not sent */
    bool pull_secrets_only;
    /* The resource of each manifest, as the session discovers it; NULL, also one by one: by kind.
     */
    const struct kube_resource **manifest_resources;
    char *origin; /* where it came from, for the journal: "kubespray DIR", "file x.yaml" */
};

struct change_intent *change_intent_new(enum change_kind kind);
/* For what a finding is about: its driver, and its Secret's name as the only reference meant. */
struct change_intent *change_intent_for(const struct csi_finding *finding, enum change_kind kind);
void change_intent_free(struct change_intent *intent);

#endif
