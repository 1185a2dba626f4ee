#ifndef SIM_STORE_INSIDE_H
#define SIM_STORE_INSIDE_H

#include "sim/store.h"

/* Shared by store.c (what is kept and how it is told) and store_write.c (the rules of a write). */

/* Takes over body; names and uid are read from its metadata. */
struct sim_object *sim_object_new(const struct sim_resource *resource, cJSON *body);

/* Whether metadata.generation of the kind counts changes of the wanted state. */
bool sim_store_has_generation(const struct sim_store *store, const struct sim_resource *resource);
int64_t sim_store_now(const struct sim_store *store);

/* The next resourceVersion, written into object. */
void sim_store_number(struct sim_store *store, struct sim_object *object);
/* Puts object (retained) in the place of the one with its name, or adds it, logs and tells. */
void sim_store_put(struct sim_store *store, struct sim_object *object);
/* Takes the object of that name out; last is its last state with the version of the deletion. */
void sim_store_take(struct sim_store *store, struct sim_object *last);
/* Tells the subscribers what happened since the last call. */
void sim_store_tell(struct sim_store *store);

#endif
