#ifndef SIM_OWNERSHIP_H
#define SIM_OWNERSHIP_H

#include <cjson/cJSON.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "sim/fieldset.h"
#include "sim/managed_fields.h"

/* metadata.managedFields, decoded. */
struct sim_owner {
    char *manager;
    char *api_version;
    char *subresource; /* "" for none */
    char *time;        /* "" for none */
    bool applies;      /* operation Apply */
    struct sim_fields *fields;
};

struct sim_owners {
    struct sim_owner *entries;
    size_t count;
    size_t capacity;
};

/* False (and nothing in out) if an entry is not valid. */
bool sim_owners_read(const cJSON *managed_fields, struct sim_owners *out);
void sim_owners_clear(struct sim_owners *owners);
/* Sorts (Apply first, then by time and name), drops what owns nothing, writes metadata's
 * managedFields (none: the member goes). */
void sim_owners_write(struct sim_owners *owners, cJSON *object);
/* The entry of that manager, made if make and absent; NULL otherwise. */
struct sim_owner *sim_owners_find(struct sim_owners *owners, const char *manager,
                                  const char *api_version, const char *subresource, bool applies,
                                  bool make);
void sim_owner_touch(struct sim_owner *owner, int64_t now_ms);
/* Owners lose what changed or went; except (may be NULL) keeps its own changes. */
void sim_owners_yield(struct sim_owners *owners, const struct sim_field_changes *changes,
                      const struct sim_owner *except);

/* Leaves in a set what a write through that subresource can own. */
void sim_fields_restrict(struct sim_fields *fields, const struct sim_resource *resource,
                         const char *subresource);

#endif
