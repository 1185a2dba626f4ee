/* libFuzzer target: bytes as a list or as watch events. However they are split, the same items must
 * come out, and the same verdict. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "../../src/kube/stream.h"
#include "base/alloc.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

enum { LIMIT = 4096, OUTPUT = 1 << 24 };

static bool on_part(void *context, enum stream_part part, const char *bytes, size_t length)
{
    struct buffer *out = context;
    if ((length == 0 && part != STREAM_COLUMNS) || length > LIMIT * 256) {
        abort();
    }
    buffer_append_char(out, (char)('0' + part));
    buffer_append(out, bytes, length);
    return true;
}

static bool run(enum stream_kind kind, const char *bytes, size_t size, size_t piece,
                struct buffer *out)
{
    struct stream stream;
    struct error err = ERROR_INIT;
    bool good = true;
    stream_init(&stream, kind, LIMIT, false, on_part, out);
    for (size_t at = 0; at < size && good; at += piece) {
        size_t length = size - at < piece ? size - at : piece;
        char *copy = xmemdup(bytes + at, length);
        good = stream_feed(&stream, copy, length, &err);
        free(copy);
    }
    good = good && stream_finish(&stream, &err);
    if (!good && err.kind == ERROR_NONE) {
        abort(); /* refused without a reason */
    }
    stream_free(&stream);
    return good;
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    if (size < 2) {
        return 0;
    }
    enum stream_kind kind = bytes[0] & 1 ? STREAM_LIST : STREAM_FRAMES;
    const char *text = (const char *)bytes + 1;
    struct buffer whole;
    struct buffer pieces;
    buffer_init(&whole, OUTPUT);
    buffer_init(&pieces, OUTPUT);
    bool one = run(kind, text, size - 1, size, &whole);
    bool other = run(kind, text, size - 1, 1 + (bytes[0] >> 1) % 16, &pieces);
    if (one != other || whole.length != pieces.length ||
        memcmp(whole.data, pieces.data, whole.length) != 0) {
        abort();
    }
    buffer_free(&whole);
    buffer_free(&pieces);
    return 0;
}
