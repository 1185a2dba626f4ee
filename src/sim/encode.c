#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "doc/json.h"
#include "doc/yaml.h"
#include "request.h"

enum { TEXT_LIMIT = 1024 * 1024 * 1024, INDENT = 2 };

static void new_line(struct buffer *out, size_t depth)
{
    buffer_append_char(out, '\n');
    buffer_append_repeat(out, ' ', depth * INDENT);
}

/* As Go's json.Indent: empty objects and lists stay on one line. */
static void indent(struct buffer *out, const char *text, size_t length, bool old)
{
    size_t depth = 0;
    bool quoted = false;
    for (size_t i = 0; i < length; i++) {
        char c = text[i];
        if (quoted) {
            buffer_append_char(out, c);
            if (c == '\\' && i + 1 < length) {
                buffer_append_char(out, text[++i]);
            }
            quoted = c != '"';
            continue;
        }
        char next = i + 1 < length ? text[i + 1] : '\0';
        if (c == '{' || c == '[') {
            buffer_append_char(out, c);
            if ((next == '}' || next == ']') && old && c == '{') {
                new_line(out, depth + 1); /* old servers break an empty object too */
                new_line(out, depth);
                buffer_append_char(out, text[++i]);
            } else if (next == '}' || next == ']') {
                buffer_append_char(out, text[++i]);
            } else {
                new_line(out, ++depth);
            }
        } else if (c == '}' || c == ']') {
            new_line(out, --depth);
            buffer_append_char(out, c);
        } else {
            buffer_append_char(out, c);
            quoted = c == '"';
            if (c == ',') {
                new_line(out, depth);
            } else if (c == ':') {
                buffer_append_char(out, ' ');
            }
        }
    }
}

void sim_encode(const struct sim_request *request, struct buffer *out, const cJSON *value)
{
    if (request->format.yaml) {
        doc_write_yaml(out, value, false);
        return;
    }
    if (!request->format.pretty) {
        json_write(out, value);
        buffer_append_char(out, '\n');
        return;
    }
    struct buffer compact;
    buffer_init(&compact, TEXT_LIMIT);
    json_write(&compact, value);
    indent(out, compact.data, compact.length, request->sim->minor < 30);
    buffer_free(&compact);
}

cJSON *sim_partial_metadata(const cJSON *body, const char *version)
{
    cJSON *partial = cJSON_CreateObject();
    cJSON_AddStringToObject(partial, "kind", "PartialObjectMetadata");
    cJSON_AddStringToObject(partial, "apiVersion", version);
    cJSON_AddItemToObject(partial, "metadata",
                          cJSON_Duplicate(json_member(body, "metadata"), true));
    return partial;
}
