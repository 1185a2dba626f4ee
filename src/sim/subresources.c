#include "subresources.h"

#include <openssl/rand.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/clock.h"
#include "decode.h"
#include "doc/json.h"
#include "server_inside.h"
#include "sim/writes.h"

/* --- scale
 * ----------------------------------------------------------------------------------------- */

/* "a=b,c in (d,e)": a selector as text, for autoscalers. */
static char *selector_text(const cJSON *selector)
{
    struct buffer text;
    buffer_init(&text, 64 * 1024);
    const cJSON *one;
    cJSON_ArrayForEach(one, json_object(selector, "matchLabels"))
    {
        buffer_printf(&text, "%s%s=%s", text.length > 0 ? "," : "", one->string,
                      cJSON_IsString(one) ? one->valuestring : "");
    }
    return buffer_take(&text);
}

static void answer_scale(struct sim_request *request, const struct sim_object *object)
{
    const cJSON *metadata = json_member(object->body, "metadata");
    static const char *const kept[] = {"name", "namespace", "uid", "resourceVersion",
                                       "creationTimestamp"};
    cJSON *scale = cJSON_CreateObject();
    cJSON_AddStringToObject(scale, "kind", "Scale");
    cJSON_AddStringToObject(scale, "apiVersion", "autoscaling/v1");
    cJSON *own = cJSON_AddObjectToObject(scale, "metadata");
    for (size_t i = 0; i < ARRAY_LENGTH(kept); i++) {
        cJSON_AddStringToObject(own, kept[i], json_string_or(metadata, kept[i], ""));
    }
    const cJSON *spec = json_object(object->body, "spec");
    cJSON_AddNumberToObject(cJSON_AddObjectToObject(scale, "spec"), "replicas",
                            (double)json_int(spec, "replicas", 0));
    cJSON *status = cJSON_AddObjectToObject(scale, "status");
    cJSON_AddNumberToObject(status, "replicas",
                            (double)json_int(json_object(object->body, "status"), "replicas", 0));
    char *text = selector_text(json_object(spec, "selector"));
    cJSON_AddStringToObject(status, "selector", text);
    free(text);
    sim_answer_json(request, 200, scale);
}

static void scale(struct sim_request *request)
{
    struct sim_status status = SIM_STATUS_INIT;
    const struct sim_target *target = &request->target;
    struct sim *sim = request->sim;
    struct sim_object *live = sim_store_get(sim->store, target->resource, target->ns, target->name);
    cJSON *body = NULL;
    bool dry_run = false;
    if (live == NULL) {
        sim_status_not_found(&status, target->resource, target->name);
    } else if (strcmp(target->verb, "get") == 0) {
        answer_scale(request, live);
        return;
    } else if (sim_request_dry_run(request, "UpdateOptions", &dry_run, &status) &&
               sim_decode_plain(request, &body, &status)) {
        const char *manager = sim_request_query(request, "fieldManager");
        struct sim_write write = {.manager = manager != NULL ? manager : "kubectl-scale",
                                  .subresource = "scale",
                                  .dry_run = dry_run};
        cJSON *next = cJSON_Duplicate(live->body, true);
        int64_t replicas = json_int(json_object(body, "spec"), "replicas",
                                    json_int(json_object(next, "spec"), "replicas", 1));
        const char *version = json_string(json_object(body, "metadata"), "resourceVersion");
        if (version != NULL && version[0] != '\0') {
            json_set_string(json_member(next, "metadata"), "resourceVersion", version);
        }
        json_set(json_need_object(next, "spec"), "replicas", cJSON_CreateNumber((double)replicas));
        struct sim_object *made = NULL;
        if (sim_write_update(sim, target->resource, target->ns, target->name, next, &write, &made,
                             &status)) {
            answer_scale(request, made);
        }
        sim_object_release(made);
    }
    cJSON_Delete(body);
    if (status.code != 0) {
        sim_answer_status(request, &status);
    }
}

/* --- eviction
 * ------------------------------------------------------------------------------------------ */

static bool labels_match(const cJSON *selector, const cJSON *labels)
{
    const cJSON *one;
    cJSON_ArrayForEach(one, json_object(selector, "matchLabels"))
    {
        const char *value = json_string(labels, one->string);
        if (value == NULL || !cJSON_IsString(one) || strcmp(value, one->valuestring) != 0) {
            return false;
        }
    }
    return true;
}

static bool is_ready(const cJSON *pod)
{
    const cJSON *one;
    cJSON_ArrayForEach(one, json_list(json_object(pod, "status"), "conditions"))
    {
        if (strcmp(json_string_or(one, "type", ""), "Ready") == 0) {
            return strcmp(json_string_or(one, "status", ""), "True") == 0;
        }
    }
    return false;
}

/* How many pods a budget needs: a number, or a percentage rounded up. */
static int64_t needed(const cJSON *spec, int64_t expected)
{
    const cJSON *least = json_member(spec, "minAvailable");
    const cJSON *most = json_member(spec, "maxUnavailable");
    const cJSON *value = least != NULL ? least : most;
    int64_t count = 0;
    if (cJSON_IsNumber(value)) {
        count = (int64_t)value->valuedouble;
    } else if (cJSON_IsString(value)) {
        count = (strtoll(value->valuestring, NULL, 10) * expected + 99) / 100;
    }
    return least != NULL ? count : expected - count;
}

static bool budget_allows(struct sim *sim, const struct sim_object *pod, struct sim_status *status)
{
    size_t count;
    size_t pod_count;
    struct sim_object *const *budgets = sim_store_list(
        sim->store, sim_resource_find("policy", "v1", "poddisruptionbudgets"), pod->ns, &count);
    struct sim_object *const *pods = sim_store_list(sim->store, sim_pods(), pod->ns, &pod_count);
    for (size_t i = 0; i < count; i++) {
        const cJSON *spec = json_object(budgets[i]->body, "spec");
        const cJSON *selector = json_object(spec, "selector");
        if (!labels_match(selector, json_at(pod->body, "metadata", "labels", NULL))) {
            continue;
        }
        int64_t healthy = 0;
        int64_t expected = 0;
        for (size_t j = 0; j < pod_count; j++) {
            if (labels_match(selector, json_at(pods[j]->body, "metadata", "labels", NULL))) {
                expected++;
                healthy += is_ready(pods[j]->body) ? 1 : 0;
            }
        }
        int64_t wanted = needed(spec, expected);
        if (healthy - 1 < wanted && is_ready(pod->body)) {
            char *message =
                xasprintf("The disruption budget %s needs %lld healthy pods and has %lld currently",
                          budgets[i]->name, (long long)wanted, (long long)healthy);
            sim_status_set(status, 429, "TooManyRequests",
                           "Cannot evict pod as it would violate the pod's disruption budget.");
            status->details = cJSON_CreateObject();
            cJSON *cause = cJSON_CreateObject();
            cJSON_AddStringToObject(cause, "reason", "DisruptionBudget");
            cJSON_AddStringToObject(cause, "message", message);
            cJSON_AddItemToArray(cJSON_AddArrayToObject(status->details, "causes"), cause);
            free(message);
            return false;
        }
    }
    return true;
}

static void evict(struct sim_request *request)
{
    struct sim_status status = SIM_STATUS_INIT;
    const struct sim_target *target = &request->target;
    struct sim_object *pod =
        sim_store_get(request->sim->store, sim_pods(), target->ns, target->name);
    struct sim_store_options options = {.grace_seconds = -1};
    if (pod == NULL) {
        sim_status_not_found(&status, sim_pods(), target->name);
    } else if (sim_request_dry_run(request, "CreateOptions", &options.dry_run, &status) &&
               budget_allows(request->sim, pod, &status) &&
               sim_store_delete(request->sim->store, sim_pods(), target->ns, target->name, &options,
                                NULL, NULL, &status)) {
        cJSON *answer = cJSON_CreateObject();
        cJSON_AddStringToObject(answer, "kind", "Status");
        cJSON_AddStringToObject(answer, "apiVersion", "v1");
        cJSON_AddObjectToObject(answer, "metadata");
        cJSON_AddStringToObject(answer, "status", "Success");
        cJSON_AddNumberToObject(answer, "code", 201);
        sim_answer_json(request, 201, answer);
        return;
    }
    sim_answer_status(request, &status);
}

/* --- token
 * --------------------------------------------------------------------------------------------- */

/* A token that this server takes back, in the look of a JWT. */
static bool issue(struct sim *sim, const struct sim_object *account, char out[80])
{
    unsigned char bytes[24];
    if (RAND_bytes(bytes, sizeof(bytes)) != 1) {
        return false;
    }
    snprintf(out, 80, "sim-");
    for (size_t i = 0; i < sizeof(bytes); i++) {
        snprintf(out + 4 + i * 2, 3, "%02x", bytes[i]);
    }
    char *name = xasprintf("system:serviceaccount:%s:%s", account->ns, account->name);
    char *of_namespace = xasprintf("system:serviceaccounts:%s", account->ns);
    const char *const groups[] = {"system:serviceaccounts", of_namespace};
    if (sim->server != NULL) {
        sim_server_add_token(sim->server, out, name, groups, ARRAY_LENGTH(groups));
    }
    free(name);
    free(of_namespace);
    return true;
}

static void describe_token(const struct sim *sim, const struct sim_object *account, cJSON *metadata)
{
    char when[32];
    if (sim->minor < 30) {
        cJSON_AddNullToObject(metadata, "creationTimestamp");
        return;
    }
    cJSON_AddStringToObject(metadata, "name", account->name);
    cJSON_AddStringToObject(metadata, "namespace", account->ns);
    cJSON_AddStringToObject(metadata, "uid", account->uid);
    clock_format_rfc3339(sim_now_ms(sim), when);
    cJSON_AddStringToObject(metadata, "creationTimestamp", when);
}

static void request_token(struct sim_request *request)
{
    struct sim_status status = SIM_STATUS_INIT;
    const struct sim_target *target = &request->target;
    struct sim *sim = request->sim;
    const struct sim_object *account =
        sim_store_get(sim->store, sim_service_accounts(), target->ns, target->name);
    char token[80];
    cJSON *body = NULL;
    if (account == NULL) {
        sim_status_not_found(&status, sim_service_accounts(), target->name);
    } else if (!issue(sim, account, token)) {
        sim_status_internal(&status, "no random bytes");
    } else if (sim_decode_plain(request, &body, &status)) {
        char when[32];
        int64_t seconds = json_int(json_object(body, "spec"), "expirationSeconds", 3600);
        cJSON *answer = cJSON_CreateObject();
        cJSON_AddStringToObject(answer, "kind", "TokenRequest");
        cJSON_AddStringToObject(answer, "apiVersion", "authentication.k8s.io/v1");
        describe_token(sim, account, cJSON_AddObjectToObject(answer, "metadata"));
        cJSON *spec = cJSON_AddObjectToObject(answer, "spec");
        cJSON_AddItemToArray(cJSON_AddArrayToObject(spec, "audiences"),
                             cJSON_CreateString("https://kubernetes.default.svc"));
        cJSON_AddNumberToObject(spec, "expirationSeconds", (double)seconds);
        cJSON_AddNullToObject(spec, "boundObjectRef");
        cJSON *given = cJSON_AddObjectToObject(answer, "status");
        cJSON_AddStringToObject(given, "token", token);
        clock_format_rfc3339(sim_now_ms(sim) + seconds * 1000, when);
        cJSON_AddStringToObject(given, "expirationTimestamp", when);
        sim_answer_json(request, 201, answer);
    }
    cJSON_Delete(body);
    if (status.code != 0) {
        sim_answer_status(request, &status);
    }
}

/* --- log
 * ------------------------------------------------------------------------------------------------
 */

static void logs(struct sim_request *request)
{
    struct sim_status status = SIM_STATUS_INIT;
    const struct sim_target *target = &request->target;
    const struct sim_object *pod =
        sim_store_get(request->sim->store, sim_pods(), target->ns, target->name);
    const char *container = sim_request_query(request, "container");
    if (pod == NULL) {
        sim_status_not_found(&status, sim_pods(), target->name);
        sim_answer_status(request, &status);
        return;
    }
    const cJSON *first =
        cJSON_GetArrayItem(json_list(json_object(pod->body, "spec"), "containers"), 0);
    container = container != NULL ? container : json_string_or(first, "name", "");
    const cJSON *one;
    cJSON_ArrayForEach(one, json_list(json_object(pod->body, "status"), "containerStatuses"))
    {
        if (strcmp(json_string_or(one, "name", ""), container) == 0 &&
            json_at(one, "state", "running", NULL) != NULL) {
            /* containers of the simulation say nothing */
            sim_answer_text(request, 200, "text/plain", "");
            return;
        }
    }
    sim_status_bad_request(&status,
                           "container \"%s\" in pod \"%s\" is waiting to start: trying and failing "
                           "to pull image",
                           container, pod->name);
    sim_answer_status(request, &status);
}

void sim_subresource(struct sim_request *request)
{
    const struct sim_target *target = &request->target;
    struct sim_status status = SIM_STATUS_INIT;
    bool creates = strcmp(target->verb, "create") == 0;
    bool deletes = strncmp(target->verb, "delete", 6) == 0;
    if (strcmp(target->subresource, "scale") == 0 && !creates && !deletes) {
        scale(request);
    } else if (strcmp(target->subresource, "eviction") == 0 && creates) {
        evict(request);
    } else if (strcmp(target->subresource, "token") == 0 && creates) {
        request_token(request);
    } else if (strcmp(target->subresource, "log") == 0 && strcmp(target->verb, "get") == 0) {
        logs(request);
    } else {
        sim_status_set(&status, 405, "MethodNotAllowed",
                       "the server does not allow this method on the requested resource");
        status.details = cJSON_CreateObject();
        sim_answer_status(request, &status);
    }
}
