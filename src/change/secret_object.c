#include "change/secret.h"

#include "base/buffer.h"
#include "doc/json.h"
#include "registry/dockerconfig.h"

enum { SECRET_LIMIT = 1048576 }; /* core validation: the sum of the decoded data */

cJSON *change_secret_object(const char *ns, const char *name,
                            const struct registry_credential *credentials, size_t count,
                            struct error *err)
{
    struct buffer content;
    struct buffer encoded;
    buffer_init_secret(&content, SECRET_LIMIT);
    buffer_init_secret(&encoded, SECRET_LIMIT * 2);
    cJSON *secret = NULL;
    if (!docker_config_write(&content, credentials, count) ||
        !base64_encode(&encoded, content.data, content.length)) {
        error_set(err, ERROR_USAGE,
                  "Secret %s/%s: its content is over 1 MiB, more than the API server takes", ns,
                  name);
    } else {
        secret = cJSON_CreateObject();
        cJSON_AddStringToObject(secret, "apiVersion", "v1");
        cJSON_AddStringToObject(secret, "kind", "Secret");
        cJSON *metadata = cJSON_AddObjectToObject(secret, "metadata");
        cJSON_AddStringToObject(metadata, "name", name);
        cJSON_AddStringToObject(metadata, "namespace", ns);
        cJSON *labels = cJSON_AddObjectToObject(metadata, "labels");
        cJSON_AddStringToObject(labels, "app.kubernetes.io/managed-by", "pullmend");
        cJSON_AddStringToObject(secret, "type", "kubernetes.io/dockerconfigjson");
        cJSON *data = cJSON_AddObjectToObject(secret, "data");
        cJSON_AddStringToObject(data, ".dockerconfigjson", encoded.data);
    }
    buffer_free(&content);
    buffer_free(&encoded);
    return secret;
}
