#ifndef CHANGE_CLEAN_H
#define CHANGE_CLEAN_H

#include <cjson/cJSON.h>
#include <stdbool.h>

#include "base/buffer.h"

/*
 * What a person wants to see of an object: without what the server and its controllers write by
 * themselves (status, uid, versions, times, managedFields, revision annotations) and without
 * last-applied; Secret values masked. In place.
 */
void change_clean(cJSON *object);
/* The same as YAML; "" for NULL. free() it. */
char *change_clean_yaml(const cJSON *object);

/* Equal but for the status and what only counts writes (resourceVersion, generation, managedFields,
 * revision annotations): if so, a change planned for one holds for the other. */
bool change_same_intent(const cJSON *a, const cJSON *b);

#endif
