#ifndef REGISTRY_GOURL_H
#define REGISTRY_GOURL_H

#include <stdbool.h>
#include <stddef.h>

#include "base/error.h"

/* The parts of Go's net/url, net and path/filepath that decide what a keyring entry matches. */

struct gourl {
    char *host; /* with its port, unescaped */
    char *path; /* unescaped */
};

/* url.Parse of text, which begins with http:// or https://. User info, query and fragment are
 * checked as Go does and dropped. ERROR_INVALID with Go's reason. */
bool gourl_parse(struct gourl *url, const char *text, struct error *err);
void gourl_free(struct gourl *url);

/* net.SplitHostPort with the keyring's way out: where it fails, all is host and the port is "".
 * name_length gets the length of the name inside host (brackets of IPv6 are skipped by *name). */
void gourl_split_port(const char *host, const char **name, size_t *name_length, const char **port);

/* filepath.Match on Unix; a malformed pattern matches nothing. */
bool goglob_match(const char *pattern, size_t pattern_length, const char *text, size_t text_length);

#endif
