#include "runner.h"

#include "base/text.h"
#include "watch_scene.h"

/* Where a naive client falls into a trap of real API servers; tests/README.md has all twenty. */

Suite *suite_traps(void);

START_TEST(a_restart_that_forgets_every_version_costs_one_list_and_no_flash)
{
    static const struct act acts[] = {
        {PLAIN, 200, LIST("5", OBJECT("a", "1"))},
        {STREAM_CUT, 200, FRAME("MODIFIED", OBJECT("a", "7"))},
        {STREAM_END, 200, FRAME("ERROR", GONE)},
        {PLAIN, 200, LIST("7", OBJECT("a", "7"))},
        {STREAM, 200, FRAME("ADDED", OBJECT("b", "9"))},
    };
    struct watch_scene scene;
    watch_scene_set_up(&scene, acts, 5, &kube_pods, false);
    watch_scene_run(&scene, "Ab", NULL);
    ck_assert_str_eq(scene.seen.data, "[ La ] Ma [ La ] Ab ");
    watch_scene_expect_request(&scene, 3, "GET /api/v1/pods?resourceVersion=7 HTTP/1.1");
    watch_scene_tear_down(&scene);
}
END_TEST

START_TEST(a_page_larger_than_its_limit_is_taken_whole)
{
    static const struct act acts[] = {
        {PLAIN, 200, LIST("5", OBJECT("a", "1") "," OBJECT("b", "2") "," OBJECT("c", "3"))}};
    struct watch_scene scene;
    watch_scene_set_up(&scene, acts, 1, &kube_nodes, false);
    struct kube_query query = {.resource = &kube_pods, .limit = 2};
    kube_watch_stop(scene.watch);
    scene.watch = NULL;
    kube_list(scene.base.client, &query, kube_scene_on_item, kube_scene_on_end, &scene.base);
    loop_run(scene.base.loop);
    ck_assert_int_eq(scene.base.err.kind, ERROR_NONE);
    ck_assert_str_eq(scene.base.items.data, "a b c ");
    /* Never version 0, which ignores the limit and may be older than what was seen. */
    watch_scene_expect_request(&scene, 0, "GET /api/v1/pods?limit=2 HTTP/1.1");
    watch_scene_tear_down(&scene);
}
END_TEST

START_TEST(pages_that_expire_under_a_watch_become_one_list_of_one_moment)
{
    static const struct act acts[] = {
        {PLAIN, 200,
         "{\"kind\":\"EventList\",\"metadata\":{\"resourceVersion\":\"5\",\"continue\":\"t\"},"
         "\"items\":[" OBJECT("a", "1") "]}"},
        {PLAIN, 410,
         "{\"kind\":\"Status\",\"metadata\":{\"continue\":\"inconsistent\"},\"reason\":\"Expired\","
         "\"code\":410}"},
        {PLAIN, 200, LIST("9", OBJECT("a", "1") "," OBJECT("b", "8"))},
        {STREAM, 200, FRAME("ADDED", OBJECT("c", "10"))},
    };
    struct watch_scene scene;
    watch_scene_set_up(&scene, acts, 4, &kube_events, false);
    watch_scene_run(&scene, "Ac", NULL);
    ck_assert_str_eq(scene.seen.data, "[ La [ La Lb ] Ac ");
    watch_scene_expect_request(&scene, 0, "GET /api/v1/events?limit=500 HTTP/1.1");
    watch_scene_expect_request(&scene, 1, "GET /api/v1/events?limit=500&continue=t HTTP/1.1");
    watch_scene_expect_request(&scene, 2, "GET /api/v1/events HTTP/1.1");
    watch_scene_expect_request(&scene, 3,
                               "GET /api/v1/events?resourceVersion=9&watch=true&"
                               "allowWatchBookmarks=true HTTP/1.1");
    watch_scene_tear_down(&scene);
}
END_TEST

static void time_out(void *context, struct fake_connection *connection, const char *request)
{
    (void)context;
    (void)request;
    fake_answer(connection, 504, "Content-Type: text/plain; charset=utf-8\r\n",
                "{\"metadata\":{},\"status\":\"Failure\",\"message\":\"Timeout: request did not "
                "complete within the allotted timeout\",\"reason\":\"Timeout\",\"details\":{},"
                "\"code\":504,\"kind\":\"Status\",\"apiVersion\":\"v1\"}");
}

START_TEST(a_list_that_timed_out_on_an_old_server_is_told_in_its_words)
{
    struct kube_scene scene;
    struct kube_query query = {.resource = &kube_pods};
    kube_scene_set_up(&scene, time_out, NULL, false);
    kube_list(scene.client, &query, kube_scene_on_item, kube_scene_on_end, &scene);
    loop_run(scene.loop);
    ck_assert_int_eq(scene.err.kind, ERROR_TIMEOUT);
    ck_assert(text_find(scene.err.message, "did not complete within the allotted") != NULL);
    ck_assert(text_find(scene.err.message, "{") == NULL);
    ck_assert_str_eq(scene.items.data, "");
    kube_scene_tear_down(&scene);
}
END_TEST

START_TEST(what_leaves_the_selector_is_deleted_and_its_new_version_counts)
{
    static const struct act acts[] = {
        {PLAIN, 200, LIST("5", OBJECT("a", "1"))},
        /* The body is the last one that matched, the version that of the change. */
        {STREAM_END, 200, FRAME("DELETED", OBJECT("a", "8"))},
        {STREAM, 200, FRAME("ADDED", OBJECT("a", "12"))},
    };
    struct watch_scene scene;
    watch_scene_set_up(&scene, acts, 3, &kube_pods, false);
    watch_scene_run(&scene, "Aa", NULL);
    ck_assert_str_eq(scene.seen.data, "[ La ] Da Aa ");
    watch_scene_expect_request(&scene, 2,
                               "GET /api/v1/pods?resourceVersion=8&watch=true&"
                               "allowWatchBookmarks=true HTTP/1.1");
    watch_scene_tear_down(&scene);
}
END_TEST

START_TEST(versions_of_initial_events_are_no_place_to_go_on_from)
{
    static const struct act acts[] = {
        {STREAM_CUT, 200, FRAME("ADDED", OBJECT("b", "29")) FRAME("ADDED", OBJECT("a", "3"))},
        {STREAM, 200,
         FRAME("ADDED", OBJECT("c", "30"))
             FRAME("BOOKMARK", "{\"kind\":\"Pod\",\"metadata\":{\"resourceVersion\":\"31\","
                               "\"annotations\":{\"k8s.io/initial-events-end\":\"true\"}}}")},
    };
    static const char asked[] = "GET /apis/apps/v1/daemonsets?resourceVersionMatch=NotOlderThan&"
                                "watch=true&allowWatchBookmarks=true&sendInitialEvents=true "
                                "HTTP/1.1";
    struct watch_scene scene;
    watch_scene_set_up(&scene, acts, 2, &kube_daemon_sets, false);
    watch_scene_run(&scene, "]", NULL);
    ck_assert_str_eq(scene.seen.data, "[ Lb La [ Lc ] ");
    watch_scene_expect_request(&scene, 0, asked);
    watch_scene_expect_request(&scene, 1, asked);
    watch_scene_tear_down(&scene);
}
END_TEST

START_TEST(events_never_send_bookmarks_and_are_not_taken_for_dead)
{
    static const struct act acts[] = {
        {PLAIN, 200, LIST("5", OBJECT("a", "1"))},
        {STREAM, 200, FRAME("ADDED", OBJECT("b", "6"))},
        {PLAIN, 200, "{}"}, /* is the server there? It is. */
        {PLAIN, 200, "{}"},
    };
    struct watch_scene scene;
    watch_scene_set_up(&scene, acts, 4, &kube_events, false);
    watch_scene_hurry(&scene);
    scene.base.client->pace.silence_ms = 100;
    scene.base.client->pace.bookmark_silence_ms = 50;
    while (fake_server_requests(scene.base.server) < 4) {
        loop_step(scene.base.loop, 1000);
    }
    watch_scene_expect_request(&scene, 2, "GET /version HTTP/1.1");
    watch_scene_expect_request(&scene, 3, "GET /version HTTP/1.1");
    ck_assert_str_eq(scene.links.data, "live ");
    watch_scene_tear_down(&scene);
}
END_TEST

START_TEST(a_frame_cut_in_half_is_told_once_it_is_whole)
{
    static const struct act acts[] = {
        {PLAIN, 200, LIST("5", OBJECT("a", "1"))},
        {STREAM_CUT, 200, FRAME("MODIFIED", OBJECT("a", "7")) "{\"type\":\"MODIFIED\",\"object\""},
        {STREAM, 200, FRAME("MODIFIED", OBJECT("a", "8"))},
    };
    struct watch_scene scene;
    watch_scene_set_up(&scene, acts, 3, &kube_pods, false);
    watch_scene_run(&scene, "Ma Ma", NULL);
    ck_assert_str_eq(scene.seen.data, "[ La ] Ma Ma ");
    watch_scene_expect_request(&scene, 2,
                               "GET /api/v1/pods?resourceVersion=7&watch=true&"
                               "allowWatchBookmarks=true HTTP/1.1");
    watch_scene_tear_down(&scene);
}
END_TEST

Suite *suite_traps(void)
{
    const TTest *tests[] = {a_restart_that_forgets_every_version_costs_one_list_and_no_flash,
                            a_page_larger_than_its_limit_is_taken_whole,
                            pages_that_expire_under_a_watch_become_one_list_of_one_moment,
                            a_list_that_timed_out_on_an_old_server_is_told_in_its_words,
                            what_leaves_the_selector_is_deleted_and_its_new_version_counts,
                            versions_of_initial_events_are_no_place_to_go_on_from,
                            events_never_send_bookmarks_and_are_not_taken_for_dead,
                            a_frame_cut_in_half_is_told_once_it_is_whole,
                            NULL};
    return suite_of("traps", tests);
}
