#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/text.h"
#include "doc/json.h"
#include "number.h"

/* How the tree becomes text: in Go's manner for maps (sorted, safe inside HTML), or as it stands;
 * in one line, or for people. */
struct writer {
    struct buffer *out;
    bool as_go;
    bool lines; /* each member and element on its own, two spaces a level */
    int level;
};

static bool write_value(struct writer *writer, const cJSON *value);

static bool break_line(const struct writer *writer)
{
    return !writer->lines || (buffer_append_char(writer->out, '\n') &&
                              buffer_append_repeat(writer->out, ' ', (size_t)writer->level * 2));
}

static bool write_ascii(const struct writer *writer, char c)
{
    switch (c) {
    case '"':
        return buffer_append_string(writer->out, "\\\"");
    case '\\':
        return buffer_append_string(writer->out, "\\\\");
    case '\b':
        return buffer_append_string(writer->out, "\\b");
    case '\f':
        return buffer_append_string(writer->out, "\\f");
    case '\n':
        return buffer_append_string(writer->out, "\\n");
    case '\r':
        return buffer_append_string(writer->out, "\\r");
    case '\t':
        return buffer_append_string(writer->out, "\\t");
    default:
        break;
    }
    if ((unsigned char)c < 0x20 || (writer->as_go && (c == '<' || c == '>' || c == '&'))) {
        return buffer_printf(writer->out, "\\u%04x", (unsigned)c);
    }
    return buffer_append_char(writer->out, c);
}

/* How many bytes stand for themselves. */
static size_t plain_run(const struct writer *writer, const char *text, size_t length)
{
    size_t i = 0;
    while (i < length && (unsigned char)text[i] >= 0x20 && (unsigned char)text[i] < 0x80 &&
           text[i] != '"' && text[i] != '\\' &&
           !(writer->as_go && (text[i] == '<' || text[i] == '>' || text[i] == '&'))) {
        i++;
    }
    return i;
}

static bool write_string(const struct writer *writer, const char *text)
{
    size_t length = strlen(text);
    bool fits = buffer_append_char(writer->out, '"');
    for (size_t i = 0; i < length && fits;) {
        size_t run = plain_run(writer, text + i, length - i);
        if (run > 0) {
            fits = buffer_append(writer->out, text + i, run);
            i += run;
            continue;
        }
        if ((unsigned char)text[i] < 0x80) {
            fits = write_ascii(writer, text[i++]);
            continue;
        }
        unsigned point = 0;
        size_t size = text_decode_utf8(text + i, length - i, &point);
        if (size == 0) {
            fits = buffer_append_string(writer->out, "\\ufffd");
            i++;
        } else if (writer->as_go && (point == 0x2028 || point == 0x2029)) {
            fits = buffer_printf(writer->out, "\\u%04x", point);
            i += size;
        } else {
            fits = buffer_append(writer->out, text + i, size);
            i += size;
        }
    }
    return fits && buffer_append_char(writer->out, '"');
}

static int by_name(const void *a, const void *b)
{
    const cJSON *left = *(const cJSON *const *)a;
    const cJSON *right = *(const cJSON *const *)b;
    return strcmp(left->string, right->string);
}

static bool write_member(struct writer *writer, const cJSON *member, bool first)
{
    return (first || buffer_append_char(writer->out, ',')) && break_line(writer) &&
           write_string(writer, member->string) &&
           buffer_append_string(writer->out, writer->lines ? ": " : ":") &&
           write_value(writer, member);
}

static bool write_members_sorted(struct writer *writer, const cJSON *object)
{
    size_t count = 0;
    size_t capacity = 0;
    const cJSON **members = NULL;
    for (const cJSON *member = object->child; member != NULL; member = member->next) {
        members = xgrow(members, count, &capacity, sizeof(*members));
        members[count++] = member;
    }
    if (count > 1) {
        qsort(members, count, sizeof(*members), by_name);
    }
    bool fits = true;
    for (size_t i = 0; i < count && fits; i++) {
        fits = write_member(writer, members[i], i == 0);
    }
    free(members);
    return fits;
}

static bool write_object(struct writer *writer, const cJSON *object)
{
    bool fits = buffer_append_char(writer->out, '{');
    writer->level++;
    if (fits && writer->as_go) {
        fits = write_members_sorted(writer, object);
    } else {
        for (const cJSON *member = object->child; member != NULL && fits; member = member->next) {
            fits = write_member(writer, member, member == object->child);
        }
    }
    writer->level--;
    return fits && (object->child == NULL || break_line(writer)) &&
           buffer_append_char(writer->out, '}');
}

static bool write_list(struct writer *writer, const cJSON *list)
{
    bool fits = buffer_append_char(writer->out, '[');
    writer->level++;
    for (const cJSON *item = list->child; item != NULL && fits; item = item->next) {
        fits = (item == list->child || buffer_append_char(writer->out, ',')) &&
               break_line(writer) && write_value(writer, item);
    }
    writer->level--;
    return fits && (list->child == NULL || break_line(writer)) &&
           buffer_append_char(writer->out, ']');
}

static bool write_value(struct writer *writer, const cJSON *value)
{
    switch (value->type & 0xFF) {
    case cJSON_True:
        return buffer_append_string(writer->out, "true");
    case cJSON_False:
        return buffer_append_string(writer->out, "false");
    case cJSON_Number:
        return number_write(writer->out, value->valuedouble);
    case cJSON_String:
        return write_string(writer, value->valuestring);
    case cJSON_Raw:
        return buffer_append_string(writer->out, value->valuestring);
    case cJSON_Array:
        return write_list(writer, value);
    case cJSON_Object:
        return write_object(writer, value);
    default:
        return buffer_append_string(writer->out, "null");
    }
}

bool json_write_sorted(struct buffer *out, const cJSON *value)
{
    struct writer writer = {.out = out, .as_go = true};
    return value == NULL ? buffer_append_string(out, "null") : write_value(&writer, value);
}

bool json_write(struct buffer *out, const cJSON *value)
{
    struct writer writer = {.out = out, .as_go = false};
    return value == NULL ? buffer_append_string(out, "null") : write_value(&writer, value);
}

bool json_write_lines(struct buffer *out, const cJSON *value, int level)
{
    struct writer writer = {.out = out, .lines = true, .level = level};
    return value == NULL ? buffer_append_string(out, "null") : write_value(&writer, value);
}
