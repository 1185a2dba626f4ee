#ifndef REGISTRY_PROBE_H
#define REGISTRY_PROBE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"
#include "base/loop.h"

/*
 * Asks a registry whether an image could be pulled, as a container runtime would: the challenge,
 * Basic or Bearer, a token with the scope of the repository, HEAD of the manifest. Nothing is
 * pulled. What this machine sees is not what a node sees (mirrors, proxies, hosts.toml, its CAs).
 */
enum registry_probe_verdict {
    REGISTRY_PROBE_MAY_PULL,     /* with this credential */
    REGISTRY_PROBE_PUBLIC,       /* without any credential */
    REGISTRY_PROBE_UNAUTHORIZED, /* 401: wrong password, or none where one is needed */
    REGISTRY_PROBE_FORBIDDEN,    /* known, but no right to this repository (or it is hidden) */
    REGISTRY_PROBE_NOT_FOUND,    /* may read, but there is no such image */
    REGISTRY_PROBE_RATE_LIMITED, /* 429 */
    REGISTRY_PROBE_UNREACHABLE,  /* no connection, no name, timeout, 5xx: says nothing about the
                                    credential */
    REGISTRY_PROBE_CERTIFICATE,  /* TLS cannot be verified */
    REGISTRY_PROBE_STRANGE,      /* an answer that no registry gives (HTML, endless, redirects) */
    REGISTRY_PROBE_REFUSED       /* not asked, to keep the credential safe or the name is invalid */
};

/* "may pull", "401 unauthorized"...; never NULL. */
const char *registry_probe_verdict_name(enum registry_probe_verdict verdict);
/* True for MAY_PULL and PUBLIC. */
bool registry_probe_verdict_is_good(enum registry_probe_verdict verdict);

struct registry_probe_result {
    enum registry_probe_verdict verdict;
    int status;             /* the last HTTP status, 0 without an answer */
    char *message;          /* one safe sentence: what was asked, what came back, what to do */
    char *digest;           /* Docker-Content-Digest; NULL if not told */
    char *realm;            /* host the credential was sent to besides the registry's; NULL: none */
    int64_t rate_limit;     /* -1 if not told, else pulls a window */
    int64_t rate_remaining; /* -1 if not told */
    int64_t rate_window_s;  /* -1 if not told */
};

struct registry_probe_options {
    const char *ca_file; /* besides the system's CAs; NULL: none */
    bool insecure;       /* allow plain HTTP and unverified TLS everywhere, not on loopback only */
    /* The same for these hosts ("reg.example.com:5000") only; NULL-terminated, NULL: none. Outlives
     * the verification. */
    const char *const *insecure_hosts;
    int64_t timeout_ms; /* of one image with one credential; 0: 20 seconds */
    int parallel;       /* probes at a time; 0: 6 */
};

/* What to try; username NULL: anonymously. Copied by registry_verify_start(). */
struct registry_probe_credential {
    const char *username;
    const char *password;
    size_t password_length;
};

/* Every image with every credential: the verification matrix. */
struct registry_verify;

struct registry_verify_callbacks {
    /* result is valid during the call. */
    void (*result)(void *context, size_t image, size_t credential,
                   const struct registry_probe_result *result);
    /* All are told; the handle is freed after this returns. */
    void (*done)(void *context);
};

/*
 * Starts images × credentials; the images and credentials are copied. A pair can be left out:
 * wanted (may be NULL: all) has image_count × credential_count flags, row by image. Errors:
 * ERROR_CONFIG (CA file).
 */
struct registry_verify *registry_verify_start(struct loop *loop,
                                              const struct registry_probe_options *options,
                                              const char *const *images, size_t image_count,
                                              const struct registry_probe_credential *credentials,
                                              size_t credential_count, const bool *wanted,
                                              const struct registry_verify_callbacks *callbacks,
                                              void *context, struct error *err);
/* Ends all transfers, wipes the credentials; no callback follows. NULL is allowed. */
void registry_verify_cancel(struct registry_verify *verify);

#endif
