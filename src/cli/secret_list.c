/* secret list: the registry Secrets, what they are good for and who uses them. */
#include "cli/secret_list.h"

#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "base/log.h"
#include "cli/command.h"
#include "cli/commands.h"
#include "cli/output.h"
#include "cli/secret.h"

enum { OUTPUT_LIMIT = 1 << 28 };

static void print_picture(const struct cli_secret_picture *picture, enum cli_format format)
{
    struct buffer out;
    buffer_init(&out, OUTPUT_LIMIT);
    if (format == CLI_FORMAT_NAME) {
        cli_secret_list_names(picture, &out);
    } else if (format == CLI_FORMAT_JSON || format == CLI_FORMAT_YAML) {
        cJSON *document = cli_secret_list_document(picture);
        cli_write_document(&out, document, format);
        cJSON_Delete(document);
    } else {
        cli_secret_list_table(picture, &out);
    }
    fwrite(out.data, 1, out.length, stdout);
    fflush(stdout);
    buffer_free(&out);
}

/* An empty list must not look like a cluster without Secrets. */
static bool may_list(const struct cli_connection *connection, struct error *err)
{
    const char *const *refused = csi_follow_state(connection->follow)->refused;
    size_t count;
    bool none = false;
    for (size_t i = 0; refused != NULL && refused[i] != NULL; i++) {
        none = none || strcmp(refused[i], "secrets") == 0;
    }
    csi_census_secrets(csi_follow_census(connection->follow), &count);
    if (none && count == 0) {
        return error_set(
            err, ERROR_FORBIDDEN,
            "you may not list Secrets here; -n restricts the list to a namespace where "
            "you may");
    }
    if (none) {
        log_message(LOG_WARNING, "Secrets may not be listed: only those that pods name are shown");
    }
    return true;
}

static bool list(struct cli_connection *connection, const struct cli_values *values,
                 enum cli_format format, struct error *err)
{
    if (!cli_take_census(connection, values, false, true, err) || !may_list(connection, err)) {
        return false;
    }
    struct change_secret_users *users = NULL;
    const char *ns = cli_text(values, CLI_NAMESPACE);
    char **namespaces = cli_secret_namespaces(connection, values);
    bool done = cli_secrets_read_content(connection, ns == NULL ? NULL : namespaces, err) &&
                cli_secret_read_uses(connection, ns, &users, err);
    if (done) {
        struct cli_secret_picture picture = {
            .census = csi_follow_census(connection->follow),
            .uses = change_secret_users_found(users),
            .namespaces = namespaces,
            .elsewhere = ns == NULL,
            .taken_ms = clock_wall_ms(),
            .wide = format == CLI_FORMAT_WIDE,
            .columns = cli_terminal_columns(),
        };
        print_picture(&picture, format);
    }
    cli_free_strings(namespaces);
    change_secret_users_free(users);
    return done;
}

int cli_run_secret_list(const struct cli_values *values)
{
    static const unsigned known = 1U << CLI_FORMAT_TABLE | 1U << CLI_FORMAT_WIDE |
                                  1U << CLI_FORMAT_JSON | 1U << CLI_FORMAT_YAML |
                                  1U << CLI_FORMAT_NAME;
    struct cli_connection connection = {0};
    struct error err = ERROR_INIT;
    enum cli_format format;
    int code = CLI_EXIT_OK;
    if (!cli_read_format(values, known, &format, &err) ||
        !cli_connect(&connection, values, true, &err) || !list(&connection, values, format, &err)) {
        code = connection.interrupted ? CLI_EXIT_INTERRUPTED : cli_report(&err);
    }
    cli_disconnect(&connection);
    return code;
}
