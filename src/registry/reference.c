#include "registry/reference.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/attributes.h"
#include "base/text.h"

/* distribution/reference: the name without tag and digest. */
enum { NAME_LIMIT = 255, TAG_LIMIT = 128, DIGEST_HEX_MIN = 32, IDENTIFIER_LENGTH = 64 };

static bool is_lower_alnum(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
}

static bool is_alnum(char c)
{
    return is_lower_alnum(c) || (c >= 'A' && c <= 'Z');
}

static bool is_hex(char c)
{
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
}

/* What stands between two runs of letters and digits in a path component: one of . _ __, or
 * hyphens. */
static size_t separator_length(const char *text, size_t length)
{
    if (text[0] == '.') {
        return 1;
    }
    if (text[0] == '_') {
        return length > 1 && text[1] == '_' ? 2 : 1;
    }
    size_t hyphens = 0;
    while (hyphens < length && text[hyphens] == '-') {
        hyphens++;
    }
    return hyphens;
}

static bool is_path_component(const char *text, size_t length)
{
    size_t at = 0;
    for (;;) {
        size_t start = at;
        while (at < length && is_lower_alnum(text[at])) {
            at++;
        }
        if (at == start) {
            return false;
        }
        if (at == length) {
            return true;
        }
        size_t separator = separator_length(text + at, length - at);
        if (separator == 0) {
            return false;
        }
        at += separator;
    }
}

static bool is_path(const char *text, size_t length)
{
    size_t start = 0;
    for (size_t i = 0; i <= length; i++) {
        if (i == length || text[i] == '/') {
            if (!is_path_component(text + start, i - start)) {
                return false;
            }
            start = i + 1;
        }
    }
    return true;
}

static bool is_host_label(const char *text, size_t length)
{
    if (length == 0 || !is_alnum(text[0]) || !is_alnum(text[length - 1])) {
        return false;
    }
    for (size_t i = 0; i < length; i++) {
        if (!is_alnum(text[i]) && text[i] != '-') {
            return false;
        }
    }
    return true;
}

static bool is_host_name(const char *text, size_t length)
{
    size_t start = 0;
    for (size_t i = 0; i <= length; i++) {
        if (i == length || text[i] == '.') {
            if (!is_host_label(text + start, i - start)) {
                return false;
            }
            start = i + 1;
        }
    }
    return true;
}

static bool is_host(const char *host)
{
    size_t length = strlen(host);
    size_t name = length;
    if (host[0] == '[') {
        const char *end = strchr(host, ']');
        if (end == NULL || end == host + 1 ||
            strspn(host + 1, "0123456789abcdefABCDEF:") != (size_t)(end - host - 1)) {
            return false;
        }
        name = (size_t)(end - host) + 1;
    } else {
        const char *colon = strchr(host, ':');
        name = colon != NULL ? (size_t)(colon - host) : length;
        if (!is_host_name(host, name)) {
            return false;
        }
    }
    if (name == length) {
        return true;
    }
    size_t digits = strspn(host + name + 1, "0123456789");
    return host[name] == ':' && digits > 0 && name + 1 + digits == length;
}

static bool is_tag(const char *text)
{
    size_t length = strlen(text);
    if (length == 0 || length > TAG_LIMIT || (!is_alnum(text[0]) && text[0] != '_')) {
        return false;
    }
    for (size_t i = 1; i < length; i++) {
        if (!is_alnum(text[i]) && strchr("_.-", text[i]) == NULL) {
            return false;
        }
    }
    return true;
}

/* NULL if the digest is sound, else what is wrong with it. */
static const char *digest_fault(const char *digest)
{
    static const struct {
        const char *name;
        size_t hex;
    } known[] = {{"sha256:", 64}, {"sha384:", 96}, {"sha512:", 128}};
    const char *colon = strchr(digest, ':');
    size_t hex = 0;
    while (colon != NULL && is_hex(colon[1 + hex])) {
        hex++;
    }
    if (colon == NULL || colon == digest || hex < DIGEST_HEX_MIN || colon[1 + hex] != '\0') {
        return "invalid reference format";
    }
    for (size_t i = 0; i < ARRAY_LENGTH(known); i++) {
        if (!text_starts_with(digest, known[i].name)) {
            continue;
        }
        if (hex != known[i].hex) {
            return "invalid checksum digest length";
        }
        for (const char *c = colon + 1; *c != '\0'; c++) {
            if (*c >= 'A' && *c <= 'F') {
                return "invalid checksum digest format";
            }
        }
        return NULL;
    }
    return "unsupported digest algorithm";
}

static bool is_identifier(const char *image)
{
    size_t hex = strspn(image, "0123456789abcdef");
    return hex == IDENTIFIER_LENGTH && image[hex] == '\0';
}

/* splitDockerDomain(): the first part is a host if it looks like one, else all is Docker Hub's. */
static void split_host(const char *image, char **host, char **rest)
{
    const char *slash = strchr(image, '/');
    size_t first = slash != NULL ? (size_t)(slash - image) : 0;
    bool is_domain = false;
    for (size_t i = 0; i < first; i++) {
        if (strchr(".:", image[i]) != NULL || (image[i] >= 'A' && image[i] <= 'Z')) {
            is_domain = true;
        }
    }
    is_domain = is_domain || (first == strlen("localhost") && strncmp(image, "localhost", 9) == 0);
    if (slash != NULL && is_domain) {
        *host = xstrndup(image, first);
        *rest = xstrdup(slash + 1);
    } else {
        *host = xstrdup("docker.io");
        *rest = xstrdup(image);
    }
    if (strcmp(*host, "index.docker.io") == 0) {
        free(*host);
        *host = xstrdup("docker.io");
    }
    if (strcmp(*host, "docker.io") == 0 && strchr(*rest, '/') == NULL) {
        char *official = xasprintf("library/%s", *rest);
        free(*rest);
        *rest = official;
    }
}

/* Cuts tag and digest off rest; NULL if all is sound, else the kubelet's reason. */
static const char *split_rest(struct image_reference *reference, char *rest)
{
    const char *colon = strchr(rest, ':');
    size_t named = colon != NULL ? (size_t)(colon - rest) : strlen(rest);
    for (size_t i = 0; i < named; i++) {
        if (rest[i] >= 'A' && rest[i] <= 'Z') {
            return "invalid reference format: repository name must be lowercase";
        }
    }
    char *at = strchr(rest, '@');
    if (at != NULL) {
        *at = '\0';
        const char *fault = digest_fault(at + 1);
        if (fault != NULL) {
            return fault;
        }
        reference->digest = xstrdup(at + 1);
    }
    char *tag = strchr(rest, ':');
    if (tag != NULL) {
        *tag = '\0';
        if (!is_tag(tag + 1)) {
            return "invalid reference format";
        }
        reference->tag = xstrdup(tag + 1);
    }
    if (!is_host(reference->host) || !is_path(rest, strlen(rest))) {
        return "invalid reference format";
    }
    if (strlen(reference->host) + 1 + strlen(rest) > NAME_LIMIT) {
        return "repository name must not be more than 255 characters";
    }
    reference->repository = xstrdup(rest);
    return NULL;
}

bool image_reference_parse(struct image_reference *reference, const char *image, struct error *err)
{
    memset(reference, 0, sizeof(*reference));
    if (is_identifier(image)) {
        return error_set(err, ERROR_INVALID,
                         "couldn't parse image name \"%s\": invalid repository name, cannot "
                         "specify 64-byte hexadecimal strings",
                         image);
    }
    char *rest = NULL;
    split_host(image, &reference->host, &rest);
    const char *fault = split_rest(reference, rest);
    free(rest);
    if (fault != NULL) {
        image_reference_free(reference);
        return error_set(err, ERROR_INVALID, "couldn't parse image name \"%s\": %s", image, fault);
    }
    if (reference->tag == NULL && reference->digest == NULL) {
        reference->tag = xstrdup("latest");
    }
    reference->name = xasprintf("%s/%s", reference->host, reference->repository);
    return true;
}

void image_reference_free(struct image_reference *reference)
{
    free(reference->host);
    free(reference->repository);
    free(reference->name);
    free(reference->tag);
    free(reference->digest);
    memset(reference, 0, sizeof(*reference));
}

bool registry_is_docker_hub(const char *host)
{
    return strcmp(host, "docker.io") == 0 || strcmp(host, "index.docker.io") == 0;
}

const char *registry_api_host(const char *host)
{
    return registry_is_docker_hub(host) ? "registry-1.docker.io" : host;
}

const char *registry_default_server(const char *host)
{
    return registry_is_docker_hub(host) ? "https://index.docker.io/v1/" : host;
}

bool registry_is_loopback(const char *host)
{
    if (text_starts_with(host, "[::1]")) {
        return host[5] == '\0' || host[5] == ':';
    }
    size_t name = strcspn(host, ":");
    if (name == strlen("localhost") && strncmp(host, "localhost", name) == 0) {
        return true;
    }
    size_t dots = 0;
    for (size_t i = 0; i < name; i++) {
        if (host[i] == '.') {
            dots++;
        } else if (!isdigit((unsigned char)host[i])) {
            return false;
        }
    }
    return dots == 3 && strncmp(host, "127.", 4) == 0;
}

bool registry_is_ecr(const char *host)
{
    size_t account = strspn(host, "0123456789");
    if (account != 12) {
        return false;
    }
    const char *rest = host + account;
    bool named = text_starts_with(rest, ".dkr.ecr.") || text_starts_with(rest, ".dkr.ecr-fips.") ||
                 text_starts_with(rest, ".dkr-ecr.") || text_starts_with(rest, ".dkr-ecr-fips.");
    return named && (text_ends_with(rest, ".amazonaws.com") ||
                     text_ends_with(rest, ".amazonaws.com.cn") || text_ends_with(rest, ".on.aws") ||
                     text_ends_with(rest, ".on.amazonwebservices.com.cn"));
}
