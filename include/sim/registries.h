#ifndef SIM_REGISTRIES_H
#define SIM_REGISTRIES_H

#include <cjson/cJSON.h>
#include <stdbool.h>

#include "sim/sim.h"
#include "sim/store.h"

/* The registries that a scenario describes, as nodes meet them. What no rule covers is public. */
enum sim_reach {
    SIM_REACH_PUBLIC,
    SIM_REACH_PRIVATE,
    SIM_REACH_GONE,      /* no such tag */
    SIM_REACH_FORBIDDEN, /* 403 whoever asks */
    SIM_REACH_DOWN,      /* connection refused */
    SIM_REACH_NO_HOST,   /* the name does not resolve */
    SIM_REACH_UNTRUSTED, /* its certificate is not trusted */
    SIM_REACH_LIMITED,   /* its rate limit is used up */
    SIM_REACH_SLOW,      /* no answer in time */
    SIM_REACH_BROKEN,    /* 503 */
    SIM_REACH_FULL,      /* the node's disk is full */
};

enum sim_login {
    SIM_LOGIN_BASIC,  /* 401 with a Basic challenge */
    SIM_LOGIN_HUB,    /* bearer tokens, also for nobody, with less in them (Docker Hub, GHCR) */
    SIM_LOGIN_STRICT, /* bearer tokens for users only (Harbor) */
};

struct sim_registry_rule {
    char *prefix; /* of HOST[:PORT]/PATH, normalised */
    enum sim_reach access;
    enum sim_login login;
    char *username;
    char *password;
    bool served; /* also on loopback, for the operator's machine (registry_server.h) */
    char *says;  /* NULL, or: every pull fails, and these are the runtime's words, as they stand */
};

/* One credential of a pull Secret; all three owned, wiped when freed. */
struct sim_credential {
    char *key; /* of auths */
    char *username;
    char *password;
};

struct sim_keyring {
    struct sim_credential *entries;
    size_t count;
    size_t capacity;
    char *error; /* NULL, or why every pull of the pod fails: "illegal base64 data..." */
};

/* docker.io/library/nginx:latest from nginx, with host, path, tag (or digest) apart; free each. */
struct sim_image {
    char *host;
    char *path;
    char *tag;
};
void sim_image_parse(const char *text, struct sim_image *out);
void sim_image_clear(struct sim_image *image);

/* Adds what a Secret holds: nothing unless its type is one of the two pull types. */
void sim_keyring_add(struct sim_keyring *keyring, const cJSON *secret);
void sim_keyring_clear(struct sim_keyring *keyring);
/* The first credential whose key covers the image, as kubelets look; NULL if none does. */
const struct sim_credential *sim_keyring_find(const struct sim_keyring *keyring,
                                              const struct sim_image *image);

/* The rule with the longest prefix of HOST[:PORT]/PATH:TAG; NULL if none covers it: public. */
const struct sim_registry_rule *sim_registry_rule_for(const struct sim *sim, const char *image);
/* Whether this is the credential that the rule takes; key does not count. */
bool sim_registry_opens(const struct sim_registry_rule *rule,
                        const struct sim_credential *credential);

/* What a pull came to. */
struct sim_pull {
    bool done;
    bool anonymous;      /* nobody's credential was needed or used */
    bool before_pulling; /* failed before the registry was asked: no Pulling event */
    char *message;       /* of the failure, owned */
};
void sim_registry_pull(const struct sim *sim, const char *image, const struct sim_keyring *keyring,
                       struct sim_pull *out);

#endif
