#include "jinja/value.h"

#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/secret.h"

enum { CHUNK_SIZE = 64 * 1024, ALIGNMENT = 16 };

struct chunk {
    struct chunk *next;
    size_t size;
    size_t used;
};

struct jinja_arena {
    struct chunk *chunks;
    size_t total;
    size_t limit;
};

enum { HEADER = (sizeof(struct chunk) + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT };

struct jinja_arena *jinja_arena_new(size_t limit)
{
    struct jinja_arena *arena = xcalloc(1, sizeof(*arena));
    arena->limit = limit;
    return arena;
}

void jinja_arena_free(struct jinja_arena *arena)
{
    if (arena == NULL) {
        return;
    }
    while (arena->chunks != NULL) {
        struct chunk *next = arena->chunks->next;
        /* Variables can be credentials. */
        secret_wipe((char *)arena->chunks + HEADER, arena->chunks->used);
        free(arena->chunks);
        arena->chunks = next;
    }
    free(arena);
}

void *jinja_arena_alloc(struct jinja_arena *arena, size_t size)
{
    size = (size + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT;
    struct chunk *chunk = arena->chunks;
    if (chunk == NULL || chunk->size - chunk->used < size) {
        size_t room = size > CHUNK_SIZE / 4 ? size : CHUNK_SIZE;
        chunk = xmalloc(HEADER + room);
        chunk->size = room;
        chunk->used = 0;
        /* A large piece goes behind the chunk that still has room. */
        if (room == size && arena->chunks != NULL) {
            chunk->next = arena->chunks->next;
            arena->chunks->next = chunk;
        } else {
            chunk->next = arena->chunks;
            arena->chunks = chunk;
        }
    }
    void *memory = (char *)chunk + HEADER + chunk->used;
    chunk->used += size;
    arena->total += size;
    memset(memory, 0, size);
    return memory;
}

bool jinja_arena_exhausted(const struct jinja_arena *arena)
{
    return arena->total > arena->limit;
}

char *jinja_arena_copy(struct jinja_arena *arena, const char *text, size_t length)
{
    char *copy = jinja_arena_alloc(arena, length + 1);
    if (length > 0) {
        memcpy(copy, text, length);
    }
    return copy;
}
