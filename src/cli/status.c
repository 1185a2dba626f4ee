#include "cli/status.h"

#include <signal.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/text.h"
#include "cli/command.h"
#include "cli/commands.h"
#include "cli/output.h"
#include "doc/json.h"

enum { OUTPUT_LIMIT = 1 << 30 };

static const unsigned every_format = (1U << CLI_FORMAT_COUNT) - 1;

/* The severity from which on the exit code is 1; *never for `--fail-on never`. */
static bool read_fail_on(const struct cli_values *values, enum csi_severity *severity, bool *never,
                         struct error *err)
{
    const char *text = cli_text(values, CLI_FAIL_ON);
    *severity = CSI_WARNING;
    *never = text != NULL && strcmp(text, "never") == 0;
    if (text == NULL || *never) {
        return true;
    }
    for (int i = CSI_INFO; i <= CSI_ERROR; i++) {
        if (strcmp(text, csi_severity_name((enum csi_severity)i)) == 0) {
            *severity = (enum csi_severity)i;
            return true;
        }
    }
    return error_set(err, ERROR_USAGE,
                     "--fail-on %s: not a severity; one of info, warning, error, never", text);
}

static bool read_states(const struct cli_values *values, struct error *err)
{
    const char *const *states = cli_list(values, CLI_STATE);
    for (size_t i = 0; states != NULL && states[i] != NULL; i++) {
        bool known = false;
        for (int state = CSI_SECRET_REJECTED; state <= CSI_SECRET_NONE; state++) {
            known = known ||
                    strcmp(states[i], csi_secret_state_name((enum csi_secret_state)state)) == 0;
        }
        if (!known) {
            return error_set(err, ERROR_USAGE,
                             "--state %s: not a state; rejected, missing, malformed, wrong-type, "
                             "no-match, empty-name, unknown, empty, ok or none",
                             states[i]);
        }
    }
    return true;
}

static void fill_picture(struct cli_picture *picture, const struct cli_connection *connection,
                         const struct cli_values *values, const struct csi_findings *findings)
{
    *picture = (struct cli_picture){
        .connection = connection,
        .census = csi_follow_census(connection->follow),
        .findings = findings,
        .filter = {cli_list(values, CLI_STATE)},
        .taken_ms = clock_wall_ms(),
        .ascii = cli_flag(values, CLI_ASCII) || !text_locale_is_utf8(),
        .columns = cli_terminal_columns(),
    };
}

static void print_picture(const struct cli_picture *picture, enum cli_format format)
{
    struct buffer out;
    cJSON *document = NULL;
    buffer_init(&out, OUTPUT_LIMIT);
    switch (format) {
    case CLI_FORMAT_TABLE:
    case CLI_FORMAT_WIDE:
        cli_status_table(picture, &out);
        break;
    case CLI_FORMAT_JSON:
        cli_status_print_json(picture);
        break;
    case CLI_FORMAT_YAML:
        document = cli_status_document(picture);
        cli_write_document(&out, document, format);
        cJSON_Delete(document);
        break;
    case CLI_FORMAT_NAME:
        cli_status_names(picture, &out);
        break;
    case CLI_FORMAT_PROMETHEUS:
        cli_status_prometheus(picture, &out);
        break;
    case CLI_FORMAT_COUNT:
        break;
    }
    fwrite(out.data, 1, out.length, stdout);
    fflush(stdout);
    buffer_free(&out);
}

/* --- --watch: one JSON line a change ------------------------------------------------------------
 */

enum { COUNTS_EVERY_MS = 10000 };

struct watching {
    struct cli_connection *connection;
    const struct cli_values *values;
    uint64_t generation;
    uint64_t picture;
    int64_t printed_ms; /* monotonic */
};

static void print_line(void *context)
{
    struct watching *watching = context;
    struct csi_census *census = csi_follow_census(watching->connection->follow);
    if (!watching->connection->complete) {
        return;
    }
    uint64_t generation = csi_census_settle(census, clock_wall_ms());
    uint64_t told = csi_census_picture(census);
    int64_t now_ms = clock_monotonic_ms();
    bool counted = told == watching->picture; /* nothing but warnings */
    if (generation == watching->generation ||
        (counted && now_ms - watching->printed_ms < COUNTS_EVERY_MS)) {
        return;
    }
    watching->generation = generation;
    watching->picture = told;
    watching->printed_ms = now_ms;
    struct csi_findings findings;
    csi_diagnose(census, &findings);
    struct cli_picture picture;
    fill_picture(&picture, watching->connection, watching->values, &findings);
    cJSON *document = cli_status_document(&picture);
    struct buffer out;
    buffer_init(&out, OUTPUT_LIMIT);
    json_write(&out, document);
    cJSON_Delete(document);
    csi_findings_free(&findings);
    puts(out.data);
    buffer_free(&out);
    if (fflush(stdout) != 0) {
        loop_stop(watching->connection->loop, 0);
    }
}

static int watch_status(struct cli_connection *connection, const struct cli_values *values,
                        struct error *err)
{
    struct watching watching = {.connection = connection, .values = values};
    connection->on_change = print_line;
    connection->context = &watching;
    if (!cli_take_census(connection, values, true, true, err)) {
        return connection->interrupted ? CLI_EXIT_INTERRUPTED : cli_report(err);
    }
    print_line(&watching);
    cli_watch_output(connection->loop);
    if (!ferror(stdout)) {
        loop_run(connection->loop);
    }
    return connection->interrupted ? CLI_EXIT_INTERRUPTED : CLI_EXIT_OK;
}

static int print_status(struct cli_connection *connection, const struct cli_values *values,
                        struct error *err)
{
    enum cli_format format;
    enum csi_severity fail_on;
    bool never;
    if (!cli_read_format(values, every_format, &format, err) ||
        !read_fail_on(values, &fail_on, &never, err) ||
        !cli_take_census(connection, values, false, true, err)) {
        return connection->interrupted ? CLI_EXIT_INTERRUPTED : cli_report(err);
    }
    struct csi_census *census = csi_follow_census(connection->follow);
    csi_census_settle(census, clock_wall_ms());
    struct csi_findings findings;
    csi_diagnose(census, &findings);
    struct cli_picture picture;
    fill_picture(&picture, connection, values, &findings);
    picture.wide = format == CLI_FORMAT_WIDE;
    print_picture(&picture, format);
    bool any;
    enum csi_severity worst = csi_findings_worst(&findings, &any);
    csi_findings_free(&findings);
    return any && !never && worst >= fail_on ? CLI_EXIT_FINDINGS : CLI_EXIT_OK;
}

int cli_run_status(const struct cli_values *values)
{
    struct cli_connection connection = {0};
    struct error err = ERROR_INIT;
    int code;
    enum cli_format format;
    if (!read_states(values, &err) || !cli_read_format(values, every_format, &format, &err) ||
        !cli_connect(&connection, values, false, &err)) {
        code = cli_report(&err);
    } else if (cli_flag(values, CLI_WATCH)) {
        code = watch_status(&connection, values, &err);
    } else {
        code = print_status(&connection, values, &err);
    }
    cli_disconnect(&connection);
    return code;
}
