#ifndef TESTS_JINJA_HELPER_H
#define TESTS_JINJA_HELPER_H

#include "jinja/environment.h"

/* An environment whose variables are those of a YAML text. */
struct fixture {
    struct jinja_environment *env;
    struct jinja_value variables;
    struct buffer out;
    struct error err;
};

void fixture_open(struct fixture *fixture, const char *yaml, const struct jinja_limits *limits);
void fixture_close(struct fixture *fixture);
/* The output, or NULL with fixture->err. */
const char *fixture_render(struct fixture *fixture, const char *text);

#endif
