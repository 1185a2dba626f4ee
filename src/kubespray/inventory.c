/* The model of an inventory: groups, hosts, who is in what. */
#include "inventory.h"

#include <stdlib.h>
#include <string.h>

void inventory_init(struct inventory *inventory, struct jinja_arena *arena)
{
    memset(inventory, 0, sizeof(*inventory));
    inventory->arena = arena;
    inventory_add_group(inventory, "all");
    inventory_add_group(inventory, "ungrouped");
}

long inventory_find_group(const struct inventory *inventory, const char *name)
{
    for (size_t i = 0; i < inventory->group_count; i++) {
        if (strcmp(inventory->groups[i].name, name) == 0) {
            return (long)i;
        }
    }
    return INVENTORY_NONE;
}

long inventory_find_host(const struct inventory *inventory, const char *name)
{
    for (size_t i = 0; i < inventory->host_count; i++) {
        if (strcmp(inventory->hosts[i].name, name) == 0) {
            return (long)i;
        }
    }
    return INVENTORY_NONE;
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
    return inventory->host_count++;
}

static bool append_index(struct inventory *inventory, size_t **list, size_t *count, size_t index)
{
    for (size_t i = 0; i < *count; i++) {
        if ((*list)[i] == index) {
            return false;
        }
    }
    size_t *longer = jinja_arena_alloc(inventory->arena, (*count + 1) * sizeof(*longer));
    if (*count > 0) {
        memcpy(longer, *list, *count * sizeof(*longer));
    }
    longer[(*count)++] = index;
    *list = longer;
    return true;
}

void inventory_put_host(struct inventory *inventory, size_t group, size_t host)
{
    append_index(inventory, &inventory->groups[group].hosts, &inventory->groups[group].host_count,
                 host);
}

static bool reaches(const struct inventory *inventory, size_t from, size_t to)
{
    if (from == to) {
        return true;
    }
    const struct inventory_group *group = &inventory->groups[from];
    for (size_t i = 0; i < group->child_count; i++) {
        if (reaches(inventory, group->children[i], to)) {
            return true;
        }
    }
    return false;
}

bool inventory_put_group(struct inventory *inventory, size_t parent, size_t child)
{
    if (reaches(inventory, child, parent)) {
        return false;
    }
    append_index(inventory, &inventory->groups[parent].children,
                 &inventory->groups[parent].child_count, child);
    return true;
}

static void deepen(struct inventory *inventory, size_t group, int depth)
{
    if (depth > inventory->groups[group].depth || depth == 0) {
        inventory->groups[group].depth = depth;
        for (size_t i = 0; i < inventory->groups[group].child_count; i++) {
            deepen(inventory, inventory->groups[group].children[i], depth + 1);
        }
    }
}

void inventory_finish(struct inventory *inventory)
{
    size_t all = inventory_add_group(inventory, "all");
    size_t ungrouped = inventory_add_group(inventory, "ungrouped");
    for (size_t group = 0; group < inventory->group_count; group++) {
        bool parented = group == all;
        for (size_t i = 0; i < inventory->group_count && !parented; i++) {
            const struct inventory_group *parent = &inventory->groups[i];
            for (size_t k = 0; k < parent->child_count && i != all; k++) {
                parented = parented || parent->children[k] == group;
            }
        }
        if (!parented) {
            inventory_put_group(inventory, all, group);
        }
    }
    for (size_t host = 0; host < inventory->host_count; host++) {
        bool grouped = false;
        for (size_t i = 0; i < inventory->group_count; i++) {
            const struct inventory_group *group = &inventory->groups[i];
            for (size_t k = 0; k < group->host_count && i != all && i != ungrouped; k++) {
                grouped = grouped || group->hosts[k] == host;
            }
        }
        if (!grouped) {
            inventory_put_host(inventory, ungrouped, host);
        }
    }
    for (size_t i = 0; i < inventory->group_count; i++) {
        inventory->groups[i].depth = 0;
    }
    deepen(inventory, all, 0);
}

bool inventory_holds(const struct inventory *inventory, size_t group, size_t host)
{
    const struct inventory_group *at = &inventory->groups[group];
    for (size_t i = 0; i < at->host_count; i++) {
        if (at->hosts[i] == host) {
            return true;
        }
    }
    for (size_t i = 0; i < at->child_count; i++) {
        if (inventory_holds(inventory, at->children[i], host)) {
            return true;
        }
    }
    return false;
}

/* Breadth first, as Ansible lists a group's hosts: its own, then those of its children. */
size_t *inventory_members(const struct inventory *inventory, size_t group, size_t *count)
{
    size_t *members =
        jinja_arena_alloc(inventory->arena, (inventory->host_count + 1) * sizeof(*members));
    size_t *queue =
        jinja_arena_alloc(inventory->arena, (inventory->group_count + 1) * sizeof(*queue));
    size_t queued = 0;
    *count = 0;
    queue[queued++] = group;
    for (size_t at = 0; at < queued; at++) {
        const struct inventory_group *here = &inventory->groups[queue[at]];
        for (size_t i = 0; i < here->host_count; i++) {
            bool known = false;
            for (size_t k = 0; k < *count; k++) {
                known = known || members[k] == here->hosts[i];
            }
            if (!known) {
                members[(*count)++] = here->hosts[i];
            }
        }
        for (size_t i = 0; i < here->child_count; i++) {
            bool known = false;
            for (size_t k = 0; k < queued; k++) {
                known = known || queue[k] == here->children[i];
            }
            if (!known) {
                queue[queued++] = here->children[i];
            }
        }
    }
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
