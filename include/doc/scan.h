#ifndef DOC_SCAN_H
#define DOC_SCAN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * Walks over JSON text without reading it, 64 bytes at a step: what is in quotes is told from what
 * is structure by a few operations on bits, and only braces and brackets are counted. That they
 * match in kind is not checked; whoever reads the value does.
 */
struct json_scan {
    int depth; /* open braces and brackets */
    bool in_string;
    bool escaped; /* the next byte is taken as it stands */
};

enum json_scan_end {
    JSON_SCAN_MORE,   /* the bytes are at their end; go on with the next ones */
    JSON_SCAN_CLOSED, /* depth fell to 0 */
    JSON_SCAN_TOO_DEEP,
};

/* Goes on at bytes[*at] until depth (1 or more) falls to 0; *at is then behind the closing byte,
 * otherwise at length. Deeper than limit is refused, wherever the bytes are split. */
enum json_scan_end json_scan_close(struct json_scan *scan, const char *bytes, size_t *at,
                                   size_t length, int limit);

/* The first quote or backslash from at on; end if there is none. */
const char *json_scan_string(const char *at, const char *end);

/* Which of 64 bytes are what; bit i for byte i. */
struct json_scan_masks {
    uint64_t quotes, backslashes, opens, closes;
};
/* With the processor's vectors where there are any, and without; both give the same. */
void json_scan_masks(const char bytes[64], struct json_scan_masks *out);
void json_scan_masks_portable(const char bytes[64], struct json_scan_masks *out);

#endif
