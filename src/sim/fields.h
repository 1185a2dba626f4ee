#ifndef SIM_FIELDS_H
#define SIM_FIELDS_H

#include <cjson/cJSON.h>
#include <stddef.h>

/* duplicate field "a" for members that stand twice in the text. */
void sim_fields_duplicate(const char *text, size_t length, cJSON *found);

#endif
