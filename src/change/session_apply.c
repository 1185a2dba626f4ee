#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/clock.h"
#include "base/language.h"
#include "change/clean.h"
#include "change/json_patch.h"
#include "doc/json.h"
#include "fields.h"
#include "kube/config.h"
#include "session_parts.h"

#define ATTEMPT_LIMIT 4
#define REGUARD_LIMIT 20
#define RETRY_MS      500
#define PACE_TICK_MS  100

static void apply_next(struct change_session *session);
static void send_current(void *context);

static struct change_object *current_object(struct change_session *session)
{
    return &session->plan.objects[session->at];
}

static struct change_journal_object *current_entry(struct change_session *session)
{
    return &session->entry->objects[session->inner[session->at].entry];
}

/* --- The journal ------------------------------------------------------------------------------ */

static bool save(struct change_session *session, struct error *err)
{
    return change_journal_write(session->entry, err);
}

static struct change_journal_entry *new_entry(const struct change_session *session)
{
    const struct kube_config *config = kube_client_config(session->client);
    struct change_journal_entry *entry = change_journal_entry_new(&session->plan);
    free(entry->context);
    free(entry->server);
    free(entry->user);
    entry->context = xstrdup(kube_config_context(config));
    entry->server = xstrdup(kube_config_server(config));
    entry->user = xstrdup(kube_config_user(config));
    entry->origin = xstrdup_or_null(session->intent->origin);
    if (session->purpose == SESSION_UNDO) {
        entry->undoes = xstrdup(session->source->id);
    }
    return entry;
}

static bool is_about(const struct change_journal_object *entry, const struct change_object *object)
{
    return strcmp(entry->kind, object->resource->kind) == 0 &&
           strcmp(entry->group, object->resource->group) == 0 &&
           strcmp(entry->name, object->name) == 0 &&
           strcmp(entry->ns == NULL ? "" : entry->ns, object->ns == NULL ? "" : object->ns) == 0;
}

/* Where each object of the plan stands in the entry. */
static void find_places(struct change_session *session)
{
    for (size_t i = 0; i < session->plan.count; i++) {
        for (size_t j = 0; j < session->entry->count; j++) {
            if (is_about(&session->entry->objects[j], &session->plan.objects[i])) {
                session->inner[i].entry = j;
            }
        }
    }
}

/* What is taken up again stays one entry: its undo takes back all of it. */
static bool begin_journal(struct change_session *session, struct error *err)
{
    if (session->purpose != SESSION_RESUME) {
        session->entry = new_entry(session);
    } else {
        session->entry = change_journal_read(session->source->id, err);
        if (session->entry == NULL) {
            return false;
        }
        change_journal_take_over(session->entry);
        for (size_t i = 0; i < session->entry->count; i++) {
            session->entry->objects[i].progress = CHANGE_STEP_DONE; /* but for those of the plan */
        }
    }
    find_places(session);
    for (size_t i = 0; i < session->plan.count; i++) {
        if (session->plan.objects[i].action != CHANGE_NOTHING) {
            session->entry->objects[session->inner[i].entry].progress = CHANGE_STEP_WAITING;
        }
    }
    return true;
}

static void end_journal(struct change_session *session, enum change_journal_state state)
{
    struct error err = ERROR_INIT;
    session->entry->state = state;
    session->entry->ended_ms = clock_wall_ms();
    save(session, &err);
    if (state != CHANGE_JOURNAL_DONE || session->purpose == SESSION_INTENT) {
        return;
    }
    change_journal_mark(
        session->source->id,
        session->purpose == SESSION_UNDO ? CHANGE_JOURNAL_UNDONE : CHANGE_JOURNAL_DONE, &err);
}

/* --- The end of one object ---------------------------------------------------------------------
 */

static void stop_here(struct change_session *session, const struct error *err)
{
    end_journal(session, CHANGE_JOURNAL_FAILED);
    session_fail(session, err);
}

static void object_failed(struct change_session *session, const struct error *err)
{
    struct change_step *step = &session->steps[session->at];
    char *name = session_object_name(step->object);
    struct error why = *err;
    error_wrap(&why, "%s", name);
    free(name);
    step->progress = CHANGE_STEP_FAILED;
    step->failure = why;
    current_entry(session)->progress = CHANGE_STEP_FAILED;
    current_entry(session)->failure = xstrdup(why.message);
    stop_here(session, &why);
}

/* live: the object as it is after the change; NULL after a deletion. Taken over. */
static void object_done(struct change_session *session, cJSON *live)
{
    struct change_object *object = current_object(session);
    struct session_step *inner = &session->inner[session->at];
    struct change_journal_object *entry = current_entry(session);
    const cJSON *metadata = json_object(live, "metadata");
    if (live != NULL && object->action != CHANGE_DELETE) {
        free(entry->uid);
        free(entry->resource_version);
        entry->uid = xstrdup_or_null(json_string(metadata, "uid"));
        entry->resource_version = xstrdup_or_null(json_string(metadata, "resourceVersion"));
        entry->generation = json_int(metadata, "generation", 0);
        inner->generation = entry->generation;
        if (session->purpose == SESSION_RESUME) {
            change_journal_let_go(entry);
        } else if (object->action == CHANGE_PATCH) {
            change_journal_set_fields(entry, object->live, live);
        }
    }
    json_delete_secret(inner->answer);
    inner->answer = live;
    entry->progress = CHANGE_STEP_DONE;
    session->steps[session->at].progress = CHANGE_STEP_DONE;
    session_notify(session);
    struct error err = ERROR_INIT;
    if (!save(session, &err)) {
        error_wrap(&err, "the change was made, but the journal could not be written");
        session->at++;
        stop_here(session, &err);
        return;
    }
    session->at++;
    apply_next(session);
}

/* --- Unclear answers: read back, never guess ---------------------------------------------------
 */

static void send_later(struct change_session *session, const struct error *err)
{
    struct session_step *inner = &session->inner[session->at];
    if (inner->attempts >= ATTEMPT_LIMIT) {
        object_failed(session, err);
        return;
    }
    session_later(session, (int64_t)RETRY_MS * inner->attempts, send_current);
}

/* The object is as it was in the preview save for what its controllers write: the same change is
 * still the right one, guarded by the version it has now. */
static void reguard(struct change_session *session, cJSON *live)
{
    struct change_object *object = current_object(session);
    struct session_step *inner = &session->inner[session->at];
    if (inner->reguards++ >= REGUARD_LIMIT) {
        struct error err = ERROR_INIT;
        error_set(&err, ERROR_CONFLICT, "it changes faster than it can be written; try again");
        json_delete_secret(live);
        object_failed(session, &err);
        return;
    }
    json_delete_secret(object->live);
    json_delete_secret(object->patch);
    free(object->resource_version);
    object->live = live;
    object->resource_version =
        xstrdup_or_null(json_string(json_object(live, "metadata"), "resourceVersion"));
    /* Status and versions of the new picture, everything else as previewed. */
    cJSON *metadata = json_object(object->desired, "metadata");
    static const char *const moving[] = {"resourceVersion", "generation", "managedFields"};
    for (size_t i = 0; i < ARRAY_LENGTH(moving); i++) {
        const cJSON *value = json_member(json_object(live, "metadata"), moving[i]);
        json_remove(metadata, moving[i]);
        if (value != NULL) {
            json_set(metadata, moving[i], cJSON_Duplicate(value, true));
        }
    }
    json_remove(object->desired, "status");
    if (json_member(live, "status") != NULL) {
        json_set(object->desired, "status", cJSON_Duplicate(json_member(live, "status"), true));
    }
    object->patch = change_json_patch(object->live, object->desired);
    change_json_patch_guard(object->patch, object->uid, object->resource_version);
    send_current(session);
}

/* What was sent counts as made if the object holds it. Secrets: data, whatever the form. */
static bool holds_creation(const cJSON *live, const cJSON *desired, const cJSON *dry_run)
{
    const cJSON *wanted = dry_run != NULL ? dry_run : desired;
    static const char *const parts[] = {"spec",  "data",     "type",
                                        "rules", "subjects", "imagePullSecrets"};
    for (size_t i = 0; i < ARRAY_LENGTH(parts); i++) {
        if (!json_equal(json_member(live, parts[i]), json_member(wanted, parts[i]))) {
            return false;
        }
    }
    return true;
}

static void judge_creation(struct change_session *session, cJSON *live, const struct error *err)
{
    struct session_step *inner = &session->inner[session->at];
    if (live == NULL) {
        send_later(session, err);
        return;
    }
    if (inner->attempts > 0 &&
        holds_creation(live, current_object(session)->desired, inner->answer)) {
        object_done(session, live);
        return;
    }
    struct error why = ERROR_INIT;
    error_set(&why, ERROR_CONFLICT,
              "somebody made one with other content since the preview; look at the preview again");
    json_delete_secret(live);
    object_failed(session, &why);
}

struct places {
    struct buffer text;
    int count;
};

static void name_place(void *context, const char *path, const cJSON *before, const cJSON *after)
{
    struct places *places = context;
    (void)before;
    (void)after;
    if (places->count++ < 3) {
        buffer_printf(&places->text, "%s%s", places->count > 1 ? ", " : "", path);
    }
}

/* Field by field what another person did, for the refusal. */
static void name_conflict(const cJSON *seen, const cJSON *live, struct error *err)
{
    struct places places = {.count = 0};
    buffer_init(&places.text, 4096);
    fields_differ(seen, live, name_place, &places);
    error_set(err, ERROR_CONFLICT,
              "somebody changed %s%s since the preview; nothing of theirs was overwritten: look at "
              "the preview again",
              places.text.data, places.count > 3 ? _(" and more") : "");
    buffer_free(&places.text);
}

static void judge_patch(struct change_session *session, cJSON *live, const struct error *err)
{
    struct change_object *object = current_object(session);
    const struct session_step *inner = &session->inner[session->at];
    struct error why = ERROR_INIT;
    const char *uid = json_string_or(json_object(live, "metadata"), "uid", "");
    const char *version = json_string_or(json_object(live, "metadata"), "resourceVersion", "");
    if (live == NULL) {
        error_set(&why, ERROR_NOT_FOUND, "somebody deleted it since the preview");
    } else if (object->uid != NULL && strcmp(uid, object->uid) != 0) {
        error_set(&why, ERROR_CONFLICT, "somebody deleted it and made another since the preview");
    } else if (object->resource_version != NULL && strcmp(version, object->resource_version) == 0) {
        /* The guard held, so the refusal was about the content; or nothing arrived. */
        json_delete_secret(live);
        if (err->kind == ERROR_INVALID || err->kind == ERROR_CONFLICT) {
            object_failed(session, err);
        } else {
            send_later(session, err);
        }
        return;
    } else if (fields_match(live, object->live,
                            inner->answer != NULL ? inner->answer : object->desired)) {
        object_done(session, live);
        return;
    } else if (change_same_intent(live, object->live)) {
        reguard(session, live);
        return;
    } else {
        name_conflict(object->live, live, &why);
    }
    json_delete_secret(live);
    object_failed(session, &why);
}

static void judge_deletion(struct change_session *session, cJSON *live, const struct error *err)
{
    const struct change_object *object = current_object(session);
    const cJSON *metadata = json_object(live, "metadata");
    bool gone =
        live == NULL || json_string(metadata, "deletionTimestamp") != NULL ||
        (object->uid != NULL && strcmp(json_string_or(metadata, "uid", ""), object->uid) != 0);
    bool moved =
        !gone && strcmp(json_string_or(metadata, "resourceVersion", ""),
                        object->resource_version == NULL ? "" : object->resource_version) != 0;
    json_delete_secret(live);
    if (gone) {
        object_done(session, NULL);
    } else if (moved) {
        struct error why = ERROR_INIT;
        error_set(&why, ERROR_CONFLICT, "somebody changed it since the preview; it stays");
        object_failed(session, &why);
    } else {
        send_later(session, err);
    }
}

static void on_read_back(void *context, struct kube_response *response)
{
    struct change_session *session = context;
    struct session_step *inner = &session->inner[session->at];
    session->call = NULL;
    bool absent = response->err != NULL && response->err->kind == ERROR_NOT_FOUND;
    if (response->err != NULL && !absent) {
        /* The truth stays unknown; the journal says "sent", and undo or resume will look again. */
        if (inner->attempts < ATTEMPT_LIMIT) {
            send_later(session, response->err);
            return;
        }
        struct error why = *response->err;
        error_wrap(&why, "it is not known whether the change was made; reading it back");
        object_failed(session, &why);
        current_entry(session)->progress = CHANGE_STEP_SENT;
        end_journal(session, CHANGE_JOURNAL_FAILED);
        return;
    }
    cJSON *live = absent ? NULL : kube_response_take(response);
    struct error err = session->steps[session->at].failure;
    switch (current_object(session)->action) {
    case CHANGE_CREATE:
        judge_creation(session, live, &err);
        break;
    case CHANGE_DELETE:
        judge_deletion(session, live, &err);
        break;
    case CHANGE_PATCH:
    case CHANGE_NOTHING:
        judge_patch(session, live, &err);
        break;
    }
}

/* --- Sending -----------------------------------------------------------------------------------
 */

/* No answer, an overloaded server, or a failed guard: only reading tells what is true. */
static bool is_unclear(const struct kube_response *response)
{
    switch (response->err->kind) {
    case ERROR_UNAVAILABLE:
    case ERROR_TIMEOUT:
    case ERROR_PROTOCOL:
    case ERROR_CONFLICT:
    case ERROR_INVALID:
    case ERROR_NOT_FOUND:
        return true;
    default:
        return !response->answered;
    }
}

static void on_written(void *context, struct kube_response *response)
{
    struct change_session *session = context;
    const struct change_object *object = current_object(session);
    session->call = NULL;
    if (response->err == NULL) {
        object_done(session, object->action == CHANGE_DELETE ? NULL : kube_response_take(response));
        return;
    }
    struct error err = *response->err;
    bool namespace_gone = object->action == CHANGE_CREATE &&
                          (err.kind == ERROR_NOT_FOUND || err.kind == ERROR_INVALID);
    if (namespace_gone || !is_unclear(response)) {
        object_failed(session, &err);
        return;
    }
    session->steps[session->at].failure = err;
    session->call = kube_get(session->client, object->resource, object->ns, object->name,
                             on_read_back, session);
}

static void send_current(void *context)
{
    struct change_session *session = context;
    struct kube_write write = {.strict = session_is_strict(session)};
    const struct change_object *object = current_object(session);
    session->timer = NULL;
    session->inner[session->at].attempts++;
    switch (object->action) {
    case CHANGE_CREATE:
        session->call = kube_create(session->client, object->resource, object->ns, object->desired,
                                    &write, on_written, session);
        break;
    case CHANGE_DELETE:
        session->call =
            kube_delete(session->client, object->resource, object->ns, object->name, object->uid,
                        object->resource_version, &write, on_written, session);
        break;
    case CHANGE_PATCH:
    case CHANGE_NOTHING:
        session->call = kube_patch(session->client, object->resource, object->ns, object->name,
                                   KUBE_PATCH_JSON, object->patch, &write, on_written, session);
        break;
    }
}

static void apply_next(struct change_session *session)
{
    struct error err = ERROR_INIT;
    while (session->at < session->plan.count && current_object(session)->action == CHANGE_NOTHING) {
        session->steps[session->at++].progress = CHANGE_STEP_DONE;
    }
    if (session->at >= session->plan.count) {
        end_journal(session, CHANGE_JOURNAL_DONE);
        session_rollout_start(session);
        return;
    }
    if (session->stopping) {
        error_set(&err, ERROR_UNAVAILABLE, "stopped on request");
        stop_here(session, &err);
        return;
    }
    current_entry(session)->progress = CHANGE_STEP_SENT;
    session->steps[session->at].progress = CHANGE_STEP_SENT;
    if (!save(session, &err)) {
        current_entry(session)->progress = CHANGE_STEP_WAITING;
        session->steps[session->at].progress = CHANGE_STEP_WAITING;
        session_fail(session, &err);
        return;
    }
    session_notify(session);
    send_current(session);
}

/* The last look at the warnings before the first write. */
static void take_pace(void *context)
{
    struct change_session *session = context;
    session->timer = NULL;
    session_verify_observe(session);
    if (session->stopping || session_verify_has_pace(session)) {
        apply_next(session);
    } else {
        session_later(session, PACE_TICK_MS, take_pace);
    }
}

bool session_apply_start(struct change_session *session, struct error *err)
{
    if (!begin_journal(session, err) || !save(session, err)) {
        change_journal_entry_free(session->entry);
        session->entry = NULL;
        return error_wrap(err, "nothing was sent, since the journal cannot be written");
    }
    session->applied_ms = clock_monotonic_ms();
    session->at = 0;
    session_enter(session, CHANGE_APPLYING);
    take_pace(session);
    return true;
}
