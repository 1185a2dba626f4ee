/* What has to be confirmed by itself: objects that somebody sets back, fields that others own. */
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/language.h"
#include "session_parts.h"

#define TEXT_LIMIT     ((size_t)1 << 20)
#define FIELDS_AT_MOST 20

static struct change_question *question_of(struct change_session *session, const char *word)
{
    for (size_t i = 0; i < session->question_count; i++) {
        if (strcmp(session->questions[i].word, word) == 0) {
            return &session->questions[i];
        }
    }
    return NULL;
}

/* Takes text over: a further line of the question of that word. */
static void ask(struct change_session *session, const char *word, char *text)
{
    struct change_question *question = question_of(session, word);
    if (question == NULL) {
        session->questions = xreallocarray(session->questions, session->question_count + 1,
                                           sizeof(*session->questions));
        session->questions[session->question_count++] = (struct change_question){word, text, false};
        return;
    }
    char *both = xasprintf("%s\n%s", question->text, text);
    free(question->text);
    free(text);
    question->text = both;
}

static void ask_of_owner(struct change_session *session, const struct change_object *object)
{
    char *name = session_object_name(object);
    ask(session, object->owner_word, xasprintf("%s: %s", name, object->owner_consequence));
    free(name);
}

static void ask_of_conflicts(struct change_session *session, const struct change_object *object)
{
    char *name = session_object_name(object);
    struct buffer text;
    buffer_init(&text, TEXT_LIMIT);
    for (size_t i = 0; i < object->conflict_count && i < FIELDS_AT_MOST; i++) {
        const struct change_conflict *conflict = &object->conflicts[i];
        buffer_printf(&text, "%s", i > 0 ? "\n" : "");
        buffer_printf(&text, _("%s: conflict with \"%s\": %s"), name, conflict->manager,
                      conflict->field);
    }
    if (object->conflict_count > FIELDS_AT_MOST) {
        buffer_append_char(&text, '\n');
        buffer_printf(&text, _("%s: conflicts in %zu more fields"), name,
                      object->conflict_count - FIELDS_AT_MOST);
    }
    ask(session, CHANGE_CONFLICTS, buffer_take(&text));
    free(name);
}

void session_questions_ask(struct change_session *session)
{
    session_questions_free(session);
    if (session->purpose != SESSION_INTENT) {
        return; /* it was confirmed when it was begun; taking it back is what the owner wants */
    }
    for (size_t i = 0; i < session->plan.count; i++) {
        const struct change_object *object = &session->plan.objects[i];
        if (object->action == CHANGE_NOTHING) {
            continue;
        }
        if (object->owner_confirm && object->owner_word != NULL) {
            ask_of_owner(session, object);
        }
        if (object->conflict_count > 0) {
            ask_of_conflicts(session, object);
        }
    }
    if (question_of(session, CHANGE_CONFLICTS) != NULL) {
        ask(session, CHANGE_CONFLICTS,
            xstrdup(
                _("Three ways out: take these fields over, which is what this change does (their "
                  "manager has them back when it applies them again); leave them and change "
                  "them in their manager's own manifest; or give them the value that they "
                  "have there, so that both own them.")));
    }
}

void session_questions_free(struct change_session *session)
{
    for (size_t i = 0; i < session->question_count; i++) {
        free(session->questions[i].text);
    }
    free(session->questions);
    session->questions = NULL;
    session->question_count = 0;
}

const struct change_question *change_session_questions(const struct change_session *session,
                                                       size_t *count)
{
    *count = session->question_count;
    return session->questions;
}

bool change_session_accept(struct change_session *session, const char *word)
{
    struct change_question *question = question_of(session, word);
    if (question != NULL) {
        question->accepted = true;
    }
    return question != NULL;
}
