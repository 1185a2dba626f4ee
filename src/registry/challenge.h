#ifndef REGISTRY_CHALLENGE_H
#define REGISTRY_CHALLENGE_H

#include <stdbool.h>

/* What a registry asks for in WWW-Authenticate (RFC 9110, 11.6.1; the token specification of the
 * distribution project). Owned; challenge_free(). */
enum challenge_scheme { CHALLENGE_NONE, CHALLENGE_BASIC, CHALLENGE_BEARER };

struct challenge {
    enum challenge_scheme scheme;
    char *realm; /* NULL if absent, all three */
    char *service;
    char *scope;
};

/* Takes the best challenge of one header value into *best, if it is better than what is there:
 * Bearer before Basic. Call once for each WWW-Authenticate of an answer, *best zero at first. */
void challenge_parse(struct challenge *best, const char *value);
void challenge_free(struct challenge *challenge);

#endif
