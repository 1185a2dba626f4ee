#include "authfile.h"

#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/file.h"
#include "base/text.h"
#include "dockerconfig_read.h"
#include "registry/keyring.h"

enum { FILE_LIMIT = 8 * 1024 * 1024 };

/* A fault at a place of the text becomes "PATH:LINE:COLUMN: what". */
static bool fault_at(const struct buffer *text, size_t offset, const char *path, const char *what,
                     struct error *err)
{
    size_t line = 0;
    size_t column = 0;
    gojson_place(text->data, offset, &line, &column);
    return error_set(err, ERROR_CONFIG, "%s:%zu:%zu: %s", path, line, column, what);
}

static char *decode_name(struct gojson name)
{
    struct buffer text;
    buffer_init(&text, (size_t)(name.end - name.start) * 3);
    gojson_append_decoded(&text, name);
    return buffer_take(&text);
}

static bool read_helpers(struct authfile *file, const struct buffer *text, struct gojson helpers,
                         struct error *err)
{
    if (gojson_kind(helpers) != GOJSON_OBJECT) {
        return fault_at(text, (size_t)(helpers.start - text->data), file->path,
                        "credHelpers must be an object of server and helper", err);
    }
    const char *position = NULL;
    struct gojson name;
    struct gojson value;
    while (gojson_next_member(helpers, &position, &name, &value)) {
        if (gojson_kind(value) != GOJSON_STRING) {
            return fault_at(text, (size_t)(value.start - text->data), file->path,
                            "a helper's name in credHelpers must be a string", err);
        }
        char *server = decode_name(name);
        map_set(file->helpers, server, decode_name(value));
        free(server);
    }
    return true;
}

static bool read_helper_members(struct authfile *file, const struct buffer *text,
                                struct gojson root, struct error *err)
{
    struct gojson value;
    if (gojson_member(root, "credHelpers", &value) && gojson_kind(value) != GOJSON_NULL &&
        !read_helpers(file, text, value, err)) {
        return false;
    }
    if (!gojson_member(root, "credsStore", &value) || gojson_kind(value) == GOJSON_NULL) {
        return true;
    }
    if (gojson_kind(value) != GOJSON_STRING) {
        return fault_at(text, (size_t)(value.start - text->data), file->path,
                        "credsStore must be a string", err);
    }
    file->store = decode_name(value);
    if (file->store[0] == '\0') {
        free(file->store);
        file->store = NULL;
    }
    return true;
}

static bool read_text(struct authfile *file, const struct buffer *text, struct error *err)
{
    struct gojson root;
    size_t offset = 0;
    struct error fault = ERROR_INIT;
    if (!gojson_validate(text->data, text->length, &root, &offset, &fault)) {
        const char *what = strstr(fault.message, ": ");
        return fault_at(text, offset, file->path, what != NULL ? what + 2 : fault.message, err);
    }
    struct gojson value;
    bool old = text_ends_with(file->path, ".dockercfg") && !gojson_member(root, "auths", &value);
    const char *place = root.start;
    if (!docker_config_read(&file->config, root, old ? DOCKER_CONFIG_LEGACY : DOCKER_CONFIG_JSON,
                            true, &place, &fault)) {
        return fault_at(text, (size_t)(place - text->data), file->path, fault.message, err);
    }
    return old || read_helper_members(file, text, root, err);
}

static bool read_bytes(const char *path, struct buffer *text, struct error *err)
{
    if (path[0] != '$') {
        return file_read(path, text, err);
    }
    const char *value = getenv(path + 1);
    if (value == NULL || value[0] == '\0') {
        return error_set(err, ERROR_NOT_FOUND, "%s is not set", path);
    }
    return buffer_append_string(text, value) ||
           error_set(err, ERROR_CONFIG, "%s is over %d bytes", path, FILE_LIMIT);
}

bool authfile_read(struct authfile *file, const char *path, struct error *err)
{
    memset(file, 0, sizeof(*file));
    file->path = xstrdup(path);
    file->helpers = map_new(free);
    struct buffer text;
    buffer_init_secret(&text, FILE_LIMIT);
    bool good = read_bytes(path, &text, err) && read_text(file, &text, err);
    buffer_free(&text);
    if (!good) {
        authfile_free(file);
    }
    return good;
}

void authfile_free(struct authfile *file)
{
    docker_config_free(&file->config);
    map_free(file->helpers);
    free(file->store);
    free(file->path);
    memset(file, 0, sizeof(*file));
}

/* The key without scheme and version, all of Docker Hub's names as docker.io; free() it. NULL if it
 * does not parse. */
static char *plain_server(const char *key)
{
    char *plain = keyring_normalise_key(key, NULL);
    if (plain == NULL) {
        return NULL;
    }
    static const char *const hub[] = {"index.docker.io/v1", "index.docker.io",
                                      "registry-1.docker.io"};
    for (size_t i = 0; i < sizeof(hub) / sizeof(hub[0]); i++) {
        if (strcmp(plain, hub[i]) == 0) {
            free(plain);
            return xstrdup("docker.io");
        }
    }
    size_t length = strlen(plain);
    if (length > 0 && plain[length - 1] == '/') {
        plain[length - 1] = '\0';
    }
    return plain;
}

/* How much of wanted the key covers, up to a slash or its end; 0: nothing. */
static size_t covers(const char *key, const char *wanted)
{
    char *plain = plain_server(key);
    size_t length = plain != NULL ? strlen(plain) : 0;
    bool good = length > 0 && strncmp(wanted, plain, length) == 0 &&
                (wanted[length] == '\0' || wanted[length] == '/');
    free(plain);
    return good ? length : 0;
}

bool authfile_find(const struct authfile *file, const char *registry, struct authfile_place *place)
{
    char *wanted = plain_server(registry);
    *place = (struct authfile_place){registry, NULL, NULL};
    if (wanted == NULL) {
        return false;
    }
    size_t best = 0;
    for (size_t i = 0; i < file->config.count; i++) {
        size_t length = covers(file->config.auths[i].key, wanted);
        if (length > best) {
            best = length;
            place->auth = &file->config.auths[i];
            place->server = place->auth->key;
        }
    }
    size_t position = 0;
    const char *key = NULL;
    void *helper = NULL;
    size_t best_helper = 0;
    while (map_next(file->helpers, &position, &key, &helper)) {
        size_t length = covers(key, wanted);
        if (length > best_helper) {
            best_helper = length;
            place->helper = helper;
            place->server = key;
        }
    }
    free(wanted);
    if (place->helper == NULL) {
        place->helper = file->store;
    }
    return place->helper != NULL || place->auth != NULL;
}

bool authfile_next(const struct authfile *file, size_t *position, struct authfile_place *place)
{
    if (*position < file->config.count) {
        const struct docker_auth *auth = &file->config.auths[(*position)++];
        const char *helper = map_get(file->helpers, auth->key);
        *place = (struct authfile_place){auth->key, helper != NULL ? helper : file->store, auth};
        return true;
    }
    /* Servers that only credHelpers names. */
    for (;;) {
        size_t walk = 0;
        size_t skipped = file->config.count;
        const char *key = NULL;
        void *helper = NULL;
        bool found = false;
        while (!found && map_next(file->helpers, &walk, &key, &helper)) {
            found = skipped++ == *position;
        }
        if (!found) {
            return false;
        }
        *position += 1;
        bool listed = false;
        for (size_t i = 0; i < file->config.count; i++) {
            listed = listed || strcmp(file->config.auths[i].key, key) == 0;
        }
        if (!listed) {
            *place = (struct authfile_place){key, helper, NULL};
            return true;
        }
    }
}
