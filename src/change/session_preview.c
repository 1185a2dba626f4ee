#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/log.h"
#include "base/text.h"
#include "change/clean.h"
#include "change/json_patch.h"
#include "doc/diff.h"
#include "doc/json.h"
#include "session_parts.h"

#define REREAD_LIMIT 5
#define REREAD_MS    200
#define DIFF_CONTEXT 3

static void preview_next(struct change_session *session);

/* --- Ownership ---------------------------------------------------------------------------------
 */

static char **copy_warnings(const char *const *warnings)
{
    size_t count = 0;
    while (warnings != NULL && warnings[count] != NULL) {
        count++;
    }
    char **out = xcalloc(count + 1, sizeof(char *));
    for (size_t i = 0; i < count; i++) {
        out[i] = xstrdup(warnings[i]);
    }
    return out;
}

static void free_warnings(char **warnings)
{
    for (char **warning = warnings; warning != NULL && *warning != NULL; warning++) {
        free(*warning);
    }
    free(warnings);
}

void session_preview_free(struct change_session *session)
{
    for (size_t i = 0; session->steps != NULL && i < session->plan.count; i++) {
        struct change_step *step = &session->steps[i];
        free(step->before);
        free(step->after);
        free(step->left_out);
        free_warnings(step->warnings);
        json_delete_secret(session->inner[i].answer);
    }
    free(session->steps);
    free(session->inner);
    session->steps = NULL;
    session->inner = NULL;
}

/* --- One dry run -------------------------------------------------------------------------------
 */

/* RBAC's words; a webhook or a quota that says no is also 403, but asking the server was right. */
static bool is_missing_right(const struct error *err)
{
    return err->kind == ERROR_FORBIDDEN && text_find(err->message, " cannot ") != NULL;
}

static bool cannot_dry_run(const struct error *err)
{
    return text_find(err->message, "does not support dry run") != NULL;
}

/* The object moved between reading and dry run: the guard failed (see json_patch.h). */
static bool has_moved(const struct change_object *object, const struct kube_response *response)
{
    if (object->action != CHANGE_PATCH || response->err == NULL) {
        return false;
    }
    return response->err->kind == ERROR_CONFLICT ||
           (response->status == 422 &&
            json_at(response->object, "details", "causes", NULL) == NULL);
}

static void preview_locally(struct change_session *session, size_t i)
{
    struct change_step *step = &session->steps[i];
    step->local = true;
    step->after = change_clean_yaml(step->object->desired);
}

/* Nothing but what the server writes by itself would change. */
static void judge_answer(struct change_session *session, size_t i)
{
    struct change_object *object = &session->plan.objects[i];
    struct change_step *step = &session->steps[i];
    if (object->action == CHANGE_PATCH &&
        change_same_intent(object->live, session->inner[i].answer)) {
        object->action = CHANGE_NOTHING;
        session->plan.restarts -= object->restarts;
        object->restarts = 0;
    }
    free(step->after);
    step->after =
        object->action == CHANGE_DELETE ? xstrdup("") : change_clean_yaml(session->inner[i].answer);
}

static void read_again(void *context)
{
    struct change_session *session = context;
    session->timer = NULL;
    session_preview_free(session);
    session_read_start(session);
}

static void on_dry_run(void *context, struct kube_response *response)
{
    struct change_session *session = context;
    size_t i = session->at;
    struct change_step *step = &session->steps[i];
    session->call = NULL;
    free_warnings(step->warnings);
    step->warnings = copy_warnings(response->warnings);
    if (has_moved(step->object, response) && session->rereads++ < REREAD_LIMIT) {
        session_later(session, REREAD_MS, read_again);
        return;
    }
    if (response->err == NULL) {
        session->inner[i].answer = kube_response_take(response);
        judge_answer(session, i);
    } else if (is_missing_right(response->err)) {
        session->inner[i].denial = *response->err;
        preview_locally(session, i);
    } else if (cannot_dry_run(response->err)) {
        preview_locally(session, i);
    } else {
        step->refusal = *response->err;
        preview_locally(session, i);
    }
    session->at++;
    preview_next(session);
}

/* Its namespace or kind comes with this very plan, so the server cannot try it yet. */
static bool lacks_ground(const struct change_session *session, const struct change_object *object)
{
    for (size_t i = 0; i < session->at; i++) {
        const struct change_object *other = &session->plan.objects[i];
        if (other->action == CHANGE_CREATE && object->ns != NULL &&
            strcmp(other->resource->kind, "Namespace") == 0 &&
            strcmp(other->name, object->ns) == 0) {
            return true;
        }
    }
    return false;
}

static struct kube_call *send_dry_run(struct change_session *session,
                                      const struct change_object *object)
{
    struct kube_write write = {.dry_run = true, .strict = session_is_strict(session)};
    switch (object->action) {
    case CHANGE_CREATE:
        return kube_create(session->client, object->resource, object->ns, object->desired, &write,
                           on_dry_run, session);
    case CHANGE_PATCH:
        return kube_patch(session->client, object->resource, object->ns, object->name,
                          KUBE_PATCH_JSON, object->patch, &write, on_dry_run, session);
    case CHANGE_DELETE:
        return kube_delete(session->client, object->resource, object->ns, object->name, object->uid,
                           object->resource_version, &write, on_dry_run, session);
    case CHANGE_NOTHING:
        break;
    }
    return NULL;
}

/* An entry that has nothing left to write says so from now on: it is not offered again. */
static void settle_source(struct change_session *session)
{
    struct error err = ERROR_INIT;
    if (session->purpose != SESSION_INTENT && !change_session_has_changes(session) &&
        !change_journal_mark(
            session->source->id,
            session->purpose == SESSION_UNDO ? CHANGE_JOURNAL_UNDONE : CHANGE_JOURNAL_DONE, &err)) {
        log_message(LOG_WARNING, "%s", err.message);
    }
}

static void preview_next(struct change_session *session)
{
    for (; session->at < session->plan.count; session->at++) {
        const struct change_object *object = &session->plan.objects[session->at];
        struct change_step *step = &session->steps[session->at];
        free(step->before);
        step->before = change_clean_yaml(object->live);
        free(step->left_out);
        step->left_out = object->left_out == NULL ? NULL : change_clean_yaml(object->left_out);
        if (object->action == CHANGE_NOTHING) {
            step->after = xstrdup(step->before);
        } else if (kube_client_is_read_only(session->client) || lacks_ground(session, object)) {
            preview_locally(session, session->at);
        } else {
            session->call = send_dry_run(session, object);
            return;
        }
    }
    settle_source(session);
    session_questions_ask(session);
    session_enter(session, CHANGE_PREVIEWED);
}

void session_preview_start(struct change_session *session)
{
    size_t count = session->plan.count;
    session->steps = xcalloc(count + 1, sizeof(*session->steps));
    session->inner = xcalloc(count + 1, sizeof(*session->inner));
    for (size_t i = 0; i < count; i++) {
        session->steps[i].object = &session->plan.objects[i];
    }
    session->at = 0;
    preview_next(session);
}

/* --- The diff ----------------------------------------------------------------------------------
 */

static void write_difference(struct buffer *out, const char *before, const char *after,
                             const char *old_name, const char *new_name)
{
    struct diff diff;
    diff_texts(&diff, before, after);
    diff_write_unified(out, &diff, DIFF_CONTEXT, old_name, new_name);
    diff_free(&diff);
}

void change_session_write_diff(const struct change_session *session, struct buffer *out)
{
    for (size_t i = 0; session->steps != NULL && i < session->plan.count; i++) {
        const struct change_step *step = &session->steps[i];
        if (step->before == NULL || step->after == NULL) {
            continue;
        }
        char *name = session_object_name(step->object);
        char *old_name = xasprintf("%s%s", name, step->before[0] == '\0' ? " (none)" : "");
        char *new_name = xasprintf("%s%s%s", name, step->after[0] == '\0' ? " (none)" : "",
                                   step->local ? " (computed here, not by the server)" : "");
        write_difference(out, step->before, step->after, old_name, new_name);
        free(name);
        free(old_name);
        free(new_name);
    }
}

void change_session_write_left_out(const struct change_session *session, struct buffer *out)
{
    for (size_t i = 0; session->steps != NULL && i < session->plan.count; i++) {
        const struct change_step *step = &session->steps[i];
        if (step->left_out != NULL && step->after != NULL) {
            char *name = session_object_name(step->object);
            char *new_name = xasprintf("%s (left alone)", name);
            write_difference(out, step->after, step->left_out, name, new_name);
            free(name);
            free(new_name);
        }
    }
}
