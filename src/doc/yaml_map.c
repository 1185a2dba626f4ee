#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/language.h"
#include "base/map.h"
#include "yaml_node.h"

/* The keys and values of a map while it is put together. */
struct pairs {
    struct doc_node **keys;
    struct doc_node **items;
    size_t count;
    size_t key_capacity;
    size_t item_capacity;
};

static void add_pair(struct pairs *pairs, struct doc_node *key, struct doc_node *item)
{
    pairs->keys = xgrow(pairs->keys, pairs->count, &pairs->key_capacity, sizeof(*pairs->keys));
    pairs->items = xgrow(pairs->items, pairs->count, &pairs->item_capacity, sizeof(*pairs->items));
    pairs->keys[pairs->count] = key;
    pairs->items[pairs->count] = item;
    pairs->count++;
}

static void drop(struct yaml_scope *scope, struct doc_node *node)
{
    scope->dropped = xgrow(scope->dropped, scope->dropped_count, &scope->dropped_capacity,
                           sizeof(struct doc_node *));
    scope->dropped[scope->dropped_count++] = node;
}

static bool is_merge_key(const struct doc_node *key)
{
    return key->plain && key->type == DOC_STRING && strcmp(key->text, "<<") == 0;
}

static bool add_copies(struct yaml_scope *scope, struct pairs *pairs, const struct doc_node *from,
                       int depth)
{
    for (size_t i = 0; i < from->count; i++) {
        struct doc_node *key = yaml_node_copy(from->keys[i], depth, &scope->budget);
        struct doc_node *item = yaml_node_copy(from->items[i], depth, &scope->budget);
        if (key == NULL || item == NULL) {
            doc_node_free(key);
            doc_node_free(item);
            return false;
        }
        add_pair(pairs, key, item);
    }
    return true;
}

static bool add_merged(struct yaml_scope *scope, struct pairs *pairs, const struct doc_node *value,
                       int depth, struct error *err)
{
    static const char too_much[] = "merge keys copy too much (more than 100,000 nodes or 100 "
                                   "levels); write the values out";
    if (value->type == DOC_MAP) {
        return add_copies(scope, pairs, value, depth) ||
               yaml_refuse(scope->options, value->line, value->column, err, too_much);
    }
    bool maps_only = value->type == DOC_LIST;
    for (size_t i = 0; maps_only && i < value->count; i++) {
        maps_only = value->items[i]->type == DOC_MAP;
    }
    if (!maps_only) {
        return yaml_refuse(scope->options, value->line, value->column, err,
                           "the merge key << takes a map or a list of maps; name one by its alias");
    }
    for (size_t i = value->count; i > 0; i--) { /* the first map of the list wins */
        if (!add_copies(scope, pairs, value->items[i - 1], depth)) {
            return yaml_refuse(scope->options, value->line, value->column, err, too_much);
        }
    }
    return true;
}

/* A name for the index: equal for equal keys. 1 and "1" differ. */
static char *identity(const struct doc_node *key)
{
    return xasprintf("%d %s", (int)key->type, key->text);
}

/* Adds the pair, or lets it take the place of one with the same key. */
static void add_or_replace(struct yaml_scope *scope, struct pairs *pairs, struct map *index,
                           struct doc_node *key, struct doc_node *item)
{
    char *name = identity(key);
    size_t place = (size_t)(uintptr_t)map_get(index, name);
    if (place == 0) {
        add_pair(pairs, key, item);
        map_set(index, name, (void *)(uintptr_t)pairs->count);
    } else {
        drop(scope, pairs->keys[place - 1]);
        drop(scope, pairs->items[place - 1]);
        pairs->keys[place - 1] = key;
        pairs->items[place - 1] = item;
    }
    free(name);
}

static void remove_duplicates(struct yaml_scope *scope, struct pairs *pairs)
{
    struct pairs kept = {0};
    struct map *index = map_new(NULL);
    for (size_t i = 0; i < pairs->count; i++) {
        add_or_replace(scope, &kept, index, pairs->keys[i], pairs->items[i]);
    }
    map_free(index);
    free(pairs->keys);
    free(pairs->items);
    *pairs = kept;
}

static bool tell_duplicate(const struct yaml_scope *scope, const struct doc_node *key,
                           const struct doc_node *first, struct error *err)
{
    const struct doc_options *options = scope->options;
    if (!options->refuse_duplicates) {
        options->on_duplicate(options->context, key, first);
        return true;
    }
    char *what = xasprintf(_("the key \"%s\" stands in this map twice (first in line %d); "
                             "remove one"),
                           key->text, first->line);
    yaml_refuse(options, key->line, key->column, err, what);
    free(what);
    return false;
}

static bool check_duplicates(const struct yaml_scope *scope, const struct doc_node *map,
                             struct error *err)
{
    struct map *index = map_new(NULL);
    bool fine = true;
    for (size_t i = 0; i < map->count && fine; i++) {
        char *name = identity(map->keys[i]);
        const struct doc_node *first = map_get(index, name);
        if (first != NULL && !is_merge_key(map->keys[i])) {
            fine = tell_duplicate(scope, map->keys[i], first, err);
        }
        map_set(index, name, map->keys[i]);
        free(name);
    }
    map_free(index);
    return fine;
}

static bool has_merge_key(const struct doc_node *map)
{
    for (size_t i = 0; i < map->count; i++) {
        if (is_merge_key(map->keys[i])) {
            return true;
        }
    }
    return false;
}

/* Copies what the merge keys name into pairs, in front of everything else. */
static bool collect_merged(struct yaml_scope *scope, const struct doc_node *map,
                           struct pairs *pairs, int depth, struct error *err)
{
    for (size_t i = 0; i < map->count; i++) {
        if (is_merge_key(map->keys[i]) &&
            !add_merged(scope, pairs, map->items[i], depth + 1, err)) {
            return false;
        }
    }
    return true;
}

static void free_pairs(struct pairs *pairs)
{
    for (size_t i = 0; i < pairs->count; i++) {
        doc_node_free(pairs->keys[i]);
        doc_node_free(pairs->items[i]);
    }
    free(pairs->keys);
    free(pairs->items);
}

bool yaml_settle_map(struct yaml_scope *scope, struct doc_node *map, int depth, struct error *err)
{
    bool told = scope->options->refuse_duplicates || scope->options->on_duplicate != NULL;
    if (told && !check_duplicates(scope, map, err)) {
        return false;
    }
    struct pairs pairs = {0};
    if (has_merge_key(map) && !collect_merged(scope, map, &pairs, depth, err)) {
        free_pairs(&pairs);
        return false;
    }
    for (size_t i = 0; i < map->count; i++) {
        if (is_merge_key(map->keys[i])) {
            drop(scope, map->keys[i]);
            drop(scope, map->items[i]);
        } else {
            add_pair(&pairs, map->keys[i], map->items[i]);
        }
    }
    remove_duplicates(scope, &pairs);
    free(map->keys);
    free(map->items);
    map->keys = pairs.keys;
    map->items = pairs.items;
    map->count = pairs.count;
    return true;
}
