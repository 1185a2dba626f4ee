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

static void add_base64(cJSON *object, const char *name, const char *text)
{
    struct buffer encoded;
    buffer_init_secret(&encoded, FILE_LIMIT);
    base64_encode(&encoded, text, strlen(text));
    cJSON_AddStringToObject(object, name, encoded.data);
    buffer_free(&encoded);
}

static cJSON *cluster(const struct sim_server *server)
{
    char url[64];
    snprintf(url, sizeof(url), "https://127.0.0.1:%d", server->port);
    cJSON *value = cJSON_CreateObject();
    cJSON_AddStringToObject(value, "server", url);
    add_base64(value, "certificate-authority-data", server->certificates.ca);
    return value;
}

static cJSON *user(const struct sim_server *server, const char *token,
                   const struct sim_identity *identity)
{
    cJSON *value = cJSON_CreateObject();
    if (server->login == SIM_USER_TOKEN) {
        cJSON_AddStringToObject(value, "token", token);
    } else {
        add_base64(value, "client-certificate-data", identity->certificate);
        add_base64(value, "client-key-data", identity->key);
    }
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
        cJSON_AddItemToArray(users,
                             named("demo-admin", "user",
                                   user(server, server->admin_token, &server->certificates.admin)));
    }
    cJSON_AddItemToArray(users,
                         named("demo-viewer", "user",
                               user(server, server->viewer_token, &server->certificates.viewer)));
    struct buffer text;
    buffer_init_secret(&text, FILE_LIMIT);
    bool ok = doc_write_yaml(&text, config, true) &&
              file_write_atomic(path, text.data, text.length, 0600, err);
    buffer_free(&text);
    json_delete_secret(config);
    return ok;
}
