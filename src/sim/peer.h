#ifndef SIM_PEER_H
#define SIM_PEER_H

#include <microhttpd.h>

#include "request.h"

/* Who the client of this connection is by its certificate; the caller's to free. NULL if it sent
 * none. */
struct sim_peer *sim_peer_of(struct MHD_Connection *connection);

#endif
