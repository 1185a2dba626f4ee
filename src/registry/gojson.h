#ifndef REGISTRY_GOJSON_H
#define REGISTRY_GOJSON_H

#include <stdbool.h>
#include <stddef.h>

#include "base/buffer.h"
#include "base/error.h"

/*
 * JSON that holds secrets, read where it lies: no tree, no copies but those that the caller asks
 * for into wiped buffers, strings with NUL bytes whole, and the places of values, so that what is
 * not changed can be kept to the byte. By the rules of Go's encoding/json.
 */

/* A value inside a document that gojson_validate() has passed. */
struct gojson {
    const char *start;
    const char *end;
};

enum gojson_kind {
    GOJSON_OBJECT,
    GOJSON_ARRAY,
    GOJSON_STRING,
    GOJSON_NUMBER,
    GOJSON_BOOLEAN,
    GOJSON_NULL
};

/* Passes exactly one value with white space around it; *value gets it. On a fault *offset (may be
 * NULL) gets its place and err "line L, column C: what", never the text itself. */
bool gojson_validate(const char *bytes, size_t length, struct gojson *value, size_t *offset,
                     struct error *err);
/* Line and column of an offset, from 1. */
void gojson_place(const char *bytes, size_t offset, size_t *line, size_t *column);

enum gojson_kind gojson_kind(struct gojson value);
/* "an object", "a number"... */
const char *gojson_kind_name(enum gojson_kind kind);

/* Walks an object: start with *position NULL; false at the end. name is a string value. */
bool gojson_next_member(struct gojson object, const char **position, struct gojson *name,
                        struct gojson *value);
/* The last member of that name, exactly or else in any case; false if there is none. */
bool gojson_member(struct gojson object, const char *name, struct gojson *value);
/* Whether a member's name is that field to Go: in any case, by Unicode's simple folding. */
bool gojson_name_is(struct gojson name, const char *field);

/* Appends the string's bytes, bad UTF-8 and lone surrogates as U+FFFD; false past the limit. */
bool gojson_append_decoded(struct buffer *out, struct gojson string);
/* Appends a string literal with Go's escapes (also of <, >, &, U+2028, U+2029, bad UTF-8). */
bool gojson_append_encoded(struct buffer *out, const char *bytes, size_t length);

/* base64 as Go decodes it, padded or raw, line breaks skipped; on a fault *bad gets the offset that
 * Go names. */
bool gobase64_decode(struct buffer *out, const char *text, size_t length, bool padded, size_t *bad);

#endif
