#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "doc/json.h"
#include "table_cells.h"

/* The words in kubectl's STATUS column (pkg/printers/internalversion/printers.go, printPod). */

struct summary {
    char reason[256];
    int restarts;
    int ready;
    int total;
    int64_t last_restart_ms; /* 0: none */
    bool initializing;
};

static void note_restart(struct summary *summary, const cJSON *status)
{
    const cJSON *last = json_at(status, "lastState", "terminated", NULL);
    int64_t when;
    if (last != NULL && clock_parse_rfc3339(json_string_or(last, "finishedAt", ""), &when) &&
        when > summary->last_restart_ms) {
        summary->last_restart_ms = when;
    }
}

static void terminated_reason(const cJSON *terminated, const char *prefix, char out[256])
{
    const char *reason = json_string_or(terminated, "reason", "");
    int64_t signal = json_int(terminated, "signal", 0);
    if (reason[0] != '\0') {
        snprintf(out, 256, "%s%s", prefix, reason);
    } else if (signal != 0) {
        snprintf(out, 256, "%sSignal:%lld", prefix, (long long)signal);
    } else {
        snprintf(out, 256, "%sExitCode:%lld", prefix,
                 (long long)json_int(terminated, "exitCode", 0));
    }
}

static void read_init(struct summary *summary, const cJSON *pod)
{
    const cJSON *status;
    int index = 0;
    int count = cJSON_GetArraySize(json_list(json_object(pod, "spec"), "initContainers"));
    cJSON_ArrayForEach(status, json_list(json_object(pod, "status"), "initContainerStatuses"))
    {
        summary->restarts += (int)json_int(status, "restartCount", 0);
        note_restart(summary, status);
        const cJSON *terminated = json_at(status, "state", "terminated", NULL);
        const char *waiting =
            json_string_or(json_at(status, "state", "waiting", NULL), "reason", "");
        if (terminated != NULL && json_int(terminated, "exitCode", 0) == 0) {
            index++;
            continue;
        }
        if (terminated != NULL) {
            terminated_reason(terminated, "Init:", summary->reason);
        } else if (waiting[0] != '\0' && strcmp(waiting, "PodInitializing") != 0) {
            snprintf(summary->reason, sizeof(summary->reason), "Init:%s", waiting);
        } else {
            snprintf(summary->reason, sizeof(summary->reason), "Init:%d/%d", index, count);
        }
        summary->initializing = true;
        return;
    }
}

static void read_containers(struct summary *summary, const cJSON *pod)
{
    bool running = false;
    const cJSON *list = json_list(json_object(pod, "status"), "containerStatuses");
    summary->restarts = 0;
    for (int i = cJSON_GetArraySize(list) - 1; i >= 0; i--) {
        const cJSON *status = cJSON_GetArrayItem(list, i);
        summary->restarts += (int)json_int(status, "restartCount", 0);
        note_restart(summary, status);
        const char *waiting =
            json_string_or(json_at(status, "state", "waiting", NULL), "reason", "");
        const cJSON *terminated = json_at(status, "state", "terminated", NULL);
        if (waiting[0] != '\0') {
            snprintf(summary->reason, sizeof(summary->reason), "%s", waiting);
        } else if (terminated != NULL) {
            terminated_reason(terminated, "", summary->reason);
        } else if (json_bool(status, "ready", false) &&
                   json_at(status, "state", "running", NULL) != NULL) {
            running = true;
            summary->ready++;
        }
    }
    if (strcmp(summary->reason, "Completed") == 0 && running) {
        snprintf(summary->reason, sizeof(summary->reason), "Running");
    }
}

static void summarise(struct summary *summary, const cJSON *pod)
{
    const cJSON *status = json_object(pod, "status");
    memset(summary, 0, sizeof(*summary));
    snprintf(summary->reason, sizeof(summary->reason), "%s",
             json_string_or(status, "reason", json_string_or(status, "phase", "")));
    summary->total = cJSON_GetArraySize(json_list(json_object(pod, "spec"), "containers"));
    read_init(summary, pod);
    if (!summary->initializing) {
        read_containers(summary, pod);
    }
    if (json_at(pod, "metadata", "deletionTimestamp", NULL) != NULL) {
        snprintf(summary->reason, sizeof(summary->reason), "Terminating");
    }
}

static void restarts(struct sim_row *row, const struct summary *summary)
{
    char text[64];
    char age[32];
    if (row->sim->minor < 23) {
        sim_cell_number(row, summary->restarts);
        return;
    }
    snprintf(text, sizeof(text), "%d", summary->restarts);
    if (summary->restarts > 0 && summary->last_restart_ms > 0) {
        clock_format_age(row->now_ms - summary->last_restart_ms, age);
        snprintf(text, sizeof(text), "%d (%s ago)", summary->restarts, age);
    }
    sim_cell_text(row, text);
}

static const char *or_none(const char *text)
{
    return text[0] != '\0' ? text : "<none>";
}

void sim_cells_pod(struct sim_row *row)
{
    struct summary summary;
    char ready[32];
    const cJSON *spec = json_object(row->body, "spec");
    const cJSON *status = json_object(row->body, "status");
    summarise(&summary, row->body);
    snprintf(ready, sizeof(ready), "%d/%d", summary.ready, summary.total);
    sim_cell_name(row);
    sim_cell_text(row, ready);
    sim_cell_text(row, summary.reason);
    restarts(row, &summary);
    sim_cell_created(row);
    const cJSON *first = cJSON_GetArrayItem(json_list(status, "podIPs"), 0);
    sim_cell_text(row, or_none(json_string_or(first, "ip", json_string_or(status, "podIP", ""))));
    sim_cell_text(row, or_none(json_string_or(spec, "nodeName", "")));
    sim_cell_text(row, or_none(json_string_or(status, "nominatedNodeName", "")));
    sim_cell_text(row, "<none>");
}
