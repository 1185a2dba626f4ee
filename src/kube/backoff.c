#include "backoff.h"

#include <time.h>
#include <unistd.h>

enum { FIRST_MS = 800, LIMIT_MS = 30000 };

/* xorshift64*: scattering needs no better. */
uint64_t backoff_random(struct backoff *backoff, uint64_t limit)
{
    if (backoff->seed == 0) {
        struct timespec now;
        clock_gettime(CLOCK_MONOTONIC, &now);
        backoff->seed =
            ((uint64_t)now.tv_nsec << 20 ^ (uint64_t)getpid() ^ (uint64_t)(uintptr_t)backoff) | 1;
    }
    uint64_t x = backoff->seed;
    x ^= x >> 12;
    x ^= x << 25;
    x ^= x >> 27;
    backoff->seed = x;
    return limit == 0 ? 0 : (x * 0x2545F4914F6CDD1DULL >> 16) % limit;
}

int64_t backoff_next(struct backoff *backoff)
{
    int64_t base = backoff->base_ms == 0 ? FIRST_MS : backoff->base_ms;
    backoff->base_ms = base * 2 > LIMIT_MS ? LIMIT_MS : base * 2;
    return base + (int64_t)backoff_random(backoff, (uint64_t)base);
}

void backoff_reset(struct backoff *backoff)
{
    backoff->base_ms = 0;
}
