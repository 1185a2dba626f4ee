#include "cli/credential.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/file.h"
#include "base/language.h"
#include "base/log.h"
#include "base/secret.h"
#include "base/text.h"
#include "cli/prompt.h"
#include "cli/secret.h"
#include "doc/json.h"
#include "registry/credential_source.h"
#include "registry/dockerconfig.h"
#include "registry/reference.h"

enum { PASSWORD_LIMIT = 65536, LINE_LIMIT = 1024 };

bool cli_has_credential_flags(const struct cli_values *values)
{
    static const enum cli_option_id flags[] = {CLI_DOCKER_SERVER,        CLI_DOCKER_USERNAME,
                                               CLI_DOCKER_EMAIL,         CLI_DOCKER_PASSWORD_STDIN,
                                               CLI_DOCKER_PASSWORD_FILE, CLI_FROM_DOCKER_CONFIG,
                                               CLI_FROM_SECRET,          CLI_EMPTY};
    for (size_t i = 0; i < ARRAY_LENGTH(flags); i++) {
        if (cli_is_set(values, flags[i])) {
            return true;
        }
    }
    return false;
}

/* The one newline that echo and editors put behind a password is not part of it. */
static void drop_newline(struct buffer *text)
{
    if (text->length > 0 && text->data[text->length - 1] == '\n') {
        buffer_truncate(text, text->length - 1);
        if (text->length > 0 && text->data[text->length - 1] == '\r') {
            buffer_truncate(text, text->length - 1);
        }
    }
}

static bool ask_line(struct cli_connection *connection, const char *question, bool hidden,
                     struct buffer *answer, struct error *err)
{
    if (!cli_can_ask()) {
        return error_set(err, ERROR_USAGE,
                         "nobody can be asked here (no terminal): %sgive it by a flag", question);
    }
    return cli_ask(connection->loop, question, hidden, answer, cli_interrupt, connection) ||
           error_set(err, ERROR_USAGE, "no answer to \"%s\"; nothing was changed", question);
}

static bool read_password(struct cli_connection *connection, const struct cli_values *values,
                          struct buffer *password, struct error *err)
{
    const char *file = cli_text(values, CLI_DOCKER_PASSWORD_FILE);
    if (cli_flag(values, CLI_DOCKER_PASSWORD_STDIN)) {
        file = "-";
    }
    if (file == NULL) {
        return ask_line(connection, _("Password: "), true, password, err);
    }
    if (!file_read(file, password, err)) {
        err->kind = ERROR_USAGE; /* a flag's fault, whatever is wrong with the file */
        return false;
    }
    drop_newline(password);
    return true;
}

static void say_note(char *note)
{
    if (note != NULL) {
        log_message(LOG_WARNING, "%s", note);
        free(note);
    }
}

static bool typed_credential(struct cli_connection *connection, const struct cli_values *values,
                             struct registry_credential **out, size_t *count, struct error *err)
{
    struct buffer user;
    struct buffer password;
    buffer_init(&user, LINE_LIMIT);
    buffer_init_secret(&password, PASSWORD_LIMIT);
    const char *server = cli_text(values, CLI_DOCKER_SERVER);
    const char *given = cli_text(values, CLI_DOCKER_USERNAME);
    char *note = NULL;
    if (server == NULL) {
        server = "https://index.docker.io/v1/";
    }
    bool done = registry_check_server(server, &note, err);
    say_note(note);
    note = NULL;
    if (done && given != NULL) {
        buffer_append_string(&user, given);
    } else if (done) {
        done = ask_line(connection, _("User name: "), false, &user, err);
    }
    done = done && registry_check_username(user.data, user.length, err) &&
           read_password(connection, values, &password, err) &&
           registry_check_password(password.data, password.length, &note, err);
    say_note(note);
    if (done) {
        *out = xcalloc(1, sizeof(**out));
        *count = 1;
        registry_credential_set(*out, server, user.data, password.data, password.length,
                                cli_text(values, CLI_DOCKER_EMAIL), NULL);
    }
    buffer_free(&user);
    buffer_free(&password);
    return done;
}

/* --- From docker's or podman's configuration ----------------------------------------------------
 */

struct sourcing {
    struct cli_connection *connection;
    struct registry_credential *credentials;
    size_t count;
    struct error err;
};

static void on_sourced(void *context, struct registry_credential *credentials, size_t count,
                       const char *skipped, const struct error *err)
{
    struct sourcing *sourcing = context;
    sourcing->credentials = credentials;
    sourcing->count = count;
    sourcing->err = *err;
    if (skipped != NULL) {
        log_message(LOG_WARNING, "%s", skipped);
    }
    loop_stop(sourcing->connection->loop, 0);
}

static void append_credentials(struct registry_credential **all, size_t *count,
                               struct registry_credential *more, size_t more_count)
{
    *all = xreallocarray(*all, *count + more_count, sizeof(**all));
    memcpy(*all + *count, more, more_count * sizeof(**all));
    *count += more_count;
    free(more);
}

static bool docker_credentials(struct cli_connection *connection, const struct cli_values *values,
                               struct registry_credential **out, size_t *count, struct error *err)
{
    static const char *const every[] = {NULL};
    const char *const *hosts = cli_list(values, CLI_REGISTRY);
    size_t wanted = hosts == NULL ? 1 : values->of[CLI_REGISTRY].count;
    const char *path = cli_text(values, CLI_FROM_DOCKER_CONFIG);
    if (hosts == NULL) {
        hosts = every;
    }
    for (size_t i = 0; i < wanted; i++) {
        struct credential_source_options options = {.path = path[0] == '\0' ? NULL : path,
                                                    .registry = hosts[i]};
        struct sourcing sourcing = {.connection = connection};
        struct credential_source *source =
            credential_source_start(connection->loop, &options, on_sourced, &sourcing);
        loop_run(connection->loop);
        if (connection->interrupted) {
            credential_source_cancel(source);
            return error_set(err, ERROR_USAGE, "interrupted; nothing was changed");
        }
        if (sourcing.err.kind != ERROR_NONE) {
            *err = sourcing.err;
            /* Nothing that a server said. */
            err->kind = err->kind == ERROR_NOT_FOUND ? ERROR_USAGE : err->kind;
            return false;
        }
        append_credentials(out, count, sourcing.credentials, sourcing.count);
    }
    return true;
}

/* --- From another Secret ------------------------------------------------------------------------
 */

static bool secret_credentials(struct cli_connection *connection, const struct cli_values *values,
                               struct registry_credential **out, size_t *count, struct error *err)
{
    const char *label = cli_text(values, CLI_FROM_SECRET);
    char *ns;
    char *name;
    cJSON *secret = NULL;
    struct docker_config config = {0};
    if (!cli_split_name("--from-secret", label, &ns, &name, err)) {
        return false;
    }
    bool done = cli_secret_get(connection, ns, name, &secret, err) &&
                cli_secret_config(secret, label, &config, err);
    free(ns);
    free(name);
    json_delete_secret(secret);
    if (!done) {
        return error_wrap(err, "--from-secret");
    }
    *out = xcalloc(config.count + 1, sizeof(**out));
    *count = config.count;
    for (size_t i = 0; i < config.count; i++) {
        const struct docker_auth *auth = &config.auths[i];
        registry_credential_set(&(*out)[i], auth->key, auth->username, auth->password,
                                auth->password_length, auth->email, label);
    }
    docker_config_free(&config);
    return true;
}

bool cli_read_credentials(struct cli_connection *connection, const struct cli_values *values,
                          struct registry_credential **credentials, size_t *count,
                          struct error *err)
{
    *credentials = NULL;
    *count = 0;
    bool typed = cli_is_set(values, CLI_DOCKER_SERVER) || cli_is_set(values, CLI_DOCKER_USERNAME) ||
                 cli_is_set(values, CLI_DOCKER_PASSWORD_FILE) ||
                 cli_flag(values, CLI_DOCKER_PASSWORD_STDIN);
    int sources = (cli_flag(values, CLI_EMPTY) ? 1 : 0) + (typed ? 1 : 0) +
                  (cli_is_set(values, CLI_FROM_DOCKER_CONFIG) ? 1 : 0) +
                  (cli_is_set(values, CLI_FROM_SECRET) ? 1 : 0);
    if (sources > 1) {
        return error_set(err, ERROR_USAGE,
                         "credentials from one place only: --docker-username, "
                         "--from-docker-config, --from-secret or --empty");
    }
    bool done = true;
    if (cli_is_set(values, CLI_FROM_DOCKER_CONFIG)) {
        done = docker_credentials(connection, values, credentials, count, err);
    } else if (cli_is_set(values, CLI_FROM_SECRET)) {
        done = secret_credentials(connection, values, credentials, count, err);
    } else if (!cli_flag(values, CLI_EMPTY)) {
        done = typed_credential(connection, values, credentials, count, err);
    }
    if (!done) {
        registry_credentials_free(*credentials, *count);
        *credentials = NULL;
        *count = 0;
    }
    return done;
}
