#include "runner.h"

#include <string.h>

#include "base/attributes.h"
#include "doc/json.h"

Suite *suite_base64(void);

/* RFC 4648, section 10. */
static const struct {
    const char *plain;
    const char *encoded;
} vectors[] = {
    {"", ""},
    {"f", "Zg=="},
    {"fo", "Zm8="},
    {"foo", "Zm9v"},
    {"foob", "Zm9vYg=="},
    {"fooba", "Zm9vYmE="},
    {"foobar", "Zm9vYmFy"},
};

START_TEST(the_vectors_of_the_rfc_go_both_ways)
{
    for (size_t i = 0; i < ARRAY_LENGTH(vectors); i++) {
        struct buffer out;
        buffer_init(&out, 100);
        ck_assert(base64_encode(&out, vectors[i].plain, strlen(vectors[i].plain)));
        ck_assert_str_eq(out.data, vectors[i].encoded);
        buffer_clear(&out);
        ck_assert(base64_decode(&out, vectors[i].encoded, strlen(vectors[i].encoded), false));
        ck_assert_str_eq(out.data, vectors[i].plain);
        buffer_free(&out);
    }
}
END_TEST

START_TEST(every_byte_survives)
{
    unsigned char all[256];
    for (size_t i = 0; i < sizeof(all); i++) {
        all[i] = (unsigned char)i;
    }
    struct buffer text, back;
    buffer_init(&text, 1000);
    buffer_init(&back, 1000);
    ck_assert(base64_encode(&text, all, sizeof(all)));
    ck_assert(base64_decode(&back, text.data, text.length, false));
    ck_assert_uint_eq(back.length, sizeof(all));
    ck_assert_mem_eq(back.data, all, sizeof(all));
    buffer_free(&text);
    buffer_free(&back);
}
END_TEST

START_TEST(text_that_is_not_base64_is_refused_and_leaves_nothing)
{
    static const char *const bad[] = {"Zg",   "Zg=",  "Zg===", "Z",        "Z===",
                                      "=",    "====", "Zm9v=", "Zg==Zg==", "Zm 9v",
                                      "Zm9-", "Zm9_", "Z=g=",  "Zm9vY"};
    for (size_t i = 0; i < ARRAY_LENGTH(bad); i++) {
        struct buffer out;
        buffer_init(&out, 100);
        buffer_append_string(&out, "kept");
        ck_assert_msg(!base64_decode(&out, bad[i], strlen(bad[i]), false), "took %s", bad[i]);
        ck_assert_str_eq(out.data, "kept");
        buffer_free(&out);
    }
}
END_TEST

START_TEST(line_breaks_are_skipped_and_raw_text_taken_on_demand)
{
    struct buffer out;
    buffer_init(&out, 100);
    ck_assert(base64_decode(&out, "Zm9v\r\nYg=\n=\n", 12, false));
    ck_assert_str_eq(out.data, "foob");
    buffer_clear(&out);
    ck_assert(base64_decode(&out, "Zm9vYg", 6, true));
    ck_assert_str_eq(out.data, "foob");
    ck_assert(!base64_decode(&out, "Zm9vY", 5, true));
    buffer_free(&out);
}
END_TEST

START_TEST(a_limit_is_kept)
{
    struct buffer out;
    buffer_init(&out, 5);
    ck_assert(!base64_encode(&out, "foobar", 6));
    ck_assert_uint_eq(out.length, 0);
    ck_assert(!base64_decode(&out, "Zm9vYmFy", 8, false));
    ck_assert_uint_eq(out.length, 0);
    buffer_free(&out);
}
END_TEST

Suite *suite_base64(void)
{
    const TTest *tests[] = {the_vectors_of_the_rfc_go_both_ways,
                            every_byte_survives,
                            text_that_is_not_base64_is_refused_and_leaves_nothing,
                            line_breaks_are_skipped_and_raw_text_taken_on_demand,
                            a_limit_is_kept,
                            NULL};
    return suite_of("base64", tests);
}
