/* history: what was changed from here. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/clock.h"
#include "base/language.h"
#include "base/text.h"
#include "change/journal.h"
#include "cli/change_run.h"
#include "cli/command.h"
#include "cli/commands.h"
#include "cli/output.h"
#include "doc/json.h"
#include "doc/yaml.h"

static void print_entry(const struct change_journal_entry *entry)
{
    char started[32];
    clock_format_rfc3339(entry->started_ms, started);
    char *title = text_safe(entry->title);
    char *who = text_safe(entry->user);
    char *where = text_safe(entry->context);
    printf("%s  %s  %s%s  %s@%s  %s\n", entry->id, started,
           _(change_journal_state_name(entry->state)),
           entry->interrupted ? _(" (interrupted)")
           : entry->held      ? _(" (holds its rollout)")
                              : "",
           who, where, title);
    for (size_t i = 0; i < entry->count; i++) {
        const struct change_journal_object *object = &entry->objects[i];
        static const char *const words[] = {N_("not sent"), N_("sent, no answer"), N_("changed"),
                                            N_("failed")};
        char *label = cli_object_label(object->kind, object->ns, object->name);
        printf("    %s: %s\n", label, _(words[object->progress]));
        free(label);
    }
    free(title);
    free(who);
    free(where);
}

static cJSON *entry_object(const struct change_journal_entry *entry)
{
    char time[32];
    cJSON *object = cJSON_CreateObject();
    clock_format_rfc3339(entry->started_ms, time);
    cJSON_AddStringToObject(object, "id", entry->id);
    cJSON_AddStringToObject(object, "title", entry->title);
    cJSON_AddStringToObject(object, "started", time);
    cJSON_AddStringToObject(object, "state", change_journal_state_name(entry->state));
    cJSON_AddBoolToObject(object, "interrupted", entry->interrupted);
    cJSON_AddBoolToObject(object, "held", entry->held);
    cJSON_AddStringToObject(object, "context", entry->context);
    cJSON_AddStringToObject(object, "server", entry->server);
    cJSON_AddStringToObject(object, "user", entry->user);
    cJSON *objects = cJSON_AddArrayToObject(object, "objects");
    for (size_t i = 0; i < entry->count; i++) {
        static const char *const words[] = {"waiting", "sent", "done", "failed"};
        cJSON *one = cJSON_CreateObject();
        cJSON_AddStringToObject(one, "kind", entry->objects[i].kind);
        cJSON_AddStringToObject(one, "namespace",
                                entry->objects[i].ns == NULL ? "" : entry->objects[i].ns);
        cJSON_AddStringToObject(one, "name", entry->objects[i].name);
        cJSON_AddStringToObject(one, "progress", words[entry->objects[i].progress]);
        cJSON_AddItemToArray(objects, one);
    }
    return object;
}

static void print_document(struct change_journal_entry *const *entries, size_t count, bool yaml)
{
    cJSON *document = cJSON_CreateObject();
    cJSON_AddStringToObject(document, "apiVersion", "pullmend/v1");
    cJSON_AddStringToObject(document, "kind", "History");
    cJSON *items = cJSON_AddArrayToObject(document, "items");
    for (size_t i = 0; i < count; i++) {
        cJSON_AddItemToArray(items, entry_object(entries[i]));
    }
    struct buffer out;
    buffer_init(&out, (size_t)1 << 28);
    if (yaml) {
        doc_write_yaml(&out, document, true);
    } else {
        json_write_lines(&out, document, 0);
        buffer_append_char(&out, '\n');
    }
    fwrite(out.data, 1, out.length, stdout);
    buffer_free(&out);
    cJSON_Delete(document);
}

int cli_run_history(const struct cli_values *values)
{
    struct change_journal_entry **entries = NULL;
    size_t count = 0;
    struct error err = ERROR_INIT;
    const char *format = cli_text(values, CLI_OUTPUT);
    bool json = format != NULL && strcmp(format, "json") == 0;
    bool yaml = format != NULL && strcmp(format, "yaml") == 0;
    if (format != NULL && !json && !yaml && strcmp(format, "table") != 0) {
        error_set(&err, ERROR_USAGE, "--output %s: history knows table, json and yaml", format);
        return cli_report(&err);
    }
    language_set_machine(json || yaml);
    if (!change_journal_list(&entries, &count, &err)) {
        return cli_report(&err);
    }
    if (json || yaml) {
        print_document(entries, count, yaml);
    } else if (count == 0) {
        printf(_("nothing was changed from here yet\n"));
    }
    for (size_t i = 0; i < count; i++) {
        if (!json && !yaml) {
            print_entry(entries[i]);
        }
        change_journal_entry_free(entries[i]);
    }
    free(entries);
    return CLI_EXIT_OK;
}
