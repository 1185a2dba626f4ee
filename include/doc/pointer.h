#ifndef DOC_POINTER_H
#define DOC_POINTER_H

#include <cjson/cJSON.h>

#include "base/buffer.h"

/* JSON Pointers (RFC 6901). */

/* The value at pointer ("" is the root); NULL if there is none. */
cJSON *pointer_get(const cJSON *root, const char *pointer);
/* Appends "/" and name with ~ and / escaped. */
void pointer_append(struct buffer *pointer, const char *name);
void pointer_append_index(struct buffer *pointer, size_t index);

#endif
