#include "jinja/value.h"

#include <string.h>

#include "base/text.h"

enum { SMALL_DICT = 8 };

static size_t count_characters(const char *bytes, size_t length)
{
    size_t count = 0;
    for (size_t i = 0; i < length; i++) {
        count += ((unsigned char)bytes[i] & 0xC0) != 0x80;
    }
    return count;
}

static uint32_t hash_bytes(const char *bytes, size_t length)
{
    uint32_t hash = 2166136261U;
    for (size_t i = 0; i < length; i++) {
        hash = (hash ^ (unsigned char)bytes[i]) * 16777619U;
    }
    return hash;
}

struct jinja_value jinja_none(void)
{
    return (struct jinja_value){.type = JINJA_NONE};
}

struct jinja_value jinja_bool(bool value)
{
    return (struct jinja_value){.type = JINJA_BOOL, .as.boolean = value};
}

struct jinja_value jinja_int(int64_t value)
{
    return (struct jinja_value){.type = JINJA_INT, .as.integer = value};
}

struct jinja_value jinja_float(double value)
{
    return (struct jinja_value){.type = JINJA_FLOAT, .as.number = value};
}

struct jinja_value jinja_string(struct jinja_arena *arena, const char *bytes, size_t length)
{
    struct jinja_string *string = jinja_arena_alloc(arena, sizeof(*string) + length + 1);
    if (length > 0) {
        memcpy(string->bytes, bytes, length);
    }
    string->length = length;
    string->characters = count_characters(bytes, length);
    string->hash = hash_bytes(bytes, length);
    return (struct jinja_value){.type = JINJA_STRING, .as.string = string};
}

struct jinja_value jinja_text(struct jinja_arena *arena, const char *text)
{
    return jinja_string(arena, text, strlen(text));
}

struct jinja_value jinja_list(struct jinja_arena *arena, size_t capacity)
{
    struct jinja_list *list = jinja_arena_alloc(arena, sizeof(*list));
    if (capacity > 0) {
        list->items = jinja_arena_alloc(arena, capacity * sizeof(*list->items));
        list->capacity = capacity;
    }
    return (struct jinja_value){.type = JINJA_LIST, .as.list = list};
}

struct jinja_value jinja_tuple(struct jinja_arena *arena, size_t capacity)
{
    struct jinja_value tuple = jinja_list(arena, capacity);
    tuple.type = JINJA_TUPLE;
    return tuple;
}

struct jinja_value jinja_dict(struct jinja_arena *arena)
{
    return (struct jinja_value){.type = JINJA_DICT,
                                .as.dict = jinja_arena_alloc(arena, sizeof(struct jinja_dict))};
}

struct jinja_value jinja_undefined(struct jinja_arena *arena, const char *name, const char *hint)
{
    struct jinja_undefined *undefined = jinja_arena_alloc(arena, sizeof(*undefined));
    undefined->name = name == NULL ? NULL : jinja_arena_copy(arena, name, strlen(name));
    undefined->hint = hint == NULL ? NULL : jinja_arena_copy(arena, hint, strlen(hint));
    return (struct jinja_value){.type = JINJA_UNDEFINED, .as.undefined = undefined};
}

struct jinja_value jinja_undefined_lenient(struct jinja_arena *arena, const char *name)
{
    struct jinja_undefined *undefined = jinja_arena_alloc(arena, sizeof(*undefined));
    undefined->name = jinja_arena_copy(arena, name, strlen(name));
    undefined->lenient = true;
    return (struct jinja_value){.type = JINJA_UNDEFINED, .as.undefined = undefined};
}

void jinja_list_append(struct jinja_arena *arena, struct jinja_list *list, struct jinja_value item)
{
    if (list->count == list->capacity) {
        size_t capacity = list->capacity == 0 ? 4 : list->capacity * 2;
        struct jinja_value *items = jinja_arena_alloc(arena, capacity * sizeof(*items));
        if (list->count > 0) {
            memcpy(items, list->items, list->count * sizeof(*items));
        }
        list->items = items;
        list->capacity = capacity;
    }
    list->items[list->count++] = item;
}

bool jinja_hashable(struct jinja_value value)
{
    if (value.type == JINJA_TUPLE) {
        for (size_t i = 0; i < value.as.list->count; i++) {
            if (!jinja_hashable(value.as.list->items[i])) {
                return false;
            }
        }
        return true;
    }
    return value.type != JINJA_LIST && value.type != JINJA_DICT && value.type != JINJA_UNDEFINED &&
           value.type != JINJA_NAMESPACE;
}

static uint32_t hash_value(struct jinja_value value)
{
    switch (value.type) {
    case JINJA_STRING:
        return value.as.string->hash;
    case JINJA_BOOL:
        return hash_value(jinja_int(value.as.boolean ? 1 : 0));
    case JINJA_INT:
        return hash_bytes((const char *)&value.as.integer, sizeof(value.as.integer));
    case JINJA_FLOAT: {
        double number = value.as.number;
        if (number > -9e18 && number < 9e18 && (double)(int64_t)number == number) {
            return hash_value(jinja_int((int64_t)number));
        }
        return hash_bytes((const char *)&number, sizeof(number));
    }
    case JINJA_TUPLE: {
        uint32_t hash = 17;
        for (size_t i = 0; i < value.as.list->count; i++) {
            hash = hash * 31 + hash_value(value.as.list->items[i]);
        }
        return hash;
    }
    case JINJA_DATE:
        return (uint32_t)(value.as.date->year * 400 + value.as.date->day);
    default:
        return 1;
    }
}

/* The index of the key's entry, or count. */
static size_t dict_find(const struct jinja_dict *dict, struct jinja_value key, uint32_t hash)
{
    if (dict->table == NULL) {
        for (size_t i = 0; i < dict->count; i++) {
            if (dict->entries[i].hash == hash && jinja_equal(dict->entries[i].key, key)) {
                return i;
            }
        }
        return dict->count;
    }
    for (size_t slot = hash & (dict->table_size - 1); dict->table[slot] != 0;
         slot = (slot + 1) & (dict->table_size - 1)) {
        size_t index = dict->table[slot] - 1;
        if (dict->entries[index].hash == hash && jinja_equal(dict->entries[index].key, key)) {
            return index;
        }
    }
    return dict->count;
}

static void table_insert(struct jinja_dict *dict, size_t index)
{
    size_t slot = dict->entries[index].hash & (dict->table_size - 1);
    while (dict->table[slot] != 0) {
        slot = (slot + 1) & (dict->table_size - 1);
    }
    dict->table[slot] = (uint32_t)index + 1;
}

static void rebuild_table(struct jinja_arena *arena, struct jinja_dict *dict)
{
    if (dict->capacity <= SMALL_DICT) {
        return;
    }
    if (dict->table == NULL || dict->table_size < dict->capacity * 2) {
        dict->table_size = dict->capacity * 2;
        dict->table = jinja_arena_alloc(arena, dict->table_size * sizeof(*dict->table));
    } else {
        memset(dict->table, 0, dict->table_size * sizeof(*dict->table));
    }
    for (size_t i = 0; i < dict->count; i++) {
        table_insert(dict, i);
    }
}

bool jinja_dict_set(struct jinja_arena *arena, struct jinja_dict *dict, struct jinja_value key,
                    struct jinja_value value)
{
    if (!jinja_hashable(key)) {
        return false;
    }
    uint32_t hash = hash_value(key);
    size_t index = dict_find(dict, key, hash);
    if (index < dict->count) {
        dict->entries[index].value = value;
        return true;
    }
    bool grow = dict->count == dict->capacity;
    if (grow) {
        /* A power of two, so that the table can be masked. */
        dict->capacity = dict->capacity == 0 ? SMALL_DICT : dict->capacity * 2;
        struct jinja_entry *entries =
            jinja_arena_alloc(arena, dict->capacity * sizeof(*dict->entries));
        if (dict->count > 0) {
            memcpy(entries, dict->entries, dict->count * sizeof(*entries));
        }
        dict->entries = entries;
    }
    dict->entries[dict->count++] = (struct jinja_entry){key, value, hash};
    if (grow) {
        rebuild_table(arena, dict);
    } else if (dict->table != NULL) {
        table_insert(dict, dict->count - 1);
    }
    return true;
}

void jinja_dict_set_text(struct jinja_arena *arena, struct jinja_dict *dict, const char *key,
                         struct jinja_value value)
{
    jinja_dict_set(arena, dict, jinja_text(arena, key), value);
}

struct jinja_value *jinja_dict_get(const struct jinja_dict *dict, struct jinja_value key)
{
    if (!jinja_hashable(key)) {
        return NULL;
    }
    size_t index = dict_find(dict, key, hash_value(key));
    return index < dict->count ? &dict->entries[index].value : NULL;
}

struct jinja_value *jinja_dict_get_text(const struct jinja_dict *dict, const char *key)
{
    size_t length = strlen(key);
    uint32_t hash = hash_bytes(key, length);
    if (dict->table == NULL) {
        for (size_t i = 0; i < dict->count; i++) {
            if (dict->entries[i].hash == hash && jinja_is_text(dict->entries[i].key, key)) {
                return &dict->entries[i].value;
            }
        }
        return NULL;
    }
    for (size_t slot = hash & (dict->table_size - 1); dict->table[slot] != 0;
         slot = (slot + 1) & (dict->table_size - 1)) {
        struct jinja_entry *entry = &dict->entries[dict->table[slot] - 1];
        if (entry->hash == hash && jinja_is_text(entry->key, key)) {
            return &entry->value;
        }
    }
    return NULL;
}

bool jinja_dict_remove(struct jinja_arena *arena, struct jinja_dict *dict, struct jinja_value key)
{
    if (!jinja_hashable(key)) {
        return false;
    }
    size_t index = dict_find(dict, key, hash_value(key));
    if (index == dict->count) {
        return false;
    }
    dict->count--;
    memmove(dict->entries + index, dict->entries + index + 1,
            (dict->count - index) * sizeof(*dict->entries));
    rebuild_table(arena, dict);
    return true;
}

struct jinja_value jinja_deep_copy(struct jinja_arena *arena, struct jinja_value value)
{
    if (value.type == JINJA_LIST || value.type == JINJA_TUPLE) {
        struct jinja_value copy = jinja_list(arena, value.as.list->count);
        copy.type = value.type;
        copy.as.list->view = value.as.list->view;
        for (size_t i = 0; i < value.as.list->count; i++) {
            jinja_list_append(arena, copy.as.list, jinja_deep_copy(arena, value.as.list->items[i]));
        }
        return copy;
    }
    if (value.type == JINJA_DICT) {
        struct jinja_value copy = jinja_dict(arena);
        for (size_t i = 0; i < value.as.dict->count; i++) {
            jinja_dict_set(arena, copy.as.dict, value.as.dict->entries[i].key,
                           jinja_deep_copy(arena, value.as.dict->entries[i].value));
        }
        return copy;
    }
    return value;
}

bool jinja_is_text(struct jinja_value value, const char *text)
{
    size_t length = strlen(text);
    return value.type == JINJA_STRING && value.as.string->length == length &&
           memcmp(value.as.string->bytes, text, length) == 0;
}

const char *jinja_type_name(struct jinja_value value)
{
    switch (value.type) {
    case JINJA_UNDEFINED:
        return "AnsibleUndefined";
    case JINJA_NONE:
        return "NoneType";
    case JINJA_BOOL:
        return "bool";
    case JINJA_INT:
        return "int";
    case JINJA_FLOAT:
        return "float";
    case JINJA_STRING:
        return "str";
    case JINJA_LIST:
        return value.as.list->view != NULL ? value.as.list->view : "list";
    case JINJA_TUPLE:
        return "tuple";
    case JINJA_DICT:
        return "dict";
    case JINJA_DATE:
        return value.as.date->timed ? "datetime" : "date";
    case JINJA_MACRO:
        return "Macro";
    case JINJA_FUNCTION:
        return "builtin_function_or_method";
    case JINJA_NAMESPACE:
        return "Namespace";
    case JINJA_LOOP:
        return "LoopContext";
    case JINJA_MODULE:
        return "TemplateModule";
    }
    return "object";
}
