/* A previewed change as text: the plan for a person, the diff or an export for output. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/language.h"
#include "base/text.h"
#include "cli/change_run.h"
#include "cli/command.h"
#include "cli/external_diff.h"
#include "cli/output.h"

enum { TEXT_LIMIT = 1 << 28 };

/* --- The plan -----------------------------------------------------------------------------------
 */

/* A line on standard error; what it tells comes from outside. */
static void put_line(const char *before, const char *text)
{
    char *safe = text_safe(text);
    fprintf(stderr, "%s%s\n", before, safe);
    free(safe);
}

static const char *standing_of(const struct change_step *step)
{
    if (step->refusal.kind != ERROR_NONE) {
        return step->refusal.message;
    }
    if (step->object->action == CHANGE_NOTHING) {
        return step->object->note;
    }
    return step->local ? _("computed here; the server was not asked (no right to write)")
                       : _("accepted by the server (dry run)");
}

static void print_step(const struct change_step *step)
{
    const struct change_object *object = step->object;
    char *standing = text_safe(standing_of(step));
    char *label = cli_object_label(object->resource->kind, object->ns, object->name);
    fprintf(stderr, "  %s: %s\n", label, standing);
    free(label);
    free(standing);
    if (object->owner_consequence != NULL) {
        put_line("    ", object->owner_consequence);
    }
    if (object->note != NULL && object->action != CHANGE_NOTHING) {
        put_line("    ", object->note);
    }
    for (size_t i = 0; step->warnings != NULL && step->warnings[i] != NULL; i++) {
        put_line(_("    warning: "), step->warnings[i]);
    }
}

void cli_change_print_costs(const struct cli_change_run *run)
{
    const struct change_plan *plan = change_session_plan(run->session);
    for (size_t i = 0; plan->costs != NULL && plan->costs[i] != NULL; i++) {
        put_line("  ", plan->costs[i]);
    }
}

void cli_change_print_plan(const struct cli_change_run *run)
{
    const struct change_plan *plan = change_session_plan(run->session);
    size_t count;
    const struct change_step *steps = change_session_steps(run->session, &count);
    size_t unchanged = 0;
    size_t absent = 0;
    put_line("", plan->title);
    cli_change_print_costs(run);
    for (size_t i = 0; i < count; i++) {
        if (steps[i].object->action == CHANGE_NOTHING && steps[i].object->note == NULL) {
            unchanged++;
        } else if (steps[i].object->action == CHANGE_NOTHING && steps[i].object->live == NULL) {
            absent++;
        } else {
            print_step(&steps[i]);
        }
    }
    if (absent > 0) {
        fprintf(stderr,
                language_plural("  %zu object is not in the cluster and has nothing to do with "
                                "pull secrets: left out (--all-changes makes it)\n",
                                "  %zu objects are not in the cluster and have nothing to do with "
                                "pull secrets: left out (--all-changes makes them)\n",
                                absent),
                absent);
    }
    if (unchanged > 0) {
        fprintf(stderr,
                language_plural("  %zu object is as it should be\n",
                                "  %zu objects are as they should be\n", unchanged),
                unchanged);
    }
}

void cli_change_print_lines(const char *before, const char *lines)
{
    for (const char *line = lines; line != NULL && *line != '\0';) {
        size_t length = strcspn(line, "\n");
        char *one = xstrndup(line, length);
        put_line(before, one);
        free(one);
        line += length + (line[length] == '\n' ? 1 : 0);
    }
}

void cli_change_print_question(const struct change_question *question)
{
    cli_change_print_lines("! ", question->text);
}

/* --- The change --------------------------------------------------------------------------------
 */

bool cli_change_read_format(const struct cli_values *values, enum cli_change_format *format,
                            struct error *err)
{
    static const char *const names[] = {"diff", "yaml", "patch", "commands"};
    const char *text = cli_text(values, CLI_OUTPUT);
    *format = CLI_CHANGE_DIFF;
    for (size_t i = 0; text != NULL && i < sizeof(names) / sizeof(names[0]); i++) {
        if (strcmp(text, names[i]) == 0) {
            *format = (enum cli_change_format)i;
            return true;
        }
    }
    return text == NULL ||
           error_set(err, ERROR_USAGE, "--output %s: diff knows diff, yaml, patch and commands",
                     text);
}

/* False: there was nothing to print. */
static bool print_text(const struct change_session *session,
                       void (*write_text)(const struct change_session *session, struct buffer *out))
{
    struct buffer text;
    buffer_init(&text, TEXT_LIMIT);
    write_text(session, &text);
    bool any = text.length > 0;
    fwrite(text.data, 1, text.length, stdout);
    fflush(stdout);
    buffer_free(&text);
    return any;
}

void cli_change_print_left_out(const struct cli_change_run *run)
{
    struct buffer text;
    buffer_init(&text, TEXT_LIMIT);
    change_session_write_left_out(run->session, &text);
    if (text.length > 0) {
        fputs(_("These differences have nothing to do with pull secrets and are left alone "
                "(--all-changes sends them as well):\n"),
              stderr);
        fwrite(text.data, 1, text.length, stderr);
    }
    buffer_free(&text);
}

void cli_change_print_diff(const struct cli_change_run *run)
{
    print_text(run->session, change_session_write_diff);
}

static void print_questions(const struct change_session *session)
{
    size_t count;
    const struct change_question *questions = change_session_questions(session, &count);
    for (size_t i = 0; i < count; i++) {
        if (strcmp(questions[i].word, CHANGE_CONFLICTS) == 0) {
            cli_change_print_question(&questions[i]);
        }
    }
}

int cli_change_print(struct cli_change_run *run, enum cli_change_format format)
{
    static void (*const writers[])(const struct change_session *session, struct buffer *out) = {
        [CLI_CHANGE_DIFF] = change_session_write_diff,
        [CLI_CHANGE_YAML] = change_session_write_yaml,
        [CLI_CHANGE_PATCH] = change_session_write_patches,
        [CLI_CHANGE_COMMANDS] = change_session_write_commands,
    };
    if (!change_session_has_changes(run->session)) {
        cli_change_print_left_out(run);
        return CLI_EXIT_OK;
    }
    cli_change_print_plan(run);
    cli_change_print_left_out(run);
    print_questions(run->session); /* the owners are told with their objects */
    if (format == CLI_CHANGE_DIFF && cli_external_diff() != NULL) {
        return cli_run_external_diff(run);
    }
    bool shown = print_text(run->session, writers[format]);
    if (!shown && format == CLI_CHANGE_DIFF) {
        /* As kubectl diff, which never looks at its own record. */
        fputs(_("No difference but in the record that kubectl apply keeps (last-applied).\n"),
              stderr);
        return CLI_EXIT_OK;
    }
    return CLI_EXIT_FINDINGS;
}
