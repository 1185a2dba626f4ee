#ifndef SIM_FIELDSET_H
#define SIM_FIELDSET_H

#include <cjson/cJSON.h>
#include <stdbool.h>
#include <stddef.h>

#include "sim/schema.h"

/*
 * Sets of field paths as FieldsV1 writes them. A set is a tree: a path is in it if its node is a
 * member. Names are "f:FIELD", "k:{KEYS}" and "v:VALUE".
 */
struct sim_fields {
    char *name; /* "" at the root */
    bool member;
    struct sim_fields **children; /* sorted by name */
    size_t count;
    size_t capacity;
};

struct sim_fields *sim_fields_new(void);
/* NULL is allowed. */
void sim_fields_free(struct sim_fields *fields);
struct sim_fields *sim_fields_copy(const struct sim_fields *fields);
bool sim_fields_is_empty(const struct sim_fields *fields);

/* {} is a member without children; "." marks a member that has some. */
struct sim_fields *sim_fields_from_json(const cJSON *fields_v1);
cJSON *sim_fields_to_json(const struct sim_fields *fields);

struct sim_fields *sim_fields_child(const struct sim_fields *fields, const char *name);
/* The child, made if it is absent. */
struct sim_fields *sim_fields_need(struct sim_fields *fields, const char *name);
/* Takes a child and all below it out. */
void sim_fields_remove(struct sim_fields *fields, const char *name);

/* Paths of both; in place. */
void sim_fields_add(struct sim_fields *to, const struct sim_fields *from);
/* Takes exactly the paths of b out of a. */
void sim_fields_subtract(struct sim_fields *a, const struct sim_fields *b);
/* Leaves in a what is in b too. */
void sim_fields_intersect(struct sim_fields *a, const struct sim_fields *b);

/* How a new object differs from an old one. */
struct sim_field_changes {
    struct sim_fields *added;
    struct sim_fields *modified;
    struct sim_fields *removed;
};
/* old_value NULL: an empty object of the kind. */
void sim_fields_compare(const struct sim_schema *schema, const cJSON *old_value,
                        const cJSON *new_value, struct sim_field_changes *out);
void sim_field_changes_free(struct sim_field_changes *changes);

/* What an applied configuration claims. */
struct sim_fields *sim_fields_of(const struct sim_schema *schema, const cJSON *value);

/* "k:{...}" of an item in a keyed list, "v:..." in a set; the caller's. */
char *sim_fields_item_name(const struct sim_schema *list, const cJSON *item);

/* Takes apiVersion, kind and the metadata that the server keeps itself out of a set. */
void sim_fields_strip(struct sim_fields *fields);

#endif
