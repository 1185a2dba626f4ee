#ifndef SIM_SELECTORS_H
#define SIM_SELECTORS_H

#include <cjson/cJSON.h>
#include <stdbool.h>

#include "sim/api.h"
#include "sim/status.h"

/* Label and field selectors of a list or watch. */
struct sim_selector;

/* Texts may be NULL. Errors: 400 with the words of a real server. */
bool sim_selector_parse(const struct sim_resource *resource, int minor, const char *labels,
                        const char *fields, struct sim_selector **out, struct sim_status *status);
/* NULL is allowed. */
void sim_selector_free(struct sim_selector *selector);
/* NULL matches everything. body: the stored object. */
bool sim_selector_matches(const struct sim_selector *selector, const cJSON *body);
/* True if it lets everything through. */
bool sim_selector_is_empty(const struct sim_selector *selector);
/* The one name that metadata.name is asked to be, NULL if none: authorization judges by it. */
const char *sim_selector_name(const struct sim_selector *selector);

#endif
