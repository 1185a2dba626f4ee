#ifndef SIM_WRITES_H
#define SIM_WRITES_H

#include <cjson/cJSON.h>
#include <stdbool.h>
#include <stdint.h>

#include "sim/patch.h"
#include "sim/sim.h"

/*
 * The way of every write, of clients and of controllers: name and namespace checked, defaults,
 * admission (pull secrets of the ServiceAccount into new pods), validation, managed fields, store.
 */
struct sim_write {
    const char *manager;     /* field manager; NULL: none is booked */
    const char *subresource; /* "" or "status"... NULL is "" */
    bool dry_run;
    bool forced;              /* apply only */
    bool keep_managed_fields; /* the body brings its own (scenarios, server-side apply) */
    bool keep_status;         /* create: the body's status stays (scenarios) */
    int64_t creation_ms;      /* create: creationTimestamp; 0: now */
    bool strict;              /* fieldValidation=Strict: unknown fields in a patch are refused */
    bool ignore_unknown;      /* fieldValidation=Ignore: they go without a warning */
    cJSON *warnings;          /* a list that gets texts for Warning headers, or NULL */
};

/* Takes over body. ns: of the URL ("" if cluster-scoped). *out (may be NULL): retained. */
bool sim_write_create(struct sim *sim, const struct sim_resource *resource, const char *ns,
                      cJSON *body, const struct sim_write *write, struct sim_object **out,
                      struct sim_status *status);
/* Takes over body. A resourceVersion or uid in it is a guard. */
bool sim_write_update(struct sim *sim, const struct sim_resource *resource, const char *ns,
                      const char *name, cJSON *body, const struct sim_write *write,
                      struct sim_object **out, struct sim_status *status);
/* created (may be NULL): an apply made the object. */
bool sim_write_patch(struct sim *sim, const struct sim_resource *resource, const char *ns,
                     const char *name, enum sim_patch_type type, const cJSON *patch,
                     const struct sim_write *write, struct sim_object **out, bool *created,
                     struct sim_status *status);

#endif
