#ifndef KUBE_BACKOFF_H
#define KUBE_BACKOFF_H

#include <stdint.h>

/* client-go's numbers for reflectors: 0.8 s, doubled up to 30 s, times a random 1 to 2, so that
 * many clients of a server that restarts do not come back at once. */
struct backoff {
    int64_t base_ms; /* of the next wait; 0: at the beginning */
    uint64_t seed;   /* 0: seeded at first use */
};

int64_t backoff_next(struct backoff *backoff);
void backoff_reset(struct backoff *backoff);
/* A random number from 0 to below limit. */
uint64_t backoff_random(struct backoff *backoff, uint64_t limit);

#endif
