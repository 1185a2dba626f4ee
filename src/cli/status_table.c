#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/language.h"
#include "base/text.h"
#include "cli/status.h"
#include "cli/table.h"

static const char *glyph(enum csi_secret_state state, bool ascii)
{
    if (csi_secret_state_is_broken(state)) {
        return ascii ? "x" : "✗";
    }
    if (state == CSI_SECRET_UNKNOWN) {
        return "?";
    }
    return ascii ? "+" : "✓";
}

void cli_append_state(struct buffer *out, const struct csi_reference *references, size_t count,
                      enum csi_secret_state state, bool ascii)
{
    buffer_append_string(out, glyph(state, ascii));
    buffer_append_char(out, ' ');
    if (state == CSI_SECRET_NONE) {
        buffer_append_string(out, _("none needed"));
        return;
    }
    for (size_t i = 0; i < count; i++) {
        if (references[i].state == state && references[i].name[0] != '\0') {
            text_append_safe(out, references[i].name, strlen(references[i].name));
            buffer_append_char(out, ' ');
            break;
        }
    }
    buffer_append_string(out, _(csi_secret_state_name(state)));
}

/* "6 912", with the sign of a lower bound; "-" where nothing is known. */
static void rate_text(char out[48], double per_day, bool known, bool lower_bound, bool ascii)
{
    if (!known) {
        snprintf(out, 48, "-");
        return;
    }
    char number[48];
    text_number(number, per_day);
    snprintf(out, 48, "%s%.40s", lower_bound ? (ascii ? ">=" : "≥") : "", number);
}

bool cli_filter_pod(const struct cli_filter *filter, const struct csi_pod *pod)
{
    if (filter->states == NULL) {
        return true;
    }
    for (size_t i = 0; filter->states[i] != NULL; i++) {
        if (strcmp(filter->states[i], csi_secret_state_name(pod->state)) == 0) {
            return true;
        }
    }
    return false;
}

static void add_pod(struct cli_table *table, const struct cli_picture *picture,
                    const struct csi_pod *pod)
{
    char name[300];
    char ready[32];
    char rate[48];
    struct buffer state;
    buffer_init(&state, 1024);
    snprintf(name, sizeof(name), "    %s", pod->name);
    snprintf(ready, sizeof(ready), "%d/%d", pod->ready_containers, pod->containers);
    rate_text(rate, pod->warnings.per_day, pod->warnings.rate_known, pod->warnings.lower_bound,
              picture->ascii);
    bool fails = pod->pulling == CSI_PULLING_FAILING;
    if (fails && pod->state == CSI_SECRET_NONE) { /* perhaps one is needed */
        buffer_printf(&state, _("%s pull failing"), glyph(CSI_SECRET_REJECTED, picture->ascii));
    } else {
        cli_append_state(&state, pod->references, pod->reference_count, pod->state, picture->ascii);
        buffer_append_string(&state, fails ? _(", pull failing") : "");
    }
    if (pod->stale) {
        buffer_append_string(&state, _(", old template"));
    }
    const char *cells[] = {name, pod->node, ready, state.data, rate, pod->phase};
    cli_table_add(table, cells);
    buffer_free(&state);
}

/* Whether most pods of it are broken: then these are the usual ones, otherwise the sound ones. */
static bool is_mostly_broken(const struct csi_workload *workload)
{
    size_t broken = 0;
    for (size_t i = 0; i < workload->pod_count; i++) {
        broken += csi_secret_state_is_broken(workload->pods[i]->state) ? 1 : 0;
    }
    return broken * 2 > workload->pod_count;
}

/* All pods of a small workload; of a large one those that are unlike most, and a few examples. */
static void add_pods(struct cli_table *table, const struct cli_picture *picture,
                     const struct csi_workload *workload)
{
    enum { SMALL = 20, EXAMPLES = 3 };
    bool all = picture->wide || picture->filter.states != NULL || workload->pod_count <= SMALL;
    bool broken = is_mostly_broken(workload);
    size_t alike = 0;
    for (size_t i = 0; i < workload->pod_count; i++) {
        const struct csi_pod *pod = workload->pods[i];
        if (!cli_filter_pod(&picture->filter, pod)) {
            continue;
        }
        bool usual =
            broken ? pod->state == workload->state : !csi_secret_state_is_broken(pod->state);
        bool same = usual && pod->pulling == CSI_PULLING_OK && !pod->stale;
        if (all || !same || ++alike <= EXAMPLES) {
            add_pod(table, picture, pod);
        }
    }
    if (!all && alike > EXAMPLES) {
        char more[160];
        snprintf(more, sizeof(more), _("    and %zu more like them (-o wide lists all)"),
                 alike - EXAMPLES);
        const char *cells[] = {more, "", "", "", "", ""};
        cli_table_add(table, cells);
    }
}

static void add_workload(struct cli_table *table, const struct cli_picture *picture,
                         const struct csi_workload *workload)
{
    char name[400];
    char ready[32];
    char rate[48];
    double per_day = 0;
    bool known = workload->pod_count == 0;
    bool lower_bound = false;
    for (size_t i = 0; i < workload->pod_count; i++) {
        const struct csi_warnings *warnings = &workload->pods[i]->warnings;
        per_day += warnings->rate_known ? warnings->per_day : 0;
        known = known || warnings->rate_known;
        lower_bound = lower_bound || warnings->lower_bound;
    }
    struct buffer state;
    buffer_init(&state, 1024);
    const struct csi_pod *worst = NULL;
    for (size_t i = 0; i < workload->pod_count; i++) {
        if (workload->pods[i]->state == workload->state) {
            worst = workload->pods[i];
            break;
        }
    }
    cli_append_state(&state, worst != NULL ? worst->references : workload->references,
                     worst != NULL ? worst->reference_count : workload->reference_count,
                     workload->state, picture->ascii);
    snprintf(name, sizeof(name), "  %s %s/%s", workload->kind, workload->ns, workload->name);
    snprintf(ready, sizeof(ready), "%d/%d", workload->ready, workload->desired);
    rate_text(rate, per_day, known, lower_bound, picture->ascii);
    const char *cells[] = {name, "", ready, state.data, rate, workload->managed_by};
    cli_table_add(table, cells);
    buffer_free(&state);
}

static void add_driver(struct cli_table *table, const struct cli_picture *picture,
                       const struct csi_driver *driver)
{
    char ready[32];
    char rate[48];
    struct buffer state;
    buffer_init(&state, 1024);
    snprintf(ready, sizeof(ready), language_plural("%zu pod", "%zu pods", driver->pod_count),
             driver->pod_count);
    if (driver->broken_pods > 0) {
        buffer_printf(&state, _("%s %zu broken"), picture->ascii ? "x" : "✗", driver->broken_pods);
    } else {
        cli_append_state(&state, NULL, 0, driver->state, picture->ascii);
    }
    rate_text(rate, driver->warnings.per_day, driver->warnings.rate_known,
              driver->warnings.lower_bound, picture->ascii);
    const char *cells[] = {driver->name, "",   ready,
                           state.data,   rate, driver->kubespray == NULL ? "" : driver->kubespray};
    cli_table_add(table, cells);
    buffer_free(&state);
    for (size_t i = 0; i < driver->workload_count; i++) {
        const struct csi_workload *workload = driver->workloads[i];
        add_workload(table, picture, workload);
        add_pods(table, picture, workload);
    }
}

static void add_summary(struct buffer *out, const struct cli_picture *picture)
{
    struct csi_totals totals = csi_census_totals(picture->census);
    char rate[48];
    rate_text(rate, totals.warnings_per_day, totals.rate_known, totals.lower_bound, picture->ascii);
    char drivers[64];
    char findings[64];
    size_t count = picture->findings->count;
    snprintf(drivers, sizeof(drivers), language_plural("%zu driver", "%zu drivers", totals.drivers),
             totals.drivers);
    snprintf(findings, sizeof(findings), language_plural("%zu finding", "%zu findings", count),
             count);
    buffer_printf(out, _("%s, %zu pods, %zu broken, %s warnings a day, %s\n"), drivers, totals.pods,
                  totals.broken_pods, totals.rate_known ? rate : _("no"), findings);
    const struct csi_follow_state *state = csi_follow_state(picture->connection->follow);
    for (size_t i = 0; state->refused != NULL && state->refused[i] != NULL; i++) {
        char *what = text_safe(state->refused[i]);
        buffer_printf(out, _("may not be read: %s\n"), what);
        free(what);
    }
}

void cli_status_table(const struct cli_picture *picture, struct buffer *out)
{
    struct cli_table table = {.columns = picture->wide ? 6 : 5};
    static const char *const head[] = {N_("NAME"),        N_("NODE"),     N_("READY"),
                                       N_("PULL SECRET"), N_("WARN/DAY"), N_("DETAIL")};
    size_t count;
    struct csi_driver *const *drivers = csi_census_drivers(picture->census, &count);
    if (count == 0) {
        buffer_append_string(out, _("No CSI driver was found: no workload carries a CSI sidecar or "
                                    "a plugin folder of the kubelet.\n"));
    } else {
        cli_table_head(&table, head);
    }
    for (size_t i = 0; i < count; i++) {
        add_driver(&table, picture, drivers[i]);
    }
    cli_table_write(out, &table, picture->columns);
    cli_table_free(&table);
    buffer_append_char(out, '\n');
    add_summary(out, picture);
    cli_status_findings(picture, out);
}

void cli_status_names(const struct cli_picture *picture, struct buffer *out)
{
    size_t count;
    struct csi_driver *const *drivers = csi_census_drivers(picture->census, &count);
    for (size_t i = 0; i < count; i++) {
        for (size_t j = 0; j < drivers[i]->workload_count; j++) {
            const struct csi_workload *workload = drivers[i]->workloads[j];
            if (csi_secret_state_is_broken(workload->state) &&
                (picture->filter.states == NULL || workload->pod_count > 0)) {
                char *name = xasprintf("%s/%s/%s", workload->kind, workload->ns, workload->name);
                text_append_safe(out, name, strlen(name));
                buffer_append_char(out, '\n');
                free(name);
            }
        }
    }
}
