#include "runner.h"

#include <string.h>

#include "base/alloc.h"
#include "base/attributes.h"
#include "base/buffer.h"
#include "base/text.h"
#include "doc/json.h"
#include "doc/pick.h"
#include "doc/scan.h"
#include "random_json.h"

Suite *suite_pick(void);

/* The text is copied to a place of its own size, so that reading beyond it shows. */
static char *pick_text(const char *const *paths, const char *text, struct error *err)
{
    struct json_pick *pick = json_pick_new(true);
    for (size_t i = 0; paths[i] != NULL; i++) {
        json_pick_want(pick, "", paths[i]);
    }
    size_t length = strlen(text);
    char *copy = xmemdup(text, length);
    const cJSON *tree = json_pick_read(pick, copy, length, "test", err);
    free(copy);
    struct buffer out;
    buffer_init(&out, 1 << 20);
    if (tree != NULL) {
        ck_assert(json_write(&out, tree));
    }
    json_pick_free(pick);
    return tree == NULL ? NULL : buffer_take(&out);
}

START_TEST(only_what_is_wanted_comes)
{
    static const char text[] =
        "{\"metadata\":{\"name\":\"a\",\"managedFields\":[{\"x\":\"]}\\\"\"}],\"labels\":{\"a\":1,"
        "\"b\":[2]},\"annotations\":{\"k8s.io/x\":\"long\",\"y\":\"z\"}},\"spec\":{\"containers\":"
        "[{\"name\":\"c\",\"image\":\"i\",\"env\":[{\"name\":\"N\",\"value\":\"v\"}]},{},null,7]},"
        "\"status\":[true, false , null,-1.5e3]}";
    static const struct {
        const char *paths[4];
        const char *expected;
    } cases[] = {
        {{"metadata name"}, "{\"metadata\":{\"name\":\"a\"}}"},
        {{"metadata labels", "status"},
         "{\"metadata\":{\"labels\":{\"a\":1,\"b\":[2]}},\"status\":[true,false,null,-1500]}"},
        {{"spec containers env value", "spec containers name"},
         "{\"spec\":{\"containers\":[{\"name\":\"c\",\"env\":[{\"value\":\"v\"}]},{},null,7]}}"},
        {{"metadata annotations k8s.io/x ?"},
         "{\"metadata\":{\"annotations\":{\"k8s.io/x\":\"\"}}}"},
        {{"metadata labels ?", "spec ?"}, "{\"metadata\":{\"labels\":{}},\"spec\":{}}"},
        {{"", "- metadata managedFields", "- spec", "- metadata annotations y"},
         "{\"metadata\":{\"name\":\"a\",\"labels\":{\"a\":1,\"b\":[2]},\"annotations\":"
         "{\"k8s.io/x\":\"long\"}},\"status\":[true,false,null,-1500]}"},
        {{"nothing of it"}, "{}"},
        {{"metadata name first"}, "{\"metadata\":{\"name\":\"a\"}}"},
    };
    for (size_t i = 0; i < ARRAY_LENGTH(cases); i++) {
        const char *paths[5] = {cases[i].paths[0], cases[i].paths[1], cases[i].paths[2],
                                cases[i].paths[3]};
        struct error err = ERROR_INIT;
        char *seen = pick_text(paths, text, &err);
        ck_assert_ptr_nonnull(seen);
        ck_assert_str_eq(seen, cases[i].expected);
        free(seen);
    }
}
END_TEST

START_TEST(names_and_texts_with_escapes_mean_what_they_mean)
{
    static const char *const name[] = {"metadata name", NULL};
    static const char *const all[] = {"", NULL};
    struct error err = ERROR_INIT;
    char *seen =
        pick_text(name, "{\"meta\\u0064ata\":{\"n\\u0061me\":\"\\u00e9\\ud83d\\ude00\"}}", &err);
    ck_assert_str_eq(seen, "{\"metadata\":{\"name\":\"\303\251\360\237\230\200\"}}");
    free(seen);
    seen = pick_text(all, "{\"\\\\\\\"\\/\\b\\f\\n\\r\\t\":\"\\\\\"}", &err);
    ck_assert_str_eq(seen, "{\"\\\\\\\"/\\b\\f\\n\\r\\t\":\"\\\\\"}");
    free(seen);
    /* Bytes that are no UTF-8 stay what they are: whoever shows them makes them safe. */
    struct json_pick *pick = json_pick_new(false);
    json_pick_want(pick, "", "");
    const cJSON *tree = json_pick_read(pick, "[\"\xff\xc3\"]", 6, "test", &err);
    ck_assert_str_eq(tree->child->valuestring, "\xff\xc3");
    json_pick_free(pick);
}
END_TEST

START_TEST(what_is_no_json_is_refused)
{
    static const char *const texts[] = {
        "",           " ",          "{",           "[",           "{\"a\"}",     "{\"a\":}",
        "{\"a\":1,}", "[1,]",       "[1 2]",       "{\"a\":1]",   "[1}",         "{a:1}",
        "\"x",        "\"\\x\"",    "\"\\ud800\"", "\"\\udc00\"", "\"\\u12g4\"", "01",
        "-",          "1.",         "1e",          "+1",          ".5",          "tru",
        "nullx",      "{} {}",      "[1]x",        "\"\\",        "{\"a\":\"",   "{\"a\":[1,[2}",
        "[\"\\u00",   "{,\"a\":1}", "[,1]",        "{\"a\" 1}",
    };
    static const char *const all[] = {"", NULL};
    for (size_t i = 0; i < ARRAY_LENGTH(texts); i++) {
        struct error err = ERROR_INIT;
        char *seen = pick_text(all, texts[i], &err);
        ck_assert_msg(seen == NULL, "%s", texts[i]);
        ck_assert_int_eq(err.kind, ERROR_PROTOCOL);
        ck_assert_msg(text_starts_with(err.message, "test, byte "), "%s", err.message);
    }
}
END_TEST

START_TEST(depth_has_a_limit_wanted_or_not)
{
    static const char *const all[] = {"", NULL};
    static const char *const none[] = {"x", NULL};
    struct buffer deep;
    buffer_init(&deep, 10000);
    for (int depth = 511; depth <= 513; depth++) {
        buffer_clear(&deep);
        buffer_append_string(&deep, "{\"a\":");
        buffer_append_repeat(&deep, '[', (size_t)depth - 1);
        buffer_append_repeat(&deep, ']', (size_t)depth - 1);
        buffer_append_char(&deep, '}');
        for (int i = 0; i < 2; i++) {
            struct error err = ERROR_INIT;
            char *seen = pick_text(i == 0 ? all : none, deep.data, &err);
            ck_assert_int_eq(seen != NULL, depth <= 512);
            ck_assert(seen != NULL || text_find(err.message, "512 levels") != NULL);
            free(seen);
        }
    }
    buffer_free(&deep);
}
END_TEST

/* --- Against cJSON ------------------------------------------------------------------------------
 */

/* What a pick should leave of a tree; path is of names with spaces between. */
static bool is_wanted(const char *path, const char *const *wants, bool *below)
{
    bool wanted = false;
    size_t length = strlen(path);
    *below = length == 0;
    for (; *wants != NULL; wants++) {
        size_t other = strlen(*wants);
        bool begins =
            strncmp(path, *wants, other) == 0 && (path[other] == '\0' || path[other] == ' ');
        wanted = wanted || begins;
        *below = *below || (strncmp(*wants, path, length) == 0 &&
                            ((*wants)[length] == ' ' || (*wants)[length] == '\0'));
    }
    return wanted;
}

static void prune(cJSON *value, const char *path, const char *const *wants)
{
    cJSON *next;
    for (cJSON *member = value->child; member != NULL; member = next) {
        next = member->next;
        bool below;
        char *longer = cJSON_IsArray(value)
                           ? xstrdup(path)
                           : xasprintf("%s%s%s", path, *path != '\0' ? " " : "", member->string);
        bool whole = is_wanted(longer, wants, &below);
        if (!whole && !below) {
            cJSON_Delete(cJSON_DetachItemViaPointer(value, member));
        } else if (!whole) {
            prune(member, longer, wants);
        }
        free(longer);
    }
}

START_TEST(random_documents_come_out_as_from_cjson)
{
    static const char *const wants[][4] = {
        {"a"}, {"a b", "c"}, {"b a c", "b b"}, {"c c", "a a a", "b"}, {"d"},
    };
    struct buffer text;
    buffer_init(&text, 1 << 20);
    size_t documents = 0;
    for (unsigned seed = 1; seed <= 3000; seed++) {
        buffer_clear(&text);
        random_json(&text, seed);
        struct error err = ERROR_INIT;
        cJSON *whole = json_parse(text.data, text.length, "test", &err);
        ck_assert_msg(whole != NULL, "%u: %s: %s", seed, err.message, text.data);
        static const char *const all[] = {"", NULL};
        char *expected = cJSON_PrintUnformatted(whole);
        char *seen = pick_text(all, text.data, &err);
        ck_assert_msg(seen != NULL, "%u: %s: %s", seed, err.message, text.data);
        cJSON *again = cJSON_Parse(seen);
        ck_assert_msg(json_equal(again, whole), "%u: %s: %s", seed, seen, expected);
        cJSON_Delete(again);
        free(seen);
        free(expected);
        const char *const *want = wants[seed % ARRAY_LENGTH(wants)];
        prune(whole, "", want);
        seen = pick_text(want, text.data, &err);
        ck_assert_msg(seen != NULL, "%u: %s: %s", seed, err.message, text.data);
        again = cJSON_Parse(seen);
        expected = cJSON_PrintUnformatted(whole);
        ck_assert_msg(json_equal(again, whole), "%u: %s\n%s\n%s", seed, text.data, seen, expected);
        documents += whole->child != NULL;
        cJSON_Delete(again);
        cJSON_Delete(whole);
        free(seen);
        free(expected);
    }
    ck_assert_uint_gt(documents, 500); /* some of them had something to want */
    buffer_free(&text);
}
END_TEST

/* --- The walk -----------------------------------------------------------------------------------
 */

START_TEST(with_vectors_and_without_the_masks_are_the_same)
{
    unsigned state = 7;
    char bytes[64];
    static const char likely[] = "\"\\{}[]:, ;^z~\x7f\xfb\xfd\xff\xa2\xdc";
    for (int round = 0; round < 20000; round++) {
        struct json_scan_masks one, other;
        for (size_t i = 0; i < sizeof(bytes); i++) {
            unsigned number = random_next(&state);
            bytes[i] = number % 3 == 0 ? (char)(number >> 8)
                                       : likely[(number >> 8) % (sizeof(likely) - 1)];
        }
        json_scan_masks(bytes, &one);
        json_scan_masks_portable(bytes, &other);
        ck_assert_int_eq(memcmp(&one, &other, sizeof(one)), 0);
        for (int i = 0; i < 64; i++) {
            ck_assert_int_eq(one.quotes >> i & 1, bytes[i] == '"');
            ck_assert_int_eq(one.backslashes >> i & 1, bytes[i] == '\\');
            ck_assert_int_eq(one.opens >> i & 1, bytes[i] == '{' || bytes[i] == '[');
            ck_assert_int_eq(one.closes >> i & 1, bytes[i] == '}' || bytes[i] == ']');
        }
    }
}
END_TEST

START_TEST(the_walk_ends_at_the_same_byte_wherever_the_text_is_split)
{
    struct buffer text;
    buffer_init(&text, 1 << 20);
    for (unsigned seed = 1; seed <= 300; seed++) {
        buffer_clear(&text);
        buffer_append_char(&text, '[');
        random_json(&text, seed);
        buffer_append_char(&text, ']');
        size_t whole = text.length;
        buffer_append_string(&text, " ]}\"");
        for (size_t piece = 1; piece < 140; piece += 1 + piece / 8) {
            struct json_scan scan = {.depth = 1};
            enum json_scan_end end = JSON_SCAN_MORE;
            size_t from = 1;
            size_t at = 0;
            while (end == JSON_SCAN_MORE && from < text.length) {
                size_t length = text.length - from < piece ? text.length - from : piece;
                char *copy = xmemdup(text.data + from, length);
                at = 0;
                end = json_scan_close(&scan, copy, &at, length, 500);
                free(copy);
                from += at;
            }
            ck_assert_int_eq(end, JSON_SCAN_CLOSED);
            ck_assert_uint_eq(from, whole);
        }
    }
    buffer_free(&text);
}
END_TEST

Suite *suite_pick(void)
{
    const TTest *tests[] = {only_what_is_wanted_comes,
                            names_and_texts_with_escapes_mean_what_they_mean,
                            what_is_no_json_is_refused,
                            depth_has_a_limit_wanted_or_not,
                            random_documents_come_out_as_from_cjson,
                            with_vectors_and_without_the_masks_are_the_same,
                            the_walk_ends_at_the_same_byte_wherever_the_text_is_split,
                            NULL};
    return suite_of("pick", tests);
}
