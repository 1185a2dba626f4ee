#include "gzip.h"

#include <stdlib.h>
#include <zlib.h>

#include "base/alloc.h"

enum { BLOCK = 16 * 1024, MEMORY_LEVEL = 8, GZIP_HEADER = 16 };

struct sim_gzip {
    z_stream stream;
};

struct sim_gzip *sim_gzip_new(void)
{
    struct sim_gzip *gzip = xcalloc(1, sizeof(*gzip));
    if (deflateInit2(&gzip->stream, Z_BEST_SPEED, Z_DEFLATED, MAX_WBITS + GZIP_HEADER, MEMORY_LEVEL,
                     Z_DEFAULT_STRATEGY) != Z_OK) {
        free(gzip);
        return NULL;
    }
    return gzip;
}

void sim_gzip_free(struct sim_gzip *gzip)
{
    if (gzip != NULL) {
        deflateEnd(&gzip->stream);
        free(gzip);
    }
}

void sim_gzip_add(struct sim_gzip *gzip, const struct buffer *text, bool last, struct buffer *out)
{
    char block[BLOCK];
    z_stream *stream = &gzip->stream;
    stream->next_in = (Bytef *)text->data;
    stream->avail_in = (uInt)text->length;
    do {
        stream->next_out = (Bytef *)block;
        stream->avail_out = sizeof(block);
        deflate(stream, last ? Z_FINISH : Z_NO_FLUSH);
        buffer_append(out, block, sizeof(block) - stream->avail_out);
    } while (stream->avail_out == 0);
}
