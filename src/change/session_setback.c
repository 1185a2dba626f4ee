/* At the end: does the cluster still hold what this change wrote, and if not, who wrote since? */
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/language.h"
#include "base/text.h"
#include "doc/json.h"
#include "doc/pointer.h"
#include "session_parts.h"

enum { SETBACK_LIMIT = 1 << 16 };

static void look_at_next(struct change_session *session);

/* Who wrote the object last, save for its status and for this program. */
static const char *last_writer(const cJSON *live)
{
    const char *writer = NULL;
    const char *newest = "";
    const cJSON *entry = NULL;
    cJSON_ArrayForEach(entry, json_list(json_object(live, "metadata"), "managedFields"))
    {
        const char *time = json_string_or(entry, "time", "");
        const char *manager = json_string_or(entry, "manager", "");
        if (json_string_or(entry, "subresource", "")[0] == '\0' &&
            strcmp(manager, "pullmend") != 0 && strcmp(time, newest) >= 0) {
            writer = manager;
            newest = time; /* RFC 3339 of one zone: its order is that of the text */
        }
    }
    return writer;
}

/* The first field that is not as it was left; the specification's before notes about it. */
static const char *changed_field(const struct change_journal_object *object, const cJSON *live)
{
    const char *found = NULL;
    for (size_t i = 0; i < object->field_count; i++) {
        const struct change_journal_field *field = &object->fields[i];
        bool note = text_starts_with(field->path, "/metadata/");
        if (!json_equal(pointer_get(live, field->path), field->after) && (found == NULL || !note)) {
            found = field->path;
            if (!note) {
                break;
            }
        }
    }
    return found;
}

static void judge(struct change_session *session, const struct change_journal_object *object,
                  const cJSON *live)
{
    struct buffer line;
    const char *field = live == NULL ? NULL : changed_field(object, live);
    if (live != NULL && field == NULL) {
        return;
    }
    buffer_init(&line, SETBACK_LIMIT);
    if (session->setback != NULL) {
        buffer_append_string(&line, session->setback);
    }
    const char *ns = object->ns == NULL ? "" : object->ns;
    const char *writer = last_writer(live);
    if (live == NULL) {
        buffer_printf(&line, _("%s %s/%s: somebody deleted it since.\n"), object->kind, ns,
                      object->name);
    } else if (writer == NULL) {
        buffer_printf(&line, _("%s %s/%s: somebody changed %s again since.\n"), object->kind, ns,
                      object->name, field);
    } else {
        buffer_printf(&line,
                      _("%s %s/%s: %s is not as this change left it; %s wrote the object last.\n"),
                      object->kind, ns, object->name, field, writer);
    }
    free(session->setback);
    session->setback = buffer_take(&line);
}

static void on_read(void *context, struct kube_response *response)
{
    struct change_session *session = context;
    const struct change_journal_object *object = &session->entry->objects[session->at++];
    session->call = NULL;
    if (response->err == NULL || response->err->kind == ERROR_NOT_FOUND) {
        judge(session, object, response->err == NULL ? response->object : NULL);
    }
    look_at_next(session);
}

static void look_at_next(struct change_session *session)
{
    struct change_target *targets;
    size_t count;
    change_journal_targets(session->entry, &targets, &count);
    while (session->at < count) {
        const struct change_journal_object *object = &session->entry->objects[session->at];
        if (object->action == CHANGE_PATCH && object->progress == CHANGE_STEP_DONE &&
            !object->hidden) {
            const struct change_target *target = &targets[session->at];
            session->call = kube_get(session->client, target->resource, target->ns, target->name,
                                     on_read, session);
            break;
        }
        session->at++;
    }
    change_targets_free(targets, count);
    if (session->call == NULL) {
        session_enter(session, CHANGE_DONE);
    }
}

void session_setback_start(struct change_session *session)
{
    session->at = 0;
    look_at_next(session);
}
