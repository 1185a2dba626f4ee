#include "stream.h"

#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "doc/json.h"

enum { DEPTH_LIMIT = 500, VALUE_LIMIT = 1024 * 1024 };

/* Bytes outside of strings that mean something; everything else is walked over. */
static const bool structural[256] = {
    ['"'] = true, ['{'] = true, ['}'] = true, ['['] = true,
    [']'] = true, [':'] = true, [','] = true,
};

void stream_init(struct stream *stream, enum stream_kind kind, size_t item_limit, bool secret,
                 stream_callback callback, void *context)
{
    *stream = (struct stream){
        .kind = kind, .callback = callback, .context = context, .limit = item_limit};
    buffer_init(&stream->value, VALUE_LIMIT);
    if (secret) {
        buffer_init_secret(&stream->item, item_limit);
    } else {
        buffer_init(&stream->item, item_limit);
    }
}

void stream_reset(struct stream *stream)
{
    struct buffer item = stream->item;
    struct buffer value = stream->value;
    free(stream->list_kind);
    free(stream->resource_version);
    free(stream->continue_token);
    *stream = (struct stream){.kind = stream->kind,
                              .callback = stream->callback,
                              .context = stream->context,
                              .limit = stream->limit,
                              .item = item,
                              .value = value};
    buffer_clear(&stream->item);
    buffer_clear(&stream->value);
}

void stream_free(struct stream *stream)
{
    stream_reset(stream);
    buffer_free(&stream->item);
    buffer_free(&stream->value);
}

static bool is_blank(char c)
{
    return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

static bool not_json(struct error *err)
{
    return error_set(err, ERROR_PROTOCOL,
                     "the answer is not the JSON of the Kubernetes API; does something else answer "
                     "in its place (a proxy, a login page)?");
}

static bool too_deep(struct error *err)
{
    return error_set(err, ERROR_PROTOCOL, "JSON nested more than %d levels deep", DEPTH_LIMIT);
}

static bool too_large(const struct stream *stream, struct error *err)
{
    return error_set(err, ERROR_PROTOCOL, "an object is larger than %zu bytes", stream->limit);
}

/* Keeps bytes of the list's member at hand. */
static bool keep(struct stream *stream, const char *bytes, size_t length, struct error *err)
{
    return !stream->keeping || length == 0 || buffer_append(&stream->value, bytes, length) ||
           error_set(err, ERROR_PROTOCOL, "the member %s of a list is larger than %d bytes",
                     stream->member, VALUE_LIMIT);
}

static void record_word(struct stream *stream, const char *bytes, size_t length)
{
    if (stream->word_length + length > STREAM_WORD) {
        stream->word_length = STREAM_WORD + 1;
        return;
    }
    memcpy(stream->word + stream->word_length, bytes, length);
    stream->word_length += length;
}

static bool wanted_member(const char *name)
{
    return strcmp(name, "metadata") == 0 || strcmp(name, "kind") == 0 ||
           strcmp(name, "columnDefinitions") == 0;
}

/* The value of a list's own member is complete. */
static bool take_value(struct stream *stream, struct error *err)
{
    stream->keeping = false;
    if (strcmp(stream->member, "columnDefinitions") == 0) {
        if (!stream->callback(stream->context, STREAM_COLUMNS, stream->value.data,
                              stream->value.length)) {
            return false;
        }
        buffer_clear(&stream->value);
        return true;
    }
    cJSON *value = json_parse(stream->value.data, stream->value.length, "the list's metadata", err);
    buffer_clear(&stream->value);
    if (value == NULL) {
        return false;
    }
    if (cJSON_IsString(value)) {
        free(stream->list_kind);
        stream->list_kind = xstrdup(value->valuestring);
    } else if (cJSON_IsObject(value)) {
        free(stream->resource_version);
        free(stream->continue_token);
        stream->resource_version = xstrdup_or_null(json_string(value, "resourceVersion"));
        const char *token = json_string(value, "continue");
        stream->continue_token = token == NULL || *token == '\0' ? NULL : xstrdup(token);
    }
    cJSON_Delete(value);
    return true;
}

static bool give_item(struct stream *stream, const char *bytes, size_t length)
{
    stream->items++;
    return stream->callback(stream->context, stream->rows ? STREAM_ROW : STREAM_ITEM, bytes,
                            length);
}

/* Goes on in the item at hand from bytes[at], which began at bytes[start] (or in bytes before:
 * start is at then); returns where it ends or the bytes do, 0 if that is no good. */
static size_t walk_item(struct stream *stream, const char *bytes, size_t start, size_t at,
                        size_t length, struct error *err)
{
    switch (json_scan_close(&stream->scan, bytes, &at, length, DEPTH_LIMIT)) {
    case JSON_SCAN_TOO_DEEP:
        too_deep(err);
        return 0;
    case JSON_SCAN_MORE:
        return buffer_append(&stream->item, bytes + start, at - start) ? at
                                                                       : too_large(stream, err);
    default:
        break;
    }
    stream->in_item = false;
    if (stream->item.length + (at - start) > stream->limit) {
        return too_large(stream, err);
    }
    if (stream->item.length == 0) {
        return give_item(stream, bytes + start, at - start) ? at : 0;
    }
    buffer_append(&stream->item, bytes + start, at - start);
    bool go_on = give_item(stream, stream->item.data, stream->item.length);
    buffer_clear(&stream->item);
    return go_on ? at : 0;
}

/* True if what opens here is an item. */
static bool begins_item(const struct stream *stream)
{
    return stream->kind == STREAM_FRAMES ? stream->depth == 0
                                         : stream->in_items && stream->depth == 2;
}

static bool open_container(struct stream *stream, char c, struct error *err)
{
    if (stream->depth >= DEPTH_LIMIT) {
        return too_deep(err);
    }
    if (begins_item(stream)) {
        if (c != '{') {
            return not_json(err);
        }
        stream->in_item = true;
        stream->scan = (struct json_scan){.depth = 1};
        stream->opened = true;
        return true;
    }
    if (stream->kind == STREAM_LIST && stream->depth == 0 && c != '{') {
        return not_json(err);
    }
    if (stream->depth == 1 && c == '[' &&
        (strcmp(stream->member, "items") == 0 || strcmp(stream->member, "rows") == 0)) {
        stream->in_items = true;
        stream->rows = stream->member[0] == 'r';
    }
    stream->opened = true;
    stream->depth++;
    return true;
}

/* After depth went down. */
static bool close_container(struct stream *stream, struct error *err)
{
    if (stream->in_items && stream->depth < 2) {
        stream->in_items = false;
    }
    if (stream->depth == 0) {
        stream->closed = true;
        return !stream->keeping || take_value(stream, err);
    }
    return true;
}

/* A colon: the string before it was a member's name. */
static void name_ends(struct stream *stream)
{
    if (stream->depth == 1) {
        bool fits = stream->word_whole && stream->word_length <= STREAM_WORD;
        memcpy(stream->member, stream->word, fits ? stream->word_length : 0);
        stream->member[fits ? stream->word_length : 0] = '\0';
    }
}

/* Walks through a string; returns where it ends or the chunk does. */
static size_t walk_string(struct stream *stream, const char *bytes, size_t at, size_t length)
{
    size_t from = at;
    if (stream->escaped && at < length) {
        stream->escaped = false;
        at++;
    }
    /* Most bytes of a list are walked over here: the loop touches nothing but them. */
    while (at < length && bytes[at] != '"') {
        if (bytes[at] != '\\') {
            at++;
        } else if (at + 1 < length) {
            at += 2;
        } else {
            stream->escaped = true;
            at++;
        }
    }
    stream->in_string = at >= length;
    if (stream->record) {
        record_word(stream, bytes + from, at - from);
        stream->word_whole = !stream->in_string && stream->word_length <= STREAM_WORD;
    }
    return stream->in_string ? at : at + 1;
}

static void begin_string(struct stream *stream)
{
    stream->in_string = true;
    stream->word_length = 0;
    stream->word_whole = false;
    stream->record = stream->depth == 1;
}

/* One structural byte at bytes[at]; *run is where the bytes begin that were not kept yet. */
static bool step(struct stream *stream, const char *bytes, size_t at, size_t *run,
                 struct error *err)
{
    char c = bytes[at];
    bool closes = c == '}' || c == ']';
    if (stream->keeping && stream->depth == 1 && (closes || c == ',')) {
        if (!keep(stream, bytes + *run, at - *run, err) || !take_value(stream, err)) {
            return false;
        }
        *run = at;
    }
    if (c == '{' || c == '[') {
        return open_container(stream, c, err);
    }
    if (closes) {
        if (stream->depth == 0) {
            return not_json(err);
        }
        stream->depth--;
        return close_container(stream, err);
    }
    if (c == ',') {
        return true;
    }
    if (stream->keeping && stream->depth == 1) {
        return not_json(err); /* a comma is missing */
    }
    name_ends(stream);
    if (stream->depth == 1 && wanted_member(stream->member)) {
        stream->keeping = true;
        *run = at + 1;
    }
    stream->word_whole = false;
    return true;
}

bool stream_feed(struct stream *stream, const char *bytes, size_t length, struct error *err)
{
    size_t run = 0;
    size_t at = 0;
    while (at < length) {
        if (stream->in_item) {
            at = walk_item(stream, bytes, at, at, length, err);
            if (at == 0) {
                return false;
            }
            run = at;
            continue;
        }
        if (stream->in_string) {
            at = walk_string(stream, bytes, at, length);
            continue;
        }
        if (stream->depth == 0 && bytes[at] != '{') {
            if (!is_blank(bytes[at])) {
                return not_json(err);
            }
            at++;
            continue;
        }
        if (stream->closed) {
            return not_json(err);
        }
        while (at < length && !structural[(unsigned char)bytes[at]]) {
            at++;
        }
        if (at == length) {
            break;
        }
        if (bytes[at] == '"') {
            begin_string(stream);
        } else if (!step(stream, bytes, at, &run, err)) {
            return false;
        }
        at++;
        if (stream->in_item) {
            at = walk_item(stream, bytes, at - 1, at, length, err);
            if (at == 0) {
                return false;
            }
            run = at;
        }
    }
    return keep(stream, bytes + run, length - run, err);
}

bool stream_finish(struct stream *stream, struct error *err)
{
    if (stream->kind == STREAM_FRAMES) {
        return !stream->in_item ||
               error_set(err, ERROR_UNAVAILABLE, "the watch ended in the middle of an event");
    }
    if (!stream->opened) {
        return error_set(err, ERROR_PROTOCOL, "the answer is empty where a list should be");
    }
    return stream->closed ||
           error_set(err, ERROR_UNAVAILABLE,
                     "the list is cut off after %zu items: the server ran out of time or the "
                     "connection was lost",
                     stream->items);
}
