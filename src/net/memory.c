#include "net/memory.h"

#include <curl/curl.h>
#include <openssl/crypto.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/secret.h"

/* In front of each piece stands its size, in a place that keeps what follows aligned for any type.
 */
union head {
    size_t size;
    max_align_t alignment;
};

static void *take(size_t size)
{
    if (size > SIZE_MAX - sizeof(union head)) {
        return NULL;
    }
    union head *head = xmalloc(sizeof(*head) + size);
    head->size = size;
    return head + 1;
}

static void give_back(void *memory)
{
    if (memory != NULL) {
        union head *head = (union head *)memory - 1;
        secret_wipe(memory, head->size);
        free(head);
    }
}

static void *take_zeroed(size_t count, size_t size)
{
    if (size != 0 && count > SIZE_MAX / size) {
        return NULL;
    }
    void *memory = take(count * size);
    if (memory != NULL) {
        memset(memory, 0, count * size);
    }
    return memory;
}

/* Never in its place: what it leaves behind is wiped. */
static void *take_other(void *memory, size_t size)
{
    void *other = take(size);
    if (memory != NULL && other != NULL) {
        size_t before = ((union head *)memory - 1)->size;
        memcpy(other, memory, before < size ? before : size);
        give_back(memory);
    }
    return other;
}

static char *take_copy(const char *text)
{
    size_t size = strlen(text) + 1;
    char *copy = take(size);
    if (copy != NULL) {
        memcpy(copy, text, size);
    }
    return copy;
}

/* --- As libcrypto calls them -------------------------------------------------------------------
 */

static void *crypto_take(size_t size, const char *file, int line)
{
    (void)file;
    (void)line;
    return size == 0 ? NULL : take(size);
}

static void *crypto_take_other(void *memory, size_t size, const char *file, int line)
{
    (void)file;
    (void)line;
    if (size == 0) {
        give_back(memory);
        return NULL;
    }
    return take_other(memory, size);
}

static void crypto_give_back(void *memory, const char *file, int line)
{
    (void)file;
    (void)line;
    give_back(memory);
}

void net_wipe_memory(void)
{
    /* Refused where something of libcrypto ran before: then it frees as it always did. */
    CRYPTO_set_mem_functions(crypto_take, crypto_take_other, crypto_give_back);
    curl_global_init_mem(CURL_GLOBAL_DEFAULT, take, give_back, take_other, take_copy, take_zeroed);
}
