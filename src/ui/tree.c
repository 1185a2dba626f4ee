#include "ui/tree.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/language.h"
#include "base/text.h"

enum { MANY_PODS = 12 };

static char fold_yes[] = "folded";
static char fold_no[] = "open";

void tree_init(struct tree *tree)
{
    *tree = (struct tree){.folds = map_new(NULL)};
}

void tree_free(struct tree *tree)
{
    free(tree->rows);
    map_free(tree->folds);
    filter_free(tree->compiled);
    *tree = (struct tree){0};
}

char *tree_key(const struct tree_row *row)
{
    switch (row->kind) {
    case TREE_DRIVER:
        return xasprintf("driver/%s", row->driver->name);
    case TREE_WORKLOAD:
        return xasprintf("%s/%s/%s", row->workload->kind, row->workload->ns, row->workload->name);
    case TREE_POD:
        break;
    }
    return xasprintf("pod/%s/%s", row->pod->ns, row->pod->name);
}

/* True if the key is PREFIX/NS/NAME (NS NULL: PREFIX/NAME). */
static bool is_key_of(const char *key, const char *prefix, const char *ns, const char *name)
{
    const char *const parts[] = {prefix, ns, name};
    for (size_t i = 0; i < ARRAY_LENGTH(parts); i++) {
        size_t length = parts[i] == NULL ? 0 : strlen(parts[i]);
        if (parts[i] == NULL) {
            continue;
        }
        if (strncmp(key, parts[i], length) != 0 || key[length] != (i < 2 ? '/' : '\0')) {
            return false;
        }
        key += length + 1;
    }
    return true;
}

/* Looked for in each frame among thousands of rows: nothing is allocated. */
long tree_find(const struct tree *tree, const char *key)
{
    for (size_t i = 0; i < tree->count; i++) {
        const struct tree_row *row = &tree->rows[i];
        bool same = false;
        switch (row->kind) {
        case TREE_DRIVER:
            same = is_key_of(key, "driver", NULL, row->driver->name);
            break;
        case TREE_WORKLOAD:
            same = is_key_of(key, row->workload->kind, row->workload->ns, row->workload->name);
            break;
        case TREE_POD:
            same = is_key_of(key, "pod", row->pod->ns, row->pod->name);
            break;
        }
        if (same) {
            return (long)i;
        }
    }
    return -1;
}

const char *tree_order_name(enum tree_order order)
{
    static const char *const names[] = {N_("by name"), N_("by warnings, most first"),
                                        N_("by state, worst first"), N_("by node")};
    return names[order];
}

void tree_set_filter(struct tree *tree, const char *text)
{
    snprintf(tree->filter, sizeof(tree->filter), "%s", text);
    filter_free(tree->compiled);
    tree->compiled = filter_compile(tree->filter);
}

/* --- Rows ---------------------------------------------------------------------------------------
 */

static bool is_folded(const struct tree *tree, const struct tree_row *row, bool fallback)
{
    if (tree->unfolded) {
        return false;
    }
    char *key = tree_key(row);
    const char *said = map_get(tree->folds, key);
    free(key);
    return said == NULL ? fallback : said == fold_yes;
}

void tree_fold(struct tree *tree, size_t row, bool folded)
{
    if (row < tree->count && tree->rows[row].kind != TREE_POD) {
        char *key = tree_key(&tree->rows[row]);
        map_set(tree->folds, key, folded ? fold_yes : fold_no);
        free(key);
    }
}

static struct tree_row *add_row(struct tree *tree, struct tree_row row)
{
    tree->rows = xgrow(tree->rows, tree->count, &tree->capacity, sizeof(struct tree_row));
    tree->rows[tree->count] = row;
    return &tree->rows[tree->count++];
}

static double pod_rate(const struct csi_pod *pod)
{
    return pod->warnings.rate_known ? pod->warnings.per_day : -1;
}

static int by_warnings(const void *a, const void *b)
{
    const struct csi_pod *left = *(const struct csi_pod *const *)a;
    const struct csi_pod *right = *(const struct csi_pod *const *)b;
    double difference = pod_rate(right) - pod_rate(left);
    return difference > 0 ? 1 : difference < 0 ? -1 : strcmp(left->name, right->name);
}

static int by_state(const void *a, const void *b)
{
    const struct csi_pod *left = *(const struct csi_pod *const *)a;
    const struct csi_pod *right = *(const struct csi_pod *const *)b;
    int difference = (left->pulling == CSI_PULLING_FAILING ? 0 : 1) -
                     (right->pulling == CSI_PULLING_FAILING ? 0 : 1);
    if (difference == 0) {
        difference = (int)left->state - (int)right->state;
    }
    return difference != 0 ? difference : strcmp(left->name, right->name);
}

static int by_node(const void *a, const void *b)
{
    const struct csi_pod *left = *(const struct csi_pod *const *)a;
    const struct csi_pod *right = *(const struct csi_pod *const *)b;
    int difference = strcmp(left->node, right->node);
    return difference != 0 ? difference : strcmp(left->name, right->name);
}

static void add_pods(struct tree *tree, const struct csi_driver *driver,
                     const struct csi_workload *workload)
{
    static int (*const orders[])(const void *, const void *) = {NULL, by_warnings, by_state,
                                                                by_node};
    const struct csi_pod **pods = xcalloc(workload->pod_count + 1, sizeof(*pods));
    size_t count = 0;
    for (size_t i = 0; i < workload->pod_count; i++) {
        if (filter_passes(tree->compiled, workload->pods[i])) {
            pods[count++] = workload->pods[i];
        }
    }
    if (orders[tree->order] != NULL) {
        qsort(pods, count, sizeof(*pods), orders[tree->order]);
    }
    for (size_t i = 0; i < count; i++) {
        add_row(tree, (struct tree_row){TREE_POD, driver, workload, pods[i], false});
    }
    free(pods);
}

static size_t count_matches(const struct tree *tree, const struct csi_workload *workload)
{
    size_t count = 0;
    for (size_t i = 0; i < workload->pod_count; i++) {
        count += filter_passes(tree->compiled, workload->pods[i]) ? 1 : 0;
    }
    return count;
}

static void add_workload(struct tree *tree, const struct csi_driver *driver,
                         const struct csi_workload *workload)
{
    bool filtered = tree->compiled != NULL;
    size_t matches = filtered ? count_matches(tree, workload) : 0;
    tree->matches += matches;
    if (filtered && matches == 0) {
        return;
    }
    struct tree_row *row =
        add_row(tree, (struct tree_row){TREE_WORKLOAD, driver, workload, NULL, false});
    row->folded = is_folded(tree, row, !filtered && workload->pod_count > MANY_PODS);
    if (!row->folded) {
        add_pods(tree, driver, workload);
    }
}

static bool cannot_pull(const struct csi_driver *driver)
{
    for (size_t i = 0; i < driver->workload_count; i++) {
        for (size_t j = 0; j < driver->workloads[i]->pod_count; j++) {
            if (driver->workloads[i]->pods[j]->pulling == CSI_PULLING_FAILING) {
                return true;
            }
        }
    }
    return false;
}

void tree_build(struct tree *tree, const struct csi_census *census)
{
    size_t count;
    struct csi_driver *const *drivers = csi_census_drivers(census, &count);
    bool filtered = tree->compiled != NULL;
    tree->count = 0;
    tree->matches = 0;
    for (size_t i = 0; i < count; i++) {
        size_t at = tree->count;
        struct tree_row *row =
            add_row(tree, (struct tree_row){TREE_DRIVER, drivers[i], NULL, NULL, false});
        bool healthy = drivers[i]->broken_pods == 0 && !cannot_pull(drivers[i]);
        bool folded = is_folded(tree, row, !filtered && healthy && count > 1);
        row->folded = folded;
        for (size_t j = 0; !folded && j < drivers[i]->workload_count; j++) {
            add_workload(tree, drivers[i], drivers[i]->workloads[j]);
        }
        if (filtered && !folded && tree->count == at + 1) {
            tree->count = at; /* nothing of this driver matches */
        }
    }
}

/* --- The next fault -----------------------------------------------------------------------------
 */

bool tree_pod_has_fault(const struct csi_pod *pod)
{
    return csi_secret_state_is_broken(pod->state) || pod->pulling == CSI_PULLING_FAILING;
}

static void open_fold(struct tree *tree, const struct tree_row *row)
{
    char *key = tree_key(row);
    map_set(tree->folds, key, fold_no);
    free(key);
}

long tree_next_fault(struct tree *tree, const struct csi_census *census, size_t row)
{
    char *from = row < tree->count ? tree_key(&tree->rows[row]) : NULL;
    tree->unfolded = true;
    tree_build(tree, census);
    tree->unfolded = false;
    long start = from == NULL ? -1 : tree_find(tree, from);
    char *found = NULL;
    free(from);
    for (size_t i = 1; i <= tree->count && found == NULL; i++) {
        const struct tree_row *at = &tree->rows[((size_t)(start + 1) + i - 1) % tree->count];
        if (at->kind == TREE_POD && tree_pod_has_fault(at->pod)) {
            found = tree_key(at);
            open_fold(tree, &(struct tree_row){.kind = TREE_DRIVER, .driver = at->driver});
            open_fold(tree, &(struct tree_row){.kind = TREE_WORKLOAD, .workload = at->workload});
        }
    }
    tree_build(tree, census);
    long at = found == NULL ? -1 : tree_find(tree, found);
    free(found);
    return at;
}
