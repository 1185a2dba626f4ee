#include "registry/credential_source.h"

#include <stdlib.h>
#include <string.h>

#include "authfile.h"
#include "base/alloc.h"
#include "base/file.h"
#include "base/language.h"
#include "helper.h"
#include "registry/keyring.h"
#include "registry/reference.h"

enum { HELPER_TIMEOUT_MS = 30000, SKIPPED_LIMIT = 4096 };

/* Goes through the files one after the other, and in each through its servers one by one. */
struct credential_source {
    struct loop *loop;
    char *registry; /* NULL: every server */
    char *helper;   /* asked instead of files; NULL */
    int64_t timeout_ms;
    char **paths;
    size_t path_at;
    bool file_open;
    struct authfile file;
    size_t position;             /* in the file, without a registry */
    struct authfile_place place; /* what is being asked for */
    struct helper_call *call;
    struct loop_timer *timer;
    struct registry_credential *found;
    size_t count;
    size_t capacity;
    struct buffer skipped;
    struct error reason; /* why the asked one was not to be had */
    credential_source_done done;
    void *context;
};

static void step(void *context);

static void add_path(char ***paths, size_t *count, char *path)
{
    *paths = xreallocarray(*paths, *count + 2, sizeof(**paths));
    if (path != NULL) {
        (*paths)[(*count)++] = path;
    }
    (*paths)[*count] = NULL;
}

/* $VARIABLE/rest, or $HOME/fallback/rest where the variable is unset and there is a fallback. */
static char *path_below(const char *variable, const char *fallback, const char *rest)
{
    const char *folder = getenv(variable);
    const char *home = getenv("HOME");
    if (folder != NULL && folder[0] != '\0') {
        return rest[0] != '\0' ? xasprintf("%s/%s", folder, rest) : xstrdup(folder);
    }
    if (fallback == NULL || home == NULL || home[0] == '\0') {
        return NULL;
    }
    return xasprintf("%s/%s%s", home, fallback, rest);
}

char **credential_source_default_paths(void)
{
    char **paths = NULL;
    size_t count = 0;
    add_path(&paths, &count, path_below("REGISTRY_AUTH_FILE", NULL, ""));
    if (getenv("DOCKER_AUTH_CONFIG") != NULL && getenv("DOCKER_AUTH_CONFIG")[0] != '\0') {
        add_path(&paths, &count, xstrdup("$DOCKER_AUTH_CONFIG"));
    }
    if (getenv("DOCKER_CONFIG") != NULL) {
        add_path(&paths, &count, path_below("DOCKER_CONFIG", NULL, "config.json"));
    }
    add_path(&paths, &count, path_below("XDG_RUNTIME_DIR", NULL, "containers/auth.json"));
    add_path(&paths, &count, path_below("XDG_CONFIG_HOME", ".config/", "containers/auth.json"));
    if (getenv("DOCKER_CONFIG") == NULL) {
        add_path(&paths, &count, path_below("DOCKER_CONFIG", ".docker/", "config.json"));
    }
    add_path(&paths, &count, path_below("HOME", NULL, ".dockercfg"));
    return paths;
}

static void free_paths(char **paths)
{
    for (size_t i = 0; paths != NULL && paths[i] != NULL; i++) {
        free(paths[i]);
    }
    free(paths);
}

void credential_source_cancel(struct credential_source *source)
{
    if (source == NULL) {
        return;
    }
    helper_cancel(source->call);
    loop_cancel_timer(source->loop, source->timer);
    if (source->file_open) {
        authfile_free(&source->file);
    }
    free_paths(source->paths);
    registry_credentials_free(source->found, source->count);
    buffer_free(&source->skipped);
    free(source->registry);
    free(source->helper);
    free(source);
}

static void finish(struct credential_source *source, const struct error *err)
{
    struct error outcome = *err;
    struct registry_credential *found = source->found;
    size_t count = source->count;
    if (outcome.kind == ERROR_NONE) {
        source->found = NULL;
        source->count = 0;
    } else {
        found = NULL;
        count = 0;
    }
    source->done(source->context, found, count,
                 source->skipped.length > 0 ? source->skipped.data : NULL, &outcome);
    credential_source_cancel(source);
}

static void skip(struct credential_source *source, const struct error *why)
{
    if (source->reason.kind == ERROR_NONE || source->reason.kind == ERROR_NOT_FOUND) {
        source->reason = *why;
    }
    if (source->registry == NULL) {
        buffer_append_string(&source->skipped, source->skipped.length > 0 ? "; " : "");
        buffer_append_string(&source->skipped, why->message);
    }
}

/* The key to store it under: as it stood, if the kubelet can use that. */
static const char *usable_server(const char *server)
{
    char *plain = keyring_normalise_key(server, NULL);
    bool hub = plain != NULL &&
               (registry_is_docker_hub(plain) || strcmp(plain, "index.docker.io/v1") == 0 ||
                strcmp(plain, "registry-1.docker.io") == 0);
    free(plain);
    return hub ? registry_default_server("docker.io") : server;
}

/* Keeps one credential, unless it is of a kind that the kubelet cannot use. */
static void keep(struct credential_source *source, const char *username, const char *password,
                 size_t length, const char *email, const char *origin)
{
    struct error err = ERROR_INIT;
    const char *server = usable_server(source->place.server);
    if (strcmp(username, "<token>") == 0) {
        error_set(&err, ERROR_AUTH,
                  "%s: the credential for %s is an identity token, which the kubelet does not read "
                  "from a Secret; make an access token or a robot account for the cluster",
                  origin, server);
    } else if (registry_check_server(server, NULL, &err) &&
               registry_check_username(username, strlen(username), &err)) {
        source->found =
            xgrow(source->found, source->count, &source->capacity, sizeof(*source->found));
        registry_credential_set(&source->found[source->count], server, username, password, length,
                                email, origin);
        source->count++;
        return;
    } else {
        error_wrap(&err, "%s", origin);
    }
    skip(source, &err);
}

/* What the file itself holds for the place. */
static void take_from_file(struct credential_source *source)
{
    const struct docker_auth *auth = source->place.auth;
    const char *path = source->file.path;
    struct error err = ERROR_INIT;
    if (auth == NULL || (auth->empty && !auth->identity_token)) {
        error_set(&err, ERROR_NOT_FOUND, "%s holds no credential for %s", path,
                  source->place.server);
        skip(source, &err);
    } else if (auth->password_length == 0 && auth->identity_token) {
        keep(source, "<token>", "", 0, NULL, path);
    } else if (auth->password_length == 0) {
        error_set(&err, ERROR_AUTH, "%s: the entry for %s has no password", path,
                  source->place.server);
        skip(source, &err);
    } else {
        keep(source, auth->username, auth->password, auth->password_length, auth->email, path);
    }
}

static void again(struct credential_source *source)
{
    source->timer = loop_after(source->loop, 0, step, source);
}

static void on_helper(void *context, const struct helper_answer *answer, const struct error *err)
{
    struct credential_source *source = context;
    source->call = NULL;
    if (err->kind == ERROR_NOT_FOUND && source->file_open) {
        take_from_file(source);
    } else if (err->kind != ERROR_NONE) {
        skip(source, err);
    } else {
        char *origin = xasprintf("docker-credential-%s", source->place.helper);
        if (strlen(answer->username.data) != answer->username.length) {
            struct error bad = ERROR_INIT;
            error_set(&bad, ERROR_PROTOCOL, "%s: the user name has a NUL byte in it", origin);
            skip(source, &bad);
        } else {
            keep(source, answer->username.data, answer->password.data, answer->password.length,
                 NULL, origin);
        }
        free(origin);
    }
    again(source);
}

static void ask(struct credential_source *source)
{
    if (source->place.helper == NULL) {
        take_from_file(source);
        again(source);
        return;
    }
    source->call =
        helper_get(source->loop, source->place.helper, usable_server(source->place.server),
                   source->timeout_ms, on_helper, source);
}

/* The next server of the open file; false if that was all of it. */
static bool next_place(struct credential_source *source)
{
    if (source->registry == NULL) {
        return authfile_next(&source->file, &source->position, &source->place);
    }
    return source->position++ == 0 &&
           authfile_find(&source->file, source->registry, &source->place);
}

static void finish_empty(struct credential_source *source)
{
    struct error err = source->reason;
    if (source->count > 0) {
        error_clear(&err);
    } else if (err.kind == ERROR_NONE || source->registry == NULL) {
        error_set(&err, ERROR_NOT_FOUND, "no credential%s%s in %s%s%s",
                  source->registry != NULL ? _(" for ") : "",
                  source->registry != NULL ? source->registry : "",
                  source->paths != NULL && source->paths[0] != NULL && source->paths[1] == NULL
                      ? source->paths[0]
                      : _("the files of docker and podman"),
                  source->skipped.length > 0 ? ": " : "", source->skipped.data);
    }
    finish(source, &err);
}

/* Opens the next file that is there; false if the work is over (and source gone). */
static bool open_next(struct credential_source *source, bool only)
{
    while (source->paths[source->path_at] != NULL) {
        struct error err = ERROR_INIT;
        if (authfile_read(&source->file, source->paths[source->path_at++], &err)) {
            source->file_open = true;
            source->position = 0;
            return true;
        }
        if (err.kind != ERROR_NOT_FOUND || only) {
            finish(source, &err);
            return false;
        }
    }
    finish_empty(source);
    return false;
}

static void ask_helper(struct credential_source *source)
{
    if (source->position++ > 0) {
        finish_empty(source);
        return;
    }
    source->place = (struct authfile_place){source->registry, source->helper, NULL};
    ask(source);
}

/* One step: a server of the open file, or the next file. The first file that gives something is
 * the last. */
static void step(void *context)
{
    struct credential_source *source = context;
    source->timer = NULL;
    if (source->helper != NULL) {
        ask_helper(source);
        return;
    }
    if (source->file_open && next_place(source)) {
        ask(source);
        return;
    }
    if (source->file_open) {
        authfile_free(&source->file);
        source->file_open = false;
    }
    if (source->count > 0) {
        finish_empty(source);
        return;
    }
    bool only = source->path_at == 0 && source->paths[0] != NULL && source->paths[1] == NULL;
    if (open_next(source, only)) {
        again(source);
    }
}

struct credential_source *credential_source_start(struct loop *loop,
                                                  const struct credential_source_options *options,
                                                  credential_source_done done, void *context)
{
    struct credential_source *source = xcalloc(1, sizeof(*source));
    source->loop = loop;
    source->registry = xstrdup_or_null(options->registry);
    source->helper = options->registry == NULL ? NULL : xstrdup_or_null(options->helper);
    source->timeout_ms =
        options->helper_timeout_ms > 0 ? options->helper_timeout_ms : HELPER_TIMEOUT_MS;
    source->done = done;
    source->context = context;
    buffer_init(&source->skipped, SKIPPED_LIMIT);
    if (source->helper != NULL) {
        source->paths = xcalloc(1, sizeof(char *));
    } else if (options->path != NULL) {
        size_t count = 0;
        add_path(&source->paths, &count, xstrdup(options->path));
    } else {
        source->paths = credential_source_default_paths();
    }
    again(source);
    return source;
}
