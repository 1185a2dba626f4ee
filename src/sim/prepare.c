#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "doc/json.h"
#include "kinds.h"

static const char generation_annotation[] = "deprecated.daemonset.template.generation";

/* The status that a new object starts with; what a client sends is not taken. */
static void start_status(struct sim *sim, const struct sim_resource *resource, cJSON *body)
{
    const char *json = "{}";
    if (resource == sim_daemonsets()) {
        json =
            "{\"currentNumberScheduled\":0,\"numberMisscheduled\":0,\"desiredNumberScheduled\":0,"
            "\"numberReady\":0}";
    } else if (resource == sim_statefulsets()) {
        json = sim->minor >= 22 ? "{\"replicas\":0,\"availableReplicas\":0}" : "{\"replicas\":0}";
    } else if (resource == sim_replicasets()) {
        json = "{\"replicas\":0}";
    } else if (resource == sim_pods()) {
        json = "{\"phase\":\"Pending\"}";
    } else if (resource == sim_nodes() || resource == sim_namespaces()) {
        return; /* nodes register with their status; namespaces get a phase by default */
    }
    json_set(body, "status", cJSON_Parse(json));
}

/* BestEffort, Burstable or Guaranteed (component-helpers/qos). */
static const char *quality(const cJSON *spec)
{
    bool any = false;
    bool all = true;
    const cJSON *container;
    cJSON_ArrayForEach(container, json_list(spec, "containers"))
    {
        static const char *const names[] = {"cpu", "memory"};
        for (size_t i = 0; i < ARRAY_LENGTH(names); i++) {
            const cJSON *limit = json_at(container, "resources", "limits", names[i], NULL);
            const cJSON *request = json_at(container, "resources", "requests", names[i], NULL);
            any = any || limit != NULL || request != NULL;
            all = all && limit != NULL && (request == NULL || json_equal(limit, request));
        }
    }
    return !any ? "BestEffort" : all ? "Guaranteed" : "Burstable";
}

/* metadata.annotations of a DaemonSet carry the old templateGeneration, which grows with each
 * change of the template and which clients cannot set (pkg/apis/apps/v1/conversion.go). */
static void set_template_generation(cJSON *body, const char *number)
{
    cJSON *annotations = json_need_object(json_need_object(body, "metadata"), "annotations");
    json_set_string(annotations, generation_annotation, number);
}

static const char *template_generation(const cJSON *live)
{
    return json_string_or(json_at(live, "metadata", "annotations", NULL), generation_annotation,
                          "1");
}

void sim_kind_count(const struct sim_resource *resource, const cJSON *live, cJSON *body)
{
    if (resource != sim_daemonsets() || json_equal(json_at(live, "spec", "template", NULL),
                                                   json_at(body, "spec", "template", NULL))) {
        return;
    }
    char text[24];
    snprintf(text, sizeof(text), "%lld", strtoll(template_generation(live), NULL, 10) + 1);
    set_template_generation(body, text);
}

static void set_base64(cJSON *data, const char *key, const char *text)
{
    struct buffer encoded;
    buffer_init_secret(&encoded, 4 * 1024 * 1024);
    base64_encode(&encoded, text, strlen(text));
    json_set_string(data, key, encoded.data);
    buffer_free(&encoded);
}

/* stringData goes into data; null values become empty, line breaks in base64 go. */
static void prepare_secret(cJSON *body)
{
    cJSON *given = json_object(body, "stringData");
    cJSON *one;
    cJSON_ArrayForEach(one, given)
    {
        if (cJSON_IsString(one)) {
            set_base64(json_need_object(body, "data"), one->string, one->valuestring);
        }
    }
    json_remove(body, "stringData");
    cJSON *data = json_object(body, "data");
    cJSON_ArrayForEach(one, data)
    {
        if (cJSON_IsNull(one)) {
            one->type = cJSON_String | (one->type & ~0xFF);
            one->valuestring = cJSON_malloc(1);
            one->valuestring[0] = '\0';
        } else if (cJSON_IsString(one)) {
            char *to = one->valuestring;
            for (const char *from = one->valuestring; *from != '\0'; from++) {
                if (*from != '\n' && *from != '\r') {
                    *to++ = *from;
                }
            }
            *to = '\0';
        }
    }
    if (data != NULL && data->child == NULL) {
        json_remove(body, "data");
    } else if (data == NULL) {
        json_remove(body, "data");
    }
    if (cJSON_IsNull(json_member(body, "immutable"))) {
        json_remove(body, "immutable");
    }
}

/* Pods count their generation in newer servers only. */
static void prepare_pod(struct sim *sim, cJSON *body)
{
    (void)sim;
    json_set_string(json_need_object(body, "status"), "qosClass",
                    quality(json_member(body, "spec")));
}

static void drop_empty_lists(cJSON *body, const char *const *names, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        const cJSON *list = json_member(body, names[i]);
        if (list != NULL && (cJSON_IsNull(list) || (cJSON_IsArray(list) && list->child == NULL))) {
            json_remove(body, names[i]);
        }
    }
}

void sim_kind_prepare(struct sim *sim, const struct sim_resource *resource, const cJSON *live,
                      cJSON *body)
{
    if (live == NULL && sim_word_in(resource->subresources, "status")) {
        start_status(sim, resource, body);
    }
    if (resource == sim_daemonsets()) {
        set_template_generation(body, live != NULL ? template_generation(live) : "1");
    } else if (resource == sim_secrets()) {
        prepare_secret(body);
    } else if (resource == sim_pods() && live == NULL) {
        prepare_pod(sim, body);
    } else if (resource == sim_service_accounts()) {
        static const char *const lists[] = {"secrets", "imagePullSecrets"};
        drop_empty_lists(body, lists, ARRAY_LENGTH(lists));
    }
}
