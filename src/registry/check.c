#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/attributes.h"
#include "base/language.h"
#include "base/text.h"
#include "registry/credential.h"
#include "registry/keyring.h"
#include "registry/reference.h"

enum { NAME_LIMIT = 253, PASSWORD_LIMIT = 64 * 1024 };

static bool is_name_char(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
}

bool registry_check_secret_name(const char *name, struct error *err)
{
    size_t length = strlen(name);
    if (length == 0) {
        return error_set(err, ERROR_USAGE, "a Secret needs a name");
    }
    if (length > NAME_LIMIT) {
        return error_set(err, ERROR_USAGE,
                         "a Secret's name has at most %d characters, this has %zu", NAME_LIMIT,
                         length);
    }
    for (size_t i = 0; i < length; i++) {
        bool edge = i == 0 || i + 1 == length || name[i - 1] == '.' || name[i + 1] == '.';
        if (!is_name_char(name[i]) && (edge || (name[i] != '-' && name[i] != '.'))) {
            return error_set(err, ERROR_USAGE,
                             "\"%s\" is no name for a Secret: small letters, digits, '-' and '.', "
                             "with a letter or digit at both ends of each part",
                             name);
        }
    }
    return true;
}

/* Other names of Docker Hub, under which the kubelet never looks for its images. */
static bool is_hub_alias(const char *host)
{
    static const char *const aliases[] = {"registry-1.docker.io", "registry.hub.docker.com",
                                          "hub.docker.com",       "auth.docker.io",
                                          "docker.com",           "www.docker.com"};
    for (size_t i = 0; i < ARRAY_LENGTH(aliases); i++) {
        if (strcmp(host, aliases[i]) == 0) {
            return true;
        }
    }
    return false;
}

/* What the kubelet's own parser would let pass, though a person means something else. */
static bool check_server_text(const char *server, struct error *err)
{
    if (server[0] == '\0') {
        return error_set(err, ERROR_USAGE, "a registry server is needed, such as reg.example.com");
    }
    for (const char *c = server; *c != '\0'; c++) {
        if ((unsigned char)*c <= 0x20 || *c == 0x7f) {
            return error_set(err, ERROR_USAGE,
                             "the registry server \"%s\" has a blank or a control character in it",
                             server);
        }
    }
    bool schemed = text_starts_with(server, "https://") || text_starts_with(server, "http://");
    if (!schemed && strstr(server, "://") != NULL) {
        return error_set(err, ERROR_USAGE,
                         "\"%s\": the kubelet knows no other scheme than https:// and http://; "
                         "write the host alone",
                         server);
    }
    if (strpbrk(server, "@?#") != NULL) {
        return error_set(
            err, ERROR_USAGE,
            "\"%s\": a registry server has no user, '?' or '#'; write HOST[:PORT][/PATH]", server);
    }
    return true;
}

/* A bracket at the start is an IPv6 address's. */
static bool has_glob(const char *host)
{
    return host[0] != '[' && strpbrk(host, "*[\\") != NULL;
}

/* True also without a port. */
static bool has_possible_port(const char *host)
{
    const char *colon = strrchr(host, ':');
    if (colon == NULL || strchr(colon, ']') != NULL || colon[1] == '\0') {
        return true;
    }
    char *end = NULL;
    unsigned long port = strtoul(colon + 1, &end, 10);
    return *end != '\0' || (port >= 1 && port <= 65535); /* Go judges what is no number */
}

/* host of a normalised key, without globs: could an image ever be written with it? */
static bool check_host(const char *server, const char *host, struct error *err)
{
    if (is_hub_alias(host)) {
        return error_set(err, ERROR_USAGE,
                         "\"%s\": the kubelet never uses this name for images of Docker Hub; write "
                         "https://index.docker.io/v1/",
                         server);
    }
    if (!has_possible_port(host)) {
        return error_set(err, ERROR_USAGE, "\"%s\": a port is a number from 1 to 65535", server);
    }
    if (has_glob(host)) {
        return true;
    }
    char *image = xasprintf("%s/x", host);
    struct image_reference reference;
    struct error fault = ERROR_INIT;
    bool parsed = image_reference_parse(&reference, image, &fault);
    free(image);
    if (!parsed) {
        return error_set(err, ERROR_USAGE, "\"%s\": no image name can have the host \"%s\"", server,
                         host);
    }
    bool same = strcmp(reference.host, host) == 0 || registry_is_docker_hub(host);
    image_reference_free(&reference);
    if (!same) {
        return error_set(err, ERROR_USAGE,
                         "\"%s\": a host without a dot or a port is read as a user of Docker Hub, "
                         "so no image matches; write the full name",
                         server);
    }
    return true;
}

static char *server_note(const char *server, const char *host, const char *path)
{
    if (strcmp(path, "/v1") == 0 || strcmp(path, "/v2") == 0) {
        return xasprintf(
            _("means repositories that begin with %s; write %s%s/ for all of the host"), path + 1,
            host, path);
    }
    if (path[0] != '\0') {
        return xasprintf(
            _("serves repositories whose path begins with \"%s\", also in the middle of "
              "a word%s"),
            path + 1, text_ends_with(path, "/") ? "" : _(" (end it with / to stop that)"));
    }
    if (text_ends_with(host, ":443") || text_ends_with(host, ":80")) {
        return xasprintf(_("serves images only that are written with %s"), strrchr(host, ':'));
    }
    if (has_glob(host)) {
        return xstrdup(
            _("a * stands for letters within one part between dots, never across a dot"));
    }
    for (const char *c = host; *c != '\0'; c++) {
        if (*c >= 'A' && *c <= 'Z') {
            return xstrdup(_("serves images only that are written with the same capital letters"));
        }
    }
    if (text_starts_with(server, "http://")) {
        return xstrdup(_("http:// is ignored here: whether a node speaks plain HTTP is set in its "
                         "container runtime"));
    }
    return NULL;
}

static bool check_key(const char *server, char *key, char **note, struct error *err)
{
    char *slash = strchr(key, '/');
    char *path = xstrdup(slash != NULL ? slash : "");
    if (slash != NULL) {
        *slash = '\0';
    }
    bool good = true;
    if (key[0] == '\0') {
        good = error_set(err, ERROR_USAGE, "\"%s\" names no host", server);
    } else if (strcmp(key, "index.docker.io") == 0 && path[0] != '\0') {
        good = error_set(err, ERROR_USAGE,
                         "\"%s\" matches no image at all; write https://index.docker.io/v1/ with "
                         "the slash at its end",
                         server);
    } else {
        good = check_host(server, key, err);
    }
    if (good && note != NULL) {
        *note = server_note(server, key, path);
    }
    free(path);
    return good;
}

bool registry_check_server(const char *server, char **note, struct error *err)
{
    if (note != NULL) {
        *note = NULL;
    }
    if (!check_server_text(server, err)) {
        return false;
    }
    struct error fault = ERROR_INIT;
    char *key = keyring_normalise_key(server, &fault);
    if (key == NULL) {
        return error_set(err, ERROR_USAGE, "%s; write HOST[:PORT][/PATH]", fault.message);
    }
    bool good = check_key(server, key, note, err);
    free(key);
    return good;
}

bool registry_check_username(const char *username, size_t length, struct error *err)
{
    if (length == 0) {
        return error_set(err, ERROR_USAGE, "a user name is needed");
    }
    for (size_t i = 0; i < length; i++) {
        if (username[i] == ':') {
            return error_set(err, ERROR_USAGE,
                             "a user name cannot have a colon: the auth field of a registry Secret "
                             "ends the name at the first one");
        }
        if ((unsigned char)username[i] < 0x20 || username[i] == 0x7f) {
            return error_set(err, ERROR_USAGE, "the user name has a control character in it");
        }
    }
    return true;
}

static char *password_note(const char *password, size_t length)
{
    char last = password[length - 1];
    if (last == '\n' || last == '\r') {
        return xstrdup(_("the password ends with a line break, which becomes part of it"));
    }
    if (last == ' ' || last == '\t' || password[0] == ' ' || password[0] == '\t') {
        return xstrdup(_("the password begins or ends with a blank, which becomes part of it"));
    }
    for (size_t i = 0; i < length;) {
        unsigned rune = 0;
        size_t width = text_decode_utf8(password + i, length - i, &rune);
        if (width == 0 || rune == 0) {
            return xstrdup(
                _("the password has bytes that are not text; the auth field keeps them as "
                  "they are, the password field cannot"));
        }
        i += width;
    }
    return NULL;
}

bool registry_check_password(const char *password, size_t length, char **note, struct error *err)
{
    if (note != NULL) {
        *note = NULL;
    }
    if (length == 0) {
        return error_set(err, ERROR_USAGE, "a password is needed");
    }
    if (length > PASSWORD_LIMIT) {
        return error_set(err, ERROR_USAGE, "the password is longer than %d bytes", PASSWORD_LIMIT);
    }
    if (note != NULL) {
        *note = password_note(password, length);
    }
    return true;
}
