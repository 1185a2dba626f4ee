#include "kube/client.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/language.h"
#include "client_internal.h"

static void free_resource(void *value)
{
    struct kube_resource *resource = value;
    free((void *)(uintptr_t)resource->group);
    free((void *)(uintptr_t)resource->version);
    free((void *)(uintptr_t)resource->plural);
    free((void *)(uintptr_t)resource->kind);
    free(resource);
}

struct kube_client *kube_client_new(struct loop *loop, const struct kube_config *config,
                                    bool read_only, struct error *err)
{
    if (config->server == NULL) {
        error_set(err, ERROR_CONFIG, "the configuration names no server");
        return NULL;
    }
    struct kube_client *client = xcalloc(1, sizeof(*client));
    client->loop = loop;
    client->pace = watch_default_pace;
    client->config = config;
    client->read_only = read_only;
    client->http = http_new(loop, read_only);
    client->auth = auth_new(loop, config);
    client->discovered = map_new(free_resource);
    return client;
}

void kube_client_free(struct kube_client *client)
{
    if (client == NULL) {
        return;
    }
    watch_free_all(client);
    while (client->calls != NULL) {
        kube_call_cancel(client->calls);
    }
    http_free(client->http);
    auth_free(client->auth);
    map_free(client->discovered);
    free(client);
}

struct loop *kube_client_loop(const struct kube_client *client)
{
    return client->loop;
}

const struct kube_config *kube_client_config(const struct kube_client *client)
{
    return client->config;
}

bool kube_client_is_read_only(const struct kube_client *client)
{
    return client->read_only;
}

void call_link(struct kube_client *client, struct kube_call *call,
               void (*free_call)(struct kube_call *call))
{
    call->client = client;
    call->free_call = free_call;
    call->next = client->calls;
    client->calls = call;
}

void call_unlink(struct kube_call *call)
{
    struct kube_call **link = &call->client->calls;
    while (*link != NULL && *link != call) {
        link = &(*link)->next;
    }
    if (*link == call) {
        *link = call->next;
    }
}

void kube_call_cancel(struct kube_call *call)
{
    if (call != NULL) {
        call_unlink(call);
        call->free_call(call);
    }
}

char *call_label(const char *verb, const struct kube_resource *resource, const char *ns,
                 const char *name)
{
    bool named = name != NULL && *name != '\0';
    bool placed = resource->namespaced && ns != NULL && *ns != '\0';
    if (named) {
        return xasprintf("%s %s %s%s%s", verb, resource->plural, placed ? ns : "",
                         placed ? "/" : "", name);
    }
    if (placed) {
        return xasprintf(_("%s %s in namespace %s"), verb, resource->plural, ns);
    }
    return xasprintf("%s %s%s", verb, resource->plural,
                     resource->namespaced ? _(" in all namespaces") : "");
}
