#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/language.h"
#include "base/secret.h"
#include "base/text.h"
#include "gojson.h"
#include "probe_private.h"

enum { AUTHORIZATION_LIMIT = 256 * 1024, CODE_LIMIT = 64 };

static bool has_credential(const struct probe *probe)
{
    return probe->credential->username != NULL;
}

static void release(struct probe *probe)
{
    http_cancel(probe->exchange);
    loop_cancel_timer(probe->loop, probe->timer);
    loop_cancel_timer(probe->loop, probe->deadline);
    buffer_free(&probe->authorization);
    challenge_free(&probe->challenge);
    image_reference_free(&probe->reference);
    free(probe->result.message);
    free(probe->result.digest);
    free(probe->result.realm);
    free(probe->image);
    free(probe);
}

void probe_cancel(struct probe *probe)
{
    if (probe != NULL) {
        release(probe);
    }
}

static void tell(void *context)
{
    struct probe *probe = context;
    probe->timer = NULL;
    probe->done(probe->context, &probe->result);
    release(probe);
}

void probe_end(struct probe *probe, enum registry_probe_verdict verdict, const char *format, ...)
{
    if (probe->result.message != NULL) {
        return;
    }
    va_list args;
    va_start(args, format);
    char *text = xvasprintf(_(format), args);
    va_end(args);
    char *safe = text_safe(text);
    free(text);
    probe->result.verdict = verdict;
    probe->result.message = safe;
    http_cancel(probe->exchange);
    probe->exchange = NULL;
    loop_cancel_timer(probe->loop, probe->deadline);
    probe->deadline = NULL;
    probe->timer = loop_after(probe->loop, 0, tell, probe);
}

static void send_manifest(struct probe *probe, enum probe_stage stage)
{
    const struct image_reference *reference = &probe->reference;
    probe->stage = stage;
    char *origin = probe_origin(probe);
    char *url = xasprintf("%s/v2/%s/manifests/%s", origin, reference->repository,
                          reference->digest != NULL ? reference->digest : reference->tag);
    probe_send(probe, stage == STAGE_BODY ? HTTP_GET : HTTP_HEAD, url, probe->way,
               probe->authorization.length > 0 ? probe->authorization.data : NULL);
    free(url);
    free(origin);
}

static void send_ping(struct probe *probe)
{
    probe->stage = STAGE_PING;
    char *origin = probe_origin(probe);
    char *url = xasprintf("%s/v2/", origin);
    probe_send(probe, HTTP_GET, url, probe->way, NULL);
    free(url);
    free(origin);
}

/* "100;w=21600" */
static void read_rate(const struct http_response *response, const char *name, int64_t *count,
                      int64_t *window)
{
    const char *value = http_response_header(response, name, 0);
    if (value == NULL || *value < '0' || *value > '9') {
        return;
    }
    *count = strtoll(value, NULL, 10);
    const char *w = strstr(value, "w=");
    if (w != NULL && w[2] >= '0' && w[2] <= '9') {
        *window = strtoll(w + 2, NULL, 10);
    }
}

static void read_headers(struct probe *probe, const struct http_response *response)
{
    struct registry_probe_result *result = &probe->result;
    result->status = response->status;
    read_rate(response, "ratelimit-limit", &result->rate_limit, &result->rate_window_s);
    read_rate(response, "ratelimit-remaining", &result->rate_remaining, &result->rate_window_s);
    const char *digest = http_response_header(response, "Docker-Content-Digest", 0);
    if (digest != NULL && result->digest == NULL) {
        result->digest = text_safe(digest);
    }
    for (size_t i = 0; probe->stage == STAGE_MANIFEST || probe->stage == STAGE_PING; i++) {
        const char *value = http_response_header(response, "WWW-Authenticate", i);
        if (value == NULL) {
            break;
        }
        challenge_parse(&probe->challenge, value);
    }
}

/* errors[0].code of a registry's error body, made of capitals and '_'; false if it has none. */
static bool error_code(const struct http_response *response, char code[CODE_LIMIT])
{
    struct gojson root;
    struct gojson errors;
    struct gojson value;
    if (!gojson_validate(response->body, response->body_length, &root, NULL, NULL) ||
        !gojson_member(root, "errors", &errors) || gojson_kind(errors) != GOJSON_ARRAY) {
        return false;
    }
    /* The first element of the list is the value behind its bracket. */
    struct gojson first = {errors.start + 1, errors.end};
    first.start += strspn(first.start, " \t\r\n");
    if (*first.start != '{' || !gojson_member(first, "code", &value) ||
        gojson_kind(value) != GOJSON_STRING) {
        return false;
    }
    size_t length = (size_t)(value.end - value.start) - 2;
    if (length >= CODE_LIMIT || strspn(value.start + 1, "ABCDEFGHIJKLMNOPQRSTUVWXYZ_") < length) {
        return false;
    }
    memcpy(code, value.start + 1, length);
    code[length] = '\0';
    return true;
}

static void end_found(struct probe *probe, const struct http_response *response)
{
    const char *type = http_response_header(response, "Content-Type", 0);
    if (probe->result.digest == NULL && (type == NULL || strncmp(type, "text/", 5) == 0)) {
        probe_end(probe, REGISTRY_PROBE_STRANGE,
                  "%s answers with %s instead of a manifest: is it a registry?", probe->host,
                  type != NULL ? type : "nothing");
    } else if (has_credential(probe) && probe->credential_sent) {
        probe_end(probe, REGISTRY_PROBE_MAY_PULL, "%s may pull %s", probe->credential->username,
                  probe->image);
    } else {
        probe_end(probe, REGISTRY_PROBE_PUBLIC, "%s can be pulled without a credential%s",
                  probe->image,
                  has_credential(probe) ? _("; the registry did not ask for this one") : "");
    }
}

static void end_limited(struct probe *probe, const struct http_response *response)
{
    int64_t wait = http_response_retry_after_ms(response);
    char *later = wait >= 0 ? xasprintf(_("; try again in %lld s"), (long long)(wait / 1000) + 1)
                            : xstrdup("");
    probe_end(probe, REGISTRY_PROBE_RATE_LIMITED,
              "%s says that too many pulls came from here (HTTP 429)%s%s", probe->host,
              has_credential(probe) ? ""
                                    : _(", counted for this address as no credential was given"),
              later);
    free(later);
}

static void end_refused(struct probe *probe, int status)
{
    if (!has_credential(probe)) {
        probe_end(probe, REGISTRY_PROBE_UNAUTHORIZED,
                  "%s gives %s only with a credential, or it does not exist (HTTP %d)", probe->host,
                  probe->image, status);
    } else if (!probe->credential_sent) {
        probe_end(probe, REGISTRY_PROBE_FORBIDDEN,
                  "%s refuses %s without asking for a credential (HTTP %d)", probe->host,
                  probe->image, status);
    } else if (probe->challenge.scheme == CHALLENGE_BEARER || status == 403) {
        probe_end(probe, REGISTRY_PROBE_FORBIDDEN,
                  "%s knows %s but gives no right to pull %s, or hides that it does not exist "
                  "(HTTP %d)",
                  probe->host, probe->credential->username, probe->image, status);
    } else {
        probe_end(probe, REGISTRY_PROBE_UNAUTHORIZED,
                  "%s does not accept the user name and password of %s (HTTP 401)", probe->host,
                  probe->credential->username);
    }
}

/* Statuses that mean the same at every stage; false if this is none of them. */
static bool end_common(struct probe *probe, const struct http_response *response)
{
    int status = response->status;
    if (status == 429) {
        end_limited(probe, response);
    } else if (status >= 500) {
        probe_end(probe, REGISTRY_PROBE_UNREACHABLE,
                  "%s has a fault of its own (HTTP %d); that says nothing about the credential",
                  probe->host, status);
    } else if (status >= 300 && status < 400) {
        probe_end(probe, REGISTRY_PROBE_STRANGE, "%s redirects without end (HTTP %d)", probe->host,
                  status);
    } else {
        return false;
    }
    return true;
}

/* With the body of the answer at hand, what does a 4xx mean? */
static void end_by_body(struct probe *probe, const struct http_response *response)
{
    char code[CODE_LIMIT];
    bool coded = error_code(response, code);
    if (response->status == 401 || response->status == 403) {
        end_refused(probe, response->status);
    } else if (response->status == 404 && (coded || probe->challenge.scheme != CHALLENGE_NONE)) {
        bool no_name = coded && strcmp(code, "NAME_UNKNOWN") == 0;
        probe_end(probe, REGISTRY_PROBE_NOT_FOUND, "%s has no such %s: %s (HTTP 404%s%s)",
                  probe->host, no_name ? _("repository, or hides it") : _("tag or digest"),
                  probe->image, coded ? " " : "", coded ? code : "");
    } else {
        probe_end(probe, REGISTRY_PROBE_STRANGE,
                  "%s does not answer like a registry (HTTP %d%s%s): check the host and its path",
                  probe->host, response->status, coded ? " " : "", coded ? code : "");
    }
}

/* The registry wants a credential: by which scheme? */
static void meet_challenge(struct probe *probe)
{
    if (probe->challenge.scheme == CHALLENGE_BEARER) {
        probe_ask_token(probe);
    } else if (probe->challenge.scheme == CHALLENGE_NONE) {
        probe_end(probe, REGISTRY_PROBE_STRANGE,
                  "%s wants a credential but does not say of which kind (HTTP 401)", probe->host);
    } else if (!has_credential(probe)) {
        end_refused(probe, 401);
    } else {
        buffer_clear(&probe->authorization);
        probe_append_basic(probe, &probe->authorization);
        probe->credential_sent = true;
        send_manifest(probe, STAGE_AGAIN);
    }
}

/* A challenge is the registry's own only if it came from the registry: what it redirects to gets no
 * say in where the password goes. */
static bool is_own_answer(const struct probe *probe, const struct http_response *response)
{
    char *origin = probe_origin(probe);
    bool own = http_same_origin(response->url, origin);
    free(origin);
    return own;
}

static void on_manifest(struct probe *probe, const struct http_response *response)
{
    bool first = probe->stage == STAGE_MANIFEST;
    if (response->status >= 200 && response->status < 300) {
        end_found(probe, response);
    } else if (end_common(probe, response)) {
        return;
    } else if (response->status == 401 && !is_own_answer(probe, response)) {
        probe_end(probe, REGISTRY_PROBE_STRANGE,
                  "%s redirects to %.200s, which asks for a credential; it gets none", probe->host,
                  response->url);
    } else if (response->status == 401 && first) {
        if (probe->challenge.scheme == CHALLENGE_NONE) {
            send_ping(probe);
        } else {
            meet_challenge(probe);
        }
    } else if (probe->stage == STAGE_BODY) {
        end_by_body(probe, response);
    } else if (response->status == 401 || response->status == 403) {
        end_refused(probe, response->status);
    } else {
        send_manifest(probe, STAGE_BODY);
    }
}

static void on_token(struct probe *probe, const struct http_response *response)
{
    if (response->status == 200 && probe_take_token(probe, response)) {
        send_manifest(probe, STAGE_AGAIN);
    } else if (end_common(probe, response)) {
        return;
    } else if (response->status == 401 || response->status == 403) {
        if (has_credential(probe)) {
            probe_end(probe, REGISTRY_PROBE_UNAUTHORIZED,
                      "the token server of %s does not accept the user name and password of %s "
                      "(HTTP %d)",
                      probe->host, probe->credential->username, response->status);
        } else {
            end_refused(probe, response->status);
        }
    } else {
        probe_end(probe, REGISTRY_PROBE_STRANGE,
                  "the token server of %s gives no token (HTTP %d): %s", probe->host,
                  response->status, probe->challenge.realm);
    }
}

static void end_by_error(struct probe *probe, const struct error *err)
{
    if (err->kind == ERROR_AUTH) {
        probe_end(probe, REGISTRY_PROBE_CERTIFICATE,
                  "%s (--registry-ca gives an authority for "
                  "registries)",
                  err->message);
    } else if (err->kind == ERROR_UNAVAILABLE || err->kind == ERROR_TIMEOUT) {
        probe_end(probe, REGISTRY_PROBE_UNREACHABLE, "%s", err->message);
    } else {
        probe_end(probe, REGISTRY_PROBE_STRANGE, "%s", err->message);
    }
}

/* No answer came: another way to the same host, or the end. */
static void on_failure(struct probe *probe, const struct http_response *response,
                       const struct error *err)
{
    /* Whoever answered in HTTP is not asked in another way, least of all in the plain one. */
    bool silent = response->status == 0;
    if (silent && probe->stage == STAGE_MANIFEST &&
        probe_next_way(probe, probe->host, &probe->way, err)) {
        send_manifest(probe, STAGE_MANIFEST);
        return;
    }
    if (silent && probe->stage == STAGE_TOKEN && probe->token_way == PROBE_TLS &&
        err->kind == ERROR_AUTH && probe->world->ca != NULL) {
        probe->token_way = PROBE_TLS_CA;
        probe_ask_token(probe);
        return;
    }
    end_by_error(probe, err);
}

void probe_answer(struct probe *probe, const struct http_response *response,
                  const struct error *err)
{
    if (probe->result.message != NULL) {
        return;
    }
    /* A manifest is not read, and an error whose body does not end is an error all the same. */
    bool answered = err == NULL || (probe->stage == STAGE_BODY && response->status >= 200);
    if (!answered) {
        on_failure(probe, response, err);
        return;
    }
    read_headers(probe, response);
    if (probe->stage == STAGE_MANIFEST) {
        map_set(probe->world->ways, probe->host, (void *)(uintptr_t)(probe->way + 1));
    }
    if (probe->stage == STAGE_TOKEN) {
        on_token(probe, response);
    } else if (probe->stage == STAGE_PING) {
        if (is_own_answer(probe, response)) {
            meet_challenge(probe);
        } else {
            probe_end(probe, REGISTRY_PROBE_STRANGE, "%s redirects /v2/ to %.200s", probe->host,
                      response->url);
        }
    } else {
        on_manifest(probe, response);
    }
}

static void on_deadline(void *context)
{
    struct probe *probe = context;
    probe->deadline = NULL;
    probe_end(probe, REGISTRY_PROBE_UNREACHABLE, "%s did not answer within %lld s", probe->host,
              (long long)(probe->world->timeout_ms / 1000));
}

struct probe *probe_start(const struct probe_world *world, const char *image,
                          const struct registry_probe_credential *credential, probe_done done,
                          void *context)
{
    struct probe *probe = xcalloc(1, sizeof(*probe));
    probe->world = world;
    probe->loop = world->loop;
    probe->credential = credential;
    probe->image = text_safe(image);
    probe->done = done;
    probe->context = context;
    probe->result.rate_limit = -1;
    probe->result.rate_remaining = -1;
    probe->result.rate_window_s = -1;
    buffer_init_secret(&probe->authorization, AUTHORIZATION_LIMIT);
    struct error err = ERROR_INIT;
    if (!image_reference_parse(&probe->reference, image, &err)) {
        probe_end(probe, REGISTRY_PROBE_REFUSED, "%s", err.message);
        return probe;
    }
    probe->host = registry_api_host(probe->reference.host);
    uintptr_t known = (uintptr_t)map_get(world->ways, probe->host);
    probe->way = known > 0 ? (enum probe_way)(known - 1) : PROBE_TLS;
    probe->deadline = loop_after(probe->loop, world->timeout_ms, on_deadline, probe);
    send_manifest(probe, STAGE_MANIFEST);
    return probe;
}
