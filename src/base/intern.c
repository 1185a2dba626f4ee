#include "base/intern.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"

struct entry {
    struct entry *next;
    uint32_t hash;
    uint32_t owners;
    char text[];
};

static struct entry **buckets;
static size_t bucket_count;
static size_t entry_count;

static uint32_t hash_bytes(const char *bytes, size_t length)
{
    uint32_t hash = 2166136261u; /* FNV-1a */
    for (size_t i = 0; i < length; i++) {
        hash = (hash ^ (unsigned char)bytes[i]) * 16777619u;
    }
    return hash;
}

static void grow(void)
{
    size_t wanted = bucket_count == 0 ? 256 : bucket_count * 2;
    struct entry **fresh = xcalloc(wanted, sizeof(struct entry *));
    for (size_t i = 0; i < bucket_count; i++) {
        struct entry *entry = buckets[i];
        while (entry != NULL) {
            struct entry *next = entry->next;
            entry->next = fresh[entry->hash & (wanted - 1)];
            fresh[entry->hash & (wanted - 1)] = entry;
            entry = next;
        }
    }
    free(buckets);
    buckets = fresh;
    bucket_count = wanted;
}

static struct entry *entry_of(const char *interned)
{
    return (struct entry *)(void *)((char *)(uintptr_t)interned - offsetof(struct entry, text));
}

const char *intern_length(const char *text, size_t length)
{
    uint32_t hash = hash_bytes(text, length);
    if (bucket_count > 0) {
        struct entry *entry = buckets[hash & (bucket_count - 1)];
        for (; entry != NULL; entry = entry->next) {
            if (entry->hash == hash && strncmp(entry->text, text, length) == 0 &&
                entry->text[length] == '\0') {
                entry->owners++;
                return entry->text;
            }
        }
    }
    if (entry_count >= bucket_count) {
        grow();
    }
    struct entry *entry = xmalloc(sizeof(*entry) + length + 1);
    entry->hash = hash;
    entry->owners = 1;
    memcpy(entry->text, text, length);
    entry->text[length] = '\0';
    entry->next = buckets[hash & (bucket_count - 1)];
    buckets[hash & (bucket_count - 1)] = entry;
    entry_count++;
    return entry->text;
}

const char *intern(const char *text)
{
    return intern_length(text, strlen(text));
}

const char *intern_retain(const char *interned)
{
    if (interned != NULL) {
        entry_of(interned)->owners++;
    }
    return interned;
}

void intern_release(const char *interned)
{
    if (interned == NULL) {
        return;
    }
    struct entry *gone = entry_of(interned);
    if (--gone->owners > 0) {
        return;
    }
    struct entry **link = &buckets[gone->hash & (bucket_count - 1)];
    while (*link != gone) {
        link = &(*link)->next;
    }
    *link = gone->next;
    free(gone);
    if (--entry_count == 0) {
        free(buckets);
        buckets = NULL;
        bucket_count = 0;
    }
}

size_t intern_count(void)
{
    return entry_count;
}
