/* Reading Secrets and who uses them, one answer after the other. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/clock.h"
#include "base/log.h"
#include "base/text.h"
#include "cli/secret.h"
#include "doc/json.h"
#include "registry/secret_state.h"

enum { CONTENT_LIMIT = 1 << 20 };

bool cli_split_name(const char *flag, const char *text, char **ns, char **name, struct error *err)
{
    const char *slash = strchr(text, '/');
    if (slash == NULL || slash == text || slash[1] == '\0' || strchr(slash + 1, '/') != NULL) {
        return error_set(err, ERROR_USAGE, "%s%s%s: write it as NAMESPACE/NAME", flag,
                         flag[0] == '\0' ? "" : " ", text);
    }
    *ns = xstrndup(text, (size_t)(slash - text));
    *name = xstrdup(slash + 1);
    return true;
}

/* --- One Secret ---------------------------------------------------------------------------------
 */

struct fetching {
    struct cli_connection *connection;
    cJSON *secret;
    struct error err;
    bool answered;
};

static void on_secret(void *context, struct kube_response *response)
{
    struct fetching *fetching = context;
    fetching->answered = true;
    if (response->err != NULL) {
        fetching->err = *response->err;
    } else {
        fetching->secret = kube_response_take(response);
    }
    loop_stop(fetching->connection->loop, 0);
}

static bool was_interrupted(struct cli_connection *connection, struct error *err)
{
    return connection->interrupted &&
           !error_set(err, ERROR_USAGE, "interrupted; nothing was changed");
}

bool cli_secret_get(struct cli_connection *connection, const char *ns, const char *name,
                    cJSON **out, struct error *err)
{
    struct fetching fetching = {.connection = connection};
    struct kube_call *call =
        kube_get(connection->client, &kube_secrets, ns, name, on_secret, &fetching);
    while (!fetching.answered && !connection->interrupted) {
        loop_run(connection->loop);
    }
    if (!fetching.answered) {
        kube_call_cancel(call);
    }
    *out = fetching.secret;
    if (was_interrupted(connection, err)) {
        json_delete_secret(fetching.secret);
        *out = NULL;
        return false;
    }
    if (fetching.secret == NULL) {
        *err = fetching.err;
        return false;
    }
    return true;
}

bool cli_secret_config(const cJSON *secret, const char *label, struct docker_config *config,
                       struct error *err)
{
    const char *type = json_string_or(secret, "type", "Opaque");
    const char *key = registry_secret_data_key(type);
    const char *encoded = key == NULL ? NULL : json_string(json_object(secret, "data"), key);
    if (key == NULL) {
        return error_set(err, ERROR_INVALID,
                         "%s: its type is \"%s\", which holds no registry credentials", label,
                         type);
    }
    struct buffer content;
    buffer_init_secret(&content, CONTENT_LIMIT);
    enum docker_config_form form =
        strcmp(key, ".dockercfg") == 0 ? DOCKER_CONFIG_LEGACY : DOCKER_CONFIG_JSON;
    bool done;
    if (encoded == NULL || !base64_decode(&content, encoded, strlen(encoded), false)) {
        done = error_set(err, ERROR_INVALID, "%s: its key %s is absent or not base64", label, key);
    } else {
        done = docker_config_parse(config, content.data, content.length, form, true, err) ||
               error_wrap(err, "%s", label);
    }
    buffer_free(&content);
    return done;
}

bool cli_secrets_read_content(struct cli_connection *connection, char *const *namespaces,
                              struct error *err)
{
    struct csi_census *census = csi_follow_census(connection->follow);
    size_t count;
    const struct csi_secret *const *rows = csi_census_secrets(census, &count);
    char **names = xcalloc(2 * count + 1, sizeof(char *));
    size_t wanted = 0;
    for (size_t i = 0; i < count; i++) {
        bool here = namespaces == NULL;
        for (size_t j = 0; !here && namespaces[j] != NULL; j++) {
            here = here || strcmp(namespaces[j], rows[i]->ns) == 0;
        }
        if (here && !rows[i]->content_known && registry_secret_data_key(rows[i]->type) != NULL) {
            names[wanted++] = xstrdup(rows[i]->ns);
            names[wanted++] = xstrdup(rows[i]->name);
        }
    }
    bool done = true;
    for (size_t i = 0; i < wanted; i += 2) {
        cJSON *secret = NULL;
        struct error trouble = ERROR_INIT;
        if (done && cli_secret_get(connection, names[i], names[i + 1], &secret, &trouble)) {
            csi_census_put_secret(census, secret);
            json_delete_secret(secret);
        } else if (done) {
            log_message(LOG_INFO, "%s", trouble.message);
            done = !was_interrupted(connection, err);
        }
        free(names[i]);
        free(names[i + 1]);
    }
    free(names);
    csi_census_settle(census, clock_wall_ms());
    return done;
}

/* --- Who uses them ------------------------------------------------------------------------------
 */

static void on_users(void *context)
{
    struct cli_connection *connection = context;
    loop_stop(connection->loop, 0);
}

bool cli_secret_read_uses(struct cli_connection *connection, const char *ns,
                          struct change_secret_users **out, struct error *err)
{
    struct change_secret_users *users =
        change_secret_users_start(connection->client, ns, on_users, connection);
    while (!change_secret_users_done(users) && !connection->interrupted) {
        loop_run(connection->loop);
    }
    if (was_interrupted(connection, err)) {
        change_secret_users_free(users);
        return false;
    }
    const char *gaps = change_secret_users_gaps(users);
    if (gaps != NULL) {
        log_message(LOG_WARNING,
                    "who uses the Secrets is known in part only: %s could not be listed", gaps);
    }
    *out = users;
    return true;
}
