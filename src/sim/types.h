#ifndef SIM_TYPES_H
#define SIM_TYPES_H

#include <cjson/cJSON.h>
#include <stdbool.h>

#include "sim/api.h"

enum { SIM_TYPES_WHY = 400 };

/* True if every field of body has the JSON type that the kind's schema gives it; else why says in
 * encoding/json's words which has not. */
bool sim_types_fit(const struct sim_resource *resource, const cJSON *body, char why[SIM_TYPES_WHY]);

#endif
