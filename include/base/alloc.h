#ifndef BASE_ALLOC_H
#define BASE_ALLOC_H

#include <stdarg.h>
#include <stddef.h>

#include "base/attributes.h"

/*
 * Allocation that never returns NULL: when memory is gone, the hook runs (the UI restores the
 * terminal in it) and the program ends with exit code 70. Release with free().
 */
void *xmalloc(size_t size) ATTR_MALLOC ATTR_RETURNS_NONNULL;
void *xcalloc(size_t count, size_t size) ATTR_MALLOC ATTR_RETURNS_NONNULL;
void *xrealloc(void *memory, size_t size) ATTR_RETURNS_NONNULL;
/* An array of count elements; overflow of the product counts as "no memory". */
void *xreallocarray(void *memory, size_t count, size_t size) ATTR_RETURNS_NONNULL;
char *xstrdup(const char *text) ATTR_MALLOC ATTR_RETURNS_NONNULL;
/* NULL stays NULL. */
char *xstrdup_or_null(const char *text);
char *xstrndup(const char *text, size_t length) ATTR_MALLOC ATTR_RETURNS_NONNULL;
void *xmemdup(const void *memory, size_t size) ATTR_MALLOC ATTR_RETURNS_NONNULL;
char *xasprintf(const char *format, ...) ATTR_FORMAT(1, 2) ATTR_RETURNS_NONNULL;
char *xvasprintf(const char *format, va_list args) ATTR_FORMAT(1, 0) ATTR_RETURNS_NONNULL;

/* Makes room for one more element of *array: doubles *capacity when count has reached it. */
void *xgrow(void *array, size_t count, size_t *capacity, size_t element_size) ATTR_RETURNS_NONNULL;

/* Runs once before the program ends for want of memory; must not allocate. */
void alloc_set_failure_hook(void (*hook)(void));

#endif
