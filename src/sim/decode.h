#ifndef SIM_DECODE_H
#define SIM_DECODE_H

#include <cjson/cJSON.h>
#include <stdbool.h>

#include "request.h"

/* The body of a create or update as an object of that kind (JSON or YAML by Content-Type); *out is
 * the caller's. 400, 413 or 415 with a real server's words. */
bool sim_decode_object(struct sim_request *request, const struct sim_resource *resource,
                       cJSON **out, struct sim_status *status);
/* JSON or YAML without looking at what it is; an empty body gives NULL. */
bool sim_decode_plain(struct sim_request *request, cJSON **out, struct sim_status *status);
/* Content-Type without parameters, in out. */
void sim_content_type(const struct sim_request *request, char out[128]);
/* Adds a text for a Warning header. */
void sim_warn(cJSON *warnings, const char *format, ...) ATTR_FORMAT(2, 3);

#endif
