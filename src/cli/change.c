/* diff and apply: from flags to an intent, then the session from preview to verdict. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/language.h"
#include "change/secret.h"
#include "cli/change_run.h"
#include "cli/command.h"
#include "cli/commands.h"
#include "cli/credential.h"
#include "cli/kubespray.h"
#include "cli/secret.h"
#include "doc/yaml.h"

enum { WARNINGS_LIMIT = 1 << 16 };

static bool read_manifests(const struct cli_values *values, struct change_intent *intent,
                           struct error *err)
{
    const char *const *files = cli_list(values, CLI_FILENAME);
    for (size_t i = 0; files != NULL && files[i] != NULL; i++) {
        cJSON **documents = NULL;
        size_t count = 0;
        struct buffer warnings;
        buffer_init(&warnings, WARNINGS_LIMIT);
        bool read = doc_read_json_documents(files[i], &documents, &count, &warnings, err);
        cli_change_print_lines(_("warning: "), warnings.data);
        buffer_free(&warnings);
        if (!read) {
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
    intent->origin = xasprintf(_("file %s"), files[0]);
    return true;
}

static bool read_secret(struct cli_connection *connection, const struct cli_values *values,
                        struct change_intent *intent, struct error *err)
{
    const char *name = cli_text(values, CLI_CREATE_SECRET);
    if (!registry_check_secret_name(name, err)) {
        return false;
    }
    char *ns = cli_secret_place(connection, values, "--create-secret", name, err);
    struct registry_credential *credentials = NULL;
    size_t count = 0;
    free(intent->ns);
    intent->ns = ns;
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
    intent->secret = xstrdup(name);
    intent->use_secret = cli_is_set(values, CLI_USE_SECRET);
    intent->attach = cli_is_set(values, CLI_ATTACH_SERVICEACCOUNT);
    return done;
}

/* What goes with --create-secret is about that Secret. */
static bool names_agree(const struct cli_values *values, struct error *err)
{
    const char *name = cli_text(values, CLI_CREATE_SECRET);
    const char *use = cli_text(values, CLI_USE_SECRET);
    const char *attach = cli_text(values, CLI_ATTACH_SERVICEACCOUNT);
    if (use != NULL && strcmp(use, name) != 0) {
        return error_set(err, ERROR_USAGE,
                         "--create-secret %s and --use-secret %s must name the same Secret", name,
                         use);
    }
    return attach == NULL || strcmp(attach, name) == 0 ||
           error_set(err, ERROR_USAGE,
                     "--create-secret %s and --attach-serviceaccount %s must name the same Secret",
                     name, attach);
}

/* Exactly one CHANGE; --use-secret or --attach-serviceaccount may go with --create-secret. */
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
    bool attaches = cli_is_set(values, CLI_ATTACH_SERVICEACCOUNT);
    if (cli_is_set(values, CLI_CREATE_SECRET)) {
        *kind = CHANGE_CREATE_SECRET;
        given += attaches && cli_is_set(values, CLI_USE_SECRET) ? 2 : 1;
    } else if (attaches) {
        *kind = CHANGE_ATTACH_TO_SERVICE_ACCOUNT;
        given += cli_is_set(values, CLI_USE_SECRET) ? 2 : 1;
    } else if (cli_is_set(values, CLI_USE_SECRET)) {
        *kind = CHANGE_USE_SECRET;
        given++;
    }
    /* A checkout that the configuration names is no change unless it is asked for. */
    if (values->of[CLI_KUBESPRAY].origin == CLI_FROM_FLAG ||
        (given == 0 && cli_is_set(values, CLI_KUBESPRAY))) {
        *kind = CHANGE_APPLY;
        given++;
    }
    if (given == 1 && *kind != CHANGE_CREATE_SECRET && cli_has_credential_flags(values)) {
        return error_set(err, ERROR_USAGE, "credentials go with --create-secret NAME");
    }
    if (given == 1 && *kind == CHANGE_CREATE_SECRET && !names_agree(values, err)) {
        return false;
    }
    return given == 1 ||
           error_set(
               err, ERROR_USAGE,
               given == 0
                   ? N_("which change? One of --use-secret NAME, --drop-reference, "
                        "--create-secret NAME, --attach-serviceaccount NAME, --kubespray DIR, "
                        "-f FILE")
                   : N_("one change at a time: --use-secret, --drop-reference, "
                        "--create-secret, --attach-serviceaccount, --kubespray or -f"));
}

/* A name that no driver has would be "nothing to do", and a script would take it for success. */
static bool drivers_are_there(const struct cli_connection *connection,
                              const struct cli_values *values, struct error *err)
{
    const char *const *names = cli_list(values, CLI_DRIVER);
    size_t count;
    struct csi_driver *const *drivers =
        csi_census_drivers(csi_follow_census(connection->follow), &count);
    for (; names != NULL && *names != NULL; names++) {
        size_t i = 0;
        while (i < count && strcmp(drivers[i]->name, *names) != 0 &&
               (drivers[i]->kubespray == NULL || strcmp(drivers[i]->kubespray, *names) != 0)) {
            i++;
        }
        if (i == count) {
            return error_set(err, ERROR_USAGE,
                             "--driver %s: this cluster has no such CSI driver (pullmend status "
                             "names them)",
                             *names);
        }
    }
    return true;
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
    bool done = kind == CHANGE_APPLY || drivers_are_there(connection, values, err);
    if (!done) {
        change_intent_free(intent);
        return NULL;
    }
    if (kind == CHANGE_USE_SECRET) {
        intent->secret = xstrdup(cli_text(values, CLI_USE_SECRET));
        done = registry_check_secret_name(intent->secret, err);
    } else if (kind == CHANGE_ATTACH_TO_SERVICE_ACCOUNT) {
        intent->secret = xstrdup(cli_text(values, CLI_ATTACH_SERVICEACCOUNT));
        done = registry_check_secret_name(intent->secret, err);
    } else if (kind == CHANGE_CREATE_SECRET) {
        done = read_secret(connection, values, intent, err);
    } else if (kind == CHANGE_APPLY && !cli_is_set(values, CLI_FILENAME)) {
        done = cli_render_manifests(values, csi_follow_census(connection->follow), intent, err);
    } else if (kind == CHANGE_APPLY) {
        done = read_manifests(values, intent, err);
    }
    if (!done) {
        change_intent_free(intent);
        return NULL;
    }
    return intent;
}

bool cli_change_is_given(const struct cli_values *values)
{
    return cli_flag(values, CLI_DROP_REFERENCE) || cli_is_set(values, CLI_USE_SECRET) ||
           cli_is_set(values, CLI_CREATE_SECRET) || cli_is_set(values, CLI_FILENAME);
}

struct change_intent *cli_change_intent(struct cli_connection *connection,
                                        const struct cli_values *values, struct error *err)
{
    enum change_kind kind = CHANGE_DROP_REFERENCE;
    return choose_kind(values, &kind, err) ? read_intent(connection, values, kind, err) : NULL;
}

static bool start(struct cli_change_run *run, struct change_intent *intent)
{
    run->session = change_session_start(run->connection->client, run->connection->follow, intent,
                                        &cli_change_handler, run);
    return true;
}

static int run_change(const struct cli_values *values, bool apply)
{
    struct cli_connection connection = {0};
    struct cli_change_run run = {.connection = &connection, .quiet = !apply};
    struct error err = ERROR_INIT;
    struct change_intent *intent = NULL;
    enum change_kind kind = CHANGE_DROP_REFERENCE;
    enum cli_change_format format = CLI_CHANGE_DIFF;
    int64_t timeout_ms;
    int code = CLI_EXIT_USAGE;
    run.no_wait = cli_flag(values, CLI_NO_WAIT);
    if (!choose_kind(values, &kind, &err) ||
        (!apply && !cli_change_read_format(values, &format, &err)) ||
        !cli_duration(values, CLI_TIMEOUT, 0, &timeout_ms, &err)) {
        code = cli_report(&err);
    } else if (apply && cli_only_reads(values)) {
        error_set(&err, ERROR_USAGE, "--read-only: apply writes, so it is refused");
        code = cli_report(&err);
    } else if (!cli_connect(&connection, values, false, &err)) {
        code = cli_report(&err);
    } else if (cli_change_offer_interrupted(&connection, values, apply, &code) &&
               (!cli_take_census(&connection, values, true, true, &err) ||
                (intent = read_intent(&connection, values, kind, &err)) == NULL ||
                !start(&run, intent) || !cli_change_preview(&run, &err))) {
        code = connection.interrupted ? CLI_EXIT_INTERRUPTED : cli_report(&err);
    } else if (run.session != NULL) {
        code = apply ? cli_change_apply(&run, values, timeout_ms, &err)
                     : cli_change_print(&run, format);
    }
    cli_change_end(&run);
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
