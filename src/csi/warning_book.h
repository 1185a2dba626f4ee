#ifndef CSI_WARNING_BOOK_H
#define CSI_WARNING_BOOK_H

#include "rows.h"

/* The inside of the warning book, shared by counting (warnings.c) and measuring (measure.c). */

/* Two steps of the spam filter: what is longer quiet has ended. */
enum { STEADY_MS = 10 * 60 * 1000 };

/* What events are about: a pod's uid (its namespace and name where they give none). */
struct subject {
    struct subject *next;
    struct subject *next_news;
    bool is_news; /* it is in the list of what changed since somebody asked */
    const char *uid;
    const char *ns;
    const char *name;
    const char *message;
    size_t rows; /* events, gone ones included */
    size_t live;
    int64_t count;
    int64_t grown;    /* in this session */
    int64_t unsummed; /* of it, since the sum over all was brought up to date */
    int64_t first_ms, last_ms;
    int64_t grown_at_ms; /* wall: when it grew last before our eyes */
    bool lower_bound;
    struct ring ring;
};

struct row {
    struct row *next;
    uint32_t hash;
    uint32_t seen;
    struct subject *subject;
    int64_t count;
    int64_t first_ms;
    int64_t gone_ms; /* wall; 0: it is there */
    char key[];      /* namespace/name */
};

/* Sizes of rows, in steps of 32 bytes; keys are shorter than KEY_SIZE. */
enum { ROW_SIZES = (KEY_SIZE + 128) / 32 + 1 };

struct warning_book {
    struct row_slab *slabs;
    struct row *free_rows[ROW_SIZES];
    struct row **rows;
    size_t row_buckets, row_count;
    struct subject **subjects;
    size_t subject_buckets, subject_count;
    uint32_t epoch;
    double speed;      /* how much faster than the clock events come; 1 but for a simulation */
    int64_t since_ms;  /* wall, end of the first list; 0: not yet */
    int64_t purged_ms; /* when gone rows were last looked through */
    bool relisting;
    bool unreadable;
    uint64_t generation;
    struct subject *news;
    bool all_is_news;
};

/* --- warning_rows.c --- */
/* Zeroed but for its key. */
struct row *row_new(struct warning_book *book, const char *key);
void row_free(struct warning_book *book, struct row *row);
/* All of them at once. */
void rows_free(struct warning_book *book);

/* uid, ns and name interned. */
struct subject *subject_find(const struct warning_book *book, const char *uid, const char *ns,
                             const char *name);

/* What changed since it was asked last: all (the subjects are not told then), or one subject after
 * the other, NULL at the end. */
bool warning_book_all_is_news(const struct warning_book *book);
struct subject *warning_book_next_news(struct warning_book *book);
/* All was looked at. */
void warning_book_forget_news(struct warning_book *book);

#endif
