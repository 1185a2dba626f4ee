#ifndef UI_PRESETS_H
#define UI_PRESETS_H

#include <stdbool.h>
#include <stddef.h>

#include "base/error.h"
#include "doc/yaml.h"

/* Filters with a name: what an operator looks for again and again. Some are built in; those of the
 * configuration file (`presets:`, "name: filter") come after them, or replace one of that name. */
size_t presets_count(void);
const char *presets_name(size_t number);
const char *presets_filter(size_t number);
/* Takes the map `presets:`; NULL is fine. ERROR_CONFIG with file:line:column where it is no map of
 * texts or a filter means nothing. */
bool presets_take(const char *path, const struct doc_node *map, struct error *err);

#endif
