#ifndef REGISTRY_PROBE_RUN_H
#define REGISTRY_PROBE_RUN_H

#include "base/map.h"
#include "net/http.h"
#include "registry/probe.h"
#include "registry/reference.h"

/* One image with one credential. What probes share: */
struct probe_world {
    struct loop *loop;
    struct http *http; /* read-only: GET and HEAD leave it, nothing else */
    char *ca;          /* PEM; NULL: none */
    bool insecure;
    const char *const *insecure_hosts; /* NULL-terminated; NULL: none */
    int64_t timeout_ms;
    struct map *ways; /* origin to the way that worked (enum probe_way + 1) */
};

/* How an origin is reached, tried in this order. */
enum probe_way {
    PROBE_TLS,    /* trusting the system's CAs (or, if insecure, anyone) */
    PROBE_TLS_CA, /* trusting the CA that was given */
    PROBE_PLAIN   /* plain HTTP: loopback, or insecure */
};

struct probe;

typedef void (*probe_done)(void *context, const struct registry_probe_result *result);

/* credential must live until the end. Calls back once, never from inside; the probe is gone after
 * the callback. */
struct probe *probe_start(const struct probe_world *world, const char *image,
                          const struct registry_probe_credential *credential, probe_done done,
                          void *context);
void probe_cancel(struct probe *probe);

#endif
