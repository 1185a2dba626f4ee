#ifndef SIM_PATCH_H
#define SIM_PATCH_H

#include <cjson/cJSON.h>
#include <stdbool.h>
#include <stdint.h>

#include "sim/api.h"
#include "sim/status.h"

/* The four patch types of the API. Pure functions over objects; nothing is stored here. */
enum sim_patch_type {
    SIM_PATCH_JSON,      /* application/json-patch+json, RFC 6902 */
    SIM_PATCH_MERGE,     /* application/merge-patch+json, RFC 7386 */
    SIM_PATCH_STRATEGIC, /* application/strategic-merge-patch+json */
    SIM_PATCH_APPLY,     /* application/apply-patch+yaml, server-side apply */
};

struct sim_patch_context {
    const struct sim_resource *resource;
    const char *name;        /* of the URL */
    const char *ns;          /* "" if cluster-scoped */
    const char *subresource; /* "" or "status"... */
    const char *manager;     /* apply: the field manager, never NULL then */
    bool force;              /* apply: takes fields over from others */
    int minor;               /* the Kubernetes minor version that is played: 20 or 36 */
    int64_t now_ms;          /* for times in managedFields */
    cJSON *warnings;         /* a list that gets texts for Warning headers, or NULL */
};

/*
 * *out gets the patched object (the caller's) in full, with metadata.managedFields as they are to
 * be stored for an apply (with the live ones, untouched, for the other types: the write path then
 * calls sim_managed_fields_update()). live: NULL only for an apply that creates. Neither live nor
 * patch is changed. Errors as real servers give them: 422 for a JSON patch that does not apply, 409
 * with FieldManagerConflict causes, 500 for patches that cannot be merged...
 */
bool sim_patch_apply(enum sim_patch_type type, const cJSON *live, const cJSON *patch,
                     const struct sim_patch_context *context, cJSON **out,
                     struct sim_status *status);

#endif
