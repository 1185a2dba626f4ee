/* Holding a rollout where it is, and letting it go on. */
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/language.h"
#include "doc/json.h"
#include "doc/pointer.h"
#include "session_parts.h"

/*
 * A Deployment has a switch of its own (`kubectl rollout pause`). The other two kinds have none;
 * with the strategy OnDelete their controllers leave pods of the old template alone.
 */
static const char *path_of(const struct change_rollout *rollout)
{
    return strcmp(rollout->kind, "Deployment") == 0 ? "/spec/paused" : "/spec/updateStrategy";
}

static cJSON *holding_value(const struct change_rollout *rollout)
{
    if (strcmp(rollout->kind, "Deployment") == 0) {
        return cJSON_CreateTrue();
    }
    cJSON *strategy = cJSON_CreateObject();
    cJSON_AddStringToObject(strategy, "type", "OnDelete");
    return strategy;
}

static void pause_next(struct change_session *session);

/* --- The journal: undo has to bring the strategy back too --------------------------------------
 */

static struct change_journal_object *entry_of(struct change_session *session,
                                              const struct change_rollout *rollout)
{
    for (size_t i = 0; i < session->entry->count; i++) {
        struct change_journal_object *object = &session->entry->objects[i];
        if (strcmp(object->kind, rollout->kind) == 0 && strcmp(object->name, rollout->name) == 0 &&
            strcmp(object->ns == NULL ? "" : object->ns, rollout->ns) == 0) {
            return object;
        }
    }
    return NULL;
}

/* --- One workload ------------------------------------------------------------------------------
 */

static void add_operation(cJSON *patch, const char *op, const char *path, const cJSON *value)
{
    cJSON *operation = cJSON_CreateObject();
    cJSON_AddStringToObject(operation, "op", op);
    cJSON_AddStringToObject(operation, "path", path);
    if (value != NULL) {
        cJSON_AddItemToObject(operation, "value", cJSON_Duplicate(value, true));
    }
    cJSON_AddItemToArray(patch, operation);
}

/* From the value that is there to the wanted one; NULL: it is not there. */
static cJSON *make_patch(const struct session_rollout *rolling, const char *path, const cJSON *is,
                         const cJSON *wanted)
{
    cJSON *patch = cJSON_CreateArray();
    const cJSON *uid = json_member(json_object(rolling->object, "metadata"), "uid");
    add_operation(patch, "test", "/metadata/uid", uid);
    if (is != NULL) {
        add_operation(patch, "test", path, is);
    }
    add_operation(patch, wanted == NULL ? "remove" : "add", path, wanted);
    return patch;
}

static bool holds_any(const struct change_session *session)
{
    for (size_t i = 0; i < session->rollout_count; i++) {
        if (session->rolling[i].paused) {
            return true;
        }
    }
    return false;
}

static void pause_failed(struct change_session *session, const struct error *err)
{
    const struct change_rollout *rollout = &session->rollouts[session->pause_at];
    free(session->pause_problem);
    session->pause_problem =
        xasprintf("%s %s/%s: %s", rollout->kind, rollout->ns, rollout->name, err->message);
    session->pausing = false;
    session->pause_wish = session->paused = holds_any(session);
    session_notify(session);
}

/* What was made here is taken back only as long as it is as this change left it. */
static void note_version(struct change_journal_object *object, const cJSON *live)
{
    const cJSON *metadata = json_object(live, "metadata");
    if (object != NULL && json_string(metadata, "resourceVersion") != NULL) {
        free(object->resource_version);
        object->resource_version = xstrdup(json_string(metadata, "resourceVersion"));
        object->generation = json_int(metadata, "generation", 0);
    }
}

static void forget_hold(struct change_session *session, size_t i)
{
    struct change_journal_object *object = entry_of(session, &session->rollouts[i]);
    struct error err = ERROR_INIT;
    cJSON_Delete(session->rolling[i].held);
    session->rolling[i].held = NULL;
    session->rolling[i].paused = false;
    if (object != NULL) {
        change_journal_let_go(object);
        change_journal_write(session->entry, &err);
    }
}

void session_pause_look(struct change_session *session, size_t i)
{
    struct session_rollout *rolling = &session->rolling[i];
    const struct change_journal_object *object = entry_of(session, &session->rollouts[i]);
    int64_t generation = json_int(json_object(rolling->object, "metadata"), "generation", 0);
    bool noted = object != NULL && object->hold != NULL;
    if (!noted || session->pausing || generation < rolling->held_generation) {
        return;
    }
    cJSON *holding = holding_value(&session->rollouts[i]);
    bool stands = json_equal(pointer_get(rolling->object, path_of(&session->rollouts[i])), holding);
    if (!stands && rolling->paused) {
        forget_hold(session, i);
    } else if (stands && !rolling->paused) {
        /* It was sent, and no answer came: now it is known. */
        rolling->paused = true;
        cJSON_Delete(rolling->held);
        rolling->held =
            object->hold->before == NULL ? NULL : cJSON_Duplicate(object->hold->before, true);
    }
    session->pause_wish = session->paused = holds_any(session);
    cJSON_Delete(holding);
}

static void on_patched(void *context, struct kube_response *response)
{
    struct change_session *session = context;
    size_t i = session->pause_at;
    struct session_rollout *rolling = &session->rolling[i];
    struct change_journal_object *object = entry_of(session, &session->rollouts[i]);
    struct error err = ERROR_INIT;
    session->call = NULL;
    if (response->err != NULL) {
        if (session->paused && object != NULL && response->answered) {
            change_journal_let_go(object);
            change_journal_write(session->entry, &err);
        }
        pause_failed(session, response->err);
        return;
    }
    rolling->paused = session->paused;
    rolling->held_generation = json_int(json_object(response->object, "metadata"), "generation", 0);
    note_version(object, response->object);
    if (!session->paused) {
        forget_hold(session, session->pause_at);
    }
    session_rollout_judge(session, i);
    session->pause_at++;
    pause_next(session);
}

/* Writes down what undo needs, then sends. */
static bool send_pause(struct change_session *session, size_t i, struct error *err)
{
    struct session_rollout *rolling = &session->rolling[i];
    const struct change_rollout *rollout = &session->rollouts[i];
    const char *path = path_of(rollout);
    const cJSON *is = pointer_get(rolling->object, path);
    cJSON *patch;
    if (session->paused) {
        struct change_journal_object *object = entry_of(session, rollout);
        cJSON *value = holding_value(rollout);
        cJSON_Delete(rolling->held);
        rolling->held = is == NULL ? NULL : cJSON_Duplicate(is, true);
        if (object != NULL) {
            change_journal_hold(object, path, is, value);
            if (!change_journal_write(session->entry, err)) {
                change_journal_let_go(object);
                cJSON_Delete(value);
                return false;
            }
        }
        patch = make_patch(rolling, path, is, value);
        cJSON_Delete(value);
    } else {
        patch = make_patch(rolling, path, is, rolling->held);
    }
    struct kube_write write = {.dry_run = false};
    session->call = kube_patch(session->client, kube_resource_by_kind(rollout->kind), rollout->ns,
                               rollout->name, KUBE_PATCH_JSON, patch, &write, on_patched, session);
    cJSON_Delete(patch);
    return true;
}

static void pause_next(struct change_session *session)
{
    struct error err = ERROR_INIT;
    for (; session->pause_at < session->rollout_count; session->pause_at++) {
        size_t i = session->pause_at;
        bool due = session->paused ? !session->rollouts[i].done && !session->rolling[i].paused
                                   : session->rolling[i].paused;
        if (!due || session->rolling[i].object == NULL) {
            continue;
        }
        if (!send_pause(session, i, &err)) {
            pause_failed(session, &err);
        }
        return;
    }
    session->pausing = false;
    bool before = session->paused; /* what these requests were for */
    bool held = holds_any(session);
    bool wish = session->pause_wish;
    session->pause_wish = session->paused = held; /* where all is rolled out nothing is held */
    if (wish != held && (held || wish != before) && session->phase == CHANGE_ROLLING) {
        change_session_pause(session, wish, NULL);
    }
    session_notify(session);
}

bool change_session_pause(struct change_session *session, bool pause, struct error *err)
{
    if (session->phase != CHANGE_ROLLING) {
        return error_set(err, ERROR_USAGE, "nothing is rolling out now");
    }
    session->pause_wish = pause;
    if (session->pausing) {
        return true; /* it is taken up when the requests under way are answered */
    }
    free(session->pause_problem);
    session->pause_problem = NULL;
    session->paused = pause;
    session->pausing = true;
    session->pause_at = 0;
    pause_next(session);
    return true;
}

bool change_session_is_paused(const struct change_session *session)
{
    return session->pause_wish;
}

const char *change_session_pause_problem(const struct change_session *session)
{
    return session->pause_problem;
}

void session_pause_free(struct change_session *session)
{
    for (size_t i = 0; i < session->rollout_count; i++) {
        cJSON_Delete(session->rolling[i].held);
    }
    free(session->pause_problem);
    session->pause_problem = NULL;
}

/* How to let it go on without this program. */
void session_pause_write(const struct change_session *session, struct buffer *out)
{
    for (size_t i = 0; i < session->rollout_count; i++) {
        const struct change_rollout *rollout = &session->rollouts[i];
        const struct session_rollout *rolling = &session->rolling[i];
        if (!rolling->paused) {
            continue;
        }
        struct buffer value;
        buffer_init(&value, (size_t)1 << 20);
        if (strcmp(rollout->kind, "Deployment") == 0) {
            buffer_append_string(&value, "{\"spec\":{\"paused\":null}}");
        } else {
            buffer_append_string(&value, "{\"spec\":{\"updateStrategy\":");
            if (rolling->held == NULL) {
                buffer_append_string(&value, "null");
            } else {
                json_write(&value, rolling->held);
            }
            buffer_append_string(&value, "}}");
        }
        buffer_printf(
            out,
            _("%s %s/%s is held where it is. Let it go on with: kubectl patch %s -n %s %s "
              "--type merge -p '%s'\n"),
            rollout->kind, rollout->ns, rollout->name, rollout->kind, rollout->ns, rollout->name,
            value.data);
        buffer_free(&value);
    }
}
