#ifndef SIM_STRATEGIC_LIST_H
#define SIM_STRATEGIC_LIST_H

#include <cjson/cJSON.h>
#include <stdbool.h>

#include "sim/schema.h"
#include "sim/status.h"

/* The two halves of strategic merge, each calling the other. In place. */
bool sim_strategic_object(cJSON *target, const cJSON *patch, const struct sim_schema *schema,
                          struct sim_status *status);
/* patch NULL: only the order changes. order: the value of $setElementOrder, or NULL. */
bool sim_strategic_list(cJSON *target, const cJSON *patch, const cJSON *order,
                        const struct sim_schema *schema, struct sim_status *status);
/* 500 with a Go-printed value in its message; false. */
bool sim_strategic_fail(struct sim_status *status, const char *before, const cJSON *value,
                        const char *after);

#endif
