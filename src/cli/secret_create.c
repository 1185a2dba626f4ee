/* secret create: a new registry Secret, or credentials put into one that is there; with
 * --use-secret the drivers' workloads point to it. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/language.h"
#include "change/secret.h"
#include "cli/command.h"
#include "cli/commands.h"
#include "cli/credential.h"
#include "cli/secret.h"
#include "cli/secret_write.h"
#include "csi/findings.h"
#include "doc/json.h"

/* The one name that the diagnosis proposes: that of the broken reference. NULL with the reason. */
static char *propose_name(const struct csi_census *census, struct error *err)
{
    struct csi_findings findings;
    char *name = NULL;
    bool several = false;
    csi_diagnose(census, &findings);
    for (size_t i = 0; i < findings.count; i++) {
        for (size_t j = 0; j < findings.items[i].fix_count; j++) {
            const struct csi_fix *fix = &findings.items[i].fixes[j];
            if (fix->change != CSI_CHANGE_CREATE_SECRET || fix->secret == NULL) {
                continue;
            }
            several = several || (name != NULL && strcmp(name, fix->secret) != 0);
            name = name == NULL ? xstrdup(fix->secret) : name;
        }
    }
    csi_findings_free(&findings);
    if (several) {
        free(name);
        name = NULL;
    }
    if (name == NULL) {
        error_set(err, ERROR_USAGE,
                  several ? N_("which Secret? Several names would mend something (see pullmend "
                               "status): secret create NAME")
                          : N_("which Secret? No broken reference proposes a name: secret create "
                               "NAME"));
    }
    return name;
}

/* From the argument, from --use-secret NAME, else from the diagnosis; a new string. */
static char *choose_name(const struct cli_connection *connection, const struct cli_values *values,
                         struct error *err)
{
    const char *use = cli_text(values, CLI_USE_SECRET);
    const char *name = values->argument_count > 0 ? values->arguments[0] : use;
    bool given = values->argument_count > 0;
    if (name == NULL || (name[0] == '\0' && !given)) {
        return propose_name(csi_follow_census(connection->follow), err);
    }
    if (use != NULL && use[0] != '\0' && strcmp(use, name) != 0) {
        error_set(err, ERROR_USAGE,
                  "secret create %s and --use-secret %s must name the same Secret", name, use);
        return NULL;
    }
    return registry_check_secret_name(name, err) ? xstrdup(name) : NULL;
}

static struct change_intent *make_new(const struct cli_values *values, const char *ns,
                                      const char *name,
                                      const struct registry_credential *credentials, size_t count,
                                      struct error *err)
{
    cJSON *object = change_secret_object(ns, name, credentials, count, err);
    if (object == NULL) {
        return NULL;
    }
    if (cli_flag(values, CLI_IMMUTABLE)) {
        cJSON_AddTrueToObject(object, "immutable");
    }
    return cli_secret_intent(CHANGE_CREATE_SECRET, values, ns, name, object);
}

static struct change_intent *make_intent(struct cli_connection *connection,
                                         const struct cli_values *values, const char *ns,
                                         const char *name,
                                         const struct registry_credential *credentials,
                                         size_t count, struct error *err)
{
    struct change_intent *intent = NULL;
    cJSON *live = NULL;
    struct error why = ERROR_INIT;
    if (!cli_secret_find(connection, ns, name, &live, &why) && why.kind != ERROR_FORBIDDEN) {
        *err = why;
    } else if (live == NULL) {
        /* Who may make Secrets need not be allowed to read them: the server tells if it exists. */
        intent = make_new(values, ns, name, credentials, count, err);
    } else if (cli_flag(values, CLI_IMMUTABLE)) {
        error_set(err, ERROR_USAGE,
                  "--immutable goes with a new Secret, but %s/%s exists; choose another name", ns,
                  name);
    } else {
        intent = cli_secret_merge(connection, values, live, credentials, count, err);
    }
    json_delete_secret(live);
    return intent;
}

static struct change_intent *create(struct cli_connection *connection,
                                    const struct cli_values *values, struct error *err)
{
    struct registry_credential *credentials = NULL;
    size_t count = 0;
    struct change_intent *intent = NULL;
    char *name = choose_name(connection, values, err);
    char *ns =
        name == NULL ? NULL : cli_secret_place(connection, values, "secret create", name, err);
    bool ready = ns != NULL &&
                 cli_read_credentials(connection, values, &credentials, &count, err) &&
                 (!cli_flag(values, CLI_VERIFY) ||
                  cli_verify_credentials(connection, values, credentials, count, err));
    if (ready) {
        intent = make_intent(connection, values, ns, name, credentials, count, err);
    }
    if (intent != NULL) {
        intent->use_secret = cli_is_set(values, CLI_USE_SECRET);
    }
    registry_credentials_free(credentials, count);
    free(name);
    free(ns);
    return intent;
}

int cli_run_secret_create(const struct cli_values *values)
{
    return cli_secret_command(values, "create", create);
}
