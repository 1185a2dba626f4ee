#include "auth.h"

#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/clock.h"
#include "base/file.h"
#include "base/log.h"
#include "base/secret.h"
#include "doc/json.h"
#include "exec.h"

enum {
    TOKEN_FILE_LIMIT = 1024 * 1024,
    TOKEN_FILE_FRESH_MS = 60000 - 10000, /* client-go: one minute less ten seconds of leeway */
    EXEC_TIME_LIMIT_MS = 60000,
    EXEC_INTERACTIVE_LIMIT_MS = 300000, /* a person logs in */
    EXEC_RETRY_MS = 1000,               /* a plugin that failed is not run again at once */
};

struct auth_wait {
    struct auth_wait *next;
    auth_callback callback;
    void *context;
};

struct auth {
    struct loop *loop;
    const struct kube_config *config;
    unsigned serial;
    char *authorization; /* wiped */
    int64_t token_read_ms;
    char *token; /* of the token file; wiped */
    /* of the plugin */
    bool have_result;
    struct exec_result result;
    struct exec_run *run;
    bool worked;   /* it gave a credential at least once */
    bool in_quiet; /* the run at hand has no terminal, though it might have */
    struct auth_wait *waits;
    struct error failure;
    int64_t failed_ms;
};

struct auth *auth_new(struct loop *loop, const struct kube_config *config)
{
    struct auth *auth = xcalloc(1, sizeof(*auth));
    auth->loop = loop;
    auth->config = config;
    return auth;
}

void auth_free(struct auth *auth)
{
    if (auth == NULL) {
        return;
    }
    exec_cancel(auth->run);
    while (auth->waits != NULL) {
        struct auth_wait *next = auth->waits->next;
        free(auth->waits);
        auth->waits = next;
    }
    exec_result_free(&auth->result);
    secret_free_string(auth->authorization);
    secret_free_string(auth->token);
    free(auth);
}

static void set_bearer(struct auth *auth, const char *token)
{
    secret_free_string(auth->authorization);
    auth->authorization = token == NULL ? NULL : xasprintf("Bearer %s", token);
}

static void set_basic(struct auth *auth)
{
    struct buffer pair;
    struct buffer text;
    buffer_init_secret(&pair, 64 * 1024);
    buffer_init_secret(&text, 128 * 1024);
    buffer_printf(&pair, "%s:%s", auth->config->username == NULL ? "" : auth->config->username,
                  auth->config->password == NULL ? "" : auth->config->password);
    buffer_append_string(&text, "Basic ");
    base64_encode(&text, pair.data, pair.length);
    secret_free_string(auth->authorization);
    auth->authorization = buffer_take(&text);
    buffer_free(&pair);
}

/* The first word of the file; NULL with err set if it cannot be read or is empty. */
static char *read_token(const char *path, struct error *err)
{
    struct buffer text;
    buffer_init_secret(&text, TOKEN_FILE_LIMIT);
    char *token = NULL;
    if (file_read(path, &text, err)) {
        char *start = text.data + strspn(text.data, " \t\r\n");
        start[strcspn(start, "\r\n")] = '\0';
        size_t length = strlen(start);
        while (length > 0 && (start[length - 1] == ' ' || start[length - 1] == '\t')) {
            length--;
        }
        if (length > 0) {
            token = xstrndup(start, length);
        } else {
            error_set(err, ERROR_AUTH, "token file %s is empty", path);
        }
    } else if (err != NULL) {
        err->kind = ERROR_AUTH;
        error_wrap(err, "token file");
    }
    buffer_free(&text);
    return token;
}

/* Keeps the last token if the file cannot be read just now, as client-go does. */
static bool refresh_token_file(struct auth *auth, struct error *err)
{
    int64_t now = clock_monotonic_ms();
    if (auth->token != NULL && now - auth->token_read_ms < TOKEN_FILE_FRESH_MS) {
        return true;
    }
    struct error local = ERROR_INIT;
    char *token = read_token(auth->config->token_file, &local);
    if (token == NULL) {
        if (auth->token != NULL) {
            log_message(LOG_WARNING, "%s; the last token is kept", local.message);
            auth->token_read_ms = now;
            return true;
        }
        if (auth->config->token != NULL) {
            set_bearer(auth, auth->config->token);
            return true;
        }
        *err = local;
        return false;
    }
    if (auth->token == NULL || strcmp(auth->token, token) != 0) {
        auth->serial++;
        set_bearer(auth, token);
    }
    secret_free_string(auth->token);
    auth->token = token;
    auth->token_read_ms = now;
    return true;
}

static struct credential current(const struct auth *auth)
{
    const struct kube_config *config = auth->config;
    bool own = auth->have_result && auth->result.certificate != NULL;
    return (struct credential){
        .authorization = auth->authorization,
        .certificate = own ? auth->result.certificate : config->certificate,
        .key = own ? auth->result.key : config->key,
        .serial = auth->serial,
    };
}

static void answer_waits(struct auth *auth, const struct error *err)
{
    struct credential credential = current(auth);
    while (auth->waits != NULL) {
        struct auth_wait *wait = auth->waits;
        auth->waits = wait->next;
        auth_callback callback = wait->callback;
        void *context = wait->context;
        free(wait);
        callback(context, err == NULL ? &credential : NULL, err);
    }
}

static void on_plugin(void *context, struct exec_result *result, const struct error *err);

/* A plugin that logged in once mostly renews its credential without a word; only if it cannot does
 * the screen give way to it again. */
static void start_plugin(struct auth *auth, bool quiet)
{
    bool alone = auth->config->exec->interactive == EXEC_NEVER || quiet;
    auth->in_quiet = quiet;
    auth->run = exec_start(auth->loop, auth->config, !quiet,
                           alone ? EXEC_TIME_LIMIT_MS : EXEC_INTERACTIVE_LIMIT_MS, on_plugin, auth);
}

static void on_plugin(void *context, struct exec_result *result, const struct error *err)
{
    struct auth *auth = context;
    auth->run = NULL;
    if (err != NULL && auth->in_quiet) {
        start_plugin(auth, false);
        return;
    }
    if (err != NULL) {
        auth->failure = *err;
        auth->failed_ms = clock_monotonic_ms();
        answer_waits(auth, err);
        return;
    }
    exec_result_free(&auth->result);
    auth->result = *result;
    *result = (struct exec_result){0};
    auth->have_result = true;
    auth->worked = true;
    auth->failed_ms = 0;
    auth->serial++;
    set_bearer(auth, auth->result.token);
    answer_waits(auth, NULL);
}

static bool has_static_credential(const struct kube_config *config)
{
    return config->token != NULL || config->token_file != NULL || config->username != NULL ||
           config->password != NULL || config->certificate != NULL;
}

static bool plugin_result_is_good(const struct auth *auth)
{
    return auth->have_result &&
           (auth->result.expires_ms == 0 || clock_wall_ms() < auth->result.expires_ms);
}

static struct auth_wait *run_plugin(struct auth *auth, auth_callback callback, void *context)
{
    if (auth->run == NULL && auth->failed_ms > 0 &&
        clock_monotonic_ms() - auth->failed_ms < EXEC_RETRY_MS) {
        callback(context, NULL, &auth->failure);
        return NULL;
    }
    struct auth_wait *wait = xcalloc(1, sizeof(*wait));
    wait->callback = callback;
    wait->context = context;
    struct auth_wait **link = &auth->waits;
    while (*link != NULL) {
        link = &(*link)->next;
    }
    *link = wait;
    if (auth->run == NULL) {
        start_plugin(auth, auth->worked && config_terminal_is_shared() &&
                               auth->config->exec->interactive == EXEC_IF_AVAILABLE);
    }
    return wait;
}

struct auth_wait *auth_get(struct auth *auth, auth_callback callback, void *context)
{
    const struct kube_config *config = auth->config;
    struct error err = ERROR_INIT;
    if (config->token_file != NULL) {
        if (!refresh_token_file(auth, &err)) {
            callback(context, NULL, &err);
            return NULL;
        }
    } else if (config->exec != NULL && !has_static_credential(config)) {
        if (!plugin_result_is_good(auth)) {
            return run_plugin(auth, callback, context);
        }
    } else if (auth->authorization == NULL && config->token != NULL) {
        set_bearer(auth, config->token);
    } else if (auth->authorization == NULL &&
               (config->username != NULL || config->password != NULL)) {
        set_basic(auth);
    }
    struct credential credential = current(auth);
    callback(context, &credential, NULL);
    return NULL;
}

void auth_cancel(struct auth *auth, struct auth_wait *wait)
{
    for (struct auth_wait **link = &auth->waits; *link != NULL; link = &(*link)->next) {
        if (*link == wait) {
            *link = wait->next;
            free(wait);
            return;
        }
    }
}

bool auth_rejected(struct auth *auth, unsigned serial)
{
    if (serial != auth->serial) {
        return true; /* another request has already brought a new one */
    }
    if (auth->config->token_file != NULL) {
        auth->token_read_ms = clock_monotonic_ms() - TOKEN_FILE_FRESH_MS;
        struct error ignored = ERROR_INIT;
        refresh_token_file(auth, &ignored);
        return serial != auth->serial;
    }
    if (auth->config->exec != NULL && !has_static_credential(auth->config)) {
        if (auth->have_result) {
            exec_result_free(&auth->result);
            auth->have_result = false;
            set_bearer(auth, NULL);
        }
        return true; /* also to who is told so while the plugin runs already */
    }
    return false;
}
