#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "doc/json.h"
#include "doc/yaml.h"
#include "server_inside.h"
#include "sim/scenario_parts.h"

enum { FILE_LIMIT = 64 * 1024 };

static cJSON *named(const char *name, const char *member, cJSON *value)
{
    cJSON *one = cJSON_CreateObject();
    cJSON_AddStringToObject(one, "name", name);
    cJSON_AddItemToObject(one, member, value);
    return one;
}

static cJSON *cluster(const struct sim_server *server)
{
    char url[64];
    struct buffer ca;
    buffer_init(&ca, FILE_LIMIT);
    base64_encode(&ca, server->certificates.ca, strlen(server->certificates.ca));
    snprintf(url, sizeof(url), "https://127.0.0.1:%d", server->port);
    cJSON *value = cJSON_CreateObject();
    cJSON_AddStringToObject(value, "server", url);
    cJSON_AddStringToObject(value, "certificate-authority-data", ca.data);
    buffer_free(&ca);
    return value;
}

static cJSON *user(const char *token)
{
    cJSON *value = cJSON_CreateObject();
    cJSON_AddStringToObject(value, "token", token);
    return value;
}

static cJSON *context(const char *user_name)
{
    cJSON *value = cJSON_CreateObject();
    cJSON_AddStringToObject(value, "cluster", "demo");
    cJSON_AddStringToObject(value, "user", user_name);
    return value;
}

bool sim_server_write_kubeconfig(const struct sim *sim, const char *path, struct error *err)
{
    const struct sim_server *server = sim->server;
    cJSON *config = cJSON_CreateObject();
    cJSON_AddStringToObject(config, "apiVersion", "v1");
    cJSON_AddStringToObject(config, "kind", "Config");
    bool viewer_only = sim_scenario_viewer_only(sim);
    cJSON_AddStringToObject(config, "current-context", viewer_only ? "viewer" : "demo");
    cJSON_AddItemToArray(cJSON_AddArrayToObject(config, "clusters"),
                         named("demo", "cluster", cluster(server)));
    cJSON *contexts = cJSON_AddArrayToObject(config, "contexts");
    if (!viewer_only) {
        cJSON_AddItemToArray(contexts, named("demo", "context", context("demo-admin")));
    }
    cJSON_AddItemToArray(contexts, named("viewer", "context", context("demo-viewer")));
    cJSON *users = cJSON_AddArrayToObject(config, "users");
    if (!viewer_only) {
        cJSON_AddItemToArray(users, named("demo-admin", "user", user(server->admin_token)));
    }
    cJSON_AddItemToArray(users, named("demo-viewer", "user", user(server->viewer_token)));
    struct buffer text;
    buffer_init_secret(&text, FILE_LIMIT);
    bool ok = doc_write_yaml(&text, config, true) &&
              file_write_atomic(path, text.data, text.length, 0600, err);
    buffer_free(&text);
    json_delete_secret(config);
    return ok;
}
