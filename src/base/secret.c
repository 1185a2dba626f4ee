#include <config.h>

#include "base/secret.h"

#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#ifdef HAVE_SYS_PRCTL_H
#include <sys/prctl.h>
#endif

void secret_wipe(void *memory, size_t length)
{
    if (memory == NULL || length == 0) {
        return;
    }
#ifdef HAVE_EXPLICIT_BZERO
    explicit_bzero(memory, length);
#else
    volatile unsigned char *byte = memory;
    while (length-- > 0) {
        *byte++ = 0;
    }
#endif
}

void secret_free_string(char *text)
{
    if (text != NULL) {
        secret_wipe(text, strlen(text));
        free(text);
    }
}

bool secret_equal(const void *a, size_t a_length, const void *b, size_t b_length)
{
    if (a_length != b_length) {
        return false;
    }
    const unsigned char *left = a;
    const unsigned char *right = b;
    unsigned char difference = 0;
    for (size_t i = 0; i < a_length; i++) {
        difference = (unsigned char)(difference | (left[i] ^ right[i]));
    }
    return difference == 0;
}

void secret_harden_process(void)
{
    const struct rlimit none = {0, 0};
    setrlimit(RLIMIT_CORE, &none);
#if defined(HAVE_SYS_PRCTL_H) && defined(PR_SET_DUMPABLE) && !defined(__SANITIZE_ADDRESS__)
    /* The leak checker has to trace the process, so a sanitizing build stays traceable. */
    prctl(PR_SET_DUMPABLE, 0, 0, 0, 0);
#endif
}
