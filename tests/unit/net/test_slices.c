#include "runner.h"

#include <string.h>

#include "base/alloc.h"
#include "base/clock.h"
#include "fake_server.h"
#include "net/http.h"

/* Keys and timers get their turn while an answer comes faster than it is worked on. */
Suite *suite_slices(void);

enum { LETTERS = 26, MATCHES = 400, MATCH = 258, RUN = 1 + MATCHES * MATCH, LIMIT = 4 << 20 };

struct scene {
    struct loop *loop;
    struct http *http;
    struct fake_server *server;
    struct buffer answer; /* as it goes over the wire */
    bool compressed;
    size_t got;
    size_t stop_at; /* refuses the chunk there; 0: takes all */
    int turns;      /* of a timer that is always due */
    int last_turn;
    int chunks;
    struct loop_timer *timer;
    struct error err;
    bool ended;
};

static char letter_at(size_t position)
{
    return (char)('a' + position / RUN % LETTERS);
}

/* --- A small answer that becomes a large one -----------------------------------------------------
 */

struct bits {
    struct buffer *out;
    unsigned held;
    int count;
};

static void put_bit(struct bits *bits, unsigned bit)
{
    bits->held |= bit << bits->count;
    if (++bits->count == 8) {
        buffer_append_char(bits->out, (char)bits->held);
        bits->held = 0;
        bits->count = 0;
    }
}

/* A Huffman code: its first bit is the highest one. */
static void put_code(struct bits *bits, unsigned code, int length)
{
    while (length-- > 0) {
        put_bit(bits, code >> length & 1U);
    }
}

static unsigned checksum(void)
{
    unsigned sum = ~0U;
    for (size_t i = 0; i < (size_t)LETTERS * RUN; i++) {
        sum ^= (unsigned char)letter_at(i);
        for (int bit = 0; bit < 8; bit++) {
            sum = sum >> 1 ^ ((sum & 1U) != 0 ? 0xedb88320U : 0);
        }
    }
    return ~sum;
}

static void put_number(struct buffer *out, unsigned number)
{
    for (int shift = 0; shift < 32; shift += 8) {
        buffer_append_char(out, (char)(number >> shift & 0xffU));
    }
}

/* gzip (RFC 1952) with one block of fixed codes (RFC 1951, 3.2.6): of each letter one, and matches
 * of 258 bytes at distance 1. */
static void write_gzip(struct buffer *out)
{
    static const char head[10] = {0x1f, (char)0x8b, 8, 0, 0, 0, 0, 0, 0, 3};
    struct bits bits = {.out = out};
    buffer_append(out, head, sizeof(head));
    put_bit(&bits, 1); /* the last block */
    put_bit(&bits, 1);
    put_bit(&bits, 0);
    for (int letter = 0; letter < LETTERS; letter++) {
        put_code(&bits, 0x30U + 'a' + (unsigned)letter, 8);
        for (int i = 0; i < MATCHES; i++) {
            put_code(&bits, 0xc5, 8); /* length 258 */
            put_code(&bits, 0, 5);    /* distance 1 */
        }
    }
    put_code(&bits, 0, 7);
    while (bits.count != 0) {
        put_bit(&bits, 0);
    }
    put_number(out, checksum());
    put_number(out, (unsigned)LETTERS * RUN);
}

static void answer(void *context, struct fake_connection *connection, const char *request)
{
    struct scene *scene = context;
    (void)request;
    char *head = xasprintf("HTTP/1.1 200 OK\r\nContent-Length: %zu\r\n%s\r\n", scene->answer.length,
                           scene->compressed ? "Content-Encoding: gzip\r\n" : "");
    fake_send_text(connection, head);
    fake_send(connection, scene->answer.data, scene->answer.length);
    free(head);
}

/* --- Who reads it slowly ------------------------------------------------------------------------
 */

static void on_turn(void *context)
{
    struct scene *scene = context;
    scene->turns++;
    scene->timer = loop_after(scene->loop, 0, on_turn, scene);
}

/* Works longer than a slice lasts. */
static bool on_chunk(void *context, const char *bytes, size_t length)
{
    struct scene *scene = context;
    ck_assert_int_gt(scene->turns, scene->last_turn); /* somebody else was asked in between */
    scene->last_turn = scene->turns;
    scene->chunks++;
    for (size_t i = 0; i < length; i++) {
        ck_assert_int_eq(bytes[i], letter_at(scene->got + i));
    }
    scene->got += length;
    for (int64_t until = clock_monotonic_ms() + 2; clock_monotonic_ms() < until;) {
    }
    return scene->stop_at == 0 || scene->got < scene->stop_at;
}

static void on_end(void *context, const struct http_response *response, const struct error *err)
{
    struct scene *scene = context;
    (void)response;
    if (err != NULL) {
        scene->err = *err;
    }
    scene->ended = true;
    loop_stop(scene->loop, 0);
}

static void run(struct scene *scene, bool compressed, size_t stop_at)
{
    static const struct http_handler handler = {.on_chunk = on_chunk, .on_end = on_end};
    *scene = (struct scene){.loop = loop_new(), .compressed = compressed, .stop_at = stop_at};
    buffer_init(&scene->answer, LIMIT);
    if (compressed) {
        write_gzip(&scene->answer);
    } else {
        for (size_t i = 0; i < (size_t)LETTERS * RUN; i++) {
            buffer_append_char(&scene->answer, letter_at(i));
        }
    }
    scene->server = fake_server_new(scene->loop, answer, scene);
    scene->http = http_new(scene->loop, false);
    scene->last_turn = -1;
    loop_set_slice(scene->loop, 1);
    char *url = xasprintf("http://127.0.0.1:%d", fake_server_port(scene->server));
    struct http_request request = {.method = HTTP_GET, .url = url};
    scene->timer = loop_after(scene->loop, 0, on_turn, scene);
    http_send(scene->http, &request, &handler, scene);
    loop_run(scene->loop);
    ck_assert(scene->ended);
    loop_cancel_timer(scene->loop, scene->timer);
    http_free(scene->http);
    fake_server_free(scene->server);
    loop_free(scene->loop);
    buffer_free(&scene->answer);
    free(url);
}

START_TEST(an_answer_comes_whole_in_slices_with_turns_of_others_between)
{
    for (int compressed = 0; compressed < 2; compressed++) {
        struct scene scene;
        run(&scene, compressed == 1, 0);
        ck_assert_msg(scene.err.kind == ERROR_NONE, "%s", scene.err.message);
        ck_assert_uint_eq(scene.got, (size_t)LETTERS * RUN);
        ck_assert_int_gt(scene.chunks, 10);
    }
}
END_TEST

START_TEST(a_chunk_that_is_refused_in_a_later_slice_ends_the_exchange)
{
    for (int compressed = 0; compressed < 2; compressed++) {
        struct scene scene;
        run(&scene, compressed == 1, (size_t)LETTERS * RUN / 2);
        ck_assert_uint_ge(scene.got, (size_t)LETTERS * RUN / 2);
        ck_assert_uint_lt(scene.got, (size_t)LETTERS * RUN);
    }
}
END_TEST

Suite *suite_slices(void)
{
    const TTest *tests[] = {an_answer_comes_whole_in_slices_with_turns_of_others_between,
                            a_chunk_that_is_refused_in_a_later_slice_ends_the_exchange, NULL};
    return suite_of("slices", tests);
}
