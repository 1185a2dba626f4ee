#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "doc/json.h"
#include "go_json.h"
#include "kinds.h"
#include "names.h"

enum { SIZE_LIMIT = 1048576, DECODE_LIMIT = 4 * 1024 * 1024 };

long sim_bad_base64(const char *text)
{
    struct buffer decoded;
    buffer_init_secret(&decoded, DECODE_LIMIT);
    bool ok = base64_decode(&decoded, text, strlen(text), false);
    buffer_free(&decoded);
    if (ok) {
        return -1;
    }
    static const char alphabet[] =
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    size_t good = strspn(text, alphabet);
    size_t length = strlen(text);
    if (good == length) { /* the padding is missing: the last group is where it stops */
        return (long)(good - good % 4 + (good % 4 == 1 ? 1 : 0));
    }
    return (long)good;
}

static bool cannot(struct sim_check *check, struct sim_status *status, const char *why)
{
    return sim_status_bad_request(status, "%s in version \"v1\" cannot be handled as a %s: %s",
                                  check->resource->kind, check->resource->kind, why);
}

bool sim_check_secret_types(struct sim_check *check, const cJSON *body, struct sim_status *status)
{
    char why[160];
    const cJSON *one;
    cJSON_ArrayForEach(one, json_object(body, "data"))
    {
        if (cJSON_IsString(one)) {
            long place = sim_bad_base64(one->valuestring);
            if (place >= 0) {
                /* The decoder of the whole object names no useful place: it sees the value alone.
                 */
                snprintf(why, sizeof(why), "illegal base64 data at input byte %ld", place);
                return cannot(check, status, why);
            }
        } else if (!cJSON_IsNull(one)) {
            snprintf(why, sizeof(why),
                     "json: cannot unmarshal %s into Go struct field Secret.data of type []uint8",
                     cJSON_IsNumber(one)  ? "number"
                     : cJSON_IsBool(one)  ? "bool"
                     : cJSON_IsArray(one) ? "array"
                                          : "object");
            return cannot(check, status, why);
        }
    }
    const cJSON *type = json_member(body, "type");
    if (type != NULL && !cJSON_IsString(type)) {
        return cannot(check, status,
                      "json: cannot unmarshal value into Go struct field Secret.type of type "
                      "v1.SecretType");
    }
    return true;
}

static void check_keys(struct sim_check *check, const cJSON *data, size_t *total)
{
    const cJSON *one;
    cJSON_ArrayForEach(one, data)
    {
        const char *why = sim_name_config_key(one->string);
        if (why != NULL) {
            char *field = xasprintf("data[%s]", one->string);
            sim_causes_add(&check->causes, "FieldValueInvalid", field, "Invalid value: \"%s\": %s",
                           one->string, why);
            free(field);
        }
        if (cJSON_IsString(one)) {
            size_t length = strlen(one->valuestring);
            *total += length / 4 * 3;
            for (size_t i = 1; i <= 2 && i <= length; i++) {
                *total -= one->valuestring[length - i] == '=' ? 1 : 0;
            }
        }
    }
}

static void check_size(struct sim_check *check, size_t total)
{
    if (total > SIZE_LIMIT) {
        sim_causes_add(&check->causes, "FieldValueTooLong", "data",
                       check->sim->minor < 30 ? "Too long: must have at most %d bytes"
                                              : "Too long: may not be more than %d bytes",
                       SIZE_LIMIT);
    }
}

/* The value must be a JSON object or null; what is in it is not looked at. */
static void check_json(struct sim_check *check, const cJSON *data, const char *key,
                       const char *go_type)
{
    const char *value = json_string(data, key);
    char field[64];
    char why[SIM_GO_JSON_SIZE];
    snprintf(field, sizeof(field), "data[%s]", key);
    if (value == NULL) {
        sim_causes_add(&check->causes, "FieldValueRequired", field, "Required value");
        return;
    }
    struct buffer text;
    buffer_init_secret(&text, DECODE_LIMIT);
    base64_decode(&text, value, strlen(value), false);
    bool ok = sim_go_json_check(text.data, text.length, why);
    if (ok) {
        const char *first = text.data + strspn(text.data, " \t\r\n");
        ok = first[0] == '{' || first[0] == 'n';
        snprintf(why, sizeof(why), "json: cannot unmarshal %s into Go value of type %s",
                 first[0] == '['                      ? "array"
                 : first[0] == '"'                    ? "string"
                 : first[0] == 't' || first[0] == 'f' ? "bool"
                                                      : "number",
                 go_type);
    }
    buffer_free(&text);
    if (!ok) {
        sim_causes_add(&check->causes, "FieldValueInvalid", field,
                       "Invalid value: \"<secret contents redacted>\": %s", why);
    }
}

static void require_key(struct sim_check *check, const cJSON *data, const char *key)
{
    if (json_member(data, key) == NULL) {
        char field[64];
        snprintf(field, sizeof(field), "data[%s]", key);
        sim_causes_add(&check->causes, "FieldValueRequired", field, "Required value");
    }
}

static void check_type(struct sim_check *check, const cJSON *body)
{
    static const char go_map[] = "map[string]interface {}";
    const cJSON *data = json_object(body, "data");
    const char *type = json_string_or(body, "type", "Opaque");
    if (strcmp(type, "kubernetes.io/dockerconfigjson") == 0) {
        check_json(check, data, ".dockerconfigjson", go_map);
    } else if (strcmp(type, "kubernetes.io/dockercfg") == 0) {
        check_json(check, data, ".dockercfg", go_map);
    } else if (strcmp(type, "kubernetes.io/tls") == 0) {
        require_key(check, data, "tls.crt");
        require_key(check, data, "tls.key");
    } else if (strcmp(type, "kubernetes.io/ssh-auth") == 0) {
        require_key(check, data, "ssh-privatekey");
    } else if (strcmp(type, "kubernetes.io/basic-auth") == 0 &&
               json_member(data, "username") == NULL && json_member(data, "password") == NULL) {
        require_key(check, data, "username");
        require_key(check, data, "password");
    } else if (strcmp(type, "kubernetes.io/service-account-token") == 0) {
        const cJSON *annotations = json_at(body, "metadata", "annotations", NULL);
        if (json_string(annotations, "kubernetes.io/service-account.name") == NULL) {
            sim_causes_add(&check->causes, "FieldValueRequired",
                           "metadata.annotations[kubernetes.io/service-account.name]",
                           "Required value");
        }
    }
}

static bool same_data(const cJSON *a, const cJSON *b)
{
    bool none = (a == NULL || a->child == NULL) && (b == NULL || b->child == NULL);
    return none || json_equal(a, b);
}

static void check_frozen(struct sim_check *check, const cJSON *live, const cJSON *body)
{
    static const char why[] = "Forbidden: field is immutable when `immutable` is set";
    if (!json_bool(live, "immutable", false)) {
        return;
    }
    if (!json_bool(body, "immutable", false)) {
        sim_causes_add(&check->causes, "FieldValueForbidden", "immutable", why);
    }
    if (!same_data(json_member(live, "data"), json_member(body, "data"))) {
        sim_causes_add(&check->causes, "FieldValueForbidden", "data", why);
    }
    if (!same_data(json_member(live, "binaryData"), json_member(body, "binaryData"))) {
        sim_causes_add(&check->causes, "FieldValueForbidden", "binaryData", why);
    }
}

void sim_validate_secret(struct sim_check *check, const cJSON *live, const cJSON *body)
{
    size_t total = 0;
    if (live != NULL) {
        const char *type = json_string_or(body, "type", "Opaque");
        if (strcmp(type, json_string_or(live, "type", "Opaque")) != 0) {
            sim_causes_add(&check->causes, "FieldValueInvalid", "type",
                           "Invalid value: \"%s\": field is immutable", type);
            /* the old rules of its type no longer say anything */
        }
        check_frozen(check, live, body);
    }
    bool retyped = check->causes.list != NULL && live != NULL;
    check_keys(check, json_object(body, "data"), &total);
    check_size(check, total);
    if (!retyped) {
        check_type(check, body);
    }
}

void sim_validate_config_map(struct sim_check *check, const cJSON *live, const cJSON *body)
{
    size_t total = 0;
    const cJSON *one;
    check_keys(check, json_object(body, "data"), &total);
    total = 0;
    cJSON_ArrayForEach(one, json_object(body, "data"))
    {
        total += cJSON_IsString(one) ? strlen(one->valuestring) : 0;
    }
    if (total > SIZE_LIMIT) {
        sim_causes_add(&check->causes, "FieldValueTooLong", "",
                       "Too long: may not be more than %d bytes", SIZE_LIMIT);
    }
    if (live != NULL) {
        check_frozen(check, live, body);
    }
}
