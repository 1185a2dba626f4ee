#ifndef SIM_KINDS_H
#define SIM_KINDS_H

#include <cjson/cJSON.h>
#include <stdbool.h>

#include "sim/sim.h"

/* What the single kinds add to the general rules of a write. live is NULL on create. */

struct sim_check {
    struct sim *sim;
    const struct sim_resource *resource;
    struct sim_causes causes;
    cJSON *warnings; /* or NULL */
};

/* admission.c: ServiceAccounts and their pull secrets into new pods. 403 as the plugin words it. */
bool sim_kind_admit(struct sim *sim, const struct sim_resource *resource, cJSON *body,
                    struct sim_status *status);
/* quota.c: 403 when the namespace's ResourceQuotas leave no room for one more. */
bool sim_quota_admits(struct sim *sim, const struct sim_resource *resource, const cJSON *body,
                      struct sim_status *status);
/* prepare.c: what a client may not set is taken out; write-only fields become stored ones. */
void sim_kind_prepare(struct sim *sim, const struct sim_resource *resource, const cJSON *live,
                      cJSON *body);
/* prepare.c: counters that the server keeps and that are nobody's in managedFields. */
void sim_kind_count(const struct sim_resource *resource, const cJSON *live, cJSON *body);
/* defaults.c */
void sim_kind_default(struct sim *sim, const struct sim_resource *resource, cJSON *body);
/* defaults_pod.c: of a pod's or a template's spec. */
void sim_default_pod_spec(int minor, cJSON *spec);

/* validate.c: 422 with all causes; check->causes may hold some already and is empty afterwards. */
bool sim_kind_validate(struct sim_check *check, const cJSON *live, const cJSON *body,
                       struct sim_status *status);
/* validate_secret.c, validate_workload.c, validate_event.c */
void sim_validate_secret(struct sim_check *check, const cJSON *live, const cJSON *body);
void sim_validate_config_map(struct sim_check *check, const cJSON *live, const cJSON *body);
void sim_validate_pod(struct sim_check *check, const cJSON *live, const cJSON *body);
void sim_validate_workload(struct sim_check *check, const cJSON *live, const cJSON *body);
void sim_validate_event(struct sim_check *check, const cJSON *live, const cJSON *body);
/* Where Go's base64 decoder finds a group of four that is wrong; -1: it is fine. */
long sim_bad_base64(const char *text);
/* 400 for values that a typed object could not hold (base64, numbers for strings). */
bool sim_check_secret_types(struct sim_check *check, const cJSON *body, struct sim_status *status);

/* views.c: a body of a view before it is turned into what is stored: rules of its own version. */
bool sim_kind_check_view(struct sim_check *check, const cJSON *live, const cJSON *body,
                         struct sim_status *status);
/* The stored shape of a view's body; the caller's. */
cJSON *sim_view_back(const struct sim_resource *resource, const cJSON *body);

#endif
