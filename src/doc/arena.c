#include "arena.h"

#include <stdalign.h>
#include <stdlib.h>

#include "base/alloc.h"
#include "base/secret.h"

enum { BLOCK_SIZE = 32 * 1024, KEPT_SIZE = 256 * 1024 };

struct arena_block {
    struct arena_block *next;
    size_t size, used;
    alignas(max_align_t) char bytes[];
};

static size_t round_up(size_t size)
{
    return (size + alignof(max_align_t) - 1) & ~(alignof(max_align_t) - 1);
}

void *arena_take(struct arena *arena, size_t size)
{
    size_t wanted = round_up(size);
    struct arena_block *block = arena->blocks;
    if (block == NULL || block->size - block->used < wanted) {
        size_t next = block == NULL ? BLOCK_SIZE : block->size * 2;
        next = next < wanted ? wanted : next;
        block = xmalloc(sizeof(*block) + next);
        block->next = arena->blocks;
        block->size = next;
        block->used = 0;
        arena->blocks = block;
    }
    void *piece = block->bytes + block->used;
    block->used += wanted;
    return piece;
}

void arena_shrink(struct arena *arena, size_t size, size_t used)
{
    arena->blocks->used -= round_up(size) - round_up(used);
}

static void release(const struct arena *arena, struct arena_block *block)
{
    if (arena->secret) {
        secret_wipe(block->bytes, block->used);
    }
    free(block);
}

void arena_reset(struct arena *arena)
{
    struct arena_block *kept = arena->blocks;
    if (kept == NULL) {
        return;
    }
    while (kept->next != NULL) {
        struct arena_block *gone = kept->next;
        kept->next = gone->next;
        release(arena, gone);
    }
    if (kept->size > KEPT_SIZE) {
        arena->blocks = NULL;
        release(arena, kept);
        return;
    }
    if (arena->secret) {
        secret_wipe(kept->bytes, kept->used);
    }
    kept->used = 0;
}

void arena_free(struct arena *arena)
{
    while (arena->blocks != NULL) {
        struct arena_block *gone = arena->blocks;
        arena->blocks = gone->next;
        release(arena, gone);
    }
}
