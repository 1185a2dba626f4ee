#include "yaml_node.h"

#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/intern.h"
#include "base/secret.h"
#include "yaml_types.h"

/* So many bytes of text cost as much as a node when aliases are copied. */
enum { BYTES_PER_COPY = 64 };

struct doc_node *yaml_node_new(enum doc_type type, int line, int column)
{
    struct doc_node *node = xcalloc(1, sizeof(*node));
    node->type = type;
    node->line = line;
    node->column = column;
    node->end_line = line;
    return node;
}

void doc_node_free(struct doc_node *node)
{
    if (node == NULL) {
        return;
    }
    for (size_t i = 0; i < node->count; i++) {
        if (node->keys != NULL) {
            doc_node_free(node->keys[i]);
        }
        doc_node_free(node->items[i]);
    }
    free(node->keys);
    free(node->items);
    if (node->text != NULL) {
        secret_wipe(node->text, node->length); /* manifests of Secrets are read here too */
        free(node->text);
    }
    intern_release(node->tag);
    free(node);
}

void doc_stream_free(struct doc_stream *stream)
{
    for (size_t i = 0; i < stream->count; i++) {
        doc_node_free(stream->documents[i]);
    }
    free(stream->documents);
    *stream = (struct doc_stream){NULL, 0};
}

static bool copy_children(struct doc_node *copy, const struct doc_node *node, int depth,
                          size_t *budget)
{
    if (node->count == 0) {
        return true;
    }
    copy->items = xcalloc(node->count, sizeof(struct doc_node *));
    if (node->keys != NULL) {
        copy->keys = xcalloc(node->count, sizeof(struct doc_node *));
    }
    copy->count = node->count;
    for (size_t i = 0; i < node->count; i++) {
        if (node->keys != NULL) {
            copy->keys[i] = yaml_node_copy(node->keys[i], depth + 1, budget);
            if (copy->keys[i] == NULL) {
                return false;
            }
        }
        copy->items[i] = yaml_node_copy(node->items[i], depth + 1, budget);
        if (copy->items[i] == NULL) {
            return false;
        }
    }
    return true;
}

struct doc_node *yaml_node_copy(const struct doc_node *node, int depth, size_t *budget)
{
    size_t cost = 1 + node->length / BYTES_PER_COPY + node->count;
    if (depth > YAML_MAX_DEPTH || *budget < cost) {
        return NULL;
    }
    *budget -= cost - node->count; /* the children pay for themselves */
    struct doc_node *copy = xmemdup(node, sizeof(*node));
    copy->keys = NULL;
    copy->items = NULL;
    copy->count = 0;
    copy->tag = intern_retain(node->tag);
    if (node->text != NULL) {
        copy->text = xmemdup(node->text, node->length + 1);
    }
    if (!copy_children(copy, node, depth, budget)) {
        doc_node_free(copy);
        return NULL;
    }
    return copy;
}

struct doc_node *doc_get(const struct doc_node *map, const char *key)
{
    if (map == NULL || map->type != DOC_MAP) {
        return NULL;
    }
    size_t length = strlen(key);
    for (size_t i = 0; i < map->count; i++) {
        const struct doc_node *name = map->keys[i];
        if (name->type == DOC_STRING && name->length == length &&
            memcmp(name->text, key, length) == 0) {
            return map->items[i];
        }
    }
    return NULL;
}

const char *doc_string(const struct doc_node *node)
{
    return node != NULL && node->type == DOC_STRING ? node->text : NULL;
}

bool doc_is_true(const struct doc_node *node)
{
    return node != NULL && node->type == DOC_BOOL && yaml_truth_of(node->text);
}

double doc_number(const struct doc_node *node)
{
    if (node == NULL || (node->type != DOC_INT && node->type != DOC_FLOAT)) {
        return 0;
    }
    return yaml_number_of(node->type, node->text);
}

bool doc_integer(const struct doc_node *node, long long *value)
{
    return node != NULL && node->type == DOC_INT && yaml_integer_of(node->text, value);
}
