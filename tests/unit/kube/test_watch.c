#include "runner.h"

#include <string.h>

#include "../../../src/kube/backoff.h"
#include "base/clock.h"
#include "base/text.h"
#include "watch_scene.h"

Suite *suite_watch(void);

START_TEST(it_lists_and_then_watches_from_there)
{
    static const struct act acts[] = {
        {PLAIN, 200, LIST("5", OBJECT("a", "1") "," OBJECT("b", "2"))},
        {STREAM, 200,
         FRAME("ADDED", OBJECT("c", "6")) FRAME("MODIFIED", OBJECT("a", "7"))
             FRAME("WHATEVER", OBJECT("x", "8")) FRAME("DELETED", OBJECT("b", "9"))},
    };
    struct watch_scene scene;
    watch_scene_set_up(&scene, acts, 2, &kube_pods, false);
    watch_scene_run(&scene, "Db", NULL);
    ck_assert_str_eq(scene.seen.data, "[ La Lb ] Ac Ma Db ");
    ck_assert_str_eq(scene.links.data, "live ");
    watch_scene_expect_request(&scene, 0, "GET /api/v1/pods HTTP/1.1");
    watch_scene_expect_request(
        &scene, 1,
        "GET /api/v1/pods?resourceVersion=5&watch=true&allowWatchBookmarks=true "
        "HTTP/1.1");
    watch_scene_tear_down(&scene);
}
END_TEST

START_TEST(the_end_of_a_watch_is_no_event)
{
    static const struct act acts[] = {
        {PLAIN, 200, LIST("5", OBJECT("a", "1"))},
        {STREAM_END, 200, FRAME("MODIFIED", OBJECT("a", "7")) FRAME("BOOKMARK", OBJECT("", "9"))},
        {STREAM, 200, FRAME("ADDED", OBJECT("c", "11"))},
    };
    struct watch_scene scene;
    watch_scene_set_up(&scene, acts, 3, &kube_pods, false);
    watch_scene_run(&scene, "Ac", NULL);
    ck_assert_str_eq(scene.seen.data, "[ La ] Ma Ac ");
    ck_assert_str_eq(scene.links.data, "live ");
    watch_scene_expect_request(
        &scene, 2,
        "GET /api/v1/pods?resourceVersion=9&watch=true&allowWatchBookmarks=true "
        "HTTP/1.1");
    watch_scene_tear_down(&scene);
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
        struct watch_scene scene;
        watch_scene_set_up(&scene, acts, 4, &kube_pods, false);
        watch_scene_run(&scene, "Ac", NULL);
        ck_assert_str_eq(scene.seen.data, "[ La ] [ Lb ] Ac ");
        ck_assert_str_eq(scene.links.data, "live ");
        watch_scene_expect_request(&scene, 2, "GET /api/v1/pods?resourceVersion=5 HTTP/1.1");
        watch_scene_tear_down(&scene);
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
    struct watch_scene scene;
    watch_scene_set_up(&scene, acts, 5, &kube_pods, false);
    watch_scene_run(&scene, "Ac", NULL);
    ck_assert_str_eq(scene.seen.data, "[ La ] [ [ La ] Ac ");
    watch_scene_expect_request(&scene, 3, "GET /api/v1/pods HTTP/1.1");
    watch_scene_tear_down(&scene);
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
    struct watch_scene scene;
    watch_scene_set_up(&scene, acts, 4, &kube_pods, false);
    watch_scene_run(&scene, NULL, "reconnecting");
    ck_assert_int_eq(scene.err.kind, ERROR_UNAVAILABLE);
    ck_assert(text_starts_with(scene.err.message, "watch pods in all namespaces: "));
    watch_scene_run(&scene, "Ac", NULL);
    ck_assert_str_eq(scene.seen.data, "[ La ] Ma Ac ");
    ck_assert_str_eq(scene.links.data, "live reconnecting reconnecting live ");
    watch_scene_expect_request(
        &scene, 3,
        "GET /api/v1/pods?resourceVersion=7&watch=true&allowWatchBookmarks=true "
        "HTTP/1.1");
    watch_scene_tear_down(&scene);
}
END_TEST

START_TEST(a_list_that_is_cut_is_listed_again_and_never_synced)
{
    static const struct act acts[] = {
        {STREAM_CUT, 200, "{\"kind\":\"PodList\",\"items\":[" OBJECT("a", "1") ","},
        {PLAIN, 200, LIST("5", OBJECT("b", "1"))},
    };
    struct watch_scene scene;
    watch_scene_set_up(&scene, acts, 2, &kube_pods, false);
    watch_scene_run(&scene, "]", NULL);
    ck_assert_str_eq(scene.seen.data, "[ La [ Lb ] ");
    ck_assert_str_eq(scene.links.data, "connecting live ");
    watch_scene_tear_down(&scene);
}
END_TEST

START_TEST(a_refusal_is_told_and_tried_again_rarely)
{
    static const struct act acts[] = {
        {PLAIN, 403, "{\"kind\":\"Status\",\"message\":\"pods is forbidden\",\"code\":403}"}};
    struct watch_scene scene;
    watch_scene_set_up(&scene, acts, 1, &kube_pods, false);
    watch_scene_run(&scene, NULL, "refused");
    ck_assert_int_eq(scene.err.kind, ERROR_FORBIDDEN);
    ck_assert_int_ge(scene.retry_at_ms, clock_monotonic_ms() + 50000);
    watch_scene_tear_down(&scene);
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
    struct watch_scene scene;
    watch_scene_set_up(&scene, acts, 2, &kube_daemon_sets, false);
    watch_scene_run(&scene, "Dc", NULL);
    ck_assert_str_eq(scene.seen.data, "[ Lb La ] Ac Dc ");
    ck_assert_str_eq(scene.links.data, "live ");
    watch_scene_expect_request(
        &scene, 0,
        "GET /apis/apps/v1/daemonsets?resourceVersionMatch=NotOlderThan&watch=true&"
        "allowWatchBookmarks=true&sendInitialEvents=true HTTP/1.1");
    watch_scene_expect_request(&scene, 1,
                               "GET /apis/apps/v1/daemonsets?resourceVersion=31&watch=true&"
                               "allowWatchBookmarks=true HTTP/1.1");
    watch_scene_tear_down(&scene);
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
    struct watch_scene scene;
    watch_scene_set_up(&scene, refused, 3, &kube_daemon_sets, false);
    watch_scene_run(&scene, "Ac", NULL);
    ck_assert_str_eq(scene.seen.data, "[ [ La ] Ac ");
    watch_scene_tear_down(&scene);

    watch_scene_set_up(&scene, ended, 3, &kube_daemon_sets, false);
    watch_scene_run(&scene, "Ac", NULL);
    ck_assert_str_eq(scene.seen.data, "[ La [ La ] Ac ");
    watch_scene_tear_down(&scene);
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
    struct watch_scene scene;
    watch_scene_set_up(&scene, acts, 4, &kube_secrets, true);
    watch_scene_run(&scene, "Ac", NULL);
    ck_assert_str_eq(scene.seen.data, "[ [ La ] Ab Ac ");
    watch_scene_expect_request(
        &scene, 3,
        "GET /api/v1/secrets?includeObject=Metadata&resourceVersion=6&watch=true&"
        "allowWatchBookmarks=true HTTP/1.1");
    watch_scene_tear_down(&scene);
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
        struct watch_scene scene;
        watch_scene_set_up(&scene, acts, 3, &kube_pods, false);
        watch_scene_run(&scene, "Lb ]", NULL);
        ck_assert_str_eq(scene.seen.data, "[ La ] [ Lb ] ");
        ck_assert(strstr(scene.links.data, "live reconnecting") != NULL);
        watch_scene_tear_down(&scene);
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
        struct watch_scene scene;
        watch_scene_set_up(&scene, acts, 2, &kube_pods, false);
        if (where == 0) {
            scene.stop_on_item = true;
            watch_scene_run(&scene, "La", NULL);
        } else if (where == 1) {
            scene.stop_on_synced = true;
            watch_scene_run(&scene, "]", NULL);
        } else if (where == 2) {
            scene.stop_on_link = true;
            watch_scene_run(&scene, NULL, "never");
        } else {
            watch_scene_run(&scene, "]", NULL);
            scene.stop_on_item = true;
            watch_scene_run(&scene, "Ac", NULL);
        }
        ck_assert_ptr_null(scene.watch);
        ck_assert(strstr(scene.seen.data, "Ad") == NULL);
        watch_scene_tear_down(&scene);
    }
}
END_TEST

START_TEST(a_silent_server_is_asked_whether_it_is_there)
{
    static const struct act acts[] = {
        {PLAIN, 200, LIST("5", OBJECT("a", "1"))},
        {STREAM, 200, FRAME("ADDED", OBJECT("b", "6"))},
        {PLAIN, 403, "{}"}, /* whatever it says, it is there */
        {CUT, 0, ""},
        {STREAM, 200, FRAME("ADDED", OBJECT("c", "7"))},
    };
    struct watch_scene scene;
    watch_scene_set_up(&scene, acts, 5, &kube_pods, false);
    watch_scene_hurry(&scene);
    scene.base.client->pace.silence_ms = 100;
    watch_scene_run(&scene, NULL, "reconnecting");
    ck_assert_str_eq(scene.links.data, "live reconnecting ");
    watch_scene_expect_request(&scene, 2, "GET /version HTTP/1.1");
    watch_scene_expect_request(&scene, 3, "GET /version HTTP/1.1");
    ck_assert(text_find(scene.err.message, "nothing was heard for a while") != NULL);
    watch_scene_run(&scene, "Ac", NULL);
    watch_scene_expect_request(
        &scene, 4,
        "GET /api/v1/pods?resourceVersion=6&watch=true&allowWatchBookmarks=true "
        "HTTP/1.1");
    watch_scene_tear_down(&scene);
}
END_TEST

START_TEST(a_line_without_its_bookmarks_is_opened_anew)
{
    static const struct act acts[] = {
        {PLAIN, 200, LIST("5", OBJECT("a", "1"))},
        {STREAM, 200, FRAME("BOOKMARK", OBJECT("", "8"))},
        {STREAM, 200, ""}, /* dead from its beginning */
        {STREAM, 200, FRAME("ADDED", OBJECT("c", "9"))},
    };
    struct watch_scene scene;
    watch_scene_set_up(&scene, acts, 4, &kube_pods, false);
    watch_scene_hurry(&scene);
    scene.base.client->pace.bookmark_silence_ms = 100;
    watch_scene_run(&scene, "Ac", NULL);
    ck_assert_str_eq(scene.links.data, "live ");
    watch_scene_expect_request(
        &scene, 2,
        "GET /api/v1/pods?resourceVersion=8&watch=true&allowWatchBookmarks=true "
        "HTTP/1.1");
    watch_scene_tear_down(&scene);
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
    struct watch_scene scene;
    watch_scene_set_up(&scene, acts, 4, &kube_pods, false);
    watch_scene_hurry(&scene);
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
    watch_scene_run(&scene, "Ac", NULL);
    ck_assert(text_find(scene.base.requests.data, "timeoutSeconds=10 ") != NULL);
    watch_scene_tear_down(&scene);
}
END_TEST

START_TEST(a_stream_that_never_brings_the_list_is_given_up_for_one)
{
    static const struct act acts[] = {
        {STREAM, 200, ""},
        {PLAIN, 200, LIST("5", OBJECT("a", "1"))},
    };
    struct watch_scene scene;
    watch_scene_set_up(&scene, acts, 2, &kube_daemon_sets, false);
    watch_scene_hurry(&scene);
    scene.base.client->pace.initial_wait_ms = 100;
    watch_scene_run(&scene, "]", NULL);
    ck_assert_str_eq(scene.seen.data, "[ [ La ] ");
    watch_scene_tear_down(&scene);
}
END_TEST

START_TEST(the_client_takes_its_watches_with_it)
{
    static const struct act acts[] = {{PLAIN, 200, LIST("5", "")}};
    struct watch_scene scene;
    watch_scene_set_up(&scene, acts, 1, &kube_pods, false);
    watch_scene_run(&scene, "]", NULL);
    kube_client_free(scene.base.client);
    scene.base.client = NULL;
    scene.watch = NULL;
    watch_scene_tear_down(&scene);
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
