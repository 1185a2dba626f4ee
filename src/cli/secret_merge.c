/* Credentials put into a Secret that is there: what stays, what is replaced, whom it concerns. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/language.h"
#include "base/text.h"
#include "change/secret.h"
#include "cli/secret.h"
#include "cli/secret_write.h"
#include "doc/json.h"
#include "registry/keyring.h"
#include "registry/secret_state.h"

enum { LIST_LIMIT = 1 << 16 };

/* "a, b" of the data keys. */
static char *key_list(const cJSON *live)
{
    struct buffer out;
    const cJSON *item;
    buffer_init(&out, LIST_LIMIT);
    cJSON_ArrayForEach(item, json_object(live, "data"))
    {
        buffer_append_string(&out, out.length > 0 ? ", " : "");
        text_append_safe(&out, item->string, strlen(item->string));
    }
    return buffer_take(&out);
}

static bool refuse_type(struct cli_connection *connection, const cJSON *live, const char *label,
                        struct error *err)
{
    const cJSON *metadata = json_object(live, "metadata");
    char *users = cli_secret_users(connection, json_string_or(metadata, "namespace", ""),
                                   json_string_or(metadata, "name", ""), err);
    if (users == NULL) {
        return false;
    }
    char *keys = key_list(live);
    char *users_text = users[0] == '\0' ? xstrdup(_("Nobody seems to use it."))
                                        : xasprintf(_("Replacing it would break %s."), users);
    error_set(err, ERROR_CONFLICT,
              "Secret %s exists, is of type %s and holds %s: it is no registry Secret, and a type "
              "cannot change. %s Choose another name and point the workloads to it with "
              "--use-secret",
              label, json_string_or(live, "type", "Opaque"), keys[0] == '\0' ? _("nothing") : keys,
              users_text);
    free(users_text);
    free(keys);
    free(users);
    return false;
}

static bool same_registry(const char *a, const char *b)
{
    char *x = keyring_normalise_key(a, NULL);
    char *y = keyring_normalise_key(b, NULL);
    bool same = x != NULL && y != NULL ? strcmp(x, y) == 0 : strcmp(a, b) == 0;
    free(x);
    free(y);
    return same;
}

static bool is_given(const char *server, const struct registry_credential *credentials,
                     size_t count)
{
    for (size_t i = 0; i < count; i++) {
        if (same_registry(server, credentials[i].server)) {
            return true;
        }
    }
    return false;
}

/* What the Secret holds beforehand and what becomes of it. */
static void say_entries(const cJSON *live, const char *label,
                        const struct registry_credential *credentials, size_t count)
{
    struct docker_config config = {0};
    struct error err = ERROR_INIT;
    fprintf(stderr, _("Secret %s exists.\n"), label);
    if (!cli_secret_config(live, label, &config, &err)) {
        fprintf(stderr, "  %s\n", err.message);
    }
    for (size_t i = 0; i < config.count; i++) {
        char *server = text_safe(config.auths[i].key);
        char *user = text_safe(config.auths[i].username);
        fprintf(stderr, _("  %s (user %s): %s\n"), server, user,
                is_given(config.auths[i].key, credentials, count) ? _("is replaced") : _("stays"));
        free(server);
        free(user);
    }
    for (size_t i = 0; i < count; i++) {
        bool there = false;
        for (size_t j = 0; j < config.count; j++) {
            there = there || same_registry(config.auths[j].key, credentials[i].server);
        }
        if (!there) {
            char *server = text_safe(credentials[i].server);
            fprintf(stderr, _("  %s: is added\n"), server);
            free(server);
        }
    }
    docker_config_free(&config);
}

struct change_intent *cli_secret_merge(struct cli_connection *connection,
                                       const struct cli_values *values, const cJSON *live,
                                       const struct registry_credential *credentials, size_t count,
                                       struct error *err)
{
    const cJSON *metadata = json_object(live, "metadata");
    const char *ns = json_string_or(metadata, "namespace", "");
    const char *name = json_string_or(metadata, "name", "");
    char *label = xasprintf("%s/%s", ns, name);
    struct change_intent *intent = NULL;
    bool replaced = false;
    cJSON *object = NULL;
    char *users = NULL;
    if (registry_secret_data_key(json_string_or(live, "type", "Opaque")) == NULL) {
        refuse_type(connection, live, label, err);
    } else if (json_bool(live, "immutable", false)) {
        error_set(err, ERROR_CONFLICT,
                  "Secret %s is immutable; create one under another name and use that", label);
    } else if ((users = cli_secret_users(connection, ns, name, err)) != NULL) {
        object = change_secret_merged(live, credentials, count, &replaced, err);
    }
    if (object != NULL) {
        say_entries(live, label, credentials, count);
        if (replaced) {
            fprintf(stderr,
                    _("  its content is no registry configuration and is replaced whole\n"));
        }
        fprintf(stderr, _("  used by: %s\n"),
                users[0] == '\0' ? _("nobody that can be seen") : users);
        intent = cli_secret_intent(CHANGE_ROTATE_SECRET, values, ns, name, object);
    }
    free(users);
    free(label);
    return intent;
}
