#ifndef REGISTRY_KEYRING_H
#define REGISTRY_KEYRING_H

#include <stdbool.h>
#include <stddef.h>

#include "base/error.h"
#include "registry/dockerconfig.h"

/*
 * Which credentials the kubelet would try for an image, and in which order: the rules of
 * credentialprovider/keyring.go, which are the same from 1.20 to 1.36. Pure; the configurations
 * that were added must outlive the keyring.
 */
struct keyring;

struct keyring *keyring_new(void);
void keyring_free(struct keyring *keyring);
/* Adds the entries of one Secret; call in the order of the pod's imagePullSecrets. source comes
 * back in the candidates (say, the index of the Secret). */
void keyring_add(struct keyring *keyring, const struct docker_config *config, size_t source);

struct keyring_candidate {
    size_t source;
    const struct docker_auth *auth; /* of the configuration that was added */
    const char *key;                /* normalised: "reg.example.com/team"; the keyring's */
    /* A second spelling of the same key in the same Secret: the kubelet tries the two in an order
     * that changes from time to time. */
    bool order_is_random;
};

/* The candidates for a normalised repository name (image_reference.name), first tried first; free()
 * the array (NULL if there are none). The kubelet never pulls anonymously where there is one. */
size_t keyring_lookup(const struct keyring *keyring, const char *repository_name,
                      struct keyring_candidate **candidates);
/* The same for an image as a pod names it. ERROR_INVALID if the name does not parse. */
bool keyring_lookup_image(const struct keyring *keyring, const char *image,
                          struct keyring_candidate **candidates, size_t *count, struct error *err);

/* The normalised form of an entry's key ("https://reg/v2/" is "reg"); free() it. NULL with
 * ERROR_INVALID where the kubelet cannot parse the key and skips the entry. */
char *keyring_normalise_key(const char *key, struct error *err);
/* Whether an entry's key serves a normalised repository name, Docker Hub's fallback included. */
bool keyring_key_matches(const char *key, const char *repository_name);

#endif
