#include <stdio.h>
#include <string.h>

#include "base/text.h"
#include "cli/status.h"

enum { LABEL_LIMIT = 64 * 1024 };

/* A label's value: backslash, quote and newline are escaped (the exposition format's rule), and it
 * is UTF-8 without control characters. */
static void append_label(struct buffer *out, const char *name, const char *value, bool first)
{
    struct buffer safe;
    buffer_init(&safe, LABEL_LIMIT);
    text_append_safe_lines(&safe, value, value == NULL ? 0 : strlen(value));
    buffer_printf(out, "%s%s=\"", first ? "" : ",", name);
    for (const char *c = safe.data; *c != '\0'; c++) {
        if (*c == '\\' || *c == '"') {
            buffer_append_char(out, '\\');
            buffer_append_char(out, *c);
        } else if (*c == '\n') {
            buffer_append_string(out, "\\n");
        } else {
            buffer_append_char(out, *c);
        }
    }
    buffer_append_char(out, '"');
    buffer_free(&safe);
}

static void head(struct buffer *out, const char *name, const char *help, const char *type)
{
    buffer_printf(out, "# HELP %s %s\n# TYPE %s %s\n", name, help, name, type);
}

static void each_pod(const struct cli_picture *picture, struct buffer *out,
                     void (*write)(struct buffer *, const struct csi_driver *,
                                   const struct csi_pod *))
{
    size_t count;
    struct csi_driver *const *drivers = csi_census_drivers(picture->census, &count);
    for (size_t i = 0; i < count; i++) {
        for (size_t j = 0; j < drivers[i]->workload_count; j++) {
            const struct csi_workload *workload = drivers[i]->workloads[j];
            for (size_t k = 0; k < workload->pod_count; k++) {
                if (cli_filter_pod(&picture->filter, workload->pods[k])) {
                    write(out, drivers[i], workload->pods[k]);
                }
            }
        }
    }
}

static void append_pod_labels(struct buffer *out, const struct csi_driver *driver,
                              const struct csi_pod *pod)
{
    append_label(out, "driver", driver->name, true);
    append_label(out, "namespace", pod->ns, false);
    append_label(out, "pod", pod->name, false);
    append_label(out, "node", pod->node, false);
}

static void write_state(struct buffer *out, const struct csi_driver *driver,
                        const struct csi_pod *pod)
{
    buffer_append_string(out, "pullmend_pod_pull_secret_broken{");
    append_pod_labels(out, driver, pod);
    append_label(out, "state", csi_secret_state_name(pod->state), false);
    buffer_printf(out, "} %d\n", csi_secret_state_is_broken(pod->state) ? 1 : 0);
}

bool cli_warnings_known(const struct csi_warnings *warnings)
{
    return warnings->rate_known || warnings->count > 0;
}

/* No sample where no kubelet reports: absent() tells that, 0 would be a lie. */
static void write_count(struct buffer *out, const struct csi_driver *driver,
                        const struct csi_pod *pod)
{
    if (!cli_warnings_known(&pod->warnings)) {
        return;
    }
    buffer_append_string(out, "pullmend_pod_pull_secret_warnings_total{");
    append_pod_labels(out, driver, pod);
    buffer_printf(out, "} %lld\n", (long long)pod->warnings.count);
}

static void write_pulling(struct buffer *out, const struct csi_driver *driver,
                          const struct csi_pod *pod)
{
    buffer_append_string(out, "pullmend_pod_image_pull_failing{");
    append_pod_labels(out, driver, pod);
    buffer_printf(out, "} %d\n", pod->pulling == CSI_PULLING_FAILING ? 1 : 0);
}

static void write_drivers(const struct cli_picture *picture, struct buffer *out)
{
    size_t count;
    struct csi_driver *const *drivers = csi_census_drivers(picture->census, &count);
    head(out, "pullmend_driver_pods", "Pods of a CSI driver.", "gauge");
    for (size_t i = 0; i < count; i++) {
        buffer_append_string(out, "pullmend_driver_pods{");
        append_label(out, "driver", drivers[i]->name, true);
        buffer_printf(out, "} %zu\n", drivers[i]->pod_count);
    }
    head(out, "pullmend_driver_broken_pods", "Pods with a broken pull-secret reference.", "gauge");
    for (size_t i = 0; i < count; i++) {
        buffer_append_string(out, "pullmend_driver_broken_pods{");
        append_label(out, "driver", drivers[i]->name, true);
        buffer_printf(out, "} %zu\n", drivers[i]->broken_pods);
    }
}

static bool same_series(const struct csi_finding *a, const struct csi_finding *b)
{
    return a->rule == b->rule && a->severity == b->severity && a->driver == b->driver &&
           strcmp(a->secret_namespace, b->secret_namespace) == 0 &&
           strcmp(a->secret_name, b->secret_name) == 0;
}

/* Findings that differ in their words only (two images of one driver) are one series: a collector
 * refuses a file that has one twice. They stand beside each other. */
static void write_findings(const struct cli_picture *picture, struct buffer *out)
{
    head(out, "pullmend_finding_pods", "Pods that a finding is about.", "gauge");
    size_t next;
    for (size_t i = 0; i < picture->findings->count; i = next) {
        const struct csi_finding *finding = &picture->findings->items[i];
        size_t pods = 0;
        for (next = i; next < picture->findings->count &&
                       same_series(finding, &picture->findings->items[next]);
             next++) {
            pods += picture->findings->items[next].pods;
        }
        buffer_append_string(out, "pullmend_finding_pods{");
        append_label(out, "rule", finding->rule->name, true);
        append_label(out, "severity", csi_severity_name(finding->severity), false);
        append_label(out, "driver", finding->driver, false);
        append_label(out, "namespace", finding->secret_namespace, false);
        append_label(out, "secret", finding->secret_name, false);
        buffer_printf(out, "} %zu\n", pods);
    }
}

void cli_status_prometheus(const struct cli_picture *picture, struct buffer *out)
{
    write_drivers(picture, out);
    head(out, "pullmend_pod_pull_secret_broken", "1 if a pull-secret reference is broken.",
         "gauge");
    each_pod(picture, out, write_state);
    head(out, "pullmend_pod_image_pull_failing", "1 while an image of the pod cannot be pulled.",
         "gauge");
    each_pod(picture, out, write_pulling);
    head(out, "pullmend_pod_pull_secret_warnings_total",
         "Warnings about pull secrets, as counted by the kubelet's events.", "counter");
    each_pod(picture, out, write_count);
    write_findings(picture, out);
    head(out, "pullmend_taken_timestamp_seconds", "When this picture was taken.", "gauge");
    buffer_printf(out, "pullmend_taken_timestamp_seconds %lld\n",
                  (long long)(picture->taken_ms / 1000));
}
