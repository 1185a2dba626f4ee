#ifndef SRC_JINJA_FORMAT_H
#define SRC_JINJA_FORMAT_H

#include "run.h"

/* Python's "format" % arguments. */
bool format_percent(struct run *run, const struct jinja_string *format,
                    struct jinja_value arguments, struct jinja_value *out);
/* Python's "format".format(...). */
bool format_braces(struct run *run, const struct jinja_string *format, const struct call *call,
                   struct jinja_value *out);

#endif
