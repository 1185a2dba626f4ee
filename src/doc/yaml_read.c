#include <stdlib.h>
#include <string.h>
#include <yaml.h>

#include "base/alloc.h"
#include "base/intern.h"
#include "base/language.h"
#include "base/map.h"
#include "base/secret.h"
#include "base/text.h"
#include "doc/json.h"
#include "yaml_node.h"
#include "yaml_types.h"

#define STANDARD_TAG "tag:yaml.org,2002:"

/* One reading of one text: libyaml's events become nodes. */
struct reader {
    yaml_parser_t parser;
    struct yaml_scope scope;
    struct map *anchors; /* name -> node of this document, whole ones only */
    const char *text;
    size_t length;
    struct error *err;
};

static struct doc_node *read_node(struct reader *reader, yaml_event_t *event, int depth,
                                  bool unsafe);

static int line_of(yaml_mark_t mark)
{
    return (int)mark.line + 1;
}

static int column_of(yaml_mark_t mark)
{
    return (int)mark.column + 1;
}

bool yaml_refuse(const struct doc_options *options, int line, int column, struct error *err,
                 const char *what)
{
    const char *source = options->source == NULL ? "YAML" : options->source;
    return error_set(err, ERROR_CONFIG, "%s:%d:%d: %s", source, line, column, what);
}

static struct doc_node *refuse_at(struct reader *reader, yaml_mark_t mark, const char *what)
{
    yaml_refuse(reader->scope.options, line_of(mark), column_of(mark), reader->err, what);
    return NULL;
}

/* --- What libyaml refuses ------------------------------------------------------------------------
 */

static const char *advice_for(const struct reader *reader, const char *problem)
{
    if (strstr(problem, "tab character") != NULL) {
        return "indent with blanks instead of tabs";
    }
    if (strstr(problem, "cannot start any token") != NULL) {
        return "indent with blanks instead of tabs, and quote a text that starts with a special "
               "character";
    }
    if (strstr(problem, "mapping values are not allowed") != NULL) {
        return "quote a text that holds \": \", or mend the indentation";
    }
    if (strstr(problem, "unexpected end of stream") != NULL) {
        return "close the quotes";
    }
    if (reader->parser.error == YAML_READER_ERROR) {
        return "save the file as UTF-8 text";
    }
    return "mend the indentation, quotes or brackets here or just before";
}

static void refuse_bytes(struct reader *reader)
{
    size_t end = reader->parser.problem_offset;
    int line = 1;
    int column = 1;
    for (size_t i = 0; i < end && i < reader->length; i++) {
        if (reader->text[i] == '\n') {
            line++;
            column = 1;
        } else if (((unsigned char)reader->text[i] & 0xC0) != 0x80) {
            column++;
        }
    }
    char *what =
        xasprintf("%s; %s", reader->parser.problem, advice_for(reader, reader->parser.problem));
    yaml_refuse(reader->scope.options, line, column, reader->err, what);
    free(what);
}

static void refuse_syntax(struct reader *reader)
{
    const yaml_parser_t *parser = &reader->parser;
    const char *problem = parser->problem == NULL ? "not valid YAML" : parser->problem;
    if (parser->error == YAML_READER_ERROR) {
        refuse_bytes(reader);
        return;
    }
    char *what;
    if (parser->context != NULL && parser->context_mark.line != parser->problem_mark.line) {
        what = xasprintf(_("%s, %s that starts in line %d; %s"), problem, parser->context,
                         line_of(parser->context_mark), advice_for(reader, problem));
    } else {
        what =
            xasprintf("%s%s%s; %s", problem, parser->context == NULL ? "" : ", ",
                      parser->context == NULL ? "" : parser->context, advice_for(reader, problem));
    }
    refuse_at(reader, parser->problem_mark, what);
    free(what);
}

static bool next_event(struct reader *reader, yaml_event_t *event)
{
    if (yaml_parser_parse(&reader->parser, event)) {
        return true;
    }
    refuse_syntax(reader);
    return false;
}

/* --- Scalars -------------------------------------------------------------------------------------
 */

/* The rest of a standard tag ("int" of !!int), NULL for others. */
static const char *standard_name(const char *tag)
{
    return text_starts_with(tag, STANDARD_TAG) ? tag + strlen(STANDARD_TAG) : NULL;
}

/* !!binary: kubectl sees the decoded bytes; PyYAML makes a bytes value, which stays tagged. */
static bool apply_binary(const struct reader *reader, struct doc_node *node)
{
    if (reader->scope.options->schema == DOC_SCHEMA_ANSIBLE) {
        node->type = DOC_TAGGED;
        node->tag = intern("!!binary");
        return true;
    }
    struct buffer bytes;
    buffer_init_secret(&bytes, node->length);
    bool decoded = base64_decode(&bytes, node->text, node->length, false);
    if (decoded) {
        secret_wipe(node->text, node->length);
        free(node->text);
        node->length = bytes.length;
        node->text = buffer_take(&bytes);
        node->type = DOC_STRING;
    }
    buffer_free(&bytes);
    return decoded;
}

/* A tag that says what the scalar is. False if the text cannot be that. */
static bool apply_standard_tag(const struct reader *reader, struct doc_node *node, const char *name)
{
    enum doc_schema schema = reader->scope.options->schema;
    enum doc_type natural = yaml_type_of(schema, node->text);
    if (strcmp(name, "str") == 0) {
        node->type = DOC_STRING;
        return true;
    }
    if (strcmp(name, "int") == 0) {
        node->type = DOC_INT;
        return natural == DOC_INT;
    }
    if (strcmp(name, "float") == 0) {
        node->type = DOC_FLOAT;
        return natural == DOC_FLOAT || natural == DOC_INT;
    }
    if (strcmp(name, "bool") == 0) {
        node->type = DOC_BOOL;
        return natural == DOC_BOOL;
    }
    if (strcmp(name, "null") == 0) {
        node->type = DOC_NULL;
        return natural == DOC_NULL;
    }
    if (strcmp(name, "timestamp") == 0) {
        node->type = schema == DOC_SCHEMA_ANSIBLE ? DOC_DATE : DOC_STRING;
        return true;
    }
    return strcmp(name, "binary") == 0 && apply_binary(reader, node);
}

static bool set_type(struct reader *reader, struct doc_node *node, const char *tag, bool unsafe)
{
    if (tag == NULL && node->plain) {
        node->type = yaml_type_of(reader->scope.options->schema, node->text);
    }
    if (tag == NULL && unsafe && node->type == DOC_STRING) {
        tag = "!unsafe";
    }
    if (tag == NULL || strcmp(tag, "!") == 0) {
        return true;
    }
    const char *name = standard_name(tag);
    if (name == NULL) {
        node->type = DOC_TAGGED;
        node->tag = intern(tag);
        return true;
    }
    if (strcmp(name, "merge") == 0 && strcmp(node->text, "<<") == 0) {
        node->plain = true;
        return true;
    }
    if (apply_standard_tag(reader, node, name)) {
        return true;
    }
    char *what =
        xasprintf(_("the value does not fit its tag !!%s; remove the tag or mend the value"), name);
    yaml_refuse(reader->scope.options, node->line, node->column, reader->err, what);
    free(what);
    return false;
}

/* A block scalar ends before the first column of the line after it. */
static int last_line(yaml_mark_t start, yaml_mark_t end)
{
    return end.column == 0 && end.line > start.line ? (int)end.line : line_of(end);
}

static void remember_anchor(struct reader *reader, const yaml_char_t *anchor, struct doc_node *node)
{
    if (anchor != NULL) {
        map_set(reader->anchors, (const char *)anchor, node);
    }
}

static struct doc_node *read_scalar(struct reader *reader, yaml_event_t *event, bool unsafe)
{
    const char *value = (const char *)event->data.scalar.value;
    size_t length = event->data.scalar.length;
    struct doc_node *node =
        yaml_node_new(DOC_STRING, line_of(event->start_mark), column_of(event->start_mark));
    node->text = xmalloc(length + 1);
    memcpy(node->text, value, length);
    node->text[length] = '\0';
    node->length = length;
    node->plain = event->data.scalar.style == YAML_PLAIN_SCALAR_STYLE;
    node->end_line = last_line(event->start_mark, event->end_mark);
    if (!set_type(reader, node, (const char *)event->data.scalar.tag, unsafe)) {
        doc_node_free(node);
        node = NULL;
    } else {
        remember_anchor(reader, event->data.scalar.anchor, node);
    }
    secret_wipe(event->data.scalar.value, length);
    yaml_event_delete(event);
    return node;
}

static struct doc_node *read_alias(struct reader *reader, yaml_event_t *event, int depth)
{
    const char *name = (const char *)event->data.alias.anchor;
    const struct doc_node *target = map_get(reader->anchors, name);
    struct doc_node *copy = NULL;
    if (target == NULL) {
        char *what = xasprintf(_("the alias *%s has no finished &%s before it; define it first"),
                               name, name);
        refuse_at(reader, event->start_mark, what);
        free(what);
    } else {
        copy = yaml_node_copy(target, depth, &reader->scope.budget);
        if (copy == NULL) {
            refuse_at(reader, event->start_mark,
                      "aliases copy too much (more than 100,000 nodes or 100 levels); write the "
                      "values out");
        }
    }
    yaml_event_delete(event);
    return copy;
}

/* --- Lists and maps ------------------------------------------------------------------------------
 */

/* Which tags a list or map may carry; !unsafe goes on to the texts inside. */
static bool take_collection_tag(struct reader *reader, const yaml_event_t *event,
                                const yaml_char_t *tag_bytes, bool *unsafe)
{
    static const char *const known[] = {"seq", "map", "set", "omap", "pairs"};
    const char *tag = (const char *)tag_bytes;
    if (tag == NULL || strcmp(tag, "!") == 0) {
        return true;
    }
    if (strcmp(tag, "!unsafe") == 0) {
        *unsafe = true;
        return true;
    }
    const char *name = standard_name(tag);
    for (size_t i = 0; name != NULL && i < ARRAY_LENGTH(known); i++) {
        if (strcmp(name, known[i]) == 0) {
            return true;
        }
    }
    char *what = xasprintf(_("a list or map cannot carry the tag %s; remove it"), tag);
    refuse_at(reader, event->start_mark, what);
    free(what);
    return false;
}

static void close_collection(struct doc_node *node, yaml_event_t *end, bool flow)
{
    if (flow) {
        node->end_line = line_of(end->end_mark);
    }
    yaml_event_delete(end);
}

static void add_item(struct doc_node *node, struct doc_node *item, size_t *capacity)
{
    node->items = xgrow(node->items, node->count, capacity, sizeof(*node->items));
    node->items[node->count++] = item;
    if (item->end_line > node->end_line) {
        node->end_line = item->end_line;
    }
}

static bool read_items(struct reader *reader, struct doc_node *list, int depth, bool unsafe,
                       bool flow)
{
    size_t capacity = 0;
    yaml_event_t event;
    while (next_event(reader, &event)) {
        if (event.type == YAML_SEQUENCE_END_EVENT) {
            close_collection(list, &event, flow);
            return true;
        }
        struct doc_node *item = read_node(reader, &event, depth + 1, unsafe);
        if (item == NULL) {
            return false;
        }
        add_item(list, item, &capacity);
    }
    return false;
}

static bool is_fit_key(struct reader *reader, const struct doc_node *key)
{
    const char *what = NULL;
    if (key->type == DOC_MAP || key->type == DOC_LIST) {
        what = "a list or map cannot be a key; quote a value that starts with {{ or [";
    } else if (memchr(key->text, '\0', key->length) != NULL) {
        what = "a key cannot hold the character NUL; remove it";
    } else {
        return true;
    }
    return yaml_refuse(reader->scope.options, key->line, key->column, reader->err, what);
}

static bool read_pairs(struct reader *reader, struct doc_node *map, int depth, bool unsafe,
                       bool flow)
{
    size_t key_capacity = 0;
    size_t item_capacity = 0;
    yaml_event_t event;
    while (next_event(reader, &event)) {
        if (event.type == YAML_MAPPING_END_EVENT) {
            close_collection(map, &event, flow);
            return true;
        }
        struct doc_node *key = read_node(reader, &event, depth + 1, false);
        if (key == NULL) {
            return false;
        }
        struct doc_node *item = NULL;
        if (is_fit_key(reader, key) && next_event(reader, &event)) {
            item = read_node(reader, &event, depth + 1, unsafe);
        }
        if (item == NULL) {
            doc_node_free(key);
            return false;
        }
        map->keys = xgrow(map->keys, map->count, &key_capacity, sizeof(*map->keys));
        map->keys[map->count] = key;
        add_item(map, item, &item_capacity);
    }
    return false;
}

static struct doc_node *read_collection(struct reader *reader, yaml_event_t *event, int depth,
                                        bool unsafe)
{
    bool is_map = event->type == YAML_MAPPING_START_EVENT;
    const yaml_char_t *tag =
        is_map ? event->data.mapping_start.tag : event->data.sequence_start.tag;
    const yaml_char_t *name =
        is_map ? event->data.mapping_start.anchor : event->data.sequence_start.anchor;
    bool flow = is_map ? event->data.mapping_start.style == YAML_FLOW_MAPPING_STYLE
                       : event->data.sequence_start.style == YAML_FLOW_SEQUENCE_STYLE;
    char *anchor = xstrdup_or_null((const char *)name);
    struct doc_node *node = yaml_node_new(is_map ? DOC_MAP : DOC_LIST, line_of(event->start_mark),
                                          column_of(event->start_mark));
    bool fine = take_collection_tag(reader, event, tag, &unsafe);
    yaml_event_delete(event);
    if (fine && is_map) {
        fine = read_pairs(reader, node, depth, unsafe, flow) &&
               yaml_settle_map(&reader->scope, node, depth, reader->err);
    } else if (fine) {
        fine = read_items(reader, node, depth, unsafe, flow);
    }
    if (fine) {
        remember_anchor(reader, (const yaml_char_t *)anchor, node);
    } else {
        doc_node_free(node);
        node = NULL;
    }
    free(anchor);
    return node;
}

/* Reads the node that the event begins (and deletes the event). unsafe: texts are !unsafe. */
static struct doc_node *read_node(struct reader *reader, yaml_event_t *event, int depth,
                                  bool unsafe)
{
    if (depth > YAML_MAX_DEPTH) {
        refuse_at(reader, event->start_mark, "nested more than 100 levels deep; flatten it");
        yaml_event_delete(event);
        return NULL;
    }
    switch (event->type) {
    case YAML_ALIAS_EVENT:
        return read_alias(reader, event, depth);
    case YAML_SCALAR_EVENT:
        return read_scalar(reader, event, unsafe);
    default:
        return read_collection(reader, event, depth, unsafe);
    }
}

/* --- The stream ----------------------------------------------------------------------------------
 */

static bool read_document(struct reader *reader, struct doc_stream *out, size_t *capacity)
{
    yaml_event_t event;
    if (!next_event(reader, &event)) {
        return false;
    }
    map_free(reader->anchors);
    reader->anchors = map_new(NULL);
    struct doc_node *root = read_node(reader, &event, 1, false);
    if (root == NULL) {
        return false;
    }
    out->documents = xgrow(out->documents, out->count, capacity, sizeof(*out->documents));
    out->documents[out->count++] = root;
    return true;
}

static bool read_stream(struct reader *reader, struct doc_stream *out)
{
    size_t capacity = 0;
    yaml_event_t event;
    while (next_event(reader, &event)) {
        yaml_event_type_t type = event.type;
        yaml_event_delete(&event);
        if (type == YAML_STREAM_END_EVENT) {
            return true;
        }
        if (type == YAML_DOCUMENT_START_EVENT && !read_document(reader, out, &capacity)) {
            return false;
        }
    }
    return false;
}

bool doc_parse_yaml(const char *text, size_t length, const struct doc_options *options,
                    struct doc_stream *out, struct error *err)
{
    struct reader reader = {.text = text, .length = length, .err = err};
    reader.scope.options = options;
    reader.scope.budget = YAML_MAX_COPIES;
    *out = (struct doc_stream){NULL, 0};
    if (!yaml_parser_initialize(&reader.parser)) {
        return error_set(err, ERROR_INTERNAL, "no memory to read YAML");
    }
    yaml_parser_set_input_string(&reader.parser, (const unsigned char *)text, length);
    bool fine = read_stream(&reader, out);
    yaml_parser_delete(&reader.parser);
    map_free(reader.anchors);
    for (size_t i = 0; i < reader.scope.dropped_count; i++) {
        doc_node_free(reader.scope.dropped[i]);
    }
    free(reader.scope.dropped);
    if (!fine) {
        doc_stream_free(out);
    }
    return fine;
}
