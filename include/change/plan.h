#ifndef CHANGE_PLAN_H
#define CHANGE_PLAN_H

#include <cjson/cJSON.h>
#include <stdint.h>

#include "base/error.h"
#include "change/conflicts.h"
#include "change/intent.h"
#include "csi/census.h"
#include "kube/resource.h"

/*
 * A plan: what will be sent for each object, in order (Secrets, ServiceAccounts, the rest), from
 * live objects and an intent. Pure: the live objects are handed in.
 */
enum change_action { CHANGE_CREATE, CHANGE_PATCH, CHANGE_NOTHING, CHANGE_DELETE };

struct change_object {
    const struct kube_resource *resource;
    char *ns;
    char *name;
    enum change_action action;
    cJSON *live;     /* as read; NULL when it will be created */
    cJSON *desired;  /* what is asked for (CREATE: the manifest; PATCH: live with the change) */
    cJSON *patch;    /* PATCH: a JSON patch guarded by uid and resourceVersion */
    cJSON *left_out; /* pull secrets only: the object if the manifest's other wishes were sent as
                        well; NULL: it has none */
    char *uid;
    char *resource_version;  /* seen when the plan was made */
    int restarts;            /* pods that restart because of it */
    char *owner;             /* who manages it: "kubectl-client-side-apply", "Helm release x"... */
    char *owner_consequence; /* a sentence; NULL: none */
    bool owner_confirm;      /* wants a confirmation of its own */
    const char *owner_word;  /* the word that confirms it; NULL: none */
    struct change_conflict *conflicts; /* fields that others own by server-side apply */
    size_t conflict_count;
    char *note; /* anything else worth saying; NULL */
};

struct change_plan {
    struct change_object *objects;
    size_t count;
    int restarts;
    int64_t rollout_ms; /* estimate of the rollout's length; 0: unknown or none */
    char *title;        /* "Use Secret my-registry in 2 workloads of storage.csi.upcloud.com" */
    cJSON *title_parts; /* the same for the journal, see change/title.h; NULL: none */
    char **costs;       /* sentences, NULL-terminated: order, availability, mounted volumes */
};

void change_plan_free(struct change_plan *plan);

/* Which live objects a plan for the intent wants to see. */
struct change_target {
    const struct kube_resource *resource;
    char *ns;
    char *name;
};
bool change_plan_targets(const struct change_intent *intent, const struct csi_census *census,
                         struct change_target **out, size_t *count, struct error *err);
void change_targets_free(struct change_target *targets, size_t count);

/* live[i] belongs to targets[i]; NULL where the object does not exist. Trees are copied. */
bool change_plan_make(const struct change_intent *intent, const struct csi_census *census,
                      const struct change_target *targets, cJSON *const *live, size_t count,
                      struct change_plan *out, struct error *err);

/* Adds what a PodDisruptionBudget means for the plan's rollouts to its costs, if it covers them. */
void change_plan_add_budget(struct change_plan *plan, const cJSON *budget);

#endif
