#include "sim/fieldset.h"

#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "doc/json.h"

static struct sim_fields *new_node(const char *name)
{
    struct sim_fields *fields = xcalloc(1, sizeof(*fields));
    fields->name = xstrdup(name);
    return fields;
}

struct sim_fields *sim_fields_new(void)
{
    return new_node("");
}

void sim_fields_free(struct sim_fields *fields)
{
    if (fields == NULL) {
        return;
    }
    for (size_t i = 0; i < fields->count; i++) {
        sim_fields_free(fields->children[i]);
    }
    free(fields->children);
    free(fields->name);
    free(fields);
}

/* Where name stands or belongs. */
static size_t position_of(const struct sim_fields *fields, const char *name, bool *found)
{
    size_t low = 0;
    size_t high = fields->count;
    while (low < high) {
        size_t middle = (low + high) / 2;
        int order = strcmp(fields->children[middle]->name, name);
        if (order == 0) {
            *found = true;
            return middle;
        }
        if (order < 0) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    *found = false;
    return low;
}

struct sim_fields *sim_fields_child(const struct sim_fields *fields, const char *name)
{
    bool found = false;
    if (fields == NULL) {
        return NULL;
    }
    size_t position = position_of(fields, name, &found);
    return found ? fields->children[position] : NULL;
}

struct sim_fields *sim_fields_need(struct sim_fields *fields, const char *name)
{
    bool found = false;
    size_t position = position_of(fields, name, &found);
    if (found) {
        return fields->children[position];
    }
    fields->children =
        xgrow(fields->children, fields->count, &fields->capacity, sizeof(struct sim_fields *));
    memmove(&fields->children[position + 1], &fields->children[position],
            (fields->count - position) * sizeof(struct sim_fields *));
    fields->children[position] = new_node(name);
    fields->count++;
    return fields->children[position];
}

static void remove_at(struct sim_fields *fields, size_t position)
{
    sim_fields_free(fields->children[position]);
    memmove(&fields->children[position], &fields->children[position + 1],
            (fields->count - position - 1) * sizeof(struct sim_fields *));
    fields->count--;
}

void sim_fields_remove(struct sim_fields *fields, const char *name)
{
    bool found = false;
    if (fields == NULL) {
        return;
    }
    size_t position = position_of(fields, name, &found);
    if (found) {
        remove_at(fields, position);
    }
}

struct sim_fields *sim_fields_copy(const struct sim_fields *fields)
{
    struct sim_fields *copy = new_node(fields->name);
    copy->member = fields->member;
    sim_fields_add(copy, fields);
    return copy;
}

bool sim_fields_is_empty(const struct sim_fields *fields)
{
    if (fields == NULL) {
        return true;
    }
    if (fields->member) {
        return false;
    }
    for (size_t i = 0; i < fields->count; i++) {
        if (!sim_fields_is_empty(fields->children[i])) {
            return false;
        }
    }
    return true;
}

static void read_json(struct sim_fields *fields, const cJSON *value)
{
    const cJSON *member = NULL;
    cJSON_ArrayForEach(member, value)
    {
        if (strcmp(member->string, ".") == 0) {
            fields->member = true;
            continue;
        }
        struct sim_fields *child = sim_fields_need(fields, member->string);
        child->member = cJSON_GetArraySize(member) == 0;
        read_json(child, member);
    }
}

struct sim_fields *sim_fields_from_json(const cJSON *fields_v1)
{
    struct sim_fields *fields = sim_fields_new();
    read_json(fields, fields_v1);
    return fields;
}

cJSON *sim_fields_to_json(const struct sim_fields *fields)
{
    cJSON *object = cJSON_CreateObject();
    if (fields->member && fields->count > 0) {
        cJSON_AddObjectToObject(object, ".");
    }
    for (size_t i = 0; i < fields->count; i++) {
        cJSON_AddItemToObject(object, fields->children[i]->name,
                              sim_fields_to_json(fields->children[i]));
    }
    return object;
}

void sim_fields_add(struct sim_fields *to, const struct sim_fields *from)
{
    to->member = to->member || from->member;
    for (size_t i = 0; i < from->count; i++) {
        sim_fields_add(sim_fields_need(to, from->children[i]->name), from->children[i]);
    }
}

/* Nodes that hold nothing go. */
static void prune(struct sim_fields *fields)
{
    for (size_t i = fields->count; i > 0; i--) {
        struct sim_fields *child = fields->children[i - 1];
        if (!child->member && child->count == 0) {
            remove_at(fields, i - 1);
        }
    }
}

void sim_fields_subtract(struct sim_fields *a, const struct sim_fields *b)
{
    a->member = a->member && !b->member;
    for (size_t i = 0; i < a->count; i++) {
        const struct sim_fields *other = sim_fields_child(b, a->children[i]->name);
        if (other != NULL) {
            sim_fields_subtract(a->children[i], other);
        }
    }
    prune(a);
}

void sim_fields_intersect(struct sim_fields *a, const struct sim_fields *b)
{
    a->member = a->member && b->member;
    for (size_t i = a->count; i > 0; i--) {
        const struct sim_fields *other = sim_fields_child(b, a->children[i - 1]->name);
        if (other == NULL) {
            remove_at(a, i - 1);
        } else {
            sim_fields_intersect(a->children[i - 1], other);
        }
    }
    prune(a);
}

void sim_fields_strip(struct sim_fields *fields)
{
    static const char *const kept_by_server[] = {
        "f:name",        "f:namespace",  "f:creationTimestamp", "f:selfLink",       "f:uid",
        "f:clusterName", "f:generation", "f:managedFields",     "f:resourceVersion"};
    sim_fields_remove(fields, "f:apiVersion");
    sim_fields_remove(fields, "f:kind");
    struct sim_fields *metadata = sim_fields_child(fields, "f:metadata");
    if (metadata != NULL) {
        metadata->member = false;
        for (size_t i = 0; i < ARRAY_LENGTH(kept_by_server); i++) {
            sim_fields_remove(metadata, kept_by_server[i]);
        }
    }
    prune(fields);
}
