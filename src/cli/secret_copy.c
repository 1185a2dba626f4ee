/* secret copy: a registry Secret under a name of its own elsewhere. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/language.h"
#include "base/text.h"
#include "change/owner.h"
#include "change/secret.h"
#include "cli/command.h"
#include "cli/commands.h"
#include "cli/secret.h"
#include "cli/secret_write.h"
#include "doc/json.h"

/* --to NS or NS/NAME; the name is the source's then. */
static bool read_target(const struct cli_values *values, const char *source_name, char **ns,
                        char **name, struct error *err)
{
    const char *to = cli_text(values, CLI_TO);
    if (to == NULL || to[0] == '\0') {
        return error_set(err, ERROR_USAGE, "where to? secret copy NS/NAME --to NS");
    }
    if (strchr(to, '/') != NULL) {
        return cli_split_name("--to", to, ns, name, err) && registry_check_secret_name(*name, err);
    }
    *ns = xstrdup(to);
    *name = xstrdup(source_name);
    return true;
}

/* Who keeps the source up to date does not know of the copy. */
static void warn_of_manager(const cJSON *live, const char *label)
{
    struct change_owner owner;
    change_owner_find(live, NULL, &owner);
    if (owner.confirm) {
        char *name = text_safe(owner.name);
        fprintf(
            stderr,
            _("warning: %s is managed by %s: the copy does not follow when that changes it; let "
              "%s write the Secret to the other namespace too\n"),
            label, name, name);
        free(name);
    }
    change_owner_free(&owner);
}

static struct change_intent *copy_live(const struct cli_values *values, const cJSON *live,
                                       const char *ns, const char *name, struct error *err)
{
    cJSON *object = change_secret_copied(live, ns, name, err);
    if (object == NULL) {
        return NULL;
    }
    if (cli_flag(values, CLI_IMMUTABLE)) {
        cJSON_AddTrueToObject(object, "immutable");
    }
    warn_of_manager(live, values->arguments[0]);
    return cli_secret_intent(CHANGE_COPY_SECRET, values, ns, name, object);
}

static struct change_intent *copy(struct cli_connection *connection,
                                  const struct cli_values *values, struct error *err)
{
    char *from_ns = NULL;
    char *from_name = NULL;
    char *ns = NULL;
    char *name = NULL;
    cJSON *live = NULL;
    struct change_intent *intent = NULL;
    if (values->argument_count == 0) {
        error_set(err, ERROR_USAGE, "which Secret? secret copy NS/NAME --to NS");
        return NULL;
    }
    bool ready = cli_split_name("secret copy", values->arguments[0], &from_ns, &from_name, err) &&
                 read_target(values, from_name, &ns, &name, err);
    if (ready && strcmp(ns, from_ns) == 0 && strcmp(name, from_name) == 0) {
        ready = error_set(err, ERROR_USAGE, "--to %s: that is the Secret itself",
                          cli_text(values, CLI_TO));
    }
    if (ready && cli_secret_get(connection, from_ns, from_name, &live, err)) {
        intent = copy_live(values, live, ns, name, err);
    }
    json_delete_secret(live);
    free(from_ns);
    free(from_name);
    free(ns);
    free(name);
    return intent;
}

int cli_run_secret_copy(const struct cli_values *values)
{
    return cli_secret_command(values, "copy", copy);
}
