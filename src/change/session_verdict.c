#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/clock.h"
#include "base/language.h"
#include "base/text.h"
#include "doc/json.h"
#include "session_parts.h"

/* --- What was and was not done ------------------------------------------------------------------
 */

static const char *deed(enum change_action action, bool done)
{
    switch (action) {
    case CHANGE_CREATE:
        return done ? _("created") : _("not created");
    case CHANGE_DELETE:
        return done ? _("deleted") : _("not deleted");
    case CHANGE_PATCH:
    case CHANGE_NOTHING:
        break;
    }
    return done ? _("changed") : _("not changed");
}

static void write_steps(const struct change_session *session, struct buffer *out)
{
    for (size_t i = 0; session->steps != NULL && i < session->plan.count; i++) {
        const struct change_step *step = &session->steps[i];
        if (step->object->action == CHANGE_NOTHING) {
            continue;
        }
        char *name = session_object_name(step->object);
        bool unknown =
            session->entry != NULL &&
            session->entry->objects[session->inner[i].entry].progress == CHANGE_STEP_SENT;
        buffer_printf(out, "%s: %s\n", name,
                      unknown ? _("it is not known whether it was changed")
                              : deed(step->object->action, step->progress == CHANGE_STEP_DONE));
        free(name);
    }
}

static bool wrote_something(const struct change_session *session)
{
    for (size_t i = 0; session->entry != NULL && i < session->entry->count; i++) {
        if (session->entry->objects[i].progress == CHANGE_STEP_DONE ||
            session->entry->objects[i].progress == CHANGE_STEP_SENT) {
            return true;
        }
    }
    return false;
}

static void write_failure(const struct change_session *session, struct buffer *out)
{
    buffer_printf(out, "%s.\n", session->error.message);
    if (session->entry == NULL) {
        buffer_append_string(out, _("Nothing was changed.\n"));
        return;
    }
    write_steps(session, out);
    session_pause_write(session, out);
    if (wrote_something(session)) {
        buffer_printf(out, _("Take back what was done with: pullmend undo %s\n"),
                      session->entry->id);
        buffer_printf(out, _("Do the rest of it with: pullmend resume %s\n"), session->entry->id);
    }
}

/* --- How it ended -------------------------------------------------------------------------------
 */

static void write_rollouts(const struct change_session *session, struct buffer *out)
{
    for (size_t i = 0; i < session->rollout_count; i++) {
        const struct change_rollout *rollout = &session->rollouts[i];
        buffer_printf(out, "%s %s/%s: %s\n", rollout->kind, rollout->ns, rollout->name,
                      rollout->message);
    }
}

static void write_references(const struct change_session *session, struct buffer *out)
{
    const struct session_verify *verify = &session->verify;
    if (verify->pods == 0) {
        return;
    }
    if (verify->broken > 0) {
        buffer_printf(out,
                      language_plural("%zu of %zu pods names a pull secret that is not sound.\n",
                                      "%zu of %zu pods name a pull secret that is not sound.\n",
                                      verify->broken),
                      verify->broken, verify->pods);
    } else if (verify->sound) {
        buffer_printf(out,
                      language_plural("The pull-secret references of %zu pod are sound or gone.\n",
                                      "The pull-secret references of %zu pods are sound or gone.\n",
                                      verify->pods),
                      verify->pods);
    }
}

static void write_warnings(const struct change_session *session, struct buffer *out)
{
    const struct session_verify *verify = &session->verify;
    char waited[32];
    clock_format_age(2 * verify->period_ms, waited);
    if (session->purpose == SESSION_UNDO) {
        return;
    }
    if (verify->quiet) {
        if (verify->per_day >= 1) {
            char rate[48];
            text_number(rate, verify->per_day);
            buffer_printf(
                out,
                _("No warning for %s, two sync periods: about %s warnings a day have ended.\n"),
                waited, rate);
        } else {
            buffer_printf(out, _("No warning for %s, two sync periods.\n"), waited);
        }
        if (verify->throttled) {
            buffer_append_string(out,
                                 _("A kubelet writes warnings that have lasted long only every "
                                   "5 minutes: pullmend status shows if one still comes.\n"));
        }
    } else if (verify->grows) {
        buffer_append_string(out, _("Warnings still grow: look at pullmend status.\n"));
    } else if (verify->period_ms == 0 && !session->stopped) {
        buffer_append_string(out, _("No warnings had been seen, so there were none to end.\n"));
    }
}

void change_session_write_outcome(const struct change_session *session, struct buffer *out)
{
    char took[32];
    clock_format_age(session->ended_ms - session->applied_ms, took);
    session_pause_write(session, out);
    if (session->setback != NULL) {
        buffer_append_string(out, session->setback);
    }
    if (session->stopped) {
        buffer_append_string(out, _("Not waited for the end: look at pullmend status.\n"));
    } else {
        write_references(session, out);
        write_warnings(session, out);
        buffer_printf(out, _("Done in %s.\n"), took);
    }
}

void change_session_write_verdict(const struct change_session *session, struct buffer *out)
{
    if (session->phase == CHANGE_FAILED) {
        write_failure(session, out);
        return;
    }
    if (session->phase != CHANGE_DONE) {
        return;
    }
    write_steps(session, out);
    write_rollouts(session, out);
    change_session_write_outcome(session, out);
    if (wrote_something(session) && session->intent->kind == CHANGE_ROTATE_SECRET) {
        buffer_append_string(out,
                             _("A Secret's values are never written to disk: to take this back, "
                               "rotate it again.\n"));
    } else if (wrote_something(session)) {
        buffer_printf(out, _("Take it back with: pullmend undo %s\n"), session->entry->id);
    }
}

/* --- A rotation taken back ----------------------------------------------------------------------
 */

struct change_intent *change_session_rotate_back(const struct change_session *session)
{
    if (session->intent->kind != CHANGE_ROTATE_SECRET || session->steps == NULL) {
        return NULL;
    }
    for (size_t i = 0; i < session->plan.count; i++) {
        const struct change_object *object = &session->plan.objects[i];
        if (object->resource == &kube_secrets && object->live != NULL &&
            session->steps[i].progress == CHANGE_STEP_DONE) {
            struct change_intent *intent = change_intent_new(CHANGE_ROTATE_SECRET);
            intent->secret = xstrdup(object->name);
            intent->ns = xstrdup(object->ns);
            intent->secret_object = cJSON_Duplicate(object->live, true);
            intent->origin = xstrdup(_("the rotation's earlier content"));
            return intent;
        }
    }
    return NULL;
}
