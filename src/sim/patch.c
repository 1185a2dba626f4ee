#include "sim/patch.h"

#include <string.h>

#include "base/alloc.h"
#include "doc/json.h"
#include "sim/patch_types.h"

/* The name in the result must still be the one of the URL. */
static bool check_name(const cJSON *object, const struct sim_patch_context *context,
                       struct sim_status *status)
{
    const char *name = json_string_or(json_member(object, "metadata"), "name", context->name);
    if (strcmp(name, context->name) != 0) {
        return sim_status_bad_request(status,
                                      "the name of the object (%s) does not match the name on the "
                                      "URL (%s)",
                                      name, context->name);
    }
    return true;
}

bool sim_patch_apply(enum sim_patch_type type, const cJSON *live, const cJSON *patch,
                     const struct sim_patch_context *context, cJSON **out,
                     struct sim_status *status)
{
    *out = NULL;
    if (type == SIM_PATCH_APPLY) {
        *out = sim_patch_server_side(live, patch, context, status);
        return *out != NULL;
    }
    cJSON *object = cJSON_Duplicate(live, true);
    bool done = false;
    switch (type) {
    case SIM_PATCH_JSON:
        done = sim_patch_json(object, patch, context->minor, status);
        break;
    case SIM_PATCH_MERGE:
        done = sim_patch_merge(object, patch, context->minor, status);
        break;
    case SIM_PATCH_STRATEGIC:
        done = sim_patch_strategic(object, patch, context->resource->kind, status);
        break;
    case SIM_PATCH_APPLY:
        break;
    }
    if (!done || !check_name(object, context, status)) {
        cJSON_Delete(object);
        return false;
    }
    *out = object;
    return true;
}
