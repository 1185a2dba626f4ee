/* secret rotate: new credentials in place; type, labels, annotations and other entries stay. */
#include <stdlib.h>

#include "cli/command.h"
#include "cli/commands.h"
#include "cli/credential.h"
#include "cli/secret.h"
#include "cli/secret_write.h"
#include "doc/json.h"

/* NAME or NS/NAME. */
static bool find_place(const struct cli_connection *connection, const struct cli_values *values,
                       char **ns, char **name, struct error *err)
{
    if (values->argument_count == 0) {
        return error_set(err, ERROR_USAGE, "which Secret? secret rotate NAME");
    }
    return cli_secret_argument(connection, values, "secret rotate", values->arguments[0], ns, name,
                               err);
}

static struct change_intent *rotate(struct cli_connection *connection,
                                    const struct cli_values *values, struct error *err)
{
    struct registry_credential *credentials = NULL;
    size_t count = 0;
    struct change_intent *intent = NULL;
    cJSON *live = NULL;
    char *ns = NULL;
    char *name = NULL;
    if (cli_flag(values, CLI_EMPTY)) {
        error_set(err, ERROR_USAGE, "--empty: a rotation wants a credential to put in");
        return NULL;
    }
    bool ready = find_place(connection, values, &ns, &name, err) &&
                 cli_secret_get(connection, ns, name, &live, err) &&
                 cli_read_credentials(connection, values, &credentials, &count, err) &&
                 (!cli_flag(values, CLI_VERIFY) ||
                  cli_verify_credentials(connection, values, credentials, count, err));
    if (ready) {
        intent = cli_secret_merge(connection, values, live, credentials, count, err);
    }
    registry_credentials_free(credentials, count);
    json_delete_secret(live);
    free(ns);
    free(name);
    return intent;
}

int cli_run_secret_rotate(const struct cli_values *values)
{
    return cli_secret_command(values, "rotate", rotate);
}
