#ifndef UI_TREE_H
#define UI_TREE_H

#include <stdbool.h>
#include <stddef.h>

#include "base/map.h"
#include "csi/census.h"

/* The rows of drivers, workloads and pods as a tree that folds, sorts and filters. */
enum tree_kind { TREE_DRIVER, TREE_WORKLOAD, TREE_POD };

struct tree_row {
    enum tree_kind kind;
    const struct csi_driver *driver;
    const struct csi_workload *workload; /* NULL for a driver's row */
    const struct csi_pod *pod;           /* NULL but for a pod's row */
    bool folded;
};

enum tree_order { TREE_BY_NAME, TREE_BY_WARNINGS, TREE_BY_STATE, TREE_BY_NODE, TREE_ORDER_COUNT };

struct tree {
    struct tree_row *rows;
    size_t count, capacity;
    struct map *folds; /* key of a row -> "folded" or "open", where a person chose */
    enum tree_order order;
    char filter[128];
    bool filter_bad; /* the filter says something that nothing understands */
};

void tree_init(struct tree *tree);
void tree_free(struct tree *tree);
/* Makes the rows anew; pointers are the census' and hold until its next change. */
void tree_build(struct tree *tree, const struct csi_census *census);
/* Folds or unfolds a row that has children. */
void tree_fold(struct tree *tree, size_t row, bool folded);
/* A name for the row that outlives the census' changes; free() it. */
char *tree_key(const struct tree_row *row);
/* The row of that name; -1 if it is gone. */
long tree_find(const struct tree *tree, const char *key);
const char *tree_order_name(enum tree_order order);

/*
 * Filters: words that must all hold. `text` (anywhere in name, node, state), `!text`,
 * `state:missing`, `node:worker-1`, `driver:upcloud`, `ns:kube-system`, `pull:failing`; with ! in
 * front they exclude.
 */
bool tree_filter_pod(const char *filter, const struct csi_pod *pod);

#endif
