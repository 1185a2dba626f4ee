#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/file.h"
#include "base/language.h"
#include "base/map.h"
#include "doc/json.h"
#include "doc/yaml.h"
#include "number.h"

/* Manifests above this are not made by hand, nor are they read by hand. */
enum { MAX_MANIFEST = 64 * 1024 * 1024 };

static cJSON *convert(const struct doc_node *node, const char *source, struct error *err);

static cJSON *refuse(const struct doc_node *node, const char *source, struct error *err,
                     const char *what)
{
    error_set(err, ERROR_CONFIG, "%s:%d:%d: %s", source, node->line, node->column, what);
    return NULL;
}

/* kubectl's text for a key that is no string: numbers in decimal, booleans as true and false. */
static char *key_text(const struct doc_node *key)
{
    struct buffer text;
    switch (key->type) {
    case DOC_STRING:
    case DOC_DATE:
        return xstrdup(key->text);
    case DOC_BOOL:
        return xstrdup(doc_is_true(key) ? "true" : "false");
    case DOC_INT:
    case DOC_FLOAT:
        buffer_init(&text, 400);
        number_write(&text, doc_number(key));
        return buffer_take(&text);
    default:
        return NULL;
    }
}

static bool all_strings(const struct doc_node *map)
{
    for (size_t i = 0; i < map->count; i++) {
        if (map->keys[i]->type != DOC_STRING) {
            return false;
        }
    }
    return true;
}

static cJSON *convert_map(const struct doc_node *map, const char *source, struct error *err)
{
    cJSON *object = cJSON_CreateObject();
    bool distinct = all_strings(map); /* 1 and "1" become one key */
    for (size_t i = 0; i < map->count; i++) {
        char *key = key_text(map->keys[i]);
        cJSON *value = NULL;
        if (key == NULL) {
            refuse(map->keys[i], source, err, "a key must be a text, number or boolean; quote it");
        } else {
            value = convert(map->items[i], source, err);
        }
        if (value == NULL) {
            free(key);
            json_delete_secret(object);
            return NULL;
        }
        if (distinct) {
            cJSON_AddItemToObject(object, key, value);
        } else {
            json_set(object, key, value);
        }
        free(key);
    }
    return object;
}

static cJSON *convert_list(const struct doc_node *list, const char *source, struct error *err)
{
    cJSON *array = cJSON_CreateArray();
    for (size_t i = 0; i < list->count; i++) {
        cJSON *value = convert(list->items[i], source, err);
        if (value == NULL) {
            json_delete_secret(array);
            return NULL;
        }
        cJSON_AddItemToArray(array, value);
    }
    return array;
}

static cJSON *convert(const struct doc_node *node, const char *source, struct error *err)
{
    switch (node->type) {
    case DOC_NULL:
        return cJSON_CreateNull();
    case DOC_BOOL:
        return cJSON_CreateBool(doc_is_true(node));
    case DOC_INT:
    case DOC_FLOAT:
        if (!isfinite(doc_number(node))) {
            return refuse(node, source, err, "JSON has no such number; quote it or change it");
        }
        return cJSON_CreateNumber(doc_number(node));
    case DOC_STRING:
    case DOC_DATE:
        if (memchr(node->text, '\0', node->length) != NULL) {
            return refuse(node, source, err, "a text cannot hold the character NUL; remove it");
        }
        return cJSON_CreateString(node->text);
    case DOC_LIST:
        return convert_list(node, source, err);
    case DOC_MAP:
        return convert_map(node, source, err);
    case DOC_TAGGED:
        break;
    }
    return refuse(node, source, err, "a Kubernetes object cannot hold this tag; remove it");
}

cJSON *doc_to_json(const struct doc_node *node, const char *source, struct error *err)
{
    return convert(node, source == NULL ? "YAML" : source, err);
}

static bool looks_like_json(const char *text)
{
    return text[strspn(text, " \t\r\n")] == '{';
}

static void free_documents(cJSON **documents, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        json_delete_secret(documents[i]);
    }
    free(documents);
}

static bool convert_stream(const struct doc_stream *stream, const char *source, cJSON ***out,
                           size_t *count, struct error *err)
{
    size_t capacity = 0;
    cJSON **documents = NULL;
    size_t used = 0;
    for (size_t i = 0; i < stream->count; i++) {
        if (stream->documents[i]->type == DOC_NULL) {
            continue;
        }
        cJSON *value = doc_to_json(stream->documents[i], source, err);
        if (value == NULL) {
            free_documents(documents, used);
            return false;
        }
        documents = xgrow(documents, used, &capacity, sizeof(*documents));
        documents[used++] = value;
    }
    *out = documents;
    *count = used;
    return true;
}

/* --- Keys that stand in a map twice ------------------------------------------------------------
 */

struct doubles {
    const char *source;
    struct buffer *warnings; /* NULL: nobody wants any */
};

static void note_double(void *context, const struct doc_node *key, const struct doc_node *first)
{
    struct doubles *doubles = context;
    if (doubles->warnings != NULL) {
        buffer_printf(doubles->warnings,
                      _("%s:%d:%d: the key \"%s\" stands in this map twice (first in line %d): the "
                        "last one counts\n"),
                      doubles->source, key->line, key->column, key->text, first->line);
    }
}

/* cJSON keeps both, and finds the first. */
static void keep_last(cJSON *tree)
{
    struct map *names = cJSON_IsObject(tree) ? map_new(NULL) : NULL;
    for (cJSON *item = tree->child; item != NULL; item = item->next) {
        cJSON *before = names == NULL ? NULL : map_get(names, item->string);
        if (before != NULL) {
            json_delete_secret(cJSON_DetachItemViaPointer(tree, before));
        }
        if (names != NULL) {
            map_set(names, item->string, item);
        }
        keep_last(item);
    }
    map_free(names);
}

/* JSON as nearly all of it is written is YAML as well, whose reader knows places. */
static void note_json_doubles(const struct buffer *text, struct doubles *doubles)
{
    struct doc_options options = {.schema = DOC_SCHEMA_KUBERNETES,
                                  .source = doubles->source,
                                  .on_duplicate = note_double,
                                  .context = doubles};
    struct doc_stream stream;
    if (doc_parse_yaml(text->data, text->length, &options, &stream, NULL)) {
        doc_stream_free(&stream);
    }
}

/* --- Files -------------------------------------------------------------------------------------
 */

static bool read_documents(const struct buffer *text, struct doubles *doubles, cJSON ***out,
                           size_t *count, struct error *err)
{
    if (looks_like_json(text->data)) { /* tabs and surrogate pairs are JSON's alone */
        cJSON *value = json_parse(text->data, text->length, doubles->source, NULL);
        if (value != NULL) {
            note_json_doubles(text, doubles);
            keep_last(value);
            *out = xmalloc(sizeof(**out));
            (*out)[0] = value;
            *count = 1;
            return true;
        }
    }
    struct doc_options options = {.schema = DOC_SCHEMA_KUBERNETES,
                                  .source = doubles->source,
                                  .on_duplicate = note_double,
                                  .context = doubles};
    struct doc_stream stream;
    if (!doc_parse_yaml(text->data, text->length, &options, &stream, err)) {
        return false;
    }
    bool fine = convert_stream(&stream, doubles->source, out, count, err);
    doc_stream_free(&stream);
    return fine;
}

bool doc_read_json_documents(const char *path, cJSON ***out, size_t *count, struct buffer *warnings,
                             struct error *err)
{
    struct buffer text;
    struct doubles doubles = {strcmp(path, "-") == 0 ? _("standard input") : path, warnings};
    buffer_init_secret(&text, MAX_MANIFEST);
    *out = NULL;
    *count = 0;
    bool fine = file_read(path, &text, err) && read_documents(&text, &doubles, out, count, err);
    buffer_free(&text);
    return fine;
}
