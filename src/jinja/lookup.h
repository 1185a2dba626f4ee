#ifndef SRC_JINJA_LOOKUP_H
#define SRC_JINJA_LOOKUP_H

#include "run.h"

/* lookup('env'|'file'|'template'|'vars', ...); everything else is refused by name. */
bool lookup_call(struct run *run, const struct call *call, struct jinja_value *out);
/* The same as a list. */
bool lookup_query(struct run *run, const struct call *call, struct jinja_value *out);

#endif
