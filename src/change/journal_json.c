#include "journal_json.h"

#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/clock.h"
#include "change/title.h"
#include "doc/json.h"

static const char *const actions[] = {"create", "patch", "nothing", "delete"};
static const char *const progresses[] = {"waiting", "sent", "done", "failed"};

static void add_text(cJSON *out, const char *name, const char *text)
{
    if (text != NULL) {
        cJSON_AddStringToObject(out, name, text);
    }
}

static void add_time(cJSON *out, const char *name, int64_t wall_ms)
{
    if (wall_ms != 0) {
        char text[32];
        clock_format_rfc3339(wall_ms, text);
        cJSON_AddStringToObject(out, name, text);
    }
}

static cJSON *field_to_json(const struct change_journal_field *field)
{
    cJSON *out = cJSON_CreateObject();
    add_text(out, "path", field->path);
    if (field->before != NULL) {
        cJSON_AddItemToObject(out, "before", cJSON_Duplicate(field->before, true));
    }
    if (field->after != NULL) {
        cJSON_AddItemToObject(out, "after", cJSON_Duplicate(field->after, true));
    }
    return out;
}

static cJSON *object_to_json(const struct change_journal_object *object)
{
    cJSON *out = cJSON_CreateObject();
    add_text(out, "group", object->group);
    add_text(out, "version", object->version);
    add_text(out, "resource", object->plural);
    add_text(out, "kind", object->kind);
    cJSON_AddBoolToObject(out, "namespaced", object->namespaced);
    add_text(out, "namespace", object->ns);
    add_text(out, "name", object->name);
    add_text(out, "action", actions[object->action]);
    add_text(out, "progress", progresses[object->progress]);
    add_text(out, "uid", object->uid);
    add_text(out, "resourceVersion", object->resource_version);
    if (object->generation != 0) {
        cJSON_AddNumberToObject(out, "generation", (double)object->generation);
    }
    if (object->hidden) {
        cJSON_AddTrueToObject(out, "valuesLeftOut");
    }
    add_text(out, "failure", object->failure);
    if (object->hold != NULL) {
        cJSON_AddItemToObject(out, "held", field_to_json(object->hold));
    }
    cJSON *fields = cJSON_AddArrayToObject(out, "fields");
    for (size_t i = 0; i < object->field_count; i++) {
        cJSON_AddItemToArray(fields, field_to_json(&object->fields[i]));
    }
    return out;
}

cJSON *journal_entry_to_json(const struct change_journal_entry *entry)
{
    cJSON *out = cJSON_CreateObject();
    add_text(out, "apiVersion", "pullmend/v1");
    add_text(out, "kind", "Change");
    add_text(out, "id", entry->id);
    if (entry->title_parts != NULL) {
        char *english = change_title_english(entry->title_parts);
        add_text(out, "title", english);
        cJSON_AddItemToObject(out, "titleParts", cJSON_Duplicate(entry->title_parts, true));
        free(english);
    } else {
        add_text(out, "title", entry->title);
    }
    add_text(out, "state", change_journal_state_name(entry->state));
    add_time(out, "startedAt", entry->started_ms);
    add_time(out, "endedAt", entry->ended_ms);
    add_text(out, "origin", entry->origin);
    add_text(out, "undoes", entry->undoes);
    add_text(out, "context", entry->context);
    add_text(out, "server", entry->server);
    add_text(out, "user", entry->user);
    add_text(out, "host", entry->host);
    cJSON_AddNumberToObject(out, "pid", (double)entry->pid);
    cJSON_AddNumberToObject(out, "pidStart", (double)entry->pid_start);
    cJSON *objects = cJSON_AddArrayToObject(out, "objects");
    for (size_t i = 0; i < entry->count; i++) {
        cJSON_AddItemToArray(objects, object_to_json(&entry->objects[i]));
    }
    return out;
}

/* --- And back --------------------------------------------------------------------------------- */

static int number_of(const char *const *names, size_t count, const char *name)
{
    for (size_t i = 0; i < count; i++) {
        if (name != NULL && strcmp(names[i], name) == 0) {
            return (int)i;
        }
    }
    return -1;
}

static int64_t time_of(const cJSON *tree, const char *name)
{
    int64_t wall_ms = 0;
    const char *text = json_string(tree, name);
    return text != NULL && clock_parse_rfc3339(text, &wall_ms) ? wall_ms : 0;
}

static struct change_journal_field field_from_json(const cJSON *item)
{
    const cJSON *before = json_member(item, "before");
    const cJSON *after = json_member(item, "after");
    return (struct change_journal_field){xstrdup(json_string_or(item, "path", "")),
                                         before == NULL ? NULL : cJSON_Duplicate(before, true),
                                         after == NULL ? NULL : cJSON_Duplicate(after, true)};
}

static void read_fields(struct change_journal_object *out, const cJSON *list)
{
    const cJSON *item = NULL;
    out->fields = xcalloc((size_t)cJSON_GetArraySize(list) + 1, sizeof(*out->fields));
    cJSON_ArrayForEach(item, list)
    {
        out->fields[out->field_count++] = field_from_json(item);
    }
}

static bool read_object(struct change_journal_object *out, const cJSON *tree)
{
    int action = number_of(actions, ARRAY_LENGTH(actions), json_string(tree, "action"));
    int progress = number_of(progresses, ARRAY_LENGTH(progresses), json_string(tree, "progress"));
    out->group = xstrdup(json_string_or(tree, "group", ""));
    out->version = xstrdup(json_string_or(tree, "version", ""));
    out->plural = xstrdup(json_string_or(tree, "resource", ""));
    out->kind = xstrdup(json_string_or(tree, "kind", ""));
    out->namespaced = json_bool(tree, "namespaced", true);
    out->ns = xstrdup_or_null(json_string(tree, "namespace"));
    out->name = xstrdup(json_string_or(tree, "name", ""));
    out->uid = xstrdup_or_null(json_string(tree, "uid"));
    out->resource_version = xstrdup_or_null(json_string(tree, "resourceVersion"));
    out->generation = json_int(tree, "generation", 0);
    out->hidden = json_bool(tree, "valuesLeftOut", false);
    out->failure = xstrdup_or_null(json_string(tree, "failure"));
    read_fields(out, json_list(tree, "fields"));
    if (json_object(tree, "held") != NULL) {
        out->hold = xcalloc(1, sizeof(*out->hold));
        *out->hold = field_from_json(json_object(tree, "held"));
    }
    if (action < 0 || progress < 0 || out->plural[0] == '\0' || out->name[0] == '\0') {
        return false;
    }
    out->action = (enum change_action)action;
    out->progress = (enum change_progress)progress;
    return true;
}

static bool read_state(struct change_journal_entry *entry, const cJSON *tree)
{
    for (int state = CHANGE_JOURNAL_APPLYING; state <= CHANGE_JOURNAL_LEFT; state++) {
        const char *name = change_journal_state_name((enum change_journal_state)state);
        if (strcmp(json_string_or(tree, "state", ""), name) == 0) {
            entry->state = (enum change_journal_state)state;
            return true;
        }
    }
    return false;
}

struct change_journal_entry *journal_entry_from_json(const cJSON *tree, const char *source,
                                                     struct error *err)
{
    struct change_journal_entry *entry = xcalloc(1, sizeof(*entry));
    const cJSON *objects = json_list(tree, "objects");
    const cJSON *item = NULL;
    entry->id = xstrdup(json_string_or(tree, "id", ""));
    entry->title_parts = cJSON_Duplicate(json_list(tree, "titleParts"), true);
    entry->title = entry->title_parts != NULL ? change_title_text(entry->title_parts)
                                              : xstrdup(json_string_or(tree, "title", ""));
    entry->origin = xstrdup_or_null(json_string(tree, "origin"));
    entry->undoes = xstrdup_or_null(json_string(tree, "undoes"));
    entry->context = xstrdup(json_string_or(tree, "context", ""));
    entry->server = xstrdup(json_string_or(tree, "server", ""));
    entry->user = xstrdup(json_string_or(tree, "user", ""));
    entry->host = xstrdup(json_string_or(tree, "host", ""));
    entry->pid = json_int(tree, "pid", 0);
    entry->pid_start = json_int(tree, "pidStart", 0);
    entry->started_ms = time_of(tree, "startedAt");
    entry->ended_ms = time_of(tree, "endedAt");
    entry->objects = xcalloc((size_t)cJSON_GetArraySize(objects) + 1, sizeof(*entry->objects));
    bool good = read_state(entry, tree) && entry->id[0] != '\0' && objects != NULL &&
                strcmp(json_string_or(tree, "kind", ""), "Change") == 0;
    cJSON_ArrayForEach(item, objects)
    {
        good = read_object(&entry->objects[entry->count++], item) && good;
    }
    if (!good) {
        change_journal_entry_free(entry);
        error_set(err, ERROR_CONFIG, "%s: not a change that this program wrote", source);
        return NULL;
    }
    return entry;
}
