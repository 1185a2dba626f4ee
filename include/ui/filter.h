#ifndef UI_FILTER_H
#define UI_FILTER_H

#include "csi/census.h"

/*
 * Filters: words that must all hold. `text` (anywhere in name, node, driver, Secret, state),
 * `~regex` (the same), `state:missing` (`state:broken`: any fault), `node:worker-1`,
 * `driver:upcloud`, `ns:kube-system`, `secret:regcred`, `pull:failing`; behind the colon stands a
 * part of the value, `=` and the whole of it, or `~` and a regular expression. With ! in front
 * they exclude.
 */
struct filter;

/* NULL for an empty text: everything passes. */
struct filter *filter_compile(const char *text);
void filter_free(struct filter *filter);
/* NULL passes. */
bool filter_passes(const struct filter *filter, const struct csi_pod *pod);
/* A word that means nothing (a broken regex, a state that there is not): the first one. NULL: all
 * is understood. */
const char *filter_bad_word(const struct filter *filter);

#endif
