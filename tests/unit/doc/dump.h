#ifndef TESTS_DOC_DUMP_H
#define TESTS_DOC_DUMP_H

#include <string.h>

#include "base/buffer.h"
#include "doc/yaml.h"

/* A tree in one line that shows the types: {'a': i:1, 'b': [true, null, 'x', <!vault 'y'>]}. */
static inline void dump_node(struct buffer *out, const struct doc_node *node)
{
    switch (node->type) {
    case DOC_NULL:
        buffer_append_string(out, "null");
        return;
    case DOC_BOOL:
        buffer_append_string(out, doc_is_true(node) ? "true" : "false");
        return;
    case DOC_INT:
        buffer_printf(out, "i:%s", node->text);
        return;
    case DOC_FLOAT:
        buffer_printf(out, "f:%s", node->text);
        return;
    case DOC_STRING:
        buffer_printf(out, "'%s'", node->text);
        return;
    case DOC_DATE:
        buffer_printf(out, "d:%s", node->text);
        return;
    case DOC_TAGGED:
        buffer_printf(out, "<%s '%s'>", node->tag, node->text);
        return;
    case DOC_LIST:
    case DOC_MAP:
        break;
    }
    buffer_append_char(out, node->type == DOC_MAP ? '{' : '[');
    for (size_t i = 0; i < node->count; i++) {
        buffer_append_string(out, i == 0 ? "" : ", ");
        if (node->type == DOC_MAP) {
            dump_node(out, node->keys[i]);
            buffer_append_string(out, ": ");
        }
        dump_node(out, node->items[i]);
    }
    buffer_append_char(out, node->type == DOC_MAP ? '}' : ']');
}

/* All documents of a text, with " --- " between them, or the error's message; free() it. */
static inline char *dump_yaml(const char *text, size_t length, enum doc_schema schema,
                              bool refuse_duplicates)
{
    struct doc_options options = {
        .schema = schema, .source = "f.yml", .refuse_duplicates = refuse_duplicates};
    struct doc_stream stream;
    struct error err = ERROR_INIT;
    struct buffer out;
    buffer_init(&out, 1000000);
    if (!doc_parse_yaml(text, length, &options, &stream, &err)) {
        buffer_append_string(&out, err.message);
        return buffer_take(&out);
    }
    for (size_t i = 0; i < stream.count; i++) {
        buffer_append_string(&out, i == 0 ? "" : " --- ");
        dump_node(&out, stream.documents[i]);
    }
    doc_stream_free(&stream);
    return buffer_take(&out);
}

#endif
