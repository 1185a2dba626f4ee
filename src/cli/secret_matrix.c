#include "cli/secret_matrix.h"

#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "cli/secret_list.h"
#include "registry/keyring.h"

enum { CONTENT_LIMIT = 1 << 20 };

static size_t column_count(const struct cli_matrix *matrix)
{
    return matrix->first[matrix->source_count] + 1;
}

static struct cli_matrix_answer *answer_at(const struct cli_matrix *matrix, size_t image,
                                           size_t column)
{
    return &matrix->answers[image * column_count(matrix) + column];
}

void cli_matrix_free(struct cli_matrix *matrix)
{
    if (matrix->answers != NULL) {
        for (size_t i = 0; i < matrix->image_count * column_count(matrix); i++) {
            free(matrix->answers[i].message);
            free(matrix->answers[i].digest);
            free(matrix->answers[i].realm);
        }
    }
    for (size_t i = 0; i < matrix->source_count; i++) {
        struct cli_matrix_source *source = &matrix->sources[i];
        free(source->label);
        free(source->ns);
        free(source->name);
        free(source->trouble);
        docker_config_free(&source->config);
    }
    for (size_t i = 0; i < matrix->image_count; i++) {
        free(matrix->images[i]);
    }
    free(matrix->images);
    free(matrix->sources);
    free(matrix->tried);
    free(matrix->first);
    free(matrix->answers);
    free(matrix->meant);
    free(matrix->covered);
    *matrix = (struct cli_matrix){0};
}

/* --- Sources ------------------------------------------------------------------------------------
 */

struct cli_matrix_source *cli_matrix_add(struct cli_matrix *matrix, const char *ns,
                                         const char *name, struct docker_config *config)
{
    matrix->sources = xgrow(matrix->sources, matrix->source_count, &matrix->source_capacity,
                            sizeof(*matrix->sources));
    struct cli_matrix_source *source = &matrix->sources[matrix->source_count++];
    *source = (struct cli_matrix_source){
        .label = ns == NULL ? xstrdup(name) : xasprintf("%s/%s", ns, name),
        .ns = xstrdup_or_null(ns),
        .name = xstrdup(name),
        .everywhere = ns == NULL,
    };
    if (config != NULL) {
        source->config = *config;
        *config = (struct docker_config){0};
    }
    return source;
}

bool cli_matrix_add_given(struct cli_matrix *matrix, const char *label,
                          const struct registry_credential *credentials, size_t count,
                          struct error *err)
{
    struct docker_config config = {0};
    struct buffer content;
    buffer_init_secret(&content, CONTENT_LIMIT);
    bool done = docker_config_write(&content, credentials, count)
                    ? docker_config_parse(&config, content.data, content.length, DOCKER_CONFIG_JSON,
                                          true, err)
                    : error_set(err, ERROR_USAGE, "%s: more than 1 MiB of credentials", label);
    buffer_free(&content);
    if (done) {
        cli_matrix_add(matrix, NULL, label, &config);
    }
    return done;
}

/* --- What is asked ------------------------------------------------------------------------------
 */

static bool has_image(const struct csi_workload *workload, const char *image)
{
    for (size_t i = 0; i < workload->image_count; i++) {
        if (strcmp(workload->images[i], image) == 0) {
            return true;
        }
    }
    return false;
}

static bool has_reference(const struct csi_reference *references, size_t count, const char *name)
{
    for (size_t i = 0; i < count; i++) {
        if (strcmp(references[i].name, name) == 0) {
            return true;
        }
    }
    return false;
}

static bool names_secret(const struct csi_workload *workload, const char *ns, const char *name)
{
    if (strcmp(workload->ns, ns) != 0) {
        return false;
    }
    bool found = has_reference(workload->references, workload->reference_count, name);
    for (size_t i = 0; i < workload->pod_count && !found; i++) {
        found =
            has_reference(workload->pods[i]->references, workload->pods[i]->reference_count, name);
    }
    return found;
}

/* True if a workload of the drivers has the image and names the Secret for it. */
static bool is_pulled_with(const struct csi_census *census, const char *image, const char *ns,
                           const char *name)
{
    size_t count;
    struct csi_driver *const *drivers = csi_census_drivers(census, &count);
    for (size_t i = 0; i < count; i++) {
        for (size_t j = 0; j < drivers[i]->workload_count; j++) {
            const struct csi_workload *workload = drivers[i]->workloads[j];
            if (has_image(workload, image) && names_secret(workload, ns, name)) {
                return true;
            }
        }
    }
    return false;
}

static bool is_source(const struct cli_matrix *matrix, const struct csi_secret *secret)
{
    for (size_t i = 0; i < matrix->source_count; i++) {
        const struct cli_matrix_source *source = &matrix->sources[i];
        if (source->ns != NULL && strcmp(source->ns, secret->ns) == 0 &&
            strcmp(source->name, secret->name) == 0) {
            return true;
        }
    }
    return false;
}

static bool is_covered(const struct cli_matrix *matrix, const struct csi_census *census,
                       const char *image)
{
    size_t count;
    const struct csi_secret *const *secrets = csi_census_secrets(census, &count);
    for (size_t i = 0; i < count; i++) {
        if (!is_source(matrix, secrets[i]) && cli_secret_serves(secrets[i], image) &&
            is_pulled_with(census, image, secrets[i]->ns, secrets[i]->name)) {
            return true;
        }
    }
    return false;
}

static void lay_out_columns(struct cli_matrix *matrix)
{
    size_t columns = 0;
    matrix->first = xcalloc(matrix->source_count + 1, sizeof(size_t));
    for (size_t i = 0; i < matrix->source_count; i++) {
        matrix->first[i] = columns;
        columns += matrix->sources[i].config.count;
    }
    matrix->first[matrix->source_count] = columns;
    matrix->tried = xcalloc(columns + 1, sizeof(*matrix->tried));
    for (size_t i = 0; i < matrix->source_count; i++) {
        for (size_t j = 0; j < matrix->sources[i].config.count; j++) {
            const struct docker_auth *auth = &matrix->sources[i].config.auths[j];
            matrix->tried[matrix->first[i] + j] =
                (struct registry_probe_credential){auth->username == NULL ? "" : auth->username,
                                                   auth->password, auth->password_length};
        }
    }
}

/* Marks the entries of one source that the kubelet would try; false if there are none. */
static bool choose(struct cli_matrix *matrix, size_t image, size_t source)
{
    const struct docker_config *config = &matrix->sources[source].config;
    struct keyring *keyring = keyring_new();
    struct keyring_candidate *candidates = NULL;
    size_t count = 0;
    keyring_add(keyring, config, 0);
    keyring_lookup_image(keyring, matrix->images[image], &candidates, &count, NULL);
    for (size_t i = 0; i < count; i++) {
        size_t entry = (size_t)(candidates[i].auth - config->auths);
        answer_at(matrix, image, matrix->first[source] + entry)->wanted = true;
    }
    free(candidates);
    keyring_free(keyring);
    return count > 0;
}

void cli_matrix_plan(struct cli_matrix *matrix, const struct csi_census *census)
{
    const char **images = cli_driver_images(census, &matrix->image_count);
    matrix->images = xcalloc(matrix->image_count + 1, sizeof(char *));
    matrix->covered = xcalloc(matrix->image_count + 1, sizeof(bool));
    matrix->meant = xcalloc(matrix->image_count * matrix->source_count + 1, sizeof(bool));
    lay_out_columns(matrix);
    matrix->answers =
        xcalloc(matrix->image_count * column_count(matrix) + 1, sizeof(*matrix->answers));
    for (size_t i = 0; i < matrix->image_count; i++) {
        bool any = false;
        matrix->images[i] = xstrdup(images[i]);
        for (size_t j = 0; j < matrix->source_count; j++) {
            const struct cli_matrix_source *source = &matrix->sources[j];
            bool meant =
                source->everywhere || is_pulled_with(census, images[i], source->ns, source->name);
            matrix->meant[i * matrix->source_count + j] = meant;
            any = (meant && choose(matrix, i, j)) || any;
        }
        matrix->covered[i] = !any && is_covered(matrix, census, images[i]);
        answer_at(matrix, i, matrix->first[matrix->source_count])->wanted = !any;
    }
    free(images);
}

/* --- What came back -----------------------------------------------------------------------------
 */

const struct cli_matrix_answer *cli_matrix_cell(const struct cli_matrix *matrix, size_t image,
                                                size_t source)
{
    size_t begin = matrix->first[source];
    size_t end = source == matrix->source_count ? begin + 1 : matrix->first[source + 1];
    const struct cli_matrix_answer *cell = NULL;
    for (size_t i = begin; i < end; i++) {
        const struct cli_matrix_answer *answer = answer_at(matrix, image, i);
        if (answer->wanted && answer->told &&
            (cell == NULL || (registry_probe_verdict_is_good(answer->verdict) &&
                              !registry_probe_verdict_is_good(cell->verdict)))) {
            cell = answer;
        }
    }
    return cell;
}

size_t cli_matrix_refused(const struct cli_matrix *matrix)
{
    size_t refused = 0;
    for (size_t i = 0; i < matrix->source_count; i++) {
        refused += matrix->sources[i].spoils;
    }
    for (size_t i = 0; i < matrix->image_count; i++) {
        for (size_t j = 0; j <= matrix->source_count; j++) {
            const struct cli_matrix_answer *cell = cli_matrix_cell(matrix, i, j);
            bool elsewhere = j == matrix->source_count && matrix->covered[i];
            refused += cell != NULL && !registry_probe_verdict_is_good(cell->verdict) && !elsewhere;
        }
    }
    return refused;
}

size_t cli_matrix_served(const struct cli_matrix *matrix)
{
    size_t served = 0;
    for (size_t i = 0; i < matrix->image_count; i++) {
        served += !answer_at(matrix, i, matrix->first[matrix->source_count])->wanted;
    }
    return served;
}
