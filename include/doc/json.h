#ifndef DOC_JSON_H
#define DOC_JSON_H

#include <cjson/cJSON.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buffer.h"
#include "base/error.h"

/*
 * Reading and comparing cJSON trees without surprises: every function takes NULL and nodes of the
 * wrong type, and member names are case-sensitive.
 */

/* Walks member names to a NULL: json_at(pod, "spec", "template", NULL). NULL where a step is
 * missing. */
cJSON *json_at(const cJSON *root, ...) __attribute__((sentinel));
cJSON *json_member(const cJSON *object, const char *name);

/* The member as a value of the asked type; absent or another type gives NULL or the fallback. */
const char *json_string(const cJSON *object, const char *name);
const char *json_string_or(const cJSON *object, const char *name, const char *fallback);
int64_t json_int(const cJSON *object, const char *name, int64_t fallback);
bool json_bool(const cJSON *object, const char *name, bool fallback);
/* The member if it is a list (or an object), else NULL. */
cJSON *json_list(const cJSON *object, const char *name);
cJSON *json_object(const cJSON *object, const char *name);

/* The member, made as an empty object (list) if it was absent or null. */
cJSON *json_need_object(cJSON *object, const char *name);
cJSON *json_need_list(cJSON *object, const char *name);
/* Sets or replaces, keeping the member's place. Takes over value. */
void json_set(cJSON *object, const char *name, cJSON *value);
void json_set_string(cJSON *object, const char *name, const char *value);
void json_remove(cJSON *object, const char *name);

/* Deep equality; members in any order, list elements in order, 1 equals 1.0. */
bool json_equal(const cJSON *a, const cJSON *b);

/* Compact text with members sorted by name, as Go's encoding/json writes maps (also its escapes of
 * <, >, &, U+2028 and U+2029); false if out's limit is passed. */
bool json_write_sorted(struct buffer *out, const cJSON *value);
/* Compact text in the tree's own order. */
bool json_write(struct buffer *out, const cJSON *value);
/* The same with a line for each member and element, indented by two spaces a level, for people; no
 * newline at the end. level: how deep the value stands in the text around it. */
bool json_write_lines(struct buffer *out, const cJSON *value, int level);

/* Parses exactly one value (trailing white space allowed). Errors: ERROR_PROTOCOL with
 * "SOURCE:LINE:COLUMN: what"; free with cJSON_Delete(). Nesting is limited to 512. */
cJSON *json_parse(const char *text, size_t length, const char *source, struct error *err);

/* Wipes every string of the tree, then deletes it: for trees that hold Secret data. */
void json_delete_secret(cJSON *value);

/* Standard base64 with padding. decode: false if text is not base64 (line breaks are skipped, as Go
 * does); raw (unpadded) text is refused unless allow_raw. */
bool base64_encode(struct buffer *out, const void *bytes, size_t length);
bool base64_decode(struct buffer *out, const char *text, size_t length, bool allow_raw);

#endif
