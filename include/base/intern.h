#ifndef BASE_INTERN_H
#define BASE_INTERN_H

#include <stddef.h>

/*
 * Interned strings: equal text, equal pointer, so they compare with ==. For what repeats
 * (namespaces, node names, images, secret names, messages). Counted: each intern() wants one
 * intern_release().
 */
const char *intern(const char *text);
const char *intern_length(const char *text, size_t length);
/* One more owner of a string that came from intern(); NULL stays NULL. */
const char *intern_retain(const char *interned);
/* One owner less; the string goes with the last. NULL is allowed. */
void intern_release(const char *interned);
/* How many different strings live now, for tests and the log view. */
size_t intern_count(void);

#endif
