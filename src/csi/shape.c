#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/intern.h"
#include "doc/json.h"
#include "rows.h"

struct shape_table {
    struct shape **buckets;
    size_t bucket_count;
    size_t count;
};

struct shape_table *shape_table_new(void)
{
    struct shape_table *table = xcalloc(1, sizeof(*table));
    table->bucket_count = 64;
    table->buckets = xcalloc(table->bucket_count, sizeof(struct shape *));
    return table;
}

static void release_texts(const char **texts, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        intern_release(texts[i]);
    }
    free(texts);
}

static void shape_free(struct shape *shape)
{
    intern_release(shape->ns);
    intern_release(shape->service_account);
    release_texts(shape->names, shape->name_count);
    release_texts(shape->images, shape->image_count);
    for (int i = 0; i < VARIANTS; i++) {
        free(shape->references[i]);
    }
    free(shape);
}

void shape_table_free(struct shape_table *table)
{
    for (size_t i = 0; i < table->bucket_count; i++) {
        while (table->buckets[i] != NULL) {
            struct shape *shape = table->buckets[i];
            table->buckets[i] = shape->next;
            shape_free(shape);
        }
    }
    free(table->buckets);
    free(table);
}

static uint32_t mix(uint32_t hash, const void *pointer)
{
    uint64_t bits = (uint64_t)(uintptr_t)pointer * 0x9e3779b97f4a7c15u;
    return (hash ^ (uint32_t)(bits >> 32)) * 16777619u;
}

static uint32_t shape_hash(const struct shape *shape)
{
    uint32_t hash = mix(mix(2166136261u, shape->ns), shape->service_account);
    for (size_t i = 0; i < shape->name_count; i++) {
        hash = mix(hash, shape->names[i]);
    }
    for (size_t i = 0; i < shape->image_count; i++) {
        hash = mix(hash, shape->images[i]);
    }
    return (hash ^ shape->also_used) + shape->always_pull;
}

static bool same_texts(const char **a, size_t a_count, const char **b, size_t b_count)
{
    if (a_count != b_count) {
        return false;
    }
    for (size_t i = 0; i < a_count; i++) {
        if (a[i] != b[i]) {
            return false;
        }
    }
    return true;
}

static bool same_shape(const struct shape *a, const struct shape *b)
{
    return a->hash == b->hash && a->ns == b->ns && a->service_account == b->service_account &&
           a->also_used == b->also_used && a->always_pull == b->always_pull &&
           same_texts(a->names, a->name_count, b->names, b->name_count) &&
           same_texts(a->images, a->image_count, b->images, b->image_count);
}

static void grow_table(struct shape_table *table)
{
    size_t wanted = table->bucket_count * 2;
    struct shape **fresh = xcalloc(wanted, sizeof(struct shape *));
    for (size_t i = 0; i < table->bucket_count; i++) {
        while (table->buckets[i] != NULL) {
            struct shape *shape = table->buckets[i];
            table->buckets[i] = shape->next;
            shape->next = fresh[shape->hash & (wanted - 1)];
            fresh[shape->hash & (wanted - 1)] = shape;
        }
    }
    free(table->buckets);
    table->buckets = fresh;
    table->bucket_count = wanted;
}

static void read_names(struct shape *shape, const cJSON *spec, unsigned *odd)
{
    const cJSON *list = odd_list(spec, "imagePullSecrets", odd);
    const cJSON *entry;
    const char *names[SHAPE_REFERENCES_MAX];
    size_t count = 0;
    cJSON_ArrayForEach(entry, list)
    {
        if (count == SHAPE_REFERENCES_MAX) {
            *odd |= ODD_LONG;
            break;
        }
        if (!cJSON_IsObject(entry)) {
            *odd |= ODD_REFERENCE;
        }
        names[count] = odd_text(entry, "name", NAME_LIMIT, odd);
        count++;
    }
    if (count > 0) {
        shape->names = xmemdup(names, count * sizeof(names[0]));
        shape->name_count = count;
    }
}

static void read_images(struct shape *shape, const cJSON *spec, const char *member,
                        size_t *capacity, unsigned *odd)
{
    const cJSON *container;
    cJSON_ArrayForEach(container, odd_list(spec, member, odd))
    {
        const char *policy = json_string(container, "imagePullPolicy");
        if (policy != NULL && strcmp(policy, "Always") == 0) {
            shape->always_pull = true;
        }
        const char *image = odd_text(container, "image", TEXT_LIMIT, odd);
        size_t i = 0;
        while (i < shape->image_count && shape->images[i] != image) {
            i++;
        }
        if (i < shape->image_count || *image == '\0') {
            intern_release(image);
            continue;
        }
        shape->images = xgrow(shape->images, shape->image_count, capacity, sizeof(char *));
        shape->images[shape->image_count++] = image;
    }
}

static void mark_used(struct shape *shape, const char *name)
{
    for (size_t i = 0; name != NULL && i < shape->name_count; i++) {
        if (strcmp(shape->names[i], name) == 0) {
            shape->also_used |= 1u << i;
        }
    }
}

/* A Secret that feeds a volume or an environment variable holds something else than a registry's
 * credential. */
static void read_other_uses(struct shape *shape, const cJSON *spec)
{
    const cJSON *item;
    cJSON_ArrayForEach(item, json_list(spec, "volumes"))
    {
        mark_used(shape, json_string(json_object(item, "secret"), "secretName"));
    }
    cJSON_ArrayForEach(item, json_list(spec, "containers"))
    {
        const cJSON *entry;
        cJSON_ArrayForEach(entry, json_list(item, "env"))
        {
            mark_used(shape,
                      json_string(json_at(entry, "valueFrom", "secretKeyRef", NULL), "name"));
        }
        cJSON_ArrayForEach(entry, json_list(item, "envFrom"))
        {
            mark_used(shape, json_string(json_object(entry, "secretRef"), "name"));
        }
    }
}

struct shape *shape_of_spec(struct shape_table *table, const char *ns, const cJSON *spec,
                            unsigned *odd)
{
    struct shape fresh = {.owners = 1, .ns = intern(ns)};
    fresh.service_account = odd_text(spec, "serviceAccountName", NAME_LIMIT, odd);
    if (*fresh.service_account == '\0') {
        keep_text(&fresh.service_account, odd_text(spec, "serviceAccount", NAME_LIMIT, odd));
    }
    read_names(&fresh, spec, odd);
    size_t capacity = 0;
    read_images(&fresh, spec, "containers", &capacity, odd);
    read_images(&fresh, spec, "initContainers", &capacity, odd);
    if (fresh.name_count > 0) {
        read_other_uses(&fresh, spec);
    }
    fresh.hash = shape_hash(&fresh);
    struct shape **slot = &table->buckets[fresh.hash & (table->bucket_count - 1)];
    for (struct shape *at = *slot; at != NULL; at = at->next) {
        if (same_shape(at, &fresh)) {
            struct shape *unused = xmemdup(&fresh, sizeof(fresh));
            shape_free(unused);
            at->owners++;
            return at;
        }
    }
    if (table->count++ >= table->bucket_count) {
        grow_table(table);
        slot = &table->buckets[fresh.hash & (table->bucket_count - 1)];
    }
    struct shape *shape = xmemdup(&fresh, sizeof(fresh));
    shape->next = *slot;
    *slot = shape;
    return shape;
}

void shape_release(struct shape_table *table, struct shape *shape)
{
    if (shape == NULL || --shape->owners > 0) {
        return;
    }
    struct shape **link = &table->buckets[shape->hash & (table->bucket_count - 1)];
    while (*link != shape) {
        link = &(*link)->next;
    }
    *link = shape->next;
    table->count--;
    shape_free(shape);
}

struct shape *shape_table_next(const struct shape_table *table, size_t *bucket,
                               struct shape *previous)
{
    if (previous != NULL && previous->next != NULL) {
        return previous->next;
    }
    while (*bucket < table->bucket_count) {
        struct shape *first = table->buckets[(*bucket)++];
        if (first != NULL) {
            return first;
        }
    }
    return NULL;
}
