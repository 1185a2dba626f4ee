#ifndef KUBE_STREAM_H
#define KUBE_STREAM_H

#include <stdbool.h>
#include <stddef.h>

#include "base/buffer.h"
#include "base/error.h"
#include "doc/scan.h"

/*
 * Cuts single objects out of a byte stream as it comes in: the items of a list, the rows of a
 * Table, the frames of a watch. Only the object at hand is in memory, and only if it does not lie
 * whole in the bytes at hand.
 */
enum stream_kind {
    STREAM_LIST,   /* one JSON object with "items" or "rows" */
    STREAM_FRAMES, /* watch events, one JSON object after the other */
};

/* What the scanner hands over. Bytes are valid during the call and need not end with a NUL. */
enum stream_part {
    STREAM_ITEM,    /* one element of items, or one frame */
    STREAM_ROW,     /* one element of rows */
    STREAM_COLUMNS, /* the value of columnDefinitions */
};

typedef bool (*stream_callback)(void *context, enum stream_part part, const char *bytes,
                                size_t length);

enum { STREAM_WORD = 24 };

struct stream {
    enum stream_kind kind;
    stream_callback callback;
    void *context;
    size_t limit; /* of one item */

    int depth; /* open braces and brackets around the item at hand */
    bool in_string;
    bool escaped;
    bool opened;   /* the first brace was seen */
    bool closed;   /* a list's last brace was seen */
    bool in_items; /* inside the array of items or rows */
    bool rows;
    bool in_item;
    struct json_scan scan; /* of the item */
    bool record;           /* the string at hand is kept in word */
    bool word_whole;
    size_t word_length;
    char word[STREAM_WORD + 1];
    char member[STREAM_WORD + 1]; /* a list's member whose value comes or is under way */
    bool keeping;                 /* that value is kept in value */
    struct buffer value;
    struct buffer item;

    char *list_kind;
    char *resource_version;
    char *continue_token;
    size_t items; /* how many were handed over */
};

void stream_init(struct stream *stream, enum stream_kind kind, size_t item_limit, bool secret,
                 stream_callback callback, void *context);
void stream_free(struct stream *stream);
/* Ready for the next body (the next page, the next watch). */
void stream_reset(struct stream *stream);

/* Takes the next bytes. False with err set: not JSON, an item over the limit, nested too deep.
 * False with err untouched: the callback said stop. */
bool stream_feed(struct stream *stream, const char *bytes, size_t length, struct error *err);
/* After the last byte: true if a list is complete to its closing brace, if frames end between two
 * frames. */
bool stream_finish(struct stream *stream, struct error *err);

#endif
