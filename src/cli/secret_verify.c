/* secret verify: what the registries say to the credentials that the cluster holds now. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/clock.h"
#include "base/language.h"
#include "cli/command.h"
#include "cli/commands.h"
#include "cli/credential.h"
#include "cli/output.h"
#include "cli/secret.h"
#include "cli/secret_matrix.h"
#include "doc/json.h"
#include "registry/secret_state.h"

enum { OUTPUT_LIMIT = 1 << 28 };

/* What a Secret without usable credentials means for the pods that name it. */
static void explain_trouble(struct cli_matrix_source *source, const struct error *trouble,
                            bool fails_pulls)
{
    source->trouble = xasprintf("%s: %s", trouble->message,
                                fails_pulls ? _("every pull of a pod that names it fails")
                                            : _("nodes pull without it"));
    source->spoils = fails_pulls;
}

/* Reads one Secret into the matrix. One that is not there or holds nothing is a source with its
 * trouble; must: an error instead. */
static bool add_secret(struct cli_matrix *matrix, struct cli_connection *connection, const char *ns,
                       const char *name, bool must, struct error *err)
{
    struct error trouble = ERROR_INIT;
    struct docker_config config = {0};
    cJSON *secret = NULL;
    char *label = xasprintf("Secret %s/%s", ns, name);
    bool read = cli_secret_get(connection, ns, name, &secret, &trouble);
    bool wrong_type =
        read && registry_secret_data_key(json_string_or(secret, "type", "Opaque")) == NULL;
    bool good = read && cli_secret_config(secret, label, &config, &trouble);
    json_delete_secret(secret);
    free(label);
    bool absent = !read && trouble.kind == ERROR_NOT_FOUND;
    if ((!read && !absent) || (must && (absent || wrong_type))) {
        *err = trouble;
        return false;
    }
    struct cli_matrix_source *source = cli_matrix_add(matrix, ns, name, &config);
    source->everywhere = must;
    if (!good) {
        explain_trouble(source, &trouble, read && !wrong_type);
    }
    return true;
}

/* --- Which Secrets ------------------------------------------------------------------------------
 */

static bool is_added(const struct cli_matrix *matrix, const char *ns, const char *name)
{
    for (size_t i = 0; i < matrix->source_count; i++) {
        const struct cli_matrix_source *source = &matrix->sources[i];
        if (source->ns != NULL && strcmp(source->ns, ns) == 0 && strcmp(source->name, name) == 0) {
            return true;
        }
    }
    return false;
}

struct wish {
    char *ns;
    char *name;
};

static void add_wish(struct wish **wishes, size_t *count, size_t *capacity, const char *ns,
                     const char *name)
{
    *wishes = xgrow(*wishes, *count, capacity, sizeof(**wishes));
    (*wishes)[(*count)++] = (struct wish){xstrdup(ns), xstrdup(name)};
}

/* Every Secret that pods of the drivers name, with doubles. */
static struct wish *collect_named(const struct csi_census *census, size_t *count)
{
    struct wish *wishes = NULL;
    size_t capacity = 0;
    size_t drivers;
    struct csi_driver *const *rows = csi_census_drivers(census, &drivers);
    *count = 0;
    for (size_t i = 0; i < drivers; i++) {
        for (size_t j = 0; j < rows[i]->workload_count; j++) {
            const struct csi_workload *workload = rows[i]->workloads[j];
            for (size_t k = 0; k < workload->reference_count; k++) {
                add_wish(&wishes, count, &capacity, workload->ns, workload->references[k].name);
            }
            for (size_t k = 0; k < workload->pod_count; k++) {
                const struct csi_pod *pod = workload->pods[k];
                for (size_t l = 0; l < pod->reference_count; l++) {
                    add_wish(&wishes, count, &capacity, pod->ns, pod->references[l].name);
                }
            }
        }
    }
    return wishes;
}

static bool add_named(struct cli_matrix *matrix, struct cli_connection *connection,
                      struct error *err)
{
    size_t count;
    struct wish *wishes = collect_named(csi_follow_census(connection->follow), &count);
    bool done = true;
    for (size_t i = 0; i < count; i++) {
        if (done && wishes[i].name[0] != '\0' && !is_added(matrix, wishes[i].ns, wishes[i].name)) {
            done = add_secret(matrix, connection, wishes[i].ns, wishes[i].name, false, err);
        }
        free(wishes[i].ns);
        free(wishes[i].name);
    }
    free(wishes);
    return done;
}

/* NAME or NS/NAME from the command line. */
static bool add_argument(struct cli_matrix *matrix, struct cli_connection *connection,
                         const struct cli_values *values, const char *text, struct error *err)
{
    char *ns = NULL;
    char *name = NULL;
    bool done = cli_secret_argument(connection, values, "secret verify", text, &ns, &name, err);
    done =
        done && (is_added(matrix, ns, name) || add_secret(matrix, connection, ns, name, true, err));
    free(ns);
    free(name);
    return done;
}

static bool add_given(struct cli_matrix *matrix, struct cli_connection *connection,
                      const struct cli_values *values, struct error *err)
{
    struct registry_credential *credentials = NULL;
    size_t count = 0;
    if (!cli_has_credential_flags(values)) {
        return true;
    }
    bool done = cli_read_credentials(connection, values, &credentials, &count, err) &&
                cli_matrix_add_given(matrix, "given", credentials, count, err);
    registry_credentials_free(credentials, count);
    return done;
}

static bool add_sources(struct cli_matrix *matrix, struct cli_connection *connection,
                        const struct cli_values *values, struct error *err)
{
    if (!add_given(matrix, connection, values, err)) {
        return false;
    }
    for (size_t i = 0; i < values->argument_count; i++) {
        if (!add_argument(matrix, connection, values, values->arguments[i], err)) {
            return false;
        }
    }
    bool chosen = values->argument_count > 0 || cli_has_credential_flags(values);
    return chosen || add_named(matrix, connection, err);
}

/* --- The command --------------------------------------------------------------------------------
 */

static void print_matrix(const struct cli_matrix *matrix, enum cli_format format)
{
    struct buffer out;
    buffer_init(&out, OUTPUT_LIMIT);
    if (format == CLI_FORMAT_TABLE) {
        cli_matrix_table(matrix, cli_terminal_columns(), &out);
        cli_matrix_notes(matrix, clock_wall_ms(), &out);
    } else {
        cJSON *document = cli_matrix_document(matrix, clock_wall_ms());
        cli_write_document(&out, document, format);
        cJSON_Delete(document);
    }
    fwrite(out.data, 1, out.length, stdout);
    fflush(stdout);
    buffer_free(&out);
}

static int verify(struct cli_connection *connection, const struct cli_values *values,
                  enum cli_format format, struct error *err)
{
    struct cli_matrix matrix = {0};
    struct csi_census *census = csi_follow_census(connection->follow);
    bool done = add_sources(&matrix, connection, values, err);
    if (done) {
        csi_census_settle(census, clock_wall_ms());
        cli_matrix_plan(&matrix, census);
        done = (matrix.image_count > 0 ||
                error_set(err, ERROR_NOT_FOUND,
                          "no image of a CSI driver was found: there is nothing to verify")) &&
               cli_matrix_run(&matrix, connection, values, err);
    }
    int code = CLI_EXIT_OK;
    if (done) {
        print_matrix(&matrix, format);
        code = cli_matrix_refused(&matrix) > 0 ? CLI_EXIT_FINDINGS : CLI_EXIT_OK;
    } else {
        code = connection->interrupted ? CLI_EXIT_INTERRUPTED : cli_report(err);
    }
    cli_matrix_free(&matrix);
    return code;
}

int cli_run_secret_verify(const struct cli_values *values)
{
    static const unsigned known =
        1U << CLI_FORMAT_TABLE | 1U << CLI_FORMAT_JSON | 1U << CLI_FORMAT_YAML;
    struct cli_connection connection = {0};
    struct error err = ERROR_INIT;
    enum cli_format format;
    int code;
    if (!cli_read_format(values, known, &format, &err) ||
        !cli_connect(&connection, values, true, &err) ||
        !cli_take_census(&connection, values, false, true, &err)) {
        code = connection.interrupted ? CLI_EXIT_INTERRUPTED : cli_report(&err);
    } else {
        code = verify(&connection, values, format, &err);
    }
    cli_disconnect(&connection);
    return code;
}
