#ifndef SIM_GO_PRINT_H
#define SIM_GO_PRINT_H

#include <cjson/cJSON.h>

#include "base/buffer.h"

/* A JSON value as Go's %v prints it: map[a:1 b:[x y]], members sorted, strings bare, <nil>. */
void sim_go_print(struct buffer *out, const cJSON *value);

#endif
