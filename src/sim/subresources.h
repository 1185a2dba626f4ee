#ifndef SIM_SUBRESOURCES_H
#define SIM_SUBRESOURCES_H

#include "request.h"

/* scale, eviction, token, log. */
void sim_subresource(struct sim_request *request);

#endif
