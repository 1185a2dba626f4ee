#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "doc/json.h"
#include "kinds.h"

/* Defaults of pods and pod templates (pkg/apis/core/v1/defaults.go). */

static void set_default(cJSON *object, const char *name, const char *json)
{
    if (json_member(object, name) == NULL || cJSON_IsNull(json_member(object, name))) {
        json_set(object, name, cJSON_Parse(json));
    }
}

static bool pulls_always(const char *image)
{
    const char *slash = strrchr(image, '/');
    const char *last = slash != NULL ? slash : image;
    if (strchr(last, '@') != NULL) {
        return false;
    }
    const char *colon = strrchr(last, ':');
    return colon == NULL || strcmp(colon, ":latest") == 0;
}

static void default_http(cJSON *handler)
{
    cJSON *http = json_object(handler, "httpGet");
    if (http != NULL) {
        set_default(http, "path", "\"/\"");
        set_default(http, "scheme", "\"HTTP\"");
    }
}

static void default_probe(cJSON *container, const char *name)
{
    cJSON *probe = json_object(container, name);
    if (probe != NULL) {
        set_default(probe, "timeoutSeconds", "1");
        set_default(probe, "periodSeconds", "10");
        set_default(probe, "successThreshold", "1");
        set_default(probe, "failureThreshold", "3");
        default_http(probe);
    }
}

static void default_env(cJSON *container)
{
    cJSON *variable;
    cJSON_ArrayForEach(variable, json_list(container, "env"))
    {
        cJSON *field = json_at(variable, "valueFrom", "fieldRef", NULL);
        if (field != NULL) {
            set_default(field, "apiVersion", "\"v1\"");
        }
        const cJSON *value = json_member(variable, "value");
        if (cJSON_IsString(value) && value->valuestring[0] == '\0') {
            json_remove(variable, "value");
        }
    }
}

static void default_ports(cJSON *container, bool host_network)
{
    cJSON *port;
    cJSON_ArrayForEach(port, json_list(container, "ports"))
    {
        set_default(port, "protocol", "\"TCP\"");
        if (host_network && json_int(port, "hostPort", 0) == 0) {
            json_set(port, "hostPort",
                     cJSON_CreateNumber((double)json_int(port, "containerPort", 0)));
        }
    }
}

static void default_container(cJSON *container, bool host_network)
{
    const char *image = json_string_or(container, "image", "");
    set_default(container, "imagePullPolicy",
                pulls_always(image) ? "\"Always\"" : "\"IfNotPresent\"");
    set_default(container, "resources", "{}");
    set_default(container, "terminationMessagePath", "\"/dev/termination-log\"");
    set_default(container, "terminationMessagePolicy", "\"File\"");
    default_probe(container, "livenessProbe");
    default_probe(container, "readinessProbe");
    default_probe(container, "startupProbe");
    default_http(json_at(container, "lifecycle", "postStart", NULL));
    default_http(json_at(container, "lifecycle", "preStop", NULL));
    default_env(container);
    default_ports(container, host_network);
}

static void default_sources(cJSON *projected)
{
    cJSON *source;
    cJSON_ArrayForEach(source, json_list(projected, "sources"))
    {
        cJSON *token = json_object(source, "serviceAccountToken");
        if (token != NULL) {
            set_default(token, "expirationSeconds", "3600");
        }
        cJSON *item;
        cJSON_ArrayForEach(item, json_list(json_object(source, "downwardAPI"), "items"))
        {
            if (json_object(item, "fieldRef") != NULL) {
                set_default(json_object(item, "fieldRef"), "apiVersion", "\"v1\"");
            }
        }
    }
}

static void default_volume(cJSON *volume)
{
    static const char *const with_mode[] = {"secret", "configMap", "projected", "downwardAPI"};
    for (size_t i = 0; i < ARRAY_LENGTH(with_mode); i++) {
        cJSON *source = json_object(volume, with_mode[i]);
        if (source != NULL) {
            set_default(source, "defaultMode", "420");
        }
    }
    default_sources(json_object(volume, "projected"));
    cJSON *path = json_object(volume, "hostPath");
    if (path != NULL) {
        set_default(path, "type", "\"\"");
    }
    if (cJSON_GetArraySize(volume) == 1 && json_member(volume, "name") != NULL) {
        cJSON_AddObjectToObject(volume, "emptyDir");
    }
}

void sim_default_pod_spec(int minor, cJSON *spec)
{
    (void)minor;
    bool host_network = json_bool(spec, "hostNetwork", false);
    cJSON *one;
    cJSON_ArrayForEach(one, json_list(spec, "containers"))
    {
        default_container(one, host_network);
    }
    cJSON_ArrayForEach(one, json_list(spec, "initContainers"))
    {
        default_container(one, host_network);
    }
    cJSON_ArrayForEach(one, json_list(spec, "volumes"))
    {
        default_volume(one);
    }
    set_default(spec, "restartPolicy", "\"Always\"");
    set_default(spec, "terminationGracePeriodSeconds", "30");
    set_default(spec, "dnsPolicy", "\"ClusterFirst\"");
    set_default(spec, "securityContext", "{}");
    set_default(spec, "schedulerName", "\"default-scheduler\"");
    const char *account = json_string_or(spec, "serviceAccountName", "");
    const char *old = json_string_or(spec, "serviceAccount", "");
    if (account[0] != '\0') {
        json_set_string(spec, "serviceAccount", account);
    } else if (old[0] != '\0') {
        json_set_string(spec, "serviceAccountName", old);
    }
    /* Empty lists and flags that say nothing are left out of what is stored. */
    static const char *const lists[] = {"imagePullSecrets", "initContainers", "volumes",
                                        "tolerations",      "hostAliases",    "readinessGates"};
    for (size_t i = 0; i < ARRAY_LENGTH(lists); i++) {
        const cJSON *list = json_member(spec, lists[i]);
        if (list != NULL && (cJSON_IsNull(list) || (cJSON_IsArray(list) && list->child == NULL))) {
            json_remove(spec, lists[i]);
        }
    }
    static const char *const flags[] = {"hostNetwork", "hostPID", "hostIPC"};
    for (size_t i = 0; i < ARRAY_LENGTH(flags); i++) {
        if (cJSON_IsFalse(json_member(spec, flags[i]))) {
            json_remove(spec, flags[i]);
        }
    }
}
