#ifndef BASE_MAP_H
#define BASE_MAP_H

#include <stdbool.h>
#include <stddef.h>

/*
 * A hash map from strings to pointers. Keys are copied; values belong to the caller, unless a free
 * function was given at birth. Iteration is in order of insertion.
 */
struct map;

struct map *map_new(void (*free_value)(void *value));
void map_free(struct map *map);
/* Sets or replaces (the old value is freed by the free function). */
void map_set(struct map *map, const char *key, void *value);
/* NULL if absent. */
void *map_get(const struct map *map, const char *key);
/* False if it was absent. */
bool map_remove(struct map *map, const char *key);
size_t map_count(const struct map *map);
/* Walks: start with *position = 0; false at the end. Removing the current entry is allowed. */
bool map_next(const struct map *map, size_t *position, const char **key, void **value);

#endif
