#include "csi/census.h"

#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/intern.h"
#include "doc/json.h"
#include "rows.h"

struct csi_census *csi_census_new(void)
{
    struct csi_census *census = xcalloc(1, sizeof(*census));
    census->workloads = map_new(NULL);
    census->pods = map_new(NULL);
    census->secrets = map_new(secret_row_free);
    census->accounts = map_new(account_row_free);
    census->csi_drivers = map_new(NULL);
    census->nodes = map_new(free);
    census->unreadable = map_new(NULL);
    census->relists = map_new(NULL);
    census->shapes = shape_table_new();
    census->warnings = warning_book_new();
    /* the Tables' columns until they say otherwise */
    census->cells[0] = 0;
    census->cells[1] = 1;
    census->cells[2] = 2;
    census->node_version_cell = 4;
    census->epoch = 1;
    return census;
}

static void free_only(struct csi_census *census)
{
    for (char **only = census->only; only != NULL && *only != NULL; only++) {
        free(*only);
    }
    free(census->only);
    census->only = NULL;
}

void csi_census_free(struct csi_census *census)
{
    if (census == NULL) {
        return;
    }
    size_t position = 0;
    void *value;
    drivers_free(census);
    while (map_next(census->pods, &position, NULL, &value)) {
        pod_row_free(value, census->shapes);
    }
    position = 0;
    while (map_next(census->workloads, &position, NULL, &value)) {
        workload_row_free(value, census->shapes);
    }
    map_free(census->pods);
    map_free(census->workloads);
    map_free(census->secrets);
    map_free(census->accounts);
    map_free(census->csi_drivers);
    map_free(census->nodes);
    map_free(census->unreadable);
    map_free(census->relists);
    shape_table_free(census->shapes);
    warning_book_free(census->warnings);
    free_only(census);
    free(census->secret_list);
    free(census->restored);
    free(census);
}

void csi_census_set_event_speed(struct csi_census *census, double speed)
{
    warning_book_set_speed(census->warnings, speed);
}

double csi_census_event_speed(const struct csi_census *census)
{
    return warning_book_speed(census->warnings);
}

void csi_census_set_now(struct csi_census *census, int64_t now_ms)
{
    census->now_ms = now_ms;
}

bool csi_census_put_event(struct csi_census *census, const cJSON *event, bool listed,
                          int64_t now_ms)
{
    census->now_ms = now_ms;
    return warning_book_put(census->warnings, event, listed, now_ms);
}

bool csi_census_put_csi_driver(struct csi_census *census, const cJSON *driver)
{
    const char *name = json_string(json_object(driver, "metadata"), "name");
    if (name == NULL || *name == '\0' || strlen(name) > NAME_LIMIT) {
        return false;
    }
    void *old = map_get(census->csi_drivers, name);
    /* the value is the epoch that it was seen in, never NULL */
    map_set(census->csi_drivers, name, (void *)(uintptr_t)census->epoch);
    census->dirty = census->dirty || old == NULL;
    return old == NULL;
}

bool csi_census_set_server_version(struct csi_census *census, const char *version)
{
    int minor = minor_of_version(version);
    if (minor == census->server_minor) {
        return false;
    }
    census->server_minor = minor;
    census->dirty = true;
    return true;
}

void csi_census_events_unreadable(struct csi_census *census)
{
    warning_book_unreadable(census->warnings);
}

void csi_census_only_drivers(struct csi_census *census, const char *const *drivers)
{
    free_only(census);
    size_t count = 0;
    while (drivers != NULL && drivers[count] != NULL) {
        count++;
    }
    if (count > 0) {
        census->only = xcalloc(count + 1, sizeof(char *));
        for (size_t i = 0; i < count; i++) {
            census->only[i] = xstrdup(drivers[i]);
        }
    }
    census->dirty = true;
}

void csi_census_only_with_pods(struct csi_census *census)
{
    census->only_with_pods = true;
    census->dirty = true;
}

/* --- Going away ---------------------------------------------------------------------------------
 */

static bool remove_from(struct map *map, const char *ns, const char *name)
{
    char key[KEY_SIZE];
    return map_remove(map, join_key(key, ns, name));
}

bool csi_census_remove(struct csi_census *census, const char *kind, const char *ns,
                       const char *name)
{
    ns = ns == NULL ? "" : ns;
    if (strlen(ns) > NAME_LIMIT || strlen(name) > NAME_LIMIT) {
        return false;
    }
    if (strcmp(kind, "Pod") == 0) {
        return csi_census_remove_part_pod(census, 0, ns, name);
    }
    if (strcmp(kind, "Event") == 0) {
        return warning_book_remove(census->warnings, ns, name, census->now_ms);
    }
    bool changed;
    if (strcmp(kind, "Secret") == 0) {
        changed = remove_from(census->secrets, ns, name);
        census->secrets_changed = census->secrets_changed || changed;
        return changed;
    }
    if (strcmp(kind, "ServiceAccount") == 0) {
        changed = remove_from(census->accounts, ns, name);
    } else if (strcmp(kind, "CSIDriver") == 0) {
        changed = map_remove(census->csi_drivers, name);
    } else if (strcmp(kind, "Node") == 0) {
        changed = map_remove(census->nodes, name);
    } else {
        struct workload_row *row =
            (struct workload_row *)csi_census_workload(census, kind, ns, name);
        changed = row != NULL && row->known;
        if (changed) {
            workload_forget(census, row);
        }
    }
    census->dirty = census->dirty || changed;
    return changed;
}

bool csi_census_remove_part_pod(struct csi_census *census, unsigned part, const char *ns,
                                const char *name)
{
    if (strlen(ns) > NAME_LIMIT || strlen(name) > NAME_LIMIT) {
        return false;
    }
    struct pod_row *row = (struct pod_row *)csi_census_pod(census, ns, name);
    return row != NULL && pod_leave(census, part, row);
}

void csi_census_begin_relist(struct csi_census *census, const char *kind)
{
    if (strcmp(kind, "Event") == 0) {
        warning_book_begin_relist(census->warnings);
    } else if (strcmp(kind, "Pod") == 0) {
        csi_census_begin_relist_part(census, 0);
    } else {
        map_set(census->relists, kind, (void *)(uintptr_t)++census->epoch);
    }
}

void csi_census_begin_relist_part(struct csi_census *census, unsigned part)
{
    census->pod_relists[part] = ++census->epoch;
}

void csi_census_end_relist_part(struct csi_census *census, unsigned part)
{
    size_t position = 0;
    void *value;
    while (map_next(census->pods, &position, NULL, &value)) {
        struct pod_row *row = value;
        if (row->seen[part] != 0 && row->seen[part] < census->pod_relists[part]) {
            pod_leave(census, part, row);
        }
    }
}

void csi_census_join_parts(struct csi_census *census)
{
    size_t position = 0;
    void *value;
    while (map_next(census->pods, &position, NULL, &value)) {
        struct pod_row *row = value;
        memset(row->seen, 0, sizeof(row->seen));
        row->seen[0] = census->epoch;
    }
}

static void sweep_workloads(struct csi_census *census, const char *kind, uint32_t epoch)
{
    size_t position = 0;
    void *value;
    while (map_next(census->workloads, &position, NULL, &value)) {
        struct workload_row *row = value;
        if (row->known && row->seen < epoch && strcmp(row->workload.kind, kind) == 0) {
            workload_forget(census, row);
        }
    }
}

static void sweep_csi_drivers(struct csi_census *census, uint32_t epoch)
{
    size_t position = 0;
    const char *name;
    void *value;
    while (map_next(census->csi_drivers, &position, &name, &value)) {
        if ((uint32_t)(uintptr_t)value < epoch) {
            map_remove(census->csi_drivers, name);
            census->dirty = true;
        }
    }
}

void csi_census_end_relist(struct csi_census *census, const char *kind)
{
    if (strcmp(kind, "Event") == 0) {
        warning_book_end_relist(census->warnings, census->now_ms);
        return;
    }
    /* Kinds are relisted side by side: what this one's list brought is as new as its beginning. */
    uint32_t begun = (uint32_t)(uintptr_t)map_get(census->relists, kind);
    if (strcmp(kind, "Pod") == 0) {
        csi_census_end_relist_part(census, 0);
    } else if (strcmp(kind, "Secret") == 0) {
        secrets_sweep(census, begun);
    } else if (strcmp(kind, "ServiceAccount") == 0) {
        accounts_sweep(census, begun);
    } else if (strcmp(kind, "CSIDriver") == 0) {
        sweep_csi_drivers(census, begun);
    } else if (strcmp(kind, "Node") != 0) {
        sweep_workloads(census, kind, begun);
    }
}

/* --- Settling and looking -----------------------------------------------------------------------
 */

uint64_t csi_census_settle(struct csi_census *census, int64_t now_ms)
{
    /* Rates also change by time alone, and some findings do (what expires). */
    enum { RATES_MS = 1000, MINUTE_MS = 60000 };
    census->now_ms = now_ms;
    bool derived = census->dirty || census->secrets_changed || census->generation == 0;
    if (census->secrets_changed) {
        secrets_list_rebuild(census);
    }
    if (derived) {
        drivers_group(census);
        states_derive(census);
        census->dirty = census->secrets_changed = false;
    }
    uint64_t seen = warning_book_generation(census->warnings);
    bool due = now_ms - census->settled_ms >= RATES_MS || now_ms < census->settled_ms;
    bool changed = derived;
    if (derived || due) {
        changed = rates_derive(census, now_ms) || changed;
        census->settled_ms = now_ms;
    } else if (seen != census->warnings_seen) {
        changed = rates_follow(census, now_ms) || changed;
    }
    census->warnings_seen = seen;
    census->picture += derived || now_ms / MINUTE_MS != census->picture_minute;
    census->picture_minute = now_ms / MINUTE_MS;
    census->generation += changed;
    return census->generation;
}

uint64_t csi_census_picture(const struct csi_census *census)
{
    return census->picture;
}

struct csi_driver *const *csi_census_drivers(const struct csi_census *census, size_t *count)
{
    *count = census->driver_count;
    return census->drivers;
}

struct csi_driver *csi_census_driver(const struct csi_census *census, const char *name)
{
    for (size_t i = 0; i < census->driver_count; i++) {
        if (strcmp(census->drivers[i]->name, name) == 0) {
            return census->drivers[i];
        }
    }
    return NULL;
}

struct csi_pod *csi_census_pod(const struct csi_census *census, const char *ns, const char *name)
{
    char key[KEY_SIZE];
    return map_get(census->pods, join_key(key, ns, name));
}

const struct csi_secret *csi_census_secret(const struct csi_census *census, const char *ns,
                                           const char *name)
{
    const struct secret_row *row = secret_find(census, ns, name);
    bool is_there = row != NULL && !row->absent && (row->listed || row->secret.content_known);
    return is_there ? &row->secret : NULL;
}

const struct csi_secret *const *csi_census_secrets(const struct csi_census *census, size_t *count)
{
    *count = census->secret_count;
    return census->secret_list;
}

const struct csi_service_account *csi_census_service_account(const struct csi_census *census,
                                                             const char *ns, const char *name)
{
    char key[KEY_SIZE];
    const struct account_row *row = map_get(census->accounts, join_key(key, ns, name));
    return row == NULL ? NULL : &row->account;
}

struct csi_totals csi_census_totals(const struct csi_census *census)
{
    return census->totals;
}

static bool is_wanted(const struct csi_census *census, const char *ns, const char *name)
{
    if (*name == '\0') {
        return false;
    }
    const struct secret_row *row = secret_find(census, ns, name);
    if (row == NULL) {
        return secrets_are_unreadable(census, ns);
    }
    if (row->absent || row->refused ||
        (row->listed && registry_secret_data_key(row->secret.type) == NULL)) {
        return false;
    }
    return row->content_version == NULL || row->content_version != row->version;
}

size_t csi_census_wanted_secrets(const struct csi_census *census, struct csi_secret_name *out,
                                 size_t max)
{
    size_t count = 0;
    size_t bucket = 0;
    const struct shape *shape = NULL;
    while (count < max &&
           (shape = shape_table_next(census->shapes, &bucket, (struct shape *)shape)) != NULL) {
        for (size_t i = 0; shape->visible && i < shape->name_count && count < max; i++) {
            bool twice = false;
            for (size_t j = 0; j < count; j++) {
                twice = twice || (out[j].ns == shape->ns && out[j].name == shape->names[i]);
            }
            if (!twice && is_wanted(census, shape->ns, shape->names[i])) {
                out[count++] = (struct csi_secret_name){shape->ns, shape->names[i]};
            }
        }
    }
    return count;
}
