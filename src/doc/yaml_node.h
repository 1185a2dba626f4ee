#ifndef DOC_YAML_NODE_H
#define DOC_YAML_NODE_H

#include "doc/yaml.h"

enum { YAML_MAX_DEPTH = 100, YAML_MAX_COPIES = 100000 };

struct doc_node *yaml_node_new(enum doc_type type, int line, int column);
/* A deep copy that will stand at depth; takes what it costs from *budget. NULL if the budget or the
 * depth does not suffice. */
struct doc_node *yaml_node_copy(const struct doc_node *node, int depth, size_t *budget);

/* What a map needs while it is read: where dropped nodes go (anchors may still point into them) and
 * how much may be copied yet. */
struct yaml_scope {
    const struct doc_options *options;
    struct doc_node **dropped;
    size_t dropped_count;
    size_t dropped_capacity;
    size_t budget;
};

/* Fills err with "SOURCE:LINE:COLUMN: what", returns false. */
bool yaml_refuse(const struct doc_options *options, int line, int column, struct error *err,
                 const char *what);
/* Puts merged maps (<<) in front of the map's own keys and lets the last of equal keys win, as
 * PyYAML does. The map is a fresh one whose parts nobody shares. */
bool yaml_settle_map(struct yaml_scope *scope, struct doc_node *map, int depth, struct error *err);

#endif
