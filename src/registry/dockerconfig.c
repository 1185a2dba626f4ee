#include "registry/dockerconfig.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/language.h"
#include "base/map.h"
#include "base/secret.h"
#include "dockerconfig_read.h"

/* The strings of one entry while it is read; all may be secret. */
struct fields {
    struct buffer username;
    struct buffer password;
    struct buffer email;
    struct buffer auth;
    bool identity_token;
};

/* One configuration while it is read: the index finds keys that come twice. */
struct reader {
    struct docker_config *config;
    size_t capacity;
    struct map *index; /* key to position + 1 */
    bool keep_passwords;
    const char *place;
    char *unusable; /* key of the entry that does not parse; NULL: none, or it is no entry */
};

static void auth_wipe_password(struct docker_auth *auth)
{
    if (auth->password != NULL) {
        secret_wipe(auth->password, auth->password_length);
        free(auth->password);
    }
    auth->password = NULL;
    auth->password_length = 0;
}

static void auth_free(struct docker_auth *auth)
{
    auth_wipe_password(auth);
    free(auth->key);
    free(auth->username);
    free(auth->email);
}

static bool type_fault(struct reader *reader, struct gojson value, const char *path,
                       const char *wanted, struct error *err)
{
    reader->place = value.start;
    return error_set(err, ERROR_INVALID, "%s is %s, not %s", path,
                     gojson_kind_name(gojson_kind(value)), wanted);
}

/* A string member into out; null leaves it as it is, as in Go. */
static bool read_string(struct reader *reader, struct buffer *out, struct gojson value,
                        const char *key, const char *field, struct error *err)
{
    if (gojson_kind(value) == GOJSON_NULL) {
        return true;
    }
    if (gojson_kind(value) != GOJSON_STRING) {
        char *path = xasprintf(_("\"%s\" of the entry \"%s\""), field, key);
        type_fault(reader, value, path, "a string", err);
        free(path);
        return false;
    }
    buffer_clear(out);
    return gojson_append_decoded(out, value);
}

static bool read_fields(struct reader *reader, struct fields *fields, struct gojson entry,
                        const char *key, struct error *err)
{
    const char *position = NULL;
    struct gojson name;
    struct gojson value;
    while (gojson_next_member(entry, &position, &name, &value)) {
        bool good = true;
        if (gojson_name_is(name, "username")) {
            good = read_string(reader, &fields->username, value, key, "username", err);
        } else if (gojson_name_is(name, "password")) {
            good = read_string(reader, &fields->password, value, key, "password", err);
        } else if (gojson_name_is(name, "email")) {
            good = read_string(reader, &fields->email, value, key, "email", err);
        } else if (gojson_name_is(name, "auth")) {
            reader->place = value.start;
            good = read_string(reader, &fields->auth, value, key, "auth", err);
        } else if (gojson_name_is(name, "identitytoken")) {
            fields->identity_token =
                gojson_kind(value) == GOJSON_STRING && value.end - value.start > 2;
        }
        if (!good) {
            return false;
        }
    }
    return true;
}

/* decodeDockerConfigFieldAuth(): padded if it ends in '=', blanks at the end aside. */
static bool split_auth(struct fields *fields, const char *key, struct error *err)
{
    const char *text = fields->auth.data;
    size_t length = fields->auth.length;
    size_t trimmed = length;
    while (trimmed > 0 && strchr(" \t\n\v\f\r", text[trimmed - 1]) != NULL &&
           text[trimmed - 1] != '\0') {
        trimmed--;
    }
    struct buffer plain;
    buffer_init_secret(&plain, length + 4);
    size_t bad = 0;
    bool padded = trimmed > 0 && text[trimmed - 1] == '=';
    bool good = gobase64_decode(&plain, text, length, padded, &bad);
    const char *colon = good ? memchr(plain.data, ':', plain.length) : NULL;
    if (!good) {
        error_set(err, ERROR_INVALID, "entry \"%s\": illegal base64 data at input byte %zu", key,
                  bad);
    } else if (colon == NULL) {
        good = error_set(err, ERROR_INVALID,
                         "entry \"%s\": unable to parse auth field, must be formatted as "
                         "base64(username:password)",
                         key);
    } else {
        size_t user = (size_t)(colon - plain.data);
        buffer_clear(&fields->username);
        buffer_append(&fields->username, plain.data, user);
        buffer_clear(&fields->password);
        buffer_append(&fields->password, colon + 1, plain.length - user - 1);
    }
    buffer_free(&plain);
    return good;
}

/* Puts the entry under its key, over an earlier one of the same key. Takes over key. */
static void store(struct reader *reader, char *key, const struct fields *fields)
{
    struct docker_config *config = reader->config;
    struct docker_auth *auth = NULL;
    size_t position = (size_t)(uintptr_t)map_get(reader->index, key);
    if (position > 0) {
        auth = &config->auths[position - 1];
        auth_free(auth);
    } else {
        config->auths =
            xgrow(config->auths, config->count, &reader->capacity, sizeof(*config->auths));
        auth = &config->auths[config->count++];
        map_set(reader->index, key, (void *)(uintptr_t)config->count);
    }
    *auth = (struct docker_auth){
        .key = key,
        .username = xmemdup(fields->username.data, fields->username.length + 1),
        .username_length = fields->username.length,
        .email = fields->email.length > 0 ? xstrdup(fields->email.data) : NULL,
        .empty = fields->username.length == 0 && fields->password.length == 0,
        .identity_token = fields->identity_token,
    };
    if (reader->keep_passwords) {
        auth->password = xmemdup(fields->password.data, fields->password.length + 1);
        auth->password_length = fields->password.length;
    }
}

static bool read_entry(struct reader *reader, struct gojson name, struct gojson entry,
                       struct error *err)
{
    /* U+FFFD takes three bytes where one bad byte stood. */
    size_t limit = (size_t)(entry.end - entry.start) * 3 + 4;
    struct buffer key;
    buffer_init(&key, (size_t)(name.end - name.start) * 3);
    gojson_append_decoded(&key, name);
    struct fields fields = {.identity_token = false};
    struct buffer *const strings[] = {&fields.username, &fields.password, &fields.email,
                                      &fields.auth};
    for (size_t i = 0; i < 4; i++) {
        buffer_init_secret(strings[i], limit);
    }
    bool good = true;
    if (gojson_kind(entry) == GOJSON_OBJECT) {
        good = read_fields(reader, &fields, entry, key.data, err) &&
               (fields.auth.length == 0 || split_auth(&fields, key.data, err));
    } else if (gojson_kind(entry) != GOJSON_NULL) {
        char *path = xasprintf(_("the entry \"%s\""), key.data);
        good = type_fault(reader, entry, path, "an object", err);
        free(path);
    }
    if (good) {
        store(reader, buffer_take(&key), &fields);
    } else {
        reader->unusable = buffer_take(&key);
    }
    for (size_t i = 0; i < 4; i++) {
        buffer_free(strings[i]);
    }
    buffer_free(&key);
    return good;
}

static bool read_entries(struct reader *reader, struct gojson entries, struct error *err)
{
    if (gojson_kind(entries) == GOJSON_NULL) {
        docker_config_free(reader->config);
        map_free(reader->index);
        reader->index = map_new(NULL);
        reader->capacity = 0;
        return true;
    }
    if (gojson_kind(entries) != GOJSON_OBJECT) {
        return type_fault(reader, entries, "\"auths\"", "an object", err);
    }
    const char *position = NULL;
    struct gojson name;
    struct gojson entry;
    while (gojson_next_member(entries, &position, &name, &entry)) {
        if (!read_entry(reader, name, entry, err)) {
            return false;
        }
    }
    return true;
}

/* HttpHeaders is of no use to the kubelet, but of the wrong type it spoils all the same. */
static bool check_headers(struct reader *reader, struct gojson headers, struct error *err)
{
    if (gojson_kind(headers) == GOJSON_NULL) {
        return true;
    }
    if (gojson_kind(headers) != GOJSON_OBJECT) {
        return type_fault(reader, headers, "\"HttpHeaders\"", "an object", err);
    }
    const char *position = NULL;
    struct gojson name;
    struct gojson value;
    while (gojson_next_member(headers, &position, &name, &value)) {
        if (gojson_kind(value) != GOJSON_STRING && gojson_kind(value) != GOJSON_NULL) {
            return type_fault(reader, value, "a header of \"HttpHeaders\"", "a string", err);
        }
    }
    return true;
}

static bool read_root(struct reader *reader, struct gojson root, struct error *err)
{
    const char *position = NULL;
    struct gojson name;
    struct gojson value;
    while (gojson_next_member(root, &position, &name, &value)) {
        if ((gojson_name_is(name, "auths") && !read_entries(reader, value, err)) ||
            (gojson_name_is(name, "HttpHeaders") && !check_headers(reader, value, err))) {
            return false;
        }
    }
    return true;
}

static bool read_config(struct reader *reader, struct gojson root, enum docker_config_form form,
                        struct error *err)
{
    reader->index = map_new(NULL);
    bool good = true;
    if (gojson_kind(root) != GOJSON_OBJECT) {
        good = gojson_kind(root) == GOJSON_NULL ||
               type_fault(reader, root, "the configuration", "an object", err);
    } else if (form == DOCKER_CONFIG_LEGACY) {
        good = read_entries(reader, root, err);
    } else {
        good = read_root(reader, root, err);
    }
    map_free(reader->index);
    if (!good) {
        docker_config_free(reader->config);
    }
    return good;
}

bool docker_config_read(struct docker_config *config, struct gojson root,
                        enum docker_config_form form, bool keep_passwords, const char **place,
                        struct error *err)
{
    memset(config, 0, sizeof(*config));
    struct reader reader = {
        .config = config, .keep_passwords = keep_passwords, .place = root.start};
    bool good = read_config(&reader, root, form, err);
    free(reader.unusable);
    if (place != NULL) {
        *place = reader.place;
    }
    return good;
}

char *docker_config_unusable_entry(const char *bytes, size_t length, enum docker_config_form form)
{
    struct docker_config config = {NULL, 0};
    struct reader reader = {.config = &config};
    struct gojson root;
    if (gojson_validate(bytes, length, &root, NULL, NULL)) {
        reader.place = root.start;
        read_config(&reader, root, form, NULL);
    }
    docker_config_free(&config);
    return reader.unusable;
}

bool docker_config_parse(struct docker_config *config, const char *bytes, size_t length,
                         enum docker_config_form form, bool keep_passwords, struct error *err)
{
    memset(config, 0, sizeof(*config));
    struct gojson root;
    if (!gojson_validate(bytes, length, &root, NULL, err)) {
        return error_wrap(err, "not JSON");
    }
    return docker_config_read(config, root, form, keep_passwords, NULL, err);
}

void docker_config_forget_passwords(struct docker_config *config)
{
    for (size_t i = 0; i < config->count; i++) {
        auth_wipe_password(&config->auths[i]);
    }
}

void docker_config_free(struct docker_config *config)
{
    for (size_t i = 0; i < config->count; i++) {
        auth_free(&config->auths[i]);
    }
    free(config->auths);
    memset(config, 0, sizeof(*config));
}
