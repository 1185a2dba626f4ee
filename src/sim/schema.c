#include "sim/schema.h"

#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/buffer.h"
#include "base/map.h"
#include "doc/json.h"
#include "schema_types.h"

/* Reads the table of schema_types.c once and keeps it as long as the program lives. */

enum { PATH_LIMIT = 4096 };

struct sim_schema_type {
    struct map *fields;
};

/* Before 1.22 references and selectors were owned field by field. */
enum { ATOMIC_SINCE_MINOR = 22 };

struct table {
    struct map *types;      /* name to sim_schema_type */
    struct map *root_kinds; /* name to sim_schema of kind TYPE */
    bool old;
};

static struct table tables[2] = {{NULL, NULL, false}, {NULL, NULL, true}};

static struct sim_schema_type *type_named(struct table *table, const char *name, size_t length)
{
    char *key = xstrndup(name, length);
    struct sim_schema_type *type = map_get(table->types, key);
    if (type == NULL) {
        type = xcalloc(1, sizeof(*type));
        type->fields = map_new(NULL);
        map_set(table->types, key, type);
    }
    free(key);
    return type;
}

static char *word_at(const char **at)
{
    size_t length = strspn(*at, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ,");
    char *word = xstrndup(*at, length);
    *at += length;
    return word;
}

static struct sim_schema *parse_spec(struct table *table, const char **at);

static void parse_body(struct table *table, const char **at, struct sim_schema *schema)
{
    switch (**at) {
    case 's':
    case 'i':
    case 'b':
    case 'q':
        schema->kind = SIM_SCHEMA_SCALAR;
        schema->scalar = *(*at)++;
        return;
    case '*':
        schema->kind = SIM_SCHEMA_ANY;
        (*at)++;
        return;
    case '[':
    case '{':
        schema->kind = **at == '[' ? SIM_SCHEMA_LIST : SIM_SCHEMA_MAP;
        schema->atomic = **at == '[';
        (*at)++;
        schema->element = parse_spec(table, at);
        (*at)++;
        return;
    default:
        break;
    }
    size_t length = strcspn(*at, "!%#@~^ ]}");
    schema->kind = SIM_SCHEMA_TYPE;
    schema->type = type_named(table, *at, length);
    *at += length;
}

static struct sim_schema *parse_spec(struct table *table, const char **at)
{
    struct sim_schema *schema = xcalloc(1, sizeof(*schema));
    schema->keys = "";
    schema->merge_key = "";
    parse_body(table, at, schema);
    while (**at != '\0' && strchr("!%#@~^", **at) != NULL) {
        char mark = *(*at)++;
        if (mark == '!' || mark == '%') {
            schema->atomic = mark == '!' || !table->old;
        } else if (mark == '#') {
            schema->keys = word_at(at);
            schema->atomic = false;
            schema->is_set = schema->keys[0] == '\0';
        } else if (mark == '@') {
            schema->merge_key = word_at(at);
            schema->merges = true;
        } else if (mark == '~') {
            schema->retain_keys = true;
        } else {
            schema->always_there = true;
        }
    }
    return schema;
}

static void parse_line(struct table *table, const char *line)
{
    size_t length = strcspn(line, " ");
    struct sim_schema_type *type = type_named(table, line, length);
    const char *at = line + length;
    while (*at == ' ') {
        at++;
        size_t name_length = strcspn(at, ":");
        char *name = xstrndup(at, name_length);
        at += name_length + 1;
        map_set(type->fields, name, parse_spec(table, &at));
        free(name);
    }
}

static void read_table(struct table *table)
{
    if (table->types != NULL) {
        return;
    }
    table->types = map_new(NULL);
    table->root_kinds = map_new(NULL);
    for (const char *const *line = sim_schema_types; *line != NULL; line++) {
        parse_line(table, *line);
    }
}

const struct sim_schema *sim_schema_of_version(const char *kind, int minor)
{
    static const struct sim_schema free_object = {
        .kind = SIM_SCHEMA_ANY, .keys = "", .merge_key = ""};
    struct table *table = &tables[minor < ATOMIC_SINCE_MINOR];
    read_table(table);
    struct sim_schema *schema = map_get(table->root_kinds, kind);
    if (schema == NULL) {
        const struct sim_schema_type *type = map_get(table->types, kind);
        if (type == NULL) {
            return &free_object;
        }
        schema = xcalloc(1, sizeof(*schema));
        schema->kind = SIM_SCHEMA_TYPE;
        schema->keys = "";
        schema->merge_key = "";
        schema->type = type;
        map_set(table->root_kinds, kind, schema);
    }
    return schema;
}

const struct sim_schema *sim_schema_of_kind(const char *kind)
{
    return sim_schema_of_version(kind, ATOMIC_SINCE_MINOR);
}

const struct sim_schema *sim_schema_field(const struct sim_schema *schema, const char *name)
{
    if (schema == NULL) {
        return NULL;
    }
    if (schema->kind == SIM_SCHEMA_TYPE) {
        return map_get(schema->type->fields, name);
    }
    return schema->kind == SIM_SCHEMA_MAP ? schema->element : NULL;
}

struct search {
    bool drop;
    void (*found)(void *context, const char *path);
    void *context;
    struct buffer path;
};

static void search_value(struct search *search, const struct sim_schema *schema, cJSON *value);

static void search_object(struct search *search, const struct sim_schema *schema, cJSON *object)
{
    cJSON *member = object->child;
    size_t length = search->path.length;
    while (member != NULL) {
        cJSON *next = member->next;
        const struct sim_schema *field = sim_schema_field(schema, member->string);
        buffer_printf(&search->path, "%s%s", length == 0 ? "" : ".", member->string);
        if (field != NULL) {
            search_value(search, field, member);
        } else {
            search->found(search->context, search->path.data);
            if (search->drop) {
                cJSON_Delete(cJSON_DetachItemViaPointer(object, member));
            }
        }
        buffer_truncate(&search->path, length);
        member = next;
    }
}

static void search_value(struct search *search, const struct sim_schema *schema, cJSON *value)
{
    if (cJSON_IsObject(value) && schema->kind == SIM_SCHEMA_TYPE) {
        search_object(search, schema, value);
    } else if (cJSON_IsArray(value) && schema->kind == SIM_SCHEMA_LIST) {
        size_t length = search->path.length;
        size_t index = 0;
        for (cJSON *item = value->child; item != NULL; item = item->next) {
            buffer_printf(&search->path, "[%zu]", index++);
            search_value(search, schema->element, item);
            buffer_truncate(&search->path, length);
        }
    }
}

void sim_schema_unknown(const struct sim_schema *schema, cJSON *object, bool drop,
                        void (*found)(void *context, const char *path), void *context)
{
    struct search search = {.drop = drop, .found = found, .context = context};
    buffer_init(&search.path, PATH_LIMIT);
    search_value(&search, schema, object);
    buffer_free(&search.path);
}

char *sim_schema_item_text(const struct sim_schema *list, const cJSON *item)
{
    struct buffer out;
    buffer_init(&out, PATH_LIMIT);
    const char *keys = list->keys;
    buffer_append_char(&out, '[');
    while (*keys != '\0') {
        size_t length = strcspn(keys, ",");
        char *key = xstrndup(keys, length);
        buffer_printf(&out, "%s=", key);
        json_write(&out, json_member(item, key));
        free(key);
        keys += length + (keys[length] == ',');
        buffer_append_string(&out, *keys == '\0' ? "" : ",");
    }
    buffer_append_char(&out, ']');
    return buffer_take(&out);
}

/* The first item whose keys an earlier one has too. */
static const cJSON *find_double(const struct sim_schema *list, const cJSON *value)
{
    struct map *seen = map_new(NULL);
    const cJSON *found = NULL;
    for (const cJSON *item = value->child; item != NULL && found == NULL; item = item->next) {
        char *text = sim_schema_item_text(list, item);
        if (map_get(seen, text) != NULL) {
            found = item;
        }
        map_set(seen, text, seen);
        free(text);
    }
    map_free(seen);
    return found;
}

static bool search_double(const struct sim_schema *schema, const cJSON *value, struct buffer *path,
                          char **key)
{
    size_t length = path->length;
    if (schema->kind == SIM_SCHEMA_LIST && cJSON_IsArray(value)) {
        const cJSON *item = schema->keys[0] == '\0' ? NULL : find_double(schema, value);
        if (item != NULL) {
            *key = sim_schema_item_text(schema, item);
            return true;
        }
        for (item = value->child; item != NULL; item = item->next) {
            if (search_double(schema->element, item, path, key)) {
                return true;
            }
        }
    } else if (schema->kind == SIM_SCHEMA_TYPE && cJSON_IsObject(value)) {
        for (const cJSON *member = value->child; member != NULL; member = member->next) {
            const struct sim_schema *field = sim_schema_field(schema, member->string);
            buffer_printf(path, ".%s", member->string);
            if (field != NULL && search_double(field, member, path, key)) {
                return true;
            }
            buffer_truncate(path, length);
        }
    }
    return false;
}

bool sim_schema_double(const struct sim_schema *schema, const cJSON *object, char **path,
                       char **key)
{
    struct buffer at;
    buffer_init(&at, PATH_LIMIT);
    bool found = search_double(schema, object, &at, key);
    *path = found ? buffer_take(&at) : NULL;
    buffer_free(&at);
    return found;
}
