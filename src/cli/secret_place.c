/* In which namespaces a command about Secrets looks, and where a new one belongs. */
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "cli/secret.h"

void cli_free_strings(char **strings)
{
    for (char **string = strings; string != NULL && *string != NULL; string++) {
        free(*string);
    }
    free(strings);
}

static void add_once(char **list, size_t *count, const char *ns)
{
    for (size_t i = 0; i < *count; i++) {
        if (strcmp(list[i], ns) == 0) {
            return;
        }
    }
    list[(*count)++] = xstrdup(ns);
}

char **cli_secret_namespaces(const struct cli_connection *connection,
                             const struct cli_values *values)
{
    size_t drivers;
    struct csi_driver *const *rows =
        csi_census_drivers(csi_follow_census(connection->follow), &drivers);
    size_t most = 1;
    for (size_t i = 0; i < drivers; i++) {
        most += rows[i]->workload_count;
    }
    char **list = xcalloc(most + 1, sizeof(*list));
    size_t count = 0;
    const char *chosen = cli_text(values, CLI_NAMESPACE);
    if (chosen != NULL) {
        list[count++] = xstrdup(chosen);
        return list;
    }
    for (size_t i = 0; i < drivers; i++) {
        for (size_t j = 0; j < rows[i]->workload_count; j++) {
            add_once(list, &count, rows[i]->workloads[j]->ns);
        }
    }
    return list;
}

enum closeness { NAMES_IT, IS_BROKEN, IS_THERE, CLOSENESS_COUNT };

static bool is_close(const struct csi_workload *workload, const char *name,
                     enum closeness closeness)
{
    if (closeness != NAMES_IT) {
        return closeness == IS_THERE || csi_secret_state_is_broken(workload->state);
    }
    for (size_t i = 0; i < workload->reference_count; i++) {
        if (strcmp(workload->references[i].name, name) == 0) {
            return true;
        }
    }
    return false;
}

char *cli_secret_place(const struct cli_connection *connection, const struct cli_values *values,
                       const char *flag, const char *name, struct error *err)
{
    const char *chosen = cli_text(values, CLI_NAMESPACE);
    size_t count;
    struct csi_driver *const *drivers =
        csi_census_drivers(csi_follow_census(connection->follow), &count);
    for (int closeness = NAMES_IT; closeness < CLOSENESS_COUNT && chosen == NULL; closeness++) {
        for (size_t i = 0; i < count; i++) {
            for (size_t j = 0; j < drivers[i]->workload_count; j++) {
                const struct csi_workload *workload = drivers[i]->workloads[j];
                if (!is_close(workload, name, (enum closeness)closeness)) {
                    continue;
                }
                if (chosen != NULL && strcmp(chosen, workload->ns) != 0) {
                    error_set(err, ERROR_USAGE,
                              "%s %s: drivers run in %s and in %s; say which by -n", flag, name,
                              chosen, workload->ns);
                    return NULL;
                }
                chosen = workload->ns;
            }
        }
    }
    if (chosen == NULL) {
        error_set(err, ERROR_USAGE, "%s %s: no CSI driver was found; say by -n where", flag, name);
    }
    return xstrdup_or_null(chosen);
}

bool cli_secret_argument(const struct cli_connection *connection, const struct cli_values *values,
                         const char *flag, const char *text, char **ns, char **name,
                         struct error *err)
{
    if (strchr(text, '/') != NULL) {
        return cli_split_name("", text, ns, name, err);
    }
    if (!registry_check_secret_name(text, err)) {
        return false;
    }
    *ns = cli_secret_place(connection, values, flag, text, err);
    *name = *ns == NULL ? NULL : xstrdup(text);
    return *ns != NULL;
}
