#include <fnmatch.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/buffer.h"
#include "base/secret.h"
#include "base/text.h"
#include "doc/json.h"
#include "sim/registries.h"

/* Credentials as a kubelet takes them out of pull Secrets and matches them to images: host labels
 * one by one (globs within a label), equal ports, the key's path a plain prefix. Written for the
 * simulated nodes alone, apart from the client's own rules. */

enum { SECRET_LIMIT = 2 * 1024 * 1024 };

void sim_image_parse(const char *text, struct sim_image *out)
{
    const char *slash = strchr(text, '/');
    size_t host = slash == NULL ? 0 : (size_t)(slash - text);
    bool has_host =
        host > 0 && (memchr(text, '.', host) != NULL || memchr(text, ':', host) != NULL ||
                     (host == 9 && memcmp(text, "localhost", 9) == 0));
    out->host = has_host ? xstrndup(text, host) : xstrdup("docker.io");
    const char *rest = has_host ? slash + 1 : text;
    const char *at = strchr(rest, '@');
    size_t named = at == NULL ? strlen(rest) : (size_t)(at - rest);
    const char *end = rest + named;
    const char *colon = memchr(rest, ':', named);
    if (colon != NULL) {
        end = colon;
    }
    bool library =
        strcmp(out->host, "docker.io") == 0 && memchr(rest, '/', (size_t)(end - rest)) == NULL;
    out->path = xasprintf("%s%.*s", library ? "library/" : "", (int)(end - rest), rest);
    out->tag = xstrdup(at != NULL ? at + 1 : colon != NULL ? colon + 1 : "latest");
}

void sim_image_clear(struct sim_image *image)
{
    free(image->host);
    free(image->path);
    free(image->tag);
    *image = (struct sim_image){NULL, NULL, NULL};
}

static void add_entry(struct sim_keyring *keyring, const char *key, const char *username,
                      const char *password)
{
    keyring->entries =
        xgrow(keyring->entries, keyring->count, &keyring->capacity, sizeof(struct sim_credential));
    keyring->entries[keyring->count++] =
        (struct sim_credential){xstrdup(key), xstrdup(username), xstrdup(password)};
}

static void fail(struct sim_keyring *keyring, const char *why)
{
    if (keyring->error == NULL) {
        keyring->error = xstrdup(why);
    }
}

/* Where Go's decoder stops; good enough for the text of its error. */
static size_t first_bad_byte(const char *text)
{
    static const char alphabet[] =
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    size_t good = strspn(text, alphabet);
    return good - (text[good] == '\0' ? good % 4 : 0);
}

static void add_auth(struct sim_keyring *keyring, const char *key, const cJSON *entry)
{
    const char *auth = json_string_or(entry, "auth", "");
    if (auth[0] == '\0') {
        add_entry(keyring, key, json_string_or(entry, "username", ""),
                  json_string_or(entry, "password", ""));
        return;
    }
    struct buffer plain;
    buffer_init_secret(&plain, SECRET_LIMIT);
    if (!base64_decode(&plain, auth, strlen(auth), true)) {
        char *why = xasprintf("illegal base64 data at input byte %zu", first_bad_byte(auth));
        fail(keyring, why);
        free(why);
    } else {
        char *colon = strchr(plain.data, ':');
        if (colon == NULL) {
            fail(keyring,
                 "unable to parse auth field, must be formatted as base64(username:password)");
        } else {
            *colon = '\0';
            add_entry(keyring, key, plain.data, colon + 1);
        }
    }
    buffer_free(&plain);
}

static void add_config(struct sim_keyring *keyring, const char *text, size_t length, bool nested)
{
    struct error why = ERROR_INIT;
    cJSON *config = json_parse(text, length, "secret", &why);
    const cJSON *auths = nested ? json_member(config, "auths") : config;
    if (auths != NULL && !cJSON_IsObject(auths) && !cJSON_IsNull(auths)) {
        fail(keyring, "json: cannot unmarshal string into Go struct field "
                      "DockerConfigJSON.auths of type credentialprovider.DockerConfig");
    }
    const cJSON *entry = cJSON_IsObject(auths) ? auths->child : NULL;
    for (; entry != NULL; entry = entry->next) {
        add_auth(keyring, entry->string, entry);
    }
    json_delete_secret(config);
}

void sim_keyring_add(struct sim_keyring *keyring, const cJSON *secret)
{
    const char *type = json_string_or(secret, "type", "");
    bool nested = strcmp(type, "kubernetes.io/dockerconfigjson") == 0;
    if (!nested && strcmp(type, "kubernetes.io/dockercfg") != 0) {
        return;
    }
    const char *encoded =
        json_string(json_member(secret, "data"), nested ? ".dockerconfigjson" : ".dockercfg");
    if (encoded == NULL || encoded[0] == '\0') {
        return;
    }
    struct buffer text;
    buffer_init_secret(&text, SECRET_LIMIT);
    if (base64_decode(&text, encoded, strlen(encoded), false)) {
        add_config(keyring, text.data, text.length, nested);
    }
    buffer_free(&text);
}

void sim_keyring_clear(struct sim_keyring *keyring)
{
    for (size_t i = 0; i < keyring->count; i++) {
        free(keyring->entries[i].key);
        secret_free_string(keyring->entries[i].username);
        secret_free_string(keyring->entries[i].password);
    }
    free(keyring->entries);
    free(keyring->error);
    *keyring = (struct sim_keyring){NULL, 0, 0, NULL};
}

/* One label or port after the other, as many on both sides. */
static bool host_matches(const char *pattern, const char *host)
{
    const char *pattern_port = strchr(pattern, ':');
    const char *host_port = strchr(host, ':');
    if ((pattern_port == NULL) != (host_port == NULL) ||
        (pattern_port != NULL && strcmp(pattern_port, host_port) != 0)) {
        return false;
    }
    while (true) {
        size_t left = strcspn(pattern, ".:");
        size_t right = strcspn(host, ".:");
        char *pattern_label = xstrndup(pattern, left);
        char *host_label = xstrndup(host, right);
        bool matches = fnmatch(pattern_label, host_label, FNM_NOESCAPE) == 0;
        free(pattern_label);
        free(host_label);
        if (!matches || (pattern[left] == '.') != (host[right] == '.')) {
            return false;
        }
        if (pattern[left] != '.') {
            return true;
        }
        pattern += left + 1;
        host += right + 1;
    }
}

/* HOST/PATH out of a key of auths: without scheme, query and a leading /v1/ or /v2/. */
static void split_key(const char *key, char **host, char **path)
{
    const char *start = strstr(key, "://");
    start = start == NULL ? key : start + 3;
    size_t length = strcspn(start, "/?#");
    const char *tail = start + length;
    if (text_starts_with(tail, "/v1/") || text_starts_with(tail, "/v2/")) {
        tail += 3;
    }
    *host = xstrndup(start, length);
    *path = xstrndup(tail, strcspn(tail, "?#"));
    if (strcmp(*path, "/") == 0) {
        (*path)[0] = '\0';
    }
}

static bool key_covers(const char *key, const char *image_host, const char *image_path)
{
    char *host = NULL;
    char *path = NULL;
    split_key(key, &host, &path);
    char *full = xasprintf("/%s", image_path);
    bool covers = host_matches(host, image_host) && text_starts_with(full, path);
    free(full);
    free(host);
    free(path);
    return covers;
}

/* Kubelets look through the keys in descending order. */
static const struct sim_credential *best(const struct sim_keyring *keyring, const char *host,
                                         const char *path)
{
    const struct sim_credential *found = NULL;
    for (size_t i = 0; i < keyring->count; i++) {
        const struct sim_credential *entry = &keyring->entries[i];
        if (key_covers(entry->key, host, path) &&
            (found == NULL || strcmp(entry->key, found->key) > 0)) {
            found = entry;
        }
    }
    return found;
}

const struct sim_credential *sim_keyring_find(const struct sim_keyring *keyring,
                                              const struct sim_image *image)
{
    const struct sim_credential *found = best(keyring, image->host, image->path);
    if (found == NULL && strcmp(image->host, "docker.io") == 0) {
        found = best(keyring, "index.docker.io", "");
    }
    return found;
}
