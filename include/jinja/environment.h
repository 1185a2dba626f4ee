#ifndef JINJA_ENVIRONMENT_H
#define JINJA_ENVIRONMENT_H

#include <stdbool.h>
#include <stddef.h>

#include "base/buffer.h"
#include "base/error.h"
#include "jinja/value.h"

/*
 * The template engine as Ansible (ansible-core 2.14 to 2.18) runs it: strict about undefined
 * names, variables whose text is itself a template, text read back as Python literals there.
 * No command is run; no file is read but through the callbacks.
 */
enum jinja_file {
    JINJA_FILE_INCLUDE,  /* include, import: beside the template */
    JINJA_FILE_TEMPLATE, /* lookup('template', name) */
    JINJA_FILE_PLAIN,    /* lookup('file', name) */
};

struct jinja_callbacks {
    void *context;
    /* The variable as it was written, not templated; its value must live as long as the
     * environment. False if there is none. */
    bool (*variable)(void *context, const char *name, struct jinja_value *raw);
    /* Appends the file's bytes and sets *path (free() it) to its name for messages. from: the path
     * of the template that asks. May be NULL: then there are no files. */
    bool (*read_file)(void *context, enum jinja_file kind, const char *name, const char *from,
                      struct buffer *out, char **path, struct error *err);
    /* lookup('env'): NULL if it is not set. May be NULL. */
    const char *(*environment)(void *context, const char *name);
    /* Local time in seconds for now(); may be NULL (then now() is refused). */
    int64_t (*now)(void *context);
};

struct jinja_limits {
    size_t output;       /* bytes of one template's output */
    size_t memory;       /* bytes of all values of the environment */
    unsigned long steps; /* evaluated nodes a render */
    unsigned depth;      /* nested templates, calls and expressions */
};

/* 16 MiB, 256 MiB, 20,000,000 steps, 400 levels. */
extern const struct jinja_limits jinja_default_limits;

struct jinja_environment;

/* limits: NULL for the defaults. Values computed for variables are kept until it is freed. */
struct jinja_environment *jinja_environment_new(const struct jinja_callbacks *callbacks,
                                                const struct jinja_limits *limits);
void jinja_environment_free(struct jinja_environment *environment);
struct jinja_arena *jinja_environment_arena(struct jinja_environment *environment);
/* Forgets what variables came out as; for a caller whose variables have changed. */
void jinja_environment_forget(struct jinja_environment *environment);

/*
 * Renders what the `template` module would write. path is for messages and to find includes.
 * extra: a dict of further variables, above the callback's, or NULL. Errors: ERROR_INVALID
 * "PATH:LINE: what, in `expression`"; nothing is appended then.
 */
bool jinja_render(struct jinja_environment *environment, const char *path, const char *text,
                  size_t length, const struct jinja_dict *extra, struct buffer *out,
                  struct error *err);

/* A value as a task would see it: strings in it are rendered and read back as literals. name is for
 * messages. */
bool jinja_resolve(struct jinja_environment *environment, const char *name, struct jinja_value raw,
                   struct jinja_value *out, struct error *err);
/* A variable by its name; false with ERROR_NOT_FOUND if there is none. */
bool jinja_variable(struct jinja_environment *environment, const char *name,
                    struct jinja_value *out, struct error *err);

/* True if the last failure of this environment was for an undefined name, which *name tells (NULL
 * if it is not known). */
bool jinja_failed_undefined(const struct jinja_environment *environment, const char **name);

#endif
