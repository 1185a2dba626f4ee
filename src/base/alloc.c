#include "base/alloc.h"

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { EXIT_NO_MEMORY = 70 };

static void (*failure_hook)(void);

void alloc_set_failure_hook(void (*hook)(void))
{
    failure_hook = hook;
}

static void ATTR_NORETURN out_of_memory(void)
{
    static const char message[] = "pullmend: out of memory\n";
    if (failure_hook != NULL) {
        failure_hook();
    }
    ssize_t ignored = write(STDERR_FILENO, message, sizeof(message) - 1);
    (void)ignored;
    _exit(EXIT_NO_MEMORY);
}

void *xmalloc(size_t size)
{
    void *memory = malloc(size == 0 ? 1 : size);
    if (memory == NULL) {
        out_of_memory();
    }
    return memory;
}

void *xcalloc(size_t count, size_t size)
{
    void *memory = calloc(count == 0 ? 1 : count, size == 0 ? 1 : size);
    if (memory == NULL) {
        out_of_memory();
    }
    return memory;
}

void *xrealloc(void *memory, size_t size)
{
    void *moved = realloc(memory, size == 0 ? 1 : size);
    if (moved == NULL) {
        out_of_memory();
    }
    return moved;
}

void *xreallocarray(void *memory, size_t count, size_t size)
{
    if (size != 0 && count > SIZE_MAX / size) {
        out_of_memory();
    }
    return xrealloc(memory, count * size);
}

char *xstrdup(const char *text)
{
    return xmemdup(text, strlen(text) + 1);
}

char *xstrdup_or_null(const char *text)
{
    return text == NULL ? NULL : xstrdup(text);
}

char *xstrndup(const char *text, size_t length)
{
    size_t actual = strnlen(text, length);
    char *copy = xmalloc(actual + 1);
    memcpy(copy, text, actual);
    copy[actual] = '\0';
    return copy;
}

void *xmemdup(const void *memory, size_t size)
{
    void *copy = xmalloc(size);
    if (size > 0) {
        memcpy(copy, memory, size);
    }
    return copy;
}

char *xvasprintf(const char *format, va_list args)
{
    va_list again;
    va_copy(again, args);
    int length = vsnprintf(NULL, 0, format, again);
    va_end(again);
    if (length < 0) {
        out_of_memory();
    }
    char *text = xmalloc((size_t)length + 1);
    vsnprintf(text, (size_t)length + 1, format, args);
    return text;
}

char *xasprintf(const char *format, ...)
{
    va_list args;
    va_start(args, format);
    char *text = xvasprintf(format, args);
    va_end(args);
    return text;
}

void *xgrow(void *array, size_t count, size_t *capacity, size_t element_size)
{
    if (array != NULL && count < *capacity) {
        return array;
    }
    size_t wanted = *capacity < 8 ? 8 : *capacity * 2;
    array = xreallocarray(array, wanted, element_size);
    *capacity = wanted;
    return array;
}
