#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "cli/status.h"
#include "doc/json.h"

static void add_text(cJSON *object, const char *name, const char *text)
{
    cJSON_AddStringToObject(object, name, text == NULL ? "" : text);
}

static void add_number(cJSON *object, const char *name, double value)
{
    cJSON_AddNumberToObject(object, name, value);
}

static void add_time(cJSON *object, const char *name, int64_t wall_ms)
{
    if (wall_ms == 0) {
        cJSON_AddNullToObject(object, name);
        return;
    }
    char text[32];
    clock_format_rfc3339(wall_ms, text);
    cJSON_AddStringToObject(object, name, text);
}

/* An ISO 8601 duration in whole seconds, in the largest units that hold it: PT6H, PT1M30S. */
static void add_duration(cJSON *object, const char *name, int64_t ms)
{
    long long seconds = (long long)(ms / 1000);
    struct buffer text;
    buffer_init(&text, 64);
    buffer_append_string(&text, "PT");
    if (seconds >= 3600) {
        buffer_printf(&text, "%lldH", seconds / 3600);
    }
    if (seconds % 3600 >= 60) {
        buffer_printf(&text, "%lldM", seconds % 3600 / 60);
    }
    if (seconds % 60 != 0 || seconds == 0) {
        buffer_printf(&text, "%lldS", seconds % 60);
    }
    cJSON_AddStringToObject(object, name, text.data);
    buffer_free(&text);
}

static cJSON *text_list(const char *const *items, size_t count)
{
    cJSON *list = cJSON_CreateArray();
    for (size_t i = 0; i < count; i++) {
        cJSON_AddItemToArray(list, cJSON_CreateString(items[i]));
    }
    return list;
}

static double whole(double value)
{
    return value < 0 ? 0 : (double)(long long)(value + 0.5);
}

static cJSON *warnings_object(const struct csi_warnings *warnings)
{
    cJSON *object = cJSON_CreateObject();
    /* 0 is a number that was counted; where kubelets report nothing there is none */
    if (cli_warnings_known(warnings)) {
        add_number(object, "count", (double)warnings->count);
    } else {
        cJSON_AddNullToObject(object, "count");
    }
    if (warnings->rate_known) {
        add_number(object, "perDay", whole(warnings->per_day));
    } else {
        cJSON_AddNullToObject(object, "perDay");
    }
    cJSON_AddBoolToObject(object, "lowerBound", warnings->lower_bound);
    add_time(object, "firstSeen", warnings->first_seen_ms);
    add_time(object, "lastSeen", warnings->last_seen_ms);
    int64_t span = warnings->watched_ms;
    if (span == 0 && warnings->last_seen_ms > warnings->first_seen_ms) {
        span = warnings->last_seen_ms - warnings->first_seen_ms;
    }
    add_duration(object, "since", span);
    return object;
}

static cJSON *reference_object(const struct cli_picture *picture, const struct csi_pod *pod,
                               const struct csi_reference *reference)
{
    cJSON *object = cJSON_CreateObject();
    add_text(object, "name", reference->name);
    add_text(object, "source", reference->source == CSI_SOURCE_POD ? "pod" : "serviceaccount");
    add_text(object, "state", csi_secret_state_name(reference->state));
    const struct csi_secret *secret = csi_census_secret(picture->census, pod->ns, reference->name);
    cJSON_AddItemToObject(object, "registries",
                          secret == NULL ? cJSON_CreateArray()
                                         : text_list(secret->registries, secret->registry_count));
    return object;
}

static cJSON *pod_object(const struct cli_picture *picture, const struct csi_pod *pod)
{
    cJSON *object = cJSON_CreateObject();
    char ready[32];
    snprintf(ready, sizeof(ready), "%d/%d", pod->ready_containers, pod->containers);
    add_text(object, "name", pod->name);
    add_text(object, "node", pod->node);
    add_text(object, "phase", pod->phase);
    add_text(object, "ready", ready);
    add_number(object, "restarts", pod->restarts);
    cJSON_AddBoolToObject(object, "stale", pod->stale);
    cJSON_AddItemToObject(object, "images", text_list(pod->images, pod->image_count));
    cJSON *references = cJSON_AddArrayToObject(object, "pullSecrets");
    for (size_t i = 0; i < pod->reference_count; i++) {
        cJSON_AddItemToArray(references, reference_object(picture, pod, &pod->references[i]));
    }
    add_text(object, "state", csi_secret_state_name(pod->state));
    add_text(object, "pulling", csi_pulling_name(pod->pulling));
    if (pod->pull_message != NULL) {
        add_text(object, "pullMessage", pod->pull_message);
    }
    if (pod->odd != NULL) {
        add_text(object, "odd", pod->odd);
    }
    cJSON_AddItemToObject(object, "warnings", warnings_object(&pod->warnings));
    return object;
}

static cJSON *workload_object(const struct cli_picture *picture,
                              const struct csi_workload *workload)
{
    cJSON *object = cJSON_CreateObject();
    add_text(object, "kind", workload->kind);
    add_text(object, "namespace", workload->ns);
    add_text(object, "name", workload->name);
    add_text(object, "role", csi_role_name(workload->role));
    add_number(object, "desired", workload->desired);
    add_number(object, "ready", workload->ready);
    add_number(object, "updated", workload->updated);
    add_text(object, "serviceAccount", workload->service_account);
    add_text(object, "managedBy", workload->managed_by);
    cJSON *names = cJSON_AddArrayToObject(object, "imagePullSecrets");
    for (size_t i = 0; i < workload->reference_count; i++) {
        cJSON_AddItemToArray(names, cJSON_CreateString(workload->references[i].name));
    }
    if (picture->pods_apart) {
        cJSON_AddRawToObject(object, "pods", "\001");
        return object;
    }
    cJSON *pods = cJSON_AddArrayToObject(object, "pods");
    for (size_t i = 0; i < workload->pod_count; i++) {
        if (cli_filter_pod(&picture->filter, workload->pods[i])) {
            cJSON_AddItemToArray(pods, pod_object(picture, workload->pods[i]));
        }
    }
    return object;
}

static cJSON *finding_object(const struct csi_finding *finding)
{
    cJSON *object = cJSON_CreateObject();
    add_text(object, "rule", finding->rule->name);
    add_text(object, "severity", csi_severity_name(finding->severity));
    add_text(object, "driver", finding->driver);
    if (finding->secret_namespace != NULL && finding->secret_namespace[0] != '\0') {
        cJSON *secret = cJSON_AddObjectToObject(object, "secret");
        add_text(secret, "namespace", finding->secret_namespace);
        add_text(secret, "name", finding->secret_name);
    } else {
        cJSON_AddNullToObject(object, "secret");
    }
    add_number(object, "pods", (double)finding->pods);
    add_text(object, "message", finding->message);
    add_text(object, "explanation", finding->explanation);
    cJSON *fixes = cJSON_AddArrayToObject(object, "fixes");
    for (size_t i = 0; i < finding->fix_count; i++) {
        cJSON *fix = cJSON_CreateObject();
        add_text(fix, "change", csi_change_name(finding->fixes[i].change));
        add_number(fix, "restarts", finding->fixes[i].restarts);
        add_text(fix, "command", finding->fixes[i].command);
        cJSON_AddItemToArray(fixes, fix);
    }
    return object;
}

static void add_cluster(cJSON *document, const struct cli_picture *picture)
{
    const struct cli_connection *connection = picture->connection;
    const struct csi_follow_state *state = csi_follow_state(connection->follow);
    cJSON *cluster = cJSON_AddObjectToObject(document, "cluster");
    add_text(cluster, "context", kube_config_context(connection->config));
    add_text(cluster, "server", kube_config_server(connection->config));
    add_text(cluster, "version", state->server_version);
    add_text(cluster, "user", kube_config_user(connection->config));
    cJSON_AddBoolToObject(cluster, "readOnly", kube_client_is_read_only(connection->client));
    cJSON *refused = cJSON_AddArrayToObject(cluster, "notReadable");
    for (size_t i = 0; state->refused != NULL && state->refused[i] != NULL; i++) {
        cJSON_AddItemToArray(refused, cJSON_CreateString(state->refused[i]));
    }
}

cJSON *cli_status_document(const struct cli_picture *picture)
{
    cJSON *document = cJSON_CreateObject();
    add_text(document, "apiVersion", "pullmend/v1");
    add_text(document, "kind", "Status");
    add_time(document, "takenAt", picture->taken_ms);
    add_cluster(document, picture);
    cJSON *drivers = cJSON_AddArrayToObject(document, "drivers");
    size_t count;
    struct csi_driver *const *rows = csi_census_drivers(picture->census, &count);
    for (size_t i = 0; i < count; i++) {
        cJSON *driver = cJSON_CreateObject();
        add_text(driver, "name", rows[i]->name);
        cJSON *workloads = cJSON_AddArrayToObject(driver, "workloads");
        for (size_t j = 0; j < rows[i]->workload_count; j++) {
            cJSON_AddItemToArray(workloads, workload_object(picture, rows[i]->workloads[j]));
        }
        cJSON_AddItemToArray(drivers, driver);
    }
    cJSON *findings = cJSON_AddArrayToObject(document, "findings");
    for (size_t i = 0; i < picture->findings->count; i++) {
        cJSON_AddItemToArray(findings, finding_object(&picture->findings->items[i]));
    }
    struct csi_totals totals = csi_census_totals(picture->census);
    cJSON *sum = cJSON_AddObjectToObject(document, "totals");
    add_number(sum, "pods", (double)totals.pods);
    add_number(sum, "broken", (double)totals.broken_pods);
    add_number(sum, "warnings", (double)totals.warnings);
    if (totals.rate_known) {
        add_number(sum, "warningsPerDay", whole(totals.warnings_per_day));
    } else {
        cJSON_AddNullToObject(sum, "warningsPerDay");
    }
    cJSON_AddBoolToObject(sum, "lowerBound", totals.lower_bound);
    return document;
}

/* --- Pod by pod ---------------------------------------------------------------------------------
 */

/* How deep a pod stands in the document. */
enum { POD_DEPTH = 6, TEXT_LIMIT = 64 * 1024 * 1024, PIECE = 64 * 1024 };

static void print_pods(const struct cli_picture *picture, const struct csi_workload *workload)
{
    struct buffer text;
    buffer_init(&text, TEXT_LIMIT);
    bool first = true;
    for (size_t i = 0; i < workload->pod_count; i++) {
        if (cli_filter_pod(&picture->filter, workload->pods[i])) {
            cJSON *object = pod_object(picture, workload->pods[i]);
            buffer_append_string(&text, first ? "[\n" : ",\n");
            buffer_append_repeat(&text, ' ', POD_DEPTH * 2);
            json_write_lines(&text, object, POD_DEPTH);
            cJSON_Delete(object);
            first = false;
            if (text.length >= PIECE) {
                fwrite(text.data, 1, text.length, stdout);
                buffer_clear(&text);
            }
        }
    }
    fwrite(text.data, 1, text.length, stdout);
    if (first) {
        fputs("[]", stdout);
    } else {
        printf("\n%*s]", (POD_DEPTH - 1) * 2, "");
    }
    buffer_free(&text);
}

void cli_status_print_json(const struct cli_picture *picture)
{
    struct cli_picture apart = *picture;
    apart.pods_apart = true;
    cJSON *document = cli_status_document(&apart);
    struct buffer text;
    buffer_init(&text, TEXT_LIMIT);
    json_write_lines(&text, document, 0);
    cJSON_Delete(document);
    const char *at = text.data;
    size_t count;
    struct csi_driver *const *drivers = csi_census_drivers(picture->census, &count);
    for (size_t i = 0; i < count; i++) {
        for (size_t j = 0; j < drivers[i]->workload_count; j++) {
            /* control characters in strings are escaped: this is the mark */
            size_t length = strcspn(at, "\001");
            fwrite(at, 1, length, stdout);
            at += length + (at[length] != '\0');
            print_pods(picture, drivers[i]->workloads[j]);
        }
    }
    puts(at);
    buffer_free(&text);
}
