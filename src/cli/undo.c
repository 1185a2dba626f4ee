/* undo, resume, leave: taking back a change of the journal, or dealing with one that was
 * interrupted. */
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
#include "cli/credential.h"
#include "cli/output.h"
#include "cli/prompt.h"

/* --- Which one ----------------------------------------------------------------------------------
 */

/* The id given, else that of the one which the chooser finds in this cluster. free() it. */
static char *choose(const struct cli_connection *connection, const struct cli_values *values,
                    struct change_journal_entry *(*find)(const char *server, struct error *err),
                    struct error *err)
{
    if (values->argument_count == 1) {
        return xstrdup(values->arguments[0]);
    }
    struct change_journal_entry *entry = find(kube_config_server(connection->config), err);
    if (entry == NULL) {
        if (err->kind == ERROR_NONE) {
            error_set(err, ERROR_NOT_FOUND,
                      "no change of this cluster was interrupted, and none holds a rollout");
        }
        return NULL;
    }
    char *id = xstrdup(entry->id);
    change_journal_entry_free(entry);
    return id;
}

/* A change of another cluster would be compared with the wrong objects. */
static bool is_of_this_cluster(const struct cli_connection *connection, const char *id,
                               struct error *err)
{
    const char *server = kube_config_server(connection->config);
    struct change_journal_entry *entry = change_journal_read(id, err);
    if (entry == NULL) {
        return false;
    }
    bool same = strcmp(entry->server, server) == 0;
    if (!same) {
        error_set(err, ERROR_USAGE,
                  "change %s was made in another cluster: context %s, %s, but this is %s", id,
                  entry->context, entry->server, server);
    }
    change_journal_entry_free(entry);
    return same;
}

/* --- The run ------------------------------------------------------------------------------------
 */

static int run_entry(struct cli_connection *connection, const struct cli_values *values,
                     const char *id, bool forward)
{
    struct cli_change_run run = {.connection = connection, .undoing = !forward};
    struct error err = ERROR_INIT;
    int64_t timeout_ms = 0;
    int code;
    run.no_wait = cli_flag(values, CLI_NO_WAIT);
    if (!cli_duration(values, CLI_TIMEOUT, 0, &timeout_ms, &err) ||
        !cli_take_census(connection, values, true, true, &err) ||
        (run.session = change_session_start_journal(connection->client, connection->follow, id,
                                                    forward, &cli_change_handler, &run, &err)) ==
            NULL ||
        !cli_change_preview(&run, &err)) {
        code = connection->interrupted ? CLI_EXIT_INTERRUPTED : cli_report(&err);
    } else {
        code = cli_change_apply(&run, values, timeout_ms, &err);
    }
    cli_change_end(&run);
    return code;
}

static int run_command(const struct cli_values *values, bool forward)
{
    struct cli_connection connection = {0};
    struct error err = ERROR_INIT;
    char *id = NULL;
    int code;
    if (cli_only_reads(values)) {
        error_set(&err, ERROR_USAGE, "--read-only: %s writes, so it is refused",
                  forward ? "resume" : "undo");
        code = cli_report(&err);
    } else if (!cli_connect(&connection, values, false, &err) ||
               (id = choose(&connection, values,
                            forward ? change_journal_interrupted : change_journal_last, &err)) ==
                   NULL ||
               !is_of_this_cluster(&connection, id, &err)) {
        code = connection.interrupted ? CLI_EXIT_INTERRUPTED : cli_report(&err);
    } else {
        code = run_entry(&connection, values, id, forward);
    }
    free(id);
    cli_disconnect(&connection);
    return code;
}

int cli_run_undo(const struct cli_values *values)
{
    return run_command(values, false);
}

int cli_run_resume(const struct cli_values *values)
{
    return run_command(values, true);
}

static int leave(const char *id)
{
    struct error err = ERROR_INIT;
    if (!change_journal_leave(id, &err)) {
        return cli_report(&err);
    }
    printf(_("change %s is left as it is; pullmend undo %s can still take it back\n"), id, id);
    return CLI_EXIT_OK;
}

int cli_run_leave(const struct cli_values *values)
{
    struct cli_connection connection = {0};
    struct error err = ERROR_INIT;
    if (values->argument_count == 1) {
        return leave(values->arguments[0]);
    }
    char *id = cli_connect(&connection, values, true, &err)
                   ? choose(&connection, values, change_journal_interrupted, &err)
                   : NULL;
    int code = id == NULL ? cli_report(&err) : leave(id);
    free(id);
    cli_disconnect(&connection);
    return code;
}

/* --- Offered at the next start ------------------------------------------------------------------
 */

static void tell(const struct change_journal_entry *entry)
{
    char age[32];
    char *title = text_safe(entry->title);
    clock_format_age(clock_wall_ms() - entry->started_ms, age);
    if (entry->interrupted) {
        fprintf(stderr, _("An earlier change was interrupted %s ago: %s\n"), age, title);
    } else {
        fprintf(stderr, _("An earlier change of %s ago still holds its rollout: %s\n"), age, title);
    }
    free(title);
    for (size_t i = 0; i < entry->count; i++) {
        static const char *const words[] = {N_("not sent"), N_("sent, no answer seen"), N_("done"),
                                            N_("failed")};
        const struct change_journal_object *object = &entry->objects[i];
        char *label = cli_object_label(object->kind, object->ns, object->name);
        fprintf(stderr, "  %s: %s\n", label,
                object->hold != NULL ? _("done, and held where it is")
                                     : _(words[object->progress]));
        free(label);
    }
}

static void tell_commands(const struct change_journal_entry *entry)
{
    fprintf(stderr,
            entry->interrupted
                ? _("  pullmend resume %s   finishes it\n  pullmend undo %s     takes it back\n"
                    "  pullmend leave %s    leaves it as it is\n")
                : _("  pullmend resume %s   lets it go on\n  pullmend undo %s     takes it back\n"
                    "  pullmend leave %s    leaves it held\n"),
            entry->id, entry->id, entry->id);
}

/* 'r', 'u', 'l', '\0' for Enter; 'q' for anything else, also ^C. */
static char ask_way(struct cli_connection *connection, const struct change_journal_entry *entry)
{
    struct buffer answer;
    buffer_init(&answer, 1024);
    bool said = cli_ask(connection->loop,
                        entry->interrupted
                            ? _("r finishes it, u takes it back, l leaves it as it is, Enter goes "
                                "on without: ")
                            : _("r lets it go on, u takes it back, l leaves it held, Enter goes "
                                "on without: "),
                        false, &answer, cli_interrupt, connection);
    char way = !said || answer.length > 1              ? 'q'
               : answer.length == 0                    ? '\0'
               : strchr("rul", answer.data[0]) != NULL ? answer.data[0]
                                                       : 'q';
    buffer_free(&answer);
    return way;
}

bool cli_change_offer_interrupted(struct cli_connection *connection,
                                  const struct cli_values *values, bool ask, int *code)
{
    struct error err = ERROR_INIT;
    struct change_journal_entry *entry =
        change_journal_interrupted(kube_config_server(connection->config), &err);
    if (entry == NULL) {
        return true; /* a journal that cannot be read is told of before anything is sent */
    }
    tell(entry);
    char way = '\0';
    if (ask && !cli_flag(values, CLI_YES) && cli_can_ask()) {
        way = ask_way(connection, entry);
    } else {
        tell_commands(entry);
    }
    if (way == 'r' || way == 'u') {
        *code = run_entry(connection, values, entry->id, way == 'r');
        fprintf(stderr, _("what you asked for was not begun: start it again\n"));
    } else if (way == 'l') {
        *code = leave(entry->id);
    } else if (way == 'q') {
        fprintf(stderr, _("nothing was changed\n"));
        *code = connection->interrupted ? CLI_EXIT_INTERRUPTED : CLI_EXIT_USAGE;
    }
    change_journal_entry_free(entry);
    return way == '\0' || (way == 'l' && *code == CLI_EXIT_OK);
}
