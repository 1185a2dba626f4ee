#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/intern.h"
#include "doc/json.h"
#include "warning_book.h"

/*
 * Counting the kubelet's warnings by the growth of its events. An event is a running number, not an
 * occurrence: the recorder raises `count` (or series.count) of one object, writes it at most once
 * in five minutes when its spam filter is on, starts at 1 in a new object when the kubelet
 * restarts, and re-creates an expired object under the old name with the old firstTimestamp
 * (client-go tools/record/events_cache.go). So:
 *
 *   known and changed:      + max(0, new - last)
 *   known, was gone, back:  + max(1, new - last), if firstTimestamp is the same
 *   new while we watch:     + new
 *   new in the first list:  + 0; its count spans first to last
 *   new after a gap:        + new if it began since we watch, else a lower bound
 */

enum { GONE_MS = 2 * 3600 * 1000 }; /* an expired event may come back for as long */

struct warning_book *warning_book_new(void)
{
    struct warning_book *book = xcalloc(1, sizeof(*book));
    book->speed = 1;
    book->row_buckets = book->subject_buckets = 256;
    book->rows = xcalloc(book->row_buckets, sizeof(struct row *));
    book->subjects = xcalloc(book->subject_buckets, sizeof(struct subject *));
    return book;
}

static void subject_free(struct subject *subject)
{
    intern_release(subject->uid);
    intern_release(subject->ns);
    intern_release(subject->name);
    intern_release(subject->message);
    free(subject);
}

void warning_book_free(struct warning_book *book)
{
    rows_free(book);
    for (size_t i = 0; i < book->subject_buckets; i++) {
        while (book->subjects[i] != NULL) {
            struct subject *subject = book->subjects[i];
            book->subjects[i] = subject->next;
            subject_free(subject);
        }
    }
    free(book->rows);
    free(book->subjects);
    free(book);
}

/* --- Tables -------------------------------------------------------------------------------------
 */

static uint32_t hash_text(const char *text)
{
    uint32_t hash = 2166136261u;
    for (; *text != '\0'; text++) {
        hash = (hash ^ (unsigned char)*text) * 16777619u;
    }
    return hash;
}

static struct row *row_find(const struct warning_book *book, const char *key, uint32_t hash)
{
    struct row *row = book->rows[hash & (book->row_buckets - 1)];
    while (row != NULL && (row->hash != hash || strcmp(row->key, key) != 0)) {
        row = row->next;
    }
    return row;
}

static void rows_grow(struct warning_book *book)
{
    size_t wanted = book->row_buckets * 2;
    struct row **fresh = xcalloc(wanted, sizeof(struct row *));
    for (size_t i = 0; i < book->row_buckets; i++) {
        while (book->rows[i] != NULL) {
            struct row *row = book->rows[i];
            book->rows[i] = row->next;
            row->next = fresh[row->hash & (wanted - 1)];
            fresh[row->hash & (wanted - 1)] = row;
        }
    }
    free(book->rows);
    book->rows = fresh;
    book->row_buckets = wanted;
}

static struct row *row_make(struct warning_book *book, const char *key, uint32_t hash,
                            struct subject *subject)
{
    if (book->row_count++ >= book->row_buckets) {
        rows_grow(book);
    }
    struct row *row = row_new(book, key);
    row->hash = hash;
    row->subject = subject;
    row->next = book->rows[hash & (book->row_buckets - 1)];
    book->rows[hash & (book->row_buckets - 1)] = row;
    subject->rows++;
    return row;
}

/* Interned strings: their addresses are enough. */
static size_t subject_bucket(size_t buckets, const char *uid, const char *ns, const char *name)
{
    uint64_t bits = *uid != '\0' ? (uint64_t)(uintptr_t)uid
                                 : (uint64_t)(uintptr_t)ns * 31 + (uint64_t)(uintptr_t)name;
    return (size_t)((bits * 0x9e3779b97f4a7c15u) >> 32) & (buckets - 1);
}

struct subject *subject_find(const struct warning_book *book, const char *uid, const char *ns,
                             const char *name)
{
    struct subject *at = book->subjects[subject_bucket(book->subject_buckets, uid, ns, name)];
    while (at != NULL &&
           !(at->uid == uid && (*uid != '\0' || (at->ns == ns && at->name == name)))) {
        at = at->next;
    }
    return at;
}

static void subjects_grow(struct warning_book *book)
{
    size_t wanted = book->subject_buckets * 2;
    struct subject **fresh = xcalloc(wanted, sizeof(struct subject *));
    for (size_t i = 0; i < book->subject_buckets; i++) {
        while (book->subjects[i] != NULL) {
            struct subject *at = book->subjects[i];
            book->subjects[i] = at->next;
            size_t bucket = subject_bucket(wanted, at->uid, at->ns, at->name);
            at->next = fresh[bucket];
            fresh[bucket] = at;
        }
    }
    free(book->subjects);
    book->subjects = fresh;
    book->subject_buckets = wanted;
}

static struct subject *subject_need(struct warning_book *book, const cJSON *object)
{
    unsigned ignored = 0;
    const char *uid = odd_text(object, "uid", NAME_LIMIT, &ignored);
    const char *ns = odd_text(object, "namespace", NAME_LIMIT, &ignored);
    const char *name = odd_text(object, "name", NAME_LIMIT, &ignored);
    struct subject *subject = subject_find(book, uid, ns, name);
    if (subject != NULL) {
        intern_release(uid);
        intern_release(ns);
        intern_release(name);
        return subject;
    }
    if (book->subject_count++ >= book->subject_buckets) {
        subjects_grow(book);
    }
    subject = xcalloc(1, sizeof(*subject));
    subject->uid = uid;
    subject->ns = ns;
    subject->name = name;
    size_t bucket = subject_bucket(book->subject_buckets, uid, ns, name);
    subject->next = book->subjects[bucket];
    book->subjects[bucket] = subject;
    return subject;
}

/* --- News ---------------------------------------------------------------------------------------
 */

static void note_news(struct warning_book *book, struct subject *subject)
{
    if (!subject->is_news) {
        subject->is_news = true;
        subject->next_news = book->news;
        book->news = subject;
    }
}

bool warning_book_all_is_news(const struct warning_book *book)
{
    return book->all_is_news;
}

struct subject *warning_book_next_news(struct warning_book *book)
{
    struct subject *subject = book->news;
    if (subject != NULL) {
        book->news = subject->next_news;
        subject->is_news = false;
    }
    return subject;
}

void warning_book_summed(struct warning_book *book)
{
    for (struct subject *at = book->news; at != NULL; at = at->next_news) {
        at->unsummed = 0;
    }
}

void warning_book_forget_news(struct warning_book *book)
{
    struct subject *subject;
    while ((subject = warning_book_next_news(book)) != NULL) {
        subject->unsummed = 0;
    }
    book->all_is_news = false;
}

static void subject_drop(struct warning_book *book, struct subject *subject)
{
    /* Pods may still point to its message. */
    warning_book_forget_news(book);
    book->all_is_news = true;
    struct subject **link = &book->subjects[subject_bucket(book->subject_buckets, subject->uid,
                                                           subject->ns, subject->name)];
    while (*link != subject) {
        link = &(*link)->next;
    }
    *link = subject->next;
    book->subject_count--;
    subject_free(subject);
}

/* --- Reading an event ---------------------------------------------------------------------------
 */

struct reading {
    int64_t count;
    int64_t first_ms, last_ms;
};

/* Number and times, whichever recorder wrote them (legacy: count and timestamps; new: series and
 * eventTime). */
static struct reading read_event(const cJSON *event)
{
    unsigned odd = 0;
    const cJSON *series = json_object(event, "series");
    int64_t created = odd_time(json_object(event, "metadata"), "creationTimestamp", &odd);
    int64_t event_time = odd_time(event, "eventTime", &odd);
    struct reading reading = {
        .count = odd_int64(series, "count", odd_int64(event, "count", 1, &odd), &odd),
        .first_ms = odd_time(event, "firstTimestamp", &odd),
        .last_ms = odd_time(series, "lastObservedTime", &odd),
    };
    if (reading.count < 1) {
        reading.count = 1;
    }
    if (reading.first_ms == 0) {
        reading.first_ms = event_time != 0 ? event_time : created;
    }
    if (reading.last_ms == 0) {
        int64_t last = odd_time(event, "lastTimestamp", &odd);
        reading.last_ms = last != 0 ? last : event_time != 0 ? event_time : created;
    }
    if (reading.last_ms < reading.first_ms) {
        reading.last_ms = reading.first_ms;
    }
    return reading;
}

/* How much happened since the last news of it; see the rule at the top. */
static int64_t increment_known(struct row *row, const struct reading *reading)
{
    int64_t grown = reading->count - row->count;
    if (row->gone_ms != 0) {
        bool continued = row->first_ms == reading->first_ms;
        return continued ? (grown > 1 ? grown : 1) : reading->count;
    }
    if (grown < 0) {
        row->subject->lower_bound = true;
        return 0;
    }
    return grown;
}

static int64_t increment_new(const struct warning_book *book, struct subject *subject,
                             const struct reading *reading, bool listed)
{
    if (book->since_ms == 0) {
        return 0;
    }
    if (!listed || reading->first_ms >= book->since_ms - STEADY_MS) {
        return reading->count;
    }
    subject->lower_bound = true;
    return 0;
}

static void subject_learn(struct subject *subject, const struct reading *reading,
                          const cJSON *event)
{
    if (subject->first_ms == 0 || reading->first_ms < subject->first_ms) {
        subject->first_ms = reading->first_ms;
    }
    if (reading->last_ms < subject->last_ms) {
        return;
    }
    subject->last_ms = reading->last_ms;
    const char *text = json_string(event, "message");
    text = text == NULL || *text == '\0' ? json_string_or(event, "note", "") : text;
    if (subject->message == NULL || strcmp(text, subject->message) != 0) {
        unsigned ignored = 0;
        keep_text(&subject->message, odd_intern(text, TEXT_LIMIT, &ignored));
    }
}

bool warning_book_put(struct warning_book *book, const cJSON *event, bool listed, int64_t now_ms)
{
    const char *reason = json_string(event, "reason");
    if (reason == NULL || strcmp(reason, "FailedToRetrieveImagePullSecret") != 0) {
        return false;
    }
    const cJSON *metadata = json_object(event, "metadata");
    const char *name = json_string(metadata, "name");
    if (name == NULL || strlen(name) > NAME_LIMIT) {
        return false;
    }
    char key[KEY_SIZE];
    join_key(key, json_string_or(metadata, "namespace", ""), name);
    uint32_t hash = hash_text(key);
    struct reading reading = read_event(event);
    struct row *row = row_find(book, key, hash);
    int64_t grown;
    bool changed = true;
    if (row == NULL) {
        struct subject *subject = subject_need(book, json_object(event, "involvedObject") != NULL
                                                         ? json_object(event, "involvedObject")
                                                         : json_object(event, "regarding"));
        grown = increment_new(book, subject, &reading, listed);
        row = row_make(book, key, hash, subject);
        subject->live++;
    } else {
        grown = increment_known(row, &reading);
        changed = row->gone_ms != 0 || reading.count != row->count ||
                  reading.last_ms != row->subject->last_ms;
        row->subject->live += row->gone_ms != 0;
        row->subject->count -= row->gone_ms != 0 ? 0 : row->count;
    }
    row->gone_ms = 0;
    row->seen = book->epoch;
    row->count = reading.count;
    row->first_ms = reading.first_ms;
    row->subject->count += reading.count;
    subject_learn(row->subject, &reading, event);
    if (grown > 0) {
        row->subject->grown += grown;
        row->subject->unsummed += grown;
        row->subject->grown_at_ms = now_ms;
        ring_add(&row->subject->ring, now_ms, grown);
    }
    if (changed) {
        note_news(book, row->subject);
    }
    book->generation += changed;
    return changed;
}

/* --- What goes ----------------------------------------------------------------------------------
 */

static void row_gone(struct warning_book *book, struct row *row, int64_t now_ms)
{
    if (row->gone_ms == 0) {
        row->gone_ms = now_ms > 0 ? now_ms : 1;
        row->subject->live--;
        row->subject->count -= row->count;
        note_news(book, row->subject);
        book->generation++;
    }
}

static void purge(struct warning_book *book, int64_t now_ms)
{
    for (size_t i = 0; i < book->row_buckets; i++) {
        struct row **link = &book->rows[i];
        while (*link != NULL) {
            struct row *row = *link;
            if (row->gone_ms == 0 || now_ms - row->gone_ms < GONE_MS) {
                link = &row->next;
                continue;
            }
            *link = row->next;
            if (--row->subject->rows == 0) {
                subject_drop(book, row->subject);
            }
            row_free(book, row);
            book->row_count--;
        }
    }
    book->purged_ms = now_ms;
}

bool warning_book_remove(struct warning_book *book, const char *ns, const char *name,
                         int64_t now_ms)
{
    char key[KEY_SIZE];
    join_key(key, ns, name);
    struct row *row = row_find(book, key, hash_text(key));
    if (row == NULL || row->gone_ms != 0) {
        return false;
    }
    row_gone(book, row, now_ms);
    if (now_ms - book->purged_ms > STEADY_MS) {
        purge(book, now_ms);
    }
    return true;
}

void warning_book_begin_relist(struct warning_book *book)
{
    book->epoch++;
    book->relisting = true;
}

void warning_book_end_relist(struct warning_book *book, int64_t now_ms)
{
    if (!book->relisting) {
        return;
    }
    book->relisting = false;
    book->all_is_news = book->all_is_news || book->unreadable;
    book->unreadable = false;
    for (size_t i = 0; i < book->row_buckets; i++) {
        for (struct row *row = book->rows[i]; row != NULL; row = row->next) {
            if (row->seen != book->epoch) {
                row_gone(book, row, now_ms);
            }
        }
    }
    purge(book, now_ms);
    if (book->since_ms == 0) {
        book->since_ms = now_ms > 0 ? now_ms : 1;
        book->all_is_news = true;
        book->generation++;
    }
}

void warning_book_unreadable(struct warning_book *book)
{
    if (!book->unreadable) {
        book->unreadable = true;
        book->all_is_news = true;
        book->generation++;
    }
}

void warning_book_set_speed(struct warning_book *book, double speed)
{
    book->speed = speed > 0 ? speed : 1;
}

double warning_book_speed(const struct warning_book *book)
{
    return book->speed;
}

int64_t warning_book_since(const struct warning_book *book)
{
    return book->since_ms;
}

uint64_t warning_book_generation(const struct warning_book *book)
{
    return book->generation;
}
