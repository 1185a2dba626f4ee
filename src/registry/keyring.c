#include "registry/keyring.h"

#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/text.h"
#include "gourl.h"
#include "registry/reference.h"

/* Docker Hub's images fall back to this key, and to no other spelling of it. */
static const char hub_key[] = "index.docker.io";

struct entry {
    char *key;
    struct gourl glob; /* the key parsed once more, as the kubelet does at each lookup */
    bool parses;
    const struct docker_auth *auth;
    size_t source;
    size_t added;    /* which keyring_add() */
    size_t sequence; /* order of addition */
};

struct keyring {
    struct entry *entries; /* sorted: keys descending, then order of addition */
    size_t count;
    size_t capacity;
    size_t additions;
};

struct keyring *keyring_new(void)
{
    return xcalloc(1, sizeof(struct keyring));
}

void keyring_free(struct keyring *keyring)
{
    if (keyring == NULL) {
        return;
    }
    for (size_t i = 0; i < keyring->count; i++) {
        free(keyring->entries[i].key);
        gourl_free(&keyring->entries[i].glob);
    }
    free(keyring->entries);
    free(keyring);
}

char *keyring_normalise_key(const char *key, struct error *err)
{
    bool schemed = text_starts_with(key, "https://") || text_starts_with(key, "http://");
    char *value = schemed ? xstrdup(key) : xasprintf("https://%s", key);
    struct gourl url;
    bool parsed = gourl_parse(&url, value, err);
    free(value);
    if (!parsed) {
        error_wrap(err, "the kubelet skips the entry \"%s\"", key);
        return NULL;
    }
    const char *path = url.path;
    if (text_starts_with(path, "/v2/") || text_starts_with(path, "/v1/")) {
        path += 3;
    }
    char *normalised = xasprintf("%s%s", url.host, strcmp(path, "/") == 0 ? "" : path);
    gourl_free(&url);
    return normalised;
}

/* ParseSchemelessURL() */
static bool parse_schemeless(struct gourl *url, const char *text)
{
    char *value = xasprintf("https://%s", text);
    bool parsed = gourl_parse(url, value, NULL);
    free(value);
    return parsed;
}

static bool labels_match(const char *glob, size_t glob_length, const char *name, size_t name_length)
{
    const char *glob_end = glob + glob_length;
    const char *name_end = name + name_length;
    for (;;) {
        const char *glob_dot = memchr(glob, '.', (size_t)(glob_end - glob));
        const char *name_dot = memchr(name, '.', (size_t)(name_end - name));
        if ((glob_dot == NULL) != (name_dot == NULL)) {
            return false;
        }
        size_t glob_label = (size_t)((glob_dot != NULL ? glob_dot : glob_end) - glob);
        size_t name_label = (size_t)((name_dot != NULL ? name_dot : name_end) - name);
        if (!goglob_match(glob, glob_label, name, name_label)) {
            return false;
        }
        if (glob_dot == NULL) {
            return true;
        }
        glob = glob_dot + 1;
        name = name_dot + 1;
    }
}

/* URLsMatch() */
static bool urls_match(const struct gourl *glob, const struct gourl *target)
{
    const char *glob_name = NULL;
    const char *glob_port = NULL;
    const char *name = NULL;
    const char *port = NULL;
    size_t glob_length = 0;
    size_t length = 0;
    gourl_split_port(glob->host, &glob_name, &glob_length, &glob_port);
    gourl_split_port(target->host, &name, &length, &port);
    return strcmp(glob_port, port) == 0 && text_starts_with(target->path, glob->path) &&
           labels_match(glob_name, glob_length, name, length);
}

static int compare_entries(const void *a, const void *b)
{
    const struct entry *left = a;
    const struct entry *right = b;
    int order = strcmp(right->key, left->key);
    if (order != 0) {
        return order;
    }
    return left->sequence < right->sequence ? -1 : 1;
}

void keyring_add(struct keyring *keyring, const struct docker_config *config, size_t source)
{
    for (size_t i = 0; i < config->count; i++) {
        char *key = keyring_normalise_key(config->auths[i].key, NULL);
        if (key == NULL) {
            continue;
        }
        keyring->entries =
            xgrow(keyring->entries, keyring->count, &keyring->capacity, sizeof(*keyring->entries));
        struct entry *entry = &keyring->entries[keyring->count];
        *entry = (struct entry){.key = key,
                                .auth = &config->auths[i],
                                .source = source,
                                .added = keyring->additions,
                                .sequence = keyring->count};
        entry->parses = parse_schemeless(&entry->glob, key);
        keyring->count++;
    }
    keyring->additions++;
    if (keyring->count > 0) {
        qsort(keyring->entries, keyring->count, sizeof(*keyring->entries), compare_entries);
    }
}

static bool same_secret_and_key(const struct entry *a, const struct entry *b)
{
    return a->added == b->added && strcmp(a->key, b->key) == 0;
}

static struct keyring_candidate candidate_of(const struct keyring *keyring, size_t i)
{
    const struct entry *entry = &keyring->entries[i];
    bool twice = (i > 0 && same_secret_and_key(entry, entry - 1)) ||
                 (i + 1 < keyring->count && same_secret_and_key(entry, entry + 1));
    return (struct keyring_candidate){entry->source, entry->auth, entry->key, twice};
}

/* isDefaultRegistryMatch() for a name that has its host. */
static bool is_hub_name(const char *repository_name)
{
    size_t host = strcspn(repository_name, "/");
    if (host == 0) {
        return false;
    }
    if (repository_name[host] == '\0') {
        return true;
    }
    return text_starts_with(repository_name, "docker.io/") ||
           text_starts_with(repository_name, "index.docker.io/") ||
           strcspn(repository_name, ".:") >= host;
}

/* Collects the entries whose key matches, or those of exactly this key if exact is given. */
static size_t collect(const struct keyring *keyring, const struct gourl *target, const char *exact,
                      struct keyring_candidate **candidates)
{
    size_t count = 0;
    size_t capacity = 0;
    for (size_t i = 0; i < keyring->count; i++) {
        const struct entry *entry = &keyring->entries[i];
        bool matches = exact != NULL ? strcmp(entry->key, exact) == 0
                                     : entry->parses && urls_match(&entry->glob, target);
        if (matches) {
            *candidates = xgrow(*candidates, count, &capacity, sizeof(**candidates));
            (*candidates)[count++] = candidate_of(keyring, i);
        }
    }
    return count;
}

size_t keyring_lookup(const struct keyring *keyring, const char *repository_name,
                      struct keyring_candidate **candidates)
{
    *candidates = NULL;
    struct gourl target;
    size_t count = 0;
    if (parse_schemeless(&target, repository_name)) {
        count = collect(keyring, &target, NULL, candidates);
        gourl_free(&target);
    }
    if (count == 0 && is_hub_name(repository_name)) {
        count = collect(keyring, NULL, hub_key, candidates);
    }
    return count;
}

bool keyring_lookup_image(const struct keyring *keyring, const char *image,
                          struct keyring_candidate **candidates, size_t *count, struct error *err)
{
    *candidates = NULL;
    *count = 0;
    struct image_reference reference;
    if (!image_reference_parse(&reference, image, err)) {
        return false;
    }
    *count = keyring_lookup(keyring, reference.name, candidates);
    image_reference_free(&reference);
    return true;
}

bool keyring_key_matches(const char *key, const char *repository_name)
{
    struct docker_auth auth = {.key = xstrdup(key)};
    const struct docker_config config = {&auth, 1};
    struct keyring *keyring = keyring_new();
    struct keyring_candidate *candidates = NULL;
    keyring_add(keyring, &config, 0);
    size_t count = keyring_lookup(keyring, repository_name, &candidates);
    free(candidates);
    keyring_free(keyring);
    free(auth.key);
    return count > 0;
}
