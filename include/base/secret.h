#ifndef BASE_SECRET_H
#define BASE_SECRET_H

#include <stdbool.h>
#include <stddef.h>

/* Overwrites memory so that the compiler cannot leave it out. NULL with 0 is allowed. */
void secret_wipe(void *memory, size_t length);
/* Wipes and frees a NUL-terminated string; NULL is allowed. */
void secret_free_string(char *text);
/* Equal length and bytes, in time that does not depend on where they differ. */
bool secret_equal(const void *a, size_t a_length, const void *b, size_t b_length);
/* Call first in main(): no core dumps, not traceable by other processes of the same user. */
void secret_harden_process(void);

#endif
