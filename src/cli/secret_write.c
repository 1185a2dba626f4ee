/* What the commands that write Secrets share: the intent, the run, what there is before. */
#include "cli/secret_write.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/text.h"
#include "cli/change_run.h"
#include "cli/command.h"
#include "cli/secret.h"
#include "doc/json.h"

enum { TEXT_LIMIT = 1 << 16, MOST_USERS = 8 };

struct change_intent *cli_secret_intent(enum change_kind kind, const struct cli_values *values,
                                        const char *ns, const char *name, cJSON *object)
{
    struct change_intent *intent = change_intent_new(kind);
    const char *const *drivers = cli_list(values, CLI_DRIVER);
    size_t count = drivers == NULL ? 0 : values->of[CLI_DRIVER].count;
    if (count > 0) {
        intent->drivers = xcalloc(count + 1, sizeof(char *));
    }
    for (size_t i = 0; i < count; i++) {
        intent->drivers[i] = xstrdup(drivers[i]);
    }
    intent->ns = xstrdup(ns);
    intent->secret = xstrdup(name);
    intent->secret_object = object;
    return intent;
}

bool cli_secret_find(struct cli_connection *connection, const char *ns, const char *name,
                     cJSON **out, struct error *err)
{
    struct error why = ERROR_INIT;
    if (cli_secret_get(connection, ns, name, out, &why) || why.kind == ERROR_NOT_FOUND) {
        return true;
    }
    *err = why;
    return false;
}

char *cli_secret_users(struct cli_connection *connection, const char *ns, const char *name,
                       struct error *err)
{
    struct change_secret_users *users = NULL;
    char *text = NULL;
    if (cli_secret_read_uses(connection, ns, &users, err)) {
        struct buffer out;
        buffer_init(&out, TEXT_LIMIT);
        change_secret_uses_describe(change_secret_users_found(users), ns, name, MOST_USERS, &out);
        text = text_safe(out.data);
        buffer_free(&out);
    }
    change_secret_users_free(users);
    return text;
}

/* --- The run ------------------------------------------------------------------------------------
 */

/* Nothing that is there changes: made anew, and no pod restarts. */
static bool only_adds(const struct change_session *session)
{
    const struct change_plan *plan = change_session_plan(session);
    for (size_t i = 0; i < plan->count; i++) {
        if (plan->objects[i].action != CHANGE_CREATE && plan->objects[i].action != CHANGE_NOTHING) {
            return false;
        }
    }
    return true;
}

int cli_secret_run(struct cli_connection *connection, const struct cli_values *values,
                   struct change_intent *intent, struct error *err)
{
    struct cli_change_run run = {.connection = connection,
                                 .no_wait = cli_flag(values, CLI_NO_WAIT)};
    int64_t timeout_ms = 0;
    int code;
    if (!cli_duration(values, CLI_TIMEOUT, 0, &timeout_ms, err)) {
        change_intent_free(intent);
        return cli_report(err);
    }
    run.session = change_session_start(connection->client, connection->follow, intent,
                                       &cli_change_handler, &run);
    if (cli_change_preview(&run, err)) {
        run.sure = only_adds(run.session);
        code = cli_change_apply(&run, values, timeout_ms, err);
    } else {
        code = connection->interrupted ? CLI_EXIT_INTERRUPTED : cli_report(err);
    }
    cli_change_end(&run);
    return code;
}

int cli_secret_command(const struct cli_values *values, const char *name,
                       struct change_intent *(*make)(struct cli_connection *connection,
                                                     const struct cli_values *values,
                                                     struct error *err))
{
    struct cli_connection connection = {0};
    struct error err = ERROR_INIT;
    int code;
    if (cli_only_reads(values)) {
        error_set(&err, ERROR_USAGE, "--read-only: secret %s writes, so it is refused", name);
        code = cli_report(&err);
    } else if (!cli_connect(&connection, values, false, &err) ||
               !cli_take_census(&connection, values, true, true, &err)) {
        code = connection.interrupted ? CLI_EXIT_INTERRUPTED : cli_report(&err);
    } else {
        struct change_intent *intent = make(&connection, values, &err);
        code = intent != NULL           ? cli_secret_run(&connection, values, intent, &err)
               : connection.interrupted ? CLI_EXIT_INTERRUPTED
                                        : cli_report(&err);
    }
    cli_disconnect(&connection);
    return code;
}
