/* Asks the registries for a matrix; plain HTTP and unchecked certificates only where allowed. */
#include <stdlib.h>

#include "base/alloc.h"
#include "cli/secret_matrix.h"

struct round {
    struct cli_matrix *matrix;
    struct cli_connection *connection;
    bool done;
};

static void on_result(void *context, size_t image, size_t credential,
                      const struct registry_probe_result *result)
{
    struct round *round = context;
    const struct cli_matrix *matrix = round->matrix;
    size_t columns = matrix->first[matrix->source_count] + 1;
    struct cli_matrix_answer *answer = &matrix->answers[image * columns + credential];
    answer->told = true;
    answer->verdict = result->verdict;
    answer->status = result->status;
    answer->message = xstrdup_or_null(result->message);
    answer->digest = xstrdup_or_null(result->digest);
    answer->realm = xstrdup_or_null(result->realm);
    answer->rate_limit = result->rate_limit;
    answer->rate_remaining = result->rate_remaining;
}

static void on_done(void *context)
{
    struct round *round = context;
    round->done = true;
    loop_stop(round->connection->loop, 0);
}

static bool ask(struct round *round, const struct cli_values *values, const bool *wanted,
                struct error *err)
{
    static const struct registry_verify_callbacks callbacks = {on_result, on_done};
    struct cli_matrix *matrix = round->matrix;
    struct registry_probe_options options = {.ca_file = cli_text(values, CLI_REGISTRY_CA),
                                             .insecure_hosts =
                                                 cli_list(values, CLI_INSECURE_REGISTRY)};
    round->done = false;
    struct registry_verify *verify = registry_verify_start(
        round->connection->loop, &options, (const char *const *)matrix->images, matrix->image_count,
        matrix->tried, matrix->first[matrix->source_count] + 1, wanted, &callbacks, round, err);
    if (verify == NULL) {
        return false;
    }
    while (!round->done && !round->connection->interrupted) {
        loop_run(round->connection->loop);
    }
    if (!round->done) {
        registry_verify_cancel(verify);
        return error_set(err, ERROR_USAGE, "interrupted; nothing was changed");
    }
    return true;
}

bool cli_matrix_run(struct cli_matrix *matrix, struct cli_connection *connection,
                    const struct cli_values *values, struct error *err)
{
    struct round round = {.matrix = matrix, .connection = connection};
    size_t columns = matrix->first[matrix->source_count] + 1;
    bool *wanted = xcalloc(matrix->image_count * columns + 1, sizeof(bool));
    bool any = false;
    for (size_t i = 0; i < matrix->image_count * columns; i++) {
        wanted[i] = matrix->answers[i].wanted;
        any = any || wanted[i];
    }
    bool done = !any || ask(&round, values, wanted, err);
    free(wanted);
    return done;
}
