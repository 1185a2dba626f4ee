#include "old_decode.h"

#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "doc/json.h"
#include "kinds.h"

enum { NEAR = 10, FAR = 50 }; /* bytes quoted on each side (json-iterator, ReportError) */

/* --- A walk over JSON that is known to be sound --------------------------------------------------
 */

static const char *skip_space(const char *at)
{
    return at + strspn(at, " \t\r\n");
}

/* Behind the closing quote. */
static const char *skip_string(const char *at)
{
    for (at++; *at != '"' && *at != '\0'; at++) {
        at += at[0] == '\\' && at[1] != '\0' ? 1 : 0;
    }
    return *at == '"' ? at + 1 : at;
}

static const char *skip_value(const char *at)
{
    int depth = 0;
    do {
        if (*at == '"') {
            at = skip_string(at);
            continue;
        }
        depth += (*at == '{' || *at == '[') - (*at == '}' || *at == ']');
        at++;
    } while (*at != '\0' && (depth > 0 || strchr(",}] \t\r\n", *at) == NULL));
    return at;
}

/* The next member of an object: at stands behind '{' or a value. NULL at the end; *value gets where
 * its value begins. */
static const char *next_member(const char *at, const char **value)
{
    at = skip_space(at);
    at = *at == ',' ? skip_space(at + 1) : at;
    if (*at != '"') {
        return NULL;
    }
    const char *colon = skip_space(skip_string(at));
    *value = *colon == ':' ? skip_space(colon + 1) : colon;
    return at;
}

static const char *find(const char *object, const char *name)
{
    size_t length = strlen(name);
    const char *value = NULL;
    if (*object != '{') {
        return NULL;
    }
    for (const char *at = next_member(object + 1, &value); at != NULL;
         at = next_member(skip_value(value), &value)) {
        if (strncmp(at + 1, name, length) == 0 && at[length + 1] == '"') {
            return value;
        }
    }
    return NULL;
}

/* --- What it says --------------------------------------------------------------------------------
 */

static bool report(const struct sim_request *request, const struct sim_resource *resource,
                   const char *field, const char *what, const char *place,
                   struct sim_status *status)
{
    const char *start = request->body;
    size_t head = (size_t)(place - start);
    size_t length = request->body_length;
    size_t near = head > NEAR ? head - NEAR : 0;
    size_t far = head > FAR ? head - FAR : 0;
    size_t near_end = head + NEAR < length ? head + NEAR : length;
    size_t far_end = head + FAR < length ? head + FAR : length;
    return sim_status_bad_request(
        status,
        "%s in version \"%s\" cannot be handled as a %s: %s.%s.%s: %s, error found in #%zu byte of "
        "...|%.*s|..., bigger context ...|%.*s|...",
        resource->kind, resource->version, resource->kind, resource->version, resource->kind, field,
        what, head - near, (int)(near_end - near), start + near, (int)(far_end - far), start + far);
}

static bool data_fits(const struct sim_request *request, const struct sim_resource *resource,
                      const char *data, struct sim_status *status)
{
    const char *value = NULL;
    for (const char *at = next_member(data + 1, &value); at != NULL;
         at = next_member(skip_value(value), &value)) {
        const char *end = skip_value(value);
        if (*value == 'n') {
            continue;
        }
        if (*value != '"') {
            return report(request, resource, "Data", "base64Codec: invalid input", value, status);
        }
        cJSON *text = cJSON_ParseWithLength(value, (size_t)(end - value));
        long place = text != NULL ? sim_bad_base64(text->valuestring) : 0;
        json_delete_secret(text);
        if (place >= 0) {
            char *what = xasprintf("decode base64: illegal base64 data at input byte %ld", place);
            report(request, resource, "Data", what, end, status);
            free(what);
            return false;
        }
    }
    return true;
}

bool sim_old_decode_fits(const struct sim_request *request, const struct sim_resource *resource,
                         struct sim_status *status)
{
    const char *root = skip_space(request->body);
    const char *metadata = find(root, "metadata");
    if (metadata != NULL && *metadata != '{' && *metadata != 'n') {
        char *what = xasprintf("readObjectStart: expect { or n, but found %c", *metadata);
        report(request, resource, "ObjectMeta", what, metadata + 1, status);
        free(what);
        return false;
    }
    const char *data = resource == sim_secrets() ? find(root, "data") : NULL;
    return data == NULL || *data != '{' || data_fits(request, resource, data, status);
}
