#include <stdio.h>
#include <string.h>

#include "base/language.h"
#include "cli/command.h"
#include "cli/commands.h"
#include "csi/findings.h"

static void print_rule(const struct csi_rule *rule)
{
    printf("%s (%s)\n%s\n\n%s\n\n%s\n", rule->name, _(csi_severity_name(rule->severity)),
           _(rule->title), _(rule->explanation), _(rule->consequence));
    for (size_t i = 0; rule->ways_out[i] != NULL; i++) {
        printf("%s  - %s\n", i == 0 ? _("\nWays out:\n") : "", _(rule->ways_out[i]));
    }
}

int cli_run_explain(const struct cli_values *values)
{
    if (values->argument_count == 0) {
        size_t count;
        const struct csi_rule *rules = csi_rules(&count);
        for (size_t i = 0; i < count; i++) {
            printf("%-28s %-8s %s\n", rules[i].name, csi_severity_name(rules[i].severity),
                   _(rules[i].title));
        }
        return CLI_EXIT_OK;
    }
    for (size_t i = 0; i < values->argument_count; i++) {
        const struct csi_rule *rule = csi_rule_by_name(values->arguments[i]);
        if (rule == NULL) {
            struct error err;
            error_set(&err, ERROR_USAGE, "%s: no such rule; `pullmend explain` lists them",
                      values->arguments[i]);
            return cli_report(&err);
        }
        if (i > 0) {
            printf("\n");
        }
        print_rule(rule);
    }
    return CLI_EXIT_OK;
}
