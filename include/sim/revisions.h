#ifndef SIM_REVISIONS_H
#define SIM_REVISIONS_H

#include <cjson/cJSON.h>
#include <stdbool.h>

#include "sim/sim.h"
#include "sim/store.h"

/* Hash of a template as pod names and labels carry it: the alphabet of generated names. Equal
 * templates have equal hashes whatever the order of their members. */
void sim_template_hash(const cJSON *value, char out[16]);

/*
 * The ControllerRevision that holds a DaemonSet's or StatefulSet's present template: found by
 * content (and made the newest, if an old one is used again) or created. Retained; NULL if it could
 * not be written.
 */
struct sim_object *sim_revision_current(struct sim *sim, const struct sim_object *owner);
/* That of a name; retained; NULL if there is none. */
struct sim_object *sim_revision_named(struct sim *sim, const struct sim_object *owner,
                                      const char *name);
/* The template that a revision holds (inside it). */
const cJSON *sim_revision_template(const struct sim_object *revision);
/* The label controller-revision-hash of a DaemonSet's pods. */
const char *sim_revision_hash(const struct sim_object *revision);
/* Deletes the oldest ones over spec.revisionHistoryLimit; keep: names that live (NULL-ended). */
void sim_revisions_trim(struct sim *sim, const struct sim_object *owner, const char *const *keep);

#endif
