#ifndef UI_TREE_H
#define UI_TREE_H

#include <stdbool.h>
#include <stddef.h>

#include "base/map.h"
#include "csi/census.h"
#include "ui/filter.h"

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
    size_t matches;    /* pods that pass the filter, if there is one */
    struct map *folds; /* key of a row -> "folded" or "open", where a person chose */
    enum tree_order order;
    bool unfolded; /* every row is shown, whatever was folded: for a search */
    char filter[128];
    struct filter *compiled; /* NULL: everything is shown */
};

void tree_init(struct tree *tree);
void tree_free(struct tree *tree);
/* Makes the rows anew; pointers are the census' and hold until its next change. */
void tree_build(struct tree *tree, const struct csi_census *census);
/* Of the next tree_build(). */
void tree_set_filter(struct tree *tree, const char *text);
/* Folds or unfolds a row that has children. */
void tree_fold(struct tree *tree, size_t row, bool folded);
/* A name for the row that outlives the census' changes; free() it. */
char *tree_key(const struct tree_row *row);
/* The row of that name; -1 if it is gone. */
long tree_find(const struct tree *tree, const char *key);
/* "by warnings, most first" */
const char *tree_order_name(enum tree_order order);
/* The row of the next pod with a fault below row, round the end; its driver and workload are
 * unfolded. -1 if no pod that passes the filter has one. Makes the rows anew. */
long tree_next_fault(struct tree *tree, const struct csi_census *census, size_t row);
/* A pod that wants a look: a reference that is broken, or a pull that fails. */
bool tree_pod_has_fault(const struct csi_pod *pod);

#endif
