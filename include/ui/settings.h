#ifndef UI_SETTINGS_H
#define UI_SETTINGS_H

#include <stdbool.h>

#include "base/error.h"

/* What a person's configuration file says about the screen alone: `keys:` and `presets:`. An absent
 * file is fine. ERROR_CONFIG with file:line:column. */
bool settings_read_file(const char *path, struct error *err);
/* The same of $XDG_CONFIG_HOME/pullmend/config.yaml. */
bool settings_read(struct error *err);

#endif
