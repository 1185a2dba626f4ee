/* A change session on the command line: progress, questions, verdict. */
#include "cli/change_run.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/clock.h"
#include "base/language.h"
#include "base/text.h"
#include "cli/command.h"
#include "cli/credential.h"
#include "cli/prompt.h"

enum { VERDICT_LIMIT = 1 << 28 };

void cli_interrupt(void *context, int signal_number)
{
    struct cli_connection *connection = context;
    (void)signal_number;
    connection->interrupted = true;
    loop_stop(connection->loop, 0);
}

/* --- Running a session --------------------------------------------------------------------------
 */

static void say_once(struct cli_change_run *run, char *line)
{
    if (run->quiet || (run->said != NULL && strcmp(run->said, line) == 0)) {
        free(line);
        return;
    }
    fprintf(stderr, "%s\n", line);
    free(run->said);
    run->said = line;
}

/* Pods that do not come up: waiting alone does not help, so the ways out are told, once. */
static void offer_stop(struct cli_change_run *run, const struct change_rollout *rollouts,
                       size_t count)
{
    for (size_t i = 0; i < count && !run->warned && !run->quiet; i++) {
        if (rollouts[i].trouble) {
            run->warned = true;
            fprintf(stderr,
                    _("pods do not come up: ^C stops the waiting, pullmend undo %s takes the "
                      "change back\n"),
                    change_session_journal_id(run->session));
        }
    }
}

static void say_progress(struct cli_change_run *run)
{
    size_t count;
    enum change_phase phase = change_session_phase(run->session);
    if (phase == CHANGE_ROLLING) {
        const struct change_rollout *rollouts = change_session_rollouts(run->session, &count);
        struct buffer line;
        buffer_init(&line, 1 << 16);
        for (size_t i = 0; i < count; i++) {
            char *message = text_safe(rollouts[i].message == NULL ? "" : rollouts[i].message);
            if (rollouts[i].desired == 0 && message[0] != '\0') { /* nothing counted yet */
                buffer_printf(&line, "%s%s %s/%s: %s", i > 0 ? "; " : "", rollouts[i].kind,
                              rollouts[i].ns, rollouts[i].name, message);
            } else {
                buffer_printf(&line, _("%s%s %s/%s: %d of %d updated, %d ready%s%s"),
                              i > 0 ? "; " : "", rollouts[i].kind, rollouts[i].ns, rollouts[i].name,
                              rollouts[i].updated, rollouts[i].desired, rollouts[i].ready,
                              message[0] != '\0' ? ", " : "", message);
            }
            free(message);
        }
        say_once(run, buffer_take(&line));
        offer_stop(run, rollouts, count);
    } else if (phase == CHANGE_VERIFYING) {
        char wanted[32];
        int64_t wanted_ms;
        change_session_quiet_ms(run->session, &wanted_ms);
        clock_format_age(wanted_ms, wanted);
        say_once(run, wanted_ms == 0
                          ? xstrdup(_("rolled out; watching whether the warnings have stopped"))
                          : xasprintf(_("rolled out; watching whether no warning comes for %s, two "
                                        "sync periods"),
                                      wanted));
    }
}

static bool is_over(enum change_phase phase)
{
    return phase == CHANGE_DONE || phase == CHANGE_FAILED;
}

static void on_change(void *context)
{
    struct cli_change_run *run = context;
    if (run->session == NULL) {
        return;
    }
    enum change_phase phase = change_session_phase(run->session);
    say_progress(run);
    bool written = phase == CHANGE_ROLLING || phase == CHANGE_VERIFYING;
    if (is_over(phase) || (!run->writing && phase == CHANGE_PREVIEWED) ||
        (run->no_wait && written)) {
        loop_stop(run->connection->loop, 0);
    }
}

const struct change_session_handler cli_change_handler = {on_change};

static void on_timeout(void *context)
{
    struct cli_change_run *run = context;
    run->timer = NULL;
    run->timed_out = true;
    change_session_stop(run->session);
    loop_stop(run->connection->loop, 0);
}

bool cli_change_preview(struct cli_change_run *run, struct error *err)
{
    loop_run(run->connection->loop);
    if (run->connection->interrupted) {
        return error_set(err, ERROR_USAGE, "interrupted; nothing was changed");
    }
    if (change_session_phase(run->session) == CHANGE_FAILED) {
        *err = *change_session_error(run->session);
        return false;
    }
    size_t count;
    const struct change_step *steps = change_session_steps(run->session, &count);
    for (size_t i = 0; i < count; i++) {
        if (steps[i].refusal.kind != ERROR_NONE) {
            *err = steps[i].refusal;
            return error_wrap(err, "the server refuses this change (dry run, nothing was written)");
        }
    }
    return true;
}

/* True if the person types that word. */
static bool ask_for(struct cli_connection *connection, const char *question, const char *word)
{
    struct buffer answer;
    buffer_init(&answer, 1024);
    bool said = cli_ask(connection->loop, question, false, &answer, cli_interrupt, connection);
    bool agreed = said && strcmp(answer.data, word) == 0;
    buffer_free(&answer);
    return agreed;
}

static bool is_listed(const char *const *list, const char *word)
{
    for (; list != NULL && *list != NULL; list++) {
        if (strcmp(*list, word) == 0) {
            return true;
        }
    }
    return false;
}

/* Who sets it back, and whose fields it takes, is confirmed one by one: --yes does not do it. */
static bool confirm_questions(struct cli_change_run *run, const struct cli_values *values,
                              struct error *err)
{
    size_t count;
    const struct change_question *questions = change_session_questions(run->session, &count);
    for (size_t i = 0; i < count; i++) {
        const char *word = questions[i].word;
        bool conflicts = strcmp(word, CHANGE_CONFLICTS) == 0;
        bool agreed = conflicts ? cli_flag(values, CLI_FORCE_CONFLICTS)
                                : is_listed(cli_list(values, CLI_OVERRIDE_OWNER), word);
        if (!agreed && cli_can_ask() && !cli_flag(values, CLI_YES)) {
            char *question = xasprintf(_("Type %s to go on all the same: "), word);
            cli_change_print_question(&questions[i]);
            agreed = ask_for(run->connection, question, word);
            free(question);
        } else if (!agreed) {
            cli_change_print_question(&questions[i]);
        }
        if (!agreed) {
            return conflicts ? error_set(err, ERROR_USAGE,
                                         "not confirmed that fields of others are taken over "
                                         "(--force-conflicts); nothing was changed")
                             : error_set(err, ERROR_USAGE,
                                         "not confirmed that %s sets it back (--override-owner "
                                         "%s); nothing was changed",
                                         word, word);
        }
        change_session_accept(run->session, word);
    }
    return true;
}

static bool confirm(struct cli_change_run *run, const struct cli_values *values, struct error *err)
{
    if (run->sure || cli_flag(values, CLI_YES)) {
        return true;
    }
    if (!cli_can_ask()) {
        return error_set(err, ERROR_USAGE,
                         "nobody can confirm this here (no terminal): add --yes; nothing was "
                         "changed");
    }
    const char *context = kube_config_context(run->connection->config);
    char *question = xasprintf(_("Apply this to %s? Type the context's name (%s) to go on: "),
                               kube_config_server(run->connection->config), context);
    bool agreed = ask_for(run->connection, question, context);
    free(question);
    return agreed || error_set(err, ERROR_USAGE, "not confirmed; nothing was changed");
}

static void print_verdict(const struct cli_change_run *run, FILE *out)
{
    struct buffer text;
    buffer_init(&text, VERDICT_LIMIT);
    change_session_write_verdict(run->session, &text);
    if (text.length > 0 && text.data[text.length - 1] != '\n') {
        buffer_append_char(&text, '\n');
    }
    fwrite(text.data, 1, text.length, out);
    fflush(out);
    buffer_free(&text);
}

static bool anything_written(const struct cli_change_run *run)
{
    size_t count;
    const struct change_step *steps = change_session_steps(run->session, &count);
    for (size_t i = 0; i < count; i++) {
        if (steps[i].progress == CHANGE_STEP_DONE) {
            return true;
        }
    }
    return false;
}

/* ^C once stops after the current object (or the waiting); the second time ends the program. */
static void on_stop(void *context, int signal_number)
{
    struct cli_change_run *run = context;
    if (run->connection->interrupted) {
        loop_on_signal(run->connection->loop, signal_number, NULL, NULL);
        raise(signal_number);
    }
    run->connection->interrupted = true;
    fprintf(stderr, _("stopping after the current object; once more to end at once\n"));
    change_session_stop(run->session);
}

static int write_changes(struct cli_change_run *run, int64_t timeout_ms, struct error *err)
{
    run->writing = true;
    if (!change_session_apply(run->session, err)) {
        return cli_report(err);
    }
    loop_on_signal(run->connection->loop, SIGINT, on_stop, run);
    loop_on_signal(run->connection->loop, SIGTERM, on_stop, run);
    if (timeout_ms > 0) {
        run->timer = loop_after(run->connection->loop, timeout_ms, on_timeout, run);
    }
    if (!is_over(change_session_phase(run->session))) {
        loop_run(run->connection->loop);
    }
    if (run->timer != NULL) {
        loop_cancel_timer(run->connection->loop, run->timer);
    }
    enum change_phase phase = change_session_phase(run->session);
    if (run->timed_out) {
        print_verdict(run, stdout);
        fprintf(stderr, _("pullmend: the rollout was not over after --timeout; it goes on\n"));
        return CLI_EXIT_PARTIAL;
    }
    if (phase == CHANGE_FAILED) {
        print_verdict(run, stdout);
        const struct error *failure = change_session_error(run->session);
        int code = cli_report(failure);
        return anything_written(run) ? CLI_EXIT_PARTIAL : code;
    }
    if (run->no_wait && phase != CHANGE_DONE) {
        printf(_("applied; the rollout goes on. Take it back with: pullmend undo %s\n"),
               change_session_journal_id(run->session));
        return CLI_EXIT_OK;
    }
    print_verdict(run, stdout);
    if (run->connection->interrupted) {
        return CLI_EXIT_INTERRUPTED;
    }
    return run->undoing || change_session_is_sound(run->session) ? CLI_EXIT_OK : CLI_EXIT_PARTIAL;
}

int cli_change_apply(struct cli_change_run *run, const struct cli_values *values,
                     int64_t timeout_ms, struct error *err)
{
    if (!change_session_has_changes(run->session)) {
        cli_change_print_costs(run);
        printf(_("nothing to do\n"));
        return CLI_EXIT_OK;
    }
    cli_change_print_plan(run);
    cli_change_print_left_out(run);
    cli_change_print_diff(run);
    if (!confirm(run, values, err) || !confirm_questions(run, values, err)) {
        return cli_report(err);
    }
    return write_changes(run, timeout_ms, err);
}

void cli_change_end(struct cli_change_run *run)
{
    change_session_free(run->session);
    free(run->said);
}
