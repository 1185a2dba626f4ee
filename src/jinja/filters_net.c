/* Addresses and URLs: the queries of ansible.utils.ipaddr that Kubespray asks, ipwrap, urlsplit. */
#include <arpa/inet.h>
#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "filters.h"

struct address {
    int version;
    unsigned char bytes[16];
    int bits;   /* 32 or 128 */
    int prefix; /* bits if none was given */
    bool network;
};

static bool read_address(const char *text, struct address *out)
{
    char host[80];
    size_t length = strcspn(text, "/");
    memset(out, 0, sizeof(*out));
    if (length == 0 || length >= sizeof(host)) {
        return false;
    }
    memcpy(host, text, length);
    host[length] = '\0';
    if (inet_pton(AF_INET, host, out->bytes) == 1) {
        out->version = 4;
        out->bits = 32;
    } else if (inet_pton(AF_INET6, host, out->bytes) == 1) {
        out->version = 6;
        out->bits = 128;
    } else {
        return false;
    }
    out->prefix = out->bits;
    if (text[length] == '\0') {
        return true;
    }
    const char *digits = text + length + 1;
    size_t count = strspn(digits, "0123456789");
    if (count == 0 || count > 3 || digits[count] != '\0' || strtol(digits, NULL, 10) > out->bits) {
        return false;
    }
    out->prefix = (int)strtol(digits, NULL, 10);
    out->network = true;
    return true;
}

static void mask_bytes(const struct address *address, unsigned char out[16])
{
    memset(out, 0, 16);
    for (int i = 0; i < address->prefix; i++) {
        out[i / 8] = (unsigned char)(out[i / 8] | (0x80 >> (i % 8)));
    }
}

static struct address network_of(const struct address *address)
{
    struct address network = *address;
    unsigned char mask[16];
    mask_bytes(address, mask);
    for (int i = 0; i < 16; i++) {
        network.bytes[i] &= mask[i];
    }
    return network;
}

static void address_text(const struct address *address, char out[64])
{
    inet_ntop(address->version == 4 ? AF_INET : AF_INET6, address->bytes, out, 64);
}

static bool is_network_address(const struct address *address)
{
    struct address network = network_of(address);
    return memcmp(network.bytes, address->bytes, 16) == 0;
}

/* The n-th address of the network, from its end if n is negative; false beyond it. */
static bool nth_address(const struct address *address, int64_t n, struct address *out)
{
    *out = network_of(address);
    int host_bits = address->bits - address->prefix;
    if (host_bits < 62 && (n >= (int64_t)1 << host_bits || n < -((int64_t)1 << host_bits))) {
        return false;
    }
    if (n < 0) {
        unsigned char mask[16];
        mask_bytes(address, mask);
        for (int i = 0; i < address->bits / 8; i++) {
            out->bytes[i] = (unsigned char)(out->bytes[i] | (unsigned char)~mask[i]);
        }
        n++;
    }
    for (int i = address->bits / 8 - 1; i >= 0 && n != 0; i--) {
        int64_t sum = out->bytes[i] + (n % 256);
        n /= 256;
        if (sum > 255) {
            sum -= 256;
            n++;
        } else if (sum < 0) {
            sum += 256;
            n--;
        }
        out->bytes[i] = (unsigned char)sum;
    }
    return true;
}

static bool in_network(const struct address *address, const struct address *network)
{
    if (address->version != network->version || address->prefix < network->prefix) {
        return false;
    }
    struct address cut = *address;
    cut.prefix = network->prefix;
    struct address a = network_of(&cut);
    struct address b = network_of(network);
    return memcmp(a.bytes, b.bytes, 16) == 0;
}

static struct jinja_value with_prefix(struct run *run, const struct address *address)
{
    char host[64];
    char text[80];
    address_text(address, host);
    snprintf(text, sizeof(text), "%s/%d", host, address->prefix);
    return new_text(run, text);
}

static struct jinja_value without_prefix(struct run *run, const struct address *address)
{
    char host[64];
    address_text(address, host);
    return new_text(run, host);
}

/* Queries by name; false if the name is none of them. */
static bool named_query(struct run *run, const struct address *address, struct jinja_value value,
                        const char *query, struct jinja_value *out)
{
    struct address other = network_of(address);
    bool single = address->prefix == address->bits;
    *out = jinja_bool(false);
    if (strcmp(query, "") == 0) {
        *out = value;
    } else if (strcmp(query, "net") == 0) {
        if (!single && is_network_address(address)) {
            *out = with_prefix(run, address);
        }
    } else if (strcmp(query, "address") == 0 || strcmp(query, "ip") == 0) {
        if (single || !is_network_address(address) || address->prefix == address->bits - 1) {
            *out = without_prefix(run, address);
        }
    } else if (strcmp(query, "prefix") == 0) {
        *out = jinja_int(address->prefix);
    } else if (strcmp(query, "network") == 0) {
        *out = without_prefix(run, &other);
    } else if (strcmp(query, "netmask") == 0) {
        mask_bytes(address, other.bytes);
        *out = without_prefix(run, &other);
    } else if (strcmp(query, "broadcast") == 0) {
        if (address->bits - address->prefix > 1 && nth_address(address, -1, &other)) {
            *out = without_prefix(run, &other);
        }
    } else if (strcmp(query, "version") == 0) {
        *out = jinja_int(address->version);
    } else if (strcmp(query, "ipv4") == 0 || strcmp(query, "ipv6") == 0) {
        if (query[3] - '0' == address->version) {
            *out = value;
        }
    } else if (strcmp(query, "bool") == 0) {
        *out = jinja_bool(true);
    } else {
        return false;
    }
    return true;
}

static bool query_one(struct run *run, struct jinja_value value, struct jinja_value query,
                      struct jinja_value *out)
{
    struct address address;
    struct address other;
    *out = jinja_bool(false);
    if (value.type == JINJA_INT) {
        return run_fail(run, "ipaddr of a number is not known here");
    }
    if (value.type != JINJA_STRING || !read_address(value.as.string->bytes, &address)) {
        return true;
    }
    if (query.type == JINJA_INT) {
        if (address.prefix == address.bits) {
            *out = address.network ? with_prefix(run, &address) : without_prefix(run, &address);
        } else if (nth_address(&address, query.as.integer, &other)) {
            *out = with_prefix(run, &other);
        }
        return true;
    }
    const char *name = query.type == JINJA_STRING ? query.as.string->bytes : "";
    if (query.type != JINJA_STRING && !absent(query)) {
        return run_fail_type(run, "ipaddr's query must be a string or a number", query);
    }
    if (named_query(run, &address, value, name, out)) {
        return true;
    }
    if (read_address(name, &other)) {
        if (in_network(&address, &other)) {
            *out = value;
        }
        return true;
    }
    return run_fail(run, "ipaddr's query '%s' is not known here", name);
}

static bool filter_ipaddr(struct run *run, const struct call *call, struct jinja_value *out)
{
    struct jinja_value args[1];
    if (!bind_arguments(run, call, "query", args)) {
        return false;
    }
    if (!is_list(call->self)) {
        return query_one(run, call->self, args[0], out);
    }
    *out = jinja_list(run->arena, 0);
    for (size_t i = 0; i < call->self.as.list->count; i++) {
        struct jinja_value value;
        if (!query_one(run, call->self.as.list->items[i], args[0], &value)) {
            return false;
        }
        if (jinja_true(value)) {
            jinja_list_append(run->arena, out->as.list, value);
        }
    }
    return true;
}

static struct jinja_value wrap(struct run *run, struct jinja_value value)
{
    struct address address;
    char host[64];
    char text[100];
    if (value.type != JINJA_STRING || !read_address(value.as.string->bytes, &address) ||
        address.version != 6) {
        return value;
    }
    address_text(&address, host);
    if (address.network) {
        snprintf(text, sizeof(text), "[%s]/%d", host, address.prefix);
    } else {
        snprintf(text, sizeof(text), "[%s]", host);
    }
    return new_text(run, text);
}

static bool filter_ipwrap(struct run *run, const struct call *call, struct jinja_value *out)
{
    if (!bind_arguments(run, call, "", NULL)) {
        return false;
    }
    if (!is_list(call->self)) {
        *out = wrap(run, call->self);
        return true;
    }
    *out = jinja_list(run->arena, call->self.as.list->count);
    for (size_t i = 0; i < call->self.as.list->count; i++) {
        jinja_list_append(run->arena, out->as.list, wrap(run, call->self.as.list->items[i]));
    }
    return true;
}

static bool version_filter(struct run *run, const struct call *call, const char *query,
                           struct jinja_value *out)
{
    struct call with = *call;
    struct jinja_value name = new_text(run, query);
    if (call->count > 0 || call->keyword_count > 0) {
        return run_fail(run, "%s with a query is not known here", call->name);
    }
    with.items = &name;
    with.count = 1;
    return filter_ipaddr(run, &with, out);
}

static bool filter_ipv4(struct run *run, const struct call *call, struct jinja_value *out)
{
    return version_filter(run, call, "ipv4", out);
}

static bool filter_ipv6(struct run *run, const struct call *call, struct jinja_value *out)
{
    return version_filter(run, call, "ipv6", out);
}

/* urllib's urlsplit(): the length of the scheme, 0 if there is none. */
static size_t scheme_length(const char *url)
{
    size_t length = 0;
    while (isalnum((unsigned char)url[length]) ||
           (url[length] != '\0' && strchr("+-.", url[length]))) {
        length++;
    }
    return url[length] == ':' && isalpha((unsigned char)url[0]) ? length : 0;
}

static void set_part(struct run *run, struct jinja_dict *parts, const char *name, const char *bytes,
                     size_t length)
{
    jinja_dict_set_text(run->arena, parts, name, new_string(run, bytes, length));
}

static bool split_netloc(struct run *run, struct jinja_dict *parts, const char *netloc,
                         size_t length)
{
    const char *at = NULL;
    for (size_t i = 0; i < length; i++) {
        at = netloc[i] == '@' ? netloc + i : at;
    }
    jinja_dict_set_text(run->arena, parts, "username", jinja_none());
    jinja_dict_set_text(run->arena, parts, "password", jinja_none());
    jinja_dict_set_text(run->arena, parts, "port", jinja_none());
    jinja_dict_set_text(run->arena, parts, "hostname", jinja_none());
    if (at != NULL) {
        const char *colon = memchr(netloc, ':', (size_t)(at - netloc));
        size_t user = colon == NULL ? (size_t)(at - netloc) : (size_t)(colon - netloc);
        set_part(run, parts, "username", netloc, user);
        if (colon != NULL) {
            set_part(run, parts, "password", colon + 1, (size_t)(at - colon - 1));
        }
        length -= (size_t)(at + 1 - netloc);
        netloc = at + 1;
    }
    size_t host = 0;
    size_t skip = 0;
    if (length > 0 && netloc[0] == '[') {
        const char *end = memchr(netloc, ']', length);
        if (end == NULL) {
            return run_fail(run, "the URL's IPv6 address has no end");
        }
        skip = 1;
        host = (size_t)(end - netloc - 1);
    } else {
        const char *colon = memchr(netloc, ':', length);
        host = colon == NULL ? length : (size_t)(colon - netloc);
    }
    if (host > 0) {
        struct jinja_value name = new_string(run, netloc + skip, host);
        jinja_dict_set_text(run->arena, parts, "hostname", lower_of(run, name));
    }
    const char *port = netloc + host + 2 * skip;
    if (port < netloc + length && *port == ':' && port + 1 < netloc + length) {
        size_t digits = strspn(port + 1, "0123456789");
        long number = strtol(port + 1, NULL, 10);
        if (digits != (size_t)(netloc + length - port - 1) || number > 65535) {
            return run_fail(run, "the URL's port is no port number");
        }
        jinja_dict_set_text(run->arena, parts, "port", jinja_int(number));
    }
    return true;
}

static bool filter_urlsplit(struct run *run, const struct call *call, struct jinja_value *out)
{
    static const char *const order[] = {"fragment", "hostname", "netloc", "password", "path",
                                        "port",     "query",    "scheme", "username"};
    struct jinja_value args[1];
    if (!bind_arguments(run, call, "query", args) || !need_string(run, call->self, "a URL")) {
        return false;
    }
    const char *url = call->self.as.string->bytes;
    struct jinja_dict *parts = jinja_dict(run->arena).as.dict;
    size_t scheme = scheme_length(url);
    struct jinja_value lower = lower_of(run, new_string(run, url, scheme));
    jinja_dict_set_text(run->arena, parts, "scheme", lower);
    url += scheme + (scheme > 0);
    size_t netloc = 0;
    if (strncmp(url, "//", 2) == 0) {
        url += 2;
        netloc = strcspn(url, "/?#");
    }
    set_part(run, parts, "netloc", url, netloc);
    if (!split_netloc(run, parts, url, netloc)) {
        return false;
    }
    url += netloc;
    size_t path = strcspn(url, "?#");
    set_part(run, parts, "path", url, path);
    url += path;
    size_t query = *url == '?' ? strcspn(url, "#") : 0;
    set_part(run, parts, "query", url + (query > 0), query > 0 ? query - 1 : 0);
    url += query;
    set_part(run, parts, "fragment", *url == '#' ? url + 1 : url,
             *url == '#' ? strlen(url) - 1 : 0);
    if (!absent(args[0]) && jinja_true(args[0])) {
        const struct jinja_value *part = jinja_dict_get(parts, args[0]);
        if (part == NULL) {
            return run_fail(run, "urlsplit does not know this component");
        }
        *out = *part;
        return true;
    }
    *out = jinja_dict(run->arena);
    for (size_t i = 0; i < sizeof(order) / sizeof(order[0]); i++) {
        jinja_dict_set_text(run->arena, out->as.dict, order[i],
                            *jinja_dict_get_text(parts, order[i]));
    }
    return true;
}

const struct filter filters_net[] = {
    {"ipaddr", filter_ipaddr, 0}, {"ipwrap", filter_ipwrap, 0},     {"ipv4", filter_ipv4, 0},
    {"ipv6", filter_ipv6, 0},     {"urlsplit", filter_urlsplit, 0}, {NULL, NULL, 0},
};
