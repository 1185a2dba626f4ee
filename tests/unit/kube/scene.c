#include "scene.h"

#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "doc/json.h"

static void on_request(void *context, struct fake_connection *connection, const char *request)
{
    struct kube_scene *scene = context;
    buffer_append(&scene->requests, request, strcspn(request, "\r"));
    buffer_append_char(&scene->requests, '\n');
    free(scene->last_request);
    scene->last_request = xstrdup(request);
    scene->handler(scene->context, connection, request);
}

void kube_scene_set_up(struct kube_scene *scene, fake_handler handler, void *context,
                       bool read_only)
{
    *scene = (struct kube_scene){.loop = loop_new(), .handler = handler, .context = context};
    buffer_init(&scene->requests, 1024 * 1024);
    buffer_init(&scene->items, 1024 * 1024);
    scene->server = fake_server_new(scene->loop, on_request, scene);
    char *url = xasprintf("http://127.0.0.1:%d", fake_server_port(scene->server));
    struct kube_config_flags flags = {.server = url};
    struct error err = ERROR_INIT;
    setenv("KUBECONFIG", "/nonexistent/kubeconfig", 1);
    scene->config = kube_config_load(&flags, &err);
    ck_assert_msg(scene->config != NULL, "%s", err.message);
    scene->client = kube_client_new(scene->loop, scene->config, read_only, &err);
    ck_assert_ptr_nonnull(scene->client);
    free(url);
}

void kube_scene_tear_down(struct kube_scene *scene)
{
    kube_client_free(scene->client);
    kube_config_free(scene->config);
    fake_server_free(scene->server);
    loop_free(scene->loop);
    buffer_free(&scene->requests);
    buffer_free(&scene->items);
    free(scene->last_request);
    cJSON_Delete(scene->object);
    free(scene->warning);
    free(scene->version);
}

void kube_scene_on_response(void *context, struct kube_response *response)
{
    struct kube_scene *scene = context;
    scene->calls++;
    scene->status = response->status;
    scene->answered = response->answered;
    scene->err = (struct error)ERROR_INIT;
    if (response->err != NULL) {
        scene->err = *response->err;
    }
    cJSON_Delete(scene->object);
    scene->object = kube_response_take(response);
    free(scene->warning);
    scene->warning = xstrdup_or_null(response->warnings == NULL ? NULL : response->warnings[0]);
    loop_stop(scene->loop, 0);
}

bool kube_scene_on_item(void *context, const cJSON *item)
{
    struct kube_scene *scene = context;
    const char *name = json_string(json_object(item, "metadata"), "name");
    const cJSON *cells = json_list(item, "cells");
    scene->item_count++;
    if (cells != NULL) {
        name = cells->child->valuestring;
    }
    buffer_printf(&scene->items, "%s ", name == NULL ? "?" : name);
    return scene->stop_after == 0 || scene->item_count < scene->stop_after;
}

void kube_scene_on_end(void *context, const struct error *err, int status,
                       const char *resource_version)
{
    struct kube_scene *scene = context;
    scene->calls++;
    scene->status = status;
    scene->err = (struct error)ERROR_INIT;
    if (err != NULL) {
        scene->err = *err;
    }
    free(scene->version);
    scene->version = xstrdup_or_null(resource_version);
    loop_stop(scene->loop, 0);
}
