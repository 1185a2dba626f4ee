#ifndef SIM_APPLY_CHECK_H
#define SIM_APPLY_CHECK_H

#include <cjson/cJSON.h>
#include <stdbool.h>

#include "sim/patch.h"

/* What a server refuses about an applied configuration before it looks at anyone's ownership. */
bool sim_apply_check(const cJSON *live, const cJSON *config,
                     const struct sim_patch_context *context, struct sim_status *status);

#endif
