#include "change/session.h"

#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/clock.h"
#include "base/language.h"
#include "doc/json.h"
#include "kube/config.h"
#include "session_parts.h"

/* --- Telling the owner ------------------------------------------------------------------------ */

static void tell(void *context)
{
    struct change_session *session = context;
    session->notice = NULL;
    /* The last thing done here: the owner may free the session in it. */
    if (session->handler.on_change != NULL) {
        session->handler.on_change(session->context);
    }
}

void session_notify(struct change_session *session)
{
    if (session->notice == NULL) {
        session->notice = loop_after(session->loop, 0, tell, session);
    }
}

void session_enter(struct change_session *session, enum change_phase phase)
{
    session->phase = phase;
    if (phase == CHANGE_DONE || phase == CHANGE_FAILED) {
        session->ended_ms = clock_monotonic_ms();
    }
    session_notify(session);
}

void session_fail(struct change_session *session, const struct error *err)
{
    session->error = *err;
    session_enter(session, CHANGE_FAILED);
}

bool session_is_strict(const struct change_session *session)
{
    return session->purpose == SESSION_INTENT && session->intent->kind == CHANGE_APPLY &&
           !session->intent->pull_secrets_only;
}

void session_later(struct change_session *session, int64_t delay_ms, void (*next)(void *session))
{
    loop_cancel_timer(session->loop, session->timer);
    session->timer = loop_after(session->loop, delay_ms, next, session);
}

char *session_object_name(const struct change_object *object)
{
    return object->ns == NULL
               ? xasprintf("%s %s", object->resource->kind, object->name)
               : xasprintf("%s %s/%s", object->resource->kind, object->ns, object->name);
}

/* --- Birth and end ---------------------------------------------------------------------------- */

static struct change_session *new_session(struct kube_client *client, struct csi_follow *follow,
                                          const struct change_session_handler *handler,
                                          void *context)
{
    struct change_session *session = xcalloc(1, sizeof(*session));
    session->client = client;
    session->loop = kube_client_loop(client);
    session->follow = follow;
    if (handler != NULL) {
        session->handler = *handler;
    }
    session->context = context;
    return session;
}

struct change_session *change_session_start(struct kube_client *client, struct csi_follow *follow,
                                            struct change_intent *intent,
                                            const struct change_session_handler *handler,
                                            void *context)
{
    struct change_session *session = new_session(client, follow, handler, context);
    session->intent = intent;
    if (intent->default_ns == NULL) {
        intent->default_ns = xstrdup(kube_config_namespace(kube_client_config(client)));
    }
    session_read_start(session);
    return session;
}

struct change_session *change_session_start_journal(struct kube_client *client,
                                                    struct csi_follow *follow, const char *id,
                                                    bool forward,
                                                    const struct change_session_handler *handler,
                                                    void *context, struct error *err)
{
    struct change_journal_entry *entry = change_journal_read(id, err);
    if (entry == NULL) {
        return NULL;
    }
    if (entry->state == CHANGE_JOURNAL_UNDONE ||
        (entry->state == CHANGE_JOURNAL_APPLYING && !entry->interrupted)) {
        error_set(err, ERROR_CONFLICT,
                  entry->state == CHANGE_JOURNAL_UNDONE
                      ? N_("change %s was taken back already")
                      : N_("change %s is being applied by another program at this moment"),
                  id);
        change_journal_entry_free(entry);
        return NULL;
    }
    struct change_session *session = new_session(client, follow, handler, context);
    session->intent = change_intent_new(CHANGE_APPLY);
    session->purpose = forward ? SESSION_RESUME : SESSION_UNDO;
    session->source = entry;
    session_read_start(session);
    return session;
}

static void free_targets(struct change_session *session)
{
    for (size_t i = 0; i < session->target_count; i++) {
        json_delete_secret(session->live[i]);
    }
    free(session->live);
    change_targets_free(session->targets, session->target_count);
}

void change_session_free(struct change_session *session)
{
    if (session == NULL) {
        return;
    }
    kube_call_cancel(session->call);
    loop_cancel_timer(session->loop, session->timer);
    loop_cancel_timer(session->loop, session->notice);
    session_rollout_free(session);
    session_verify_free(session);
    free(session->setback);
    session_preview_free(session);
    session_questions_free(session);
    free_targets(session);
    change_plan_free(&session->plan);
    change_journal_entry_free(session->entry);
    change_journal_entry_free(session->source);
    change_intent_free(session->intent);
    free(session);
}

/* --- Looking ---------------------------------------------------------------------------------- */

enum change_phase change_session_phase(const struct change_session *session)
{
    return session->phase;
}

const struct change_plan *change_session_plan(const struct change_session *session)
{
    return session->steps == NULL ? NULL : &session->plan;
}

const struct change_step *change_session_steps(const struct change_session *session, size_t *count)
{
    *count = session->steps == NULL ? 0 : session->plan.count;
    return session->steps;
}

const struct change_rollout *change_session_rollouts(const struct change_session *session,
                                                     size_t *count)
{
    *count = session->rollout_count;
    return session->rollouts;
}

const struct error *change_session_error(const struct change_session *session)
{
    return &session->error;
}

bool change_session_has_changes(const struct change_session *session)
{
    for (size_t i = 0; session->steps != NULL && i < session->plan.count; i++) {
        if (session->plan.objects[i].action != CHANGE_NOTHING) {
            return true;
        }
    }
    return false;
}

const char *change_session_journal_id(const struct change_session *session)
{
    return session->entry == NULL ? NULL : session->entry->id;
}

bool change_session_is_sound(const struct change_session *session)
{
    return session->phase == CHANGE_DONE && !session->stopped &&
           (session->purpose == SESSION_UNDO ||
            (session->verify.sound && !session->verify.grows && session->setback == NULL));
}

/* --- Doing ------------------------------------------------------------------------------------ */

static bool may_apply(const struct change_session *session, struct error *err)
{
    if (session->phase != CHANGE_PREVIEWED) {
        return error_set(err, ERROR_USAGE, "there is no preview to apply");
    }
    if (kube_client_is_read_only(session->client)) {
        return error_set(err, ERROR_FORBIDDEN, "read-only mode: nothing is written");
    }
    for (size_t i = 0; i < session->question_count; i++) {
        if (!session->questions[i].accepted) {
            return error_set(err, ERROR_USAGE, "this wants a confirmation of its own: %s\n%s",
                             session->questions[i].word, session->questions[i].text);
        }
    }
    for (size_t i = 0; i < session->plan.count; i++) {
        const struct change_step *step = &session->steps[i];
        if (step->refusal.kind != ERROR_NONE) {
            *err = step->refusal;
            return error_wrap(err, "refused in the preview");
        }
        if (session->inner[i].denial.kind != ERROR_NONE) {
            return error_set(err, ERROR_FORBIDDEN,
                             "%s; nothing was changed (pullmend setup shows the role to ask for)",
                             session->inner[i].denial.message);
        }
    }
    return true;
}

bool change_session_apply(struct change_session *session, struct error *err)
{
    struct error why = ERROR_INIT;
    bool good = may_apply(session, &why) && session_apply_start(session, &why);
    if (!good && err != NULL) {
        *err = why;
    }
    return good;
}

void change_session_stop(struct change_session *session)
{
    struct error err = ERROR_INIT;
    switch (session->phase) {
    case CHANGE_READING:
        kube_call_cancel(session->call);
        session->call = NULL;
        loop_cancel_timer(session->loop, session->timer);
        session->timer = NULL;
        error_set(&err, ERROR_UNAVAILABLE, "stopped before anything was changed");
        session_fail(session, &err);
        break;
    case CHANGE_APPLYING:
        session->stopping = true;
        break;
    case CHANGE_VERIFYING:
        kube_call_cancel(session->call);
        session->call = NULL;
        /* fallthrough */
    case CHANGE_ROLLING:
        loop_cancel_timer(session->loop, session->timer);
        session->timer = NULL;
        session_rollout_stop(session);
        session->stopped = true;
        session_enter(session, CHANGE_DONE);
        break;
    case CHANGE_PREVIEWED:
    case CHANGE_DONE:
    case CHANGE_FAILED:
        break;
    }
}
