#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "client_internal.h"
#include "doc/json.h"

/* GET /api/v1 or /apis/GROUP/VERSION: an APIResourceList names every kind with its plural. */

struct discover_call {
    struct kube_call call;
    struct request *request;
    struct loop_timer *timer;
    char *api_version;
    char *kind;
    kube_discover_callback callback;
    void *context;
};

static void free_discover(struct kube_call *call)
{
    struct discover_call *discover = (struct discover_call *)call;
    request_cancel(discover->request);
    if (discover->timer != NULL) {
        loop_cancel_timer(call->client->loop, discover->timer);
    }
    free(discover->api_version);
    free(discover->kind);
    free(discover);
}

static void finish(struct discover_call *discover, const struct kube_resource *resource,
                   const struct error *err)
{
    kube_discover_callback callback = discover->callback;
    void *context = discover->context;
    call_unlink(&discover->call);
    free_discover(&discover->call);
    callback(context, resource, err);
}

static const struct kube_resource *cached(const struct kube_client *client, const char *api_version,
                                          const char *kind)
{
    char *key = xasprintf("%s/%s", api_version, kind);
    const struct kube_resource *resource = map_get(client->discovered, key);
    free(key);
    return resource;
}

/* All kinds of the answer go into the cache: the next question is likely about a neighbour. */
static void remember(struct kube_client *client, const char *api_version, const cJSON *list)
{
    const char *slash = strchr(api_version, '/');
    const cJSON *entry;
    cJSON_ArrayForEach(entry, json_list(list, "resources"))
    {
        const char *name = json_string(entry, "name");
        const char *kind = json_string(entry, "kind");
        if (name == NULL || kind == NULL || strchr(name, '/') != NULL) {
            continue; /* a subresource */
        }
        char *key = xasprintf("%s/%s", api_version, kind);
        if (map_get(client->discovered, key) == NULL) {
            struct kube_resource *resource = xcalloc(1, sizeof(*resource));
            resource->group =
                slash == NULL ? xstrdup("") : xstrndup(api_version, (size_t)(slash - api_version));
            resource->version = xstrdup(slash == NULL ? api_version : slash + 1);
            resource->plural = xstrdup(name);
            resource->kind = xstrdup(kind);
            resource->namespaced = json_bool(entry, "namespaced", false);
            map_set(client->discovered, key, resource);
        }
        free(key);
    }
}

static void on_end(void *context, struct request_result *result)
{
    struct discover_call *discover = context;
    struct error err = ERROR_INIT;
    discover->request = NULL;
    if (result->status == 404) {
        error_set(&err, ERROR_NOT_FOUND, "the server does not serve %s, which %s belongs to",
                  discover->api_version, discover->kind);
        finish(discover, NULL, &err);
        return;
    }
    if (result->err != NULL) {
        err = *result->err;
        error_wrap(&err, "find out about %s %s", discover->api_version, discover->kind);
        finish(discover, NULL, &err);
        return;
    }
    remember(discover->call.client, discover->api_version, result->object);
    const struct kube_resource *resource =
        cached(discover->call.client, discover->api_version, discover->kind);
    if (resource == NULL) {
        error_set(&err, ERROR_NOT_FOUND, "the server's %s has no kind %s", discover->api_version,
                  discover->kind);
    }
    finish(discover, resource, resource == NULL ? &err : NULL);
}

static void on_cached(void *context)
{
    struct discover_call *discover = context;
    discover->timer = NULL;
    finish(discover, cached(discover->call.client, discover->api_version, discover->kind), NULL);
}

struct kube_call *kube_discover(struct kube_client *client, const char *api_version,
                                const char *kind, kube_discover_callback callback, void *context)
{
    static const struct request_handler handler = {.on_end = on_end};
    struct discover_call *discover = xcalloc(1, sizeof(*discover));
    discover->api_version = xstrdup(api_version);
    discover->kind = xstrdup(kind);
    discover->callback = callback;
    discover->context = context;
    call_link(client, &discover->call, free_discover);
    if (cached(client, api_version, kind) != NULL) {
        discover->timer = loop_after(client->loop, 0, on_cached, discover);
        return &discover->call;
    }
    /* As a resource without a plural: "/api/v1" and "/apis/apps/v1". */
    struct buffer path;
    buffer_init(&path, 64 * 1024);
    bool core = strchr(api_version, '/') == NULL;
    buffer_printf(&path, "%s/%s", core ? "/api" : "/apis", api_version);
    struct request_spec spec = {.method = HTTP_GET, .path = path.data};
    discover->request = request_start(client, &spec, &handler, discover);
    buffer_free(&path);
    return &discover->call;
}
