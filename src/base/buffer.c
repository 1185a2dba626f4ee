#include "base/buffer.h"

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/secret.h"

static char empty[1] = "";

void buffer_init(struct buffer *buffer, size_t limit)
{
    *buffer = (struct buffer){.data = empty, .limit = limit};
}

void buffer_init_secret(struct buffer *buffer, size_t limit)
{
    buffer_init(buffer, limit);
    buffer->secret = true;
}

static void release(struct buffer *buffer)
{
    if (buffer->data == empty || buffer->data == NULL) {
        return;
    }
    if (buffer->secret) {
        secret_wipe(buffer->data, buffer->capacity);
    }
    free(buffer->data);
}

void buffer_free(struct buffer *buffer)
{
    size_t limit = buffer->limit;
    bool secret = buffer->secret;
    release(buffer);
    buffer_init(buffer, limit);
    buffer->secret = secret;
}

void buffer_clear(struct buffer *buffer)
{
    if (buffer->secret && buffer->data != empty) {
        secret_wipe(buffer->data, buffer->capacity);
    }
    buffer->length = 0;
    buffer->overflowed = false;
    if (buffer->data != empty) {
        buffer->data[0] = '\0';
    }
}

/* Room for extra more bytes and the NUL; false when the limit forbids it. */
static bool reserve(struct buffer *buffer, size_t extra)
{
    if (extra > buffer->limit || buffer->length > buffer->limit - extra) {
        buffer->overflowed = true;
        return false;
    }
    size_t needed = buffer->length + extra + 1;
    if (buffer->data != empty && needed <= buffer->capacity) {
        return true;
    }
    size_t capacity = buffer->capacity < 32 ? 64 : buffer->capacity * 2;
    if (capacity < needed) {
        capacity = needed;
    }
    if (capacity > buffer->limit + 1) {
        capacity = buffer->limit + 1;
    }
    if (buffer->secret || buffer->data == empty) {
        char *moved = xmalloc(capacity);
        memcpy(moved, buffer->data, buffer->length + 1);
        release(buffer);
        buffer->data = moved;
    } else {
        buffer->data = xrealloc(buffer->data, capacity);
    }
    buffer->capacity = capacity;
    return true;
}

bool buffer_append(struct buffer *buffer, const void *bytes, size_t length)
{
    if (!reserve(buffer, length)) {
        return false;
    }
    if (length > 0) {
        memcpy(buffer->data + buffer->length, bytes, length);
    }
    buffer->length += length;
    buffer->data[buffer->length] = '\0';
    return true;
}

bool buffer_append_string(struct buffer *buffer, const char *text)
{
    return buffer_append(buffer, text, strlen(text));
}

bool buffer_append_char(struct buffer *buffer, char c)
{
    return buffer_append(buffer, &c, 1);
}

bool buffer_append_repeat(struct buffer *buffer, char c, size_t count)
{
    if (!reserve(buffer, count)) {
        return false;
    }
    memset(buffer->data + buffer->length, c, count);
    buffer->length += count;
    buffer->data[buffer->length] = '\0';
    return true;
}

bool buffer_vprintf(struct buffer *buffer, const char *format, va_list args)
{
    va_list again;
    va_copy(again, args);
    int length = vsnprintf(NULL, 0, format, again);
    va_end(again);
    if (length < 0 || !reserve(buffer, (size_t)length)) {
        return false;
    }
    vsnprintf(buffer->data + buffer->length, (size_t)length + 1, format, args);
    buffer->length += (size_t)length;
    return true;
}

bool buffer_printf(struct buffer *buffer, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    bool fits = buffer_vprintf(buffer, format, args);
    va_end(args);
    return fits;
}

void buffer_consume(struct buffer *buffer, size_t count)
{
    if (count == 0) {
        return;
    }
    if (count >= buffer->length) {
        bool overflowed = buffer->overflowed;
        buffer_clear(buffer);
        buffer->overflowed = overflowed;
        return;
    }
    size_t rest = buffer->length - count;
    memmove(buffer->data, buffer->data + count, rest + 1);
    if (buffer->secret) {
        secret_wipe(buffer->data + rest + 1, count);
    }
    buffer->length = rest;
}

void buffer_truncate(struct buffer *buffer, size_t length)
{
    if (length >= buffer->length) {
        return;
    }
    if (buffer->secret) {
        secret_wipe(buffer->data + length, buffer->length - length);
    }
    buffer->length = length;
    buffer->data[length] = '\0';
}

char *buffer_take(struct buffer *buffer)
{
    char *text = buffer->data == empty ? xstrdup("") : buffer->data;
    size_t limit = buffer->limit;
    bool secret = buffer->secret;
    buffer_init(buffer, limit);
    buffer->secret = secret;
    return text;
}
