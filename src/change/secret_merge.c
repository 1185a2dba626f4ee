/* New content for a registry Secret that is there, and a copy of one. */
#include <string.h>

#include "base/buffer.h"
#include "change/secret.h"
#include "doc/json.h"
#include "registry/dockerconfig.h"
#include "registry/secret_state.h"

enum { SECRET_LIMIT = 1048576 }; /* core validation: the sum of the decoded data */

static const char *name_of(const cJSON *live, const char *member)
{
    return json_string_or(json_object(live, "metadata"), member, "");
}

/* The data key of its type; NULL with an error if it is no registry Secret. */
static const char *data_key(const cJSON *live, struct error *err)
{
    const char *type = json_string_or(live, "type", "Opaque");
    const char *key = registry_secret_data_key(type);
    if (key == NULL) {
        error_set(err, ERROR_CONFLICT,
                  "Secret %s/%s is of type %s, which holds no registry credentials, and a type "
                  "cannot change: use another name",
                  name_of(live, "namespace"), name_of(live, "name"), type);
    }
    return key;
}

static enum docker_config_form form_of(const char *key)
{
    return strcmp(key, ".dockercfg") == 0 ? DOCKER_CONFIG_LEGACY : DOCKER_CONFIG_JSON;
}

/* The decoded content; false if there is none or it has no entries: no JSON object, or one whose
 * "auths" is none. */
static bool read_content(const cJSON *live, const char *key, struct buffer *content)
{
    const char *text = json_string(json_object(live, "data"), key);
    if (text == NULL || !base64_decode(content, text, strlen(text), false)) {
        return false;
    }
    cJSON *root = json_parse(content->data, content->length, "", NULL);
    const cJSON *auths = json_member(root, "auths");
    bool object =
        cJSON_IsObject(root) && (auths == NULL || cJSON_IsNull(auths) || cJSON_IsObject(auths) ||
                                 form_of(key) == DOCKER_CONFIG_LEGACY);
    json_delete_secret(root);
    return object;
}

static cJSON *make(const char *ns, const char *name, const char *type, const char *key,
                   const struct buffer *encoded)
{
    cJSON *secret = cJSON_CreateObject();
    cJSON_AddStringToObject(secret, "apiVersion", "v1");
    cJSON_AddStringToObject(secret, "kind", "Secret");
    cJSON *metadata = cJSON_AddObjectToObject(secret, "metadata");
    cJSON_AddStringToObject(metadata, "name", name);
    cJSON_AddStringToObject(metadata, "namespace", ns);
    cJSON_AddStringToObject(secret, "type", type);
    cJSON_AddStringToObject(cJSON_AddObjectToObject(secret, "data"), key, encoded->data);
    return secret;
}

static bool refuse_size(const cJSON *live, struct error *err)
{
    return error_set(
        err, ERROR_INVALID,
        "Secret %s/%s: its content would be over 1 MiB, more than the API server takes",
        name_of(live, "namespace"), name_of(live, "name"));
}

/* The new content in the form of key. */
static bool merge(const cJSON *live, const char *key, const struct registry_credential *credentials,
                  size_t count, struct buffer *merged, bool *replaced, struct error *err)
{
    enum docker_config_form form = form_of(key);
    struct buffer content;
    buffer_init_secret(&content, (size_t)2 * SECRET_LIMIT);
    *replaced = !read_content(live, key, &content);
    bool done;
    if (*replaced) {
        const char *nothing = form == DOCKER_CONFIG_LEGACY ? "{}" : "{\"auths\":{}}";
        done = docker_config_merge(merged, nothing, strlen(nothing), form, credentials, count, err);
    } else {
        done = docker_config_merge(merged, content.data, content.length, form, credentials, count,
                                   err);
    }
    buffer_free(&content);
    if (!done && merged->overflowed) {
        return refuse_size(live, err);
    }
    return done ||
           error_wrap(err, "Secret %s/%s", name_of(live, "namespace"), name_of(live, "name"));
}

cJSON *change_secret_merged(const cJSON *live, const struct registry_credential *credentials,
                            size_t count, bool *replaced, struct error *err)
{
    const char *key = data_key(live, err);
    if (key == NULL) {
        return NULL;
    }
    struct buffer merged;
    struct buffer encoded;
    bool whole = false;
    cJSON *secret = NULL;
    buffer_init_secret(&merged, SECRET_LIMIT);
    buffer_init_secret(&encoded, (size_t)2 * SECRET_LIMIT);
    if (merge(live, key, credentials, count, &merged, &whole, err)) {
        base64_encode(&encoded, merged.data, merged.length);
        secret = make(name_of(live, "namespace"), name_of(live, "name"), json_string(live, "type"),
                      key, &encoded);
    }
    if (replaced != NULL) {
        *replaced = whole;
    }
    buffer_free(&merged);
    buffer_free(&encoded);
    return secret;
}

cJSON *change_secret_copied(const cJSON *live, const char *ns, const char *name, struct error *err)
{
    const char *key = data_key(live, err);
    const char *text = key == NULL ? NULL : json_string(json_object(live, "data"), key);
    if (text == NULL) {
        if (key != NULL) {
            error_set(err, ERROR_INVALID, "Secret %s/%s has no key %s: there is nothing to copy",
                      name_of(live, "namespace"), name_of(live, "name"), key);
        }
        return NULL;
    }
    struct buffer encoded;
    buffer_init_secret(&encoded, (size_t)2 * SECRET_LIMIT);
    cJSON *secret = NULL;
    if (buffer_append_string(&encoded, text)) {
        secret = make(ns, name, json_string(live, "type"), key, &encoded);
        cJSON *labels = json_need_object(json_object(secret, "metadata"), "labels");
        json_set_string(labels, "app.kubernetes.io/managed-by", "pullmend");
    } else {
        refuse_size(live, err);
    }
    buffer_free(&encoded);
    return secret;
}
