#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/clock.h"
#include "base/map.h"
#include "doc/json.h"
#include "session_parts.h"

#define TICK_MS 250
/* A kubelet takes up a running pod every 64 to 86 s (seen on 1.36). */
#define SYNC_PERIOD_MS 75000
/* Rounds of two periods that may pass without two quiet ones in a row. */
#define PATIENCE 3
/* Fewer own sightings than this say less than the events' own times. */
#define ENOUGH 5
/* client-go's spam filter writes so many events of one pod at once, then one in five minutes. */
#define SPAM_BURST 25
/* How long to look before the change for a pace of our own, where many pods warn. */
#define MEASURE_MS 7000
/* How long the picture may lag behind the rollout before a broken reference counts as a fact. */
#define LAG_MS 15000

/* --- Scope: the pods that the change is about ---------------------------------------------------
 */

static bool is_planned(const struct change_session *session, const char *kind, const char *ns,
                       const char *name)
{
    for (size_t i = 0; i < session->plan.count; i++) {
        const struct change_object *object = &session->plan.objects[i];
        if (strcmp(object->resource->kind, kind) == 0 && object->ns != NULL &&
            strcmp(object->ns, ns) == 0 && strcmp(object->name, name) == 0) {
            return true;
        }
    }
    return false;
}

/* Before the plan stands, what the intent means; then what the plan changes. */
static bool in_scope(const struct change_session *session, const struct csi_pod *pod)
{
    const struct csi_workload *workload = pod->workload;
    if (!session->planned) {
        return false;
    }
    if (is_planned(session, workload->kind, workload->ns, workload->name)) {
        return true;
    }
    for (size_t i = 0; i < pod->reference_count; i++) {
        if (is_planned(session, "Secret", pod->ns, pod->references[i].name)) {
            return true;
        }
    }
    return false;
}

typedef void (*pod_visitor)(void *context, const struct csi_pod *pod);

static void each_pod(const struct change_session *session, pod_visitor visit, void *context)
{
    size_t count = 0;
    struct csi_driver *const *drivers =
        csi_census_drivers(csi_follow_census(session->follow), &count);
    for (size_t i = 0; i < count; i++) {
        for (size_t j = 0; j < drivers[i]->workload_count; j++) {
            const struct csi_workload *workload = drivers[i]->workloads[j];
            for (size_t k = 0; k < workload->pod_count; k++) {
                if (in_scope(session, workload->pods[k])) {
                    visit(context, workload->pods[k]);
                }
            }
        }
    }
}

/* --- Before: who warns, and how often -----------------------------------------------------------
 */

/* One pod's count when it was first and last looked at. It is timed from the first growth on: what
 * that one brings may have gathered for five minutes behind the spam filter. */
struct sighting {
    int64_t began_ms; /* monotonic */
    int64_t first, last;
    bool grew;
};

struct pace {
    struct map *sightings;
    int64_t now_ms;
    int64_t warned;
    double seen_ms, seen; /* by our own watching */
    double told_ms, told; /* by the events' own times */
    double per_day;
    bool throttled;
};

static void measure(void *context, const struct csi_pod *pod)
{
    struct pace *pace = context;
    const struct csi_warnings *warnings = &pod->warnings;
    bool may_warn = csi_secret_state_is_broken(pod->state) || pod->state == CSI_SECRET_UNKNOWN;
    if (warnings->count <= 0 || pod->deleting || !may_warn) {
        return; /* events outlive their cause by an hour */
    }
    pace->warned++;
    pace->throttled |= warnings->count > SPAM_BURST;
    pace->per_day += warnings->rate_known ? warnings->per_day : 0;
    struct sighting *sighting = map_get(pace->sightings, pod->uid);
    if (sighting == NULL) {
        sighting = xcalloc(1, sizeof(*sighting));
        *sighting = (struct sighting){pace->now_ms, warnings->count, warnings->count, false};
        map_set(pace->sightings, pod->uid, sighting);
    } else if (!sighting->grew && warnings->count > sighting->first) {
        *sighting = (struct sighting){pace->now_ms, warnings->count, warnings->count, true};
    }
    sighting->last = warnings->count;
    if (sighting->grew) {
        pace->seen_ms += (double)(pace->now_ms - sighting->began_ms);
        pace->seen += (double)(sighting->last - sighting->first);
    }
    if (warnings->count > 1 && warnings->last_seen_ms > warnings->first_seen_ms) {
        pace->told_ms += (double)(warnings->last_seen_ms - warnings->first_seen_ms);
        pace->told += (double)(warnings->count - 1);
    }
}

/* Most sightings tell best; before there are enough, the events' own times do (speed: how much
 * faster a simulation's events come than they did before we looked). */
static void set_period(struct session_verify *verify, const struct pace *pace, double speed)
{
    double period = 0;
    if (pace->seen >= ENOUGH && pace->seen >= verify->seen) {
        verify->seen = pace->seen;
        period = pace->seen_ms / pace->seen;
    } else if (verify->seen > 0) {
        return;
    } else if (pace->told > 0) {
        period = pace->told_ms / pace->told / speed;
    } else if (pace->warned > 0) {
        period = SYNC_PERIOD_MS / speed;
    }
    if (period > 0) {
        verify->period_ms = period < 1 ? 1 : (int64_t)period;
    }
}

void session_verify_observe(struct change_session *session)
{
    struct session_verify *verify = &session->verify;
    if (verify->sightings == NULL) {
        verify->sightings = map_new(free);
        verify->watched_ms = clock_monotonic_ms();
    }
    struct pace pace = {.sightings = verify->sightings, .now_ms = clock_monotonic_ms()};
    csi_census_settle(csi_follow_census(session->follow), clock_wall_ms());
    each_pod(session, measure, &pace);
    if (session->phase != CHANGE_ROLLING) {
        verify->warned = pace.warned; /* afterwards they get fewer */
        verify->per_day = pace.per_day;
        verify->throttled = pace.throttled && session->plan.restarts == 0;
    }
    set_period(verify, &pace, csi_census_event_speed(csi_follow_census(session->follow)));
}

bool session_verify_has_pace(const struct change_session *session)
{
    const struct session_verify *verify = &session->verify;
    return verify->warned == 0 || verify->seen > 0 || session->purpose == SESSION_UNDO ||
           clock_monotonic_ms() - verify->watched_ms >= MEASURE_MS;
}

void session_verify_free(struct change_session *session)
{
    map_free(session->verify.sightings);
    session->verify.sightings = NULL;
}

/* --- After -------------------------------------------------------------------------------------
 */

struct survey {
    size_t pods, broken;
    int64_t count;
};

static void look(void *context, const struct csi_pod *pod)
{
    struct survey *survey = context;
    if (pod->deleting) {
        return; /* its successor counts */
    }
    survey->pods++;
    survey->count += pod->warnings.count;
    survey->broken += csi_secret_state_is_broken(pod->state);
}

static void finish(struct change_session *session)
{
    if (session->purpose == SESSION_UNDO) {
        session_enter(session, CHANGE_DONE);
    } else {
        session_setback_start(session);
    }
}

/* Whether a growing count would be worth waiting for. */
static bool wants_quiet(const struct change_session *session)
{
    return session->purpose != SESSION_UNDO && session->verify.period_ms > 0 &&
           session->verify.warned > 0;
}

static void tick(void *context)
{
    struct change_session *session = context;
    struct session_verify *verify = &session->verify;
    struct csi_census *census = csi_follow_census(session->follow);
    struct survey survey = {0, 0, 0};
    int64_t now = clock_monotonic_ms();
    session->timer = NULL;
    csi_census_settle(census, clock_wall_ms());
    each_pod(session, look, &survey);
    verify->sound = survey.broken == 0;
    verify->pods = survey.pods;
    verify->broken = survey.broken;
    if (survey.count > verify->count) {
        verify->quiet_ms = now;
        session_notify(session);
    }
    verify->count = survey.count;
    int64_t waiting = 2 * verify->period_ms;
    if (session->purpose == SESSION_UNDO) {
        finish(session); /* it may well bring a broken reference back */
        return;
    }
    if (!verify->sound) {
        if (now - verify->began_ms >= LAG_MS) {
            finish(session);
            return;
        }
    } else if (!wants_quiet(session)) {
        finish(session);
        return;
    } else if (now - verify->quiet_ms >= waiting) {
        verify->quiet = true;
        finish(session);
        return;
    } else if (now - verify->began_ms >= (1 + PATIENCE) * waiting) {
        verify->grows = true;
        finish(session);
        return;
    }
    session_later(session, TICK_MS, tick);
}

int64_t change_session_quiet_ms(const struct change_session *session, int64_t *wanted_ms)
{
    const struct session_verify *verify = &session->verify;
    *wanted_ms =
        session->phase == CHANGE_VERIFYING && wants_quiet(session) ? 2 * verify->period_ms : 0;
    int64_t quiet = clock_monotonic_ms() - verify->quiet_ms;
    return quiet > *wanted_ms ? *wanted_ms : quiet;
}

void session_verify_start(struct change_session *session)
{
    struct session_verify *verify = &session->verify;
    struct survey survey = {0, 0, 0};
    csi_census_settle(csi_follow_census(session->follow), clock_wall_ms());
    each_pod(session, look, &survey);
    verify->count = survey.count;
    verify->began_ms = clock_monotonic_ms();
    verify->quiet_ms = verify->began_ms;
    session_enter(session, CHANGE_VERIFYING);
    session_later(session, 0, tick);
}
