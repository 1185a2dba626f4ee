#include <string.h>

#include "base/intern.h"
#include "warning_book.h"

/*
 * From counts to rates: over the session once it is long enough, over the life of the events before
 * that, and nothing for what has ended.
 */
enum {
    SHORT_MS = 2 * 60 * 1000,         /* the first two syncs of a pod come within a second */
    CREATED_SLACK_MS = 2 * 60 * 1000, /* one sync after the Secret came */
};

static const struct subject *subject_of_pod(const struct warning_book *book,
                                            const struct csi_pod *pod)
{
    const struct subject *subject = subject_find(book, pod->uid, pod->ns, pod->name);
    if (subject == NULL && *pod->uid != '\0') {
        const char *none = intern("");
        subject = subject_find(book, none, pod->ns, pod->name);
        intern_release(none);
    }
    return subject;
}

static void set_rate(struct csi_warnings *out, int64_t grown, int64_t over_ms)
{
    out->grown = grown;
    out->watched_ms = over_ms;
    out->rate_known = over_ms > 0;
    out->per_day = over_ms > 0 ? (double)grown * 86400000.0 / (double)over_ms : 0;
}

/* From one moment of the clock to another, in the time of the cluster's events: only what passes
 * before our eyes is sped up. */
static int64_t passed(const struct warning_book *book, int64_t from_ms, int64_t to_ms)
{
    int64_t seen_from = from_ms > book->since_ms ? from_ms : book->since_ms;
    int64_t seen = to_ms > seen_from ? to_ms - seen_from : 0;
    return to_ms - from_ms - seen + (int64_t)((double)seen * book->speed);
}

/* Over the last hour of the session at most, and only once it is long enough for the steps of the
 * spam filter not to show. */
static bool measure_session(const struct warning_book *book, const struct subject *subject,
                            int64_t born_ms, int64_t now_ms, struct csi_warnings *out)
{
    int64_t from = book->since_ms > born_ms ? book->since_ms : born_ms;
    int64_t watched = now_ms - from;
    if (passed(book, from, now_ms) < STEADY_MS) {
        return false;
    }
    int minutes = watched > 3600000 ? 60 : (int)(watched / 60000);
    int64_t window = watched > 3600000 ? 59 * 60000 + now_ms % 60000 : watched;
    int64_t grown = watched > 3600000 ? ring_sum(&subject->ring, now_ms, minutes) : subject->grown;
    set_rate(out, grown, passed(book, now_ms - window, now_ms));
    return true;
}

/* Over the life of its events: `count` tells how often since firstTimestamp. */
static void measure_life(const struct warning_book *book, const struct subject *subject,
                         int64_t now_ms, struct csi_warnings *out)
{
    /* A node's clock may be ahead. */
    int64_t last = subject->last_ms < now_ms ? subject->last_ms : now_ms;
    int64_t span = subject->first_ms == 0 ? 0 : passed(book, subject->first_ms, last);
    if (span >= SHORT_MS && subject->count > 1) {
        set_rate(out, subject->count - 1, span);
    }
}

void warning_book_measure(const struct warning_book *book, const struct csi_pod *pod, bool ended,
                          int64_t ended_ms, int64_t now_ms, struct csi_warnings *out)
{
    memset(out, 0, sizeof(*out));
    if (book->since_ms == 0 || book->unreadable) {
        return;
    }
    const struct subject *subject = subject_of_pod(book, pod);
    bool reports = pod->reporting != CSI_REPORTING_NEVER;
    if (subject == NULL || subject->rows == 0) {
        out->rate_known = reports;
        return;
    }
    out->count = subject->count;
    out->first_seen_ms = subject->first_ms;
    out->last_seen_ms = subject->last_ms;
    out->lower_bound = subject->lower_bound;
    out->message = subject->message;
    int64_t last =
        subject->last_ms > subject->grown_at_ms ? subject->last_ms : subject->grown_at_ms;
    bool quiet = last != 0 && passed(book, last, now_ms) > STEADY_MS;
    bool over = ended && ended_ms != 0 && last <= ended_ms + CREATED_SLACK_MS;
    if (subject->live == 0 || quiet || over) {
        set_rate(out, 0, last != 0 && now_ms > last ? now_ms - last : 1);
    } else if (!measure_session(book, subject, pod->created_ms, now_ms, out)) {
        measure_life(book, subject, now_ms, out);
    }
}

void warning_book_history(const struct warning_book *book, const struct csi_pod *pod,
                          int64_t now_ms, struct csi_history *sum)
{
    const struct subject *subject = subject_of_pod(book, pod);
    if (subject != NULL) {
        ring_add_to(&subject->ring, now_ms, sum);
    }
}

void warnings_add(struct csi_warnings *sum, const struct csi_warnings *part)
{
    sum->count += part->count;
    sum->grown += part->grown;
    sum->per_day += part->rate_known ? part->per_day : 0;
    if (part->watched_ms > sum->watched_ms) {
        sum->watched_ms = part->watched_ms;
    }
    sum->rate_known = sum->rate_known || part->rate_known;
    /* a part that warns without a rate is missing from the sum */
    sum->lower_bound =
        sum->lower_bound || part->lower_bound || (!part->rate_known && part->count > 0);
    if (part->first_seen_ms != 0 &&
        (sum->first_seen_ms == 0 || part->first_seen_ms < sum->first_seen_ms)) {
        sum->first_seen_ms = part->first_seen_ms;
    }
    if (part->last_seen_ms > sum->last_seen_ms) {
        sum->last_seen_ms = part->last_seen_ms;
        sum->message = part->message;
    }
}
