#include "registry/credential.h"

#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/buffer.h"
#include "base/secret.h"
#include "gojson.h"

enum { JWT_LIMIT = 64 * 1024 };

void registry_credential_set(struct registry_credential *credential, const char *server,
                             const char *username, const char *password, size_t password_length,
                             const char *email, const char *source)
{
    *credential = (struct registry_credential){
        .server = xstrdup(server),
        .username = xstrdup(username),
        .password = xmalloc(password_length + 1),
        .password_length = password_length,
        .email = xstrdup_or_null(email),
        .source = xstrdup_or_null(source),
    };
    if (password_length > 0) {
        memcpy(credential->password, password, password_length);
    }
    credential->password[password_length] = '\0';
}

void registry_credential_free(struct registry_credential *credential)
{
    secret_wipe(credential->password, credential->password_length);
    free(credential->password);
    free(credential->server);
    free(credential->username);
    free(credential->email);
    free(credential->source);
    memset(credential, 0, sizeof(*credential));
}

void registry_credentials_free(struct registry_credential *credentials, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        registry_credential_free(&credentials[i]);
    }
    free(credentials);
}

/* The payload of HEADER.PAYLOAD.SIGNATURE, decoded from base64url; false if it is no such thing. */
static bool decode_payload(struct buffer *out, const char *token, size_t length)
{
    const char *first = memchr(token, '.', length);
    if (first == NULL || length > JWT_LIMIT) {
        return false;
    }
    const char *payload = first + 1;
    const char *second = memchr(payload, '.', length - (size_t)(payload - token));
    if (second == NULL) {
        return false;
    }
    struct buffer standard;
    buffer_init_secret(&standard, JWT_LIMIT);
    for (const char *c = payload; c < second; c++) {
        buffer_append_char(&standard, *c == '-' ? '+' : *c == '_' ? '/' : *c);
    }
    size_t bad = 0;
    bool decoded = gobase64_decode(out, standard.data, standard.length, false, &bad);
    buffer_free(&standard);
    return decoded && out->length > 0;
}

/* RFC 7519's NumericDate: seconds, perhaps with a fraction. */
static bool read_numeric_date(struct gojson value, int64_t *wall_ms)
{
    char text[32];
    size_t length = (size_t)(value.end - value.start);
    if (gojson_kind(value) != GOJSON_NUMBER || length >= sizeof(text)) {
        return false;
    }
    memcpy(text, value.start, length);
    text[length] = '\0';
    double seconds = strtod(text, NULL);
    /* Up to the year 9999. */
    if (!(seconds > 0 && seconds < 253402300800.0)) {
        return false;
    }
    *wall_ms = (int64_t)(seconds * 1000);
    return true;
}

bool registry_password_expiry(const char *password, size_t length, int64_t *wall_ms)
{
    struct buffer payload;
    buffer_init_secret(&payload, JWT_LIMIT);
    struct gojson root;
    struct gojson expiry;
    bool found = decode_payload(&payload, password, length) &&
                 gojson_validate(payload.data, payload.length, &root, NULL, NULL) &&
                 gojson_member(root, "exp", &expiry) && read_numeric_date(expiry, wall_ms);
    buffer_free(&payload);
    return found;
}
