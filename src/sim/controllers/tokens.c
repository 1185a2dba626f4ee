#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/clock.h"
#include "base/secret.h"
#include "doc/json.h"
#include "sim/life.h"
#include "sim/writes.h"

/* The token Secrets that clusters before 1.24 made for each ServiceAccount
 * (pkg/controller/serviceaccount/tokens_controller.go). */

enum { LAST_MINOR = 23, TOKEN_SIZE = 72 };

static void add_data(cJSON *body, const char *key, const char *text)
{
    struct buffer encoded;
    buffer_init_secret(&encoded, 4096);
    base64_encode(&encoded, text, strlen(text));
    json_set_string(json_need_object(body, "data"), key, encoded.data);
    buffer_free(&encoded);
}

static cJSON *token_secret(struct sim *sim, const struct sim_object *account, const char *name)
{
    char token[TOKEN_SIZE];
    snprintf(token, sizeof(token), "sim-%016llx%016llx%016llx", (unsigned long long)sim_random(sim),
             (unsigned long long)sim_random(sim), (unsigned long long)sim_random(sim));
    cJSON *body = cJSON_CreateObject();
    cJSON_AddStringToObject(body, "apiVersion", "v1");
    cJSON_AddStringToObject(body, "kind", "Secret");
    cJSON *metadata = cJSON_AddObjectToObject(body, "metadata");
    cJSON_AddStringToObject(metadata, "name", name);
    cJSON *annotations = cJSON_AddObjectToObject(metadata, "annotations");
    cJSON_AddStringToObject(annotations, "kubernetes.io/service-account.name", account->name);
    cJSON_AddStringToObject(annotations, "kubernetes.io/service-account.uid", account->uid);
    add_data(body, "ca.crt", "-----BEGIN CERTIFICATE-----\n-----END CERTIFICATE-----\n");
    add_data(body, "namespace", account->ns);
    add_data(body, "token", token);
    secret_wipe(token, sizeof(token));
    cJSON_AddStringToObject(body, "type", "kubernetes.io/service-account-token");
    return body;
}

static bool has_token(const struct sim_object *account)
{
    const cJSON *secrets = json_list(account->body, "secrets");
    return secrets != NULL && secrets->child != NULL;
}

static void give_token(struct sim *sim, struct sim_object *account)
{
    char suffix[6];
    int64_t born = 0;
    sim_store_new_suffix(sim->store, suffix);
    char *name = xasprintf("%s-token-%s", account->name, suffix);
    clock_parse_rfc3339(
        json_string_or(json_member(account->body, "metadata"), "creationTimestamp", ""), &born);
    struct sim_write write = {.manager = "kube-controller-manager", .creation_ms = born};
    struct sim_status status = SIM_STATUS_INIT;
    if (sim_write_create(sim, sim_secrets(), account->ns, token_secret(sim, account, name), &write,
                         NULL, &status)) {
        cJSON *body = cJSON_Duplicate(account->body, true);
        cJSON *reference = cJSON_CreateObject();
        cJSON_AddStringToObject(reference, "name", name);
        cJSON_AddItemToArray(json_need_list(body, "secrets"), reference);
        sim_life_update(sim, &account, body, "kube-controller-manager");
    }
    sim_status_clear(&status);
    sim_object_release(account);
    free(name);
}

static void take_tokens(struct sim *sim, const struct sim_object *account)
{
    const cJSON *reference;
    cJSON_ArrayForEach(reference, json_list(account->body, "secrets"))
    {
        struct sim_store_options options = {.grace_seconds = 0};
        struct sim_status status = SIM_STATUS_INIT;
        const char *name = json_string_or(reference, "name", "");
        const struct sim_object *secret =
            sim_store_get(sim->store, sim_secrets(), account->ns, name);
        const char *uid = secret == NULL
                              ? NULL
                              : json_string(json_at(secret->body, "metadata", "annotations", NULL),
                                            "kubernetes.io/service-account.uid");
        if (uid != NULL && strcmp(uid, account->uid) == 0) {
            sim_store_delete(sim->store, sim_secrets(), account->ns, name, &options, NULL, NULL,
                             &status);
        }
        sim_status_clear(&status);
    }
}

void sim_account_changed(struct sim *sim, enum sim_change change, struct sim_object *account)
{
    if (sim->minor > LAST_MINOR) {
        return;
    }
    if (change == SIM_DELETED) {
        take_tokens(sim, account);
    } else if (change == SIM_ADDED && !has_token(account)) {
        give_token(sim, sim_object_retain(account));
    }
}

void sim_accounts_start(struct sim *sim)
{
    size_t count = 0;
    struct sim_object *const *found =
        sim_store_list(sim->store, sim_service_accounts(), NULL, &count);
    struct sim_object **accounts = xcalloc(count + 1, sizeof(struct sim_object *));
    for (size_t i = 0; i < count; i++) {
        accounts[i] = sim_object_retain(found[i]);
    }
    for (size_t i = 0; i < count; i++) {
        sim_account_changed(sim, SIM_ADDED, accounts[i]);
    }
    sim_life_free_objects(accounts, count);
}
