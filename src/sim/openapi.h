#ifndef SIM_OPENAPI_H
#define SIM_OPENAPI_H

#include "request.h"

/* /openapi/v3: as much as kubectl asks before it applies, diffs or validates: which parameters a
 * PATCH of each kind takes. True if the path was its own. */
bool sim_openapi(struct sim_request *request);

#endif
