#include "base/map.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"

/* Entries stand in an array in order of insertion; slots hold their index + 1. A removed entry
 * keeps its place (key NULL) until the next rebuild. */
struct entry {
    char *key;
    void *value;
    uint32_t hash;
};

struct map {
    struct entry *entries;
    size_t used; /* of entries, removed ones included */
    size_t capacity;
    size_t count;
    uint32_t *slots;
    size_t slot_count;
    void (*free_value)(void *);
};

static uint32_t hash_string(const char *text)
{
    uint32_t hash = 2166136261u;
    for (; *text != '\0'; text++) {
        hash = (hash ^ (unsigned char)*text) * 16777619u;
    }
    return hash;
}

struct map *map_new(void (*free_value)(void *value))
{
    struct map *map = xcalloc(1, sizeof(*map));
    map->free_value = free_value;
    return map;
}

static void drop_value(struct map *map, void *value)
{
    if (map->free_value != NULL && value != NULL) {
        map->free_value(value);
    }
}

void map_free(struct map *map)
{
    if (map == NULL) {
        return;
    }
    for (size_t i = 0; i < map->used; i++) {
        if (map->entries[i].key != NULL) {
            free(map->entries[i].key);
            drop_value(map, map->entries[i].value);
        }
    }
    free(map->entries);
    free(map->slots);
    free(map);
}

static size_t find_slot(const struct map *map, const char *key, uint32_t hash, bool *found)
{
    size_t mask = map->slot_count - 1;
    for (size_t slot = hash & mask;; slot = (slot + 1) & mask) {
        uint32_t index = map->slots[slot];
        if (index == 0) {
            *found = false;
            return slot;
        }
        const struct entry *entry = &map->entries[index - 1];
        if (entry->key != NULL && entry->hash == hash && strcmp(entry->key, key) == 0) {
            *found = true;
            return slot;
        }
    }
}

static void rebuild(struct map *map)
{
    size_t kept = 0;
    for (size_t i = 0; i < map->used; i++) {
        if (map->entries[i].key != NULL) {
            map->entries[kept++] = map->entries[i];
        }
    }
    map->used = kept;
    size_t wanted = 16;
    while (wanted < (kept + 1) * 2) {
        wanted *= 2;
    }
    free(map->slots);
    map->slots = xcalloc(wanted, sizeof(uint32_t));
    map->slot_count = wanted;
    for (size_t i = 0; i < kept; i++) {
        size_t slot = map->entries[i].hash & (wanted - 1);
        while (map->slots[slot] != 0) {
            slot = (slot + 1) & (wanted - 1);
        }
        map->slots[slot] = (uint32_t)(i + 1);
    }
}

void map_set(struct map *map, const char *key, void *value)
{
    uint32_t hash = hash_string(key);
    if (map->used + 1 > map->slot_count / 2) {
        rebuild(map);
    }
    bool found;
    size_t slot = find_slot(map, key, hash, &found);
    if (found) {
        struct entry *entry = &map->entries[map->slots[slot] - 1];
        if (entry->value != value) {
            drop_value(map, entry->value);
        }
        entry->value = value;
        return;
    }
    map->entries = xgrow(map->entries, map->used, &map->capacity, sizeof(struct entry));
    map->entries[map->used++] = (struct entry){xstrdup(key), value, hash};
    map->slots[slot] = (uint32_t)map->used;
    map->count++;
}

void *map_get(const struct map *map, const char *key)
{
    if (map == NULL || map->count == 0) {
        return NULL;
    }
    bool found;
    size_t slot = find_slot(map, key, hash_string(key), &found);
    return found ? map->entries[map->slots[slot] - 1].value : NULL;
}

bool map_remove(struct map *map, const char *key)
{
    if (map->count == 0) {
        return false;
    }
    bool found;
    size_t slot = find_slot(map, key, hash_string(key), &found);
    if (!found) {
        return false;
    }
    struct entry *entry = &map->entries[map->slots[slot] - 1];
    void *value = entry->value;
    free(entry->key);
    entry->key = NULL;
    entry->value = NULL;
    map->count--;
    drop_value(map, value);
    return true;
}

size_t map_count(const struct map *map)
{
    return map == NULL ? 0 : map->count;
}

bool map_next(const struct map *map, size_t *position, const char **key, void **value)
{
    if (map == NULL) {
        return false;
    }
    while (*position < map->used) {
        const struct entry *entry = &map->entries[(*position)++];
        if (entry->key != NULL) {
            if (key != NULL) {
                *key = entry->key;
            }
            if (value != NULL) {
                *value = entry->value;
            }
            return true;
        }
    }
    return false;
}
