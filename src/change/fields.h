#ifndef CHANGE_FIELDS_H
#define CHANGE_FIELDS_H

#include <cjson/cJSON.h>
#include <stdbool.h>

/* Values at places in a tree, for what is compared with and put back into live objects. */

/* Calls visit for every field that differs: maps are walked, everything else counts as one field.
 * What the server and its controllers write by themselves is left out. NULL: not there. */
typedef void (*field_visitor)(void *context, const char *path, const cJSON *before,
                              const cJSON *after);
void fields_differ(const cJSON *before, const cJSON *after, field_visitor visit, void *context);

/* Sets the value at a JSON Pointer through maps (made where they are missing); value NULL removes
 * it. The value is copied. False if a step on the way is no map. */
bool fields_put(cJSON *root, const char *path, const cJSON *value);

/* True if every field in which `before` and `after` differ is in live as in `after`. */
bool fields_match(const cJSON *live, const cJSON *before, const cJSON *after);

#endif
