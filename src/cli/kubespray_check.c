/* kubespray check: findings in a checkout as text, JSON, or SARIF for code hosts. */
#include <config.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/language.h"
#include "base/text.h"
#include "cli/command.h"
#include "cli/kubespray.h"
#include "doc/json.h"
#include "kubespray/check.h"

enum { OUTPUT_LIMIT = 1 << 28 };

static const char *severity_word(enum kubespray_severity severity)
{
    static const char *const words[] = {N_("error"), N_("warning"), N_("info")};
    return words[severity];
}

static void print_text(const struct kubespray_findings *findings)
{
    for (size_t i = 0; i < findings->count; i++) {
        const struct kubespray_finding *finding = &findings->items[i];
        char *file = text_safe(finding->file);
        char *message = text_safe(finding->message);
        char *why = text_safe(finding->why);
        char *fix = text_safe(finding->fix);
        printf("%s:%d:%d: %s: %s [%s]\n  %s\n  %s\n", file, finding->line, finding->column,
               _(severity_word(finding->severity)), message, finding->rule, why, fix);
        free(file);
        free(message);
        free(why);
        free(fix);
    }
}

static cJSON *json_document(const struct kubespray_findings *findings)
{
    cJSON *document = cJSON_CreateObject();
    cJSON_AddStringToObject(document, "apiVersion", "pullmend/v1");
    cJSON_AddStringToObject(document, "kind", "KubesprayCheck");
    cJSON *items = cJSON_AddArrayToObject(document, "findings");
    for (size_t i = 0; i < findings->count; i++) {
        const struct kubespray_finding *finding = &findings->items[i];
        cJSON *item = cJSON_CreateObject();
        cJSON_AddStringToObject(item, "rule", finding->rule);
        cJSON_AddStringToObject(item, "severity", severity_word(finding->severity));
        cJSON_AddStringToObject(item, "file", finding->file);
        cJSON_AddNumberToObject(item, "line", finding->line);
        cJSON_AddNumberToObject(item, "column", finding->column);
        cJSON_AddStringToObject(item, "message", finding->message);
        cJSON_AddStringToObject(item, "why", finding->why);
        cJSON_AddStringToObject(item, "fix", finding->fix);
        cJSON_AddBoolToObject(item, "mendable", finding->mendable);
        cJSON_AddItemToArray(items, item);
    }
    return document;
}

/* SARIF 2.1.0: the format that code hosts show beside the lines of a pull request. */
static void add_sarif_rules(cJSON *driver)
{
    cJSON *rules = cJSON_AddArrayToObject(driver, "rules");
    for (size_t i = 0; kubespray_rules[i].name != NULL; i++) {
        cJSON *rule = cJSON_CreateObject();
        cJSON_AddStringToObject(rule, "id", kubespray_rules[i].name);
        cJSON *text = cJSON_AddObjectToObject(rule, "shortDescription");
        cJSON_AddStringToObject(text, "text", kubespray_rules[i].text);
        cJSON_AddItemToArray(rules, rule);
    }
}

static cJSON *sarif_result(const struct kubespray_finding *finding)
{
    cJSON *result = cJSON_CreateObject();
    const char *level =
        finding->severity == KUBESPRAY_INFO ? "note" : severity_word(finding->severity);
    cJSON_AddStringToObject(result, "ruleId", finding->rule);
    cJSON_AddStringToObject(result, "level", level);
    cJSON *message = cJSON_AddObjectToObject(result, "message");
    struct buffer text;
    buffer_init(&text, 1 << 16);
    buffer_printf(&text, "%s. %s %s", finding->message, finding->why, finding->fix);
    cJSON_AddStringToObject(message, "text", text.data);
    buffer_free(&text);
    cJSON *locations = cJSON_AddArrayToObject(result, "locations");
    cJSON *location = cJSON_CreateObject();
    cJSON *physical = cJSON_AddObjectToObject(location, "physicalLocation");
    cJSON *artifact = cJSON_AddObjectToObject(physical, "artifactLocation");
    cJSON_AddStringToObject(artifact, "uri", finding->file);
    cJSON *region = cJSON_AddObjectToObject(physical, "region");
    cJSON_AddNumberToObject(region, "startLine", finding->line > 0 ? finding->line : 1);
    cJSON_AddNumberToObject(region, "startColumn", finding->column > 0 ? finding->column : 1);
    cJSON_AddItemToArray(locations, location);
    return result;
}

static cJSON *sarif_document(const struct kubespray_findings *findings)
{
    cJSON *document = cJSON_CreateObject();
    cJSON_AddStringToObject(document, "$schema", "https://json.schemastore.org/sarif-2.1.0.json");
    cJSON_AddStringToObject(document, "version", "2.1.0");
    cJSON *runs = cJSON_AddArrayToObject(document, "runs");
    cJSON *run = cJSON_CreateObject();
    cJSON *tool = cJSON_AddObjectToObject(run, "tool");
    cJSON *driver = cJSON_AddObjectToObject(tool, "driver");
    cJSON_AddStringToObject(driver, "name", "pullmend");
    cJSON_AddStringToObject(driver, "version", PACKAGE_VERSION);
    add_sarif_rules(driver);
    cJSON *results = cJSON_AddArrayToObject(run, "results");
    for (size_t i = 0; i < findings->count; i++) {
        cJSON_AddItemToArray(results, sarif_result(&findings->items[i]));
    }
    cJSON_AddItemToArray(runs, run);
    return document;
}

static void print_document(cJSON *document)
{
    struct buffer out;
    buffer_init(&out, OUTPUT_LIMIT);
    json_write_lines(&out, document, 0);
    puts(out.data);
    buffer_free(&out);
    cJSON_Delete(document);
}

static bool is_format(const char *format, const char *name)
{
    return format != NULL && strcmp(format, name) == 0;
}

/* From which severity up the findings fail the run; -1: never. */
static bool read_fail_on(const struct cli_values *values, int *severity, struct error *err)
{
    const char *text = cli_text(values, CLI_FAIL_ON);
    *severity = KUBESPRAY_INFO;
    if (is_format(text, "never")) {
        *severity = -1;
        return true;
    }
    for (int i = KUBESPRAY_ERROR; text != NULL && i <= KUBESPRAY_INFO; i++) {
        if (strcmp(text, severity_word((enum kubespray_severity)i)) == 0) {
            *severity = i;
            return true;
        }
    }
    return text == NULL ||
           error_set(err, ERROR_USAGE,
                     "--fail-on %s: not a severity; one of info, warning, error, never", text);
}

static bool fails(const struct kubespray_findings *findings, int severity)
{
    for (size_t i = 0; i < findings->count; i++) {
        if ((int)findings->items[i].severity <= severity) {
            return true;
        }
    }
    return false;
}

/* How much of it a fix would mend, for who reads the text. */
static void print_summary(const struct kubespray_findings *findings)
{
    size_t of[] = {0, 0, 0};
    size_t mendable = 0;
    for (size_t i = 0; i < findings->count; i++) {
        of[findings->items[i].severity]++;
        mendable += findings->items[i].mendable ? 1 : 0;
    }
    if (findings->count > 0) {
        fprintf(stderr,
                _("errors: %zu, warnings: %zu, notes: %zu; kubespray fix mends %zu of them\n"),
                of[KUBESPRAY_ERROR], of[KUBESPRAY_WARNING], of[KUBESPRAY_INFO], mendable);
    } else {
        fputs(_("no findings\n"), stderr);
    }
}

int cli_run_kubespray_check(const struct cli_values *values)
{
    struct error err = ERROR_INIT;
    struct kubespray_findings findings = {0};
    const char *format = cli_text(values, CLI_OUTPUT);
    if (format != NULL && !is_format(format, "text") && !is_format(format, "json") &&
        !is_format(format, "sarif")) {
        error_set(&err, ERROR_USAGE, "--output %s: not a format; one of text, json, sarif", format);
        return cli_report(&err);
    }
    language_set_machine(is_format(format, "json") || is_format(format, "sarif"));
    int fail_on;
    if (!read_fail_on(values, &fail_on, &err)) {
        return cli_report(&err);
    }
    struct kubespray *kubespray = cli_open_kubespray(values, &err);
    int code;
    const char *driver = NULL;
    if (kubespray == NULL || !cli_one_driver(values, &driver, &err) ||
        !kubespray_check(kubespray, driver, &findings, &err)) {
        code = cli_report(&err);
    } else {
        if (is_format(format, "json")) {
            print_document(json_document(&findings));
        } else if (is_format(format, "sarif")) {
            print_document(sarif_document(&findings));
        } else {
            print_text(&findings);
            print_summary(&findings);
        }
        code = fails(&findings, fail_on) ? CLI_EXIT_FINDINGS : CLI_EXIT_OK;
    }
    kubespray_findings_free(&findings);
    kubespray_close(kubespray);
    return code;
}
