#ifndef REGISTRY_SECRET_STATE_H
#define REGISTRY_SECRET_STATE_H

#include <stdbool.h>
#include <stddef.h>

#include "registry/dockerconfig.h"

/* What a Secret is worth to a pod that names it. */
enum registry_secret_state {
    REGISTRY_SECRET_MALFORMED,
    REGISTRY_SECRET_WRONG_TYPE,
    REGISTRY_SECRET_NO_MATCH, /* entries, but none for an image of the pod */
    REGISTRY_SECRET_EMPTY,    /* right type, no entries at all: anonymous on purpose, sound */
    REGISTRY_SECRET_OK
};

/* The data key that the kubelet reads in a Secret of this type (".dockerconfigjson",
 * ".dockercfg"); NULL for a type that it skips without a word. */
const char *registry_secret_data_key(const char *type);

/* What one Secret holds, told once and asked for many pods. */
struct registry_secret {
    enum registry_secret_state state; /* MALFORMED, WRONG_TYPE, EMPTY or OK */
    bool spoils_all; /* MALFORMED so that every pull of a pod that names it fails, whatever its
                        other Secrets hold */
    char *reason;    /* one sentence for MALFORMED and WRONG_TYPE, else NULL */
    char *unusable;  /* key of the entry that cannot be read, for MALFORMED; NULL: no one entry */
    struct docker_config config; /* what it holds when OK */
};

/*
 * Reads a Secret's content as the kubelet does: by its type and the decoded bytes of its data key
 * (bytes NULL: the key is absent). keep_passwords as in docker_config_parse(). Free with
 * registry_secret_free().
 */
void registry_secret_read(struct registry_secret *secret, const char *type, const char *bytes,
                          size_t length, bool keep_passwords);
void registry_secret_free(struct registry_secret *secret);

/* The state of a reference to it from a pod with these images: NO_MATCH where an OK Secret serves
 * none of them. No image at all counts as served. */
enum registry_secret_state registry_secret_state(const struct registry_secret *secret,
                                                 const char *const *images, size_t image_count);

#endif
