/* The model of an inventory: groups, hosts, who is in what. */
#include "inventory.h"

#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"

void inventory_init(struct inventory *inventory, struct jinja_arena *arena)
{
    memset(inventory, 0, sizeof(*inventory));
    inventory->arena = arena;
    inventory->group_index = jinja_dict(arena).as.dict;
    inventory->host_index = jinja_dict(arena).as.dict;
    inventory_add_group(inventory, "all");
    inventory_add_group(inventory, "ungrouped");
}

static long find_in(const struct jinja_dict *index, const char *name)
{
    const struct jinja_value *found = jinja_dict_get_text(index, name);
    return found == NULL ? INVENTORY_NONE : (long)found->as.integer;
}

long inventory_find_group(const struct inventory *inventory, const char *name)
{
    return find_in(inventory->group_index, name);
}

long inventory_find_host(const struct inventory *inventory, const char *name)
{
    return find_in(inventory->host_index, name);
}

/* Room for one more element of an array in the arena. */
static void *grow(struct jinja_arena *arena, void *old, size_t count, size_t *capacity, size_t size)
{
    if (count < *capacity) {
        return old;
    }
    *capacity = *capacity == 0 ? 8 : *capacity * 2;
    void *array = jinja_arena_alloc(arena, *capacity * size);
    if (count > 0) {
        memcpy(array, old, count * size);
    }
    return array;
}

size_t inventory_add_group(struct inventory *inventory, const char *name)
{
    long found = inventory_find_group(inventory, name);
    if (found != INVENTORY_NONE) {
        return (size_t)found;
    }
    inventory->groups = grow(inventory->arena, inventory->groups, inventory->group_count,
                             &inventory->group_capacity, sizeof(*inventory->groups));
    struct inventory_group *group = &inventory->groups[inventory->group_count];
    memset(group, 0, sizeof(*group));
    group->name = jinja_arena_copy(inventory->arena, name, strlen(name));
    group->variables = jinja_dict(inventory->arena).as.dict;
    jinja_dict_set_text(inventory->arena, inventory->group_index, name,
                        jinja_int((int64_t)inventory->group_count));
    return inventory->group_count++;
}

size_t inventory_add_host(struct inventory *inventory, const char *name)
{
    long found = inventory_find_host(inventory, name);
    if (found != INVENTORY_NONE) {
        return (size_t)found;
    }
    inventory->hosts = grow(inventory->arena, inventory->hosts, inventory->host_count,
                            &inventory->host_capacity, sizeof(*inventory->hosts));
    struct inventory_host *host = &inventory->hosts[inventory->host_count];
    host->name = jinja_arena_copy(inventory->arena, name, strlen(name));
    host->variables = jinja_dict(inventory->arena).as.dict;
    jinja_dict_set_text(inventory->arena, inventory->host_index, name,
                        jinja_int((int64_t)inventory->host_count));
    return inventory->host_count++;
}

static void append_index(struct inventory *inventory, size_t **list, size_t *count,
                         size_t *capacity, size_t index)
{
    for (size_t i = 0; i < *count; i++) {
        if ((*list)[i] == index) {
            return;
        }
    }
    *list = grow(inventory->arena, *list, *count, capacity, sizeof(**list));
    (*list)[(*count)++] = index;
}

void inventory_put_host(struct inventory *inventory, size_t group, size_t host)
{
    struct inventory_group *to = &inventory->groups[group];
    append_index(inventory, &to->hosts, &to->host_count, &to->host_capacity, host);
}

/* A group and all below it, each once, breadth first. free() it. */
static size_t *groups_below(const struct inventory *inventory, size_t group, size_t *count)
{
    size_t *queue = xcalloc(inventory->group_count, sizeof(*queue));
    bool *seen = xcalloc(inventory->group_count, sizeof(*seen));
    queue[0] = group;
    seen[group] = true;
    *count = 1;
    for (size_t at = 0; at < *count; at++) {
        const struct inventory_group *here = &inventory->groups[queue[at]];
        for (size_t i = 0; i < here->child_count; i++) {
            if (!seen[here->children[i]]) {
                seen[here->children[i]] = true;
                queue[(*count)++] = here->children[i];
            }
        }
    }
    free(seen);
    return queue;
}

static bool reaches(const struct inventory *inventory, size_t from, size_t to)
{
    size_t count;
    bool found = false;
    size_t *below = groups_below(inventory, from, &count);
    for (size_t i = 0; i < count && !found; i++) {
        found = below[i] == to;
    }
    free(below);
    return found;
}

bool inventory_put_group(struct inventory *inventory, size_t parent, size_t child)
{
    if (reaches(inventory, child, parent)) {
        return false;
    }
    struct inventory_group *to = &inventory->groups[parent];
    append_index(inventory, &to->children, &to->child_count, &to->child_capacity, child);
    return true;
}

/* The longest way from `all`: there is no circle, so as many rounds as there are groups do. */
static void set_depths(struct inventory *inventory)
{
    bool deeper = true;
    for (size_t i = 0; i < inventory->group_count; i++) {
        inventory->groups[i].depth = 0;
    }
    for (size_t round = 0; deeper && round < inventory->group_count; round++) {
        deeper = false;
        for (size_t i = 0; i < inventory->group_count; i++) {
            const struct inventory_group *parent = &inventory->groups[i];
            for (size_t k = 0; k < parent->child_count; k++) {
                struct inventory_group *child = &inventory->groups[parent->children[k]];
                if (child->depth <= parent->depth) {
                    child->depth = parent->depth + 1;
                    deeper = true;
                }
            }
        }
    }
}

/* Marks what is in a group other than `all` (and, of hosts, `ungrouped`). free() it. */
static bool *groups_with_parent(const struct inventory *inventory, size_t all)
{
    bool *parented = xcalloc(inventory->group_count, sizeof(*parented));
    for (size_t i = 0; i < inventory->group_count; i++) {
        const struct inventory_group *parent = &inventory->groups[i];
        for (size_t k = 0; k < parent->child_count && i != all; k++) {
            parented[parent->children[k]] = true;
        }
    }
    parented[all] = true;
    return parented;
}

static bool *hosts_with_group(const struct inventory *inventory, size_t all, size_t ungrouped)
{
    bool *grouped = xcalloc(inventory->host_count + 1, sizeof(*grouped));
    for (size_t i = 0; i < inventory->group_count; i++) {
        const struct inventory_group *group = &inventory->groups[i];
        for (size_t k = 0; k < group->host_count && i != all && i != ungrouped; k++) {
            grouped[group->hosts[k]] = true;
        }
    }
    return grouped;
}

void inventory_finish(struct inventory *inventory)
{
    size_t all = inventory_add_group(inventory, "all");
    size_t ungrouped = inventory_add_group(inventory, "ungrouped");
    bool *parented = groups_with_parent(inventory, all);
    bool *grouped = hosts_with_group(inventory, all, ungrouped);
    for (size_t group = 0; group < inventory->group_count; group++) {
        if (!parented[group]) {
            inventory_put_group(inventory, all, group);
        }
    }
    for (size_t host = 0; host < inventory->host_count; host++) {
        if (!grouped[host]) {
            inventory_put_host(inventory, ungrouped, host);
        }
    }
    free(parented);
    free(grouped);
    set_depths(inventory);
}

bool inventory_holds(const struct inventory *inventory, size_t group, size_t host)
{
    size_t count;
    bool found = false;
    size_t *below = groups_below(inventory, group, &count);
    for (size_t i = 0; i < count && !found; i++) {
        const struct inventory_group *at = &inventory->groups[below[i]];
        for (size_t k = 0; k < at->host_count && !found; k++) {
            found = at->hosts[k] == host;
        }
    }
    free(below);
    return found;
}

/* Breadth first, as Ansible lists a group's hosts: its own, then those of its children. */
size_t *inventory_members(const struct inventory *inventory, size_t group, size_t *count)
{
    size_t *members =
        jinja_arena_alloc(inventory->arena, (inventory->host_count + 1) * sizeof(*members));
    bool *seen = xcalloc(inventory->host_count + 1, sizeof(*seen));
    size_t group_count;
    size_t *below = groups_below(inventory, group, &group_count);
    *count = 0;
    for (size_t at = 0; at < group_count; at++) {
        const struct inventory_group *here = &inventory->groups[below[at]];
        for (size_t i = 0; i < here->host_count; i++) {
            if (!seen[here->hosts[i]]) {
                seen[here->hosts[i]] = true;
                members[(*count)++] = here->hosts[i];
            }
        }
    }
    free(below);
    free(seen);
    return members;
}

static int64_t priority_of(const struct inventory_group *group)
{
    const struct jinja_value *value =
        jinja_dict_get_text(group->variables, "ansible_group_priority");
    if (value != NULL && value->type == JINJA_INT) {
        return value->as.integer;
    }
    return 1;
}

static bool applies_before(const struct inventory_group *a, const struct inventory_group *b)
{
    if (a->depth != b->depth) {
        return a->depth < b->depth;
    }
    int64_t first = priority_of(a);
    int64_t second = priority_of(b);
    return first != second ? first < second : strcmp(a->name, b->name) < 0;
}

size_t *inventory_groups_of(const struct inventory *inventory, size_t host, size_t *count)
{
    size_t *groups =
        jinja_arena_alloc(inventory->arena, (inventory->group_count + 1) * sizeof(*groups));
    *count = 0;
    for (size_t i = 0; i < inventory->group_count; i++) {
        if (!inventory_holds(inventory, i, host)) {
            continue;
        }
        size_t at = (*count)++;
        while (at > 0 &&
               applies_before(&inventory->groups[i], &inventory->groups[groups[at - 1]])) {
            groups[at] = groups[at - 1];
            at--;
        }
        groups[at] = i;
    }
    return groups;
}
