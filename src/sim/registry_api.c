#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/secret.h"
#include "base/text.h"
#include "doc/digest.h"
#include "doc/json.h"
#include "registry_server.h"
#include "sim/scenario_parts.h"

/* The distribution API, as far as it takes to learn whether an image may be pulled:
 * https://distribution.github.io/distribution/spec/api/ and .../spec/auth/token/. */

enum { TEXT_LIMIT = 64 * 1024 };

static const char manifest_type[] = "application/vnd.oci.image.manifest.v1+json";

static void answer_error(struct sim_registry_answer *answer, int code, const char *name,
                         const char *message)
{
    cJSON *body = cJSON_CreateObject();
    cJSON *error = cJSON_CreateObject();
    cJSON_AddItemToArray(cJSON_AddArrayToObject(body, "errors"), error);
    cJSON_AddStringToObject(error, "code", name);
    cJSON_AddStringToObject(error, "message", message);
    answer->code = code;
    json_write(&answer->body, body);
    cJSON_Delete(body);
}

/* --- Who asks ------------------------------------------------------------------------------------
 */

/* Name and password of Basic authorization; false if there is none. */
static bool read_basic(const char *authorization, struct sim_credential *out)
{
    struct buffer plain;
    buffer_init_secret(&plain, TEXT_LIMIT);
    bool found = false;
    if (authorization != NULL && text_starts_with(authorization, "Basic ") &&
        base64_decode(&plain, authorization + 6, strlen(authorization + 6), true)) {
        char *colon = plain.data == NULL ? NULL : strchr(plain.data, ':');
        if (colon != NULL) {
            *colon = '\0';
            *out = (struct sim_credential){NULL, xstrdup(plain.data), xstrdup(colon + 1)};
            found = true;
        }
    }
    buffer_free(&plain);
    return found;
}

static void clear_credential(struct sim_credential *credential)
{
    free(credential->username);
    secret_free_string(credential->password);
}

/* A rule of the host that is asked. */
static bool is_of(const struct sim_registry_rule *rule, const char *address)
{
    size_t length = strlen(address);
    return rule->served && strncmp(rule->prefix, address, length) == 0 &&
           (rule->prefix[length] == '/' || rule->prefix[length] == '\0');
}

/* Whether any rule of the registry served here takes the credential: that is what /v2/ proves. */
static bool opens_some_rule(const struct sim *sim, const char *address,
                            const struct sim_credential *credential)
{
    size_t count = 0;
    const struct sim_registry_rule *rules = sim_scenario_registries(sim, &count);
    for (size_t i = 0; i < count; i++) {
        if (is_of(&rules[i], address) && sim_registry_opens(&rules[i], credential)) {
            return true;
        }
    }
    return false;
}

static const struct sim_registry_rule *private_rule(const struct sim *sim, const char *address)
{
    size_t count = 0;
    const struct sim_registry_rule *rules = sim_scenario_registries(sim, &count);
    for (size_t i = 0; i < count; i++) {
        if (is_of(&rules[i], address) && rules[i].access == SIM_REACH_PRIVATE) {
            return &rules[i];
        }
    }
    return NULL;
}

static void answer_challenge(const struct sim_registry_ask *ask,
                             const struct sim_registry_rule *rule, const char *repository,
                             bool too_little, struct sim_registry_answer *answer)
{
    const char *address = ask->address;
    if (rule->login == SIM_LOGIN_BASIC) {
        answer->challenge = xstrdup("Basic realm=\"simulated registry\"");
    } else {
        char *scope = repository[0] == '\0'
                          ? xstrdup("")
                          : xasprintf(",scope=\"repository:%s:pull\"", repository);
        answer->challenge =
            xasprintf("Bearer realm=\"http://%s/token\",service=\"%s\"%s%s", address, address,
                      scope, too_little ? ",error=\"insufficient_scope\"" : "");
        free(scope);
    }
    answer_error(answer, 401, "UNAUTHORIZED", "authentication required");
}

/* --- /token --------------------------------------------------------------------------------------
 */

/* The repository in "repository:NAME:pull"; "" if the scope is another. */
static char *scope_repository(const char *scope)
{
    static const char kind[] = "repository:";
    if (scope == NULL || !text_starts_with(scope, kind)) {
        return xstrdup("");
    }
    const char *name = scope + sizeof(kind) - 1;
    const char *end = strrchr(name, ':');
    return end == NULL ? xstrdup("") : xstrndup(name, (size_t)(end - name));
}

static const struct sim_registry_rule *rule_of(const struct sim *sim, const char *address,
                                               const char *repository, const char *tag)
{
    char *text = xasprintf("%s/%s:%s", address, repository, tag);
    const struct sim_registry_rule *rule = sim_registry_rule_for(sim, text);
    free(text);
    return rule;
}

static void answer_granted(struct sim *sim, const char *address, const char *repository, bool known,
                           struct sim_registry_answer *answer)
{
    char token[33];
    sim_registry_grant(sim, address, repository, known, token);
    cJSON *body = cJSON_CreateObject();
    cJSON_AddStringToObject(body, "token", token);
    cJSON_AddStringToObject(body, "access_token", token);
    cJSON_AddNumberToObject(body, "expires_in", 300);
    answer->code = 200;
    json_write(&answer->body, body);
    cJSON_Delete(body);
}

static void answer_token(struct sim *sim, const struct sim_registry_ask *ask,
                         struct sim_registry_answer *answer)
{
    struct sim_credential credential = {NULL, NULL, NULL};
    bool somebody = read_basic(ask->authorization, &credential);
    char *repository = scope_repository(ask->scope);
    const struct sim_registry_rule *rule = repository[0] == '\0'
                                               ? private_rule(sim, ask->address)
                                               : rule_of(sim, ask->address, repository, "");
    bool right = somebody && (repository[0] == '\0' || rule == NULL
                                  ? opens_some_rule(sim, ask->address, &credential)
                                  : sim_registry_opens(rule, &credential));
    if (somebody && !right) {
        answer_error(answer, 401, "UNAUTHORIZED", "incorrect username or password");
    } else if (!somebody && rule != NULL && rule->login == SIM_LOGIN_STRICT &&
               rule->access == SIM_REACH_PRIVATE) {
        answer_error(answer, 401, "UNAUTHORIZED", "authentication required");
    } else {
        answer_granted(sim, ask->address, repository, somebody, answer);
    }
    clear_credential(&credential);
    free(repository);
}

/* --- /v2/ ----------------------------------------------------------------------------------------
 */

/* May go on; else the answer is made. */
static bool let_in(const struct sim *sim, const struct sim_registry_rule *rule,
                   const struct sim_registry_ask *ask, const char *repository,
                   struct sim_registry_answer *answer)
{
    const char *authorization = ask->authorization;
    bool open = rule->access != SIM_REACH_PRIVATE;
    bool allowed;
    bool too_little = false;
    if (rule->login == SIM_LOGIN_BASIC) {
        struct sim_credential credential = {NULL, NULL, NULL};
        bool somebody = read_basic(authorization, &credential);
        allowed = somebody ? (repository[0] == '\0'
                                  ? opens_some_rule(sim, ask->address, &credential)
                                  : rule->username == NULL || sim_registry_opens(rule, &credential))
                           : open;
        clear_credential(&credential);
    } else {
        bool known = false;
        const char *granted =
            authorization != NULL && text_starts_with(authorization, "Bearer ")
                ? sim_registry_granted(sim, ask->address, authorization + strlen("Bearer "), &known)
                : NULL;
        bool fits = granted != NULL && (repository[0] == '\0' || strcmp(granted, repository) == 0);
        allowed = fits && (known || open);
        too_little = granted != NULL && !allowed;
    }
    if (!allowed) {
        answer_challenge(ask, rule, repository, too_little, answer);
    }
    return allowed;
}

static void answer_ping(const struct sim *sim, const struct sim_registry_ask *ask,
                        struct sim_registry_answer *answer)
{
    const struct sim_registry_rule *rule = private_rule(sim, ask->address);
    if (rule == NULL || let_in(sim, rule, ask, "", answer)) {
        answer->code = 200;
        buffer_append_string(&answer->body, "{}");
    }
}

/* A manifest that names nothing but its image: enough to have a digest of its own. */
static void answer_image(const char *repository, const char *tag,
                         struct sim_registry_answer *answer)
{
    char digest[129];
    char *name = xasprintf("%s:%s", repository, tag);
    cJSON *body = cJSON_CreateObject();
    cJSON_AddNumberToObject(body, "schemaVersion", 2);
    cJSON_AddStringToObject(body, "mediaType", manifest_type);
    cJSON *config = cJSON_AddObjectToObject(body, "config");
    cJSON_AddStringToObject(config, "mediaType", "application/vnd.oci.empty.v1+json");
    cJSON_AddStringToObject(
        config, "digest",
        "sha256:44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a");
    cJSON_AddNumberToObject(config, "size", 2);
    cJSON_AddArrayToObject(body, "layers");
    cJSON_AddStringToObject(cJSON_AddObjectToObject(body, "annotations"),
                            "org.opencontainers.image.ref.name", name);
    json_write(&answer->body, body);
    digest_hex("sha256", answer->body.data, answer->body.length, digest);
    answer->code = 200;
    answer->type = manifest_type;
    answer->digest = xasprintf("sha256:%s", digest);
    cJSON_Delete(body);
    free(name);
}

/* What has nothing to do with who asks; false: the answer is made. */
static bool works(const struct sim_registry_rule *rule, struct sim_registry_answer *answer)
{
    if (rule != NULL && rule->access == SIM_REACH_LIMITED) {
        answer_error(answer, 429, "TOOMANYREQUESTS", "you have reached your pull rate limit");
    } else if (rule != NULL && rule->access == SIM_REACH_BROKEN) {
        answer_error(answer, 503, "UNAVAILABLE", "service unavailable");
    } else if (rule != NULL && rule->access == SIM_REACH_FORBIDDEN) {
        answer_error(answer, 403, "DENIED", "requested access to the resource is denied");
    } else {
        return true;
    }
    return false;
}

static void answer_manifest(const struct sim *sim, const struct sim_registry_ask *ask,
                            const char *repository, const char *tag,
                            struct sim_registry_answer *answer)
{
    const struct sim_registry_rule *rule = rule_of(sim, ask->address, repository, tag);
    if (!works(rule, answer) || (rule != NULL && !let_in(sim, rule, ask, repository, answer))) {
        return;
    }
    if (rule != NULL && rule->access == SIM_REACH_GONE) {
        answer_error(answer, 404, "MANIFEST_UNKNOWN", "manifest unknown");
    } else {
        answer_image(repository, tag, answer);
    }
}

void sim_registry_answer(struct sim *sim, const struct sim_registry_ask *ask,
                         struct sim_registry_answer *answer)
{
    static const char manifests[] = "/manifests/";
    *answer = (struct sim_registry_answer){.code = 404, .type = "application/json"};
    buffer_init_secret(&answer->body, TEXT_LIMIT);
    const char *path = ask->path;
    const char *name = text_starts_with(path, "/v2/") ? path + strlen("/v2/") : NULL;
    const char *mark = name == NULL ? NULL : strstr(name, manifests);
    if (strcmp(ask->method, "GET") != 0 && strcmp(ask->method, "HEAD") != 0) {
        answer_error(answer, 405, "UNSUPPORTED", "the operation is unsupported");
    } else if (strcmp(path, "/token") == 0) {
        answer_token(sim, ask, answer);
    } else if (strcmp(path, "/v2") == 0 || (name != NULL && name[0] == '\0')) {
        answer_ping(sim, ask, answer);
    } else if (mark != NULL && mark > name && mark[sizeof(manifests) - 1] != '\0') {
        char *repository = xstrndup(name, (size_t)(mark - name));
        answer_manifest(sim, ask, repository, mark + sizeof(manifests) - 1, answer);
        free(repository);
    } else {
        answer_error(answer, 404, "NOT_FOUND", "known here: /v2/ and /v2/NAME/manifests/REFERENCE");
    }
}

void sim_registry_answer_clear(struct sim_registry_answer *answer)
{
    buffer_free(&answer->body);
    free(answer->challenge);
    free(answer->digest);
}
