#include <stdalign.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "warning_book.h"

/*
 * Rows live in slabs: a large cluster has 100,000 of them, which come in one list and go at once.
 * What a purge takes away is used again for rows of the same size.
 */
enum { SLAB_SIZE = 64 * 1024, STEP = 32 };

struct row_slab {
    struct row_slab *next;
    size_t used;
    alignas(max_align_t) char bytes[SLAB_SIZE];
};

static size_t steps_of(const char *key)
{
    return (sizeof(struct row) + strlen(key) + 1 + STEP - 1) / STEP;
}

struct row *row_new(struct warning_book *book, const char *key)
{
    size_t steps = steps_of(key);
    struct row *row = book->free_rows[steps];
    if (row != NULL) {
        book->free_rows[steps] = row->next;
    } else {
        if (book->slabs == NULL || book->slabs->used + steps * STEP > SLAB_SIZE) {
            struct row_slab *slab = xmalloc(sizeof(*slab));
            slab->next = book->slabs;
            slab->used = 0;
            book->slabs = slab;
        }
        row = (struct row *)(void *)(book->slabs->bytes + book->slabs->used);
        book->slabs->used += steps * STEP;
    }
    memset(row, 0, sizeof(*row));
    memcpy(row->key, key, strlen(key) + 1);
    return row;
}

void row_free(struct warning_book *book, struct row *row)
{
    size_t steps = steps_of(row->key);
    row->next = book->free_rows[steps];
    book->free_rows[steps] = row;
}

void rows_free(struct warning_book *book)
{
    while (book->slabs != NULL) {
        struct row_slab *gone = book->slabs;
        book->slabs = gone->next;
        free(gone);
    }
}
