#include "sim/registries.h"

#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/secret.h"
#include "base/text.h"
#include "sim/scenario_parts.h"

/* What containerd says when a pull fails, as real nodes report it. */

const struct sim_registry_rule *sim_registry_rule_for(const struct sim *sim, const char *image)
{
    size_t count = 0;
    const struct sim_registry_rule *rules = sim_scenario_registries(sim, &count);
    const struct sim_registry_rule *found = NULL;
    for (size_t i = 0; i < count; i++) {
        if (text_starts_with(image, rules[i].prefix) &&
            (found == NULL || strlen(rules[i].prefix) >= strlen(found->prefix))) {
            found = &rules[i];
        }
    }
    return found;
}

static const struct sim_registry_rule *rule_of(const struct sim *sim, const struct sim_image *image)
{
    char *full = xasprintf("%s/%s:%s", image->host, image->path, image->tag);
    const struct sim_registry_rule *found = sim_registry_rule_for(sim, full);
    free(full);
    return found;
}

bool sim_registry_opens(const struct sim_registry_rule *rule,
                        const struct sim_credential *credential)
{
    return rule->username != NULL && rule->password != NULL &&
           secret_equal(rule->username, strlen(rule->username), credential->username,
                        strlen(credential->username)) &&
           secret_equal(rule->password, strlen(rule->password), credential->password,
                        strlen(credential->password));
}

/* An entry without name and password asks as nobody, yet counts as a credential. */
static bool is_empty(const struct sim_credential *credential)
{
    return credential->username[0] == '\0' && credential->password[0] == '\0';
}

static char *refusal(const struct sim_registry_rule *rule, const struct sim_image *image,
                     bool as_somebody)
{
    switch (rule->login) {
    case SIM_LOGIN_BASIC:
        break;
    case SIM_LOGIN_HUB:
        return xstrdup(as_somebody
                           ? "failed to authorize: failed to fetch oauth token: unexpected status: "
                             "401 Unauthorized"
                           : "pull access denied, repository does not exist or may require "
                             "authorization: server message: insufficient_scope: authorization "
                             "failed");
    case SIM_LOGIN_STRICT:
        return xasprintf("failed to authorize: failed to fetch %s token: unexpected status: 401 "
                         "Unauthorized",
                         as_somebody ? "oauth" : "anonymous");
    }
    return xasprintf(
        "pulling from host %s failed with status code [manifests %s]: 401 Unauthorized",
        image->host, image->tag);
}

static char *trouble(const struct sim_registry_rule *rule, const struct sim_image *image,
                     const char *text)
{
    switch (rule->access) {
    case SIM_REACH_GONE:
        return xasprintf("%s: not found", text);
    case SIM_REACH_FORBIDDEN:
        return xasprintf(
            "pulling from host %s failed with status code [manifests %s]: 403 Forbidden",
            image->host, image->tag);
    case SIM_REACH_DOWN:
        return xasprintf("failed to do request: Head \"https://%s/v2/%s/manifests/%s\": dial tcp "
                         "192.0.2.53:443: connect: connection refused",
                         image->host, image->path, image->tag);
    case SIM_REACH_NO_HOST:
        return xasprintf("failed to do request: Head \"https://%s/v2/%s/manifests/%s\": dial tcp: "
                         "lookup %s on 192.0.2.53:53: no such host",
                         image->host, image->path, image->tag, image->host);
    case SIM_REACH_UNTRUSTED:
        return xasprintf("failed to do request: Head \"https://%s/v2/%s/manifests/%s\": tls: "
                         "failed to verify certificate: x509: certificate signed by unknown "
                         "authority",
                         image->host, image->path, image->tag);
    case SIM_REACH_LIMITED:
        return xasprintf("pulling from host %s failed with status code [manifests %s]: 429 Too "
                         "Many Requests",
                         image->host, image->tag);
    case SIM_REACH_SLOW:
        return xasprintf("failed to do request: Head \"https://%s/v2/%s/manifests/%s\": dial tcp "
                         "192.0.2.53:443: i/o timeout",
                         image->host, image->path, image->tag);
    case SIM_REACH_BROKEN:
        return xasprintf("pulling from host %s failed with status code [manifests %s]: 503 Service "
                         "Unavailable",
                         image->host, image->tag);
    case SIM_REACH_FULL:
        return xstrdup("write /var/lib/containerd/ingest: no space left on device");
    case SIM_REACH_PUBLIC:
    case SIM_REACH_PRIVATE:
        break;
    }
    return NULL;
}

/* Why the registry refuses; NULL if it does not. */
static char *ask(const struct sim_registry_rule *rule, const struct sim_image *image,
                 const char *text, const struct sim_credential *credential)
{
    if (rule == NULL) {
        return NULL;
    }
    char *failure = trouble(rule, image, text);
    bool as_somebody = credential != NULL && !is_empty(credential);
    if (failure == NULL && as_somebody && rule->username != NULL &&
        !sim_registry_opens(rule, credential)) {
        return refusal(rule, image, true);
    }
    if (failure == NULL && rule->access == SIM_REACH_PRIVATE &&
        (!as_somebody || !sim_registry_opens(rule, credential))) {
        return refusal(rule, image, as_somebody);
    }
    return failure;
}

void sim_registry_pull(const struct sim *sim, const char *text, const struct sim_keyring *keyring,
                       struct sim_pull *out)
{
    *out = (struct sim_pull){.done = false};
    if (keyring->error != NULL) {
        out->before_pulling = true;
        out->message = xstrdup(keyring->error);
        return;
    }
    struct sim_image image;
    sim_image_parse(text, &image);
    const struct sim_registry_rule *rule = rule_of(sim, &image);
    const struct sim_credential *credential = sim_keyring_find(keyring, &image);
    if (rule != NULL && rule->says != NULL) {
        out->message = xstrdup(rule->says);
        sim_image_clear(&image);
        return;
    }
    char *why = ask(rule, &image, text, credential);
    out->done = why == NULL;
    out->anonymous = credential == NULL || is_empty(credential);
    if (why != NULL) {
        out->message =
            xasprintf("%sfailed to pull and unpack image \"%s\": failed to resolve "
                      "reference \"%s\": %s",
                      rule->access == SIM_REACH_GONE ? "rpc error: code = NotFound desc = " : "",
                      text, text, why);
        free(why);
    }
    sim_image_clear(&image);
}
