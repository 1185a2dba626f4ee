#include "watch_scene.h"

#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/clock.h"
#include "doc/json.h"

static void play(void *context, struct fake_connection *connection, const char *request)
{
    struct watch_scene *scene = context;
    (void)request;
    if (scene->next >= scene->count) {
        return; /* silence */
    }
    const struct act *act = &scene->acts[scene->next++];
    if (act->what == SILENT) {
        return;
    }
    if (act->what == CUT) {
        fake_reset(connection);
        return;
    }
    if (act->what == PLAIN) {
        fake_answer(connection, act->status, JSON, act->text);
        return;
    }
    fake_begin(connection, act->status, JSON);
    if (act->text[0] != '\0') {
        fake_chunk(connection, act->text);
    }
    if (act->what == STREAM_END) {
        fake_end(connection);
    } else if (act->what == STREAM_CUT) {
        fake_close(connection);
    }
}

static void note(struct watch_scene *scene, const char *text)
{
    buffer_printf(&scene->seen, "%s ", text);
    if (scene->until != NULL && strstr(scene->seen.data, scene->until) != NULL) {
        loop_stop(scene->base.loop, 0);
    }
}

static void on_relist(void *context)
{
    note(context, "[");
}

static void on_item(void *context, enum kube_event event, const cJSON *item)
{
    struct watch_scene *scene = context;
    static const char *const letters[] = {"L", "A", "M", "D"};
    const cJSON *object = json_object(item, "object");
    const char *name = json_string(json_object(object == NULL ? item : object, "metadata"), "name");
    char text[64];
    snprintf(text, sizeof(text), "%s%s", letters[event], name == NULL ? "?" : name);
    if (scene->stop_on_item) {
        kube_watch_stop(scene->watch);
        scene->watch = NULL;
    }
    note(scene, text);
}

static void on_synced(void *context)
{
    struct watch_scene *scene = context;
    if (scene->stop_on_synced) {
        kube_watch_stop(scene->watch);
        scene->watch = NULL;
    }
    note(scene, "]");
}

static void on_link(void *context, const struct kube_link_state *state)
{
    struct watch_scene *scene = context;
    static const char *const names[] = {"connecting", "live", "reconnecting", "refused"};
    buffer_printf(&scene->links, "%s ", names[state->link]);
    if (state->error.kind != ERROR_NONE) {
        scene->err = state->error;
        scene->retry_at_ms = state->retry_at_ms;
        ck_assert(state->retry_at_ms > clock_monotonic_ms());
    }
    if (scene->stop_on_link) {
        kube_watch_stop(scene->watch);
        scene->watch = NULL;
        loop_stop(scene->base.loop, 0);
    }
    if (scene->until_link != NULL && strstr(scene->links.data, scene->until_link) != NULL) {
        loop_stop(scene->base.loop, 0);
    }
}

void watch_scene_set_up(struct watch_scene *scene, const struct act *acts, size_t count,
                        const struct kube_resource *resource, bool table)
{
    static const struct kube_watch_handler handler = {on_relist, on_item, on_synced, on_link};
    *scene = (struct watch_scene){.acts = acts, .count = count, .resource = resource};
    kube_scene_set_up(&scene->base, play, scene, true);
    buffer_init(&scene->seen, 100000);
    buffer_init(&scene->links, 100000);
    struct kube_query query = {.resource = resource, .table = table};
    scene->watch = kube_watch_start(scene->base.client, &query, &handler, scene);
}

void watch_scene_run(struct watch_scene *scene, const char *seen, const char *link)
{
    scene->until = seen;
    scene->until_link = link;
    loop_run(scene->base.loop);
}

void watch_scene_tear_down(struct watch_scene *scene)
{
    kube_watch_stop(scene->watch);
    kube_scene_tear_down(&scene->base);
    buffer_free(&scene->seen);
    buffer_free(&scene->links);
}

/* The nth request line without its random time limit. */
static char *request_line(const struct watch_scene *scene, int nth)
{
    const char *line = scene->base.requests.data;
    for (int i = 0; i < nth; i++) {
        line += strcspn(line, "\n");
        line += *line == '\n';
    }
    char *text = xstrndup(line, strcspn(line, "\n"));
    char *limit = strstr(text, "&timeoutSeconds=");
    if (limit != NULL) {
        char *rest = limit + strlen("&timeoutSeconds=");
        rest += strspn(rest, "0123456789");
        memmove(limit, rest, strlen(rest) + 1);
    }
    return text;
}

void watch_scene_expect_request(const struct watch_scene *scene, int nth, const char *expected)
{
    char *line = request_line(scene, nth);
    ck_assert_str_eq(line, expected);
    free(line);
}

/* Waits that fit a test; the watch's first check comes with them. */
void watch_scene_hurry(struct watch_scene *scene)
{
    scene->base.client->pace = (struct watch_pace){.check_ms = 20,
                                                   .head_wait_ms = 60000,
                                                   .initial_wait_ms = 60000,
                                                   .silence_ms = 60000,
                                                   .probe_timeout_ms = 1000,
                                                   .bookmark_silence_ms = 60000};
    kube_watch_stop(scene->watch);
    static const struct kube_watch_handler handler = {on_relist, on_item, on_synced, on_link};
    struct kube_query query = {.resource = scene->resource};
    scene->watch = kube_watch_start(scene->base.client, &query, &handler, scene);
}
