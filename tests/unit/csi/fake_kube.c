#include "fake_kube.h"

#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/clock.h"
#include "base/text.h"

enum { PLACES = 24 };

struct kube_call {
    struct kube_client *client;
    char *path; /* of a GET */
    kube_callback callback;
    void *context;
};

struct kube_watch {
    struct kube_link_state link;
};

struct place {
    const struct kube_resource *resource;
    struct kube_query query;
    char *selector; /* of labels; NULL: none */
    kube_item_callback on_item;
    kube_list_end on_end;
    const struct kube_watch_handler *handler;
    void *context;
    struct kube_call call;
    struct kube_watch watch;
    bool open;
    int begun;
};

struct kube_client {
    struct loop *loop;
    struct place places[PLACES];
    const char *chosen; /* the selector of the list that is meant; NULL: the first that is open */
    struct kube_call *gets[64];
    int get_count;
};

struct kube_client *fake_client_new(struct loop *loop)
{
    struct kube_client *client = xcalloc(1, sizeof(*client));
    client->loop = loop;
    return client;
}

void fake_client_free(struct kube_client *client)
{
    for (size_t i = 0; i < PLACES; i++) {
        free(client->places[i].selector);
    }
    free(client);
}

void fake_choose(struct kube_client *client, const char *selector)
{
    client->chosen = selector;
}

struct loop *kube_client_loop(const struct kube_client *client)
{
    return client->loop;
}

static struct place *place_of(const struct kube_client *client,
                              const struct kube_resource *resource)
{
    const struct place *found = NULL;
    for (size_t i = 0; i < PLACES; i++) {
        const struct place *place = &client->places[i];
        bool meant = client->chosen == NULL ||
                     strcmp(place->selector == NULL ? "" : place->selector, client->chosen) == 0;
        if (place->resource == resource && meant && (found == NULL || !found->open)) {
            found = place;
        }
    }
    return (struct place *)found;
}

static struct place *open_place(struct kube_client *client, const struct kube_query *query,
                                void *context)
{
    const char *chosen = client->chosen;
    client->chosen = query->label_selector == NULL ? "" : query->label_selector;
    struct place *place = place_of(client, query->resource);
    client->chosen = chosen;
    for (size_t i = 0; place == NULL; i++) {
        ck_assert_uint_lt(i, PLACES);
        place = client->places[i].resource == NULL ? &client->places[i] : NULL;
    }
    int begun = place->begun;
    free(place->selector);
    *place = (struct place){.resource = query->resource,
                            .query = *query,
                            .selector = xstrdup_or_null(query->label_selector),
                            .context = context,
                            .open = true,
                            .begun = begun + 1};
    place->call.client = client;
    return place;
}

struct kube_call *kube_list(struct kube_client *client, const struct kube_query *query,
                            kube_item_callback on_item, kube_list_end on_end, void *context)
{
    struct place *place = open_place(client, query, context);
    place->on_item = on_item;
    place->on_end = on_end;
    return &place->call;
}

struct kube_watch *kube_watch_start(struct kube_client *client, const struct kube_query *query,
                                    const struct kube_watch_handler *handler, void *context)
{
    struct place *place = open_place(client, query, context);
    place->handler = handler;
    return &place->watch;
}

static struct place *place_of_watch(struct kube_watch *watch)
{
    return (struct place *)(void *)((char *)watch - offsetof(struct place, watch));
}

void kube_watch_stop(struct kube_watch *watch)
{
    if (watch != NULL) {
        place_of_watch(watch)->open = false;
    }
}

static void drop_get(struct kube_client *client, struct kube_call *call)
{
    for (int i = 0; i < client->get_count; i++) {
        if (client->gets[i] == call) {
            client->gets[i] = client->gets[--client->get_count];
            free(call->path);
            free(call);
            return;
        }
    }
}

void kube_call_cancel(struct kube_call *call)
{
    if (call == NULL) {
        return;
    }
    for (size_t i = 0; i < PLACES; i++) {
        if (call == &call->client->places[i].call) {
            call->client->places[i].open = false;
            return;
        }
    }
    drop_get(call->client, call);
}

static struct kube_call *get(struct kube_client *client, char *path, kube_callback callback,
                             void *context)
{
    struct kube_call *call = xcalloc(1, sizeof(*call));
    *call = (struct kube_call){client, path, callback, context};
    ck_assert_int_lt(client->get_count, 64);
    client->gets[client->get_count++] = call;
    return call;
}

struct kube_call *kube_get_path(struct kube_client *client, const char *path,
                                kube_callback callback, void *context)
{
    return get(client, xstrdup(path), callback, context);
}

struct kube_call *kube_get(struct kube_client *client, const struct kube_resource *resource,
                           const char *ns, const char *name, kube_callback callback, void *context)
{
    return get(client, xasprintf("%s/%s/%s", resource->plural, ns, name), callback, context);
}

cJSON *kube_response_take(struct kube_response *response)
{
    cJSON *object = response->object;
    response->object = NULL;
    return object;
}

bool fake_answer(struct kube_client *client, const char *ending, cJSON *object,
                 enum error_kind kind)
{
    for (int i = 0; i < client->get_count; i++) {
        struct kube_call *call = client->gets[i];
        if (!text_ends_with(call->path, ending)) {
            continue;
        }
        struct error err = {kind, "refused by the test"};
        struct kube_response response = {
            .err = kind == ERROR_NONE ? NULL : &err, .object = object, .answered = true};
        kube_callback callback = call->callback;
        void *context = call->context;
        drop_get(client, call);
        callback(context, &response);
        cJSON_Delete(response.object);
        return true;
    }
    cJSON_Delete(object);
    return false;
}

int fake_gets(const struct kube_client *client)
{
    return client->get_count;
}

static struct place *need_place(struct kube_client *client, const struct kube_resource *resource)
{
    struct place *place = place_of(client, resource);
    ck_assert_msg(place != NULL && place->open, "%s is not open", resource->plural);
    return place;
}

void fake_relist(struct kube_client *client, const struct kube_resource *resource)
{
    struct place *place = need_place(client, resource);
    if (place->handler != NULL) {
        place->handler->on_relist(place->context);
    }
}

void fake_item(struct kube_client *client, const struct kube_resource *resource,
               enum kube_event event, cJSON *item)
{
    struct place *place = need_place(client, resource);
    if (place->handler != NULL) {
        place->handler->on_item(place->context, event, item);
    } else {
        place->on_item(place->context, item);
    }
    cJSON_Delete(item);
}

static void set_link(struct place *place, enum kube_link link, enum error_kind kind)
{
    place->watch.link = (struct kube_link_state){
        .link = link, .since_ms = clock_monotonic_ms(), .error = {kind, "refused by the test"}};
    place->handler->on_link(place->context, &place->watch.link);
}

void fake_synced(struct kube_client *client, const struct kube_resource *resource)
{
    struct place *place = need_place(client, resource);
    if (place->handler != NULL) {
        set_link(place, KUBE_LIVE, ERROR_NONE);
        place->handler->on_synced(place->context);
    } else {
        place->open = false;
        place->on_end(place->context, NULL, 200, "1");
    }
}

void fake_refuse(struct kube_client *client, const struct kube_resource *resource,
                 enum error_kind kind, int status)
{
    struct place *place = need_place(client, resource);
    struct error err = {kind, "refused by the test"};
    if (place->handler != NULL) {
        bool right = kind == ERROR_FORBIDDEN || kind == ERROR_AUTH || kind == ERROR_NOT_FOUND ||
                     kind == ERROR_CONFIG;
        set_link(place, right ? KUBE_REFUSED : KUBE_RECONNECTING, kind);
    } else {
        place->open = false;
        place->on_end(place->context, &err, status, NULL);
    }
}

int fake_begun(const struct kube_client *client, const struct kube_resource *resource)
{
    const struct place *place = place_of(client, resource);
    return place == NULL ? 0 : place->begun;
}

bool fake_is_open(const struct kube_client *client, const struct kube_resource *resource)
{
    const struct place *place = place_of(client, resource);
    return place != NULL && place->open;
}

const struct kube_query *fake_query(const struct kube_client *client,
                                    const struct kube_resource *resource)
{
    return &place_of(client, resource)->query;
}
