#ifndef BASE_ERROR_H
#define BASE_ERROR_H

#include <stdarg.h>
#include <stdbool.h>

#include "base/attributes.h"

/* What went wrong, in the classes that decide exit codes and what a caller can do about it. */
enum error_kind {
    ERROR_NONE,
    ERROR_USAGE,       /* the command line or a call's arguments */
    ERROR_CONFIG,      /* a file that a person wrote */
    ERROR_AUTH,        /* who are you: 401, credentials, plugins */
    ERROR_FORBIDDEN,   /* you may not: 403, or read-only mode */
    ERROR_NOT_FOUND,   /* 404 */
    ERROR_CONFLICT,    /* 409, or a failed guard */
    ERROR_INVALID,     /* 400, 422: the server refused the content */
    ERROR_UNAVAILABLE, /* no connection, 429, 5xx: may work later */
    ERROR_TIMEOUT,
    ERROR_PROTOCOL, /* an answer that is not what it should be */
    ERROR_INTERNAL, /* a fault of this program or its machine (disk, descriptors) */
};

/*
 * An error is a plain value: no ownership, copied by assignment. The message says what was tried,
 * on what, what came back and what to do, in one line without a final newline. Text that comes from
 * outside may be put in with %s: error_set() and error_wrap() make it safe for a terminal.
 */
struct error {
    enum error_kind kind;
    char message[2048];
};

#define ERROR_INIT                                                                                 \
    {                                                                                              \
        ERROR_NONE, ""                                                                             \
    }

/* Fills err (which may be NULL) and returns false, so that `return error_set(...)` reads well. */
bool error_set(struct error *err, enum error_kind kind, const char *format, ...) ATTR_FORMAT(3, 4);
bool error_vset(struct error *err, enum error_kind kind, const char *format, va_list args)
    ATTR_FORMAT(3, 0);

/* Puts "CONTEXT: " before the message of err, keeps its kind, returns false. Use once a layer. */
bool error_wrap(struct error *err, const char *format, ...) ATTR_FORMAT(2, 3);

/* Back to "no error". */
void error_clear(struct error *err);

/* A lower-case name such as "not-found"; never NULL. */
const char *error_kind_name(enum error_kind kind);

/* The exit code of the command line for an error of this kind (0 for ERROR_NONE). */
int error_exit_code(enum error_kind kind);

#endif
