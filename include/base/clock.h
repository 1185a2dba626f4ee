#ifndef BASE_CLOCK_H
#define BASE_CLOCK_H

#include <stdbool.h>
#include <stdint.h>

#include "base/buffer.h"

/* Milliseconds of a clock that never goes back; only differences mean something. */
int64_t clock_monotonic_ms(void);
/* Milliseconds since 1970-01-01T00:00:00Z. */
int64_t clock_wall_ms(void);
/* From now on clock_wall_ms() goes on from that hour: for the replay of a recording. */
void clock_set_wall_ms(int64_t wall_ms);

/* RFC 3339 as Kubernetes writes it, also with fractions and offsets; false if text is not one. */
bool clock_parse_rfc3339(const char *text, int64_t *wall_ms);
/* "2026-01-01T00:00:00Z"; out holds 21 bytes at least. */
void clock_format_rfc3339(int64_t wall_ms, char out[32]);
/* A Go-style duration ("90s", "1h30m", "250ms", "0"), as kubectl's flags take it. */
bool clock_parse_duration(const char *text, int64_t *ms);
/* kubectl's short human form: "45s", "2m6s", "3h", "5d". */
void clock_format_age(int64_t ms, char out[32]);

#endif
