#include "change/intent.h"

#include <stdlib.h>

#include "base/alloc.h"
#include "doc/json.h"

struct change_intent *change_intent_new(enum change_kind kind)
{
    struct change_intent *intent = xcalloc(1, sizeof(*intent));
    intent->kind = kind;
    return intent;
}

struct change_intent *change_intent_for(const struct csi_finding *finding, enum change_kind kind)
{
    struct change_intent *intent = change_intent_new(kind);
    intent->drivers = xcalloc(2, sizeof(char *));
    intent->drivers[0] = xstrdup(finding->driver);
    if (finding->secret_name != NULL && finding->secret_name[0] != '\0') {
        intent->only = xstrdup(finding->secret_name);
    }
    return intent;
}

void change_intent_free(struct change_intent *intent)
{
    if (intent == NULL) {
        return;
    }
    for (char **name = intent->drivers; name != NULL && *name != NULL; name++) {
        free(*name);
    }
    free(intent->drivers);
    free(intent->ns);
    free(intent->default_ns);
    free(intent->secret);
    free(intent->only);
    json_delete_secret(intent->secret_object);
    for (size_t i = 0; i < intent->manifest_count; i++) {
        json_delete_secret(intent->manifests[i]);
    }
    free(intent->manifests);
    free(intent->manifest_resources);
    free(intent->origin);
    free(intent);
}
