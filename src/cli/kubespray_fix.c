/* kubespray fix: the cure at the source, shown as a diff and written only when confirmed. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/file.h"
#include "base/language.h"
#include "cli/command.h"
#include "cli/kubespray.h"
#include "cli/prompt.h"
#include "kubespray/fix.h"

enum { DIFF_LIMIT = 1 << 26 };

static bool confirm(const struct cli_values *values, struct error *err)
{
    if (cli_flag(values, CLI_YES)) {
        return true;
    }
    if (!cli_can_ask()) {
        return error_set(err, ERROR_USAGE,
                         "nobody can confirm this here (no terminal): add --yes; no file was "
                         "changed");
    }
    struct loop *loop = loop_new();
    struct buffer answer;
    buffer_init(&answer, 64);
    bool said =
        cli_ask(loop, _("Write these files? Type yes to go on: "), false, &answer, NULL, NULL);
    bool agreed = said && strcmp(answer.data, "yes") == 0;
    buffer_free(&answer);
    loop_free(loop);
    return agreed || error_set(err, ERROR_USAGE, "not confirmed; no file was changed");
}

static bool write_patch(const struct kubespray_edits *edits, const struct cli_values *values,
                        struct error *err)
{
    struct buffer patch;
    buffer_init(&patch, DIFF_LIMIT);
    const char *driver = cli_text(values, CLI_DRIVER);
    char *author = kubespray_author(cli_text(values, CLI_KUBESPRAY));
    bool done = kubespray_edits_patch(edits, driver, author, clock_wall_ms() / 1000, &patch) ||
                error_set(err, ERROR_INTERNAL, "the patch is too large");
    free(author);
    done =
        done && file_write_atomic(cli_text(values, CLI_PATCH), patch.data, patch.length, 0644, err);
    if (done && strstr(patch.data, "\r\n") != NULL) {
        fputs(_("some of these files have CRLF line ends: git am wants --keep-cr for them\n"),
              stderr);
    }
    buffer_free(&patch);
    return done;
}

static void print_diff(const struct kubespray_edits *edits)
{
    struct buffer diff;
    buffer_init(&diff, DIFF_LIMIT);
    kubespray_edits_diff(edits, &diff);
    fwrite(diff.data, 1, diff.length, stdout);
    fflush(stdout);
    buffer_free(&diff);
}

static int write_edits(const struct kubespray_edits *edits, const struct cli_values *values)
{
    struct error err = ERROR_INIT;
    size_t written = 0;
    if (!confirm(values, &err)) {
        return cli_report(&err);
    }
    if (!kubespray_edits_write(edits, &written, &err)) {
        int code = cli_report(&err);
        fprintf(stderr, _("pullmend: %zu of %zu files were written\n"), written, edits->count);
        return written > 0 ? CLI_EXIT_PARTIAL : code;
    }
    fprintf(stderr, language_plural("%zu file written\n", "%zu files written\n", written), written);
    return CLI_EXIT_OK;
}

int cli_run_kubespray_fix(const struct cli_values *values)
{
    struct error err = ERROR_INIT;
    struct kubespray_edits edits = {0};
    struct kubespray_fix_options options = {
        .pull_secrets = cli_list(values, CLI_SET),
        .pull_secret_count = values->of[CLI_SET].count,
        .registry_secret = cli_flag(values, CLI_REGISTRY_SECRET),
        .pull_secrets_only = cli_flag(values, CLI_PULL_SECRETS_ONLY),
        .force = cli_flag(values, CLI_FORCE),
    };
    struct kubespray *kubespray = cli_open_kubespray(values, &err);
    int code;
    if (kubespray == NULL || !cli_one_driver(values, &options.driver, &err) ||
        !kubespray_fix(kubespray, &options, &edits, &err)) {
        code = cli_report(&err);
    } else if (edits.count == 0) {
        printf(_("nothing to do\n"));
        code = CLI_EXIT_OK;
    } else {
        print_diff(&edits);
        if (!cli_is_set(values, CLI_PATCH)) {
            code = write_edits(&edits, values);
        } else {
            code = write_patch(&edits, values, &err) ? CLI_EXIT_OK : cli_report(&err);
        }
    }
    kubespray_edits_free(&edits);
    kubespray_close(kubespray);
    return code;
}
