#ifndef DOC_ARENA_H
#define DOC_ARENA_H

#include <stdbool.h>
#include <stddef.h>

/* Memory that is given out piece by piece and taken back at once. */
struct arena_block;

struct arena {
    struct arena_block *blocks; /* the one in use first */
    bool secret;                /* wiped when it is taken back */
};

/* Aligned for any type, not zeroed. */
void *arena_take(struct arena *arena, size_t size);
/* Gives the end of the piece taken last back: of its size bytes only used stay. */
void arena_shrink(struct arena *arena, size_t size, size_t used);
/* Takes all back; a block of moderate size stays for the next use. */
void arena_reset(struct arena *arena);
void arena_free(struct arena *arena);

#endif
