#ifndef SRC_KUBESPRAY_INVENTORY_H
#define SRC_KUBESPRAY_INVENTORY_H

#include "base/error.h"
#include "jinja/value.h"

/* Hosts and groups as Ansible's inventory plugins read them. Everything lives in the arena. */
struct inventory_group {
    const char *name;
    struct jinja_dict *variables;
    size_t *children; /* indices of groups */
    size_t child_count;
    size_t child_capacity;
    size_t *hosts; /* indices of hosts, in the order in which they were named */
    size_t host_count;
    size_t host_capacity;
    int depth; /* of `all` 0; the longest way counts */
};

struct inventory_host {
    const char *name;
    struct jinja_dict *variables;
};

struct inventory {
    struct jinja_arena *arena;
    struct jinja_dict *group_index; /* by name */
    struct jinja_dict *host_index;
    struct inventory_group *groups;
    size_t group_count;
    size_t group_capacity;
    struct inventory_host *hosts;
    size_t host_count;
    size_t host_capacity;
    const char *folder; /* where group_vars and host_vars stand; NULL without an inventory */
};

enum { INVENTORY_NONE = -1 };

void inventory_init(struct inventory *inventory, struct jinja_arena *arena);
/* Finds or makes. */
size_t inventory_add_group(struct inventory *inventory, const char *name);
size_t inventory_add_host(struct inventory *inventory, const char *name);
void inventory_put_host(struct inventory *inventory, size_t group, size_t host);
/* False if that would close a circle. */
bool inventory_put_group(struct inventory *inventory, size_t parent, size_t child);
/* The index, or INVENTORY_NONE. */
long inventory_find_group(const struct inventory *inventory, const char *name);
long inventory_find_host(const struct inventory *inventory, const char *name);
/* After reading: hosts without a group join `ungrouped`, all groups `all`; depths are set. */
void inventory_finish(struct inventory *inventory);
/* Whether the group holds the host, also by its children. */
bool inventory_holds(const struct inventory *inventory, size_t group, size_t host);
/* The hosts of a group and its children, each once; indices, in the arena. */
size_t *inventory_members(const struct inventory *inventory, size_t group, size_t *count);
/* The groups of a host, in the order in which their variables apply: by depth, priority, name. */
size_t *inventory_groups_of(const struct inventory *inventory, size_t host, size_t *count);

/* "node[1:3]" becomes three names. Errors: ERROR_CONFIG
 * "SOURCE:LINE:COLUMN: what". */
bool inventory_expand(struct inventory *inventory, const char *pattern, const char *source,
                      int line, int column, const char ***names, size_t *count, struct error *err);
bool inventory_read_ini(struct inventory *inventory, const char *text, const char *source,
                        struct error *err);
bool inventory_read_yaml(struct inventory *inventory, const char *text, size_t length,
                         const char *source, struct error *err);
/* A file or a folder. checkout: its ansible.cfg says which files of a folder are left aside. */
bool inventory_load(struct inventory *inventory, const char *path, const char *checkout,
                    struct error *err);

#endif
