/* diff and apply: from flags to an intent, then the session from preview to verdict. */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/clock.h"
#include "base/log.h"
#include "base/text.h"
#include "change/secret.h"
#include "change/session.h"
#include "cli/command.h"
#include "cli/commands.h"
#include "cli/credential.h"
#include "cli/prompt.h"
#include "doc/yaml.h"

enum { DIFF_LIMIT = 1 << 28 };

struct run {
    struct cli_connection *connection;
    struct change_session *session;
    bool quiet;   /* diff: no progress */
    bool writing; /* the first request that writes is under way or done */
    bool no_wait;
    bool timed_out;
    struct loop_timer *timer;
    char *said; /* the last progress line */
};

void cli_interrupt(void *context, int signal_number)
{
    struct cli_connection *connection = context;
    (void)signal_number;
    connection->interrupted = true;
    loop_stop(connection->loop, 0);
}

static bool read_manifests(const struct cli_values *values, struct change_intent *intent,
                           struct error *err)
{
    const char *const *files = cli_list(values, CLI_FILENAME);
    for (size_t i = 0; files != NULL && files[i] != NULL; i++) {
        cJSON **documents = NULL;
        size_t count = 0;
        if (!doc_read_json_documents(files[i], &documents, &count, err)) {
            return false;
        }
        intent->manifests =
            xreallocarray(intent->manifests, intent->manifest_count + count + 1, sizeof(cJSON *));
        for (size_t j = 0; j < count; j++) {
            intent->manifests[intent->manifest_count++] = documents[j];
        }
        free(documents);
    }
    if (intent->manifest_count == 0) {
        return error_set(err, ERROR_USAGE, "-f: no manifest in the files given");
    }
    intent->origin = xasprintf("file %s", files[0]);
    return true;
}

/* Where a new Secret belongs: -n, else the one namespace of the workloads that name it or, failing
 * that, of all that are broken. */
static const char *secret_namespace(const struct cli_connection *connection,
                                    const struct cli_values *values, const char *name,
                                    struct error *err)
{
    const char *chosen = cli_text(values, CLI_NAMESPACE);
    if (chosen != NULL) {
        return chosen;
    }
    const struct csi_census *census = csi_follow_census(connection->follow);
    size_t count;
    struct csi_driver *const *drivers = csi_census_drivers(census, &count);
    for (int pass = 0; pass < 3 && chosen == NULL; pass++) {
        for (size_t i = 0; i < count; i++) {
            for (size_t j = 0; j < drivers[i]->workload_count; j++) {
                const struct csi_workload *workload = drivers[i]->workloads[j];
                bool fits = pass == 2 || (pass == 1 && csi_secret_state_is_broken(workload->state));
                for (size_t k = 0; pass == 0 && k < workload->reference_count; k++) {
                    fits = fits || strcmp(workload->references[k].name, name) == 0;
                }
                if (fits && chosen != NULL && strcmp(chosen, workload->ns) != 0) {
                    error_set(err, ERROR_USAGE,
                              "--create-secret %s: drivers run in %s and in %s; say which by -n",
                              name, chosen, workload->ns);
                    return NULL;
                }
                chosen = fits ? workload->ns : chosen;
            }
        }
    }
    if (chosen == NULL) {
        error_set(err, ERROR_USAGE, "--create-secret %s: no CSI driver was found; say by -n where",
                  name);
    }
    return chosen;
}

static bool read_secret(struct cli_connection *connection, const struct cli_values *values,
                        struct change_intent *intent, struct error *err)
{
    const char *name = cli_text(values, CLI_CREATE_SECRET);
    const char *use = cli_text(values, CLI_USE_SECRET);
    if (!registry_check_secret_name(name, err)) {
        return false;
    }
    if (use != NULL && strcmp(use, name) != 0) {
        return error_set(err, ERROR_USAGE,
                         "--create-secret %s and --use-secret %s must name the same Secret", name,
                         use);
    }
    const char *ns = secret_namespace(connection, values, name, err);
    struct registry_credential *credentials = NULL;
    size_t count = 0;
    if (ns == NULL || !cli_read_credentials(connection, values, &credentials, &count, err)) {
        return false;
    }
    bool done = !cli_flag(values, CLI_VERIFY) ||
                cli_verify_credentials(connection, values, credentials, count, err);
    if (done) {
        intent->secret_object = change_secret_object(ns, name, credentials, count, err);
        done = intent->secret_object != NULL;
    }
    registry_credentials_free(credentials, count);
    free(intent->ns);
    intent->ns = xstrdup(ns);
    intent->secret = xstrdup(name);
    intent->use_secret = use != NULL;
    return done;
}

/* Exactly one CHANGE; --use-secret may go with --create-secret. */
static bool choose_kind(const struct cli_values *values, enum change_kind *kind, struct error *err)
{
    int given = 0;
    if (cli_flag(values, CLI_DROP_REFERENCE)) {
        *kind = CHANGE_DROP_REFERENCE;
        given++;
    }
    if (cli_is_set(values, CLI_FILENAME)) {
        *kind = CHANGE_APPLY;
        given++;
    }
    if (cli_is_set(values, CLI_CREATE_SECRET)) {
        *kind = CHANGE_CREATE_SECRET;
        given++;
    } else if (cli_is_set(values, CLI_USE_SECRET)) {
        *kind = CHANGE_USE_SECRET;
        given++;
    }
    if (given == 1 && *kind != CHANGE_CREATE_SECRET && cli_has_credential_flags(values)) {
        return error_set(err, ERROR_USAGE, "credentials go with --create-secret NAME");
    }
    return given == 1 ||
           error_set(err, ERROR_USAGE,
                     given == 0 ? "which change? One of --use-secret NAME, --drop-reference, "
                                  "--create-secret NAME, --kubespray DIR, -f FILE"
                                : "one change at a time: --use-secret, --drop-reference, "
                                  "--create-secret, --kubespray or -f");
}

static struct change_intent *read_intent(struct cli_connection *connection,
                                         const struct cli_values *values, enum change_kind kind,
                                         struct error *err)
{
    struct change_intent *intent = change_intent_new(kind);
    const char *const *drivers = cli_list(values, CLI_DRIVER);
    if (drivers != NULL) {
        size_t count = values->of[CLI_DRIVER].count;
        intent->drivers = xcalloc(count + 1, sizeof(char *));
        for (size_t i = 0; i < count; i++) {
            intent->drivers[i] = xstrdup(drivers[i]);
        }
    }
    intent->ns = xstrdup_or_null(cli_text(values, CLI_NAMESPACE));
    bool done = true;
    if (kind == CHANGE_USE_SECRET) {
        intent->secret = xstrdup(cli_text(values, CLI_USE_SECRET));
        done = registry_check_secret_name(intent->secret, err);
    } else if (kind == CHANGE_CREATE_SECRET) {
        done = read_secret(connection, values, intent, err);
    } else if (kind == CHANGE_APPLY) {
        done = read_manifests(values, intent, err);
    }
    if (!done) {
        change_intent_free(intent);
        return NULL;
    }
    return intent;
}

/* --- Running a session --------------------------------------------------------------------------
 */

static void say_once(struct run *run, char *line)
{
    if (run->quiet || (run->said != NULL && strcmp(run->said, line) == 0)) {
        free(line);
        return;
    }
    fprintf(stderr, "%s\n", line);
    free(run->said);
    run->said = line;
}

static void say_progress(struct run *run)
{
    size_t count;
    enum change_phase phase = change_session_phase(run->session);
    if (phase == CHANGE_ROLLING) {
        const struct change_rollout *rollouts = change_session_rollouts(run->session, &count);
        struct buffer line;
        buffer_init(&line, 1 << 16);
        for (size_t i = 0; i < count; i++) {
            char *message = text_safe(rollouts[i].message == NULL ? "" : rollouts[i].message);
            buffer_printf(&line, "%s%s %s/%s: %d of %d updated, %d ready%s%s", i > 0 ? "; " : "",
                          rollouts[i].kind, rollouts[i].ns, rollouts[i].name, rollouts[i].updated,
                          rollouts[i].desired, rollouts[i].ready, message[0] != '\0' ? ", " : "",
                          message);
            free(message);
        }
        say_once(run, buffer_take(&line));
    } else if (phase == CHANGE_VERIFYING) {
        say_once(run, xstrdup("rolled out; watching whether the warnings have stopped"));
    }
}

static bool is_over(enum change_phase phase)
{
    return phase == CHANGE_DONE || phase == CHANGE_FAILED;
}

static void on_change(void *context)
{
    struct run *run = context;
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

static void on_timeout(void *context)
{
    struct run *run = context;
    run->timer = NULL;
    run->timed_out = true;
    change_session_stop(run->session);
    loop_stop(run->connection->loop, 0);
}

static void print_diff(struct run *run)
{
    struct buffer text;
    buffer_init(&text, DIFF_LIMIT);
    change_session_write_diff(run->session, &text);
    fwrite(text.data, 1, text.length, stdout);
    fflush(stdout);
    buffer_free(&text);
}

/* What the plan costs and whose objects it touches: on standard error, the diff goes to output. */
static void print_plan(const struct run *run)
{
    const struct change_plan *plan = change_session_plan(run->session);
    size_t count;
    const struct change_step *steps = change_session_steps(run->session, &count);
    char *title = text_safe(plan->title);
    fprintf(stderr, "%s\n", title);
    free(title);
    for (size_t i = 0; plan->costs != NULL && plan->costs[i] != NULL; i++) {
        fprintf(stderr, "  %s\n", plan->costs[i]);
    }
    for (size_t i = 0; i < count; i++) {
        const struct change_object *object = steps[i].object;
        fprintf(stderr, "  %s %s%s%s: %s\n", object->resource->kind,
                object->ns == NULL ? "" : object->ns, object->ns == NULL ? "" : "/", object->name,
                steps[i].refusal.kind != ERROR_NONE ? steps[i].refusal.message
                : steps[i].local ? "computed here; the server was not asked (no right to write)"
                                 : "accepted by the server (dry run)");
        if (object->owner_consequence != NULL) {
            char *consequence = text_safe(object->owner_consequence);
            fprintf(stderr, "    %s\n", consequence);
            free(consequence);
        }
        for (size_t j = 0; steps[i].warnings != NULL && steps[i].warnings[j] != NULL; j++) {
            fprintf(stderr, "    warning: %s\n", steps[i].warnings[j]);
        }
    }
}

/* Waits for the preview; false with the reason. */
static bool preview(struct run *run, struct change_intent *intent, struct error *err)
{
    static const struct change_session_handler handler = {on_change};
    run->session = change_session_start(run->connection->client, run->connection->follow, intent,
                                        &handler, run);
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

static bool confirm(struct run *run, const struct cli_values *values, struct error *err)
{
    if (cli_flag(values, CLI_YES)) {
        return true;
    }
    if (!cli_can_ask()) {
        return error_set(err, ERROR_USAGE,
                         "nobody can confirm this here (no terminal): add --yes; nothing was "
                         "changed");
    }
    const char *context = kube_config_context(run->connection->config);
    char *question = xasprintf("Apply this to %s? Type the context's name (%s) to go on: ",
                               kube_config_server(run->connection->config), context);
    struct buffer answer;
    buffer_init(&answer, 1024);
    bool said =
        cli_ask(run->connection->loop, question, false, &answer, cli_interrupt, run->connection);
    bool agreed = said && strcmp(answer.data, context) == 0;
    buffer_free(&answer);
    free(question);
    return agreed || error_set(err, ERROR_USAGE, "not confirmed; nothing was changed");
}

static void print_verdict(const struct run *run, FILE *out)
{
    struct buffer text;
    buffer_init(&text, DIFF_LIMIT);
    change_session_write_verdict(run->session, &text);
    if (text.length > 0 && text.data[text.length - 1] != '\n') {
        buffer_append_char(&text, '\n');
    }
    fwrite(text.data, 1, text.length, out);
    fflush(out);
    buffer_free(&text);
}

static bool anything_written(const struct run *run)
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
    struct run *run = context;
    if (run->connection->interrupted) {
        loop_on_signal(run->connection->loop, signal_number, NULL, NULL);
        raise(signal_number);
    }
    run->connection->interrupted = true;
    fprintf(stderr, "stopping after the current object; once more to end at once\n");
    change_session_stop(run->session);
}

static int write_changes(struct run *run, int64_t timeout_ms, struct error *err)
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
        fprintf(stderr, "pullmend: the rollout was not over after --timeout; it goes on\n");
        return CLI_EXIT_PARTIAL;
    }
    if (phase == CHANGE_FAILED) {
        print_verdict(run, stdout);
        const struct error *failure = change_session_error(run->session);
        int code = cli_report(failure);
        return anything_written(run) ? CLI_EXIT_PARTIAL : code;
    }
    if (run->no_wait && phase != CHANGE_DONE) {
        printf("applied; the rollout goes on\n");
        return CLI_EXIT_OK;
    }
    print_verdict(run, stdout);
    return run->connection->interrupted ? CLI_EXIT_INTERRUPTED : CLI_EXIT_OK;
}

static int run_apply(struct run *run, const struct cli_values *values, int64_t timeout_ms,
                     struct error *err)
{
    if (!change_session_has_changes(run->session)) {
        printf("nothing to do\n");
        return CLI_EXIT_OK;
    }
    print_plan(run);
    print_diff(run);
    if (!confirm(run, values, err)) {
        return cli_report(err);
    }
    return write_changes(run, timeout_ms, err);
}

static int run_diff(struct run *run)
{
    if (!change_session_has_changes(run->session)) {
        return CLI_EXIT_OK;
    }
    print_plan(run);
    print_diff(run);
    return CLI_EXIT_FINDINGS;
}

static int run_change(const struct cli_values *values, bool apply)
{
    struct cli_connection connection = {0};
    struct run run = {.connection = &connection, .quiet = !apply};
    struct error err = ERROR_INIT;
    struct change_intent *intent = NULL;
    enum change_kind kind = CHANGE_DROP_REFERENCE;
    int64_t timeout_ms;
    int code;
    run.no_wait = cli_flag(values, CLI_NO_WAIT);
    if (!choose_kind(values, &kind, &err) ||
        !cli_duration(values, CLI_TIMEOUT, 0, &timeout_ms, &err)) {
        code = cli_report(&err);
    } else if (apply && cli_flag(values, CLI_READ_ONLY)) {
        error_set(&err, ERROR_USAGE, "--read-only: apply writes, so it is refused");
        code = cli_report(&err);
    } else if (!cli_connect(&connection, values, false, &err) ||
               !cli_take_census(&connection, values, true, true, &err) ||
               (intent = read_intent(&connection, values, kind, &err)) == NULL ||
               !preview(&run, intent, &err)) {
        code = connection.interrupted ? CLI_EXIT_INTERRUPTED : cli_report(&err);
    } else {
        code = apply ? run_apply(&run, values, timeout_ms, &err) : run_diff(&run);
    }
    change_session_free(run.session);
    free(run.said);
    cli_disconnect(&connection);
    return code;
}

int cli_run_diff(const struct cli_values *values)
{
    return run_change(values, false);
}

int cli_run_apply(const struct cli_values *values)
{
    return run_change(values, true);
}
