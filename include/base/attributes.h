#ifndef BASE_ATTRIBUTES_H
#define BASE_ATTRIBUTES_H

/* Compiler attributes under one spelling; gcc and clang know them all. */
#define ATTR_FORMAT(fmt, args) __attribute__((format(printf, fmt, args)))
#define ATTR_NORETURN          __attribute__((noreturn))
#define ATTR_MALLOC            __attribute__((malloc))
#define ATTR_RETURNS_NONNULL   __attribute__((returns_nonnull))

#define ARRAY_LENGTH(array) (sizeof(array) / sizeof((array)[0]))

#endif
