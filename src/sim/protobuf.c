#include "protobuf.h"

#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/attributes.h"
#include "base/clock.h"
#include "doc/json.h"
#include "sim/api.h"

enum { DEPTH = 32, TEXT_LIMIT = 4 * 1024 * 1024 };

enum type { STRING, BYTES, INTEGER, BOOLEAN, TIME, MESSAGE, STRING_MAP, BYTES_MAP, QUANTITY_MAP };

struct field {
    const char *message;
    unsigned number;
    const char *name;
    enum type type;
    bool repeated;
    const char *of; /* MESSAGE: which */
};

static const struct field fields[] = {
    {"TypeMeta", 1, "apiVersion", STRING, false, NULL},
    {"TypeMeta", 2, "kind", STRING, false, NULL},
    {"ObjectMeta", 1, "name", STRING, false, NULL},
    {"ObjectMeta", 2, "generateName", STRING, false, NULL},
    {"ObjectMeta", 3, "namespace", STRING, false, NULL},
    {"ObjectMeta", 5, "uid", STRING, false, NULL},
    {"ObjectMeta", 6, "resourceVersion", STRING, false, NULL},
    {"ObjectMeta", 8, "creationTimestamp", TIME, false, NULL},
    {"ObjectMeta", 11, "labels", STRING_MAP, false, NULL},
    {"ObjectMeta", 12, "annotations", STRING_MAP, false, NULL},
    {"ObjectMeta", 13, "ownerReferences", MESSAGE, true, "OwnerReference"},
    {"ObjectMeta", 14, "finalizers", STRING, true, NULL},
    {"OwnerReference", 1, "kind", STRING, false, NULL},
    {"OwnerReference", 3, "name", STRING, false, NULL},
    {"OwnerReference", 4, "uid", STRING, false, NULL},
    {"OwnerReference", 5, "apiVersion", STRING, false, NULL},
    {"OwnerReference", 6, "controller", BOOLEAN, false, NULL},
    {"OwnerReference", 7, "blockOwnerDeletion", BOOLEAN, false, NULL},
    {"Secret", 1, "metadata", MESSAGE, false, "ObjectMeta"},
    {"Secret", 2, "data", BYTES_MAP, false, NULL},
    {"Secret", 3, "type", STRING, false, NULL},
    {"Secret", 4, "stringData", STRING_MAP, false, NULL},
    {"Secret", 5, "immutable", BOOLEAN, false, NULL},
    {"ConfigMap", 1, "metadata", MESSAGE, false, "ObjectMeta"},
    {"ConfigMap", 2, "data", STRING_MAP, false, NULL},
    {"ConfigMap", 3, "binaryData", BYTES_MAP, false, NULL},
    {"ConfigMap", 4, "immutable", BOOLEAN, false, NULL},
    {"ServiceAccount", 1, "metadata", MESSAGE, false, "ObjectMeta"},
    {"ServiceAccount", 2, "secrets", MESSAGE, true, "ObjectReference"},
    {"ServiceAccount", 3, "imagePullSecrets", MESSAGE, true, "LocalObjectReference"},
    {"ServiceAccount", 4, "automountServiceAccountToken", BOOLEAN, false, NULL},
    {"LocalObjectReference", 1, "name", STRING, false, NULL},
    {"ObjectReference", 1, "kind", STRING, false, NULL},
    {"ObjectReference", 2, "namespace", STRING, false, NULL},
    {"ObjectReference", 3, "name", STRING, false, NULL},
    {"ObjectReference", 4, "uid", STRING, false, NULL},
    {"ObjectReference", 5, "apiVersion", STRING, false, NULL},
    {"Namespace", 1, "metadata", MESSAGE, false, "ObjectMeta"},
    {"SelfSubjectAccessReview", 1, "metadata", MESSAGE, false, "ObjectMeta"},
    {"SelfSubjectAccessReview", 2, "spec", MESSAGE, false, "AccessSpec"},
    {"LocalSubjectAccessReview", 1, "metadata", MESSAGE, false, "ObjectMeta"},
    {"LocalSubjectAccessReview", 2, "spec", MESSAGE, false, "AccessSpec"},
    {"SubjectAccessReview", 1, "metadata", MESSAGE, false, "ObjectMeta"},
    {"SubjectAccessReview", 2, "spec", MESSAGE, false, "AccessSpec"},
    {"AccessSpec", 1, "resourceAttributes", MESSAGE, false, "ResourceAttributes"},
    {"AccessSpec", 2, "nonResourceAttributes", MESSAGE, false, "NonResourceAttributes"},
    {"AccessSpec", 3, "user", STRING, false, NULL},
    {"AccessSpec", 4, "groups", STRING, true, NULL},
    {"ResourceAttributes", 1, "namespace", STRING, false, NULL},
    {"ResourceAttributes", 2, "verb", STRING, false, NULL},
    {"ResourceAttributes", 3, "group", STRING, false, NULL},
    {"ResourceAttributes", 4, "version", STRING, false, NULL},
    {"ResourceAttributes", 5, "resource", STRING, false, NULL},
    {"ResourceAttributes", 6, "subresource", STRING, false, NULL},
    {"ResourceAttributes", 7, "name", STRING, false, NULL},
    {"NonResourceAttributes", 1, "path", STRING, false, NULL},
    {"NonResourceAttributes", 2, "verb", STRING, false, NULL},
    {"SelfSubjectRulesReview", 1, "metadata", MESSAGE, false, "ObjectMeta"},
    {"SelfSubjectRulesReview", 2, "spec", MESSAGE, false, "RulesSpec"},
    {"RulesSpec", 1, "namespace", STRING, false, NULL},
    {"SelfSubjectReview", 1, "metadata", MESSAGE, false, "ObjectMeta"},
    {"Eviction", 1, "metadata", MESSAGE, false, "ObjectMeta"},
    {"Eviction", 2, "deleteOptions", MESSAGE, false, "DeleteOptions"},
    {"DeleteOptions", 1, "gracePeriodSeconds", INTEGER, false, NULL},
    {"DeleteOptions", 2, "preconditions", MESSAGE, false, "Preconditions"},
    {"DeleteOptions", 3, "orphanDependents", BOOLEAN, false, NULL},
    {"DeleteOptions", 4, "propagationPolicy", STRING, false, NULL},
    {"DeleteOptions", 5, "dryRun", STRING, true, NULL},
    {"Preconditions", 1, "uid", STRING, false, NULL},
    {"Preconditions", 2, "resourceVersion", STRING, false, NULL},
    {"TokenRequest", 1, "metadata", MESSAGE, false, "ObjectMeta"},
    {"TokenRequest", 2, "spec", MESSAGE, false, "TokenSpec"},
    {"TokenSpec", 1, "audiences", STRING, true, NULL},
    {"TokenSpec", 4, "expirationSeconds", INTEGER, false, NULL},
    {"Role", 1, "metadata", MESSAGE, false, "ObjectMeta"},
    {"Role", 2, "rules", MESSAGE, true, "PolicyRule"},
    {"ClusterRole", 1, "metadata", MESSAGE, false, "ObjectMeta"},
    {"ClusterRole", 2, "rules", MESSAGE, true, "PolicyRule"},
    {"PolicyRule", 1, "verbs", STRING, true, NULL},
    {"PolicyRule", 2, "apiGroups", STRING, true, NULL},
    {"PolicyRule", 3, "resources", STRING, true, NULL},
    {"PolicyRule", 4, "resourceNames", STRING, true, NULL},
    {"PolicyRule", 5, "nonResourceURLs", STRING, true, NULL},
    {"RoleBinding", 1, "metadata", MESSAGE, false, "ObjectMeta"},
    {"RoleBinding", 2, "subjects", MESSAGE, true, "Subject"},
    {"RoleBinding", 3, "roleRef", MESSAGE, false, "RoleRef"},
    {"ClusterRoleBinding", 1, "metadata", MESSAGE, false, "ObjectMeta"},
    {"ClusterRoleBinding", 2, "subjects", MESSAGE, true, "Subject"},
    {"ClusterRoleBinding", 3, "roleRef", MESSAGE, false, "RoleRef"},
    {"Subject", 1, "kind", STRING, false, NULL},
    {"Subject", 2, "apiGroup", STRING, false, NULL},
    {"Subject", 3, "name", STRING, false, NULL},
    {"Subject", 4, "namespace", STRING, false, NULL},
    {"RoleRef", 1, "apiGroup", STRING, false, NULL},
    {"RoleRef", 2, "kind", STRING, false, NULL},
    {"RoleRef", 3, "name", STRING, false, NULL},
    {"ResourceQuota", 1, "metadata", MESSAGE, false, "ObjectMeta"},
    {"ResourceQuota", 2, "spec", MESSAGE, false, "QuotaSpec"},
    {"QuotaSpec", 1, "hard", QUANTITY_MAP, false, NULL},
    {"QuotaSpec", 2, "scopes", STRING, true, NULL},
    {"Deployment", 1, "metadata", MESSAGE, false, "ObjectMeta"},
    {"Deployment", 2, "spec", MESSAGE, false, "DeploymentSpec"},
    {"DeploymentSpec", 1, "replicas", INTEGER, false, NULL},
    {"DeploymentSpec", 2, "selector", MESSAGE, false, "LabelSelector"},
    {"DeploymentSpec", 3, "template", MESSAGE, false, "PodTemplateSpec"},
    {"DeploymentSpec", 4, "strategy", MESSAGE, false, "DeploymentStrategy"},
    {"DeploymentStrategy", 1, "type", STRING, false, NULL},
    {"DeploymentSpec", 5, "minReadySeconds", INTEGER, false, NULL},
    {"DeploymentSpec", 6, "revisionHistoryLimit", INTEGER, false, NULL},
    {"DeploymentSpec", 7, "paused", BOOLEAN, false, NULL},
    {"DeploymentSpec", 9, "progressDeadlineSeconds", INTEGER, false, NULL},
    {"LabelSelector", 1, "matchLabels", STRING_MAP, false, NULL},
    {"PodTemplateSpec", 1, "metadata", MESSAGE, false, "ObjectMeta"},
    {"PodTemplateSpec", 2, "spec", MESSAGE, false, "PodSpec"},
    {"PodSpec", 2, "containers", MESSAGE, true, "Container"},
    {"PodSpec", 3, "restartPolicy", STRING, false, NULL},
    {"PodSpec", 4, "terminationGracePeriodSeconds", INTEGER, false, NULL},
    {"PodSpec", 6, "dnsPolicy", STRING, false, NULL},
    {"PodSpec", 7, "nodeSelector", STRING_MAP, false, NULL},
    {"PodSpec", 8, "serviceAccountName", STRING, false, NULL},
    {"PodSpec", 10, "nodeName", STRING, false, NULL},
    {"PodSpec", 11, "hostNetwork", BOOLEAN, false, NULL},
    {"PodSpec", 15, "imagePullSecrets", MESSAGE, true, "LocalObjectReference"},
    {"Container", 1, "name", STRING, false, NULL},
    {"Container", 2, "image", STRING, false, NULL},
    {"Container", 3, "command", STRING, true, NULL},
    {"Container", 4, "args", STRING, true, NULL},
    {"Container", 5, "workingDir", STRING, false, NULL},
    {"Container", 6, "ports", MESSAGE, true, "ContainerPort"},
    {"Container", 7, "env", MESSAGE, true, "EnvVar"},
    {"Container", 8, "resources", MESSAGE, false, "ResourceRequirements"},
    {"Container", 14, "imagePullPolicy", STRING, false, NULL},
    {"ContainerPort", 1, "name", STRING, false, NULL},
    {"ContainerPort", 2, "hostPort", INTEGER, false, NULL},
    {"ContainerPort", 3, "containerPort", INTEGER, false, NULL},
    {"ContainerPort", 4, "protocol", STRING, false, NULL},
    {"EnvVar", 1, "name", STRING, false, NULL},
    {"EnvVar", 2, "value", STRING, false, NULL},
    {"ResourceRequirements", 1, "limits", QUANTITY_MAP, false, NULL},
    {"ResourceRequirements", 2, "requests", QUANTITY_MAP, false, NULL},
};

/* Of these a field that is not among those above would be lost: such an object is refused. */
static const char whole[] =
    "DeploymentSpec DeploymentStrategy LabelSelector PodTemplateSpec PodSpec Container "
    "ContainerPort EnvVar ResourceRequirements QuotaSpec";

/* A part of the bytes. */
struct slice {
    const unsigned char *at;
    const unsigned char *end;
};

/* One field as it stands on the wire. */
struct wire {
    unsigned number;
    unsigned type; /* 0: varint, 1: 64 bits, 2: bytes, 5: 32 bits */
    uint64_t value;
    struct slice bytes;
};

static bool read_varint(struct slice *in, uint64_t *value)
{
    *value = 0;
    for (unsigned shift = 0; shift < 64 && in->at < in->end; shift += 7) {
        unsigned char byte = *in->at++;
        *value |= (uint64_t)(byte & 0x7f) << shift;
        if ((byte & 0x80) == 0) {
            return true;
        }
    }
    return false;
}

static bool read_wire(struct slice *in, struct wire *out)
{
    uint64_t key;
    uint64_t length = 0;
    if (!read_varint(in, &key)) {
        return false;
    }
    out->number = (unsigned)(key >> 3);
    out->type = (unsigned)(key & 7);
    size_t left = (size_t)(in->end - in->at);
    switch (out->type) {
    case 0:
        return read_varint(in, &out->value);
    case 1:
    case 5:
        length = out->type == 1 ? 8 : 4;
        break;
    case 2:
        if (!read_varint(in, &length)) {
            return false;
        }
        left = (size_t)(in->end - in->at);
        break;
    default:
        return false;
    }
    if (length > left) {
        return false;
    }
    out->bytes = (struct slice){in->at, in->at + length};
    in->at += length;
    return true;
}

static const struct field *find(const char *message, unsigned number)
{
    for (size_t i = 0; i < ARRAY_LENGTH(fields); i++) {
        if (fields[i].number == number && strcmp(fields[i].message, message) == 0) {
            return &fields[i];
        }
    }
    return NULL;
}

static bool is_message(const char *name)
{
    for (size_t i = 0; i < ARRAY_LENGTH(fields); i++) {
        if (strcmp(fields[i].message, name) == 0) {
            return true;
        }
    }
    return false;
}

static cJSON *text_of(struct slice bytes)
{
    char *text = xstrndup((const char *)bytes.at, (size_t)(bytes.end - bytes.at));
    cJSON *value = cJSON_CreateString(text);
    free(text);
    return value;
}

static cJSON *base64_of(struct slice bytes)
{
    struct buffer text;
    buffer_init_secret(&text, TEXT_LIMIT);
    base64_encode(&text, bytes.at, (size_t)(bytes.end - bytes.at));
    cJSON *value = cJSON_CreateString(text.data == NULL ? "" : text.data);
    buffer_free(&text);
    return value;
}

static cJSON *time_of(struct slice bytes)
{
    struct wire wire;
    char text[32];
    int64_t seconds = 0;
    while (bytes.at < bytes.end && read_wire(&bytes, &wire)) {
        seconds = wire.number == 1 && wire.type == 0 ? (int64_t)wire.value : seconds;
    }
    if (seconds <= 0) {
        return cJSON_CreateNull(); /* the zero time */
    }
    clock_format_rfc3339(seconds * 1000, text);
    return cJSON_CreateString(text);
}

/* resource.Quantity: one field, its text. */
static cJSON *quantity_of(struct slice bytes)
{
    struct wire wire;
    while (bytes.at < bytes.end && read_wire(&bytes, &wire)) {
        if (wire.number == 1 && wire.type == 2) {
            return text_of(wire.bytes);
        }
    }
    return cJSON_CreateString("0");
}

static void add_entry(cJSON *map, struct slice bytes, enum type type)
{
    struct wire wire;
    cJSON *key = NULL;
    cJSON *value = NULL;
    while (bytes.at < bytes.end && read_wire(&bytes, &wire)) {
        if (wire.number == 1 && wire.type == 2 && key == NULL) {
            key = text_of(wire.bytes);
        } else if (wire.number == 2 && wire.type == 2 && value == NULL) {
            value = type == BYTES_MAP      ? base64_of(wire.bytes)
                    : type == QUANTITY_MAP ? quantity_of(wire.bytes)
                                           : text_of(wire.bytes);
        }
    }
    json_set(map, key != NULL ? key->valuestring : "",
             value != NULL ? value : cJSON_CreateString(""));
    cJSON_Delete(key);
}

static bool read_message(cJSON *out, const char *message, struct slice bytes, int depth);

static cJSON *value_of(const struct field *field, const struct wire *wire, int depth)
{
    cJSON *object;
    switch (field->type) {
    case STRING:
        return text_of(wire->bytes);
    case BYTES:
        return base64_of(wire->bytes);
    case INTEGER:
        return cJSON_CreateNumber((double)(int64_t)wire->value);
    case BOOLEAN:
        return cJSON_CreateBool(wire->value != 0);
    case TIME:
        return time_of(wire->bytes);
    case MESSAGE:
        object = cJSON_CreateObject();
        if (read_message(object, field->of, wire->bytes, depth + 1)) {
            return object;
        }
        cJSON_Delete(object);
        return NULL;
    default:
        return NULL;
    }
}

/* proto2 writes empty strings; JSON leaves them out. */
static bool says_nothing(const cJSON *value)
{
    return cJSON_IsNull(value) || (cJSON_IsString(value) && value->valuestring[0] == '\0');
}

static bool read_message(cJSON *out, const char *message, struct slice bytes, int depth)
{
    struct wire wire;
    while (bytes.at < bytes.end) {
        if (depth > DEPTH || !read_wire(&bytes, &wire)) {
            return false;
        }
        const struct field *field = find(message, wire.number);
        bool empty = wire.type == 0 ? wire.value == 0 : wire.bytes.at == wire.bytes.end;
        if (field == NULL && !empty && sim_word_in(whole, message)) {
            return false;
        }
        bool number = field != NULL && (field->type == INTEGER || field->type == BOOLEAN);
        if (field == NULL || (number ? wire.type != 0 : wire.type != 2)) {
            continue; /* not among those that are looked at */
        }
        if (field->type >= STRING_MAP) {
            add_entry(json_need_object(out, field->name), wire.bytes, field->type);
            continue;
        }
        cJSON *value = value_of(field, &wire, depth);
        if (value == NULL) {
            return false;
        }
        if (field->repeated) {
            cJSON_AddItemToArray(json_need_list(out, field->name), value);
        } else if (says_nothing(value)) {
            cJSON_Delete(value);
        } else {
            json_set(out, field->name, value);
        }
    }
    return true;
}

cJSON *sim_protobuf_decode(const char *bytes, size_t length)
{
    static const char magic[4] = {'k', '8', 's', '\0'};
    const unsigned char *start = (const unsigned char *)bytes;
    if (length < sizeof(magic) || memcmp(bytes, magic, sizeof(magic)) != 0) {
        return NULL;
    }
    /* runtime.Unknown: 1 the type, 2 the object's own bytes */
    struct slice in = {start + sizeof(magic), start + length};
    struct slice raw = {NULL, NULL};
    struct wire wire;
    cJSON *object = cJSON_CreateObject();
    bool ok = true;
    while (ok && in.at < in.end) {
        ok = read_wire(&in, &wire);
        if (ok && wire.number == 1 && wire.type == 2) {
            ok = read_message(object, "TypeMeta", wire.bytes, 0);
        } else if (ok && wire.number == 2 && wire.type == 2) {
            raw = wire.bytes;
        }
    }
    const char *kind = json_string_or(object, "kind", "");
    ok = ok && is_message(kind) && (raw.at == NULL || read_message(object, kind, raw, 0));
    if (!ok) {
        cJSON_Delete(object);
        return NULL;
    }
    return object;
}
