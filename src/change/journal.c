#include "change/journal.h"

#include <dirent.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/clock.h"
#include "base/file.h"
#include "base/language.h"
#include "base/log.h"
#include "base/text.h"
#include "change/last_applied.h"
#include "doc/json.h"
#include "fields.h"
#include "journal_json.h"
#include "journal_life.h"

#define ENTRY_LIMIT ((size_t)64 << 20)

const char *change_journal_state_name(enum change_journal_state state)
{
    static const char *const names[] = {N_("applying"), N_("done"), N_("failed"), N_("undone"),
                                        N_("left")};
    return names[state];
}

/* --- Ownership -------------------------------------------------------------------------------- */

static void clear_fields(struct change_journal_object *object)
{
    for (size_t i = 0; i < object->field_count; i++) {
        free(object->fields[i].path);
        cJSON_Delete(object->fields[i].before);
        cJSON_Delete(object->fields[i].after);
    }
    free(object->fields);
    object->fields = NULL;
    object->field_count = 0;
}

/* Of the field that it stands in as well nothing is forgotten: it can still be taken back. */
static void free_hold(struct change_journal_object *object)
{
    if (object->hold != NULL) {
        free(object->hold->path);
        cJSON_Delete(object->hold->before);
        cJSON_Delete(object->hold->after);
        free(object->hold);
        object->hold = NULL;
    }
}

static void forget_holds(struct change_journal_entry *entry)
{
    for (size_t i = 0; i < entry->count; i++) {
        free_hold(&entry->objects[i]);
    }
}

static void free_object(struct change_journal_object *object)
{
    free(object->group);
    free(object->version);
    free(object->plural);
    free(object->kind);
    free(object->ns);
    free(object->name);
    free(object->uid);
    free(object->resource_version);
    free(object->failure);
    clear_fields(object);
    free_hold(object);
}

void change_journal_entry_free(struct change_journal_entry *entry)
{
    if (entry == NULL) {
        return;
    }
    for (size_t i = 0; i < entry->count; i++) {
        free_object(&entry->objects[i]);
    }
    free(entry->objects);
    free(entry->id);
    free(entry->title);
    cJSON_Delete(entry->title_parts);
    free(entry->origin);
    free(entry->context);
    free(entry->server);
    free(entry->user);
    free(entry->undoes);
    free(entry->host);
    free(entry);
}

/* --- Making one ------------------------------------------------------------------------------- */

/* Sorts by time, and two programs at the same moment differ. */
static char *new_id(int64_t now_ms)
{
    static unsigned serial = 0;
    char time[32];
    clock_format_rfc3339(now_ms, time);
    char digits[32];
    size_t used = 0;
    for (const char *c = time; *c != '\0'; c++) {
        if (*c != '-' && *c != ':') {
            digits[used++] = *c;
        }
    }
    digits[used] = '\0';
    return xasprintf("%s-%03d-%lx-%x", digits, (int)(now_ms % 1000), (unsigned long)getpid(),
                     serial++);
}

struct collection {
    struct change_journal_object *object;
    size_t capacity;
    bool secret;
};

static bool is_secret_value(const char *path)
{
    return text_starts_with(path, "/data") || text_starts_with(path, "/stringData") ||
           text_starts_with(path, "/metadata/annotations");
}

static void collect_field(void *context, const char *path, const cJSON *before, const cJSON *after)
{
    struct collection *collection = context;
    struct change_journal_object *object = collection->object;
    if (collection->secret && (path[0] == '\0' || is_secret_value(path))) {
        object->hidden = true;
        return;
    }
    object->fields =
        xgrow(object->fields, object->field_count, &collection->capacity, sizeof(*object->fields));
    object->fields[object->field_count++] = (struct change_journal_field){
        xstrdup(path), before == NULL ? NULL : cJSON_Duplicate(before, true),
        after == NULL ? NULL : cJSON_Duplicate(after, true)};
}

void change_journal_set_fields(struct change_journal_object *object, const cJSON *before,
                               const cJSON *after)
{
    clear_fields(object);
    object->hidden = false;
    struct collection collection = {object, 0, strcmp(object->kind, "Secret") == 0};
    if (object->action == CHANGE_CREATE) {
        /* The whole of it, so that it can still be made if the program ends before. */
        collect_field(&collection, "", NULL, after);
    }
    if (object->action != CHANGE_PATCH) {
        return; /* what was made is deleted, whatever it holds */
    }
    fields_differ(before, after, collect_field, &collection);
}

static void fill_object(struct change_journal_object *out, const struct change_object *object)
{
    out->group = xstrdup(object->resource->group);
    out->version = xstrdup(object->resource->version);
    out->plural = xstrdup(object->resource->plural);
    out->kind = xstrdup(object->resource->kind);
    out->namespaced = object->resource->namespaced;
    out->ns = xstrdup_or_null(object->ns);
    out->name = xstrdup(object->name);
    out->action = object->action;
    out->progress = CHANGE_STEP_WAITING;
    out->uid = xstrdup_or_null(object->uid);
    if (object->action == CHANGE_DELETE) {
        out->resource_version = xstrdup_or_null(object->resource_version);
        out->generation = json_int(json_object(object->live, "metadata"), "generation", 0);
    }
    change_journal_set_fields(out, object->live, object->desired);
}

struct change_journal_entry *change_journal_entry_new(const struct change_plan *plan)
{
    struct change_journal_entry *entry = xcalloc(1, sizeof(*entry));
    entry->started_ms = clock_wall_ms();
    entry->id = new_id(entry->started_ms);
    entry->title = xstrdup(plan->title == NULL ? "" : plan->title);
    entry->title_parts = cJSON_Duplicate(plan->title_parts, true);
    entry->context = xstrdup("");
    entry->server = xstrdup("");
    entry->user = xstrdup("");
    journal_life_claim(entry);
    entry->objects = xcalloc(plan->count + 1, sizeof(*entry->objects));
    for (size_t i = 0; i < plan->count; i++) {
        if (plan->objects[i].action != CHANGE_NOTHING) {
            fill_object(&entry->objects[entry->count++], &plan->objects[i]);
        }
    }
    return entry;
}

void change_journal_take_over(struct change_journal_entry *entry)
{
    journal_life_claim(entry);
    entry->state = CHANGE_JOURNAL_APPLYING;
    entry->interrupted = false;
    entry->held = false;
    entry->ended_ms = 0;
}

/* --- On disk ---------------------------------------------------------------------------------- */

static char *journal_folder(void)
{
    char *state = file_xdg_folder("XDG_STATE_HOME", ".local/state");
    if (state == NULL) {
        return NULL;
    }
    char *folder = file_join(state, "journal");
    free(state);
    return folder;
}

static char *entry_path(const char *id, struct error *err)
{
    char *folder = journal_folder();
    if (folder == NULL) {
        error_set(err, ERROR_INTERNAL,
                  "no place for the journal: neither XDG_STATE_HOME nor HOME is set");
        return NULL;
    }
    if (id[0] == '\0' || strchr(id, '/') != NULL || id[0] == '.') {
        error_set(err, ERROR_USAGE, "%s is not the id of a change (see pullmend history)", id);
        free(folder);
        return NULL;
    }
    char *name = xasprintf("%s.json", id);
    char *path = file_join(folder, name);
    free(name);
    free(folder);
    return path;
}

bool change_journal_write(const struct change_journal_entry *entry, struct error *err)
{
    char *path = entry_path(entry->id, err);
    if (path == NULL) {
        return false;
    }
    char *folder = file_folder(path);
    struct buffer text;
    buffer_init(&text, ENTRY_LIMIT);
    cJSON *tree = journal_entry_to_json(entry);
    bool good = json_write(&text, tree) && buffer_append_char(&text, '\n');
    cJSON_Delete(tree);
    if (!good) {
        error_set(err, ERROR_INTERNAL, "%s: the change is too large for the journal", path);
    }
    good = good && file_make_folder(folder, 0700, err) &&
           file_write_atomic(path, text.data, text.length, 0600, err);
    if (!good && err != NULL) {
        err->kind = ERROR_INTERNAL;
    }
    buffer_free(&text);
    free(folder);
    free(path);
    return good;
}

struct change_journal_entry *change_journal_read(const char *id, struct error *err)
{
    char *path = entry_path(id, err);
    if (path == NULL) {
        return NULL;
    }
    struct buffer text;
    buffer_init(&text, ENTRY_LIMIT);
    struct change_journal_entry *entry = NULL;
    if (file_read(path, &text, err)) {
        cJSON *tree = json_parse(text.data, text.length, path, err);
        entry = tree == NULL ? NULL : journal_entry_from_json(tree, path, err);
        cJSON_Delete(tree);
    } else if (err != NULL && err->kind == ERROR_NOT_FOUND) {
        error_set(err, ERROR_NOT_FOUND, "no change %s in the journal (see pullmend history)", id);
    }
    if (entry != NULL) {
        journal_life_judge(entry, path);
    }
    buffer_free(&text);
    free(path);
    return entry;
}

static int newest_first(const void *a, const void *b)
{
    const struct change_journal_entry *const *left = a;
    const struct change_journal_entry *const *right = b;
    return strcmp((*right)->id, (*left)->id);
}

bool change_journal_list(struct change_journal_entry ***out, size_t *count, struct error *err)
{
    *out = NULL;
    *count = 0;
    char *folder = journal_folder();
    DIR *directory = folder == NULL ? NULL : opendir(folder);
    if (directory == NULL) {
        bool absent = folder == NULL || errno == ENOENT;
        if (!absent) {
            error_set(err, ERROR_INTERNAL, "%s: %s", folder, strerror(errno));
        }
        free(folder);
        return absent;
    }
    size_t capacity = 0;
    for (struct dirent *item = readdir(directory); item != NULL; item = readdir(directory)) {
        if (!text_ends_with(item->d_name, ".json") || item->d_name[0] == '.') {
            continue;
        }
        char *id = xstrndup(item->d_name, strlen(item->d_name) - strlen(".json"));
        struct error why = ERROR_INIT;
        struct change_journal_entry *entry = change_journal_read(id, &why);
        if (entry == NULL) {
            log_message(LOG_WARNING, "%s", why.message);
        } else {
            *out = xgrow(*out, *count, &capacity, sizeof(**out));
            (*out)[(*count)++] = entry;
        }
        free(id);
    }
    closedir(directory);
    free(folder);
    if (*count > 0) {
        qsort(*out, *count, sizeof(**out), newest_first);
    }
    return true;
}

static bool can_be_taken_back(const struct change_journal_entry *entry)
{
    return (entry->state == CHANGE_JOURNAL_DONE || entry->state == CHANGE_JOURNAL_FAILED ||
            entry->state == CHANGE_JOURNAL_LEFT || entry->interrupted) &&
           entry->undoes == NULL;
}

static bool was_left_open(const struct change_journal_entry *entry)
{
    return entry->interrupted || entry->held;
}

/* The newest of this server that is meant; NULL: none, without an error. */
static struct change_journal_entry *find_newest(const char *server,
                                                bool (*meant)(const struct change_journal_entry *),
                                                struct error *err)
{
    struct change_journal_entry **entries = NULL;
    size_t count = 0;
    struct change_journal_entry *found = NULL;
    if (!change_journal_list(&entries, &count, err)) {
        return NULL;
    }
    for (size_t i = 0; i < count; i++) {
        struct change_journal_entry *entry = entries[i];
        if (found == NULL && meant(entry) &&
            (server == NULL || strcmp(server, entry->server) == 0)) {
            found = entry;
        } else {
            change_journal_entry_free(entry);
        }
    }
    free(entries);
    return found;
}

struct change_journal_entry *change_journal_interrupted(const char *server, struct error *err)
{
    return find_newest(server, was_left_open, err);
}

struct change_journal_entry *change_journal_last(const char *server, struct error *err)
{
    struct error why = ERROR_INIT;
    struct change_journal_entry *found = find_newest(server, can_be_taken_back, &why);
    if (found == NULL && why.kind != ERROR_NONE) {
        if (err != NULL) {
            *err = why;
        }
    } else if (found == NULL) {
        error_set(err, ERROR_NOT_FOUND, "nothing to undo: the journal has no change of %s",
                  server == NULL ? _("any cluster") : server);
    }
    return found;
}

bool change_journal_leave(const char *id, struct error *err)
{
    struct change_journal_entry *entry = change_journal_read(id, err);
    if (entry == NULL) {
        return false;
    }
    bool good = false;
    if (!was_left_open(entry)) {
        error_set(err, ERROR_CONFLICT,
                  "change %s was not interrupted, so there is nothing to leave", id);
    } else {
        /* A change that was all sent stays done: only its held rollouts are left. */
        entry->state = entry->interrupted ? CHANGE_JOURNAL_LEFT : entry->state;
        forget_holds(entry);
        good = change_journal_write(entry, err);
    }
    change_journal_entry_free(entry);
    return good;
}

bool change_journal_mark(const char *id, enum change_journal_state state, struct error *err)
{
    struct change_journal_entry *entry = change_journal_read(id, err);
    if (entry == NULL) {
        return false;
    }
    entry->state = state;
    forget_holds(entry);
    for (size_t i = 0; state == CHANGE_JOURNAL_DONE && i < entry->count; i++) {
        entry->objects[i].progress = CHANGE_STEP_DONE;
    }
    bool good = change_journal_write(entry, err);
    change_journal_entry_free(entry);
    return good;
}
