#ifndef DOC_PICK_H
#define DOC_PICK_H

#include <cjson/cJSON.h>
#include <stdbool.h>
#include <stddef.h>

#include "base/error.h"

/*
 * Reads of a JSON document only what is wanted and walks over the rest: the lists of a large
 * cluster are hundreds of megabytes, of which a tenth means something here.
 */
struct json_pick;

/* secret: what was read is wiped before its memory is used again or freed. */
struct json_pick *json_pick_new(bool secret);
void json_pick_free(struct json_pick *pick);

/*
 * Wants what stands at a path: names of members with spaces between them ("spec containers image";
 * no name of Kubernetes has one in it). Lists are passed through: the path goes on in each of their
 * elements. What a path ends at comes whole; on the way to it objects, lists and whatever stands
 * in their place come, without what nobody wants. An empty path is the document.
 * Two words are special: "?" at the end wants to know only that it is there (a string becomes ""),
 * "-" at the beginning leaves it out of what comes whole. under is put before the path.
 */
void json_pick_want(struct json_pick *pick, const char *under, const char *path);

/*
 * The tree, to be read only; it belongs to pick and is gone with the next read. Equal to what
 * json_parse() gives, without what is not wanted: values that are walked over are only looked at
 * as far as to find their ends. NULL with err set (ERROR_PROTOCOL) if the text is no JSON, goes on
 * behind its value, or is nested deeper than 512 levels. The text need not end with a NUL.
 */
const cJSON *json_pick_read(struct json_pick *pick, const char *text, size_t length,
                            const char *source, struct error *err);
/* What was read is needed no longer. */
void json_pick_forget(struct json_pick *pick);

#endif
