#ifndef SIM_SCHEMA_H
#define SIM_SCHEMA_H

#include <cjson/cJSON.h>
#include <stdbool.h>
#include <stddef.h>

/*
 * The shapes of the served kinds, as far as patches and ownership depend on them: which lists are
 * merged by which keys, what is one value for server-side apply, which fields exist. One table
 * (schema_types.c) for strategic merge, managed fields and apply.
 */
enum sim_schema_kind {
    SIM_SCHEMA_SCALAR,
    SIM_SCHEMA_ANY,  /* free JSON, one value */
    SIM_SCHEMA_TYPE, /* an object with known fields */
    SIM_SCHEMA_MAP,  /* an object with free keys */
    SIM_SCHEMA_LIST,
};

struct sim_schema_type;

/* What stands at one place of an object. */
struct sim_schema {
    enum sim_schema_kind kind;
    char scalar;       /* SCALAR: 's'tring, 'i'nteger, 'b'oolean, 'q'uantity or number or string */
    bool atomic;       /* one value for server-side apply */
    bool is_set;       /* LIST: of scalars, each owned alone */
    bool always_there; /* real servers write it even when it is empty */
    bool retain_keys;  /* strategic merge: $retainKeys is usual here */
    bool merges;       /* LIST: strategic merge merges it (by merge_key, or as primitives) */
    const char *keys;  /* LIST: server-side apply's keys, separated by ","; "" if it has none */
    const char *merge_key;              /* LIST: strategic merge's key; "" for primitives */
    const struct sim_schema_type *type; /* TYPE */
    const struct sim_schema *element;   /* MAP, LIST */
};

/* The whole object of a kind; never NULL (an unknown kind is one free value). */
const struct sim_schema *sim_schema_of_kind(const char *kind);
/* The same as it was in that Kubernetes minor version. */
const struct sim_schema *sim_schema_of_version(const char *kind, int minor);
/* A field of an object; NULL if the type has no such field. schema may be NULL (then NULL). */
const struct sim_schema *sim_schema_field(const struct sim_schema *schema, const char *name);

/* The path of the first list (".spec.template.spec.imagePullSecrets") in which a key stands twice,
 * and that key as [name="a"], into path and key (free both); false if there is none. */
bool sim_schema_double(const struct sim_schema *schema, const cJSON *object, char **path,
                       char **key);
/* The keys of an item in a keyed list as errors show them: [name="a"]; free it. */
char *sim_schema_item_text(const struct sim_schema *list, const cJSON *item);

/* Calls back for each field that the schema does not have, with its path ("spec.nope"); the
 * callback may not change the object. With drop they are taken out. */
void sim_schema_unknown(const struct sim_schema *schema, cJSON *object, bool drop,
                        void (*found)(void *context, const char *path), void *context);

#endif
