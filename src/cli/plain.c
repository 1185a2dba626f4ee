/* The session as lines and prompts: what is wrong, the ways out, one question at a time. For screen
 * readers, dumb terminals and scripts that answer on standard input. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/clock.h"
#include "base/language.h"
#include "base/text.h"
#include "change/rights.h"
#include "change/secret.h"
#include "cli/change_run.h"
#include "cli/command.h"
#include "cli/commands.h"
#include "cli/credential.h"
#include "cli/prompt.h"
#include "csi/findings.h"
#include "registry/credential.h"

enum { ANSWER_LIMIT = 65536 };

struct plain {
    struct cli_connection connection;
    const struct cli_values *values;
    struct csi_findings findings;
    struct change_rights rights;
};

/* --- Telling ------------------------------------------------------------------------------------
 */

static void say(const char *text)
{
    char *safe = text_safe(text);
    printf("%s\n", safe);
    free(safe);
}

static size_t unknown_pods(const struct csi_driver *driver)
{
    size_t unknown = 0;
    for (size_t i = 0; i < driver->workload_count; i++) {
        for (size_t j = 0; j < driver->workloads[i]->pod_count; j++) {
            unknown += driver->workloads[i]->pods[j]->state == CSI_SECRET_UNKNOWN ? 1 : 0;
        }
    }
    return unknown;
}

static size_t all_unknown(const struct csi_census *census)
{
    size_t count;
    size_t unknown = 0;
    struct csi_driver *const *drivers = csi_census_drivers(census, &count);
    for (size_t i = 0; i < count; i++) {
        unknown += unknown_pods(drivers[i]);
    }
    return unknown;
}

static void tell_driver(const struct csi_driver *driver)
{
    size_t unknown = unknown_pods(driver);
    char rate[128];
    snprintf(rate, sizeof(rate), "%s", _("their warnings are not counted yet"));
    if (driver->warnings.rate_known) {
        snprintf(rate, sizeof(rate),
                 driver->warnings.lower_bound ? _("at least %.0f warnings a day")
                                              : _("%.0f warnings a day"),
                 driver->warnings.per_day);
    }
    char *line =
        unknown > 0
            ? xasprintf(_("Driver %s: %zu pods, %zu with a broken pull secret, %zu that cannot be "
                          "judged with your rights, %s."),
                        driver->name, driver->pod_count, driver->broken_pods, unknown, rate)
            : xasprintf(_("Driver %s: %zu pods, %zu with a broken pull secret, %s."), driver->name,
                        driver->pod_count, driver->broken_pods, rate);
    say(line);
    free(line);
}

static void tell_findings(const struct plain *plain)
{
    for (size_t i = 0; i < plain->findings.count; i++) {
        const struct csi_finding *finding = &plain->findings.items[i];
        char *line = xasprintf(_("Finding %zu, %s, %s: %s %s"), i + 1,
                               _(csi_severity_name(finding->severity)), finding->driver,
                               finding->message, finding->explanation);
        say(line);
        free(line);
        for (size_t j = 0; j < finding->fix_count; j++) {
            const struct csi_fix *fix = &finding->fixes[j];
            line = xasprintf(_("  Way %zu.%zu: %s. Pods that restart: %d."), i + 1, j + 1,
                             fix->text, fix->restarts);
            say(line);
            free(line);
        }
    }
    if (plain->findings.count == 0) {
        printf(_("Nothing is wrong: every pull-secret reference is sound, or none is needed.\n"));
    }
}

static void tell_picture(struct plain *plain)
{
    struct csi_census *census = csi_follow_census(plain->connection.follow);
    const struct kube_config *config = plain->connection.config;
    csi_census_settle(census, clock_wall_ms());
    csi_findings_free(&plain->findings);
    csi_diagnose(census, &plain->findings);
    char *where = xasprintf(_("Cluster %s at %s. You are %s."), kube_config_context(config),
                            kube_config_server(config), kube_config_user(config));
    say(where);
    free(where);
    size_t count;
    struct csi_driver *const *drivers = csi_census_drivers(census, &count);
    for (size_t i = 0; i < count; i++) {
        tell_driver(drivers[i]);
    }
    if (count == 0) {
        printf(_("No CSI driver was found in this cluster.\n"));
    }
    tell_findings(plain);
}

/* --- Rights: what is missing, and who can give it -----------------------------------------------
 */

static void on_right(void *context)
{
    struct plain *plain = context;
    if (change_rights_known(&plain->rights)) {
        loop_stop(plain->connection.loop, 0);
    }
}

static void ask_rights(struct plain *plain)
{
    if (cli_flag(plain->values, CLI_READ_ONLY)) {
        return; /* the question itself would be a POST */
    }
    change_rights_ask(&plain->rights, plain->connection.client,
                      cli_text(plain->values, CLI_NAMESPACE), on_right, plain);
    loop_run(plain->connection.loop);
    size_t missing = change_rights_missing(&plain->rights);
    if (missing > 0) {
        struct buffer role;
        buffer_init(&role, ANSWER_LIMIT);
        change_rights_write_role(&plain->rights, &role);
        printf(_("You lack %zu rights. An administrator of the cluster can give you this role:\n"),
               missing);
        printf("%s", role.data);
        buffer_free(&role);
    }
    change_rights_stop(&plain->rights);
}

/* --- Asking -------------------------------------------------------------------------------------
 */

/* False at the end of input. The answer may be empty. */
static bool ask(struct plain *plain, const char *question, bool hidden, struct buffer *answer)
{
    buffer_clear(answer);
    return cli_ask(plain->connection.loop, question, hidden, answer, cli_interrupt,
                   &plain->connection);
}

/* A text with a proposal for an empty answer; NULL at the end of input. */
static char *ask_text(struct plain *plain, const char *what, const char *proposal)
{
    struct buffer answer;
    char *question =
        proposal[0] == '\0' ? xasprintf("%s: ", what) : xasprintf("%s [%s]: ", what, proposal);
    buffer_init(&answer, ANSWER_LIMIT);
    char *text = NULL;
    if (ask(plain, question, false, &answer)) {
        text = answer.length == 0 ? xstrdup(proposal) : buffer_take(&answer);
    }
    buffer_free(&answer);
    free(question);
    return text;
}

static bool ask_credential(struct plain *plain, struct registry_credential *credential)
{
    struct buffer password;
    buffer_init_secret(&password, ANSWER_LIMIT);
    char *server = ask_text(plain, _("Registry (as ghcr.io)"), "");
    char *user = server == NULL ? NULL : ask_text(plain, _("User name"), "");
    bool done = user != NULL && ask(plain, _("Password (not shown): "), true, &password);
    struct error err = ERROR_INIT;
    if (done && (!registry_check_server(server, NULL, &err) ||
                 !registry_check_username(user, strlen(user), &err) ||
                 !registry_check_password(password.data, password.length, NULL, &err))) {
        cli_report(&err);
        done = false;
    }
    if (done) {
        registry_credential_set(credential, server, user, password.data, password.length, NULL,
                                NULL);
    }
    buffer_free(&password);
    free(server);
    free(user);
    return done;
}

/* --- Changes ------------------------------------------------------------------------------------
 */

static struct change_intent *new_secret(struct plain *plain, const struct csi_finding *finding,
                                        const struct csi_fix *fix)
{
    struct registry_credential credential = {0};
    struct error err = ERROR_INIT;
    const char *name = fix->secret != NULL ? fix->secret : finding->secret_name;
    size_t count = fix->change == CSI_CHANGE_CREATE_EMPTY ? 0 : 1;
    if (count > 0 && !ask_credential(plain, &credential)) {
        return NULL;
    }
    cJSON *object = change_secret_object(finding->secret_namespace, name, &credential, count, &err);
    registry_credential_free(&credential);
    if (object == NULL) {
        cli_report(&err);
        return NULL;
    }
    struct change_intent *intent = change_intent_for(finding, CHANGE_CREATE_SECRET);
    intent->ns = xstrdup(finding->secret_namespace);
    intent->secret = xstrdup(name);
    intent->secret_object = object;
    return intent;
}

static struct change_intent *read_way(struct plain *plain, const struct csi_finding *finding,
                                      const struct csi_fix *fix)
{
    struct change_intent *intent = NULL;
    char *name;
    switch (fix->change) {
    case CSI_CHANGE_DROP_REFERENCE:
        return change_intent_for(finding, CHANGE_DROP_REFERENCE);
    case CSI_CHANGE_CREATE_SECRET:
    case CSI_CHANGE_CREATE_EMPTY:
        return new_secret(plain, finding, fix);
    case CSI_CHANGE_USE_SECRET:
        name =
            ask_text(plain, _("Name of the Secret to use"), fix->secret == NULL ? "" : fix->secret);
        if (name != NULL && name[0] != '\0') {
            intent = change_intent_for(finding, CHANGE_USE_SECRET);
            intent->secret = xstrdup(name);
        }
        free(name);
        return intent;
    default:
        name = xasprintf(_("Run: %s"), fix->command);
        say(name);
        free(name);
        return NULL;
    }
}

static int change(struct plain *plain, const struct csi_finding *finding, const struct csi_fix *fix)
{
    struct error err = ERROR_INIT;
    struct change_intent *intent = read_way(plain, finding, fix);
    if (intent == NULL) {
        return CLI_EXIT_OK;
    }
    struct cli_change_run run = {.connection = &plain->connection};
    run.session = change_session_start(plain->connection.client, plain->connection.follow, intent,
                                       &cli_change_handler, &run);
    int code = cli_change_preview(&run, &err) ? cli_change_apply(&run, plain->values, 0, &err)
                                              : cli_report(&err);
    cli_change_end(&run);
    return code;
}

/* "1.2": the second way of the first finding. */
static bool read_choice(const struct plain *plain, const char *text, size_t *finding, size_t *way)
{
    return sscanf(text, "%zu.%zu", finding, way) == 2 && *finding > 0 &&
           *finding <= plain->findings.count && *way > 0 &&
           *way <= plain->findings.items[*finding - 1].fix_count;
}

/* Flags have answered already: which change, with what credential. */
static int change_by_flags(struct plain *plain)
{
    struct error err = ERROR_INIT;
    struct cli_change_run run = {.connection = &plain->connection,
                                 .no_wait = cli_flag(plain->values, CLI_NO_WAIT)};
    int64_t timeout_ms;
    int code;
    tell_picture(plain);
    struct change_intent *intent = !cli_duration(plain->values, CLI_TIMEOUT, 0, &timeout_ms, &err)
                                       ? NULL
                                       : cli_change_intent(&plain->connection, plain->values, &err);
    if (intent == NULL) {
        return cli_report(&err);
    }
    run.session = change_session_start(plain->connection.client, plain->connection.follow, intent,
                                       &cli_change_handler, &run);
    code = cli_change_preview(&run, &err) ? cli_change_apply(&run, plain->values, timeout_ms, &err)
                                          : cli_report(&err);
    bool wrote = code == CLI_EXIT_OK && change_session_has_changes(run.session);
    cli_change_end(&run);
    if (!run.no_wait) {
        tell_picture(plain);
    }
    size_t unknown = all_unknown(csi_follow_census(plain->connection.follow));
    if (code == CLI_EXIT_OK && unknown > 0) {
        error_set(&err, ERROR_FORBIDDEN,
                  "the pull secrets of %zu pods cannot be judged with your rights: the role above "
                  "is what to ask for",
                  unknown);
        code = cli_report(&err);
        return wrote ? CLI_EXIT_PARTIAL : code;
    }
    return code;
}

static int talk(struct plain *plain)
{
    int code = CLI_EXIT_OK;
    struct buffer answer;
    buffer_init(&answer, ANSWER_LIMIT);
    bool writes = !cli_only_reads(plain->values);
    tell_picture(plain);
    while (!plain->connection.interrupted) {
        const char *question = writes ? _("Which way (as 1.1), s to see again, q to leave: ")
                                      : _("s to see again, q to leave (read-only): ");
        size_t finding, way;
        if (!ask(plain, question, false, &answer) || strcmp(answer.data, "q") == 0) {
            break;
        }
        if (strcmp(answer.data, "s") == 0) {
            tell_picture(plain);
        } else if (writes && read_choice(plain, answer.data, &finding, &way)) {
            const struct csi_finding *chosen = &plain->findings.items[finding - 1];
            code = change(plain, chosen, &chosen->fixes[way - 1]);
            tell_picture(plain);
        } else {
            printf(_("That is none of the answers.\n"));
        }
        fflush(stdout);
    }
    buffer_free(&answer);
    return plain->connection.interrupted ? CLI_EXIT_INTERRUPTED : code;
}

int cli_run_plain(const struct cli_values *values)
{
    struct plain plain = {.values = values};
    struct error err = ERROR_INIT;
    int code;
    if (!cli_connect(&plain.connection, values, false, &err) ||
        !cli_take_census(&plain.connection, values, true, true, &err)) {
        code = plain.connection.interrupted ? CLI_EXIT_INTERRUPTED : cli_report(&err);
    } else {
        ask_rights(&plain);
        code = cli_change_is_given(values) ? change_by_flags(&plain) : talk(&plain);
    }
    csi_findings_free(&plain.findings);
    cli_disconnect(&plain.connection);
    return code;
}
