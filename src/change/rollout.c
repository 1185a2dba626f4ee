#include "change/rollout.h"

#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/language.h"
#include "doc/json.h"

/* A CSI pod takes about this long from the end of the old one to readiness of the new. */
#define POD_MS 20000

/* --- Strategy --------------------------------------------------------------------------------- */

/* An IntOrString of pods: "25%" is rounded up or down as its field wants it. */
static int pods_of(const cJSON *value, int pods, bool up, int fallback)
{
    if (cJSON_IsNumber(value)) {
        return value->valueint;
    }
    if (!cJSON_IsString(value)) {
        return fallback;
    }
    long percent = strtol(value->valuestring, NULL, 10);
    return (int)((percent * pods + (up ? 99 : 0)) / 100);
}

static void describe(struct change_strategy *s, const char *how)
{
    s->sentence = xasprintf(
        language_plural("%d pod restarts, %s.", "%d pods restart, %s.", (unsigned long)s->restarts),
        s->restarts, how);
}

static void estimate(struct change_strategy *s)
{
    int step = s->at_once > 0 ? s->at_once : s->restarts;
    s->length_ms = step == 0 ? 0 : (int64_t)((s->restarts + step - 1) / step) * POD_MS;
}

static void say_on_delete(struct change_strategy *s)
{
    s->on_delete = true;
    s->restarts = 0;
    s->sentence =
        xstrdup(_("No pod restarts by itself (updateStrategy OnDelete): each keeps the old "
                  "template until someone deletes it."));
}

static void read_daemon_set(const cJSON *object, struct change_strategy *s)
{
    const cJSON *strategy = json_at(object, "spec", "updateStrategy", NULL);
    const cJSON *rolling = json_object(strategy, "rollingUpdate");
    s->pods = (int)json_int(json_object(object, "status"), "desiredNumberScheduled", 0);
    s->restarts = s->pods;
    if (strcmp(json_string_or(strategy, "type", "RollingUpdate"), "OnDelete") == 0) {
        say_on_delete(s);
        return;
    }
    int surge = pods_of(json_member(rolling, "maxSurge"), s->pods, true, 0);
    int missing = pods_of(json_member(rolling, "maxUnavailable"), s->pods, true, 1);
    s->surge = surge > 0;
    s->at_once = s->surge ? surge : (missing < 1 ? 1 : missing);
    char *how = s->surge ? xasprintf(_("node by node, the new pod first (maxSurge %d)"), surge)
                : s->at_once == 1 ? xstrdup(_("one node at a time (maxUnavailable 1)"))
                                  : xasprintf(_("%d nodes at a time (maxUnavailable %d)"),
                                              s->at_once, s->at_once);
    describe(s, how);
    free(how);
    estimate(s);
}

static void read_stateful_set(const cJSON *object, struct change_strategy *s)
{
    const cJSON *spec = json_object(object, "spec");
    const cJSON *strategy = json_object(spec, "updateStrategy");
    s->pods = (int)json_int(spec, "replicas", 1);
    s->partition = (int)json_int(json_object(strategy, "rollingUpdate"), "partition", 0);
    s->restarts = s->pods > s->partition ? s->pods - s->partition : 0;
    s->at_once = 1;
    if (strcmp(json_string_or(strategy, "type", "RollingUpdate"), "OnDelete") == 0) {
        say_on_delete(s);
        return;
    }
    if (s->partition > 0) {
        char *how = xasprintf(_("highest ordinal first; those below %d keep the old template "
                                "(partition %d)"),
                              s->partition, s->partition);
        describe(s, how);
        free(how);
    } else {
        describe(s, s->pods == 1 ? _("nothing takes its place meanwhile")
                                 : _("one at a time, highest ordinal first"));
    }
    estimate(s);
}

static void read_deployment(const cJSON *object, struct change_strategy *s)
{
    const cJSON *spec = json_object(object, "spec");
    const cJSON *strategy = json_object(spec, "strategy");
    const cJSON *rolling = json_object(strategy, "rollingUpdate");
    s->pods = (int)json_int(spec, "replicas", 1);
    s->restarts = s->pods;
    s->paused = json_bool(spec, "paused", false);
    if (s->paused) {
        s->restarts = 0;
        s->sentence =
            xstrdup(_("The Deployment is paused: no pod restarts until someone resumes it "
                      "(kubectl rollout resume)."));
        return;
    }
    if (strcmp(json_string_or(strategy, "type", "RollingUpdate"), "Recreate") == 0) {
        describe(s, _("all at once: the old ones end before the new ones start (Recreate)"));
        estimate(s);
        return;
    }
    int surge = pods_of(json_member(rolling, "maxSurge"), s->pods, true, (s->pods + 3) / 4);
    int missing = pods_of(json_member(rolling, "maxUnavailable"), s->pods, false, s->pods / 4);
    s->surge = surge > 0;
    s->at_once = surge + missing < 1 ? 1 : surge + missing;
    char *how = missing == 0
                    ? xstrdup(_("each new pod is ready before an old one ends (maxUnavailable 0)"))
                    : xasprintf(_("at most %d missing at a time (maxUnavailable)"), missing);
    describe(s, how);
    free(how);
    estimate(s);
}

static const struct {
    const char *kind;
    void (*read)(const cJSON *object, struct change_strategy *out);
} strategies[] = {
    {"DaemonSet", read_daemon_set},
    {"StatefulSet", read_stateful_set},
    {"Deployment", read_deployment},
};

bool change_strategy_read(const cJSON *object, struct change_strategy *out)
{
    memset(out, 0, sizeof(*out));
    for (size_t i = 0; i < ARRAY_LENGTH(strategies); i++) {
        if (strcmp(json_string_or(object, "kind", ""), strategies[i].kind) == 0) {
            strategies[i].read(object, out);
            return true;
        }
    }
    return false;
}

void change_strategy_free(struct change_strategy *strategy)
{
    free(strategy->sentence);
    strategy->sentence = NULL;
}

/* --- Status ----------------------------------------------------------------------------------- */

static void say_done(struct change_rollout_status *s, const char *text)
{
    s->done = true;
    s->message = xstrdup(text);
}

static bool deadline_passed(const cJSON *status)
{
    const cJSON *condition = NULL;
    cJSON_ArrayForEach(condition, json_list(status, "conditions"))
    {
        if (strcmp(json_string_or(condition, "type", ""), "Progressing") == 0) {
            return strcmp(json_string_or(condition, "reason", ""), "ProgressDeadlineExceeded") == 0;
        }
    }
    return false;
}

static void judge_deployment(const cJSON *spec, const cJSON *status,
                             struct change_rollout_status *s)
{
    int replicas = (int)json_int(status, "replicas", 0);
    s->desired = (int)json_int(spec, "replicas", 1);
    s->updated = (int)json_int(status, "updatedReplicas", 0);
    s->ready = (int)json_int(status, "readyReplicas", 0);
    s->available = (int)json_int(status, "availableReplicas", 0);
    if (deadline_passed(status)) {
        s->failed = true;
        s->message = xstrdup(_("the rollout has exceeded its progress deadline"));
    } else if (json_bool(spec, "paused", false)) {
        say_done(s,
                 _("the Deployment is paused: its pods take the new template when it is resumed"));
    } else if (s->updated < s->desired) {
        s->message = xasprintf(_("%d of %d pods have the new template"), s->updated, s->desired);
    } else if (replicas > s->updated) {
        s->message = xasprintf(_("%d old pods are still to end"), replicas - s->updated);
    } else if (s->available < s->updated) {
        s->message = xasprintf(_("%d of %d updated pods are available"), s->available, s->updated);
    } else {
        say_done(s, _("rolled out"));
    }
}

static void judge_daemon_set(const cJSON *spec, const cJSON *status,
                             struct change_rollout_status *s)
{
    s->desired = (int)json_int(status, "desiredNumberScheduled", 0);
    s->updated = (int)json_int(status, "updatedNumberScheduled", 0);
    s->ready = (int)json_int(status, "numberReady", 0);
    s->available = (int)json_int(status, "numberAvailable", 0);
    if (strcmp(json_string_or(json_object(spec, "updateStrategy"), "type", "RollingUpdate"),
               "OnDelete") == 0) {
        say_done(s, _("updateStrategy OnDelete: pods take the new template when they are deleted"));
    } else if (s->updated < s->desired) {
        s->message = xasprintf(_("%d of %d pods have the new template"), s->updated, s->desired);
    } else if (s->available < s->desired) {
        s->message = xasprintf(_("%d of %d updated pods are available"), s->available, s->desired);
    } else {
        say_done(s, _("rolled out"));
    }
}

static void judge_stateful_set(const cJSON *spec, const cJSON *status,
                               struct change_rollout_status *s)
{
    const cJSON *strategy = json_object(spec, "updateStrategy");
    const cJSON *rolling = json_object(strategy, "rollingUpdate");
    int partition = (int)json_int(rolling, "partition", 0);
    s->desired = (int)json_int(spec, "replicas", 1);
    s->updated = (int)json_int(status, "updatedReplicas", 0);
    s->ready = (int)json_int(status, "readyReplicas", 0);
    s->available = (int)json_int(status, "availableReplicas", s->ready);
    if (strcmp(json_string_or(strategy, "type", "RollingUpdate"), "OnDelete") == 0) {
        say_done(s, _("updateStrategy OnDelete: pods take the new template when they are deleted"));
    } else if (s->ready < s->desired) {
        s->message = xasprintf(_("%d of %d pods are ready"), s->ready, s->desired);
    } else if (rolling != NULL) {
        if (s->updated < s->desired - partition) {
            s->message = xasprintf(_("%d of %d pods have the new template"), s->updated,
                                   s->desired - partition);
        } else {
            say_done(s, partition > 0 ? _("rolled out as far as its partition lets it")
                                      : _("rolled out"));
        }
    } else if (strcmp(json_string_or(status, "updateRevision", ""),
                      json_string_or(status, "currentRevision", "")) != 0) {
        s->message = xasprintf(_("%d of %d pods have the new template"), s->updated, s->desired);
    } else {
        say_done(s, _("rolled out"));
    }
}

void change_rollout_judge(const cJSON *object, struct change_rollout_status *out)
{
    memset(out, 0, sizeof(*out));
    const cJSON *spec = json_object(object, "spec");
    const cJSON *status = json_object(object, "status");
    const char *kind = json_string_or(object, "kind", "");
    if (strcmp(kind, "Deployment") == 0) {
        judge_deployment(spec, status, out);
    } else if (strcmp(kind, "DaemonSet") == 0) {
        judge_daemon_set(spec, status, out);
    } else if (strcmp(kind, "StatefulSet") == 0) {
        judge_stateful_set(spec, status, out);
    } else {
        say_done(out, _("has no rollout"));
        return;
    }
    if (json_int(status, "observedGeneration", 0) <
        json_int(json_object(object, "metadata"), "generation", 0)) {
        free(out->message);
        out->done = false;
        out->failed = false;
        out->message = xstrdup(_("its controller has not seen the change yet"));
    }
}

void change_rollout_status_free(struct change_rollout_status *status)
{
    free(status->message);
    status->message = NULL;
}
