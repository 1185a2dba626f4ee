#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/clock.h"
#include "base/language.h"
#include "base/text.h"
#include "change/rollout.h"
#include "doc/json.h"
#include "session_parts.h"

#define TICK_MS 250

/* --- One workload ------------------------------------------------------------------------------
 */

static void take_status(struct change_session *session, size_t i,
                        struct change_rollout_status *status)
{
    struct change_rollout *rollout = &session->rollouts[i];
    const struct session_rollout *rolling = &session->rolling[i];
    rollout->desired = status->desired;
    rollout->updated = status->updated;
    rollout->ready = status->ready;
    rollout->available = status->available;
    rollout->done = status->done && !rolling->paused;
    rollout->failed = status->failed;
    rollout->trouble = rolling->problem != NULL && !rollout->done;
    free(rollout->message);
    char *held = rolling->paused ? xasprintf(_("held: %d of %d pods have the new template"),
                                             status->updated, status->desired)
                                 : NULL;
    const char *message = held == NULL ? status->message : held;
    rollout->message = rolling->problem == NULL || rollout->done
                           ? xstrdup(message)
                           : xasprintf("%s; %s", message, rolling->problem);
    free(held);
}

void session_rollout_judge(struct change_session *session, size_t i)
{
    const struct session_rollout *rolling = &session->rolling[i];
    if (rolling->object == NULL) {
        return;
    }
    struct change_rollout_status status;
    change_rollout_judge(rolling->object, &status);
    int64_t generation = json_int(json_object(rolling->object, "metadata"), "generation", 0);
    if (generation < rolling->generation) {
        /* A picture from before the change, out of a cache of the server. */
        status.done = false;
        status.failed = false;
    }
    take_status(session, i, &status);
    change_rollout_status_free(&status);
}

static void settle(struct change_session *session);

static size_t place_of(const struct session_rollout *rolling)
{
    return (size_t)(rolling - rolling->session->rolling);
}

static void on_item(void *context, enum kube_event event, const cJSON *item)
{
    struct session_rollout *rolling = context;
    struct change_session *session = rolling->session;
    size_t i = place_of(rolling);
    if (event == KUBE_DELETED) {
        struct change_rollout *rollout = &session->rollouts[i];
        rollout->failed = true;
        free(rollout->message);
        rollout->message = xstrdup(_("somebody deleted it"));
        session_notify(session);
        return;
    }
    cJSON_Delete(rolling->object);
    rolling->object = cJSON_Duplicate(item, true);
    if (json_string(rolling->object, "kind") == NULL) {
        json_set_string(rolling->object, "kind", session->rollouts[i].kind);
    }
    session_pause_look(session, i);
    session_rollout_judge(session, i);
    session_notify(session);
}

/* --- What pods say -----------------------------------------------------------------------------
 */

/* An ordered StatefulSet waits for a broken pod of the old revision for ever (known since 1.7:
 * "forced rollback" in its documentation). */
static char *find_stuck(const cJSON *object, const struct csi_workload *workload,
                        const struct csi_pod *pod)
{
    const char *policy =
        json_string_or(json_object(object, "spec"), "podManagementPolicy", "OrderedReady");
    if (strcmp(workload->kind, "StatefulSet") != 0 || strcmp(policy, "Parallel") == 0 ||
        !pod->stale || pod->deleting || pod->pulling != CSI_PULLING_FAILING) {
        return NULL;
    }
    return xasprintf(_("pod %s has the old template and cannot start, so the StatefulSet waits for "
                       "it: delete it (kubectl delete pod -n %s %s)"),
                     pod->name, pod->ns, pod->name);
}

/* A kubelet's words change to and fro with its back-off, and say the image up to three times; the
 * cause behind them, in the registry's words, stays. */
static const char *cause_of(const char *message)
{
    static const char *const marks[] = {": ErrImagePull: ", ": ImagePullBackOff: "};
    for (size_t i = 0; i < ARRAY_LENGTH(marks); i++) {
        const char *found = strstr(message, marks[i]);
        if (found != NULL) {
            message = found + strlen(marks[i]);
        }
    }
    const char *resolve = strstr(message, "failed to resolve reference \"");
    const char *behind = resolve == NULL ? NULL : strstr(resolve, "\": ");
    return behind == NULL ? message : behind + strlen("\": ");
}

static char *find_problem(const cJSON *object, const struct csi_workload *workload)
{
    for (size_t i = 0; workload != NULL && i < workload->pod_count; i++) {
        const struct csi_pod *pod = workload->pods[i];
        char *stuck = find_stuck(object, workload, pod);
        if (stuck != NULL) {
            return stuck;
        }
        if (pod->pulling == CSI_PULLING_FAILING && pod->pull_message != NULL && !pod->deleting) {
            return xasprintf(_("pod %s cannot pull: %s"), pod->name, cause_of(pod->pull_message));
        }
    }
    return NULL;
}

static bool same_text(const char *a, const char *b)
{
    return a == NULL || b == NULL ? a == b : strcmp(a, b) == 0;
}

static void look_at_pods(struct change_session *session)
{
    struct csi_census *census = csi_follow_census(session->follow);
    csi_census_settle(census, clock_wall_ms());
    for (size_t i = 0; i < session->rollout_count; i++) {
        const struct change_rollout *rollout = &session->rollouts[i];
        struct session_rollout *rolling = &session->rolling[i];
        char *problem =
            find_problem(rolling->object,
                         csi_census_workload(census, rollout->kind, rollout->ns, rollout->name));
        if (same_text(problem, rolling->problem)) {
            free(problem);
            continue;
        }
        free(rolling->problem);
        rolling->problem = problem;
        session_rollout_judge(session, i);
        session_notify(session);
    }
}

/* --- All of them -------------------------------------------------------------------------------
 */

static void tick(void *context)
{
    struct change_session *session = context;
    session->timer = NULL;
    session_verify_observe(session);
    look_at_pods(session);
    settle(session);
}

static void rollout_failed(struct change_session *session, const struct change_rollout *rollout)
{
    struct error err = ERROR_INIT;
    error_set(&err, ERROR_TIMEOUT, "%s %s/%s: %s; undo takes the change back", rollout->kind,
              rollout->ns, rollout->name, rollout->message);
    session_fail(session, &err);
}

/* Goes on when every workload has rolled, waits otherwise. */
static void settle(struct change_session *session)
{
    bool all = true;
    for (size_t i = 0; i < session->rollout_count; i++) {
        if (session->rollouts[i].failed) {
            rollout_failed(session, &session->rollouts[i]);
            return;
        }
        all = all && session->rollouts[i].done;
    }
    if (all && !session->paused && !session->pausing) {
        session_rollout_stop(session);
        session_verify_start(session);
        return;
    }
    session_later(session, TICK_MS, tick);
}

/* What is taken up again may have been sent before: its rollout is waited for as well. */
static bool rolled_before(const struct change_session *session, size_t i)
{
    const struct change_journal_object *entry = &session->entry->objects[session->inner[i].entry];
    for (size_t j = 0; j < entry->field_count; j++) {
        if (text_starts_with(entry->fields[j].path, "/spec/template")) {
            return true;
        }
    }
    return entry->action == CHANGE_CREATE;
}

static bool rolls(const struct change_session *session, size_t i)
{
    const struct change_object *object = &session->plan.objects[i];
    struct change_strategy strategy;
    bool resumes = session->purpose == SESSION_RESUME;
    if (object->action == CHANGE_DELETE || (object->action == CHANGE_NOTHING && !resumes) ||
        !change_strategy_read(object->desired, &strategy)) {
        return false;
    }
    change_strategy_free(&strategy);
    if (resumes) {
        return rolled_before(session, i);
    }
    return object->action == CHANGE_CREATE ||
           !json_equal(json_at(object->live, "spec", "template", NULL),
                       json_at(object->desired, "spec", "template", NULL));
}

static void add_rollout(struct change_session *session, const struct change_object *object,
                        int64_t generation)
{
    size_t i = session->rollout_count++;
    session->rollouts[i] = (struct change_rollout){.kind = object->resource->kind,
                                                   .ns = object->ns,
                                                   .name = object->name,
                                                   .message = xstrdup(_("waiting for news"))};
    session->rolling[i] = (struct session_rollout){.session = session, .generation = generation};
}

static void watch_rollout(struct change_session *session, size_t i)
{
    static const struct kube_watch_handler handler = {.on_item = on_item};
    const struct change_rollout *rollout = &session->rollouts[i];
    char *selector = xasprintf("metadata.name=%s", rollout->name);
    struct kube_query query = {.resource = kube_resource_by_kind(rollout->kind),
                               .ns = rollout->ns,
                               .field_selector = selector};
    session->rolling[i].watch =
        kube_watch_start(session->client, &query, &handler, &session->rolling[i]);
    free(selector);
}

void session_rollout_start(struct change_session *session)
{
    const struct change_plan *plan = &session->plan;
    session->rollouts = xcalloc(plan->count + 1, sizeof(*session->rollouts));
    session->rolling = xcalloc(plan->count + 1, sizeof(*session->rolling));
    for (size_t i = 0; i < plan->count; i++) {
        if (rolls(session, i)) {
            add_rollout(session, &plan->objects[i], session->inner[i].generation);
        }
    }
    session_enter(session, CHANGE_ROLLING);
    for (size_t i = 0; i < session->rollout_count; i++) {
        watch_rollout(session, i);
    }
    settle(session);
}

void session_rollout_stop(struct change_session *session)
{
    for (size_t i = 0; i < session->rollout_count; i++) {
        kube_watch_stop(session->rolling[i].watch);
        session->rolling[i].watch = NULL;
    }
}

void session_rollout_free(struct change_session *session)
{
    session_rollout_stop(session);
    session_pause_free(session);
    for (size_t i = 0; i < session->rollout_count; i++) {
        cJSON_Delete(session->rolling[i].object);
        free(session->rolling[i].problem);
        free(session->rollouts[i].message);
    }
    free(session->rollouts);
    free(session->rolling);
    session->rollouts = NULL;
    session->rolling = NULL;
    session->rollout_count = 0;
}
