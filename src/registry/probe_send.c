#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/alloc.h"
#include "base/clock.h"
#include "probe_private.h"

/* What a registry may serve under a tag; containerd asks for the same. */
static const char manifest_types[] = "application/vnd.oci.image.index.v1+json, "
                                     "application/vnd.oci.image.manifest.v1+json, "
                                     "application/vnd.docker.distribution.manifest.list.v2+json, "
                                     "application/vnd.docker.distribution.manifest.v2+json";

enum { MAX_REDIRECTS = 5, BODY_LIMIT = 256 * 1024 };

char *probe_origin(const struct probe *probe)
{
    return xasprintf("%s://%s", probe->way == PROBE_PLAIN ? "http" : "https", probe->host);
}

static bool is_insecure(const struct probe *probe, const char *host, size_t length)
{
    const char *const *hosts = probe->world->insecure_hosts;
    for (size_t i = 0; hosts != NULL && hosts[i] != NULL; i++) {
        if (strlen(hosts[i]) == length && strncasecmp(hosts[i], host, length) == 0) {
            return true;
        }
    }
    return probe->world->insecure;
}

bool probe_may_be_plain(const struct probe *probe, const char *host)
{
    return is_insecure(probe, host, strlen(host)) || registry_is_loopback(host);
}

bool probe_next_way(const struct probe *probe, const char *host, enum probe_way *way,
                    const struct error *err)
{
    if (*way == PROBE_TLS && err->kind == ERROR_AUTH && probe->world->ca != NULL) {
        *way = PROBE_TLS_CA;
        return true;
    }
    /* Not where TLS is spoken but cannot be verified. */
    bool no_tls = err->kind == ERROR_PROTOCOL || err->kind == ERROR_UNAVAILABLE;
    if (*way != PROBE_PLAIN && no_tls && probe_may_be_plain(probe, host)) {
        *way = PROBE_PLAIN;
        return true;
    }
    return false;
}

/* A manifest's body is of no interest; that it is there is the answer. */
static bool on_head(void *context, const struct http_response *response)
{
    const struct probe *probe = context;
    return probe->stage != STAGE_BODY || response->status < 200 || response->status >= 300;
}

static void on_end(void *context, const struct http_response *response, const struct error *err)
{
    struct probe *probe = context;
    probe->exchange = NULL;
    probe_answer(probe, response, err);
}

void probe_send(struct probe *probe, enum http_method method, const char *url, enum probe_way way,
                const char *authorization)
{
    const struct http_handler handler = {on_head, NULL, on_end};
    const struct http_header accept = {
        "Accept", probe->stage == STAGE_TOKEN || probe->stage == STAGE_PING ? "application/json"
                                                                            : manifest_types};
    const char *host = strstr(url, "://") + 3;
    const struct http_tls tls = {.ca = way == PROBE_TLS_CA ? probe->world->ca : NULL,
                                 .insecure = is_insecure(probe, host, strcspn(host, "/?"))};
    const struct http_request request = {
        .method = method,
        .url = url,
        .headers = &accept,
        .header_count = 1,
        .authorization = authorization,
        .plain_authorization = way == PROBE_PLAIN,
        .tls = &tls,
        /* A body without end must leave time to tell what the status was. */
        .timeout_ms = probe->world->timeout_ms / (probe->stage == STAGE_BODY ? 2 : 1),
        .max_redirects = MAX_REDIRECTS,
        .body_limit = BODY_LIMIT,
    };
    probe->exchange = http_send(probe->world->http, &request, &handler, probe);
}
