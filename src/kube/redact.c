#include "redact.h"

#include <arpa/inet.h>
#include <openssl/rand.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/attributes.h"
#include "base/map.h"
#include "base/secret.h"
#include "base/text.h"
#include "doc/digest.h"
#include "doc/json.h"

#define REMOVED      "removed"
#define LAST_APPLIED "kubectl.kubernetes.io/last-applied-configuration"

enum { CONTENT_LIMIT = 4 * 1024 * 1024, TEXT_LIMIT = 16 * 1024 * 1024, DEPTH_LIMIT = 200 };

struct redact {
    struct map *names; /* to what stands for them; NULL: names stay */
    unsigned char salt[16];
};

struct redact *redact_new(bool hash_names)
{
    struct redact *redact = xcalloc(1, sizeof(*redact));
    if (hash_names) {
        redact->names = map_new(free);
        RAND_bytes(redact->salt, (int)sizeof(redact->salt));
    }
    return redact;
}

void redact_free(struct redact *redact)
{
    if (redact != NULL) {
        map_free(redact->names);
        free(redact);
    }
}

bool redact_hides_names(const struct redact *redact)
{
    return redact->names != NULL;
}

/* --- Names -------------------------------------------------------------------------------------
 */

/* What stands for a name from now on, NULL if it stays. */
static const char *hash_name(struct redact *redact, const char *name)
{
    if (redact->names == NULL || *name == '\0' || strcmp(name, "default") == 0 ||
        text_starts_with(name, "kube-") || text_starts_with(name, "name-")) {
        return NULL;
    }
    const char *known = map_get(redact->names, name);
    if (known != NULL) {
        return known;
    }
    struct buffer salted;
    char hex[129];
    buffer_init(&salted, 1024 * 1024);
    buffer_append(&salted, redact->salt, sizeof(redact->salt));
    buffer_append_string(&salted, name);
    digest_hex("sha256", salted.data, salted.length, hex);
    buffer_free(&salted);
    map_set(redact->names, name, xasprintf("name-%.10s", hex));
    return map_get(redact->names, name);
}

static bool is_name_byte(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '.';
}

/* The length of an IPv6 address that text begins with, 0 if there is none. */
static size_t ipv6_length(const char *text)
{
    char word[INET6_ADDRSTRLEN];
    unsigned char address[16];
    size_t length = strspn(text, "0123456789abcdefABCDEF:.");
    while (length > 0 && (text[length - 1] == '.' || text[length - 1] == ':') &&
           !(length > 1 && text[length - 2] == ':')) {
        length--; /* of a sentence */
    }
    if (length >= sizeof(word)) {
        return 0;
    }
    memcpy(word, text, length);
    word[length] = '\0';
    return inet_pton(AF_INET6, word, address) == 1 ? length : 0;
}

char *redact_text(struct redact *redact, const char *text)
{
    struct buffer out;
    if (redact->names == NULL) {
        return xstrdup(text);
    }
    buffer_init(&out, TEXT_LIMIT);
    while (*text != '\0') {
        size_t length = ipv6_length(text);
        if (length > 0) {
            buffer_append_string(&out, "2001:db8::1"); /* for documentation, RFC 3849 */
            text += length;
            continue;
        }
        while (is_name_byte(text[length])) {
            length++;
        }
        if (length == 0) {
            buffer_append_char(&out, *text++);
            continue;
        }
        char *word = xstrndup(text, length);
        size_t dots = length > 0 && word[length - 1] == '.' ? 1 : 0; /* of a sentence */
        word[length - dots] = '\0';
        unsigned char address[4];
        const char *hashed = inet_pton(AF_INET, word, address) == 1
                                 ? "192.0.2.1" /* kept for documentation, RFC 5737 */
                                 : map_get(redact->names, word);
        buffer_append_string(&out, hashed == NULL ? word : hashed);
        buffer_append_string(&out, dots > 0 ? "." : "");
        free(word);
        text += length;
    }
    return buffer_take(&out);
}

static void replace(cJSON *string, const char *text)
{
    if (text != NULL && cJSON_IsString(string)) {
        cJSON_SetValuestring(string, text);
    }
}

static void hash_string(struct redact *redact, cJSON *object, const char *member)
{
    cJSON *value = json_member(object, member);
    if (cJSON_IsString(value)) {
        replace(value, hash_name(redact, value->valuestring));
    }
}

/* Names in the words of an event: "... image pull secrets (a, b); ..." */
static void learn_from_message(struct redact *redact, const char *message)
{
    const char *at = strchr(message, '(');
    while (at != NULL && *at != '\0' && *at != ')') {
        const char *start = ++at;
        while (is_name_byte(*at)) {
            at++;
        }
        char *word = xstrndup(start, (size_t)(at - start));
        hash_name(redact, word);
        free(word);
        while (*at != '\0' && *at != ')' && !is_name_byte(at[1])) {
            at++;
        }
    }
}

/* The members of any object that hold names. */
static void hash_members(struct redact *redact, cJSON *object, bool secret)
{
    static const char *const holders[] = {"nodeName", "namespace", "secretName", "host"};
    static const char *const references[] = {"secretKeyRef", "secretRef"};
    for (size_t i = 0; i < ARRAY_LENGTH(holders); i++) {
        hash_string(redact, object, holders[i]);
    }
    for (size_t i = 0; i < ARRAY_LENGTH(references); i++) {
        hash_string(redact, json_object(object, references[i]), "name");
    }
    cJSON *reference;
    cJSON_ArrayForEach(reference, json_list(object, "imagePullSecrets"))
    {
        hash_string(redact, reference, "name");
    }
    const char *kind = json_string_or(object, "kind", "");
    cJSON *metadata = json_object(object, "metadata");
    if (metadata != NULL && (secret || strcmp(kind, "Secret") == 0 || strcmp(kind, "Node") == 0 ||
                             strcmp(kind, "Namespace") == 0)) {
        hash_string(redact, metadata, "name");
    }
    /* A Table's row: its first cell is the name. */
    cJSON *cells = json_list(object, "cells");
    if (cells != NULL && cJSON_IsString(cells->child)) {
        replace(cells->child, hash_name(redact, cells->child->valuestring));
    }
    if (text_find(json_string_or(object, "reason", ""), "PullSecret") != NULL) {
        learn_from_message(redact, json_string_or(object, "message", ""));
    }
    json_remove(object, "hostIP");
    json_remove(object, "hostIPs");
    json_remove(object, "podIP");
    json_remove(object, "podIPs");
}

char *redact_path(struct redact *redact, const char *path)
{
    static const char *const before[] = {"namespaces/", "secrets/", "nodes/"};
    for (size_t i = 0; i < ARRAY_LENGTH(before); i++) {
        const char *at = strstr(path, before[i]);
        if (at != NULL) {
            at += strlen(before[i]);
            char *name = xstrndup(at, strcspn(at, "/?"));
            hash_name(redact, name);
            free(name);
        }
    }
    return redact_text(redact, path);
}

/* --- Secrets -----------------------------------------------------------------------------------
 */

static void remove_text(cJSON *object, const char *member)
{
    cJSON *value = json_member(object, member);
    if (cJSON_IsString(value) && value->valuestring[0] != '\0') {
        replace(value, REMOVED);
    }
}

/* Whether there is a user and password in it. */
static bool auth_is_sound(const char *auth)
{
    struct buffer pair;
    buffer_init_secret(&pair, CONTENT_LIMIT);
    bool good = base64_decode(&pair, auth, strlen(auth), true) &&
                memchr(pair.data, ':', pair.length) != NULL;
    buffer_free(&pair);
    return good;
}

static void clean_entry(cJSON *entry)
{
    static const char *const texts[] = {"username", "password", "email", "identitytoken",
                                        "registrytoken"};
    for (size_t i = 0; i < ARRAY_LENGTH(texts); i++) {
        remove_text(entry, texts[i]);
    }
    cJSON *auth = json_member(entry, "auth");
    if (cJSON_IsString(auth) && auth->valuestring[0] != '\0') {
        replace(auth, auth_is_sound(auth->valuestring)
                          ? "cmVtb3ZlZDpyZW1vdmVk" /* removed:removed */
                          : "%");
    }
    cJSON *member;
    cJSON_ArrayForEach(member, entry)
    {
        bool known = strcmp(member->string, "auth") == 0;
        for (size_t i = 0; i < ARRAY_LENGTH(texts); i++) {
            known = known || strcmp(member->string, texts[i]) == 0;
        }
        if (!known && cJSON_IsString(member)) {
            replace(member, REMOVED);
        }
    }
}

/* The form of a registry Secret without what it holds; "removed" where there is no form. */
static void clean_config(struct buffer *out, const struct buffer *content, bool legacy)
{
    cJSON *config = json_parse(content->data, content->length, "", NULL);
    if (config == NULL || (!cJSON_IsObject(config) && !cJSON_IsNull(config))) {
        buffer_append_string(out, config == NULL ? REMOVED : "[]");
        json_delete_secret(config);
        return;
    }
    cJSON *auths = legacy ? config : json_member(config, "auths");
    cJSON *kept = auths == NULL || legacy ? auths : cJSON_Duplicate(auths, true);
    if (kept != NULL && !cJSON_IsObject(kept) && !cJSON_IsNull(kept)) {
        cJSON_Delete(kept);
        kept = cJSON_CreateString(REMOVED);
    }
    cJSON *entry;
    cJSON_ArrayForEach(entry, kept)
    {
        if (cJSON_IsObject(entry)) {
            clean_entry(entry);
        } else {
            replace(entry, REMOVED);
        }
    }
    if (legacy || cJSON_IsNull(config)) {
        json_write(out, config);
    } else {
        cJSON *whole = cJSON_CreateObject();
        if (kept != NULL) {
            json_set(whole, "auths", kept);
        }
        json_write(out, whole);
        json_delete_secret(whole);
    }
    json_delete_secret(config);
}

static void clean_value(cJSON *value)
{
    struct buffer content;
    struct buffer clean;
    struct buffer text;
    buffer_init_secret(&content, CONTENT_LIMIT);
    buffer_init_secret(&clean, CONTENT_LIMIT);
    buffer_init_secret(&text, 2 * CONTENT_LIMIT);
    bool config = strcmp(value->string, ".dockerconfigjson") == 0;
    bool legacy = strcmp(value->string, ".dockercfg") == 0;
    if (cJSON_IsString(value)) {
        if ((config || legacy) &&
            base64_decode(&content, value->valuestring, strlen(value->valuestring), true)) {
            clean_config(&clean, &content, legacy);
        } else {
            buffer_append_string(&clean, REMOVED);
        }
        base64_encode(&text, clean.data, clean.length);
        secret_wipe(value->valuestring, strlen(value->valuestring));
        replace(value, text.data);
    }
    buffer_free(&content);
    buffer_free(&clean);
    buffer_free(&text);
}

static void clean_secret(cJSON *object)
{
    cJSON *value;
    cJSON_ArrayForEach(value, json_object(object, "data"))
    {
        clean_value(value);
    }
    json_remove(object, "stringData");
    /* kubectl keeps a copy of the whole; only that it is there means something. */
    cJSON *annotations = json_at(object, "metadata", "annotations", NULL);
    replace(json_member(annotations, LAST_APPLIED), "");
}

/* --- Everything else ---------------------------------------------------------------------------
 */

static bool sounds_secret(const char *name)
{
    static const char *const words[] = {"pass", "secret", "token", "key", "cred", "auth"};
    for (size_t i = 0; i < ARRAY_LENGTH(words); i++) {
        if (text_find(name, words[i]) != NULL) {
            return true;
        }
    }
    return false;
}

static void walk(struct redact *redact, cJSON *node, bool secret, int depth);

/* The manifest that kubectl applied, in its own annotation. */
static void clean_applied(struct redact *redact, cJSON *annotation, int depth)
{
    struct buffer out;
    cJSON *applied = json_parse(annotation->valuestring, strlen(annotation->valuestring), "", NULL);
    buffer_init(&out, TEXT_LIMIT);
    if (applied != NULL) {
        walk(redact, applied, false, depth + 1);
        json_write(&out, applied);
    }
    replace(annotation, out.data);
    cJSON_Delete(applied);
    buffer_free(&out);
}

static void walk(struct redact *redact, cJSON *node, bool secret, int depth)
{
    if (cJSON_IsObject(node)) {
        bool own = secret || strcmp(json_string_or(node, "kind", ""), "Secret") == 0;
        if (own) {
            clean_secret(node);
        }
        if (sounds_secret(json_string_or(node, "name", ""))) {
            remove_text(node, "value");
        }
        if (redact->names != NULL) {
            hash_members(redact, node, own);
        }
        json_remove(node,
                    "fieldsV1"); /* of managedFields: nobody reads them, and keys hold names */
    }
    cJSON *child;
    cJSON_ArrayForEach(child, node)
    {
        if (cJSON_IsString(child) && child->string != NULL &&
            strcmp(child->string, LAST_APPLIED) == 0) {
            clean_applied(redact, child, depth);
        } else if (cJSON_IsString(child) && redact->names != NULL) {
            char *text = redact_text(redact, child->valuestring);
            replace(child, text);
            free(text);
        } else if (depth < DEPTH_LIMIT) {
            walk(redact, child, secret, depth + 1);
        }
    }
}

void redact_tree(struct redact *redact, cJSON *tree, bool secret)
{
    walk(redact, tree, secret, 0);
}
