#include <string.h>

#include "warning_book.h"

/*
 * The warnings of pods, drivers and of all. Between two whole passes (rows changed, or a second
 * went by, for rates change by time alone) only the pods are looked at whose events brought news:
 * on a busy cluster these come a hundred times a second, and there are 5,000 pods.
 */

static bool same_rate(const struct csi_warnings *a, const struct csi_warnings *b)
{
    return a->count == b->count && a->rate_known == b->rate_known &&
           a->lower_bound == b->lower_bound && (int64_t)a->per_day == (int64_t)b->per_day;
}

/* What the rules look at: whether there are warnings, and whether they go on although the Secrets
 * are there. */
static int telling(const struct csi_pod *pod, const struct shape *shape)
{
    return pod->warnings.count == 0 ? 0 : pod->warnings.last_seen_ms <= shape->resolved_ms ? 1 : 2;
}

static bool rate_of_pod(struct csi_census *census, struct pod_row *row, int64_t now_ms)
{
    struct csi_warnings fresh;
    warning_book_measure(census->warnings, &row->pod, row->shape->resolved, row->shape->resolved_ms,
                         now_ms, &fresh);
    bool changed = !same_rate(&fresh, &row->pod.warnings);
    int told = telling(&row->pod, row->shape);
    row->pod.warnings = fresh;
    census->picture += told != telling(&row->pod, row->shape);
    return changed;
}

static void sum_up(struct csi_census *census)
{
    struct csi_totals totals = {.drivers = census->driver_count};
    for (size_t i = 0; i < census->driver_count; i++) {
        const struct csi_driver *driver = census->drivers[i];
        totals.pods += driver->pod_count;
        totals.broken_pods += driver->broken_pods;
        totals.warnings += driver->warnings.count;
        totals.warnings_per_day += driver->warnings.per_day;
        totals.rate_known = totals.rate_known || driver->warnings.rate_known;
        totals.lower_bound = totals.lower_bound || driver->warnings.lower_bound;
    }
    census->totals = totals;
}

bool rates_derive(struct csi_census *census, int64_t now_ms)
{
    bool changed = false;
    warning_book_forget_news(census->warnings);
    census->history_valid = false;
    for (size_t i = 0; i < census->driver_count; i++) {
        struct csi_driver *driver = census->drivers[i];
        memset(&driver->warnings, 0, sizeof(driver->warnings));
        for (size_t j = 0; j < driver->workload_count; j++) {
            struct csi_workload *workload = driver->workloads[j];
            for (size_t k = 0; k < workload->pod_count; k++) {
                struct pod_row *pod = (struct pod_row *)workload->pods[k];
                changed = rate_of_pod(census, pod, now_ms) || changed;
                warnings_add(&driver->warnings, &pod->pod.warnings);
            }
        }
    }
    sum_up(census);
    return changed;
}

/* Replaces a part of a sum. What can only grow is right at once; what could also fall (the earliest
 * time, the bounds) is left to the next whole pass. */
static void exchange(struct csi_warnings *sum, const struct csi_warnings *old,
                     const struct csi_warnings *fresh)
{
    sum->count -= old->count;
    sum->grown -= old->grown;
    sum->per_day -= old->rate_known ? old->per_day : 0;
    if (sum->message == old->message) {
        sum->message = fresh->message; /* the old one may be gone */
    }
    warnings_add(sum, fresh);
}

bool rates_follow(struct csi_census *census, int64_t now_ms)
{
    if (warning_book_all_is_news(census->warnings)) {
        return rates_derive(census, now_ms);
    }
    bool changed = false;
    struct subject *subject;
    while ((subject = warning_book_next_news(census->warnings)) != NULL) {
        struct pod_row *pod = (struct pod_row *)csi_census_pod(census, subject->ns, subject->name);
        struct csi_driver *driver = pod == NULL ? NULL : pod->pod.workload->driver;
        int64_t grown = subject->unsummed;
        subject->unsummed = 0;
        if (driver == NULL) {
            continue;
        }
        history_grown(census, grown);
        struct csi_warnings old = pod->pod.warnings;
        changed = rate_of_pod(census, pod, now_ms) || changed;
        exchange(&driver->warnings, &old, &pod->pod.warnings);
    }
    sum_up(census);
    return changed;
}
