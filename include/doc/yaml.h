#ifndef DOC_YAML_H
#define DOC_YAML_H

#include <cjson/cJSON.h>
#include <stdbool.h>
#include <stddef.h>

#include "base/buffer.h"
#include "base/error.h"

/*
 * YAML in (over libyaml's events) and out. Nodes keep their place in the text, their style and the
 * type that the schema gives them, so that Kubernetes objects (cJSON), Ansible's variables (jinja
 * values) and findings with file:line:column all come from one reader.
 */
enum doc_type {
    DOC_NULL,
    DOC_BOOL,
    DOC_INT,
    DOC_FLOAT,
    DOC_STRING,
    DOC_DATE,   /* Ansible's schema only: 2020-01-01 and timestamps */
    DOC_TAGGED, /* a scalar with an application tag such as !vault or !unsafe; see tag */
    DOC_LIST,
    DOC_MAP,
};

enum doc_schema {
    DOC_SCHEMA_KUBERNETES, /* YAML 1.1 as kubectl reads it: y, n, yes, on are booleans */
    DOC_SCHEMA_ANSIBLE,    /* YAML 1.1 as PyYAML reads it: y and n are strings, 0644 is 420 */
};

struct doc_node {
    enum doc_type type;
    char *text; /* scalars: the text after unquoting and folding; may hold NUL, see length */
    size_t length;
    const char *tag;         /* DOC_TAGGED: "!vault"...; else NULL */
    bool plain;              /* the scalar was written without quotes */
    struct doc_node **keys;  /* maps: count keys; NULL for lists */
    struct doc_node **items; /* lists and maps: count values */
    size_t count;
    int line; /* from 1 */
    int column;
    int end_line; /* blank lines behind a block scalar belong to it */
};

struct doc_options {
    enum doc_schema schema;
    const char *source;     /* for messages: the file's name */
    bool refuse_duplicates; /* a key twice in a map is an error; otherwise the last one wins */
    /* Told of each such key, where it is no error. NULL: nobody is. */
    void (*on_duplicate)(void *context, const struct doc_node *key, const struct doc_node *first);
    void *context;
};

struct doc_stream {
    struct doc_node **documents; /* empty documents are DOC_NULL */
    size_t count;
};

/* Anchors, aliases and merge keys (<<) are resolved (aliased nodes are copied, at most 100,000
 * nodes in all, 100 levels). A list or map as a key is an error, as it is to PyYAML. Errors:
 * ERROR_CONFIG "SOURCE:LINE:COLUMN: what; what to do". */
bool doc_parse_yaml(const char *text, size_t length, const struct doc_options *options,
                    struct doc_stream *out, struct error *err);
void doc_stream_free(struct doc_stream *stream);
void doc_node_free(struct doc_node *node);

/* The value under a key that is a string, NULL if absent. */
struct doc_node *doc_get(const struct doc_node *map, const char *key);
/* Its text if it is a string scalar, else NULL. */
const char *doc_string(const struct doc_node *node);
bool doc_is_true(const struct doc_node *node);
/* The value of a DOC_INT or DOC_FLOAT by its schema's rules (0x1F, 0644, 1_000, 12:30, .inf). */
double doc_number(const struct doc_node *node);
/* A DOC_INT that fits; false if it does not. */
bool doc_integer(const struct doc_node *node, long long *value);

/* As kubectl turns YAML into JSON: keys become strings. NULL on DOC_TAGGED, on a null as a key, and
 * on infinite numbers. Numbers are cJSON's doubles: integers beyond 2^53 lose their last digits. */
cJSON *doc_to_json(const struct doc_node *node, const char *source, struct error *err);
/* Reads a file or "-"; one cJSON tree a document, null documents left out. Kubernetes' schema. Of a
 * key that stands in a map twice the last counts, as for kubectl; warnings (NULL: nobody wants any)
 * gets a line for each, "SOURCE:LINE:COLUMN: ...". */
bool doc_read_json_documents(const char *path, cJSON ***out, size_t *count, struct buffer *warnings,
                             struct error *err);

/* YAML as kubectl prints it (sigs.k8s.io/yaml): keys sorted unless keep_order, two blanks, lists
 * not indented, ambiguous strings quoted, multi-line strings as literal blocks. */
bool doc_write_yaml(struct buffer *out, const cJSON *value, bool keep_order);

#endif
