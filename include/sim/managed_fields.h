#ifndef SIM_MANAGED_FIELDS_H
#define SIM_MANAGED_FIELDS_H

#include <cjson/cJSON.h>
#include <stdbool.h>
#include <stdint.h>

#include "sim/api.h"

/* Who writes, for metadata.managedFields. */
struct sim_manager {
    const struct sim_resource *resource;
    const char *name;
    const char *subresource; /* "" or "status"... */
    int minor;
    int64_t now_ms;
};

/*
 * Books an update (create, PUT, any patch but apply): object's managedFields get an Update entry of
 * this manager for what differs from live (all of it if live is NULL), and other managers lose what
 * was changed or removed. object is changed in place; live is not. A client that sent managedFields
 * of its own in object has them taken as the base (an empty list, or one empty entry, drops all).
 */
void sim_managed_fields_update(const struct sim_manager *manager, const cJSON *live, cJSON *object);

#endif
