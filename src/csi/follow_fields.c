#include "follow_internal.h"

/*
 * What the census reads of each kind's items (json_pick_want() says how paths are written); all
 * else of a list is walked over. Whoever lets the census read more says so here.
 */

/* Workloads are few: all, with who wrote them, but not the long list of what they wrote. */
const char *const follow_workload_fields[] = {"", "- metadata managedFields fieldsV1", NULL};

/* A container of a pod: its image and what betrays a CSI driver or another use of a Secret. */
#define CONTAINER_FIELDS(list)                                                                     \
    "spec " list " name", "spec " list " image", "spec " list " imagePullPolicy",                  \
        "spec " list " args", "spec " list " command", "spec " list " env value",                  \
        "spec " list " env valueFrom secretKeyRef name", "spec " list " envFrom secretRef name"

#define STATUS_FIELDS(list)                                                                        \
    "status " list " name", "status " list " ready", "status " list " restartCount",               \
        "status " list " state waiting reason", "status " list " state waiting message"

/* All of clues.c's label_names. */
#define LABEL_FIELDS                                                                               \
    "metadata labels app.kubernetes.io/name", "metadata labels app.kubernetes.io/instance",        \
        "metadata labels app", "metadata labels release",                                          \
        "metadata labels app.kubernetes.io/part-of", "metadata labels k8s-app"

#define OWNER_FIELDS(metadata)                                                                     \
    metadata " ownerReferences kind", metadata " ownerReferences name",                            \
        metadata " ownerReferences controller"

const char *const follow_pod_fields[] = {
    "metadata name",
    "metadata namespace",
    "metadata uid",
    "metadata creationTimestamp",
    "metadata deletionTimestamp",
    "metadata annotations kubernetes.io/config.mirror ?",
    "metadata labels pod-template-generation",
    "metadata labels pod-template-hash",
    "metadata labels controller-revision-hash",
    LABEL_FIELDS,
    OWNER_FIELDS("metadata"),
    "spec nodeName",
    "spec serviceAccountName",
    "spec serviceAccount",
    "spec imagePullSecrets name",
    CONTAINER_FIELDS("containers"),
    CONTAINER_FIELDS("initContainers"),
    "spec volumes hostPath path",
    "spec volumes secret secretName",
    "status phase",
    STATUS_FIELDS("containerStatuses"),
    STATUS_FIELDS("initContainerStatuses"),
    NULL,
};

#define OBJECT_FIELDS(object) object " uid", object " namespace", object " name"

const char *const follow_event_fields[] = {
    "metadata name",
    "metadata namespace",
    "metadata creationTimestamp",
    OBJECT_FIELDS("involvedObject"),
    OBJECT_FIELDS("regarding"),
    "reason",
    "message",
    "note",
    "count",
    "series count",
    "series lastObservedTime",
    "firstTimestamp",
    "lastTimestamp",
    "eventTime",
    NULL,
};

/* Not the annotations' values: kubectl keeps whole Secrets in one of them. */
const char *const follow_secret_fields[] = {
    "cells",
    "object metadata name",
    "object metadata namespace",
    "object metadata uid",
    "object metadata resourceVersion",
    "object metadata creationTimestamp",
    "object metadata labels",
    "object metadata annotations meta.helm.sh/release-name ?",
    "object metadata annotations argocd.argoproj.io/tracking-id ?",
    "object metadata annotations reflector.v1.k8s.emberstack.com/reflects ?",
    "object metadata annotations sealedsecrets.bitnami.com/managed ?",
    "object metadata annotations kubectl.kubernetes.io/last-applied-configuration ?",
    OWNER_FIELDS("object metadata"),
    "object metadata managedFields manager",
    "object metadata managedFields subresource ?",
    "object metadata managedFields time",
    NULL,
};

const char *const follow_account_fields[] = {
    "metadata name",
    "metadata namespace",
    "imagePullSecrets name",
    NULL,
};

const char *const follow_name_fields[] = {"metadata name", NULL};
