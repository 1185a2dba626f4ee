#include "runner.h"

#include <string.h>

#include "../../../src/kube/stream.h"
#include "base/alloc.h"
#include "base/text.h"

Suite *suite_stream(void);

struct scene {
    struct stream stream;
    struct buffer seen; /* items, each followed by a bar */
    struct error err;
    int stop_after;
    int count;
};

static bool on_part(void *context, enum stream_part part, const char *bytes, size_t length)
{
    struct scene *scene = context;
    static const char marks[] = {[STREAM_ITEM] = 'i', [STREAM_ROW] = 'r', [STREAM_COLUMNS] = 'c'};
    buffer_append_char(&scene->seen, marks[part]);
    buffer_append(&scene->seen, bytes, length);
    buffer_append_char(&scene->seen, '|');
    scene->count++;
    return scene->stop_after == 0 || scene->count < scene->stop_after;
}

static void set_up(struct scene *scene, enum stream_kind kind, size_t limit)
{
    *scene = (struct scene){.count = 0};
    buffer_init(&scene->seen, 64 * 1024 * 1024);
    stream_init(&scene->stream, kind, limit, false, on_part, scene);
}

static void tear_down(struct scene *scene)
{
    stream_free(&scene->stream);
    buffer_free(&scene->seen);
}

static bool feed_in_pieces(struct scene *scene, const char *text, size_t piece)
{
    size_t length = strlen(text);
    for (size_t at = 0; at < length; at += piece) {
        size_t size = length - at < piece ? length - at : piece;
        /* A copy of its own, so that reading past a piece shows. */
        char *copy = xmemdup(text + at, size);
        bool good = stream_feed(&scene->stream, copy, size, &scene->err);
        free(copy);
        if (!good) {
            return false;
        }
    }
    return stream_finish(&scene->stream, &scene->err);
}

static const char list[] =
    "{\"kind\":\"PodList\",\"apiVersion\":\"v1\",\"metadata\":{\"resourceVersion\":\"42\","
    "\"continue\":\"to\\u006ben\"},\"items\":[{\"metadata\":{\"name\":\"a\",\"managedFields\":"
    "[{\"manager\":\"x\",\"fieldsV1\":{\"f:a\\\"]}\":{}}}],\"uid\":\"1\"},\"x\":\"]}{[\"},\n"
    " {\"spec\":{\"managedFields\":[1,2]},\"metadata\":{\"managedFields\":[]}} , {}]}\n";
static const char list_items[] =
    "i{\"metadata\":{\"name\":\"a\",\"managedFields\":[{\"manager\":\"x\",\"fieldsV1\":"
    "{\"f:a\\\"]}\":{}}}],\"uid\":\"1\"},\"x\":\"]}{[\"}|"
    "i{\"spec\":{\"managedFields\":[1,2]},\"metadata\":{\"managedFields\":[]}}|i{}|";

START_TEST(items_are_cut_out_wherever_the_bytes_are_split)
{
    for (size_t piece = 1; piece <= sizeof(list); piece++) {
        struct scene scene;
        set_up(&scene, STREAM_LIST, 10000);
        ck_assert_msg(feed_in_pieces(&scene, list, piece), "%zu: %s", piece, scene.err.message);
        ck_assert_str_eq(scene.seen.data, list_items);
        ck_assert_str_eq(scene.stream.list_kind, "PodList");
        ck_assert_str_eq(scene.stream.resource_version, "42");
        ck_assert_str_eq(scene.stream.continue_token, "token");
        tear_down(&scene);
    }
}
END_TEST

START_TEST(empty_lists_come_in_three_shapes)
{
    static const char *const texts[] = {
        "{\"kind\":\"PodList\",\"metadata\":{\"resourceVersion\":\"7\"},\"items\":[]}",
        "{\"kind\":\"PodList\",\"metadata\":{\"resourceVersion\":\"7\"},\"items\":null}",
        "{\"items\":null,\"kind\":\"Table\",\"metadata\":{\"resourceVersion\":\"7\"}}\n\n",
    };
    for (size_t i = 0; i < ARRAY_LENGTH(texts); i++) {
        struct scene scene;
        set_up(&scene, STREAM_LIST, 10000);
        ck_assert(feed_in_pieces(&scene, texts[i], 5));
        ck_assert_int_eq(scene.count, 0);
        ck_assert_str_eq(scene.stream.resource_version, "7");
        ck_assert_ptr_null(scene.stream.continue_token);
        tear_down(&scene);
    }
}
END_TEST

START_TEST(a_table_gives_its_columns_and_then_its_rows)
{
    static const char text[] =
        "{\"kind\":\"Table\",\"metadata\":{\"resourceVersion\":\"9\"},"
        "\"columnDefinitions\":[{\"name\":\"Name\"}],\"rows\":[{\"cells\":[\"a\",1],\"object\":"
        "{\"metadata\":{\"name\":\"a\",\"managedFields\":[{}]}}}]}";
    for (size_t piece = 1; piece < sizeof(text); piece++) {
        struct scene scene;
        set_up(&scene, STREAM_LIST, 10000);
        ck_assert(feed_in_pieces(&scene, text, piece));
        ck_assert_str_eq(scene.seen.data,
                         "c[{\"name\":\"Name\"}]|r{\"cells\":[\"a\",1],\"object\":"
                         "{\"metadata\":{\"name\":\"a\",\"managedFields\":[{}]}}}|");
        tear_down(&scene);
    }
}
END_TEST

START_TEST(frames_are_cut_out_wherever_the_bytes_are_split)
{
    static const char text[] =
        "{\"type\":\"ADDED\",\"object\":{\"metadata\":{\"managedFields\":[{\"a\":[]}],\"n\":1}}}\n"
        "{\"type\":\"BOOKMARK\",\"object\":{}}\r\n\n{\"type\":\"X\"}";
    for (size_t piece = 1; piece < sizeof(text); piece++) {
        struct scene scene;
        set_up(&scene, STREAM_FRAMES, 10000);
        ck_assert(feed_in_pieces(&scene, text, piece));
        ck_assert_str_eq(
            scene.seen.data,
            "i{\"type\":\"ADDED\",\"object\":{\"metadata\":{\"managedFields\":"
            "[{\"a\":[]}],\"n\":1}}}|i{\"type\":\"BOOKMARK\",\"object\":{}}|i{\"type\":\"X\"}|");
        tear_down(&scene);
    }
}
END_TEST

START_TEST(a_list_that_is_cut_anywhere_is_not_whole)
{
    size_t whole = strlen(list) - 1; /* without the newline */
    for (size_t length = 0; length < whole; length++) {
        struct scene scene;
        set_up(&scene, STREAM_LIST, 10000);
        ck_assert(stream_feed(&scene.stream, list, length, &scene.err));
        ck_assert(!stream_finish(&scene.stream, &scene.err));
        ck_assert_int_ne(scene.err.kind, ERROR_NONE);
        tear_down(&scene);
    }
}
END_TEST

START_TEST(what_is_not_json_is_refused)
{
    static const char *const texts[] = {
        "<html>",
        "[1]",
        "null",
        "}",
        "  x",
        "{\"items\":[]}{}",
        "{\"items\":[]} garbage",
        "{\"metadata\":{}-\"items\":[{}]}",
    };
    for (size_t i = 0; i < ARRAY_LENGTH(texts); i++) {
        struct scene scene;
        set_up(&scene, STREAM_LIST, 10000);
        ck_assert_msg(!feed_in_pieces(&scene, texts[i], 1000), "%s", texts[i]);
        ck_assert_int_eq(scene.err.kind, ERROR_PROTOCOL);
        tear_down(&scene);
    }
}
END_TEST

START_TEST(an_item_over_the_limit_and_one_too_deep_are_refused)
{
    struct scene scene;
    set_up(&scene, STREAM_FRAMES, 100);
    char *large = xasprintf("{\"x\":\"%0200d\"}", 1);
    ck_assert(!feed_in_pieces(&scene, large, 7));
    ck_assert(text_find(scene.err.message, "larger than 100 bytes") != NULL);
    free(large);
    tear_down(&scene);

    set_up(&scene, STREAM_FRAMES, 1000000);
    struct buffer deep;
    buffer_init(&deep, 100000);
    buffer_append_string(&deep, "{\"x\":");
    buffer_append_repeat(&deep, '[', 5000);
    ck_assert(!feed_in_pieces(&scene, deep.data, 7));
    ck_assert(text_find(scene.err.message, "nested") != NULL);
    buffer_free(&deep);
    tear_down(&scene);
}
END_TEST

START_TEST(the_callback_can_say_stop)
{
    struct scene scene;
    set_up(&scene, STREAM_LIST, 10000);
    scene.stop_after = 2;
    ck_assert(!feed_in_pieces(&scene, list, 3));
    ck_assert_int_eq(scene.err.kind, ERROR_NONE);
    ck_assert_int_eq(scene.count, 2);
    tear_down(&scene);
}
END_TEST

START_TEST(a_frame_of_two_megabytes_passes)
{
    struct scene scene;
    set_up(&scene, STREAM_FRAMES, 4 * 1024 * 1024);
    struct buffer text;
    buffer_init(&text, 8 * 1024 * 1024);
    buffer_append_string(&text, "{\"type\":\"ADDED\",\"object\":{\"data\":\"");
    buffer_append_repeat(&text, 'x', 2 * 1024 * 1024);
    buffer_append_string(&text, "\"}}\n");
    ck_assert(feed_in_pieces(&scene, text.data, 16384));
    ck_assert_int_eq(scene.count, 1);
    buffer_free(&text);
    tear_down(&scene);
}
END_TEST

Suite *suite_stream(void)
{
    const TTest *tests[] = {items_are_cut_out_wherever_the_bytes_are_split,
                            empty_lists_come_in_three_shapes,
                            a_table_gives_its_columns_and_then_its_rows,
                            frames_are_cut_out_wherever_the_bytes_are_split,
                            a_list_that_is_cut_anywhere_is_not_whole,
                            what_is_not_json_is_refused,
                            an_item_over_the_limit_and_one_too_deep_are_refused,
                            the_callback_can_say_stop,
                            a_frame_of_two_megabytes_passes,
                            NULL};
    return suite_of("stream", tests);
}
