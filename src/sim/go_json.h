#ifndef SIM_GO_JSON_H
#define SIM_GO_JSON_H

#include <stdbool.h>
#include <stddef.h>

enum { SIM_GO_JSON_SIZE = 160 };

/* True if text is one JSON value; else why says it in the words of Go's encoding/json, which the
 * API puts into its messages. */
bool sim_go_json_check(const char *text, size_t length, char why[SIM_GO_JSON_SIZE]);

#endif
