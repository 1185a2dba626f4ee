/* --verify: the registries are asked before anything is written. */
#include <stdio.h>

#include "base/clock.h"
#include "cli/credential.h"
#include "cli/secret_matrix.h"

enum { OUTPUT_LIMIT = 1 << 28 };

/* Nothing refused is not enough: something must have been asked with the credential. */
static bool judge(const struct cli_matrix *matrix, size_t count, struct error *err)
{
    size_t refused = cli_matrix_refused(matrix);
    if (refused > 0) {
        return error_set(err, ERROR_INVALID,
                         "--verify: %zu of %zu images could not be pulled with this credential; "
                         "nothing was changed",
                         refused, matrix->image_count);
    }
    if (matrix->image_count == 0 || (count > 0 && cli_matrix_served(matrix) == 0)) {
        return error_set(err, ERROR_INVALID,
                         "--verify: no image of the drivers comes from a registry of this "
                         "credential, so it could not be tried; nothing was changed");
    }
    return true;
}

bool cli_verify_credentials(struct cli_connection *connection, const struct cli_values *values,
                            const struct registry_credential *credentials, size_t count,
                            struct error *err)
{
    struct cli_matrix matrix = {0};
    struct csi_census *census = csi_follow_census(connection->follow);
    bool done = cli_matrix_add_given(&matrix, "given", credentials, count, err);
    if (done) {
        csi_census_settle(census, clock_wall_ms());
        cli_matrix_plan(&matrix, census);
        done = cli_matrix_run(&matrix, connection, values, err);
    }
    if (done) {
        struct buffer out;
        buffer_init(&out, OUTPUT_LIMIT);
        cli_matrix_table(&matrix, 0, &out);
        cli_matrix_notes(&matrix, clock_wall_ms(), &out);
        fwrite(out.data, 1, out.length, stderr);
        buffer_free(&out);
        done = judge(&matrix, count, err);
    }
    cli_matrix_free(&matrix);
    return done;
}
