#include <stddef.h>

#include "base/attributes.h"
#include "base/language.h"
#include "csi/census.h"

const char *csi_secret_state_name(enum csi_secret_state state)
{
    static const char *const names[] = {
        N_("rejected"),   N_("missing"), N_("malformed"), N_("wrong-type"), N_("no-match"),
        N_("empty-name"), N_("unknown"), N_("empty"),     N_("ok"),         N_("none")};
    return (size_t)state < ARRAY_LENGTH(names) ? names[state] : "unknown";
}

bool csi_secret_state_is_broken(enum csi_secret_state state)
{
    return state <= CSI_SECRET_EMPTY_NAME;
}

const char *csi_role_name(enum csi_role role)
{
    static const char *const names[] = {"controller", "node", "other"};
    return (size_t)role < ARRAY_LENGTH(names) ? names[role] : "other";
}

const char *csi_pulling_name(enum csi_pulling pulling)
{
    static const char *const names[] = {"ok", "waiting", "failing"};
    return (size_t)pulling < ARRAY_LENGTH(names) ? names[pulling] : "ok";
}
