#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/attributes.h"
#include "base/intern.h"
#include "base/text.h"
#include "rows.h"

/*
 * Which workload belongs to which driver. Most say it themselves (a path, a flag, a known image or
 * name); the others belong to the workload that they resemble most, else to the CSIDriver whose
 * name resembles theirs, else they stand for themselves.
 */
struct grouping {
    struct csi_census *census;
    struct workload_row **rows;
    const char **names; /* of the driver of each row; NULL: not known yet; borrowed */
    size_t count;
};

void drivers_free(struct csi_census *census)
{
    for (size_t i = 0; i < census->driver_count; i++) {
        intern_release(census->drivers[i]->name);
        free(census->drivers[i]->workloads);
        free(census->drivers[i]);
    }
    free(census->drivers);
    census->drivers = NULL;
    census->driver_count = 0;
}

static bool is_registered(const struct csi_census *census, const char *name)
{
    return name != NULL && map_get(census->csi_drivers, name) != NULL;
}

static const char *own_name(const struct csi_census *census, const struct workload_row *row)
{
    const char *path = row->clues.driver;
    const char *image = row->clues.image_driver;
    const char *known = known_driver_of_workload(row->workload.name);
    const char *registered = is_registered(census, path)    ? path
                             : is_registered(census, image) ? image
                             : is_registered(census, known) ? known
                                                            : NULL;
    if (registered != NULL) {
        return registered;
    }
    return path != NULL ? path : known != NULL ? known : image;
}

/* Calls token for each part between dashes and dots that says something; stops when it returns
 * true. */
static bool any_token(const char *name,
                      bool (*token)(const char *text, size_t length, const char *other),
                      const char *other)
{
    static const char *const generic[] = {"csi",    "driver",  "plugin", "node",  "controller",
                                          "server", "com",     "io",     "org",   "net",
                                          "k8s",    "storage", "cloud",  "block", "cluster"};
    while (*name != '\0') {
        size_t length = strcspn(name, "-.");
        bool says = length > 1;
        for (size_t i = 0; says && i < ARRAY_LENGTH(generic); i++) {
            says = strlen(generic[i]) != length || strncmp(name, generic[i], length) != 0;
        }
        if (says && token(name, length, other)) {
            return true;
        }
        name += length;
        name += *name != '\0';
    }
    return false;
}

static bool token_is_in(const char *text, size_t length, const char *other)
{
    for (const char *at = other; *at != '\0';) {
        size_t part = strcspn(at, "-.");
        if (part == length && strncmp(at, text, length) == 0) {
            return true;
        }
        at += part;
        at += *at != '\0';
    }
    return false;
}

static bool share_a_token(const char *a, const char *b)
{
    return any_token(a, token_is_in, b);
}

/* How much two workloads of one namespace look like parts of one driver; 0: not at all. */
static int resemblance(const struct workload_row *a, const struct workload_row *b)
{
    int score = 0;
    for (size_t i = 0; i < ARRAY_LENGTH(a->clues.labels); i++) {
        if (a->clues.labels[i] != NULL && a->clues.labels[i] == b->clues.labels[i]) {
            score += 2;
        }
    }
    if (a->shape != NULL && b->shape != NULL && *a->shape->service_account != '\0' &&
        strcmp(a->shape->service_account, "default") != 0 &&
        a->shape->service_account == b->shape->service_account) {
        score += 2;
    }
    if (share_a_token(a->workload.name, b->workload.name)) {
        score += 3;
    }
    return score;
}

/* Of those that score more than above; NULL if none does. */
static const char *name_by_resemblance(const struct grouping *grouping, size_t index, int above)
{
    const char *best = NULL;
    int best_score = above;
    for (size_t i = 0; i < grouping->count; i++) {
        if (grouping->names[i] == NULL ||
            grouping->rows[i]->workload.ns != grouping->rows[index]->workload.ns) {
            continue;
        }
        int score = resemblance(grouping->rows[index], grouping->rows[i]);
        if (score > best_score) {
            best_score = score;
            best = grouping->names[i];
        }
    }
    return best;
}

/* In a namespace of its own, what is CSI belongs to the only driver there; not in kube-system. */
static const char *name_by_namespace(const struct grouping *grouping, size_t index)
{
    const char *ns = grouping->rows[index]->workload.ns;
    const char *only = NULL;
    if (strcmp(ns, "kube-system") == 0 || strcmp(ns, "default") == 0) {
        return NULL;
    }
    for (size_t i = 0; i < grouping->count; i++) {
        if (grouping->names[i] != NULL && grouping->rows[i]->workload.ns == ns) {
            if (only != NULL && strcmp(only, grouping->names[i]) != 0) {
                return NULL;
            }
            only = grouping->names[i];
        }
    }
    return only;
}

static const char *name_by_object(const struct grouping *grouping, size_t index)
{
    size_t position = 0;
    const char *name;
    void *value;
    while (map_next(grouping->census->csi_drivers, &position, &name, &value)) {
        if (share_a_token(grouping->rows[index]->workload.name, name)) {
            return name;
        }
    }
    return NULL;
}

static void name_all(struct grouping *grouping)
{
    enum { CANDIDATE_SCORE = 3 }; /* one label or a word of the name is not enough */
    size_t open = 0;
    for (size_t i = 0; i < grouping->count; i++) {
        bool candidate = grouping->rows[i]->candidate;
        grouping->names[i] = candidate ? NULL : own_name(grouping->census, grouping->rows[i]);
        open += grouping->names[i] == NULL;
    }
    if (open == 0) {
        return;
    }
    const char **found = xcalloc(grouping->count, sizeof(char *));
    for (size_t i = 0; i < grouping->count; i++) {
        if (grouping->rows[i]->candidate) {
            found[i] = name_by_resemblance(grouping, i, CANDIDATE_SCORE);
        } else if (grouping->names[i] == NULL) {
            const char *name = name_by_resemblance(grouping, i, 0);
            name = name != NULL ? name : name_by_namespace(grouping, i);
            name = name != NULL ? name : name_by_object(grouping, i);
            found[i] = name != NULL ? name : grouping->rows[i]->workload.name;
        }
    }
    for (size_t i = 0; i < grouping->count; i++) {
        if (grouping->names[i] == NULL) {
            grouping->names[i] = found[i];
        }
    }
    free(found);
}

static enum csi_role role_of(const struct workload_row *row)
{
    bool daemon = strcmp(row->workload.kind, "DaemonSet") == 0;
    if (daemon || (row->clues.registrar && !row->clues.sidecar)) {
        return CSI_ROLE_NODE;
    }
    if (row->clues.sidecar) {
        return CSI_ROLE_CONTROLLER;
    }
    return row->workload.pod_count > 0 && row->workload.pods[0]->is_static ? CSI_ROLE_NODE
                                                                           : CSI_ROLE_OTHER;
}

static bool is_on_nodes(const struct csi_census *census, const char *driver)
{
    size_t position = 0;
    void *value;
    while (map_next(census->workloads, &position, NULL, &value)) {
        const struct workload_row *row = value;
        if (row->known && role_of(row) == CSI_ROLE_NODE) {
            const char *own = own_name(census, row);
            if (share_a_token(row->workload.name, driver) ||
                (own != NULL && (strcmp(own, driver) == 0 || share_a_token(own, driver)))) {
                return true;
            }
        }
    }
    return false;
}

bool drivers_are_served(const struct csi_census *census)
{
    size_t position = 0;
    const char *name;
    while (map_next(census->csi_drivers, &position, &name, NULL)) {
        if (!is_on_nodes(census, name)) {
            return false;
        }
    }
    return true;
}

static bool is_wanted(const struct csi_census *census, const char *name)
{
    if (census->only == NULL) {
        return true;
    }
    const char *role = known_kubespray_role(name);
    for (char **only = census->only; *only != NULL; only++) {
        if (strcmp(*only, name) == 0 || (role != NULL && strcmp(*only, role) == 0)) {
            return true;
        }
    }
    return false;
}

static struct csi_driver *driver_need(struct csi_census *census, const char *name)
{
    for (size_t i = 0; i < census->driver_count; i++) {
        if (strcmp(census->drivers[i]->name, name) == 0) {
            return census->drivers[i];
        }
    }
    struct csi_driver *driver = xcalloc(1, sizeof(*driver));
    driver->name = intern(name);
    driver->kubespray = known_kubespray_role(name);
    census->drivers =
        xreallocarray(census->drivers, census->driver_count + 1, sizeof(struct csi_driver *));
    census->drivers[census->driver_count++] = driver;
    return driver;
}

static int compare_drivers(const void *a, const void *b)
{
    return strcmp((*(struct csi_driver *const *)a)->name, (*(struct csi_driver *const *)b)->name);
}

static int compare_workloads(const void *a, const void *b)
{
    const struct csi_workload *x = *(struct csi_workload *const *)a;
    const struct csi_workload *y = *(struct csi_workload *const *)b;
    if (x->role != y->role) {
        return x->role < y->role ? -1 : 1;
    }
    int order = strcmp(x->kind, y->kind);
    order = order != 0 ? order : strcmp(x->ns, y->ns);
    return order != 0 ? order : strcmp(x->name, y->name);
}

static void add_workload(struct csi_census *census, struct workload_row *row, const char *name)
{
    struct csi_driver *driver = driver_need(census, name);
    row->workload.driver = driver;
    row->workload.role = role_of(row);
    driver->workloads =
        xreallocarray(driver->workloads, driver->workload_count + 1, sizeof(struct csi_workload *));
    driver->workloads[driver->workload_count++] = &row->workload;
}

void drivers_group(struct csi_census *census)
{
    drivers_free(census);
    size_t count = map_count(census->workloads);
    struct grouping grouping = {.census = census,
                                .rows = xcalloc(count + 1, sizeof(void *)),
                                .names = xcalloc(count + 1, sizeof(char *))};
    size_t position = 0;
    void *value;
    while (map_next(census->workloads, &position, NULL, &value)) {
        grouping.rows[grouping.count++] = value;
    }
    name_all(&grouping);
    for (size_t i = 0; i < grouping.count; i++) {
        grouping.rows[i]->workload.driver = NULL;
        bool hidden = census->only_with_pods && grouping.rows[i]->workload.pod_count == 0;
        if (!hidden && grouping.names[i] != NULL && is_wanted(census, grouping.names[i])) {
            add_workload(census, grouping.rows[i], grouping.names[i]);
        }
    }
    if (census->driver_count > 1) {
        qsort(census->drivers, census->driver_count, sizeof(census->drivers[0]), compare_drivers);
    }
    for (size_t i = 0; i < census->driver_count; i++) {
        struct csi_driver *driver = census->drivers[i];
        qsort(driver->workloads, driver->workload_count, sizeof(driver->workloads[0]),
              compare_workloads);
    }
    free(grouping.rows);
    free(grouping.names);
}
