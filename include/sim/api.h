#ifndef SIM_API_H
#define SIM_API_H

#include <stdbool.h>
#include <stddef.h>

/*
 * The kinds that the simulated cluster serves: one table that makes discovery, routing, Table
 * answers and selectors. Entries are static and live as long as the program; compare them by
 * pointer.
 */
enum sim_verb {
    SIM_GET = 1,
    SIM_LIST = 2,
    SIM_WATCH = 4,
    SIM_CREATE = 8,
    SIM_UPDATE = 16,
    SIM_PATCH = 32,
    SIM_DELETE = 64,
    SIM_DELETE_COLLECTION = 128,
    SIM_ALL_VERBS = 255,
};

struct sim_resource {
    const char *group; /* "" is the core group */
    const char *version;
    const char *plural; /* "daemonsets" */
    const char *singular;
    const char *kind;
    const char *short_names; /* separated by blanks, may be "" */
    const char *categories;  /* the same */
    bool namespaced;
    unsigned verbs;           /* enum sim_verb */
    const char *subresources; /* separated by blanks: "status scale" */
    bool cached;              /* real servers keep a watch cache of it (not of events) */
    const char *storage_hash; /* storageVersionHash of discovery */
    /* "" or the plural of the core resource whose objects this one shows in another shape. */
    const char *view_of;
};

size_t sim_resource_count(void);
const struct sim_resource *sim_resource_at(size_t i);
/* NULL if there is none; group "" is the core group. */
const struct sim_resource *sim_resource_find(const char *group, const char *version,
                                             const char *plural);
/* By "apps/v1" and "DaemonSet"; NULL if there is none. */
const struct sim_resource *sim_resource_by_kind(const char *api_version, const char *kind);
/* "v1" or "apps/v1" into out. */
void sim_resource_api_version(const struct sim_resource *resource, char out[64]);
/* Appears as a word in a list separated by blanks. */
bool sim_word_in(const char *words, const char *word);

/* The ones that code names most; never NULL. */
const struct sim_resource *sim_pods(void);
const struct sim_resource *sim_nodes(void);
const struct sim_resource *sim_namespaces(void);
const struct sim_resource *sim_secrets(void);
const struct sim_resource *sim_service_accounts(void);
const struct sim_resource *sim_events(void);
const struct sim_resource *sim_daemonsets(void);
const struct sim_resource *sim_deployments(void);
const struct sim_resource *sim_statefulsets(void);
const struct sim_resource *sim_replicasets(void);
const struct sim_resource *sim_controller_revisions(void);

#endif
