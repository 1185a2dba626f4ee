#ifndef TESTS_UNIT_SIM_CLUSTER_H
#define TESTS_UNIT_SIM_CLUSTER_H

#include <cjson/cJSON.h>
#include <stdbool.h>

#include "sim/managed_fields.h"
#include "sim/patch.h"
#include "sim/sim.h"

/* What the tests of the simulated cluster share. */

/* Parses JSON written with ' for " so that tests stay readable. */
cJSON *json_of(const char *text);
/* The compact text with sorted members, ' for "; valid until the next call. */
const char *text_of(const cJSON *value);

/* The minor version that patched() plays: 36, unless a test says otherwise. */
extern int patched_minor;

/* A patch by a manager with everything that the write path adds; the result is the caller's. NULL
 * when it is refused: *code (may be NULL) and message (may be NULL, 512 bytes) tell how. */
cJSON *patched(enum sim_patch_type type, const cJSON *live, const char *patch, const char *manager,
               bool force, int *code, char *message);

/* A cluster from a scenario at this speed with its controllers running. */
struct sim *cluster_of(const char *scenario, double speed);
void cluster_free(struct sim *sim);
/* Runs the loop until done says so; fails the test after a minute. */
void cluster_wait(struct sim *sim, bool (*done)(struct sim *sim));
/* Writes into an object with a merge patch; fails the test if it is refused. */
void cluster_merge(struct sim *sim, const struct sim_resource *resource, const char *ns,
                   const char *name, const char *patch);
void cluster_create(struct sim *sim, const char *ns, const char *body);
/* .dockerconfigjson in base64 with this credential for the registry that the cluster serves; the
 * caller's. */
char *cluster_credential(struct sim *sim, const char *username, const char *password);
/* Pods of that app label whose template names this pull secret (NULL: none at all). */
int cluster_count_pods(struct sim *sim, const char *app, const char *secret, bool ready);
/* Sum of counts of events of that reason in all namespaces. */
long cluster_count_events(struct sim *sim, const char *reason);

#endif
