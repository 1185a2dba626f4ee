#ifndef SIM_OLD_DECODE_H
#define SIM_OLD_DECODE_H

#include <stdbool.h>

#include "request.h"

/* What the JSON decoder of servers before 1.23 says to metadata and Secret data of a wrong type. It
 * quotes some fifty bytes of the body, values of Secrets included: 400 in status, true if there is
 * nothing of the kind. The body must be JSON without faults. */
bool sim_old_decode_fits(const struct sim_request *request, const struct sim_resource *resource,
                         struct sim_status *status);

#endif
