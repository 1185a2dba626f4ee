#ifndef SIM_PATCH_TYPES_H
#define SIM_PATCH_TYPES_H

#include <cjson/cJSON.h>
#include <stdbool.h>

#include "sim/patch.h"
#include "sim/status.h"

/* The single patch types; sim_patch_apply() is the door to them. */

/* RFC 6902, in place; document may be half changed after a failure. Errors: 400 if patch is no
 * list, else 422 whatever failed, a test too. */
bool sim_patch_json(cJSON *document, const cJSON *patch, int minor, struct sim_status *status);

/* RFC 7386, in place. Errors: 400 if patch is no object (422 before 1.28). */
bool sim_patch_merge(cJSON *document, const cJSON *patch, int minor, struct sim_status *status);

/* Strategic merge of an object of that kind, in place; document may be half changed after a
 * failure. Errors: 400 if patch is no object, 422 for a list given as something else, 500 for
 * directives that cannot be followed. */
bool sim_patch_strategic(cJSON *document, const cJSON *patch, const char *kind,
                         struct sim_status *status);

/* Server-side apply; live NULL creates. Returns the new object with its managedFields, NULL with
 * status set. */
cJSON *sim_patch_server_side(const cJSON *live, const cJSON *patch,
                             const struct sim_patch_context *context, struct sim_status *status);

/* 422 for a field "patch" without kind and name; message as in its cause. False. */
bool sim_patch_invalid(struct sim_status *status, const char *message);

/* Go's word for a JSON value in decoding errors: "object", "array", "string", "number", "bool",
 * "null". */
const char *sim_patch_type_word(const cJSON *value);

#endif
