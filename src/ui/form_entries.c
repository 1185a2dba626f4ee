#include "ui/form_entries.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/clock.h"
#include "base/language.h"
#include "doc/json.h"
#include "registry/keyring.h"
#include "registry/reference.h"
#include "registry/secret_state.h"

enum { CONTENT_LIMIT = 1 << 20, DAY_MS = 24 * 3600 * 1000 };

void form_entries_init(struct form_entries *entries, struct ui_view *view,
                       void (*done)(void *context), void *context)
{
    *entries =
        (struct form_entries){.client = ui_model(view)->client, .done = done, .context = context};
}

static void stop(struct form_entries *entries)
{
    credential_source_cancel(entries->source);
    kube_call_cancel(entries->call);
    entries->source = NULL;
    entries->call = NULL;
    free(entries->origin);
    entries->origin = NULL;
}

void form_entries_free(struct form_entries *entries)
{
    stop(entries);
    registry_credentials_free(entries->items, entries->count);
    entries->items = NULL;
    entries->count = entries->capacity = 0;
}

bool form_entries_busy(const struct form_entries *entries)
{
    return entries->source != NULL || entries->call != NULL;
}

/* --- The list -----------------------------------------------------------------------------------
 */

bool form_same_registry(const char *a, const char *b)
{
    char *x = keyring_normalise_key(a, NULL);
    char *y = keyring_normalise_key(b, NULL);
    bool same = x != NULL && y != NULL ? strcmp(x, y) == 0 : strcmp(a, b) == 0;
    free(x);
    free(y);
    return same;
}

static size_t find(const struct form_entries *entries, const char *server)
{
    size_t at = 0;
    while (at < entries->count && !form_same_registry(entries->items[at].server, server)) {
        at++;
    }
    return at;
}

bool form_entries_have(const struct form_entries *entries, const char *server)
{
    return find(entries, server) < entries->count;
}

void form_entries_put(struct form_entries *entries, const struct registry_credential *credential)
{
    size_t at = find(entries, credential->server);
    if (at < entries->count) {
        registry_credential_free(&entries->items[at]);
    } else {
        entries->items =
            xgrow(entries->items, entries->count, &entries->capacity, sizeof(*entries->items));
        entries->count++;
    }
    registry_credential_set(&entries->items[at], credential->server, credential->username,
                            credential->password, credential->password_length, credential->email,
                            credential->source);
}

void form_entries_drop(struct form_entries *entries, size_t index)
{
    if (index < entries->count) {
        registry_credential_free(&entries->items[index]);
        memmove(&entries->items[index], &entries->items[index + 1],
                (entries->count - index - 1) * sizeof(*entries->items));
        entries->count--;
    }
}

/* --- Reading ------------------------------------------------------------------------------------
 */

static void begin(struct form_entries *entries, char *origin)
{
    stop(entries);
    entries->origin = origin;
    entries->note[0] = '\0';
    entries->failed = false;
}

static void end(struct form_entries *entries, const struct error *err)
{
    if (err != NULL && err->kind != ERROR_NONE) {
        entries->failed = true;
        snprintf(entries->note, sizeof(entries->note), "%s", err->message);
    }
    free(entries->origin);
    entries->origin = NULL;
    entries->done(entries->context);
}

static void on_sourced(void *context, struct registry_credential *credentials, size_t count,
                       const char *skipped, const struct error *err)
{
    struct form_entries *entries = context;
    entries->source = NULL;
    for (size_t i = 0; i < count; i++) {
        form_entries_put(entries, &credentials[i]);
    }
    registry_credentials_free(credentials, count);
    if (skipped != NULL) {
        snprintf(entries->note, sizeof(entries->note), _("left out: %s"), skipped);
    }
    end(entries, err);
}

void form_entries_read_file(struct form_entries *entries, struct loop *loop, const char *path,
                            const char *registry)
{
    struct credential_source_options options = {
        .path = path[0] == '\0' ? NULL : path,
        .registry = registry[0] == '\0' ? NULL : registry,
    };
    begin(entries, xstrdup(path[0] == '\0' ? _("the files of docker and podman") : path));
    entries->source = credential_source_start(loop, &options, on_sourced, entries);
}

void form_entries_read_helper(struct form_entries *entries, struct loop *loop, const char *helper,
                              const char *registry)
{
    struct credential_source_options options = {.helper = helper, .registry = registry};
    begin(entries, xasprintf("docker-credential-%s", helper));
    entries->source = credential_source_start(loop, &options, on_sourced, entries);
}

static bool parse_secret(const cJSON *secret, struct docker_config *config, struct error *err)
{
    const char *type = json_string_or(secret, "type", "Opaque");
    const char *key = registry_secret_data_key(type);
    const char *encoded = key == NULL ? NULL : json_string(json_object(secret, "data"), key);
    struct buffer content;
    if (key == NULL) {
        return error_set(err, ERROR_INVALID, "its type is %s: it holds no registry credentials",
                         type);
    }
    buffer_init_secret(&content, CONTENT_LIMIT);
    bool done = encoded != NULL && base64_decode(&content, encoded, strlen(encoded), false);
    if (!done) {
        error_set(err, ERROR_INVALID, "its key %s is absent or not base64", key);
    } else {
        done = docker_config_parse(
            config, content.data, content.length,
            strcmp(key, ".dockercfg") == 0 ? DOCKER_CONFIG_LEGACY : DOCKER_CONFIG_JSON, true, err);
    }
    buffer_free(&content);
    return done;
}

static void take_config(struct form_entries *entries, const struct docker_config *config,
                        struct error *err)
{
    for (size_t i = 0; i < config->count; i++) {
        const struct docker_auth *auth = &config->auths[i];
        struct registry_credential credential = {0};
        if (auth->empty || auth->password == NULL || auth->username == NULL) {
            continue;
        }
        registry_credential_set(&credential, auth->key, auth->username, auth->password,
                                auth->password_length, auth->email, entries->origin);
        form_entries_put(entries, &credential);
        registry_credential_free(&credential);
    }
    if (config->count == 0 && entries->origin != NULL) {
        error_set(err, ERROR_NOT_FOUND, "%s has no entries", entries->origin);
    }
}

bool form_entries_take_secret(struct form_entries *entries, const cJSON *secret, struct error *err)
{
    struct docker_config config = {0};
    bool done = parse_secret(secret, &config, err);
    if (done) {
        take_config(entries, &config, err);
    }
    docker_config_free(&config);
    return done;
}

static void on_secret(void *context, struct kube_response *response)
{
    struct form_entries *entries = context;
    struct error err = ERROR_INIT;
    entries->call = NULL;
    if (response->err != NULL) {
        err = *response->err;
    } else {
        cJSON *secret = kube_response_take(response);
        if (!form_entries_take_secret(entries, secret, &err)) {
            error_wrap(&err, "%s", entries->origin);
        }
        json_delete_secret(secret);
    }
    end(entries, &err);
}

void form_entries_read_secret(struct form_entries *entries, const char *ns, const char *name)
{
    begin(entries, xasprintf(_("Secret %s/%s"), ns, name));
    entries->call = kube_get(entries->client, &kube_secrets, ns, name, on_secret, entries);
}

/* --- Expiry -------------------------------------------------------------------------------------
 */

static bool is_ecr(const char *server)
{
    char *host = keyring_normalise_key(server, NULL);
    bool ecr = false;
    if (host != NULL) {
        host[strcspn(host, "/")] = '\0';
        ecr = registry_is_ecr(host);
    }
    free(host);
    return ecr;
}

bool form_expiry_text(const char *server, const char *password, size_t length, char out[128])
{
    int64_t ends;
    char when[32];
    out[0] = '\0';
    if (password != NULL && registry_password_expiry(password, length, &ends)) {
        int64_t left = ends - clock_wall_ms();
        clock_format_age(left < 0 ? -left : left, when);
        snprintf(out, 128, left < 0 ? _("ended %s ago") : _("ends in %s"), when);
        return left < DAY_MS;
    }
    if (is_ecr(server)) {
        snprintf(out, 128, _("ends within 12 hours (Amazon ECR)"));
        return true;
    }
    return false;
}
