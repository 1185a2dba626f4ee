#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/alloc.h"
#include "base/text.h"
#include "doc/json.h"
#include "gojson.h"
#include "probe_private.h"

enum { TOKEN_LIMIT = 64 * 1024, URL_LIMIT = 16 * 1024 };

void probe_append_basic(const struct probe *probe, struct buffer *out)
{
    const struct registry_probe_credential *credential = probe->credential;
    struct buffer plain;
    size_t user = strlen(credential->username);
    buffer_init_secret(&plain, user + credential->password_length + 1);
    buffer_append(&plain, credential->username, user);
    buffer_append_char(&plain, ':');
    if (credential->password_length > 0) {
        buffer_append(&plain, credential->password, credential->password_length);
    }
    buffer_append_string(out, "Basic ");
    base64_encode(out, plain.data, plain.length);
    buffer_free(&plain);
}

static void append_escaped(struct buffer *out, const char *name, const char *value, char lead)
{
    if (value == NULL || *value == '\0') {
        return;
    }
    buffer_append_char(out, lead);
    buffer_append_string(out, name);
    buffer_append_char(out, '=');
    for (const char *c = value; *c != '\0'; c++) {
        bool plain = (*c >= 'a' && *c <= 'z') || (*c >= 'A' && *c <= 'Z') ||
                     (*c >= '0' && *c <= '9') || strchr("-._~:/,", *c) != NULL;
        if (plain) {
            buffer_append_char(out, *c);
        } else {
            buffer_printf(out, "%%%02X", (unsigned)(unsigned char)*c);
        }
    }
}

/* The host of the realm with its port; NULL for what is no address that a token may come from. */
static char *realm_host(const char *realm, bool *encrypted)
{
    *encrypted = strncasecmp(realm, "https://", 8) == 0;
    if (!*encrypted && strncasecmp(realm, "http://", 7) != 0) {
        return NULL;
    }
    const char *host = strstr(realm, "://") + 3;
    size_t length = strcspn(host, "/?#");
    if (length == 0 || memchr(host, '@', length) != NULL || memchr(host, '\\', length) != NULL) {
        return NULL;
    }
    return xstrndup(host, length);
}

static void send_token_request(struct probe *probe, const char *host)
{
    struct buffer url;
    struct buffer basic;
    buffer_init(&url, URL_LIMIT);
    buffer_init_secret(&basic, TOKEN_LIMIT * 2);
    char *scope = xasprintf("repository:%s:pull", probe->reference.repository);
    const char *asked = probe->challenge.scope != NULL ? probe->challenge.scope : scope;
    size_t path = strcspn(probe->challenge.realm, "#");
    buffer_append(&url, probe->challenge.realm, path);
    char lead = memchr(probe->challenge.realm, '?', path) != NULL ? '&' : '?';
    append_escaped(&url, "service", probe->challenge.service, lead);
    append_escaped(&url, "scope", asked, strchr(url.data, '?') != NULL ? '&' : '?');
    free(scope);
    if (probe->credential->username != NULL) {
        probe_append_basic(probe, &basic);
        probe->credential_sent = true;
        free(probe->result.realm);
        probe->result.realm = strcasecmp(host, probe->host) != 0 ? text_safe(host) : NULL;
    }
    if (url.overflowed || basic.overflowed) {
        probe_end(probe, REGISTRY_PROBE_STRANGE, "the token server's address is too long");
    } else {
        probe_send(probe, HTTP_GET, url.data, probe->token_way,
                   basic.length > 0 ? basic.data : NULL);
    }
    buffer_free(&url);
    buffer_free(&basic);
}

void probe_ask_token(struct probe *probe)
{
    const char *realm = probe->challenge.realm;
    bool encrypted = false;
    char *host = realm != NULL ? realm_host(realm, &encrypted) : NULL;
    if (host == NULL) {
        probe_end(probe, REGISTRY_PROBE_STRANGE,
                  "it asks for a token but names no usable token server (realm \"%s\")",
                  realm != NULL ? realm : "");
    } else if (!encrypted &&
               (!probe_may_be_plain(probe, host) || !probe_may_be_plain(probe, probe->host))) {
        probe_end(probe, REGISTRY_PROBE_REFUSED,
                  "it sends passwords to %s over plain HTTP, so nothing was sent there "
                  "(--insecure-registry allows it)",
                  realm);
    } else {
        probe->stage = STAGE_TOKEN;
        probe->token_way = encrypted ? probe->token_way : PROBE_PLAIN;
        send_token_request(probe, host);
    }
    free(host);
}

bool probe_take_token(struct probe *probe, const struct http_response *response)
{
    struct gojson root;
    struct gojson token;
    buffer_clear(&probe->authorization);
    if (!gojson_validate(response->body, response->body_length, &root, NULL, NULL) ||
        (!gojson_member(root, "token", &token) && !gojson_member(root, "access_token", &token)) ||
        gojson_kind(token) != GOJSON_STRING) {
        return false;
    }
    buffer_append_string(&probe->authorization, "Bearer ");
    size_t empty = probe->authorization.length;
    return gojson_append_decoded(&probe->authorization, token) &&
           probe->authorization.length > empty &&
           strlen(probe->authorization.data) == probe->authorization.length;
}
