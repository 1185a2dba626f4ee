#ifndef BASE_BUFFER_H
#define BASE_BUFFER_H

#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>

#include "base/attributes.h"

/*
 * A growing byte string with a limit that is given at birth. `data` is always NUL-terminated (also
 * when empty) and `length` does not count that NUL. What would exceed the limit is refused whole
 * and sets `overflowed`, which stays set until buffer_clear().
 */
struct buffer {
    char *data;
    size_t length;
    size_t capacity;
    size_t limit;
    bool overflowed;
    bool secret; /* memory is wiped before it is released or moved */
};

void buffer_init(struct buffer *buffer, size_t limit);
/* The same for passwords, tokens, keys: wiped on growth, clear and free. */
void buffer_init_secret(struct buffer *buffer, size_t limit);
void buffer_free(struct buffer *buffer);
/* Empties it, keeps the memory. */
void buffer_clear(struct buffer *buffer);

/* Each returns false (and changes nothing but `overflowed`) when the limit would be passed. */
bool buffer_append(struct buffer *buffer, const void *bytes, size_t length);
bool buffer_append_string(struct buffer *buffer, const char *text);
bool buffer_append_char(struct buffer *buffer, char c);
bool buffer_append_repeat(struct buffer *buffer, char c, size_t count);
bool buffer_printf(struct buffer *buffer, const char *format, ...) ATTR_FORMAT(2, 3);
bool buffer_vprintf(struct buffer *buffer, const char *format, va_list args) ATTR_FORMAT(2, 0);

/* Removes the first count bytes (all, if there are fewer). */
void buffer_consume(struct buffer *buffer, size_t count);
/* Shortens to length. */
void buffer_truncate(struct buffer *buffer, size_t length);
/* Hands over the NUL-terminated string (free() it); the buffer is empty and usable afterwards. */
char *buffer_take(struct buffer *buffer);

#endif
