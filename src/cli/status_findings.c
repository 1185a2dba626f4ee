/* The findings below the table of `status`: what is wrong and the commands that mend it. */
#include <stdlib.h>
#include <string.h>

#include "base/language.h"
#include "base/text.h"
#include "cli/status.h"

static void add_line(struct buffer *out, const char *before, const char *text)
{
    char *safe = text_safe(text);
    buffer_printf(out, "%s%s\n", before, safe);
    free(safe);
}

static void add_fixes(struct buffer *out, const struct csi_finding *finding)
{
    for (size_t i = 0; i < finding->fix_count; i++) {
        char label[512];
        csi_fix_label(&finding->fixes[i], i + 1, label, sizeof(label));
        add_line(out, "  ", label);
        add_line(out, "      ", finding->fixes[i].command);
    }
}

static void add_finding(struct buffer *out, const struct csi_finding *finding, bool wide)
{
    buffer_printf(out, "\n%s (%s): ", _(csi_severity_name(finding->severity)), finding->rule->name);
    add_line(out, "", finding->message);
    if (wide && finding->explanation[0] != '\0') {
        add_line(out, "  ", finding->explanation);
    }
    add_fixes(out, finding);
}

/* How many findings tell of the same rule, if this is the first of them; 0 if it is not. */
static size_t first_of_rule(const struct csi_findings *findings, size_t index)
{
    size_t count = 0;
    for (size_t i = 0; i < findings->count; i++) {
        const struct csi_finding *other = &findings->items[i];
        if (other->rule != findings->items[index].rule || other->severity != CSI_INFO) {
            continue;
        }
        if (i < index) {
            return 0;
        }
        count++;
    }
    return count;
}

/* What is only good to know takes a line a rule. */
static void add_remarks(struct buffer *out, const struct csi_findings *findings)
{
    bool any = false;
    for (size_t i = 0; i < findings->count; i++) {
        const struct csi_finding *finding = &findings->items[i];
        size_t count = finding->severity == CSI_INFO ? first_of_rule(findings, i) : 0;
        if (count == 0) {
            continue;
        }
        if (!any) {
            buffer_append_char(out, '\n');
            any = true;
        }
        char *message = text_safe(finding->message);
        buffer_printf(out, "%s (%s): %s", _(csi_severity_name(CSI_INFO)), finding->rule->name,
                      message);
        free(message);
        if (count > 1) {
            buffer_printf(out, _(" (and %zu more)"), count - 1);
        }
        buffer_append_char(out, '\n');
    }
}

void cli_status_findings(const struct cli_picture *picture, struct buffer *out)
{
    const struct csi_findings *findings = picture->findings;
    for (size_t i = 0; i < findings->count; i++) {
        if (picture->wide || findings->items[i].severity != CSI_INFO) {
            add_finding(out, &findings->items[i], picture->wide);
        }
    }
    if (picture->wide || findings->count == 0) {
        return;
    }
    add_remarks(out, findings);
    buffer_printf(out, _("\nWhat it means: pullmend explain %s. Everything: -o wide.\n"),
                  findings->items[0].rule->name);
}
