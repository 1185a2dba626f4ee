#ifndef CHANGE_JSON_PATCH_H
#define CHANGE_JSON_PATCH_H

#include <cjson/cJSON.h>
#include <stdbool.h>

/*
 * The JSON patch (RFC 6902) that turns `before` into `after`: an array of operations, empty if the
 * two are equal. Members in the order of `before`, then the new ones. A list of pull secrets is
 * always replaced whole behind a `test` of the old one: on a ServiceAccount it is atomic, and
 * elsewhere doubles or empty names would make an index mean something else than it did when it was
 * read. cJSON_Delete() it.
 */
cJSON *change_json_patch(const cJSON *before, const cJSON *after);

/* Puts `test` operations on /metadata/uid and /metadata/resourceVersion in front. Either may be
 * NULL. */
void change_json_patch_guard(cJSON *patch, const char *uid, const char *resource_version);

/* True if the patch holds an operation besides tests. */
bool change_json_patch_writes(const cJSON *patch);

#endif
