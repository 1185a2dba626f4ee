#ifndef CHANGE_MERGE_H
#define CHANGE_MERGE_H

#include <cjson/cJSON.h>
#include <stdbool.h>

/*
 * What a strategic merge knows of a place in an object: how its list is merged, and what lies
 * below. The tables follow the patchStrategy and patchMergeKey tags of k8s.io/api.
 */
enum merge_list {
    MERGE_LIST_ATOMIC,  /* replaced whole */
    MERGE_LIST_KEYED,   /* maps, matched by `key` */
    MERGE_LIST_SCALARS, /* a set of scalars */
};

struct merge_schema;
struct merge_field {
    const char *name; /* NULL ends the table; "*": any other */
    enum merge_list list;
    const char *key;
    bool retain_keys; /* members that the manifest does not have go from the live map */
    const struct merge_schema *below;
};
struct merge_schema {
    const struct merge_field *fields;
};

/* The schema of a kind that kubectl merges strategically. NULL for all others: their lists are
 * atomic, as in a JSON merge. */
const struct merge_schema *merge_schema_of(const char *api_version, const char *kind);
/* NULL where nothing special is known. schema may be NULL. */
const struct merge_field *merge_schema_field(const struct merge_schema *schema, const char *name);

/*
 * Three-way merge as `kubectl apply` does it: what the manifest says is set, what last_applied had
 * and the manifest has no longer is removed, everything else of live stays. last_applied may be
 * NULL. The result carries the new last-applied annotation. Lists whose keys are doubled or missing
 * (in live or manifest), which kubectl cannot patch, are replaced whole; *poisoned tells (may be
 * NULL). cJSON_Delete() the result.
 */
cJSON *change_merge(const cJSON *last_applied, const cJSON *manifest, const cJSON *live,
                    bool *poisoned);

#endif
