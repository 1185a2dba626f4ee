#ifndef SIM_SELECTORS_INSIDE_H
#define SIM_SELECTORS_INSIDE_H

#include "selectors.h"

/* Shared by label_selector.c and field_selector.c, the two halves of a selector. */

enum sim_operator { SIM_IN, SIM_NOT_IN, SIM_EXISTS, SIM_NOT_EXISTS, SIM_GREATER, SIM_LESS };

struct sim_requirement {
    char *key;
    enum sim_operator op;
    char **values;
    size_t value_count;
};

struct sim_requirements {
    struct sim_requirement *list;
    size_t count;
    size_t capacity;
};

struct sim_requirement *sim_requirements_add(struct sim_requirements *requirements, const char *key,
                                             enum sim_operator op);
void sim_requirement_add_value(struct sim_requirement *requirement, const char *value);
void sim_requirements_free(struct sim_requirements *requirements);

/* label_selector.c. On failure requirements may be half full. old: with old servers' words. */
bool sim_label_selector_parse(const char *text, bool old, struct sim_requirements *requirements,
                              struct sim_status *status);
/* value NULL: the label is absent. */
bool sim_requirement_holds(const struct sim_requirement *requirement, const char *value);

#endif
