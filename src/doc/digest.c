#include "doc/digest.h"

#include <openssl/evp.h>
#include <string.h>

#include "base/attributes.h"

size_t digest_hex(const char *name, const void *bytes, size_t length, char out[129])
{
    static const struct {
        const char *name;
        const EVP_MD *(*get)(void);
    } known[] = {
        {"md5", EVP_md5},       {"sha1", EVP_sha1},     {"sha224", EVP_sha224},
        {"sha256", EVP_sha256}, {"sha384", EVP_sha384}, {"sha512", EVP_sha512},
    };
    static const char hex[] = "0123456789abcdef";
    out[0] = '\0';
    for (size_t i = 0; i < ARRAY_LENGTH(known); i++) {
        if (strcmp(name, known[i].name) != 0) {
            continue;
        }
        unsigned char digest[EVP_MAX_MD_SIZE];
        unsigned size = 0;
        if (EVP_Digest(bytes, length, digest, &size, known[i].get(), NULL) != 1) {
            return 0;
        }
        for (unsigned at = 0; at < size; at++) {
            out[2 * at] = hex[digest[at] >> 4];
            out[2 * at + 1] = hex[digest[at] & 15];
        }
        out[2 * size] = '\0';
        return 2 * (size_t)size;
    }
    return 0;
}
