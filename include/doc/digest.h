#ifndef DOC_DIGEST_H
#define DOC_DIGEST_H

#include <stddef.h>

/* Lower-case hexadecimal digests (libcrypto). name: "md5", "sha1", "sha224", "sha256", "sha384",
 * "sha512"; out holds 129 bytes. Returns the length, 0 for a name that is not known. */
size_t digest_hex(const char *name, const void *bytes, size_t length, char out[129]);

#endif
