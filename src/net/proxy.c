#include <arpa/inet.h>
#include <curl/curl.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/alloc.h"
#include "base/text.h"
#include "exchange.h"

/*
 * Which proxy, by the environment. The rules are those of Go's golang.org/x/net/http/httpproxy,
 * because kubectl on the same machine follows them: no ALL_PROXY, upper case before lower case,
 * NO_PROXY with addresses, networks, domains and ports, loopback never.
 */

struct target {
    char host[256]; /* lower case, IPv6 without brackets */
    char port[8];
    unsigned char address[16];
    int family; /* AF_INET, AF_INET6, 0: a name */
};

static int parse_address(const char *text, unsigned char out[16])
{
    if (inet_pton(AF_INET, text, out) == 1) {
        return AF_INET;
    }
    return inet_pton(AF_INET6, text, out) == 1 ? AF_INET6 : 0;
}

static void lower(char *out, size_t size, const char *text, size_t length)
{
    if (length >= size) {
        length = size - 1;
    }
    for (size_t i = 0; i < length; i++) {
        char c = text[i];
        out[i] = c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c;
    }
    out[length] = '\0';
}

/* "host:port" or "[v6]:port" into its parts; the port is "" where there is none. */
static void split(struct target *out, const char *text, size_t length)
{
    *out = (struct target){.family = 0};
    const char *end = text + length;
    const char *colon = NULL;
    int colons = 0;
    for (const char *at = text; at < end; at++) {
        if (*at == ':') {
            colon = at;
            colons++;
        }
    }
    if (length > 0 && text[0] == '[') {
        const char *close = memchr(text, ']', length);
        if (close != NULL) {
            lower(out->host, sizeof(out->host), text + 1, (size_t)(close - text - 1));
            if (close + 1 < end && close[1] == ':') {
                lower(out->port, sizeof(out->port), close + 2, (size_t)(end - close - 2));
            }
        }
    } else if (colons == 1) {
        lower(out->host, sizeof(out->host), text, (size_t)(colon - text));
        lower(out->port, sizeof(out->port), colon + 1, (size_t)(end - colon - 1));
    } else {
        lower(out->host, sizeof(out->host), text, length);
    }
    out->family = parse_address(out->host, out->address);
}

static bool in_network(const struct target *target, const char *network)
{
    char text[64];
    const char *slash = strchr(network, '/');
    if (slash == NULL || (size_t)(slash - network) >= sizeof(text)) {
        return false;
    }
    lower(text, sizeof(text), network, (size_t)(slash - network));
    unsigned char base[16];
    char *end;
    long bits = strtol(slash + 1, &end, 10);
    int family = parse_address(text, base);
    if (family == 0 || family != target->family || *end != '\0' || bits < 0 ||
        bits > (family == AF_INET ? 32 : 128)) {
        return false;
    }
    size_t whole = (size_t)bits / 8;
    unsigned rest = (unsigned)bits % 8;
    unsigned char mask = (unsigned char)(0xFF00u >> rest);
    return memcmp(base, target->address, whole) == 0 &&
           (rest == 0 || (base[whole] & mask) == (target->address[whole] & mask));
}

static bool entry_matches(const struct target *target, const char *entry, size_t length)
{
    char network[64];
    lower(network, sizeof(network), entry, length);
    if (memchr(entry, '/', length) != NULL) {
        return in_network(target, network);
    }
    struct target wanted;
    split(&wanted, entry, length);
    if (wanted.port[0] != '\0' && strcmp(wanted.port, target->port) != 0) {
        return false;
    }
    if (wanted.family != 0 || target->family != 0) {
        return wanted.family == target->family &&
               memcmp(wanted.address, target->address, wanted.family == AF_INET ? 4 : 16) == 0;
    }
    const char *domain = wanted.host;
    bool itself = true;
    if (text_starts_with(domain, "*.")) {
        domain++;
    }
    if (*domain == '.') {
        domain++;
        itself = false;
    }
    size_t domain_length = strlen(domain);
    size_t host_length = strlen(target->host);
    if (domain_length == 0 || host_length < domain_length ||
        strcmp(target->host + host_length - domain_length, domain) != 0) {
        return false;
    }
    return host_length == domain_length ? itself
                                        : target->host[host_length - domain_length - 1] == '.';
}

static bool is_loopback(const struct target *target)
{
    static const unsigned char six[16] = {[15] = 1};
    return strcmp(target->host, "localhost") == 0 ||
           (target->family == AF_INET && target->address[0] == 127) ||
           (target->family == AF_INET6 && memcmp(target->address, six, 16) == 0);
}

static bool is_excluded(const struct target *target, const char *list)
{
    while (list != NULL && *list != '\0') {
        size_t length = strcspn(list, ",");
        const char *entry = list;
        size_t entry_length = length;
        while (entry_length > 0 && (*entry == ' ' || *entry == '\t')) {
            entry++;
            entry_length--;
        }
        while (entry_length > 0 && (entry[entry_length - 1] == ' ')) {
            entry_length--;
        }
        if ((entry_length == 1 && *entry == '*') ||
            (entry_length > 0 && entry_matches(target, entry, entry_length))) {
            return true;
        }
        list += length + (list[length] == ',');
    }
    return false;
}

static const char *either(char *(*lookup)(const char *), const char *upper_name,
                          const char *lower_name)
{
    const char *value = lookup(upper_name);
    return value != NULL && *value != '\0' ? value : lookup(lower_name);
}

char *http_proxy_for(const char *url, char *(*lookup)(const char *name))
{
    bool https = strncasecmp(url, "https:", 6) == 0;
    const char *proxy = https ? either(lookup, "HTTPS_PROXY", "https_proxy")
                              : either(lookup, "HTTP_PROXY", "http_proxy");
    if (proxy == NULL || *proxy == '\0') {
        return NULL;
    }
    struct target target;
    char *host_port = url_host_port(url);
    split(&target, host_port, strlen(host_port));
    free(host_port);
    if (is_loopback(&target) || is_excluded(&target, either(lookup, "NO_PROXY", "no_proxy"))) {
        return NULL;
    }
    return strstr(proxy, "://") == NULL ? xasprintf("http://%s", proxy) : xstrdup(proxy);
}
