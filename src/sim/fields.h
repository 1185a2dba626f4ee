#ifndef SIM_FIELDS_H
#define SIM_FIELDS_H

#include <cjson/cJSON.h>
#include <stddef.h>

#include "sim/api.h"

/* What the server's field validation finds; texts are added to the list found. */

/* unknown field "a.b" for members that the kind's schema has not (outer levels and metadata). */
void sim_fields_unknown(const struct sim_resource *resource, const cJSON *body, cJSON *found);
/* duplicate field "a" for members that stand twice in the text. */
void sim_fields_duplicate(const char *text, size_t length, cJSON *found);

#endif
