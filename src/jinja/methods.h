#ifndef SRC_JINJA_METHODS_H
#define SRC_JINJA_METHODS_H

#include "filters.h"

struct method {
    const char *name;
    callable call;
};

extern const struct method string_methods[];
extern const struct method list_methods[];
extern const struct method tuple_methods[];
extern const struct method dict_methods[];
extern const struct method date_methods[];

#endif
