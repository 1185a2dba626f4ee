#ifndef TESTS_KUBE_SCENE_H
#define TESTS_KUBE_SCENE_H

#include <cjson/cJSON.h>

#include "../fake_server.h"
#include "kube/client.h"

/* A client of a fake API server on the same loop, and what its last call brought. */
struct kube_scene {
    struct loop *loop;
    struct fake_server *server;
    struct kube_config *config;
    struct kube_client *client;
    fake_handler handler;
    void *context;
    struct buffer requests; /* request lines, a newline after each */
    char *last_request;

    int calls;
    int status;
    bool answered;
    struct error err;
    cJSON *object;
    char *warning;

    struct buffer items; /* names, a blank after each */
    int item_count;
    int stop_after;
    char *version;
};

void kube_scene_set_up(struct kube_scene *scene, fake_handler handler, void *context,
                       bool read_only);
void kube_scene_tear_down(struct kube_scene *scene);
/* For kube_get() and its like, kube_list()'s items and end; each end stops the loop. */
void kube_scene_on_response(void *context, struct kube_response *response);
bool kube_scene_on_item(void *context, const cJSON *item);
void kube_scene_on_end(void *context, const struct error *err, int status,
                       const char *resource_version);

#endif
