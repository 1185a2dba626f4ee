#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/clock.h"
#include "base/language.h"
#include "base/secret.h"
#include "doc/json.h"
#include "exec.h"

/* The two documents of a credential plugin: what it is told and what it answers. */

void exec_result_free(struct exec_result *result)
{
    secret_free_string(result->token);
    secret_free_string(result->certificate);
    secret_free_string(result->key);
    *result = (struct exec_result){0};
}

static void add_cluster(cJSON *spec, const struct kube_config *config)
{
    cJSON *cluster = json_need_object(spec, "cluster");
    json_set_string(cluster, "server", config->server);
    if (config->tls_server_name != NULL) {
        json_set_string(cluster, "tls-server-name", config->tls_server_name);
    }
    if (config->insecure) {
        json_set(cluster, "insecure-skip-tls-verify", cJSON_CreateTrue());
    }
    if (config->ca != NULL) {
        struct buffer text;
        buffer_init(&text, 8 * 1024 * 1024);
        base64_encode(&text, config->ca, strlen(config->ca));
        json_set_string(cluster, "certificate-authority-data", text.data);
        buffer_free(&text);
    }
    if (config->proxy != NULL) {
        json_set_string(cluster, "proxy-url", config->proxy);
    }
    if (config->no_compression) {
        json_set(cluster, "disable-compression", cJSON_CreateTrue());
    }
    const char *extension = config->exec->cluster_config;
    cJSON *value = extension == NULL
                       ? NULL
                       : json_parse(extension, strlen(extension), "the cluster's extension", NULL);
    json_set(cluster, "config", value == NULL ? cJSON_CreateNull() : value);
}

void exec_write_info(struct buffer *out, const struct kube_config *config, bool interactive)
{
    cJSON *info = cJSON_CreateObject();
    json_set_string(info, "kind", "ExecCredential");
    json_set_string(info, "apiVersion", config->exec->api_version);
    cJSON *spec = json_need_object(info, "spec");
    if (config->exec->provide_cluster_info) {
        add_cluster(spec, config);
    }
    json_set(spec, "interactive", cJSON_CreateBool(interactive));
    json_write(out, info);
    cJSON_Delete(info);
}

static bool wrong(const struct exec_spec *spec, struct error *err, const char *what)
{
    return error_set(err, ERROR_AUTH, "credential plugin %s %s", spec->command, what);
}

static bool read_status(const cJSON *status, const struct exec_spec *spec, struct exec_result *out,
                        struct error *err)
{
    const char *token = json_string_or(status, "token", "");
    const char *certificate = json_string_or(status, "clientCertificateData", "");
    const char *key = json_string_or(status, "clientKeyData", "");
    const char *expires = json_string(status, "expirationTimestamp");
    if (*token == '\0' && *certificate == '\0' && *key == '\0') {
        return wrong(spec, err, "answered without a token or client certificate");
    }
    if ((*certificate == '\0') != (*key == '\0')) {
        return wrong(spec, err, "answered with only one of client certificate and key");
    }
    if (*certificate != '\0') {
        char *label = xasprintf(_("credential plugin %s"), spec->command);
        bool good = pem_check_pair(certificate, key, label, err);
        free(label);
        if (!good) {
            if (err != NULL) {
                err->kind = ERROR_AUTH;
            }
            return false;
        }
    }
    int64_t when = 0;
    if (expires != NULL && !clock_parse_rfc3339(expires, &when)) {
        return wrong(spec, err, "answered with an expirationTimestamp that is no time");
    }
    if (strpbrk(token, "\r\n") != NULL) {
        return wrong(spec, err, "answered with a token of several lines");
    }
    out->token = *token == '\0' ? NULL : xstrdup(token);
    out->certificate = *certificate == '\0' ? NULL : xstrdup(certificate);
    out->key = *key == '\0' ? NULL : xstrdup(key);
    out->expires_ms = when;
    return true;
}

bool exec_parse(const char *text, size_t length, const struct exec_spec *spec,
                struct exec_result *out, struct error *err)
{
    *out = (struct exec_result){0};
    cJSON *answer = json_parse(text, length, "its answer", NULL);
    if (answer == NULL) {
        return wrong(spec, err, "did not answer with JSON (an ExecCredential is expected)");
    }
    const char *version = json_string_or(answer, "apiVersion", "");
    const char *kind = json_string_or(answer, "kind", "");
    const cJSON *status = json_object(answer, "status");
    bool good;
    if (strcmp(kind, "ExecCredential") != 0) {
        good = wrong(spec, err, "did not answer with an ExecCredential");
    } else if (strcmp(version, spec->api_version) != 0) {
        good = error_set(err, ERROR_AUTH,
                         "credential plugin %s answers as %.100s, but the kubeconfig says %s; make "
                         "them equal",
                         spec->command, version, spec->api_version);
    } else if (status == NULL) {
        good = wrong(spec, err, "answered without a status");
    } else {
        good = read_status(status, spec, out, err);
    }
    json_delete_secret(answer);
    return good;
}
