#ifndef CHANGE_PLAN_PARTS_H
#define CHANGE_PLAN_PARTS_H

#include "change/plan.h"

/* What the files of the plan share; not for other rooms. */

/* --- Growing arrays --------------------------------------------------------------------------- */
struct plan_targets {
    struct change_target *items;
    size_t count;
    size_t capacity;
};
/* Adds it unless it is there. */
void plan_targets_add(struct plan_targets *targets, const struct kube_resource *resource,
                      const char *ns, const char *name);

/* A new, zeroed object of the plan for the target; valid until the next call. */
struct change_object *plan_add_object(struct change_plan *plan,
                                      const struct kube_resource *resource, const char *ns,
                                      const char *name);
/* Appends one sentence to the costs; takes it over. */
void plan_add_cost(struct change_plan *plan, char *sentence);
/* Appends a sentence to the note; takes it over. */
void plan_add_note(struct change_object *object, char *sentence);
/* live and desired are set: works out the patch, the action, the restarts. */
void plan_finish_patch(struct change_object *object);

/* --- Which rows an intent means (plan_rows.c) --------------------------------------------------
 */
bool plan_attaches(const struct change_intent *intent);
bool plan_means_driver(const struct change_intent *intent, const struct csi_driver *driver);
bool plan_means_workload(const struct change_intent *intent, const struct csi_workload *workload);
/* True if the reference is one that the intent changes. */
bool plan_means_reference(const struct change_intent *intent,
                          const struct csi_reference *reference);
/* The resource if pods follow its template (DaemonSet, Deployment, StatefulSet), else NULL. */
const struct kube_resource *plan_workload_resource(const struct csi_workload *workload);
/* Whether a pod of it has a reference from its ServiceAccount that the intent changes. */
bool plan_workload_inherits(const struct change_intent *intent,
                            const struct csi_workload *workload);

typedef void (*plan_visitor)(void *context, struct csi_workload *workload);
void plan_each_workload(const struct change_intent *intent, const struct csi_census *census,
                        plan_visitor visit, void *context);

/* --- The parts ---------------------------------------------------------------------------------
 */
struct plan_input {
    const struct change_intent *intent;
    const struct csi_census *census;
    const struct change_target *targets;
    cJSON *const *live;
    size_t count;
};

/* Edits of lists of references in workloads and ServiceAccounts (plan_references.c). */
void plan_reference_targets(const struct change_intent *intent, const struct csi_census *census,
                            struct plan_targets *out);
bool plan_make_reference(const struct plan_input *input, size_t i, struct change_plan *out,
                         struct error *err);
/* Secrets made, rotated, copied (plan_secret.c). */
bool plan_secret_targets(const struct change_intent *intent, const struct csi_census *census,
                         struct plan_targets *out, struct error *err);
bool plan_make_secret(const struct plan_input *input, size_t i, struct change_plan *out,
                      struct error *err);
/* Manifests (plan_apply.c). */
bool plan_apply_targets(const struct change_intent *intent, struct plan_targets *out,
                        struct error *err);
bool plan_make_apply(const struct plan_input *input, struct change_plan *out, struct error *err);
/* Sums, sentences, title (plan_costs.c). */
void plan_add_costs(const struct plan_input *input, struct change_plan *plan);

#endif
