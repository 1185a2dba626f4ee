/* kubespray render: what Ansible would write, byte for byte. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/file.h"
#include "base/language.h"
#include "base/log.h"
#include "cli/command.h"
#include "cli/kubespray.h"

int cli_run_kubespray(const struct cli_values *values)
{
    struct error err;
    (void)values;
    error_set(&err, ERROR_USAGE, "kubespray wants one of render, check, fix; see --help");
    return cli_report(&err);
}

struct kubespray_options cli_kubespray_options(const struct cli_values *values)
{
    return (struct kubespray_options){
        .checkout = cli_text(values, CLI_KUBESPRAY),
        .inventory = cli_text(values, CLI_INVENTORY),
        .extra = cli_list(values, CLI_EXTRA_VARS),
        .extra_count = values->of[CLI_EXTRA_VARS].count,
        .host = cli_text(values, CLI_LIMIT_HOST),
        .facts = cli_text(values, CLI_FACTS),
    };
}

struct kubespray *cli_open_kubespray(const struct cli_values *values, struct error *err)
{
    struct kubespray_options options = cli_kubespray_options(values);
    if (options.checkout == NULL) {
        error_set(err, ERROR_USAGE, "which checkout of Kubespray? Name it by --kubespray DIR");
        return NULL;
    }
    if (values->of[CLI_INVENTORY].count > 1) {
        error_set(err, ERROR_USAGE, "one --inventory at a time");
        return NULL;
    }
    struct kubespray *kubespray = kubespray_open(&options, err);
    for (size_t i = 0; kubespray != NULL && kubespray_note(kubespray, i) != NULL; i++) {
        log_message(LOG_WARNING, "%s", kubespray_note(kubespray, i));
    }
    return kubespray;
}

bool cli_one_driver(const struct cli_values *values, const char **driver, struct error *err)
{
    *driver = cli_text(values, CLI_DRIVER);
    return values->of[CLI_DRIVER].count <= 1 ||
           error_set(err, ERROR_USAGE, "one --driver at a time; without, all six are meant");
}

static bool choose_templates(struct kubespray *kubespray, const struct cli_values *values,
                             struct kubespray_paths *out, struct error *err)
{
    const char *driver = NULL;
    if (!cli_one_driver(values, &driver, err)) {
        return false;
    }
    if (values->argument_count == 0) {
        return kubespray_templates(kubespray, driver, out, err);
    }
    *out = (struct kubespray_paths){0};
    out->items = xcalloc(values->argument_count, sizeof(char *));
    for (size_t i = 0; i < values->argument_count; i++) {
        out->items[out->count++] = xstrdup(values->arguments[i]);
    }
    return true;
}

/* To --out DIR, private because it can hold credentials, or to standard output. */
static bool write_result(const struct cli_values *values, const char *template,
                         const struct kubespray_rendered *rendered, struct error *err)
{
    const char *folder = cli_text(values, CLI_OUT);
    if (folder == NULL) {
        fwrite(rendered->bytes.data, 1, rendered->bytes.length, stdout);
        return fflush(stdout) == 0 ||
               error_set(err, ERROR_INTERNAL, "standard output: cannot write");
    }
    char name[512];
    char *path = file_join(folder, kubespray_output_name(template, name, sizeof(name)));
    bool done = file_make_folder(folder, 0700, err) &&
                file_write_atomic(path, rendered->bytes.data, rendered->bytes.length, 0600, err);
    free(path);
    return done;
}

/* "set these": each undefined variable once, with the lines that use it. */
static void report_missing(const struct kubespray_missing *missing)
{
    if (missing->count == 0) {
        return;
    }
    fprintf(stderr,
            language_plural("pullmend: Ansible would refuse these templates too: nothing sets %zu "
                            "variable (set it in the inventory, or with -e)\n",
                            "pullmend: Ansible would refuse these templates too: nothing sets %zu "
                            "variables (set them in the inventory, or with -e)\n",
                            missing->count),
            missing->count);
    for (size_t i = 0; i < missing->count; i++) {
        fprintf(stderr, "  %s\n", missing->items[i].name);
        for (size_t k = 0; k < missing->items[i].user_count; k++) {
            fprintf(stderr, "    %s\n", missing->items[i].users[k]);
        }
    }
}

static int render_all(struct kubespray *kubespray, const struct cli_values *values,
                      const struct kubespray_paths *templates)
{
    int code = CLI_EXIT_OK;
    struct kubespray_missing missing = {0};
    for (size_t i = 0; i < templates->count; i++) {
        struct kubespray_rendered rendered;
        struct error err = ERROR_INIT;
        kubespray_render(kubespray, templates->items[i], &rendered);
        if (!rendered.rendered) {
            if (rendered.undefined[0] == '\0' ||
                !kubespray_missing_add(kubespray, templates->items[i], &missing)) {
                cli_report(&rendered.error);
            }
            code = CLI_EXIT_REFUSED;
        } else if (!write_result(values, templates->items[i], &rendered, &err)) {
            code = cli_report(&err);
        }
        kubespray_rendered_free(&rendered);
    }
    report_missing(&missing);
    kubespray_missing_free(&missing);
    return code;
}

int cli_run_kubespray_render(const struct cli_values *values)
{
    struct error err = ERROR_INIT;
    struct kubespray_paths templates = {0};
    struct kubespray *kubespray = cli_open_kubespray(values, &err);
    int code;
    if (kubespray == NULL || !choose_templates(kubespray, values, &templates, &err)) {
        code = cli_report(&err);
    } else {
        code = render_all(kubespray, values, &templates);
    }
    kubespray_paths_free(&templates);
    kubespray_close(kubespray);
    return code;
}
