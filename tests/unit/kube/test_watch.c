#include "runner.h"

#include <stdio.h>
#include <string.h>

#include "../../../src/kube/backoff.h"
#include "../../../src/kube/client_internal.h"
#include "base/alloc.h"
#include "base/clock.h"
#include "base/text.h"
#include "doc/json.h"
#include "kube/watch.h"
#include "scene.h"

Suite *suite_watch(void);

#define JSON "Content-Type: application/json\r\n"
#define OBJECT(name, version)                                                                      \
    "{\"kind\":\"Pod\",\"metadata\":{\"name\":\"" name "\",\"resourceVersion\":\"" version "\"}}"
#define FRAME(type, object) "{\"type\":\"" type "\",\"object\":" object "}\n"
#define LIST(version, items)                                                                       \
    "{\"kind\":\"PodList\",\"metadata\":{\"resourceVersion\":\"" version "\"},\"items\":[" items   \
    "]}"
#define GONE                                                                                       \
    "{\"kind\":\"Status\",\"status\":\"Failure\",\"reason\":\"Expired\",\"message\":\"too old\","  \
    "\"code\":410}"

enum what {
    PLAIN,      /* a whole answer */
    STREAM,     /* a head and chunks, then silence */
    STREAM_END, /* the same, then the orderly end */
    STREAM_CUT, /* the same, then the connection is lost */
    CUT,        /* the connection is lost at once */
    SILENT,     /* no answer begins */
};

struct act {
    enum what what;
    int status;
    const char *text;
};

struct scene {
    struct kube_scene base;
    const struct act *acts;
    size_t count;
    size_t next;
    const struct kube_resource *resource;
    struct kube_watch *watch;
    struct buffer seen;  /* what the handler saw, one letter and the name each */
    struct buffer links; /* the states it went through */
    const char *until;   /* seen holds this: the loop stops */
    const char *until_link;
    bool stop_on_item;
    bool stop_on_link;
    bool stop_on_synced;
    struct error err;
};

static void play(void *context, struct fake_connection *connection, const char *request)
{
    struct scene *scene = context;
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

static void note(struct scene *scene, const char *text)
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

static void on_item(void *context, enum kube_event event, cJSON **item)
{
    struct scene *scene = context;
    static const char *const letters[] = {"L", "A", "M", "D"};
    const cJSON *object = json_object(*item, "object");
    const char *name =
        json_string(json_object(object == NULL ? *item : object, "metadata"), "name");
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
    struct scene *scene = context;
    if (scene->stop_on_synced) {
        kube_watch_stop(scene->watch);
        scene->watch = NULL;
    }
    note(scene, "]");
}

static void on_link(void *context, const struct kube_link_state *state)
{
    struct scene *scene = context;
    static const char *const names[] = {"connecting", "live", "reconnecting", "refused"};
    buffer_printf(&scene->links, "%s ", names[state->link]);
    if (state->error.kind != ERROR_NONE) {
        scene->err = state->error;
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

static void set_up(struct scene *scene, const struct act *acts, size_t count,
                   const struct kube_resource *resource, bool table)
{
    static const struct kube_watch_handler handler = {on_relist, on_item, on_synced, on_link};
    *scene = (struct scene){.acts = acts, .count = count, .resource = resource};
    kube_scene_set_up(&scene->base, play, scene, true);
    buffer_init(&scene->seen, 100000);
    buffer_init(&scene->links, 100000);
    struct kube_query query = {.resource = resource, .table = table};
    scene->watch = kube_watch_start(scene->base.client, &query, &handler, scene);
}

static void run_until(struct scene *scene, const char *seen, const char *link)
{
    scene->until = seen;
    scene->until_link = link;
    loop_run(scene->base.loop);
}

static void tear_down(struct scene *scene)
{
    kube_watch_stop(scene->watch);
    kube_scene_tear_down(&scene->base);
    buffer_free(&scene->seen);
    buffer_free(&scene->links);
}

/* The nth request line without its random time limit. */
static char *request_line(const struct scene *scene, int nth)
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

static void expect_request(const struct scene *scene, int nth, const char *expected)
{
    char *line = request_line(scene, nth);
    ck_assert_str_eq(line, expected);
    free(line);
}

START_TEST(it_lists_and_then_watches_from_there)
{
    static const struct act acts[] = {
        {PLAIN, 200, LIST("5", OBJECT("a", "1") "," OBJECT("b", "2"))},
        {STREAM, 200,
         FRAME("ADDED", OBJECT("c", "6")) FRAME("MODIFIED", OBJECT("a", "7"))
             FRAME("WHATEVER", OBJECT("x", "8")) FRAME("DELETED", OBJECT("b", "9"))},
    };
    struct scene scene;
    set_up(&scene, acts, 2, &kube_pods, false);
    ck_assert_int_eq(kube_watch_link(scene.watch)->link, KUBE_CONNECTING);
    run_until(&scene, "Db", NULL);
    ck_assert_str_eq(scene.seen.data, "[ La Lb ] Ac Ma Db ");
    ck_assert_str_eq(scene.links.data, "live ");
    expect_request(&scene, 0, "GET /api/v1/pods HTTP/1.1");
    expect_request(&scene, 1,
                   "GET /api/v1/pods?resourceVersion=5&watch=true&allowWatchBookmarks=true "
                   "HTTP/1.1");
    tear_down(&scene);
}
END_TEST

START_TEST(the_end_of_a_watch_is_no_event)
{
    static const struct act acts[] = {
        {PLAIN, 200, LIST("5", OBJECT("a", "1"))},
        {STREAM_END, 200, FRAME("MODIFIED", OBJECT("a", "7")) FRAME("BOOKMARK", OBJECT("", "9"))},
        {STREAM, 200, FRAME("ADDED", OBJECT("c", "11"))},
    };
    struct scene scene;
    set_up(&scene, acts, 3, &kube_pods, false);
    run_until(&scene, "Ac", NULL);
    ck_assert_str_eq(scene.seen.data, "[ La ] Ma Ac ");
    ck_assert_str_eq(scene.links.data, "live ");
    expect_request(&scene, 2,
                   "GET /api/v1/pods?resourceVersion=9&watch=true&allowWatchBookmarks=true "
                   "HTTP/1.1");
    tear_down(&scene);
}
END_TEST

START_TEST(expired_in_either_shape_means_list_anew_without_a_flash)
{
    static const struct act in_stream = {STREAM_END, 200, FRAME("ERROR", GONE)};
    static const struct act in_status = {PLAIN, 410, GONE};
    for (int shape = 0; shape < 2; shape++) {
        const struct act acts[] = {
            {PLAIN, 200, LIST("5", OBJECT("a", "1"))},
            shape == 0 ? in_stream : in_status,
            {PLAIN, 200, LIST("20", OBJECT("b", "12"))},
            {STREAM, 200, FRAME("ADDED", OBJECT("c", "21"))},
        };
        struct scene scene;
        set_up(&scene, acts, 4, &kube_pods, false);
        run_until(&scene, "Ac", NULL);
        ck_assert_str_eq(scene.seen.data, "[ La ] [ Lb ] Ac ");
        ck_assert_str_eq(scene.links.data, "live ");
        expect_request(&scene, 2, "GET /api/v1/pods?resourceVersion=5 HTTP/1.1");
        tear_down(&scene);
    }
}
END_TEST

START_TEST(a_list_from_a_version_that_is_refused_asks_for_the_newest)
{
    static const struct act acts[] = {
        {PLAIN, 200, LIST("5", OBJECT("a", "1"))},
        {STREAM_END, 200, FRAME("ERROR", GONE)},
        {PLAIN, 504, "{\"kind\":\"Status\",\"reason\":\"Timeout\",\"code\":504}"},
        {PLAIN, 200, LIST("2", OBJECT("a", "1"))},
        {STREAM, 200, FRAME("ADDED", OBJECT("c", "3"))},
    };
    struct scene scene;
    set_up(&scene, acts, 5, &kube_pods, false);
    run_until(&scene, "Ac", NULL);
    ck_assert_str_eq(scene.seen.data, "[ La ] [ [ La ] Ac ");
    expect_request(&scene, 3, "GET /api/v1/pods HTTP/1.1");
    tear_down(&scene);
}
END_TEST

START_TEST(a_lost_connection_goes_on_from_the_last_version)
{
    static const struct act acts[] = {
        {PLAIN, 200, LIST("5", OBJECT("a", "1"))},
        {STREAM_CUT, 200, FRAME("MODIFIED", OBJECT("a", "7")) "{\"type\":\"ADDED\",\"obj"},
        {CUT, 0, ""},
        {STREAM, 200, FRAME("ADDED", OBJECT("c", "8"))},
    };
    struct scene scene;
    set_up(&scene, acts, 4, &kube_pods, false);
    run_until(&scene, NULL, "reconnecting");
    ck_assert_int_eq(scene.err.kind, ERROR_UNAVAILABLE);
    ck_assert(text_starts_with(scene.err.message, "watch pods in all namespaces: "));
    run_until(&scene, "Ac", NULL);
    ck_assert_str_eq(scene.seen.data, "[ La ] Ma Ac ");
    ck_assert_str_eq(scene.links.data, "live reconnecting reconnecting live ");
    expect_request(&scene, 3,
                   "GET /api/v1/pods?resourceVersion=7&watch=true&allowWatchBookmarks=true "
                   "HTTP/1.1");
    tear_down(&scene);
}
END_TEST

START_TEST(a_list_that_is_cut_is_listed_again_and_never_synced)
{
    static const struct act acts[] = {
        {STREAM_CUT, 200, "{\"kind\":\"PodList\",\"items\":[" OBJECT("a", "1") ","},
        {PLAIN, 200, LIST("5", OBJECT("b", "1"))},
    };
    struct scene scene;
    set_up(&scene, acts, 2, &kube_pods, false);
    run_until(&scene, "]", NULL);
    ck_assert_str_eq(scene.seen.data, "[ La [ Lb ] ");
    ck_assert_str_eq(scene.links.data, "connecting live ");
    tear_down(&scene);
}
END_TEST

START_TEST(a_refusal_is_told_and_tried_again_rarely)
{
    static const struct act acts[] = {
        {PLAIN, 403, "{\"kind\":\"Status\",\"message\":\"pods is forbidden\",\"code\":403}"}};
    struct scene scene;
    set_up(&scene, acts, 1, &kube_pods, false);
    run_until(&scene, NULL, "refused");
    ck_assert_int_eq(scene.err.kind, ERROR_FORBIDDEN);
    ck_assert_int_ge(kube_watch_link(scene.watch)->retry_at_ms, clock_monotonic_ms() + 50000);
    tear_down(&scene);
}
END_TEST

#define END_MARK                                                                                   \
    "{\"kind\":\"DaemonSet\",\"metadata\":{\"resourceVersion\":\"30\",\"annotations\":{"           \
    "\"k8s.io/initial-events-end\":\"true\"}}}"

START_TEST(a_server_that_streams_lists_is_asked_to)
{
    static const struct act acts[] = {
        {STREAM_END, 200,
         FRAME("ADDED", OBJECT("b", "29")) FRAME("ADDED", OBJECT("a", "3"))
             FRAME("BOOKMARK", END_MARK) FRAME("ADDED", OBJECT("c", "31"))},
        {STREAM, 200, FRAME("DELETED", OBJECT("c", "32"))},
    };
    struct scene scene;
    set_up(&scene, acts, 2, &kube_daemon_sets, false);
    run_until(&scene, "Dc", NULL);
    ck_assert_str_eq(scene.seen.data, "[ Lb La ] Ac Dc ");
    ck_assert_str_eq(scene.links.data, "live ");
    expect_request(&scene, 0,
                   "GET /apis/apps/v1/daemonsets?resourceVersionMatch=NotOlderThan&watch=true&"
                   "allowWatchBookmarks=true&sendInitialEvents=true HTTP/1.1");
    expect_request(&scene, 1,
                   "GET /apis/apps/v1/daemonsets?resourceVersion=31&watch=true&"
                   "allowWatchBookmarks=true HTTP/1.1");
    tear_down(&scene);
}
END_TEST

START_TEST(a_server_that_does_not_stream_lists_is_asked_the_old_way)
{
    static const struct act refused[] = {
        {PLAIN, 422, "{\"kind\":\"Status\",\"message\":\"forbidden\",\"code\":422}"},
        {PLAIN, 200, LIST("5", OBJECT("a", "1"))},
        {STREAM, 200, FRAME("ADDED", OBJECT("c", "6"))},
    };
    static const struct act ended[] = {
        {STREAM_END, 200, FRAME("ADDED", OBJECT("a", "3"))},
        {PLAIN, 200, LIST("5", OBJECT("a", "1"))},
        {STREAM, 200, FRAME("ADDED", OBJECT("c", "6"))},
    };
    struct scene scene;
    set_up(&scene, refused, 3, &kube_daemon_sets, false);
    run_until(&scene, "Ac", NULL);
    ck_assert_str_eq(scene.seen.data, "[ [ La ] Ac ");
    tear_down(&scene);

    set_up(&scene, ended, 3, &kube_daemon_sets, false);
    run_until(&scene, "Ac", NULL);
    ck_assert_str_eq(scene.seen.data, "[ La [ La ] Ac ");
    tear_down(&scene);
}
END_TEST

START_TEST(a_table_watch_gives_rows)
{
    static const struct act acts[] = {
        {PLAIN, 422, "{\"kind\":\"Status\",\"code\":422}"},
        {PLAIN, 200,
         "{\"kind\":\"Table\",\"metadata\":{\"resourceVersion\":\"5\"},\"columnDefinitions\":[],"
         "\"rows\":[{\"cells\":[\"a\"],\"object\":" OBJECT("a", "1") "}]}"},
        {STREAM_END, 200,
         FRAME("ADDED", "{\"kind\":\"Table\",\"columnDefinitions\":[],\"rows\":[{\"cells\":[],"
                        "\"object\":" OBJECT("b", "6") "}]}")},
        {STREAM, 200,
         FRAME("ADDED",
               "{\"kind\":\"Table\",\"rows\":[{\"cells\":[],\"object\":" OBJECT("c", "7") "}]}")},
    };
    struct scene scene;
    set_up(&scene, acts, 4, &kube_secrets, true);
    run_until(&scene, "Ac", NULL);
    ck_assert_str_eq(scene.seen.data, "[ [ La ] Ab Ac ");
    expect_request(&scene, 3,
                   "GET /api/v1/secrets?includeObject=Metadata&resourceVersion=6&watch=true&"
                   "allowWatchBookmarks=true HTTP/1.1");
    tear_down(&scene);
}
END_TEST

START_TEST(a_frame_that_cannot_be_read_means_list_anew)
{
    static const char *const frames[] = {"<html>", "{\"type\":\"ADDED\"}\n", "{\"type\":5,]}\n",
                                         FRAME("ERROR", "{\"kind\":\"Status\",\"message\":\"boom\","
                                                        "\"code\":500}")};
    for (size_t i = 0; i < ARRAY_LENGTH(frames); i++) {
        const struct act acts[] = {
            {PLAIN, 200, LIST("5", OBJECT("a", "1"))},
            {STREAM, 200, frames[i]},
            {PLAIN, 200, LIST("9", OBJECT("b", "1"))},
        };
        struct scene scene;
        set_up(&scene, acts, 3, &kube_pods, false);
        run_until(&scene, "Lb ]", NULL);
        ck_assert_str_eq(scene.seen.data, "[ La ] [ Lb ] ");
        ck_assert(strstr(scene.links.data, "live reconnecting") != NULL);
        tear_down(&scene);
    }
}
END_TEST

START_TEST(it_can_be_stopped_inside_each_of_its_callbacks)
{
    static const struct act acts[] = {
        {PLAIN, 200, LIST("5", OBJECT("a", "1") "," OBJECT("b", "2"))},
        {STREAM, 200, FRAME("ADDED", OBJECT("c", "6")) FRAME("ADDED", OBJECT("d", "7"))},
    };
    for (int where = 0; where < 4; where++) {
        struct scene scene;
        set_up(&scene, acts, 2, &kube_pods, false);
        if (where == 0) {
            scene.stop_on_item = true;
            run_until(&scene, "La", NULL);
        } else if (where == 1) {
            scene.stop_on_synced = true;
            run_until(&scene, "]", NULL);
        } else if (where == 2) {
            scene.stop_on_link = true;
            run_until(&scene, NULL, "never");
        } else {
            run_until(&scene, "]", NULL);
            scene.stop_on_item = true;
            run_until(&scene, "Ac", NULL);
        }
        ck_assert_ptr_null(scene.watch);
        ck_assert(strstr(scene.seen.data, "Ad") == NULL);
        tear_down(&scene);
    }
}
END_TEST

/* Waits that fit a test; the watch's first check comes with them. */
static void hurry(struct scene *scene)
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

START_TEST(a_silent_server_is_asked_whether_it_is_there)
{
    static const struct act acts[] = {
        {PLAIN, 200, LIST("5", OBJECT("a", "1"))},
        {STREAM, 200, FRAME("ADDED", OBJECT("b", "6"))},
        {PLAIN, 403, "{}"}, /* whatever it says, it is there */
        {CUT, 0, ""},
        {STREAM, 200, FRAME("ADDED", OBJECT("c", "7"))},
    };
    struct scene scene;
    set_up(&scene, acts, 5, &kube_pods, false);
    hurry(&scene);
    scene.base.client->pace.silence_ms = 100;
    run_until(&scene, NULL, "reconnecting");
    ck_assert_str_eq(scene.links.data, "live reconnecting ");
    expect_request(&scene, 2, "GET /version HTTP/1.1");
    expect_request(&scene, 3, "GET /version HTTP/1.1");
    ck_assert(text_find(scene.err.message, "nothing was heard for a while") != NULL);
    run_until(&scene, "Ac", NULL);
    expect_request(&scene, 4,
                   "GET /api/v1/pods?resourceVersion=6&watch=true&allowWatchBookmarks=true "
                   "HTTP/1.1");
    tear_down(&scene);
}
END_TEST

START_TEST(a_line_without_its_bookmarks_is_opened_anew)
{
    static const struct act acts[] = {
        {PLAIN, 200, LIST("5", OBJECT("a", "1"))},
        {STREAM, 200, FRAME("BOOKMARK", OBJECT("", "8"))},
        {STREAM, 200, FRAME("ADDED", OBJECT("c", "9"))},
    };
    struct scene scene;
    set_up(&scene, acts, 3, &kube_pods, false);
    hurry(&scene);
    scene.base.client->pace.bookmark_silence_ms = 100;
    run_until(&scene, "Ac", NULL);
    ck_assert_str_eq(scene.links.data, "live ");
    expect_request(&scene, 2,
                   "GET /api/v1/pods?resourceVersion=8&watch=true&allowWatchBookmarks=true "
                   "HTTP/1.1");
    tear_down(&scene);
}
END_TEST

START_TEST(a_proxy_that_holds_answers_back_gets_short_watches)
{
    static const struct act acts[] = {
        {PLAIN, 200, LIST("5", OBJECT("a", "1"))},
        {SILENT, 0, ""},
        {PLAIN, 200, "{\"kind\":\"Pod\"}"},
        {STREAM, 200, FRAME("ADDED", OBJECT("c", "9"))},
    };
    struct scene scene;
    set_up(&scene, acts, 4, &kube_pods, false);
    hurry(&scene);
    scene.base.client->pace.head_wait_ms = 100;
    while (fake_server_requests(scene.base.server) < 2) {
        loop_step(scene.base.loop, 1000);
    }
    /* Others get their answers meanwhile, later by the clock's measure. */
    for (int64_t then = clock_monotonic_ms(); clock_monotonic_ms() <= then;) {
        loop_step(scene.base.loop, 1);
    }
    kube_get(scene.base.client, &kube_pods, "n", "a", kube_scene_on_response, &scene.base);
    loop_run(scene.base.loop);
    run_until(&scene, "Ac", NULL);
    ck_assert(text_find(scene.base.requests.data, "timeoutSeconds=10 ") != NULL);
    tear_down(&scene);
}
END_TEST

START_TEST(a_stream_that_never_brings_the_list_is_given_up_for_one)
{
    static const struct act acts[] = {
        {STREAM, 200, ""},
        {PLAIN, 200, LIST("5", OBJECT("a", "1"))},
    };
    struct scene scene;
    set_up(&scene, acts, 2, &kube_daemon_sets, false);
    hurry(&scene);
    scene.base.client->pace.initial_wait_ms = 100;
    run_until(&scene, "]", NULL);
    ck_assert_str_eq(scene.seen.data, "[ [ La ] ");
    tear_down(&scene);
}
END_TEST

START_TEST(the_client_takes_its_watches_with_it)
{
    static const struct act acts[] = {{PLAIN, 200, LIST("5", "")}};
    struct scene scene;
    set_up(&scene, acts, 1, &kube_pods, false);
    run_until(&scene, "]", NULL);
    kube_client_free(scene.base.client);
    scene.base.client = NULL;
    scene.watch = NULL;
    tear_down(&scene);
}
END_TEST

START_TEST(waits_double_up_to_a_limit_and_scatter)
{
    struct backoff backoff = {.seed = 12345};
    int64_t base = 800;
    for (int i = 0; i < 10; i++) {
        int64_t wait = backoff_next(&backoff);
        ck_assert_int_ge(wait, base);
        ck_assert_int_lt(wait, 2 * base);
        base = base * 2 > 30000 ? 30000 : base * 2;
    }
    backoff_reset(&backoff);
    ck_assert_int_lt(backoff_next(&backoff), 1600);
}
END_TEST

Suite *suite_watch(void)
{
    const TTest *tests[] = {it_lists_and_then_watches_from_there,
                            the_end_of_a_watch_is_no_event,
                            expired_in_either_shape_means_list_anew_without_a_flash,
                            a_list_from_a_version_that_is_refused_asks_for_the_newest,
                            a_lost_connection_goes_on_from_the_last_version,
                            a_list_that_is_cut_is_listed_again_and_never_synced,
                            a_refusal_is_told_and_tried_again_rarely,
                            a_server_that_streams_lists_is_asked_to,
                            a_server_that_does_not_stream_lists_is_asked_the_old_way,
                            a_table_watch_gives_rows,
                            a_frame_that_cannot_be_read_means_list_anew,
                            it_can_be_stopped_inside_each_of_its_callbacks,
                            a_silent_server_is_asked_whether_it_is_there,
                            a_line_without_its_bookmarks_is_opened_anew,
                            a_proxy_that_holds_answers_back_gets_short_watches,
                            a_stream_that_never_brings_the_list_is_given_up_for_one,
                            the_client_takes_its_watches_with_it,
                            waits_double_up_to_a_limit_and_scatter,
                            NULL};
    return suite_of("watch", tests);
}
